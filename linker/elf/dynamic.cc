#include "linker/elf/dynamic.h"

#include <algorithm>

#include "base/text.h"
#include "linker/elf/dynamic_sections.h"
#include "linker/import_scan.h"

namespace dovetail::linker {
namespace {

using base::concat;
using loader::LinkReloc;
using loader::Program;
using objfmt::RelocKind;
using Slot = DynamicPlan::Slot;

constexpr uint64_t kOrder = uint64_t{7} << 40;

Slot* find_slot(std::vector<Slot>& slots, SymId s) {
  auto it = std::lower_bound(slots.begin(), slots.end(), s,
                             [](const Slot& a, SymId b) { return index(a.symbol) < index(b); });
  return it != slots.end() && it->symbol == s ? &*it : nullptr;
}

// The hash function of the System V ABI.
uint32_t elf_hash(std::string_view name) {
  uint32_t h = 0;
  for (char c : name) {
    h = (h << 4) + static_cast<uint8_t>(c);
    h ^= (h & 0xf0000000) >> 24;
    h &= 0x0fffffff;
  }
  return h;
}

// Libraries and their versions that imported symbols want, each list latest first.
// cmd/link ld/elf.go addelflib, Go 1.26.
struct VersionNeed {
  std::string_view version;
  uint16_t number = 0;
};
struct LibraryNeed {
  std::string_view file;
  std::vector<VersionNeed> versions;
};

class Planner {
 public:
  Planner(Services& sv, Program& program, const CgoDirectives& cgo, const ElfMachine& machine)
      : sv_(sv), p_(program), cgo_(cgo), machine_(machine), s_(program, sv.options.relro(), sv.options.bind_now) {}

  DynamicPlan run(const TextPlan& text) {
    plan_.active = true;
    plan_.plt = s_.plt.id();
    plan_.got = s_.got.id();
    plan_.rela = s_.rela.id();
    plan_.dynamic = s_.dynamic.id();
    plan_.own = {s_.dynsym.id(), s_.rela.id(), s_.rela_plt.id(), s_.got_plt.id(), s_.dynamic.id()};
    gather_slots();
    start_sections();
    add_exports();
    scan(text);
    number_versions();
    finish_hash();
    finish_dynamic();
    for (const SectionBytes* b : {&s_.dynsym, &s_.dynstr, &s_.rela, &s_.got, &s_.hash, &s_.got_plt, &s_.plt,
                                  &s_.rela_plt, &s_.version, &s_.version_r, &s_.dynamic}) {
      p_.syms.size[index(b->id())] = b->size();
    }
    return std::move(plan_);
  }

 private:
  void gather_slots() {
    for (uint32_t i = 0; i < cgo_.symbols.size(); i++) {
      const CgoSymbol& s = cgo_.symbols[i];
      bool exported = std::count(cgo_.exports.begin(), cgo_.exports.end(), i) != 0;
      if (s.kind != SymKind::kDynImport && !exported) continue;
      SymId id = s.raw == loader::RawId::kNil ? SymId::kNil : p_.id(s.raw);
      if (id == SymId::kNil && exported) id = p_.syms.make(s.name, s.version, s.kind);
      if (id == SymId::kNil) continue;
      Slot slot = {id, 0, -1, -1, s.external_name, s.library, s.library_version};
      plan_.slots.push_back(slot);
    }
    std::sort(plan_.slots.begin(), plan_.slots.end(),
              [](const Slot& a, const Slot& b) { return index(a.symbol) < index(b.symbol); });
  }

  void entry(ElfDynamicTag tag, uint64_t value) {
    s_.dynamic.put64(tag);
    s_.dynamic.put64(value);
  }
  void entry(ElfDynamicTag tag, const SectionBytes& section) {
    s_.dynamic.put64(tag);
    s_.dynamic.put_address(section.id(), 0);
  }
  // The size of a section that still grows.
  void size_entry(ElfDynamicTag tag, const SectionBytes& section) {
    sizes_.push_back({s_.dynamic.size() + 8, &section});
    entry(tag, 0);
  }

