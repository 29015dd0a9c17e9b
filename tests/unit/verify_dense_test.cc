// Each rule of the dense format: an object of the compiler's keeps it; damaged in one place, the object breaks it, and
// verify names it.
#include <zstd.h>

#include "compiler-emit/byte_sink.h"
#include "compiler-emit/names_writer.h"
#include "verify_fixture.h"

namespace {

using namespace verify_fixture;
using namespace dovetail::objfmt::dense;
using dovetail::emit::put;
using dovetail::emit::put_uleb;

// An object's header and blocks, decoded. What is changed here is put together as the writer does it.
class Parts {
 public:
  Parts() : intact(dense_object()) {
    auto parsed = View::parse(intact.object);
    REQUIRE(parsed.ok());
    view = *std::move(parsed);
    header.assign(intact.object.begin(), intact.object.begin() + kHeaderSize);
    for (const BlockEntry& e : view.directory()) {
      base::Bytes b = view.block(static_cast<Block>(e.id));
      blocks[static_cast<Block>(e.id)].assign(b.begin(), b.end());
    }
  }
  Bytes& operator[](Block b) { return blocks[b]; }
  void add_to_header(uint32_t at, int32_t n) {
    base::store32(&header[at], base::load32(&header[at]) + static_cast<uint32_t>(n));
  }
  void add_to_count(Count c, int32_t n) { add_to_header(kCountsAt + 4 * c, n); }

  Object assemble() const {
    Bytes out = header;
    out.resize(kHeaderSize + blocks.size() * kDirectoryEntrySize);
    uint32_t at = kHeaderSize;
    for (const auto& [b, bytes] : blocks) {
      out.resize(base::round_up(out.size(), kBlockAlign));
      base::store16(&out[at], static_cast<uint16_t>(b));
      out[at + 2] = zstd.contains(b);
      out[at + 3] = b != Block::kToolNames && b != Block::kResidue;
      base::store32(&out[at + 4], static_cast<uint32_t>(out.size()));
      base::store32(&out[at + 8], static_cast<uint32_t>(bytes.size()));
      base::store32(&out[at + 12], zstd.contains(b) ? zstd.at(b) : static_cast<uint32_t>(bytes.size()));
      out.insert(out.end(), bytes.begin(), bytes.end());
      at += kDirectoryEntrySize;
    }
    base::store32(&out[kBlockCountAt], static_cast<uint32_t>(blocks.size()));
    base::store32(&out[kSizeAt], static_cast<uint32_t>(out.size()));
    return {intact.text, out};
  }

  // ---- Streams ----

  struct Streams {
    Block members, index, streams;
  };
  static constexpr Streams kEdgesOf{Block::kRelocated, Block::kEdgeIndex, Block::kEdges},
      kRelocsOf{Block::kRelocated, Block::kRelocIndex, Block::kRelocs},
      kAuxOf{Block::kAssociated, Block::kAuxIndex, Block::kAux};

