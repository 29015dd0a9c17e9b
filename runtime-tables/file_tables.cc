#include "runtime-tables/file_tables.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/go_path.h"
#include "base/name_hash.h"
#include "base/text.h"

namespace dovetail::runtime_tables {

using base::NameHash;

namespace {

constexpr uint64_t kDiagOrder = uint64_t{3} << 32;
constexpr uint32_t kNoName = ~0u;

// Names by their hash: open addressing, entries numbered as they are inserted.
class NameTable {
 public:
  explicit NameTable(size_t names) : slots_(std::bit_ceil(names * 2 + 16), kNoName) { hashes_.reserve(names); }

  uint32_t find(const NameHash& hash) const { return slots_[probe(hash)]; }
  // The number of the name, and whether it is new.
  std::pair<uint32_t, bool> insert(const NameHash& hash) {
    uint32_t& slot = slots_[probe(hash)];
    if (slot != kNoName) return {slot, false};
    slot = static_cast<uint32_t>(hashes_.size());
    hashes_.push_back(hash);
    return {slot, true};
  }

 private:
  size_t probe(const NameHash& hash) const {
    size_t mask = slots_.size() - 1;
    for (size_t i = hash.lo & mask;; i = (i + 1) & mask) {
      if (slots_[i] == kNoName || hashes_[slots_[i]] == hash) return i;
    }
  }
  std::vector<uint32_t> slots_;
  std::vector<NameHash> hashes_;
};

uint32_t object_of(const FuncWalk& walk, uint32_t key) {
  auto it = std::upper_bound(walk.file_base.begin(), walk.file_base.end(), key);
  return static_cast<uint32_t>(it - walk.file_base.begin()) - 1;
}

}  // namespace

FileTables plan_file_tables(Services& sv, FuncWalk& walk) {
  std::string_view goroot = sv.options.config.goroot;
  FileTables tables;
  std::vector<uint32_t> keys = walk.files.order(sv.threads);
  NameTable names(keys.size());
  for (uint32_t key : keys) {
    uint32_t object = object_of(walk, key);
    const FileNames::Name& file = walk.file_names[object].names[key - walk.file_base[object]];
    auto [name, is_new] = names.insert(file.hash);
    walk.files.slot(key) = name;
    if (!is_new) continue;
    tables.name_offset.push_back(static_cast<uint32_t>(tables.names.size()));
    tables.names += base::expand_file(file.text, goroot);
    tables.names.push_back('\0');
    if (tables.names.size() > UINT32_MAX) break;
  }
  std::vector<uint32_t> units = walk.units.order(sv.threads);
  uint64_t total = 0;
  for (uint32_t unit : units) {
    walk.units.slot(unit) = static_cast<uint32_t>(total);
    total += walk.file_names[unit].names.size();
  }
  if (std::max<uint64_t>(total * 4, tables.names.size()) > UINT32_MAX) {
    sv.diag.error(kDiagOrder, base::concat("file tables too large: ", total, " entries, ", tables.names.size(), " bytes of names"));
    return {};
  }
  tables.cutab.resize(total);
  sv.threads.for_each(units.size(), [&](uint64_t u) {
    uint32_t unit = units[u];
    uint32_t* out = tables.cutab.data() + walk.units.slot(unit);
    uint32_t key = walk.file_base[unit];
    for (const FileNames::Name& file : walk.file_names[unit].names) {
      uint32_t name = walk.files.slot(key++);
      // Not used here, but perhaps by another unit under the same name.
      if (name == FirstUse::kUnused) name = names.find(file.hash);
      *out++ = name == kNoName ? kNoValue : tables.name_offset[name];
    }
  });
  return tables;
}

}  // namespace dovetail::runtime_tables
