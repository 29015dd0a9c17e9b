#include "linker/cli/diff_report.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace dovetail::linker::diff {
namespace {

using Json = nlohmann::ordered_json;

Json finding_json(const Finding& f) {
  if (f.where.empty()) return nullptr;
  return Json{{"where", f.where}, {"field", f.field}, {"a", f.a}, {"b", f.b}};
}

}  // namespace

std::string Report::to_text() const {
  std::string out = absl::StrFormat("A %s: %d bytes\nB %s: %d bytes\n", name_a, size_a, name_b, size_b);
  for (const std::string& note : notes) absl::StrAppend(&out, note, "\n");
  absl::StrAppendFormat(&out, "%d bytes differ\n\n%-28s %12s %12s %12s %10s %10s\n", differing, "section",
                        "size A", "size B", "bytes differ", "findings", "moved");
  for (const SectionReport& s : sections_) {
    if (s.empty()) continue;
    absl::StrAppendFormat(&out, "%-28s %12d %12d %12d %10d %10d\n", s.name(), s.size_a(), s.size_b(),
                          s.differing(), s.total(), s.moved_words());
  }
  for (const SectionReport& s : sections_) {
    if (s.empty()) continue;
    out += "\n";
    for (const std::string& note : s.notes()) absl::StrAppend(&out, s.name(), ": ", note, "\n");
    for (const Finding& f : s.findings()) {
      absl::StrAppend(&out, s.name(), ": ", f.where, ": ", f.field, ": A=", f.a, " B=", f.b, "\n");
    }
    if (s.total() > s.findings().size()) {
      absl::StrAppend(&out, s.name(), ": and ", s.total() - s.findings().size(),
                      " more (--limit=0 shows all)\n");
    }
    if (s.moved_words() > 0) {
      absl::StrAppend(&out, s.name(), ": ", s.moved_words(),
                      " words differ only because their targets moved");
      const Finding& f = s.example();
      if (!f.where.empty())
        absl::StrAppend(&out, ", such as ", f.where, ": ", f.field, ": A=", f.a, " B=", f.b);
      out += "\n";
    }
    if (s.total() == 0 && s.moved_words() == 0 && s.notes().empty()) {
      absl::StrAppend(&out, s.name(), ": bytes differ, no difference in meaning found\n");
    }
  }
  return out;
}

std::string Report::to_json() const {
  Json sections = Json::array();
  for (const SectionReport& s : sections_) {
    if (s.empty()) continue;
    Json findings = Json::array();
    for (const Finding& f : s.findings()) findings.push_back(finding_json(f));
    sections.push_back(Json{{"section", s.name()},
                            {"size_a", s.size_a()},
                            {"size_b", s.size_b()},
                            {"bytes_differ", s.differing()},
                            {"differences", s.total()},
                            {"moved_words", s.moved_words()},
                            {"moved_example", finding_json(s.example())},
                            {"notes", s.notes()},
                            {"findings", findings}});
  }
  Json root{{"a", {{"file", name_a}, {"size", size_a}}},
            {"b", {{"file", name_b}, {"size", size_b}}},
            {"bytes_differ", differing},
            {"notes", notes},
            {"problems", problems},
            {"sections", sections}};
  return root.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace dovetail::linker::diff
