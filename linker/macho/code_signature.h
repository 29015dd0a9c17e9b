// The ad-hoc signature without which macOS runs nothing on arm64: a hash of every page of the file before it.
// cmd/internal/codesign/codesign.go, Go 1.26.
#pragma once

#include <cstdint>

#include "base/file.h"
#include "base/parallel.h"

namespace dovetail::linker {

// Bytes of the signature of so many bytes of code.
uint64_t code_signature_size(uint64_t code_size);

// Hashes what stands in the file before `code_size` and writes the signature there. `text_size`: of the segment __TEXT,
// which begins the file. REQUIRES: these bytes are written.
void sign_code(base::ThreadPool& threads, base::OutputFile& file, uint64_t code_size, uint64_t text_size);

}  // namespace dovetail::linker
