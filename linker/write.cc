#include "linker/write.h"

#include <algorithm>
#include <cstring>

#include "linker/arch/amd64.h"

namespace dovetail::linker {
namespace {

constexpr uint64_t kRangeBytes = 256 * 1024;
constexpr uint32_t kInteriorSymbols = 4096;

// Consecutive symbols of one section or of the interior ones, or a job.
struct WorkItem {
  uint32_t section = 0;               // 0: interior
  uint32_t first = 0, last = 0;       // symbols [first, last) of the section
  const loader::EmitJob* job = nullptr;
};

template <class Arch>
class Sweep {
 public:
  Sweep(const RelocContext& context, const TextPlan& text, std::span<const SymId> interior, base::MutableBytes file)
      : c_(context), text_(text), interior_(interior), s_(context.program.syms), file_(file) {}

  std::vector<WorkItem> items(const std::vector<loader::EmitJob>& jobs) const {
    std::vector<WorkItem> out;
    for (const loader::EmitJob& job : jobs) out.push_back({0, 0, 0, &job});
    for (uint32_t i = 0; i < interior_.size(); i += kInteriorSymbols) {
      out.push_back({0, i, std::min<uint32_t>(i + kInteriorSymbols, static_cast<uint32_t>(interior_.size())), nullptr});
    }
    for (uint32_t n = 1; n < c_.image.sections.size(); n++) {
      const Section& section = c_.image.sections[n];
      if (section.segment == SegmentId::kDwarf || !in_file(section)) continue;
      std::span<const SymId> list = symbols(n);
      uint32_t first = 0;
      uint64_t begin = section.address;
      for (uint32_t i = 0; i < list.size(); i++) {
        uint64_t end = s_.value[index(list[i])] + s_.size[index(list[i])];
        if (end - begin < kRangeBytes && i + 1 < list.size()) continue;
        out.push_back({n, first, i + 1, nullptr});
        first = i + 1;
        begin = end;
      }
    }
    return out;
  }

  void run(const WorkItem& item) {
    if (item.job) return item.job->run(place(item.job->symbol));
    if (item.section == 0) {
      for (uint32_t i = item.first; i < item.last; i++) write_symbol(interior_[i]);
      return;
    }
    const Section& section = c_.image.sections[item.section];
    std::span<const SymId> list = symbols(item.section);
    bool code = section.name == ".text";
    uint64_t end_of_section = section.address + section.size;
    if (code && item.first == 0) pad(section, section.address, s_.value[index(list[0])]);
    for (uint32_t i = item.first; i < item.last; i++) {
      SymId id = list[i];
      if (code) pad_symbol(section, id);
      uint64_t end = write_symbol(id);
      uint64_t next = i + 1 < list.size() ? s_.value[index(list[i + 1])] : end_of_section;
      if (code) pad(section, end, next);
    }
  }

 private:
  std::span<const SymId> symbols(uint32_t n) const {
    const Section& section = c_.image.sections[n];
    if (section.name == ".text") return text_.functions;
    return section.symbols;
  }
  bool in_file(const Section& section) const {
    const Segment& segment = c_.image.segment(section.segment);
    return section.address - segment.address < segment.file_size && section.size > 0;
  }
  uint8_t* at(const Section& section, uint64_t address) const {
    const Segment& segment = c_.image.segment(section.segment);
    return file_.data() + segment.file_offset + (address - segment.address);
  }
  base::MutableBytes place(SymId id) const {
    const Section& section = c_.image.sections[s_.section[index(id)]];
    return {at(section, s_.value[index(id)]), s_.size[index(id)]};
  }
  void pad(const Section& section, uint64_t begin, uint64_t end) const {
    if (begin < end) std::memset(at(section, begin), Arch::kCodePadding, end - begin);
  }
  // A function's bytes that its object leaves out are padding too.
  void pad_symbol(const Section& section, SymId id) const {
    uint64_t address = s_.value[index(id)];
    pad(section, address + c_.program.data(id).size(), address + s_.size[index(id)]);
  }
  // Returns the address behind the symbol.
  uint64_t write_symbol(SymId id) {
    uint64_t address = s_.value[index(id)], size = s_.size[index(id)];
    if (size != 0 && !(s_.flags[index(id)] & loader::kSymEmitted)) {
      base::MutableBytes out = place(id);
      base::Bytes data = c_.program.data(id);
      std::memcpy(out.data(), data.data(), std::min(data.size(), out.size()));
      relocate_symbol<Arch>(c_, id, out, address);
    }
    return address + size;
  }

  const RelocContext& c_;
  const TextPlan& text_;
  std::span<const SymId> interior_;
  const loader::Symbols& s_;
  base::MutableBytes file_;
};

}  // namespace

template <class Arch>
void write_segments(Services& sv, const RelocContext& context, const TextPlan& text, std::span<const SymId> interior,
                    const std::vector<loader::EmitJob>& jobs, base::MutableBytes file) {
  Sweep<Arch> sweep(context, text, interior, file);
  std::vector<WorkItem> items = sweep.items(jobs);
  sv.threads.for_each(items.size(), [&](uint64_t i) { sweep.run(items[i]); });
}

template void write_segments<Amd64>(Services&, const RelocContext&, const TextPlan&, std::span<const SymId>,
                                    const std::vector<loader::EmitJob>&, base::MutableBytes);

}  // namespace dovetail::linker
