// go:buildinfo, what `go version` reads from an executable: release, module versions, build settings.
#pragma once

#include "loader/symbols.h"

namespace dovetail::runtime_tables {

struct BuildInfo {
  loader::SymId info = loader::SymId::kNil;  // a section of its own, .go.buildinfo
  loader::SymId reference = loader::SymId::kNil;
};

// cmd/link ld/data.go buildinfo, Go 1.26.
BuildInfo make_build_info(loader::Services& sv, loader::Program& program);

// -buildid as code, go:buildid, where the platform has it so; kNil where it has not, or without -buildid.
// cmd/link ld/data.go textbuildid, Go 1.26.
loader::SymId make_text_build_id(loader::Services& sv, loader::Program& program);

}  // namespace dovetail::runtime_tables
