#include "objfmt/pe_header.h"

#include <algorithm>
#include <array>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "base/text.h"
#include "objfmt/image_view.h"
#include "objfmt/resource_object.h"

namespace dovetail::objfmt {
namespace {

using base::load16, base::load32, base::load64;

constexpr uint64_t kDosHeader = 64, kPlaceOfPe = 60;
constexpr uint16_t kMagic32 = 0x10b, kMagic64 = 0x20b;

bool is_dos(base::Bytes b) { return b.size() >= kDosHeader && b[0] == 'M' && b[1] == 'Z'; }

std::string_view section_name(const uint8_t* p, base::Bytes strings) {
  std::string_view name = ImageView::string_at({p, 8}, 0);
  uint32_t offset = 0;
  if (!name.starts_with('/') || !absl::SimpleAtoi(base::to_absl(name.substr(1)), &offset)) return name;
  return offset < 4 ? std::string_view() : ImageView::string_at(strings, offset);
}

void read_optional(base::Bytes o, PeHeader* h) {
  constexpr size_t kDirectories32 = 96, kDirectories64 = 112;
  h->magic = o.size() < 2 ? 0 : load16(o.data());
  bool wide = h->magic == kMagic64;
  size_t directories = wide ? kDirectories64 : kDirectories32;
  if ((!wide && h->magic != kMagic32) || o.size() < directories) {
    h->problems.push_back(absl::StrFormat("optional header at %#x: %d bytes with magic %#x", h->optional_at, o.size(), h->magic));
    return;
  }
  h->entry = load32(&o[16]);
  h->image_base = wide ? load64(&o[24]) : load32(&o[28]);
  h->section_align = load32(&o[32]);
  h->file_align = load32(&o[36]);
  h->image_size = load32(&o[56]);
  h->headers_size = load32(&o[60]);
  h->directories_at = h->optional_at + directories;
  uint64_t claimed = load32(&o[directories - 4]), count = std::min<uint64_t>({claimed, 16, (o.size() - directories) / 8});
  if (claimed > count) {
    h->problems.push_back(absl::StrFormat("optional header: %d data directories, it holds %d", claimed, count));
  }
  for (size_t i = 0; i < count; i++) {
    h->directories.push_back({load32(&o[directories + i * 8]), load32(&o[directories + i * 8 + 4])});
  }
}

void read_sections(base::Bytes file, PeHeader* h) {
  uint64_t room = h->sections_at < file.size() ? (file.size() - h->sections_at) / kPeSectionHeaderBytes : 0;
  uint64_t count = std::min<uint64_t>(room, h->claimed_sections);
  if (count < h->claimed_sections) {
    h->problems.push_back(
        absl::StrFormat("section table at %#x: %d entries, the file holds %d", h->sections_at, h->claimed_sections, count));
  }
  base::Bytes strings = coff_strings(file, *h);
  for (uint64_t i = 0; i < count; i++) {
    const uint8_t* p = file.data() + h->sections_at + i * kPeSectionHeaderBytes;
    h->sections.push_back({section_name(p, strings), load32(p + 8), load32(p + 12), load32(p + 16), load32(p + 20),
                           load32(p + 24), load32(p + 28), load16(p + 32), load16(p + 34), load32(p + 36)});
  }
}

}  // namespace

bool looks_like_pe(base::Bytes file) {
  if (is_dos(file)) return true;
  if (!is_coff(file) || file.size() < kPeFileHeaderBytes) return false;
  uint64_t sections = load16(&file[2]), symbols = load32(&file[12]) * kCoffRecordBytes, optional = load16(&file[16]);
  return sections != 0 && kPeFileHeaderBytes + optional + sections * kPeSectionHeaderBytes <= file.size() &&
         load32(&file[8]) + symbols <= file.size();
}

absl::StatusOr<PeHeader> read_pe_header(base::Bytes file) {
  PeHeader h;
  h.is_image = is_dos(file);
  if (h.is_image) {
    uint64_t at = load32(&file[kPlaceOfPe]);
    if (base::as_text(base::subrange(file, at, 4)) != std::string_view("PE\0\0", 4)) {
      return absl::InvalidArgumentError(absl::StrFormat("not a PE file: no \"PE\" at %#x, where the DOS header says", at));
    }
    h.file_header_at = at + 4;
  }
  base::Bytes f = base::subrange(file, h.file_header_at, kPeFileHeaderBytes);
  if (f.empty()) {
    return absl::InvalidArgumentError(absl::StrFormat("not a PE file: file header at %#x of %d bytes", h.file_header_at, file.size()));
  }
  h.machine = load16(&f[0]);
  h.claimed_sections = load16(&f[2]);
  h.symbols_at = load32(&f[8]);
  h.symbol_count = load32(&f[12]);
  h.optional_size = load16(&f[16]);
  h.flags = load16(&f[18]);
  h.optional_at = h.file_header_at + kPeFileHeaderBytes;
  h.sections_at = h.optional_at + h.optional_size;
  base::Bytes optional = file.subspan(h.optional_at, std::min<uint64_t>(h.optional_size, file.size() - h.optional_at));
  if (h.is_image) read_optional(optional, &h);
  read_sections(file, &h);
  return h;
}

base::Bytes coff_strings(base::Bytes file, const PeHeader& header) {
  if (header.symbols_at == 0) return {};
  base::Bytes size = base::subrange(file, header.strings_at(), 4);
  if (size.empty()) return {};
  base::Bytes rest = file.subspan(header.strings_at());
  return rest.first(std::min<size_t>(rest.size(), load32(size.data())));
}

std::string_view pe_directory_name(size_t index) {
  static constexpr std::array<std::string_view, 16> kNames = {
      "export", "import", "resource", "exception", "certificate", "base relocation", "debug", "architecture",
      "global pointer", "tls", "load config", "bound import", "import address", "delay import", "clr", "reserved"};
  return index < kNames.size() ? kNames[index] : std::string_view();
}

}  // namespace dovetail::objfmt
