// What `dovetail dump` tells of a member of a file: an object of either format, or a linked image.
//
// A section is one kind of fact. Each is written by a function of its own that reads the view as it goes; what is
// damaged is told where it stands ("problem"), and the rest goes on.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "inspect/dump_writer.h"
#include "inspect/members.h"
#include "inspect/object_names.h"
#include "objfmt/any_view.h"
#include "objfmt/image_view.h"

namespace dovetail::inspect {

enum class DumpSection : uint32_t {
  // Of objects and images.
  kHeader = 1 << 0,
  kFuncs = 1 << 1,  // function information with its tables
  kTypes = 1 << 2,
  kDwarf = 1 << 3,
  // Of objects.
  kImports = 1 << 4,
  kFiles = 1 << 5,
  kDefs = 1 << 6,
  kRefs = 1 << 7,
  kRelocs = 1 << 8,
  kEdges = 1 << 9,  // what only a dense object stores: edges, families, hashes of names
  kAux = 1 << 10,
  // Of images.
  kSegments = 1 << 11,
  kModuledata = 1 << 12,
  kFunctab = 1 << 13,
  kTypelinks = 1 << 14,
  kItabs = 1 << 15,
  kBuildinfo = 1 << 16,
  kNative = 1 << 17,  // headers of Mach-O and PE, field by field
};

struct DumpOptions {
  uint32_t sections = 0;  // of DumpSection
  std::string symbol;     // tell only of symbols with this name; empty: of all
  const PackageNames* packages = nullptr;
  bool has(DumpSection s) const { return sections & static_cast<uint32_t>(s); }
  // Whether the name is that of the symbol, or there is no choice; notes that there was one.
  bool wants(std::string_view name) const {
    bool wanted = symbol.empty() || symbol == name;
    found |= wanted;
    return wanted;
  }
  mutable bool found = false;
};

// An object that is open.
class DumpObject {
 public:
  // Both outlive it; `packages` may be null.
  static absl::StatusOr<std::unique_ptr<DumpObject>> open(const Member& member, const PackageNames* packages);

  const Member& member;
  const objfmt::AnyView view;
  const ObjectNames names;
  std::vector<std::string_view> header_lines;  // of the text in front of it
  std::string_view goarch;
  bool is_arm64;
  // Whether the options choose definition i.
  bool wanted(uint32_t i, const DumpOptions& options) const {
    return options.symbol.empty() || options.wants(names.symbol(i));
  }

 private:
  DumpObject(const Member& m, objfmt::AnyView v, const PackageNames* packages);
};

// All chosen sections, as members of the row that is open. An error: the member cannot be opened.
absl::Status dump_object(const Member& member, const DumpOptions& options, DumpWriter& w);
// What kind of host object it is.
void dump_host(const Member& member, const DumpOptions& options, DumpWriter& w);
absl::Status dump_image(const Member& member, const DumpOptions& options, DumpWriter& w);

// The sections of an object.
void dump_object_header(const DumpObject& o, DumpWriter& w);
void dump_imports(const DumpObject& o, DumpWriter& w);
void dump_files(const DumpObject& o, DumpWriter& w);
void dump_defs(const DumpObject& o, const DumpOptions& options, DumpWriter& w);
void dump_refs(const DumpObject& o, const DumpOptions& options, DumpWriter& w);
void dump_relocs(const DumpObject& o, const DumpOptions& options, DumpWriter& w);
void dump_edges(const DumpObject& o, const DumpOptions& options, DumpWriter& w);
void dump_aux(const DumpObject& o, const DumpOptions& options, DumpWriter& w);
void dump_object_funcs(const DumpObject& o, const DumpOptions& options, DumpWriter& w);
void dump_object_types(const DumpObject& o, const DumpOptions& options, DumpWriter& w);

}  // namespace dovetail::inspect
