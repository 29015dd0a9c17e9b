// Dense objects: what DenseWriter is told is what dense::View says, and what does not fit is refused.
#include <algorithm>
#include <random>
#include <set>

#include "dense_fixture.h"

namespace {

using namespace dense_fixture;

void check_names(const absl::StatusOr<NameTable>& table, const std::vector<std::string>& names) {
  REQUIRE(table.ok());
  REQUIRE(table->size() == names.size());
  NameCursor cursor(*table);
  dovetail::objfmt::dense::NameBuffer one;
  std::string_view next;
  for (uint32_t i = 0; i < names.size(); i++) {
    REQUIRE(table->read(i, one));
    REQUIRE(one.text() == names[i]);
    REQUIRE(cursor.next(&next));
    REQUIRE(next == names[i]);
  }
}

// Each target once for each way in which it is referred to, in the order of first use.
void check_edges(const View& v, uint32_t i, const Symbol& s) {
  std::set<std::tuple<uint32_t, uint32_t, RelocKind, bool, uint8_t, bool, int64_t>> seen;
  auto e = v.edges(i);
  for (const Reloc& r : s.relocs) {
    int64_t addend = r.kind == RelocKind::kUseIfaceMethod ? r.addend : 0;  // it is part of the way
    if (!seen.insert({r.target.pkg, r.target.sym, r.kind, r.weak, r.size, r.addend != 0, addend}).second) continue;
    REQUIRE_FALSE(e.done());
    REQUIRE(v.ref(e.target()) == r.target);
    REQUIRE(e.addend() == addend);
    REQUIRE(e.kind() == (static_cast<uint16_t>(r.kind) | (r.weak ? dovetail::objfmt::kWeakRelocBit : 0)));
    e.advance();
  }
  CHECK(e.done());
  CHECK(e.ok());
}

void check_references(const View& v, uint32_t i, const Symbol& s) {
  CHECK(v.has_relocs(i) == !s.relocs.empty());
  auto d = v.relocs(i);
  for (const Reloc& r : s.relocs) {
    REQUIRE_FALSE(d.done());
    const Reloc& have = d.current();
    REQUIRE(have.offset == r.offset);
    REQUIRE(have.size == r.size);
    REQUIRE(have.kind == r.kind);
    REQUIRE(have.weak == r.weak);
    REQUIRE(have.addend == r.addend);
    REQUIRE(have.target == r.target);
    d.advance();
  }
  CHECK(d.done());
  CHECK(d.ok());
  check_edges(v, i, s);
  CHECK(v.has_auxs(i) == !s.auxs.empty());
  auto a = v.auxs(i);
  for (const Aux& aux : s.auxs) {
    REQUIRE_FALSE(a.done());
    REQUIRE(a.current().kind == aux.kind);
    REQUIRE(a.current().target == aux.target);
    a.advance();
  }
  CHECK(a.done());
  CHECK(a.ok());
}

void check_symbol(const View& v, uint32_t i, const Object& o) {
  const Symbol& s = o.symbols[i];
  const SymbolCounts& c = o.counts;
  CHECK(v.kind(i) == s.kind);
  CHECK(v.abi(i) == s.abi);
  CHECK(v.flags(i) == s.flags);
  CHECK(v.size(i) == s.size);
  CHECK(v.align(i) == s.align);
  CHECK(v.has_name(i) == !s.name.empty());
  CHECK(v.name_class(i) == dovetail::objfmt::name_class(s.name));
  CHECK(v.class_ok(i));
  CHECK(v.data_ok(i));
  CHECK(v.streams_ok(i));
  CHECK(v.data_size(i) == s.data.size());
  base::Bytes data = v.data(i);
  CHECK(std::equal(data.begin(), data.end(), s.data.begin(), s.data.end()));
  bool findable = s.abi != goobj::kAbiStatic && !s.name.empty();
  base::NameHash hash = findable ? base::hash_name(s.name, s.abi) : base::NameHash{};
  if (i < c.package_defs) CHECK(v.name_tag(i) == hash.hi >> 32);
  else if (i < c.package_defs + c.hashed64) CHECK(v.hash64(i) == base::load64(s.hash.data()));
  else if (i < c.package_defs + c.hashed64 + c.hashed) CHECK(std::equal(s.hash.begin(), s.hash.end(), v.hash(i)));
  else if (!s.name.empty()) CHECK(v.name_hash(i) == hash);
  if (i < c.defs()) CHECK(v.family(i) == s.family);
  check_references(v, i, s);
}

void check_object(const View& v, const Object& o) {
  const SymbolCounts& c = o.counts;
  CHECK(v.fingerprint() == o.fingerprint);
  CHECK(v.object_flags() == o.flags);
  const uint32_t counts[] = {c.package_defs, c.hashed64, c.hashed, c.named_defs, c.named_refs};
  for (uint32_t k = 0; k < 5; k++) CHECK(v.count(static_cast<Count>(k)) == counts[k]);
  CHECK(v.def_count() == c.defs());
  REQUIRE(v.symbol_count() == o.symbols.size());
  CHECK(v.count(kNamedExternals) == o.named_externals.size());
  CHECK(v.package_count() == o.packages.size());
  CHECK(v.file_count() == o.files.size());
  REQUIRE(v.import_count() == o.imports.size());
  std::vector<std::string> paths = o.packages, names, tools;
  for (uint32_t i = 0; i < o.imports.size(); i++) {
    CHECK(v.import_fingerprint(i) == o.imports[i].second);
    paths.push_back(o.imports[i].first);
  }
  paths.insert(paths.end(), o.files.begin(), o.files.end());
  check_names(v.paths(), paths);
  for (uint32_t i = 0; i < o.named_externals.size(); i++) {
    CHECK(v.external(i) == o.named_externals[i].first);
    tools.push_back(o.named_externals[i].second);
  }
  check_names(v.tool_names(), tools);
  REQUIRE(v.ref_flags_count() == o.ref_flags.size());
  for (uint32_t i = 0; i < o.ref_flags.size(); i++) {
    View::RefFlags f = v.ref_flags(i);
    REQUIRE(f.external < v.count(kExternals));
    CHECK(v.external(f.external) == o.ref_flags[i].first);
    CHECK(f.flags == o.ref_flags[i].second);
  }
  for (uint32_t i = 0; i < o.symbols.size(); i++) {
    CHECK(v.name_number(i) == names.size());
    if (!o.symbols[i].name.empty()) names.push_back(o.symbols[i].name);
    check_symbol(v, i, o);
  }
  check_names(v.names(), names);
  CHECK(v.count(kNamedSymbols) == names.size());
  base::Bytes residue = v.block(Block::kResidue);
  CHECK(std::equal(residue.begin(), residue.end(), o.residue.begin(), o.residue.end()));
  for (uint32_t i = 0; i < v.symbol_count(); i++) CHECK(touch_symbol(v, i));
}

// Written and read, with cold blocks compressed and not, and with bytes behind the object.
void check_round_trip(const Object& o) {
  for (bool cold : {false, true}) {
    std::vector<uint8_t> bytes = o.write(cold);
    CHECK(bytes == o.write(cold));
    CHECK(is_dense(bytes));
    bytes.insert(bytes.end(), {1, 2, 3});
    auto v = View::parse(bytes);
    REQUIRE(v.ok());
    CHECK(v->bytes().size() == bytes.size() - 3);
    std::vector<std::unique_ptr<uint8_t[]>> storage;
    REQUIRE(v->decompress(storage).ok());
    CHECK((storage.empty() || cold));
    check_object(*v, o);
  }
}

class RandomObject {
 public:
  explicit RandomObject(unsigned seed) : random_(seed) {}

