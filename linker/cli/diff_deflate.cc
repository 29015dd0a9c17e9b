// Two deflate streams of the same contents: where do they part? (RFC 1951)
//
// Both are read token by token, in step. What differs first is told with its place: bit in the stream, block,
// offset in the output. Speed does not matter here; each symbol is decoded bit by bit from the canonical
// counts.
#include <algorithm>
#include <array>

#include "absl/strings/str_format.h"
#include "base/text.h"
#include "linker/cli/diff_dwarf.h"

namespace dovetail::linker::diff {
namespace {

using base::Bytes;

struct Code {
  std::vector<uint8_t> lengths;  // by symbol
  std::array<uint16_t, 16> counts{};
  std::vector<uint16_t> symbols;  // by length, then value

  explicit Code(std::vector<uint8_t> by_symbol = {})
      : lengths(std::move(by_symbol)), symbols(lengths.size()) {
    std::array<uint16_t, 17> at{};
    for (uint8_t l : lengths) counts[l]++;
    counts[0] = 0;
    for (size_t l = 1; l < 16; l++) at[l + 1] = static_cast<uint16_t>(at[l] + counts[l]);
    for (size_t s = 0; s < lengths.size(); s++) {
      if (lengths[s] != 0) symbols[at[lengths[s]]++] = static_cast<uint16_t>(s);
    }
  }
};

struct Token {
  enum Kind { kBlock, kLiteral, kMatch, kEndOfBlock, kStored, kEnd, kDamaged } kind = kEnd;
  uint64_t bit = 0, out = 0;
  uint32_t value = 0, distance = 0;  // literal, match length, block type or stored size
  bool final = false;
  Bytes lengths;  // of a block's codes

  bool same(const Token& t) const {
    return kind == t.kind && value == t.value && distance == t.distance && final == t.final &&
           std::equal(lengths.begin(), lengths.end(), t.lengths.begin(), t.lengths.end());
  }
};

class TokenReader {
 public:
  explicit TokenReader(Bytes b) : bytes_(b) {}

  Token next() {
    Token t;
    t.bit = bit_;
    t.out = out_;
    if (stored_ != 0) return stored(t);
    if (!in_block_) return last_ ? t : block(t);
    int symbol = decode(literals_);
    if (symbol < 0) return damaged(t);
    if (symbol == 256) {
      in_block_ = false;
      t.kind = Token::kEndOfBlock;
    } else if (symbol < 256) {
      t.kind = Token::kLiteral;
      t.value = static_cast<uint32_t>(symbol);
      out_++;
    } else {
      return match(t, static_cast<size_t>(symbol) - 257);
    }
    return t;
  }
  uint64_t blocks() const { return blocks_; }

 private:
  uint32_t bits(unsigned n) {
    uint32_t v = 0;
    for (unsigned i = 0; i < n; i++, bit_++) {
      if (bit_ / 8 >= bytes_.size()) {
        over_ = true;
        return 0;
      }
      v |= static_cast<uint32_t>(bytes_[bit_ / 8] >> (bit_ % 8) & 1) << i;
    }
    return v;
  }

  int decode(const Code& code) {
    int value = 0, first = 0, index = 0;
    for (size_t l = 1; l < 16 && !over_; l++) {
      value |= static_cast<int>(bits(1));
      int count = code.counts[l];
      if (value - count < first) {
        auto at = static_cast<size_t>(index + value - first);
        return at < code.symbols.size() ? code.symbols[at] : -1;
      }
      index += count;
      first = (first + count) << 1;
      value <<= 1;
    }
    return -1;
  }

  Token damaged(Token t) {
    last_ = true;
    in_block_ = false;
    stored_ = 0;
    t.kind = Token::kDamaged;
    return t;
  }

  Token block(Token t) {
    last_ = bits(1) != 0;
    uint32_t type = bits(2);
    if (over_ || type == 3) return damaged(t);
    blocks_++;
    t.kind = Token::kBlock;
    t.final = last_;
    t.value = type;
    lengths_.clear();
    if (type == 0) {
      bit_ = (bit_ + 7) / 8 * 8;
      stored_ = bits(16);
      uint32_t check = bits(16);
      if (over_ || (stored_ ^ check) != 0xffff) return damaged(t);
      t.distance = stored_;
      return t;
    }
    in_block_ = true;
    bool ok = type == 1 ? fixed_codes() : dynamic_codes();
    if (!ok) return damaged(t);
    t.lengths = lengths_;
    return t;
  }

  bool fixed_codes() {
    std::vector<uint8_t> l(288, 8);
    std::fill(l.begin() + 144, l.begin() + 256, 9);
    std::fill(l.begin() + 256, l.begin() + 280, 7);
    literals_ = Code(l);
    distances_ = Code(std::vector<uint8_t>(30, 5));
    return true;
  }

