#include "base/go_huffman.h"

#include <algorithm>
#include <array>

namespace dovetail::base {
namespace {

constexpr int kLimit = 15;
using Leaves = std::array<uint32_t, kMaxHuffmanSymbols>;       // frequency << 9 | symbol, ascending
using LengthCounts = std::array<int, kMaxHuffmanSymbols + 1>;  // how many symbols have a code of each length

uint16_t reversed(uint32_t code, int length) {
  code = (code & 0x5555) << 1 | (code >> 1 & 0x5555);
  code = (code & 0x3333) << 2 | (code >> 2 & 0x3333);
  code = (code & 0x0f0f) << 4 | (code >> 4 & 0x0f0f);
  code = (code & 0x00ff) << 8 | (code >> 8 & 0x00ff);
  return static_cast<uint16_t>(code >> (16 - length));
}

// By frequency, a byte of it at a time; the symbols ascend already. std::sort took 7 % of
// encode_deflate_block.
void sort_leaves(Leaves& leaves, int n) {
  uint32_t largest = 0;
  for (int i = 0; i < n; ++i) largest = std::max(largest, leaves[i]);
  for (int shift = 9; largest >> shift != 0; shift += 8) {
    std::array<uint16_t, 257> start{};
    for (int i = 0; i < n; ++i) ++start[(leaves[i] >> shift & 255) + 1];
    for (int digit = 0; digit < 255; ++digit)
      start[digit + 1] = static_cast<uint16_t>(start[digit + 1] + start[digit]);
    Leaves sorted;
    for (int i = 0; i < n; ++i) sorted[start[leaves[i] >> shift & 255]++] = leaves[i];
    std::copy_n(sorted.begin(), n, leaves.begin());
  }
}

// Lengths of the unlimited code. Returns the longest. REQUIRES: n >= 3.
int two_queues(const Leaves& leaves, int n, LengthCounts& counts) {
  std::array<uint32_t, kMaxHuffmanSymbols> inner;  // weights of inner nodes, ascending as they are made
  std::array<uint16_t, kMaxHuffmanSymbols> parent_of_inner;
  std::array<uint16_t, kMaxHuffmanSymbols> leaves_below{};  // how many children of an inner node are leaves
  int leaf = 0;
  int taken = 0;
  for (int made = 0; made < n - 1; ++made) {
    uint32_t weight = 0;
    for (int child = 0; child < 2; ++child) {
      if (taken < made && (leaf == n || inner[taken] <= leaves[leaf] >> 9)) {
        parent_of_inner[taken] = static_cast<uint16_t>(made);
        weight += inner[taken++];
      } else {
        ++leaves_below[made];
        weight += leaves[leaf++] >> 9;
      }
    }
    inner[made] = weight;
  }
  std::array<uint16_t, kMaxHuffmanSymbols> depth;
  depth[n - 2] = 0;
  counts.fill(0);
  int deepest = 0;
  for (int i = n - 2; i >= 0; --i) {
    if (i != n - 2) depth[i] = static_cast<uint16_t>(depth[parent_of_inner[i]] + 1);
    counts[depth[i] + 1u] += leaves_below[i];
    if (leaves_below[i] != 0) deepest = std::max<int>(deepest, depth[i] + 1);
  }
  return deepest;
}

// Lengths of the best code of at most max_bits. REQUIRES: n >= 3 leaves, n <= 2^max_bits.
//
// lists[k] holds the leaves and the pairs of lists[k+1], in ascending order; lists[0] is the row that buys
// the first bit of every code. From a row's first m entries, the pairs among them ask for twice as many of
// the next row.
void package_merge(const Leaves& leaves, int n, int max_bits, LengthCounts& counts) {
  std::array<std::array<bool, 2 * kMaxHuffmanSymbols>, kLimit> is_leaf;
  std::array<uint32_t, 2 * kMaxHuffmanSymbols> row;
  std::array<uint32_t, 2 * kMaxHuffmanSymbols> below;
  int below_size = 0;
  for (int level = max_bits - 1; level >= 0; --level) {
    int size = 0;
    int leaf = 0;
    for (int pair = 0; leaf < n || pair + 1 < below_size; ++size) {
      const bool have_pair = pair + 1 < below_size;
      const uint32_t package = have_pair ? below[pair] + below[pair + 1] : 0;
      if (leaf < n && (!have_pair || leaves[leaf] >> 9 < package)) {
        is_leaf[level][size] = true;
        row[size] = leaves[leaf++] >> 9;
      } else {
        is_leaf[level][size] = false;
        row[size] = package;
        pair += 2;
      }
    }
    below = row;
    below_size = size;
  }
  std::array<int, kLimit + 1> at_least{};  // symbols whose code has more than k bits
  int wanted = 2 * n - 2;
  for (int level = 0; level < max_bits; ++level) {
    at_least[level] =
        static_cast<int>(std::count(is_leaf[level].begin(), is_leaf[level].begin() + wanted, true));
    wanted = 2 * (wanted - at_least[level]);
  }
  counts.fill(0);
  for (int level = 0; level < max_bits; ++level) counts[level + 1] = at_least[level] - at_least[level + 1];
}

}  // namespace

void build_huffman(const uint32_t* frequencies, int count, int max_bits, HuffmanCode* codes) {
  Leaves leaves;
  int n = 0;
  for (int symbol = 0; symbol < count; ++symbol) {
    codes[symbol] = {0, 0};
    if (frequencies[symbol] != 0) leaves[n++] = frequencies[symbol] << 9 | static_cast<uint32_t>(symbol);
  }
  if (n <= 2) {  // one bit each, even for a single symbol
    for (int i = 0; i < n; ++i) codes[leaves[i] & 511] = {static_cast<uint16_t>(i), 1};
    return;
  }
  sort_leaves(leaves, n);
  LengthCounts counts;
  if (two_queues(leaves, n, counts) > max_bits) package_merge(leaves, n, max_bits, counts);

  // The most frequent symbols get the shortest codes; within a length, codes ascend with the symbol.
  std::array<uint32_t, kLimit + 2> next{};
  for (int length = 1, end = n; length <= max_bits; ++length) {
    next[length + 1] = (next[length] + static_cast<uint32_t>(counts[length])) << 1;
    for (const int begin = end - counts[length]; end > begin; --end) {
      codes[leaves[end - 1] & 511].length = static_cast<uint16_t>(length);
    }
  }
  for (int symbol = 0; symbol < count; ++symbol) {
    const int length = codes[symbol].length;
    if (length != 0) codes[symbol].bits = reversed(next[length]++, length);
  }
}

}  // namespace dovetail::base
