#include "linker/place_data.h"

#include <algorithm>

#include "base/text.h"
#include "runtime-tables/arch.h"

namespace dovetail::linker {

using base::round_up;
using K = SymKind;

namespace {

constexpr uint64_t kOrder = uint64_t{8} << 40;
constexpr uint64_t kGrain = 1 << 14;
constexpr size_t kAhead = 16;
constexpr uint64_t kTooMuchData = 2000000000;  // cmd/link ld/data.go cutoff

// Read-only kinds, in the order in which .rodata holds them; those of a movable image that the loader writes.
constexpr K kReadOnly[] = {K::kType, K::kString, K::kGoString, K::kGoFunc, K::kGcBits, K::kRodata,
                           K::kRodataFipsStart, K::kRodataFips, K::kRodataFipsEnd, K::kRodataEnd, K::kFuncTab};
constexpr K kRelro[] = {K::kTypeRelro, K::kStringRelro, K::kGoStringRelro, K::kGoFuncRelro, K::kGcBitsRelro, K::kRodataRelro,
                        K::kFuncTabRelro};

bool takes_part(const loader::Symbols& s, uint32_t i) {
  K kind = s.kind[i];
  if (!objfmt::is_allocated_data(kind)) return false;
  uint32_t flags = s.flags[i];
  if (flags & (loader::kSymSpecial | loader::kSymElsewhere)) return false;
  return !(flags & loader::kSymUnnamed) || kind == K::kGoFunc;
}

// Stable, so that symbols of one key stay in the order of their ids. Nearly all keys are small, and are counted.
template <class Key>
void sort_by_key(std::vector<SymId>& list, Key&& key) {
  constexpr uint64_t kSmall = 2048;
  std::vector<uint32_t> begin(kSmall + 1);
  std::vector<std::pair<uint64_t, SymId>> large;
  std::vector<uint16_t> keys(list.size());
  for (size_t i = 0; i < list.size(); i++) {
    uint64_t k = key(list[i]);
    keys[i] = static_cast<uint16_t>(std::min(k, kSmall));
    if (k >= kSmall) large.push_back({k, list[i]});
    else begin[k + 1]++;
  }
  for (size_t k = 1; k <= kSmall; k++) begin[k] += begin[k - 1];
  std::vector<SymId> sorted(list.size());
  for (size_t i = 0; i < list.size(); i++) {
    if (keys[i] < kSmall) sorted[begin[keys[i]]++] = list[i];
  }
  std::stable_sort(large.begin(), large.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (size_t i = 0; i < large.size(); i++) sorted[list.size() - large.size() + i] = large[i].second;
  list.swap(sorted);
}

}  // namespace

DataBuckets collect_data(Services&, const Program& program) {
  DataBuckets buckets;
  const loader::Symbols& s = program.syms;
  for (uint32_t i = 1; i < s.count(); i++) {
    if (takes_part(s, i)) buckets[s.kind[i]].push_back(static_cast<SymId>(i));
  }
  return buckets;
}

void part_relro(Services& sv, Program& program, const AddressScan& scan, DataBuckets& buckets) {
  constexpr std::pair<K, K> kKinds[] = {
      {K::kType, K::kTypeRelro},     {K::kString, K::kStringRelro}, {K::kGoString, K::kGoStringRelro},
      {K::kGcBits, K::kGcBitsRelro}, {K::kRodata, K::kRodataRelro}, {K::kFuncTab, K::kFuncTabRelro},
      {K::kRodataFipsStart, K::kNone}, {K::kRodataFips, K::kNone}, {K::kRodataFipsEnd, K::kNone}, {K::kRodataEnd, K::kNone},
  };
  for (auto [kind, relro] : kKinds) {
    std::vector<SymId>& list = buckets[kind];
    auto stays = [&scan, all = kind == K::kType](SymId s) { return !all && !scan.related(s); };
    auto moved = std::stable_partition(list.begin(), list.end(), stays);
    if (moved == list.end()) continue;
    if (relro == K::kNone) {
      std::string_view name = sv.options.release->link_sym_kinds[static_cast<size_t>(kind)].name;
      sv.diag.error(kOrder, base::concat(program.name(*moved), ": cannot contain relocations (type ", name, ")"));
      continue;
    }
    for (auto s = moved; s != list.end(); s++) program.syms.kind[index(*s)] = relro;
    std::vector<SymId>& to = buckets[relro];
    to.insert(to.end(), moved, list.end());
    std::inplace_merge(to.begin(), to.end() - (list.end() - moved), to.end());
    list.erase(moved, list.end());
  }
}

void sort_data(Services& sv, Program& program, DataBuckets& buckets) {
  loader::Symbols& s = program.syms;
  SymId zerobase = program.lookup("runtime.zerobase", 0);
  sv.threads.for_each(static_cast<uint64_t>(K::kCount), [&](uint64_t k) {
    std::vector<SymId>& list = buckets.by_kind[k];
    if (static_cast<K>(k) == K::kElfGot) {
      std::stable_sort(list.begin(), list.end(), [&](SymId a, SymId b) { return program.name(a) < program.name(b); });
    } else if (static_cast<K>(k) != K::kPclntab) {
      // runtime.zerobase stands behind the symbols of no size, so that they share its address.
      sort_by_key(list, [&](SymId id) { return id == zerobase ? 1 : uint64_t{s.size[index(id)]} * 2; });
    }
    uint32_t max_align = 0;
    for (SymId id : list) {
      uint32_t& align = s.align[index(id)];
      align = runtime_tables::symbol_align(align, s.size[index(id)]);
      max_align = std::max(max_align, align);
    }
    buckets.max_align[k] = max_align;
  });
}

namespace {

// Lays sections one behind the other with offsets of their own; place_segments makes addresses of them.
class SectionPlacer {
 public:
  SectionPlacer(Services& sv, Program& program, DataBuckets& buckets, const DataHooks& hooks, Image& image)
      : sv_(sv), p_(program), s_(program.syms), b_(buckets), hooks_(hooks), image_(image) {}

