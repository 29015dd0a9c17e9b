// All types that debug entries may be asked for, decoded.
//
// Which types there are is a closure: what functions, variables, constants and dictionaries mention, and what those
// consist of. Nearly all of them are live, and are decoded when their object is scanned for all else
// (object_scan.cc). What the closure asks for besides is decoded in rounds, in parallel, in ascending order of place in
// the objects: types that only debug information mentions. So each descriptor is read once, and the walk that gives
// debug entries their order (type_builder.cc) reads no object at all. A type's number is its rank among the RawIds of
// the decoded.
#pragma once

#include <vector>

#include "dwarf/units.h"

namespace dovetail::dwarf {

class TypeTable {
 public:
  // `eface`, `iface`, `uintptr`: what kEfaceType and so on stand for. `decoded`: what `batches` has.
  TypeTable(Services& sv, const Program& program, RawId eface, RawId iface, RawId uintptr,
            std::vector<TypeBatch> batches, base::Bitmap decoded)
      : sv_(sv), program_(program), eface_(eface), iface_(iface), uintptr_(uintptr), batches_(std::move(batches)),
        decoded_(std::move(decoded)) {}

  // Decodes what of these types is not yet there, and all they and the first batches consist of. kNil is passed over.
  // Then types have numbers, and parts know theirs. Call once.
  void close(std::vector<RawId> roots);
  // kNone if the symbol is not in the table.
  TypeNumber number(RawId symbol) const {
    if (symbol == RawId::kNil || !decoded_.test(index(symbol))) return TypeNumber::kNone;
    return static_cast<TypeNumber>(rank_.before(decoded_, index(symbol)));
  }
  bool has(RawId symbol) const { return decoded_.test(index(symbol)); }
  const TypeRecord& operator[](TypeNumber t) const { return records_[index(t)]; }
  size_t size() const { return records_.size(); }

  // Texts and parts, to be turned into entries' members.
  std::vector<TypeBatch>& batches() { return batches_; }

 private:
  RawId named(RawId part) const {
    return part == kEfaceType ? eface_ : part == kIfaceType ? iface_ : part == kUintptrType ? uintptr_ : part;
  }
  std::vector<RawId> missing_parts(size_t first_batch) const;
  void number_types();

  Services& sv_;
  const Program& program_;
  RawId eface_, iface_, uintptr_;
  std::vector<TypeBatch> batches_;
  base::Bitmap decoded_;  // by RawId
  base::Rank rank_;
  std::vector<TypeRecord> records_;
};

}  // namespace dovetail::dwarf
