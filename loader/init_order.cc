#include "loader/init_order.h"

#include <algorithm>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "base/text.h"

namespace dovetail::loader {
namespace {

// Records of at most this size have no function to run.
constexpr uint64_t kEmptyTaskSize = 8;

struct Node {
  RawId raw = RawId::kNil;
  std::string name;
  uint64_t size = 0;
  uint32_t waiting = 0;              // imports that have not run yet
  std::vector<uint32_t> importers;  // nodes; one entry for each relocation
};

class Graph {
 public:
  Graph(const Inputs& in, const Resolution& res) : in_(in), res_(res) {}

  // Breadth first: the records of one level are read by all threads, since each lies in an object of its own
  // and costs some page faults (helm: 390 records, 2,200 faults, 10 of 13 ms).
  void build(RawId root, base::ThreadPool& threads) {
    find(root);
    std::vector<std::vector<RawId>> imports;
    for (size_t begin = 0; begin < nodes_.size();) {
      const size_t end = nodes_.size();
      imports.assign(end - begin, {});
      threads.for_each(end - begin, [&](uint64_t i) { imports[i] = read(nodes_[begin + i]); });
      for (size_t n = begin; n < end; n++) {
        for (RawId imported : imports[n - begin])
          nodes_[find(imported)].importers.push_back(static_cast<uint32_t>(n));
      }
      begin = end;
    }
  }

  std::vector<RawId> schedule() {
    auto later = [this](uint32_t a, uint32_t b) {
      const Node &x = nodes_[a], &y = nodes_[b];
      return x.name != y.name ? x.name > y.name : x.raw > y.raw;
    };
    std::vector<uint32_t> ready;  // a heap
    for (uint32_t n = 0; n < nodes_.size(); n++) {
      if (nodes_[n].waiting == 0) ready.push_back(n);
    }
    std::make_heap(ready.begin(), ready.end(), later);
    std::vector<RawId> tasks;
    while (!ready.empty()) {
      std::pop_heap(ready.begin(), ready.end(), later);
      const Node& node = nodes_[ready.back()];
      ready.pop_back();
      if (node.size > kEmptyTaskSize) tasks.push_back(node.raw);
      for (uint32_t importer : node.importers) {
        if (--nodes_[importer].waiting != 0) continue;
        ready.push_back(importer);
        std::push_heap(ready.begin(), ready.end(), later);
      }
    }
    return tasks;
  }

  // A record that schedule() could not place, or null. cmd/link names any of them; here it is the
  // first in symbol order.
  const Node* unscheduled() const {
    const Node* first = nullptr;
    for (const Node& node : nodes_) {
      if (node.waiting != 0 && (first == nullptr || node.raw < first->raw)) first = &node;
    }
    return first;
  }

 private:
  uint32_t find(RawId raw) {
    auto [it, added] = number_.try_emplace(index(raw), static_cast<uint32_t>(nodes_.size()));
    if (added) nodes_.emplace_back().raw = raw;
    return it->second;
  }

  // Fills the node but for its importers, and returns what it imports.
  std::vector<RawId> read(Node& node) const {
    Slot slot = res_.content(in_, node.raw);
    const ObjectView& view = in_.objects[slot.object].view;
    node.name = view.name(slot.local);
    node.size = view.size(slot.local);
    if (const Override* o = res_.override_of(node.raw)) node.size = std::max<uint64_t>(node.size, o->size);
    std::vector<RawId> imports;
    for (objfmt::Reloc r : view.relocs(slot.local)) {
      if (r.kind != objfmt::RelocKind::kInitOrder) continue;
      RawId target = res_.resolve(in_, slot.object, r.target);
      if (target != RawId::kNil) imports.push_back(target);
    }
    node.waiting = static_cast<uint32_t>(imports.size());
    return imports;
  }

  const Inputs& in_;
  const Resolution& res_;
  std::vector<Node> nodes_;  // in the order in which they are found
  absl::flat_hash_map<uint32_t, uint32_t> number_;
};

InitTasks schedule_from(Services& sv, const Inputs& in, const Resolution& res, std::string_view root_name) {
  RawId root = res.lookup(root_name, 0);
  if (root == RawId::kNil) return {};
  Graph graph(in, res);
  graph.build(root, sv.threads);
  InitTasks result{true, graph.schedule()};
  if (const Node* node = graph.unscheduled()) {
    sv.diag.exit(index(node->raw),
                 base::concat("inittask for ", node->name, " is not schedulable ", node->waiting));
  }
  return result;
}

}  // namespace

InitOrder schedule_init_tasks(Services& sv, const Inputs& in, const Resolution& res) {
  InitOrder order;
  order.main = schedule_from(sv, in, res, "main..inittask");
  order.runtime_slice = res.lookup("runtime.runtime_inittasks", 0);
  if (order.runtime_slice != RawId::kNil && !sv.diag.failed()) {
    order.runtime = schedule_from(sv, in, res, "runtime..inittask");
  }
  return order;
}

}  // namespace dovetail::loader
