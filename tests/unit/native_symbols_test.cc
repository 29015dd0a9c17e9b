// Order, binding and names of the native symbol table, over symbols that the test makes. (That the whole
// table equals cmd/link's is what the comparisons of linked programs show.)
#include "linker/native_symbols.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "objfmt/image_view.h"

namespace {

namespace base = dovetail::base;
namespace loader = dovetail::loader;
namespace objfmt = dovetail::objfmt;
using namespace dovetail::linker;

struct Row {
  std::string name;
  uint8_t info;
  uint16_t section;
  uint64_t value, size;
  friend bool operator==(const Row&, const Row&) = default;
};

class Table {
 public:
  explicit Table(unsigned threads = 1, uint64_t seed = 0) : pool_(threads, seed) {
    program_.syms.make_anonymous("", SymKind::kNone);
    in_.text_start = add("runtime.text", SymKind::kText, loader::kSymLocal);
    in_.text_end = add("runtime.etext", SymKind::kTextEnd, loader::kSymLocal);
  }
  SymId add(const std::string& name, SymKind kind, uint32_t flags = 0) {
    SymId s = program_.syms.make_anonymous(name, kind);
    program_.syms.flags[index(s)] |= flags;
    program_.syms.value[index(s)] = 0x1000 + index(s);
    program_.syms.size[index(s)] = index(s);
    program_.syms.section[index(s)] = objfmt::is_text(kind) ? 1 : 2;
    return s;
  }
  void add_function(const std::string& name, uint32_t flags = 0) {
    text_.push_back(add(name, SymKind::kText, flags));
  }
  void set_external(std::vector<ExternalName> names) { external_ = std::move(names); }
  Program& program() { return program_; }

  std::vector<Row> rows() {
    in_.text = text_;
    in_.external_names = external_;
    plan_ = plan_native_symbols(sv_, in_);
    std::vector<uint8_t> file(plan_.symtab_size() + plan_.strtab_size, 0xee);
    base::Bytes symtab = base::Bytes(file).first(plan_.symtab_size()), strtab = base::Bytes(file).subspan(plan_.symtab_size());
    uint16_t numbers[] = {0, 11, 12};
    auto sink = [&](uint64_t offset, base::Bytes bytes) {
      if (!bytes.empty()) std::memcpy(&file.at(offset + bytes.size() - 1) + 1 - bytes.size(), bytes.data(), bytes.size());
    };
    emit_native_symbols(sv_, in_, plan_, {numbers, 0, plan_.symtab_size(), sink});
    std::vector<Row> rows;
    for (uint64_t i = 0; i < plan_.symbol_count; i++) {
      const uint8_t* p = &symtab[i * 24];
      CHECK(p[5] == 0);
      rows.push_back({std::string(objfmt::ImageView::string_at(strtab, base::load32(p))), p[4],
                      base::load16(p + 6), base::load64(p + 8), base::load64(p + 16)});
    }
    strtab_.assign(strtab.begin(), strtab.end());
    return rows;
  }
  const NativeSymbolPlan& plan() const { return plan_; }
  const std::string& strtab() const { return strtab_; }
  std::vector<base::Diagnostic> diagnostics() { return diag_.take(); }

 private:
  loader::Options options_;
  base::Diagnostics diag_;
  base::ThreadPool pool_;
  base::PhaseTimer timer_;
  Services sv_{options_, "link", diag_, pool_, timer_};
  Program program_;
  NativeSymbolInputs in_{program_, {}, SymId::kNil, SymId::kNil, {}, nullptr};
  std::vector<SymId> text_;
  std::vector<ExternalName> external_;
  NativeSymbolPlan plan_;
  std::string strtab_;
};

constexpr uint8_t kLocalFunc = 0x02, kGlobalFunc = 0x12, kLocalObject = 0x01, kGlobalObject = 0x11,
                  kFile = 0x04;

}  // namespace

