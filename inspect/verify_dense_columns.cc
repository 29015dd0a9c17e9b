// Columns of a dense object: what each symbol is, how long, where its bytes are.
#include <bit>
#include <set>

#include "absl/container/flat_hash_set.h"
#include "base/text.h"
#include "inspect/verify_dense.h"

namespace dovetail::inspect {
namespace {

using base::concat;
using namespace objfmt::dense;

class ColumnVerifier {
 public:
  ColumnVerifier(const View& view, Findings* findings) : v_(view), findings_(findings) {}

  void run() {
    if (!check_classes() || !check_class_column()) return;
    check_wide();
    check_sizes_and_data();
    check_hash64();
    check_ranks(Block::kNamed, v_.symbol_count());
    for (Block b : {Block::kRelocated, Block::kDebugRelocated, Block::kAssociated}) check_ranks(b, v_.def_count());
  }

 private:
  void add(std::string_view rule, Block b, uint64_t offset, uint32_t symbol, std::string text) {
    findings_->add(rule, {.block = block_name(b), .offset = offset, .symbol = symbol}, std::move(text));
  }
  base::Bytes block(Block b) const { return v_.block(b); }
  uint32_t class_count() const { return static_cast<uint32_t>(block(Block::kClasses).size() / kClassSize); }
  uint32_t class_of(uint32_t i) const {
    base::Bytes column = block(Block::kClassColumn);
    return class_count() > 256 ? base::load16(&column[size_t{i} * 2]) : column[i];
  }
  uint8_t length_class(uint32_t i) const { return block(Block::kClasses)[size_t{class_of(i)} * kClassSize + 6]; }

  // ---- Classes ----

  bool check_classes() {
    uint64_t before = findings_->count();
    base::Bytes all = block(Block::kClasses);
    absl::flat_hash_set<std::string_view, base::TextHash> known;
    for (size_t at = 0; at < all.size(); at += kClassSize) {
      const uint8_t* p = &all[at];
      auto wrong = [&](std::string_view rule, uint32_t field, uint64_t value) {
        add(rule, Block::kClasses, at + field, kNoSymbol, concat("class ", at / kClassSize, " has ", value));
      };
      if (objfmt::from_object_kind(p[0]) == objfmt::SymKind::kCount) wrong("classes.kind", 0, p[0]);
      if (p[1] >= kFamilies) wrong("classes.family", 1, p[1]);
      if (p[6] > kLengthWide) wrong("classes.length", 6, p[6]);
      if (p[7] > static_cast<uint8_t>(objfmt::NameClass::kType)) wrong("classes.name-class", 7, p[7]);
      if (!objfmt::alignment_ok(base::load32(p + 8))) wrong("classes.align", 8, base::load32(p + 8));
      if (uint32_t zero = base::load32(p + 12); zero != 0) wrong("classes.zero", 12, zero);
      if (!known.insert(base::as_text({p, kClassSize})).second) {
        add("classes.distinct", Block::kClasses, at, kNoSymbol, concat("class ", at / kClassSize, " is there twice"));
      }
    }
    return findings_->count() == before;
  }

  // In range, and numbered as they first occur.
  bool check_class_column() {
    uint32_t next = 0;
    bool good = true;
    for (uint32_t i = 0; i < v_.symbol_count(); i++) {
      uint32_t c = class_of(i);
      uint64_t at = uint64_t{i} * (class_count() > 256 ? 2 : 1);
      if (c >= class_count()) {
        add("class-column.range", Block::kClassColumn, at, i, concat("class ", c, " of ", class_count()));
        good = false;
      } else if (c > next) {
        add("classes.order", Block::kClassColumn, at, i, concat("class ", c, " occurs before class ", next));
        next = c + 1;
      } else if (c == next) {
        next++;
      }
    }
    if (good && next < class_count()) {
      add("classes.used", Block::kClasses, uint64_t{next} * kClassSize, kNoSymbol,
          concat("no symbol has class ", next));
    }
    return good;
  }

