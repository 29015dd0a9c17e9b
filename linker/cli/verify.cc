// `dovetail verify [--json] [--rules] FILE...`: whether objects, archives and images are as their formats say.
#include "inspect/verify.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "linker/cli/commands.h"

namespace dovetail::linker {
namespace {

using base::concat;
using inspect::Finding;

constexpr std::string_view kUsage =
    "usage: dovetail verify [--json] [--quiet] FILE...\n"
    "       dovetail verify --rules\n"
    "Looks whether goobj and dense objects, archives of them, and linked images keep the rules of their formats. Each "
    "line\n"
    "names file, member, rule, place and symbol.\n"
    "  --json   print one document, as docs/verify.schema.json describes it\n"
    "  --quiet  print findings only: no host objects, no last line that counts\n"
    "  --rules  print all rules\n"
    "Exit status: 0 no findings, 1 findings, 2 usage, or a file that cannot be read or is none of these.\n";

struct FileReport {
  std::string path, error;
  uint64_t members = 0;
  inspect::Findings findings;
};

void print(std::FILE* to, std::string_view text) { std::fwrite(text.data(), 1, text.size(), to); }

FileReport verify(const std::string& path) {
  FileReport report{.path = path};
  absl::StatusOr<base::MappedFile> file = base::MappedFile::open(path);
  if (!file.ok()) return report.error = std::string(file.status().message()), report;
  absl::StatusOr<uint64_t> members = inspect::verify_file(file->bytes(), &report.findings);
  if (members.ok())
    report.members = *members;
  else
    report.error = std::string(members.status().message());
  return report;
}

std::string text_of(const std::string& path, const Finding& f) {
  std::string line = path;
  if (!f.member.empty()) line += concat("(", f.member, ")");
  line += concat(": ", f.rule, ": ");
  if (!f.block.empty()) line += concat(f.block, ", ");
  if (f.offset != inspect::kNowhere) line += concat("offset ", f.offset, ", ");
  if (f.symbol != inspect::kNoSymbol) line += concat("symbol ", f.symbol, ", ");
  if (!f.name.empty()) line += concat(f.name, ", ");
  line.resize(line.size() - 2);
  return concat(line, ": ", f.text, "\n");
}

void print_text(const FileReport& report, bool quiet) {
  if (!report.error.empty()) return print(stderr, concat("dovetail verify: ", report.path, ": ", report.error, "\n"));
  for (const inspect::HostFile& h : report.findings.hosts()) {
    std::string member = h.member.empty() ? "" : concat("(", h.member, ")");
    if (!quiet) print(stdout, concat(report.path, member, ": ", h.description, ", not looked into\n"));
  }
  for (const Finding& f : report.findings.kept()) print(stdout, text_of(report.path, f));
  uint64_t more = report.findings.count() - report.findings.kept().size();
  if (more > 0) print(stdout, concat(report.path, ": and ", more, " more findings under these rules\n"));
}

nlohmann::ordered_json json_of(const FileReport& report) {
  using Json = nlohmann::ordered_json;
  Json findings = Json::array();
  for (const Finding& f : report.findings.kept()) {
    findings.push_back({{"member", f.member.empty() ? Json() : Json(f.member)},
                        {"rule", std::string(f.rule)},
                        {"block", f.block.empty() ? Json() : Json(f.block)},
                        {"offset", f.offset == inspect::kNowhere ? Json() : Json(f.offset)},
                        {"symbol", f.symbol == inspect::kNoSymbol ? Json() : Json(f.symbol)},
                        {"name", f.name.empty() ? Json() : Json(f.name)},
                        {"text", f.text}});
  }
  Json hosts = Json::array();
  for (const inspect::HostFile& h : report.findings.hosts()) {
    hosts.push_back({{"member", h.member.empty() ? Json() : Json(h.member)}, {"description", h.description}});
  }
  return {{"file", report.path},
          {"error", report.error.empty() ? Json() : Json(report.error)},
          {"members", report.members},
          {"host_objects", std::move(hosts)},
          {"findings", std::move(findings)},
          {"count", report.findings.count()}};
}

int print_rules() {
  static constexpr const char* kScopes[] = {"archive", "dense", "goobj", "object", "image", "pe"};
  for (const inspect::VerifyRule& rule : inspect::verify_rules()) {
    const char* scope = kScopes[static_cast<size_t>(rule.scope)];
    print(stdout, concat(scope, std::string(9 - std::string_view(scope).size(), ' '), rule.name,
                         std::string(rule.name.size() < 24 ? 24 - rule.name.size() : 1, ' '), rule.text, "\n"));
  }
  return 0;
}

}  // namespace

int verify_main(std::span<char* const> args) {
  bool json = false, quiet = false;
  std::vector<std::string> files;
  for (std::string_view word : args) {
    if (word == "--help") return print(stdout, kUsage), 0;
    if (word == "--rules") return print_rules();
    if (word == "--json")
      json = true;
    else if (word == "--quiet")
      quiet = true;
    else if (word.size() > 1 && word[0] == '-')
      return complain("verify", concat("unknown option ", word, "; dovetail verify --help lists them"));
    else
      files.emplace_back(word);
  }
  if (files.empty()) return complain("verify", "wanted a file");
  uint64_t members = 0, findings = 0;
  bool unreadable = false;
  nlohmann::ordered_json document = nlohmann::ordered_json::array();
  for (const std::string& path : files) {
    FileReport report = verify(path);
    members += report.members, findings += report.findings.count(), unreadable |= !report.error.empty();
    if (json)
      document.push_back(json_of(report));
    else
      print_text(report, quiet);
  }
  if (json)
    print(stdout, concat(document.dump(1, ' ', false, nlohmann::json::error_handler_t::replace), "\n"));
  else if (!quiet)
    print(stdout, concat(files.size(), " files, ", members, " objects and images, ", findings, " findings\n"));
  return unreadable ? 2 : findings != 0 ? 1 : 0;
}

}  // namespace dovetail::linker
