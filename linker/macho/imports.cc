#include "linker/macho/imports.h"

#include <algorithm>

#include "base/byte_sink.h"
#include "base/text.h"
#include "linker/import_scan.h"

namespace dovetail::linker {
namespace {

using base::concat;
using loader::LinkReloc;

constexpr uint64_t kOrder = uint64_t{7} << 40;

}  // namespace

void MachoImports::define_sections() {
  sections_.reserve(2);
  sections_.emplace_back(p_, ".plt", SymKind::kMachoPlt);
  sections_.emplace_back(p_, ".got", sv_.options.relro() ? SymKind::kMachoRelroSect : SymKind::kMachoGot);
  plt_ = sections_[0].id(), got_ = sections_[1].id();
  p_.syms.align[index(got_)] = 4;
}

void MachoImports::gather_slots() {
  for (const CgoSymbol& s : cgo_.symbols) {
    SymId id = s.kind != SymKind::kDynImport || s.raw == loader::RawId::kNil ? SymId::kNil : p_.id(s.raw);
    if (id != SymId::kNil) slots_.push_back({id, -1, -1, s.external_name, s.library});
  }
  std::sort(slots_.begin(), slots_.end(), [](const Slot& a, const Slot& b) { return index(a.symbol) < index(b.symbol); });
}

const MachoImports::Slot* MachoImports::find(SymId s) const {
  auto it = std::lower_bound(slots_.begin(), slots_.end(), s,
                             [](const Slot& a, SymId b) { return index(a.symbol) < index(b); });
  return it != slots_.end() && it->symbol == s ? &*it : nullptr;
}

void MachoImports::scan(const TextPlan& text) {
  gather_slots();
  ImportScan imports(cgo_, p_);
  auto take = [&](SymId from, const LinkReloc& r) {
    Slot* slot = const_cast<Slot*>(find(r.target));
    if ((slot && add(from, r, *slot)) || sv_.options.position_independent()) return;
    complain(from, unsupported_import(p_, r));
  };
  imports.for_functions(text, take);
  for (const SectionBytes& section : sections_) p_.syms.size[index(section.id())] = section.size();
  if (sv_.options.position_independent()) return;
  // Nothing comes of data but complaints, and these not where every address is looked at anyway.
  for (SymId s : imports.data()) imports.for_symbol(s, {}, take);
}

// False: there is no way for it. cmd/link amd64/asm.go and arm64/asm.go adddynrel, Go 1.26.
bool MachoImports::add(SymId from, const LinkReloc& r, Slot& slot) {
  SymKind kind = p_.syms.kind[index(from)];
  if (r.is_direct_call()) {
    add_stub(slot);
    return true;
  }
  if (r.kind == objfmt::RelocKind::kArm64GotPcrel) {
    add_word(slot);
    return true;
  }
  if (r.kind == machine_.address && objfmt::is_text(kind)) {
    if (r.addend != 0) {
      complain(from, concat("unexpected nonzero addend for dynamic symbol ", p_.name(r.target)));
      return false;
    }
    if (!machine_.is_address(p_.data(from), static_cast<uint64_t>(r.offset))) {
      bool relative = r.kind == objfmt::RelocKind::kPcrel;
      complain(from, concat("unexpected ", objfmt::reloc_kind_name(r.kind), " reloc for dynamic symbol ", p_.name(r.target),
                            relative ? ": not preceded by LEAQ instruction" : ""));
      return false;
    }
    add_word(slot);
    return true;
  }
  bool data = kind >= SymKind::kData && kind <= SymKind::kDataEnd;
  bool rodata = kind >= SymKind::kRodata && kind <= SymKind::kRodataEnd;
  return r.kind == objfmt::RelocKind::kAddr && (data || rodata);
}

void MachoImports::add_word(Slot& slot) {
  if (slot.got >= 0) return;
  slot.got = static_cast<int32_t>(sections_[1].size());
  sections_[1].put64(0);
  got_symbols_.push_back(slot.symbol);
}

void MachoImports::add_stub(Slot& slot) {
  if (slot.stub >= 0) return;
  add_word(slot);
  slot.stub = static_cast<int32_t>(sections_[0].size());
  machine_.add_stub(&sections_[0], got_, slot.got);
  stub_symbols_.push_back(slot.symbol);
}

void MachoImports::complain(SymId from, const std::string& text) {
  sv_.diag.error(kOrder + order_++, concat(p_.name(from), ": ", text));
}

void MachoImports::redirect(SymKind from, base::MutableBytes code, LinkReloc* r) const {
  const Slot* slot = find(r->target);
  if (slot == nullptr) return;
  if (r->is_direct_call() && slot->stub >= 0) {
    r->target = plt_;
    r->addend = slot->stub;
  } else if (r->kind == objfmt::RelocKind::kArm64GotPcrel && slot->got >= 0) {
    r->kind = objfmt::RelocKind::kArm64PcrelLdst64;
    r->target = got_;
    r->addend = slot->got;
  } else if (r->kind == machine_.address && objfmt::is_text(from) && slot->got >= 0 && r->addend == 0 &&
             machine_.is_address(code, static_cast<uint64_t>(r->offset))) {
    machine_.make_load(code, r);
    r->target = got_;
    r->addend = slot->got;
  }
}

std::vector<uint8_t> bind_opcodes(const MachoImports& imports, std::span<const std::string_view> libraries,
                                  uint8_t segment, uint64_t offset) {
  std::vector<uint8_t> out = {kBindSetTypePointer};
  for (SymId s : imports.got_symbols()) {
    const MachoImports::Slot& slot = *imports.find(s);
    out.push_back(static_cast<uint8_t>(kBindSetSegmentAndOffset | segment));
    base::put_uleb(out, offset + static_cast<uint64_t>(slot.got));
    auto library = std::find(libraries.begin(), libraries.end(), slot.library);
    auto ordinal = static_cast<int>(library - libraries.begin()) + 1;
    if (library == libraries.end()) ordinal = kBindFlatLookup;
    if (ordinal >= 128) {
      out.push_back(kBindSetOrdinalUleb);
      base::put_uleb(out, static_cast<uint64_t>(ordinal));
    } else {
      // Four bits have to do, also where they do not.
      int opcode = ordinal > 0 ? kBindSetOrdinalImm : kBindSetSpecialImm;
      out.push_back(static_cast<uint8_t>(opcode | (ordinal & 0xf)));
    }
    out.push_back(kBindSetSymbol);
    out.push_back('_');
    out.insert(out.end(), slot.name.begin(), slot.name.end());
    out.push_back(0);
    out.push_back(kBindDo);
  }
  out.push_back(kBindDone);
  out.resize((out.size() + 15) / 16 * 16);
  return out;
}

}  // namespace dovetail::linker