  SectionNumbers run() {
    place_writable();
    if (!b_[K::kTlsBss].empty()) place_thread_local();
    at_ = 0;
    for (K kind : {K::kElfRxSect, K::kMachoPlt}) singles(SegmentId::kText, kind, 5);
    place_read_only();
    return numbers_;
  }

 private:
  uint32_t add_section(std::string name, SegmentId segment, uint8_t rwx, uint32_t align) {
    Section section;
    section.name = std::move(name);
    section.segment = segment;
    section.rwx = rwx;
    section.align = align;
    at_ = round_up(at_, align);
    section.address = at_;
    auto number = static_cast<uint32_t>(image_.sections.size());
    image_.segment(segment).sections.push_back(number);
    image_.sections.push_back(std::move(section));
    return number;
  }
  uint32_t named(std::string name, SegmentId segment, std::initializer_list<K> kinds, uint8_t rwx) {
    uint32_t align = kinds.size() == 1 ? 0 : 8;
    for (K k : kinds) align = std::max(align, b_.max_align[static_cast<int>(k)]);
    uint32_t number = add_section(std::move(name), segment, rwx, align);
    for (K k : kinds) append(number, k);
    return number;
  }
  void append(uint32_t number, K kind) {
    Section& section = image_.sections[number];
    const std::vector<SymId>& list = b_[kind];
    section.symbols.reserve(section.symbols.size() + list.size());
    for (size_t i = 0; i < list.size(); i++) {
      if (i + kAhead < list.size()) prefetch(list[i + kAhead]);
      put(section, number, list[i]);
    }
    section.size = at_ - section.address;
  }
  // cmd/link looks at the total only behind some kinds, and says which.
  void assign(uint32_t number, K kind) {
    append(number, kind);
    check_size(kind);
  }
  // Symbols come in the order of their sizes, which in the columns is here and there.
  void prefetch(SymId id) const {
    __builtin_prefetch(&s_.align[index(id)]);
    __builtin_prefetch(&s_.size[index(id)]);
    __builtin_prefetch(&s_.section[index(id)], 1);
    __builtin_prefetch(&s_.value[index(id)], 1);
  }
  void put(Section& section, uint32_t number, SymId id) {
    at_ = round_up(at_, s_.align[index(id)]);
    s_.section[index(id)] = static_cast<uint8_t>(number);
    s_.value[index(id)] = at_ - section.address;
    section.symbols.push_back(id);
    at_ += s_.size[index(id)];
  }
  void check_size(K kind) {
    if (at_ <= kTooMuchData) return;
    sv_.diag.error(order_++, base::concat("too much data, last section ",
                                          sv_.options.release->link_sym_kinds[static_cast<size_t>(kind)].name, " (",
                                          at_, ", over 2e+09 bytes)"));
  }
  // A section for each symbol of the kind, with the symbol's name.
  void singles(SegmentId segment, K kind, uint8_t rwx) {
    for (SymId id : b_[kind]) {
      std::string name(p_.name(id));
      if (name.starts_with("go:")) name = ".go." + name.substr(3);
      uint32_t number = add_section(std::move(name), segment, rwx, s_.align[index(id)]);
      put(image_.sections[number], number, id);
      image_.sections[number].size = at_ - image_.sections[number].address;
    }
    check_size(kind);
  }

