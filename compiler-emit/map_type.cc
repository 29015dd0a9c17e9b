#include "compiler-emit/map_type.h"

#include <algorithm>

#include "base/text.h"

namespace dovetail::emit {
namespace {

constexpr uint64_t kWord = 8, kSlots = 8, kMostInlineBytes = 128;  // internal/abi/map.go
constexpr uint64_t kMostBytes = 1 << 30;  // of a key or an element, so that sums do not overflow

std::string_view text_of(const MapPart& p) { return p.text.empty() ? p.link_name : p.text; }
uint64_t round_up(uint64_t n, uint64_t align) { return (n + align - 1) / align * align; }

void put_pointers(std::vector<bool>& out, uint64_t offset, const std::vector<bool>& pointers) {
  if (pointers.empty()) return;
  out.resize(offset / kWord);
  out.insert(out.end(), pointers.begin(), pointers.end());
}

class MapTypes {
 public:
  explicit MapTypes(ObjectBuilder& object) : object_(object) {}

  TypeDescription describe(const MapDescription& map) {
    MapLayout layout;
    layout.key = map.key.type;
    layout.hasher = map.hasher;
    layout.need_key_update = map.need_key_update;
    layout.hash_might_panic = map.hash_might_panic;
    layout.indirect_key = map.key.size > kMostInlineBytes;
    layout.indirect_element = map.element.size > kMostInlineBytes;
    MapPart key = inlined(map.key), element = inlined(map.element);
    MapPart slot = structure(structure_name({"key", "elem"}, {key.link_name, element.link_name}),
                             structure_name({"key", "elem"}, {text_of(key), text_of(element)}),
                             {{"key", &key}, {"elem", &element}}, &layout.element_offset);
    MapPart slots = array_of(slot);
    MapPart word;
    word.type = object_.named("type:uint64");
    word.link_name = "uint64";
    word.size = word.align = kWord;
    auto name = [&](std::string_view k, std::string_view e) { return base::concat("map.group[", k, "]", e); };
    MapPart group = structure(name(map.key.link_name, map.element.link_name),
                              name(text_of(map.key), text_of(map.element)),
                              {{"ctrl", &word}, {"slots", &slots}}, nullptr);
    layout.group = group.type;
    layout.group_size = group.size;
    layout.slot_size = slot.size;
    TypeDescription t;
    t.kind = TypeKind::kMap;
    t.link_name = base::concat("map[", map.key.link_name, "]", map.element.link_name);
    t.text = base::concat("map[", text_of(map.key), "]", text_of(map.element));
    t.size = t.align = kWord;
    t.pointers = {true};
    t.element = map.element.type;
    t.map = layout;
    return t;
  }

 private:
  struct Field {
    std::string_view name;
    const MapPart* part;
  };

  static std::string structure_name(std::pair<const char*, const char*> fields,
                                    std::pair<std::string_view, std::string_view> types) {
    return base::concat("struct { ", fields.first, " ", types.first, "; ", fields.second, " ", types.second,
                        " }");
  }

  // What stands in a slot.
  MapPart inlined(const MapPart& p) {
    if (p.size <= kMostInlineBytes) return p;
    MapPart out;
    out.link_name = base::concat("*", p.link_name);
    out.text = base::concat("*", text_of(p));
    out.type = p.named ? object_.named(base::concat("type:", out.link_name))
                       : pointer_type(object_, p.type, p.link_name, text_of(p));
    out.size = out.align = kWord;
    out.pointers = {true};
    return out;
  }

  // `last`: where the last field is.
  MapPart structure(std::string link_name, std::string text, std::initializer_list<Field> fields,
                    uint64_t* last) {
    TypeDescription t;
    t.kind = TypeKind::kStruct;
    t.no_algorithms = true;
    for (const Field& f : fields) {
      uint64_t offset = round_up(t.size, f.part->align);
      t.fields.push_back({std::string(f.name), "", f.part->type, offset});
      put_pointers(t.pointers, offset, f.part->pointers);
      t.size = offset + f.part->size;
      t.align = std::max(t.align, f.part->align);
      if (last != nullptr) *last = offset;
      // A pointer behind the last field must not point behind the struct (types/size.go calcStructOffset).
      if (f.part == (fields.end() - 1)->part && f.part->size == 0 && offset > 0) t.size++;
    }
    t.size = round_up(t.size, t.align);
    return part(std::move(t), std::move(link_name), std::move(text));
  }

  MapPart array_of(const MapPart& slot) {
    TypeDescription slice;
    slice.kind = TypeKind::kSlice;
    slice.link_name = base::concat("[]", slot.link_name);
    slice.text = base::concat("[]", slot.text);
    slice.size = 3 * kWord;
    slice.align = kWord;
    slice.pointers = {true};
    slice.element = slot.type;
    TypeDescription t;
    t.kind = TypeKind::kArray;
    t.no_algorithms = true;
    t.size = slot.size * kSlots;
    t.align = slot.align;
    for (uint64_t i = 0; i < kSlots; i++) put_pointers(t.pointers, i * slot.size, slot.pointers);
    t.element = slot.type;
    t.length = kSlots;
    t.slice = define_unnamed_type(object_, std::move(slice));
    return part(std::move(t), base::concat("[", kSlots, "]", slot.link_name),
                base::concat("[", kSlots, "]", slot.text));
  }

  // The package of the fields, whose names are those of no package, has no path.
  MapPart part(TypeDescription t, std::string link_name, std::string text) {
    MapPart out;
    out.link_name = t.link_name = std::move(link_name);
    out.text = t.text = std::move(text);
    out.size = t.size;
    out.align = t.align;
    out.pointers = t.pointers;
    t.fields_of_no_package = true;
    out.type = define_unnamed_type(object_, std::move(t));
    return out;
  }

  ObjectBuilder& object_;
};

std::string_view mistake_in(const MapDescription& m) {
  for (const MapPart* p : {&m.key, &m.element}) {
    if (p->type == SymbolId::kNone || p->link_name.empty())
      return "a key or an element without a type or name";
    if (p->align == 0 || (p->align & (p->align - 1)) != 0)
      return "the alignment of a key or an element is no power of two";
    if (p->size > kMostBytes) return "a key or an element is too large";
    if (p->pointers.size() > p->size / kWord)
      return "the pointer mask of a key or an element is longer than the type";
  }
  return {};
}

}  // namespace

SymbolId define_map(ObjectBuilder& object, const MapDescription& map, TypeDescription named) {
  if (std::string_view mistake = mistake_in(map); !mistake.empty()) {
    object.reject(base::concat("type map[", map.key.link_name, "]", map.element.link_name), mistake);
    return SymbolId::kNone;
  }
  MapTypes types(object);
  TypeDescription plain = types.describe(map);
  SymbolId underlying = define_unnamed_type(object, plain);
  if (named.name.empty()) return underlying;
  named.kind = plain.kind;
  named.size = plain.size;
  named.align = plain.align;
  named.pointers = plain.pointers;
  named.element = plain.element;
  named.map = plain.map;
  named.map.underlying = underlying;
  return define_type(object, named);
}

}  // namespace dovetail::emit
