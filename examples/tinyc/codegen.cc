#include "codegen.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace tinyc {
namespace {

namespace emit = dovetail::emit;

constexpr uint32_t kLargestFrame =
    4096;  // up to here one comparison checks the stack (internal/abi/stack.go StackBig)
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
  Generator(Machine& machine, const FunctionSource& source, uint32_t file, const Runtime& runtime,
            const Callees& callees)
      : code_(machine), source_(source), runtime_(runtime), callees_(callees), file_(file) {}

  absl::StatusOr<emit::Function> run() {
    size_t arguments = 0, values = 0, variables = 0;
    measure(source_.body, &arguments, &values, &variables);
    first_variable_ = static_cast<uint32_t>(arguments);
    first_value_ = static_cast<uint32_t>(arguments + variables);
    code_.lay_out_frame(static_cast<uint32_t>(arguments + variables + values));
    if (code_.frame_size() >= kLargestFrame) fail(source_.line, "the frame is too large");
    prologue();
    for (const Statement& s : source_.body) statement(s);
    at_line(source_.end_line);
    code_.load_number(0);
    code_.leave_and_return();
    for (Division& d : divisions_) {
      at_line(d.line, false);
      code_.bind(&d.by_zero);
      code_.call(runtime_.panic_divide);
      code_.nop();  // the frame at the return address is this one, whatever code follows
    }
    grow_stack();
    if (code_.too_large()) fail(source_.line, "the function is too large");
    if (!status_.ok()) return status_;
    return finish();
  }

 private:
  struct Division {
    uint32_t line;
    Label by_zero;
  };

  void fail(uint32_t line, std::string_view what) {
    if (status_.ok())
      status_ =
          absl::InvalidArgumentError(absl::StrCat(line, ": ", absl::string_view(what.data(), what.size())));
  }

  // ---- Frame ----

  // The callee's arguments are the first slots.
  uint32_t slot_of_value(size_t depth) const {
    return code_.slot(first_value_ + static_cast<uint32_t>(depth));
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
    code_.at_sp(0);
    code_.check_stack(&grow_);
    std::vector<emit::PcValue>& unsafe_points = f_.pcdata.emplace_back();
    unsafe_points.push_back({0, kSafePoint});
    if (code_.enters_by_steps()) unsafe_points.push_back({code_.pc(), kUnsafePoint});
    code_.enter();
    if (code_.enters_by_steps()) unsafe_points.push_back({code_.pc(), kSafePoint});
    for (size_t i = 0; i < source_.parameters.size(); i++) {
      uint32_t slot = code_.parameter_slot(static_cast<uint32_t>(i));
      code_.store_argument(i, slot);
      add_variable(source_.parameters[i], emit::Variable::Role::kParameter, slot, source_.line);
    }
    at_line(source_.line, true, true);
  }
  // In front of the frame the arguments' space is one word away: behind the return address, or its place.
  void grow_stack() {
    at_line(source_.line, false);
    code_.at_sp(0);
    f_.pcdata[0].push_back({code_.pc(), kUnsafePoint});
    code_.bind(&grow_);
    size_t n = source_.parameters.size();
    for (size_t i = 0; i < n; i++) code_.store_argument(i, static_cast<uint32_t>(i + 1) * kWord);
    code_.save_return_address();
    code_.call(runtime_.more_stack);
    for (size_t i = 0; i < n; i++) code_.load_argument(i, static_cast<uint32_t>(i + 1) * kWord);
    code_.jump(&start_);
    f_.pcdata.push_back({{0, 0}});
  }

