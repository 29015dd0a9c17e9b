#include "linker/trampolines.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_format.h"

namespace dovetail::linker {
namespace {

constexpr uint64_t kOrder = uint64_t{1} << 40;
constexpr int64_t kReach = int64_t{1} << 27;
constexpr uint32_t kTrampolineSize = 12;
constexpr uint64_t kGrain = 256;
constexpr uint32_t kNoLibrary = ~0u;

struct Call {
  SymId target;  // kNil: dead or undefined; counts, but gets no detour
  int32_t offset;
  int64_t addend;
};

bool reaches(uint64_t from, uint64_t to) {
  auto far = static_cast<int64_t>(to - from);
  return far >= -kReach && far < kReach;
}

class Placer {
 public:
  Placer(Services& sv, Program& program, const loader::TextOrder& order, uint32_t function_align, uint8_t section,
         TextPlan* text)
      : sv_(sv), p_(program), s_(program.syms), function_align_(function_align), section_(section), text_(text) {
    library_.assign(s_.count(), kNoLibrary);
    for (size_t i = 0; i < order.functions.size(); i++) library_[index(order.functions[i])] = order.libraries[i];
    for (const loader::Library& l : p_.in.libraries) of_runtime_.push_back(loader::is_runtime_package(sv, l.path));
  }

  uint64_t run(uint64_t start, uint32_t* align) {
    gather_calls();
    for (SymId f : text_->functions) s_.value[index(f)] = 0;
    std::vector<SymId> placed;
    uint32_t package = kNoLibrary;
    uint64_t at = start;
    for (size_t i = 0; i < text_->functions.size(); i++) {
      SymId f = text_->functions[i];
      if (uint32_t own = library(f); own != kNoLibrary && own != package) {
        package = own;
        place_package(i, package, at);
      }
      place(f, &at);
      placed.push_back(f);
      size_t first = placed.size();
      for (const Call& c : calls_of(i)) {
        if (c.target != SymId::kNil && needs_detour(f, c)) add_detour(f, c, &placed);
      }
      for (size_t t = first; t < placed.size(); t++) place(placed[t], &at);
    }
    text_->functions = std::move(placed);
    mark_twins();
    std::sort(text_->detours.begin(), text_->detours.end());
    *align = std::max(*align, align_);
    return at;
  }

 private:
  void gather_calls() {
    const std::vector<SymId>& functions = text_->functions;
    SymId nothing = p_.live.pruned_initialisers.empty() ? SymId::kNil : p_.lookup("runtime.mapinitnoop", 1);
    calls_.resize(functions.size());
    sv_.threads.for_ranges(functions.size(), kGrain, [&](uint64_t begin, uint64_t end) {
      for (uint64_t i = begin; i < end; i++) {
        p_.for_relocs(functions[i], [&](const loader::LinkReloc& r) {
          if (!r.is_direct_call()) return;
          SymId target = r.target == SymId::kNil && r.weak ? nothing : r.target;
          if (target != SymId::kNil && s_.kind[index(target)] == SymKind::kNone) target = SymId::kNil;
          calls_[i].push_back({target, r.offset, r.addend});
        });
      }
    });
    p_.in.trim(sv_.threads);
  }
  std::span<const Call> calls_of(size_t i) const { return calls_[i]; }
  uint32_t library(SymId s) const { return index(s) < library_.size() ? library_[index(s)] : kNoLibrary; }
  bool of_runtime(uint32_t library) const { return library != kNoLibrary && of_runtime_[library]; }

  void place(SymId f, uint64_t* at) {
    uint32_t align = std::max(s_.align[index(f)], function_align_);
    *at = base::round_up(*at, align);
    align_ = std::max(align_, align);
    s_.value[index(f)] = *at;
    s_.section[index(f)] = section_;
    *at += std::max(s_.size[index(f)], kMinFunction);
  }

  // For the time being: as far apart as they can get.
  void place_package(size_t first, uint32_t package, uint64_t at) {
    for (size_t i = first; i < text_->functions.size() && library(text_->functions[i]) == package; i++) {
      place(text_->functions[i], &at);
      at += kTrampolineSize * calls_[i].size();
    }
  }