  bool is_member(Block bits, uint32_t i) { return base::load64(&blocks[bits][i / 64 * kRankRecord]) >> i % 64 & 1; }
  uint32_t rank(Block bits, uint32_t i) {
    uint32_t n = 0;
    for (uint32_t k = 0; k < i; k++) n += is_member(bits, k);
    return n;
  }
  // The first definition from `i` on that has streams.
  uint32_t member_from(Block bits, uint32_t i) {
    while (!is_member(bits, i)) i++;
    return i;
  }
  Bytes stream(const Streams& s, uint32_t i) {
    uint32_t k = rank(s.members, i), begin = base::load32(&blocks[s.index][k * 4]),
             end = base::load32(&blocks[s.index][k * 4 + 4]);
    return {blocks[s.streams].begin() + begin, blocks[s.streams].begin() + end};
  }
  void replace_stream(const Streams& s, uint32_t i, const Bytes& bytes) {
    uint32_t k = rank(s.members, i), begin = base::load32(&blocks[s.index][k * 4]),
             end = base::load32(&blocks[s.index][k * 4 + 4]);
    Bytes& all = blocks[s.streams];
    all.erase(all.begin() + begin, all.begin() + end);
    all.insert(all.begin() + begin, bytes.begin(), bytes.end());
    for (size_t at = (k + 1) * 4; at < blocks[s.index].size(); at += 4) {
      base::store32(&blocks[s.index][at],
                    base::load32(&blocks[s.index][at]) - (end - begin) + static_cast<uint32_t>(bytes.size()));
    }
  }
  void append_to_stream(const Streams& s, uint32_t i, const Bytes& bytes) {
    Bytes all = stream(s, i);
    all.insert(all.end(), bytes.begin(), bytes.end());
    replace_stream(s, i, all);
  }
  // Makes a definition a member, with empty streams.
  void insert_member(Block bits, std::initializer_list<Block> indexes, uint32_t i) {
    uint32_t k = rank(bits, i);
    uint8_t* record = &blocks[bits][i / 64 * kRankRecord];
    base::store64(record, base::load64(record) | uint64_t{1} << i % 64);
    for (size_t at = (i / 64 + 1) * kRankRecord; at < blocks[bits].size(); at += kRankRecord) {
      base::store32(&blocks[bits][at + 8], base::load32(&blocks[bits][at + 8]) + 1);
    }
    for (Block b : indexes) {
      uint32_t begin = base::load32(&blocks[b][k * 4]);
      Bytes entry;
      put(entry, begin);
      blocks[b].insert(blocks[b].begin() + k * 4, entry.begin(), entry.end());
    }
  }
  // The number of a relocation class whose addend stands there; 0: without one.
  uint8_t reloc_class(uint8_t addend) {
    Bytes& all = blocks[Block::kRelocClasses];
    for (size_t at = 0; at < all.size(); at += kRelocClassSize) {
      if (all[at + 3] == addend) return static_cast<uint8_t>(at / kRelocClassSize);
    }
    FAIL("no such class");
    return 0;
  }
  // All names of symbols, rewritten.
  void rewrite_names(const std::function<std::string(uint32_t, std::string)>& change) {
    auto table = view.names();
    REQUIRE(table.ok());
    NameCursor cursor(*table);
    std::vector<std::string> names;
    for (std::string_view name; cursor.next(&name);)
      names.push_back(change(static_cast<uint32_t>(names.size()), std::string(name)));
    dovetail::emit::NamesWriter writer;
    for (const std::string& name : names) writer.add(name);
    blocks[Block::kNames] = writer.finish();
  }
  // A table of two names in the place of tool-names.
  void set_tool_names(const Bytes& names) {
    base::store32(&header[kCountsAt + 4 * kNamedExternals], 2u);
    Bytes& block = blocks[Block::kToolNames];
    block.assign(4, 0);
    block.insert(block.end(), names.begin(), names.end());
  }

