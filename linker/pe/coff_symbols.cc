#include "linker/pe/coff_symbols.h"

#include <cstring>

#include "base/text.h"
#include "linker/pe/pe_format.h"

namespace dovetail::linker {
namespace {

constexpr uint64_t kOrder = uint64_t{1} << 61;

// Without the NUL.
uint64_t name_length(const SymtabEntry& e) { return e.name_bytes - 1; }
uint64_t string_bytes(const SymtabEntry& e) { return name_length(e) > kCoffShortName ? e.name_bytes : 0; }

// Section numbers of the file: those of the program are the first three.
uint16_t section_number(SegmentId segment) {
  switch (segment) {
    case SegmentId::kText: return 1;
    case SegmentId::kRodata: return 2;
    case SegmentId::kData: return 3;
    default: return 0;
  }
}

class Chunk {
 public:
  Chunk(Services& sv, const NativeSymbolInputs& in, const CoffSymbolTarget& target, uint64_t first_name)
      : sv_(sv), in_(in), target_(target), first_name_(first_name) {}

  void add(const SymtabEntry& e, const SymtabSequence& sequence) {
    size_t at = entries_.size();
    entries_.resize(at + kCoffSymbolSize);
    uint8_t* p = &entries_[at];
    put_name(e, sequence, p);
    put_place(e, p + 8);
    bool function = e.type != SymtabEntry::kObject;
    base::store16(p + 14, function ? kCoffFunction : 0);
    p[16] = e.local ? kCoffStatic : kCoffExternal;
  }
  void write(const CoffSymbolPlan::Count& before) const {
    target_.sink(target_.symtab + before.symbols * kCoffSymbolSize, entries_);
    target_.sink(target_.strtab + first_name_, names_);
  }

 private:
  void put_name(const SymtabEntry& e, const SymtabSequence& sequence, uint8_t* p) {
    if (string_bytes(e) == 0) {
      uint8_t name[kCoffShortName + 1];
      sequence.store_name(e, name);
      std::memcpy(p, name, name_length(e));
      return;
    }
    base::store32(p + 4, static_cast<uint32_t>(first_name_ + names_.size()));
    size_t at = names_.size();
    names_.resize(at + e.name_bytes);
    sequence.store_name(e, &names_[at]);
  }

  // Offset in the section, and its number.
  void put_place(const SymtabEntry& e, uint8_t* p) {
    if (e.type == SymtabEntry::kUndefined) return;
    const loader::Symbols& syms = in_.program.syms;
    uint32_t section = symtab_section(syms, e.symbol);
    SegmentId segment = section == 0 ? SegmentId::kCount : target_.image.sections[section].segment;
    uint16_t number = section_number(segment);
    if (number == 0) {
      std::string_view why = section == 0 ? " symbol with no section" : " symbol with non .text or .rdata or .data section";
      std::string_view name = in_.program.name(e.symbol);
      sv_.diag.error(kOrder + index(e.symbol), base::concat(name, ": addpesym: could not map ", name, why));
      return;
    }
    base::store32(p, static_cast<uint32_t>(syms.value[index(e.symbol)] - target_.image.segment(segment).address));
    base::store16(p + 4, number);
  }

  Services& sv_;
  const NativeSymbolInputs& in_;
  const CoffSymbolTarget& target_;
  uint64_t first_name_;
  std::vector<uint8_t> entries_, names_;
};

}  // namespace

CoffSymbolPlan plan_coff_symbols(Services& sv, const NativeSymbolInputs& in) {
  SymtabSequence sequence(in);
  CoffSymbolPlan plan;
  plan.before.resize(sequence.chunk_count());
  sv.threads.for_each(plan.before.size(), [&](uint64_t i) {
    CoffSymbolPlan::Count own;
    sequence.for_chunk(i, [&](const SymtabEntry& e) {
      own.symbols++;
      own.name_bytes += string_bytes(e);
    });
    plan.before[i] = own;
  });
  for (CoffSymbolPlan::Count& c : plan.before) {
    CoffSymbolPlan::Count own = c;
    c = plan.total;
    plan.total.symbols += own.symbols;
    plan.total.name_bytes += own.name_bytes;
  }
  return plan;
}

void emit_coff_symbols(Services& sv, const NativeSymbolInputs& in, const CoffSymbolPlan& plan,
                       const CoffSymbolTarget& target) {
  SymtabSequence sequence(in);
  sv.threads.for_each(plan.before.size(), [&](uint64_t i) {
    Chunk chunk(sv, in, target, target.first_name + plan.before[i].name_bytes);
    sequence.for_chunk(i, [&](const SymtabEntry& e) { chunk.add(e, sequence); });
    chunk.write(plan.before[i]);
  });
}

}  // namespace dovetail::linker
