#include "loader/symbols.h"

#include <algorithm>

#include "base/text.h"

namespace dovetail::loader {

using objfmt::AuxKind;
using objfmt::SymFlags;

namespace {
constexpr uint64_t kOrder = uint64_t{8} << 40;
}  // namespace

// Fills the columns object by object: live slots of each of an object's three ranges are consecutive SymIds.
class SymbolsBuilder {
 public:
  SymbolsBuilder(Services& sv, Program& program) : sv_(sv), p_(program) {}

  void run() {
    p_.rank = base::Rank(p_.live.live);
    Symbols& s = p_.syms;
    uint32_t n = p_.rank.total() + 1;
    s.loaded_end_ = n;
    s.program_ = &p_;
    reserve(n + n / 64 + 4096);  // for what passes make
    s.object.resize(n);
    s.object[0] = kNoObject;
    s.local.resize(n);
    s.kind.resize(n);
    s.flags.resize(n);
    s.size.resize(n);
    s.align.resize(n);
    s.value.resize(n);
    s.section.resize(n);
    p_.in.for_objects(sv_.threads, [&](uint32_t o) {
      uint32_t local = 0;
      for (Object::RawRange range : p_.in.objects[o].raw_ranges()) {
        fill(o, range.first, range.count, local);
        local += range.count;
      }
    });
  }

 private:
  void reserve(uint32_t n) {
    Symbols& s = p_.syms;
    s.object.reserve(n), s.local.reserve(n), s.kind.reserve(n), s.flags.reserve(n), s.size.reserve(n);
    s.align.reserve(n), s.value.reserve(n), s.section.reserve(n), s.outer.reserve(n);
  }

  void fill(uint32_t object, uint32_t first, uint32_t count, uint32_t local) {
    const base::Bitmap& live = p_.live.live;
    uint32_t end = first + count, id = p_.rank.before(live, first) + 1;
    for (uint32_t raw = first; raw < end;) {
      uint64_t word = live.word(raw / 64) >> (raw % 64);
      if (word == 0) {
        raw = (raw / 64 + 1) * 64;
        continue;
      }
      raw += static_cast<uint32_t>(std::countr_zero(word));
      if (raw >= end) break;
      add(static_cast<RawId>(raw), {object, local + (raw - first)}, id++);
      raw++;
    }
  }

  void add(RawId raw, Slot slot, uint32_t id) {
    Symbols& s = p_.syms;
    const Override* o = p_.res.override_of(raw);
    if (o && o->content != raw) slot = p_.in.slot(o->content);
    const ObjectView& view = p_.in.objects[slot.object].view;
    const bool leaf = p_.live.leaves.test(index(raw));
    if ((view.is_dense() || leaf) && !check_record(slot, id)) return;
    uint32_t size = view.size(slot.local), align = objfmt::alignment_in_link(view.align(slot.local)), flags = view.flags(slot.local);
    if (o) {
      size = std::max(size, o->size);
      align = std::max(align, o->align);
      if (o->content != raw) flags |= kSymDupContent;
      if (o->local) flags |= kSymLocal;
    }
    if (flags & SymFlags::kLocal) flags |= kSymLocal;
    if (view.from_assembly()) flags |= kSymFromAssembly;
    uint16_t abi = view.abi(slot.local);
    if (abi == objfmt::goobj::kAbiStatic) flags |= kSymStatic;
    if (abi == 0) flags |= kSymAbi0;
    if (!view.has_name(slot.local)) flags |= kSymUnnamed;
    if (p_.live.used_in_iface.test(index(raw))) flags |= SymFlags::kUsedInIface;
    // What nobody defines has no kind, whatever the reference says.
    SymKind kind = slot.local < view.def_count() ? view.kind(slot.local) : SymKind::kNone;
    s.object[id] = slot.object;
    s.local[id] = slot.local;
    s.kind[id] = kind;
    s.flags[id] = flags;
    s.size[id] = size;
    s.align[id] = align;
    if (objfmt::is_allocated_data(kind) && !leaf) check_size(view, slot.local, id);
  }

  // What reach marked without reading it, or without asking for its data.
  bool check_record(Slot slot, uint32_t id) {
    const Object& o = p_.in.objects[slot.object];
    if (o.view.record_ok(slot.local) && o.view.data_range_ok(slot.local)) return true;
    sv_.diag.exit(kOrder + id, base::concat(p_.in.libraries[o.library].file, "(", o.member, "): malformed object: symbol ",
                                            slot.local, ": name, kind, alignment or range of data out of bounds"));
    return false;
  }

  // cmd/link ld/data.go dodataSect, Go 1.26; here since the record is being read.
  void check_size(const ObjectView& view, uint32_t local, uint32_t id) {
    constexpr uint32_t kTooLarge = 2000000000;
    uint32_t size = p_.syms.size[id], bytes = view.data_size(local);
    if (bytes > size) {
      sv_.diag.error(kOrder + id, base::concat(view.name(local), ": initialize bounds (", size, " < ", bytes, ")"));
    } else if (size > kTooLarge) {
      sv_.diag.error(kOrder + id, base::concat(view.name(local), ": symbol too large (", size, " bytes)"));
    }
  }

  Services& sv_;
  Program& p_;
};

void number_symbols(Services& sv, Program& program) { SymbolsBuilder(sv, program).run(); }

SymId Symbols::make(std::string_view name, uint32_t version, SymKind new_kind) {
  for (size_t i = made_names_.size(); i-- > 0;) {
    if (made_names_[i].second.first == version && made_names_[i].first == name) {
      SymId known = made_names_[i].second.second;
      if (new_kind != SymKind::kNone) kind[index(known)] = new_kind;
      return known;
    }
  }
  SymId id = program_->lookup(name, version);
  if (id == SymId::kNil) id = make_anonymous(name, new_kind);
  if (new_kind != SymKind::kNone) kind[index(id)] = new_kind;
  made_names_.push_back({std::string(name), {version, id}});
  return id;
}

SymId Symbols::make_anonymous(std::string_view name, SymKind new_kind) {
  uint32_t id = count();
  object.push_back(kNoObject);
  local.push_back(0);
  kind.push_back(new_kind);
  flags.push_back(0);
  size.push_back(0);
  align.push_back(0);
  value.push_back(0);
  section.push_back(0);
  if (!outer.empty()) outer.push_back(SymId::kNil);
  auto& content = made_[id];
  content = std::make_unique<MadeContent>();
  content->name = std::string(name);
  flags[id] = kSymMade;
  return static_cast<SymId>(id);
}

MadeContent& Symbols::make_content(SymId s) {
  flags[index(s)] |= kSymMade;
  std::unique_ptr<MadeContent>& content = made_[index(s)];
  if (!content) content = std::make_unique<MadeContent>();
  return *content;
}

objfmt::FuncInfo Program::func_info(SymId s) const {
  if (!has_object(s)) return {};
  uint32_t object = syms.object[index(s)];
  const ObjectView& view = in.objects[object].view;
  for (objfmt::Aux a : view.auxs(syms.local[index(s)])) {
    // The metadata is addressed within its own object (cmd/link loader/loader.go FuncInfo, Go 1.26).
    if (a.kind == AuxKind::kFuncInfo) return objfmt::FuncInfo(view.data(a.target.sym));
  }
  return {};
}

}  // namespace dovetail::loader
