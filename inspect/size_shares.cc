#include "inspect/size_shares.h"

#include <algorithm>

#include "base/text.h"

namespace dovetail::inspect {

uint32_t Shares::number(std::string_view owner) {
  auto [it, added] = numbers_.try_emplace(std::string(owner), static_cast<uint32_t>(owners_.size()));
  if (added) owners_.emplace_back(owner);
  return it->second;
}

void Shares::add(uint64_t begin, uint64_t end, std::string_view owner, std::string_view several) {
  if (begin < end) pieces_.push_back({begin, end, number(owner), number(several)});
}

void Shares::count(uint64_t size, std::string_view rest, SizeTable* table) {
  std::sort(pieces_.begin(), pieces_.end(), [](const Piece& a, const Piece& b) {
    if (a.begin != b.begin) return a.begin < b.begin;
    if (a.end != b.end) return a.end < b.end;
    return a.owner < b.owner;
  });
  uint64_t at = 0, left = size;
  for (size_t i = 0; i < pieces_.size();) {
    const Piece& p = pieces_[i];
    uint32_t owner = p.owner;
    for (; i < pieces_.size() && pieces_[i].begin == p.begin; i++) {
      if (pieces_[i].owner != owner) owner = p.several;
    }
    uint64_t begin = std::max(p.begin, at), end = std::min(p.end, size);
    if (begin >= end) continue;
    table->add(owners_[owner], end - begin);
    at = end, left -= end - begin;
  }
  if (left != 0) table->add(rest, left);
}

}  // namespace dovetail::inspect
