#include "linker/cgo_directives.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "base/go_text.h"
#include "base/text.h"

namespace dovetail::linker {
namespace {

using base::concat;
using loader::CgoDirective;
using loader::RawId;
using Words = std::vector<std::string>;

constexpr uint64_t kOrder = uint64_t{4} << 40;

// fmt's %s and %q of a list of strings.
std::string print(const Words& words, bool quoted) {
  std::string out = "[";
  for (size_t i = 0; i < words.size(); i++) {
    if (i) out += ' ';
    out += quoted ? base::quote(words[i]) : words[i];
  }
  return out + "]";
}

class Reader {
 public:
  Reader(Services& sv, const loader::Inputs& in, const loader::Resolution& res)
      : sv_(sv), in_(in), res_(res) {
    out_.interpreter = sv.options.interpreter;
  }

  CgoDirectives run() {
    const std::vector<CgoDirective>& all = in_.cgo_directives;
    for (size_t i = 0; i < all.size();) {
      uint32_t library = all[i].library;
      bool go_on = true;
      for (; i < all.size() && all[i].library == library; i++) {
        if (go_on) go_on = read(all[i]);
      }
    }
    for (CgoSymbol& s : out_.symbols) settle(s);
    return std::move(out_);
  }

 private:
  // False: the rest of the package's directives is not read.
  bool read(const CgoDirective& d) {
    const Words& w = d.words;
    size_t n = w.size();
    if (n == 0) return true;
    if (w[0] == "cgo_import_dynamic" && n >= 2 && n <= 4) return import_dynamic(d);
    if (w[0] == "cgo_import_static" && n == 2) return import_static(w);
    if ((w[0] == "cgo_export_static" || w[0] == "cgo_export_dynamic") && n >= 2 && n <= 4)
      return export_symbol(w);
    if (w[0] == "cgo_dynamic_linker" && n == 2) return set_interpreter(w[1]);
    if (w[0] == "cgo_ldflag" && n == 2) return true;  // for an external linker
    error(concat(file_of(d), ": invalid cgo directive: ", print(w, true)));
    return true;
  }

  bool import_dynamic(const CgoDirective& d) {
    const Words& w = d.words;
    std::string_view local = w[1], remote = w.size() > 2 ? w[2] : w[1], library;
    if (w.size() > 3) library = w[3];
    if (sv_.options.disable_dynamic) {
      error(concat(file_of(d), ": cannot use dynamic imports with -d flag"));
      return false;
    }
    if (local == "_" && remote == "_") {
      out_.dynamic = true;
      out_.libraries.push_back(library);
      mention(library);
      return true;
    }
    size_t hash = remote.find('#');
    CgoSymbol& s = symbol(local, 0);
    bool host = s.kind == SymKind::kHostObj;
    if (!host && s.kind != SymKind::kNone && s.kind != SymKind::kBss && s.kind != SymKind::kNoptrbss)
      return true;
    s.external_name = remote.substr(0, hash);
    s.library = library;
    s.library_version = hash == std::string_view::npos ? std::string_view() : remote.substr(hash + 1);
    if (!host) change(s, SymKind::kDynImport);
    s.host |= host;
    out_.dynamic = true;
    if (!library.empty()) mention(library);
    return true;
  }

  void mention(std::string_view library) {
    std::vector<std::string_view>& all = out_.mentioned_libraries;
    if (std::find(all.begin(), all.end(), library) == all.end()) all.push_back(library);
  }

  bool import_static(const Words& w) {
    CgoSymbol& s = symbol(w[1], 0);
    change(s, SymKind::kHostObj);
    s.host = true;
    return true;
  }

  bool export_symbol(const Words& w) {
    std::string_view remote = w.size() > 2 ? w[2] : w[1];
    uint32_t version = 0;
    if (w.size() > 3) {
      if (w[3] != "ABI0" && w[3] != "ABIInternal") {
        error(concat("bad ABI in cgo_export directive ", print(w, false)));
        return false;
      }
      version = w[3] == "ABIInternal";
    }
    CgoSymbol& s = symbol(w[1], version);
    s.host |= s.kind == SymKind::kHostObj;
    if (!s.library.empty()) {  // an export takes the place of an import
      s.library = s.library_version = {};
      s.external_name = s.name;
      change(s, SymKind::kNone);
    }
    if (!s.export_static && !s.export_dynamic) {
      s.external_name = remote;
    } else if (s.external_name != remote) {
      error(concat("conflicting cgo_export directives: ", s.name, " as ", s.external_name, " and ", remote));
      return false;
    }
    if (w[0] == "cgo_export_static") {
      s.export_static = true;
    } else {
      if (!s.export_dynamic) out_.exports.push_back(static_cast<uint32_t>(&s - out_.symbols.data()));
      s.export_dynamic = true;
    }
    return true;
  }

  bool set_interpreter(std::string_view path) {
    if (!sv_.options.interpreter.empty()) return true;
    if (!out_.interpreter.empty() && out_.interpreter != path) {
      error(concat("conflict dynlinker: ", out_.interpreter, " and ", path));
      return false;
    }
    out_.interpreter = path;
    return true;
  }

