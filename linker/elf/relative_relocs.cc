#include "linker/elf/relative_relocs.h"

#include "base/text.h"
#include "linker/relocate.h"

namespace dovetail::linker {

void RelativeRelocs::plan(Services& sv, const DataBuckets& buckets, const DynamicPlan& dynamic) {
  loader::Symbols& syms = program_.syms;
  table_ = dynamic.rela;
  place_.resize(syms.count());
  uint64_t at = syms.size[index(table_)] / kElfRelaSize;
  for (const std::vector<SymId>& list : buckets.by_kind) {
    for (SymId s : list) {
      if (scan_.count(s) == 0 || dynamic.is_own(s)) continue;
      place_[index(s)] = static_cast<uint32_t>(at + 1);
      at += scan_.count(s);
      entries_ += scan_.count(s);
    }
  }
  if (at * kElfRelaSize > UINT32_MAX) {
    sv.diag.exit(0, base::concat("too many addresses in the data of a position-independent executable: ", at));
    return;
  }
  syms.size[index(table_)] = static_cast<uint32_t>(at * kElfRelaSize);
  base::store64(&syms.make_content(dynamic.dynamic).data[dynamic.rela_size], at * kElfRelaSize);
}

void RelativeRelocs::add_jobs(Services& sv, loader::EmitJobs* jobs) const {
  jobs->by_object.push_back({table_, [this, &sv](uint32_t object, base::MutableBytes table) {
    program_.for_live(object, [&](SymId s, uint32_t) {
      if (place_[index(s)] != 0 && program_.syms.made(s) == nullptr) write(s, table, sv.diag);
    });
  }});
  jobs->jobs.push_back({table_, entries_, [this, &sv](base::MutableBytes table) {
    for (uint32_t i = 1; i < program_.syms.count(); i++) {
      if (place_[i] != 0 && program_.syms.made(static_cast<SymId>(i)) != nullptr) write(static_cast<SymId>(i), table, sv.diag);
    }
  }});
}

// The address is stored in its place, too. In cmd/link the table has a relocation against what it stands for, so
// what is not there is reported of both.
void RelativeRelocs::write(SymId s, base::MutableBytes table, base::Diagnostics& diag) const {
  const loader::Symbols& syms = program_.syms;
  uint8_t* to = table.data() + uint64_t{place_[index(s)] - 1} * kElfRelaSize;
  scan_.for_addresses(s, [&](const loader::LinkReloc& r) {
    base::store64(to, syms.value[index(s)] + static_cast<uint64_t>(r.offset));
    base::store64(to + 8, type_);
    base::store64(to + 16, (r.target == SymId::kNil ? 0 : syms.value[index(r.target)]) + static_cast<uint64_t>(r.addend));
    loader::LinkReloc entry = r;
    entry.offset = static_cast<int64_t>(to + 16 - table.data());
    complain_of_target(program_, diag, table_, entry);
    to += kElfRelaSize;
  });
}

}  // namespace dovetail::linker
