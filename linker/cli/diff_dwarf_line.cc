// .debug_line: headers field by field, directory and file tables as sequences, programs function by function.
//
// Go's linker writes one sequence per function (DW_LNE_set_address … DW_LNE_end_sequence), so a program is
// cut there and the pieces are known by the function that the address names. Of two pieces the first opcode
// that differs is told, with the state of the line machine in front of it.
#include <algorithm>
#include <array>

#include "absl/strings/str_format.h"
#include "base/text.h"
#include "linker/cli/diff_align.h"
#include "linker/cli/diff_dwarf.h"

namespace dovetail::linker::diff {
namespace {

using base::Bytes;

struct LineUnit {
  uint64_t offset = 0, end = 0, length = 0, header_length = 0, program = 0;
  uint8_t offset_size = 4;
  // version, address_size, segment_size, min_inst, max_ops, default_is_stmt, line_base, line_range,
  // opcode_base
  std::array<int64_t, 9> fields{};
  Bytes opcode_lengths;
  std::vector<std::string> directories, files;
  std::string name;
};
constexpr std::array<const char*, 9> kFields = {"version",
                                                "address_size",
                                                "seg_selector_size",
                                                "minimum_instruction_length",
                                                "maximum_operations_per_instruction",
                                                "default_is_stmt",
                                                "line_base",
                                                "line_range",
                                                "opcode_base"};
enum {
  kVersion,
  kAddressSize,
  kSegSize,
  kMinInst,
  kMaxOps,
  kDefaultIsStmt,
  kLineBase,
  kLineRange,
  kOpcodeBase
};

// A DWARF 5 table: formats (content type, form), then rows. Rows become text.
void read_table(const DwarfImage& d, const LineUnit& unit, DwarfCursor& c, std::vector<std::string>& rows) {
  std::vector<std::pair<uint64_t, uint64_t>> formats;
  uint64_t format_count = c.fixed(1);
  for (uint64_t i = 0; i < format_count && c.ok(); i++) {
    uint64_t type = c.uleb(), form = c.uleb();
    formats.push_back({type, form});
  }
  uint64_t count = c.uleb();
  if (formats.empty()) return;
  DwarfUnit as_unit;
  as_unit.version = 5;
  as_unit.offset_size = unit.offset_size;
  DwarfValue v;
  for (uint64_t i = 0; i < count && !c.at_end(); i++) {
    std::string row;
    for (auto [type, form] : formats) {
      if (!d.read(as_unit, {0, static_cast<uint16_t>(form), 0}, c, v)) return;
      bool text = v.cls == dw::Class::kString || v.cls == dw::Class::kStringOffset ||
                  v.cls == dw::Class::kLineStringOffset;
      row += base::concat(row.empty() ? "" : " ", type == 2 ? "dir " : "",
                          text              ? printable(v.string)
                          : v.block.empty() ? base::concat(v.number)
                                            : hex_bytes(v.block));
    }
    rows.push_back(std::move(row));
  }
}

// DWARF 2 to 4: directories up to an empty one; files with directory, time, length.
void read_old_tables(DwarfCursor& c, LineUnit& unit) {
  while (c.ok()) {
    std::string_view s = c.string();
    if (s.empty()) break;
    unit.directories.push_back(printable(s));
  }
  while (c.ok()) {
    std::string_view s = c.string();
    if (s.empty()) break;
    uint64_t directory = c.uleb();
    c.uleb();
    c.uleb();
    unit.files.push_back(base::concat(printable(s), " dir ", directory));
  }
}

bool parse_line_unit(const DwarfImage& d, uint64_t offset, LineUnit& u) {
  DwarfCursor c(d.line, offset);
  u.offset = offset;
  u.length = c.fixed(4);
  if (u.length == 0xffffffff) u.offset_size = 8, u.length = c.fixed(8);
  if (!c.ok() || u.length > d.line.size() - c.at()) return false;
  u.end = c.at() + u.length;
  u.fields[kVersion] = static_cast<int64_t>(c.fixed(2));
  bool v5 = u.fields[kVersion] >= 5;
  if (v5)
    u.fields[kAddressSize] = static_cast<int64_t>(c.fixed(1)),
    u.fields[kSegSize] = static_cast<int64_t>(c.fixed(1));
  u.header_length = c.fixed(u.offset_size);
  u.program = std::min(u.end, c.at() + std::min<uint64_t>(u.header_length, u.length));
  u.fields[kMinInst] = static_cast<int64_t>(c.fixed(1));
  if (u.fields[kVersion] >= 4) u.fields[kMaxOps] = static_cast<int64_t>(c.fixed(1));
  u.fields[kDefaultIsStmt] = static_cast<int64_t>(c.fixed(1));
  u.fields[kLineBase] = static_cast<int8_t>(c.fixed(1));
  u.fields[kLineRange] = static_cast<int64_t>(c.fixed(1));
  u.fields[kOpcodeBase] = static_cast<int64_t>(c.fixed(1));
  u.opcode_lengths = c.take(u.fields[kOpcodeBase] > 0 ? static_cast<uint64_t>(u.fields[kOpcodeBase] - 1) : 0);
  DwarfCursor tables(d.line.first(u.program), c.at());
  if (v5) {
    read_table(d, u, tables, u.directories);
    read_table(d, u, tables, u.files);
  } else {
    read_old_tables(tables, u);
  }
  return c.ok();
}

std::vector<LineUnit> parse_line_units(const DwarfImage& d) {
  std::vector<LineUnit> units;
  for (uint64_t at = 0; at < d.line.size();) {
    LineUnit u;
    if (!parse_line_unit(d, at, u)) break;
    at = u.end;
    u.name = absl::StrFormat("(unit at %#x)", u.offset);
    units.push_back(std::move(u));
  }
  for (const DwarfUnit& cu : d.units()) {
    auto it = std::lower_bound(units.begin(), units.end(), cu.stmt_list,
                               [](const LineUnit& u, uint64_t o) { return u.offset < o; });
    if (it != units.end() && it->offset == cu.stmt_list && !cu.name.empty()) it->name = printable(cu.name);
  }
  return units;
}

// One instruction of a line program.
struct LineOp {
  uint64_t offset = 0;
  int opcode = 0;  // special opcodes as they are; extended ones as 256 + code
  Bytes operands;
  uint64_t address = 0;  // of DW_LNE_set_address
};

constexpr int kExtended = 256, kEndSequence = kExtended + 1, kSetAddress = kExtended + 2;

bool read_op(const DwarfImage& d, const LineUnit& u, DwarfCursor& c, LineOp& op) {
  if (c.at_end()) return false;
  op = LineOp{};
  op.offset = c.at();
  op.opcode = static_cast<int>(c.fixed(1));
  uint64_t from = c.at();
  if (op.opcode == 0) {
    uint64_t length = c.uleb();
    Bytes body = c.take(length);
    if (body.empty()) return false;
    op.opcode = kExtended + body[0];
    op.operands = body.subspan(1);
    if (op.opcode == kSetAddress && op.operands.size() == 8) op.address = base::load64(op.operands.data());
    return true;
  }
  if (op.opcode >= u.fields[kOpcodeBase]) return true;
  if (op.opcode == 9) {  // DW_LNS_fixed_advance_pc
    c.take(2);
  } else {
    size_t i = static_cast<size_t>(op.opcode) - 1;
    for (int n = i < u.opcode_lengths.size() ? u.opcode_lengths[i] : 0; n > 0; n--) c.uleb();
  }
  if (c.ok()) op.operands = d.line.subspan(from, c.at() - from);
  return c.ok();
}

// Address and line as far as they have come.
struct LineState {
  uint64_t address = 0;
  int64_t line = 1, file = 1;

