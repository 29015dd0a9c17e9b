// A linked image with what it takes to put a name to an address: .symtab, else the functions of the pclntab and the
// carriers that the moduledata delimits, and in every case the Go types and type names inside `type:*`, which have no
// symbols of their own.
//
// Names are views of the image. Addresses are looked up in one sorted column of ranges.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "inspect/go_tables.h"
#include "objfmt/image_view.h"

namespace dovetail::inspect {

enum class RangeKind : uint8_t { kSymbol, kType, kTypeName };

struct NamedRange {
  uint64_t addr, size;  // size 0: reaches to the next range
  std::string_view name;
  RangeKind kind;
};

struct Place {
  const NamedRange* range = nullptr;  // null: no range at or below the address in its section
  uint64_t offset = 0;                // from the range, else from the section, else the address itself
};

class NamedImage {
 public:
  // `use_symtab`: names from .symtab; without, or if there is none, from the tables that the runtime reads.
  NamedImage(const objfmt::ImageView& view, bool use_symtab);

  const objfmt::ImageView& view() const { return view_; }
  bool is_arm64() const { return view_.header().machine == objfmt::kElfMachineArm64; }
  const ModuleData& module() const { return module_; }
  const Pclntab& pclntab() const { return pclntab_; }

  // All ranges, by address; of those that begin at one address only the most telling is kept.
  const std::vector<NamedRange>& ranges() const { return ranges_; }
  Place locate(uint64_t address) const;
  // "main.work+0x2a", "type:main.T+0x28", "go:string.*+0x10 \"hello\"", ".rodata+0x10", "0x10".
  std::string describe(uint64_t address) const;
  bool is_mapped(uint64_t address) const { return view_.section_at(address) != nullptr; }
  // An address that an image word may hold: inside a section, or the end of one.
  bool is_address(uint64_t value) const;

  static std::string range_name(const NamedRange& range);

 private:
  void add_symbols(const objfmt::ImageSection& table);
  void add_tables();
  void add_types(bool itabs);
  void sort_ranges();

  const objfmt::ImageView& view_;
  ModuleData module_;
  Pclntab pclntab_;
  std::deque<std::string> names_;  // those that no image has as text
  std::vector<NamedRange> ranges_;
};

// Whether the place lies behind the end of its symbol: there are parts that have no name, static temporaries and
// strings of -X.
bool behind(const Place& place);

// Text for people and terminals: control characters and quotes escaped, long text shortened.
std::string printable(std::string_view text, size_t max = 200);
std::string hex_bytes(base::Bytes bytes, size_t max = 16);

}  // namespace dovetail::inspect
