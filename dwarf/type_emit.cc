// Bytes of type entries.
#include "base/bytes.h"
#include "dwarf/type_dies.h"

namespace dovetail::dwarf {

namespace {

// One attribute of an entry or a member, whichever form it has.
struct Value {
  std::string_view text;
  uint64_t number = 0;
  DieId die = DieId::kNone;
};

Value value_of(const TypeDie& d, Attr attr) {
  switch (attr) {
    case kAtName: return {d.name, 0, DieId::kNone};
    case kAtType: return {{}, 0, d.type};
    case kAtGoElem: return {{}, 0, d.elem};
    case kAtGoKey: return {{}, 0, d.key};
    case kAtByteSize: return {{}, d.byte_size, DieId::kNone};
    case kAtGoKind: return {{}, d.kind, DieId::kNone};
    case kAtEncoding: return {{}, d.encoding, DieId::kNone};
    default: return {};
  }
}

Value value_of(const TypeMember& m, Attr attr) {
  switch (attr) {
    case kAtName: return {m.name, 0, DieId::kNone};
    case kAtType: return {{}, 0, m.die};
    case kAtDataMemberLocation:
    case kAtCount: return {{}, m.value, DieId::kNone};
    case kAtGoEmbeddedField: return {{}, m.embedded, DieId::kNone};
    case kAtVariableParameter: return {{}, 1, DieId::kNone};
    default: return {};
  }
}

// A map or channel that no round of synthesis saw refers to its type symbol instead of an entry.
bool refers_to_symbol(const TypeDie& d, Attr attr) {
  return attr == kAtType && d.type == DieId::kNone && d.symbol != RawId::kNil;
}

uint32_t form_size(Form form, const Value& v) {
  switch (form) {
    case kFormString: return static_cast<uint32_t>(v.text.size()) + 1;
    case kFormUdata: return base::uleb_size(v.number);
    case kFormAddr: return 8;
    // A reference to nothing is left out (cmd/internal/dwarf putattr's error is not looked at, Go 1.26).
    case kFormRefAddr: return v.die == DieId::kNone ? 0 : 4;
    default: return 1;
  }
}

uint8_t* put_form(Form form, const Value& v, const TypeDies& types, uint32_t info_base, uint8_t* p) {
  switch (form) {
    case kFormString:
      p = std::copy(v.text.begin(), v.text.end(), p);
      *p++ = 0;
      return p;
    case kFormUdata: return base::write_uleb(p, v.number);
    case kFormRefAddr:
      if (v.die == DieId::kNone) return p;
      base::store32(p, info_base + types[v.die].offset);
      return p + 4;
    default: *p++ = static_cast<uint8_t>(v.number); return p;
  }
}

}  // namespace

uint32_t type_die_size(const TypeDies& types, DieId id, int version) {
  const TypeDie& d = types[id];
  uint32_t size = 1;
  for (AttrForm f : attributes(d.abbrev, version)) {
    size += refers_to_symbol(d, f.attr) ? 4 : form_size(f.form, value_of(d, f.attr));
  }
  if (!has_children(d.abbrev)) return size;
  for (uint32_t i = 0; i < d.member_count; i++) {
    const TypeMember& m = d.members[i];
    size += 1;
    for (AttrForm f : attributes(m.abbrev, version)) size += form_size(f.form, value_of(m, f.attr));
  }
  return size + 1;
}

uint8_t* emit_type_die(const TypeDies& types, DieId id, int version, const TypeDieTarget& target, uint8_t* p) {
  const TypeDie& d = types[id];
  const loader::Symbols& syms = target.program->syms;
  auto in_section = [&](SymId s) {
    return s == SymId::kNil ? 0 : syms.value[index(s)] - target.section_address[syms.section[index(s)]];
  };
  *p++ = static_cast<uint8_t>(d.abbrev);
  for (AttrForm f : attributes(d.abbrev, version)) {
    if (f.attr == kAtGoRuntimeType) {
      base::store64(p, in_section(d.runtime_type));
      p += 8;
    } else if (refers_to_symbol(d, f.attr)) {
      base::store32(p, static_cast<uint32_t>(in_section(target.program->id(d.symbol))));
      p += 4;
    } else {
      p = put_form(f.form, value_of(d, f.attr), types, target.info_base, p);
    }
  }
  if (!has_children(d.abbrev)) return p;
  for (uint32_t i = 0; i < d.member_count; i++) {
    const TypeMember& m = d.members[i];
    *p++ = static_cast<uint8_t>(m.abbrev);
    for (AttrForm f : attributes(m.abbrev, version)) {
      p = put_form(f.form, value_of(m, f.attr), types, target.info_base, p);
    }
  }
  *p++ = 0;
  return p;
}

}  // namespace dovetail::dwarf
