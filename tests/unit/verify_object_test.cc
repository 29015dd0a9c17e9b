// Rules of archives, of goobj and of what holds in either format: the compiler's objects keep them; damaged in one
// place, they break the rule and verify names it.
#include "objfmt/any_view.h"
#include "verify_fixture.h"

namespace {

using namespace verify_fixture;
using namespace dovetail::objfmt;
namespace goobj = dovetail::objfmt::goobj;

// A goobj that is changed in place.
class Goobj {
 public:
  Goobj() : file(goobj_object()) {
    auto parsed = goobj::View::parse(file.object);
    REQUIRE(parsed.ok());
    view = *parsed;
  }
  uint8_t* at(goobj::Block b, size_t offset) { return &file.object[view.block_offset(b) + offset]; }
  uint8_t* symbol(uint32_t i) { return &file.object[static_cast<size_t>(view.symbol_record(i) - view.bytes().data())]; }
  uint8_t* data(uint32_t i) { return &file.object[static_cast<size_t>(view.data(i).data() - view.bytes().data())]; }
  // The auxiliary symbol of this kind that a function, the first with enough of it, has.
  struct Found {
    uint32_t function = 0, target = 0;
    uint8_t* record = nullptr;
  };
  Found aux(
      AuxKind kind, const std::function<bool(uint32_t)>& wanted = [](uint32_t) { return true; }) {
    for (uint32_t i = 0; i < view.def_count(); i++) {
      goobj::AuxRange auxs = view.auxs(i);
      for (uint32_t k = 0; k < auxs.size(); k++) {
        uint32_t target = index(auxs[k].target);
        if (auxs[k].kind != kind || !is_text(view.kind(i)) || !wanted(target)) continue;
        uint32_t first = base::load32(at(goobj::kAuxIdx, size_t{i} * 4));
        return {i, target, at(goobj::kAux, (size_t{first} + k) * goobj::kAuxSize)};
      }
    }
    FAIL("no such function");
    return {};
  }
  uint32_t index(SymRef r) const {
    uint32_t hashed64 = view.pkgdef_count(), hashed = hashed64 + view.hashed64_count(),
             named = hashed + view.hashed_count();
    return r.sym + (r.pkg == goobj::kPkgHashed64 ? hashed64
                    : r.pkg == goobj::kPkgHashed ? hashed
                    : r.pkg == goobj::kPkgNone   ? named
                                                 : 0);
  }
  // Metadata of a function that has two files and an inlined call.
  uint8_t* info() {
    return data(aux(AuxKind::kFuncInfo, [&](uint32_t t) {
                  FuncInfo f(view.data(t));
                  return f.inline_count() >= 2 && f.file_count() >= 2;
                }).target);
  }
  uint8_t* inline_node() {
    uint8_t* p = info();
    return p + 24 + 4 * base::load32(p + 16);
  }
  uint8_t* table(AuxKind kind) {
    return data(aux(kind, [&](uint32_t t) { return view.data(t).size() > 4; }).target);
  }
  uint8_t* table_end(AuxKind kind) {
    uint32_t t = aux(kind, [&](uint32_t target) { return view.data(target).size() > 4; }).target;
    return data(t) + view.data(t).size();
  }

  Object file;
  goobj::View view;
};

struct Case {
  const char* rule;
  std::function<void(Goobj&)> damage;
};

const Case kGoobjCases[] = {
    {"goobj.header", [](Goobj& o) { base::store32(&o.file.object[20 + 4 * goobj::kHash], 5u); }},
    {"goobj.end", [](Goobj& o) { o.file.object.push_back(0); }},
    {"goobj.flags", [](Goobj& o) { o.file.object[16] |= 32; }},
    {"goobj.string", [](Goobj& o) { base::store32(o.symbol(3), 1u << 20); }},
    {"goobj.ref-name", [](Goobj& o) { base::store32(o.at(goobj::kRefName, 0), 999u); }},
    {"goobj.kind", [](Goobj& o) { o.symbol(3)[10] = 99; }},
    {"goobj.align", [](Goobj& o) { base::store32(o.symbol(3) + 17, 24u); }},
    {"goobj.index", [](Goobj& o) { base::store32(o.at(goobj::kRelocIdx, 8), 0xffffffu); }},
    {"goobj.hash64", [](Goobj& o) { o.at(goobj::kHash64, 0)[7] ^= 1; }},
};

const Case kObjectCases[] = {
    {"relocs.kind", [](Goobj& o) { base::store16(o.at(goobj::kReloc, 5), 0u); }},
    {"relocs.inside", [](Goobj& o) { base::store32(o.at(goobj::kReloc, 0), 0x7fffff00u); }},
    {"relocs.target", [](Goobj& o) { base::store32(o.at(goobj::kReloc, 15), 999u); }},
    {"aux.kind", [](Goobj& o) { *o.at(goobj::kAux, 0) = 99; }},
    {"aux.symbol", [](Goobj& o) { base::store32(o.at(goobj::kAux, 5), 1u << 20); }},
    {"ref-flags.target",
     [](Goobj& o) {
       Bytes record = {0xe7, 3, 0, 0, 0, 0, 0, 0, 0, 1};  // symbol 0 of package 999
       o.file.object.insert(o.file.object.begin() + o.view.block_offset(goobj::kRefFlags), record.begin(),
                            record.end());
       for (uint32_t b = goobj::kRefFlags + 1; b <= goobj::kEnd; b++) {
         base::store32(&o.file.object[20 + 4 * b],
                       o.view.block_offset(static_cast<goobj::Block>(b)) + goobj::kRefFlagsSize);
       }
     }},
    {"hash.value", [](Goobj& o) { *o.at(goobj::kHash, 16) ^= 1; }},
    {"funcinfo.symbol",
     [](Goobj& o) {
       uint8_t* record = o.aux(AuxKind::kFuncInfo).record;
       base::store32(record + 1, 1u), base::store32(record + 5, 0u);
     }},
    {"funcinfo.size", [](Goobj& o) { o.info()[16]--; }},
    {"funcinfo.file", [](Goobj& o) { base::store32(o.info() + 20 + 4, 0xffffffu); }},
    {"funcinfo.files-ascend", [](Goobj& o) { std::swap_ranges(o.info() + 20, o.info() + 24, o.info() + 24); }},
    {"inline.parent", [](Goobj& o) { base::store32(o.inline_node(), 0u); }},
    {"inline.file", [](Goobj& o) { base::store32(o.inline_node() + 4, 0xffffffu); }},
    {"inline.function", [](Goobj& o) { base::store32(o.inline_node() + 12, 999u); }},
    {"inline.pc", [](Goobj& o) { base::store32(o.inline_node() + 20, 0xffffffu); }},
    {"pc-table.symbol",
     [](Goobj& o) {
       uint8_t* record = o.aux(AuxKind::kPcline).record;
       base::store32(record + 1, 1u), base::store32(record + 5, 0u);
     }},
    {"pc-table.once", [](Goobj& o) { *o.aux(AuxKind::kPcfile).record = static_cast<uint8_t>(AuxKind::kPcline); }},
    {"pc-table.end", [](Goobj& o) { o.table_end(AuxKind::kPcline)[-1] = 2; }},
    {"pc-table.function", [](Goobj& o) { o.table(AuxKind::kPcline)[1 + (o.table(AuxKind::kPcline)[0] >= 0x80)] ^= 1; }},
    {"pc-table.inline", [](Goobj& o) { o.table(AuxKind::kPcinline)[0] = 0x7e; }},
    {"pc-table.file", [](Goobj& o) { o.data(o.aux(AuxKind::kPcfile).target)[0] = 0x7e; }},
};

}  // namespace

