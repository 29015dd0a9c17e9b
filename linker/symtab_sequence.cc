#include "linker/symtab_sequence.h"

#include <cstring>

namespace dovetail::linker {

bool SymtabSequence::at(uint64_t i, SymtabEntry* e) const {
  uint64_t functions = in_.text.size();
  if (i >= functions + 2) return data(static_cast<SymId>(i - functions - 1), e);
  // The two markers are the first and the last, or the first two.
  uint64_t end = in_.rules.etext_first ? 1 : functions + 1, before = in_.rules.etext_first ? 2 : 1;
  SymId s = i == 0 ? in_.text_start : i == end ? in_.text_end : in_.text[i - before];
  return s != SymId::kNil && function(s, e);
}

bool SymtabSequence::function(SymId s, SymtabEntry* e) const {
  describe(s, SymtabEntry::kFunction, e);
  if (has_internal_twin(s)) e->suffix = kAbi0Suffix, e->name_bytes += kAbi0Suffix.size();
  return true;
}

bool SymtabSequence::data(SymId s, SymtabEntry* e) const {
  SymKind kind = syms_.kind[index(s)];
  uint32_t flags = syms_.flags[index(s)];
  if (kind == SymKind::kDynImport || kind == SymKind::kHostObj || kind == SymKind::kUndefExt) {
    describe(s, SymtabEntry::kUndefined, e);
    return true;
  }
  if (!objfmt::is_allocated_data(kind) || kind == SymKind::kTlsBss) return false;
  if ((flags & loader::kSymNotInSymtab) || own_name(s).hidden()) return false;
  describe(s, SymtabEntry::kObject, e);
  return true;
}

void SymtabSequence::describe(SymId s, SymtabEntry::Type type, SymtabEntry* e) const {
  std::string_view external = external_name(s);
  SymtabName name = external.empty() ? own_name(s) : SymtabName::of(external, true, in_.rules.middle_dot);
  *e = {s, {}, is_local(s, name), type, name.bytes()};
}

std::string_view SymtabSequence::name(SymId s) const {
  std::string_view external = external_name(s);
  return external.empty() ? program_.name(s) : external;
}

SymtabName SymtabSequence::own_name(SymId s) const {
  SymtabName name = in_.names == nullptr ? SymtabName() : in_.names->of(s);
  return name.known() ? name : SymtabName::of(program_.name(s), true, in_.rules.middle_dot);
}

std::string_view SymtabSequence::external_name(SymId s) const {
  if (in_.external_names.empty()) return {};
  auto it = std::lower_bound(in_.external_names.begin(), in_.external_names.end(), s,
                             [](const ExternalName& a, SymId b) { return index(a.symbol) < index(b); });
  return it != in_.external_names.end() && it->symbol == s ? it->name : std::string_view();
}

// Whether a function of the same name with the register ABI was seen anywhere. Wrappers (GOEXPERIMENT regabiwrappers)
// cannot be turned off on amd64 and arm64.
bool SymtabSequence::has_internal_twin(SymId s) const {
  if (syms_.flags[index(s)] & loader::kSymAbiTwin) return true;
  if (!(syms_.flags[index(s)] & loader::kSymAbi0) || !objfmt::is_text(syms_.kind[index(s)])) return false;
  loader::RawId twin = program_.res.lookup(name(s), 1);
  if (twin == loader::RawId::kNil) return false;
  loader::Slot slot = program_.res.content(program_.in, twin);
  const loader::ObjectView& view = program_.in.objects[slot.object].view;
  return slot.local < view.def_count() && objfmt::is_text(view.kind(slot.local));
}

bool SymtabSequence::is_local(SymId s, SymtabName name) const {
  uint32_t flags = syms_.flags[index(s)];
  if (flags & (loader::kSymHidden | loader::kSymLocal)) return true;
  return (flags & loader::kSymStatic) && !(in_.rules.global_static_temporaries && name.static_temporary());
}

std::string_view SymtabSequence::sort_name(SymId s) const {
  SymtabName own = in_.names == nullptr ? SymtabName() : in_.names->of(s);
  const char* kept = own.known() && !own.changed() && external_name(s).empty() ? in_.names->text(s) : nullptr;
  return kept != nullptr ? std::string_view(kept, own.bytes() - 1) : name(s);
}

void SymtabSequence::store_name(const SymtabEntry& e, uint8_t* out) const {
  bool own = in_.names != nullptr && external_name(e.symbol).empty();
  if (const char* kept = own ? in_.names->text(e.symbol) : nullptr) {
    uint64_t bytes = e.name_bytes - e.suffix.size() - 1;
    std::memcpy(out, kept, bytes);
    out += bytes;
  } else {
    out = store_symtab_name(out, name(e.symbol), in_.rules.middle_dot);
  }
  if (!e.suffix.empty()) std::memcpy(out, e.suffix.data(), e.suffix.size());
  out[e.suffix.size()] = 0;
}

uint32_t symtab_section(const loader::Symbols& symbols, SymId s) {
  SymId carrier = index(s) < symbols.outer.size() ? symbols.outer[index(s)] : SymId::kNil;
  return symbols.section[index(carrier == SymId::kNil ? s : carrier)];
}

}  // namespace dovetail::linker
