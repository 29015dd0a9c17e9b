#include "linker/relocate.h"

#include "absl/strings/str_format.h"
#include "base/text.h"
#include "linker/arch/amd64.h"
#include "linker/arch/arm64.h"

namespace dovetail::linker {

using loader::LinkReloc;
using loader::RawId;
using objfmt::RelocKind;

namespace {

constexpr uint64_t kOrder = uint64_t{16} << 40;

// Go's %#x.
std::string signed_hex(int64_t value) {
  uint64_t magnitude = value < 0 ? -static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  return absl::StrFormat("%s0x%x", value < 0 ? "-" : "", magnitude);
}

// What goes wrong, in cmd/link's words (ld/data.go relocsym, ld/errors.go errorUnresolved, Go 1.26). Off the hot path.
class Complaint {
 public:
  Complaint(const RelocContext& context, SymId from, const LinkReloc& r)
      : Complaint(context.program, context.diag, from, r) {}
  Complaint(const Program& program, base::Diagnostics& diag, SymId from, const LinkReloc& r)
      : program_(program), diag_(diag), from_(from), r_(r) {}

  void unresolved() const {
    std::string_view name = target_name();
    uint32_t version = target_version();
    std::string text;
    // Is there one of another ABI?
    std::string_view found;
    for (uint32_t other = 0; other < 2; other++) {
      if (other == version) continue;
      RawId raw = program_.res.lookup(name, other);
      if (raw == RawId::kNil || program_.res.is_reference(raw)) continue;
      found = other == 0 ? "ABI0" : "ABIInternal";
    }
    if (name == "main.main") {
      text = "function main is undeclared in the main package";
    } else if (!found.empty()) {
      text = base::concat("relocation target ", name, " not defined for ", version == 0 ? "ABI0" : "ABIInternal",
                          " (but is defined for ", found, ")");
    } else {
      text = base::concat("relocation target ", name, " not defined");
    }
    // Once for each pair of symbols; two that nobody can tell apart by name are two.
    uint64_t target = r_.raw != RawId::kNil ? index(r_.raw) : uint64_t{1} << 31 | index(r_.target);
    diag_.error_once(order(), uint64_t{index(from_)} << 32 | target, base::concat(program_.name(from_), ": ", text));
  }
  void out_of_range(size_t size) const {
    say(base::concat("invalid relocation ", target_name(), ": ", r_.offset, "+", r_.size, " not in [0,", size, ")"));
  }
  void unreachable() const { say(base::concat("unreachable sym in relocation: ", target_name())); }
  void unknown() const {
    say(absl::StrFormat("unknown reloc to %s: %d (%s)", std::string(target_name()), static_cast<int>(r_.kind),
                        objfmt::reloc_kind_text(r_.kind)));
  }
  void bad_size() const {
    say(absl::StrFormat("bad reloc size %#x for %s", r_.size, std::string(target_name())));
  }
  void not_internal() const {
    diag_.fatal(order(), base::concat("cannot handle ", objfmt::reloc_kind_name(r_.kind), " (sym ",
                                      program_.name(from_), ") when linking internally"));
  }
  void no_thread_offset() const {
    diag_.fatal(order(), base::concat(program_.name(from_), ": expected TLS IE op to be MOVQ"));
  }
  void address_in_code() const {
    say(base::concat("an address (of ", target_name(), ") in position-independent code is not supported by Dovetail"));
  }
  void of_cpu(const std::string& text) const { say(text); }
  void no_section() const { say(base::concat("missing section for relocation target ", target_name())); }
  void dynamic() const {
    auto kind = program_.syms.kind[index(r_.target)];
    say(absl::StrFormat("unhandled relocation for %s (type %d (SDYNIMPORT) rtype %d (%s))", std::string(target_name()),
                        static_cast<int>(kind), static_cast<int>(r_.kind), objfmt::reloc_kind_name(r_.kind)));
  }
  void too_big(int64_t value, bool relative) const {
    if (relative) {
      say(absl::StrFormat("pc-relative relocation %s address for %s is too big: %s", objfmt::reloc_kind_name(r_.kind),
                          std::string(target_name()), signed_hex(value)));
    } else {
      say(absl::StrFormat("non-pc-relative relocation %s address for %s is too big: %#x",
                          objfmt::reloc_kind_name(r_.kind), std::string(target_name()), static_cast<uint64_t>(value)));
    }
  }
  void address_too_big(int64_t value, uint64_t target) const {
    say(absl::StrFormat("non-pc-relative relocation address for %s is too big: %#x (0x%x + %s)",
                        std::string(target_name()), static_cast<uint64_t>(value), target, signed_hex(r_.addend)));
  }

