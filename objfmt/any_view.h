// An object in either format. What the loader asks of an object (objfmt/object_view.h) goes to the view that
// knows; which one that is is the same for all questions to one object, so the branch costs little.
//
// Names of dense objects are put together when they are asked for; those that are asked for without a buffer
// are kept as long as the view.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "base/name_hash.h"
#include "base/text_arena.h"
#include "objfmt/dense/view.h"
#include "objfmt/goobj/view.h"

namespace dovetail::objfmt {

// Relocations or auxiliary symbols of one symbol, to be gone through once from the first to the last.
template <class GoobjRange, class Decoder, class Item>
class ItemRange {
 public:
  explicit ItemRange(const GoobjRange& range) : records_(range) {}
  explicit ItemRange(Decoder decoder) : records_(nullptr, 0), decoder_(std::move(decoder)) {}

  struct end_type {};
  class iterator {
   public:
    explicit iterator(ItemRange* range)
        : range_(range), decoder_(range->decoder_ ? &*range->decoder_ : nullptr) {}
    Item operator*() const { return decoder_ ? decoder_->current() : range_->records_[i_]; }
    iterator& operator++() {
      if (decoder_)
        decoder_->advance();
      else
        i_++;
      return *this;
    }
    bool operator!=(end_type) const { return decoder_ ? !decoder_->done() : i_ != range_->records_.size(); }

   private:
    ItemRange* range_;
    Decoder* decoder_;
    uint32_t i_ = 0;
  };
  iterator begin() { return iterator(this); }
  // At the end: whether that was all.
  bool ok() const { return !decoder_ || decoder_->ok(); }
  end_type end() const { return {}; }

 private:
  GoobjRange records_;
  std::optional<Decoder> decoder_;
};

using NameBuffer = dense::NameBuffer;

// What loops over all symbols ask of each.
struct SymbolTraits {
  SymKind kind;
  uint16_t abi, flags;
  uint32_t align;
  bool ok;  // as record_ok
};

class AnyView {
 public:
  using Relocs = ItemRange<goobj::RelocRange, dense::RelocDecoder, Reloc>;
  using Auxs = ItemRange<goobj::AuxRange, dense::AuxDecoder, Aux>;

  AnyView() = default;
  // `object` begins at the magic, which says in which format it is.
  static absl::StatusOr<AnyView> parse(base::Bytes object);

  bool is_dense() const { return dense_ != nullptr; }
  uint64_t fingerprint() const { return dense_ ? dense_->fingerprint() : goobj_.fingerprint(); }
  bool shared() const { return object_flags_ & goobj::kFlagShared; }
  bool from_assembly() const { return object_flags_ & goobj::kFlagFromAssembly; }
  bool unlinkable() const { return object_flags_ & goobj::kFlagUnlinkable; }
  bool std() const { return object_flags_ & goobj::kFlagStd; }

  uint32_t pkgdef_count() const { return counts_[dense::kPackageDefs]; }
  uint32_t hashed64_count() const { return counts_[dense::kHashed64Defs]; }
  uint32_t hashed_count() const { return counts_[dense::kHashedDefs]; }
  uint32_t nameddef_count() const { return counts_[dense::kNamedDefs]; }
  uint32_t namedref_count() const { return counts_[dense::kNamedRefs]; }
  uint32_t def_count() const { return defs_; }
  uint32_t symbol_count() const { return defs_ + namedref_count(); }

  SymKind kind(uint32_t i) const { return dense_ ? dense_->kind(i) : goobj_.kind(i); }
  uint16_t flags(uint32_t i) const { return dense_ ? dense_->flags(i) : goobj_.flags(i); }
  uint16_t abi(uint32_t i) const { return dense_ ? dense_->abi(i) : goobj_.abi(i); }
  uint32_t size(uint32_t i) const { return dense_ ? dense_->size(i) : goobj_.size(i); }
  uint32_t align(uint32_t i) const { return dense_ ? dense_->align(i) : goobj_.align(i); }
  std::string_view name(uint32_t i) const { return dense_ ? dense_->name(i) : goobj_.name(i); }
  // The same for a while: until `buffer` is changed.
  std::string_view name(uint32_t i, NameBuffer& buffer) const {
    return dense_ ? dense_->read_name(i, buffer) : goobj_.name(i);
  }
  uint32_t name_length(uint32_t i, NameBuffer& buffer) const {
    return dense_ ? dense_->name_length(i, buffer) : goobj_.name_length(i);
  }
  bool has_name(uint32_t i) const { return dense_ ? dense_->has_name(i) : goobj_.has_name(i); }
  // Of the name and the ABI. REQUIRES: it is a named definition or reference, has a name, and is not static.
  base::NameHash name_hash(uint32_t i) const { return dense_ ? dense_->name_hash(i) : goobj_.name_hash(i); }
  uint64_t hash64(uint32_t i) const { return dense_ ? dense_->hash64(i) : goobj_.hash64(i); }
  const uint8_t* hash(uint32_t i) const { return dense_ ? dense_->hash(i) : goobj_.hash(i); }

