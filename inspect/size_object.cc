// Objects by block and by symbol. A symbol has its record or columns, its bytes, relocations and auxiliary symbols, its
// hashes, and its name where it is the first with that name; a nameless one belongs to the definition whose auxiliary
// symbol it is.
#include <set>

#include "absl/container/flat_hash_set.h"
#include "inspect/object_names.h"
#include "inspect/size_parts.h"
#include "objfmt/any_view.h"

namespace dovetail::inspect {
namespace {

using objfmt::AnyView;

// Whose bytes a symbol's are.
std::string owner_name(const AnyView& view, const ObjectNames& names, uint32_t i, objfmt::NameBuffer& buffer) {
  std::string_view name = view.name(i, buffer);
  if (!name.empty()) return std::string(name);
  std::string owner = names.owner(i);
  return owner.empty() ? "[nameless symbols]" : owner;
}

}  // namespace

std::string object_package(base::Bytes object) {
  absl::StatusOr<AnyView> view = AnyView::parse(object);
  if (!view.ok()) return "";
  constexpr std::string_view kUnit = "go:cuinfo.producer.";
  objfmt::NameBuffer buffer;
  for (uint32_t i = 0; i < view->def_count(); i++) {
    std::string_view name = view->name(i, buffer);
    if (name.starts_with(kUnit)) return std::string(name.substr(kUnit.size()));
  }
  return "";
}

absl::Status measure_goobj(base::Bytes object, SizeBy by, SizeTable* table) {
  using namespace objfmt::goobj;
  absl::StatusOr<View> v = View::parse(object);
  if (!v.ok()) return v.status();
  Account account;
  size_t blocks[kEnd];
  size_t header = account.open("goobj header", kHeaderSize);
  size_t strings = account.open("goobj strings", v->block_offset(kAutolib) - kHeaderSize);
  for (uint32_t b = 0; b < kEnd; b++)
    blocks[b] = account.open(base::concat("goobj ", kBlockNames[b]), v->block_bytes(static_cast<Block>(b)).size());
  size_t behind = account.open("behind the object", object.size() - v->block_offset(kEnd));
  (void)header, (void)behind;
  if (by == SizeBy::kBlock) return account.close(by, table), absl::OkStatus();
  absl::StatusOr<AnyView> view = AnyView::parse(object);
  if (!view.ok()) return view.status();
  ObjectNames names(*view, nullptr);
  absl::flat_hash_set<uint32_t> known;  // offsets of strings
  objfmt::NameBuffer buffer;
  uint32_t first64 = v->pkgdef_count(), hashed = first64 + v->hashed64_count(), named = hashed + v->hashed_count();
  for (uint32_t i = 0; i < v->symbol_count(); i++) {
    Block records = i < first64          ? kPkgDef
                    : i < hashed         ? kHashed64Def
                    : i < named          ? kHashedDef
                    : i < v->def_count() ? kNonPkgDef
                                         : kNonPkgRef;
    uint64_t bytes = account.take(blocks[records], kSymSize);
    if (known.insert(base::load32(v->symbol_record(i) + 4)).second) bytes += account.take(strings, v->name_length(i));
    if (i < v->def_count()) {
      for (Block b : {kRelocIdx, kAuxIdx, kDataIdx}) bytes += account.take(blocks[b], 4);
      bytes += account.take(blocks[kReloc], uint64_t{v->relocs(i).size()} * kRelocSize);
      bytes += account.take(blocks[kAux], uint64_t{v->auxs(i).size()} * kAuxSize);
      bytes += account.take(blocks[kData], v->data(i).size());
      if (records == kHashed64Def) bytes += account.take(blocks[kHash64], kHash64Size);
      if (records == kHashedDef) bytes += account.take(blocks[kHash], kHashSize);
    }
    table->add(owner_name(*view, names, i, buffer), bytes);
  }
  account.close(by, table);
  return absl::OkStatus();
}

namespace {

using namespace objfmt::dense;

// Bytes that each name takes in its table, in order.
class NameSizes {
 public:
  NameSizes(base::Bytes block, uint32_t count) {
    uint64_t groups = (uint64_t{count} + kNamesPerGroup - 1) / kNamesPerGroup * 4;
    if (groups <= block.size()) rest_ = block.subspan(groups);
  }
  uint64_t next() {
    const uint8_t *p = rest_.data(), *end = p + rest_.size();
    base::read_uleb(p, end);
    uint64_t text = base::read_uleb(p, end);
    uint64_t size = std::min<uint64_t>(static_cast<uint64_t>(p - rest_.data()) + std::min<uint64_t>(text, rest_.size()),
                                       rest_.size());
    rest_ = rest_.subspan(size);
    return size;
  }

 private:
  base::Bytes rest_;
};

class DenseMeter {
 public:
  DenseMeter(const View& v, SizeTable* table) : v_(v), table_(table) {}