 private:
  std::string_view target_name() const {
    if (r_.target != SymId::kNil) return program_.name(r_.target);
    if (r_.raw == RawId::kNil) return {};
    loader::Slot slot = program_.in.slot(r_.raw);
    return program_.in.objects[slot.object].view.name(slot.local);
  }
  uint32_t target_version() const {
    if (r_.raw == RawId::kNil) return 0;
    loader::Slot slot = program_.in.slot(r_.raw);
    return program_.in.objects[slot.object].view.abi(slot.local);
  }
  // By address, as one thread of cmd/link would come upon them.
  uint64_t order() const {
    return kOrder + program_.syms.value[index(from_)] + static_cast<uint32_t>(r_.offset);
  }
  void say(const std::string& text) const {
    diag_.error(order(), base::concat(program_.name(from_), ": ", text));
  }

  const Program& program_;
  base::Diagnostics& diag_;
  SymId from_;
  const LinkReloc& r_;
};

bool undefined(SymKind kind) { return kind == SymKind::kNone || kind == SymKind::kXref; }

// Kind of a dead target, as its object has it.
SymKind dead_kind(const Program& p, RawId raw) {
  if (p.res.is_reference(raw)) return SymKind::kNone;
  loader::Slot slot = p.res.content(p.in, raw);
  return p.in.objects[slot.object].view.kind(slot.local);
}

template <class Arch>
class Relocator {
 public:
  Relocator(const RelocContext& context, SymId s, base::MutableBytes bytes, uint64_t address)
      : c_(context), syms_(context.program.syms), s_(s), bytes_(bytes), address_(address) {
    if (!context.detours.empty()) {
      auto [first, last] = std::equal_range(context.detours.begin(), context.detours.end(), Detour{s, 0, s},
                                            [](const Detour& a, const Detour& b) { return index(a.from) < index(b.from); });
      detours_ = {first, last};
    }
  }

  void apply(LinkReloc r) {
    if (r.offset < 0 || static_cast<uint64_t>(r.offset) + r.size > bytes_.size()) {
      return Complaint(c_, s_, r).out_of_range(bytes_.size());
    }
    if (r.size == 0) return;  // a marker
    if (r.target == SymId::kNil && r.raw != RawId::kNil && !redirect(r)) return;
    if (!detours_.empty() && r.is_direct_call()) take_detour(r);
    if (r.target != SymId::kNil && undefined(syms_.kind[index(r.target)])) return Complaint(c_, s_, r).unresolved();
    // Kinds of host objects; cmd/link leaves them alone here wherever they stand.
    if (static_cast<uint16_t>(r.kind) >= objfmt::kHostRelocations) return;
    if (r.target != SymId::kNil && syms_.kind[index(r.target)] == SymKind::kDynImport) {
      if (!c_.format.redirect(syms_.kind[index(s_)], bytes_, &r)) return Complaint(c_, s_, r).dynamic();
    }
    uint64_t target = r.target == SymId::kNil ? 0 : syms_.value[index(r.target)];
    objfmt::Fixup fixup = {r.kind, r.size, static_cast<uint64_t>(r.offset), r.addend, target};
    objfmt::apply_fixup<typename Arch::Fixups>(bytes_, address_, fixup, World{*this, r});
  }

 private:
  void take_detour(LinkReloc& r) const {
    auto d = std::lower_bound(detours_.begin(), detours_.end(), Detour{s_, r.offset, s_});
    if (d == detours_.end() || d->offset != r.offset) return;
    r.target = d->to;
    r.addend = 0;
  }

