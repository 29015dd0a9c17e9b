// Members of archives: objfmt's reader, and which members the inspecting commands find.
#include "fuzz/fuzz.h"
#include "inspect/members.h"
#include "objfmt/archive.h"

using namespace dovetail;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  base::Bytes file(data, size);
  if (objfmt::is_archive(file)) {
    objfmt::ArchiveReader reader(file);
    uint64_t last = 0;
    while (auto member = reader.next()) {
      fuzz::require(member->offset > last, "members follow each other");
      last = member->offset;
      fuzz::touch(member->name);
      fuzz::touch(member->contents);
    }
  }
  auto members = inspect::list_members(file);
  if (!members.ok()) {
    fuzz::require(!members.status().message().empty(), "a refusal has a message");
    return 0;
  }
  for (const inspect::Member& m : *members) fuzz::touch(m.object), fuzz::touch(m.text);
  return 0;
}