  void add_variable(const std::string& name, emit::Variable::Role role, uint32_t slot, uint32_t line) {
    variables_[name] = slot;
    emit::Variable v;
    v.role = role;
    v.name = name;
    v.type = "int";
    v.frame_offset = static_cast<int32_t>(slot) - static_cast<int32_t>(code_.call_frame());
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
        add_variable(s.name, emit::Variable::Role::kLocal, code_.slot(first_variable_ + used_variables_++),
                     s.line);
        return code_.store(variables_[s.name]);
      case Statement::Kind::kAssign:
        value(s.value, 0);
        if (!variables_.contains(s.name)) return fail(s.line, absl::StrCat("no variable ", s.name));
        return code_.store(variables_[s.name]);
      case Statement::Kind::kReturn:
        value(s.value, 0);
        return code_.leave_and_return();
      case Statement::Kind::kExpression:
        return value(s.value, 0);
      case Statement::Kind::kIf:
        return if_statement(s);
      case Statement::Kind::kWhile:
        return while_statement(s);
    }
  }
  void if_statement(const Statement& s) {
    Label otherwise, end;
    value(s.value, 0);
    code_.jump_if_zero(&otherwise);
    for (const Statement& t : s.body) statement(t);
    if (!s.otherwise.empty()) code_.jump(&end);
    code_.bind(&otherwise);
    for (const Statement& t : s.otherwise) statement(t);
    code_.bind(&end);
  }
  void while_statement(const Statement& s) {
    Label again, end;
    code_.bind(&again);
    value(s.value, 0);
    code_.jump_if_zero(&end);
    for (const Statement& t : s.body) statement(t);
    at_line(s.line, false);
    code_.jump(&again);
    code_.bind(&end);
  }

  // ---- Expressions: the value comes where results are; values below `depth` are kept ----

  void value(const Expression& e, size_t depth) {
    switch (e.kind) {
      case Expression::Kind::kNumber:
        return code_.load_number(e.number);
      case Expression::Kind::kVariable: {
        auto it = variables_.find(e.name);
        if (it == variables_.end()) return fail(e.line, absl::StrCat("no variable ", e.name));
        return code_.load(it->second);
      }
      case Expression::Kind::kNegate:
        value(e.operands[0], depth);
        return code_.negate();
      case Expression::Kind::kBinary:
        value(e.operands[0], depth);
        code_.store(slot_of_value(depth));
        value(e.operands[1], depth + 1);
        code_.load_first(slot_of_value(depth));
        return operate(e);
      case Expression::Kind::kCall:
        return call(e, depth);
    }
  }
  void operate(const Expression& e) {
    switch (e.op) {
      case Op::kAdd:
        return code_.add();
      case Op::kSub:
        return code_.sub();
      case Op::kMul:
        return code_.multiply();
      case Op::kDiv:
      case Op::kRem:
        divisions_.push_back({e.line, {}});
        code_.jump_if_second_zero(&divisions_.back().by_zero);
        return e.op == Op::kDiv ? code_.divide() : code_.remainder();
      default:
        return code_.compare(static_cast<Condition>(static_cast<int>(e.op) - static_cast<int>(Op::kEqual)));
    }
  }
  void call(const Expression& e, size_t depth) {
    auto it = callees_.find(e.name);
    if (it == callees_.end()) return fail(e.line, absl::StrCat("no function ", e.name));
    if (it->second.parameters != e.operands.size())
      return fail(e.line, absl::StrCat(e.name, " takes ", it->second.parameters, " arguments, not ",
                                       e.operands.size()));
    for (size_t i = 0; i < e.operands.size(); i++) {
      value(e.operands[i], depth + i);
      code_.store(slot_of_value(depth + i));
    }
    for (size_t i = 0; i < e.operands.size(); i++) code_.load_argument(i, slot_of_value(depth + i));
    code_.call(it->second.symbol);
  }

  emit::Function finish() {
    f_.code = code_.take_code();
    f_.relocs = code_.take_relocs();
    f_.sp = code_.take_sp();
    f_.args = static_cast<uint32_t>(source_.parameters.size()) * kWord;
    f_.locals = code_.locals_size();
    f_.start_line = source_.line;
    f_.funcdata = {runtime_.no_pointers, runtime_.no_pointers};
    return std::move(f_);
  }

  Machine& code_;
  const FunctionSource& source_;
  const Runtime& runtime_;
  const Callees& callees_;
  uint32_t file_;
  absl::Status status_;
  emit::Function f_;
  Label start_{0, {}}, grow_;
  std::vector<Division> divisions_;
  std::map<std::string, uint32_t, std::less<>> variables_;
  uint32_t first_variable_ = 0, first_value_ = 0, used_variables_ = 0;
};

}  // namespace

absl::StatusOr<emit::Function> generate(Machine& machine, const FunctionSource& source, uint32_t file,
                                        const Runtime& runtime, const Callees& callees) {
  return Generator(machine, source, file, runtime, callees).run();
}

}  // namespace tinyc
