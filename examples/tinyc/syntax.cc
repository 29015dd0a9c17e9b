#include "syntax.h"

#include <charconv>
#include <optional>

#include "absl/strings/str_cat.h"

namespace tinyc {
namespace {

constexpr int kDeepest = 200;  // expressions and blocks within each other

absl::string_view to_absl(std::string_view s) { return {s.data(), s.size()}; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Recursive descent, one token ahead. After the first error every token is the end.
class Parser {
 public:
  Parser(std::string_view file, std::string_view text) : file_(file), rest_(text) { advance(); }

  absl::StatusOr<std::vector<FunctionSource>> run() {
    std::vector<FunctionSource> functions;
    while (!token_.empty()) functions.push_back(function());
    if (!status_.ok()) return status_;
    return functions;
  }

 private:
  void fail(std::string_view what) {
    if (status_.ok()) {
      status_ = absl::InvalidArgumentError(absl::StrCat(to_absl(file_), ":", line_, ": ", to_absl(what),
                                                        token_.empty() ? "" : ", not ", to_absl(token_)));
    }
    token_ = rest_ = {};
  }

  void advance() {
    while (!rest_.empty()) {
      if (rest_.front() == '\n') {
        line_++;
        rest_.remove_prefix(1);
      } else if (rest_.front() == ' ' || rest_.front() == '\t') {
        rest_.remove_prefix(1);
      } else if (rest_.starts_with("//")) {
        rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
      } else {
        break;
      }
    }
    size_t n = 0;
    if (!rest_.empty()) {
      while (n < rest_.size() && (is_letter(rest_[n]) || is_digit(rest_[n]))) n++;
      if (n == 0)
        n = rest_.size() > 1 && rest_[1] == '=' &&
                    std::string_view("=!<>").find(rest_[0]) != std::string_view::npos
                ? 2
                : 1;
    }
    token_ = rest_.substr(0, n);
    rest_.remove_prefix(n);
  }
  bool accept(std::string_view token) {
    if (token_ != token || token_.empty()) return false;
    advance();
    return true;
  }
  void expect(std::string_view token) {
    if (!accept(token)) fail(absl::StrCat("expected ", to_absl(token)));
  }
  std::string name() {
    if (token_.empty() || !is_letter(token_[0])) return fail("expected a name"), std::string();
    std::string s(token_);
    advance();
    return s;
  }

  FunctionSource function() {
    FunctionSource f;
    f.line = line_;
    expect("func");
    f.name = name();
    expect("(");
    while (!token_.empty() && token_ != ")") {
      f.parameters.push_back(name());
      if (!accept(",")) break;
    }
    expect(")");
    if (accept(";")) return f;
    f.has_body = true;
    f.body = block(&f.end_line, 0);
    return f;
  }

  std::vector<Statement> block(uint32_t* end_line, int depth) {
    std::vector<Statement> statements;
    if (depth > kDeepest) return fail("blocks lie too deep"), statements;
    expect("{");
    while (!token_.empty() && token_ != "}") statements.push_back(statement(depth));
    *end_line = line_;
    expect("}");
    return statements;
  }

  Statement statement(int depth) {
    Statement s;
    s.line = line_;
    uint32_t end = 0;
    if (accept("var")) {
      s.kind = Statement::Kind::kVar;
      s.name = name();
      expect("=");
      s.value = expression(depth);
    } else if (accept("return")) {
      s.kind = Statement::Kind::kReturn;
      s.value = expression(depth);
    } else if (accept("if")) {
      s.kind = Statement::Kind::kIf;
      s.value = expression(depth);
      s.body = block(&end, depth + 1);
      if (accept("else")) s.otherwise = block(&end, depth + 1);
    } else if (accept("while")) {
      s.kind = Statement::Kind::kWhile;
      s.value = expression(depth);
      s.body = block(&end, depth + 1);
    } else {
      s.value = expression(depth);
      if (s.value.kind == Expression::Kind::kVariable && accept("=")) {
        s.kind = Statement::Kind::kAssign;
        s.name = s.value.name;
        s.value = expression(depth);
      }
    }
    return s;
  }

  static Expression binary(Op op, uint32_t line, Expression left, Expression right) {
    Expression e;
    e.kind = Expression::Kind::kBinary;
    e.line = line;
    e.op = op;
    e.operands.push_back(std::move(left));
    e.operands.push_back(std::move(right));
    return e;
  }
  struct Operator {
    std::string_view token;
    Op op;
  };
  template <size_t N>
  std::optional<Op> accept_any(const Operator (&operators)[N]) {
    for (const Operator& o : operators) {
      if (accept(o.token)) return o.op;
    }
    return {};
  }

  Expression expression(int depth) {
    static constexpr Operator kCompare[] = {{"==", Op::kEqual},  {"!=", Op::kNotEqual},
                                            {"<", Op::kLess},    {"<=", Op::kLessEqual},
                                            {">", Op::kGreater}, {">=", Op::kGreaterEqual}};
    Expression left = sum(depth + 1);
    uint32_t line = line_;
    if (std::optional<Op> op = accept_any(kCompare))
      return binary(*op, line, std::move(left), sum(depth + 1));
    return left;
  }
  Expression sum(int depth) {
    static constexpr Operator kSums[] = {{"+", Op::kAdd}, {"-", Op::kSub}};
    Expression left = product(depth);
    uint32_t line = line_;
    for (int n = 0; std::optional<Op> op = accept_any(kSums); line = line_, n++) {
      if (n > kDeepest) return fail("too many terms"), left;
      left = binary(*op, line, std::move(left), product(depth));
    }
    return left;
  }
  Expression product(int depth) {
    static constexpr Operator kProducts[] = {{"*", Op::kMul}, {"/", Op::kDiv}, {"%", Op::kRem}};
    Expression left = unary(depth);
    uint32_t line = line_;
    for (int n = 0; std::optional<Op> op = accept_any(kProducts); line = line_, n++) {
      if (n > kDeepest) return fail("too many factors"), left;
      left = binary(*op, line, std::move(left), unary(depth));
    }
    return left;
  }
  Expression unary(int depth) {
    Expression e;
    e.line = line_;
    if (depth > kDeepest) return fail("expressions lie too deep"), e;
    if (accept("-")) {
      e.kind = Expression::Kind::kNegate;
      e.operands.push_back(unary(depth + 1));
    } else if (accept("(")) {
      e = expression(depth + 1);
      expect(")");
    } else if (!token_.empty() && is_digit(token_[0])) {
      auto [end, error] = std::from_chars(token_.data(), token_.data() + token_.size(), e.number);
      if (error != std::errc() || end != token_.data() + token_.size())
        return fail("expected a 64-bit number"), e;
      advance();
    } else {
      e.kind = Expression::Kind::kVariable;
      e.name = name();
      if (accept("(")) call(&e, depth);
    }
    return e;
  }
  void call(Expression* e, int depth) {
    e->kind = Expression::Kind::kCall;
    while (!token_.empty() && token_ != ")") {
      e->operands.push_back(expression(depth + 1));
      if (!accept(",")) break;
    }
    expect(")");
  }

  std::string_view file_, rest_, token_;
  uint32_t line_ = 1;
  absl::Status status_;
};

}  // namespace

absl::StatusOr<std::vector<FunctionSource>> parse(std::string_view file, std::string_view text) {
  return Parser(file, text).run();
}

}  // namespace tinyc
