#include "inspect/object_names.h"

#include <iterator>

#include "absl/strings/str_format.h"
#include "base/text.h"
#include "loader/release/release.h"

namespace dovetail::inspect {
namespace {

namespace goobj = objfmt::goobj;
using objfmt::RefSpace;
using objfmt::SymRef;

uint64_t key_of(SymRef ref) { return uint64_t{ref.pkg} << 32 | ref.sym; }

// "FuncID_gopanic", "PCDATA_InlTreeIndex": without what all names of the table begin with.
std::string_view short_name(std::span<const loader::NamedNumber> table, size_t number) {
  for (const loader::NamedNumber& row : table) {
    if (row.number != number) continue;
    size_t underscore = row.name.find('_');
    return underscore == std::string_view::npos ? row.name : row.name.substr(underscore + 1);
  }
  return {};
}

template <class View, class Map>
void read_external_names(const View& v, Map* names) {
  if constexpr (requires { v.ref_name_count(); }) {
    base::Bytes records = v.block_bytes(goobj::kRefName);
    for (uint32_t i = 0; i < v.ref_name_count(); i++) {
      const uint8_t* p = records.data() + size_t{i} * goobj::kRefNameSize;
      names->emplace(key_of({base::load32(p), base::load32(p + 4)}), v.ref_name(i));
    }
  } else {
    absl::StatusOr<objfmt::dense::NameTable> table = v.tool_names();
    if (!table.ok()) return;
    objfmt::dense::NameCursor cursor(*table);
    std::string_view name;
    for (uint32_t i = 0; i < v.count(objfmt::dense::kExternals) && cursor.next(&name); i++) {
      names->emplace(key_of(v.external(i)), name);
    }
  }
}

}  // namespace

ObjectNames::ObjectNames(const objfmt::AnyView& view, const PackageNames* packages) : view_(view), packages_(packages) {
  view.visit([&](const auto& v) { read_external_names(v, &externals_); });
  for (uint32_t i = 0; i < view.def_count(); i++) {
    for (objfmt::Aux a : view.auxs(i)) {
      std::optional<uint32_t> to = local(a.target);
      if (to && !view.has_name(*to)) owners_.try_emplace(*to, Owner{i, a.kind});
    }
  }
}

std::optional<uint32_t> ObjectNames::local(SymRef ref) const {
  const objfmt::AnyView& v = view_;
  uint32_t first = 0, count = 0;
  switch (v.space(ref)) {
    case RefSpace::kSelf: count = v.pkgdef_count(); break;
    case RefSpace::kHashed64: first = v.pkgdef_count(), count = v.hashed64_count(); break;
    case RefSpace::kHashed: first = v.pkgdef_count() + v.hashed64_count(), count = v.hashed_count(); break;
    case RefSpace::kNamed:
      first = v.def_count() - v.nameddef_count(), count = v.nameddef_count() + v.namedref_count();
      break;
    default: return std::nullopt;
  }
  if (ref.sym >= count) return std::nullopt;
  return first + ref.sym;
}

std::string_view ObjectNames::space(uint32_t i) const {
  const objfmt::AnyView& v = view_;
  uint32_t end = v.pkgdef_count();
  if (i < end) return "package";
  if (i < (end += v.hashed64_count())) return "hashed64";
  if (i < (end += v.hashed_count())) return "hashed";
  return i < v.def_count() ? "named" : "reference";
}

std::string ObjectNames::symbol(uint32_t i) const {
  objfmt::NameBuffer buffer;
  std::string_view name = view_.name(i, buffer);
  if (!name.empty()) return std::string(name);
  auto it = owners_.find(i);
  if (it == owners_.end()) return base::concat("#", i);
  return base::concat("#", i, " (", aux_kind_name(it->second.kind), " of ", view_.name(it->second.definition), ")");
}

std::string ObjectNames::owner(uint32_t i) const {
  auto it = owners_.find(i);
  return it == owners_.end() ? std::string() : std::string(view_.name(it->second.definition));
}

std::string ObjectNames::target(SymRef ref) const {
  RefSpace space = view_.space(ref);
  if (space == RefSpace::kNil) return "";
  if (std::optional<uint32_t> i = local(ref)) return symbol(*i);
  if (space == RefSpace::kBuiltin) {
    std::span<const loader::Builtin> builtins = loader::newest_release().builtins;
    return ref.sym < builtins.size() ? std::string(builtins[ref.sym].name) : base::concat("builtin.#", ref.sym);
  }
  if (space != RefSpace::kPackage) return base::concat("(no symbol ", ref.sym, ")");
  if (auto it = externals_.find(key_of(ref)); it != externals_.end() && !it->second.empty()) return it->second;
  std::string_view package = ref.pkg < view_.package_count() ? view_.package(ref.pkg) : "(no package)";
  std::string_view name = packages_ == nullptr ? std::string_view() : packages_->name(package, ref.sym);
  return name.empty() ? base::concat(package, ".#", ref.sym) : std::string(name);
}

std::string_view object_kind_name(objfmt::SymKind kind) {
  static constexpr std::string_view kNames[] = {
      "none", "text", "textfips", "rodata", "rodatafips", "noptrdata", "noptrdatafips", "data", "datafips",
      "bss", "noptrbss", "tlsbss", "dwarfcuinfo", "dwarfconst", "dwarffcn", "dwarfabsfcn", "dwarftype", "dwarfvar",
      "dwarfrange", "dwarfloc", "dwarflines", "dwarfaddr", "libfuzzer_8bit_counter", "coverage_counter",
      "coverage_auxvar", "sehunwindinfo",
  };
  for (uint8_t i = 0; i < std::size(kNames); i++) {
    if (objfmt::from_object_kind(i) == kind) return kNames[i];
  }
  return "unknown";
}

std::string_view aux_kind_name(objfmt::AuxKind kind) {
  static constexpr std::string_view kNames[] = {
      "gotype", "funcinfo", "funcdata", "dwarfinfo", "dwarfloc", "dwarfranges", "dwarflines", "pcsp", "pcfile",
      "pcline", "pcinline", "pcdata", "wasmimport", "wasmtype", "sehunwindinfo",
  };
  auto i = static_cast<size_t>(kind);
  return i < std::size(kNames) ? kNames[i] : "unknown";
}

std::string abi_name(uint16_t abi) {
  if (abi == 0) return "ABI0";
  if (abi == 1) return "ABIInternal";
  return abi == goobj::kAbiStatic ? "static" : base::concat("ABI", abi);
}

std::vector<std::string_view> symbol_flag_names(uint16_t flags) {
  // goobj's flag byte, then its second one (cmd/internal/goobj/objfile.go, Go 1.26).
  static constexpr std::string_view kNames[16] = {
      "dupok", "local", "typelink", "leaf", "nosplit", "reflectmethod", "gotype", "flag7",
      "usediniface", "itab", "dict", "pkginit", "linkname", "abiwrapper", "wasmexport", "flag15",
  };
  std::vector<std::string_view> names;
  for (unsigned bit = 0; bit < 16; bit++) {
    if (flags >> bit & 1) names.push_back(kNames[bit]);
  }
  return names;
}

std::string_view funcdata_name(size_t number) {
  return short_name(loader::newest_release().funcdata_indices, number);
}
std::string_view pcdata_name(size_t number) { return short_name(loader::newest_release().pcdata_indices, number); }

std::string_view func_id_name(uint8_t id) {
  if (id == 0) return {};
  std::string_view name = short_name(loader::newest_release().func_ids, id);
  return name == "FuncIDWrapper" ? "wrapper" : name.empty() ? "unknown" : name;
}

std::vector<std::string_view> func_flag_names(uint8_t flags) {
  static constexpr std::string_view kNames[8] = {"topframe", "spwrite", "asm", "flag3",
                                                 "flag4",    "flag5",   "flag6", "flag7"};
  std::vector<std::string_view> names;
  for (unsigned bit = 0; bit < 8; bit++) {
    if (flags >> bit & 1) names.push_back(kNames[bit]);
  }
  return names;
}

}  // namespace dovetail::inspect
