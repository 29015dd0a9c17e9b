#include "dwarf/block_writer.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "dwarf/diagnostics.h"
#include "dwarf/frames.h"
#include "dwarf/unit_headers.h"

namespace dovetail::dwarf {

using objfmt::Reloc;
using objfmt::RelocKind;
using objfmt::SymKind;

void BlockWriter::write(const SectionPlan& section, uint64_t begin, base::MutableBytes to) {
  if (to.empty()) return;
  const uint64_t end = begin + to.size();
  const BlockStart start = section.blocks[begin / kBlockSize];
  uint32_t i = start.item;
  for (uint64_t at = start.offset; at < end; i++) {
    Item item = section.items[i];
    uint64_t size = item_size(item);
    if (at >= begin && at + size <= end) {
      write_item(item, size, to.data() + (at - begin));
    } else {
      scratch_.resize(size);
      write_item(item, size, scratch_.data());
      uint64_t from = std::max(at, begin), till = std::min(at + size, end);
      if (from < till) std::memcpy(&to[from - begin], &scratch_[from - at], till - from);
    }
    at += size;
  }
}

uint64_t BlockWriter::item_size(Item item) {
  switch (item.kind()) {
    case Item::kSymbol: return program_.syms.size[item.number()];
    case Item::kFixed: return plan_.fixed[item.number()].size();
    case Item::kFrame:
      frame_.clear();
      append_frame(program_, plan_.target, plan_.functions[item.number()], plan_.function_sizes[item.number()], frame_);
      return frame_.size();
    case Item::kAddressTable: return plan_.scan.units[item.number()].addresses.size() * kPointerSize;
    case Item::kConsts: {
      Slot slot = program_.res.content(program_.in, plan_.scan.units[item.number()].consts);
      return program_.in.objects[slot.object].view.data_size(slot.local);
    }
    case Item::kType: {
      uint32_t next = item.number() + 1;
      uint32_t end = next < plan_.types.dies.size() ? plan_.types.dies[next].offset : plan_.types.size;
      return end - plan_.types.dies[item.number()].offset;
    }
    case Item::kZero: return 1;
  }
  return 0;
}

void BlockWriter::write_item(Item item, uint64_t size, uint8_t* to) {
  switch (item.kind()) {
    case Item::kSymbol: {
      SymId s = static_cast<SymId>(item.number());
      copy_symbol({program_.syms.object[index(s)], program_.syms.local[index(s)]}, s, size, to);
      break;
    }
    case Item::kFixed: std::memcpy(to, plan_.fixed[item.number()].data(), size); break;
    case Item::kFrame: std::memcpy(to, frame_.data(), size); break;
    case Item::kAddressTable:
      for (SymId f : plan_.scan.units[item.number()].addresses) {
        base::store64(to, program_.syms.value[index(f)]);
        to += kPointerSize;
      }
      break;
    case Item::kConsts:
      copy_symbol(program_.res.content(program_.in, plan_.scan.units[item.number()].consts), SymId::kNil, size, to);
      break;
    case Item::kType:
      emit_type_die(plan_.types, static_cast<DieId>(item.number()), plan_.target.version,
                    {plan_.types_offset, &program_, section_address_}, to);
      break;
    case Item::kZero: *to = 0; break;
  }
}

void BlockWriter::copy_symbol(Slot slot, SymId symbol, uint64_t size, uint8_t* to) {
  const loader::ObjectView& view = program_.in.objects[slot.object].view;
  base::Bytes data = view.data(slot.local);
  uint64_t n = std::min<uint64_t>(size, data.size());
  std::memcpy(to, data.data(), n);
  if (n < size) std::memset(to + n, 0, size - n);
  for (Reloc r : view.relocs(slot.local)) relocate(slot.object, symbol, r, to, n);
}

void BlockWriter::report(SymId symbol, std::string_view text, std::string_view target) {
  std::string_view name = symbol == SymId::kNil ? std::string_view() : program_.name(symbol);
  report_error(sv_, base::concat(name.empty() ? "debug information" : name, ": ", text, target));
}

// cmd/link ld/data.go relocsym, Go 1.26.
void BlockWriter::relocate(uint32_t object, SymId symbol, const Reloc& r, uint8_t* to, uint64_t size) {
  if (r.offset < 0 || static_cast<uint64_t>(r.offset) + r.size > size) {
    return report(symbol, base::concat("invalid relocation: ", r.offset, "+", static_cast<int>(r.size), " not in [0,",
                                       size, ")"), "");
  }
  if (r.size == 0) return;  // a marker
  SymId target = program_.target(object, r.target);
  uint64_t v = target == SymId::kNil ? dead_reference(object, symbol, r) : reference(symbol, r, target);
  uint8_t* p = to + r.offset;
  if (r.kind >= RelocKind::kDwTxtAddrU1 && r.kind <= RelocKind::kDwTxtAddrU4) {
    unsigned length = static_cast<unsigned>(r.kind) - static_cast<unsigned>(RelocKind::kDwTxtAddrU1) + 1;
    if (length > size - static_cast<uint64_t>(r.offset) || !write_fixed_uleb(p, v, length)) {
      report(symbol, "internal error: too many functions in a unit", "");
    }
    return;
  }
  switch (r.size) {
    case 1: *p = static_cast<uint8_t>(v); break;
    case 2: base::store16(p, static_cast<uint16_t>(v)); break;
    case 4: base::store32(p, static_cast<uint32_t>(v)); break;
    case 8: base::store64(p, v); break;
    default: report(symbol, base::concat("bad reloc size ", static_cast<int>(r.size)), "");
  }
}

uint64_t BlockWriter::in_section(SymId s) const {
  return program_.syms.value[index(s)] - section_address_[program_.syms.section[index(s)]];
}

uint64_t BlockWriter::reference(SymId symbol, const Reloc& r, SymId target) {
  const loader::Symbols& syms = program_.syms;
  uint64_t value = syms.value[index(target)], addend = static_cast<uint64_t>(r.addend);
  SymKind kind = syms.kind[index(target)];
  if ((kind == SymKind::kNone && (r.kind != RelocKind::kDwarfSecRef || value == 0)) || kind == SymKind::kXref) {
    report(symbol, base::concat("relocation target ", program_.name(target), " not defined"), "");
    return 0;
  }
  switch (r.kind) {
    case RelocKind::kDwarfSecRef:
      return (kind == SymKind::kNone || objfmt::is_dwarf(kind) ? value : in_section(target)) + addend;
    case RelocKind::kDwTxtAddrU1:
    case RelocKind::kDwTxtAddrU2:
    case RelocKind::kDwTxtAddrU3:
    case RelocKind::kDwTxtAddrU4:
      if (index(target) < plan_.scan.address_slot.size() && plan_.scan.address_slot[index(target)] != 0) {
        return plan_.scan.address_slot[index(target)] - 1;
      }
      report(symbol, "missing .debug_addr index relocation target ", program_.name(target));
      return 0;
    case RelocKind::kAddr: return value + addend;
    case RelocKind::kAddrOff: return in_section(target) + addend;
    case RelocKind::kAddrCuOff: {
      uint32_t unit_object = syms.object[index(target)];
      if (unit_object == loader::kNoObject) break;
      const Unit& unit = plan_.scan.units[plan_.unit_of_object[unit_object]];
      if (unit.textless()) break;
      return value + addend - syms.value[index(unit.first)];
    }
    case RelocKind::kSize: return syms.size[index(target)] + addend;
    case RelocKind::kConst: return addend;
    default: break;
  }
  report(symbol, base::concat("unknown reloc to ", program_.name(target), ": ", static_cast<int>(r.kind), " (",
                              objfmt::reloc_kind_name(r.kind), ")"), "");
  return 0;
}

// A type that constants alone mention is not live, and has an entry all the same.
uint64_t BlockWriter::dead_reference(uint32_t object, SymId symbol, const Reloc& r) {
  if (r.kind == RelocKind::kConst) return static_cast<uint64_t>(r.addend);
  RawId raw = program_.res.resolve(program_.in, object, r.target);
  auto it = plan_.dead_infos.find(index(raw));
  if (it != plan_.dead_infos.end() && it->second != DieId::kNone && r.kind == RelocKind::kDwarfSecRef) {
    return plan_.types_offset + plan_.types[it->second].offset + static_cast<uint64_t>(r.addend);
  }
  std::string_view name;
  if (raw != RawId::kNil) {
    Slot slot = program_.res.content(program_.in, raw);
    name = program_.in.objects[slot.object].view.name(slot.local);
  }
  report(symbol, program_.res.is_reference(raw) ? "relocation target not defined: " : "unreachable sym in relocation: ",
         name);
  return 0;
}

}  // namespace dovetail::dwarf
