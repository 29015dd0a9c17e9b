// Stage 2 of base/go_deflate.h: a block's tokens become bits. Go 1.26 compress/flate/huffman_bit_writer.go.
#include <algorithm>
#include <array>
#include <cstring>

#include "base/adler32.h"
#include "base/deflate_token.h"
#include "base/go_deflate.h"
#include "base/go_huffman.h"

namespace dovetail::base {
namespace {

constexpr size_t kMaxStoredTail = 16;  // a last block up to this size is stored
constexpr int kEndOfBlock = 256;
constexpr int kFirstLengthCode = 257;
constexpr int kLiteralCodes = 286;
constexpr int kDistanceCodes = kDeflateDistanceCodes;
constexpr int kCodeLengthCodes = 19;

// RFC 1951 3.2.5: what a length code adds to, and how many bits it brings along.
constexpr std::array<uint16_t, 29> kLengthBase = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                                  15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                                  67, 83, 99, 115, 131, 163, 195, 227, 258};
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
  CodeLengths(const HuffmanCode* literals, int literal_count, const HuffmanCode* distances,
              int distance_count) {
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
    const auto total = [&lanes](size_t at) {
      return lanes[0][at] + lanes[1][at] + lanes[2][at] + lanes[3][at];
    };
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

  // What a token's symbol and its distance code put into the stream, looked up: no branch depends on the
  // data.
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

}  // namespace dovetail::base
