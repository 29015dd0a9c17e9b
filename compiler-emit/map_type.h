// Descriptions of map types. A map keeps its entries in groups of eight, and the runtime and the collector
// ask descriptions for the layout of a group:
//
//     struct { ctrl uint64; slots [8]struct { key K; elem E } }        keys and elements of more than 128
//     bytes
//                                                                      lie elsewhere, and pointers to them
//                                                                      here
//
// Those descriptions, and those of types made of them, are part of the map's
// (cmd/compile/internal/reflectdata/map.go MapGroupType and writeMapType, Go 1.26).
#pragma once

#include "compiler-emit/type_descriptor.h"

namespace dovetail::emit {

struct MapPart {
  SymbolId type = SymbolId::kNone;  // its description
  std::string link_name, text;      // as TypeDescription has them; no text: the same
  bool named = false;  // a type with a name of its own: a pointer to it is its package's to describe
  uint64_t size = 0;
  uint8_t align = 1;
  std::vector<bool> pointers;
};

struct MapDescription {
  MapPart key, element;
  SymbolId hasher = SymbolId::kNone;                       // of keys, as type_algorithm.h names it
  bool need_key_update = false, hash_might_panic = false;  // MapLayout
};

// Defines what belongs to a map and is not there yet, and the map itself. `named`: what a type with a name of
// its own has besides (link_name, text, package, name, methods, pointer_to_this, instance); the description
// of the map type without a name is then defined, too.
SymbolId define_map(ObjectBuilder& object, const MapDescription& map, TypeDescription named = {});

}  // namespace dovetail::emit
