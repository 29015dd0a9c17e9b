#include "compiler-emit/from_goobj.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/text.h"
#include "compiler-emit/dense_writer.h"
#include "compiler-emit/string_order.h"
#include "objfmt/goobj/view.h"

namespace dovetail::emit {
namespace {

namespace goobj = objfmt::goobj;
using goobj::View;

absl::Status unfit(std::string_view what) {
  return absl::InvalidArgumentError(base::concat("object does not fit the dense format: ", what));
}

// Which string comes when: from where the file's references to strings point to.
class StringTable {
 public:
  explicit StringTable(const View& v) : v_(v) {}

  absl::StatusOr<std::vector<uint8_t>> order() {
    uint32_t counts[] = {v_.pkgdef_count(), v_.hashed64_count(), v_.hashed_count(), v_.nameddef_count(),
                         v_.namedref_count()};
    uint32_t space = 0, slot = 0;
    for (uint32_t count : counts) {
      for (uint32_t i = 0; i < count; i++) add(v_.symbol_record(slot++));
      slots_.ends[space++] = slot;
    }
    add_all(goobj::kRefName, goobj::kRefNameSize, goobj::kSymRefSize, space++);
    add_all(goobj::kPkgIdx, goobj::kStringRefSize, 0, space++);
    add_all(goobj::kAutolib, goobj::kAutolibSize, 0, space++);
    add_all(goobj::kFile, goobj::kStringRefSize, 0, space++);
    std::vector<std::pair<uint64_t, uint32_t>> offsets(texts_.begin(),
                                                       texts_.end());  // sorted, so their order is fixed
    std::sort(offsets.begin(), offsets.end());
    uint64_t at = goobj::kHeaderSize;
    uint64_t end = v_.block_offset(goobj::kAutolib);
    std::vector<StringItem> order;
    absl::flat_hash_set<std::string_view, base::TextHash> known;  // the way back knows a string by its text
    for (auto [place, text] : offsets) {
      uint64_t begin = place >> 32;
      if (begin < at || begin > end) return unfit(base::concat("offset ", at, ": strings overlap"));
      if (!known.insert(base::as_text(base::subrange(v_.bytes(), begin, place & UINT32_MAX))).second) {
        return unfit(base::concat("offset ", begin, ": a string is there twice"));
      }
      if (begin > at) order.push_back({0, v_.bytes().subspan(at, begin - at)});
      at = begin + (place & UINT32_MAX);
      order.push_back({text, {}});
    }
    if (at > end) return unfit(base::concat("offset ", at, ": strings overlap"));
    if (at < end) order.push_back({0, v_.bytes().subspan(at, end - at)});
    slots_.texts = static_cast<uint32_t>(texts_.size());
    return encode_string_order(slots_, order);
  }

 private:
  void add(const uint8_t* ref) {
    uint64_t place = uint64_t{base::load32(ref + 4)} << 32 | base::load32(ref);
    slots_.text.push_back(texts_.try_emplace(place, static_cast<uint32_t>(texts_.size())).first->second);
  }
  void add_all(goobj::Block block, uint32_t record, uint32_t at, uint32_t space) {
    base::Bytes bytes = v_.block_bytes(block);
    for (size_t i = 0; i + record <= bytes.size(); i += record) add(&bytes[i + at]);
    slots_.ends[space] = static_cast<uint32_t>(slots_.text.size());
  }

  const View& v_;
  StringSlots slots_;
  absl::flat_hash_map<uint64_t, uint32_t> texts_;  // by offset and length
};

absl::Status check_ranges(const View& v) {
  for (uint32_t i = 0; i < v.symbol_count(); i++) {
    if (!v.record_ok(i) || !v.ranges_ok(i))
      return absl::InvalidArgumentError(
          base::concat("malformed object: symbol ", i, ": name, kind or ranges out of bounds"));
  }
  for (goobj::Block b : {goobj::kRelocIdx, goobj::kAuxIdx, goobj::kDataIdx}) {
    base::Bytes index = v.block_bytes(b);
    uint32_t total = b == goobj::kDataIdx ? static_cast<uint32_t>(v.block_bytes(goobj::kData).size())
                     : b == goobj::kAuxIdx
                         ? static_cast<uint32_t>(v.block_bytes(goobj::kAux).size() / goobj::kAuxSize)
                         : static_cast<uint32_t>(v.block_bytes(goobj::kReloc).size() / goobj::kRelocSize);
    if (base::load32(index.data()) != 0 || base::load32(&index[index.size() - 4]) != total)
      return unfit("an index that does not span its block");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<uint8_t>> dense_from_goobj(base::Bytes bytes, bool compress_cold) {
  absl::StatusOr<View> parsed = View::parse(bytes);
  if (!parsed.ok()) return parsed.status();
  const View& v = *parsed;
  if (v.block_offset(goobj::kEnd) != bytes.size()) return unfit("bytes behind the object");
  if (absl::Status s = check_ranges(v); !s.ok()) return s;
  SymbolCounts counts{v.pkgdef_count(), v.hashed64_count(), v.hashed_count(), v.nameddef_count(),
                      v.namedref_count()};
  DenseWriter writer(counts, v.object_flags(), v.fingerprint());
  for (uint32_t i = 0; i < v.autolib_count(); i++)
    writer.add_import(v.autolib(i).package, v.autolib(i).fingerprint);
  for (uint32_t i = 0; i < v.package_count(); i++) writer.add_package(v.package(i));
  for (uint32_t i = 0; i < v.file_count(); i++) writer.add_file(v.file(i));
  base::Bytes names = v.block_bytes(goobj::kRefName);
  if (names.size() % goobj::kRefNameSize != 0) return unfit("half a name of a reference");
  for (size_t i = 0; i < names.size(); i += goobj::kRefNameSize) {
    const uint8_t* p = &names[i];
    base::Bytes name = base::subrange(bytes, base::load32(p + 12), base::load32(p + 8));
    writer.add_named_external({base::load32(p), base::load32(p + 4)}, base::as_text(name));
  }
  for (uint32_t i = 0; i < v.ref_flags_count(); i++)
    writer.add_ref_flags(v.ref_flags(i).target, v.ref_flags(i).flags);
  for (uint32_t i = 0; i < v.symbol_count(); i++) {
    SymbolRecord s{
        v.name(i), v.symbol_record(i)[10], v.abi(i), v.flags(i), v.size(i), v.align(i), v.data(i), {}, {},
        {}};
    uint32_t h = i - counts.package_defs;
    if (i < v.def_count() && i >= counts.package_defs) {
      if (h < counts.hashed64)
        s.hash = v.block_bytes(goobj::kHash64).subspan(size_t{h} * 8, 8);
      else if (h - counts.hashed64 < counts.hashed)
        s.hash = {v.hash(i), 16};
    }
    for (objfmt::Reloc r : v.relocs(i)) s.relocs.push_back(r);
    for (objfmt::Aux a : v.auxs(i)) s.auxs.push_back(a);
    writer.add_symbol(std::move(s));
  }
  absl::StatusOr<std::vector<uint8_t>> order = StringTable(v).order();
  if (!order.ok()) return order.status();
  writer.set_residue(*std::move(order));
  return writer.finish(compress_cold);
}

}  // namespace dovetail::emit
