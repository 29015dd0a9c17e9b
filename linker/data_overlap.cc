#include "linker/data_overlap.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "base/text.h"

namespace dovetail::linker {
namespace {

constexpr uint64_t kOrder = uint64_t{1} << 61;
constexpr int64_t kBlockSize = 1 << 20;

// What is written at one go: a segment, or of the text segment a section behind the functions.
struct Part {
  SegmentId segment;
  uint64_t address, size;  // in the file
  uint64_t end;            // of the memory that it takes
};

std::vector<Part> parts_of(const Image& image) {
  std::vector<Part> parts;
  const std::vector<uint32_t>& text = image.segment(SegmentId::kText).sections;
  for (size_t i = 1; i < text.size(); i++) {
    const Section& s = image.sections[text[i]];
    parts.push_back({SegmentId::kText, s.address, s.size, s.address + s.size});
  }
  for (SegmentId id : {SegmentId::kRodata, SegmentId::kRelrodata, SegmentId::kData}) {
    const Segment& s = image.segment(id);
    if (s.file_size != 0) parts.push_back({id, s.address, s.file_size, s.address + s.size});
  }
  return parts;
}

class Overlap {
 public:
  Overlap(Services& sv, const Program& program, const Image& image)
      : sv_(sv), p_(program), s_(program.syms), image_(image) {
    for (const Segment& segment : image.segments) {
      for (uint32_t n : segment.sections) {
        const std::vector<SymId>& symbols = image.sections[n].symbols;  // none for functions and debug data
        list_.insert(list_.end(), symbols.begin(), symbols.end());
      }
    }
    std::stable_sort(list_.begin(), list_.end(),
                     [&](SymId a, SymId b) { return s_.kind[index(a)] < s_.kind[index(b)]; });
  }

  // The symbols that are written as this part; false after an error.
  bool find_written(const Part& part, std::vector<SymId>* written) const {
    auto at = static_cast<int64_t>(part.address), end = at + static_cast<int64_t>(part.size);
    size_t first = 0;
    while (first < list_.size() && value(list_[first]) < at) first++;
    if (first == list_.size()) first = 0;
    while (at < end) {
      size_t behind = block_end(first, at, end);
      if (behind == first) break;
      int64_t length = behind < list_.size() ? value(list_[behind]) - at : 0;
      if (length == 0 || length > end - at) length = end - at;
      if (!write_block(first, at, at + length, written)) return false;
      first = behind;
      at += length;
    }
    return true;
  }

 private:
  int64_t value(SymId id) const { return static_cast<int64_t>(s_.value[index(id)]); }
  int64_t end_of(SymId id) const { return value(id) + s_.size[index(id)]; }

  // One past the last symbol of the block that begins with `first`.
  size_t block_end(size_t first, int64_t at, int64_t end) const {
    size_t i = first;
    while (i < list_.size() && end_of(list_[i]) <= end) {
      if (end_of(list_[i++]) > at + kBlockSize) break;
    }
    return i;
  }

  bool write_block(size_t first, int64_t at, int64_t end, std::vector<SymId>* written) const {
    for (size_t i = first; i < list_.size() && value(list_[i]) < end; i++) {
      if (value(list_[i]) < at) {
        report(list_[i], at, i == first ? SymId::kNil : list_[i - 1]);
        return false;
      }
      written->push_back(list_[i]);
      at = end_of(list_[i]);
      if (at >= end) break;
    }
    return true;
  }

  void report(SymId id, int64_t at, SymId before) const {
    const Section& section = image_.sections[s_.section[index(id)]];
    const auto& kind = sv_.options.release->link_sym_kinds[static_cast<size_t>(s_.kind[index(id)])];
    std::string_view name = p_.name(id),
                     name_before = before == SymId::kNil ? std::string_view() : p_.name(before);
    sv_.diag.error(
        kOrder, base::concat(name, absl::StrFormat(": phase error: addr=%#x but val=%#x sym=", at, value(id)),
                             name, " type=", kind.name, " sect=", section.name,
                             absl::StrFormat(" sect.addr=%#x prev=", section.address), name_before));
  }

  Services& sv_;
  const Program& p_;
  const loader::Symbols& s_;
  const Image& image_;
  std::vector<SymId> list_;
};

}  // namespace

void rewrite_overlapping_data(Services& sv, const Program& program, const Image& image,
                              const SegmentBytes& bytes, absl::FunctionRef<void(SymId)> written_again) {
  const auto data = static_cast<int64_t>(image.segment(SegmentId::kData).address);
  std::vector<Part> parts = parts_of(image);
  auto overlapped = [&](const Part& p) { return p.segment != SegmentId::kData && data < static_cast<int64_t>(p.end); };
  if (std::none_of(parts.begin(), parts.end(), overlapped)) return;
  const loader::Symbols& s = program.syms;
  Overlap overlap(sv, program, image);
  std::vector<std::vector<uint8_t>> rewritten(parts.size());
  std::vector<uint8_t> times(s.count());
  for (size_t k = 0; k < parts.size(); k++) {
    const Part& part = parts[k];
    std::vector<SymId> written;
    if (!overlap.find_written(part, &written)) return;
    rewritten[k].resize(part.size);
    for (SymId id : written) {
      SegmentId home = image.sections[s.section[index(id)]].segment;
      base::Bytes from_bytes = bytes[static_cast<size_t>(home)];
      uint64_t from = s.value[index(id)] - data_address(image, home), to = s.value[index(id)] - part.address;
      uint64_t size = s.size[index(id)];
      if (from > from_bytes.size() || size > from_bytes.size() - from) continue;
      if (to > part.size || size > part.size - to) continue;
      bool emitted = s.flags[index(id)] & loader::kSymEmitted;  // cmd/link makes those again
      if (++times[index(id)] == 2 && s.made(id) != nullptr && !emitted) {
        written_again(id);
        continue;  // zeros
      }
      std::copy_n(from_bytes.data() + from, size, rewritten[k].data() + to);
    }
  }
  for (size_t k = 0; k < parts.size(); k++) {
    uint64_t at = parts[k].address - data_address(image, parts[k].segment);
    std::copy(rewritten[k].begin(), rewritten[k].end(), bytes[static_cast<size_t>(parts[k].segment)].begin() + at);
  }
}

}  // namespace dovetail::linker
