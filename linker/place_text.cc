#include "linker/place_text.h"

#include <algorithm>

#include "base/go_rand.h"
#include "linker/trampolines.h"
#include "runtime-tables/runtime_symbols.h"

namespace dovetail::linker {
namespace {

// The length of code from which on cmd/link looks whether calls reach; 0: they do.
uint64_t trampoline_limit(Services& sv, const Cpu& cpu) {
  if (cpu.call_reach == 0) return 0;
  if (sv.options.debug_trampolines > 1) return 1;
  return sv.options.debug_text_size != 0 ? static_cast<uint64_t>(sv.options.debug_text_size) : cpu.call_reach;
}

}  // namespace

// cmd/link ld/data.go textaddress, Go 1.26.
TextPlan place_text(Services& sv, const Cpu& cpu, Program& program, const loader::TextOrder& order,
                    SymId build_id, std::span<const SymId> made, Image& image) {
  loader::Symbols& s = program.syms;
  TextPlan plan;
  bool has_build_id = build_id != SymId::kNil;
  if (has_build_id) plan.functions.push_back(build_id);
  plan.functions.insert(plan.functions.end(), made.begin(), made.end());
  plan.functions.insert(plan.functions.end(), order.functions.begin(), order.functions.end());
  if (sv.options.random_layout != 0) {
    base::GoRandom random(sv.options.random_layout);
    SymId* first = plan.functions.data() + has_build_id;
    random.shuffle(plan.functions.size() - has_build_id, [&](uint64_t i, uint64_t j) { std::swap(first[i], first[j]); });
  }
  // FIPS code is gathered behind the rest, its brackets around it.
  auto fips = std::stable_partition(plan.functions.begin(), plan.functions.end(),
                                    [&](SymId f) { return s.kind[index(f)] <= SymKind::kText; });
  std::stable_sort(fips, plan.functions.end(), [&](SymId a, SymId b) { return s.kind[index(a)] < s.kind[index(b)]; });

  uint32_t alignment =
      sv.options.function_align ? static_cast<uint32_t>(sv.options.function_align) : cpu.function_alignment;
  runtime_tables::TextMarkers markers = runtime_tables::define_text_markers(program);
  plan.start = markers.text;
  plan.end = markers.etext;

  Section text;
  text.name = ".text";
  text.segment = SegmentId::kText;
  text.rwx = 5;
  text.align = alignment;
  uint64_t at = base::round_up(image.text_address, alignment);
  text.address = at;
  auto number = static_cast<uint8_t>(image.sections.size());
  for (SymId f : plan.functions) {
    uint32_t align = std::max(s.align[index(f)], alignment);
    at = base::round_up(at, align);
    text.align = std::max(text.align, align);
    s.value[index(f)] = at;
    s.section[index(f)] = number;
    at += std::max(s.size[index(f)], kMinFunction);
  }
  uint64_t limit = trampoline_limit(sv, cpu);
  if (limit != 0 && at - text.address >= limit) {
    at = place_with_trampolines(sv, program, order, text.address, alignment, number, &plan, &text.align);
  }
  // runtime.etext must not coincide with what comes next.
  text.size = at - text.address + cpu.min_instruction;
  s.value[index(plan.start)] = text.address;
  s.value[index(plan.end)] = at;
  s.section[index(plan.start)] = s.section[index(plan.end)] = number;
  image.segment(SegmentId::kText).sections.push_back(number);
  image.sections.push_back(std::move(text));
  return plan;
}

}  // namespace dovetail::linker
