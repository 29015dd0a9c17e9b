#include "codegen.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "amd64.h"

namespace tinyc {
namespace {

namespace emit = dovetail::emit;

constexpr Reg kArguments[kMostParameters] = {Reg::kAx, Reg::kBx, Reg::kCx,  Reg::kDi, Reg::kSi,
                                             Reg::kR8, Reg::kR9, Reg::kR10, Reg::kR11};
constexpr uint32_t kWord = 8;
constexpr uint32_t kLargestFrame =
    4096;  // up to here one comparison checks the stack (internal/abi/stack.go StackBig)
constexpr uint32_t kUncheckedFrame = 128;  // so much there always is below the limit (StackSmall)
constexpr int32_t kUnsafePoint = -2, kSafePoint = -1;

// The most arguments of any call, and the most values that are alive within an expression.
void measure(const Expression& e, size_t depth, size_t* arguments, size_t* values) {
  *values = std::max(*values, depth + 1);
  if (e.kind == Expression::Kind::kCall) *arguments = std::max(*arguments, e.operands.size());
  for (size_t i = 0; i < e.operands.size(); i++) measure(e.operands[i], depth + i, arguments, values);
}
void measure(const std::vector<Statement>& statements, size_t* arguments, size_t* values, size_t* variables) {
  for (const Statement& s : statements) {
    measure(s.value, 0, arguments, values);
    *variables += s.kind == Statement::Kind::kVar;
    measure(s.body, arguments, values, variables);
    measure(s.otherwise, arguments, values, variables);
  }
}

class Generator {
 public:
  Generator(const FunctionSource& source, uint32_t file, const Runtime& runtime, const Callees& callees)
      : source_(source), runtime_(runtime), callees_(callees), file_(file) {}

  absl::StatusOr<emit::Function> run() {
    size_t arguments = 0, values = 0, variables = 0;
    measure(source_.body, &arguments, &values, &variables);
    first_variable_ = static_cast<uint32_t>(arguments);
    first_value_ = static_cast<uint32_t>(arguments + variables);
    frame_ = static_cast<uint32_t>(arguments + variables + values) * kWord;
    if (frame_ + kWord > kLargestFrame) fail(source_.line, "the frame is too large");
    prologue();
    for (const Statement& s : source_.body) statement(s);
    at_line(source_.end_line);
    code_.clear_ax();
    epilogue();
    for (Division& d : divisions_) {
      at_line(d.line, false);
      code_.bind(&d.by_zero);
      code_.call(runtime_.panic_divide);
      code_.nop();  // the frame at the return address is this one, whatever code follows
    }
    grow_stack();
    if (!status_.ok()) return status_;
    return finish();
  }

 private:
  struct Division {
    uint32_t line;
    Amd64::Label by_zero;
  };

  void fail(uint32_t line, std::string_view what) {
    if (status_.ok())
      status_ =
          absl::InvalidArgumentError(absl::StrCat(line, ": ", absl::string_view(what.data(), what.size())));
  }

  // ---- Frame ----

  // Slots count from SP in the body of the function. The callee's arguments are the first ones.
  uint32_t slot_of_value(size_t depth) const { return (first_value_ + static_cast<uint32_t>(depth)) * kWord; }
  uint32_t slot_of_parameter(size_t i) const { return frame_ + 2 * kWord + static_cast<uint32_t>(i) * kWord; }

  void at_sp(int32_t depth) {
    if (!f_.sp.empty() && f_.sp.back().pc == code_.pc()) f_.sp.pop_back();
    f_.sp.push_back({code_.pc(), depth});
  }
  void at_line(uint32_t line, bool is_stmt = true, bool prologue_end = false) {
    if (!f_.lines.empty() && f_.lines.back().pc == code_.pc()) {
      prologue_end = prologue_end || f_.lines.back().prologue_end;
      f_.lines.pop_back();
    }
    f_.lines.push_back({code_.pc(), file_, line, is_stmt, prologue_end});
  }

