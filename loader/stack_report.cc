#include "loader/stack_report.h"

#include <algorithm>

#include "base/text.h"
#include "loader/stack_calls.h"

namespace dovetail::loader {

using base::concat;

// What cmd/link numbers the ABI of file-local symbols from: one number for each object.
constexpr uint32_t kFirstStaticVersion = 10;
constexpr uint16_t kStaticAbi = 0xffff;
// A graph with shared sub-graphs has exponentially many chains; nobody reads beyond this.
constexpr uint64_t kMaxSteps = 20'000'000;

struct StackGraph::CheckFrame {
  uint32_t node = 0, next = 0;
  int64_t frame = 0;   // largest stack use between calls
  int64_t height = 0;  // so far
};

struct StackGraph::WalkFrame {
  uint32_t node = 0, next = 0;
  uint32_t lowest = 0;
  int64_t depth = 0;
  bool cycle = false, whole = false;
};

StackGraph::StackGraph(const StackRules& rules, const Program& program, bool print_edges, std::string* out)
    : rules_(rules),
      program_(program),
      print_edges_(print_edges),
      out_(out),
      indirect_(program.syms.count()),
      morestack_(index(program.lookup("runtime.morestack", 0))),
      height_(indirect_ + 1, -1),
      edges_(indirect_ + 1),
      presence_(indirect_ + 1, Presence::kAbsent) {}

std::string StackGraph::name(uint32_t node) const {
  if (node == indirect_) return "indirect";
  if (node == 0) return "leaf";
  SymId s = static_cast<SymId>(node);
  uint32_t version = 0;
  if (program_.has_object(s)) {
    version = program_.object_of(s).view.abi(program_.syms.local[node]);
    if (version == kStaticAbi) version = kFirstStaticVersion + program_.syms.object[node];
  }
  return concat(program_.name(s), "<", version, ">");
}

// Records a node's edges. What runtime.morestack calls runs on another stack.
StackGraph::CheckFrame StackGraph::enter(uint32_t node) {
  CheckFrame frame;
  frame.node = node;
  height_[node] = kCycle;
  presence_[node] = Presence::kWhole;
  if (node == morestack_) return frame;
  const int64_t call = rules_.call_size;
  if (node == indirect_) {
    edges_[node].push_back({call, morestack_});
    return frame;
  }
  SymId function = static_cast<SymId>(node);
  if (!program_.func_info(function).valid()) return frame;
  if (!(program_.syms.flags[node] & objfmt::SymFlags::kNosplit) || !program_.has_object(function)) {
    edges_[node].push_back({call, morestack_});
    return frame;
  }
  frame.frame = for_stack_calls(rules_, program_, function, &damaged_, [&](const StackCall& c) {
    edges_[node].push_back({c.growth, c.indirect ? indirect_ : index(c.target)});
  });
  return frame;
}

int64_t StackGraph::check(SymId function) {
  if (height_[index(function)] >= 0) return height_[index(function)];
  std::vector<CheckFrame> stack = {enter(index(function))};
  for (;;) {
    CheckFrame& top = stack.back();
    if (top.next < edges_[top.node].size()) {
      const Edge edge = edges_[top.node][top.next];
      if (edge.target != 0 && height_[edge.target] < 0) {
        stack.push_back(enter(edge.target));
        continue;
      }
      int64_t callee = edge.target == 0 ? 0 : height_[edge.target];
      top.height = std::max(top.height, edge.growth + callee);
      top.next++;
      continue;
    }
    // A frame beyond what any call needs is an edge of its own.
    if (top.frame > top.height) {
      edges_[top.node].push_back({top.frame, 0});
      top.height = top.frame;
    }
    height_[top.node] = std::min(top.height, kCycle);
    if (print_edges_) print_edges(top.node);
    stack.pop_back();
    if (stack.empty()) return height_[index(function)];
  }
}

void StackGraph::print_edges(uint32_t node) {
  for (const Edge& edge : edges_[node]) {
    out_->append(concat("nosplit: ", name(node), " +", edge.growth));
    if (edge.target != 0) out_->append(concat(" -> ", name(edge.target)));
    out_->push_back('\n');
  }
}

uint32_t StackGraph::delete_reachable(uint32_t origin, uint32_t start, std::vector<bool>& candidates) {
  std::vector<WalkFrame> stack;
  uint32_t found = 0;  // what the walk that just ended returned
  // A node that is gone already has nothing below it; coming back to the origin closes a cycle.
  auto visit = [&](uint32_t node) {
    found = 0;
    if (!candidates[node]) return;
    candidates[node] = false;
    if (node == origin) {
      found = node;
      return;
    }
    WalkFrame frame;
    frame.node = node;
    stack.push_back(frame);
  };
  visit(start);
  while (!stack.empty()) {
    WalkFrame& top = stack.back();
    if (found != 0) {
      top.lowest = std::min(top.lowest == 0 ? top.node : top.lowest, found);
      found = 0;
    }
    if (top.next < edges_[top.node].size()) {
      uint32_t target = edges_[top.node][top.next++].target;
      visit(target);
      continue;
    }
    found = top.lowest;
    stack.pop_back();
  }
  return found;
}

std::vector<StackGraph::Root> StackGraph::roots() {
  std::vector<bool> candidates(height_.size());
  for (uint32_t node = 1; node < height_.size(); node++) candidates[node] = height_[node] >= 0;
  for (uint32_t node = 1; node < height_.size(); node++) {
    if (!candidates[node]) continue;
    for (const Edge& edge : edges_[node]) {
      uint32_t lowest = delete_reachable(node, edge.target, candidates);
      if (lowest != 0) candidates[lowest] = true;
    }
  }
  std::vector<Root> result;
  for (uint32_t node = 1; node < height_.size(); node++) {
    if (candidates[node]) result.push_back({static_cast<SymId>(node), height_[node]});
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const Root& a, const Root& b) { return a.height > b.height; });
  return result;
}

