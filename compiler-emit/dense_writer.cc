#include "compiler-emit/dense_writer.h"

#include <zstd.h>

#include <algorithm>
#include <bit>
#include <map>

#include "absl/container/flat_hash_map.h"
#include "base/text.h"
#include "compiler-emit/byte_sink.h"
#include "compiler-emit/names_writer.h"
#include "objfmt/goobj/layout.h"

namespace dovetail::emit {

namespace goobj = objfmt::goobj;
using namespace objfmt::dense;
using objfmt::Aux;
using objfmt::AuxKind;
using objfmt::Reloc;
using objfmt::RelocKind;
using objfmt::SymKind;
using objfmt::SymRef;

namespace {

constexpr int kCompressionLevel = 6;

uint64_t key_of(SymRef ref) { return uint64_t{ref.pkg} << 32 | ref.sym; }

// What is read together with a function's tables, and seldom else.
bool is_metadata(AuxKind k) {
  switch (k) {
    case AuxKind::kFuncInfo:
    case AuxKind::kPcsp:
    case AuxKind::kPcfile:
    case AuxKind::kPcline:
    case AuxKind::kPcinline:
    case AuxKind::kPcdata:
      return true;
    default:
      return false;
  }
}

// One bit of each symbol, and the number of those before each word.
class Members {
 public:
  explicit Members(uint32_t count) : words_((uint64_t{count} + 63) / 64) {}
  void set(uint32_t i) { words_[i / 64] |= uint64_t{1} << i % 64; }
  std::vector<uint8_t> block() const {
    std::vector<uint8_t> out;
    uint32_t before = 0;
    for (uint64_t word : words_) {
      put(out, word);
      put(out, before);
      before += static_cast<uint32_t>(std::popcount(word));
    }
    return out;
  }

 private:
  std::vector<uint64_t> words_;
};

}  // namespace

void DenseWriter::add_named_external(SymRef ref, std::string_view name) {
  externals_.push_back(ref);
  external_names_.push_back(name);
}

// One object being laid out.
class DenseLayout {
 public:
  DenseLayout(DenseWriter& in, bool compress_cold)
      : in_(in),
        compress_cold_(compress_cold),
        defs_(in.counts_.defs()),
        relocs_{Relocs(Members(defs_)), Relocs(Members(defs_))},
        associated_(defs_),
        named_(in.counts_.symbols()) {}

  absl::StatusOr<std::vector<uint8_t>> run() {
    if (in_.symbols_.size() != in_.counts_.symbols())
      fail(base::concat(in_.symbols_.size(), " symbols, ", in_.counts_.symbols(), " were promised"));
    for (SymRef ref : in_.externals_) add_external(ref);
    named_externals_ = static_cast<uint32_t>(external_list_.size());
    if (named_externals_ != in_.externals_.size()) fail("the name of a reference is there twice");
    if (status_.ok()) lay_out_symbols();
    if (!status_.ok()) return status_;
    lay_out_externals();
    lay_out_paths();
    lay_out_hashes();
    lay_out_names();
    block(Block::kResidue) = std::move(in_.residue_);
    return assemble();
  }

 private:
  // The streams of relocations: of debug information, and of all else.
  struct Relocs {
    explicit Relocs(Members m) : members(std::move(m)) {}
    Members members;
    std::vector<uint8_t> edges, relocs, edge_index, reloc_index;
  };

  void fail(std::string_view what) {
    if (status_.ok())
      status_ = absl::InvalidArgumentError(base::concat("object does not fit the dense format: ", what));
  }
  std::vector<uint8_t>& block(Block b) { return blocks_[static_cast<size_t>(b)]; }

  // ---- References ----

  uint32_t add_external(SymRef ref) {
    auto [it, added] = externals_.try_emplace(key_of(ref), static_cast<uint32_t>(external_list_.size()));
    if (added) external_list_.push_back(ref);
    return it->second;
  }

