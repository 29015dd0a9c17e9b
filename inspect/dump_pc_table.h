// A pc table as a line of the text, or a list of steps in JSON.
#pragma once

#include <string>

#include "absl/functional/function_ref.h"
#include "inspect/dump_writer.h"
#include "inspect/pc_table.h"

namespace dovetail::inspect {

// Inside a list: a row with the table's name and its steps. `meaning`: what a value stands for (a file), or "".
void dump_pc_table(std::string_view name, PcTable table, absl::FunctionRef<std::string(int32_t)> meaning,
                   DumpWriter& w);

}  // namespace dovetail::inspect