  void apply(const LineUnit& u, const LineOp& op) {
    DwarfCursor c(op.operands);
    int64_t range = std::max<int64_t>(u.fields[kLineRange], 1), base = u.fields[kOpcodeBase];
    if (op.opcode == kSetAddress) address = op.address;
    if (op.opcode >= kExtended) return;
    if (op.opcode >= base) {
      address += static_cast<uint64_t>((op.opcode - base) / range * u.fields[kMinInst]);
      line += u.fields[kLineBase] + (op.opcode - base) % range;
    } else if (op.opcode == 2) {
      address += c.uleb() * static_cast<uint64_t>(u.fields[kMinInst]);
    } else if (op.opcode == 3) {
      line = static_cast<int64_t>(static_cast<uint64_t>(line) + static_cast<uint64_t>(c.sleb()));
    } else if (op.opcode == 4) {
      file = static_cast<int64_t>(c.uleb());
    } else if (op.opcode == 8) {
      address += static_cast<uint64_t>((255 - base) / range * u.fields[kMinInst]);
    } else if (op.opcode == 9) {
      address += c.fixed(2);
    }
  }
};

std::string op_text(const LineUnit& u, const LineOp& op, bool present) {
  static constexpr std::array<const char*, 13> kNames = {"?",
                                                         "copy",
                                                         "advance_pc",
                                                         "advance_line",
                                                         "set_file",
                                                         "set_column",
                                                         "negate_stmt",
                                                         "set_basic_block",
                                                         "const_add_pc",
                                                         "fixed_advance_pc",
                                                         "set_prologue_end",
                                                         "set_epilogue_begin",
                                                         "set_isa"};
  if (!present) return "(end of program)";
  DwarfCursor c(op.operands);
  std::string text = op.opcode == kEndSequence  ? "end_sequence"
                     : op.opcode == kSetAddress ? absl::StrFormat("set_address %#x", op.address)
                     : op.opcode >= kExtended
                         ? absl::StrFormat("extended %d %s", op.opcode - kExtended, hex_bytes(op.operands))
                     : op.opcode >= u.fields[kOpcodeBase] ? absl::StrFormat("special %d", op.opcode)
                     : static_cast<size_t>(op.opcode) < kNames.size() ? kNames[static_cast<size_t>(op.opcode)]
                                                                      : base::concat("standard ", op.opcode);
  if (op.opcode == 3) text += base::concat(" ", c.sleb());
  if (op.opcode == 2 || op.opcode == 4 || op.opcode == 5) text += base::concat(" ", c.uleb());
  return base::concat(text, absl::StrFormat(" at +%#x", op.offset));
}

// A piece of a program, from one set_address to the next.
struct Piece {
  uint64_t begin, end;
  std::string name;
};

std::vector<Piece> pieces_of(const DwarfImage& d, const LineUnit& u) {
  std::vector<Piece> pieces = {{u.program, u.end, "(head)"}};
  DwarfCursor c(d.line.first(u.end), u.program);
  LineOp op;
  while (read_op(d, u, c, op)) {
    if (op.opcode != kSetAddress) continue;
    pieces.back().end = op.offset;
    pieces.push_back({op.offset, u.end, d.image().describe(op.address)});
  }
  if (pieces.size() > 1 && pieces[0].begin == pieces[0].end) pieces.erase(pieces.begin());
  return pieces;
}

class LineDiff {
 public:
  LineDiff(const DwarfSides& sides, const LineUnit& a, const LineUnit& b, SectionReport& report)
      : sides_(sides), a_(a), b_(b), report_(report) {}