  void start_sections() {
    for (int i = 0; i < 3; i++) s_.dynsym.put64(0);
    s_.dynstr.put_text("");
    machine_.start_plt(&s_);
    entry(kDtHash, s_.hash);
    entry(kDtSymtab, s_.dynsym);
    entry(kDtSymEntry, kElfSymbolSize);
    entry(kDtStrtab, s_.dynstr);
    size_entry(kDtStrSize, s_.dynstr);
    entry(kDtRela, s_.rela);
    plan_.rela_size = s_.dynamic.size() + 8;
    size_entry(kDtRelaSize, s_.rela);
    entry(kDtRelaEntry, kElfRelaSize);
    if (sv_.options.rpath && !sv_.options.rpath->empty())
      entry(kDtRunpath, s_.dynstr.put_text(*sv_.options.rpath));
    entry(kDtPltGot, s_.got_plt);
    entry(kDtDebug, 0);
  }

  void add_exports() {
    for (uint32_t i : cgo_.exports) {
      const CgoSymbol& s = cgo_.symbols[i];
      SymId id =
          s.raw == loader::RawId::kNil ? p_.syms.make(s.name, s.version, SymKind::kNone) : p_.id(s.raw);
      if (Slot* slot = find_slot(plan_.slots, id)) add_symbol(*slot, &s);
    }
    for (std::string_view library : cgo_.libraries) need(library);
  }

  void need(std::string_view library) {
    if (std::find(needed_.begin(), needed_.end(), library) != needed_.end()) return;
    needed_.push_back(library);
    entry(kDtNeeded, s_.dynstr.put_text(library));
  }

  // A row of .dynsym. cmd/link ld/elf.go elfadddynsym, Go 1.26.
  void add_symbol(Slot& slot, const CgoSymbol* exported) {
    if (slot.number != 0) return;
    slot.number = ++numbered_;
    SymKind kind = p_.syms.kind[index(slot.symbol)];
    bool imported = kind == SymKind::kDynImport, function = exported && objfmt::is_text(kind);
    s_.dynsym.put32(s_.dynstr.put_text(slot.name));
    s_.dynsym.put({elf_symbol_info(kStbGlobal, function ? kSttFunc : kSttObject), 0});
    s_.dynsym.put16(imported ? kShnUndef : 1);
    if (imported) {
      s_.dynsym.put64(0);
    } else {
      s_.dynsym.put_address(slot.symbol, 0);
    }
    s_.dynsym.put64(p_.data(slot.symbol).size());
    if (!exported && !slot.library.empty()) need(slot.library);
  }

  // Relocations against imported symbols, in the order in which cmd/link meets them: functions, then data by
  // kind.
  void scan(const TextPlan& text) {
    ImportScan imports(cgo_, p_);
    auto add = [&](SymId from, const LinkReloc& r) {
      Slot* slot = find_slot(plan_.slots, r.target);
      if (slot && add_relocation(from, r, *slot)) return;
      sv_.diag.error(kOrder + order_++, concat(p_.name(from), ": ", unsupported_import(p_, r)));
    };
    imports.for_functions(text, add);
    if (sv_.options.position_independent()) return;  // the addresses in data are RelativeRelocs'
    std::vector<SymId> data = imports.data();
    data.insert(data.begin(), s_.rela.id());  // by then it may name imported symbols itself
    std::stable_sort(data.begin(), data.end(),
                     [&](SymId a, SymId b) { return p_.syms.kind[index(a)] < p_.syms.kind[index(b)]; });
    for (SymId s : data) imports.for_symbol(s, {}, add);
  }

