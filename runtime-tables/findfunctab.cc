#include "runtime-tables/findfunctab.h"

#include <algorithm>

#include "base/text.h"

namespace dovetail::runtime_tables {

using base::index;
using loader::SymId;

namespace {

constexpr uint64_t kDiagOrder = uint64_t{6} << 32;
constexpr uint64_t kBucket = 4096, kParts = 16, kPart = kBucket / kParts, kEntry = 4 + kParts;
constexpr uint64_t kBucketsPerJob = 1024;

struct Text {
  loader::Services& sv;
  const loader::Program& program;
  std::span<const SymId> functions;
  uint64_t start = 0, end = 0;

  uint64_t address(size_t i) const { return program.syms.value[index(functions[i])]; }
};

// Functions are contiguous, so the first that touches a part is the one that holds the part's first byte.
void emit_buckets(const Text& text, uint64_t begin, uint64_t end, base::MutableBytes out) {
  uint64_t at = text.start + begin * kBucket;
  auto above = std::upper_bound(text.functions.begin(), text.functions.end(), at, [&](uint64_t pc, SymId s) {
    return pc < text.program.syms.value[index(s)];
  });
  size_t i = above == text.functions.begin() ? 0 : static_cast<size_t>(above - text.functions.begin()) - 1;
  for (uint64_t b = begin; b < end; b++) {
    uint8_t* entry = &out[b * kEntry];
    size_t first = 0;
    for (uint64_t part = 0; part < kParts && at < text.end; part++, at += kPart) {
      while (i + 1 < text.functions.size() && text.address(i + 1) <= at) i++;
      if (part == 0) {
        first = i;
        base::store32(entry, static_cast<uint32_t>(first));
      }
      if (i - first >= 256) {
        text.sv.diag.error(kDiagOrder + b, base::concat("too many functions in a findfunc bucket! ", b, "/",
                                                        (text.end - text.start + kBucket - 1) / kBucket, " ", part,
                                                        " ", i - first));
      }
      entry[4 + part] = static_cast<uint8_t>(i - first);
    }
  }
}

}  // namespace

FindfunctabPlan plan_findfunctab(loader::Services& sv, loader::Program& program, std::span<const SymId> functions) {
  FindfunctabPlan plan;
  if (functions.empty()) return plan;
  loader::Symbols& syms = program.syms;
  Text text{sv, program, functions};
  text.start = text.address(0);
  text.end = std::max(text.start, text.address(functions.size() - 1) + syms.size[index(functions.back())]);
  uint64_t buckets = (text.end - text.start + kBucket - 1) / kBucket;
  uint64_t size = 4 * buckets + (text.end - text.start + kPart - 1) / kPart;
  plan.table = syms.make("runtime.findfunctab", 0, objfmt::SymKind::kPclntab);
  syms.make_content(plan.table);
  uint32_t t = index(plan.table);
  syms.size[t] = static_cast<uint32_t>(std::min<uint64_t>(size, UINT32_MAX));
  syms.align[t] = 4;
  syms.flags[t] |= loader::kSymEmitted | loader::kSymLocal;
  for (uint64_t begin = 0; begin < buckets; begin += kBucketsPerJob) {
    uint64_t end = std::min(begin + kBucketsPerJob, buckets);
    plan.jobs.push_back({plan.table, (end - begin) * kEntry, [text, begin, end, size](base::MutableBytes out) {
                           if (size <= out.size()) emit_buckets(text, begin, end, out);
                         }});
  }
  return plan;
}

}  // namespace dovetail::runtime_tables
