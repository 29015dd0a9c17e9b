// Gives the symbols of an ObjectBuilder their numbers, hashes those that go by their content, and has the
// object written. The order is the Go compiler's (cmd/internal/obj/sym.go NumberSyms, objfile.go
// genFuncInfoSyms, Go 1.26): package definitions are functions, then data, then what hangs on functions; all
// others stand as they were made.
#pragma once

#include "absl/status/statusor.h"
#include "compiler-emit/content_hash.h"
#include "compiler-emit/dense_writer.h"
#include "compiler-emit/object_builder.h"

namespace dovetail::emit {

class ObjectLayout {
 public:
  // REQUIRES: the builder is sealed and without an error.
  explicit ObjectLayout(ObjectBuilder& builder);

  // The bytes of a dense object.
  absl::StatusOr<std::vector<uint8_t>> run();
  // By symbol; they mean something for defined symbols of kPackage.
  std::vector<uint32_t> package_indices() const;

 private:
  const ObjectSymbol& at(SymbolId id) const { return b_.symbols_[base::index(id)]; }
  objfmt::SymRef ref(SymbolId id) const {
    return id == SymbolId::kNone ? objfmt::SymRef() : refs_[base::index(id)];
  }
  void number_definitions();
  void number_references();
  void refer(SymbolId id);
  void write_function_info(SymbolId id);
  absl::Status hash_contents();
  absl::StatusOr<ContentHash> hash_of(SymbolId id, int depth);
  absl::StatusOr<HashedTarget> hashed_target(const ObjectSymbol& from, SymbolId id, int depth);
  objfmt::Reloc reloc_record(const Relocation& r) const;
  SymbolRecord record(SymbolId id);

  ObjectBuilder& b_;
  std::string package_prefix_;
  SymbolCounts counts_;
  std::vector<SymbolId> order_;       // of the file
  std::vector<objfmt::SymRef> refs_;  // of each symbol; {0, 0} of references that nothing uses
  std::vector<ContentHash> hashes_;   // of hashed definitions, and 8 bytes of 64-bit-hashed ones
  std::vector<uint8_t> hash_states_;  // 0 not asked for, 1 being computed, 2 known
};

}  // namespace dovetail::emit
