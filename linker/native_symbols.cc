#include "linker/native_symbols.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "linker/elf/elf_format.h"

namespace dovetail::linker {
namespace {

using loader::Program;
using loader::Symbols;

constexpr uint64_t kOrder = uint64_t{1} << 61;  // of diagnostics: before those about the headers

constexpr uint64_t kGrain = 4096;  // positions of the sequence in a chunk

constexpr std::string_view kFileName = "go.go";  // the one STT_FILE symbol
constexpr std::string_view kMiddleDot = "\xc2\xb7";
constexpr std::string_view kAbi0Suffix = ".abi0";
// Before all symbols: the null entry and the file; before all names: the empty one and the file's.
constexpr uint64_t kFirstSymbol = 2, kFirstName = 1 + kFileName.size() + 1;

struct Entry {
  SymId symbol;
  std::string_view suffix;
  ElfBinding binding;
  ElfSymbolType type;
  bool undefined;
  uint64_t name_bytes;  // in the string table, NUL included
};

// The sequence of candidates and the rules of who of them has an entry.
class Sequence {
 public:
  explicit Sequence(const NativeSymbolInputs& in) : in_(in), program_(in.program), syms_(in.program.syms) {}

  uint64_t size() const { return in_.text.size() + 2 + (syms_.count() - 1); }

  // Calls f(entry) for each entry of a chunk, in order.
  template <class F>
  void for_chunk(size_t chunk, F&& f) const {
    uint64_t end = std::min(size(), (chunk + 1) * kGrain);
    Entry entry;
    for (uint64_t i = chunk * kGrain; i < end; i++) {
      if (at(i, &entry)) f(entry);
    }
  }

  std::string_view name(SymId s) const {
    std::string_view external = external_name(s);
    return external.empty() ? program_.name(s) : external;
  }
  // nullptr if name() has to be asked.
  const char* kept_name(SymId s) const {
    return in_.names == nullptr || !external_name(s).empty() ? nullptr : in_.names->text(s);
  }

 private:
  bool at(uint64_t i, Entry* e) const {
    uint64_t functions = in_.text.size();
    if (i >= functions + 2) return data(static_cast<SymId>(i - functions - 1), e);
    SymId s = i == 0 ? in_.text_start : i <= functions ? in_.text[i - 1] : in_.text_end;
    return s != SymId::kNil && function(s, e);
  }

  bool function(SymId s, Entry* e) const {
    describe(s, kSttFunc, false, e);
    if (has_internal_twin(s)) e->suffix = kAbi0Suffix, e->name_bytes += kAbi0Suffix.size();
    return true;
  }

  bool data(SymId s, Entry* e) const {
    SymKind kind = syms_.kind[index(s)];
    uint32_t flags = syms_.flags[index(s)];
    if (kind == SymKind::kDynImport || kind == SymKind::kHostObj || kind == SymKind::kUndefExt) {
      describe(s, kSttNotype, true, e);
      return true;
    }
    if (kind < SymKind::kElfRxSect || kind >= SymKind::kFirstUnallocated || kind == SymKind::kTlsBss)
      return false;
    if ((flags & loader::kSymNotInSymtab) || own_name(s).hidden()) return false;
    describe(s, kSttObject, false, e);
    return true;
  }

  void describe(SymId s, ElfSymbolType type, bool undefined, Entry* e) const {
    std::string_view external = external_name(s);
    SymtabName name = external.empty() ? own_name(s) : SymtabName::of(external, true);
    *e = {s, {}, binding(s, name), type, undefined, name.bytes()};
  }

  SymtabName own_name(SymId s) const {
    SymtabName name = in_.names == nullptr ? SymtabName() : in_.names->of(s);
    return name.known() ? name : SymtabName::of(program_.name(s), true);
  }
  std::string_view external_name(SymId s) const {
    if (in_.external_names.empty()) return {};
    auto it = std::lower_bound(in_.external_names.begin(), in_.external_names.end(), s,
                               [](const ExternalName& a, SymId b) { return index(a.symbol) < index(b); });
    return it != in_.external_names.end() && it->symbol == s ? it->name : std::string_view();
  }

  // Whether a function of the same name with the register ABI was seen anywhere. cmd/link ld/symtab.go
  // mangleABIName; wrappers (GOEXPERIMENT regabiwrappers) cannot be turned off on amd64 and arm64.
  bool has_internal_twin(SymId s) const {
    if (!(syms_.flags[index(s)] & loader::kSymAbi0) || !objfmt::is_text(syms_.kind[index(s)])) return false;
    loader::RawId twin = program_.res.lookup(name(s), 1);
    if (twin == loader::RawId::kNil) return false;
    loader::Slot slot = program_.res.content(program_.in, twin);
    const loader::ObjectView& view = program_.in.objects[slot.object].view;
    return slot.local < view.def_count() && objfmt::is_text(view.kind(slot.local));
  }

