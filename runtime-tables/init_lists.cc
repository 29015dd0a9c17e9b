#include "runtime-tables/init_lists.h"

#include "runtime-tables/content.h"

namespace dovetail::runtime_tables {

using base::index;
using loader::SymId;
using objfmt::SymKind;

namespace {

SymId make_list(loader::Program& program, std::string_view name, const loader::InitTasks& tasks) {
  if (!tasks.exists) return SymId::kNil;
  SymId list = program.syms.make_anonymous(name, SymKind::kNoptrdata);
  ContentWriter content(program, list);
  for (loader::RawId task : tasks.tasks) content.address(program.id(task));
  content.finish();
  return list;
}

}  // namespace

InitLists make_init_lists(loader::Program& program, const loader::InitOrder& order) {
  InitLists lists;
  lists.main = make_list(program, "go:main.inittasks", order.main);
  SymId slice = order.runtime_slice == loader::RawId::kNil ? SymId::kNil : program.id(order.runtime_slice);
  if (slice == SymId::kNil) return lists;
  lists.runtime = make_list(program, "go:runtime.inittasks", order.runtime);
  program.syms.kind[index(slice)] = SymKind::kNoptrdata;
  ContentWriter header(program, slice);
  header.slice(lists.runtime, order.runtime.tasks.size());
  header.finish();
  return lists;
}

}  // namespace dovetail::runtime_tables