  void place_writable() {
    for (K kind : {K::kBuildInfo, K::kFipsInfo, K::kElfSect, K::kMacho, K::kWindows}) singles(SegmentId::kData, kind, 6);
    if (!b_[K::kModuledata].empty()) {
      SymId id = b_[K::kModuledata].front();
      uint32_t number = add_section(".go.module", SegmentId::kData, 6, s_.align[index(id)]);
      put(image_.sections[number], number, id);
      image_.sections[number].size = at_ - image_.sections[number].address;
    }
    for (K kind : {K::kElfGot, K::kMachoGot}) {
      if (!b_[kind].empty()) named(".got", SegmentId::kData, {kind}, 6);
    }

    numbers_.noptrdata = named(".noptrdata", SegmentId::kData, {K::kNoptrdata}, 6);
    for (K k : {K::kNoptrdataFipsStart, K::kNoptrdataFips, K::kNoptrdataFipsEnd, K::kNoptrdataEnd}) {
      assign(numbers_.noptrdata, k);
    }
    numbers_.data = named(".data", SegmentId::kData, {K::kData}, 6);
    for (K k : {K::kDataFipsStart, K::kDataFips, K::kDataFipsEnd, K::kDataEnd, K::kXcoffToc}) assign(numbers_.data, k);
    check_size(K::kData);
    uint64_t data_size = at_ - image_.sections[numbers_.data].address;
    numbers_.bss = named(".bss", SegmentId::kData, {K::kBss}, 6);
    uint64_t bss_size = at_ - image_.sections[numbers_.bss].address;
    hooks_.masks(b_[K::kData], data_size, b_[K::kBss], bss_size);

    numbers_.noptrbss = named(".noptrbss", SegmentId::kData, {K::kNoptrbss}, 6);
    // Coverage counters stay together: the coverage runtime reads them as one array.
    numbers_.coverage_offset = image_.sections[numbers_.noptrbss].size;
    assign(numbers_.noptrbss, K::kCoverageCounter);
    numbers_.coverage_size = image_.sections[numbers_.noptrbss].size - numbers_.coverage_offset;
    if (!b_[K::kLibfuzzerCounter].empty()) {
      numbers_.fuzz_counters = named(".go.fuzzcntrs", SegmentId::kData, {K::kLibfuzzerCounter}, 6);
    }
  }

