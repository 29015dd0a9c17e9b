#include "inspect/verify.h"

#include <memory>

#include "base/text.h"
#include "inspect/host_object.h"
#include "inspect/members.h"
#include "inspect/verify_archive.h"
#include "inspect/verify_dense.h"
#include "inspect/verify_image.h"
#include "inspect/verify_object.h"
#include "objfmt/archive.h"

namespace dovetail::inspect {
namespace {

using base::concat;

// False if the object is not worth asking further.
bool verify_dense(base::Bytes object, Findings* findings) {
  uint64_t before = findings->count();
  if (!verify_dense_layout(object, findings)) return false;
  using objfmt::dense::View;
  absl::StatusOr<View> view = View::parse(object);
  std::vector<std::unique_ptr<uint8_t[]>> storage;
  absl::Status opened = view.ok() ? view->decompress(storage) : view.status();
  if (!opened.ok()) {
    findings->add(view.ok() ? "zstd.frame" : "object.open", {}, std::string(opened.message()));
    return false;
  }
  verify_dense_columns(*view, findings);
  verify_dense_names(*view, findings);
  if (findings->count() != before) return false;
  verify_dense_streams(*view, findings);
  if (findings->count() != before) return false;
  verify_dense_families(*view, findings);
  if (findings->count() != before) return false;
  verify_dense_canonical(*view, findings);
  return findings->count() == before;
}

void verify_object(const Member& member, Findings* findings) {
  bool good =
      member.kind == MemberKind::kDense ? verify_dense(member.object, findings) : verify_goobj(member.object, findings);
  if (!good) return;
  absl::StatusOr<objfmt::AnyView> view = objfmt::AnyView::parse(member.object);
  if (!view.ok()) return findings->add("object.open", {}, std::string(view.status().message()));
  uint64_t before = findings->count();
  verify_references(*view, findings);
  if (findings->count() != before) return;
  verify_functions(*view, base::as_text(member.text), findings);
  verify_content_hashes(*view, findings);
}

// The rule's place in verify_rules().
size_t rule_number(std::string_view name) {
  std::span<const VerifyRule> rules = verify_rules();
  size_t n = 0;
  while (n + 1 < rules.size() && rules[n].name != name) n++;
  return n;
}

}  // namespace

std::string want_have(uint64_t want, uint64_t have) { return concat("want ", want, ", have ", have); }

void Findings::add(std::string_view rule, const FindingPlace& place, std::string text) {
  count_++;
  size_t number = rule_number(rule);
  of_rule_.resize(verify_rules().size());
  if (of_rule_[number]++ >= kKeptOfRule) return;
  kept_.push_back({rule, member_, std::string(place.block), place.offset, place.symbol,
                   std::string(place.name.substr(0, 200)), std::move(text)});
}

absl::StatusOr<uint64_t> verify_file(base::Bytes file, Findings* findings) {
  findings->begin_member("");
  if (objfmt::is_archive(file)) verify_archive(file, findings);
  absl::StatusOr<std::vector<Member>> members = list_members(file);
  // An archive whose headers are wrong has been complained of.
  if (!members.ok()) return findings->count() == 0 ? absl::StatusOr<uint64_t>(members.status()) : 0;
  for (const Member& member : *members) {
    findings->begin_member(member.name);
    if (member.kind == MemberKind::kHost)
      findings->add_host(describe_host_object(member.object));
    else if (member.kind == MemberKind::kImage)
      verify_image(member.object, findings);
    else
      verify_object(member, findings);
  }
  return members->size();
}

}  // namespace dovetail::inspect
