#include "loader/release/release.h"

#include "base/text.h"

namespace dovetail::loader {
namespace {

// Names of kinds as constants, so that tables can refer to each other by name.
namespace object_kind {
enum : uint8_t {
#define OBJECT_SYM_KIND(name, number) name = number,
#include "loader/release/go1_26.def"
};
}  // namespace object_kind
namespace link_kind {
enum : uint8_t {
#define LINK_SYM_KIND(name, number) name = number,
#include "loader/release/go1_26.def"
};
}  // namespace link_kind

// Every release of the family that exists. A new one is added after
// script/extract-release wrote the same tables from it.
constexpr std::string_view kVersions[] = {
    "go1.26.0", "go1.26.1", "go1.26.2", "go1.26.3", "go1.26.4", "go1.26.5", "go1.26.6", "go1.26.7", "go1.26.8",
};

constexpr Builtin kBuiltins[] = {
#define BUILTIN(name, abi) {name, abi},
#include "loader/release/go1_26.def"
};
constexpr BlockedLinkname kBlockedLinknames[] = {
#define BLOCKED_LINKNAME(name, package) {name, package},
#include "loader/release/go1_26.def"
};
constexpr std::string_view kRuntimePackages[] = {
#define RUNTIME_PACKAGE(path) path,
#include "loader/release/go1_26.def"
};
constexpr NamedNumber kFuncIds[] = {
#define FUNC_ID(name, number) {#name, number},
#include "loader/release/go1_26.def"
};
constexpr NamedNumber kFuncNames[] = {
#define FUNC_NAME(name, number) {name, number},
#include "loader/release/go1_26.def"
};
constexpr NamedNumber kPcdataIndices[] = {
#define PCDATA_INDEX(name, number) {#name, number},
#include "loader/release/go1_26.def"
};
constexpr NamedNumber kFuncdataIndices[] = {
#define FUNCDATA_INDEX(name, number) {#name, number},
#include "loader/release/go1_26.def"
};
constexpr NamedNumber kRelocKinds[] = {
#define RELOC_KIND(name, number) {#name, number},
#include "loader/release/go1_26.def"
};
constexpr NamedNumber kObjectSymKinds[] = {
#define OBJECT_SYM_KIND(name, number) {#name, number},
#include "loader/release/go1_26.def"
};
constexpr NamedNumber kLinkSymKinds[] = {
#define LINK_SYM_KIND(name, number) {#name, number},
#include "loader/release/go1_26.def"
};
constexpr SymKindPair kSymKindMap[] = {
#define SYM_KIND_MAP(object, link) {object_kind::object, link_kind::link},
#include "loader/release/go1_26.def"
};
constexpr NamedNumber kAuxKinds[] = {
#define AUX_KIND(name, number) {#name, number},
#include "loader/release/go1_26.def"
};
constexpr FipsSection kFipsSections[] = {
#define FIPS_SECTION(start, start_kind, end, end_kind, segment) \
  {start, end, #segment, link_kind::start_kind, link_kind::end_kind},
#include "loader/release/go1_26.def"
};
constexpr Experiment kExperiments[] = {
#define EXPERIMENT(name, baseline) {name, Baseline::baseline},
#include "loader/release/go1_26.def"
};
constexpr RegabiArch kRegabiArchs[] = {
#define REGABI_ARCH(goarch, always) {goarch, always},
#include "loader/release/go1_26.def"
};
constexpr std::string_view kNoDwarf5Systems[] = {
#define NO_DWARF5_OS(goos) goos,
#include "loader/release/go1_26.def"
};

static_assert(std::size(kExperiments) <= 64, "a set of experiments is one 64-bit word");

constexpr Release kGo126 = {
    .family = "go1.26",
    .versions = kVersions,
    .builtins = kBuiltins,
    .blocked_linknames = kBlockedLinknames,
    .runtime_packages = kRuntimePackages,
    .func_ids = kFuncIds,
    .func_names = kFuncNames,
    .pcdata_indices = kPcdataIndices,
    .funcdata_indices = kFuncdataIndices,
    .reloc_kinds = kRelocKinds,
    .object_sym_kinds = kObjectSymKinds,
    .link_sym_kinds = kLinkSymKinds,
    .sym_kind_map = kSymKindMap,
    .aux_kinds = kAuxKinds,
    .fips_sections = kFipsSections,
    .experiments = kExperiments,
    .regabi_archs = kRegabiArchs,
    .no_dwarf5_systems = kNoDwarf5Systems,
};

constexpr const Release* kReleases[] = {&kGo126};

}  // namespace

int Release::number(std::span<const NamedNumber> table, std::string_view name) {
  for (const NamedNumber& row : table) {
    if (row.name == name) return row.number;
  }
  return -1;
}

const Release& newest_release() { return *kReleases[std::size(kReleases) - 1]; }

const Release* find_release(std::string_view version) {
  for (const Release* release : kReleases) {
    for (std::string_view known : release->versions) {
      if (known == version) return release;
    }
  }
  return nullptr;
}

std::string known_releases() {
  std::string text;
  for (const Release* release : kReleases) {
    text += base::concat(text.empty() ? "" : ", ", release->versions.front(), " to ", release->versions.back());
  }
  return text;
}

}  // namespace dovetail::loader
