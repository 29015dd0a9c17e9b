// What `dovetail diff` found, and its two renderings.
//
// A report is a list of sections; each has counts (which are complete), notes (the causes: what is missing,
// where an order diverges) and findings (single differences, of which only the first `limit` are kept). A
// finding is one line of text, made so that grep finds it by section, by symbol or by field:
//
//   .text: main.work+0x2a (0x49f42a): call target: A=fmt.Println B=fmt.Printf
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace dovetail::linker::diff {

struct Finding {
  std::string where, field, a, b;
};

class SectionReport {
 public:
  SectionReport(std::string_view name, size_t limit) : name_(name), limit_(limit) {}

  // Counts one difference; true if the caller is to describe it with add(). Callers pass false for what they
  // do not want described, such as the fifth difference in one symbol.
  bool count(bool wanted = true) {
    total_++;
    return wanted && findings_.size() < limit_;
  }
  void add(std::string where, std::string field, std::string a, std::string b) {
    add({std::move(where), std::move(field), std::move(a), std::move(b)});
  }
  void add(Finding f) { findings_.push_back(std::move(f)); }
  // A cause or a summary. Callers bound the number of notes.
  void note(std::string text) { notes_.push_back(std::move(text)); }
  // Counts a word that differs only because what it points to lies elsewhere. Of these one example is shown:
  // true if the caller may give it with set_example().
  bool moved() { return moved_++ == 0; }
  void set_example(Finding f) { example_ = std::move(f); }
  void set_sizes(uint64_t a, uint64_t b, uint64_t differing) {
    size_a_ = a, size_b_ = b, differing_ = differing;
  }

  const std::string& name() const { return name_; }
  size_t limit() const { return limit_; }
  uint64_t total() const { return total_; }
  uint64_t moved_words() const { return moved_; }
  const Finding& example() const { return example_; }
  uint64_t size_a() const { return size_a_; }
  uint64_t size_b() const { return size_b_; }
  uint64_t differing() const { return differing_; }
  const std::vector<std::string>& notes() const { return notes_; }
  const std::vector<Finding>& findings() const { return findings_; }
  bool empty() const { return total_ == 0 && moved_ == 0 && notes_.empty() && differing_ == 0; }

 private:
  std::string name_;
  size_t limit_;
  uint64_t total_ = 0, moved_ = 0, size_a_ = 0, size_b_ = 0, differing_ = 0;
  std::vector<std::string> notes_;
  std::vector<Finding> findings_;
  Finding example_;
};

class Report {
 public:
  explicit Report(size_t limit) : limit_(limit) {}
  // The reference stays valid. Sections are shown in the order in which they were opened; empty ones are not.
  SectionReport& section(std::string_view name) { return sections_.emplace_back(name, limit_); }
  const std::deque<SectionReport>& sections() const { return sections_; }

  std::string name_a, name_b;
  uint64_t size_a = 0, size_b = 0, differing = 0;
  std::vector<std::string> notes;
  std::vector<std::string> problems;  // of the inputs, for stderr

  std::string to_text() const;
  std::string to_json() const;

 private:
  size_t limit_;
  std::deque<SectionReport> sections_;
};

}  // namespace dovetail::linker::diff
