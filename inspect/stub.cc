#include "inspect/dwarf_dump.h"
namespace dovetail::inspect {
absl::Status dump_dwarf(const Member&, const DumpOptions&, DumpWriter&) { return absl::OkStatus(); }
}
