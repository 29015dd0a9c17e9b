// The sweep goes by input: an object's live symbols are made in the order in which they lie in it, so that every
// input page is read once, forward, and given back. (Going by output address reads small data of all objects in
// the order of its size, and each touch of a mapped file makes 16 pages resident: the whole input ends up in
// memory. helm, -s -w, 2026-11: 180 MB less at the peak.)
//
// An object's functions stand together in the image too: they are made in a buffer of the thread, padding
// included, and written from there. Data go all over their segments, which are therefore in memory until
// everything is in its place, and written when other threads have something else to do.
#include "linker/write.h"

#include <algorithm>
#include <cstring>
#include <functional>

#include "base/column.h"
#include "base/per_thread.h"
#include "base/text.h"
#include "linker/arch/amd64.h"
#include "linker/arch/arm64.h"
#include "linker/data_overlap.h"
#include "loader/text_runs.h"

namespace dovetail::linker {
namespace {

constexpr uint64_t kBeforeObjects = uint64_t{1} << 40;
constexpr uint64_t kBytesPerWrite = 256 << 10;

template <class Arch>
class Sweep {
 public:
  Sweep(const RelocContext& context, const TextPlan& text, const loader::EmitJobs& jobs, base::Sink sink)
      : c_(context), p_(context.program), s_(p_.syms), text_(text), jobs_(jobs), sink_(sink), runs_(p_, text.functions, ~0u) {
    for (SegmentId id : kDataSegments) {
      base::Column<uint8_t>& data = data_[static_cast<size_t>(id)];
      data.resize(data_size(c_.image, id));
      begin_[static_cast<size_t>(id)] = data_address(c_.image, id);
      bytes_[static_cast<size_t>(id)] = data;
    }
    for (const loader::EmitJob& job : jobs.jobs) {
      add(kBeforeObjects + job.bytes, [this, &job] { job.run(place(job.symbol)); });
    }
    add(s_.count() - s_.loaded_end(), [this] { write_made(); });
    std::stable_sort(items_.begin(), items_.end(), [](const Item& a, const Item& b) { return a.weight > b.weight; });
  }

  DataBytes run(Services& sv) {
    sv.threads.for_each(items_.size(), [&](uint64_t i) { items_[i].run(); });
    base::PerThread<Buffer> buffers(sv.threads.threads());
    const std::vector<uint32_t>& batches = p_.in.batches;
    p_.in.for_batches(sv.threads, [&](unsigned worker, uint64_t b) {
      for (uint32_t o = batches[b]; o < batches[b + 1]; o++) write_object(o, buffers[worker]);
    });
    if (sv.options.data_address != -1) {
      rewrite_overlapping_data(sv, p_, c_.image, bytes_, [&](SymId id) {
        relocate_symbol<Arch>(c_, id, {}, s_.value[index(id)]);
      });
    }
    return std::move(data_);
  }

 private:
  using Buffer = std::vector<uint8_t>;

  struct Item {
    uint64_t weight;
    std::function<void()> run;
  };
  void add(uint64_t weight, std::function<void()> run) { items_.push_back({weight, std::move(run)}); }

  bool in_file(const Section& section) const {
    const Segment& segment = c_.image.segment(section.segment);
    return section.address - segment.address < segment.file_size && section.size > 0;
  }
  const Section& section_of(SymId id) const { return c_.image.sections[s_.section[index(id)]]; }
  uint64_t file_offset(const Section& section, uint64_t address) const {
    const Segment& segment = c_.image.segment(section.segment);
    return segment.file_offset + (address - segment.address);
  }
  // Where a symbol's bytes are kept. REQUIRES: it is no function.
  base::MutableBytes place(SymId id) const {
    auto segment = static_cast<size_t>(section_of(id).segment);
    return {bytes_[segment].data() + (s_.value[index(id)] - begin_[segment]), s_.size[index(id)]};
  }

  // False for what a malformed object calls code and names as a table of a function, too: it has been placed twice.
  bool within(SymId id) const {
    auto segment = static_cast<size_t>(section_of(id).segment);
    uint64_t at = s_.value[index(id)] - begin_[segment], room = bytes_[segment].size();
    return at <= room && s_.size[index(id)] <= room - at;
  }
  void misplaced(SymId id) const {
    c_.diag.error(s_.value[index(id)], base::concat(p_.name(id), ": malformed object: outside of the data it belongs to"));
  }

  // `buffer`: of the thread.
  void write_object(uint32_t o, Buffer& buffer) const {
    for (uint32_t r : runs_.of(o)) write_functions(o, runs_.all()[r], buffer);
    p_.for_live(o, [&](SymId id, uint32_t) {
      if (!objfmt::is_text(s_.kind[index(id)])) write_symbol(id);
    });
    for (const loader::ObjectJob& job : jobs_.by_object) job.run(o, place(job.symbol));
  }
  void write_made() const {
    for (uint32_t id = s_.loaded_end(); id < s_.count(); id++) write_symbol(static_cast<SymId>(id));
  }

