// Function metadata of an object: the record that the compiler writes for each function
// (cmd/internal/goobj/funcinfo.go, Go 1.26), its inline tree, and the pc tables (cmd/internal/obj/pcln.go funcpctab).
#include <algorithm>
#include <vector>

#include "base/text.h"
#include "inspect/verify_object.h"

namespace dovetail::inspect {
namespace {

using base::concat;
using objfmt::AnyView;
using objfmt::AuxKind;
using objfmt::FuncInfo;
using objfmt::InlineNode;

// Bytes of code that one step of a pc table stands for (cmd/internal/sys/arch.go MinLC); 0 for a CPU that is not known.
uint32_t code_quantum(std::string_view text) {
  std::string_view words = text.substr(0, text.find('\n'));
  for (int word = 0; word < 3; word++) words = words.substr(std::min(words.size(), words.find(' ') + 1));
  std::string_view arch = words.substr(0, words.find(' '));
  if (arch == "amd64" || arch == "386") return 1;
  if (arch == "s390x" || arch == "riscv64") return 2;
  for (std::string_view four :
       {"arm", "arm64", "loong64", "mips", "mipsle", "mips64", "mips64le", "ppc64", "ppc64le"}) {
    if (arch == four) return 4;
  }
  return 0;
}

class FunctionVerifier {
 public:
  FunctionVerifier(const AnyView& view, uint32_t quantum, Findings* findings)
      : v_(view), quantum_(quantum), findings_(findings) {}

  void run(uint32_t i) {
    function_ = i;
    info_ = FuncInfo();
    uint32_t tables[5] = {};
    for (auto range = v_.auxs(i); auto aux : range) {
      if (aux.kind == AuxKind::kFuncInfo) check_info(local_index(v_, aux.target));
    }
    for (auto range = v_.auxs(i); auto aux : range) {
      if (aux.kind < AuxKind::kPcsp || aux.kind > AuxKind::kPcdata) continue;
      uint32_t table = local_index(v_, aux.target),
               k = static_cast<uint32_t>(aux.kind) - static_cast<uint32_t>(AuxKind::kPcsp);
      if (aux.target.is_nil()) continue;
      if (table >= v_.def_count())
        add("pc-table.symbol", concat(kTableNames[k], " is not a definition of this object"));
      else
        check_table(aux.kind, table);
      if (aux.kind != AuxKind::kPcdata && tables[k]++ == 1)
        add("pc-table.once", concat(kTableNames[k], " is there twice"));
    }
  }

 private:
  static constexpr const char* kTableNames[] = {"pcsp", "pcfile", "pcline", "pcinline", "pcdata"};

  void add(std::string_view rule, std::string text) {
    findings_->add(rule, {.symbol = function_, .name = v_.name(function_)}, std::move(text));
  }

  void check_info(uint32_t symbol) {
    if (symbol >= v_.def_count()) return add("funcinfo.symbol", "is not a definition of this object");
    base::Bytes data = v_.data(symbol);
    FuncInfo info(data);
    if (!info.valid()) return add("funcinfo.size", concat(data.size(), " bytes hold less than they say"));
    uint64_t want = 24 + uint64_t{info.file_count()} * 4 + uint64_t{info.inline_count()} * 24;
    if (want != data.size()) add("funcinfo.size", want_have(want, data.size()));
    for (uint32_t k = 0; k < info.file_count(); k++) {
      if (info.file(k) >= v_.file_count()) add("funcinfo.file", concat("file ", info.file(k), " of ", v_.file_count()));
      if (k > 0 && info.file(k) <= info.file(k - 1))
        add("funcinfo.files-ascend", concat("file ", info.file(k), " behind ", info.file(k - 1)));
    }
    for (uint32_t k = 0; k < info.inline_count(); k++) check_node(info.inline_node(k), k);
    info_ = info;
  }
  void check_node(const InlineNode& n, uint32_t k) {
    auto wrong = [&](std::string_view rule, std::string text) { add(rule, concat("inlined call ", k, ": ", text)); };
    if (n.parent < -1 || n.parent >= static_cast<int64_t>(k)) wrong("inline.parent", concat("parent ", n.parent));
    if (n.file >= v_.file_count()) wrong("inline.file", concat("file ", n.file, " of ", v_.file_count()));
    bool inside = v_.space(n.func) == objfmt::RefSpace::kPackage
                      ? n.func.pkg < v_.package_count()
                      : v_.space(n.func) == objfmt::RefSpace::kBuiltin || local_index(v_, n.func) != kNoSymbol;
    if (!inside) wrong("inline.function", concat("symbol ", n.func.sym, " of package ", n.func.pkg));
    if (n.parent_pc < 0 || (n.parent_pc != 0 && static_cast<uint32_t>(n.parent_pc) >= v_.size(function_))) {
      wrong("inline.pc", concat("pc ", n.parent_pc, " of ", v_.size(function_), " bytes"));
    }
  }

