#include "objfmt/archive.h"

#include <algorithm>
#include <charconv>

namespace dovetail::objfmt {
namespace {

constexpr std::string_view kMagic = "!<arch>\n";
constexpr uint64_t kHeaderSize = 60, kNameSize = 16, kSizeAt = 48, kSizeLength = 10;
static_assert(kArchiveHeadSize == kMagic.size() + kHeaderSize);

std::string_view trimmed(base::Bytes field) {
  std::string_view s = base::as_text(field);
  while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
  while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
  return s;
}

// As Go's strconv.ParseInt(s, 0, 64) reads sizes: a prefix gives the base; 0 for anything else.
uint64_t parse_size(std::string_view s) {
  int radix = 10;
  if (s.size() > 1 && s[0] == '0') {
    char c = static_cast<char>(s[1] | 0x20);
    radix = c == 'x' ? 16 : c == 'b' ? 2 : 8;
    s.remove_prefix(c == 'x' || c == 'b' || c == 'o' ? 2 : 1);
  }
  uint64_t v = 0;
  auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), v, radix);
  return error == std::errc() && end == s.data() + s.size() && v <= INT64_MAX ? v : 0;
}

}  // namespace

bool is_archive(base::Bytes file) {
  return file.size() >= kMagic.size() && base::as_text(file.first(kMagic.size())) == kMagic;
}

ArchiveReader::ArchiveReader(base::Bytes file) : file_(file), offset_(kMagic.size()) {}

std::optional<ArchiveMember> ArchiveReader::next() {
  offset_ += offset_ & 1;
  base::Bytes header = base::subrange(file_, offset_, kHeaderSize);
  if (header.empty()) return std::nullopt;
  ArchiveMember member;
  member.name = trimmed(header.first(kNameSize));
  member.offset = offset_ + kHeaderSize;
  uint64_t size = parse_size(trimmed(header.subspan(kSizeAt, kSizeLength)));
  uint64_t rest = file_.size() - member.offset;
  member.size = size;
  truncated_ = size > rest;
  member.contents = file_.subspan(member.offset, std::min(size, rest));
  offset_ = truncated_ ? file_.size() : member.offset + size;
  return member;
}

}  // namespace dovetail::objfmt