  // A reference as a number of the streams; distances count from symbol `from`.
  uint64_t target(SymRef ref, uint32_t from) {
    uint32_t to = 0;
    if (local_index(ref, &to)) return base::zigzag(int64_t{to} - int64_t{from}) << 1;
    if (ref.is_nil() && ref.sym == 0) return kNilTarget;
    if (ref.pkg < goobj::kPkgSelf || ref.pkg == goobj::kPkgBuiltin)
      return 2 * uint64_t{add_external(ref)} + 3;
    fail(base::concat("reference to symbol ", ref.sym, " of package ", ref.pkg));
    return kNilTarget;
  }
  bool local_index(SymRef ref, uint32_t* i) const {
    const SymbolCounts& c = in_.counts_;
    uint32_t hashed = c.package_defs + c.hashed64, named = hashed + c.hashed;
    switch (ref.pkg) {
      case goobj::kPkgSelf:
        *i = ref.sym;
        return ref.sym < c.package_defs;
      case goobj::kPkgHashed64:
        *i = c.package_defs + ref.sym;
        return ref.sym < c.hashed64;
      case goobj::kPkgHashed:
        *i = hashed + ref.sym;
        return ref.sym < c.hashed;
      case goobj::kPkgNone:
        *i = named + ref.sym;
        return ref.sym < c.named_defs + c.named_refs;
      default:
        return false;
    }
  }

  // ---- Symbols ----

  void lay_out_symbols() {
    find_metadata();
    for (uint32_t i = 0; i < in_.symbols_.size() && status_.ok(); i++) {
      const SymbolRecord& s = in_.symbols_[i];
      Family family = family_of(s, i);
      classes_of_symbols_.push_back(class_number(s, i, family));
      if (!s.name.empty()) named_.set(i), named_symbols_++;
      bool wide_size = s.size >= kSeeWide;
      if (wide_size) put_wide(i, WideField::kSize, s.size);
      put(block(Block::kSizes), static_cast<uint16_t>(wide_size ? kSeeWide : s.size));
      if (i >= defs_) {
        if (!s.data.empty() || !s.relocs.empty() || !s.auxs.empty()) fail("a reference has contents");
        continue;
      }
      put_data(s, i, family);
      put_relocs(s, i, relocs_[family == Family::kDebug ? 1 : 0]);
      put_auxs(s, i);
    }
    bool wide = classes_.size() > 256;
    if (classes_.size() > UINT16_MAX) fail(base::concat(classes_.size(), " classes of symbols"));
    for (uint32_t c : classes_of_symbols_) {
      if (wide)
        put(block(Block::kClassColumn), static_cast<uint16_t>(c));
      else
        put(block(Block::kClassColumn), static_cast<uint8_t>(c));
    }
    static constexpr Block kOf[2][5] = {
        {Block::kRelocated, Block::kEdgeIndex, Block::kRelocIndex, Block::kEdges, Block::kRelocs},
        {Block::kDebugRelocated, Block::kDebugEdgeIndex, Block::kDebugRelocIndex, Block::kDebugEdges,
         Block::kDebugRelocs}};
    for (size_t k = 0; k < 2 && defs_ != 0; k++) {
      Relocs& r = relocs_[k];
      put(r.edge_index, static_cast<uint32_t>(r.edges.size()));
      put(r.reloc_index, static_cast<uint32_t>(r.relocs.size()));
      block(kOf[k][0]) = r.members.block();
      block(kOf[k][1]) = std::move(r.edge_index);
      block(kOf[k][2]) = std::move(r.reloc_index);
      block(kOf[k][3]) = std::move(r.edges);
      block(kOf[k][4]) = std::move(r.relocs);
    }
    if (defs_ == 0) return;
    put(block(Block::kAuxIndex), static_cast<uint32_t>(block(Block::kAux).size()));
    block(Block::kAssociated) = associated_.block();
  }

  void find_metadata() {
    metadata_.resize(in_.symbols_.size());
    for (const SymbolRecord& s : in_.symbols_) {
      for (const Aux& a : s.auxs) {
        uint32_t i = 0;
        if (is_metadata(a.kind) && local_index(a.target, &i)) metadata_[i] = true;
      }
    }
  }
  Family family_of(const SymbolRecord& s, uint32_t i) const {
    SymKind kind = objfmt::from_object_kind(s.kind);
    if (objfmt::is_text(kind)) return Family::kText;
    if (objfmt::is_dwarf(kind)) return Family::kDebug;
    return metadata_[i] ? Family::kMetadata : Family::kData;
  }

  uint32_t class_number(const SymbolRecord& s, uint32_t i, Family family) {
    uint8_t length = i >= defs_ || s.data.size() == s.size ? kLengthIsSize
                     : s.data.empty()                      ? kLengthNone
                                                           : kLengthWide;
    ClassRecord c{s.kind, family, s.abi, s.flags, length, objfmt::name_class(s.name), s.align};
    auto key = std::make_tuple(s.kind, family, s.abi, s.flags, length, c.name_class, s.align);
    auto [it, added] = class_numbers_.try_emplace(key, static_cast<uint32_t>(classes_.size()));
    if (added) {
      classes_.push_back(c);
      std::vector<uint8_t>& out = block(Block::kClasses);
      put(out, c.kind);
      put(out, static_cast<uint8_t>(c.family));
      put(out, c.abi);
      put(out, c.flags);
      put(out, c.length);
      put(out, c.name_class);
      put(out, c.align);
      put(out, c.zero);
    }
    return it->second;
  }

