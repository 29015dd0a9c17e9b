// Lists of lists of strings in JSON: what encoding/json makes of them, and what it says about anything else.
// The directives of cgo stand in archives like that, and cmd/link prints its complaint.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dovetail::loader {

// Decodes the first value of `text`; what follows it is not looked at. Returns "", or the error that Go's
// json.Decoder.Decode gives for a [][]string (Go 1.26, without GOEXPERIMENT=jsonv2).
std::string decode_string_lists(std::string_view text, std::vector<std::vector<std::string>>* lists);

}  // namespace dovetail::loader
