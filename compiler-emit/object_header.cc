#include "compiler-emit/object_header.h"

#include "base/text.h"
#include "compiler-emit/byte_sink.h"
#include "objfmt/archive.h"

namespace dovetail::emit {
namespace {

constexpr std::string_view kStart = "go object ", kTextEnd = "\n!\n";

// The next word, which is taken off `rest`.
std::string_view take_word(std::string_view& rest) {
  size_t end = rest.find(' ');
  std::string_view word = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return word;
}

bool has_experiment(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    size_t end = list.find(',');
    if (list.substr(0, end) == name) return true;
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
  }
  return false;
}

}  // namespace

absl::StatusOr<ObjectHeader> parse_object_header(std::string_view line) {
  auto wrong = [&](std::string_view what) {
    return absl::InvalidArgumentError(base::concat("object header \"", line, "\": ", what));
  };
  if (line.find('\n') != std::string_view::npos) return wrong("has a newline");
  if (!line.starts_with(kStart)) return wrong("does not begin with \"go object \"");
  std::string_view rest = line.substr(kStart.size());
  ObjectHeader h;
  h.line = line;
  h.goos = take_word(rest);
  h.goarch = take_word(rest);
  h.version = take_word(rest);
  if (h.goos.empty() || h.goarch.empty() || h.version.empty())
    return wrong("does not name GOOS, GOARCH and version");
  std::string_view last;
  while (!rest.empty()) last = take_word(rest);
  if (!last.starts_with("X:")) return wrong("does not end with the experiments, X:...");
  h.dwarf5 = has_experiment(last.substr(2), "dwarf5");
  if (h.goarch == "amd64")
    h.quantum = 1;
  else if (h.goarch == "arm64")
    h.quantum = 4;
  else
    return wrong("only amd64 and arm64 are known");
  return h;
}

absl::StatusOr<std::string> header_line_of(base::Bytes file) {
  auto line_of = [](base::Bytes object) {
    std::string_view text = base::as_text(object);
    return text.starts_with(kStart) ? text.substr(0, text.find('\n')) : std::string_view();
  };
  if (!objfmt::is_archive(file)) {
    if (std::string_view line = line_of(file); !line.empty()) return std::string(line);
  } else {
    objfmt::ArchiveReader reader(file);
    while (std::optional<objfmt::ArchiveMember> member = reader.next()) {
      if (std::string_view line = line_of(member->contents); !line.empty()) return std::string(line);
    }
  }
  return absl::InvalidArgumentError("holds no Go object: no \"go object\" line");
}

std::vector<uint8_t> wrap_object(const ObjectHeader& header, std::vector<uint8_t> object,
                                 Container container) {
  if (container == Container::kBare) return object;
  std::vector<uint8_t> text;
  put_text(text, header.line);
  put_text(text, kTextEnd);
  std::vector<uint8_t> out;
  if (container == Container::kArchive) {
    // Name 16, date 12, owner 6, group 6, mode 8, size 10 bytes, as cmd/internal/archive writes them.
    std::string head = "!<arch>\n_go_.o          0           0     0     644     ";
    std::string size = std::to_string(text.size() + object.size());
    size.resize(10, ' ');
    put_text(out, head + size + "`\n");
  }
  put_bytes(out, text);
  put_bytes(out, object);
  if (container == Container::kArchive && out.size() % 2 != 0) out.push_back(0);
  return out;
}

}  // namespace dovetail::emit
