#include "linker/macho/macho_symbols.h"

#include <algorithm>
#include <cstring>

#include "base/pdqsort.h"
#include "base/text.h"
#include "linker/macho/name_ranks.h"

namespace dovetail::linker {
namespace {

constexpr uint64_t kOrder = uint64_t{1} << 61;  // of diagnostics: before those about the headers
constexpr uint64_t kGrain = 4096;               // entries in a chunk
constexpr uint64_t kFirstName = 2;              // behind " " and its NUL, which the table begins with

}  // namespace

const MachoSymbols::Export* MachoSymbols::find_export(SymId s) const {
  if (exports_.empty()) return nullptr;
  auto it = std::lower_bound(exports_.begin(), exports_.end(), s,
                             [](const Export& e, SymId b) { return index(e.symbol) < index(b); });
  return it != exports_.end() && it->symbol == s ? &*it : nullptr;
}

MachoSymbols::Entry MachoSymbols::entry_of(const SymtabEntry& e) const {
  bool undefined = e.type == SymtabEntry::kUndefined;
  Class kind = undefined ? kImported : find_export(e.symbol) ? kExported : kLocal;
  return {e.symbol, static_cast<uint32_t>(e.name_bytes + 1), kind, undefined, !e.suffix.empty()};
}

void MachoSymbols::plan(const NativeSymbolInputs& in) {
  in_ = &in;
  for (const CgoSymbol& s : cgo_.symbols) {
    SymId id = s.raw == loader::RawId::kNil ? SymId::kNil : in.program.id(s.raw);
    if (id != SymId::kNil && (s.export_static || s.export_dynamic)) exports_.push_back({id, s.export_dynamic});
  }
  std::sort(exports_.begin(), exports_.end(), [](const Export& a, const Export& b) { return index(a.symbol) < index(b.symbol); });
  SymtabSequence sequence(in);
  if (sv_.options.strip_symbols) {
    collect_dynamic(sequence);
  } else {
    collect_all(sequence);
  }
  for (const Entry& e : entries_) counts_[e.kind]++;
  sort(sequence);
  uint64_t at = kFirstName;
  for (uint64_t i = 0; i < entries_.size(); i++) {
    if (i % kGrain == 0) chunk_names_.push_back(at);
    at += entries_[i].name_bytes;
    if (entries_[i].undefined) numbers_.push_back({entries_[i].symbol, static_cast<uint32_t>(i)});
  }
  std::sort(numbers_.begin(), numbers_.end());
  names_size_ = at;
}

void MachoSymbols::collect_all(const SymtabSequence& sequence) {
  std::vector<std::vector<Entry>> chunks(sequence.chunk_count());
  sv_.threads.for_each(chunks.size(), [&](uint64_t chunk) {
    std::vector<Entry> own;
    own.reserve(SymtabSequence::kGrain);
    sequence.for_chunk(chunk, [&](const SymtabEntry& e) {
      // These are named when sections are placed, which is after cmd/link has made its list.
      if (in_->program.syms.kind[index(e.symbol)] == SymKind::kLibfuzzerCounter &&
          (in_->program.syms.flags[index(e.symbol)] & loader::kSymElsewhere)) {
        return;
      }
      own.push_back(entry_of(e));
    });
    chunks[chunk] = std::move(own);
  });
  uint64_t total = 0;
  for (const std::vector<Entry>& chunk : chunks) total += chunk.size();
  entries_.reserve(total);
  for (std::vector<Entry>& chunk : chunks) {
    entries_.insert(entries_.end(), chunk.begin(), chunk.end());
    std::vector<Entry>().swap(chunk);
  }
}

// Functions that are exported, then data and imports.
void MachoSymbols::collect_dynamic(const SymtabSequence& sequence) {
  auto add = [&](SymId s) {
    SymtabEntry e;
    if (sequence.describe_symbol(s, &e)) entries_.push_back(entry_of(e));
  };
  auto exported = [&](SymId s) {
    const Export* e = find_export(s);
    return e != nullptr && e->dynamic;
  };
  if (!exports_.empty()) {
    for (SymId s : in_->text) {
      if (exported(s)) add(s);
    }
  }
  std::vector<SymId> others;
  for (const MachoImports::Slot& slot : imports_.slots()) others.push_back(slot.symbol);
  for (const Export& e : exports_) {
    if (e.dynamic && !objfmt::is_text(in_->program.syms.kind[index(e.symbol)])) others.push_back(e.symbol);
  }
  std::sort(others.begin(), others.end());
  others.erase(std::unique(others.begin(), others.end()), others.end());
  for (SymId s : others) add(s);
}

void MachoSymbols::sort(const SymtabSequence& sequence) {
  std::vector<std::string_view> names(entries_.size());
  sv_.threads.for_ranges(names.size(), kGrain, [&](uint64_t begin, uint64_t end) {
    for (uint64_t i = begin; i < end; i++) names[i] = sequence.sort_name(entries_[i].symbol);
  });
  std::vector<uint32_t> ranks = name_ranks(sv_.threads, names);
  struct Key {
    uint64_t key;
    uint32_t entry;
  };
  std::vector<Key> keys(entries_.size());
  for (uint32_t i = 0; i < keys.size(); i++) keys[i] = {uint64_t{entries_[i].kind} << 32 | ranks[i], i};
  base::go_sort(std::span(keys), [](const Key& a, const Key& b) { return a.key < b.key; });
  std::vector<Entry> sorted(entries_.size());
  for (size_t i = 0; i < keys.size(); i++) sorted[i] = entries_[keys[i].entry];
  entries_.swap(sorted);
}

uint32_t MachoSymbols::number(SymId imported) const {
  auto it = std::lower_bound(numbers_.begin(), numbers_.end(), std::pair<SymId, uint32_t>{imported, 0});
  return it != numbers_.end() && it->first == imported ? it->second : 0;
}

void MachoSymbols::write(std::span<const uint8_t> section_number, uint64_t symtab, uint64_t strtab, base::Sink sink) const {
  const loader::Symbols& syms = in_->program.syms;
  SymtabSequence sequence(*in_);
  sink(strtab, base::as_bytes(std::string_view(" \0", 2)));
  sv_.threads.for_ranges(entries_.size(), kGrain, [&](uint64_t begin, uint64_t end) {
    uint64_t first_name = chunk_names_[begin / kGrain];
    uint64_t names_end = end == entries_.size() ? names_size_ : chunk_names_[end / kGrain];
    std::vector<uint8_t> rows((end - begin) * kMachoSymbolSize), names(names_end - first_name);
    uint64_t name = 0;
    for (uint64_t i = begin; i < end; i++) {
      const Entry& e = entries_[i];
      uint8_t* row = &rows[(i - begin) * kMachoSymbolSize];
      base::store32(row, static_cast<uint32_t>(first_name + name));
      names[name] = '_';
      sequence.store_name({e.symbol, e.suffix ? SymtabSequence::kAbi0Suffix : std::string_view(), false,
                           SymtabEntry::kObject, e.name_bytes - 1u}, &names[name + 1]);
      name += e.name_bytes;
      if (e.undefined) {
        row[4] = kNUndefExt;
        continue;
      }
      const Export* exported = e.kind == kExported ? find_export(e.symbol) : nullptr;
      row[4] = exported == nullptr ? kNSect : exported->dynamic ? kNSectExt : kNSectPrivateExt;
      uint32_t section = symtab_section(syms, e.symbol);
      row[5] = section < section_number.size() ? section_number[section] : 0;
      if (row[5] == 0) {
        sv_.diag.error(kOrder + index(e.symbol), base::concat(in_->program.name(e.symbol), ": missing section for symbol"));
      }
      base::store64(row + 8, syms.value[index(e.symbol)]);
    }
    sink(symtab + begin * kMachoSymbolSize, rows);
    sink(strtab + first_name, names);
  });
}

}  // namespace dovetail::linker
