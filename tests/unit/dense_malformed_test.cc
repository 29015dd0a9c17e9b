// Damaged dense objects: refused, or a view that answers all questions without reading outside (the sanitizers see it).
#include <random>

#include "compiler-emit/from_goobj.h"
#include "compiler-emit/to_goobj.h"
#include "dense_fixture.h"

namespace {

using namespace dense_fixture;

// A copy of its own size, so that whatever lies behind it is not ours.
bool touch_copy(const std::vector<uint8_t>& bytes) {
  auto copy = std::make_unique<uint8_t[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), copy.get());
  base::Bytes view(copy.get(), bytes.size());
  bool good = touch(view);
  auto goobj = dovetail::emit::goobj_from_dense(view);
  if (goobj.ok()) (void)dovetail::emit::dense_from_goobj(*goobj, false);
  else CHECK_FALSE(goobj.status().message().empty());
  return good;
}

size_t header_size(const std::vector<uint8_t>& bytes) {
  return kHeaderSize + base::load32(&bytes[kBlockCountAt]) * size_t{kDirectoryEntrySize};
}

std::string error_of(const std::vector<uint8_t>& bytes) {
  auto v = View::parse(bytes);
  return v.ok() ? "" : std::string(v.status().message());
}

TEST_CASE("every truncation is refused") {
  for (bool cold : {false, true}) {
    const std::vector<uint8_t> bytes = small_object().write(cold);
    REQUIRE(touch_copy(bytes));
    for (size_t n = 0; n < bytes.size(); n++) {
      std::vector<uint8_t> prefix(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(n));
      REQUIRE_FALSE(View::parse(prefix).ok());
      REQUIRE_FALSE(touch_copy(prefix));
      if (n < kHeaderSize) continue;
      base::store32(&prefix[kSizeAt], static_cast<uint32_t>(n));  // as if it were meant
      touch_copy(prefix);
    }
  }
}

TEST_CASE("every byte of header and directory may have any value") {
  for (bool cold : {false, true}) {
    const std::vector<uint8_t> bytes = small_object().write(cold);
    for (size_t i = 0; i < header_size(bytes); i++) {
      for (uint8_t value : {0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff, bytes[i] ^ 1, bytes[i] ^ 8, bytes[i] + 1, bytes[i] - 1}) {
        std::vector<uint8_t> changed = bytes;
        changed[i] = value;
        touch_copy(changed);
      }
    }
  }
}

TEST_CASE("every byte of the blocks may be damaged") {
  const std::vector<uint8_t> bytes = small_object().write();
  for (size_t i = header_size(bytes); i < bytes.size(); i++) {
    for (uint8_t value : {0x00, 0x7f, 0x80, 0xff, bytes[i] ^ 1, bytes[i] + 1}) {
      std::vector<uint8_t> changed = bytes;
      changed[i] = value;
      touch_copy(changed);
    }
  }
}

TEST_CASE("much damage at once") {
  std::mt19937 random(10);
  for (int round = 0; round < 3000; round++) {
    std::vector<uint8_t> bytes = small_object().write(round % 2 != 0);
    for (uint32_t k = 1 + random() % 12; k > 0; k--) {
      bytes[random() % bytes.size()] = static_cast<uint8_t>(random() % 2 == 0 ? random() : random() % 4 * 0x55);
    }
    touch_copy(bytes);
  }
}

TEST_CASE("the error says what is wrong, where, and what was wanted") {
  const std::vector<uint8_t> good = small_object().write();
  REQUIRE(error_of(good) == "");
  auto with = [&](size_t at, uint32_t value) {
    std::vector<uint8_t> bytes = good;
    base::store32(&bytes[at], value);
    return error_of(bytes);
  };
  auto entry_at = [&](Block b) { return kHeaderSize + (static_cast<uint32_t>(b) - 1) * kDirectoryEntrySize; };
  const std::string size = std::to_string(good.size()), start = "malformed object: offset ";
  CHECK(error_of({}) == start + "0: size of the header: want 64, have 0");
  CHECK(with(0, 1) == start + "0: magic: want \"\\x00dvdense\"");
  CHECK(with(kVersionAt, 2) == start + "8: version: want 1, have 2");
  CHECK(with(kSizeAt, static_cast<uint32_t>(good.size()) + 1) == start + "60: size (not above): want " + size + ", have " + std::to_string(good.size() + 1));
  CHECK(with(kCountsAt, 1u << 31) == start + "24: symbols (not above): want " + size + ", have 2147483648");
  CHECK(with(kBlockCountAt, 1u << 28).find("56: blocks (not above)") != std::string::npos);
  CHECK(with(entry_at(Block::kPaths), 1).find("number of a block (above): want 1, have 1") != std::string::npos);
  CHECK(with(entry_at(Block::kPaths), 2 | 1u << 16).find("encoding of block paths (not above): want 0, have 1") != std::string::npos);
  CHECK(with(entry_at(Block::kPaths) + 4, 64).find("offset of a block (not below)") != std::string::npos);
  CHECK(with(entry_at(Block::kResidue) + 8, 6).find("end of a block (not above)") != std::string::npos);
  CHECK(with(entry_at(Block::kText) + 12, 6).find("raw size") != std::string::npos);
  for (Block b : {Block::kExternals, Block::kClassColumn, Block::kSizes, Block::kDataBases, Block::kDataOffsets, Block::kHash64, Block::kHash, Block::kNamed,
                  Block::kNameHash, Block::kNameTags, Block::kRelocated, Block::kEdgeIndex, Block::kRelocIndex, Block::kDebugRelocated, Block::kDebugEdgeIndex,
                  Block::kDebugRelocIndex, Block::kAssociated, Block::kAuxIndex, Block::kImports, Block::kRefFlags, Block::kClasses, Block::kWide,
                  Block::kRelocClasses}) {
    std::vector<uint8_t> bytes = good;
    uint8_t* e = &bytes[entry_at(b)];
    base::store32(e + 8, base::load32(e + 8) - 1), base::store32(e + 12, base::load32(e + 12) - 1);
    INFO(kBlockNames[static_cast<uint32_t>(b)]);
    CHECK(error_of(bytes).find(std::string("size of block ") + kBlockNames[static_cast<uint32_t>(b)]) != std::string::npos);
  }
}