  // Thread-local data has offsets of its own; a static image has no section for it.
  void place_thread_local() {
    Section* section = nullptr;
    if (hooks_.thread_local_section) {
      at_ = 0;
      numbers_.tbss = add_section(".tbss", SegmentId::kData, 6, 8);
      section = &image_.sections[numbers_.tbss];
    }
    at_ = 0;
    for (SymId id : b_[K::kTlsBss]) {
      at_ = round_up(at_, s_.align[index(id)]);
      s_.section[index(id)] = static_cast<uint8_t>(numbers_.tbss);
      s_.value[index(id)] = at_;
      at_ += s_.size[index(id)];
    }
    if (section) section->size = at_;
  }

  void place_relro(std::string name) {
    at_ = 0;
    uint32_t align = 8;
    for (K k : kRelro) align = std::max(align, b_.max_align[static_cast<int>(k)]);
    numbers_.types = add_section(std::move(name), SegmentId::kRelrodata, 6, align);
    at_++;  // so that no type is at offset 0, which means none
    for (K k : kRelro) assign(numbers_.types, k);
    for (K k : {K::kElfRelroSect, K::kMachoRelroSect}) singles(SegmentId::kRelrodata, k, 6);
  }

  void place_read_only() {
    uint32_t align = 0;
    for (K k : kReadOnly) align = std::max(align, b_.max_align[static_cast<int>(k)]);
    const loader::Platform& platform = *sv_.options.platform;
    SegmentId segment = platform.rodata_segment ? SegmentId::kRodata : SegmentId::kText;
    numbers_.rodata = numbers_.types = add_section(".rodata", segment, 4, std::max(align, 8u));
    for (K k : kReadOnly) assign(numbers_.rodata, k);
    numbers_.pclntab = named(".gopclntab", segment, {K::kPclntab}, 4);
    singles(segment, K::kElfRoSect, 4);
    std::string prefix;
    uint8_t rwx = 4;
    if (sv_.options.relro()) {
      segment = SegmentId::kRelrodata, rwx = 6, prefix = platform.relro_prefix;
      place_relro(prefix.empty() ? ".rodata" : prefix);
    }
    numbers_.typelink = named(prefix + ".typelink", segment, {K::kTypelink}, rwx);
    check_size(K::kTypelink);
    numbers_.itablink = named(prefix + ".itablink", segment, {K::kItablink}, rwx);
    check_size(K::kItablink);
    if (at_ > UINT32_MAX) {
      sv_.diag.error(order_++, base::concat("read-only data segment too large: ", at_));
    }
  }

