// Sizes first, unit by unit in any order; then where each unit's parts begin; then values of symbols and pieces.
#include "base/text.h"
#include "dwarf/diagnostics.h"
#include "dwarf/frames.h"
#include "dwarf/lines.h"
#include "dwarf/plan.h"
#include "dwarf/unit_headers.h"

namespace dovetail::dwarf {

namespace {

// A piece ends where it exceeds this: small enough for many to fill a link of a few megabytes, large enough that
// taking one costs nothing.
constexpr uint64_t kPieceSize = 256 << 10;

class Layout {
 public:
  Layout(Services& sv, Program& program, DwarfPlan& plan)
      : sv_(sv), program_(program), syms_(program.syms), plan_(plan), v5_(plan.target.version >= 5) {}

  void run() {
    name_sections();
    plan_.units.resize(units().size());
    std::vector<std::vector<Piece>> pieces(units().size() + 1);
    sv_.threads.for_each(units().size(), [&](uint64_t i) { measure(static_cast<uint32_t>(i)); });
    Extent end = begin_of_units();
    for (uint32_t i : plan_.unit_order) {
      plan_.units[i].begin = end;
      for (size_t s = 0; s < kSectionCount; s++) end[s] += plan_.units[i].size[s];
    }
    sv_.threads.for_each(units().size(), [&](uint64_t i) { place(static_cast<uint32_t>(i), pieces[i]); });
    place_frames(pieces.back(), at(end, SectionId::kFrame));
    set_sizes(end);
    collect_pieces(pieces);
  }

 private:
  // Adds to a unit's extent, and cuts it into pieces.
  class Cursor {
   public:
    Cursor(const Extent& begin, std::vector<Piece>& pieces, Piece first) : at_(begin), pieces_(pieces), piece_(first) {
      piece_.begin = begin;
    }
    uint64_t offset(SectionId id) const { return at(at_, id); }
    void add(SectionId id, uint64_t size) {
      at(at_, id) += size;
      size_ += size;
    }
    bool full() const { return size_ >= kPieceSize; }
    Piece& piece() { return piece_; }
    void cut(Piece next) {
      piece_.end = at_;
      pieces_.push_back(piece_);
      piece_ = next;
      piece_.begin = at_;
      size_ = 0;
    }

   private:
    Extent at_;
    uint64_t size_ = 0;
    std::vector<Piece>& pieces_;
    Piece piece_;
  };

  std::vector<Unit>& units() { return plan_.scan.units; }
  SectionPlan& section(SectionId id) { return plan_.section(id); }
  uint32_t size_of(SymId s) const { return syms_.size[index(s)]; }
  std::span<const FunctionDebug> functions_of(const Unit& u) const {
    return std::span(plan_.scan.functions).subspan(u.first_function, u.function_count);
  }

  void name_sections() {
    const char* names[] = {".debug_abbrev", ".debug_line", ".debug_frame", ".debug_gdb_scripts",
                           ".debug_info",   ".debug_loc",  ".debug_ranges", ".debug_addr"};
    for (size_t i = 0; i < kSectionCount; i++) plan_.sections[i].name = names[i];
    if (v5_) section(SectionId::kLocs).name = ".debug_loclists", section(SectionId::kRanges).name = ".debug_rnglists";
  }

  void measure(uint32_t i) {
    Unit& u = units()[i];
    UnitPlan& p = plan_.units[i];
    auto add = [&](SectionId id, uint64_t size) { at(p.size, id) += size; };
    for (const FunctionDebug& f : functions_of(u)) {
      if (f.lines != SymId::kNil) add(SectionId::kLine, size_of(f.lines));
      if (f.info == SymId::kNil) continue;
      add(SectionId::kInfo, size_of(f.info));
      if (f.ranges != SymId::kNil) add(SectionId::kRanges, size_of(f.ranges));
      if (f.locs != SymId::kNil) add(SectionId::kLocs, size_of(f.locs));
    }
    if (!u.textless()) {
      p.line_header = std::move(u.line_header);
      set_line_program_size(p.line_header, at(p.size, SectionId::kLine));
      p.range_list = range_list(plan_.target, u, v5_ ? plan_.scan.address_slot[index(u.first)] - 1 : 0);
      add(SectionId::kLine, p.line_header.size());
      add(SectionId::kRanges, p.range_list.size());
      add(SectionId::kAddresses, u.addresses.size() * kPointerSize);
    }
    if (!u.in_info()) return;
    for (SymId s : u.abstract_functions) add(SectionId::kInfo, size_of(s));
    for (SymId s : u.variables) add(SectionId::kInfo, size_of(s));
    add(SectionId::kInfo, u.consts_size);
    if (u.has_types) add(SectionId::kInfo, plan_.types.size);
    add(SectionId::kInfo, unit_info_header(program_, plan_, i, sv_.options.version).size());
    add(SectionId::kInfo, 1);
  }

