// What the operating system that a program is for decides before anything is read: the kind of file, and the
// addresses that flags leave open.
#pragma once

#include <cstdint>
#include <string_view>

namespace dovetail::loader {

enum class FileFormat : uint8_t { kElf, kMachO, kPe };

// cmd/link internal/amd64/obj.go and internal/arm64/obj.go archinit, ld/pe.go Peinit, ld/data.go dodata, Go 1.26.
struct Platform {
  std::string_view goos, goarch;
  FileFormat format;
  uint64_t rounding;     // of segments in memory, without -R
  uint64_t image_base;   // below which nothing is; rounded up to -R
  uint64_t header_size;  // bytes of the file before the text
  uint64_t text_offset;  // of the text from the image's base, without -T
  bool rodata_segment;   // read-only data has a segment of its own; else it stands behind the code, in that segment
  bool text_build_id;    // -buildid is the first function, go:buildid; else it is a note
  uint64_t file_rounding;   // of segments and debug sections in the file; 0: segments as in memory
  int64_t tls_offset;       // of runtime.tlsg from the thread pointer
  bool pie_only;            // -buildmode=exe is pie
  bool zdebug;              // a compressed debug section has a name and a header of its own; else ELF's header
  bool resources;           // objects with resources can be linked
  bool late_addresses;      // -T and -R have no defaults until inputs are loaded
  // Of a position-independent image: read-only data that holds addresses is written once, when the image is loaded, so
  // it has a segment of its own; and the prefix of its sections' names (empty: the names stay).
  bool relro;
  std::string_view relro_prefix;
  uint8_t head_number;      // cmd/internal/objabi/head.go
  std::string_view output;  // without -o
  bool call_line_data4;     // in debug information, lines of inlined calls have four bytes; cmd/internal/dwarf/dwarf.go
};

// nullptr if we do not link for it.
const Platform* find_platform(std::string_view goos, std::string_view goarch);

}  // namespace dovetail::loader
