// Debug information of an image: its units as they are. Of an object: the pieces that a linker would put together.
// The compiler writes entries of functions and variables against a table of abbreviations that it shares with the
// linker (dwarf/abbrev.h); each piece is read as the only child of a unit that is made for it, and what it refers to
// is told by its relocations. Lists of locations and ranges are read without a unit; lines are shown as bytes.
#include "inspect/dwarf_dump.h"

#include <dwarf.h>

#include <algorithm>

#include "absl/strings/str_format.h"
#include "base/text.h"
#include "dwarf/abbrev.h"
#include "inspect/debug_sections.h"
#include "inspect/dwarf_entries.h"
#include "inspect/dwarf_lines.h"
#include "inspect/dwarf_list_pieces.h"
#include "loader/go_text.h"
#include "loader/platform.h"

namespace dovetail::inspect {
namespace {

using objfmt::RelocKind;
using objfmt::SymKind;

// One unit's header, its entries and its lines.
class UnitDumper {
 public:
  UnitDumper(const DwarfReader& reader, const DumpOptions& options, DumpWriter& w)
      : debug_(reader.debug()), reader_(reader), options_(options), w_(w) {}

  bool run() {
    for (bool ok = true;;) {
      Dwarf_Error error = nullptr;
      Dwarf_Unsigned length, type_offset, next;
      Dwarf_Off abbrev;
      Dwarf_Half version, address_size, size, extension, kind;
      Dwarf_Sig8 signature;
      int code = dwarf_next_cu_header_d(debug_, true, &length, &version, &abbrev, &address_size, &size, &extension,
                                        &signature, &type_offset, &next, &kind, &error);
      if (code != DW_DLV_OK) return ok && code == DW_DLV_NO_ENTRY;
      Dwarf_Die top = nullptr;
      if (dwarf_siblingof_b(debug_, nullptr, true, &top, &error) != DW_DLV_OK) return false;
      ok &= unit(top, version);
    }
  }

 private:
  bool unit(Dwarf_Die top, uint16_t version) {
    Dwarf_Error error = nullptr;
    char* name = nullptr;
    Dwarf_Off offset = 0;
    dwarf_dieoffset(top, &offset, &error);
    bool found = options_.symbol.empty(), ok = true;
    EntryOptions chosen = {.name = options_.symbol};
    if (!found) ok = dump_entries(reader_, top, version, chosen, nullptr, &found);
    if (!found) return ok;
    if (!options_.symbol.empty() && dwarf_offdie_b(debug_, offset, true, &top, &error) != DW_DLV_OK) return false;
    options_.found = true;
    w_.begin_row();
    w_.hex("offset", offset, Show::value(8));
    w_.text("name", dwarf_diename(top, &name, &error) == DW_DLV_OK ? name : "", Show::value());
    w_.number("version", version);
    if (options_.symbol.empty()) ok &= dump_lines(top, w_);
    w_.begin_list("entries", "");
    ok &= dump_entries(reader_, top, version, chosen, &w_, &found);
    w_.end_list();
    w_.end_row();
    return ok;
  }

