// What differs between Go releases, as data.
//
// A linker stands in for the one of a certain release, and has to know tables
// that no object carries: which function a built-in index means, which packages
// may use a linkname, which experiments are on by default. One table per family
// of releases (go1.26.x), written by script/extract-release from the release's
// sources and checked in; code asks the table and never compares versions. The
// nine releases of go1.26 agree in all of them (extracted from go1.26.0 and
// go1.26.8; tests/unit/release_test.cc extracts again).
//
// Spans of plain structs, nothing is built at start-up.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace dovetail::loader {

struct Builtin {
  std::string_view name;
  uint16_t abi;
};

// `package` may refer to `name` by linkname, and nobody else. Sorted by name; a
// name with several packages has several rows, one with none has "".
struct BlockedLinkname {
  std::string_view name, package;
};

struct NamedNumber {
  std::string_view name;
  uint16_t number;
};

// A symbol kind of objects and what it becomes in the linker.
struct SymKindPair {
  uint8_t object_kind, link_kind;
};

// The symbols that enclose what the FIPS check covers in one segment.
struct FipsSection {
  std::string_view start, end, segment;
  uint8_t start_kind, end_kind;  // in the linker
};

// Whether an experiment is on when nobody asks: never, always, where the
// register ABI is supported, where DWARF 5 is.
enum class Baseline : uint8_t { kOff, kOn, kRegabi, kDwarf5 };

struct Experiment {
  std::string_view name;
  Baseline baseline;
};

struct RegabiArch {
  std::string_view goarch;
  bool always;  // cannot be turned off
};

struct Release {
  std::string_view family;                    // "go1.26"
  std::span<const std::string_view> versions;  // "go1.26.0" ..., oldest first
  std::span<const Builtin> builtins;          // by position
  std::span<const BlockedLinkname> blocked_linknames;
  std::span<const std::string_view> runtime_packages;
  std::span<const NamedNumber> func_ids;    // constant of internal/abi -> number
  std::span<const NamedNumber> func_names;  // function in package runtime -> function ID, by name
  std::span<const NamedNumber> pcdata_indices, funcdata_indices;
  std::span<const NamedNumber> reloc_kinds;                  // by number, from 1
  std::span<const NamedNumber> object_sym_kinds, link_sym_kinds;  // by number
  std::span<const SymKindPair> sym_kind_map;                 // by object kind
  std::span<const NamedNumber> aux_kinds;                    // by number
  std::span<const FipsSection> fips_sections;
  std::span<const Experiment> experiments;  // in the order in which they are listed
  std::span<const RegabiArch> regabi_archs;
  std::span<const std::string_view> no_dwarf5_systems;

  // The number of a name in one of the tables, or -1.
  static int number(std::span<const NamedNumber> table, std::string_view name);
};

// The newest family, whose tables serve where no version is known yet.
const Release& newest_release();

// The family that has this version ("go1.26.8"), or null.
const Release* find_release(std::string_view version);

// "go1.26.0 to go1.26.8", for messages.
std::string known_releases();

}  // namespace dovetail::loader
