// Objects and archives on their way from one format to the other.
#include "compiler-emit/convert.h"

#include "compiler-emit/from_goobj.h"
#include "compiler-emit/to_goobj.h"
#include "dense_fixture.h"
#include "objfmt/archive.h"

namespace {

using namespace dense_fixture;
using namespace dovetail::emit;

const std::string kTextHead = "go object linux amd64 go1.26 X:none\nbuild id \"abc\"\n\n!\n";

std::vector<uint8_t> with_head(base::Bytes object) {
  std::vector<uint8_t> bytes(kTextHead.begin(), kTextHead.end());
  bytes.insert(bytes.end(), object.begin(), object.end());
  return bytes;
}

// A goobj of an odd or an even size.
std::vector<uint8_t> goobj_of_parity(bool odd) {
  for (std::string text : {"/src/b.go", "/src/bb.go"}) {
    Object o = small_object();
    o.residue.clear();
    o.files[1] = text;
    auto goobj = goobj_from_dense(o.write());
    REQUIRE(goobj.ok());
    if (goobj->size() % 2 == odd) return *goobj;
  }
  FAIL("no object of that parity");
  return {};
}

std::vector<uint8_t> archive(const std::vector<std::vector<uint8_t>>& members) {
  std::string text = "!<arch>\n";
  for (const std::vector<uint8_t>& m : members) {
    std::string size = std::to_string(m.size());
    text += "_go_.o          0           0     0     644     " + size + std::string(10 - size.size(), ' ') + "`\n";
    text.append(m.begin(), m.end());
    if (text.size() % 2 != 0) text.push_back('\0');
  }
  return {text.begin(), text.end()};
}

std::vector<uint8_t> converted(const std::vector<uint8_t>& file, ObjectFormat to, uint32_t objects, bool cold = false) {
  auto c = convert_file(file, {to, cold});
  REQUIRE(c.ok());
  CHECK(c->objects == objects);
  return c->bytes;
}

TEST_CASE("archives come back as they were, whatever the parity of their members") {
  const std::vector<uint8_t> other = {'e', 'x', 'p', 'o', 'r', 't', 's'};
  for (bool cold : {false, true}) {
    for (unsigned odd = 0; odd < 4; odd++) {
      std::vector<uint8_t> file = archive({other, with_head(goobj_of_parity(odd & 1)), with_head(goobj_of_parity(odd & 2)), other});
      std::vector<uint8_t> dense = converted(file, ObjectFormat::kDense, 2, cold);
      CHECK(dense != file);
      CHECK(converted(dense, ObjectFormat::kDense, 0) == dense);
      CHECK(converted(file, ObjectFormat::kGoobj, 0) == file);
      CHECK(converted(dense, ObjectFormat::kGoobj, 2) == file);
      file.pop_back();  // the last one's padding
      CHECK(converted(converted(file, ObjectFormat::kDense, 2, cold), ObjectFormat::kGoobj, 2) == file);
    }
  }
  std::vector<uint8_t> single = with_head(goobj_of_parity(true));
  CHECK(converted(converted(single, ObjectFormat::kDense, 1), ObjectFormat::kGoobj, 1) == single);
}

// Who writes dense objects need not know of goobj's parity.
TEST_CASE("members of an archive begin at even offsets, also where goobj is longer by an odd number") {
  for (unsigned odd = 0; odd < 4; odd++) {
    std::vector<std::vector<uint8_t>> dense, goobj;
    for (bool is_odd : {(odd & 1) != 0, (odd & 2) != 0}) {
      goobj.push_back(with_head(goobj_of_parity(is_odd)));
      auto bytes = dense_from_goobj(base::Bytes(goobj.back()).subspan(kTextHead.size()), false);
      REQUIRE(bytes.ok());
      dense.push_back(with_head(*bytes));
    }
    CHECK(converted(archive(dense), ObjectFormat::kGoobj, 2) == archive(goobj));
  }
}

// The way back knows a string by its text, so it could not tell the two.
TEST_CASE("a goobj that has a string twice is refused") {
  auto goobj = goobj_from_dense(small_object().write());
  REQUIRE(goobj.ok());
  REQUIRE(dense_from_goobj(*goobj, false).ok());
  (*goobj)[base::as_text(*goobj).find("/src/b.go") + 5] = 'a';
  auto dense = dense_from_goobj(*goobj, false);
  REQUIRE_FALSE(dense.ok());
  CHECK(std::string(dense.status().message()).find("a string is there twice") != std::string::npos);
}

// Each fact is stored once, and no block could be left out.
TEST_CASE("without any one of its blocks an object does not come back") {
  Object o = small_object();
  o.residue = {1 << 5};  // the second symbol's name before the first one's: compiler-emit/string_order.h
  std::vector<uint8_t> dense = o.write();
  auto goobj = goobj_from_dense(dense);
  REQUIRE(goobj.ok());
  uint32_t blocks = base::load32(&dense[kBlockCountAt]);
  CHECK(blocks == kBlockCount - 1);  // the object has them all
  for (uint32_t b = 0; b < blocks; b++) {
    std::vector<uint8_t> without = dense;
    uint8_t* entry = &without[kHeaderSize + b * kDirectoryEntrySize];
    INFO(kBlockNames[base::load16(entry)]);
    base::store32(entry + 8, 0), base::store32(entry + 12, 0);
    auto back = goobj_from_dense(without);
    CHECK((!back.ok() || *back != *goobj));
  }
}

}  // namespace
