#include "compiler-emit/debug_info.h"

#include <algorithm>

#include "base/text.h"
#include "compiler-emit/debug_lists.h"

namespace dovetail::emit {
namespace {

using objfmt::RelocKind;

// Numbers of abbreviations: rows of dwarf.go's table, and behind them those of putvarabbrevgen.go.
constexpr uint64_t kFunction = 3, kWrapper = 4, kAbstractFunction = 5, kConcreteFunction = 6,
                   kConcreteWrapper = 7, kInlined = 8, kInlinedRanges = 9, kGlobalVariable = 10,
                   kBlockRanges = 12, kBlock = 13, kVarStart = 33;
constexpr uint64_t kAbstractVariable = kVarStart, kAbstractParameter = kVarStart + 1;
// With an origin and a list of locations, with an origin and one location, and so on.
constexpr uint64_t kVariableOfOrigin = kVarStart + 2, kVariable = kVarStart + 6,
                   kParameterOfOrigin = kVarStart + 8, kParameter = kVarStart + 12;
constexpr uint64_t kOfClosure = 2;  // so much in front of those without an origin
constexpr uint8_t kOpAddr = 0x03, kOpFrameBase = 0x91, kOpCallFrameCfa = 0x9c;
constexpr uint8_t kInlineInlined = 1;  // DW_INL_inlined

bool is_parameter(const Variable& v) { return v.role != Variable::Role::kLocal; }

void put_type(DebugWriter& out, std::string_view name) {
  out.section_offset(out.context().named(base::concat("go:info.", name)));
}

// Those types have to be loaded for their entries to be made.
void use_types(DebugWriter& out, const std::vector<Variable>& variables) {
  std::vector<std::string> names;
  for (const Variable& v : variables) {
    if (!v.type.empty()) names.push_back(v.type);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  for (const std::string& name : names)
    out.use(RelocKind::kUseType, out.context().named(base::concat("type:", name)));
}

class FunctionWriter {
 public:
  FunctionWriter(const DebugContext& context, SymbolId symbol, const Function& f)
      : context_(context),
        symbol_(symbol),
        f_(f),
        abstract_(context.abstract_of(symbol)),
        inlined_(inlined_ranges(f)),
        out_(context),
        ranges_(context),
        locations_(context) {}

  FunctionDebug run(std::string_view name, bool external) {
    use_types(out_, f_.variables);
    if (abstract_ != nullptr) {
      out_.number(f_.wrapper ? kConcreteWrapper : kConcreteFunction);
      out_.section_offset(abstract_->symbol);
    } else {
      out_.number(f_.wrapper ? kWrapper : kFunction);
      out_.text(name);
    }
    code_range({0, static_cast<uint32_t>(f_.code.size())});
    out_.block({&kOpCallFrameCfa, 1});
    if (f_.wrapper) {
      out_.byte(1);
    } else if (abstract_ == nullptr) {
      out_.word(f_.lines[0].file + 1);
      out_.number(f_.start_line);
      out_.byte(external ? 1 : 0);
    }
    variables(-1, -1, abstract_);
    blocks(-1);
    inlined_calls(-1);
    out_.byte(0);
    debug_.info = out_.finish();
    debug_.ranges = ranges_.finish();
    debug_.locations = locations_.finish();
    return std::move(debug_);
  }

 private:
  // As low and high pc. The latter is a length in DWARF 5, and there ranges begin with the function.
  void code_range(CodeRange r) {
    if (context_.dwarf5) {
      out_.address_index(symbol_);
      out_.number(r.end);
    } else {
      out_.reloc(RelocKind::kAddr, kDebugAddressSize, symbol_, r.begin);
      out_.reloc(RelocKind::kAddr, kDebugAddressSize, symbol_, r.end);
    }
  }
  void range_list(std::span<const CodeRange> ranges) {
    debug_.range_refs.push_back(out_.relocs());
    out_.section_offset(SymbolId::kNone, ranges_.size());
    put_range_list(ranges_, symbol_, ranges);
  }

  // Those of a call or, if that is -1, of a block.
  void variables(int32_t call, int32_t block, const AbstractEntry* abstract) {
    for (const Variable& v : f_.variables) {
      if (v.inlined == call && (call >= 0 || v.block == block)) variable(v, abstract);
    }
  }
  void variable(const Variable& v, const AbstractEntry* abstract) {
    bool has_origin = v.origin >= 0, has_list = !v.locations.empty();
    uint64_t first = is_parameter(v) ? (has_origin ? kParameterOfOrigin : kParameter)
                                     : (has_origin ? kVariableOfOrigin : kVariable);
    uint64_t captured = !has_origin && v.closure_offset != 0 ? kOfClosure : 0;
    out_.number(first - captured + (has_list ? 0 : 1));
    if (has_origin) {
      out_.section_offset(abstract->symbol, abstract->variables[static_cast<size_t>(v.origin)]);
    } else {
      out_.text(v.name);
      if (is_parameter(v)) out_.byte(v.role == Variable::Role::kResult ? 1 : 0);
      out_.number(v.line);
      put_type(out_, v.type);
      if (captured != 0) out_.number(v.closure_offset);
    }
    if (!has_list) return location(v);
    debug_.location_refs.push_back(out_.relocs());
    out_.section_offset(SymbolId::kNone, locations_.size());
    put_location_list(locations_, symbol_, v.locations);
  }
  void location(const Variable& v) {
    std::vector<uint8_t> expression;
    if (!v.nowhere && v.frame_offset == 0) expression.push_back(kOpCallFrameCfa);
    if (!v.nowhere && v.frame_offset != 0) {
      expression.push_back(kOpFrameBase);
      put_sleb(expression, v.frame_offset);
    }
    out_.block(expression);
  }

  // A block without variables is no entry; those inside of it are.
  void blocks(int32_t parent) {
    for (size_t i = 0; i < f_.blocks.size(); i++) {
      const LexicalBlock& b = f_.blocks[i];
      if (b.parent != parent) continue;
      auto number = static_cast<int32_t>(i);
      bool is_entry = std::any_of(f_.variables.begin(), f_.variables.end(),
                                  [&](const Variable& v) { return v.inlined < 0 && v.block == number; });
      if (is_entry && b.ranges.size() == 1 && !context_.dwarf5) {
        out_.number(kBlock);
        code_range(b.ranges[0]);
      } else if (is_entry) {
        out_.number(kBlockRanges);
        range_list(b.ranges);
      }
      variables(-1, number, abstract_);
      blocks(number);
      if (is_entry) out_.byte(0);
    }
  }

  void inlined_calls(int32_t parent) {
    for (size_t i = 0; i < f_.inlined.size(); i++) {
      if (f_.inlined[i].parent == parent && !inlined_[i].empty()) inlined_call(i);
    }
  }
  void inlined_call(size_t i) {
    const InlinedCall& c = f_.inlined[i];
    const AbstractEntry* abstract = context_.abstract_of(c.function);
    if (abstract == nullptr) return;  // nothing to refer to
    bool list = context_.dwarf5 || inlined_[i].size() != 1;
    out_.number(list ? kInlinedRanges : kInlined);
    out_.section_offset(abstract->symbol);
    if (list)
      range_list(inlined_[i]);
    else
      code_range(inlined_[i][0]);
    out_.word(c.file + 1);
    out_.number(static_cast<uint64_t>(c.line));
    variables(static_cast<int32_t>(i), -1, abstract);
    inlined_calls(static_cast<int32_t>(i));
    out_.byte(0);
  }

  const DebugContext& context_;
  SymbolId symbol_;
  const Function& f_;
  const AbstractEntry* abstract_;  // of this very function; null if it is not inlined
  std::vector<std::vector<CodeRange>> inlined_;
  DebugWriter out_, ranges_, locations_;
  FunctionDebug debug_;
};

}  // namespace

FunctionDebug function_entry(const DebugContext& context, std::string_view name, SymbolId symbol,
                             const Function& f, bool external) {
  return FunctionWriter(context, symbol, f).run(name, external);
}

DebugEntry abstract_entry(const DebugContext& context, std::string_view name, const AbstractFunction& f,
                          bool external, std::vector<uint32_t>* offsets) {
  DebugWriter out(context);
  use_types(out, f.variables);
  out.number(kAbstractFunction);
  out.text(name);
  out.byte(kInlineInlined);
  out.number(f.start_line);
  out.byte(external ? 1 : 0);
  for (const Variable& v : f.variables) {
    offsets->push_back(out.size());
    out.number(is_parameter(v) ? kAbstractParameter : kAbstractVariable);
    out.text(v.name);
    if (is_parameter(v))
      out.byte(v.role == Variable::Role::kResult ? 1 : 0);
    else
      out.number(v.line);
    put_type(out, v.type);
  }
  out.byte(0);
  return out.finish();
}

DebugEntry variable_entry(const DebugContext& context, std::string_view name, SymbolId symbol,
                          std::string_view type) {
  DebugWriter out(context);
  Variable v;
  v.type = type;
  use_types(out, {v});
  out.number(kGlobalVariable);
  out.text(name);
  out.byte(1 + kDebugAddressSize);
  out.byte(kOpAddr);
  out.reloc(RelocKind::kAddr, kDebugAddressSize, symbol);
  put_type(out, type);
  out.byte(1);
  return out.finish();
}

}  // namespace dovetail::emit