  // A dead target: what takes its place. False if the relocation is done with.
  bool redirect(LinkReloc& r) {
    // Nothing takes the place of what is neither weak nor a method.
    if (!r.weak && r.kind != RelocKind::kMethodOff) return !complain_of_target(c_.program, c_.diag, s_, r);
    // Dead methods are many; their records, far from here, are not read to learn that they are functions.
    bool dead_method = r.kind == RelocKind::kMethodOff && !c_.program.res.is_reference(r.raw);
    SymKind kind = dead_method ? SymKind::kText : dead_kind(c_.program, r.raw);
    if (undefined(kind)) return Complaint(c_, s_, r).unresolved(), false;
    if (r.kind == RelocKind::kMethodOff) {
      // The runtime knows -1 as the offset of a method that is not there.
      objfmt::put_fixed(&bytes_[static_cast<size_t>(r.offset)], r.size, -1, false);
      return false;
    }
    if (r.kind == RelocKind::kAddrOff) return false;
    if (r.kind == RelocKind::kAddr || r.kind == RelocKind::kPeImageOff) r.target = c_.unreachable_method;
    if (r.is_direct_call()) r.target = c_.map_init_noop;
    // With -pruneweakmap=false. For amd64 cmd/link calls address 0, for arm64 it panics (loader/loader.go SymAddr, Go 1.26).
    if (r.kind == RelocKind::kCallArm64 && r.target == SymId::kNil) return Complaint(c_, s_, r).unreachable(), false;
    return true;
  }

  // objfmt/relocate.h says what these are.
  struct World {
    const Relocator& at;
    const LinkReloc& r;

    int64_t tls_offset() const { return at.c_.platform.tls_offset; }
    uint64_t image_base() const { return at.c_.platform.image_base; }
    bool local_thread_data() const { return at.c_.local_thread_data; }
    bool addresses_in_code() const {
      return !objfmt::is_text(at.syms_.kind[index(at.s_)]) || at.c_.format.addresses_in_code();
    }
    bool section_base(uint64_t* base) const {
      if (r.target == SymId::kNil) return false;
      uint32_t section = at.syms_.section[index(r.target)];
      if (section == 0) return say().no_section(), false;
      *base = at.c_.image.sections[section].address;
      return true;
    }
    uint64_t target_size() const { return r.target == SymId::kNil ? 0 : at.syms_.size[index(r.target)]; }

    Complaint say() const { return Complaint(at.c_, at.s_, r); }
    void address_in_code() const { say().address_in_code(); }
    void address_too_big(int64_t value) const {
      say().address_too_big(value, r.target == SymId::kNil ? 0 : at.syms_.value[index(r.target)]);
    }
    void not_internal() const { say().not_internal(); }
    void no_thread_offset() const { say().no_thread_offset(); }
    void bad_size() const { say().bad_size(); }
    void unknown() const { say().unknown(); }
    void wrong(const std::string& text) const { say().of_cpu(text); }
    void too_big(int64_t value, bool relative) const { say().too_big(value, relative); }
  };

  const RelocContext& c_;
  const loader::Symbols& syms_;
  SymId s_;
  base::MutableBytes bytes_;
  uint64_t address_;
  std::span<const Detour> detours_;  // of s_
};

}  // namespace

template <class Arch>
void relocate_symbol(const RelocContext& context, SymId s, base::MutableBytes bytes, uint64_t address) {
  Relocator<Arch> relocator(context, s, bytes, address);
  if (context.program.for_relocs(s, [&](const LinkReloc& r) { relocator.apply(r); })) return;
  context.diag.error(kOrder + address, base::concat(context.program.name(s), ": malformed object: relocations"));
}

bool complain_of_target(const Program& program, base::Diagnostics& diag, SymId from, const LinkReloc& r) {
  if (r.target == SymId::kNil && r.raw == RawId::kNil) return false;
  bool dead = r.target == SymId::kNil;
  SymKind kind = dead ? dead_kind(program, r.raw) : program.syms.kind[index(r.target)];
  if (undefined(kind)) return Complaint(program, diag, from, r).unresolved(), true;
  if (dead && kind != SymKind::kTlsBss) return Complaint(program, diag, from, r).unreachable(), true;
  return false;
}

template void relocate_symbol<Amd64>(const RelocContext&, SymId, base::MutableBytes, uint64_t);
template void relocate_symbol<Arm64>(const RelocContext&, SymId, base::MutableBytes, uint64_t);

}  // namespace dovetail::linker
