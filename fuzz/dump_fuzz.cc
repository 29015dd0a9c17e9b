// dovetail dump of objects and images, all sections but debug information: libdwarf, which is not ours, runs in a
// process of its own.
#include <cstdio>

#include "fuzz/fuzz.h"
#include "inspect/disassemble.h"
#include "inspect/dump.h"

using namespace dovetail;

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  // Much text goes to stdout on the way.
  if (std::freopen("/dev/null", "w", stdout) == nullptr) std::abort();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  absl::StatusOr<std::vector<inspect::Member>> members = inspect::list_members({data, size});
  if (!members.ok()) return 0;
  inspect::PackageNames packages;
  for (const inspect::Member& m : *members) packages.add(m);
  inspect::DumpOptions options;
  options.sections = ~static_cast<uint32_t>(inspect::DumpSection::kDwarf);
  options.packages = &packages;
  for (bool json : {false, true}) {
    inspect::DumpWriter w(json);
    w.begin_list("", "");
    for (const inspect::Member& m : *members) {
      if (m.kind == inspect::MemberKind::kHost) continue;
      w.begin_row();
      absl::Status status =
          m.kind == inspect::MemberKind::kImage ? dump_image(m, options, w) : dump_object(m, options, w);
      if (!status.ok()) fuzz::require(!status.message().empty(), "a refusal has a message");
      (void)disassemble(m, {.function = "main.main", .intel = json, .packages = &packages}, w);
      w.end_row();
    }
    w.end_list();
    w.flush();
  }
  return 0;
}
