#include "inspect/dwarf_dump.h"
namespace dovetail::inspect {
absl::Status dump_dwarf(const Member&, const DumpOptions&, DumpWriter&) { return absl::OkStatus(); }
absl::Status dump_image(const Member&, const DumpOptions&, DumpWriter&) { return absl::OkStatus(); }
void dump_object_types(const DumpObject&, const DumpOptions&, DumpWriter&) {}
}