  void prologue() {
    at_line(source_.line);
    at_sp(0);
    uint32_t whole = frame_ + kWord;  // as cmd/internal/obj/x86 counts it, with BP
    code_.compare_stack_limit(whole <= kUncheckedFrame ? 0 : whole - kUncheckedFrame);
    code_.jump_if(Condition::kBelowEqual, &grow_);
    code_.push_bp();
    at_sp(kWord);
    code_.frame_pointer();
    code_.subtract_sp(frame_);
    at_sp(static_cast<int32_t>(frame_ + kWord));
    for (size_t i = 0; i < source_.parameters.size(); i++) {
      code_.store(slot_of_parameter(i), kArguments[i]);
      add_variable(source_.parameters[i], emit::Variable::Role::kParameter, slot_of_parameter(i),
                   source_.line);
    }
    at_line(source_.line, true, true);
  }
  void epilogue() {
    code_.add_sp(frame_);
    at_sp(kWord);
    code_.pop_bp();
    at_sp(0);
    code_.ret();
    at_sp(static_cast<int32_t>(frame_ + kWord));
  }
  void grow_stack() {
    at_line(source_.line, false);
    at_sp(0);
    uint32_t begin = code_.pc();
    code_.bind(&grow_);
    size_t n = source_.parameters.size();
    for (size_t i = 0; i < n; i++) code_.store(static_cast<uint32_t>(i + 1) * kWord, kArguments[i]);
    code_.call(runtime_.more_stack);
    for (size_t i = 0; i < n; i++) code_.load(kArguments[i], static_cast<uint32_t>(i + 1) * kWord);
    code_.jump(&start_);
    f_.pcdata = {{{0, kSafePoint}, {begin, kUnsafePoint}}, {{0, 0}}};
  }

  void add_variable(const std::string& name, emit::Variable::Role role, uint32_t slot, uint32_t line) {
    variables_[name] = slot;
    emit::Variable v;
    v.role = role;
    v.name = name;
    v.type = "int";
    v.frame_offset = static_cast<int32_t>(slot) - static_cast<int32_t>(frame_ + 2 * kWord);
    v.line = line;
    f_.variables.push_back(std::move(v));
  }

  // ---- Statements ----

  void statement(const Statement& s) {
    at_line(s.line);
    switch (s.kind) {
      case Statement::Kind::kVar:
        if (variables_.contains(s.name)) return fail(s.line, absl::StrCat(s.name, " is declared twice"));
        value(s.value, 0);
        add_variable(s.name, emit::Variable::Role::kLocal, (first_variable_ + used_variables_++) * kWord,
                     s.line);
        return code_.store(variables_[s.name], Reg::kAx);
      case Statement::Kind::kAssign:
        value(s.value, 0);
        if (!variables_.contains(s.name)) return fail(s.line, absl::StrCat("no variable ", s.name));
        return code_.store(variables_[s.name], Reg::kAx);
      case Statement::Kind::kReturn:
        value(s.value, 0);
        return epilogue();
      case Statement::Kind::kExpression:
        return value(s.value, 0);
      case Statement::Kind::kIf:
        return if_statement(s);
      case Statement::Kind::kWhile:
        return while_statement(s);
    }
  }
  void if_statement(const Statement& s) {
    Amd64::Label otherwise, end;
    value(s.value, 0);
    code_.test(Reg::kAx);
    code_.jump_if(Condition::kEqual, &otherwise);
    for (const Statement& t : s.body) statement(t);
    if (!s.otherwise.empty()) code_.jump(&end);
    code_.bind(&otherwise);
    for (const Statement& t : s.otherwise) statement(t);
    code_.bind(&end);
  }
  void while_statement(const Statement& s) {
    Amd64::Label again, end;
    code_.bind(&again);
    value(s.value, 0);
    code_.test(Reg::kAx);
    code_.jump_if(Condition::kEqual, &end);
    for (const Statement& t : s.body) statement(t);
    at_line(s.line, false);
    code_.jump(&again);
    code_.bind(&end);
  }

  // ---- Expressions: the value comes into AX; values below `depth` are kept ----

