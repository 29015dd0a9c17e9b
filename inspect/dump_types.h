// One Go type descriptor, field by field.
#pragma once

#include <string>

#include "absl/functional/function_ref.h"
#include "inspect/dump_writer.h"
#include "inspect/go_tables.h"

namespace dovetail::inspect {

// What a field refers to, "" for nothing.
using FieldMeaning = absl::FunctionRef<std::string(const TypeField& field, uint64_t value)>;

// A list "fields" in the row that is open. `type` lies at `address`; what it says of its own size is not believed.
void dump_type_fields(base::Bytes type, uint64_t address, FieldMeaning meaning, DumpWriter& w);

}  // namespace dovetail::inspect
