#include "linker/pe/exports.h"

#include <algorithm>

#include "base/text.h"

namespace dovetail::linker {
namespace {

constexpr uint64_t kOrder = (uint64_t{9} << 32) + (uint64_t{1} << 31);
constexpr uint32_t kDirectorySize = 40;
constexpr size_t kMost = 65535;  // ordinals have 16 bits

}  // namespace

std::vector<PeExport> list_pe_exports(Services& sv, const loader::Program& program, const CgoDirectives& cgo) {
  std::vector<PeExport> exports;
  for (const CgoSymbol& c : cgo.symbols) {
    // What no object has is exported all the same, with address 0.
    SymId s = c.raw == loader::RawId::kNil ? SymId::kNil : program.id(c.raw);
    if (c.export_dynamic) exports.push_back({s, c.external_name});
  }
  std::sort(exports.begin(), exports.end(), [](const PeExport& a, const PeExport& b) { return a.symbol < b.symbol; });
  if (exports.size() > kMost) {
    sv.diag.error(kOrder, base::concat(program.name(exports[kMost].symbol), ": pe dynexport table is full"));
    exports.resize(kMost);
  }
  std::stable_sort(exports.begin(), exports.end(), [](const PeExport& a, const PeExport& b) { return a.name < b.name; });
  return exports;
}

uint64_t pe_exports_size(const std::vector<PeExport>& exports, std::string_view image_name) {
  if (exports.empty()) return 0;
  uint64_t size = kDirectorySize + 10 * exports.size() + image_name.size() + 1;
  for (const PeExport& e : exports) size += e.name.size() + 1;
  return size;
}

// The directory; addresses, places of names, ordinals; the image's name, then names.
std::vector<uint8_t> write_pe_exports(const loader::Program& program, const std::vector<PeExport>& exports,
                                      std::string_view image_name, uint32_t address, uint64_t image_base) {
  auto count = static_cast<uint32_t>(exports.size());
  std::vector<uint8_t> out(kDirectorySize + 10 * size_t{count});
  uint32_t names = address + kDirectorySize + 10 * count;
  uint8_t* p = out.data();
  base::store32(p + 12, names);
  base::store32(p + 16, 1);  // the first ordinal
  base::store32(p + 20, count);
  base::store32(p + 24, count);
  for (uint32_t i = 0; i < 3; i++) base::store32(p + 28 + 4 * i, address + kDirectorySize + 4 * i * count);
  auto append = [&](std::string_view text) {
    out.insert(out.end(), text.begin(), text.end());
    out.push_back(0);
  };
  append(image_name);
  for (uint32_t i = 0; i < count; i++) {
    auto name = static_cast<uint32_t>(address + out.size());
    uint8_t* table = out.data() + kDirectorySize;
    base::store32(table + 4 * i, static_cast<uint32_t>(program.syms.value[index(exports[i].symbol)] - image_base));
    base::store32(table + 4 * (count + i), name);
    base::store16(table + 8 * count + 2 * i, static_cast<uint16_t>(i));
    append(exports[i].name);
  }
  return out;
}

}  // namespace dovetail::linker
