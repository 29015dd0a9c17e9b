#include "runtime-tables/moduledata.h"

#include "runtime-tables/content.h"
#include "runtime-tables/go_types.h"

namespace dovetail::runtime_tables {

using loader::Program;
using objfmt::SymKind;

namespace {

// { offset, end, base } for each .text section (runtime/symtab.go textsect).
SymId make_text_section_map(Program& program, const TextMarkers& text, uint64_t text_size) {
  SymId s = program.syms.make("runtime.textsectionmap", 0, SymKind::kRodata);
  ContentWriter map(program, s);
  map.word(0);
  map.word(text_size);
  map.address(text.text);
  map.finish();
  return s;
}

// Checked by define_setup_symbols.
uint64_t moduledata_size(const Program& program) {
  RawId type = program.res.lookup("type:runtime.moduledata", 0);
  return type == RawId::kNil ? 0 : TypeView(program, type).size();
}

void write_function_tables(ContentWriter& out, const Program& program, const PclntabPlan& pclntab,
                           const FindfunctabPlan& findfunctab) {
  auto size = [&](SymId s) { return program.syms.size[index(s)]; };
  out.address(pclntab.header);
  out.slice(pclntab.func_names, size(pclntab.func_names));
  out.slice(pclntab.cutab, size(pclntab.cutab) / 4);
  out.slice(pclntab.file_names, size(pclntab.file_names));
  out.slice(pclntab.pctab, size(pclntab.pctab));
  out.slice(pclntab.functab, size(pclntab.functab));
  out.slice(pclntab.functab, uint64_t{pclntab.function_count} + 1);
  out.address(findfunctab.table);
  out.address(pclntab.first_function);
  out.address(pclntab.last_function, size(pclntab.last_function));
}

// The plugin's exported symbols: only there if something refers to them.
void write_plugin_table(ContentWriter& out, Program& program) {
  SymId table = program.lookup("go:plugin.tabs", 0);
  if (table == SymId::kNil) return out.zero_words(3);
  program.syms.flags[index(table)] |= loader::kSymLocal;
  out.slice(table, program.data(table).size() / 8);
}

}  // namespace

void make_moduledata(Program& program, SymId moduledata, const TextMarkers& text, uint64_t text_size,
                     const Markers& m, const PclntabPlan& pclntab, const FindfunctabPlan& findfunctab,
                     const Typelinks& typelinks, const InitLists& init) {
  SymId section_map = make_text_section_map(program, text, text_size);
  ContentWriter out(program, moduledata);
  write_function_tables(out, program, pclntab, findfunctab);
  for (SymId s : {text.text, text.etext, m.noptrdata, m.enoptrdata, m.data, m.edata, m.bss, m.ebss, m.noptrbss,
                  m.enoptrbss, m.covctrs, m.ecovctrs, m.end, m.gcdata, m.gcbss, m.types, m.etypes, m.rodata,
                  pclntab.func_data, m.epclntab}) {
    out.address(s);
  }
  out.slice(section_map, 1);
  out.slice(typelinks.typelink, typelinks.type_count);
  out.slice(typelinks.itablink, typelinks.itab_count);
  write_plugin_table(out, program);
  out.zero_words(2 + 3);  // pluginpath, pkghashes
  if (init.main != SymId::kNil) {
    out.slice(init.main, program.syms.size[index(init.main)] / kPointerSize);
  } else {
    out.zero_words(3);
  }
  out.zero_words(2 + 3);  // modulename, modulehashes
  out.byte(1);            // hasmain
  out.finish(moduledata_size(program));

  SymId last = program.syms.make("runtime.lastmoduledatap", 0, SymKind::kNoptrdata);
  ContentWriter pointer(program, last);
  pointer.address(moduledata);
  pointer.finish();
}

}  // namespace dovetail::runtime_tables
