#include "inspect/verify_archive.h"

#include "base/text.h"
#include "objfmt/archive.h"

namespace dovetail::inspect {
namespace {

using base::concat;

// A member's header: name 16, date 12, user 6, group 6, mode 8, size 10, "`\n" 2 bytes.
constexpr uint64_t kHeaderSize = 60;
struct Field {
  const char* name;
  uint64_t at, size;
  int base;
};
constexpr Field kFields[] = {
    {"date", 16, 12, 10}, {"user", 28, 6, 10}, {"group", 34, 6, 10}, {"mode", 40, 8, 8}, {"size", 48, 10, 10}};

// Digits, then spaces.
bool is_number(std::string_view text, int radix) {
  size_t digits = text.find_first_not_of(radix == 8 ? "01234567" : "0123456789");
  if (digits == std::string_view::npos) return true;
  return digits != 0 && text.find_first_not_of(' ', digits) == std::string_view::npos;
}

}  // namespace

void verify_archive(base::Bytes file, Findings* findings) {
  objfmt::ArchiveReader reader(file);
  uint64_t end = objfmt::kArchiveHeadSize - kHeaderSize;
  while (auto member = reader.next()) {
    uint64_t header = member->offset - kHeaderSize;
    std::string name(member->name);
    auto add = [&](std::string_view rule, uint64_t at, std::string text) {
      findings->add(rule, {.block = "archive", .offset = at}, concat("member ", name, ": ", text));
    };
    for (uint64_t at = end; at < header; at++) {
      if (file[at] != 0 && file[at] != '\n')
        add("archive.padding", at, concat("byte ", file[at], " in front of its header"));
    }
    if (base::as_text(file.subspan(header + 58, 2)) != "`\n") {
      add("archive.header", header + 58, "no end of a header");
      return;
    }
    for (const Field& f : kFields) {
      std::string_view text = base::as_text(file.subspan(header + f.at, f.size));
      if (!is_number(text, f.base)) add("archive.field", header + f.at, concat(f.name, " is no number"));
    }
    if (reader.truncated())
      return add("archive.size", header + 48, want_have(file.size() - member->offset, member->size));
    end = member->offset + member->size;
  }
  uint64_t rest = file.size() - end;
  if (rest > end % 2)
    findings->add("archive.end", {.block = "archive", .offset = end}, concat(rest, " bytes behind the last member"));
}

}  // namespace dovetail::inspect