  // Without host objects cgo_import_static declares nothing: such a symbol is imported dynamically or
  // undefined.
  static void settle(CgoSymbol& s) {
    if (!s.host || s.kind != SymKind::kHostObj) return;
    bool imported = !s.library.empty() && !s.export_static && !s.export_dynamic;
    s.kind = imported ? SymKind::kDynImport : SymKind::kNone;
  }

  static void change(CgoSymbol& s, SymKind kind) {
    s.kind = kind;
    s.changed = true;
  }

  CgoSymbol& symbol(std::string_view name, uint32_t version) {
    auto [it, fresh] = by_name_.try_emplace({name, version}, static_cast<uint32_t>(out_.symbols.size()));
    if (fresh) {
      CgoSymbol s;
      s.name = s.external_name = name;
      s.version = version;
      s.raw = res_.lookup(name, version);
      if (s.raw != RawId::kNil) {
        loader::Slot slot = res_.content(in_, s.raw);
        const loader::ObjectView& view = in_.objects[slot.object].view;
        if (slot.local < view.def_count()) s.kind = view.kind(slot.local);
      }
      out_.symbols.push_back(s);
    }
    return out_.symbols[it->second];
  }

  // How messages call the object that the directive stands in: the package's compiled object.
  std::string file_of(const CgoDirective& d) const {
    const loader::Library& lib = in_.libraries[d.library];
    std::string_view member = lib.object_count ? std::string_view(in_.objects[lib.first_object].member) : "";
    return member.empty() ? lib.file : concat(lib.file, "(", member, ")");
  }

  void error(const std::string& text) { sv_.diag.error(kOrder + order_++, concat(sv_.program, ": ", text)); }

  Services& sv_;
  const loader::Inputs& in_;
  const loader::Resolution& res_;
  CgoDirectives out_;
  absl::flat_hash_map<std::pair<std::string_view, uint32_t>, uint32_t> by_name_;  // looked up, never iterated
  uint64_t order_ = 0;
};

}  // namespace

CgoDirectives read_cgo_directives(Services& sv, const loader::Inputs& in, const loader::Resolution& res) {
  return Reader(sv, in, res).run();
}

loader::DirectedSymbols directed_symbols(const CgoDirectives& cgo) {
  loader::DirectedSymbols directed;
  for (uint32_t i : cgo.exports) {
    if (cgo.symbols[i].raw != RawId::kNil) directed.exported.push_back(cgo.symbols[i].raw);
  }
  for (const CgoSymbol& s : cgo.symbols) {
    if (s.changed && s.raw != RawId::kNil) directed.changed.push_back(s.raw);
  }
  return directed;
}

void apply_cgo_directives(const CgoDirectives& cgo, loader::Program& program) {
  for (const CgoSymbol& s : cgo.symbols) {
    SymId id = s.raw == RawId::kNil ? SymId::kNil : program.id(s.raw);
    if (id != SymId::kNil && s.changed) program.syms.kind[index(id)] = s.kind;
  }
}

// An undefined symbol is referred to by name, so an object without such a name has no reference to it.
std::vector<bool> objects_with_imports(const CgoDirectives& cgo, const loader::Program& p) {
  bool all = false;
  for (const CgoSymbol& s : cgo.symbols) {
    all |= s.kind == SymKind::kDynImport && s.raw != RawId::kNil && !p.res.is_reference(s.raw);
  }
  std::vector<bool> marked(p.in.objects.size(), all);
  for (size_t o = 0; o < marked.size() && !all; o++) {
    const loader::Object& object = p.in.objects[o];
    for (uint32_t i = 0; i < object.view.namedref_count() && !marked[o]; i++) {
      SymId s = p.id(p.res.canonical(object.raw(object.view.def_count() + i)));
      marked[o] = s != SymId::kNil && p.syms.kind[index(s)] == SymKind::kDynImport;
    }
  }
  return marked;
}

std::string unsupported_import(const loader::Program& program, const loader::LinkReloc& r) {
  return concat("unsupported dynamic relocation for symbol ", program.name(r.target), " (type=", static_cast<unsigned>(r.kind),
                " (", objfmt::reloc_kind_name(r.kind), ") stype=", static_cast<unsigned>(SymKind::kDynImport), " (SDYNIMPORT))");
}

std::vector<ExternalName> external_names(const CgoDirectives& cgo, const loader::Program& program) {
  std::vector<ExternalName> names;
  for (const CgoSymbol& s : cgo.symbols) {
    SymId id = s.raw == RawId::kNil ? SymId::kNil : program.id(s.raw);
    if (id != SymId::kNil && s.external_name != s.name) names.push_back({id, s.external_name});
  }
  std::sort(names.begin(), names.end(),
            [](const ExternalName& a, const ExternalName& b) { return index(a.symbol) < index(b.symbol); });
  return names;
}

}  // namespace dovetail::linker