  Object intact;
  View view;
  Bytes header;
  std::map<Block, Bytes> blocks;
  std::map<Block, uint32_t> zstd;  // blocks that are frames, with their decoded sizes
};

struct Case {
  const char* rule;
  std::function<void(Parts&)> damage;
};

void add32(Bytes& bytes, size_t at, uint32_t n) { base::store32(&bytes[at], base::load32(&bytes[at]) + n); }

const Case kBlockCases[] = {
    {"header.flags", [](Parts& p) { p.header[kFlagsAt] |= 2; }},
    {"header.version", [](Parts& p) { p.header[kVersionAt] = 2; }},
    {"header.counts", [](Parts& p) { p.add_to_count(kNamedExternals, 100000); }},
    {"header.named", [](Parts& p) { p.add_to_count(kNamedSymbols, -1); }},
    {"directory.empty", [](Parts& p) { p[Block::kResidue].clear(); }},
    {"zstd.frame",
     [](Parts& p) {
       Bytes frame(ZSTD_compressBound(5000)), raw = p[Block::kNames];
       raw.resize(5000);
       frame.resize(ZSTD_compress(frame.data(), frame.size(), raw.data(), raw.size(), 6));
       std::fill(frame.end() - 40, frame.end() - 4, 0xff);
       p[Block::kNames] = frame, p.zstd[Block::kNames] = 5000;
     }},
    {"zstd.ratio",
     [](Parts& p) {
       Bytes frame(1000), raw(1 << 20);
       frame.resize(ZSTD_compress(frame.data(), frame.size(), raw.data(), raw.size(), 6));
       p[Block::kResidue] = frame, p.zstd[Block::kResidue] = 1 << 20;
     }},
    {"block.size", [](Parts& p) { p[Block::kSizes].push_back(0); }},
    {"paths.counts", [](Parts& p) { base::store32(&p[Block::kPaths][4], 0xfffffff0u); }},
    {"paths.dummy",
     [](Parts& p) {
       dovetail::emit::NamesWriter writer;
       uint32_t count = p.view.package_count() + p.view.import_count() + p.view.file_count();
       std::vector<std::string> names(count, "x");
       for (const std::string& name : names) writer.add(name);
       Bytes& paths = p[Block::kPaths];
       paths.resize(8);
       Bytes table = writer.finish();
       paths.insert(paths.end(), table.begin(), table.end());
     }},
    {"externals.package", [](Parts& p) { base::store32(&p[Block::kExternals][0], 0xffffffffu); }},
    {"externals.distinct",
     [](Parts& p) { base::store32(&p[Block::kExternals][4], base::load32(&p[Block::kExternals][0])); }},
    {"externals.used",
     [](Parts& p) {
       uint32_t bits = 32 - static_cast<uint32_t>(std::bit_width(p.view.package_count() + 1));
       put(p[Block::kExternals], (1u << bits) + 12345);
       p.add_to_count(kExternals, 1);
     }},
    {"ref-flags.external", [](Parts& p) { put(p[Block::kRefFlags], uint64_t{100000}); }},
    {"ref-flags.zero", [](Parts& p) { put(p[Block::kRefFlags], uint64_t{7} << 48); }},
    {"classes.kind", [](Parts& p) { p[Block::kClasses][0] = 200; }},
    {"classes.family", [](Parts& p) { p[Block::kClasses][1] = 4; }},
    {"classes.length", [](Parts& p) { p[Block::kClasses][6] = 3; }},
    {"classes.name-class", [](Parts& p) { p[Block::kClasses][7] = 5; }},
    {"classes.align", [](Parts& p) { base::store32(&p[Block::kClasses][8], 24u); }},
    {"classes.zero", [](Parts& p) { p[Block::kClasses][12] = 1; }},
    {"classes.distinct",
     [](Parts& p) { std::copy_n(&p[Block::kClasses][0], kClassSize, &p[Block::kClasses][kClassSize]); }},
    {"classes.order",
     [](Parts& p) {
       std::swap_ranges(&p[Block::kClasses][0], &p[Block::kClasses][kClassSize], &p[Block::kClasses][kClassSize]);
       for (uint8_t& c : p[Block::kClassColumn]) c = c == 0 ? 1 : c == 1 ? 0 : c;
     }},
    {"classes.used", [](Parts& p) { p[Block::kClasses].resize(p[Block::kClasses].size() + kClassSize); }},
    {"classes.count", [](Parts& p) { p[Block::kClasses].resize(size_t{kClassSize} * 65536); }},
    {"class-column.range", [](Parts& p) { p[Block::kClassColumn][5] = 0xff; }},
    {"data-bases.value", [](Parts& p) { add32(p[Block::kDataBases], 20, 1); }},
    {"data-offsets.value", [](Parts& p) { p[Block::kDataOffsets][2] ^= 1; }},
    {"data.covered", [](Parts& p) { p[Block::kText].push_back(0); }},
    {"wide.ascending",
     [](Parts& p) { std::swap_ranges(&p[Block::kWide][0], &p[Block::kWide][8], &p[Block::kWide][8]); }},
    {"wide.key", [](Parts& p) { put(p[Block::kWide], uint64_t{0xfffffffcu}); }},
    {"wide.needed",
     [](Parts& p) {
       put(p[Block::kWide], (p.view.symbol_count() - 1) * 4);
       put(p[Block::kWide], 70000u);
     }},
    {"wide.missing", [](Parts& p) { p[Block::kWide].resize(p[Block::kWide].size() - kWideRecord); }},
    {"hash64.length", [](Parts& p) { p[Block::kSizes][p.view.count(kPackageDefs) * 2] = 9; }},
    {"hash64.padding",
     [](Parts& p) {
       uint32_t k = 0, first = p.view.count(kPackageDefs);
       while (p.view.data_size(first + k) == 8) k++;
       p[Block::kHash64][k * 8 + 7] = 1;
     }},
    {"rank.count", [](Parts& p) { add32(p[Block::kRelocated], kRankRecord + 8, 1); }},
    {"rank.tail",
     [](Parts& p) {
       REQUIRE(p.view.def_count() % 64 != 0);
       p[Block::kAssociated][p[Block::kAssociated].size() - 5] |= 0x80;
     }},
    {"names.groups", [](Parts& p) { p[Block::kNames].resize(3); }},
    {"names.group-offset", [](Parts& p) { add32(p[Block::kNames], 4, 1); }},
    {"names.bounds",
     [](Parts& p) {
       p.set_tool_names({0, 100, 'a'});
     }},
    {"names.which",
     [](Parts& p) {
       p.set_tool_names({1, 1, 'a'});
     }},
    {"names.shared",
     [](Parts& p) {
       p.set_tool_names({0, 1, 'a', 5 << 4, 0});
     }},
    {"names.length",
     [](Parts& p) {
       Bytes names = {0};
       put_uleb(names, (1 << 26) + 1);
       names.resize(names.size() + (1 << 26) + 1);
       p.set_tool_names(names);
     }},
    {"names.end", [](Parts& p) { p[Block::kNames].push_back(0); }},
    {"named.empty",
     [](Parts& p) { p.rewrite_names([](uint32_t k, std::string name) { return k == 40 ? std::string() : name; }); }},
    {"name-class.value", [](Parts& p) { p[Block::kClasses][7] ^= 1; }},
    {"name-tags.value", [](Parts& p) { p[Block::kNameTags][0] ^= 1; }},
    {"name-hash.count", [](Parts& p) { p[Block::kNameHash].resize(p[Block::kNameHash].size() + 16); }},
    {"name-hash.value", [](Parts& p) { p[Block::kNameHash][17] ^= 1; }},
    {"reloc-classes.kind", [](Parts& p) { base::store16(&p[Block::kRelocClasses][0], 0u); }},
    {"reloc-classes.addend", [](Parts& p) { p[Block::kRelocClasses][3] = 3; }},
    {"reloc-classes.distinct",
     [](Parts& p) {
       add32(p[Block::kRelocClasses], 4,
             base::load32(&p[Block::kRelocClasses][0]) - base::load32(&p[Block::kRelocClasses][4]));
     }},
    {"reloc-classes.used", [](Parts& p) { put(p[Block::kRelocClasses], 0x00770001u); }},
    {"relocated.family",
     [](Parts& p) {
       for (auto [a, b] : {std::pair(Block::kRelocated, Block::kDebugRelocated),
                           {Block::kEdgeIndex, Block::kDebugEdgeIndex},
                           {Block::kRelocIndex, Block::kDebugRelocIndex},
                           {Block::kEdges, Block::kDebugEdges},
                           {Block::kRelocs, Block::kDebugRelocs}}) {
         p[a].swap(p[b]);
       }
     }},
    {"index.count", [](Parts& p) { put(p[Block::kEdgeIndex], static_cast<uint32_t>(p[Block::kEdges].size())); }},
    {"index.first", [](Parts& p) { p[Block::kAuxIndex][0] = 1; }},
    {"index.ascending", [](Parts& p) { base::store32(&p[Block::kDebugEdgeIndex][4], 0xffffffu); }},
    {"index.end", [](Parts& p) { p[Block::kDebugRelocs].push_back(0); }},
    {"edges.end", [](Parts& p) { p.append_to_stream(Parts::kEdgesOf, p.member_from(Block::kRelocated, 0), {0}); }},
    {"edges.none",
     [](Parts& p) {
       uint32_t i = 0;
       while (p.is_member(Block::kRelocated, i) || p.view.family(i) == Family::kDebug) i++;
       p.insert_member(Block::kRelocated, {Block::kEdgeIndex, Block::kRelocIndex}, i);
     }},
    {"edges.class",
     [](Parts& p) {
       p.append_to_stream(Parts::kEdgesOf, p.member_from(Block::kRelocated, 0), {0x7f, 1});
     }},
    {"edges.target",
     [](Parts& p) {
       uint32_t i = p.member_from(Block::kRelocated, 0);
       REQUIRE(i < 31);
       p.append_to_stream(Parts::kEdgesOf, i, {0, 122});
     }},
    {"edges.distinct",
     [](Parts& p) {
       p.append_to_stream(Parts::kEdgesOf, p.member_from(Block::kRelocated, 0), {0, 1, 0, 1});
     }},
    {"edges.addend",
     [](Parts& p) {
       p.append_to_stream(Parts::kEdgesOf, p.member_from(Block::kRelocated, 0), {p.reloc_class(kAddendInEdge), 1, 0});
     }},
    {"edges.used",
     [](Parts& p) {
       p.append_to_stream(Parts::kEdgesOf, p.member_from(Block::kRelocated, 0), {0, 1});
     }},
    {"relocs.end",
     [](Parts& p) {
       p.append_to_stream(Parts::kRelocsOf, p.member_from(Block::kRelocated, 0), {kGapAbove << kSlotBits | 1});
     }},
    {"relocs.edge", [](Parts& p) { p.append_to_stream(Parts::kRelocsOf, p.member_from(Block::kRelocated, 0), {0}); }},
    {"relocs.offset",
     [](Parts& p) {
       p.append_to_stream(Parts::kRelocsOf, p.member_from(Block::kRelocated, 0),
                          {kGapBelow << kSlotBits | 1, 0xff, 0xff, 0xff, 0xff, 0x0f, 1});
     }},
    {"relocs.addend",
     [](Parts& p) {
       uint32_t i = p.member_from(Block::kRelocated, 0);
       p.append_to_stream(Parts::kEdgesOf, i, {p.reloc_class(kAddendInReloc), 1});
       p.append_to_stream(Parts::kRelocsOf, i, {0, 0});
     }},
    {"relocs.shortest",
     [](Parts& p) {
       uint32_t i = p.member_from(Block::kRelocated, 0);
       p.append_to_stream(Parts::kEdgesOf, i, {p.reloc_class(0), 1});
       p.append_to_stream(Parts::kRelocsOf, i, {0, kGapBelow << kSlotBits | 1, 0});
     }},
    {"varint.shortest",
     [](Parts& p) {
       uint32_t i = p.member_from(Block::kRelocated, 0);
       p.append_to_stream(Parts::kEdgesOf, i, {static_cast<uint8_t>(p.reloc_class(0) | 0x80), 0, 1});
       p.append_to_stream(Parts::kRelocsOf, i, {0});
     }},
    {"aux-shapes.bounds", [](Parts& p) { p[Block::kAuxShapes].push_back(0x7f); }},
    {"aux-shapes.kind", [](Parts& p) { p[Block::kAuxShapes][1] = 99; }},
    {"aux-shapes.distinct",
     [](Parts& p) {
       Bytes& shapes = p[Block::kAuxShapes];
       Bytes first(shapes.begin(), shapes.begin() + 1 + shapes[0]);
       shapes.insert(shapes.end(), first.begin(), first.end());
     }},
    {"aux-shapes.used",
     [](Parts& p) {
       p[Block::kAuxShapes].insert(p[Block::kAuxShapes].end(), {1, 13});
     }},
    {"aux.shape",
     [](Parts& p) {
       p.replace_stream(Parts::kAuxOf, p.member_from(Block::kAssociated, 0), {1, 1});
     }},
    {"aux.none",
     [](Parts& p) {
       uint32_t i = 0;
       while (p.is_member(Block::kAssociated, i)) i++;
       p.insert_member(Block::kAssociated, {Block::kAuxIndex}, i);
       Bytes stream;
       put_uleb(stream, p[Block::kAuxShapes].size());
       p[Block::kAuxShapes].push_back(0);
       p.replace_stream(Parts::kAuxOf, i, stream);
     }},
    {"aux.target",
     [](Parts& p) {
       uint32_t i = p.member_from(Block::kAssociated, 0);
       REQUIRE(i < 31);
       p.replace_stream(Parts::kAuxOf, i, {p.stream(Parts::kAuxOf, i)[0], 122});
     }},
    {"aux.end", [](Parts& p) { p.append_to_stream(Parts::kAuxOf, p.member_from(Block::kAssociated, 0), {0}); }},
    {"canonical.block",  // the same names, none of which shares
     [](Parts& p) {
       auto table = p.view.tool_names();
       REQUIRE(table.ok());
       NameCursor cursor(*table);
       Bytes groups, text;
       uint32_t k = 0;
       for (std::string_view name; cursor.next(&name); k++) {
         if (k % kNamesPerGroup == 0) put(groups, static_cast<uint32_t>(text.size()));
         put_uleb(text, 0), put_uleb(text, name.size());
         text.insert(text.end(), name.begin(), name.end());
       }
       groups.insert(groups.end(), text.begin(), text.end());
       p[Block::kToolNames] = groups;
     }},
};

// Damage to the directory, whose entries `entry` finds.
struct RawCase {
  const char* rule;
  std::function<void(Bytes&, const std::function<uint8_t*(Block)>&)> damage;
};

void add32_at(uint8_t* p, int32_t n) { base::store32(p, base::load32(p) + static_cast<uint32_t>(n)); }

size_t last_offset(const Bytes& b, uint8_t* entry) {
  REQUIRE(base::load32(entry + 4) + base::load32(entry + 8) == b.size());
  return base::load32(entry + 4);
}

const RawCase kRawCases[] = {
    {"header.size",
     [](Bytes& b, auto&) {
       b.insert(b.end(), {0, 0});
     }},
    {"header.blocks", [](Bytes& b, auto&) { base::store32(&b[kBlockCountAt], 1u << 30); }},
    {"directory.order", [](Bytes&, auto& entry) { std::swap(entry(Block::kImports)[0], entry(Block::kPaths)[0]); }},
    {"directory.align",
     [](Bytes&, auto& entry) { add32_at(entry(Block::kResidue) + 4, 4), add32_at(entry(Block::kResidue) + 8, -4); }},
    {"directory.range", [](Bytes&, auto& entry) { add32_at(entry(Block::kResidue) + 8, 1); }},
    {"directory.gap",
     [](Bytes& b, auto& entry) {
       size_t at = last_offset(b, entry(Block::kResidue));
       add32_at(entry(Block::kResidue) + 4, 8);
       b.insert(b.begin() + static_cast<ptrdiff_t>(at), 8, 0);
       base::store32(&b[kSizeAt], static_cast<uint32_t>(b.size()));
     }},
    {"directory.padding",
     [](Bytes& b, auto& entry) {
       for (uint32_t k = 1; k + 1 < kBlockCount; k++) {
         uint8_t* e = entry(static_cast<Block>(k));
         if (e == nullptr) continue;
         uint32_t end = base::load32(e + 4) + base::load32(e + 8);
         if (end % kBlockAlign == 0 || end == b.size()) continue;
         b[end] = 1;
         return;
       }
       FAIL("no padding");
     }},
    {"directory.flags", [](Bytes&, auto& entry) { entry(Block::kText)[3] |= 2; }},
    {"directory.known",
     [](Bytes&, auto& entry) {
       uint8_t* e = entry(Block::kResidue);
       base::store16(e, 77u), e[3] = 1;
     }},
    {"directory.required", [](Bytes&, auto& entry) { entry(Block::kText)[3] = 0; }},
    {"directory.encoding", [](Bytes&, auto& entry) { entry(Block::kPaths)[2] = 1; }},
    {"directory.decoded-size", [](Bytes&, auto& entry) { add32_at(entry(Block::kText) + 12, 1); }},
};

}  // namespace