  bool add_relocation(SymId from, const LinkReloc& r, Slot& slot) {
    if (objfmt::is_direct_call(r.kind)) {
      add_plt_slot(slot);
      return true;
    }
    if (r.kind == RelocKind::kArm64GotPcrel) {
      add_got_slot(slot);
      return true;
    }
    if (r.kind != RelocKind::kAddr) return false;
    SymKind kind = p_.syms.kind[index(from)];
    if (objfmt::is_text(kind)) {
      add_got_slot(slot);
      return true;
    }
    bool data = kind >= SymKind::kData && kind <= SymKind::kDataEnd;
    bool rodata = kind >= SymKind::kRodata && kind <= SymKind::kRodataEnd;
    if (!data && !rodata) return false;
    add_relative(from, r);
    return true;
  }

  void add_plt_slot(Slot& slot) {
    if (slot.plt >= 0) return;
    add_symbol(slot, nullptr);
    slot.plt = machine_.add_plt_slot(&s_, machine_, slot.number);
  }

  void add_got_slot(Slot& slot) {
    if (slot.got >= 0) return;
    add_symbol(slot, nullptr);
    slot.got = static_cast<int32_t>(s_.got.size());
    s_.got.put64(0);
    s_.rela.put_address(s_.got.id(), slot.got);
    s_.rela.put64(uint64_t{slot.number} << 32 | machine_.reloc_glob_dat);
    s_.rela.put64(0);
  }

  void add_relative(SymId from, const LinkReloc& r) {
    s_.rela.put_address(from, r.offset);
    if (r.size == 8) {
      s_.rela.put64(machine_.reloc_relative);
    } else {
      sv_.diag.error(kOrder + order_++,
                     concat(p_.name(from), ": unexpected relocation for dynamic symbol ", p_.name(r.target)));
    }
    s_.rela.put_address(r.target, r.addend);
  }

  // .gnu.version_r names the versions, numbered from 2; .gnu.version gives each dynamic symbol one of them.
  void number_versions() {
    std::vector<LibraryNeed> needs;
    for (const Slot& slot : plan_.slots) {
      if (slot.number == 0 || slot.version.empty()) continue;
      auto lib = std::find_if(needs.begin(), needs.end(),
                              [&](const LibraryNeed& n) { return n.file == slot.library; });
      if (lib == needs.end()) lib = needs.insert(needs.begin(), {slot.library, {}});
      auto same = [&](const VersionNeed& v) { return v.version == slot.version; };
      if (std::none_of(lib->versions.begin(), lib->versions.end(), same)) {
        lib->versions.insert(lib->versions.begin(), {slot.version, 0});
      }
    }
    plan_.version_needs = static_cast<uint32_t>(needs.size());
    uint16_t next = 2;
    for (size_t i = 0; i < needs.size(); i++) {
      std::vector<VersionNeed>& versions = needs[i].versions;
      auto count = static_cast<uint16_t>(versions.size());
      s_.version_r.put16(1);
      s_.version_r.put16(count);
      s_.version_r.put32(s_.dynstr.put_text(needs[i].file));
      s_.version_r.put32(16);
      s_.version_r.put32(i + 1 < needs.size() ? 16u + 16u * count : 0);
      for (size_t v = 0; v < versions.size(); v++) {
        versions[v].number = next++;
        s_.version_r.put32(elf_hash(versions[v].version));
        s_.version_r.put16(0);
        s_.version_r.put16(versions[v].number);
        s_.version_r.put32(s_.dynstr.put_text(versions[v].version));
        s_.version_r.put32(v + 1 < versions.size() ? 16 : 0);
      }
    }
    std::vector<uint16_t> of_symbol(numbered_ + 1, 1);  // 1: any
    of_symbol[0] = 0;
    for (const Slot& slot : plan_.slots) {
      if (slot.number == 0) continue;
      for (const LibraryNeed& n : needs) {
        if (n.file != slot.library) continue;
        for (const VersionNeed& v : n.versions) {
          if (v.version == slot.version) of_symbol[slot.number] = v.number;
        }
      }
    }
    for (uint16_t v : of_symbol) s_.version.put16(v);
  }

