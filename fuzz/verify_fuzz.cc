// dovetail verify and dovetail size, of any file.
#include "fuzz/fuzz.h"
#include "inspect/size.h"
#include "inspect/verify.h"

using namespace dovetail;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  base::Bytes file(data, size);
  inspect::Findings findings;
  absl::StatusOr<uint64_t> members = inspect::verify_file(file, &findings);
  if (!members.ok()) fuzz::require(!members.status().message().empty(), "a refusal has a message");
  for (const inspect::Finding& f : findings.kept()) fuzz::require(!f.text.empty(), "a finding says what was found");
  for (inspect::SizeBy by : {inspect::SizeBy::kBlock, inspect::SizeBy::kPackage, inspect::SizeBy::kSymbol}) {
    inspect::SizeTable table, expanded;
    if (!inspect::measure_file(file, by, &table, &expanded).ok()) continue;
    uint64_t total = 0;
    for (const inspect::SizeRow& row : table.rows()) total += row.bytes;
    fuzz::require(total == size, "sizes add up");
  }
  return 0;
}
