#include "inspect/host_object.h"

#include <span>

#include "absl/strings/str_format.h"
#include "base/text.h"
#include "inspect/dump.h"

namespace dovetail::inspect {
namespace {

using base::Bytes;

struct Machine {
  uint32_t number;
  std::string_view goarch;
};
// e_machine of ELF, cputype of Mach-O, Machine of PE (debug/elf/elf.go, debug/macho/macho.go, debug/pe/pe.go, Go 1.26).
constexpr Machine kElf[] = {{3, "386"},      {8, "mips"},   {20, "ppc"},     {21, "ppc64"},   {22, "s390x"},  {40, "arm"},
                            {62, "amd64"}, {183, "arm64"}, {243, "riscv64"}, {258, "loong64"}};
constexpr Machine kMacho[] = {{7, "386"}, {0x01000007, "amd64"}, {12, "arm"}, {0x0100000c, "arm64"}};
constexpr Machine kPe[] = {{0x14c, "386"}, {0x8664, "amd64"}, {0x1c4, "arm"}, {0xaa64, "arm64"}, {0x5064, "riscv64"}};

std::string_view find(std::span<const Machine> table, uint32_t number) {
  for (const Machine& m : table) {
    if (m.number == number) return m.goarch;
  }
  return {};
}

std::string name(std::span<const Machine> table, uint32_t number) {
  std::string_view goarch = find(table, number);
  return goarch.empty() ? absl::StrFormat("machine 0x%x", number) : std::string(goarch);
}

std::optional<HostObject> recognize_elf(Bytes b) {
  constexpr uint8_t kBigEndian = 2;
  if (b.size() < 20 || !base::as_text(b).starts_with("\x7f" "ELF")) return std::nullopt;
  uint16_t machine = base::load16(b.data() + 18);
  if (b[5] == kBigEndian) machine = static_cast<uint16_t>(machine << 8 | machine >> 8);
  return HostObject{"ELF", name(kElf, machine)};
}

std::optional<HostObject> recognize_macho(Bytes b) {
  constexpr uint32_t k32 = 0xfeedface, k64 = 0xfeedfacf;
  if (b.size() < 8) return std::nullopt;
  uint32_t magic = base::load32(b.data()), machine = base::load32(b.data() + 4);
  if (magic == k32 || magic == k64) return HostObject{"Mach-O", name(kMacho, machine)};
  magic = __builtin_bswap32(magic), machine = __builtin_bswap32(machine);
  if (magic == k32 || magic == k64) return HostObject{"Mach-O", name(kMacho, machine)};
  return std::nullopt;
}

// An object begins with its file header, which has no magic: the number of a machine that is known, and a table of
// sections and a symbol table that lie in the file.
std::optional<HostObject> recognize_pe(Bytes b) {
  constexpr uint64_t kHeader = 20, kSection = 40, kSymbol = 18;
  if (b.size() < kHeader) return std::nullopt;
  std::string_view machine = find(kPe, base::load16(b.data()));
  uint64_t sections = base::load16(b.data() + 2), symbols_at = base::load32(b.data() + 8),
           symbols = base::load32(b.data() + 12), optional = base::load16(b.data() + 16);
  bool inside = kHeader + optional + sections * kSection <= b.size() && symbols_at + symbols * kSymbol <= b.size();
  if (machine.empty() || sections == 0 || !inside) return std::nullopt;
  return HostObject{"PE", std::string(machine)};
}

}  // namespace

std::optional<HostObject> recognize_host_object(Bytes contents) {
  if (auto elf = recognize_elf(contents)) return elf;
  if (auto macho = recognize_macho(contents)) return macho;
  return recognize_pe(contents);
}

std::string describe_host_object(Bytes contents) {
  std::optional<HostObject> host = recognize_host_object(contents);
  if (!host) return base::concat("object of no known format, ", contents.size(), " bytes");
  return base::concat(host->format, " object for ", host->machine, ", ", contents.size(), " bytes");
}

void dump_host(const Member& member, const DumpOptions& options, DumpWriter& w) {
  std::optional<HostObject> host = recognize_host_object(member.object);
  if (!options.has(DumpSection::kHeader) || !host) return;
  w.begin_block("header", "header:");
  w.text("format", host->format);
  w.text("machine", host->machine);
  w.number("size", static_cast<int64_t>(member.object.size()));
  w.end_block();
}

}  // namespace dovetail::inspect