  // Chains are built in the order of symbols, not of their numbers.
  void finish_hash() {
    uint32_t count = numbered_ + 1, buckets = 1;
    for (uint32_t i = count; i > 0; i >>= 1) buckets++;
    std::vector<uint32_t> first(buckets), chain(count);
    for (const Slot& slot : plan_.slots) {
      if (slot.number == 0) continue;
      uint32_t& bucket = first[elf_hash(slot.name) % buckets];
      chain[slot.number] = bucket;
      bucket = slot.number;
    }
    s_.hash.put32(buckets);
    s_.hash.put32(count);
    for (uint32_t v : first) s_.hash.put32(v);
    for (uint32_t v : chain) s_.hash.put32(v);
  }

  void finish_dynamic() {
    uint64_t flags = sv_.options.position_independent() ? kDf1Pie : 0;
    if (sv_.options.bind_now) {
      flags |= kDf1Now;
      entry(kDtFlags, kDfBindNow);
    }
    entry(kDtFlags1, flags);
    if (plan_.version_needs != 0) {
      entry(kDtVerneed, s_.version_r);
      entry(kDtVerneedNum, plan_.version_needs);
      entry(kDtVersym, s_.version);
    }
    if (s_.rela_plt.size() > 0) {
      entry(kDtPltRel, kDtRela);
      size_entry(kDtPltRelSize, s_.rela_plt);
      entry(kDtJmpRel, s_.rela_plt);
    }
    entry(kDtNull, 0);
    std::vector<uint8_t>& bytes = p_.syms.make_content(s_.dynamic.id()).data;
    for (const PendingSize& size : sizes_) base::store64(&bytes[size.offset], size.section->size());
  }

  struct PendingSize {
    uint32_t offset;  // in .dynamic
    const SectionBytes* section;
  };

  Services& sv_;
  Program& p_;
  const CgoDirectives& cgo_;
  const ElfMachine& machine_;
  DynamicSections s_;
  DynamicPlan plan_;
  std::vector<PendingSize> sizes_;
  std::vector<std::string_view> needed_;
  uint32_t numbered_ = 0;
  uint64_t order_ = 0;
};

}  // namespace

bool DynamicPlan::redirect(SymKind from, LinkReloc* r) const {
  const Slot* slot = find_slot(const_cast<std::vector<Slot>&>(slots), r->target);
  if (slot == nullptr) return false;
  if (objfmt::is_direct_call(r->kind) && slot->plt >= 0) {
    r->target = plt;
    r->addend = slot->plt;
    return true;
  }
  if (r->kind == RelocKind::kArm64GotPcrel && slot->got >= 0) {
    r->kind = RelocKind::kArm64PcrelLdst64;
    r->target = got;
    r->addend = slot->got;
    return true;
  }
  if (r->kind == RelocKind::kAddr && objfmt::is_text(from) && slot->got >= 0) {
    r->target = got;
    r->addend += slot->got;
    return true;
  }
  return false;
}

DynamicPlan plan_dynamic(Services& sv, Program& program, const CgoDirectives& cgo, const ElfMachine& machine,
                         const TextPlan& text) {
  if (!cgo.dynamic && (!sv.options.position_independent() || sv.options.disable_dynamic)) return {};
  return Planner(sv, program, cgo, machine).run(text);
}

void join_relocation_sections(Program& program, std::vector<SymId>* sections) {
  auto find = [&](std::string_view name) {
    return std::find_if(sections->begin(), sections->end(), [&](SymId s) { return program.name(s) == name; });
  };
  auto rela = find(".rela"), plt = find(".rela.plt");
  if (rela == sections->end() || plt == sections->end() || plt == rela + 1) return;
  SymId pair[] = {*rela, *plt};
  auto first = std::min(rela, plt);
  sections->erase(std::max(rela, plt));
  *first = pair[0];
  sections->insert(first + 1, pair[1]);
  for (SymId s : pair) program.syms.align[index(s)] = 8;
}

}  // namespace dovetail::linker