  // `classes`: of symbols, about so many; `last_index`: of packages' symbols.
  Object make(SymbolCounts counts, uint32_t classes, uint32_t packages, uint32_t last_index) {
    Object o;
    o.counts = counts, o.flags = static_cast<uint32_t>(random_()), o.fingerprint = uint64_t{random_()} << 32 | random_();
    o.packages = {""};
    while (o.packages.size() < packages) o.packages.push_back("example.com/package/" + std::to_string(o.packages.size()));
    for (int i = 0; i < 40; i++) o.files.push_back("/src/file" + std::to_string(random_() % 100) + ".go");
    for (int i = 0; i < 20; i++) o.imports.push_back({"import/" + std::to_string(i), uint64_t{random_()} << 32});
    for (uint32_t i = 1; i < packages; i++) {
      externals_.push_back({i, last_index - static_cast<uint32_t>(random_() % 5)});
      externals_.push_back({i, static_cast<uint32_t>(random_() % 5)});
      externals_.push_back({goobj::kPkgBuiltin, static_cast<uint32_t>(random_() % 100)});
    }
    for (uint32_t i = 1; i < packages; i += 2) o.named_externals.push_back({{i, 0x12345}, "name." + std::to_string(i)});
    for (uint32_t i = 1; i < packages; i += 3) o.ref_flags.push_back({{i, i}, static_cast<uint16_t>(random_())});
    for (uint32_t i = 0; i < counts.symbols(); i++) o.symbols.push_back(symbol(counts, i, classes));
    expect_families(o);
    o.residue.resize(1000, 'r');
    return o;
  }

