#include "linker/format.h"

#include "linker/elf/elf_file.h"
#include "linker/macho/macho_file.h"
#include "linker/pe/pe_file.h"

namespace dovetail::linker {

std::unique_ptr<Format> make_format(const FormatInputs& inputs) {
  switch (inputs.sv.options.platform->format) {
    case loader::FileFormat::kElf: return std::make_unique<ElfFile>(inputs);
    case loader::FileFormat::kMachO: return std::make_unique<MachoFile>(inputs);
    case loader::FileFormat::kPe: return std::make_unique<PeFile>(inputs);
  }
  return nullptr;
}

}  // namespace dovetail::linker