  void put_wide(uint32_t i, WideField field, uint64_t value) {
    put(block(Block::kWide), static_cast<uint32_t>(i * 4 + static_cast<uint32_t>(field)));
    put(block(Block::kWide), static_cast<uint32_t>(value));
  }

  bool is_hashed64(uint32_t i) const { return i - in_.counts_.package_defs < in_.counts_.hashed64; }
  std::vector<uint8_t>& data_of(uint32_t family) {
    return block(static_cast<Block>(static_cast<uint32_t>(Block::kText) + family));
  }

  void put_data(const SymbolRecord& s, uint32_t i, Family family) {
    if (i % kDefsPerBase == 0) {
      for (uint32_t f = 0; f < kFamilies; f++) {
        bases_[f] = data_of(f).size();
        put(block(Block::kDataBases), static_cast<uint32_t>(bases_[f]));
      }
    }
    auto f = static_cast<uint32_t>(family);
    std::vector<uint8_t>& out = data_of(f);
    uint64_t offset = out.size() - bases_[f];
    if (is_hashed64(i)) {
      check_hash64(s);
      offset = 0;
    } else {
      if (offset >= kSeeWide) put_wide(i, WideField::kDataOffset, out.size());
      put_bytes(out, s.data);
    }
    put(block(Block::kDataOffsets), static_cast<uint16_t>(std::min<uint64_t>(offset, kSeeWide)));
    if (s.data.size() != s.size && !s.data.empty()) put_wide(i, WideField::kDataLength, s.data.size());
  }
  // Their bytes are their hash.
  void check_hash64(const SymbolRecord& s) {
    uint8_t padded[8] = {};
    if (s.data.size() > 8 || s.hash.size() != 8)
      return fail("a 64-bit-hashed definition is longer than its hash");
    std::copy(s.data.begin(), s.data.end(), padded);
    if (!std::equal(padded, padded + 8, s.hash.begin())) fail("a 64-bit hash is not the content");
  }

  // ---- Relocations ----

  // Of a call through an interface the addend names the method: reachability asks for it.
  static uint8_t addend_place(const Reloc& r) {
    if (r.addend == 0) return 0;
    return r.kind == RelocKind::kUseIfaceMethod ? objfmt::dense::kAddendInEdge : objfmt::dense::kAddendInReloc;
  }
  uint32_t reloc_class(const Reloc& r) {
    uint32_t c = static_cast<uint32_t>(r.kind) | (r.weak ? objfmt::kWeakRelocBit : 0u) |
                 uint32_t{r.size} << 16 | uint32_t{addend_place(r)} << 24;
    auto [it, added] = reloc_classes_.try_emplace(c, static_cast<uint32_t>(reloc_classes_.size()));
    if (added) put(block(Block::kRelocClasses), c);
    return it->second;
  }

  void put_relocs(const SymbolRecord& s, uint32_t i, Relocs& out) {
    if (s.relocs.empty()) return;
    out.members.set(i);
    put(out.edge_index, static_cast<uint32_t>(out.edges.size()));
    put(out.reloc_index, static_cast<uint32_t>(out.relocs.size()));
    slots_.clear();
    int64_t at = 0;
    for (const Reloc& r : s.relocs) {
      uint32_t c = reloc_class(r);
      uint64_t next = slots_.size();
      bool in_edge = addend_place(r) == objfmt::dense::kAddendInEdge;
      auto [it, added] = slots_.try_emplace({key_of(r.target), c, in_edge ? r.addend : 0}, next);
      if (added) {
        put_uleb(out.edges, c);
        put_uleb(out.edges, target(r.target, i));
        if (in_edge) put_sleb(out.edges, r.addend);
      }
      uint64_t slot = it->second, back = next - slot;
      uint32_t code = added ? kSlotNext : back < kSlotFollows ? static_cast<uint32_t>(back) : kSlotFollows;
      int64_t gap = r.offset - at;
      uint32_t head = gap < 0 ? kGapBelow : gap >= kGapAbove ? kGapAbove : static_cast<uint32_t>(gap);
      out.relocs.push_back(static_cast<uint8_t>(head << kSlotBits | code));
      if (gap < -int64_t{UINT32_MAX}) fail("a relocation 4 GiB in front of the one before");
      if (gap < 0)
        put_uleb(out.relocs, static_cast<uint64_t>(-gap));
      else if (head == kGapAbove)
        put_uleb(out.relocs, static_cast<uint64_t>(gap - kGapAbove));
      if (code == kSlotFollows) put_uleb(out.relocs, slot);
      if (r.addend != 0 && !in_edge) put_sleb(out.relocs, r.addend);
      at = int64_t{r.offset} + r.size;
    }
  }

