// Names of symbols as a symbol table has them, read when an object is scanned anyway.
//
// To read names again when the table is written means to map a fifth of all input once more, so what goes into the
// table is copied.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "linker/image.h"

namespace dovetail::linker {

// How names are written: whether U+00B7 becomes '.'.
enum class MiddleDot : uint8_t { kBecomesDot, kStays };

// A symbol whose name for the outside differs (cgo directives).
struct ExternalName {
  SymId symbol;
  std::string_view name;
};

// What the table asks of a name.
class SymtabName {
 public:
  // Only static symbols can be static temporaries.
  static SymtabName of(std::string_view text, bool is_static, MiddleDot dots);
  bool known() const { return bits_ != 0; }
  bool hidden() const { return bits_ & 4; }            // empty, or begins with a dot
  bool static_temporary() const { return bits_ & 2; }
  bool changed() const { return bits_ & 8; }           // in the table, it is not the object's
  uint64_t bytes() const { return bits_ >> 4; }        // in the string table, NUL included

 private:
  static constexpr uint64_t kMost = (uint64_t{1} << 28) - 1;
  uint32_t bits_ = 0;
};

// The names of live symbols that may have an entry. Objects once each, on any thread. What was not looked at is not
// known here.
class SymtabNames {
 public:
  SymtabNames(const loader::Program& program, MiddleDot dots)
      : program_(program), dots_(dots), names_(program.syms.loaded_end()), places_(program.syms.loaded_end()) {}
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
  MiddleDot dots_;
  base::Column<SymtabName> names_;
  base::Column<uint32_t> places_;  // chunk number * kChunk + offset; 0: not kept
  std::mutex mutex_;
  std::vector<std::unique_ptr<char[]>> chunks_;  // guarded by mutex_ while objects are scanned
  std::vector<Open> open_;                       // of threads that scan none just now; guarded by mutex_
};

// Writes a name, `bytes` long without its NUL. Returns its end.
uint8_t* store_symtab_name(uint8_t* out, std::string_view name, MiddleDot dots);

}  // namespace dovetail::linker
