#include "inspect/dump_writer.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "base/text.h"

namespace dovetail::inspect {
namespace {

constexpr size_t kBufferSize = 64 << 10, kTextBytes = 32;

// Control characters would be orders to a terminal.
std::string printable_line(std::string_view text) {
  std::string out;
  for (char c : text) {
    auto byte = static_cast<uint8_t>(c);
    if (byte < 0x20 || byte == 0x7f) absl::StrAppendFormat(&out, "\\x%02x", byte);
    else out += c;
  }
  return out;
}

}  // namespace

std::string json_string(std::string_view text) {
  using Json = nlohmann::json;
  return Json(std::string(text)).dump(-1, ' ', false, Json::error_handler_t::replace);
}

void DumpWriter::flush() {
  std::fwrite(out_.data(), 1, out_.size(), stdout);
  std::fflush(stdout);
  out_.clear();
}

void DumpWriter::indent() { out_.append(2 * depth_, ' '); }

void DumpWriter::end_line() {
  if (!open_line_) return;
  while (out_.ends_with(' ')) out_.pop_back();
  out_ += '\n';
  open_line_ = false;
}

// In front of an element of a list or a member of an object.
void DumpWriter::separate() {
  if (frames_.empty()) return;
  if (!frames_.back().first) out_ += ',';
  frames_.back().first = false;
}

void DumpWriter::member(std::string_view key) {
  separate();
  if (!key.empty()) out_ += base::concat(json_string(key), ":");
}

void DumpWriter::begin_list(std::string_view key, std::string_view heading) {
  Frame frame{Level::kList};
  if (json_) {
    member(key);
    out_ += '[';
  } else if (!heading.empty()) {
    end_line();
    indent();
    out_ += base::concat(heading, "\n");
    frame.headed = true;
    depth_++;
  }
  frames_.push_back(frame);
}

void DumpWriter::end_list() {
  if (json_) out_ += frames_.size() == 1 ? "\n]\n" : "]";
  else end_line();
  if (frames_.back().headed) depth_--;
  frames_.pop_back();
}

void DumpWriter::begin_row() {
  if (json_) {
    separate();
    // One line for each row of the outer lists, for those who look at it.
    if (frames_.size() <= 3) out_ += '\n';
    out_ += '{';
  } else {
    end_line();
  }
  frames_.push_back({Level::kRow});
  if (!json_) depth_++;
}

void DumpWriter::end_row() {
  if (json_) out_ += '}';
  else end_line(), depth_--;
  frames_.pop_back();
  if (out_.size() > kBufferSize) flush();
}

void DumpWriter::begin_block(std::string_view key, std::string_view heading) {
  if (json_) {
    member(key);
    out_ += '{';
  } else {
    end_line();
    indent();
    out_ += base::concat(heading, "\n");
    depth_++;
  }
  frames_.push_back({Level::kBlock});
}

void DumpWriter::end_block() {
  if (json_) out_ += '}';
  else end_line(), depth_--;
  frames_.pop_back();
}

void DumpWriter::cell(std::string_view key, std::string_view value, bool blank, Show show) {
  if (show.form == Show::kHidden || (show.form == Show::kLabelled && blank)) return;
  std::string text = base::concat(show.before, show.form == Show::kLabelled ? key : std::string_view(),
                                  show.form == Show::kLabelled && !value.empty() ? " " : "", value);
  bool own_line = frames_.back().level == Level::kBlock;
  if (own_line) {
    end_line();
    indent();
  } else if (open_line_) {
    out_ += "  ";
  } else {
    // The row's own line stands a step to the left of what belongs to it.
    out_.append(2 * (depth_ - 1), ' ');
  }
  open_line_ = true;
  size_t width = static_cast<size_t>(show.width < 0 ? -show.width : show.width);
  size_t fill = text.size() < width ? width - text.size() : 0;
  if (show.width > 0) out_.append(fill, ' ');
  out_ += text;
  if (show.width < 0) out_.append(fill, ' ');
}

void DumpWriter::text(std::string_view key, std::string_view value, Show show) {
  if (json_) return member(key), void(out_ += json_string(value));
  cell(key, printable_line(value), value.empty(), show);
}

void DumpWriter::number(std::string_view key, int64_t value, Show show) {
  if (json_) return member(key), void(out_ += std::to_string(value));
  cell(key, std::to_string(value), value == 0, show);
}

void DumpWriter::hex(std::string_view key, uint64_t value, Show show) {
  if (json_) return member(key), void(out_ += std::to_string(value));
  cell(key, absl::StrFormat("0x%x", value), value == 0, show);
}

void DumpWriter::flag(std::string_view key, bool value, Show show) {
  if (json_) return member(key), void(out_ += value ? "true" : "false");
  cell(key, "", !value, show);
}

void DumpWriter::null(std::string_view key) {
  if (json_) member(key), out_ += "null";
}

void DumpWriter::words(std::string_view key, const std::vector<std::string_view>& values, Show show) {
  std::string all;
  for (std::string_view v : values) {
    all += base::concat(all.empty() ? "" : ",", json_ ? json_string(v) : std::string(v));
  }
  if (json_) return member(key), void(out_ += base::concat("[", all, "]"));
  cell(key, all, values.empty(), show);
}

void DumpWriter::bytes(std::string_view key, base::Bytes value, Show show) {
  std::string all = absl::BytesToHexString(base::to_absl(base::as_text(
      json_ ? value : value.first(std::min(value.size(), kTextBytes)))));
  if (json_) return member(key), void(out_ += base::concat("\"", all, "\""));
  if (value.size() > kTextBytes) all += base::concat("… (", value.size(), " bytes)");
  cell(key, all, value.empty(), show);
}

void DumpWriter::line(std::string_view text) {
  if (json_) return;
  end_line();
  indent();
  out_ += base::concat(text, "\n");
}

}  // namespace dovetail::inspect