  Services& sv_;
  Program& p_;
  loader::Symbols& s_;
  DataBuckets& b_;
  const DataHooks& hooks_;
  Image& image_;
  SectionNumbers numbers_;
  uint64_t at_ = 0;
  uint64_t order_ = kOrder + 1;  // of the next diagnostic: they come as sections are placed
};

}  // namespace

SectionNumbers place_sections(Services& sv, Program& program, DataBuckets& buckets, const DataHooks& hooks,
                              Image& image) {
  return SectionPlacer(sv, program, buckets, hooks, image).run();
}

void place_segments(Services& sv, Program& program, const DataBuckets&, const SectionNumbers& numbers, Image& image) {
  uint64_t at = image.text_address;
  for (SegmentId id : {SegmentId::kText, SegmentId::kRodata, SegmentId::kRelrodata}) {
    Segment& segment = image.segment(id);
    if (segment.sections.empty()) continue;
    if (id != SegmentId::kText) at = round_up(at, image.round);
    segment.rwx = id == SegmentId::kText ? 5 : id == SegmentId::kRodata ? 4 : 6;
    segment.address = at;
    for (uint32_t n : segment.sections) {
      Section& section = image.sections[n];
      at = round_up(at, section.align);
      section.address = at;
      at += section.size;
    }
    segment.size = at - segment.address;
  }

  // Writable sections keep the gaps that placing left between them.
  Segment& data = image.segment(SegmentId::kData);
  at = round_up(at, image.round);
  if (sv.options.data_address != -1) at = static_cast<uint64_t>(sv.options.data_address);
  data.rwx = 6;
  data.address = at;
  uint64_t base = image.sections[data.sections.front()].address;
  for (uint32_t n : data.sections) {
    Section& section = image.sections[n];
    if (n == numbers.tbss && n != 0) continue;
    section.address = data.address + (section.address - base);
    data.size = section.address + section.size - data.address;
  }
  data.file_size = image.sections[numbers.bss].address - data.address;
  if (numbers.tbss) image.sections[numbers.tbss].address = 0;

  at = data.address + data.size;
  for (SegmentId id : kSegmentsBehindData) {
    Segment& segment = image.segment(id);
    if (segment.sections.empty()) continue;
    at = round_up(at, image.round);
    segment.rwx = 4;
    segment.address = at;
    for (uint32_t n : segment.sections) {
      image.sections[n].address = at;
      at += image.sections[n].size;
    }
    segment.size = at - segment.address;
  }

  uint64_t offset = image.header_size;
  const Segment* before = nullptr;
  for (Segment& segment : image.segments) {
    if (segment.sections.empty()) continue;
    if (before) offset = round_up(before->file_offset + before->file_size, image.file_round);
    segment.file_offset = offset;
    if (&segment != &data) segment.file_size = segment.size;
    for (uint32_t n : segment.sections) {
      image.sections[n].file_offset = segment.file_offset + (image.sections[n].address - segment.address);
    }
    before = &segment;
  }

  loader::Symbols& s = program.syms;
  for (const Section& section : image.sections) {
    const std::vector<SymId>& list = section.symbols;
    sv.threads.for_ranges(list.size(), kGrain, [&](uint64_t begin, uint64_t end) {
      for (uint64_t i = begin; i < end; i++) {
        if (i + kAhead < end) __builtin_prefetch(&s.value[index(list[i + kAhead])], 1);
        s.value[index(list[i])] += section.address;
      }
    });
  }
}

void place_markers(Program& program, const runtime_tables::Markers& m, const SectionNumbers& numbers,
                   const Image& image) {
  loader::Symbols& s = program.syms;
  auto place = [&](SymId id, uint32_t section, uint64_t value) {
    s.value[index(id)] = value;
    s.section[index(id)] = static_cast<uint8_t>(section);
  };
  auto span = [&](SymId begin, SymId end, uint32_t n) {
    const Section& section = image.sections[n];
    place(begin, n, section.address);
    place(end, n, section.address + section.size);
  };
  auto behind = [&](SymId end, SymId table) {
    place(end, s.section[index(table)], s.value[index(table)] + s.size[index(table)]);
  };
  span(m.rodata, m.erodata, numbers.rodata);
  span(m.types, m.etypes, numbers.types);
  behind(m.egcdata, m.gcdata);
  behind(m.egcbss, m.gcbss);
  const Section& pclntab = image.sections[numbers.pclntab];
  place(m.epclntab, numbers.pclntab, pclntab.address + pclntab.size);
  span(m.noptrdata, m.enoptrdata, numbers.noptrdata);
  span(m.bss, m.ebss, numbers.bss);
  span(m.data, m.edata, numbers.data);
  span(m.noptrbss, m.enoptrbss, numbers.noptrbss);
  uint64_t counters = image.sections[numbers.noptrbss].address + numbers.coverage_offset;
  place(m.covctrs, numbers.noptrbss, counters);
  place(m.ecovctrs, numbers.noptrbss, counters + numbers.coverage_size);
  const Segment& data = image.segment(SegmentId::kData);
  bool tls_last = numbers.tbss != 0 && data.sections.back() == numbers.tbss;
  place(m.end, data.sections[data.sections.size() - (tls_last ? 2 : 1)], data.address + data.size);
  if (numbers.fuzz_counters) {
    runtime_tables::FuzzMarkers fuzz = runtime_tables::define_fuzz_markers(program);
    span(fuzz.start, fuzz.stop, numbers.fuzz_counters);
    span(fuzz.counters, fuzz.ecounters, numbers.fuzz_counters);
  }
}

}  // namespace dovetail::linker
