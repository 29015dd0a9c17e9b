// The passes of a link, in order. What a pass returns is frozen when the next begins.
//
// Symbols that the linker makes are numbered as they are made, and the numbers order tables of the image
// (docs/order.md), so the order of the calls that make symbols is cmd/link's (ld/main.go, Go 1.26).
#include "linker/link.h"

#include <cstdio>
#include <optional>

#include "absl/strings/str_format.h"
#include "base/file.h"
#include "dwarf/dwarf.h"
#include "linker/arch/cpu.h"
#include "linker/benchmark.h"
#include "linker/block_counts.h"
#include "linker/entry.h"
#include "linker/format.h"
#include "linker/native_symbols.h"
#include "linker/place_data.h"
#include "linker/place_text.h"
#include "linker/relocate.h"
#include "linker/report.h"
#include "linker/write.h"
#include "loader/call_graph.h"
#include "loader/dump_dep.h"
#include "loader/field_track.h"
#include "loader/init_order.h"
#include "loader/stack_check.h"
#include "loader/strict_dups.h"
#include "loader/trace_text.h"
#include "objfmt/dense/asked.h"
#include "runtime-tables/build_info.h"
#include "runtime-tables/fips.h"
#include "runtime-tables/gc_masks.h"
#include "runtime-tables/moduledata.h"
#include "runtime-tables/string_vars.h"

namespace dovetail::linker {

using loader::RawId;

namespace {

std::string signed_hex(uint64_t value) {
  return static_cast<int64_t>(value) < 0 ? absl::StrFormat("-%#x", -value) : absl::StrFormat("%#x", value);
}

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

// Everything that one link produces before bytes are written.
class Linker {
 public:
  Linker(Services& sv, base::OutputFile& output)
      : sv_(sv), cpu_(cpu_of(sv.options.config.goarch)), report_(sv), output_(output),
        format_(make_format({sv, cpu_, p_, image_, cgo_})) {}

  int run() {
    start_image();
    if (sv_.options.verbose > 0) print(loader::trace_header(sv_.options, image_.text_address, image_.round));
    if (load() && plan() && place() && write()) return report_.status();
    return report_.status() ? report_.status() : 2;
  }

  void print_counts() const { print_block_counts(p_.in); }

 private:
  bool checkpoint() { return report_.checkpoint(); }
  void phase(std::string_view name) { sv_.timer.start(name); }

  // Objects become symbols, symbols become the live set.
  bool load() {
    phase("load_inputs");
    p_.in = loader::load_inputs(sv_);
    if (!checkpoint()) return false;
    p_.in.trim(sv_.threads, loader::bytes_to_resolve(p_.in));
    phase("resolve_symbols");
    p_.res = loader::resolve_symbols(sv_, p_.in);
    if (!checkpoint()) return false;
    if (sv_.options.strict_duplicates != 0 && loader::check_strict_dups(sv_, p_.in, p_.res)) fail_at_end_ = true;
    cgo_ = read_cgo_directives(sv_, p_.in, p_.res);
    phase("schedule_init_tasks");
    init_ = loader::schedule_init_tasks(sv_, p_.in, p_.res);
    if (!report_.proceed()) return false;
    const loader::DirectedSymbols directed = directed_symbols(cgo_);
    if (sv_.options.dump_dependencies) loader::dump_dependencies(sv_, p_.in, p_.res, init_, directed, print);
    if (loader::tracks_fields(sv_)) tracked_ = loader::tracked_fields(sv_, p_.in, p_.res, init_, directed);
    phase("mark_live");
    p_.in.trim(sv_.threads, p_.in.goobj_bytes / 4);
    p_.live = loader::mark_live(sv_, p_.in, p_.res, roots(directed), {init_.runtime_slice, init_.runtime.tasks});
    keep_made_names();
    p_.in.trim(sv_.threads);
    if (!report_.proceed()) return false;
    phase("number_symbols");
    loader::number_symbols(sv_, p_);
    return report_.proceed();
  }

