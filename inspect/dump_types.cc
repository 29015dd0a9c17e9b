// Go types: descriptors of objects, whose fields are named by relocations, and of images, whose fields are addresses
// and offsets; the tables of an image that lead to types.
#include "inspect/dump_types.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_format.h"
#include "base/text.h"
#include "inspect/dump_image.h"

namespace dovetail::inspect {
namespace {

constexpr size_t kTypeHeader = 48, kKindAt = 23, kFieldsPtrAt = 56;

// abi.Kind (internal/abi/type.go, Go 1.26).
std::string_view type_kind_name(uint8_t kind) {
  static constexpr std::string_view kNames[] = {
      "invalid", "bool", "int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64",
      "uintptr", "float32", "float64", "complex64", "complex128", "array", "chan", "func", "interface", "map",
      "pointer", "slice", "string", "struct", "unsafepointer",
  };
  kind &= 0x1f;
  return kind < std::size(kNames) ? kNames[kind] : "unknown";
}

uint64_t load_up_to_8(base::Bytes b) {
  uint64_t v = 0;
  for (size_t i = 0; i < std::min<size_t>(b.size(), 8); i++) v |= uint64_t{b[i]} << (8 * i);
  return v;
}

std::string meaning_in_image(const NamedImage& image, const TypeField& f, uint64_t value) {
  uint64_t types = image.module().types();
  if (value == 0) return "";
  switch (f.kind) {
    case TypeFieldKind::kPlain: return f.name == "kind" ? std::string(type_kind_name(static_cast<uint8_t>(value))) : "";
    case TypeFieldKind::kAddress: return image.describe(value);
    case TypeFieldKind::kNameOff: return std::string(go_name(image.view().at(types + value)));
    case TypeFieldKind::kTypeOff: return image.describe(types + value);
    case TypeFieldKind::kTextOff:
      return value == UINT32_MAX ? "unreachable" : image.describe(image.module().text() + value);
  }
  return "";
}

// A descriptor of an object as it would lie at address 0: with the addresses inside itself.
std::vector<uint8_t> place_at_zero(const DumpObject& o, uint32_t type) {
  base::Bytes data = o.view.data(type);
  std::vector<uint8_t> bytes(data.begin(), data.end());
  for (objfmt::Reloc r : o.view.relocs(type)) {
    std::optional<uint32_t> target = o.names.local(r.target);
    if (target == type && r.kind == objfmt::RelocKind::kAddr && r.size == 8 && r.offset >= 0 &&
        static_cast<uint64_t>(r.offset) + 8 <= bytes.size()) {
      base::store64(&bytes[static_cast<size_t>(r.offset)], static_cast<uint64_t>(r.addend));
    }
  }
  // Fields that are not there are not at 0, where the descriptor begins.
  if (bytes.size() >= kFieldsPtrAt + 8 && base::load64(&bytes[kFieldsPtrAt]) == 0) {
    base::store64(&bytes[kFieldsPtrAt], UINT64_MAX);
  }
  return bytes;
}

std::string field_target(const DumpObject& o, const objfmt::Reloc& r) {
  std::string text = o.names.target(r.target);
  if (r.addend != 0) absl::StrAppendFormat(&text, "%+d", r.addend);
  return text;
}

}  // namespace

void dump_type_fields(base::Bytes type, uint64_t address, FieldMeaning meaning, DumpWriter& w) {
  w.begin_list("fields", "");
  for (uint64_t at = 0; at < type.size();) {
    TypeField f = type_field_at(type, address, at);
    uint64_t begin = std::max(f.offset, at), end = std::max(f.offset + f.size, at + 1);
    uint64_t value = load_up_to_8(base::subrange(type, begin, std::min<uint64_t>(end, type.size()) - begin));
    w.begin_row();
    w.hex("offset", begin, Show::value(6));
    w.text("field", f.name.empty() ? "-" : f.name, Show::value(-20));
    w.hex("value", value, Show::value());
    w.text("meaning", meaning(f, value), Show::value());
    w.end_row();
    at = end;
  }
  w.end_list();
}

void dump_object_types(const DumpObject& o, const DumpOptions& options, DumpWriter& w) {
  w.begin_list("types", "types (offset, field, value, meaning):");
  for (uint32_t i = 0; i < o.view.def_count(); i++) {
    if ((o.view.flags(i) & objfmt::SymFlags::kGotype) == 0 || o.view.data_size(i) < kTypeHeader) continue;
    if (!o.wanted(i, options)) continue;
    std::vector<uint8_t> bytes = place_at_zero(o, i);
    if (bytes.size() < kTypeHeader) continue;
    absl::flat_hash_map<uint64_t, std::string> targets;  // by offset; asked, never iterated
    for (objfmt::Reloc r : o.view.relocs(i)) {
      if (r.size != 0 && r.offset >= 0) targets.try_emplace(static_cast<uint64_t>(r.offset), field_target(o, r));
    }
    w.begin_row();
    w.number("number", i, Show::value(0, "#"));
    w.text("name", o.names.symbol(i), Show::value());
    w.text("kind", type_kind_name(bytes[kKindAt]), Show::value());
    w.number("size", static_cast<int64_t>(bytes.size()), Show{});
    dump_type_fields(bytes, 0, [&](const TypeField& f, uint64_t value) -> std::string {
      if (auto it = targets.find(f.offset); it != targets.end()) return it->second;
      return f.name == "kind" ? std::string(type_kind_name(static_cast<uint8_t>(value))) : "";
    }, w);
    w.end_row();
  }
  w.end_list();
}

void dump_image_types(const NamedImage& image, const DumpOptions& options, DumpWriter& w) {
  w.begin_list("types", "types (offset, field, value, meaning):");
  for (const TypeEntry& t : find_types(image.view(), image.module())) {
    std::string name = base::concat("type:", t.name);
    if (!t.is_type || !options.wants(name)) continue;
    base::Bytes bytes = image.view().at(t.addr, t.size);
    if (bytes.size() < kTypeHeader) continue;
    w.begin_row();
    w.hex("address", t.addr, Show::value());
    w.text("name", name, Show::value());
    w.text("kind", type_kind_name(bytes[kKindAt]), Show::value());
    w.number("size", static_cast<int64_t>(t.size));
    auto meaning = [&](const TypeField& f, uint64_t value) { return meaning_in_image(image, f, value); };
    dump_type_fields(bytes, t.addr, meaning, w);
    w.end_row();
  }
  w.end_list();
}

void dump_typelinks(const NamedImage& image, const DumpOptions& options, DumpWriter& w) {
  const ModuleData& module = image.module();
  base::Bytes links = image.view().at(module.typelinks());
  uint64_t count = std::min<uint64_t>(module.typelink_count(), links.size() / 4);
  w.begin_list("typelinks", "typelinks (address, type):");
  for (uint64_t i = 0; i < count; i++) {
    uint64_t address = module.types() + base::load32(links.data() + i * 4);
    std::string name = image.describe(address);
    if (!options.wants(name)) continue;
    w.begin_row();
    w.hex("address", address, Show::value(10));
    w.text("type", name, Show::value());
    w.end_row();
  }
  w.end_list();
}

void dump_itabs(const NamedImage& image, const DumpOptions& options, DumpWriter& w) {
  // Of an image that is damaged many itabs may lie in one place, each with all that follows for its methods: all
  // together get as many as the file has room for.
  uint64_t room = image.view().image().size() / 8;
  w.begin_list("itabs", "itabs (address, interface, type, methods):");
  for (const Itab& itab : find_itabs(image.view(), image.module())) {
    std::string name = image.describe(itab.address);
    if (!options.wants(name)) continue;
    w.begin_row();
    w.hex("address", itab.address, Show::value(10));
    w.text("name", name, Show::value());
    w.text("interface", itab.whole() ? image.describe(itab.interface) : "", Show::hidden());
    w.text("type", itab.whole() ? image.describe(itab.type) : "", Show::hidden());
    w.hex("hash", itab.hash);
    uint64_t n = itab.whole() ? std::min({itab.methods, (itab.bytes.size() - Itab::kHead) / 8, room}) : 0;
    room -= n;
    w.begin_list("methods", "");
    for (uint64_t m = 0; m < n; m++) {
      uint64_t code = base::load64(itab.bytes.data() + Itab::kHead + m * 8);
      w.begin_row();
      w.hex("address", code, Show::value(12));
      w.text("function", image.describe(code), Show::value());
      w.end_row();
    }
    w.end_list();
    w.end_row();
  }
  w.end_list();
}

}  // namespace dovetail::inspect
