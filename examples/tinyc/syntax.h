// The tiny language: functions of 64-bit integers.
//
//     file       = { "func" NAME "(" [ NAME { "," NAME } ] ")" ( block | ";" ) }
//     block      = "{" { statement } "}"
//     statement  = "var" NAME "=" expression | NAME "=" expression | "return" expression | expression
//                | "if" expression block [ "else" block ] | "while" expression block
//     expression = sum [ ( "==" | "!=" | "<" | "<=" | ">" | ">=" ) sum ]
//     sum        = product { ( "+" | "-" ) product }
//     product    = unary { ( "*" | "/" | "%" ) unary }
//     unary      = "-" unary | NUMBER | NAME | NAME "(" [ expression { "," expression } ] ")" | "("
//     expression ")"
//
// Comments run from // to the end of the line. A function without a body is one that the package has in Go.
// Arithmetic is Go's: it wraps around, and division by zero panics.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tinyc {

enum class Op { kAdd, kSub, kMul, kDiv, kRem, kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual };

struct Expression {
  enum class Kind { kNumber, kVariable, kNegate, kBinary, kCall } kind = Kind::kNumber;
  uint32_t line = 0;
  int64_t number = 0;
  std::string name;  // of a variable or function
  Op op = Op::kAdd;
  std::vector<Expression> operands;  // or arguments
};

struct Statement {
  enum class Kind { kVar, kAssign, kReturn, kIf, kWhile, kExpression } kind = Kind::kExpression;
  uint32_t line = 0;
  std::string name;
  Expression value;
  std::vector<Statement> body, otherwise;
};

struct FunctionSource {
  uint32_t line = 0, end_line = 0;
  std::string name;
  std::vector<std::string> parameters;
  bool has_body = false;
  std::vector<Statement> body;
};

// The error begins with FILE:LINE.
absl::StatusOr<std::vector<FunctionSource>> parse(std::string_view file, std::string_view text);

}  // namespace tinyc
