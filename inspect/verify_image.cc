// Headers of an image, in ImageView's terms: what lies where, in the file and in memory.
#include "inspect/verify_image.h"

#include "base/text.h"
#include "inspect/host_object.h"

namespace dovetail::inspect {
namespace {

using base::concat;
using objfmt::ImageSection;
using objfmt::ImageSegment;
using objfmt::ImageView;

constexpr uint32_t kLoad = 1;
constexpr uint64_t kTls = 0x400;

void verify_segments(const ImageView& view, Findings* findings) {
  uint64_t end = 0;
  size_t number = 0;
  for (const ImageSegment& s : view.segments()) {
    auto add = [&](std::string_view rule, std::string text) {
      findings->add(rule, {.block = "segments", .offset = view.header().phoff + number * 56},
                    concat("segment ", number, ": ", text));
    };
    if (s.offset > view.image().size() || s.filesz > view.image().size() - s.offset) {
      add("segment.file", concat(s.filesz, " bytes at ", s.offset, " of ", view.image().size()));
    }
    if (s.type == kLoad) {
      if (s.memsz < s.filesz) add("segment.memory", concat(s.filesz, " bytes of the file in ", s.memsz, " of memory"));
      if (s.vaddr < end) add("segment.order", concat("begins at ", s.vaddr, ", the one before ends at ", end));
      if (s.align > 1 && s.vaddr % s.align != s.offset % s.align)
        add("segment.align", concat("address ", s.vaddr, " and offset ", s.offset, " modulo ", s.align));
      end = s.vaddr + s.memsz < s.vaddr ? ~uint64_t{0} : s.vaddr + s.memsz;
    }
    number++;
  }
}

bool inside(const ImageSection& s, const ImageSegment& p) {
  bool memory = s.addr >= p.vaddr && s.size <= p.memsz && s.addr - p.vaddr <= p.memsz - s.size;
  if (!memory || s.type == objfmt::kElfSectionNobits) return memory;
  return s.offset >= p.offset && s.offset - p.offset == s.addr - p.vaddr && s.size <= p.filesz &&
         s.addr - p.vaddr <= p.filesz - s.size;
}

void verify_sections(const ImageView& view, Findings* findings) {
  for (const ImageSection& s : view.sections()) {
    auto add = [&](std::string_view rule, std::string text) {
      findings->add(rule, {.block = s.name}, std::move(text));
    };
    if (!(s.flags & objfmt::kElfFlagAlloc) || s.size == 0 || (s.flags & kTls)) continue;
    bool found = false;
    for (const ImageSegment& p : view.segments()) found |= p.type == kLoad && inside(s, p);
    if (!found)
      add("section.segment",
          concat(s.size, " bytes at address ", s.addr, " and offset ", s.offset, " are in no segment"));
  }
}

}  // namespace

void verify_image(base::Bytes image, Findings* findings) {
  absl::StatusOr<ImageView> view = ImageView::parse(image);
  if (!view.ok()) return findings->add("object.open", {}, std::string(view.status().message()));
  for (const std::string& problem : view->problems()) findings->add("image.headers", {}, problem);
  if (view->header().type == objfmt::kElfTypeRelocatable) return findings->add_host(describe_host_object(image));
  verify_segments(*view, findings);
  verify_sections(*view, findings);
  const ImageSection* entry = view->section_at(view->header().entry);
  if (view->header().entry != 0 && (entry == nullptr || !(entry->flags & objfmt::kElfFlagExec))) {
    findings->add("image.entry", {.block = "header", .offset = 24},
                  concat("address ", view->header().entry, " holds no code"));
  }
  if (view->format() == objfmt::ImageFormat::kPe) verify_pe(*view, findings);
  verify_go_tables(*view, findings);
  verify_image_dwarf(*view, findings);
}

}  // namespace dovetail::inspect
