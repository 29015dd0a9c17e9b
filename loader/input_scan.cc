#include "loader/input_scan.h"

#include <algorithm>

#include "base/go_path.h"
#include "loader/cgo_pragmas.h"
#include "objfmt/object_text.h"

namespace dovetail::loader {
namespace {

constexpr std::string_view kPkgDef = "__.PKGDEF";
constexpr size_t kTruncatedName = 16;  // a member name this long may have lost its suffix

}  // namespace

std::string member_name(std::string_view file, const objfmt::ArchiveMember& member) {
  return member.name.empty() ? std::string(file) : base::concat(file, "(", member.name, ")");
}

PackageRows::PackageRows(const ImportCfg& cfg) {
  rows_.reserve(cfg.packages().size());
  uint32_t row = 0;
  for (const PackageFile& entry : cfg.packages()) {
    if (base::is_clean_path(entry.package)) rows_.emplace(entry.package, row);
    row++;
  }
}

std::vector<ScannedFile> InputScanner::scan(const std::vector<ScanRequest>& requests,
                                            base::AddressSpace* space) const {
  struct Opened {
    base::OpenedFile file;
    uint8_t head[objfmt::kArchiveHeadSize];
    base::Bytes read;  // of head
    void* place = nullptr;
    bool ok = false;
  };
  std::vector<Opened> opened(requests.size());
  sv_.threads.for_each(requests.size(), [&](uint64_t i) {
    Opened& o = opened[i];
    absl::StatusOr<base::OpenedFile> file = base::OpenedFile::open(std::string(requests[i].file));
    if (!file.ok()) return;
    o.file = *std::move(file);
    o.read = o.file.read_head(o.head);
    o.ok = true;
  });
  for (Opened& o : opened) {
    if (o.ok) o.place = space->take(o.file.size());
  }
  std::vector<ScannedFile> files(requests.size());
  sv_.threads.for_each(requests.size(), [&](uint64_t i) {
    Opened& o = opened[i];
    if (!o.ok) return;
    absl::StatusOr<base::MappedFile> mapped = o.file.map(*space, o.place);
    o.file = base::OpenedFile();
    if (!mapped.ok()) return;
    files[i].file = *std::move(mapped);
    files[i].mapped = true;
    scan_members(requests[i], o.read, &files[i]);
  });
  return files;
}

ScannedFile InputScanner::scan(const ScanRequest& request, base::MappedFile file) const {
  ScannedFile out;
  out.mapped = true;
  out.file = std::move(file);
  base::Bytes bytes = out.file.bytes();
  scan_members(request, bytes.first(std::min<size_t>(bytes.size(), objfmt::kArchiveHeadSize)), &out);
  return out;
}

void InputScanner::scan_members(const ScanRequest& request, base::Bytes head, ScannedFile* file) const {
  base::Bytes bytes = file->file.bytes();
  if (!objfmt::is_archive(head)) {
    file->members.push_back(scan_member(request, {"", 0, bytes, bytes.size()}));
    return;
  }
  objfmt::ArchiveReader reader(bytes);
  std::optional<objfmt::ArchiveMember> first = objfmt::ArchiveReader(head).next();
  if (first && first->name == kPkgDef) reader.seek(first->offset + first->size);
  while (std::optional<objfmt::ArchiveMember> member = reader.next()) {
    if (member->name == kPkgDef) continue;
    size_t dot = member->name.rfind('.');
    std::string_view extension = dot == std::string_view::npos ? "" : member->name.substr(dot);
    if (member->name.size() >= kTruncatedName || extension == ".o" || extension == ".syso") {
      file->members.push_back(scan_member(request, *member));
      file->members.back().truncated = reader.truncated();
    } else if (member->name == "dynimportfail") {
      file->members.emplace_back().needs_external = true;
    }
  }
}

ScannedMember InputScanner::scan_member(const ScanRequest& request, const objfmt::ArchiveMember& member) const {
  ScannedMember out;
  out.member = member;
  std::string_view text = base::as_text(member.contents);
  out.host_object = text.substr(0, 4) != "go o";
  if (out.host_object) return out;
  size_t newline = text.find('\n');
  if (newline == std::string_view::npos) return out;
  out.header = text.substr(0, newline + 1);
  if (!out.header.starts_with("go object ")) return out;
  out.object = objfmt::end_of_object_text(text, newline + 1);
  if (!out.object) return out;
  scan_prologue(request, text.substr(newline + 1, *out.object - 3 - newline), &out);
  out.view = ObjectView::parse(member.contents.subspan(*out.object));
  if (!out.view.ok()) return out;
  const ObjectView& view = *out.view;
  out.fingerprint = view.fingerprint();
  out.imports.resize(view.autolib_count());
  for (uint32_t i = 0; i < view.autolib_count(); i++) {
    objfmt::goobj::Autolib import = view.autolib(i);
    out.imports[i] = {import.package, import.fingerprint, rows_.find(import.package)};
  }
  return out;
}

void InputScanner::scan_prologue(const ScanRequest& request, std::string_view text, ScannedMember* out) const {
  if (sv_.options.skip_package_data) return;
  for (std::string_view rest = text; !rest.empty();) {
    size_t newline = rest.find('\n');
    std::string_view line = rest.substr(0, newline);
    if (line == "main") out->main_seen = true;
    if (line.empty()) break;
    if (newline == std::string_view::npos) break;
    rest.remove_prefix(newline + 1);
  }
  if (!has_cgo_pragmas(text)) return;
  out->cgo_complaint =
      read_cgo_pragmas(text, request.library, member_name(request.file, out->member), &out->cgo_directives);
}

}  // namespace dovetail::loader
