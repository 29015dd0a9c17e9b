// Programs that read lines "IMPORT-PATH ARCHIVE" from standard input and look at the objects in the archives.
#pragma once

#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "base/text.h"
#include "objfmt/archive.h"
#include "objfmt/goobj/view.h"

// Calls check(package, view) for each object of the archive. False if it, or one of them, cannot be read.
template <class Check>
bool for_objects(std::string_view package, const std::string& path, Check&& check) {
  namespace base = dovetail::base;
  namespace objfmt = dovetail::objfmt;
  std::ifstream in(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  base::Bytes file = base::as_bytes(text);
  if (!objfmt::is_archive(file)) return false;
  objfmt::ArchiveReader reader(file);
  while (std::optional<objfmt::ArchiveMember> member = reader.next()) {
    std::string_view contents = base::as_text(member->contents);
    size_t end = contents.find("\n!\n");
    if (member->name == "__.PKGDEF" || end == std::string_view::npos) continue;
    absl::StatusOr<objfmt::goobj::View> view = objfmt::goobj::View::parse(member->contents.subspan(end + 3));
    if (!view.ok()) return false;
    check(package, *view);
  }
  return true;
}

// The same for all archives that standard input names; says which cannot be read.
template <class Check>
bool for_archives(Check&& check) {
  std::string package, path;
  while (std::cin >> package >> path) {
    if (for_objects(package, path, check)) continue;
    std::cerr << path << ": cannot be read\n";
    return false;
  }
  return true;
}