  std::vector<RawId> roots(const loader::DirectedSymbols& directed) const {
    std::vector<RawId> roots;
    for (std::string_view name : {std::string_view(sv_.options.entry_symbol), std::string_view("runtime.unreachableMethod")}) {
      for (uint32_t version : {0u, 1u}) roots.push_back(p_.res.lookup(name, version));
    }
    roots.insert(roots.end(), init_.main.tasks.begin(), init_.main.tasks.end());
    roots.insert(roots.end(), directed.exported.begin(), directed.exported.end());
    return roots;
  }

  // Names that the linker defines keep the place that their first mention gives them.
  void keep_made_names() {
    for (std::string_view name : runtime_tables::made_names()) {
      RawId raw = p_.res.lookup(name, 0);
      if (raw != RawId::kNil) p_.live.live.set(index(raw));
    }
  }

  // Code gets addresses; the tables that follow from them get their sizes.
  bool plan() {
    fips_ = runtime_tables::make_fips_symbols(sv_, p_);
    init_lists_ = runtime_tables::make_init_lists(p_, init_);
    format_->define_setup_symbols();
    setup_ = runtime_tables::define_setup_symbols(sv_, p_);
    apply_cgo_directives(cgo_, p_);
    format_->define_symbols();
    SymId build_id = runtime_tables::make_text_build_id(sv_, p_);
    phase("order_text");
    order_ = loader::order_text(sv_, p_);
    runtime_tables::set_string_vars(sv_, p_);
    runtime_tables::set_tracked_fields(sv_, p_, tracked_);
    if (sv_.options.dump_call_graph) loader::dump_call_graph(sv_, p_, order_.functions, print);
    phase("place_text");
    const SymId made[] = {fips_.start[0], fips_.end[0]};
    text_ = place_text(sv_, cpu_, p_, order_, build_id, made, image_);
    phase("scan_objects");
    p_.in.trim(sv_.threads, p_.in.goobj_bytes / 6);
    loader::StackScan stack(sv_, p_, order_);
    runtime_tables::TypelinkScan types(p_);
    runtime_tables::FuncWalker walker(sv_, p_, text_.functions, image_.sections[1].address);
    std::optional<dwarf::DwarfScan> debug;
    if (!sv_.options.no_dwarf) debug.emplace(sv_, p_, order_);
    runtime_tables::GroupScan groups(p_);
    if (!sv_.options.strip_symbols) names_.emplace(p_, format_->symtab_rules().middle_dot);
    if (sv_.options.relro()) addresses_.emplace(p_, format_->keep_address_offsets());
    p_.in.for_objects(sv_.threads, [&](uint32_t o) {
      if (addresses_) addresses_->scan_object(o);
      stack.scan_object(o);
      types.scan_object(o);
      groups.scan_object(o);
      if (names_) names_->scan_object(o);
      walker.walk_object(o);
      if (debug) debug->scan_object(o);
      format_->scan_object(o);
    });
    p_.in.trim(sv_.threads);
    phase("check_stack");
    print(loader::check_stack(sv_, p_, order_, stack));
    phase("plan_tables");
    runtime_tables::PclntabContentPtr functions;
    runtime_tables::TypelinkOrder sorted;
    auto plan_runtime_tables = [&] {
      functions = runtime_tables::plan_pclntab(sv_, walker);
      sorted = runtime_tables::sort_typelinks(sv_, types);
    };
    auto plan_debug = [&] {
      if (debug) dwarf_ = dwarf::plan_dwarf(sv_, p_, *debug, text_.functions);
    };
    sv_.threads.both(plan_runtime_tables, plan_debug);
    typelinks_ = runtime_tables::make_typelinks(p_, sorted);
    runtime_tables::make_build_info(sv_, p_);
    pclntab_ = runtime_tables::make_pclntab(sv_, p_, std::move(functions), image_.sections[1].address);
    findfunctab_ = runtime_tables::plan_findfunctab(sv_, p_, text_.functions);
    p_.in.trim(sv_.threads);
    phase("group_symbols");
    markers_ = runtime_tables::define_markers(sv_, p_);
    runtime_tables::group_symbols(sv_, p_, markers_, groups);
    runtime_tables::make_moduledata(p_, setup_.moduledata, {text_.start, text_.end}, image_.sections[1].size, markers_,
                                    pclntab_, findfunctab_, typelinks_, init_lists_);
    return report_.proceed();
  }