TEST_CASE("local symbols first, functions before data, the rest by id") {
  Table t;
  t.add("main.variable", SymKind::kData);                   // id 3
  t.add_function("main.b");                                 // 4
  t.add("main.hidden", SymKind::kBss, loader::kSymHidden);  // 5
  t.add_function("main.a", loader::kSymLocal);              // 6
  t.add("type:int", SymKind::kType, loader::kSymNotInSymtab);
  t.add(".dynamic", SymKind::kElfSect);
  t.add("", SymKind::kRodata);
  t.add("runtime.tlsg", SymKind::kTlsBss);
  t.add("go:info.x", SymKind::kDwarfFunc);
  t.add("undefined", SymKind::kNone);
  std::vector<Row> want = {
      {"", 0, 0, 0, 0},
      {"go.go", kFile, 0xfff1, 0, 0},
      {"runtime.text", kLocalFunc, 11, 0x1001, 1},
      {"main.a", kLocalFunc, 11, 0x1006, 6},
      {"runtime.etext", kLocalFunc, 11, 0x1002, 2},
      {"main.hidden", kLocalObject, 12, 0x1005, 5},
      {"main.b", kGlobalFunc, 11, 0x1004, 4},
      {"main.variable", kGlobalObject, 12, 0x1003, 3},
  };
  CHECK(t.rows() == want);
  CHECK(t.plan().first_global == 6);
  CHECK(t.diagnostics().empty());
  CHECK(
      t.strtab() ==
      std::string("\0go.go\0runtime.text\0main.a\0runtime.etext\0main.hidden\0main.b\0main.variable\0", 74));
}

TEST_CASE("a middle dot becomes a dot, other characters stay") {
  Table t;
  t.add_function(
      "main.\xc2\xb7"
      "f\xc2\xb7");
  t.add_function("main.\xc2\xb8\xc2");
  t.add_function("\xc2\xb7");
  std::vector<Row> rows = t.rows();
  REQUIRE(rows.size() == 7);
  CHECK(rows[4].name == "main..f.");
  CHECK(rows[5].name == "main.\xc2\xb8\xc2");
  CHECK(rows[6].name == ".");
}

TEST_CASE("an imported symbol has its library's name, no section and no size") {
  Table t;
  SymId s = t.add("libc_puts", SymKind::kDynImport);
  t.program().syms.value[index(s)] = 0;
  t.set_external({{s, "puts"}});
  CHECK(t.rows().back() == Row{"puts", 0x10, 0, 0, 0});
}

TEST_CASE("a symbol without a section is an error, its carrier's section counts") {
  Table t;
  SymId carrier = t.add("runtime.pclntab", SymKind::kRodata), part = t.add("runtime.pctab", SymKind::kRodata);
  t.program().syms.section[index(part)] = 0;
  t.program().syms.outer.assign(t.program().syms.count(), SymId::kNil);
  t.program().syms.outer[index(part)] = carrier;
  CHECK(t.rows().back().section == 12);
  CHECK(t.diagnostics().empty());
  t.program().syms.section[index(carrier)] = 0;
  t.rows();
  std::vector<base::Diagnostic> said = t.diagnostics();
  REQUIRE(said.size() == 2);
  CHECK(said[0].text == "runtime.pclntab: missing section in putelfsym");
}

TEST_CASE("many chunks on many threads are one table") {
  auto build = [](unsigned threads, uint64_t seed) {
    Table t(threads, seed);
    for (int i = 0; i < 20000; i++) {
      std::string name = "pkg.name" + std::to_string(i);
      uint32_t flags = i % 7 == 0 ? loader::kSymLocal : 0;
      if (i % 3 == 0) {
        t.add_function(name, flags);
      } else {
        t.add(name, i % 5 == 0 ? SymKind::kNone : SymKind::kData, flags);
      }
    }
    std::vector<Row> rows = t.rows();
    return std::pair(rows, t.strtab());
  };
  auto one = build(1, 0);
  CHECK(one.first.size() > 15000);
  CHECK(build(3, 1) == one);
  CHECK(build(8, 2) == one);
}
