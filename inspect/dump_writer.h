// The text and the JSON of `dovetail dump`, of one sequence of calls: rows of cells, in lists, in rows.
//
// In JSON a row is an object, a cell a member of it, a list a member that is an array; every cell is there whatever its
// value. In text a row is one line, indented by its depth; a cell with a label prints it before the value and is left
// out when it says nothing (zero, empty, false); lists follow on the lines below. A block is an object of which the
// text gives each cell a line of its own.
//
// What is written goes to stdout when there is much of it, so that memory does not grow with the file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace dovetail::inspect {

// How the text shows a cell.
struct Show {
  enum Form : uint8_t { kValue, kLabelled, kHidden };
  Form form = kLabelled;
  int width = 0;  // of the value, filled with spaces; negative: to the left
  const char* before = "";
  static constexpr Show value(int width = 0, const char* before = "") { return {kValue, width, before}; }
  static constexpr Show hidden() { return {kHidden, 0, ""}; }
};

class DumpWriter {
 public:
  explicit DumpWriter(bool json) : json_(json) {}

  bool json() const { return json_; }

  // All rows stand in a list. `heading` is a line of the text; none if it is empty.
  void begin_list(std::string_view key, std::string_view heading);
  void end_list();
  void begin_row();
  void end_row();
  void begin_block(std::string_view key, std::string_view heading);
  void end_block();

  void text(std::string_view key, std::string_view value, Show show = {});
  void number(std::string_view key, int64_t value, Show show = {});
  // Text: 0x….
  void hex(std::string_view key, uint64_t value, Show show = {});
  // Text: the label.
  void flag(std::string_view key, bool value, Show show = {});
  // JSON: null. Text: nothing.
  void null(std::string_view key);
  // JSON: an array of strings. Text: separated by commas.
  void words(std::string_view key, const std::vector<std::string_view>& values, Show show = {});
  // JSON: a string of hexadecimal digits. Text: the same, or its first 32 bytes.
  void bytes(std::string_view key, base::Bytes value, Show show = {});
  // A line of the text alone.
  void line(std::string_view text);

  void flush();

 private:
  enum class Level : uint8_t { kList, kRow, kBlock };
  struct Frame {
    Level level;
    bool first = true;     // nothing written yet
    bool headed = false;   // its heading took a step of indentation
  };
  void member(std::string_view key);
  void separate();
  void cell(std::string_view key, std::string_view value, bool blank, Show show);
  void end_line();
  void indent();

  bool json_, open_line_ = false;
  size_t depth_ = 0;  // of the text
  std::vector<Frame> frames_;
  std::string out_;
};

// A JSON string literal. Bytes that are no UTF-8 become U+FFFD.
std::string json_string(std::string_view text);

}  // namespace dovetail::inspect