TEST_CASE("a block that is not known is skipped, unless it is required") {
  std::vector<uint8_t> bytes = small_object().write();
  uint8_t* last = &bytes[header_size(bytes) - kDirectoryEntrySize];
  base::store16(last, static_cast<uint16_t>(kBlockCount));
  CHECK(touch(bytes));
  last[3] = kBlockRequired;
  CHECK(error_of(bytes).find("block " + std::to_string(kBlockCount) + " is not known, and required") != std::string::npos);
}

TEST_CASE("a compressed block whose size is not its frame's is refused") {
  Object o = small_object();
  o.residue.assign(5000, 'r');
  const std::vector<uint8_t> good = o.write(true);
  auto decompress = [](const std::vector<uint8_t>& bytes) {
    auto v = View::parse(bytes);
    REQUIRE(v.ok());
    std::vector<std::unique_ptr<uint8_t[]>> storage;
    return std::string(v->decompress(storage).message());
  };
  CHECK(decompress(good) == "");
  std::vector<uint8_t> bytes = good;
  uint8_t* entry = &bytes[header_size(bytes) - kDirectoryEntrySize];
  REQUIRE(entry[2] == static_cast<uint8_t>(Encoding::kZstd));
  base::store32(entry + 12, 4999u);
  CHECK(decompress(bytes).find("raw size of block residue: want 4999, have 5000") != std::string::npos);
  base::store32(entry + 12, UINT32_MAX);
  CHECK(decompress(bytes).find("raw size of block residue") != std::string::npos);
  bytes = good;
  std::fill(bytes.end() - 4, bytes.end(), 0xff);
  CHECK(decompress(bytes).find("block residue does not decompress") != std::string::npos);
}

// What lies behind these blocks is padding that would read as a stream in order.
TEST_CASE("an index is not read behind its end, nor does it lead behind its streams") {
  Object o;
  o.counts.package_defs = 130;
  o.symbols.resize(130);
  for (uint32_t i : {0, 128}) o.symbols[i].auxs = {{AuxKind::kFuncdata, {goobj::kPkgSelf, i}}};
  const std::vector<uint8_t> good = o.write();
  auto intact = View::parse(good);
  REQUIRE(intact.ok());
  auto at = [&](Block b) { return static_cast<size_t>(intact->block(b).data() - good.data()); };
  REQUIRE(intact->block(Block::kAuxIndex).size() == 12);
  REQUIRE(intact->block(Block::kAux).size() == 4);
  std::vector<uint8_t> bytes = good;
  SECTION("index") {
    base::store32(&bytes[at(Block::kAssociated) + 8], 2u);  // so symbol 0 would be the third
    base::store32(&bytes[at(Block::kAuxIndex) + 8], 0u);
    auto v = View::parse(bytes);
    REQUIRE(v.ok());
    CHECK_FALSE(v->auxs(0).ok());
  }
  SECTION("streams") {
    base::store32(&bytes[at(Block::kAuxIndex) + 4], 4u);
    base::store32(&bytes[at(Block::kAuxIndex) + 8], 6u);
    auto v = View::parse(bytes);
    REQUIRE(v.ok());
    CHECK_FALSE(v->auxs(128).ok());
  }
}

// What one definition has, another cannot have too: else a few bytes would come back as any number of them.
TEST_CASE("the way back to goobj refuses what definitions share") {
  Object o;
  o.counts.package_defs = 130;
  o.packages = {"", "p"};
  o.symbols.resize(130);
  o.symbols[0].size = o.symbols[64].size = 100, o.symbols[0].data.resize(100, 1), o.symbols[64].data.resize(100, 2);
  for (int32_t k = 0; k < 20; k++) {
    o.symbols[0].relocs.push_back({8 * k, 8, RelocKind::kAddr, false, 0, {1, 1}});
    o.symbols[0].auxs.push_back({AuxKind::kFuncdata, {1, 1}});
  }
  o.symbols[64].relocs.resize(1), o.symbols[64].auxs.resize(1);
  const std::vector<uint8_t> good = o.write();
  auto v = View::parse(good);
  REQUIRE(v.ok());
  // The second word of a rank table says that no bit is set before it; so 64 has what 0 has.
  auto back = [&](Block b, size_t offset, uint32_t value) {
    std::vector<uint8_t> bytes = good;
    base::store32(&bytes[static_cast<size_t>(v->block(b).data() - good.data()) + offset], value);
    auto goobj = dovetail::emit::goobj_from_dense(bytes);
    return goobj.ok() ? "" : std::string(goobj.status().message());
  };
  CHECK(back(Block::kRelocated, kRankRecord + 8, 1) == "");
  CHECK(back(Block::kRelocated, kRankRecord + 8, 0).find("symbol 64 shares") != std::string::npos);
  CHECK(back(Block::kAssociated, kRankRecord + 8, 0).find("symbol 64 shares") != std::string::npos);
  CHECK(back(Block::kSizes, 0, 100 | 100u << 16).find("symbol 64 shares") != std::string::npos);  // symbol 1 has its bytes
}

}  // namespace