  // Static temporaries are global although no other package can name them.
  ElfBinding binding(SymId s, SymtabName name) const {
    uint32_t flags = syms_.flags[index(s)];
    if (flags & (loader::kSymHidden | loader::kSymLocal)) return kStbLocal;
    return (flags & loader::kSymStatic) && !name.static_temporary() ? kStbLocal : kStbGlobal;
  }

  const NativeSymbolInputs& in_;
  const Program& program_;
  const Symbols& syms_;
};

const uint8_t* find_byte(const uint8_t* p, const uint8_t* end, uint8_t byte) {
  return static_cast<const uint8_t*>(std::memchr(p, byte, static_cast<size_t>(end - p)));
}

uint8_t* copy_text(uint8_t* out, std::string_view text) {
  if (text.empty()) return out;  // its data may be null
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

// With U+00B7 as '.'. REQUIRES: room for it.
uint8_t* store_name(uint8_t* out, std::string_view name) {
  const auto* p = reinterpret_cast<const uint8_t*>(name.data());
  const uint8_t* end = p + name.size();
  for (;;) {
    const uint8_t* dot = p < end ? find_byte(p, end, 0xc2) : nullptr;
    if (dot == nullptr) break;
    bool middle_dot = dot + 1 < end && dot[1] == 0xb7;
    const uint8_t* upto = middle_dot ? dot : dot + 1;
    out = copy_text(out, base::as_text({p, upto}));
    if (middle_dot) *out++ = '.';
    p = middle_dot ? dot + 2 : dot + 1;
  }
  return p < end ? copy_text(out, base::as_text({p, end})) : out;
}

void store_entry(uint8_t* out, uint64_t name, uint8_t info, uint16_t section, uint64_t value, uint64_t size) {
  base::store32(out, static_cast<uint32_t>(name));
  out[4] = info;
  out[5] = 0;
  base::store16(out + 6, section);
  base::store64(out + 8, value);
  base::store64(out + 16, size);
}

// A chunk's entries and names of one binding, and where they go.
class Part {
 public:
  explicit Part(const NativeSymbolPlan::Count& before) : before_(before) {}

  void add(const Entry& e, const Sequence& sequence, uint16_t section, uint64_t value, uint64_t size) {
    size_t entry = entries_.size(), at = names_.size();
    entries_.resize(entry + kElfSymbolSize);
    store_entry(&entries_[entry], before_.name_bytes + at, elf_symbol_info(e.binding, e.type), section, value, size);
    names_.resize(at + e.name_bytes);
    uint8_t* out = &names_[at];
    if (const char* kept = sequence.kept_name(e.symbol)) {
      out = copy_text(out, {kept, e.name_bytes - e.suffix.size() - 1});
    } else {
      out = store_name(out, sequence.name(e.symbol));
    }
    out = copy_text(out, e.suffix);
    *out = 0;
  }
  void write(const NativeSymbolTarget& target) const {
    target.sink(target.symtab + before_.symbols * kElfSymbolSize, entries_);
    target.sink(target.strtab + before_.name_bytes, names_);
  }

 private:
  NativeSymbolPlan::Count before_;
  std::vector<uint8_t> entries_, names_;
};

class Emitter {
 public:
  Emitter(Services& sv, const NativeSymbolInputs& in, const NativeSymbolTarget& target)
      : sv_(sv), in_(in), syms_(in.program.syms), target_(target) {}

  void emit(const Entry& e, const Sequence& sequence, Part& to) {
    uint32_t s = index(e.symbol);
    to.add(e, sequence, e.undefined ? kShnUndef : section_of(e), syms_.value[s], e.undefined ? 0 : syms_.size[s]);
  }

 private:
  uint16_t section_of(const Entry& e) {
    SymId carrier = index(e.symbol) < syms_.outer.size() ? syms_.outer[index(e.symbol)] : SymId::kNil;
    uint32_t section = syms_.section[index(carrier == SymId::kNil ? e.symbol : carrier)];
    uint16_t number = section < target_.section_number.size() ? target_.section_number[section] : 0;
    if (number == 0) {
      sv_.diag.error(kOrder + index(e.symbol),
                     base::concat(in_.program.name(e.symbol), ": missing section in putelfsym"));
    }
    return number;
  }

  Services& sv_;
  const NativeSymbolInputs& in_;
  const Symbols& syms_;
  const NativeSymbolTarget& target_;
};

void emit_preamble(const NativeSymbolTarget& target) {
  std::vector<uint8_t> entries(kFirstSymbol * kElfSymbolSize), names(kFirstName);
  store_entry(&entries[0], 0, 0, 0, 0, 0);
  store_entry(&entries[kElfSymbolSize], 1, elf_symbol_info(kStbLocal, kSttFile), kShnAbs, 0, 0);
  copy_text(&names[1], kFileName);
  target.sink(target.symtab, entries);
  target.sink(target.strtab, names);
}

}  // namespace

SymtabName SymtabName::of(std::string_view text, bool is_static) {
  uint64_t bytes = text.size() + 1;
  for (size_t at = text.find(kMiddleDot); at != std::string_view::npos; at = text.find(kMiddleDot, at + 2)) bytes--;
  bool temporary = is_static && text.find("..stmp_") != std::string_view::npos;
  SymtabName name;
  name.bits_ = std::min<uint64_t>(bytes, kMost) << 3 | (text.empty() || text[0] == '.') << 2 | temporary << 1 | 1;
  return name;
}

void SymtabNames::scan_object(uint32_t object) {
  Open open;
  {
    std::lock_guard lock(mutex_);
    if (!open_.empty()) open = open_.back(), open_.pop_back();
  }
  objfmt::NameBuffer buffer;
  program_.for_live(object, [&](SymId s, uint32_t) {
    SymKind kind = program_.syms.kind[index(s)];
    bool text = objfmt::is_text(kind), allocated = kind >= SymKind::kElfRxSect && kind < SymKind::kFirstUnallocated;
    uint32_t flags = program_.syms.flags[index(s)];
    if (!(text || allocated) || (flags & objfmt::SymFlags::kGotype)) return;
    std::string_view own = flags & loader::kSymUnnamed ? std::string_view() : program_.name(s, buffer);
    SymtabName name = names_[index(s)] = SymtabName::of(own, (flags & loader::kSymStatic) != 0);
    if (text || !name.hidden()) places_[index(s)] = keep(own, name, open);
  });
  std::lock_guard lock(mutex_);
  open_.push_back(open);
}

uint32_t SymtabNames::keep(std::string_view name, SymtabName as, Open& open) {
  uint64_t bytes = as.bytes() - 1;
  if (bytes > kChunk / 16 || (open.used + bytes > kChunk && !next_chunk(open))) return 0;
  uint32_t place = open.chunk * kChunk + open.used;
  char* out = open.bytes + open.used;
  open.used += static_cast<uint32_t>(bytes);
  if (bytes == name.size()) {
    copy_text(reinterpret_cast<uint8_t*>(out), name);
  } else {
    store_name(reinterpret_cast<uint8_t*>(out), name);
  }
  return place;
}

bool SymtabNames::next_chunk(Open& open) {
  std::unique_ptr<char[]> chunk(new char[kChunk]);
  std::lock_guard lock(mutex_);
  if (chunks_.size() == kMostChunks) return false;
  open = {static_cast<uint32_t>(chunks_.size()), chunks_.empty() ? 1u : 0u, chunk.get()};
  chunks_.push_back(std::move(chunk));
  return true;
}

NativeSymbolPlan plan_native_symbols(Services& sv, const NativeSymbolInputs& in) {
  Sequence sequence(in);
  NativeSymbolPlan plan;
  plan.chunks.resize((sequence.size() + kGrain - 1) / kGrain);
  sv.threads.for_each(plan.chunks.size(), [&](uint64_t i) {
    NativeSymbolPlan::Chunk own;
    sequence.for_chunk(i, [&](const Entry& e) {
      NativeSymbolPlan::Count& n = e.binding == kStbLocal ? own.locals : own.globals;
      n.symbols++;
      n.name_bytes += e.name_bytes;
    });
    plan.chunks[i] = own;
  });

  NativeSymbolPlan::Count next = {kFirstSymbol, kFirstName};
  auto advance = [&](NativeSymbolPlan::Count* n) {
    NativeSymbolPlan::Count own = *n;
    *n = next;
    next.symbols += own.symbols;
    next.name_bytes += own.name_bytes;
  };
  for (NativeSymbolPlan::Chunk& c : plan.chunks) advance(&c.locals);
  plan.first_global = static_cast<uint32_t>(next.symbols);
  for (NativeSymbolPlan::Chunk& c : plan.chunks) advance(&c.globals);
  plan.symbol_count = next.symbols;
  plan.strtab_size = next.name_bytes;
  return plan;
}

void emit_native_symbols(Services& sv, const NativeSymbolInputs& in, const NativeSymbolPlan& plan,
                         const NativeSymbolTarget& target) {
  emit_preamble(target);
  sv.threads.for_each(plan.chunks.size(), [&](uint64_t chunk) {
    Emitter emitter(sv, in, target);
    Part locals(plan.chunks[chunk].locals), globals(plan.chunks[chunk].globals);
    Sequence sequence(in);
    sequence.for_chunk(chunk, [&](const Entry& e) {
      emitter.emit(e, sequence, e.binding == kStbLocal ? locals : globals);
    });
    locals.write(target);
    globals.write(target);
  });
}

}  // namespace dovetail::linker
