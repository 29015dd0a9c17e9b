// Objects as the compiler makes them, taken apart, damaged, put together again, and what `dovetail verify` says of
// them.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "compiler-emit/convert.h"
#include "compiler-emit/from_goobj.h"
#include "inspect/members.h"
#include "inspect/verify.h"
#include "objfmt/dense/view.h"
#include "objfmt/goobj/view.h"
#include "tests/oracle/go_program.h"

namespace verify_fixture {

namespace base = dovetail::base;
namespace inspect = dovetail::inspect;
using Bytes = std::vector<uint8_t>;

// A package with something in every block: wide sizes, hashed definitions of both lengths, inlined calls, types,
// a reference with flags.
inline const char* const kSource = R"(package main

import (
	"fmt"
	"time"
)

type shape interface{ Area() float64 }
type square struct{ side float64 }

func (s square) Area() float64 { return s.side * s.side }

var big, bigger [70000]byte
var small = [3]byte{1, 2, 3}
var table = map[string]shape{"a": square{2}, "b": square{3}}

//go:noinline
func work(n int) (total int) {
	defer func() { total += len(big) }()
	for i := 0; i < n; i++ {
		total += quarter(i) + int(bigger[i%100])
	}
	return total
}

func main() {
	for name, s := range table {
		fmt.Println(name, s.Area(), work(10), small, time.Second, 3.25, float32(1.5))
	}
}
)";

inline const char* const kOtherSource = R"(package main

func half(x int) int    { return x / 2 }
func quarter(x int) int { return half(half(x)) }
)";

// The archive that the compiler writes; empty if there is no compiler.
inline const Bytes& goobj_archive() {
  static const Bytes bytes = [] {
    dovetail::oracle::GoProgram go({{"main.go", kSource}, {"other.go", kOtherSource}}, "fmt time");
    if (!go.ok()) return Bytes();
    std::string text = dovetail::oracle::read_file(go.path("main.a"));
    return Bytes(text.begin(), text.end());
  }();
  return bytes;
}

// What stands in front of the object, and the object.
struct Object {
  Bytes text, object;
};
inline Object goobj_object() {
  auto members = inspect::list_members(goobj_archive());
  REQUIRE(members.ok());
  REQUIRE(members->size() == 1);
  const inspect::Member& m = members->front();
  return {{m.text.begin(), m.text.end()}, {m.object.begin(), m.object.end()}};
}
inline Object dense_object(bool cold = false) {
  Object o = goobj_object();
  auto dense = dovetail::emit::dense_from_goobj(o.object, cold);
  REQUIRE(dense.ok());
  o.object = *std::move(dense);
  return o;
}

// The rules that the file breaks; "unreadable: …" if it is not looked at.
inline std::set<std::string> broken_rules(const Bytes& file) {
  inspect::Findings findings;
  auto members = inspect::verify_file(file, &findings);
  if (!members.ok()) return {"unreadable: " + std::string(members.status().message())};
  std::set<std::string> rules;
  for (const inspect::Finding& f : findings.kept()) {
    rules.emplace(f.rule);
    CHECK_FALSE(f.text.empty());
  }
  return rules;
}
inline std::set<std::string> broken_rules(const Object& o) {
  Bytes file = o.text;
  file.insert(file.end(), o.object.begin(), o.object.end());
  return broken_rules(file);
}

// Each case's damage to an intact file of its own (Subject::file) breaks the case's rule. The rules.
template <class Subject, class Cases>
std::set<std::string> check_cases(const Cases& cases) {
  std::set<std::string> tested;
  for (const auto& c : cases) {
    Subject subject;
    c.damage(subject);
    INFO("damage for " << c.rule);
    CHECK(broken_rules(subject.file).contains(c.rule));
    tested.insert(c.rule);
  }
  return tested;
}

// Every rule of a scope has a case, but for those that are nets below others.
inline void check_all_tested(inspect::RuleScope scope, const std::set<std::string>& tested,
                             const std::set<std::string>& nets) {
  for (const inspect::VerifyRule& rule : inspect::verify_rules()) {
    std::string name(rule.name);
    INFO(name);
    if (rule.scope == scope) CHECK(tested.contains(name) != nets.contains(name));
  }
}

}  // namespace verify_fixture
