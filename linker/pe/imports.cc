#include "linker/pe/imports.h"

#include <algorithm>

#include "base/go_text.h"
#include "base/text.h"
#include "loader/go_text.h"

namespace dovetail::linker {
namespace {

constexpr uint64_t kOrder = uint64_t{9} << 32;
constexpr uint32_t kAddressSize = 8, kDescriptorSize = 20;

// "LoadLibraryW%1": the number of arguments is for external linkers of 32-bit programs.
std::string_view undecorated(Services& sv, const loader::Program& program, SymId s, std::string_view name) {
  size_t percent = name.find('%');
  if (percent == std::string_view::npos) return name;
  std::string_view number = name.substr(percent + 1);
  int64_t arguments = 0;
  loader::Parsed parsed = loader::parse_go_int(number, 10, &arguments);
  if (parsed != loader::Parsed::kOk) {
    sv.diag.error(kOrder + index(s),
                  base::concat(program.name(s), ": failed to parse stdcall decoration: strconv.Atoi: parsing ",
                               base::quote(number),
                               parsed == loader::Parsed::kSyntax ? ": invalid syntax" : ": value out of range"));
  }
  return name.substr(0, percent);
}

class TableWriter {
 public:
  uint32_t size() const { return static_cast<uint32_t>(out_.size()); }
  void word32(uint32_t v) {
    out_.resize(out_.size() + 4);
    base::store32(&out_[out_.size() - 4], v);
  }
  void word64(uint64_t v) {
    out_.resize(out_.size() + 8);
    base::store64(&out_[out_.size() - 8], v);
  }
  void skip(size_t bytes) { out_.resize(out_.size() + bytes); }
  // With its NUL, to an even length.
  void text(std::string_view s) {
    out_.insert(out_.end(), s.begin(), s.end());
    skip(s.size() % 2 == 0 ? 2 : 1);
  }
  std::vector<uint8_t> take() { return std::move(out_); }

 private:
  std::vector<uint8_t> out_;
};

}  // namespace

PeImports make_pe_imports(Services& sv, loader::Program& program, const CgoDirectives& cgo) {
  loader::Symbols& syms = program.syms;
  PeImports made;
  std::vector<std::pair<SymId, const CgoSymbol*>> imported;
  for (const CgoSymbol& c : cgo.symbols) {
    SymId s = c.raw == loader::RawId::kNil ? SymId::kNil : program.id(c.raw);
    if (s != SymId::kNil && syms.kind[index(s)] == SymKind::kDynImport) imported.push_back({s, &c});
  }
  std::sort(imported.begin(), imported.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto [s, c] : imported) {
    auto library = std::find_if(made.libraries.begin(), made.libraries.end(),
                                [name = c->library](const PeImports::Library& l) { return l.name == name; });
    if (library == made.libraries.end()) library = made.libraries.insert(library, {c->library, {}});
    library->symbols.push_back({s, undecorated(sv, program, s, c->external_name)});
  }
  std::reverse(made.libraries.begin(), made.libraries.end());

  made.table = syms.make(".windynamic", 0, SymKind::kWindows);
  uint32_t size = 0;
  for (PeImports::Library& library : made.libraries) {
    std::reverse(library.symbols.begin(), library.symbols.end());
    for (const PeImports::Symbol& symbol : library.symbols) {
      uint32_t i = index(symbol.symbol);
      syms.kind[i] = SymKind::kWindows;
      syms.flags[i] |= loader::kSymElsewhere | loader::kSymNotInSymtab;
      syms.value[i] = size;
      size += kAddressSize;
    }
    size += kAddressSize;
  }
  syms.size[index(made.table)] = size;
  return made;
}

PeImportTables write_pe_imports(const PeImports& imports, uint32_t address, uint32_t table_address) {
  TableWriter out;
  out.skip(kDescriptorSize * (imports.libraries.size() + 1));
  std::vector<uint32_t> library_names;
  for (const PeImports::Library& library : imports.libraries) {
    library_names.push_back(address + out.size());
    out.text(library.name);
  }
  TableWriter addresses;  // of the names, until Windows puts those of the symbols there
  for (const PeImports::Library& library : imports.libraries) {
    for (const PeImports::Symbol& symbol : library.symbols) {
      addresses.word64(address + out.size());
      out.skip(2);  // the hint
      out.text(symbol.name);
    }
    addresses.word64(0);
  }
  uint32_t names = address + out.size();
  PeImportTables tables;
  tables.addresses = addresses.take();
  tables.descriptors = out.take();
  tables.descriptors.insert(tables.descriptors.end(), tables.addresses.begin(), tables.addresses.end());

  uint32_t thunks = 0;
  uint8_t* p = tables.descriptors.data();
  for (size_t i = 0; i < imports.libraries.size(); i++, p += kDescriptorSize) {
    base::store32(p, names + thunks);
    base::store32(p + 12, library_names[i]);
    base::store32(p + 16, table_address + thunks);
    thunks += kAddressSize * static_cast<uint32_t>(imports.libraries[i].symbols.size() + 1);
  }
  return tables;
}

}  // namespace dovetail::linker