 private:
  Symbol symbol(const SymbolCounts& c, uint32_t i, uint32_t classes) {
    static constexpr uint8_t kKinds[] = {kText, kText, kRodata, kRodata, kRodata, 7, 9, kDebugInfo, 20};
    Symbol s;
    s.kind = kKinds[random_() % std::size(kKinds)];
    if (random_() % 5 != 0) s.name = "pkg.symbol" + std::to_string(random_() % 100000);
    s.abi = random_() % 4 == 0 ? goobj::kAbiStatic : random_() % 2;
    s.align = i % classes, s.flags = static_cast<uint16_t>(i % classes << 8);
    s.size = random_() % 8 == 0 ? 0xfffd + random_() % 5 : random_() % 200;
    if (i >= c.defs()) return s;
    uint32_t h = i - c.package_defs;
    bool hashed64 = i >= c.package_defs && h < c.hashed64;
    if (hashed64) s.size = random_() % 9;
    size_t have = s.size;
    if (random_() % 4 == 0) have = 0;
    else if (random_() % 4 == 0) have = random_() % (hashed64 ? 9 : s.size + 20);
    for (size_t k = 0; k < have; k++) s.data.push_back(static_cast<uint8_t>(random_()));
    if (hashed64) s.hash = s.data, s.hash.resize(8);
    else if (i >= c.package_defs && h - c.hashed64 < c.hashed) s.hash.assign(16, static_cast<uint8_t>(i));
    if (random_() % 3 != 0) add_relocs(s, c);
    if (random_() % 3 == 0) add_auxs(s, c);
    return s;
  }
  SymRef reference(const SymbolCounts& c) {
    switch (random_() % 8) {
      case 0: return {};
      case 1: return {goobj::kPkgSelf, static_cast<uint32_t>(random_() % c.package_defs)};
      case 2: return {goobj::kPkgHashed64, static_cast<uint32_t>(random_() % c.hashed64)};
      case 3: return {goobj::kPkgHashed, static_cast<uint32_t>(random_() % c.hashed)};
      case 4: return {goobj::kPkgNone, static_cast<uint32_t>(random_() % (c.named_defs + c.named_refs))};
      default: return externals_[random_() % externals_.size()];
    }
  }
  void add_relocs(Symbol& s, const SymbolCounts& c) {
    std::vector<SymRef> few;
    for (int k = 0; k < 12; k++) few.push_back(reference(c));
    int32_t at = 0;
    for (uint32_t k = 1 + random_() % 40; k > 0; k--) {
      Reloc r{};
      uint32_t how = random_() % 8;
      at = how == 0 ? at - static_cast<int32_t>(random_() % 40) : how == 1 ? at : at + static_cast<int32_t>(random_() % (how == 2 ? 100000 : 40));
      r.offset = at;
      r.size = static_cast<uint8_t>(random_() % 3 * 4);
      r.kind = static_cast<RelocKind>(random_() % 10);
      r.weak = random_() % 4 == 0;
      if (random_() % 3 == 0) r.addend = static_cast<int64_t>((uint64_t{random_()} << 32 | random_()) >> random_() % 64);
      if (random_() % 2 == 0) r.addend = -r.addend;
      r.target = few[random_() % few.size()];
      s.relocs.push_back(r);
    }
  }
  void add_auxs(Symbol& s, const SymbolCounts& c) {
    for (uint32_t k = 1 + random_() % 9; k > 0; k--) s.auxs.push_back({static_cast<AuxKind>(random_() % 15), reference(c)});
  }
  void expect_families(Object& o) {
    const SymbolCounts& c = o.counts;
    auto metadata = [&](SymRef r) -> Symbol* {
      uint32_t hashed = c.package_defs + c.hashed64;
      if (r.pkg == goobj::kPkgSelf) return &o.symbols[r.sym];
      if (r.pkg == goobj::kPkgHashed64) return &o.symbols[c.package_defs + r.sym];
      if (r.pkg == goobj::kPkgHashed) return &o.symbols[hashed + r.sym];
      return r.pkg == goobj::kPkgNone ? &o.symbols[hashed + c.hashed + r.sym] : nullptr;
    };
    for (const Symbol& s : o.symbols) {
      for (const Aux& a : s.auxs) {
        bool tables = a.kind == AuxKind::kFuncInfo || (a.kind >= AuxKind::kPcsp && a.kind <= AuxKind::kPcdata);
        if (Symbol* m = metadata(a.target); m != nullptr && tables) m->family = Family::kMetadata;
      }
    }
    for (Symbol& s : o.symbols) {
      if (s.kind == kText) s.family = Family::kText;
      if (s.kind == kDebugInfo || s.kind == 20) s.family = Family::kDebug;
    }
  }

