#include "inspect/build_info.h"

#include <algorithm>

namespace dovetail::inspect {
namespace {

constexpr std::string_view kMagic = "\xff Go buildinf:";
constexpr size_t kHeaderSize = 32, kFlagsAt = 15, kMarkSize = 16;
constexpr uint8_t kInline = 2;

// Moves behind a string with its length in front; "" if it does not fit.
std::string_view take_string(base::Bytes& rest) {
  const uint8_t* p = rest.data();
  uint64_t length = base::read_uleb(p, rest.data() + rest.size());
  auto head = static_cast<uint64_t>(p - rest.data());
  base::Bytes text = base::subrange(rest, head, length);
  rest = text.size() == length ? rest.subspan(head + length) : base::Bytes();
  return base::as_text(text);
}

std::string_view take_field(std::string_view& line, char separator = '\t') {
  size_t end = std::min(line.find(separator), line.size());
  std::string_view field = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return field;
}

void read_line(std::string_view line, BuildInfo* info) {
  std::string_view kind = take_field(line);
  if (kind == "path") {
    info->path = line;
  } else if (kind == "mod" || kind == "dep" || kind == "=>") {
    std::string_view path = take_field(line), version = take_field(line);
    info->modules.push_back({kind, path, version, take_field(line)});
  } else if (kind == "build") {
    std::string_view key = take_field(line, '=');
    info->settings.push_back({key, line});
  }
}

}  // namespace

absl::StatusOr<BuildInfo> read_build_info(const objfmt::ImageView& view) {
  const objfmt::ImageSection* section = view.find(".go.buildinfo");
  if (section == nullptr) return absl::NotFoundError("no section .go.buildinfo");
  base::Bytes bytes = section->bytes;
  if (bytes.size() < kHeaderSize || !base::as_text(bytes).starts_with(kMagic)) {
    return absl::DataLossError(".go.buildinfo does not begin with its magic");
  }
  if ((bytes[kFlagsAt] & kInline) == 0) {
    return absl::UnimplementedError(".go.buildinfo of a release before Go 1.18");
  }
  base::Bytes rest = bytes.subspan(kHeaderSize);
  BuildInfo info;
  info.go_version = take_string(rest);
  std::string_view modules = take_string(rest);
  if (modules.size() < 2 * kMarkSize + 1 || modules[modules.size() - kMarkSize - 1] != '\n') return info;
  modules = modules.substr(kMarkSize, modules.size() - 2 * kMarkSize);
  while (!modules.empty()) read_line(take_field(modules, '\n'), &info);
  return info;
}

}  // namespace dovetail::inspect