  void start_image() {
    image_.sections.emplace_back();
    image_.header_size = sv_.options.platform->header_size;
    image_.round = sv_.options.rounding();
    image_.file_round = sv_.options.platform->file_rounding ? sv_.options.platform->file_rounding : image_.round;
    image_.text_address = sv_.options.text_start();
  }

  // Data gets addresses.
  bool place() {
    phase("place_data");
    p_.in.trim(sv_.threads, p_.in.goobj_bytes / 8);
    format_->plan_unwind(order_.functions);
    format_->plan_dynamic(text_);
    DataBuckets buckets = collect_data(sv_, p_);
    if (addresses_) {
      addresses_->scan_made();
      format_->plan_addresses(buckets, *addresses_);
      part_relro(sv_, p_, *addresses_, buckets);
    }
    sort_data(sv_, p_, buckets);
    format_->arrange(&buckets);
    DataHooks hooks;
    hooks.thread_local_section = format_->thread_local_section();
    hooks.masks = [&](std::span<const SymId> data, uint64_t data_size, std::span<const SymId> bss, uint64_t bss_size) {
      const runtime_tables::GcMask masks[] = {{markers_.gcdata, data, 0, data_size}, {markers_.gcbss, bss, 0, bss_size}};
      runtime_tables::make_gc_masks(sv_, p_, masks);
    };
    numbers_ = place_sections(sv_, p_, buckets, hooks, image_);
    place_segments(sv_, p_, buckets, numbers_, image_);
    format_->place_symbols();
    place_markers(p_, markers_, numbers_, image_);
    place_func_data();
    return report_.proceed();
  }

  // Function data lies inside go:func.*.
  void place_func_data() {
    loader::Symbols& s = p_.syms;
    uint64_t base = s.value[index(pclntab_.func_data)];
    for (SymId id : pclntab_.func_data_symbols) {
      s.value[index(id)] += base;
      s.section[index(id)] = s.section[index(pclntab_.func_data)];
    }
  }

