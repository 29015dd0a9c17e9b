// Names of a dense object: three name tables, and what stands beside the names as a help.
#include <algorithm>

#include "base/text.h"
#include "inspect/verify_dense.h"
#include "objfmt/goobj/layout.h"

namespace dovetail::inspect {
namespace {

using base::concat;
using namespace objfmt::dense;

// Walks a table's entries as NameCursor does, and names what stops that.
class TableVerifier {
 public:
  TableVerifier(Block block, base::Bytes bytes, uint64_t skipped, uint32_t count, Findings* findings)
      : block_(block), bytes_(bytes), skipped_(skipped), count_(count), findings_(findings) {}

  bool run() {
    uint64_t groups = (uint64_t{count_} + kNamesPerGroup - 1) / kNamesPerGroup * 4;
    if (groups > bytes_.size()) return add("names.groups", 0, want_have(groups, bytes_.size()));
    base::Bytes text = bytes_.subspan(groups);
    const uint8_t *p = text.data(), *end = p + text.size();
    uint64_t lengths[kNamesPerGroup];
    for (uint32_t i = 0; i < count_; i++) {
      uint32_t k = i % kNamesPerGroup;
      auto at = static_cast<uint64_t>(p - text.data());
      if (uint32_t offset = k == 0 ? base::load32(&bytes_[size_t{i} / kNamesPerGroup * 4]) : 0;
          k == 0 && offset != at) {
        return add("names.group-offset", uint64_t{i} / kNamesPerGroup * 4,
                   concat("group ", i / kNamesPerGroup, ": ", want_have(at, offset)));
      }
      auto wrong = [&](std::string_view rule, std::string what) {
        return add(rule, groups + at, concat("name ", i, ": ", what));
      };
      uint64_t head = base::read_uleb(p, end), shared = head >> 4, which = head & 15, rest = base::read_uleb(p, end);
      if (rest > static_cast<uint64_t>(end - p)) return wrong("names.bounds", concat(rest, " bytes of ", end - p));
      if (shared == 0 ? which != 0 : which >= k)
        return wrong("names.which", concat("shares with the one ", which + 1, " before it"));
      if (shared != 0 && shared > lengths[k - 1 - which])
        return wrong("names.shared", concat(shared, " bytes of ", lengths[k - 1 - which]));
      if (shared + rest > kLongestName) return wrong("names.length", concat(shared + rest, " bytes"));
      lengths[k] = shared + rest;
      p += rest;
    }
    if (p != end)
      add("names.end", groups + static_cast<uint64_t>(p - text.data()), concat(end - p, " bytes behind the last name"));
    return p == end;
  }

 private:
  bool add(std::string_view rule, uint64_t offset, std::string text) {
    findings_->add(rule, {.block = block_name(block_), .offset = skipped_ + offset}, std::move(text));
    return false;
  }

  Block block_;
  base::Bytes bytes_;
  uint64_t skipped_;  // in front of the table in its block
  uint32_t count_;
  Findings* findings_;
};

// What is derived from each symbol's name.
class SymbolNames {
 public:
  SymbolNames(const View& view, const NameTable& names, Findings* findings)
      : v_(view), cursor_(names), findings_(findings) {
    auto hashes = static_cast<uint32_t>(v_.block(Block::kNameHash).size() / 16);
    next_hash_ = v_.count(kNamedSymbols) - hashes;
  }

  void run() {
    if (uint32_t want = named_from(v_.def_count() - v_.count(kNamedDefs)), have = v_.count(kNamedSymbols) - next_hash_;
        want != have) {
      return findings_->add("name-hash.count", {.block = "name-hash"}, want_have(want, have));
    }
    for (uint32_t i = 0; i < v_.symbol_count(); i++) {
      std::string_view name;
      if (v_.has_name(i) && !cursor_.next(&name)) return;
      if (v_.has_name(i) && name.empty()) {
        findings_->add("named.empty", {.block = "named", .symbol = i}, "has a name of no bytes");
      }
      check(i, name);
    }
  }

 private:
  uint32_t named_from(uint32_t first) const {
    uint32_t n = 0;
    for (uint32_t i = first; i < v_.symbol_count(); i++) n += v_.has_name(i);
    return n;
  }
  void check(uint32_t i, std::string_view name) {
    FindingPlace place{.block = "classes", .symbol = i, .name = name};
    if (auto want = objfmt::name_class(name); v_.name_class(i) != want) {
      findings_->add("name-class.value", place,
                     want_have(static_cast<uint64_t>(want), static_cast<uint64_t>(v_.name_class(i))));
    }
    bool nobody_asks = name.empty() || v_.abi(i) == objfmt::goobj::kAbiStatic;
    base::NameHash want = nobody_asks ? base::NameHash{} : base::hash_name(name, v_.abi(i));
    if (i < v_.count(kPackageDefs)) {
      place.block = "name-tags", place.offset = uint64_t{i} * 4;
      if (v_.name_tag(i) != want.hi >> 32)
        findings_->add("name-tags.value", place, want_have(want.hi >> 32, v_.name_tag(i)));
    } else if (i >= v_.def_count() - v_.count(kNamedDefs) && v_.has_name(i)) {
      place.block = "name-hash", place.offset = uint64_t{v_.name_number(i) - next_hash_} * 16;
      if (v_.name_hash(i) != want) findings_->add("name-hash.value", place, want_have(want.hi, v_.name_hash(i).hi));
    }
  }

  const View& v_;
  NameCursor cursor_;
  Findings* findings_;
  uint32_t next_hash_;
};

}  // namespace

void verify_dense_names(const View& view, Findings* findings) {
  base::Bytes paths = view.block(Block::kPaths);
  uint32_t path_count = view.package_count() + view.import_count() + view.file_count();
  bool good = TableVerifier(Block::kPaths, paths.subspan(8), 8, path_count, findings).run();
  if (good && view.package_count() != 0) {
    std::string_view dummy;
    absl::StatusOr<NameTable> table = view.paths();
    if (table.ok() && NameCursor(*table).next(&dummy) && !dummy.empty()) {
      findings->add("paths.dummy", {.block = "paths", .offset = 8, .name = dummy}, "referenced package 0 has a name");
    }
  }
  if (!view.block(Block::kToolNames).empty() || view.count(kNamedExternals) != 0) {
    TableVerifier(Block::kToolNames, view.block(Block::kToolNames), 0, view.count(kNamedExternals), findings).run();
  }
  if (!TableVerifier(Block::kNames, view.block(Block::kNames), 0, view.count(kNamedSymbols), findings).run()) return;
  absl::StatusOr<NameTable> names = view.names();
  if (names.ok()) SymbolNames(view, *names, findings).run();
}

}  // namespace dovetail::inspect
