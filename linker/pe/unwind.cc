#include "linker/pe/unwind.h"

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_format.h"
#include "base/text.h"

namespace dovetail::linker {
namespace {

constexpr uint64_t kOrder = uint64_t{16} << 40;  // with the errors of relocations, which these words are to cmd/link
constexpr uint32_t kEntrySize = 12, kAlign = 4;
constexpr size_t kEntriesPerJob = 16384;

}  // namespace

void PeUnwind::define() {
  for (auto [name, symbol] : {std::pair(".pdata", &pdata_), std::pair(".xdata", &xdata_)}) {
    *symbol = p_.syms.make(name, 0, SymKind::kSehSect);
    p_.syms.align[index(*symbol)] = kAlign;
    p_.syms.make_content(*symbol);
  }
  unwind_of_.resize(p_.syms.loaded_end());
}

void PeUnwind::scan_object(uint32_t object) {
  p_.for_live(object, [&](SymId s, uint32_t) {
    if (!objfmt::is_text(p_.syms.kind[index(s)]) || !p_.has_object(s)) return;
    bool info = false;
    SymId unwind = SymId::kNil;
    for (objfmt::Aux a : p_.object_of(s).view.auxs(p_.syms.local[index(s)])) {
      if (a.kind == objfmt::AuxKind::kFuncInfo) info = true;
      if (a.kind == objfmt::AuxKind::kSehUnwindInfo && unwind == SymId::kNil) {
        unwind = p_.target(p_.syms.object[index(s)], a.target);
      }
    }
    if (info) unwind_of_[index(s)] = unwind;
  });
}

// Adds an entry to .xdata.
uint32_t PeUnwind::place(SymId unwind) {
  loader::MadeContent& content = p_.syms.make_content(xdata_);
  auto at = static_cast<uint32_t>(content.data.size());
  base::Bytes data = p_.data(unwind);
  content.data.insert(content.data.end(), data.begin(), data.end());
  bool whole = p_.for_relocs(unwind, [&](const loader::LinkReloc& r) {
    content.relocs.push_back({at + static_cast<uint32_t>(r.offset), r.size, r.kind, r.addend, r.target});
  });
  if (!whole) sv_.diag.error(kOrder, base::concat(p_.name(unwind), ": malformed object: relocations"));
  return at;
}

void PeUnwind::plan(std::span<const SymId> functions) {
  absl::flat_hash_map<SymId, uint32_t> by_symbol;           // looked up, never iterated
  absl::flat_hash_map<std::string, uint32_t> by_name;       // the same
  for (SymId f : functions) {
    SymId unwind = index(f) < unwind_of_.size() ? unwind_of_[index(f)] : SymId::kNil;
    if (unwind == SymId::kNil) continue;
    auto [known, fresh] = by_symbol.try_emplace(unwind, 0);
    if (fresh) {
      auto [named, first] = by_name.try_emplace(std::string(p_.name(unwind)), 0);
      if (first) named->second = place(unwind);
      known->second = named->second;
    }
    entries_.push_back({f, known->second});
  }
  p_.syms.size[index(pdata_)] = static_cast<uint32_t>(entries_.size() * kEntrySize);
  p_.syms.size[index(xdata_)] = static_cast<uint32_t>(p_.syms.made(xdata_)->data.size());
  add_section(pdata_, SegmentId::kPdata, ".pdata");
  add_section(xdata_, SegmentId::kXdata, ".xdata");
}

void PeUnwind::add_section(SymId symbol, SegmentId segment, std::string_view name) {
  auto number = static_cast<uint32_t>(image_.sections.size());
  Section section;
  section.name = name;
  section.segment = segment;
  section.rwx = 4;
  section.size = p_.syms.size[index(symbol)];
  section.symbols = {symbol};
  p_.syms.section[index(symbol)] = static_cast<uint8_t>(number);
  image_.segment(segment).sections.push_back(number);
  image_.sections.push_back(std::move(section));
}

void PeUnwind::add_jobs(loader::EmitJobs* jobs) const {
  for (size_t begin = 0; begin < entries_.size(); begin += kEntriesPerJob) {
    size_t end = std::min(entries_.size(), begin + kEntriesPerJob);
    jobs->jobs.push_back({pdata_, (end - begin) * kEntrySize,
                          [this, begin, end](base::MutableBytes out) { write(out, begin, end); }});
  }
}

// With a -T far away it does not fit. cmd/link ld/data.go relocsym.
void PeUnwind::put(base::MutableBytes out, size_t place, uint64_t value, SymId target, uint64_t addend) const {
  base::store32(&out[place], static_cast<uint32_t>(value));
  if (value <= INT32_MAX) return;
  std::string_view name = p_.name(target);
  if (static_cast<int32_t>(value) < 0) {
    sv_.diag.error_once(kOrder + p_.syms.value[index(pdata_)] + place, kOrder, absl::StrFormat(
        ".pdata: non-pc-relative relocation address for %s is too big: 0x%x (0x%x + 0x%x)", std::string(name), value,
        p_.syms.value[index(target)], addend));
  } else {
    sv_.diag.error(kOrder + p_.syms.value[index(pdata_)] + place, absl::StrFormat(
        ".pdata: non-pc-relative relocation R_PEIMAGEOFF address for %s is too big: 0x%x", std::string(name), value));
  }
}

void PeUnwind::write(base::MutableBytes out, size_t begin, size_t end) const {
  const loader::Symbols& syms = p_.syms;
  uint64_t base = sv_.options.platform->image_base;
  uint64_t xdata = syms.value[index(xdata_)] - base;
  for (size_t i = begin; i < end; i++) {
    const Entry& e = entries_[i];
    uint64_t address = syms.value[index(e.function)] - base;
    uint32_t size = syms.size[index(e.function)];
    put(out, i * kEntrySize, address, e.function, 0);
    put(out, i * kEntrySize + 4, address + size, e.function, size);
    put(out, i * kEntrySize + 8, xdata + e.unwind, xdata_, e.unwind);
  }
}

}  // namespace dovetail::linker