  void open_blocks() {
    uint64_t used = 0;
    std::vector<BlockEntry> directory = v_.directory();
    account_.open("dense header", kHeaderSize + directory.size() * kDirectoryEntrySize);
    for (const BlockEntry& e : directory) {
      bool known = e.id < kBlockCount;
      std::string name = known ? base::concat("dense ", kBlockNames[e.id]) : base::concat("dense block ", e.id);
      bool plain = e.encoding == Encoding::kPlain;
      size_t number = account_.open(plain ? name : base::concat(name, ", zstd"), e.size);
      if (known) blocks_[e.id] = number, plain_[e.id] = plain;
      used += e.size;
    }
    used += kHeaderSize + directory.size() * kDirectoryEntrySize;
    account_.open("dense padding", v_.bytes().size() - used);
  }
  void close(SizeBy by) const { account_.close(by, table_); }

  // What a symbol has in blocks that are not compressed.
  uint64_t measure(uint32_t i, NameSizes& names) {
    uint64_t symbols = v_.symbol_count();
    uint64_t bytes = take(Block::kClassColumn, v_.block(Block::kClassColumn).size() / symbols) + take(Block::kSizes, 2);
    if (v_.has_name(i)) {
      bytes += take(Block::kNames, names.next());
      if (i >= v_.def_count() - v_.count(kNamedDefs)) bytes += take(Block::kNameHash, 16);
    }
    if (i >= v_.def_count()) return bytes;
    bytes += take(Block::kDataOffsets, 2);
    auto family = static_cast<uint32_t>(v_.family(i));
    uint32_t hashed64 = v_.count(kPackageDefs), hashed = hashed64 + v_.count(kHashed64Defs);
    if (i < hashed64)
      bytes += take(Block::kNameTags, 4);
    else if (i < hashed)
      return bytes + take(Block::kHash64, 8) + streams(i);
    else if (i < hashed + v_.count(kHashedDefs))
      bytes += take(Block::kHash, 16);
    bytes += take(static_cast<Block>(static_cast<uint32_t>(Block::kText) + family), v_.data(i).size());
    return bytes + streams(i);
  }

 private:
  uint64_t take(Block b, uint64_t bytes) {
    auto id = static_cast<size_t>(b);
    return plain_[id] ? account_.take(blocks_[id], bytes) : 0;
  }
  // Members follow each other, so the next stream of a table is the next member's.
  uint64_t stream(Block members, Block index, Block streams, uint32_t i, uint64_t* k) {
    base::Bytes bits = v_.block(members), all = v_.block(index);
    if (!(base::load64(&bits[size_t{i} / 64 * kRankRecord]) >> i % 64 & 1) || *k + 2 > all.size() / 4) return 0;
    uint32_t begin = base::load32(&all[*k * 4]), end = base::load32(&all[*k * 4 + 4]);
    ++*k;
    return take(index, 4) + (end >= begin ? take(streams, end - begin) : 0);
  }
  uint64_t streams(uint32_t i) {
    return stream(Block::kRelocated, Block::kEdgeIndex, Block::kEdges, i, &next_[0]) +
           stream(Block::kRelocated, Block::kRelocIndex, Block::kRelocs, i, &next_[1]) +
           stream(Block::kDebugRelocated, Block::kDebugEdgeIndex, Block::kDebugEdges, i, &next_[2]) +
           stream(Block::kDebugRelocated, Block::kDebugRelocIndex, Block::kDebugRelocs, i, &next_[3]) +
           stream(Block::kAssociated, Block::kAuxIndex, Block::kAux, i, &next_[4]);
  }

  const View& v_;
  SizeTable* table_;
  Account account_;
  size_t blocks_[kBlockCount] = {};
  bool plain_[kBlockCount] = {};
  uint64_t next_[5] = {};
};

}  // namespace

absl::Status measure_dense(base::Bytes object, SizeBy by, SizeTable* table) {
  absl::StatusOr<View> v = View::parse(object);
  if (!v.ok()) return v.status();
  if (uint64_t behind = object.size() - v->bytes().size(); behind != 0) table->add("[behind the object]", behind);
  DenseMeter meter(*v, table);
  meter.open_blocks();
  if (by == SizeBy::kBlock) return meter.close(by), absl::OkStatus();
  absl::StatusOr<AnyView> view = AnyView::parse(object);
  if (!view.ok()) return view.status();
  ObjectNames names(*view, nullptr);
  NameSizes name_sizes(v->block(Block::kNames), v->count(kNamedSymbols));
  objfmt::NameBuffer buffer;
  for (uint32_t i = 0; i < v->symbol_count(); i++) {
    std::string owner = owner_name(*view, names, i, buffer);
    table->add(owner, meter.measure(i, name_sizes));
  }
  meter.close(by);
  return absl::OkStatus();
}

}  // namespace dovetail::inspect
