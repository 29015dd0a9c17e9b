#include "linker/elf/dynamic_sections.h"

namespace dovetail::linker {

// In cmd/link's order of creation: sections of one size are laid out in it (ld/elf.go doelf, Go 1.26).
DynamicSections::DynamicSections(loader::Program& program, bool relro, bool bind_now)
    : dynsym(program, ".dynsym", SymKind::kElfRoSect),
      dynstr(program, ".dynstr", SymKind::kElfRoSect),
      rela(program, ".rela", SymKind::kElfRoSect),
      got(program, ".got", relro ? SymKind::kElfRelroSect : SymKind::kElfGot),
      hash(program, ".hash", SymKind::kElfRoSect),
      got_plt(program, ".got.plt", relro && bind_now ? SymKind::kElfRelroSect : SymKind::kElfSect),
      plt(program, ".plt", SymKind::kElfRxSect),
      rela_plt(program, ".rela.plt", SymKind::kElfRoSect),
      version(program, ".gnu.version", SymKind::kElfRoSect),
      version_r(program, ".gnu.version_r", SymKind::kElfRoSect),
      dynamic(program, ".dynamic", relro ? SymKind::kElfRelroSect : SymKind::kElfSect) {}

}  // namespace dovetail::linker
