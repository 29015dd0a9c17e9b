// Stage 3 of base/go_deflate.h, and all three in turn. Go 1.26 compress/flate/deflate.go,
// compress/zlib/writer.go.
#include "base/go_deflate.h"

#include <algorithm>
#include <cstring>

#include "base/adler32.h"

namespace dovetail::base {

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
  out_.resize(start + whole + 8);  // the loop writes whole words
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

}  // namespace dovetail::base