  void run() {
    for (size_t i = 0; i < kFields.size(); i++) field(kFields[i], a_.fields[i], b_.fields[i]);
    if (hex_bytes(a_.opcode_lengths, 256) != hex_bytes(b_.opcode_lengths, 256)) {
      add("standard_opcode_lengths", hex_bytes(a_.opcode_lengths), hex_bytes(b_.opcode_lengths));
    }
    bool same_tables =
        table("directory", a_.directories, b_.directories) && table("file", a_.files, b_.files);
    if (same_tables)
      field("header_length", static_cast<int64_t>(a_.header_length), static_cast<int64_t>(b_.header_length));
    Bytes x = sides_.a.line.subspan(a_.program, a_.end - a_.program),
          y = sides_.b.line.subspan(b_.program, b_.end - b_.program);
    if (count_differing(x, y) == 0) return;
    programs();
  }

 private:
  void field(const char* name, int64_t x, int64_t y) {
    if (x != y) add(name, base::concat(x), base::concat(y));
  }
  void add(std::string name, std::string x, std::string y) {
    if (report_.count(described_++ < kPerSymbol))
      report_.add(base::concat("unit ", a_.name), std::move(name), std::move(x), std::move(y));
  }

  bool table(const char* kind, const std::vector<std::string>& x, const std::vector<std::string>& y) {
    if (x == y) return true;
    for (size_t i = 0; i < std::max(x.size(), y.size()); i++) {
      std::string p = i < x.size() ? x[i] : "(end)", q = i < y.size() ? y[i] : "(end)";
      if (p == q) continue;
      add(absl::StrFormat("%s[%d], first that differs", kind, i), p, q);
      break;
    }
    return false;
  }