  void value(const Expression& e, size_t depth) {
    switch (e.kind) {
      case Expression::Kind::kNumber:
        return code_.load_number(Reg::kAx, e.number);
      case Expression::Kind::kVariable: {
        auto it = variables_.find(e.name);
        if (it == variables_.end()) return fail(e.line, absl::StrCat("no variable ", e.name));
        return code_.load(Reg::kAx, it->second);
      }
      case Expression::Kind::kNegate:
        value(e.operands[0], depth);
        return code_.negate(Reg::kAx);
      case Expression::Kind::kBinary:
        value(e.operands[0], depth);
        code_.store(slot_of_value(depth), Reg::kAx);
        value(e.operands[1], depth + 1);
        code_.move(Reg::kCx, Reg::kAx);
        code_.load(Reg::kAx, slot_of_value(depth));
        return operate(e);
      case Expression::Kind::kCall:
        return call(e, depth);
    }
  }
  void operate(const Expression& e) {
    switch (e.op) {
      case Op::kAdd:
        return code_.add(Reg::kAx, Reg::kCx);
      case Op::kSub:
        return code_.sub(Reg::kAx, Reg::kCx);
      case Op::kMul:
        return code_.multiply(Reg::kAx, Reg::kCx);
      case Op::kDiv:
      case Op::kRem:
        return divide(e);
      default:
        break;
    }
    static constexpr Condition kConditions[] = {Condition::kEqual,   Condition::kNotEqual,
                                                Condition::kLess,    Condition::kLessEqual,
                                                Condition::kGreater, Condition::kGreaterEqual};
    code_.compare(Reg::kAx, Reg::kCx);
    code_.set_ax_if(kConditions[static_cast<int>(e.op) - static_cast<int>(Op::kEqual)]);
  }
  // The processor traps where the quotient by -1 overflows; Go's wraps around.
  void divide(const Expression& e) {
    Amd64::Label ordinary, end;
    code_.test(Reg::kCx);
    divisions_.push_back({e.line, {}});
    code_.jump_if(Condition::kEqual, &divisions_.back().by_zero);
    code_.compare_minus_one(Reg::kCx);
    code_.jump_if(Condition::kNotEqual, &ordinary);
    if (e.op == Op::kDiv)
      code_.negate(Reg::kAx);
    else
      code_.clear_ax();
    code_.jump(&end);
    code_.bind(&ordinary);
    code_.divide_ax_by_cx();
    if (e.op == Op::kRem) code_.move(Reg::kAx, Reg::kDx);
    code_.bind(&end);
  }
  void call(const Expression& e, size_t depth) {
    auto it = callees_.find(e.name);
    if (it == callees_.end()) return fail(e.line, absl::StrCat("no function ", e.name));
    if (it->second.parameters != e.operands.size())
      return fail(e.line, absl::StrCat(e.name, " takes ", it->second.parameters, " arguments, not ",
                                       e.operands.size()));
    for (size_t i = 0; i < e.operands.size(); i++) {
      value(e.operands[i], depth + i);
      code_.store(slot_of_value(depth + i), Reg::kAx);
    }
    for (size_t i = 0; i < e.operands.size(); i++) code_.load(kArguments[i], slot_of_value(depth + i));
    code_.call(it->second.symbol);
  }

  emit::Function finish() {
    f_.code = code_.take_code();
    f_.relocs = code_.take_relocs();
    f_.args = static_cast<uint32_t>(source_.parameters.size()) * kWord;
    f_.locals = frame_ + kWord;
    f_.start_line = source_.line;
    f_.funcdata = {runtime_.no_pointers, runtime_.no_pointers};
    return std::move(f_);
  }

  const FunctionSource& source_;
  const Runtime& runtime_;
  const Callees& callees_;
  uint32_t file_;
  absl::Status status_;
  Amd64 code_;
  emit::Function f_;
  Amd64::Label start_{0, {}}, grow_;
  std::vector<Division> divisions_;
  std::map<std::string, uint32_t, std::less<>> variables_;
  uint32_t frame_ = 0, first_variable_ = 0, first_value_ = 0, used_variables_ = 0;
};

}  // namespace

absl::StatusOr<emit::Function> generate(const FunctionSource& source, uint32_t file, const Runtime& runtime,
                                        const Callees& callees) {
  return Generator(source, file, runtime, callees).run();
}

}  // namespace tinyc
