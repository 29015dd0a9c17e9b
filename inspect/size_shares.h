// Sections whose bytes are shared out by what their own structure says: the pclntab, and debug information.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "inspect/debug_sections.h"
#include "inspect/named_image.h"
#include "inspect/size.h"

namespace dovetail::inspect {

// Pieces of a section, each with whose it is.
class Shares {
 public:
  // [begin, end) of the section. Where two claim the piece that begins at one place, it is of neither, but `several`'s.
  void add(uint64_t begin, uint64_t end, std::string_view owner, std::string_view several);
  // All of [0, size): pieces under their owners, what is in none under `rest`. Of pieces that overlap (the section is
  // damaged) the first has the bytes.
  void count(uint64_t size, std::string_view rest, SizeTable* table);

 private:
  struct Piece {
    uint64_t begin, end;
    uint32_t owner, several;  // in owners_
  };
  uint32_t number(std::string_view owner);

  std::vector<Piece> pieces_;
  std::vector<std::string> owners_;
  absl::flat_hash_map<std::string, uint32_t> numbers_;
};

// The pclntab by package or symbol; offsets count from its header, up to the end of the functions' records.
Shares share_pclntab(const NamedImage& image, SizeBy by);

// Sections of debug information. By package: units, with their line tables and addresses; by package and by symbol: call
// frames. What cannot be told, or read, is in no piece.
class DebugShares {
 public:
  DebugShares(const NamedImage& image, SizeBy by);
  // Counts one of the sections, of which `bytes` stand in the file. Of a compressed one these go under `rest`, and the
  // shares are those of its expanded bytes, in `expanded`. False: the section has not been shared out.
  bool count(const objfmt::ImageSection& section, uint64_t bytes, std::string_view rest, SizeTable* table,
             SizeTable* expanded);

 private:
  struct Section {
    std::string_view name;
    bool compressed;
    SectionContents contents;
    Shares shares;
  };
  Section* find(std::string_view name);
  void share_units();
  void share_frames(const NamedImage& image, SizeBy by);

  std::vector<Section> sections_;
};

}  // namespace dovetail::inspect
