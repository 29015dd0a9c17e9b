// `dovetail verify`: whether a file is as the page on its format says, rule by rule. docs/dense-object-format.md and
// docs/inspection.md name the rules; verify_rules.cc lists them.
//
// What is looked at depends on the member: a goobj or dense object, the archive that it lies in, an ELF image. Rules
// that speak of places come first; where one of them is broken, those that follow its places are not asked, so that one
// damaged byte does not make a hundred findings.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/bytes.h"

namespace dovetail::inspect {

enum class RuleScope : uint8_t { kArchive, kDense, kGoobj, kObject, kImage, kPe };  // kObject: of either format; kPe: of images that are PE
struct VerifyRule {
  RuleScope scope;
  std::string_view name, text;
};
std::span<const VerifyRule> verify_rules();

inline constexpr uint64_t kNowhere = ~uint64_t{0};
inline constexpr uint32_t kNoSymbol = ~uint32_t{0};

struct Finding {
  std::string_view rule;        // its name
  std::string member;           // of an archive; "" for another file
  std::string block = {};       // or the section of an image; "" for the file as a whole
  uint64_t offset = kNowhere;   // in the block, else in the object or file
  uint32_t symbol = kNoSymbol;  // the object's own number of it
  std::string name = {};        // of the symbol or function
  std::string text = {};        // what was wanted, what was found
};

// Where a finding is; the rest is what it says.
struct FindingPlace {
  std::string_view block = {};
  uint64_t offset = kNowhere;
  uint32_t symbol = kNoSymbol;
  std::string_view name = {};
};

// An object of the system's formats, of which no more than headers are looked at.
struct HostFile {
  std::string member;  // of an archive; "" for another file
  std::string description;
};

// Findings of one file. Of each rule and member the first ones are kept, the others counted.
class Findings {
 public:
  void begin_member(std::string_view name) { member_ = name, of_rule_.clear(); }
  // REQUIRES: `rule` is one of verify_rules().
  void add(std::string_view rule, const FindingPlace& place, std::string text);
  void add_host(std::string description) { hosts_.push_back({member_, std::move(description)}); }
  uint64_t count() const { return count_; }
  const std::vector<Finding>& kept() const { return kept_; }
  const std::vector<HostFile>& hosts() const { return hosts_; }

 private:
  static constexpr uint32_t kKeptOfRule = 10;
  std::string member_;
  std::vector<uint32_t> of_rule_;  // findings of the member, by the rule's place in verify_rules()
  std::vector<Finding> kept_;
  std::vector<HostFile> hosts_;
  uint64_t count_ = 0;
};

// Returns how many members were looked at. An error: the file is none of those that can be verified.
absl::StatusOr<uint64_t> verify_file(base::Bytes file, Findings* findings);

// "want 3, have 5".
std::string want_have(uint64_t want, uint64_t have);

}  // namespace dovetail::inspect
