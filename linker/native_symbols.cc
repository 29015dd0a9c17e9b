#include "linker/native_symbols.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "linker/elf/elf_format.h"

namespace dovetail::linker {
namespace {

constexpr uint64_t kOrder = uint64_t{1} << 61;  // of diagnostics: before those about the headers

constexpr std::string_view kFileName = "go.go";  // the one STT_FILE symbol
// Before all symbols: the null entry and the file; before all names: the empty one and the file's.
constexpr uint64_t kFirstSymbol = 2, kFirstName = 1 + kFileName.size() + 1;

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

  void add(const SymtabEntry& e, const SymtabSequence& sequence, uint16_t section, uint64_t value, uint64_t size) {
    static constexpr ElfSymbolType kTypes[] = {kSttFunc, kSttObject, kSttNotype};
    size_t entry = entries_.size(), at = names_.size();
    entries_.resize(entry + kElfSymbolSize);
    uint8_t info = elf_symbol_info(e.local ? kStbLocal : kStbGlobal, kTypes[e.type]);
    store_entry(&entries_[entry], before_.name_bytes + at, info, section, value, size);
    names_.resize(at + e.name_bytes);
    sequence.store_name(e, &names_[at]);
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

  void emit(const SymtabEntry& e, const SymtabSequence& sequence, Part& to) {
    uint32_t s = index(e.symbol);
    bool undefined = e.type == SymtabEntry::kUndefined;
    to.add(e, sequence, undefined ? kShnUndef : section_of(e), syms_.value[s], undefined ? 0 : syms_.size[s]);
  }

 private:
  uint16_t section_of(const SymtabEntry& e) {
    uint32_t section = symtab_section(syms_, e.symbol);
    uint16_t number = section < target_.section_number.size() ? target_.section_number[section] : 0;
    if (number == 0) {
      sv_.diag.error(kOrder + index(e.symbol),
                     base::concat(in_.program.name(e.symbol), ": missing section in putelfsym"));
    }
    return number;
  }

  Services& sv_;
  const NativeSymbolInputs& in_;
  const loader::Symbols& syms_;
  const NativeSymbolTarget& target_;
};

void emit_preamble(const NativeSymbolTarget& target) {
  std::vector<uint8_t> entries(kFirstSymbol * kElfSymbolSize), names(kFirstName);
  store_entry(&entries[0], 0, 0, 0, 0, 0);
  store_entry(&entries[kElfSymbolSize], 1, elf_symbol_info(kStbLocal, kSttFile), kShnAbs, 0, 0);
  std::copy(kFileName.begin(), kFileName.end(), &names[1]);
  target.sink(target.symtab, entries);
  target.sink(target.strtab, names);
}

}  // namespace

NativeSymbolPlan plan_native_symbols(Services& sv, const NativeSymbolInputs& in) {
  SymtabSequence sequence(in);
  NativeSymbolPlan plan;
  plan.chunks.resize(sequence.chunk_count());
  sv.threads.for_each(plan.chunks.size(), [&](uint64_t i) {
    NativeSymbolPlan::Chunk own;
    sequence.for_chunk(i, [&](const SymtabEntry& e) {
      NativeSymbolPlan::Count& n = e.local ? own.locals : own.globals;
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
    SymtabSequence sequence(in);
    sequence.for_chunk(chunk, [&](const SymtabEntry& e) {
      emitter.emit(e, sequence, e.local ? locals : globals);
    });
    locals.write(target);
    globals.write(target);
  });
}

}  // namespace dovetail::linker
