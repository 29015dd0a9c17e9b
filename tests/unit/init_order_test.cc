// The order of package initialisation against cmd/link, which shows it in -dumpdep: nothing but the list itself leads
// to a package's record.
#include "loader/init_order.h"

#include <sstream>

#include <catch2/catch.hpp>

#include "tests/oracle/go_program.h"

namespace {

using namespace dovetail;

const char kProgram[] = R"(package main

import (
	"encoding/json"
	"log/slog"
	"net/url"
	"os"
	"text/template"
)

var table = map[string]int{"a": len(os.Args)}

func init() { table["b"] = 2 }

func main() {
	_, _ = url.Parse("x")
	slog.Info("x")
	_ = json.NewEncoder(os.Stdout).Encode(table)
	_ = template.New("x")
}
)";

std::vector<std::string> names(const oracle::Loaded& l, const loader::InitTasks& list) {
  std::vector<std::string> result;
  for (loader::RawId raw : list.tasks) {
    const loader::Slot s = l.program.res.content(l.program.in, raw);
    result.emplace_back(l.program.in.objects[s.object].view.name(s.local));
  }
  return result;
}

std::vector<std::string> edges_from(const std::string& text, const std::string& symbol) {
  std::vector<std::string> result;
  std::istringstream lines(text);
  const std::string start = symbol + " -> ";
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(start, 0) == 0) result.push_back(line.substr(start.size()));
  }
  return result;
}

TEST_CASE("initialisers run in cmd/link's order") {
  if (!oracle::have_go()) return;
  oracle::GoProgram go({{"main.go", kProgram}}, "encoding/json log/slog net/url os text/template");
  REQUIRE(go.ok());
  oracle::Loaded ours;
  REQUIRE(ours.resolve(go));
  const std::vector<std::string> order = names(ours, ours.inits.main);
  CHECK(order.size() > 20);
  CHECK(order.back() == "main..inittask");
  CHECK(order == edges_from(go.stock_link("-dumpdep").out, "go:main.inittasks"));
}

TEST_CASE("the runtime's initialisers have a list of their own") {
  if (!oracle::have_go()) return;
  oracle::GoProgram go({{"main.go", "package main\n\nfunc main() {}\n"}}, "");
  REQUIRE(go.ok());
  oracle::Loaded ours;
  REQUIRE(ours.resolve(go));
  CHECK(ours.inits.main.tasks.empty());
  CHECK(ours.inits.runtime.exists);
  CHECK(ours.inits.runtime_slice != loader::RawId::kNil);
  const std::vector<std::string> order = names(ours, ours.inits.runtime);
  CHECK(order.back() == "runtime..inittask");
  CHECK(order == edges_from(go.stock_link("-dumpdep").out, "go:runtime.inittasks"));
}

}  // namespace
