#include "dwarf/type_table.h"

#include <algorithm>

namespace dovetail::dwarf {

namespace {

// Types decoded at one go, and batches looked through at one go.
constexpr uint64_t kBatch = 128, kGrain = 16;

}  // namespace

// What parts of these batches and of those behind them are not decoded, some of it more than once.
std::vector<RawId> TypeTable::missing_parts(size_t first) const {
  std::vector<std::vector<RawId>> found((batches_.size() - first + kGrain - 1) / kGrain);
  sv_.threads.for_ranges(batches_.size() - first, kGrain, [&](uint64_t begin, uint64_t end) {
    for (uint64_t b = begin; b < end; b++) {
      for (const TypeMember& p : batches_[first + b].parts) {
        RawId raw = named(p.symbol);
        if (raw != RawId::kNil && !has(raw)) found[begin / kGrain].push_back(raw);
      }
    }
  });
  std::vector<RawId> all;
  for (const std::vector<RawId>& f : found) all.insert(all.end(), f.begin(), f.end());
  return all;
}

void TypeTable::close(std::vector<RawId> round) {
  std::vector<RawId> parts = missing_parts(0);
  round.insert(round.end(), parts.begin(), parts.end());
  for (;;) {
    std::erase_if(round, [&](RawId raw) { return raw == RawId::kNil || !decoded_.set(index(raw)); });
    if (round.empty()) break;
    std::sort(round.begin(), round.end());
    size_t first = batches_.size();
    batches_.resize(first + (round.size() + kBatch - 1) / kBatch);
    sv_.threads.for_each(batches_.size() - first, [&](uint64_t b) {
      for (uint64_t i = b * kBatch; i < std::min<uint64_t>(round.size(), (b + 1) * kBatch); i++) {
        decode_type(program_, round[i], program_.res.content(program_.in, round[i]), batches_[first + b]);
      }
      program_.in.trim();
    });
    round = missing_parts(first);
  }
  number_types();
}

void TypeTable::number_types() {
  rank_ = base::Rank(decoded_);
  records_.resize(rank_.total());
  sv_.threads.for_ranges(batches_.size(), kGrain, [&](uint64_t begin, uint64_t end) {
    for (uint64_t b = begin; b < end; b++) {
      TypeMember* part = batches_[b].parts.data();
      for (const TypeRecord& from : batches_[b].records) {
        TypeRecord& r = records_[index(number(from.symbol))];
        r = from;
        r.parts = part;
        for (TypeMember* parts_end = part + r.part_count; part < parts_end; part++) {
          part->type = number(named(part->symbol));
        }
      }
      batches_[b].records = {};
    }
  });
}

}  // namespace dovetail::dwarf
