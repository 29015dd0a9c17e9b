// What holds of an object in either format: where references lead, what functions' tables say, content hashes.
#pragma once

#include <string_view>

#include "inspect/verify.h"
#include "objfmt/any_view.h"

namespace dovetail::inspect {

// What goobj alone can get wrong. False if the object cannot be looked at further.
bool verify_goobj(base::Bytes object, Findings* findings);

// `text` stands in front of the object and tells its GOARCH. REQUIRES: the object has no findings of its format's own
// rules.
void verify_references(const objfmt::AnyView& view, Findings* findings);
void verify_functions(const objfmt::AnyView& view, std::string_view text, Findings* findings);
void verify_content_hashes(const objfmt::AnyView& view, Findings* findings);

// The symbol of this object that a reference means; kNoSymbol if it means none.
uint32_t local_index(const objfmt::AnyView& view, objfmt::SymRef ref);

}  // namespace dovetail::inspect
