#include "loader/stack_check.h"

#include <algorithm>
#include <span>

#include "base/text.h"
#include "loader/stack_calls.h"
#include "loader/stack_report.h"

namespace dovetail::loader {
namespace {

// cmd/internal/objabi/stack.go StackNosplit and internal/abi StackNosplitBase, Go 1.26.
constexpr uint32_t kStackNosplitBase = 800;
constexpr uint32_t kMaxErrors = 20;    // cmd/link stops at the next one, unless -e

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

StackScan::StackScan(const Services& sv, const Program& program, const TextOrder& order)
    : p_(program), order_(order), rules_(stack_rules(sv.options)), wanted_(!sv.options.debug_nosplit) {
  if (!wanted_) return;
  nosplit_ = base::Bitmap(p_.syms.count());
  SymId morestack = p_.lookup("runtime.morestack", 0);
  for (SymId s : order.functions) {
    if ((p_.syms.flags[index(s)] & objfmt::SymFlags::kNosplit) && s != morestack) nosplit_.set(index(s));
  }
  rank_ = base::Rank(nosplit_);
  leaves_.resize(rank_.total());
  callees_.resize(p_.in.objects.size());
}

void StackScan::scan_object(uint32_t object) {
  if (!wanted_) return;
  for (SymId s : order_.unit(object)) {
    if (nosplit_.test(index(s))) reduce(object, s);
  }
}

void StackScan::reduce(uint32_t object, SymId function) {
  std::vector<Callee>& callees = callees_[object];
  Leaf& leaf = leaves_[number(function)];
  leaf.object = object;
  leaf.first = static_cast<uint32_t>(callees.size());
  int64_t most = 0;  // frame and calls to what is not nosplit
  bool damaged = false;
  int64_t frame = for_stack_calls(rules_, p_, function, &damaged, [&](const StackCall& c) {
    if (!c.indirect && c.target != SymId::kNil && nosplit_.test(index(c.target))) {
      callees.push_back({c.growth, number(c.target)});
    } else {
      most = std::max(most, c.growth + rules_.call_size);
    }
  });
  leaf.end = static_cast<uint32_t>(callees.size());
  leaf.height = std::max(most, frame);
  if (damaged) damaged_.store(true, std::memory_order_relaxed);
}

// A depth-first search with a stack of its own.
bool StackScan::all_within() const {
  enum : uint8_t { kNew, kOpen, kDone };
  struct Frame {
    uint32_t leaf, next;
    int64_t height;
  };
  if (damaged_.load()) return false;
  std::vector<uint8_t> state(leaves_.size(), kNew);
  std::vector<int64_t> height(leaves_.size());
  std::vector<Frame> stack;
  auto open = [&](uint32_t leaf) {
    state[leaf] = kOpen;
    stack.push_back({leaf, leaves_[leaf].first, leaves_[leaf].height});
  };
  for (uint32_t start = 0; start < leaves_.size(); start++) {
    if (state[start] == kNew) open(start);
    while (!stack.empty()) {
      Frame& top = stack.back();
      const Leaf& leaf = leaves_[top.leaf];
      if (top.next == leaf.end) {
        if (top.height > rules_.limit) return false;
        state[top.leaf] = kDone;
        height[top.leaf] = top.height;
        stack.pop_back();
        continue;
      }
      const Callee edge = callees_[leaf.object][top.next];
      if (state[edge.callee] == kOpen) return false;  // recursion
      if (state[edge.callee] == kNew) {
        open(edge.callee);
        continue;
      }
      top.height = std::max(top.height, edge.growth + height[edge.callee]);
      top.next++;
    }
  }
  return true;
}

std::string check_stack(Services& sv, const Program& program, const TextOrder& order, const StackScan& scan) {
  StackRules rules = stack_rules(sv.options);
  std::string out;
  if (!sv.options.debug_nosplit && scan.all_within()) return out;

  StackGraph graph(rules, program, sv.options.debug_nosplit, &out);
  std::vector<SymId> failed;
  for (SymId s : order.functions) {
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
