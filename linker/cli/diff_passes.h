// The passes of `dovetail diff`, one per kind of section. Each compares what two sections mean and adds what
// it finds to a report; none of them is needed to know that bytes differ.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "linker/cli/diff_image.h"
#include "linker/cli/diff_report.h"
#include "objfmt/image_view.h"

namespace dovetail::linker::diff {

// Of one symbol or record no more than this many differences are described, so that others are seen too.
inline constexpr int kPerSymbol = 4;

struct Sides {
  const Image& a;
  const Image& b;
};
struct SectionPair {
  const objfmt::ImageSection& a;
  const objfmt::ImageSection& b;
};

// Number of positions at which they differ, plus the difference in length.
uint64_t count_differing(base::Bytes a, base::Bytes b);
// The first of them; the shorter length if there is none below it.
size_t first_difference(base::Bytes a, base::Bytes b, size_t from = 0);

// For bytes that differ where a pass has found nothing to say: at least the place.
void note_unexplained(base::Bytes a, base::Bytes b, SectionReport& report);

// Two lists of things with names: where the sequence first differs, what is in only one, what changed places.
void diff_sequence(const std::vector<std::string>& a, const std::vector<std::string>& b, const char* element,
                   SectionReport& report);
// The NUL-terminated strings of a table, quoted.
std::vector<std::string> table_strings(base::Bytes table);

// Headers, and bytes that belong to no section.
void diff_headers(const Sides& sides, Report& report);
// Notes, .go.buildinfo, .go.fipsinfo, section names, .rela, and anything unknown.
void diff_plain(const Sides& sides, const SectionPair& s, SectionReport& report);
void diff_notes(const SectionPair& s, SectionReport& report);
void diff_rela(const Sides& sides, const SectionPair& s, SectionReport& report);
void diff_build_info(const SectionPair& s, SectionReport& report);
void diff_fips_info(const Sides& sides, const SectionPair& s, SectionReport& report);
void diff_string_table(const SectionPair& s, SectionReport& report);

// Of PE: base relocations, functions' unwind information, imports.
void diff_base_relocs(const Sides& sides, const SectionPair& s, SectionReport& report);
void diff_unwind(const Sides& sides, const SectionPair& s, SectionReport& report);
void diff_imports(const Sides& sides, SectionReport& report);

void diff_symtab(const Sides& sides, const SectionPair& s, SectionReport& report);

// .text, .rodata, .data …: symbol by symbol, with relocated words told by what they point to.
void diff_content(const Sides& sides, const SectionPair& s, SectionReport& report);
// One stretch of data, such as one symbol.
void diff_data_words(const Sides& sides, base::Bytes a, uint64_t address_a, base::Bytes b, uint64_t address_b,
                     SectionReport& report);
// One stretch of machine code.
void diff_code(const Sides& sides, base::Bytes a, uint64_t address_a, base::Bytes b, uint64_t address_b,
               SectionReport& report);

void diff_moduledata(const Sides& sides, const SectionPair& s, SectionReport& report);
// Opens a report for each part of the section.
void diff_pclntab(const Sides& sides, const SectionPair& s, Report& report);
void diff_typelinks(const Sides& sides, const SectionPair& s, SectionReport& report);
void diff_itablinks(const Sides& sides, const SectionPair& s, SectionReport& report);

}  // namespace dovetail::linker::diff