  // Bytes, once each, into the output.
  bool write() {
    std::vector<ExternalName> external = external_names(cgo_, p_);
    NativeSymbolInputs symtab_in{p_, text_.functions, text_.start, text_.end, external,
                                    names_ ? &*names_ : nullptr, format_->symtab_rules()};
    bool has_symbols = !sv_.options.strip_symbols || format_->keeps_dynamic_symbols();
    if (has_symbols) {
      phase("plan_symtab");
      format_->plan_symbols(symtab_in);
    }
    std::vector<dwarf::DwarfSection> debug;
    std::vector<uint64_t> section_address;
    for (const Section& section : image_.sections) section_address.push_back(section.address);
    if (dwarf_) {
      phase("compress_dwarf");
      debug = dwarf::compress_dwarf(sv_, p_, *dwarf_, section_address);
    }
    if (!report_.proceed()) return false;
    phase("plan_file");
    std::vector<uint32_t> debug_numbers = place_debug(debug);
    uint64_t entry = 0;
    for (int times = format_->asks_entry_twice() ? 2 : 1; times > 0; times--) {
      entry = entry_address(p_, sv_.options.entry_symbol, image_.text_address, sv_.diag);
    }
    uint64_t file_size = format_->plan_file(entry);
    if (!report_.proceed()) return false;

    if (absl::Status status = output_.reserve(file_size); !status.ok()) {
      sv_.diag.exit(0, "mapping output file failed: " + std::string(status.message()));
      return checkpoint();
    }
    auto sink = [&](uint64_t offset, base::Bytes bytes) { output_.write(offset, bytes); };
    phase("write_segments");
    uint64_t in_memory = 0;  // until it is written
    for (SegmentId id : kDataSegments) in_memory += data_size(image_, id);
    p_.in.trim(sv_.threads, in_memory);
    RelocContext context{p_, image_, sv_.diag, p_.lookup("runtime.unreachableMethod", 1),
                         !p_.live.pruned_initialisers.empty() ? p_.lookup("runtime.mapinitnoop", 1) : SymId::kNil,
                         *format_, *sv_.options.platform, text_.detours, format_->local_thread_data()};
    loader::EmitJobs jobs = pclntab_.jobs;
    format_->add_jobs(&jobs);
    jobs.jobs.insert(jobs.jobs.end(), findfunctab_.jobs.begin(), findfunctab_.jobs.end());
    // Much of this waits for the one file, so writing of what is ready goes on beside what has to be made first.
    DataBytes data;
    auto write_code = [&] { data = write_functions(sv_, cpu_.id, context, text_, jobs, sink); };
    auto write_debug = [&] {
      if (!dwarf_) return;
      std::vector<uint64_t> offsets;
      for (uint32_t number : debug_numbers) offsets.push_back(image_.sections[number].file_offset);
      dwarf::write_dwarf(sv_, p_, *dwarf_, section_address, debug, offsets, sink);
    };
    sv_.threads.both(write_code, write_debug);
    if (!checkpoint()) return false;
    phase("write_tables");
    p_.in.trim(sv_.threads, p_.in.goobj_bytes / 5);
    auto write_symbols = [&] {
      if (has_symbols) format_->write_symbols(sink);
    };
    sv_.threads.both(write_symbols, [&] { write_data(image_, data, sink); });
    if (!write_fips_sum()) return checkpoint();
    loader::check_names(sv_, p_.in);
    format_->write_headers(sink);
    format_->finish(output_);
    if (fail_at_end_) report_.fail(2);
    if (!checkpoint()) return false;
    print_summaries();
    phase("commit");
    absl::Status status = output_.commit(file_size);
    if (!status.ok()) {
      sv_.diag.exit(0, "cannot write " + output_.path() + ": " + std::string(status.message()));
      checkpoint();
    }
    sv_.timer.stop();
    return status.ok();
  }

  void print_summaries() {
    if (sv_.options.dump_call_graph) {
      const Segment& data = image_.segment(SegmentId::kData);
      print(loader::size_summary(format_->text_size(), data.file_size, data.size - data.file_size,
                                 format_->symtab_size()));
    }
    if (sv_.options.verbose > 0) {
      print(loader::trace_symbols(p_.in, p_.res, p_.rank.total(), p_.syms.count() - p_.syms.loaded_end()));
    }
  }

  // Debug sections lie behind the data and what comes with it, unaligned among themselves unless the format rounds them.
  std::vector<uint32_t> place_debug(const std::vector<dwarf::DwarfSection>& debug) {
    const Segment* before = &image_.segment(SegmentId::kData);
    for (SegmentId id : kSegmentsBehindData) {
      if (!image_.segment(id).sections.empty()) before = &image_.segment(id);
    }
    Segment& segment = image_.segment(SegmentId::kDwarf);
    segment.rwx = 6;
    segment.address = base::round_up(before->address + before->size, image_.round);
    segment.file_offset = base::round_up(before->file_offset + before->file_size, image_.file_round);
    uint64_t rounding = std::max<uint64_t>(sv_.options.platform->file_rounding, 1);
    std::vector<uint32_t> numbers;
    uint64_t at = 0;
    for (const dwarf::DwarfSection& d : debug) {
      Section section;
      section.name = d.name;
      section.segment = SegmentId::kDwarf;
      section.rwx = 4;
      section.align = d.align;
      section.compressed = d.compressed;
      section.size = d.size;
      at = base::round_up(at, rounding);
      section.address = segment.address + at;
      section.file_offset = segment.file_offset + at;
      at += d.size;
      numbers.push_back(static_cast<uint32_t>(image_.sections.size()));
      segment.sections.push_back(numbers.back());
      image_.sections.push_back(std::move(section));
    }
    segment.size = segment.file_size = at;
    return numbers;
  }

