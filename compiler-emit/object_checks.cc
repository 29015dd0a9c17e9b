// What a definition has to be like, whatever the other symbols are.
#include <algorithm>

#include "base/text.h"
#include "compiler-emit/object_builder.h"

namespace dovetail::emit {
namespace {

constexpr uint32_t kMostBytes = 2'000'000'000;  // of one symbol, as the compiler has it (objfile.go cutoff)
constexpr size_t kMostTables = 256;  // of pcdata and of funcdata: the runtime counts them in a byte

absl::Status wrong(std::string_view what) { return absl::InvalidArgumentError(base::to_absl(what)); }
template <class... T>
absl::Status wrong_at(std::string_view what, size_t i, const T&... text) {
  return wrong(base::concat(what, " ", i, ": ", text...));
}

bool is_power_of_two(uint32_t v) { return v != 0 && (v & (v - 1)) == 0; }

}  // namespace

absl::Status ObjectBuilder::check_relocs(std::vector<Relocation>& relocs, uint64_t size) const {
  for (size_t i = 0; i < relocs.size(); i++) {
    const Relocation& r = relocs[i];
    if (r.kind == objfmt::RelocKind::kNone || r.kind >= objfmt::RelocKind::kCount)
      return wrong_at("relocation", i, "kind ", static_cast<uint16_t>(r.kind), " is none");
    if (uint64_t{r.offset} + r.size > size)
      return wrong_at("relocation", i, "bytes ", r.offset, " to ", uint64_t{r.offset} + r.size,
                      " of a symbol of ", size);
    if (r.offset > INT32_MAX) return wrong_at("relocation", i, "offset ", r.offset);
    if (r.target != SymbolId::kNone && !is_known(r.target))
      return wrong_at("relocation", i, "the target is a symbol of another object, or none");
    if (r.target == SymbolId::kNone && r.kind != objfmt::RelocKind::kTlsLe &&
        r.kind != objfmt::RelocKind::kTlsIe)
      return wrong_at("relocation", i, "no target");
  }
  std::stable_sort(relocs.begin(), relocs.end(),
                   [](const Relocation& a, const Relocation& b) { return a.offset < b.offset; });
  uint64_t end = 0;
  for (const Relocation& r : relocs) {
    if (r.size == 0) continue;
    if (r.offset < end)
      return wrong(base::concat("relocation at ", r.offset, " overlaps the one before, which ends at ", end));
    end = uint64_t{r.offset} + r.size;
  }
  return absl::OkStatus();
}

absl::Status ObjectBuilder::check_data(const ObjectSymbol& s, const Data& d) const {
  if (d.size > kMostBytes || d.bytes.size() > kMostBytes)
    return wrong(base::concat("more than ", kMostBytes, " bytes"));
  if (d.bytes.size() > d.size) return wrong(base::concat(d.bytes.size(), " bytes in a symbol of ", d.size));
  if (d.align != 0 && !is_power_of_two(d.align)) return wrong(base::concat("alignment ", d.align));
  switch (d.kind) {
    case DataKind::kRodata:
    case DataKind::kNoptrdata:
    case DataKind::kData:
      break;
    case DataKind::kBss:
    case DataKind::kNoptrbss:
    case DataKind::kTlsbss:
      if (!d.bytes.empty() || !d.relocs.empty())
        return wrong("zero-initialised data have neither bytes nor relocations");
      break;
    default:
      return wrong(base::concat("kind ", static_cast<uint8_t>(d.kind), " is none of data"));
  }
  if (s.abi == static_cast<uint16_t>(Abi::kInternal)) return wrong("data have ABI 0");
  if (s.linkage == Linkage::kContent && d.kind != DataKind::kRodata)
    return wrong("content-addressed, and not read-only");
  if (d.dupok && s.linkage != Linkage::kNamed && s.linkage != Linkage::kContent)
    return wrong("only definitions found by name can be in several objects");
  if (d.go_type != SymbolId::kNone && !is_known(d.go_type))
    return wrong("the type is a symbol of another object");
  if (!d.debug_type.empty() && s.name.empty()) return wrong("debug information for data without a name");
  return absl::OkStatus();
}

absl::Status ObjectBuilder::check_function(SymbolId id, const Function& f) const {
  if (f.code.empty()) return wrong("no code");
  if (f.code.size() > kMostBytes) return wrong(base::concat("more than ", kMostBytes, " bytes of code"));
  if (f.code.size() % header_.quantum != 0)
    return wrong(base::concat(f.code.size(), " bytes of code, no multiple of ", header_.quantum));
  if (f.align != 0 && !is_power_of_two(f.align)) return wrong(base::concat("alignment ", f.align));
  if (f.pcdata.size() > kMostTables || f.funcdata.size() > kMostTables)
    return wrong(base::concat("more than ", kMostTables, " tables of pcdata or funcdata"));
  for (size_t i = 0; i < f.funcdata.size(); i++) {
    if (f.funcdata[i] != SymbolId::kNone && !is_known(f.funcdata[i]))
      return wrong_at("funcdata", i, "a symbol of another object");
  }
  for (size_t i = 0; i < f.inlined.size(); i++) {
    const InlinedCall& c = f.inlined[i];
    if (c.parent < -1 || c.parent >= static_cast<int64_t>(i))
      return wrong_at("inlined call", i, "parent ", c.parent, " does not come before it");
    if (c.file >= files_.size()) return wrong_at("inlined call", i, "file ", c.file, " of ", files_.size());
    if (c.function == SymbolId::kNone || !is_known(c.function))
      return wrong_at("inlined call", i, "no function");
    if (c.parent_pc < 0 || static_cast<size_t>(c.parent_pc) >= f.code.size())
      return wrong_at("inlined call", i, "pc ", c.parent_pc, " in ", f.code.size(), " bytes of code");
  }
  for (size_t i = 0; i < f.inline_index.size(); i++) {
    int32_t v = f.inline_index[i].value;
    if (v < -1 || v >= static_cast<int64_t>(f.inlined.size()))
      return wrong_at("inline index: row", i, "call ", v, " of ", f.inlined.size());
  }
  if (absl::Status s = check_blocks(f); !s.ok()) return s;
  if (absl::Status s = check_variables(id, f); !s.ok()) return s;
  return check_lines(f);
}

absl::Status ObjectBuilder::check_ranges(const std::vector<CodeRange>& ranges, size_t code_size) const {
  for (size_t i = 0; i < ranges.size(); i++) {
    CodeRange r = ranges[i];
    if (r.begin >= r.end || r.end > code_size)
      return wrong_at("range", i, "pc ", r.begin, " to ", r.end, " in ", code_size, " bytes of code");
    if (i > 0 && r.begin < ranges[i - 1].end)
      return wrong_at("range", i, "pc ", r.begin, ", and the one before ends at ", ranges[i - 1].end);
  }
  return absl::OkStatus();
}

absl::Status ObjectBuilder::check_blocks(const Function& f) const {
  for (size_t i = 0; i < f.blocks.size(); i++) {
    const LexicalBlock& b = f.blocks[i];
    if (b.parent < -1 || b.parent >= static_cast<int64_t>(i))
      return wrong_at("block", i, "parent ", b.parent, " does not come before it");
    if (b.ranges.empty()) return wrong_at("block", i, "no code");
    if (absl::Status s = check_ranges(b.ranges, f.code.size()); !s.ok())
      return wrong_at("block", i, std::string(s.message()));
  }
  return absl::OkStatus();
}

absl::Status ObjectBuilder::check_variables(SymbolId function, const Function& f) const {
  auto is_index = [](int32_t i, size_t count) { return i >= -1 && i < static_cast<int64_t>(count); };
  for (size_t i = 0; i < f.variables.size(); i++) {
    const Variable& v = f.variables[i];
    if (f.lines.empty()) return wrong_at("variable", i, "the function has no lines");
    if (!is_index(v.block, f.blocks.size()))
      return wrong_at("variable", i, "block ", v.block, " of ", f.blocks.size());
    if (!is_index(v.inlined, f.inlined.size()))
      return wrong_at("variable", i, "inlined call ", v.inlined, " of ", f.inlined.size());
    bool of_call = v.inlined >= 0;
    if (of_call && v.block >= 0) return wrong_at("variable", i, "of an inlined call and of a block");
    if (of_call && v.origin < 0) return wrong_at("variable", i, "of an inlined call, and without an origin");
    if (v.origin < 0 && (v.name.empty() || v.type.empty()))
      return wrong_at("variable", i, "no name or no type");
    const AbstractEntry* abstract =
        abstract_of(of_call ? f.inlined[static_cast<size_t>(v.inlined)].function : function);
    if (v.origin != -1 && abstract == nullptr)
      return wrong_at("variable", i, "an origin in an abstract function that is not defined");
    if (abstract != nullptr && !is_index(v.origin, abstract->variables.size()))
      return wrong_at("variable", i, "origin ", v.origin, " of ", abstract->variables.size());
    std::vector<CodeRange> ranges;
    for (const Location& l : v.locations) {
      ranges.push_back(l.range);
      if (l.expression.size() > UINT16_MAX) return wrong_at("variable", i, "an expression is too long");
    }
    if (absl::Status s = check_ranges(ranges, f.code.size()); !s.ok())
      return wrong_at("variable", i, "location: ", std::string(s.message()));
  }
  return absl::OkStatus();
}

// Order and bounds of pcs are checked where the table is made.
absl::Status ObjectBuilder::check_lines(const Function& f) const {
  if (!f.lines.empty() && f.lines[0].pc != 0)
    return wrong_at("lines: row", 0, "pc ", f.lines[0].pc, ", not 0");
  for (size_t i = 0; i < f.lines.size(); i++) {
    const LineRow& r = f.lines[i];
    if (r.file >= files_.size()) return wrong_at("lines: row", i, "file ", r.file, " of ", files_.size());
    if (r.line == 0 || r.line > INT32_MAX) return wrong_at("lines: row", i, "line ", r.line);
  }
  return absl::OkStatus();
}

}  // namespace dovetail::emit
