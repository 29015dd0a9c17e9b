// What the Go compiler wrote, computed again by the parts of compiler-emit: hashes of content-addressed
// symbols, tables of pcs, names of stack maps and string constants. Reads lines "IMPORT-PATH ARCHIVE" from
// standard input; says what differs, and how much there was.
#include <cstdio>
#include <iostream>
#include <string>

#include "base/text.h"
#include "compiler-emit/content_hash.h"
#include "compiler-emit/pc_table.h"
#include "tests/scripts/emit_archives.h"

namespace {

using namespace dovetail;
using objfmt::AuxKind;
using objfmt::RefSpace;
using objfmt::SymRef;
using objfmt::goobj::View;

struct Totals {
  size_t hashes = 0, with_relocs = 0, tables = 0, names = 0, different = 0;
};
Totals totals;

void differs(std::string_view package, std::string_view what, std::string_view name) {
  if (++totals.different < 20) std::cerr << package << ": " << what << " " << name << " differs\n";
}

class Object {
 public:
  Object(std::string_view package, const View& view)
      : package_(package),
        v_(view),
        prefix_(emit::escape_package_path(package)),
        is_table_(view.def_count()) {}

  void check() {
    for (uint32_t i = 0; i < v_.def_count(); i++) {
      for (objfmt::Aux a : v_.auxs(i)) {
        bool table = a.kind >= AuxKind::kPcsp && a.kind <= AuxKind::kPcdata;
        if (table && v_.space(a.target) == RefSpace::kHashed) is_table_[index_of(a.target)] = true;
      }
    }
    uint32_t first = v_.pkgdef_count() + v_.hashed64_count();
    for (uint32_t i = v_.pkgdef_count(); i < first + v_.hashed_count(); i++) {
      if (i >= first) check_hash(i);
      if (is_table_[i]) check_table(i);
      check_name(i);
    }
  }

 private:
  uint32_t index_of(SymRef ref) const {
    uint32_t first = v_.pkgdef_count();
    if (v_.space(ref) == RefSpace::kHashed64) return first + ref.sym;
    if (v_.space(ref) == RefSpace::kHashed) return first + v_.hashed64_count() + ref.sym;
    return first + v_.hashed64_count() + v_.hashed_count() + ref.sym;
  }

  void check_hash(uint32_t i) {
    emit::ContentHasher hasher(v_.size(i), emit::content_section(v_.name(i), is_table_[i]), v_.data(i));
    for (objfmt::Reloc r : v_.relocs(i)) {
      emit::HashedTarget t;
      uint8_t short_hash[8];
      switch (v_.space(r.target)) {
        case RefSpace::kHashed64:
          base::store(short_hash, v_.hash64(index_of(r.target)));
          t = {emit::HashedTarget::Kind::kHashed64, short_hash};
          break;
        case RefSpace::kHashed:
          t = {emit::HashedTarget::Kind::kHashed, {v_.hash(index_of(r.target)), 16}};
          break;
        case RefSpace::kNamed:
          t.text = v_.name(index_of(r.target));
          break;
        case RefSpace::kBuiltin:
          t.kind = emit::HashedTarget::Kind::kBuiltin;
          t.index = r.target.sym;
          break;
        default:
          t.kind = emit::HashedTarget::Kind::kIndexed;
          t.text =
              v_.space(r.target) == RefSpace::kSelf ? std::string_view(prefix_) : v_.package(r.target.pkg);
          t.index = r.target.sym;
      }
      hasher.add_reloc(r, t);
      totals.with_relocs++;
    }
    totals.hashes++;
    emit::ContentHash hash = hasher.finish();
    if (!std::equal(hash.begin(), hash.end(), v_.hash(i))) differs(package_, "the hash of", v_.name(i));
  }

  void check_table(uint32_t i) {
    base::Bytes bytes = v_.data(i);
    std::vector<emit::PcValue> rows;
    uint32_t pc = 0;
    int32_t value = -1;
    for (size_t at = 0; at < bytes.size();) {
      uint64_t delta = number(bytes, &at);
      if (delta == 0 && !rows.empty()) break;
      value += static_cast<int32_t>(delta >> 1 ^ (0 - (delta & 1)));
      rows.push_back({pc, value});
      pc += static_cast<uint32_t>(number(bytes, &at));
    }
    totals.tables++;
    absl::StatusOr<std::vector<uint8_t>> again = emit::encode_pc_table(rows, -1, pc, 1);
    if (!again.ok() || !std::equal(again->begin(), again->end(), bytes.begin(), bytes.end()))
      differs(package_, "a table of pcs:", std::to_string(i));
  }
  static uint64_t number(base::Bytes bytes, size_t* at) {
    uint64_t v = 0;
    for (unsigned shift = 0; *at < bytes.size(); shift += 7) {
      uint8_t b = bytes[(*at)++];
      v |= uint64_t{b & 0x7fu} << shift;
      if (b < 0x80) break;
    }
    return v;
  }

  void check_name(uint32_t i) {
    std::string_view name = v_.name(i);
    std::string again;
    if (name.starts_with("gclocals\xc2\xb7"))
      again = emit::gclocals_name(v_.data(i));
    else if (name.starts_with("go:string.") && v_.data_size(i) == v_.size(i))
      again = emit::string_symbol_name(base::as_text(v_.data(i)));
    else
      return;
    totals.names++;
    if (again != name) differs(package_, "the name", name);
  }

  std::string_view package_;
  const View& v_;
  std::string prefix_;
  std::vector<bool> is_table_;
};

}  // namespace

int main() {
  if (!for_archives([](std::string_view package, const View& view) { Object(package, view).check(); })) return 2;
  std::printf("%zu hashes (%zu relocations), %zu tables, %zu names; %zu differ\n", totals.hashes,
              totals.with_relocs, totals.tables, totals.names, totals.different);
  return totals.different != 0;
}