  // ---- Wide values ----

  bool needed(uint32_t i, WideField field, uint32_t value, std::string* why) const {
    switch (field) {
      case WideField::kSize:
        *why = concat("its size is ", base::load16(&block(Block::kSizes)[size_t{i} * 2]), " in the column, ", value,
                      " here");
        return base::load16(&block(Block::kSizes)[size_t{i} * 2]) == kSeeWide && value >= kSeeWide;
      case WideField::kDataOffset:
        *why = "the column has its offset";
        return i < v_.def_count() && base::load16(&block(Block::kDataOffsets)[size_t{i} * 2]) == kSeeWide;
      case WideField::kDataLength:
        *why = concat("its class says how long its data are, or ", value, " is none or its size");
        return i < v_.def_count() && length_class(i) == kLengthWide && value != 0 && value != v_.size(i);
    }
    return false;
  }
  void check_wide() {
    base::Bytes all = block(Block::kWide);
    int64_t last = -1;
    for (size_t at = 0; at < all.size(); at += kWideRecord) {
      uint32_t key = base::load32(&all[at]), value = base::load32(&all[at + 4]), symbol = key / 4, field = key % 4;
      if (key <= last) add("wide.ascending", Block::kWide, at, symbol, concat("key ", key, " behind ", last));
      last = key;
      if (symbol >= v_.symbol_count() || field > static_cast<uint32_t>(WideField::kDataLength)) {
        add("wide.key", Block::kWide, at, kNoSymbol, concat("field ", field, " of symbol ", symbol));
        continue;
      }
      wide_.insert(key);
      std::string why;
      if (!needed(symbol, static_cast<WideField>(field), value, &why))
        add("wide.needed", Block::kWide, at, symbol, why);
    }
  }
  void want_wide(uint32_t i, WideField field, Block where, uint64_t at) {
    if (!wide_.contains(i * 4 + static_cast<uint32_t>(field))) {
      add("wide.missing", where, at, i, concat("no value for field ", static_cast<uint32_t>(field)));
    }
  }

  // ---- Sizes, places of bytes ----

