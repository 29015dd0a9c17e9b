#include "loader/platform.h"

namespace dovetail::loader {
namespace {

constexpr Platform kPlatforms[] = {
    {.goos = "linux", .goarch = "amd64", .format = FileFormat::kElf, .rounding = 0x1000, .image_base = 0x400000,
     .header_size = 0x1000, .text_offset = 0x1000, .rodata_segment = true, .text_build_id = false, .file_rounding = 0, .tls_offset = -8,
     .pie_only = false, .zdebug = false, .resources = false, .late_addresses = false, .relro = true, .relro_prefix = ".data.rel.ro",
     .head_number = 5, .output = "a.out", .call_line_data4 = false},
    {.goos = "linux", .goarch = "arm64", .format = FileFormat::kElf, .rounding = 0x10000, .image_base = 0x10000,
     .header_size = 0x1000, .text_offset = 0x1000, .rodata_segment = true, .text_build_id = false, .file_rounding = 0, .tls_offset = -8,
     .pie_only = false, .zdebug = false, .resources = false, .late_addresses = false, .relro = true, .relro_prefix = ".data.rel.ro",
     .head_number = 5, .output = "a.out", .call_line_data4 = false},
    {.goos = "darwin", .goarch = "amd64", .format = FileFormat::kMachO, .rounding = 0x1000, .image_base = 0x1000000,
     .header_size = 0x1000, .text_offset = 0x1000, .rodata_segment = false, .text_build_id = true, .file_rounding = 0, .tls_offset = 0x30,
     .pie_only = false, .zdebug = true, .resources = false, .late_addresses = false, .relro = true, .relro_prefix = "",
     .head_number = 1, .output = "a.out", .call_line_data4 = true},
    {.goos = "darwin", .goarch = "arm64", .format = FileFormat::kMachO, .rounding = 0x4000, .image_base = 0x100000000,
     .header_size = 0x1000, .text_offset = 0x1000, .rodata_segment = false, .text_build_id = true, .file_rounding = 0, .tls_offset = 0,
     .pie_only = true, .zdebug = true, .resources = false, .late_addresses = false, .relro = true, .relro_prefix = "",
     .head_number = 1, .output = "a.out", .call_line_data4 = true},
    {.goos = "windows", .goarch = "amd64", .format = FileFormat::kPe, .rounding = 0x1000, .image_base = 0x140000000,
     .header_size = 0x600, .text_offset = 0x1000, .rodata_segment = true, .text_build_id = true, .file_rounding = 0x200, .tls_offset = 0,
     .pie_only = false, .zdebug = true, .resources = true, .late_addresses = true, .relro = false, .relro_prefix = "",
     .head_number = 11, .output = "a.out.exe", .call_line_data4 = false},
    {.goos = "windows", .goarch = "arm64", .format = FileFormat::kPe, .rounding = 0x1000, .image_base = 0x140000000,
     .header_size = 0x600, .text_offset = 0x1000, .rodata_segment = true, .text_build_id = true, .file_rounding = 0x200, .tls_offset = 0,
     .pie_only = true, .zdebug = true, .resources = true, .late_addresses = true, .relro = false, .relro_prefix = "",
     .head_number = 11, .output = "a.out.exe", .call_line_data4 = false},
};

}  // namespace

const Platform* find_platform(std::string_view goos, std::string_view goarch) {
  for (const Platform& p : kPlatforms) {
    if (p.goos == goos && p.goarch == goarch) return &p;
  }
  return nullptr;
}

}  // namespace dovetail::loader
