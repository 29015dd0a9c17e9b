#include "dwarf/piece_writer.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_format.h"
#include "base/column.h"
#include "base/text.h"
#include "dwarf/diagnostics.h"
#include "dwarf/frames.h"
#include "dwarf/unit_headers.h"

namespace dovetail::dwarf {

using loader::LinkReloc;
using objfmt::RelocKind;
using objfmt::SymKind;

// Where the next byte of each section goes.
class PieceWriter::Cursors {
 public:
  explicit Cursors(const SectionBytes& to) : to_(to) {}
  uint8_t*& operator[](SectionId id) { return to_[static_cast<size_t>(id)]; }
  void put(SectionId id, base::Bytes bytes) {
    if (!bytes.empty()) std::memcpy((*this)[id], bytes.data(), bytes.size());
    (*this)[id] += bytes.size();
  }

 private:
  SectionBytes to_;
};

void PieceWriter::write(const Piece& piece, const SectionBytes& to) {
  if (piece.frames) return write_frames(piece, to[static_cast<size_t>(SectionId::kFrame)]);
  Cursors c(to);
  const Unit& unit = plan_.scan.units[piece.unit];
  if (piece.head) write_head(piece.unit, c);
  for (uint32_t f = piece.first_function; f < piece.end_function; f++) write_function(plan_.scan.functions[f], c);
  if (piece.rest) {
    if (unit.consts != RawId::kNil) {
      Slot slot = program_.res.content(program_.in, unit.consts);
      uint64_t size = program_.in.objects[slot.object].view.data_size(slot.local);
      copy(slot, size, c[SectionId::kInfo]);
      c[SectionId::kInfo] += size;
    }
    for (SymId s : unit.variables) copy_symbol(s, c[SectionId::kInfo]);
  }
  write_types(piece, c);
  if (piece.tail) *c[SectionId::kInfo]++ = 0;
}

void PieceWriter::write_frames(const Piece& piece, uint8_t* to) {
  for (uint32_t i = piece.first_function; i < piece.end_function; i++) {
    uint32_t f = plan_.framed[i];
    base::Bytes instructions = frame_instructions(program_, plan_, f);
    write_frame(program_.syms.value[index(plan_.unit_functions[f])], plan_.scan.functions[f].code_size, instructions,
                to);
    to += frame_size(instructions.size());
  }
}

void PieceWriter::write_head(uint32_t i, Cursors& c) {
  const Unit& unit = plan_.scan.units[i];
  c.put(SectionId::kInfo, unit_info_header(program_, plan_, i, sv_.options.version));
  c.put(SectionId::kLine, plan_.units[i].line_header);
  c.put(SectionId::kRanges, plan_.units[i].range_list);
  for (SymId f : unit.addresses) {
    base::store64(c[SectionId::kAddresses], program_.syms.value[index(f)]);
    c[SectionId::kAddresses] += kPointerSize;
  }
  for (SymId s : unit.abstract_functions) copy_symbol(s, c[SectionId::kInfo]);
}

void PieceWriter::write_function(const FunctionDebug& f, Cursors& c) {
  if (f.lines != SymId::kNil) copy_symbol(f.lines, c[SectionId::kLine]);
  if (f.info == SymId::kNil) return;
  copy_symbol(f.info, c[SectionId::kInfo]);
  if (f.ranges != SymId::kNil) copy_symbol(f.ranges, c[SectionId::kRanges]);
  if (f.locs != SymId::kNil) copy_symbol(f.locs, c[SectionId::kLocs]);
}

void PieceWriter::write_types(const Piece& piece, Cursors& c) {
  TypeDieTarget target{plan_.types_offset, &program_, section_address_};
  uint8_t*& to = c[SectionId::kInfo];
  for (uint32_t d = piece.first_type; d < piece.end_type; d++) {
    to = emit_type_die(plan_.types, static_cast<DieId>(d), plan_.target.version, target, to);
  }
}

void PieceWriter::copy_symbol(SymId s, uint8_t*& to) {
  uint64_t size = program_.syms.size[index(s)];
  copy({program_.syms.object[index(s)], program_.syms.local[index(s)]}, size, to);
  to += size;
}

void PieceWriter::copy(Slot slot, uint64_t size, uint8_t* to) {
  from_ = slot;
  const loader::ObjectView& view = program_.in.objects[slot.object].view;
  base::Bytes data = view.data(slot.local);
  uint64_t n = std::min<uint64_t>(size, data.size());
  if (n != 0) std::memcpy(to, data.data(), n);
  base::clear(to + n, size - n);
  if (!program_.for_relocs(slot, [&](const LinkReloc& r) { relocate(r, to, n); })) {
    report("malformed object: relocations");
  }
}

std::string PieceWriter::about(std::string_view text) const {
  std::string_view name = program_.in.objects[from_.object].view.name(from_.local);
  return base::concat(name.empty() ? "debug information" : name, ": ", text);
}

void PieceWriter::report(std::string_view text) { report_error(sv_, about(text)); }

// An entry that the linker made for a type has a place, and no kind.
bool PieceWriter::is_undefined(const LinkReloc& r) const {
  SymKind kind = program_.syms.kind[index(r.target)];
  return kind == SymKind::kNone ? program_.syms.value[index(r.target)] == 0 : kind == SymKind::kXref;
}

// Once for each pair of symbols.
void PieceWriter::report_undefined(const LinkReloc& r) {
  uint64_t from = index(program_.in.objects[from_.object].raw(from_.local));
  uint64_t target = r.target != SymId::kNil ? index(r.target) : uint64_t{1} << 31 | index(r.raw);
  sv_.diag.error_once(kDiagnosticOrder, from << 32 | target,
                      about(base::concat("relocation target ", target_name(r), " not defined")));
}

std::string_view PieceWriter::target_name(const LinkReloc& r) const {
  if (r.target != SymId::kNil) return program_.name(r.target);
  if (r.raw == RawId::kNil) return {};
  Slot slot = program_.res.content(program_.in, r.raw);
  return program_.in.objects[slot.object].view.name(slot.local);
}

// cmd/link ld/data.go relocsym, Go 1.26.
void PieceWriter::relocate(const LinkReloc& r, uint8_t* to, uint64_t size) {
  if (r.offset < 0 || static_cast<uint64_t>(r.offset) + r.size > size) {
    return report(base::concat("invalid relocation ", target_name(r), ": ", r.offset, "+", static_cast<int>(r.size),
                               " not in [0,", size, ")"));
  }
  if (r.size == 0) return;  // a marker
  if (static_cast<uint16_t>(r.kind) >= objfmt::kHostRelocations) {  // left alone
    if (r.target != SymId::kNil && is_undefined(r)) report_undefined(r);
    return;
  }
  uint64_t v = r.target == SymId::kNil ? dead_reference(r) : reference(r);
  uint8_t* p = to + r.offset;
  if (r.kind >= RelocKind::kDwTxtAddrU1 && r.kind <= RelocKind::kDwTxtAddrU4) {
    unsigned length = static_cast<unsigned>(r.kind) - static_cast<unsigned>(RelocKind::kDwTxtAddrU1) + 1;
    if (length > size - static_cast<uint64_t>(r.offset) || !write_fixed_uleb(p, v, length)) {
      report("internal error: too many functions in a unit");
    }
    return;
  }
  if (r.size == 2 || r.size == 4) {
    const unsigned unused = 64 - 8 * r.size;
    if (v << unused >> unused != v && static_cast<uint64_t>(static_cast<int64_t>(v << unused) >> unused) != v) {
      report(absl::StrFormat("non-pc-relative relocation %s address for %s is too big: %#x",
                             objfmt::reloc_kind_name(r.kind), std::string(target_name(r)), v));
    }
  }
  switch (r.size) {
    case 1: *p = static_cast<uint8_t>(v); break;
    case 2: base::store16(p, static_cast<uint16_t>(v)); break;
    case 4: base::store32(p, static_cast<uint32_t>(v)); break;
    case 8: base::store64(p, v); break;
    default: report(absl::StrFormat("bad reloc size %#x for %s", r.size, std::string(target_name(r))));
  }
}

uint64_t PieceWriter::in_section(SymId s) const {
  return program_.syms.value[index(s)] - section_address_[program_.syms.section[index(s)]];
}

uint64_t PieceWriter::reference(const LinkReloc& r) {
  SymId target = r.target;
  const loader::Symbols& syms = program_.syms;
  uint64_t value = syms.value[index(target)], addend = static_cast<uint64_t>(r.addend);
  SymKind kind = syms.kind[index(target)];
  if (is_undefined(r)) {
    report_undefined(r);
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
      report(base::concat("missing .debug_addr index relocation target ", program_.name(target)));
      return 0;
    case RelocKind::kAddr: return value + addend;
    case RelocKind::kAddrOff: return in_section(target) + addend;
    case RelocKind::kAddrCuOff: {
      uint32_t unit_object = syms.object[index(target)];
      if (unit_object == loader::kNoObject) break;
      const Unit& unit = plan_.scan.units[plan_.scan.unit_of_object[unit_object]];
      if (unit.textless()) break;
      return value + addend - syms.value[index(unit.first)];
    }
    case RelocKind::kSize: return syms.size[index(target)] + addend;
    case RelocKind::kConst: return addend;
    default: break;
  }
  report(base::concat("unknown reloc to ", program_.name(target), ": ", static_cast<int>(r.kind), " (",
                      objfmt::reloc_kind_text(r.kind), ")"));
  return 0;
}

// A type that constants alone mention is not live, and has an entry all the same.
uint64_t PieceWriter::dead_reference(const LinkReloc& r) {
  if (r.kind == RelocKind::kConst) return static_cast<uint64_t>(r.addend);
  RawId raw = r.raw;
  auto it = plan_.dead_infos.find(index(raw));
  if (it != plan_.dead_infos.end() && it->second != DieId::kNone && r.kind == RelocKind::kDwarfSecRef) {
    return plan_.types_offset + plan_.types[it->second].offset + static_cast<uint64_t>(r.addend);
  }
  if (raw != RawId::kNil && program_.res.is_reference(raw)) {
    report_undefined(r);
  } else {
    report(base::concat("unreachable sym in relocation: ", target_name(r)));
  }
  return 0;
}

}  // namespace dovetail::dwarf