  // ---- Auxiliary symbols ----

  void put_auxs(const SymbolRecord& s, uint32_t i) {
    if (s.auxs.empty()) return;
    associated_.set(i);
    std::vector<uint8_t>& out = block(Block::kAux);
    put(block(Block::kAuxIndex), static_cast<uint32_t>(out.size()));
    std::string shape;
    for (const Aux& a : s.auxs) shape.push_back(static_cast<char>(a.kind));
    auto [it, added] = shapes_.try_emplace(shape, static_cast<uint32_t>(block(Block::kAuxShapes).size()));
    if (added) {
      put_uleb(block(Block::kAuxShapes), shape.size());
      put_text(block(Block::kAuxShapes), shape);
    }
    put_uleb(out, it->second);
    uint32_t last = i;
    for (const Aux& a : s.auxs) {
      put_uleb(out, target(a.target, last));
      uint32_t to = 0;
      if (local_index(a.target, &to)) last = to;
    }
  }

  // ---- What is not a symbol's ----

  void lay_out_externals() {
    for (const auto& f : in_.ref_flags_) {
      put(block(Block::kRefFlags), add_external(f.ref));
      put(block(Block::kRefFlags), f.flags);
      put(block(Block::kRefFlags), uint16_t{0});
    }
    uint32_t packages = static_cast<uint32_t>(in_.packages_.size());
    unsigned bits = 32 - static_cast<unsigned>(std::bit_width(packages + 1));
    bool wide = false;
    auto package_of = [&](SymRef ref) { return ref.pkg == goobj::kPkgBuiltin ? packages : ref.pkg; };
    for (SymRef ref : external_list_) {
      if (ref.pkg >= packages && ref.pkg != goobj::kPkgBuiltin)
        fail(base::concat("reference to package ", ref.pkg, " of ", packages));
      wide |= ref.sym >> bits != 0;
    }
    for (SymRef ref : external_list_) {
      if (wide)
        put(block(Block::kExternals), uint64_t{package_of(ref)} << 32 | ref.sym);
      else
        put(block(Block::kExternals), package_of(ref) << bits | ref.sym);
    }
  }

  void lay_out_paths() {
    std::vector<uint8_t>& out = block(Block::kPaths);
    put(out, static_cast<uint32_t>(in_.packages_.size()));
    put(out, static_cast<uint32_t>(in_.files_.size()));
    NamesWriter names;
    for (std::string_view path : in_.packages_) names.add(path);
    for (const auto& import : in_.imports_) {
      names.add(import.path);
      put(block(Block::kImports), import.fingerprint);
    }
    for (std::string_view file : in_.files_) names.add(file);
    put_bytes(out, names.finish());
  }

  void lay_out_hashes() {
    const SymbolCounts& c = in_.counts_;
    auto name_hash = [](const SymbolRecord& s) {
      return s.abi == goobj::kAbiStatic || s.name.empty() ? base::NameHash{} : base::hash_name(s.name, s.abi);
    };
    for (uint32_t i = 0; i < in_.symbols_.size(); i++) {
      const SymbolRecord& s = in_.symbols_[i];
      if (i < c.package_defs) {
        put(block(Block::kNameTags), static_cast<uint32_t>(name_hash(s).hi >> 32));
      } else if (i < c.package_defs + c.hashed64) {
        put_bytes(block(Block::kHash64), s.hash);
      } else if (i < c.package_defs + c.hashed64 + c.hashed) {
        if (s.hash.size() != 16) fail("a hashed definition without a hash");
        put_bytes(block(Block::kHash), s.hash);
      } else {
        if (s.name.empty()) continue;
        base::NameHash h = name_hash(s);
        put(block(Block::kNameHash), h.hi);
        put(block(Block::kNameHash), h.lo);
      }
    }
  }

