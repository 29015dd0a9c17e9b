#include "linker/link.h"

#include <cstdio>

#include "base/file.h"
#include "linker/arch/amd64.h"
#include "linker/place_data.h"
#include "linker/place_text.h"
#include "linker/relocate.h"
#include "linker/write.h"
#include "loader/init_order.h"
#include "loader/stack_check.h"
#include "runtime-tables/findfunctab.h"
#include "runtime-tables/pclntab.h"

namespace dovetail::linker {

int link(const LinkRequest& request) {
  base::Diagnostics diag;
  base::ThreadPool threads(request.tuning.threads, request.tuning.schedule_seed);
  base::PhaseTimer timer;
  timer.enabled = true;
  Services sv{request.options, request.argv0, diag, threads, timer};
  auto failed = [&] {
    if (!diag.failed()) return false;
    for (auto& d : diag.take()) std::fprintf(stderr, "%s\n", d.text.c_str());
    return true;
  };
  Program p;
  timer.start("load_inputs");
  p.in = loader::load_inputs(sv);
  if (failed()) return 2;
  timer.start("resolve_symbols");
  p.res = loader::resolve_symbols(sv, p.in);
  if (failed()) return 2;
  timer.start("init_order");
  auto inits = loader::schedule_init_tasks(sv, p.in, p.res);
  std::vector<loader::RawId> roots;
  for (auto name : {"_rt0_amd64_linux", "runtime.unreachableMethod"})
    for (unsigned v : {0u, 1u}) roots.push_back(p.res.lookup(name, v));
  for (auto r : inits.main.tasks) roots.push_back(r);
  for (auto r : inits.runtime.tasks) roots.push_back(r);
  timer.start("mark_live");
  p.live = loader::mark_live(sv, p.in, p.res, roots);
  if (failed()) return 2;
  timer.start("number_symbols");
  loader::number_symbols(sv, p);
  timer.start("order_text");
  auto order = loader::order_text(sv, p);
  Image image;
  image.sections.emplace_back();
  image.text_address = Amd64::kTextAddress;
  timer.start("place_text");
  TextPlan text = place_text(sv, p, order, {}, image);
  timer.stop();
  for (auto& ph : timer.phases()) std::fprintf(stderr, "%-20s %8.3f ms wall %8.3f cpu  rss %lu MB peak %lu\n", std::string(ph.name).c_str(), ph.wall_ns / 1e6, ph.cpu_ns / 1e6, ph.rss_bytes >> 20, ph.peak_rss_bytes >> 20);
  for (SymId f : text.functions) std::printf("%lx %s\n", p.syms.value[index(f)], std::string(p.name(f)).c_str());
  return 0;
}

}  // namespace dovetail::linker
