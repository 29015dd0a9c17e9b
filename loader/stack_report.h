// The stack check done again with everything recorded, to explain an overrun or print the graph.
//
// The walks here visit functions and edges in the order in which cmd/link does, since what it prints
// follows from it; all keep their own stack, because a damaged object may hold a chain of any length.
// cmd/link ld/stackcheck.go, Go 1.26.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "loader/stack_check.h"

namespace dovetail::loader {

class StackGraph {
 public:
  // `out` takes what goes to standard output.
  StackGraph(const StackRules& rules, const Program& program, bool print_edges, std::string* out);

  // The height of a function, found on the first call; kCycle or more for a recursion.
  int64_t check(SymId function);

  struct Root {
    SymId function;
    int64_t height;
  };
  // Of all functions that were checked, those that no other of them calls: highest first.
  std::vector<Root> roots();
  // Prints all chains from `root` that go over the limit.
  void print_chains(SymId root);

  static constexpr int64_t kCycle = 32767;  // heights are at most this
  bool damaged() const { return damaged_; }

 private:
  struct Edge {
    int64_t growth;
    uint32_t target;  // node; 0 = growth without a call
  };
  enum class Presence : uint8_t { kAbsent, kEmpty, kWhole };
  struct Link {  // of a chain
    Edge edge;
    bool printed;
  };
  struct CheckFrame;
  struct WalkFrame;

  CheckFrame enter(uint32_t node);
  void print_edges(uint32_t node);
  void print_chain(std::vector<Link>& chain, int64_t depth, bool cycle);
  // Deletes what `start` reaches from `candidates`; the least member of a cycle through `origin`, or 0.
  uint32_t delete_reachable(uint32_t origin, uint32_t start, std::vector<bool>& candidates);
  std::string name(uint32_t node) const;

  const StackRules rules_;
  const Program& program_;
  const bool print_edges_;
  std::string* const out_;
  const uint32_t indirect_;   // the node of all indirect calls: behind all symbols
  const uint32_t morestack_;  // 0 if there is none
  bool damaged_ = false;
  std::vector<int64_t> height_;               // by node; -1 = not visited
  std::vector<std::vector<Edge>> edges_;      // by node
  std::vector<Presence> presence_;            // by node: what of edges_ a chain may still follow
};

}  // namespace dovetail::loader
