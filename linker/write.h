// One sweep over the image: every byte of code and data is copied, relocated and left alone.
//
// The output is cut into ranges of about the same number of bytes; a range is done by
// one thread, its symbols in address order: copy, relocate while in cache, pad the gap.
#pragma once

#include "linker/place_text.h"
#include "linker/relocate.h"
#include "loader/emit_job.h"

namespace dovetail::linker {

// Fills the segments' bytes in `file` (zero before). `interior`: symbols with addresses that are in no section's list,
// since they lie within others. `jobs` write what passes write themselves.
template <class Arch>
void write_segments(Services& sv, const RelocContext& context, const TextPlan& text, std::span<const SymId> interior,
                    const std::vector<loader::EmitJob>& jobs, base::MutableBytes file);

}  // namespace dovetail::linker
