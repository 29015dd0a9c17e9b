#include "base/go_deflate.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#ifdef __SSE4_1__
#include <smmintrin.h>
#endif

#include "base/adler32.h"
#include "base/go_huffman.h"

namespace dovetail::base {
namespace {

// ---- Stage 1: matches -----------------------------------------------------------------------------------------

constexpr size_t kTailUnmatched = 15;     // no match starts in the last 15 bytes of a block
constexpr size_t kMinMatch = 4;
constexpr size_t kMaxMatch = 258;
constexpr size_t kMinMatchedBlock = 128;  // a shorter last block is only Huffman coded,
constexpr size_t kMaxStoredTail = 16;     // or, up to this size, stored

// Go's table has, by a 14-bit hash of four bytes, where they last stood and which they were. Four bytes times an odd
// constant is a number that tells them apart, and the slot is its 14 highest bits; so an entry keeps 15 bits of the rest,
// which rules out nearly all others, and the position in 17: half of Go's 128 KiB. (The bytes themselves
// are compared too.) Positions count from kBlockStart at the block's first byte; an entry 0 is out of reach.
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

// True if `candidate` is where the four bytes at p stood before, and within the window. Branches on purpose: the later ones
// nearly always go one way, and what follows need not wait for the first (530 MB/s, against 380 for one
// combined condition).
bool matches_here(uint32_t candidate, Key key, const uint8_t* p, uint32_t position) {
  if ((candidate & kCheckMask) != key.check()) return false;
  const uint32_t distance = distance_to(candidate, position);
  return distance <= kDeflateWindow && load32(p - distance) == key.bytes;
}

// Length of the match of what stands at p with what stands `distance` before, where the first four bytes are known to be
// equal. REQUIRES: kTailUnmatched bytes more stand between p and `end`.
size_t match_length(const uint8_t* p, uint32_t distance, const uint8_t* end) {
  const auto differs = [distance](const uint8_t* at) { return load64(at) ^ load64(at - distance); };
  const auto equal_bytes = [](uint64_t difference) { return static_cast<size_t>(std::countr_zero(difference)) / 8; };
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

// A token is one literal or one match:
//   bits 0 to 8    the literal, or kFirstLength + length - kMinCodedLength
//   bits 9 to 13   for a match: its distance code, plus 1
//   bits 14 to 26  for a match: the extra bits of the distance
constexpr uint32_t kFirstLength = 256;
constexpr uint32_t kMinCodedLength = 3;
constexpr uint32_t kTokenSymbols = 512;
constexpr int kTokenDistanceShift = 9;
constexpr int kTokenExtraShift = 14;

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
    *to_++ = (kFirstLength - kMinCodedLength + static_cast<uint32_t>(length)) | (code + 1) << kTokenDistanceShift |
             extra << kTokenExtraShift;
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

DeflateMatcher::DeflateMatcher() : table_(new uint32_t[size_t{1} << kTableBits]()) {}

// Counts positions from the next block's start on; what falls below 0 has long been out of reach.
void DeflateMatcher::shift_positions() {
  constexpr uint32_t kShift = static_cast<uint32_t>(kDeflateBlock) << kCheckBits;
  for (size_t i = 0; i < size_t{1} << kTableBits; ++i) table_[i] = std::max(table_[i], kShift) - kShift;
}

void DeflateMatcher::find_matches(const uint8_t* block, size_t size, DeflateTokens& out) {
  out.reset();
  if (size < kMinMatchedBlock) return;  // the last one: the table is not needed any more
  if (!first_block_) shift_positions();
  first_block_ = false;

  TokenWriter tokens(out.tokens_.get(), out.distance_codes_.data());
  uint32_t* const table = table_.get();
  const uint8_t* const end = block + size;
  const uint8_t* const limit = end - kTailUnmatched;
  const uint8_t* literals = block;  // first byte that no match covers yet
  const uint8_t* p = block;
  const auto position_of = [block](const uint8_t* q) { return kBlockStart + static_cast<uint32_t>(q - block); };

  Key key(load32(p));
  for (;;) {
    // Look for four bytes seen before. After 32 fruitless steps go by two bytes, after 16 more by three, and so on.
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

// ---- Stage 2: bits --------------------------------------------------------------------------------------------

namespace {

constexpr int kEndOfBlock = 256;
constexpr int kFirstLengthCode = 257;
constexpr int kLiteralCodes = 286;
constexpr int kDistanceCodes = kDeflateDistanceCodes;
constexpr int kCodeLengthCodes = 19;

// RFC 1951 3.2.5: what a length code adds to, and how many bits it brings along.
constexpr std::array<uint16_t, 29> kLengthBase = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                                  31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
constexpr std::array<uint8_t, 29> kLengthExtra = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                                  2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
// RFC 1951 3.2.7: the order in which the lengths of the code length code are written.
constexpr std::array<uint8_t, kCodeLengthCodes> kCodeLengthOrder = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                                    11, 4,  12, 3, 13, 2, 14, 1, 15};

// Bits in the order of the stream, the first one lowest. Room must be there: the size is known beforehand.
class BitWriter {
 public:
  explicit BitWriter(uint8_t* to) : to_(to), begin_(to) {}
  // REQUIRES: at most 57 bits between two calls of drain(), no bit of `bits` above `count`.
  void put(uint64_t bits, unsigned count) {
    bits_ |= bits << count_;
    count_ += count;
  }
  void put(HuffmanCode code) { put(code.bits, code.length); }
  void drain() {
    store64(to_, bits_);
    to_ += count_ >> 3;
    bits_ >>= count_ & ~7u;
    count_ &= 7;
  }
  uint64_t bit_count() const { return static_cast<uint64_t>(to_ - begin_) * 8 + count_; }

 private:
  uint8_t* to_;
  uint8_t* begin_;
  uint64_t bits_ = 0;
  unsigned count_ = 0;
};
constexpr size_t kDrainSlack = 8;  // drain() writes whole words

// The two code length lists of a dynamic block, run-length coded as Go does it (generateCodegen).
class CodeLengths {
 public:
  CodeLengths(const HuffmanCode* literals, int literal_count, const HuffmanCode* distances, int distance_count) {
    std::array<uint8_t, kLiteralCodes + kDistanceCodes + 1> lengths;
    int n = 0;
    for (int i = 0; i < literal_count; ++i) lengths[n++] = static_cast<uint8_t>(literals[i].length);
    for (int i = 0; i < distance_count; ++i) lengths[n++] = static_cast<uint8_t>(distances[i].length);
    for (int i = 0; i < n;) {
      int run = 1;
      while (i + run < n && lengths[i + run] == lengths[i]) ++run;
      add_run(lengths[i], run);
      i += run;
    }
    build_huffman(frequency_.data(), kCodeLengthCodes, 7, codes_.data());
    while (order_count_ > 4 && frequency_[kCodeLengthOrder[order_count_ - 1]] == 0) --order_count_;
  }

  // The block header's size in bits, block type and the three counts included.
  uint64_t bit_count() const {
    uint64_t n = 3 + 5 + 5 + 4 + 3 * static_cast<uint64_t>(order_count_);
    for (int i = 0; i < kCodeLengthCodes; ++i) n += uint64_t{frequency_[i]} * codes_[i].length;
    return n + 2 * frequency_[16] + 3 * frequency_[17] + 7 * frequency_[18];
  }

  void write(BitWriter& to, int literal_count, int distance_count) const {
    to.put(2u << 1, 3);  // dynamic Huffman, never the last block
    to.put(static_cast<uint64_t>(literal_count - kFirstLengthCode), 5);
    to.put(static_cast<uint64_t>(distance_count - 1), 5);
    to.put(static_cast<uint64_t>(order_count_ - 4), 4);
    to.drain();
    for (int i = 0; i < order_count_; ++i) {
      to.put(codes_[kCodeLengthOrder[i]].length, 3);
      to.drain();
    }
    for (int i = 0; i < count_; ++i) {
      const Symbol s = symbols_[i];
      to.put(codes_[s.code]);
      to.put(s.extra, s.code < 16 ? 0 : s.code == 16 ? 2 : s.code == 17 ? 3 : 7);
      to.drain();
    }
  }

 private:
  struct Symbol {
    uint8_t code;
    uint8_t extra;
  };

  void add(int code, int extra = 0) {
    symbols_[count_++] = {static_cast<uint8_t>(code), static_cast<uint8_t>(extra)};
    ++frequency_[code];
  }

  void add_run(int length, int run) {
    if (length != 0) {
      add(length);
      for (--run; run >= 3;) {
        const int n = std::min(run, 6);
        add(16, n - 3);
        run -= n;
      }
    } else {
      while (run >= 11) {
        const int n = std::min(run, 138);
        add(18, n - 11);
        run -= n;
      }
      if (run >= 3) {
        add(17, run - 3);
        run = 0;
      }
    }
    for (; run > 0; --run) add(length);
  }

  std::array<Symbol, kLiteralCodes + kDistanceCodes> symbols_;
  int count_ = 0;
  int order_count_ = kCodeLengthCodes;
  std::array<uint32_t, kCodeLengthCodes> frequency_{};
  std::array<HuffmanCode, kCodeLengthCodes> codes_;
};

uint64_t coded_bits(const uint32_t* frequencies, const HuffmanCode* codes, int count) {
  uint64_t bits = 0;
  for (int i = 0; i < count; ++i) bits += uint64_t{frequencies[i]} * codes[i].length;
  return bits;
}

}  // namespace

void DeflateBits::reserve(size_t bytes) {
  if (bytes <= capacity_) return;
  capacity_ = bytes;
  bytes_.reset(new uint8_t[bytes]);
}

// One block on its way from tokens to bits.
class BlockEncoder {
 public:
  explicit BlockEncoder(Bytes block) : block_(block) {}

  void encode(const DeflateTokens& tokens, DeflateBits& out) {
    out.raw_size_ = static_cast<uint32_t>(block_.size());
    out.raw_adler_ = adler32(block_);
    if (block_.size() <= kMaxStoredTail) return store(out);
    // Matches must save a sixteenth of the symbols; else every byte is a literal.
    if (tokens.count_ <= block_.size() - block_.size() / 16) tokens_ = tokens.tokens();
    if (tokens_.empty()) {
      count_bytes();
    } else {
      count_tokens(tokens.distance_codes_);
    }
    literal_frequency_[kEndOfBlock] = 1;
    build_huffman(literal_frequency_.data(), kLiteralCodes, 15, literal_codes_.data());
    build_huffman(distance_frequency_.data(), kDistanceCodes, 15, distance_codes_.data());
    int literal_count = kLiteralCodes;
    while (literal_frequency_[literal_count - 1] == 0) --literal_count;
    int distance_count = kDistanceCodes;
    while (distance_frequency_[distance_count - 1] == 0) --distance_count;
    const CodeLengths lengths(literal_codes_.data(), literal_count, distance_codes_.data(), distance_count);
    // Extra bits are left out of this sum, as in Go: the comparison with a stored block does not see them.
    const uint64_t size = lengths.bit_count() +
                          coded_bits(literal_frequency_.data(), literal_codes_.data(), literal_count) +
                          coded_bits(distance_frequency_.data(), distance_codes_.data(), distance_count);
    if ((block_.size() + 5) * 8 < size + (size >> 4)) return store(out);

    out.stored_ = 0;
    out.reserve((size + extra_bits() + 7) / 8 + kDrainSlack);
    BitWriter to(out.bytes_.get());
    lengths.write(to, literal_count, distance_count);
    if (tokens_.empty()) {
      write_bytes(to);
    } else {
      write_tokens(to);
    }
    to.put(literal_codes_[kEndOfBlock]);
    to.drain();
    out.bit_count_ = to.bit_count();
  }

 private:
  void store(DeflateBits& out) {
    out.bit_count_ = 0;
    out.stored_ = static_cast<uint32_t>(block_.size());
    out.reserve(block_.size());
    std::memcpy(out.bytes_.get(), block_.data(), block_.size());
  }

  void count_bytes() {
    for (const uint8_t byte : block_) ++literal_frequency_[byte];
    distance_frequency_[0] = 1;  // the format wants one distance code at least
  }

  // Four tables, since equal symbols in a row would wait for one another's count.
  void count_tokens(const std::array<uint16_t, kDistanceCodes>& distance_codes) {
    std::array<std::array<uint32_t, kTokenSymbols>, 4> lanes{};
    size_t i = 0;
    for (; i + 4 <= tokens_.size(); i += 4) {
      for (size_t lane = 0; lane < 4; ++lane) ++lanes[lane][tokens_[i + lane] % kTokenSymbols];
    }
    for (; i < tokens_.size(); ++i) ++lanes[0][tokens_[i] % kTokenSymbols];
    const auto total = [&lanes](size_t at) { return lanes[0][at] + lanes[1][at] + lanes[2][at] + lanes[3][at]; };
    for (size_t literal = 0; literal < 256; ++literal) literal_frequency_[literal] = total(literal);
    for_each_length([&](size_t length, size_t code) {
      literal_frequency_[kFirstLengthCode + code] += total(kFirstLength - kMinCodedLength + length);
    });
    std::copy(distance_codes.begin(), distance_codes.end(), distance_frequency_.begin());
  }

  // Calls body(length, its code less kFirstLengthCode).
  template <class Body>
  static void for_each_length(Body body) {
    for (size_t code = 0; code + 1 < kLengthBase.size(); ++code) {
      for (size_t length = kLengthBase[code]; length < kLengthBase[code + 1]; ++length) body(length, code);
    }
    body(kMaxMatch, kLengthBase.size() - 1);
  }

  uint64_t extra_bits() const {
    uint64_t bits = 0;
    for (size_t i = 0; i < kLengthExtra.size(); ++i) {
      bits += uint64_t{literal_frequency_[kFirstLengthCode + i]} * kLengthExtra[i];
    }
    for (size_t i = 4; i < kDistanceCodes; ++i) bits += uint64_t{distance_frequency_[i]} * (i / 2 - 1);
    return bits;
  }

  void write_bytes(BitWriter& to) const {
    size_t i = 0;
    for (; i + 3 <= block_.size(); i += 3) {
      for (size_t k = 0; k < 3; ++k) to.put(literal_codes_[block_[i + k]]);
      to.drain();
    }
    for (; i < block_.size(); ++i) to.put(literal_codes_[block_[i]]);
    to.drain();
  }

  // What a token's symbol and its distance code put into the stream, looked up: no branch depends on the data.
  void write_tokens(BitWriter& to) const {
    TokenBits table;
    for (size_t i = 0; i < 256; ++i) {
      table.symbol[i] = literal_codes_[i].bits;
      table.symbol_count[i] = static_cast<uint8_t>(literal_codes_[i].length);
    }
    for_each_length([&](size_t length, size_t code) {
      const HuffmanCode c = literal_codes_[kFirstLengthCode + code];
      const size_t at = kFirstLength - kMinCodedLength + length;
      table.symbol[at] = c.bits | static_cast<uint32_t>(length - kLengthBase[code]) << c.length;
      table.symbol_count[at] = static_cast<uint8_t>(c.length + kLengthExtra[code]);
    });
    for (size_t i = 0; i < kDistanceCodes; ++i) {
      const HuffmanCode c = distance_codes_[i];
      table.distance[i + 1] = c.bits;
      table.distance_count[i + 1] = static_cast<uint8_t>(c.length);
      table.distance_total[i + 1] = static_cast<uint8_t>(c.length + (i < 4 ? 0 : i / 2 - 1));
    }
    size_t i = 0;
    for (; i + 2 <= tokens_.size(); i += 2) {
      const auto [bits, count] = table.of(tokens_[i]);
      const auto [more_bits, more_count] = table.of(tokens_[i + 1]);
      if (count + more_count <= 56) {  // nearly always
        to.put(bits | more_bits << count, count + more_count);
      } else {
        to.put(bits, count);
        to.drain();
        to.put(more_bits, more_count);
      }
      to.drain();
    }
    if (i < tokens_.size()) {
      const auto [bits, count] = table.of(tokens_[i]);
      to.put(bits, count);
      to.drain();
    }
  }

  struct TokenBits {
    struct Bits {
      uint64_t bits;
      unsigned count;  // 48 at most
    };
    Bits of(uint32_t token) const {
      const size_t s = token % kTokenSymbols;
      const size_t d = token >> kTokenDistanceShift & 31;
      const uint64_t distance_bits = distance[d] | uint64_t{token >> kTokenExtraShift} << distance_count[d];
      return {symbol[s] | distance_bits << symbol_count[s], unsigned{symbol_count[s]} + distance_total[d]};
    }
    std::array<uint32_t, kTokenSymbols> symbol;
    std::array<uint32_t, 32> distance{};
    std::array<uint8_t, kTokenSymbols> symbol_count;
    std::array<uint8_t, 32> distance_count{};
    std::array<uint8_t, 32> distance_total{};  // with the extra bits
  };

  Bytes block_;
  std::span<const uint32_t> tokens_;
  std::array<uint32_t, kLiteralCodes> literal_frequency_{};
  std::array<uint32_t, kDistanceCodes> distance_frequency_{};
  std::array<HuffmanCode, kLiteralCodes> literal_codes_;
  std::array<HuffmanCode, kDistanceCodes> distance_codes_;
};

void encode_deflate_block(Bytes block, const DeflateTokens& tokens, DeflateBits& out) {
  BlockEncoder(block).encode(tokens, out);
}

// ---- Stage 3: the stream --------------------------------------------------------------------------------------

ZlibStream::ZlibStream(std::vector<uint8_t>& out) : out_(out), adler_(kAdlerEmpty) {
  out_.push_back(0x78);  // deflate, 32 KiB window
  out_.push_back(0x01);  // fastest; makes the two bytes a multiple of 31
}

void ZlibStream::put_bits(uint32_t bits, unsigned count) {
  pending_ |= uint64_t{bits} << pending_count_;
  for (pending_count_ += count; pending_count_ >= 8; pending_count_ -= 8) {
    out_.push_back(static_cast<uint8_t>(pending_));
    pending_ >>= 8;
  }
}

void ZlibStream::pad_to_byte() {
  if (pending_count_ != 0) put_bits(0, 8 - pending_count_);
}

void ZlibStream::append(const DeflateBits& bits) {
  adler_ = adler32_concat(adler_, bits.raw_adler_, bits.raw_size_);
  const uint8_t* from = bits.bytes_.get();
  if (bits.stored_ != 0) {
    put_bits(0, 3);
    pad_to_byte();
    put_bits(bits.stored_, 16);
    put_bits(~bits.stored_ & 0xffff, 16);
    out_.insert(out_.end(), from, from + bits.stored_);
    return;
  }
  // Words of seven bytes, so that shifting by up to seven bits loses nothing.
  const uint64_t whole = bits.bit_count_ / 8;
  const size_t start = out_.size();
  out_.resize(start + whole + kDrainSlack);
  uint8_t* to = out_.data() + start;
  uint64_t i = 0;
  for (; i + 8 <= whole; i += 7) {
    pending_ |= (load64(from + i) & 0x00ffffffffffffff) << pending_count_;
    store64(to + i, pending_);
    pending_ >>= 56;
  }
  out_.resize(start + i);
  for (; i < whole; ++i) put_bits(from[i], 8);
  const unsigned rest = bits.bit_count_ % 8;
  if (rest != 0) put_bits(from[whole] & ((1u << rest) - 1), rest);
}

void ZlibStream::finish() {
  put_bits(1, 3);  // a last, stored block of no bytes
  pad_to_byte();
  put_bits(0, 16);
  put_bits(0xffff, 16);
  for (int shift = 24; shift >= 0; shift -= 8) out_.push_back(static_cast<uint8_t>(adler_ >> shift));
}

// ---- All stages in turn ---------------------------------------------------------------------------------------

void zlib_level1(Bytes bytes, std::vector<uint8_t>& out) {
  DeflateMatcher matcher;
  DeflateTokens tokens;
  DeflateBits bits;
  ZlibStream stream(out);
  for (size_t at = 0; at < bytes.size(); at += kDeflateBlock) {
    const Bytes block = bytes.subspan(at, std::min(kDeflateBlock, bytes.size() - at));
    matcher.find_matches(block.data(), block.size(), tokens);
    encode_deflate_block(block, tokens, bits);
    stream.append(bits);
  }
  stream.finish();
}

namespace {
constexpr size_t kWriterBlocks = 3;  // blocks between two moves of the history to the front
constexpr size_t kWriterWindow = kDeflateWindow + kWriterBlocks * kDeflateBlock;
}  // namespace

ZlibLevel1Writer::ZlibLevel1Writer(std::vector<uint8_t>& out)
    : stream_(out), window_(new uint8_t[kWriterWindow]), begin_(kDeflateWindow), end_(kDeflateWindow) {}

void ZlibLevel1Writer::compress_block(const uint8_t* block, size_t size) {
  matcher_.find_matches(block, size, tokens_);
  encode_deflate_block({block, size}, tokens_, bits_);
  stream_.append(bits_);
}

void ZlibLevel1Writer::write(Bytes bytes) {
  while (!bytes.empty()) {
    const size_t n = std::min(bytes.size(), begin_ + kDeflateBlock - end_);
    std::memcpy(window_.get() + end_, bytes.data(), n);
    end_ += n;
    bytes = bytes.subspan(n);
    if (end_ - begin_ < kDeflateBlock) return;
    compress_block(window_.get() + begin_, kDeflateBlock);
    begin_ = end_;
    if (end_ == kWriterWindow) {
      std::memcpy(window_.get(), window_.get() + end_ - kDeflateWindow, kDeflateWindow);
      begin_ = end_ = kDeflateWindow;
    }
  }
}

void ZlibLevel1Writer::finish() {
  if (end_ != begin_) compress_block(window_.get() + begin_, end_ - begin_);
  stream_.finish();
}

}  // namespace dovetail::base
