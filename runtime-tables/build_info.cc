#include "runtime-tables/build_info.h"

#include "base/go_text.h"
#include "base/text.h"
#include "runtime-tables/content.h"

namespace dovetail::runtime_tables {

using base::index;

namespace {

std::string_view string_var(const loader::Options& options, std::string_view name) {
  for (const loader::StringVar& var : options.string_vars) {
    if (var.name == name) return var.value;
  }
  return {};
}

void append_string(ContentWriter& out, std::string_view s) {
  uint8_t length[10];
  uint8_t* end = base::write_uleb(length, s.size());
  out.bytes(base::Bytes(length, end));
  out.bytes(base::as_bytes(s));
}

}  // namespace

//  "\xff Go buildinf:" (14), pointer size u8, flags u8 (2: strings follow), zero to 32; then the version and the
//  module data, each as uvarint length and text; zero to a multiple of 16. (debug/buildinfo/buildinfo.go, Go 1.26)
BuildInfo make_build_info(loader::Services& sv, loader::Program& program) {
  constexpr std::string_view kMagic = "\xff Go buildinf:";
  constexpr uint8_t kInlineStrings = 2;
  constexpr uint32_t kHeaderSize = 32, kAlign = 16;
  BuildInfo made;
  made.info = program.syms.make("go:buildinfo", 0, objfmt::SymKind::kBuildInfo);
  program.syms.align[index(made.info)] = kAlign;
  ContentWriter info(program, made.info);
  info.bytes(base::as_bytes(kMagic));
  info.byte(kPointerSize);
  info.byte(kInlineStrings);
  info.data().resize(kHeaderSize);
  append_string(info, string_var(sv.options, "runtime.buildVersion"));
  append_string(info, string_var(sv.options, "runtime.modinfo"));
  info.data().resize(base::round_up(info.size(), kAlign));
  info.finish();

  // Keeps the section when a C linker collects garbage.
  made.reference = program.syms.make("go:buildinfo.ref", 0, objfmt::SymKind::kRodata);
  program.syms.align[index(made.reference)] = kPointerSize;
  ContentWriter reference(program, made.reference);
  reference.address(made.info);
  reference.finish();
  return made;
}

loader::SymId make_text_build_id(loader::Services& sv, loader::Program& program) {
  if (!sv.options.platform->text_build_id || sv.options.build_id.empty()) return loader::SymId::kNil;
  loader::SymId id = program.syms.make("go:buildid", 0, objfmt::SymKind::kText);
  ContentWriter text(program, id);
  text.bytes(base::as_bytes(base::concat("\xff Go build ID: ", base::quote(sv.options.build_id), "\n \xff")));
  text.finish();
  return id;
}

}  // namespace dovetail::runtime_tables