  bool dynamic_codes() {
    static constexpr std::array<uint8_t, 19> kOrder = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                       11, 4,  12, 3, 13, 2, 14, 1, 15};
    size_t n_literals = bits(5) + 257, n_distances = bits(5) + 1, n_codes = bits(4) + 4;
    std::vector<uint8_t> l(19);
    for (size_t i = 0; i < n_codes; i++) l[kOrder[i]] = static_cast<uint8_t>(bits(3));
    Code code(l);
    std::vector<uint8_t> all;
    while (all.size() < n_literals + n_distances) {
      int symbol = decode(code);
      if (symbol < 0 || over_) return false;
      if (symbol < 16) {
        all.push_back(static_cast<uint8_t>(symbol));
        continue;
      }
      if (symbol == 16 && all.empty()) return false;
      uint8_t repeated = symbol == 16 ? all.back() : 0;
      uint32_t times = symbol == 16 ? 3 + bits(2) : symbol == 17 ? 3 + bits(3) : 11 + bits(7);
      all.insert(all.end(), times, repeated);
    }
    if (all.size() != n_literals + n_distances || over_) return false;
    auto middle = all.begin() + static_cast<ptrdiff_t>(n_literals);
    literals_ = Code(std::vector<uint8_t>(all.begin(), middle));
    distances_ = Code(std::vector<uint8_t>(middle, all.end()));
    lengths_ = std::move(all);
    return true;
  }

  Token match(Token t, size_t code) {
    static constexpr std::array<uint16_t, 29> kBase = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                                       15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                                       67, 83, 99, 115, 131, 163, 195, 227, 258};
    static constexpr std::array<uint8_t, 29> kExtra = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                                       2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
    if (code >= kBase.size()) return damaged(t);
    t.kind = Token::kMatch;
    t.value = kBase[code] + bits(kExtra[code]);
    int symbol = decode(distances_);
    if (symbol < 0 || symbol > 29 || over_) return damaged(t);
    auto d = static_cast<uint32_t>(symbol);
    uint32_t extra = d < 4 ? 0 : d / 2 - 1;
    t.distance = d < 4 ? d + 1 : ((2 + (d & 1)) << extra) + 1 + bits(extra);
    out_ += t.value;
    return t;
  }

  Token stored(Token t) {
    t.kind = Token::kStored;
    t.value = stored_;
    bit_ += uint64_t{stored_} * 8;
    out_ += stored_;
    if (bit_ / 8 > bytes_.size()) return damaged(t);
    stored_ = 0;
    return t;
  }

  Bytes bytes_;
  uint64_t bit_ = 0, out_ = 0, blocks_ = 0;
  uint32_t stored_ = 0;
  bool last_ = false, in_block_ = false, over_ = false;
  Code literals_, distances_;
  std::vector<uint8_t> lengths_;
};

std::string token_text(const Token& t) {
  switch (t.kind) {
    case Token::kBlock: {
      static constexpr std::array<const char*, 3> kTypes = {"stored", "fixed", "dynamic"};
      return absl::StrFormat("%sblock header, %s%s", t.final ? "final " : "", kTypes[t.value],
                             t.value == 0 ? base::concat(", ", t.distance, " bytes") : "");
    }
    case Token::kLiteral:
      return absl::StrFormat("literal %#04x", t.value);
    case Token::kMatch:
      return absl::StrFormat("match length %d distance %d", t.value, t.distance);
    case Token::kEndOfBlock:
      return "end of block";
    case Token::kStored:
      return base::concat(t.value, " stored bytes");
    case Token::kEnd:
      return "end of stream";
    case Token::kDamaged:
      return "damaged stream";
  }
  return "";
}

std::string code_lengths(const Token& x, const Token& y) {
  size_t i = first_difference(x.lengths, y.lengths);
  if (i >= std::min(x.lengths.size(), y.lengths.size()))
    return base::concat(", ", x.lengths.size(), " and ", y.lengths.size(), " code lengths");
  return absl::StrFormat(", code length of symbol %d: A=%d B=%d", i, x.lengths[i], y.lengths[i]);
}

}  // namespace

// Both with the 2 bytes of zlib's header in front.
std::string explain_deflate(Bytes a, Bytes b) {
  size_t byte = first_difference(a, b);
  std::string text = absl::StrFormat("zlib streams first differ at byte %d", byte);
  if (byte < 2 || a.size() < 2 || b.size() < 2) return text + " (zlib header)";
  TokenReader x(a.subspan(2)), y(b.subspan(2));
  for (;;) {
    Token s = x.next(), t = y.next();
    if (!s.same(t)) {
      return base::concat(
          text,
          absl::StrFormat(": block %d, output offset %d, bit %d: A=%s B=%s", x.blocks(), s.out, s.bit + 16,
                          token_text(s), token_text(t)),
          s.kind == Token::kBlock && t.kind == Token::kBlock && s.value == t.value ? code_lengths(s, t) : "");
    }
    if (s.kind == Token::kEnd || s.kind == Token::kDamaged)
      return text + " (same tokens; check value or bytes behind the stream)";
  }
}

}  // namespace dovetail::linker::diff
