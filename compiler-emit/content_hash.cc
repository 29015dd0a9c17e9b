#include "compiler-emit/content_hash.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/go_text.h"
#include "base/text.h"

namespace dovetail::emit {
namespace {

bool starts_with_any(std::string_view name, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view w) { return name.starts_with(w); });
}
bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view w) { return name.ends_with(w); });
}

constexpr std::string_view kGclocals = "gclocals\xc2\xb7";

void append(std::string& out, base::Bytes bytes) { out.append(base::as_text(bytes)); }
template <class T>
void append_int(std::string& out, T value) {
  uint8_t bytes[sizeof value];
  base::store(bytes, value);
  append(out, bytes);
}

// Half of the compiler's hash, which is SHA-256 of a 1 and the text (cmd/internal/hash New32). `text` begins
// with the 1.
ContentHash tagged_sha256(std::string_view text) {
  uint8_t digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const uint8_t*>(text.data()), text.size(), digest);
  ContentHash hash;
  std::copy_n(digest, hash.size(), hash.begin());
  return hash;
}

// The compiler's other hash (cmd/internal/hash Sum32).
void flipped_sha256(base::Bytes bytes, uint8_t (&digest)[SHA256_DIGEST_LENGTH]) {
  SHA256(bytes.data(), bytes.size(), digest);
  digest[0] ^= 0xff;
}

std::string base64_of_16(const uint8_t* bytes) {
  uint8_t text[25];
  EVP_EncodeBlock(text, bytes, 16);
  return {reinterpret_cast<const char*>(text), 24};
}

}  // namespace

uint8_t content_section(std::string_view name, bool is_pc_table) {
  if (is_pc_table) return 'P';
  if (starts_with_any(name, {"gcargs.", "gclocals.", kGclocals}) ||
      ends_with_any(name, {".opendefer", ".arginfo0", ".arginfo1", ".argliveinfo", ".wrapinfo",
                           ".args_stackmap", ".stkobj"})) {
    return 'F';
  }
  return name.starts_with("type:") ? 'T' : 0;
}

ContentHasher::ContentHasher(uint64_t size, uint8_t section, base::Bytes bytes) {
  text_.push_back(1);
  append_int(text_, size);
  text_.push_back(static_cast<char>(section));
  size_t n = bytes.size();
  while (n > 0 && bytes[n - 1] == 0) n--;
  append(text_, bytes.first(n));
}

void ContentHasher::add_reloc(const objfmt::Reloc& r, const HashedTarget& t) {
  append_int(text_, static_cast<uint32_t>(r.offset));
  text_.push_back(static_cast<char>(r.size));
  text_.push_back(static_cast<char>(r.kind));
  append_int(text_, static_cast<uint64_t>(r.addend));
  switch (t.kind) {
    case HashedTarget::Kind::kHashed64:
    case HashedTarget::Kind::kHashed:
      text_.push_back(t.kind == HashedTarget::Kind::kHashed ? 1 : 0);
      append(text_, t.hash);
      break;
    case HashedTarget::Kind::kNamed:
      text_.push_back(2);
      text_.append(t.text);
      break;
    case HashedTarget::Kind::kBuiltin:
      text_.push_back(3);
      append_int(text_, t.index);
      break;
    case HashedTarget::Kind::kIndexed:
      text_.append(t.text);
      append_int(text_, t.index);
      break;
  }
}

ContentHash ContentHasher::finish() const { return tagged_sha256(text_); }

std::string gclocals_name(base::Bytes bytes) {
  uint8_t digest[SHA256_DIGEST_LENGTH];
  flipped_sha256(bytes, digest);
  return base::concat(kGclocals, base64_of_16(digest));
}

uint32_t type_hash(std::string_view link_name) {
  uint8_t digest[SHA256_DIGEST_LENGTH];
  flipped_sha256(base::as_bytes(link_name), digest);
  return base::load32(digest);
}

std::string string_symbol_name(std::string_view text) {
  if (text.size() <= 100) return base::concat("go:string.", base::quote(text));
  ContentHash hash = tagged_sha256(base::concat("\1", text));
  return base::concat("go:string..gostring.", text.size(), ".", base64_of_16(hash.data()));
}

std::string escape_package_path(std::string_view path) {
  static constexpr char kHex[] = "0123456789abcdef";
  size_t slash = path.rfind('/');
  size_t base = slash == std::string_view::npos ? 0 : slash + 1;
  std::string out;
  for (size_t i = 0; i < path.size(); i++) {
    auto c = static_cast<uint8_t>(path[i]);
    if (c <= ' ' || c >= 0x7f || c == '%' || c == '"' || (c == '.' && i >= base)) {
      out.push_back('%');
      out.push_back(kHex[c >> 4]);
      out.push_back(kHex[c & 15]);
    } else {
      out.push_back(path[i]);
    }
  }
  return out;
}

}  // namespace dovetail::emit
