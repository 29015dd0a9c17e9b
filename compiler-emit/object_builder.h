// Builds the object of one package from what a compiler knows: functions, data, names. Which symbols go by
// number, by content or by name, in which order they stand, what a function's metadata look like, and the
// bytes of the file are settled here, as the Go compiler does it (cmd/internal/obj/sym.go, objfile.go,
// pcln.go, Go 1.26).
//
//     ObjectBuilder object({.header = line, .package = "example.com/p"});
//     uint32_t file = object.add_file("/src/p/p.tiny");
//     SymbolId add = object.declare("example.com/p.Add", Abi::kInternal, Linkage::kNamed);
//     object.define_function(add, {.code = {…}, .start_line = 1, .lines = {{.pc = 0, .file = file, .line =
//     1}}}); absl::StatusOr<std::vector<uint8_t>> bytes = object.finish(ObjectFormat::kDense,
//     Container::kObject);
//
// Everything handed over is copied or moved. Misuse never crashes: the first mistake is kept, with the
// package, the symbol and the place in it, and everything after it is ignored; status() and finish() give it.
// One thread at a time.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "compiler-emit/content_hash.h"
#include "compiler-emit/convert.h"
#include "compiler-emit/debug_entry.h"
#include "compiler-emit/object_header.h"
#include "compiler-emit/object_parts.h"
#include "compiler-emit/object_symbol.h"

namespace dovetail::emit {

struct ObjectOptions {
  std::string header;        // the release's: object_header.h
  std::string package;       // its import path, as written in import declarations
  uint64_t fingerprint = 0;  // of the package's exported interface; 0 if importers need not agree on one
  // Whether this is the object by whose numbers importers know the package's symbols, not one beside the Go
  // compiler's (a .syso member, or what an assembler writes).
  bool owns_numbers = false;
  bool standard_library = false;
};

class ObjectBuilder {
 public:
  explicit ObjectBuilder(ObjectOptions options);
  ObjectBuilder(ObjectBuilder&&) = default;
  ObjectBuilder& operator=(ObjectBuilder&&) = default;

  // The number of a source file; the path is as it shall stand in tracebacks and debug information.
  uint32_t add_file(std::string_view path);
  // A package to load with this one, and the fingerprint that its object must have.
  void add_import(std::string_view path, uint64_t fingerprint);

  // A symbol by its name in the whole program, defined in this object or not, now or later.
  SymbolId named(std::string_view name, Abi abi = Abi::kAbi0);
  // Symbol `index` of those that another package's object knows by number. The name is for tools.
  SymbolId indexed(std::string_view package, uint32_t index, std::string_view name);
  // A symbol that this object defines. Only kStatic, kPackage and kContent need no name.
  SymbolId declare(std::string_view name, Abi abi, Linkage linkage);

  // Whether that has been done.
  bool declares(std::string_view name, Abi abi = Abi::kAbi0) const;

  void define_function(SymbolId symbol, Function function);
  void define_data(SymbolId symbol, Data data);
  // For debuggers: that the function, of this object or another one, has copies in functions that are defined
  // afterwards. Inlined calls of functions without this are known to tracebacks alone.
  void define_abstract_function(SymbolId function, const AbstractFunction& abstract);

  // Stack maps for funcdata 0 and 1 (stack_map.h). Equal ones are one symbol.
  SymbolId stack_maps(const std::vector<std::vector<bool>>& maps);
  // The bytes of a string constant. Equal ones are one symbol.
  SymbolId string_bytes(std::string_view text);
  // Read-only bytes that are known by their content. The same name is the same symbol, and has the same
  // bytes. `local`: of this object only, as far as names go.
  SymbolId content_bytes(std::string_view name, std::vector<uint8_t> bytes, bool local);
  // A function as a value: a word with its address, "NAME·f", which many objects may have. A closure has
  // other words behind it; `bytes` are all of them, the first 8 zero.
  SymbolId function_value(SymbolId function);
  SymbolId closure(std::string_view name, SymbolId function, std::vector<uint8_t> bytes);

  // For what is built on this class: a mistake of its own.
  void reject(std::string_view where, std::string_view what) { fail(where, what); }
  const absl::Status& status() const { return status_; }
  // The object's bytes. May be asked for again, in another format; nothing can be added any more.
  absl::StatusOr<std::vector<uint8_t>> finish(ObjectFormat format, Container container);
  // The number by which importers refer to a kPackage symbol; nothing can be added any more.
  absl::StatusOr<uint32_t> package_index(SymbolId symbol);

 private:
  friend class ObjectLayout;

  void fail(std::string_view where, std::string_view what);
  void fail(std::string_view where, const absl::Status& why);
  bool open(std::string_view what);  // whether something may still be added
  SymbolId add(ObjectSymbol symbol);
  SymbolId look_up(std::string_view name, uint16_t abi) const;
  // The symbol to be defined; null if it may not be.
  ObjectSymbol* begin_definition(SymbolId id, std::string_view what);
  absl::Status check_function(SymbolId id, const Function& f) const;
  absl::Status check_lines(const Function& f) const;
  absl::Status check_ranges(const std::vector<CodeRange>& ranges, size_t code_size) const;
  absl::Status check_variables(SymbolId function, const Function& f) const;
  absl::Status check_blocks(const Function& f) const;
  absl::Status check_relocs(std::vector<Relocation>& relocs, uint64_t size) const;
  absl::Status check_data(const ObjectSymbol& symbol, const Data& data) const;
  bool is_known(SymbolId id) const { return base::index(id) < symbols_.size(); }
  absl::Status add_pc_tables(SymbolId id, const Function& f);
  SymbolId pc_table(std::vector<uint8_t> bytes);
  SymbolId content(std::string_view name, std::vector<uint8_t> bytes, uint16_t flags, uint32_t align);
  void seal();
  void add_function_metadata(SymbolId id, uint32_t functions);
  void add_debug_entries(SymbolId id, uint32_t functions, std::vector<ObjectSymbol::Associated>* parts);
  void add_variable_entry(SymbolId id);
  const AbstractEntry* abstract_of(SymbolId function) const;

  ObjectOptions options_;
  ObjectHeader header_;
  absl::Status status_;
  bool sealed_ = false;
  std::vector<std::string> files_, packages_{std::string()};  // package 0 is none
  struct Import {
    std::string path;
    uint64_t fingerprint;
  };
  std::vector<Import> imports_;
  std::set<std::string, std::less<>> imported_;  // their paths
  std::vector<ObjectSymbol> symbols_;
  std::map<std::pair<std::string, uint16_t>, SymbolId> by_name_;
  std::map<std::string, uint32_t, std::less<>> file_numbers_, package_numbers_;
  std::map<std::pair<uint32_t, uint32_t>, SymbolId> by_number_;  // of other packages' symbols
  std::map<std::string, SymbolId> pc_tables_;                    // by their bytes
  std::map<SymbolId, AbstractEntry> abstracts_;                  // by function
  std::vector<uint32_t> package_indices_;  // by symbol, of kPackage ones; made when one is asked for
};

}  // namespace dovetail::emit
