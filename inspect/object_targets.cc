#include "inspect/object_targets.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_format.h"
#include "base/text.h"
#include "objfmt/relocate.h"

namespace dovetail::inspect {
namespace {

using objfmt::Reloc;

constexpr uint64_t kGap = 64;  // of symbols that nothing refers into; keeps the rest aligned for any load

// Of an object there are no facts of the image, and what cannot be applied is left as it is (`verify` tells of it).
struct NoImage {
  int64_t tls_offset() const { return 0; }
  uint64_t image_base() const { return 0; }
  bool local_thread_data() const { return false; }
  bool addresses_in_code() const { return true; }
  bool section_base(uint64_t* base) const { return *base = 0, true; }
  uint64_t target_size() const { return 0; }
  void address_in_code() const {}
  void address_too_big(int64_t) const {}
  void not_internal() const {}
  void no_thread_offset() const {}
  void bad_size() const {}
  void unknown() const {}
  void wrong(const std::string&) const {}
  void too_big(int64_t, bool) const {}
};

bool inside(const Reloc& r, size_t size) {
  return r.size != 0 && r.offset >= 0 && static_cast<uint64_t>(r.offset) + r.size <= size;
}

}  // namespace

ObjectTargets::ObjectTargets(const DumpObject& object, uint32_t function, InstructionReader& reader) {
  base::Bytes raw = object.view.data(function);
  std::vector<uint8_t> code(raw.begin(), raw.end());
  std::string own = object.names.symbol(function);
  // How far into each symbol the code refers.
  std::vector<std::pair<Reloc, std::string>> relocs;
  absl::flat_hash_map<std::string, uint64_t> reach;
  std::vector<std::string> names;  // by first use
  for (Reloc r : object.view.relocs(function)) {
    if (!inside(r, code.size())) continue;
    std::string name = object.names.target(r.target);
    if (name.empty()) continue;
    auto [it, fresh] = reach.try_emplace(name, 0);
    if (fresh && name != own) names.push_back(name);
    it->second = std::max<uint64_t>(it->second, static_cast<uint64_t>(std::clamp<int64_t>(r.addend, 0, INT32_MAX)));
    relocs.emplace_back(r, std::move(name));
  }
  ranges_.push_back({0, std::max<uint64_t>(code.size(), 1), own});
  absl::flat_hash_map<std::string, uint64_t> address = {{own, 0}};
  uint64_t at = base::round_up(ranges_[0].end, kGap);
  for (const std::string& name : names) {
    uint64_t end = base::round_up(at + reach[name] + 1, kGap);
    ranges_.push_back({at, end, name});
    address[name] = at;
    at = end;
  }
  for (const auto& [r, name] : relocs) {
    objfmt::Fixup fixup = {r.kind, r.size, static_cast<uint64_t>(r.offset), r.addend, address[name]};
    if (object.is_arm64) {
      objfmt::apply_fixup<objfmt::Arm64Fixups>(code, 0, fixup, NoImage());
    } else {
      objfmt::apply_fixup<objfmt::Amd64Fixups>(code, 0, fixup, NoImage());
    }
  }
  reader.start(code, 0);
  Instruction in;
  while (reader.next(&in)) {
    if (in.target) references_.push_back({in.address, *in.target});
  }
}

std::optional<std::string> ObjectTargets::at(uint64_t pc) {
  while (next_ < references_.size() && references_[next_].pc < pc) next_++;
  if (next_ == references_.size() || references_[next_].pc != pc) return std::nullopt;
  return describe(references_[next_].address);
}

std::optional<std::string> ObjectTargets::describe(uint64_t address) const {
  auto range = std::upper_bound(ranges_.begin(), ranges_.end(), address, [](uint64_t a, const Range& r) { return a < r.end; });
  if (range == ranges_.end() || address < range->begin) return std::nullopt;
  if (address == range->begin) return range->name;
  return range->name + absl::StrFormat("+%#x", address - range->begin);
}

}  // namespace dovetail::inspect