  void write_symbol(SymId id) const {
    if (s_.section[index(id)] == 0 || s_.size[index(id)] == 0 || (s_.flags[index(id)] & loader::kSymEmitted)) return;
    if (!in_file(section_of(id))) return;
    if (!objfmt::is_text(s_.kind[index(id)])) return within(id) ? make(id, place(id)) : misplaced(id);
    // Functions that the linker makes: few.
    Buffer bytes;
    append_function(id, s_.value[index(id)], s_.value[index(id)] + s_.size[index(id)], bytes);
    pad(bytes, s_.size[index(id)] - bytes.size());
    sink_(file_offset(section_of(id), s_.value[index(id)]), bytes);
  }
  void make(SymId id, base::MutableBytes out) const {
    base::Bytes data = p_.data(id);
    out = out.first(std::min<size_t>(data.size(), out.size()));
    if (!out.empty()) std::memcpy(out.data(), data.data(), out.size());
    relocate_symbol<Arch>(c_, id, out, s_.value[index(id)]);
  }

  // Between functions, and before the first and behind the last, stand instructions that trap.
  static void pad(Buffer& buffer, uint64_t bytes) { buffer.insert(buffer.end(), bytes, Arch::kCodePadding); }

  // With the padding behind each.
  void write_functions(uint32_t o, const loader::TextRun& run, Buffer& buffer) const {
    buffer.clear();
    const std::vector<SymId>& list = text_.functions;
    const Section& text = section_of(text_.start);
    uint64_t begin = run.begin == 0 ? text.address : start(text, list[run.begin]), at = begin;
    const auto flush = [&] {
      if (!buffer.empty()) sink_(file_offset(text, begin), buffer);
      p_.in.trim_within(o);
      buffer.clear();
      begin = at;
    };
    for (uint32_t i = run.begin; i < run.end; i++) {
      uint64_t end = i + 1 < list.size() ? start(text, list[i + 1]) : text.address + text.size;
      end = std::max(end, at);
      at += append_function(list[i], at, end, buffer);
      // A damaged object may say that a function is far longer than what it has of it.
      for (; end - at > kBytesPerWrite; flush()) pad(buffer, kBytesPerWrite), at += kBytesPerWrite;
      pad(buffer, end - at);
      at = end;
      if (buffer.size() >= kBytesPerWrite) flush();
    }
    flush();
  }
  // Appends what there is of a function and of the padding before it. `buffer` ends at address `at`; at `end` the next
  // function begins. Returns how many bytes it appended; up to `end` the others are padding.
  uint64_t append_function(SymId id, uint64_t at, uint64_t end, Buffer& buffer) const {
    uint64_t before = s_.value[index(id)] - at, size = s_.size[index(id)];
    // Addresses wrap with a -T below zero; an image like that is refused when its headers are made.
    bool wrapped = before > end - at || size > end - at - before;
    if (below_text(id) || size == 0 || wrapped) return 0;
    pad(buffer, before);
    base::Bytes data = p_.data(id);
    data = data.first(std::min<size_t>(data.size(), size));
    buffer.insert(buffer.end(), data.begin(), data.end());
    relocate_symbol<Arch>(c_, id, base::MutableBytes(buffer).last(data.size()), s_.value[index(id)]);
    return before + data.size();
  }
  // With an odd -T, the section begins above the first functions, which are then left out: functions are placed
  // before the section is aligned (cmd/link ld/data.go textaddress, address, writeBlocks, Go 1.26).
  bool below_text(SymId function) const {
    return s_.value[index(function)] < c_.image.sections[s_.section[index(function)]].address;
  }
  uint64_t start(const Section& text, SymId function) const { return std::max(text.address, s_.value[index(function)]); }

  const RelocContext& c_;
  const Program& p_;
  const loader::Symbols& s_;
  const TextPlan& text_;
  const loader::EmitJobs& jobs_;
  base::Sink sink_;
  loader::TextRuns runs_;
  DataBytes data_;
  SegmentBytes bytes_;
  std::array<uint64_t, static_cast<size_t>(SegmentId::kCount)> begin_{};  // addresses of bytes_
  std::vector<Item> items_;
};

}  // namespace

DataBytes write_functions(Services& sv, CpuId cpu, const RelocContext& context, const TextPlan& text,
                          const loader::EmitJobs& jobs, base::Sink sink) {
  switch (cpu) {
    case CpuId::kAmd64: return Sweep<Amd64>(context, text, jobs, sink).run(sv);
    case CpuId::kArm64: return Sweep<Arm64>(context, text, jobs, sink).run(sv);
  }
  return {};
}

void write_data(const Image& image, const DataBytes& data, base::Sink sink) {
  for (SegmentId id : kDataSegments) {
    const Segment& segment = image.segment(id);
    base::Bytes bytes(data[static_cast<size_t>(id)]);
    uint64_t offset = segment.file_offset + (data_address(image, id) - segment.address);
    for (uint64_t at = 0; at < bytes.size(); at += kBytesPerWrite) {  // to let others in between
      sink(offset + at, bytes.subspan(at, std::min(kBytesPerWrite, bytes.size() - at)));
    }
  }
}

}  // namespace dovetail::linker
