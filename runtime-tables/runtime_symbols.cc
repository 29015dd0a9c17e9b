#include "runtime-tables/runtime_symbols.h"

#include "base/text.h"
#include "objfmt/goobj/layout.h"
#include "runtime-tables/content.h"
#include "runtime-tables/go_types.h"

namespace dovetail::runtime_tables {

using base::index;
using loader::Program;
using loader::Services;
using loader::SymId;
using objfmt::SymFlags;
using objfmt::SymKind;

namespace {

constexpr uint64_t kDiagOrder = uint64_t{10} << 32;
constexpr uint64_t kGrain = 1 << 14;

constexpr std::string_view kMadeNames[] = {
    "go:fipsinfo", "go:textfipsstart", "go:textfipsend", "go:rodatafipsstart", "go:rodatafipsend",
    "go:noptrdatafipsstart", "go:noptrdatafipsend", "go:datafipsstart", "go:datafipsend",
    "runtime.tlsg", "runtime.firstmoduledata", "runtime.lastmoduledatap", "runtime.text", "runtime.etext",
    "runtime.typelink", "runtime.itablink", "go:buildinfo", "go:buildinfo.ref",
    "runtime.pclntab", "runtime.pcheader", "runtime.funcnametab", "runtime.cutab", "runtime.filetab",
    "runtime.pctab", "runtime.functab", "go:func.*", "runtime.findfunctab",
    "runtime.rodata", "runtime.erodata", "runtime.types", "runtime.etypes", "runtime.noptrdata",
    "runtime.enoptrdata", "runtime.data", "runtime.edata", "runtime.bss", "runtime.ebss", "runtime.noptrbss",
    "runtime.enoptrbss", "runtime.covctrs", "runtime.ecovctrs", "runtime.end", "runtime.epclntab",
    "runtime.gcdata", "runtime.egcdata", "runtime.gcbss", "runtime.egcbss",
    "type:*", "go:string.*", "go:funcdesc", "runtime.gcbits.*", "runtime.textsectionmap",
};

constexpr std::string_view kFuzzNames[] = {
    "runtime.__start___sancov_cntrs", "runtime.__stop___sancov_cntrs", "internal/fuzz._counters",
    "internal/fuzz._ecounters",
};

// cmd/link ld/lib.go xdefine, Go 1.26.
SymId define(Program& program, std::string_view name, SymKind kind) {
  SymId s = program.syms.make(name, 0, kind);
  program.syms.make_content(s) = {.name = std::string(name)};
  program.syms.size[index(s)] = 0;
  program.syms.flags[index(s)] |= loader::kSymSpecial | loader::kSymLocal | loader::kSymElsewhere;
  return s;
}

// A real symbol of size 0: with its kind sorted by size, it comes before what it stands for.
SymId define_carrier(Program& program, std::string_view name, SymKind kind, uint32_t align, uint32_t flags) {
  SymId s = program.syms.make(name, 0, kind);
  program.syms.make_content(s) = {.name = std::string(name)};
  program.syms.size[index(s)] = 0;
  if (align != 0) program.syms.align[index(s)] = align;
  program.syms.flags[index(s)] |= flags;
  return s;
}

// What a read-only symbol is by its name, kNone for nothing special.
SymKind group_of(objfmt::NameClass c) {
  static constexpr SymKind kGroups[] = {SymKind::kNone, SymKind::kGoString, SymKind::kGcBits, SymKind::kGoFunc, SymKind::kType};
  return static_cast<size_t>(c) < std::size(kGroups) ? kGroups[static_cast<size_t>(c)] : SymKind::kNone;
}
SymKind group_of(std::string_view name) { return group_of(objfmt::name_class(name)); }

bool may_be_grouped(SymKind kind) { return kind == SymKind::kRodata || kind == SymKind::kGoFunc; }

class Grouper {
 public:
  Grouper(Program& program, const Markers& markers, const GroupScan& scan, bool symtab, bool relro)
      : p_(program), m_(markers), scan_(scan), symtab_(symtab), relro_(relro) {}

  void group(uint32_t s) {
    uint32_t& flags = p_.syms.flags[s];
    SymKind kind = p_.syms.kind[s];
    if (kind == SymKind::kCoverageCounter || (symtab_ && is_hidden_static(s, kind))) flags |= loader::kSymNotInSymtab;
    if ((flags & loader::kSymSpecial) || !may_be_grouped(kind)) return;
    // The compiler sets this flag by the name: it begins with "type:" (cmd/internal/obj/objfile.go, Go 1.26).
    SymKind own = flags & SymFlags::kGotype ? SymKind::kType : scan_.group(static_cast<SymId>(s));
    if (own != SymKind::kNone) set(s, own);
  }

