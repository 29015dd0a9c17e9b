#include "inspect/members.h"

#include "base/go_text.h"
#include "base/text.h"
#include "inspect/host_object.h"
#include "objfmt/archive.h"
#include "objfmt/dense/view.h"
#include "objfmt/image_view.h"
#include "objfmt/goobj/layout.h"
#include "objfmt/object_text.h"
#include "objfmt/pe_header.h"

namespace dovetail::inspect {
namespace {

using objfmt::ImageView;

constexpr std::string_view kObjectStart = "go objec";
constexpr size_t kMagicSize = 8;

absl::Status failure(std::string_view text) { return absl::InvalidArgumentError(base::to_absl(text)); }
absl::Status unrecognized() { return failure("unrecognized object file"); }

// An object of Go's, whose text header has been recognized.
absl::StatusOr<Member> object_member(base::Bytes contents) {
  // As the linker finds it. Go's other tools stop at the first "!" (cmd/internal/archive/archive.go parseObject), but no
  // object that Go 1.26 writes has another.
  std::optional<size_t> end = objfmt::end_of_object_text(base::as_text(contents));
  if (!end) return unrecognized();
  base::Bytes object = contents.subspan(*end);
  Member member{{}, MemberKind::kGoobj, object, *end, contents.first(*end)};
  std::string_view magic = base::as_text(object).substr(0, kMagicSize);
  if (magic == std::string_view(objfmt::goobj::kMagic, kMagicSize)) return member;
  member.kind = MemberKind::kDense;
  if (objfmt::dense::is_dense(object)) return member;
  if (magic.starts_with(std::string_view("\0go1", 4)) && magic.ends_with("ld")) {
    return failure(base::concat("go object of a different version: ", base::quote(magic.substr(1))));
  }
  return unrecognized();
}

// A PE file's sections and symbols; what sections hold is read later.
bool has_whole_tables(base::Bytes bytes) {
  absl::StatusOr<objfmt::PeHeader> h = objfmt::read_pe_header(bytes);
  if (!h.ok() || h->sections.size() != h->claimed_sections) return false;
  return h->symbol_count == 0 || (h->strings_at() + 4 <= bytes.size() && base::load32(&bytes[h->strings_at()]) <= bytes.size() - h->strings_at());
}

// Whether debug/elf, debug/macho or debug/pe opens it (debug/elf/file.go, debug/pe/file.go).
bool is_image(base::Bytes bytes) {
  constexpr uint32_t kCurrent = 1;
  absl::StatusOr<ImageView> view = ImageView::parse(bytes);
  if (!view.ok()) return false;
  const objfmt::ImageHeader& h = view->header();
  if (view->format() == objfmt::ImageFormat::kPe) return h.machine != 0 && has_whole_tables(bytes);
  if (h.ident[6] != kCurrent || h.version != kCurrent) return false;
  if (view->segments().size() != h.phnum || view->sections().size() != h.shnum) return false;
  if (h.shnum == 0) return h.shoff == 0;
  if (h.shoff == 0 || h.shstrndx >= h.shnum) return false;
  const objfmt::ImageSection& names = view->sections()[h.shstrndx];
  return h.shstrndx == 0 || (names.type == objfmt::kElfSectionStrtab && names.bytes.size() == names.size);
}

absl::StatusOr<Member> recognize(base::Bytes contents) {
  if (base::as_text(contents).starts_with(kObjectStart)) return object_member(contents);
  if (is_image(contents)) return Member{{}, MemberKind::kImage, contents, 0, {}};
  return unrecognized();
}

// What the go command leaves in an archive for the linker.
bool is_sentinel(const objfmt::ArchiveMember& member) {
  return member.size == 0 && (member.name == "preferlinkext" || member.name == "dynimportfail");
}

absl::StatusOr<std::vector<Member>> list_archive(base::Bytes file) {
  std::vector<Member> members;
  objfmt::ArchiveReader reader(file);
  uint64_t end = objfmt::kArchiveHeadSize - 60;
  while (auto found = reader.next()) {
    if (reader.truncated() || base::as_text(file.subspan(found->offset - 2, 2)) != "`\n") return unrecognized();
    end = found->offset + found->size + (found->size & 1);
    if (found->name == "__.PKGDEF" || is_sentinel(*found)) continue;
    absl::StatusOr<Member> member = recognize(found->contents);
    if (!member.ok() && recognize_host_object(found->contents)) {
      member = Member{{}, MemberKind::kHost, found->contents, 0, {}};
    }
    if (!member.ok()) return member.status();
    // A nameless member goes by the name that the compiler gives to its own.
    member->name = found->name.empty() ? "_go_.o" : found->name;
    member->offset += found->offset;
    members.push_back(*member);
  }
  if (end < file.size()) return unrecognized();
  return members;
}

}  // namespace

absl::StatusOr<std::vector<Member>> list_members(base::Bytes file) {
  if (objfmt::is_archive(file)) return list_archive(file);
  absl::StatusOr<Member> member = recognize(file);
  if (!member.ok()) return member.status();
  return std::vector<Member>{*member};
}

}  // namespace dovetail::inspect
