// Stage 1 of base/go_deflate.h: which earlier bytes a block repeats. Go 1.26 compress/flate/deflatefast.go.
//
// The search is a chain: where a match ends decides where the next may begin, so the time is that of
// unforeseen branches and of loads that wait for one another, about 20 ns for a match of ten bytes in debug
// information. Looking up four positions at once without branches was slower (25 ns), and searching two
// streams in turn gained nothing.
#include <algorithm>
#include <bit>
#include <utility>

#ifdef __SSE4_1__
#include <smmintrin.h>
#endif

#include "base/deflate_token.h"
#include "base/go_deflate.h"

namespace dovetail::base {
namespace {

constexpr size_t kTailUnmatched = 15;  // no match starts in the last 15 bytes of a block
constexpr size_t kMinMatch = 4;
constexpr size_t kMinMatchedBlock = 128;  // a shorter last block is only Huffman coded, or stored

// Go's table has, by a 14-bit hash of four bytes, where they last stood and which they were. Four bytes times
// an odd constant is a number that tells them apart, and the slot is its 14 highest bits; so an entry keeps
// 15 bits of the rest, which rules out nearly all others, and the position in 17: half of Go's 128 KiB. (The
// bytes themselves are compared too.) Positions count from kBlockStart at the block's first byte; an entry 0
// is out of reach.
constexpr unsigned kTableBits = 14;
constexpr unsigned kCheckBits = 15;
constexpr uint32_t kCheckMask = (1u << kCheckBits) - 1;
constexpr uint32_t kBlockStart = kDeflateWindow + 1;
static_assert(kBlockStart + kDeflateBlock <= 1u << (32 - kCheckBits));

struct Key {
  explicit Key(uint32_t four) : bytes(four), product(four * 0x1e35a7bdu) {}
  uint32_t slot() const { return product >> (32 - kTableBits); }
  uint32_t check() const { return product >> (32 - kTableBits - kCheckBits) & kCheckMask; }
  uint32_t entry(uint32_t position) const { return position << kCheckBits | check(); }
  uint32_t bytes;
  uint32_t product;
};

// How far before `position` an entry's bytes stand.
uint32_t distance_to(uint32_t candidate, uint32_t position) { return position - (candidate >> kCheckBits); }

// True if `candidate` is where the four bytes at p stood before, and within the window. Branches on purpose:
// the later ones nearly always go one way, and what follows need not wait for the first (530 MB/s, against
// 380 for one combined condition).
bool matches_here(uint32_t candidate, Key key, const uint8_t* p, uint32_t position) {
  if ((candidate & kCheckMask) != key.check()) return false;
  const uint32_t distance = distance_to(candidate, position);
  return distance <= kDeflateWindow && load32(p - distance) == key.bytes;
}

// Length of the match of what stands at p with what stands `distance` before, where the first four bytes are
// known to be equal. REQUIRES: kTailUnmatched bytes more stand between p and `end`.
size_t match_length(const uint8_t* p, uint32_t distance, const uint8_t* end) {
  const auto differs = [distance](const uint8_t* at) { return load64(at) ^ load64(at - distance); };
  const auto equal_bytes = [](uint64_t difference) {
    return static_cast<size_t>(std::countr_zero(difference)) / 8;
  };
  const uint64_t first = differs(p + kMinMatch);
  if (first != 0) return kMinMatch + equal_bytes(first);
  const size_t most = std::min<size_t>(kMaxMatch, static_cast<size_t>(end - p));
  size_t n = kMinMatch + 8;
  for (; n + 8 <= most; n += 8) {
    const uint64_t next = differs(p + n);
    if (next != 0) return n + equal_bytes(next);
  }
  while (n < most && p[n] == *(p + n - distance)) ++n;
  return n;
}
static_assert(kTailUnmatched >= kMinMatch + 8);

class TokenWriter {
 public:
  TokenWriter(uint32_t* to, uint16_t* distance_codes) : to_(to), distance_codes_(distance_codes) {}
  const uint32_t* end() const { return to_; }

