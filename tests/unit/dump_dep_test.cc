// What -dumpdep and -c print against cmd/link, on a program that uses every rule of reachability.
#include "loader/dump_dep.h"

#include <catch2/catch.hpp>

#include "loader/call_graph.h"
#include "loader/strict_dups.h"
#include "loader/trace_text.h"
#include "tests/oracle/go_program.h"

namespace {

using namespace dovetail;

// Interface calls, methods that only a generic call or a constant MethodByName names, children of types that are
// put into interfaces, a map that nobody reads, itabs, closures.
const char kProgram[] = R"(package main

import (
	"errors"
	"fmt"
	"reflect"
	"sort"
)

type Shape interface{ Area() float64 }

type square struct{ side float64 }

func (s square) Area() float64      { return s.side * s.side }
func (s square) Perimeter() float64 { return 4 * s.side }
func (s *square) Grow(n float64)    { s.side += n }

type Named struct{ inner []chan map[string]*square }

func (Named) Hello() string { return "hello" }
func (Named) Other() string { return "other" }

type list[T any] struct{ items []T }

func (l *list[T]) Add(x T)   { l.items = append(l.items, x) }
func (l *list[T]) Len() int  { return len(l.items) }
func (l *list[T]) each(f func(T)) {
	for _, x := range l.items {
		f(x)
	}
}

type lener interface{ Len() int }

func total[T lener](xs ...T) (n int) {
	for _, x := range xs {
		n += x.Len()
	}
	return n
}

var unused = map[string]int{"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": 6, "g": 7, "h": 8, "i": 9, "j": 10,
	"k": 11, "l": 12, "m": 13, "n": 14, "o": 15, "p": 16, "q": 17, "r": 18, "s": 19, "t": 20, "u": 21, "v": 22,
	"w": 23, "x": 24, "y": 25, "z": 26}

//go:noinline
func area(s Shape) float64 { return s.Area() }

func main() {
	var s Shape = square{2}
	l := &list[int]{}
	l.Add(3)
	l.each(func(n int) { fmt.Println(n) })
	m := reflect.ValueOf(Named{}).MethodByName("Hello")
	fmt.Println(area(s), m.Call(nil)[0], total(l), errors.New("x"))
	sort.Slice(l.items, func(i, j int) bool { return l.items[i] < l.items[j] })
}
)";

// All exported methods stay.
const char kReflective[] = R"(package main

import (
	"os"
	"reflect"
)

type T struct{ n int }

func (T) Exported()   {}
func (T) Ärger()      {}
func (T) unexported() {}

func main() { reflect.ValueOf(T{}).MethodByName(os.Args[0]).Call(nil) }
)";

std::string dump_deps(oracle::Loaded& ours) {
  std::string text;
  loader::dump_dependencies(ours.sv, ours.program.in, ours.program.res, ours.inits, {},
                            [&](std::string_view piece) { text.append(piece); });
  return text;
}

TEST_CASE("flag -dumpdep prints cmd/link's edges in its order") {
  if (!oracle::have_go()) return;
  for (const char* source : {kProgram, kReflective}) {
    oracle::GoProgram go({{"main.go", source}}, "errors fmt os reflect sort");
    REQUIRE(go.ok());
    oracle::Loaded ours;
    REQUIRE(ours.resolve(go, {"-dumpdep"}));
    const std::string text = dump_deps(ours);
    CHECK(text.find("type:main.") != std::string::npos);
    CHECK(text == go.stock_link("-dumpdep").out);
  }
}

TEST_CASE("the flood without an order reaches what the flood for -dumpdep prints") {
  if (!oracle::have_go()) return;
  oracle::GoProgram go({{"main.go", kProgram}}, "errors fmt reflect sort");
  REQUIRE(go.ok());
  oracle::Loaded ours;
  REQUIRE(ours.resolve(go, {"-dumpdep"}));
  const std::string text = dump_deps(ours);
  REQUIRE(ours.reach());
  auto live = [&](std::string_view name, uint32_t version) {
    return ours.program.lookup(name, version) != loader::SymId::kNil;
  };
  for (std::string_view name : {"main.Named.Hello", "main.square.Area"}) {
    CHECK(live(name, 1));
    CHECK(text.find("-> " + std::string(name) + "\n") != std::string::npos);
  }
  for (std::string_view name : {"main.Named.Other", "main.square.Perimeter", "main.map.init.0"}) {
    CHECK_FALSE(live(name, 1));
    CHECK(text.find("-> " + std::string(name) + "\n") == std::string::npos);
  }
}

TEST_CASE("flag -c prints cmd/link's call graph") {
  if (!oracle::have_go()) return;
  oracle::GoProgram go({{"main.go", kProgram}}, "errors fmt reflect sort");
  REQUIRE(go.ok());
  for (const char* flags : {"-c", "-c -pruneweakmap=false"}) {
    std::vector<std::string> words = {"-c"};
    if (std::string_view(flags) != "-c") words.push_back("-pruneweakmap=false");
    oracle::Loaded ours;
    REQUIRE(ours.resolve(go, words));
    REQUIRE(ours.reach());
    std::string text;
    loader::dump_call_graph(ours.sv, ours.program, ours.text.functions,
                            [&](std::string_view piece) { text.append(piece); });
    const std::string stock = go.stock_link(flags).out;
    // Sizes of the image follow.
    CHECK(text == stock.substr(0, stock.find("textsize=")));
  }
}

TEST_CASE("flag -v counts the symbols of objects as cmd/link does") {
  if (!oracle::have_go()) return;
  oracle::GoProgram go({{"main.go", kProgram}}, "errors fmt reflect sort");
  REQUIRE(go.ok());
  oracle::Loaded ours;
  REQUIRE(ours.resolve(go, {"-v"}));
  auto counts = [](const std::string& text) {
    const size_t begin = text.find("\t"), end = text.find(" non-package symbols");
    return begin == std::string::npos ? text : text.substr(begin, end - begin);
  };
  const std::string stock = go.stock_link("-v").out;
  CHECK(counts(loader::trace_symbols(ours.program.in, ours.program.res, 0, 0)) == counts(stock));
  const std::string header = loader::trace_header(ours.options, 0x401000, 0x1000);
  CHECK(stock.substr(0, header.size()) == header);
}

TEST_CASE("flag -strictdups names the same duplicates") {
  if (!oracle::have_go()) return;
  oracle::GoProgram go({{"main.go", kProgram}}, "errors fmt reflect sort");
  REQUIRE(go.ok());
  for (const char* flag : {"-strictdups=1", "-strictdups=2"}) {
    oracle::Loaded ours;
    REQUIRE(ours.resolve(go, {flag}));
    const bool fails = loader::check_strict_dups(ours.sv, ours.program.in, ours.program.res);
    const auto stock = go.stock_link(flag);
    CHECK(ours.messages() == stock.err);
    CHECK(fails == (stock.status != 0));
  }
}

}  // namespace
