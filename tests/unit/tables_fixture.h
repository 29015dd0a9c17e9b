// A program linked by cmd/link, and the same objects taken through our passes up to the runtime's tables: the tests of
// runtime-tables compare the tables that we make with those in the stock image, whoever lays out the rest.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "linker/place_text.h"
#include "objfmt/image_view.h"
#include "runtime-tables/build_info.h"
#include "runtime-tables/fips.h"
#include "runtime-tables/gc_masks.h"
#include "runtime-tables/moduledata.h"
#include "runtime-tables/string_vars.h"
#include "tests/oracle/go_program.h"

namespace dovetail::tables_test {

using base::index;
using loader::SymId;
using loader::SymKind;

// Inlining across packages, defers, assembly without a declaration's argument map, generics, closures, arrays and
// structs with pointers in data and bss, equal type strings in two packages, function values.
inline const std::map<std::string, std::string>& sources() {
  static const std::map<std::string, std::string> files = {
      {"main.go", R"(package main

import (
	"errors"
	"fmt"
	htmpl "html/template"
	"os"
	"strings"
	ttmpl "text/template"
)

var version string
var list [40]struct {
	name string
	n    [3]int
	next *int
}
var filled = [5]*string{&version, nil, &version}
var nested = [100]struct{ a, b [4]*int }{{}, {a: [4]*int{&one}}}
var one int = 1
var table = map[string]func(int) int{"twice": twice[int], "add": func(i int) int { return i + one }}
var big [5000]*byte

type number interface{ ~int | ~float64 }

func twice[T number](v T) T { return inlined(v) + v }
func inlined[T any](v T) T  { return v }

func asmAdd(a, b uint64) uint64

type pair[K comparable, V any] struct {
	key   K
	value V
	rest  *pair[K, V]
}

func (p *pair[K, V]) String() string { return fmt.Sprint(p.key, "=", p.value) }

func guarded(f func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.New("recovered")
		}
	}()
	for i := 0; i < len(os.Args); i++ {
		defer fmt.Fprint(os.Stderr, strings.Repeat("", i))
	}
	f()
	return nil
}

func main() {
	text, _ := ttmpl.New("t").Parse("{{.}}\n")
	html, _ := htmpl.New("h").Parse("{{.}}\n")
	text.Execute(os.Stdout, &pair[string, int]{key: "a", value: twice(2)})
	html.Execute(os.Stdout, &pair[int, *string]{key: 1, value: filled[0]})
	err := guarded(func() { panic(table["add"](3)) })
	fmt.Println(err, asmAdd(1, 2), version, list[1].name, nested[1].a[0], big[7])
}
)"},
      {"add_amd64.s", R"(#include "textflag.h"
TEXT ·asmAdd(SB), NOSPLIT, $0-24
	MOVQ a+0(FP), AX
	ADDQ b+8(FP), AX
	MOVQ AX, ret+16(FP)
	CALL ·helper(SB)
	RET
TEXT ·helper(SB), NOSPLIT, $0-0
	RET
)"}};
  return files;
}

inline const oracle::GoProgram& program() {
  static const oracle::GoProgram go(sources(), "errors fmt html/template os strings text/template");
  return go;
}

// The stock image of a link.
struct Stock {
  explicit Stock(const std::string& flags = "") {
    // Under the GOROOT that oracle::Loaded has: file names and runtime.defaultGOROOT depend on it.
    std::string command = oracle::environment() + "GOROOT=/go $(go tool -n link) " + flags;
    for (const std::string& word : program().link_args()) command += " " + oracle::shell_word(word);
    INFO(command);
    REQUIRE(oracle::output_of(command).has_value());
    bytes = oracle::read_file(program().path("main.exe"));
    auto parsed = objfmt::ImageView::parse(base::as_bytes(bytes));
    REQUIRE(parsed.ok());
    image = std::make_unique<objfmt::ImageView>(*parsed);
  }

  const objfmt::ImageSection& section(std::string_view name) const {
    const objfmt::ImageSection* s = image->find(name);
    INFO(name);
    REQUIRE(s != nullptr);
    return *s;
  }
  objfmt::ImageSymbol symbol(std::string_view name) const {
    const objfmt::ImageSection& table = *image->symtab();
    for (size_t i = 0; i < image->symbol_count(table); i++) {
      objfmt::ImageSymbol s = image->symbol(table, i);
      if (s.name == name) return s;
    }
    INFO(name);
    REQUIRE(false);
    return {};
  }
  base::Bytes bytes_of(std::string_view name) const {
    objfmt::ImageSymbol s = symbol(name);
    return image->at(s.value, s.size);
  }

