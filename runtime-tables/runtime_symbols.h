// Names that the linker defines for the runtime, and the grouping of read-only symbols.
//
// cmd/link defines them in several passes, and each gets the next symbol number then; numbers break ties in the
// layout of data and order the symbol table. So the functions here are called at the same points as there, as the
// pass list in linker/link.cc has them:
//
//   make_fips_symbols     loadlib     (fips.h)
//   make_init_lists       inittasks   (init_lists.h)
//   define_setup_symbols  linksetup
//   set_string_vars       dostrdata   (string_vars.h)
//   make_text_build_id    textbuildid (build_info.h)
//   define_text_markers   textaddress
//   make_typelinks        typelink    (typelinks.h)
//   make_build_info       buildinfo   (build_info.h)
//   make_pclntab, plan_findfunctab    (pclntab.h, findfunctab.h)
//   define_markers, group_symbols, make_moduledata   symtab
//   define_fuzz_markers, make_gc_masks               dodata
//
// A name that an object mentions keeps that mention's number. cmd/link ld/symtab.go, ld/lib.go linksetup, Go 1.26.
#pragma once

#include <span>
#include <string_view>

#include "loader/symbols.h"

namespace dovetail::runtime_tables {

// Fixed names (version 0) that the passes of this folder define and that objects may mention: those mentions must
// survive mark_live, for cmd/link marks these symbols reachable when it defines them, without following what
// they refer to.
//
//   name                       kind         size, place                                  in .symtab
//   runtime.text .etext        kText, kTextEnd          0, set by layout                 local
//   runtime.rodata ... below   kRodata ... of section   0, set by layout                 local
//   runtime.gcdata .gcbss      kRodata      laid out with size 0, then GC program        local
//   type:*                     kType        0, laid out: first of its kind               global
//   go:string.* go:funcdesc runtime.gcbits.*  kGoString kGoFunc kGcBits  0, laid out     local
//   runtime.pclntab            kPclntab     0, laid out: first of its kind               local
//   runtime.pcheader .funcnametab .cutab .filetab .pctab .functab  kPclntab  laid out    no
//   go:func.*                  kPclntab     laid out                                     local
//   runtime.findfunctab        kPclntab     laid out                                     local
//   runtime.typelink .itablink kTypelink kItablink  a section each                       local
//   runtime.textsectionmap     kRodata      24, laid out                                 global
//   go:buildinfo               kBuildInfo   a section                                    global
//   go:buildinfo.ref           kRodata      8, laid out                                  global
//   go:fipsinfo                kFipsInfo    120, a section                               global
//   go:*fipsstart go:*fipsend  kinds of their own   1, laid out (two are functions)      local
//   runtime.firstmoduledata    kModuledata  a section                                    as the object has it
//   runtime.lastmoduledatap    kNoptrdata   8, laid out                                  as the object has it
//   runtime.tlsg               kTlsBss      8, never laid out in a static executable     no (TLS)
std::span<const std::string_view> made_names();

// Names of which the runtime package defines variables, given values if they are live: not to be marked.
//   runtime.disableMemoryProfiling, runtime.runtime_inittasks, the variables of -X

struct SetupSymbols {
  loader::SymId tlsg = loader::SymId::kNil;
  loader::SymId moduledata = loader::SymId::kNil;
};
SetupSymbols define_setup_symbols(loader::Services& sv, loader::Program& program);

struct TextMarkers {
  loader::SymId text, etext;
};
TextMarkers define_text_markers(loader::Program& program);

// Zero-sized names of places (kSymElsewhere): layout sets their values and sections. The last eight lines of
// names are real symbols, laid out with their kinds.
struct Markers {
  loader::SymId rodata, erodata, types, etypes, noptrdata, enoptrdata, data, edata, bss, ebss, noptrbss, enoptrbss,
      covctrs, ecovctrs, end, epclntab;
  loader::SymId gcdata;   // grows when make_gc_masks fills it
  loader::SymId egcdata;
  loader::SymId gcbss;
  loader::SymId egcbss;
  loader::SymId type_carrier;       // type:*; of data with addresses in a movable image: typerel.*
  loader::SymId go_string_carrier;  // go:string.*
  loader::SymId go_func_carrier;    // go:funcdesc; go:funcdescrel
  loader::SymId gc_bits_carrier;    // runtime.gcbits.*
};
Markers define_markers(loader::Services& sv, loader::Program& program);

// What read-only symbols are by their names. Each object once, on any thread.
class GroupScan {
 public:
  explicit GroupScan(const loader::Program& program) : program_(program), found_(program.syms.loaded_end()) {}
  void scan_object(uint32_t object);
  // kNone for nothing special.
  objfmt::SymKind group(loader::SymId s) const;

 private:
  const loader::Program& program_;
  base::Column<uint8_t> found_;  // by SymId: 1 + kind; 0 where nobody looked
};

// Kinds by name among the read-only symbols, so that types, strings, function values and pointer masks lie
// together and out of the symbol table; file-local symbols of compiled code and coverage counters leave it too.
void group_symbols(loader::Services& sv, loader::Program& program, const Markers& markers, const GroupScan& scan);

// Where the counters of coverage-guided fuzzing lie, under the runtime's and under internal/fuzz's names.
struct FuzzMarkers {
  loader::SymId start, stop, counters, ecounters;
};
FuzzMarkers define_fuzz_markers(loader::Program& program);

}  // namespace dovetail::runtime_tables