 private:
  void set(uint32_t s, SymKind kind) {
    p_.syms.flags[s] |= loader::kSymNotInSymtab;
    p_.syms.kind[s] = relro_ ? movable(kind) : kind;
    p_.syms.outer[s] = carrier(kind);
  }

  // File-local symbols of compiled code. Those of debug sections are in no symbol table anyway.
  bool is_hidden_static(uint32_t s, SymKind kind) const {
    uint32_t flags = p_.syms.flags[s];
    if (!(flags & loader::kSymStatic) || objfmt::is_dwarf(kind)) return false;
    return !(flags & (loader::kSymFromAssembly | loader::kSymNotInSymtab | SymFlags::kGotype));
  }

  static SymKind movable(SymKind kind) {
    return kind == SymKind::kType ? SymKind::kTypeRelro : kind == SymKind::kGoFunc ? SymKind::kGoFuncRelro : kind;
  }

  SymId carrier(SymKind kind) const {
    switch (kind) {
      case SymKind::kGoString: return m_.go_string_carrier;
      case SymKind::kGcBits: return m_.gc_bits_carrier;
      case SymKind::kGoFunc: return m_.go_func_carrier;
      default: return m_.type_carrier;
    }
  }

  Program& p_;
  const Markers& m_;
  const GroupScan& scan_;
  bool symtab_, relro_;
};

// The module data gets the size that its type says, so that is checked before anything is made of it.
void check_moduledata_size(Services& sv, const Program& program) {
  constexpr uint64_t kMost = 1 << 16;
  loader::RawId raw = program.res.lookup("type:runtime.moduledata", 0);
  uint64_t size = raw == loader::RawId::kNil ? 0 : TypeView(program, raw).size();
  if (size > kMost) {
    sv.diag.exit(kDiagOrder + 1, base::concat("type:runtime.moduledata: size ", size, ", at most ", kMost));
  }
}

}  // namespace

std::span<const std::string_view> made_names() { return kMadeNames; }

SetupSymbols define_setup_symbols(Services& sv, Program& program) {
  loader::Symbols& syms = program.syms;
  SetupSymbols made;
  made.tlsg = syms.make("runtime.tlsg", 0, SymKind::kNone);
  if (syms.kind[index(made.tlsg)] == SymKind::kNone) {
    syms.kind[index(made.tlsg)] = SymKind::kTlsBss;
    syms.size[index(made.tlsg)] = kPointerSize;
  } else {
    const loader::Release& release = sv.options.release ? *sv.options.release : loader::newest_release();
    std::string_view kind = release.link_sym_kinds[static_cast<size_t>(syms.kind[index(made.tlsg)])].name;
    sv.diag.error(kDiagOrder, base::concat("runtime declared tlsg variable ", kind));
  }
  made.moduledata = syms.make("runtime.firstmoduledata", 0, SymKind::kNone);
  if (syms.kind[index(made.moduledata)] == SymKind::kNone) {  // a program without the runtime
    made.moduledata = syms.make("local.moduledata", 0, SymKind::kNone);
    syms.flags[index(made.moduledata)] |= loader::kSymLocal;
  } else if (loader::RawId profile = program.res.lookup("runtime.memProfileInternal", 1);
             profile != loader::RawId::kNil && !program.is_live(profile)) {
    SymId disable = program.lookup("runtime.disableMemoryProfiling", 0);
    if (disable != SymId::kNil) {
      syms.kind[index(disable)] = SymKind::kNoptrdata;
      ContentWriter content(program, disable);
      content.byte(1);
      content.finish();
    }
  }
  syms.kind[index(made.moduledata)] = SymKind::kModuledata;
  check_moduledata_size(sv, program);
  return made;
}

TextMarkers define_text_markers(Program& program) {
  SymId text = define(program, "runtime.text", SymKind::kText);
  return {text, define(program, "runtime.etext", SymKind::kTextEnd)};
}

Markers define_markers(Services& sv, Program& program) {
  auto place = [&](std::string_view name, SymKind kind) { return define(program, name, kind); };
  Markers m;
  m.rodata = place("runtime.rodata", SymKind::kRodata);
  m.erodata = place("runtime.erodata", SymKind::kRodataEnd);
  m.types = place("runtime.types", SymKind::kRodata);
  m.etypes = place("runtime.etypes", SymKind::kRodata);
  m.noptrdata = place("runtime.noptrdata", SymKind::kNoptrdata);
  m.enoptrdata = place("runtime.enoptrdata", SymKind::kNoptrdataEnd);
  m.data = place("runtime.data", SymKind::kData);
  m.edata = place("runtime.edata", SymKind::kDataEnd);
  m.bss = place("runtime.bss", SymKind::kBss);
  m.ebss = place("runtime.ebss", SymKind::kBss);
  m.noptrbss = place("runtime.noptrbss", SymKind::kNoptrbss);
  m.enoptrbss = place("runtime.enoptrbss", SymKind::kNoptrbss);
  m.covctrs = place("runtime.covctrs", SymKind::kNoptrbss);
  m.ecovctrs = place("runtime.ecovctrs", SymKind::kNoptrbss);
  m.end = place("runtime.end", SymKind::kBss);
  m.epclntab = place("runtime.epclntab", SymKind::kRodata);
  m.gcdata = define_carrier(program, "runtime.gcdata", SymKind::kRodata, 0, loader::kSymLocal);
  m.egcdata = place("runtime.egcdata", SymKind::kRodata);
  m.gcbss = define_carrier(program, "runtime.gcbss", SymKind::kRodata, 0, loader::kSymLocal);
  m.egcbss = place("runtime.egcbss", SymKind::kRodata);
  m.type_carrier = define_carrier(program, "type:*", SymKind::kType, kPointerSize, 0);
  if (sv.options.relro() && sv.options.position_independent()) {
    m.type_carrier = define_carrier(program, "typerel.*", SymKind::kTypeRelro, kPointerSize, 0);
  }
  auto carrier = [&](std::string_view name, SymKind kind) {
    return define_carrier(program, name, kind, kPointerSize, loader::kSymLocal);
  };
  m.go_string_carrier = carrier("go:string.*", SymKind::kGoString);
  m.go_func_carrier = carrier("go:funcdesc", SymKind::kGoFunc);
  m.gc_bits_carrier = carrier("runtime.gcbits.*", SymKind::kGcBits);
  if (sv.options.relro()) m.go_func_carrier = carrier("go:funcdescrel", SymKind::kGoFuncRelro);
  return m;
}

// Names lie far apart, so symbols are looked at in two steps: the first finds the names and starts to fetch them, the
// second reads them.
void GroupScan::scan_object(uint32_t object) {
  constexpr size_t kBlock = 128;
  std::pair<SymId, std::string_view> named[kBlock];
  size_t count = 0;
  auto look = [&] {
    for (size_t i = 0; i < count; i++) found_[index(named[i].first)] = 1 + static_cast<uint8_t>(group_of(named[i].second));
    count = 0;
  };
  const loader::Symbols& syms = program_.syms;
  program_.for_live(object, [&](SymId s, uint32_t) {
    if ((syms.flags[index(s)] & SymFlags::kGotype) || !may_be_grouped(syms.kind[index(s)])) return;
    if (program_.has_object(s) && program_.object_of(s).view.is_dense()) {
      objfmt::NameClass c = program_.object_of(s).view.stored_name_class(syms.local[index(s)]);
      found_[index(s)] = 1 + static_cast<uint8_t>(group_of(c));
      return;
    }
    std::string_view name = program_.name(s);
    if (!name.empty()) {
      __builtin_prefetch(name.data());
      __builtin_prefetch(name.data() + name.size() - 1);
    }
    named[count++] = {s, name};
    if (count == kBlock) look();
  });
  look();
}

SymKind GroupScan::group(SymId s) const {
  if (index(s) < found_.size() && found_[index(s)] != 0) return static_cast<SymKind>(found_[index(s)] - 1);
  return group_of(program_.name(s));
}

void group_symbols(Services& sv, Program& program, const Markers& markers, const GroupScan& scan) {
  program.syms.outer.resize(program.syms.count());
  Grouper grouper(program, markers, scan, !sv.options.strip_symbols, sv.options.relro());
  sv.threads.for_ranges(program.syms.count(), kGrain, [&](uint64_t begin, uint64_t end) {
    for (uint64_t s = std::max<uint64_t>(1, begin); s < end; s++) grouper.group(static_cast<uint32_t>(s));
  });
}

FuzzMarkers define_fuzz_markers(Program& program) {
  FuzzMarkers m;
  m.start = define(program, kFuzzNames[0], SymKind::kLibfuzzerCounter);
  m.stop = define(program, kFuzzNames[1], SymKind::kLibfuzzerCounter);
  m.counters = define(program, kFuzzNames[2], SymKind::kLibfuzzerCounter);
  m.ecounters = define(program, kFuzzNames[3], SymKind::kLibfuzzerCounter);
  return m;
}

}  // namespace dovetail::runtime_tables
