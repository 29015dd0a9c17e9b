// Which functions a generated program has, in which packages they stand, which are live, and which calls
// which.
//
// Functions are numbered; those of a package stand together. Live and dead ones are mixed evenly, as in
// packages of which a program uses a part. The live ones, in their order, form one graph, and the dead ones
// another of the same shape: nothing live calls what is dead. A function calls only ones behind it, so
// packages import only later ones.
#pragma once

#include <cstdint>
#include <vector>

namespace dovetail::bench {

enum class Calls : uint8_t {
  kChain,  // each calls the next
  kStar,   // the first calls all others
  kTree,   // each calls two
};

class CallGraph {
 public:
  // REQUIRES: 1 <= live <= functions, functions_per_package >= 1.
  CallGraph(Calls calls, uint32_t functions, uint32_t live, uint32_t functions_per_package);

  uint32_t functions() const { return static_cast<uint32_t>(ordinals_.size()); }
  uint32_t packages() const { return (functions() + per_package_ - 1) / per_package_; }
  uint32_t package_of(uint32_t function) const { return function / per_package_; }
  uint32_t first_of(uint32_t package) const { return package * per_package_; }
  uint32_t end_of(uint32_t package) const;

  bool is_live(uint32_t function) const { return ordinals_[function].live; }
  std::vector<uint32_t> callees_of(uint32_t function) const;

 private:
  struct Ordinal {
    uint32_t live : 1, place : 31;  // among the live ones or among the dead ones
  };
  Calls calls_;
  uint32_t per_package_;
  std::vector<Ordinal> ordinals_;        // by function
  std::vector<uint32_t> by_ordinal_[2];  // functions: dead ones, live ones
};

}  // namespace dovetail::bench
