#include "loader/stack_check.h"

#include <algorithm>
#include <atomic>

#include "base/text.h"
#include "loader/stack_calls.h"
#include "loader/stack_report.h"

namespace dovetail::loader {
namespace {

// cmd/internal/objabi/stack.go StackNosplit and internal/abi StackNosplitBase, Go 1.26.
constexpr uint32_t kStackNosplitBase = 800;
constexpr uint64_t kGrain = 64;        // nosplit functions have some ten relocations
constexpr uint32_t kMaxErrors = 20;    // cmd/link stops at the next one, unless -e

struct Callee {
  int64_t growth;
  uint32_t callee;  // into the sorted list of nosplit functions
};

// A nosplit function, and the most it grows the stack without calling another.
struct Leaf {
  SymId function = SymId::kNil;
  int64_t height = 0;
  std::vector<Callee> callees;
};

bool is_nosplit(const Program& program, SymId s) {
  return program.syms.flags[index(s)] & objfmt::SymFlags::kNosplit;
}

std::vector<Leaf> list_nosplit(const Program& program, std::span<const SymId> functions, SymId morestack) {
  std::vector<Leaf> leaves;
  for (SymId s : functions) {
    if (!is_nosplit(program, s) || s == morestack || !program.has_object(s)) continue;
    leaves.emplace_back().function = s;
  }
  std::sort(leaves.begin(), leaves.end(),
            [](const Leaf& a, const Leaf& b) { return a.function < b.function; });
  return leaves;
}

void reduce(const StackRules& rules, const Program& program, const std::vector<Leaf>& leaves, bool* damaged,
            Leaf& leaf) {
  auto find = [&](SymId s) {
    auto at = std::lower_bound(leaves.begin(), leaves.end(), s,
                               [](const Leaf& a, SymId b) { return a.function < b; });
    return at != leaves.end() && at->function == s ? static_cast<uint32_t>(at - leaves.begin()) : ~0u;
  };
  int64_t most = 0;  // frame and calls to what is not nosplit
  std::vector<Callee>& callees = leaf.callees;
  int64_t frame = for_stack_calls(rules, program, leaf.function, damaged, [&](const StackCall& c) {
    if (!c.indirect && c.target != SymId::kNil && is_nosplit(program, c.target)) {
      uint32_t callee = find(c.target);
      if (callee != ~0u) {
        callees.push_back({c.growth, callee});
        return;
      }
    }
    most = std::max(most, c.growth + rules.call_size);
  });
  leaf.height = std::max(most, frame);
}

// Whether no chain of these functions can be over the limit, by depth-first search with a stack of its own.
bool all_within(const StackRules& rules, std::vector<Leaf>& leaves) {
  enum : uint8_t { kNew, kOpen, kDone };
  struct Frame {
    uint32_t leaf, next;
  };
  std::vector<uint8_t> state(leaves.size(), kNew);
  std::vector<Frame> stack;
  for (uint32_t start = 0; start < leaves.size(); start++) {
    if (state[start] != kNew) continue;
    state[start] = kOpen;
    stack.push_back({start, 0});
    while (!stack.empty()) {
      Frame& top = stack.back();
      Leaf& leaf = leaves[top.leaf];
      if (top.next == leaf.callees.size()) {
        if (leaf.height > rules.limit) return false;
        state[top.leaf] = kDone;
        stack.pop_back();
        continue;
      }
      const Callee edge = leaf.callees[top.next];
      if (state[edge.callee] == kOpen) return false;  // recursion
      if (state[edge.callee] == kNew) {
        state[edge.callee] = kOpen;
        stack.push_back({edge.callee, 0});
        continue;
      }
      leaf.height = std::max(leaf.height, edge.growth + leaves[edge.callee].height);
      top.next++;
    }
  }
  return true;
}

bool quick_check(Services& sv, const StackRules& rules, const Program& program,
                 std::span<const SymId> functions) {
  std::vector<Leaf> leaves = list_nosplit(program, functions, program.lookup("runtime.morestack", 0));
  std::atomic<bool> any_damaged{false};
  sv.threads.for_ranges(leaves.size(), kGrain, [&](uint64_t begin, uint64_t end) {
    bool damaged = false;
    for (uint64_t i = begin; i < end; i++) reduce(rules, program, leaves, &damaged, leaves[i]);
    if (damaged) any_damaged.store(true, std::memory_order_relaxed);
  });
  return !any_damaged.load() && all_within(rules, leaves);
}

void report(Services& sv, const StackRules& rules, const Program& program, std::span<const SymId> failed,
            std::string* out) {
  std::string chains;
  StackGraph graph(rules, program, sv.options.debug_nosplit, &chains);
  for (SymId s : failed) graph.check(s);
  out->append(chains);
  uint32_t errors = 0;
  for (const StackGraph::Root& root : graph.roots()) {
    chains.clear();
    bool last = errors == kMaxErrors && !sv.options.all_errors;
    if (!last) graph.print_chains(root.function);
    sv.diag.error(errors++, base::concat(program.name(root.function), ": nosplit stack over ", rules.limit,
                                         " byte limit"), chains);
    if (last) return;
  }
}

}  // namespace

StackRules stack_rules(const Options& options) {
  const BuildConfig& config = options.config;
  uint32_t multiplier = 1 + (config.goos == "aix" || config.goos == "openbsd") + options.race;
  bool arm64 = config.goarch == "arm64";  // calls go to a register, but the frame pointer is saved below
  return {arm64 ? 0u : 8u, kStackNosplitBase * multiplier - 8, arm64 ? 4u : 1u};
}

std::string check_stack(Services& sv, const Program& program, std::span<const SymId> functions) {
  StackRules rules = stack_rules(sv.options);
  std::string out;
  if (!sv.options.debug_nosplit && quick_check(sv, rules, program, functions)) return out;

  StackGraph graph(rules, program, sv.options.debug_nosplit, &out);
  std::vector<SymId> failed;
  for (SymId s : functions) {
    if (graph.check(s) > static_cast<int64_t>(rules.limit)) failed.push_back(s);
  }
  if (graph.damaged()) {
    sv.diag.fatal(0, "bad Value varint in pciterNext: read 0");
  } else if (!failed.empty()) {
    report(sv, rules, program, failed, &out);
  }
  return out;
}

}  // namespace dovetail::loader