  Dwarf_Debug debug_;
  const DwarfReader& reader_;
  const DumpOptions& options_;
  DumpWriter& w_;
};

absl::Status dump_image_dwarf(const Member& member, const DumpOptions& options, DumpWriter& w) {
  absl::StatusOr<objfmt::ImageView> view = objfmt::ImageView::parse(member.object);
  if (!view.ok()) return view.status();
  // Without its relocations applied, debug information of a host object says nothing.
  if (view->header().type == objfmt::kElfTypeRelocatable) return absl::OkStatus();
  std::vector<SectionContents> contents;
  std::vector<DwarfSection> sections;
  for (const objfmt::ImageSection& s : view->sections()) {
    if (!s.name.starts_with(".debug_")) continue;
    contents.push_back(section_contents(s));
    const std::string& problem = contents.back().problem;
    if (!problem.empty()) return absl::DataLossError(base::concat(s.name, ": ", problem));
    sections.push_back({std::string(s.name), s.addr, contents.back().bytes});
  }
  if (sections.empty()) return absl::OkStatus();
  absl::StatusOr<std::unique_ptr<DwarfReader>> reader = DwarfReader::open(std::move(sections));
  if (!reader.ok()) return reader.status();
  if (UnitDumper(**reader, options, w).run()) return absl::OkStatus();
  return absl::DataLossError("malformed debug information");
}

constexpr bool holds_entries(SymKind kind) {
  return kind == SymKind::kDwarfConst || kind == SymKind::kDwarfFunc || kind == SymKind::kDwarfAbstractFunc ||
         kind == SymKind::kDwarfVar;
}

constexpr bool holds_lists(SymKind kind) { return kind == SymKind::kDwarfLoc || kind == SymKind::kDwarfRange; }
constexpr bool decoded(SymKind kind) { return holds_entries(kind) || holds_lists(kind); }

class PieceDumper {
 public:
  PieceDumper(const DumpObject& o, DumpWriter& w) : o_(o), w_(w) {
    bool call_line_data4 = false;
    for (std::string_view line : o.header_lines) {
      if (!line.starts_with("go object ")) continue;
      if (line.find("dwarf5") != std::string_view::npos) version_ = 5;
      std::vector<std::string_view> words = loader::split(line, ' ');
      const loader::Platform* platform = words.size() < 4 ? nullptr : loader::find_platform(words[2], words[3]);
      call_line_data4 = platform != nullptr && platform->call_line_data4;
    }
    abbrevs_ = dwarf::abbrev_section(version_, call_line_data4);
    // Behind the shared ones: a unit that has children and nothing else.
    abbrevs_.pop_back();
    abbrevs_.insert(abbrevs_.end(), {kUnitCode, DW_TAG_compile_unit, DW_CHILDREN_yes, 0, 0, 0});
  }


  void dump(uint32_t symbol) {
    bool ok = true;
    w_.begin_row();
    w_.number("number", symbol, Show::value(0, "#"));
    w_.text("symbol", o_.names.symbol(symbol), Show::value());
    w_.text("kind", object_kind_name(o_.view.kind(symbol)), Show::value());
    w_.bytes("data", o_.view.data(symbol), decoded(o_.view.kind(symbol)) ? Show::hidden() : Show::value());
    if (holds_entries(o_.view.kind(symbol))) ok = entries(symbol);
    if (holds_lists(o_.view.kind(symbol))) ok = dump_list_piece(o_, symbol, version_, w_);
    if (!ok) w_.text("problem", holds_entries(o_.view.kind(symbol)) ? "malformed entries" : "malformed lists");
    w_.end_row();
  }

 private:
  static constexpr uint8_t kUnitCode = 0x7f;

  // A unit in front of the piece; returns where the piece begins.
  size_t make_unit(uint32_t symbol) {
    base::Bytes data = o_.view.data(symbol);
    info_.assign(4, 0);
    info_.push_back(version_);
    info_.push_back(0);
    if (version_ >= 5) info_.insert(info_.end(), {dwarf::kUnitTypeCompile, 8, 0, 0, 0, 0});
    else info_.insert(info_.end(), {0, 0, 0, 0, 8});
    info_.push_back(kUnitCode);
    size_t begin = info_.size();
    info_.insert(info_.end(), data.begin(), data.end());
    info_.push_back(0);
    base::store32(info_.data(), static_cast<uint32_t>(info_.size() - 4));
    place_addresses(symbol, begin);
    return begin;
  }

