#include "inspect/pe_tables.h"

#include <algorithm>

namespace dovetail::inspect {
namespace {

using base::Bytes;

// The string there; none if it does not end within the section.
std::string_view string_at(const objfmt::ImageView& view, uint64_t address) {
  Bytes rest = view.at(address);
  std::string_view text = objfmt::ImageView::string_at(rest, 0);
  return text.size() < rest.size() ? text : std::string_view();
}

}  // namespace

PeTable pe_table(const objfmt::ImageView& view, const objfmt::PeHeader& header, size_t directory) {
  objfmt::PeDirectoryEntry d = header.directory(directory);
  if (d.address == 0 || d.size == 0) return {};
  // By the file's sections: base relocations are not loaded in ImageView's terms.
  uint64_t address = header.image_base + d.address;
  for (const objfmt::ImageSection& s : view.sections()) {
    if (address < s.addr || address - s.addr >= s.bytes.size() || s.type == objfmt::kCoffSymbolTable) continue;
    Bytes rest = s.bytes.subspan(address - s.addr);
    return {s.name, rest.first(std::min<size_t>(rest.size(), d.size))};
  }
  return {};
}

PeImportTable read_pe_imports(const objfmt::ImageView& view, const objfmt::PeHeader& header) {
  constexpr size_t kDescriptor = 20;
  constexpr uint64_t kByNumber = uint64_t{1} << 63, kHint = 2;
  PeImportTable out;
  Bytes table = pe_table(view, header, objfmt::kPeImports).bytes;
  auto problem = [&](uint64_t at, std::string text) { out.problem_at = at, out.problem = std::move(text); };
  // Tables of names may overlap in a damaged image: in all no more words than the image has bytes.
  uint64_t left = view.image().size() / 8;
  for (size_t at = 0;; at += kDescriptor) {
    Bytes d = base::subrange(table, at, kDescriptor);
    if (d.empty()) return problem(at, "no empty descriptor at the end"), out;
    if (std::all_of(d.begin(), d.end(), [](uint8_t b) { return b == 0; })) return out;
    uint64_t names = base::load32(&d[0]), library_at = base::load32(&d[12]), slots = base::load32(&d[16]);
    std::string_view library = string_at(view, header.image_base + library_at);
    if (library.empty()) return problem(at, absl::StrFormat("no library's name at %#x", library_at)), out;
    for (uint64_t i = 0;; i++) {
      Bytes word = view.at(header.image_base + names + i * 8, 8);
      if (word.empty() || left-- == 0) return problem(at, absl::StrFormat("names of %s at %#x have no end", library, names)), out;
      uint64_t lookup = base::load64(word.data());
      if (lookup == 0) break;
      std::string_view name;
      if (!(lookup & kByNumber)) {
        name = string_at(view, header.image_base + lookup + kHint);
        if (name.empty()) return problem(at, absl::StrFormat("%s: no name at %#x", library, lookup)), out;
      }
      out.symbols.push_back({library, name, lookup, slots + i * 8, names + i * 8 - header.directory(objfmt::kPeImports).address});
    }
  }
}

}  // namespace dovetail::inspect
