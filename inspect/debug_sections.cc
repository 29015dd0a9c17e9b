#include "inspect/debug_sections.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>

#include "base/text.h"

namespace dovetail::inspect {
namespace {

using base::Bytes;

constexpr size_t kChunk = 1 << 20, kMost = size_t{1} << 32;
constexpr uint32_t kZlib = 1, kZstd = 2;  // ch_type

// Inflates as far as the stream is sound. The claimed size is not believed: memory grows with what comes out.
std::unique_ptr<std::vector<uint8_t>> inflate_all(Bytes payload, uint64_t claimed, bool& damaged) {
  auto out = std::make_unique<std::vector<uint8_t>>();
  out->reserve(std::min<uint64_t>(claimed, payload.size() * 16));
  z_stream z{};
  damaged = true;
  if (inflateInit(&z) != Z_OK) return out;
  z.next_in = const_cast<uint8_t*>(payload.data());
  z.avail_in = static_cast<uInt>(std::min<size_t>(payload.size(), UINT32_MAX));
  std::vector<uint8_t> chunk(kChunk);
  for (int status = Z_OK; status == Z_OK && out->size() < kMost;) {
    z.next_out = chunk.data();
    z.avail_out = kChunk;
    status = inflate(&z, Z_NO_FLUSH);
    out->insert(out->end(), chunk.data(), z.next_out);
    if (status == Z_STREAM_END) damaged = false;
  }
  inflateEnd(&z);
  return out;
}

// The same for zstd, which some system linkers write.
std::unique_ptr<std::vector<uint8_t>> unzstd_all(Bytes payload, uint64_t claimed, bool& damaged) {
  auto out = std::make_unique<std::vector<uint8_t>>();
  out->reserve(std::min<uint64_t>(claimed, payload.size() * 16));
  ZSTD_DStream* stream = ZSTD_createDStream();
  std::vector<uint8_t> chunk(kChunk);
  ZSTD_inBuffer in{payload.data(), payload.size(), 0};
  size_t left = 1;  // 0 at the end of a frame
  bool stuck = false;
  while (!stuck && (in.pos < in.size || left != 0) && out->size() < kMost) {
    ZSTD_outBuffer part{chunk.data(), kChunk, 0};
    const size_t before = in.pos;
    left = ZSTD_decompressStream(stream, &part, &in);
    stuck = ZSTD_isError(left) || (part.pos == 0 && in.pos == before);
    out->insert(out->end(), chunk.data(), chunk.data() + part.pos);
  }
  damaged = stuck || in.pos < in.size;
  ZSTD_freeDStream(stream);
  return out;
}

}  // namespace

SectionContents section_contents(const objfmt::ImageSection& section) {
  SectionContents contents;
  contents.bytes = section.bytes;
  if ((section.flags & objfmt::kElfFlagCompressed) == 0) return contents;
  contents.bytes = {};
  auto compression = objfmt::ImageView::compression(section);
  if (!compression || (compression->type != kZlib && compression->type != kZstd)) {
    contents.problem =
        base::concat("skipped: neither zlib nor zstd (ch_type ", compression ? compression->type : 0, ")");
    return contents;
  }
  bool damaged = false;
  auto decompress = compression->type == kZstd ? unzstd_all : inflate_all;
  contents.storage = decompress(compression->payload, compression->size, damaged);
  contents.bytes = *contents.storage;
  if (damaged || contents.bytes.size() != compression->size) {
    contents.problem = base::concat("ch_size ", compression->size, ", inflated ", contents.bytes.size(),
                                    damaged ? ", stream damaged" : "");
  }
  return contents;
}

}  // namespace dovetail::inspect