  std::mt19937 random_;
  std::vector<SymRef> externals_;
};

// ---- Round trips ----

TEST_CASE("a small object with something in every block") {
  check_round_trip(small_object());
}

TEST_CASE("every block is there in the small object, so that its tests reach them all") {
  std::vector<uint8_t> bytes = small_object().write();
  auto v = View::parse(bytes);
  REQUIRE(v.ok());
  std::vector<BlockEntry> directory = v->directory();
  CHECK(directory.size() == kBlockCount - 1);
  for (const BlockEntry& e : directory) CHECK(e.offset % kBlockAlign == 0);
}

TEST_CASE("an object without symbols") {
  Object o;
  o.fingerprint = 1;
  check_round_trip(o);
  o.counts.named_refs = 1;
  o.symbols.push_back({"main.only", 0, 0, 0, 0, 0});
  check_round_trip(o);
}

TEST_CASE("random objects, few classes and many, externals of 32 and of 64 bits") {
  const SymbolCounts counts = {300, 70, 80, 400, 150};
  auto wide = [](const Object& o) {
    std::vector<uint8_t> bytes = o.write();
    auto v = View::parse(bytes);
    REQUIRE(v.ok());
    return v->block(Block::kExternals).size() / v->count(kExternals) == 8;
  };
  Object narrow = RandomObject(5).make(counts, 5, 3, (1u << 29) - 1);
  check_round_trip(narrow);
  CHECK_FALSE(wide(narrow));
  Object one_more = RandomObject(6).make(counts, 1000, 3, (1u << 29) + 4);
  check_round_trip(one_more);
  CHECK(wide(one_more));
  Object packages = RandomObject(7).make(counts, 200, 4094, (1u << 20) - 1);
  check_round_trip(packages);
  CHECK_FALSE(wide(packages));
  packages.packages.push_back("one more");  // with the built-in functions' number that is a bit more
  check_round_trip(packages);
  CHECK(wide(packages));
  check_round_trip(RandomObject(8).make({1, 1, 1, 1, 0}, 300, 2, UINT32_MAX));
  check_round_trip(RandomObject(9).make({64, 64, 64, 64, 64}, 300, 70, 9));
}

TEST_CASE("256 classes fit into a byte, 257 do not") {
  for (uint32_t n : {255u, 256u, 257u, 300u}) {
    Object o;
    o.counts.package_defs = n;
    for (uint32_t i = 0; i < n; i++) o.symbols.push_back({"s" + std::to_string(i), kRodata, 0, 0, 0, i});
    check_round_trip(o);
    auto bytes = o.write();
    CHECK(View::parse(bytes)->block(Block::kClassColumn).size() == (n > 256 ? 2 * n : n));
  }
}

TEST_CASE("sizes, offsets and lengths that the columns have no room for") {
  Object o;
  o.counts.package_defs = 130;
  for (uint32_t i = 0; i < 130; i++) {
    static constexpr uint32_t kSizes[] = {0xfffe, 0xffff, 0x10000, 3, UINT32_MAX, 0};
    Symbol s{"s" + std::to_string(i), kRodata, 0, 0, kSizes[i % 6], 1};
    s.data.assign(i % 6 == 4 ? 70000 : i % 6 == 5 ? 9 : i % 5 == 0 ? 0 : std::min(s.size, 66000u), static_cast<uint8_t>(i));
    o.symbols.push_back(std::move(s));
  }
  check_round_trip(o);
}

TEST_CASE("relocations in any order, at any place") {
  Object o = small_object();
  Symbol& s = o.symbols[0];
  s.relocs.clear();
  auto add = [&](int64_t offset, uint8_t size, int64_t addend, SymRef target) {
    s.relocs.push_back({static_cast<int32_t>(offset), size, RelocKind::kAddr, false, addend, target});
  };
  SECTION("addends that tell edges apart") {
    for (int64_t addend : {8, 8, 16, 0, INT32_MIN, 8}) {
      s.relocs.push_back({0, 0, RelocKind::kUseIfaceMethod, false, addend, {1, 2}});
    }
  }
  SECTION("offsets") {
    for (int64_t offset : {0, 0, 4, 33, 34, 64, 95, 1000, 999, 0, 5, INT32_MAX - 3, 0, -1, -100, INT32_MIN, INT32_MAX, 0}) add(offset, 4, 0, {1, 2});
  }
  SECTION("addends") {
    for (int64_t addend : {int64_t{1}, int64_t{-1}, int64_t{63}, int64_t{64}, int64_t{-64}, int64_t{-65}, INT64_MAX, INT64_MIN}) add(8, 8, addend, {1, 2});
  }
  SECTION("edges further back than a byte says") {
    for (int round = 0; round < 3; round++) {
      for (uint32_t k = 0; k < 300; k++) add(8 * k, 8, 0, {1, k});
    }
    for (uint32_t back = 1; back < 10; back++) add(0, 8, 0, {1, 300 - back});
  }
  SECTION("one target in several classes") {
    for (int round = 0; round < 2; round++) {
      add(0, 8, 0, {1, 1}), add(8, 4, 0, {1, 1}), add(12, 4, 5, {1, 1}), add(16, 8, 0, {});
      s.relocs.back().weak = true;
      s.relocs.push_back(s.relocs[0]);
      s.relocs.back().weak = true;
    }
  }
  check_round_trip(o);
}

// ---- What does not fit ----

TEST_CASE("what is no part of the object cannot be referred to") {
  Object o = small_object();
  Symbol& s = o.symbols[0];
  SymRef& target = GENERATE(true, false) ? s.relocs[1].target : s.auxs[1].target;
  const SymRef good[] = {{goobj::kPkgSelf, 1}, {goobj::kPkgHashed64, 1}, {goobj::kPkgHashed, 0}, {goobj::kPkgNone, 4}, {2, UINT32_MAX}, {0, 0}, {0, 5}};
  for (SymRef r : good) {
    target = r;
    CHECK(o.error() == "");
  }
  const SymRef bad[] = {{goobj::kPkgSelf, 2}, {goobj::kPkgHashed64, 2}, {goobj::kPkgHashed, 1}, {goobj::kPkgNone, 5}, {goobj::kPkgNone, UINT32_MAX},
                        {3, 0}, {0x80000000, 0}, {UINT32_MAX, 0}, {goobj::kPkgSelf - 1, 0}};
  for (SymRef r : bad) {
    target = r;
    CHECK_THAT(o.error(), Catch::Matchers::Contains("reference to"));
  }
}

TEST_CASE("what does not fit the format is refused, and the message says what") {
  Object o = small_object();
  CHECK(o.error() == "");
  auto error = [&] { return o.error(); };
  using Catch::Matchers::Contains;
  SECTION("too few symbols, too many") {
    o.symbols.pop_back();
    CHECK_THAT(error(), Contains("9 symbols, 10 were promised"));
    o.symbols.resize(11);
    CHECK_THAT(error(), Contains("11 symbols, 10 were promised"));
  }
  SECTION("the name of a reference twice") {
    o.named_externals.push_back({{1, 20}, "again"});
    CHECK_THAT(error(), Contains("there twice"));
  }
  SECTION("a 64-bit hash that is not the content") {
    o.symbols[3].hash[7] = 1;
    CHECK_THAT(error(), Contains("a 64-bit hash is not the content"));
  }
  SECTION("a 64-bit-hashed definition of 9 bytes, one without a hash") {
    o.symbols[2].data.push_back(0);
    CHECK_THAT(error(), Contains("longer than its hash"));
    o.symbols[2].data.pop_back();
    o.symbols[2].hash.clear();
    CHECK_THAT(error(), Contains("hash"));
  }
  SECTION("a hash of the wrong length") {
    o.symbols[4].hash.pop_back();
    CHECK_THAT(error(), Contains("without a hash"));
  }
  SECTION("a reference with contents") {
    Symbol& s = o.symbols[9];
    s.data = {1};
    CHECK_THAT(error(), Contains("has contents"));
    s.data.clear(), s.relocs.push_back({});
    CHECK_THAT(error(), Contains("has contents"));
    s.relocs.clear(), s.auxs.push_back({});
    CHECK_THAT(error(), Contains("has contents"));
  }
  SECTION("a package behind the last") {
    o.ref_flags.push_back({{3, 0}, 1});
    CHECK_THAT(error(), Contains("reference to package 3 of 3"));
    o.ref_flags.back().first = {goobj::kPkgNone, 0};
    CHECK_THAT(error(), Contains("reference to package"));
  }
  SECTION("more than 65,535 classes") {
    o.counts.named_refs = 65600;
    while (o.symbols.size() < o.counts.symbols()) o.symbols.push_back({"r", 0, 0, 0, 0, static_cast<uint32_t>(o.symbols.size())});
    CHECK_THAT(error(), Contains("classes of symbols"));
  }
  SECTION("a relocation too far before the one before") {
    o.symbols[0].relocs = {{INT32_MAX, 255, RelocKind::kAddr, false, 0, {}}, {INT32_MIN, 8, RelocKind::kAddr, false, 0, {}}};
    CHECK_THAT(error(), Contains("relocation"));
  }
}

}  // namespace
