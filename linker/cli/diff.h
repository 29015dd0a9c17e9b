// Explains how two linked images differ. The command is diff_main (commands.h); this is what it is made of.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "linker/cli/diff_report.h"

namespace dovetail::linker::diff {

// Compares two images whose bytes are not all the same. Error: one of them is no ELF64 file.
absl::StatusOr<Report> compare_images(base::Bytes a, std::string name_a, base::Bytes b, std::string name_b,
                                      size_t limit);

}  // namespace dovetail::linker::diff
