// The flood of reachability in cmd/link's order of visits, by one thread.
//
// Who reaches a symbol first follows from that order: always the waiting symbol with the least index,
// relocations before auxiliary symbols, methods in rounds. The parallel flood of reach.h has no such order
// and finds the same set; this one is for what only the order can tell (-dumpdep, -k), and nobody else pays
// for it. It meets malformed types in silence: reach reports them. cmd/link ld/deadcode.go, Go 1.26.
#pragma once

#include <functional>
#include <queue>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "base/bitmap.h"
#include "base/text.h"
#include "loader/init_order.h"

namespace dovetail::loader {

// What the directives of packages say of symbols (linker/cgo_directives.h).
struct DirectedSymbols {
  std::vector<RawId> exported;  // roots
  std::vector<RawId> changed;   // of another kind than the objects say
};

// Nodes are canonical RawIds, and behind them the symbols that the linker makes, in the order in which
// cmd/link makes them.
class SerialFlood {
 public:
  // Called when `node` is reached, with the one that leads to it (0: a root): once, and once more for a type
  // that turns out only later to be one that an interface may hold.
  using Observer = absl::FunctionRef<void(uint32_t parent, uint32_t node)>;

  // REQUIRES: mark_live has not been called; it takes what the objects say of types in interfaces.
  SerialFlood(Services& sv, const Inputs& in, const Resolution& res, const InitOrder& inits,
              const DirectedSymbols& directed);

  // Once.
  void run(Observer observer);

  uint32_t node_count() const { return in_.raw_count + static_cast<uint32_t>(made_.size()); }
  std::string_view name(uint32_t node) const;
  // As of now, for an observer.
  bool used_in_interface(uint32_t node) const { return used_.test(node); }
  bool calls_method_by_reflection(uint32_t node) const { return flags(node) & objfmt::SymFlags::kReflectMethod; }

 private:
  // A symbol that the linker makes before reachability: a list of initialisers.
  struct MadeNode {
    std::string_view name;
    std::vector<uint32_t> targets;
  };
  struct MethodKey {
    std::string_view name;
    uint32_t type = 0;
    friend bool operator==(const MethodKey&, const MethodKey&) = default;
  };
  struct MethodKeyHash {
    size_t operator()(const MethodKey& k) const { return base::hash_name(k.name, k.type).lo; }
  };
  struct Method {
    MethodKey key;
    uint32_t source;  // the type that has it
    uint32_t targets[3];
  };

  uint32_t make_inittasks(const InitOrder& inits);
  void mark_fips_symbols();

  bool has_content(uint32_t node) const {
    return node < in_.raw_count && !res_.is_reference(static_cast<RawId>(node));
  }
  Slot content(uint32_t node) const { return res_.content(in_, static_cast<RawId>(node)); }
  const ObjectView& view(Slot s) const { return in_.objects[s.object].view; }
  uint16_t flags(uint32_t node) const;
  base::Bytes data(uint32_t node) const;
  uint32_t target(Slot s, objfmt::SymRef ref) const { return index(res_.resolve(in_, s.object, ref)); }
  uint32_t type_of(uint32_t node) const;

  void mark(uint32_t node, uint32_t parent);
  void use_in_interface(uint32_t type, uint32_t parent);
  void flood();
  void visit(uint32_t node);
  void visit_relocs(uint32_t node, Slot s);
  void note_interface_method(uint32_t type, int64_t offset);
  void collect_methods(uint32_t node, Slot s);
  bool mark_methods();

  Services& sv_;
  const Inputs& in_;
  const Resolution& res_;
  const DirectedSymbols& directed_;
  const Observer* observer_ = nullptr;     // while run() runs
  std::vector<MadeNode> made_;
  uint32_t tasks_ = 0;                     // the list of the program's initialisers
  uint32_t slice_ = 0, slice_target_ = 0;  // runtime.runtime_inittasks, and the list that it gets
  base::Bitmap live_, used_;
  base::Bitmap changed_;  // no longer as in its object
  std::priority_queue<uint32_t, std::vector<uint32_t>, std::greater<>> waiting_;
  bool reflect_seen_ = false;
  absl::flat_hash_set<MethodKey, MethodKeyHash> called_;
  absl::flat_hash_set<std::string_view, base::TextHash> named_;
  std::vector<Method> methods_;
};

}  // namespace dovetail::loader