  // REQUIRES: seven more bytes can be read behind the n.
  void put_literals(const uint8_t* from, size_t n) {
    uint32_t* const end = to_ + n;
    do {  // more often than not, too many
#ifdef __SSE4_1__
      const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to_), _mm_cvtepu8_epi32(bytes));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to_ + 4), _mm_cvtepu8_epi32(_mm_srli_si128(bytes, 4)));
#else
      for (int i = 0; i < 8; ++i) to_[i] = from[i];
#endif
      to_ += 8;
      from += 8;
    } while (to_ < end);
    to_ = end;
  }

  void put_tail(const uint8_t* from, size_t n) {
    for (size_t i = 0; i < n; ++i) *to_++ = from[i];
  }

  // Distances from 5 fall into two codes per power of two (RFC 1951 3.2.5).
  void put_match(size_t length, uint32_t distance) {
    const uint32_t d = distance - 1;
    const uint32_t extra_bits = static_cast<uint32_t>(std::bit_width(d | 2)) - 2;
    const uint32_t code = 2 * extra_bits + (d >> extra_bits);
    const uint32_t extra = d & ((1u << extra_bits) - 1);
    ++distance_codes_[code];
    *to_++ = (kFirstLength - kMinCodedLength + static_cast<uint32_t>(length)) |
             (code + 1) << kTokenDistanceShift | extra << kTokenExtraShift;
  }

 private:
  uint32_t* to_;
  uint16_t* distance_codes_;  // how often each was used
};
constexpr size_t kTokenSlack = 8;  // put_literals writes eight at a time

}  // namespace

void DeflateTokens::reset() {
  if (tokens_ == nullptr) tokens_.reset(new uint32_t[kDeflateBlock + kTokenSlack]);
  count_ = 0;
  distance_codes_.fill(0);
}

DeflateMatcher::DeflateMatcher() : table_(size_t{1} << kTableBits) {}

// Counts positions from the next block's start on; what falls below 0 has long been out of reach.
void DeflateMatcher::shift_positions() {
  constexpr uint32_t kShift = static_cast<uint32_t>(kDeflateBlock) << kCheckBits;
  for (uint32_t& entry : table_) entry = std::max(entry, kShift) - kShift;
}

void DeflateMatcher::find_matches(const uint8_t* block, size_t size, DeflateTokens& out) {
  out.reset();
  if (size < kMinMatchedBlock) return;  // the last one: the table is not needed any more
  if (!first_block_) shift_positions();
  first_block_ = false;

  TokenWriter tokens(out.tokens_.get(), out.distance_codes_.data());
  uint32_t* const table = table_.data();
  const uint8_t* const end = block + size;
  const uint8_t* const limit = end - kTailUnmatched;
  const uint8_t* literals = block;  // first byte that no match covers yet
  const uint8_t* p = block;
  const auto position_of = [block](const uint8_t* q) {
    return kBlockStart + static_cast<uint32_t>(q - block);
  };

  Key key(load32(p));
  for (;;) {
    // Look for four bytes seen before. After 32 fruitless steps go by two bytes, after 16 more by three, and
    // so on.
    uint32_t candidate;
    const uint8_t* next = p;
    for (size_t patience = 32;;) {
      p = next;
      const size_t step = patience >> 5;
      patience += step;
      next = p + step;
      if (next > limit) goto done;
      candidate = std::exchange(table[key.slot()], key.entry(position_of(p)));
      const Key here = std::exchange(key, Key(load32(next)));
      if (matches_here(candidate, here, p, position_of(p))) break;
    }
    tokens.put_literals(literals, static_cast<size_t>(p - literals));
    // A match at p; where it ends the next may begin at once.
    for (;;) {
      const uint32_t distance = distance_to(candidate, position_of(p));
      const size_t length = match_length(p, distance, end);
      tokens.put_match(length, distance);
      p += length;
      literals = p;
      if (p >= limit) goto done;
      // Of the bytes inside a match only the last is entered into the table.
      const uint64_t around = load64(p - 1);
      const Key last(static_cast<uint32_t>(around));
      table[last.slot()] = last.entry(position_of(p - 1));
      key = Key(static_cast<uint32_t>(around >> 8));
      candidate = std::exchange(table[key.slot()], key.entry(position_of(p)));
      if (!matches_here(candidate, key, p, position_of(p))) break;
    }
    ++p;
    key = Key(load32(p));
  }
done:
  tokens.put_tail(literals, static_cast<size_t>(end - literals));
  out.count_ = static_cast<size_t>(tokens.end() - out.tokens_.get());
}

}  // namespace dovetail::base
