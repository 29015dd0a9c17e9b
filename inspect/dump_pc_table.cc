#include "inspect/dump_pc_table.h"

#include "absl/strings/str_format.h"

namespace dovetail::inspect {

void dump_pc_table(std::string_view name, PcTable table, absl::FunctionRef<std::string(int32_t)> meaning,
                   DumpWriter& w) {
  w.begin_row();
  w.text("name", name, Show::value(-12));
  if (w.json()) w.begin_list("steps", "");
  std::string steps;
  while (table.next()) {
    std::string means = meaning(table.value());
    if (w.json()) {
      w.begin_row();
      w.number("begin", static_cast<int64_t>(table.begin()));
      w.number("end", static_cast<int64_t>(table.end()));
      w.number("value", table.value());
      w.text("meaning", means);
      w.end_row();
    } else {
      absl::StrAppendFormat(&steps, "%s0x%x-0x%x %s", steps.empty() ? "" : ", ", table.begin(), table.end(),
                            means.empty() ? std::to_string(table.value()) : means);
    }
  }
  if (w.json()) w.end_list();
  else w.text("steps", steps, Show::value());
  w.end_row();
}

}  // namespace dovetail::inspect
