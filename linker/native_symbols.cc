#include "linker/native_symbols.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "linker/elf/elf_format.h"
#include "objfmt/goobj/layout.h"

namespace dovetail::linker {
namespace {

using loader::Program;
using loader::Symbols;

constexpr uint64_t kOrder = uint64_t{1} << 61;  // of diagnostics: before those about the headers

constexpr uint64_t kGrain = 4096;  // positions of the sequence in a chunk

constexpr std::string_view kFileName = "go.go";  // the one STT_FILE symbol
constexpr std::string_view kMiddleDot = "\xc2\xb7";
constexpr std::string_view kAbi0Suffix = ".abi0";
constexpr uint16_t kNoAbi = 0x7fff;
// Before all symbols: the null entry and the file; before all names: the empty one and the file's.
constexpr uint64_t kFirstSymbol = 2, kFirstName = 1 + kFileName.size() + 1;

struct Entry {
  SymId symbol;
  std::string_view name;
  std::string_view suffix;
  ElfBinding binding;
  ElfSymbolType type;
  bool undefined;
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

 private:
  bool at(uint64_t i, Entry* e) const {
    uint64_t functions = in_.text.size();
    if (i >= functions + 2) return data(static_cast<SymId>(i - functions - 1), e);
    SymId s = i == 0 ? in_.text_start : i <= functions ? in_.text[i - 1] : in_.text_end;
    return s != SymId::kNil && function(s, e);
  }

  bool function(SymId s, Entry* e) const {
    *e = {s, name(s), {}, kStbGlobal, kSttFunc, false};
    if (has_internal_twin(s, e->name)) e->suffix = kAbi0Suffix;
    e->binding = binding(s, e->name);
    return true;
  }

  bool data(SymId s, Entry* e) const {
    SymKind kind = syms_.kind[index(s)];
    uint32_t flags = syms_.flags[index(s)];
    if (kind == SymKind::kDynImport || kind == SymKind::kHostObj || kind == SymKind::kUndefExt) {
      *e = {s, name(s), {}, kStbGlobal, kSttNotype, true};
      e->binding = binding(s, e->name);
      return true;
    }
    if (kind < SymKind::kElfRxSect || kind >= SymKind::kFirstUnallocated || kind == SymKind::kTlsBss)
      return false;
    if (flags & loader::kSymNotInSymtab) return false;
    std::string_view own = program_.name(s);
    if (own.empty() || own[0] == '.') return false;
    *e = {s, name(s), {}, kStbGlobal, kSttObject, false};
    e->binding = binding(s, e->name);
    return true;
  }

  std::string_view name(SymId s) const {
    if (!in_.external_names.empty()) {
      auto it = std::lower_bound(in_.external_names.begin(), in_.external_names.end(), s,
                                 [](const ExternalName& a, SymId b) { return index(a.symbol) < index(b); });
      if (it != in_.external_names.end() && it->symbol == s) return it->name;
    }
    return program_.name(s);
  }

  // What the linker makes is in neither of the ABIs that twins are about.
  uint16_t abi(SymId s) const {
    return program_.has_object(s) ? program_.object_of(s).view.abi(syms_.local[index(s)]) : kNoAbi;
  }

  // Whether a function of the same name with the register ABI was seen anywhere. cmd/link ld/symtab.go
  // mangleABIName; wrappers (GOEXPERIMENT regabiwrappers) cannot be turned off on amd64 and arm64.
  bool has_internal_twin(SymId s, std::string_view text) const {
    if (abi(s) != 0 || !objfmt::is_text(syms_.kind[index(s)])) return false;
    loader::RawId twin = program_.res.lookup(text, 1);
    if (twin == loader::RawId::kNil) return false;
    loader::Slot slot = program_.res.content(program_.in, twin);
    const loader::ObjectView& view = program_.in.objects[slot.object].view;
    return slot.local < view.def_count() && objfmt::is_text(view.kind(slot.local));
  }

  // Static temporaries are global although no other package can name them.
  ElfBinding binding(SymId s, std::string_view text) const {
    if (syms_.flags[index(s)] & (loader::kSymHidden | loader::kSymLocal)) return kStbLocal;
    bool file_local = abi(s) == objfmt::goobj::kAbiStatic && text.find("..stmp_") == std::string_view::npos;
    return file_local ? kStbLocal : kStbGlobal;
  }

  const NativeSymbolInputs& in_;
  const Program& program_;
  const Symbols& syms_;
};

const uint8_t* find_byte(const uint8_t* p, const uint8_t* end, uint8_t byte) {
  return static_cast<const uint8_t*>(std::memchr(p, byte, static_cast<size_t>(end - p)));
}

// Length in the string table, NUL included.
uint64_t stored_length(const Entry& e) {
  uint64_t n = e.name.size() + e.suffix.size() + 1;
  for (size_t at = e.name.find(kMiddleDot); at != std::string_view::npos;
       at = e.name.find(kMiddleDot, at + 2))
    n--;
  return n;
}

uint8_t* copy_text(uint8_t* out, std::string_view text) {
  if (text.empty()) return out;  // its data may be null
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

// REQUIRES: stored_length(e) bytes of room.
uint8_t* store_name(uint8_t* out, const Entry& e) {
  const auto* p = reinterpret_cast<const uint8_t*>(e.name.data());
  const uint8_t* end = p + e.name.size();
  for (;;) {
    const uint8_t* dot = p < end ? find_byte(p, end, 0xc2) : nullptr;
    if (dot == nullptr) break;
    bool middle_dot = dot + 1 < end && dot[1] == 0xb7;
    const uint8_t* upto = middle_dot ? dot : dot + 1;
    out = copy_text(out, base::as_text({p, upto}));
    if (middle_dot) *out++ = '.';
    p = middle_dot ? dot + 2 : dot + 1;
  }
  if (p < end) out = copy_text(out, base::as_text({p, end}));
  out = copy_text(out, e.suffix);
  *out++ = 0;
  return out;
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

  void add(const Entry& e, uint8_t info, uint16_t section, uint64_t value, uint64_t size) {
    size_t entry = entries_.size(), name = names_.size();
    entries_.resize(entry + kElfSymbolSize);
    store_entry(&entries_[entry], before_.name_bytes + name, info, section, value, size);
    names_.resize(name + e.name.size() + e.suffix.size() + 1);
    names_.resize(static_cast<size_t>(store_name(&names_[name], e) - names_.data()));
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

  void emit(const Entry& e, Part& to) {
    uint32_t s = index(e.symbol);
    to.add(e, elf_symbol_info(e.binding, e.type), e.undefined ? kShnUndef : section_of(e), syms_.value[s],
           e.undefined ? 0 : syms_.size[s]);
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

NativeSymbolPlan plan_native_symbols(Services& sv, const NativeSymbolInputs& in) {
  Sequence sequence(in);
  NativeSymbolPlan plan;
  plan.chunks.resize((sequence.size() + kGrain - 1) / kGrain);
  sv.threads.for_each(plan.chunks.size(), [&](uint64_t i) {
    NativeSymbolPlan::Chunk own;
    sequence.for_chunk(i, [&](const Entry& e) {
      NativeSymbolPlan::Count& n = e.binding == kStbLocal ? own.locals : own.globals;
      n.symbols++;
      n.name_bytes += stored_length(e);
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
    Sequence(in).for_chunk(chunk, [&](const Entry& e) { emitter.emit(e, e.binding == kStbLocal ? locals : globals); });
    locals.write(target);
    globals.write(target);
  });
}

}  // namespace dovetail::linker