  bool needs_detour(SymId from, const Call& c) const {
    uint64_t to = s_.value[index(c.target)];
    uint32_t own = library(from), other = library(c.target);
    bool shuffled = sv_.options.random_layout != 0;
    if (to == 0 && s_.kind[index(c.target)] != SymKind::kDynImport && !shuffled) {
      bool same_kind = s_.kind[index(c.target)] == s_.kind[index(from)];
      if (own != kNoLibrary && own == other && same_kind) return false;
      if (of_runtime(own) && of_runtime(other)) return false;
    }
    if (to == 0) return true;
    bool all = sv_.options.debug_trampolines > 1 && (own == kNoLibrary || own != other);
    return all || !reaches(place_of(from, c), to + static_cast<uint64_t>(c.addend));
  }
  uint64_t place_of(SymId from, const Call& c) const { return s_.value[index(from)] + static_cast<uint64_t>(c.offset); }

  void add_detour(SymId from, const Call& c, std::vector<SymId>* placed) {
    std::vector<SymId>& known = made_[{index(c.target), c.addend}];
    SymId detour = SymId::kNil;
    for (SymId t : known) {
      uint64_t at = s_.value[index(t)];
      if (at == 0 || reaches(place_of(from, c), at)) {
        detour = t;
        break;
      }
    }
    if (detour == SymId::kNil) {
      detour = make(from, c, known.size());
      known.push_back(detour);
      placed->push_back(detour);
    }
    text_->detours.push_back({from, c.offset, detour});
  }

  // Of two trampolines with one name, that to the assembler's ABI says so in the symbol table.
  void mark_twins() {
    for (const auto& [to, detours] : made_) {
      auto target = static_cast<SymId>(to.first);
      if (!(s_.flags[to.first] & loader::kSymAbi0)) continue;
      SymId twin = p_.lookup(p_.name(target), 1);
      auto it = twin == SymId::kNil ? made_.end() : made_.find({index(twin), to.second});
      size_t twins = it == made_.end() ? 0 : std::min(it->second.size(), detours.size());
      for (size_t i = 0; i < twins; i++) s_.flags[index(detours[i])] |= loader::kSymAbiTwin;
    }
  }

  SymId make(SymId from, const Call& c, size_t number) {
    uint64_t magnitude = c.addend < 0 ? -static_cast<uint64_t>(c.addend) : static_cast<uint64_t>(c.addend);
    std::string name = absl::StrFormat("%s%c%x-tramp%d", std::string(p_.name(c.target)), c.addend < 0 ? '-' : '+', magnitude, number);
    SymId s = s_.make_anonymous(name, s_.kind[index(from)]);
    s_.flags[index(s)] |= s_.flags[index(c.target)] & loader::kSymStatic;
    s_.size[index(s)] = kTrampolineSize;
    loader::MadeContent& content = s_.make_content(s);
    content.name = name;
    bool imported = s_.kind[index(c.target)] == SymKind::kDynImport;
    constexpr uint32_t kAddress = 0x91000210, kLoad = 0xf9400210;  // add x16, x16, #...; ldr x16, [x16, #...]
    const uint32_t code[] = {0x90000010, imported ? kLoad : kAddress, 0xd61f0200};  // adrp x16, target; ...; br x16
    content.data.resize(kTrampolineSize);
    for (size_t i = 0; i < std::size(code); i++) base::store32(&content.data[4 * i], code[i]);
    if (imported && c.addend != 0) {
      sv_.diag.error(kOrder, base::concat(p_.name(from), ": nonzero addend for DYNIMPORT call: ", p_.name(c.target), "+", c.addend));
    }
    auto kind = imported ? objfmt::RelocKind::kArm64GotPcrel : objfmt::RelocKind::kAddrArm64;
    content.relocs.push_back({0, 8, kind, imported ? 0 : c.addend, c.target});
    return s;
  }

  Services& sv_;
  Program& p_;
  loader::Symbols& s_;
  uint32_t function_align_;
  uint8_t section_;
  TextPlan* text_;
  uint32_t align_ = 1;
  std::vector<uint32_t> library_;  // by SymId: with which it is laid out
  std::vector<bool> of_runtime_;   // by library
  std::vector<std::vector<Call>> calls_;  // as text_->functions
  absl::flat_hash_map<std::pair<uint32_t, int64_t>, std::vector<SymId>> made_;  // by target and addend; no order matters
};

}  // namespace

uint64_t place_with_trampolines(Services& sv, Program& program, const loader::TextOrder& order, uint64_t start,
                                uint32_t function_align, uint8_t section, TextPlan* text, uint32_t* align) {
  return Placer(sv, program, order, function_align, section, text).run(start, align);
}

}  // namespace dovetail::linker