TEST_CASE("an object of the compiler's breaks no rule, compressed or not") {
  if (!dovetail::oracle::have_go()) return;
  REQUIRE_FALSE(goobj_archive().empty());
  CHECK(broken_rules(dense_object()) == std::set<std::string>{});
  CHECK(broken_rules(dense_object(true)) == std::set<std::string>{});
  CHECK(broken_rules(Parts().assemble()) == std::set<std::string>{});
  Object padded = dense_object();
  padded.object.push_back(0);  // as in an archive
  CHECK(broken_rules(padded) == std::set<std::string>{});
  Parts without_residue;
  without_residue.blocks.erase(Block::kResidue);
  CHECK(broken_rules(without_residue.assemble()) == std::set<std::string>{});
}

TEST_CASE("each rule of the dense format is named where it is broken") {
  if (!dovetail::oracle::have_go()) return;
  std::set<std::string> tested;
  const Parts intact;
  for (const Case& c : kBlockCases) {
    Parts parts = intact;
    c.damage(parts);
    INFO("damage for " << c.rule);
    auto broken = broken_rules(parts.assemble());
    CHECK(broken.contains(c.rule));
    CHECK(broken.size() <= 4);
    tested.insert(c.rule);
  }
  for (const RawCase& c : kRawCases) {
    Object o = dense_object();
    c.damage(o.object, [&](Block b) -> uint8_t* {
      uint32_t n = base::load32(&o.object[kBlockCountAt]);
      for (uint32_t k = 0; k < n; k++) {
        uint8_t* e = &o.object[kHeaderSize + size_t{k} * kDirectoryEntrySize];
        if (base::load16(e) == static_cast<uint16_t>(b)) return e;
      }
      return nullptr;
    });
    INFO("damage for " << c.rule);
    CHECK(broken_rules(o).contains(c.rule));
    tested.insert(c.rule);
  }
  // What opens without a finding and still cannot be opened, read or converted is not known to exist.
  check_all_tested(inspect::RuleScope::kDense, tested, {"object.open", "canonical.goobj"});
}