// While a chain goes through a node, its edges are absent, so that coming back to it is seen as a cycle; the
// cycle's end leaves the node present without edges until the chain leaves the node.
void StackGraph::print_chains(SymId root) {
  std::vector<WalkFrame> stack;
  std::vector<Link> chain = {{{0, index(root)}, false}};
  auto visit = [&](uint32_t node, int64_t depth) {
    WalkFrame frame;
    frame.node = node;
    frame.depth = depth;
    frame.whole = presence_[node] == Presence::kWhole;
    frame.cycle = presence_[node] == Presence::kAbsent && node != 0;
    presence_[node] = Presence::kAbsent;
    stack.push_back(frame);
  };
  visit(index(root), rules_.limit);
  for (uint64_t steps = 0; !stack.empty(); steps++) {
    WalkFrame& top = stack.back();
    if (top.whole && top.next < edges_[top.node].size() && steps < kMaxSteps) {
      const Edge edge = edges_[top.node][top.next++];
      chain.push_back({edge, false});
      visit(edge.target, top.depth - edge.growth);
      continue;
    }
    presence_[top.node] = top.whole ? Presence::kWhole : Presence::kEmpty;
    bool end = !top.whole || edges_[top.node].empty();
    if (end && (top.depth < 0 || top.cycle)) print_chain(chain, top.depth, top.cycle);
    stack.pop_back();
    chain.pop_back();
  }
}

void StackGraph::print_chain(std::vector<Link>& chain, int64_t depth, bool cycle) {
  std::string indent;
  for (size_t i = 0; i < chain.size(); i++) {
    if (chain[i].printed) continue;
    chain[i].printed = true;
    const Edge& edge = chain[i].edge;
    if (i == 0) {
      out_->append(concat(name(edge.target), "\n"));
      continue;
    }
    indent.assign(4 * i, ' ');
    out_->append(concat(indent, "grows ", edge.growth, " bytes"));
    if (edge.target != 0) out_->append(concat(", calls ", name(edge.target)));
    out_->push_back('\n');
  }
  out_->append(cycle ? concat(indent, "infinite cycle\n") : concat(indent, -depth, " bytes over limit\n"));
}

}  // namespace dovetail::loader
