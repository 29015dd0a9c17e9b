// A data segment that -D puts over what lies below it: what cmd/link writes then.
//
// It keeps the symbols of all data in one list, ordered by kind: read-only before writable before zeroed. A
// segment is written from the first symbol of that list on that lies at the segment's start or above, for as
// long as symbols end inside the segment (ld/data.go writeBlocks, Go 1.26). That is the segment's own symbols
// as long as addresses ascend along the list. Where they do not, a data segment below read-only data gets
// none of its symbols and usually stays zero; one that begins in the middle gets those read-only symbols that
// fit into it, and the read-only segment may lose its end; and where one kind follows upon the other within a
// segment, cmd/link finds itself out of step and stops. Where read-only data are part of the text segment, each of
// its sections is written so.
//
// Here the segments are written as usual, and then made what cmd/link makes of them.
#pragma once

#include <array>

#include "absl/functional/function_ref.h"
#include "linker/image.h"

namespace dovetail::linker {

// The bytes of each segment in the file; none of one that is not kept.
using SegmentBytes = std::array<base::MutableBytes, static_cast<size_t>(SegmentId::kCount)>;

// Rewrites `bytes` of read-only data and data if they overlap, or reports what cmd/link does. Calls `written_again` for
// symbols of the linker's own making of which cmd/link has no bytes any more when it comes upon them a second
// time (ld/outbuf.go WriteSym).
void rewrite_overlapping_data(Services& sv, const Program& program, const Image& image,
                              const SegmentBytes& bytes, absl::FunctionRef<void(SymId)> written_again);

}  // namespace dovetail::linker