TEST_CASE("a goobj of the compiler's breaks no rule, alone or in its archive") {
  if (!dovetail::oracle::have_go()) return;
  CHECK(broken_rules(goobj_object()) == std::set<std::string>{});
  CHECK(broken_rules(goobj_archive()) == std::set<std::string>{});
}

TEST_CASE("each rule of goobj is named where it is broken") {
  if (!dovetail::oracle::have_go()) return;
  check_all_tested(inspect::RuleScope::kGoobj, check_cases<Goobj>(kGoobjCases), {});
}

TEST_CASE("each rule of either format is named where a goobj breaks it, and a dense copy of it") {
  if (!dovetail::oracle::have_go()) return;
  check_all_tested(inspect::RuleScope::kObject, check_cases<Goobj>(kObjectCases), {});
  for (const Case& c : kObjectCases) {
    Goobj object;
    c.damage(object);
    auto dense = dovetail::emit::dense_from_goobj(object.file.object, false);
    if (!dense.ok()) continue;  // what the dense format has no place for
    INFO("damage for " << c.rule);
    std::string rule = c.rule;
    // Kinds stand elsewhere in dense objects, and have rules there.
    rule = rule == "relocs.kind" ? "reloc-classes.kind" : rule == "aux.kind" ? "aux-shapes.kind" : rule;
    CHECK(broken_rules(Object{object.file.text, *dense}).contains(rule));
  }
}

TEST_CASE("each rule of archives is named where it is broken") {
  if (!dovetail::oracle::have_go()) return;
  const Bytes intact = goobj_archive();
  // The second header, behind the export data and its padding.
  size_t second = 8 + 60 + std::stoul(std::string(reinterpret_cast<const char*>(&intact[8 + 48]), 10));
  bool padded = second % 2 != 0;
  second += padded;
  std::set<std::string> tested;
  auto check = [&](const char* rule, const std::function<void(Bytes&)>& damage) {
    Bytes file = intact;
    damage(file);
    INFO("damage for " << rule);
    CHECK(broken_rules(file).contains(rule));
    tested.insert(rule);
  };
  check("archive.header", [&](Bytes& b) { b[second + 58] = 'x'; });
  check("archive.field", [&](Bytes& b) { b[second + 40] = '9'; });
  check("archive.size", [&](Bytes& b) { b.resize(b.size() - 100); });
  check("archive.end", [&](Bytes& b) { b.insert(b.end(), {'t', 'a', 'i', 'l'}); });
  check("archive.padding", [&](Bytes& b) {
    if (padded) {
      b[second - 1] = 'x';
      return;
    }
    // One byte less in the first member makes it odd.
    std::string size = std::to_string(second - 8 - 60 - 1) + " ";
    std::copy(size.begin(), size.end(), b.begin() + 8 + 48);
    b[second - 1] = 'x';
  });
  check_all_tested(inspect::RuleScope::kArchive, tested, {});
}

TEST_CASE("what is none of these is unreadable") {
  CHECK(broken_rules(Bytes{'n', 'o'}) == std::set<std::string>{"unreadable: unrecognized object file"});
  CHECK(broken_rules(Bytes{}) == std::set<std::string>{"unreadable: unrecognized object file"});
}
