// The pclntab: each function has its entry in the function table, its record, its name and its pc tables; a unit has its
// numbers of files. The linker stores equal names, pc tables and file names once.
//
// In a damaged pclntab everything may overlap. What is read is bounded by what a sound one has: records, pc tables and file
// names that together are no longer than their parts.
#include <algorithm>
#include <map>

#include "base/text.h"
#include "inspect/size_parts.h"
#include "inspect/size_shares.h"

namespace dovetail::inspect {
namespace {

using base::concat;

constexpr std::string_view kNames = "[function names of several]", kTables = "[pc tables of several]",
                           kFiles = "[file names of several]", kUnits = "[files of units]";

// So many bytes may still be read of a part.
class Budget {
 public:
  explicit Budget(uint64_t bytes) : left_(bytes) {}
  bool take(uint64_t bytes) {
    bool enough = bytes <= left_;
    left_ -= std::min(bytes, left_);
    return enough;
  }

 private:
  uint64_t left_;
};

// Where the pc table that begins there ends.
uint64_t end_of_pc_table(base::Bytes tables, uint64_t offset) {
  const uint8_t *p = tables.data() + std::min<uint64_t>(offset, tables.size()), *end = tables.data() + tables.size();
  for (bool first = true; p != end; first = false) {
    if (base::read_uleb(p, end) == 0 && !first) break;
    base::read_uleb(p, end);
  }
  return static_cast<uint64_t>(p - tables.data());
}

class PclntabSharer {
 public:
  PclntabSharer(const NamedImage& image, SizeBy by) : image_(image),
        tab_(image.pclntab()),
        by_(by),
        records_(tab_.funcs.size()),
        tables_(tab_.pctab.size()),
        files_(tab_.filetab.size()) {}

  Shares run() {
    for (uint64_t i = 0; i < tab_.count; i++) function(i);
    share_names();
    share_files();
    return std::move(shares_);
  }

 private:
  std::string owner_of(std::string_view name) const {
    return by_ == SizeBy::kSymbol ? std::string(name) : package_of_symbol(name);
  }

  void function(uint64_t i) {
    FuncRecord f = tab_.func(i);
    Place place = image_.locate(tab_.text + f.entry_off);
    bool named = place.range != nullptr && place.offset == 0;
    std::string name = named ? NamedImage::range_name(*place.range) : std::string(tab_.name(f)), owner = owner_of(name);
    shares_.add(tab_.funcs_at + i * 8, tab_.funcs_at + i * 8 + 8, owner, owner);
    if (f.bytes.empty() || !records_.take(f.words() * 4)) return;
    uint64_t record = tab_.funcs_at + static_cast<uint64_t>(f.bytes.data() - tab_.funcs.data());
    shares_.add(record, record + f.words() * 4, owner, owner);
    for (size_t w = 4; w < f.words() && w < 11 + f.npcdata(); w++) {
      bool table = w <= 6 || w >= 11;
      uint64_t at = f.word(w);
      if (!table || at == 0 || at >= tab_.pctab.size()) continue;
      auto [end, added] = table_ends_.try_emplace(f.word(w), at);
      if (added && tables_.take(1)) {
        end->second = end_of_pc_table(tab_.pctab, at);
        tables_.take(end->second - at - 1);
      }
      shares_.add(tab_.pctab_at + at, tab_.pctab_at + end->second, owner, kTables);
    }
    // Instances of generic functions and functions that other packages name say nothing of whose the unit is.
    if (name.find('[') == std::string::npos) units_[f.cu_offset()][package_of_symbol(name)]++;
  }

  // Also of functions that were inlined everywhere. A function's symbol may have another name, such as the full one of an
  // instance.
  void share_names() {
    std::string_view names = base::as_text(tab_.names);
    for (size_t at = 0; at < names.size();) {
      size_t end = std::min(names.find('\0', at), names.size() - 1) + 1;
      std::string_view name = names.substr(at, end - 1 - at);
      if (!name.empty()) shares_.add(tab_.names_at + at, tab_.names_at + end, owner_of(name), kNames);
      at = end;
    }
  }

  // A unit's package is that of most of its functions.
  void share_files() {
    for (auto it = units_.begin(); it != units_.end(); ++it) {
      auto most = std::max_element(it->second.begin(), it->second.end(),
                                   [](const auto& a, const auto& b) { return a.second < b.second; });
      std::string owner = by_ == SizeBy::kSymbol ? std::string(kUnits) : most->first;
      uint64_t begin = it->first * uint64_t{4}, end = std::next(it) == units_.end() ? tab_.cutab.size() : std::next(it)->first * uint64_t{4};
      end = std::min<uint64_t>(end, tab_.cutab.size());
      shares_.add(tab_.cutab_at + begin, tab_.cutab_at + end, owner, owner);
      for (uint64_t at = begin; at + 4 <= end; at += 4) {
        uint64_t file = base::load32(tab_.cutab.data() + at);
        if (file >= tab_.filetab.size()) continue;
        auto [size, added] = file_sizes_.try_emplace(static_cast<uint32_t>(file), 0);
        if (added && files_.take(1)) {
          size->second = objfmt::ImageView::string_at(tab_.filetab, static_cast<uint32_t>(file)).size() + 1;
          files_.take(size->second - 1);
        }
        shares_.add(tab_.filetab_at + file, tab_.filetab_at + file + size->second, owner, kFiles);
      }
    }
  }

  const NamedImage& image_;
  const Pclntab& tab_;
  SizeBy by_;
  Shares shares_;
  Budget records_, tables_, files_;
  absl::flat_hash_map<uint32_t, uint64_t> table_ends_, file_sizes_;
  std::map<uint32_t, std::map<std::string, uint32_t>> units_;  // functions by package, by offset of the unit's files
};

}  // namespace

Shares share_pclntab(const NamedImage& image, SizeBy by) { return PclntabSharer(image, by).run(); }

}  // namespace dovetail::inspect
