// The symbol table for debuggers and profilers: .symtab and .strtab.
//
// cmd/link walks all symbols twice, once for local and once for global ones, and appends names to one growing
// string. What comes out is a function of a single sequence (runtime.text, functions in address order,
// runtime.etext, the rest by id) and of each symbol's binding. So the sequence is cut into chunks; plan_
// counts the entries and name bytes of each binding per chunk, prefix sums give each chunk its four places in
// the output, and emit_ walks the chunks again, in any order, writing names and entries where they belong.
// What is kept per symbol is its name, copied when an object is scanned anyway: to read names again when the table is
// written means to map a fifth of all input once more.
//
// Names are the text in the objects with U+00B7 as '.', and ".abi0" behind a function whose ABIInternal twin
// exists, dead or alive. They are never shared. cmd/link ld/symtab.go asmElfSym, genelfsym, putelfsym,
// mangleABIName, Go 1.26.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "linker/image.h"

namespace dovetail::linker {

// A symbol whose name for the outside differs (cgo directives).
struct ExternalName {
  SymId symbol;
  std::string_view name;
};

// What the table asks of a name.
class SymtabName {
 public:
  // Only static symbols can be static temporaries.
  static SymtabName of(std::string_view text, bool is_static);
  bool known() const { return bits_ != 0; }
  bool hidden() const { return bits_ & 4; }            // empty, or begins with a dot
  bool static_temporary() const { return bits_ & 2; }
  uint64_t bytes() const { return bits_ >> 3; }        // in the string table, NUL included

 private:
  static constexpr uint64_t kMost = (uint64_t{1} << 29) - 1;
  uint32_t bits_ = 0;
};

// The names of live symbols that may have an entry. Objects once each, on any thread. What was not looked at is not
// known here.
class SymtabNames {
 public:
  explicit SymtabNames(const loader::Program& program)
      : program_(program), names_(program.syms.loaded_end()), places_(program.syms.loaded_end()) {}
  void scan_object(uint32_t object);
  SymtabName of(SymId s) const { return index(s) < names_.size() ? names_[index(s)] : SymtabName(); }
  // As it goes into the table, without the NUL; nullptr if it is not kept.
  const char* text(SymId s) const {
    uint32_t place = index(s) < places_.size() ? places_[index(s)] : 0;
    return place == 0 ? nullptr : chunks_[place / kChunk].get() + place % kChunk;
  }

 private:
  static constexpr uint32_t kChunk = 1 << 16, kMostChunks = 1 << 16;
  struct Open {  // a chunk that is not full, and how much of it is used
    uint32_t chunk = 0, used = kChunk;
    char* bytes = nullptr;
  };
  uint32_t keep(std::string_view name, SymtabName as, Open& open);
  bool next_chunk(Open& open);

  const loader::Program& program_;
  base::Column<SymtabName> names_;
  base::Column<uint32_t> places_;  // chunk number * kChunk + offset; 0: not kept
  std::mutex mutex_;
  std::vector<std::unique_ptr<char[]>> chunks_;  // guarded by mutex_ while objects are scanned
  std::vector<Open> open_;                       // of threads that scan none just now; guarded by mutex_
};

struct NativeSymbolInputs {
  const loader::Program& program;
  std::span<const SymId> text;                             // functions in address order
  SymId text_start = SymId::kNil, text_end = SymId::kNil;  // runtime.text, runtime.etext
  std::span<const ExternalName> external_names;            // ascending by symbol; empty in nearly every link
  const SymtabNames* names;                                // or nullptr
};

struct NativeSymbolPlan {
  struct Count {
    uint64_t symbols = 0, name_bytes = 0;
  };
  struct Chunk {  // what stands before it
    Count locals, globals;
  };
  std::vector<Chunk> chunks;
  uint32_t first_global = 0;
  uint64_t symbol_count = 0;
  uint64_t strtab_size = 0;
  uint64_t symtab_size() const { return symbol_count * 24; }
};

// Needs names, kinds and flags, no addresses. REQUIRES: no symbol is made and no kind or flag changes
// afterwards.
NativeSymbolPlan plan_native_symbols(Services& sv, const NativeSymbolInputs& in);

// Where emit_ writes and what it needs for it.
struct NativeSymbolTarget {
  std::span<const uint16_t> section_number;  // of Image::sections, in the file (ElfPlan)
  uint64_t symtab, strtab;                   // offsets in the file
  base::Sink sink;
};

// In parallel. A symbol that has no section is an error.
void emit_native_symbols(Services& sv, const NativeSymbolInputs& in, const NativeSymbolPlan& plan,
                         const NativeSymbolTarget& target);

}  // namespace dovetail::linker
