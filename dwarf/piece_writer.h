// Writes a piece: copies what the compiler wrote, relocated, and puts in what the linker makes.
#pragma once

#include <string>
#include <vector>

#include "dwarf/plan.h"

namespace dovetail::dwarf {

// One per thread.
class PieceWriter {
 public:
  PieceWriter(Services& sv, const Program& program, const DwarfPlan& plan, std::span<const uint64_t> section_address)
      : sv_(sv), program_(program), plan_(plan), section_address_(section_address) {}

  // `to`: where the piece's part of each section goes.
  void write(const Piece& piece, const SectionBytes& to);

 private:
  class Cursors;
  void write_frames(const Piece& piece, uint8_t* to);
  void write_head(uint32_t unit, Cursors& c);
  void write_function(const FunctionDebug& f, Cursors& c);
  void write_types(const Piece& piece, Cursors& c);
  void copy_symbol(SymId s, uint8_t*& to);
  void copy(Slot slot, uint64_t size, uint8_t* to);
  void relocate(const loader::LinkReloc& r, uint8_t* to, uint64_t size);
  uint64_t reference(const loader::LinkReloc& r);
  uint64_t dead_reference(const loader::LinkReloc& r);
  uint64_t in_section(SymId s) const;
  std::string about(std::string_view text) const;
  void report(std::string_view text);
  bool is_undefined(const loader::LinkReloc& r) const;
  void report_undefined(const loader::LinkReloc& r);
  std::string_view target_name(const loader::LinkReloc& r) const;

  Services& sv_;
  const Program& program_;
  const DwarfPlan& plan_;
  std::span<const uint64_t> section_address_;
  Slot from_{};  // what is being copied, for errors
};

}  // namespace dovetail::dwarf
