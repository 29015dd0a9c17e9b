// The sweep goes by input: an object's live symbols are written and relocated in the order in which they lie in
// it, wherever they go, so that every input page is read once, forward, and given back. (Going by output address
// reads small data of all objects in the order of its size, and each touch of a mapped file makes 16 pages resident:
// the whole input ends up in memory. helm, -s -w, 2026-11: 180 MB less at the peak.)
#include "linker/write.h"

#include <algorithm>
#include <cstring>
#include <functional>

#include "linker/arch/amd64.h"
#include "linker/arch/arm64.h"
#include "linker/data_overlap.h"

namespace dovetail::linker {
namespace {

constexpr uint64_t kBeforeObjects = uint64_t{1} << 40;
constexpr uint32_t kFunctionsPerItem = 4096;
constexpr uint32_t kObjectsPerTrim = 128;

template <class Arch>
class Sweep {
 public:
  Sweep(const RelocContext& context, const TextPlan& text, const std::vector<loader::EmitJob>& jobs,
        base::MutableBytes file)
      : c_(context), p_(context.program), s_(p_.syms), text_(text), jobs_(jobs), file_(file) {
    // Jobs come first, and read here and there in all objects.
    for (size_t i = 0; i < jobs.size(); i++) {
      add(kBeforeObjects + jobs[i].bytes, [this, i] {
        jobs_[i].run(place(jobs_[i].symbol));
        p_.in.trim();
      });
    }
    for (uint32_t i = 0; i < text.functions.size(); i += kFunctionsPerItem) {
      uint32_t end = std::min<uint32_t>(i + kFunctionsPerItem, static_cast<uint32_t>(text.functions.size()));
      add((end - i) * 8, [this, i, end] { pad_functions(i, end); });
    }
    add(s_.count() - s_.loaded_end(), [this] { write_made(); });
    std::stable_sort(items_.begin(), items_.end(), [](const Item& a, const Item& b) { return a.weight > b.weight; });
  }

  void run(Services& sv) {
    sv.threads.for_each(items_.size(), [&](uint64_t i) { items_[i].run(); });
    p_.in.trim(sv.threads);
    p_.in.for_objects(sv.threads, [&](uint32_t o) {
      write_object(o);
      // What is written is resident too, but stays in the page cache without us.
      if (o % kObjectsPerTrim == 0 && p_.in.over_budget()) base::MappedFile::drop(file_);
    });
    if (sv.options.data_address == -1) return;
    rewrite_overlapping_data(sv, p_, c_.image, file_, [&](SymId id) {
      relocate_symbol<Arch>(c_, id, {}, s_.value[index(id)]);
    });
  }

 private:
  struct Item {
    uint64_t weight;
    std::function<void()> run;
  };
  void add(uint64_t weight, std::function<void()> run) { items_.push_back({weight, std::move(run)}); }

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

  // Between functions, and before the first and behind the last, stand instructions that trap.
  void pad_functions(uint32_t first, uint32_t last) const {
    const Section& text = c_.image.sections[s_.section[index(text_.start)]];
    const std::vector<SymId>& list = text_.functions;
    if (first == 0) pad(text, text.address, s_.value[index(list[0])]);
    for (uint32_t i = first; i < last; i++) {
      uint64_t end = below_text(list[i]) ? text.address : s_.value[index(list[i])] + s_.size[index(list[i])];
      pad(text, end, i + 1 < list.size() ? s_.value[index(list[i + 1])] : text.address + text.size);
    }
  }
  // With an odd -T, the section begins above the first functions, which are then left out: functions are placed
  // before the section is aligned (cmd/link ld/data.go textaddress, address, writeBlocks, Go 1.26).
  bool below_text(SymId function) const {
    return s_.value[index(function)] < c_.image.sections[s_.section[index(function)]].address;
  }
  void pad(const Section& section, uint64_t begin, uint64_t end) const {
    if (begin < end) std::memset(at(section, begin), Arch::kCodePadding, end - begin);
  }

  void write_object(uint32_t o) const {
    const loader::Object& object = p_.in.objects[o];
    uint32_t pkgdefs = object.view.pkgdef_count(), defs = object.view.def_count() - pkgdefs;
    write_range(object.first_pkgdef, pkgdefs);
    write_range(object.first_def, defs);
    write_range(object.first_ref, object.view.namedref_count());
  }
  // Live symbols among consecutive RawIds are consecutive SymIds.
  void write_range(uint32_t first, uint32_t count) const {
    const base::Bitmap& live = p_.live.live;
    uint32_t begin = p_.rank.before(live, first) + 1, end = p_.rank.before(live, first + count) + 1;
    for (uint32_t id = begin; id < end; id++) write_symbol(static_cast<SymId>(id));
  }
  void write_made() const {
    for (uint32_t id = s_.loaded_end(); id < s_.count(); id++) write_symbol(static_cast<SymId>(id));
  }

  void write_symbol(SymId id) const {
    uint32_t section = s_.section[index(id)], size = s_.size[index(id)], flags = s_.flags[index(id)];
    if (section == 0 || size == 0 || (flags & loader::kSymEmitted)) return;
    if (!in_file(c_.image.sections[section])) return;
    bool text = objfmt::is_text(s_.kind[index(id)]);
    if (text && below_text(id)) return;
    base::MutableBytes out = place(id);
    base::Bytes data = p_.data(id);
    size_t bytes = std::min<size_t>(data.size(), out.size());
    if (bytes) std::memcpy(out.data(), data.data(), bytes);
    // A function's bytes that its object leaves out are padding too.
    if (text) std::memset(out.data() + bytes, Arch::kCodePadding, out.size() - bytes);
    relocate_symbol<Arch>(c_, id, out, s_.value[index(id)]);
  }

  const RelocContext& c_;
  const Program& p_;
  const loader::Symbols& s_;
  const TextPlan& text_;
  const std::vector<loader::EmitJob>& jobs_;
  base::MutableBytes file_;
  std::vector<Item> items_;
};

}  // namespace

void write_segments(Services& sv, CpuId cpu, const RelocContext& context, const TextPlan& text,
                    const std::vector<loader::EmitJob>& jobs, base::MutableBytes file) {
  switch (cpu) {
    case CpuId::kAmd64: return Sweep<Amd64>(context, text, jobs, file).run(sv);
    case CpuId::kArm64: return Sweep<Arm64>(context, text, jobs, file).run(sv);
  }
}

}  // namespace dovetail::linker