  Extent begin_of_units() {
    section(SectionId::kAbbrev).prefix = abbrev_section(plan_.target.version, plan_.target.call_line_data4);
    section(SectionId::kFrame).prefix = frame_header(plan_.target);
    std::string script;
    for (size_t i = 0; i < plan_.unit_order.size() && script.empty(); i++) {
      script = gdb_script(program_, units()[plan_.unit_order[i]], sv_.options.config.goroot);
    }
    if (!script.empty()) {
      std::vector<uint8_t>& bytes = section(SectionId::kGdbScripts).prefix;
      bytes.push_back(1);  // a Python script in a file
      bytes.insert(bytes.end(), script.begin(), script.end());
      bytes.push_back(0);
    }
    if (v5_) {
      // Their sizes follow.
      section(SectionId::kRanges).prefix = section(SectionId::kLocs).prefix = section_header(true, 0);
      section(SectionId::kAddresses).prefix = section_header(false, 0);
    }
    Extent begin{};
    for (size_t s = 0; s < kSectionCount; s++) begin[s] = plan_.sections[s].prefix.size();
    return begin;
  }

  void put_symbol(Cursor& c, SectionId id, SymId s) {
    syms_.value[index(s)] = c.offset(id);
    c.add(id, size_of(s));
  }

  void place(uint32_t i, std::vector<Piece>& pieces) {
    const Unit& u = units()[i];
    if (!u.in_info()) return;
    const UnitPlan& p = plan_.units[i];
    Piece first;
    first.unit = i;
    first.first_function = first.end_function = u.first_function;
    first.head = true;
    Cursor c(p.begin, pieces, first);
    if (!u.textless()) {
      c.add(SectionId::kLine, p.line_header.size());
      c.add(SectionId::kRanges, p.range_list.size());
      c.add(SectionId::kAddresses, u.addresses.size() * kPointerSize);
    }
    c.add(SectionId::kInfo, unit_info_header(program_, plan_, i, sv_.options.version).size());
    for (SymId s : u.abstract_functions) put_symbol(c, SectionId::kInfo, s);
    place_functions(u, c);
    c.piece().rest = true;
    c.add(SectionId::kInfo, u.consts_size);
    for (SymId s : u.variables) put_symbol(c, SectionId::kInfo, s);
    if (u.has_types) place_types(c);
    c.add(SectionId::kInfo, 1);
    c.piece().tail = true;
    c.cut({});
  }

  void place_functions(const Unit& u, Cursor& c) {
    for (const FunctionDebug& f : functions_of(u)) {
      if (c.full()) {
        Piece next;
        next.unit = c.piece().unit;
        next.first_function = next.end_function = c.piece().end_function;
        c.cut(next);
      }
      c.piece().end_function++;
      if (f.lines != SymId::kNil) put_symbol(c, SectionId::kLine, f.lines);
      if (f.info == SymId::kNil) continue;
      put_symbol(c, SectionId::kInfo, f.info);
      if (f.ranges != SymId::kNil) put_symbol(c, SectionId::kRanges, f.ranges);
      if (f.locs != SymId::kNil) put_symbol(c, SectionId::kLocs, f.locs);
    }
  }