  void lay_out_names() {
    NamesWriter names;
    for (const SymbolRecord& s : in_.symbols_) {
      if (!s.name.empty()) names.add(s.name);
    }
    block(Block::kNames) = names.finish();
    block(Block::kNamed) = named_.block();
    for (std::string_view name : in_.external_names_) names.add(name);
    block(Block::kToolNames) = names.finish();
  }

  absl::StatusOr<std::vector<uint8_t>> assemble() {
    if (!status_.ok()) return status_;
    std::vector<uint32_t> present;
    for (uint32_t b = 1; b < kBlockCount; b++) {
      if (!blocks_[b].empty()) present.push_back(b);
    }
    uint64_t at = kHeaderSize + present.size() * kDirectoryEntrySize;
    std::vector<uint8_t> out(at);
    for (size_t k = 0; k < present.size(); k++) {
      uint32_t b = present[k];
      uint64_t raw = blocks_[b].size();
      bool cold = compress_cold_ && may_be_cold(static_cast<Block>(b)) && compress(blocks_[b]);
      out.resize(base::round_up(out.size(), kBlockAlign));
      uint8_t* e = &out[kHeaderSize + k * kDirectoryEntrySize];
      base::store16(e, static_cast<uint16_t>(b));
      e[2] = static_cast<uint8_t>(cold ? Encoding::kZstd : Encoding::kPlain);
      e[3] = b == static_cast<uint32_t>(Block::kToolNames) || b == static_cast<uint32_t>(Block::kResidue)
                 ? 0
                 : kBlockRequired;
      base::store32(e + 4, static_cast<uint32_t>(out.size()));
      base::store32(e + 8, static_cast<uint32_t>(blocks_[b].size()));
      base::store32(e + 12, static_cast<uint32_t>(raw));
      put_bytes(out, blocks_[b]);
      if (out.size() > UINT32_MAX) return fail("more than 4 GiB"), status_;
    }
    const SymbolCounts& c = in_.counts_;
    std::copy_n(kMagic, kMagicSize, out.begin());
    base::store32(&out[kVersionAt], kVersion);
    base::store32(&out[kFlagsAt], in_.object_flags_);
    base::store64(&out[kFingerprintAt], in_.fingerprint_);
    const uint32_t counts[kCounts] = {c.package_defs,   c.hashed64,
                                      c.hashed,         c.named_defs,
                                      c.named_refs,     static_cast<uint32_t>(external_list_.size()),
                                      named_externals_, named_symbols_};
    for (uint32_t k = 0; k < kCounts; k++) base::store32(&out[kCountsAt + 4 * k], counts[k]);
    base::store32(&out[kBlockCountAt], static_cast<uint32_t>(present.size()));
    base::store32(&out[kSizeAt], static_cast<uint32_t>(out.size()));
    return out;
  }

  // False, and the block as it was, if compressing does not make it smaller.
  static bool compress(std::vector<uint8_t>& bytes) {
    std::vector<uint8_t> frame(ZSTD_compressBound(bytes.size()));
    size_t n = ZSTD_compress(frame.data(), frame.size(), bytes.data(), bytes.size(), kCompressionLevel);
    if (ZSTD_isError(n) || n >= bytes.size() || bytes.size() / kMostExpansion > n) return false;
    frame.resize(n);
    bytes = std::move(frame);
    return true;
  }

  DenseWriter& in_;
  bool compress_cold_;
  uint32_t defs_, named_externals_ = 0, named_symbols_ = 0;
  absl::Status status_;
  std::vector<uint8_t> blocks_[kBlockCount];
  std::vector<bool> metadata_;
  std::vector<ClassRecord> classes_;
  std::map<std::tuple<uint8_t, Family, uint16_t, uint16_t, uint8_t, objfmt::NameClass, uint32_t>, uint32_t>
      class_numbers_;
  std::vector<uint32_t> classes_of_symbols_;
  absl::flat_hash_map<uint64_t, uint32_t> externals_;
  std::vector<SymRef> external_list_;
  absl::flat_hash_map<uint32_t, uint32_t> reloc_classes_;
  absl::flat_hash_map<std::tuple<uint64_t, uint32_t, int64_t>, uint64_t> slots_;
  std::map<std::string, uint32_t> shapes_;
  Relocs relocs_[2];
  Members associated_, named_;
  uint64_t bases_[kFamilies] = {};
};

absl::StatusOr<std::vector<uint8_t>> DenseWriter::finish(bool compress_cold) {
  return DenseLayout(*this, compress_cold).run();
}

}  // namespace dovetail::emit