  Relocs relocs(uint32_t i) const { return dense_ ? Relocs(dense_->relocs(i)) : Relocs(goobj_.relocs(i)); }
  // REQUIRES for the next two: is_dense().
  NameClass stored_name_class(uint32_t i) const { return dense_->name_class(i); }
  const dense::View& dense() const { return *dense_; }
  Auxs auxs(uint32_t i) const { return dense_ ? Auxs(dense_->auxs(i)) : Auxs(goobj_.auxs(i)); }
  // Calls f(kind, target) for what definition i refers to, in the order of first use, each target at least once for each
  // kind. False if the object is malformed.
  template <class F>
  bool for_targets(uint32_t i, F&& f) const {
    if (!dense_) {
      for (Reloc r : goobj_.relocs(i)) f(r.kind, r.target);
      return true;
    }
    dense::EdgeDecoder e = dense_->edges(i);
    for (; !e.done(); e.advance()) f(static_cast<RelocKind>(e.kind() & ~kWeakRelocBit), dense_->ref(e.target()));
    return e.ok();
  }
  bool has_relocs(uint32_t i) const { return dense_ ? dense_->has_relocs(i) : goobj_.relocs(i).size() != 0; }
  // Nothing for a dense object.
  goobj::RelocRange goobj_relocs(uint32_t i) const {
    return dense_ ? goobj::RelocRange(nullptr, 0) : goobj_.relocs(i);
  }
  // Whether there are neither relocations nor auxiliary symbols.
  bool leads_nowhere(uint32_t i) const {
    return dense_ ? !dense_->has_relocs(i) && !dense_->has_auxs(i)
                  : goobj_.relocs(i).size() == 0 && goobj_.auxs(i).size() == 0;
  }
  base::Bytes data(uint32_t i) const { return dense_ ? dense_->data(i) : goobj_.data(i); }
  uint32_t data_size(uint32_t i) const { return dense_ ? dense_->data_size(i) : goobj_.data_size(i); }
  bool record_ok(uint32_t i) const { return dense_ ? dense_->record_ok(i) : goobj_.record_ok(i); }
  // Of dense objects whether relocations and auxiliary symbols are in order shows when they are read.
  bool ranges_ok(uint32_t i) const { return dense_ ? dense_->data_ok(i) : goobj_.ranges_ok(i); }
  bool data_range_ok(uint32_t i) const { return dense_ ? dense_->data_ok(i) : goobj_.data_range_ok(i); }

  uint32_t autolib_count() const { return dense_ ? dense_->import_count() : goobj_.autolib_count(); }
  goobj::Autolib autolib(uint32_t i) const;
  uint32_t package_count() const { return dense_ ? dense_->package_count() : goobj_.package_count(); }
  std::string_view package(uint32_t i) const { return dense_ ? dense_->path(i) : goobj_.package(i); }
  uint32_t file_count() const { return dense_ ? dense_->file_count() : goobj_.file_count(); }
  std::string_view file(uint32_t i) const {
    return dense_ ? dense_->file(i) : goobj_.file(i);
  }
  using RefFlags = goobj::View::RefFlags;
  uint32_t ref_flags_count() const { return dense_ ? dense_->ref_flags_count() : goobj_.ref_flags_count(); }
  RefFlags ref_flags(uint32_t i) const;
  RefSpace space(SymRef ref) const { return goobj_.space(ref); }
  base::Bytes bytes() const { return dense_ ? dense_->bytes() : goobj_.bytes(); }

  // Whether all names that were asked for were there to be read.
  bool names_ok() const { return !dense_ || dense_->names_ok(); }

  // Calls f with the view of its own format, for loops that ask of every symbol.
  template <class F>
  void visit(F&& f) const {
    if (dense_)
      f(static_cast<const Dense&>(*dense_));
    else
      f(goobj_);
  }

 private:
  // A dense view under the names that goobj's has, with its names.
  class Dense : public dense::View {
   public:
    absl::Status open(base::Bytes object);
    SymKind kind(uint32_t i) const { return from_object_kind(dense::View::kind(i)); }
    bool record_ok(uint32_t i) const {
      return class_ok(i) && kind(i) != SymKind::kCount && (i >= def_count() || alignment_ok(align(i)));
    }
    SymbolTraits traits(uint32_t i) const {
      const uint8_t* c = class_record(i);
      SymKind kind = from_object_kind(c[0]);
      uint32_t align = base::load32(c + 8);
      bool ok = class_ok(i) && kind != SymKind::kCount && (i >= def_count() || alignment_ok(align));
      return {kind, base::load16(c + 2), base::load16(c + 4), align, ok};
    }
    void prefetch(uint32_t) const {}
    void prefetch_name(uint32_t) const {}
    uint32_t pkgdef_count() const { return count(dense::kPackageDefs); }
    uint32_t hashed64_count() const { return count(dense::kHashed64Defs); }
    uint32_t hashed_count() const { return count(dense::kHashedDefs); }
    uint32_t nameddef_count() const { return count(dense::kNamedDefs); }
    std::string_view name(uint32_t i);
    std::string_view read_name(uint32_t i, NameBuffer& buffer);
    uint32_t name_length(uint32_t i, NameBuffer& buffer);
    std::string_view path(uint32_t i) const { return i < paths_.size() ? paths_[i] : std::string_view(); }
    std::string_view file(uint32_t i);
    bool names_ok() const { return names_ok_.load(std::memory_order_relaxed); }

   private:
    bool read_paths(uint32_t n, std::vector<std::string_view>& paths);

    std::vector<std::unique_ptr<uint8_t[]>> storage_;  // of blocks that are compressed
    dense::NameTable names_, path_table_;
    std::vector<std::string_view> paths_, files_;  // packages and imports; all
    std::once_flag files_read_;
    std::mutex mutex_;
    base::TextArena texts_;                                  // guarded by mutex_
    absl::flat_hash_map<uint32_t, std::string_view> known_;  // guarded by mutex_
    std::atomic<bool> names_ok_{true};
  };

  goobj::View goobj_;
  std::unique_ptr<Dense> dense_;
  uint32_t object_flags_ = 0, defs_ = 0;
  uint32_t counts_[5] = {};
};

static_assert(ObjectView<AnyView>);

}  // namespace dovetail::objfmt