  std::string bytes;
  std::unique_ptr<objfmt::ImageView> image;
};

// Our passes, in the order of linker/link.cc, up to the module data.
struct Planned {
  explicit Planned(const std::vector<std::string>& flags = {}) {
    REQUIRE(program().ok());
    REQUIRE(loaded.resolve(program(), flags));
    REQUIRE(loaded.reach());
    loader::Program& p = loaded.program;
    loader::Services& sv = loaded.sv;
    fips = runtime_tables::make_fips_symbols(sv, p);
    init = runtime_tables::make_init_lists(p, loaded.inits);
    setup = runtime_tables::define_setup_symbols(sv, p);
    runtime_tables::set_string_vars(sv, p);
    image.sections.emplace_back();
    image.round = 4096;
    image.text_address = 0x401000;
    SymId brackets[] = {fips.start[0], fips.end[0]};
    text = linker::place_text(sv, linker::cpu_of("amd64"), p, loaded.text, SymId::kNil, brackets, image);
    runtime_tables::TypelinkScan types(p);
    for (uint32_t o = 0; o < p.in.objects.size(); o++) types.scan_object(o);
    typelinks = runtime_tables::make_typelinks(p, runtime_tables::sort_typelinks(sv, types));
    build_info = runtime_tables::make_build_info(sv, p);
    runtime_tables::FuncWalker walker(sv, p, text.functions, image.sections[1].address);
    for (uint32_t o = 0; o < p.in.objects.size(); o++) walker.walk_object(o);
    pclntab = runtime_tables::make_pclntab(sv, p, runtime_tables::plan_pclntab(sv, walker), image.sections[1].address);
    findfunctab = runtime_tables::plan_findfunctab(sv, p, text.functions);
    markers = runtime_tables::define_markers(sv, p);
    runtime_tables::group_symbols(sv, p, markers, runtime_tables::GroupScan(p));
    runtime_tables::make_moduledata(p, setup.moduledata, {text.start, text.end}, image.sections[1].size, markers, pclntab,
                                    findfunctab, typelinks, init);
    CHECK(loaded.messages() == "");
  }

  // The parts of .gopclntab one after another, at this address; what go:func.* holds of objects is left out.
  std::vector<uint8_t> emit_pclntab(uint64_t address) {
    loader::Symbols& syms = loaded.program.syms;
    std::vector<SymId> parts = {pclntab.header, pclntab.func_names, pclntab.cutab, pclntab.file_names, pclntab.pctab,
                                pclntab.functab, pclntab.func_data, findfunctab.table};
    uint64_t at = address;
    for (SymId s : parts) {
      at = base::round_up(at, std::max(1u, syms.align[index(s)]));
      syms.value[index(s)] = at;
      at += syms.size[index(s)];
    }
    std::vector<uint8_t> out(at - address);
    auto range = [&](SymId s) {
      return base::MutableBytes(out).subspan(syms.value[index(s)] - address, syms.size[index(s)]);
    };
    for (const loader::ObjectJob& job : pclntab.jobs.by_object) {
      for (uint32_t o = 0; o < loaded.program.in.objects.size(); o++) job.run(o, range(job.symbol));
    }
    for (const auto* jobs : {&pclntab.jobs.jobs, &findfunctab.jobs}) {
      loaded.threads.for_each(jobs->size(), [&](uint64_t k) { (*jobs)[k].run(range((*jobs)[k].symbol)); });
    }
    return out;
  }

  oracle::Loaded loaded;
  linker::Image image;
  linker::TextPlan text;
  runtime_tables::FipsSymbols fips;
  runtime_tables::InitLists init;
  runtime_tables::SetupSymbols setup;
  runtime_tables::Typelinks typelinks;
  runtime_tables::BuildInfo build_info;
  runtime_tables::PclntabPlan pclntab;
  runtime_tables::FindfunctabPlan findfunctab;
  runtime_tables::Markers markers;
};

// Where two ranges first differ, or "" if they are equal.
inline std::string difference(base::Bytes ours, base::Bytes stock) {
  if (ours.size() != stock.size()) {
    return "sizes " + std::to_string(ours.size()) + " and " + std::to_string(stock.size());
  }
  auto at = std::mismatch(ours.begin(), ours.end(), stock.begin());
  if (at.first == ours.end()) return "";
  return "offset " + std::to_string(at.first - ours.begin()) + ": " + std::to_string(*at.first) + " and " +
         std::to_string(*at.second);
}

}  // namespace dovetail::tables_test
