// The C functions of emit.h that describe types.
#include "compiler-emit/c_object.h"
#include "compiler-emit/map_type.h"
#include "compiler-emit/type_algorithm.h"

using namespace dovetail::emit;

namespace {

std::vector<bool> mask_of(const uint8_t* pointers, size_t count, Arrays& arrays) {
  std::vector<bool> out;
  for (uint8_t p : arrays.of(pointers, count)) out.push_back(p != 0);
  return out;
}

TypeDescription type_of(const dovetail_type& in, Arrays& arrays) {
  TypeDescription t;
  t.kind = in.kind < 0 || in.kind > UINT8_MAX ? static_cast<TypeKind>(0) : static_cast<TypeKind>(in.kind);
  t.link_name = text_of(in.link_name);
  t.text = text_of(in.text);
  t.size = in.size;
  t.align = in.align;
  t.pointers = mask_of(in.pointers, in.pointer_count, arrays);
  t.equal = id_of(in.equal);
  t.regular_memory = (in.flags & DOVETAIL_REGULAR_MEMORY) != 0;
  t.instance = (in.flags & DOVETAIL_INSTANCE) != 0;
  t.variadic = (in.flags & DOVETAIL_VARIADIC) != 0;
  t.package = text_of(in.package);
  t.name = text_of(in.name);
  t.pointer_to_this = id_of(in.pointer_to_this);
  for (const dovetail_method& m : arrays.of(in.methods, in.method_count)) {
    t.methods.push_back({std::string(text_of(m.name)), std::string(text_of(m.package)), id_of(m.type),
                         id_of(m.interface_code), id_of(m.code)});
  }
  t.element = id_of(in.element);
  t.slice = id_of(in.slice);
  t.length = in.length;
  t.direction = in.direction;
  t.parameters = arrays.symbols(in.parameters, in.parameter_count);
  t.results = arrays.symbols(in.results, in.result_count);
  for (const dovetail_field& f : arrays.of(in.fields, in.field_count)) {
    t.fields.push_back({std::string(text_of(f.name)), std::string(text_of(f.tag)), id_of(f.type), f.offset,
                        f.embedded != 0});
  }
  return t;
}

MapPart part_of(const dovetail_map_part& in, Arrays& arrays) {
  MapPart p;
  p.type = id_of(in.type);
  p.link_name = text_of(in.link_name);
  p.text = text_of(in.text);
  p.named = in.named != 0;
  p.size = in.size;
  p.align = in.align;
  p.pointers = mask_of(in.pointers, in.pointer_count, arrays);
  return p;
}

// What an added symbol is to C: none if it was a mistake.
dovetail_symbol added(const dovetail_object* o, SymbolId id) {
  return outcome(o) == 0 ? handle(id) : DOVETAIL_NO_SYMBOL;
}

dovetail_symbol define(dovetail_object* o, const dovetail_type* type,
                       SymbolId (*define_it)(ObjectBuilder&, const TypeDescription&),
                       const char* null_pointer) {
  Arrays arrays;
  TypeDescription t;
  if (type != nullptr) t = type_of(*type, arrays);
  if (type == nullptr || !arrays.ok()) fail(o, null_pointer);
  return is_open(o) ? added(o, define_it(o->builder, t)) : DOVETAIL_NO_SYMBOL;
}

dovetail_symbol algorithm_of(dovetail_object* o, int algorithm, uint64_t size,
                             SymbolId (*function)(ObjectBuilder&, Algorithm, uint64_t)) {
  // Numbers that are none become one that is none.
  auto a = static_cast<Algorithm>(algorithm < 0 || algorithm > UINT8_MAX ? UINT8_MAX : algorithm);
  return is_open(o) ? added(o, function(o->builder, a, size)) : DOVETAIL_NO_SYMBOL;
}

}  // namespace

dovetail_symbol dovetail_define_type(dovetail_object* o, const dovetail_type* type) {
  return define(o, type, &define_type, "dovetail_define_type: null pointer");
}

dovetail_symbol dovetail_define_unnamed_type(dovetail_object* o, const dovetail_type* type) {
  auto define_it = [](ObjectBuilder& b, const TypeDescription& t) { return define_unnamed_type(b, t); };
  return define(o, type, define_it, "dovetail_define_unnamed_type: null pointer");
}

dovetail_symbol dovetail_pointer_type(dovetail_object* o, dovetail_symbol element, const char* link_name,
                                      const char* text) {
  if (!is_open(o)) return DOVETAIL_NO_SYMBOL;
  return added(o, pointer_type(o->builder, id_of(element), text_of(link_name), text_of(text)));
}

dovetail_symbol dovetail_define_map(dovetail_object* o, const dovetail_map* map, const dovetail_type* named) {
  Arrays arrays;
  MapDescription m;
  TypeDescription t;
  if (map != nullptr) {
    m.key = part_of(map->key, arrays);
    m.element = part_of(map->element, arrays);
    m.hasher = id_of(map->hasher);
    m.need_key_update = map->need_key_update != 0;
    m.hash_might_panic = map->hash_might_panic != 0;
  }
  if (named != nullptr) t = type_of(*named, arrays);
  if (map == nullptr || !arrays.ok()) fail(o, "dovetail_define_map: null pointer");
  return is_open(o) ? added(o, define_map(o->builder, m, std::move(t))) : DOVETAIL_NO_SYMBOL;
}

dovetail_symbol dovetail_equal_function(dovetail_object* o, int algorithm, uint64_t size) {
  return algorithm_of(o, algorithm, size, &equal_function);
}

dovetail_symbol dovetail_hash_function(dovetail_object* o, int algorithm, uint64_t size) {
  return algorithm_of(o, algorithm, size, &hash_function);
}

dovetail_symbol dovetail_generated_equal(dovetail_object* o, const char* link_name) {
  return is_open(o) ? added(o, generated_equal(o->builder, text_of(link_name))) : DOVETAIL_NO_SYMBOL;
}

dovetail_symbol dovetail_generated_hash(dovetail_object* o, const char* link_name) {
  return is_open(o) ? added(o, generated_hash(o->builder, text_of(link_name))) : DOVETAIL_NO_SYMBOL;
}
