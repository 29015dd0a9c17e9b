// Names for what an object has numbers for: symbols that it refers to, kinds, flags, auxiliary symbols.
//
// References to definitions of other packages are numbers there. Their names stand in the object beside what a linker
// reads (goobj's RefName, the dense format's tool-names); without them it is asked of the other objects that are
// given, and last such a reference is "package.#number".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "inspect/package_names.h"
#include "objfmt/any_view.h"

namespace dovetail::inspect {

class ObjectNames {
 public:
  // `view` outlives this, and so does `packages`, which may be null.
  ObjectNames(const objfmt::AnyView& view, const PackageNames* packages);

  // The local index of a symbol of this object; nothing for references out of it and those that fit no symbol.
  std::optional<uint32_t> local(objfmt::SymRef ref) const;
  // Of a symbol of this object: its name. Without one, "#69 (pcfile of main.work)" if a definition has it as auxiliary
  // symbol, else "#69".
  std::string symbol(uint32_t i) const;
  // Of the definition that has a nameless symbol as auxiliary symbol; "" if there is none.
  std::string owner(uint32_t i) const;
  // Of whatever a relocation or an auxiliary symbol leads to; "" for nothing.
  std::string target(objfmt::SymRef ref) const;
  // "package", "hashed64", "hashed", "named", "reference": where local index i is.
  std::string_view space(uint32_t i) const;

 private:
  const objfmt::AnyView& view_;
  const PackageNames* packages_;
  absl::flat_hash_map<uint64_t, std::string> externals_;  // by package << 32 | number; asked, never iterated
  struct Owner {
    uint32_t definition;
    objfmt::AuxKind kind;
  };
  absl::flat_hash_map<uint32_t, Owner> owners_;  // of nameless symbols: the first that has it; never iterated
};

// "text", "dwarffcn": objabi.SymKind's names (cmd/internal/objabi/symkind_string.go, Go 1.26).
std::string_view object_kind_name(objfmt::SymKind kind);
std::string_view aux_kind_name(objfmt::AuxKind kind);
// "ABI0", "ABIInternal", "static".
std::string abi_name(uint16_t abi);
// "dupok", "nosplit" ...: of SymFlags.
std::vector<std::string_view> symbol_flag_names(uint16_t flags);
// "argsptrmaps", "inltree" ...: FUNCDATA and PCDATA tables by their number (internal/abi/symtab.go, Go 1.26); "" above.
std::string_view funcdata_name(size_t number);
std::string_view pcdata_name(size_t number);
// "goexit", "wrapper" ...: abi.FuncID; "" for an ordinary function.
std::string_view func_id_name(uint8_t id);
// "topframe", "spwrite", "asm": abi.FuncFlag.
std::vector<std::string_view> func_flag_names(uint8_t flags);

}  // namespace dovetail::inspect
