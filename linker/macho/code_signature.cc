#include "linker/macho/code_signature.h"

#include <openssl/sha.h>

#include <string_view>
#include <vector>

namespace dovetail::linker {
namespace {

// All numbers have their highest byte first.
//
//   0    super blob: magic, length, count of blobs; type and offset of the one blob
//   20   code directory: its fields, then the identifier, then a hash for each page
constexpr uint64_t kPage = 4096, kHash = SHA256_DIGEST_LENGTH;
constexpr uint32_t kPageBits = 12;
constexpr uint64_t kSuperBlob = 12, kBlob = 8, kDirectory = 88;
constexpr std::string_view kIdentifier{"a.out\0", 6};
constexpr uint32_t kMagicSignature = 0xfade0cc0, kMagicDirectory = 0xfade0c02;
constexpr uint32_t kVersion = 0x20400, kAdHocLinkerSigned = 0x20002;
constexpr uint8_t kSha256 = 2;
constexpr uint64_t kMainBinary = 1;
constexpr uint64_t kHashOffset = kDirectory + kIdentifier.size();

uint64_t page_count(uint64_t code_size) { return (code_size + kPage - 1) / kPage; }

class Writer {
 public:
  explicit Writer(std::vector<uint8_t>* out) : out_(*out) {}
  void put8(uint8_t v) { out_.push_back(v); }
  void put32(uint64_t v) {
    for (int shift = 24; shift >= 0; shift -= 8) put8(static_cast<uint8_t>(v >> shift));
  }
  void put64(uint64_t v) {
    put32(v >> 32);
    put32(v);
  }

 private:
  std::vector<uint8_t>& out_;
};

std::vector<uint8_t> head(uint64_t code_size, uint64_t text_size) {
  std::vector<uint8_t> out;
  Writer w(&out);
  uint64_t size = code_signature_size(code_size);
  w.put32(kMagicSignature);
  w.put32(size);
  w.put32(1);
  w.put32(0);  // the blob is the code directory
  w.put32(kSuperBlob + kBlob);
  w.put32(kMagicDirectory);
  w.put32(size - (kSuperBlob + kBlob));
  w.put32(kVersion);
  w.put32(kAdHocLinkerSigned);
  w.put32(kHashOffset);
  w.put32(kDirectory);  // where the identifier is
  w.put32(0);           // special slots
  w.put32(page_count(code_size));
  w.put32(code_size);
  w.put8(kHash);
  w.put8(kSha256);
  w.put8(0);
  w.put8(kPageBits);
  for (int i = 0; i < 4; i++) w.put32(0);  // scatter, team
  w.put64(0);                              // the size again, if it needs more than 32 bits
  w.put64(0);                              // where the segment __TEXT is in the file
  w.put64(text_size);
  w.put64(kMainBinary);
  out.insert(out.end(), kIdentifier.begin(), kIdentifier.end());
  return out;
}

}  // namespace

uint64_t code_signature_size(uint64_t code_size) {
  return kSuperBlob + kBlob + kHashOffset + page_count(code_size) * kHash;
}

void sign_code(base::ThreadPool& threads, base::OutputFile& file, uint64_t code_size, uint64_t text_size) {
  constexpr uint64_t kPagesPerRead = 64;
  std::vector<uint8_t> signature = head(code_size, text_size);
  size_t hashes = signature.size();
  signature.resize(code_signature_size(code_size));
  std::vector<std::vector<uint8_t>> buffers(threads.threads());
  threads.for_each_by((page_count(code_size) + kPagesPerRead - 1) / kPagesPerRead, [&](unsigned worker, uint64_t i) {
    uint64_t begin = i * kPagesPerRead * kPage, end = std::min(code_size, begin + kPagesPerRead * kPage);
    std::vector<uint8_t>& bytes = buffers[worker];
    bytes.resize(end - begin);
    if (!file.read(begin, bytes)) return;  // commit tells
    for (uint64_t at = 0; at < bytes.size(); at += kPage) {
      SHA256_CTX context;  // not SHA256(): that one loads OpenSSL's providers first, 2 ms
      SHA256_Init(&context);
      SHA256_Update(&context, bytes.data() + at, std::min(kPage, bytes.size() - at));
      SHA256_Final(&signature[hashes + (begin + at) / kPage * kHash], &context);
    }
  });
  file.write(code_size, signature);
}

}  // namespace dovetail::linker
