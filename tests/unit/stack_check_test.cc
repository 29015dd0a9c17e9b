// The stack check against cmd/link's, on programs whose chains it accepts and on some that it does not.
#include "loader/stack_check.h"

#include <catch2/catch.hpp>

#include "loader/stack_calls.h"
#include "tests/oracle/go_program.h"

namespace {

using namespace dovetail;

const char kGo[] = R"(package main

func over()
func loop()
func two()

var f = func() {}

func main() {
	over()
	loop()
	two()
	f()
}
)";

// (Of a recursion that one function closes by two calls, cmd/link prints the chains in some runs only.)
// Frames of nosplit functions: 400 + 384 with two calls is over 792; small frames are not.
const char kAsm[] = R"(#include "textflag.h"

TEXT ·over(SB), NOSPLIT, $400-0
	CALL ·deep(SB)
	CALL ·small(SB)
	CALL ·deep(SB)
	RET

TEXT ·deep(SB), NOSPLIT, $384-0
	CALL ·split(SB)
	MOVQ ·f(SB), DX
	MOVQ (DX), AX
	CALL AX
	RET

TEXT ·small(SB), NOSPLIT, $8-0
	CALL ·split(SB)
	RET

TEXT ·split(SB), 0, $16-0
	CALL ·small(SB)
	RET

TEXT ·loop(SB), NOSPLIT, $16-0
	CALL ·back(SB)
	RET

TEXT ·back(SB), NOSPLIT, $24-0
	CALL ·small(SB)
	CALL ·loop(SB)
	RET

TEXT ·two(SB), NOSPLIT, $40-0
	CALL ·huge(SB)
	CALL static<>(SB)
	RET

TEXT ·huge(SB), NOSPLIT, $904-0
	RET

TEXT static<>(SB), NOSPLIT, $760-0
	CALL ·small(SB)
	RET
)";

const char kHello[] = R"(package main

import "fmt"

func main() { fmt.Println("hello") }
)";

std::string check_stack(oracle::Loaded& l) {
  loader::StackScan scan(l.sv, l.program, l.text);
  l.program.in.for_objects(l.threads, [&](uint32_t o) { scan.scan_object(o); });
  return loader::check_stack(l.sv, l.program, l.text, scan);
}

TEST_CASE("pc tables are read as the compiler writes them") {
  // -1 + 1 = 0 up to 4, 0 + 24 up to 20, 24 - 24 up to 21.
  const std::vector<uint8_t> table = {2, 4, 48, 16, 47, 1, 0};
  loader::PcValues values(table, 1);
  std::vector<std::pair<int, unsigned>> got;
  while (values.next()) got.emplace_back(values.value(), values.end_pc());
  CHECK(got == decltype(got){{0, 4}, {24, 20}, {0, 21}});
  CHECK_FALSE(values.damaged());
}

TEST_CASE("a pc table that ends in the middle is damaged") {
  const std::vector<uint8_t> table = {2, 0x84};
  loader::PcValues values(table, 1);
  CHECK_FALSE(values.next());
  CHECK(values.damaged());
  CHECK_FALSE(values.next());
}

TEST_CASE("a program within the limit: nothing to say") {
  if (!oracle::have_go()) return;
  oracle::GoProgram go({{"main.go", kHello}}, "fmt");
  REQUIRE(go.ok());
  oracle::Loaded ours;
  REQUIRE(ours.resolve(go));
  REQUIRE(ours.reach());
  CHECK(check_stack(ours).empty());
  CHECK(ours.messages().empty());
}

TEST_CASE("flag -debugnosplit prints cmd/link's graph") {
  if (!oracle::have_go()) return;
  oracle::GoProgram go({{"main.go", kHello}}, "fmt");
  REQUIRE(go.ok());
  oracle::Loaded ours;
  REQUIRE(ours.resolve(go, {"-debugnosplit"}));
  REQUIRE(ours.reach());
  const std::string text = check_stack(ours);
  CHECK(text.size() > 10000);
  CHECK(text == go.stock_link("-debugnosplit").out);
}

TEST_CASE("chains over the limit are printed as cmd/link prints them") {
  if (!oracle::have_go()) return;
  oracle::GoProgram go({{"main.go", kGo}, {"main.s", kAsm}}, "");
  REQUIRE(go.ok());
  const auto stock = go.stock_link("");
  CHECK(stock.status == 2);
  oracle::Loaded ours;
  REQUIRE(ours.resolve(go));
  REQUIRE(ours.reach());
  std::string out = check_stack(ours), err;
  CHECK(ours.diag.failed());
  for (const base::Diagnostic& d : ours.diag.take()) err += d.text + "\n", out += d.output;
  CHECK(out == stock.out);
  CHECK(err == stock.err);
  CHECK(stock.out.find("infinite cycle") != std::string::npos);
}

}  // namespace