  bool write_fips_sum() {
    const loader::Symbols& s = p_.syms;
    if (fips_.info == SymId::kNil) return true;
    std::array<std::vector<uint8_t>, 4> bytes;
    std::array<base::Bytes, 4> ranges;
    for (size_t i = 0; i < 4; i++) {
      const Segment& segment = image_.segment(image_.sections[s.section[index(fips_.start[i])]].segment);
      uint64_t begin = s.value[index(fips_.start[i])], end = s.value[index(fips_.end[i])];
      // Addresses wrap with a -T or -D below zero. cmd/link ld/fips140.go asmbfips, Go 1.26.
      if (segment.address > begin || end > segment.address + segment.file_size) {
        sv_.diag.error(0, absl::StrFormat("asmbfips: %s not in expected segment (%s..%s not in %#x..%#x)",
                                          std::string(p_.name(fips_.start[i])), signed_hex(begin), signed_hex(end),
                                          segment.address, segment.address + segment.file_size));
        return false;
      }
      bytes[i].resize(end - begin);
      if (!output_.read(segment.file_offset + (begin - segment.address), bytes[i])) return true;  // commit tells
      ranges[i] = bytes[i];
    }
    runtime_tables::FipsSum sum;
    if (!runtime_tables::sum_fips(sv_, ranges, &sum)) return false;
    const Section& section = image_.sections[s.section[index(fips_.info)]];
    output_.write(section.file_offset + runtime_tables::kFipsSumOffset, sum);
    return true;
  }

  Services& sv_;
  const Cpu& cpu_;
  Reporter report_;
  base::OutputFile& output_;
  bool fail_at_end_ = false;
  Program p_;
  CgoDirectives cgo_;
  loader::InitOrder init_;
  std::string tracked_;  // fields, for -k
  runtime_tables::FipsSymbols fips_;
  runtime_tables::InitLists init_lists_;
  runtime_tables::SetupSymbols setup_;
  loader::TextOrder order_;
  Image image_;
  TextPlan text_;
  runtime_tables::Typelinks typelinks_;
  runtime_tables::PclntabPlan pclntab_;
  runtime_tables::FindfunctabPlan findfunctab_;
  dwarf::DwarfPlanPtr dwarf_;
  runtime_tables::Markers markers_;
  std::optional<SymtabNames> names_;
  SectionNumbers numbers_;
  std::optional<AddressScan> addresses_;
  std::unique_ptr<Format> format_;
};

}  // namespace

int link(const LinkRequest& request) {
  base::reserve_open_files();
  base::Diagnostics diag;
  base::ThreadPool threads(request.tuning.threads, request.tuning.schedule_seed);
  base::PhaseTimer timer;
  timer.enabled = !request.options.benchmark.empty() || !request.tuning.trace.empty();
  if (!request.tuning.trace.empty()) threads.record_work();
  Services sv{request.options, request.argv0, diag, threads, timer};
  base::OutputFile output;
  if (absl::Status status = output.open(request.options.output); !status.ok()) {
    std::fprintf(stderr, "%s: cannot create %s: open %s: %s\n", request.argv0.c_str(), request.options.output.c_str(),
                 request.options.output.c_str(), std::string(status.message()).c_str());
    return 2;
  }
  // Not destroyed: the process ends with the link, and unmapping takes as long as a phase.
  auto* linker = new Linker(sv, output);
  int status = 0;
  threads.both([&] { status = linker->run(); }, [&] { output.free_replaced(); });
  timer.stop();
  print_benchmark(sv, request.tuning);
  if constexpr (objfmt::dense::kCountBlocks) linker->print_counts();
  return status;
}

}  // namespace dovetail::linker