  // An index of so many bytes is room for a uleb that the linker will know; it has to be read as one number.
  void place_addresses(uint32_t symbol, size_t begin) {
    for (objfmt::Reloc r : o_.view.relocs(symbol)) {
      if (r.kind < RelocKind::kDwTxtAddrU1 || r.kind > RelocKind::kDwTxtAddrU4 || r.offset < 0) continue;
      size_t size = static_cast<size_t>(r.kind) - static_cast<size_t>(RelocKind::kDwTxtAddrU1) + 1;
      size_t at = begin + static_cast<size_t>(r.offset);
      if (at + size >= info_.size()) continue;
      for (size_t i = 0; i < size; i++) info_[at + i] = i + 1 < size ? 0x80 : 0;
    }
  }

  bool entries(uint32_t symbol) {
    size_t begin = make_unit(symbol);
    w_.begin_list("entries", "");
    bool ok = false, found = false;
    absl::StatusOr<std::unique_ptr<DwarfReader>> reader = DwarfReader::open(
        {{".debug_info", 0, info_}, {".debug_abbrev", 0, abbrevs_}});
    if (reader.ok()) {
      auto relocation = [&](uint64_t from, uint64_t to) { return targets(symbol, from - begin, to - begin); };
      const absl::FunctionRef<std::string(uint64_t, uint64_t)> function = relocation;
      ok = children(**reader, {.base = begin, .relocation = &function}, &found);
    }
    w_.end_list();
    return ok;
  }

  // Of the unit that was made, all children.
  bool children(const DwarfReader& reader, const EntryOptions& options, bool* found) {
    Dwarf_Error error = nullptr;
    Dwarf_Unsigned length, type_offset, next;
    Dwarf_Off abbrev;
    Dwarf_Half version, address_size, size, extension, kind;
    Dwarf_Sig8 signature;
    if (dwarf_next_cu_header_d(reader.debug(), true, &length, &version, &abbrev, &address_size, &size, &extension,
                               &signature, &type_offset, &next, &kind, &error) != DW_DLV_OK) {
      return false;
    }
    Dwarf_Die top = nullptr, die = nullptr;
    if (dwarf_siblingof_b(reader.debug(), nullptr, true, &top, &error) != DW_DLV_OK) return false;
    int code = dwarf_child(top, &die, &error);
    while (code == DW_DLV_OK) {
      Dwarf_Die after = nullptr;
      code = dwarf_siblingof_b(reader.debug(), die, true, &after, &error);
      if (!dump_entries(reader, die, version_, options, &w_, found)) return false;
      die = after;
    }
    return code == DW_DLV_NO_ENTRY;
  }

  std::string targets(uint32_t symbol, uint64_t begin, uint64_t end) const {
    std::string text;
    for (objfmt::Reloc r : o_.view.relocs(symbol)) {
      auto at = static_cast<uint64_t>(r.offset);
      if (r.offset < 0 || at < begin || at >= end) continue;
      text += base::concat(text.empty() ? "" : ", ", o_.names.target(r.target));
      if (r.addend != 0) absl::StrAppendFormat(&text, "%+d", r.addend);
    }
    return text;
  }

  const DumpObject& o_;
  DumpWriter& w_;
  uint8_t version_ = 4;
  std::vector<uint8_t> abbrevs_, info_;
};

absl::Status dump_object_dwarf(const Member& member, const DumpOptions& options, DumpWriter& w) {
  absl::StatusOr<std::unique_ptr<DumpObject>> opened = DumpObject::open(member, options.packages);
  if (!opened.ok()) return opened.status();
  const DumpObject& o = **opened;
  PieceDumper dumper(o, w);
  for (uint32_t i = 0; i < o.view.def_count(); i++) {
    if (!objfmt::is_dwarf(o.view.kind(i))) continue;
    if (!options.symbol.empty() && !options.wants(o.names.owner(i)) && !options.wants(o.names.symbol(i))) continue;
    dumper.dump(i);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status dump_dwarf(const Member& member, const DumpOptions& options, DumpWriter& w) {
  return member.kind == MemberKind::kImage ? dump_image_dwarf(member, options, w) : dump_object_dwarf(member, options, w);
}

}  // namespace dovetail::inspect