  void place_types(Cursor& c) {
    plan_.types_offset = static_cast<uint32_t>(c.offset(SectionId::kInfo));
    const std::vector<TypeDie>& dies = plan_.types.dies;
    for (uint32_t d = 0; d < dies.size(); d++) {
      if (c.full()) {
        Piece next;
        next.unit = c.piece().unit;
        next.first_function = next.end_function = c.piece().end_function;
        next.first_type = next.end_type = d;
        c.cut(next);
      }
      c.piece().end_type++;
      uint32_t end = d + 1 < dies.size() ? dies[d + 1].offset : plan_.types.size;
      c.add(SectionId::kInfo, end - dies[d].offset);
    }
  }

  void place_frames(std::vector<Piece>& pieces, uint64_t begin) {
    Extent start{};
    at(start, SectionId::kFrame) = begin;
    Piece first;
    first.frames = true;
    Cursor c(start, pieces, first);
    for (uint32_t i = 0; i < plan_.framed.size(); i++) {
      if (c.full()) {
        Piece next;
        next.frames = true;
        next.first_function = next.end_function = i;
        c.cut(next);
      }
      c.piece().end_function++;
      c.add(SectionId::kFrame, frame_size(frame_instructions(program_, plan_, plan_.framed[i]).size()));
    }
    frames_end_ = c.offset(SectionId::kFrame);
    c.cut({});
  }

  void set_sizes(Extent& end) {
    at(end, SectionId::kFrame) = frames_end_;
    for (size_t s = 0; s < kSectionCount; s++) {
      plan_.sections[s].size = end[s];
      if (end[s] > UINT32_MAX) {
        report_error(sv_, base::concat("section too large: ", plan_.sections[s].name, ": ", end[s], " bytes, at most ",
                                       UINT32_MAX));
      }
    }
    section(SectionId::kGdbScripts).present = section(SectionId::kGdbScripts).size != 0;
    section(SectionId::kAddresses).present = v5_;
    section(SectionId::kLocs).present = v5_ || has_locs();
    if (!v5_) return;
    for (SectionId id : {SectionId::kRanges, SectionId::kLocs, SectionId::kAddresses}) {
      base::store32(section(id).prefix.data(), static_cast<uint32_t>(section(id).size - 4));
    }
  }
  bool has_locs() const {
    for (const FunctionDebug& f : plan_.scan.functions) {
      if (f.info != SymId::kNil && f.locs != SymId::kNil) return true;
    }
    return false;
  }

  // Units in their order, and in between a share of the frames.
  void collect_pieces(std::vector<std::vector<Piece>>& pieces) {
    const std::vector<Piece>& frames = pieces.back();
    size_t next = 0, count = 0;
    for (uint32_t i : plan_.unit_order) {
      plan_.pieces.insert(plan_.pieces.end(), pieces[i].begin(), pieces[i].end());
      count++;
      while (next < frames.size() && next * plan_.unit_order.size() < count * frames.size()) {
        plan_.pieces.push_back(frames[next++]);
      }
    }
    for (; next < frames.size(); next++) plan_.pieces.push_back(frames[next]);
  }

  Services& sv_;
  Program& program_;
  loader::Symbols& syms_;
  DwarfPlan& plan_;
  bool v5_;
  uint64_t frames_end_ = 0;
};

}  // namespace

base::Bytes frame_instructions(const Program& program, const DwarfPlan& plan, uint32_t function) {
  uint32_t object = program.syms.object[index(plan.unit_functions[function])];
  const Unit& unit = plan.scan.units[plan.scan.unit_of_object[object]];
  bool last = function + 1 == unit.first_function + unit.function_count;
  uint32_t begin = plan.scan.functions[function].frame;
  return base::Bytes(unit.frames).subspan(begin, (last ? unit.frames.size() : plan.scan.functions[function + 1].frame) - begin);
}

std::vector<uint8_t> unit_info_header(const Program& program, const DwarfPlan& plan, uint32_t i,
                                      std::string_view version) {
  const Unit& u = plan.scan.units[i];
  const UnitPlan& p = plan.units[i];
  uint64_t first = u.textless() ? 0 : program.syms.value[index(u.first)];
  return info_header(program, plan.target, u, plan.packages[u.library], version, first, p.begin,
                     at(p.size, SectionId::kInfo));
}

void lay_out(Services& sv, Program& program, DwarfPlan& plan) { Layout(sv, program, plan).run(); }

}  // namespace dovetail::dwarf