  void check_sizes_and_data() {
    uint64_t next[kFamilies] = {};
    for (uint32_t i = 0; i < v_.symbol_count(); i++) {
      uint16_t size = base::load16(&block(Block::kSizes)[size_t{i} * 2]);
      if (size == kSeeWide) want_wide(i, WideField::kSize, Block::kSizes, uint64_t{i} * 2);
      if (i >= v_.def_count()) {
        if (length_class(i) != kLengthIsSize) {
          add("classes.length", Block::kClassColumn, kNowhere, i, "a reference whose class says something of data");
        }
        continue;
      }
      if (i % kDefsPerBase == 0) check_bases(i, next);
      check_place(i, next);
    }
    for (uint32_t f = 0; f < kFamilies; f++) {
      Block b = static_cast<Block>(static_cast<uint32_t>(Block::kText) + f);
      if (next[f] != block(b).size()) add("data.covered", b, next[f], kNoSymbol, want_have(next[f], block(b).size()));
    }
  }
  void check_bases(uint32_t i, const uint64_t* next) {
    for (uint32_t f = 0; f < kFamilies; f++) {
      uint64_t at = (uint64_t{i} / kDefsPerBase * kFamilies + f) * 4;
      uint32_t base = bases_[f] = base::load32(&block(Block::kDataBases)[at]);
      if (base != next[f]) add("data-bases.value", Block::kDataBases, at, i, want_have(next[f], base));
    }
  }
  void check_place(uint32_t i, uint64_t* next) {
    uint64_t length = v_.data_size(i), at = uint64_t{i} * 2;
    if (length_class(i) == kLengthWide) want_wide(i, WideField::kDataLength, Block::kClassColumn, kNowhere);
    if (length_class(i) == kLengthNone && v_.size(i) == 0) {
      add("classes.length", Block::kClassColumn, kNowhere, i,
          "has as many bytes as its size says, and its class says none");
    }
    uint16_t offset = base::load16(&block(Block::kDataOffsets)[at]);
    if (is_hash64(i)) {
      if (offset != 0) add("data-offsets.value", Block::kDataOffsets, at, i, want_have(0, offset));
      return;
    }
    auto f = static_cast<uint32_t>(v_.family(i));
    uint64_t place = uint64_t{bases_[f]} + offset, from_base = next[f] - bases_[f];
    if (offset == kSeeWide) {
      want_wide(i, WideField::kDataOffset, Block::kDataOffsets, at);
      place = wide_value(i, WideField::kDataOffset);
      if (next[f] >= bases_[f] && from_base < kSeeWide) {
        add("wide.needed", Block::kWide, kNowhere, i, concat("its offset ", from_base, " fits into the column"));
      }
    }
    if (place != next[f]) add("data-offsets.value", Block::kDataOffsets, at, i, want_have(next[f], place));
    next[f] += length;
  }
  uint64_t wide_value(uint32_t i, WideField field) const {
    base::Bytes all = block(Block::kWide);
    uint32_t key = i * 4 + static_cast<uint32_t>(field);
    size_t low = 0, high = all.size() / kWideRecord;
    while (low < high) {
      size_t middle = (low + high) / 2;
      (base::load32(&all[middle * kWideRecord]) < key ? low : high) =
          base::load32(&all[middle * kWideRecord]) < key ? middle + 1 : middle;
    }
    bool found = low < all.size() / kWideRecord && base::load32(&all[low * kWideRecord]) == key;
    return found ? base::load32(&all[low * kWideRecord + 4]) : 0;
  }

  // ---- Hashes that are contents ----

  bool is_hash64(uint32_t i) const { return i - v_.count(kPackageDefs) < v_.count(kHashed64Defs); }
  void check_hash64() {
    for (uint32_t k = 0; k < v_.count(kHashed64Defs); k++) {
      uint32_t i = v_.count(kPackageDefs) + k, length = v_.data_size(i);
      uint64_t padding = length < 8 ? v_.hash64(i) >> 8 * length : 0;
      if (length > 8) add("hash64.length", Block::kHash64, uint64_t{k} * 8, i, want_have(8, length));
      if (padding != 0)
        add("hash64.padding", Block::kHash64, uint64_t{k} * 8 + length, i,
            concat("behind its ", length, " bytes stands ", padding));
    }
  }

  // ---- Rank tables ----

  void check_ranks(Block b, uint32_t n) {
    uint64_t before = 0;
    base::Bytes all = block(b);
    for (size_t at = 0; at < all.size(); at += kRankRecord) {
      uint64_t word = base::load64(&all[at]), first = at / kRankRecord * 64;
      uint32_t count = base::load32(&all[at + 8]);
      if (count != before) add("rank.count", b, at + 8, kNoSymbol, want_have(before, count));
      before += static_cast<uint64_t>(std::popcount(word));
      if (first + 64 > n && word >> (n - first) != 0)
        add("rank.tail", b, at, kNoSymbol, concat("a bit is set behind the last of ", n));
    }
    if (b == Block::kNamed && before != v_.count(kNamedSymbols)) {
      findings_->add("header.named", {.block = "header", .offset = kCountsAt + 4 * kNamedSymbols},
                     want_have(before, v_.count(kNamedSymbols)));
    }
  }

  const View& v_;
  Findings* findings_;
  absl::flat_hash_set<uint32_t> wide_;  // keys
  uint32_t bases_[kFamilies] = {};
};

}  // namespace

void verify_dense_columns(const View& view, Findings* findings) { ColumnVerifier(view, findings).run(); }

}  // namespace dovetail::inspect