  // Pairs of a value's difference (zigzag, from -1 on) and the code that has it, ended by a difference of 0 that is not
  // the first.
  void check_table(AuxKind kind, uint32_t symbol) {
    base::Bytes data = v_.data(symbol);
    std::string_view name = kTableNames[static_cast<size_t>(kind) - static_cast<size_t>(AuxKind::kPcsp)];
    if (data.empty()) return;
    const uint8_t *p = data.data(), *end = p + data.size();
    int32_t value = -1;
    uint64_t steps = 0;
    for (bool first = true;; first = false) {
      if (p == end) return add("pc-table.end", concat(name, " has no end"));
      uint64_t delta = base::read_uleb(p, end);
      if (delta == 0 && !first) break;
      if (p == end) return add("pc-table.end", concat(name, " ends within a pair"));
      value = static_cast<int32_t>(static_cast<uint32_t>(value) + static_cast<uint32_t>(base::unzigzag(delta)));
      uint64_t step = base::read_uleb(p, end);
      steps += step;
      if (step > UINT32_MAX || steps > UINT32_MAX)
        return add("pc-table.function", concat(name, " goes on for ", steps, " steps"));
      check_value(kind, name, value);
    }
    if (p != end) add("pc-table.end", concat(name, ": ", end - p, " bytes behind its end"));
    // The compiler rounds down where the size is no multiple of the quantum, which does not occur.
    if (quantum_ != 0 && steps * quantum_ != v_.size(function_)) {
      add("pc-table.function", concat(name, " covers ", steps * quantum_, " bytes of ", v_.size(function_)));
    }
  }
  void check_value(AuxKind kind, std::string_view name, int32_t value) {
    if (!info_.valid()) return;
    if (kind == AuxKind::kPcinline && (value < -1 || value >= static_cast<int64_t>(info_.inline_count()))) {
      add("pc-table.inline", concat(name, ": inlined call ", value, " of ", info_.inline_count()));
    }
    if (kind == AuxKind::kPcfile && value >= 0) {
      uint32_t low = 0, high = info_.file_count();
      while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (info_.file(middle) < static_cast<uint32_t>(value))
          low = middle + 1;
        else
          high = middle;
      }
      bool found = low < info_.file_count() && info_.file(low) == static_cast<uint32_t>(value);
      if (!found)
        add("pc-table.file", concat(name, ": file ", value, " is none of the function's ", info_.file_count()));
    }
  }

  const AnyView& v_;
  uint32_t quantum_;
  Findings* findings_;
  uint32_t function_ = 0;
  FuncInfo info_;
};

}  // namespace

void verify_functions(const AnyView& view, std::string_view text, Findings* findings) {
  FunctionVerifier verifier(view, code_quantum(text), findings);
  for (uint32_t i = 0; i < view.def_count(); i++) {
    if (objfmt::is_text(view.kind(i))) verifier.run(i);
  }
}

}  // namespace dovetail::inspect
