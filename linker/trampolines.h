// Where a call does not reach the function that it calls: a few instructions behind the caller, which go on from there.
//
// Only arm64 wants them, and only in code that is longer than a call reaches, or with -debugtramp=2. Which calls get
// one depends on addresses as they stand when the caller is laid out: what comes later is unknown, but for the
// caller's own package, which is laid out provisionally first, with the most detours that it might need. That order
// of decisions shows in the image, so this is cmd/link's procedure step by step (ld/data.go textaddress, trampoline;
// arm64/asm.go trampoline; Go 1.26). What it asks of relocations is gathered in parallel before.
#pragma once

#include "linker/place_text.h"

namespace dovetail::linker {

// Lays the functions of `text` out from `start` and puts detours between them: sets values and sections, makes symbols.
// Returns the end; `align` grows to that of the most aligned function.
uint64_t place_with_trampolines(Services& sv, Program& program, const loader::TextOrder& order, uint64_t start,
                                uint32_t function_align, uint8_t section, TextPlan* text, uint32_t* align);

}  // namespace dovetail::linker
