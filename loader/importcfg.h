// importcfg.link: which file holds which package.
//
// Text, a line per package, written by cmd/go. Lines are read once, packages and
// files stay views of that text; a table sorted by package answers look-ups.
// Later lines win, as in the map that cmd/link fills. cmd/link ld/ld.go
// readImportCfg, Go 1.26.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dovetail::loader {

struct PackageFile {
  std::string_view package, file;
};

class ImportCfg {
 public:
  // Whether there was an -importcfg at all; without one packages are looked for in -L directories.
  bool present() const { return text_ != nullptr; }
  // The file of a package (its path cleaned), or "".
  std::string_view file_of(std::string_view package) const;
  std::string_view shared_library_of(std::string_view package) const;
  // By package, each once.
  const std::vector<PackageFile>& packages() const { return packages_; }

  // Reads the text of `name`. What is wrong with it is returned ("FILE:LINE: ..."), or "". The contents of
  // modinfo lines are appended to `modinfo`.
  std::string parse(std::string_view name, std::string text, std::vector<std::string>* modinfo);

 private:
  std::string parse_line(std::string_view line, std::vector<std::string>* modinfo);

  std::unique_ptr<const std::string> text_;  // what the views point into; does not move
  std::vector<PackageFile> packages_, shared_libraries_;
};

}  // namespace dovetail::loader