  void programs() {
    std::vector<Piece> x = pieces_of(sides_.a, a_), y = pieces_of(sides_.b, b_);
    std::vector<std::string_view> names_x, names_y;
    for (const Piece& p : x) names_x.push_back(p.name);
    for (const Piece& p : y) names_y.push_back(p.name);
    Alignment alignment = align(names_x, names_y);
    for (uint32_t i : alignment.only_a) add("sequence only in A", x[i].name, "none");
    for (uint32_t i : alignment.only_b) add("sequence only in B", "none", y[i].name);
    for (const Alignment::Pair& p : alignment.pairs) {
      if (!p.in_order)
        add("place in the sequence", absl::StrFormat("%d %s", p.a, x[p.a].name), base::concat(p.b));
      piece(x[p.a], y[p.b]);
    }
  }

  void piece(const Piece& x, const Piece& y) {
    DwarfCursor cx(sides_.a.line.first(x.end), x.begin), cy(sides_.b.line.first(y.end), y.begin);
    LineOp p, q;
    LineState state;
    for (;;) {
      bool more_x = read_op(sides_.a, a_, cx, p), more_y = read_op(sides_.b, b_, cy, q);
      if (!more_x && !more_y) return;
      if (!more_x || !more_y || !same_op(p, q)) {
        if (!report_.count(described_++ < kPerSymbol)) return;
        report_.add(base::concat("unit ", a_.name, ", ", x.name),
                    absl::StrFormat("opcode behind %s line %d file %d",
                                    sides_.a.image().describe(state.address), state.line, state.file),
                    op_text(a_, p, more_x), op_text(b_, q, more_y));
        return;
      }
      state.apply(a_, p);
    }
  }

  bool same_op(const LineOp& p, const LineOp& q) {
    if (p.opcode != q.opcode) return false;
    if (std::equal(p.operands.begin(), p.operands.end(), q.operands.begin(), q.operands.end())) return true;
    if (p.opcode != kSetAddress || !same_target(sides_.a.image(), p.address, sides_.b.image(), q.address))
      return false;
    report_.moved();
    return true;
  }

  const DwarfSides& sides_;
  const LineUnit &a_, &b_;
  SectionReport& report_;
  int described_ = 0;
};

}  // namespace

void diff_dwarf_line(const DwarfSides& sides, SectionReport& report) {
  std::vector<LineUnit> a = parse_line_units(sides.a), b = parse_line_units(sides.b);
  std::vector<std::string> names_a, names_b;
  for (const LineUnit& u : a) names_a.push_back(u.name);
  for (const LineUnit& u : b) names_b.push_back(u.name);
  diff_sequence(names_a, names_b, "unit", report);
  Alignment alignment = align(std::vector<std::string_view>(names_a.begin(), names_a.end()),
                              std::vector<std::string_view>(names_b.begin(), names_b.end()));
  for (const Alignment::Pair& p : alignment.pairs) LineDiff(sides, a[p.a], b[p.b], report).run();
}

}  // namespace dovetail::linker::diff
