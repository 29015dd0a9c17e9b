// The part of reading inputs that has no order: which members a file has, what the text in front of their objects
// says, whom they import. All threads scan; the loader then goes through the results in load order and does what has
// an order: diagnostics, and which library is whose number (inputs.cc).
//
// Invariants: a scan reports nothing and depends on its file alone. Files of one call lie one behind another, in the
// order asked for. What is touched of a file: a window of pages at each object's head, another at its import table.
// Export data is passed over by a system call that reads the archive's first header; a look at the mapping would make
// 64 KiB of it resident (helm, 963 archives: 1,770 page faults instead of 2,150, 88 MB resident instead of 109).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/text.h"
#include "loader/inputs.h"
#include "objfmt/archive.h"

namespace dovetail::loader {

// The packages of importcfg.link by number, for paths that are clean. Frozen when made.
class PackageRows {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;
  explicit PackageRows(const ImportCfg& cfg);
  uint32_t find(std::string_view package) const {
    auto at = rows_.find(package);
    return at == rows_.end() ? kNone : at->second;
  }

 private:
  absl::flat_hash_map<std::string_view, uint32_t, base::TextHash, std::equal_to<std::string_view>> rows_;
};

struct ScannedMember {
  struct Import {
    std::string_view package;  // as the object spells it
    uint64_t fingerprint;
    uint32_t row;
  };

  objfmt::ArchiveMember member;  // without a name: the whole file
  bool truncated = false;        // the archive ends inside it
  bool needs_external = false;   // cmd/cgo's mark that only the host's linker can link the package; nothing else is set
  bool host_object = false;      // begins as no Go object does; nothing else is set
  bool main_seen = false;
  std::string_view header;       // the first line with its end; empty if it has none
  std::optional<size_t> object;  // where in the contents; nothing if the text in front of it does not end
  std::vector<CgoDirective> cgo_directives;
  std::string cgo_complaint;
  absl::StatusOr<ObjectView> view;  // of the object, if it is there
  uint64_t fingerprint = 0;         // of the view
  std::vector<Import> imports;
};

struct ScannedFile {
  bool mapped = false;  // if not, the reason is to be asked for again
  base::MappedFile file;
  std::vector<ScannedMember> members;  // those that matter
};

struct ScanRequest {
  uint32_t library;
  std::string_view file;
};

class InputScanner {
 public:
  InputScanner(Services& sv, const PackageRows& rows) : sv_(sv), rows_(rows) {}
  // Opens, maps and scans. So many descriptors are open at once: few enough for the common limit of 1,024; with a
  // lower one some files stay unmapped.
  static constexpr size_t kMostFiles = 128;
  std::vector<ScannedFile> scan(const std::vector<ScanRequest>& requests, base::AddressSpace* space) const;
  // Of one that is mapped.
  ScannedFile scan(const ScanRequest& request, base::MappedFile file) const;

 private:
  void scan_members(const ScanRequest& request, base::Bytes head, ScannedFile* file) const;
  ScannedMember scan_member(const ScanRequest& request, const objfmt::ArchiveMember& member) const;
  void scan_prologue(const ScanRequest& request, std::string_view text, ScannedMember* out) const;

  Services& sv_;
  const PackageRows& rows_;
};

// How diagnostics call a member: the file, or file(member).
std::string member_name(std::string_view file, const objfmt::ArchiveMember& member);

}  // namespace dovetail::loader
