// link_floor: how long the part of a link takes that no linker can leave out, on objects as the Go compiler writes them.
//
//     link_floor [--threads=N] LINKER ARGUMENTS...      (GOROOT, GOOS … in the environment, as for the linker)
//
// It loads the program, resolves and marks it as the linker does; that is not timed, and gives it for nothing what a linker
// has to find out: the symbols that are live, the one that each name and hash stands for, addresses. Then a process without
// any of these pages, and with every thread at work all the time, does no more than
//
//   map      open and map each archive, look at each object's header
//   hashes   read the hash of each content-addressed definition, and enter it into one table that all threads share
//   names    the same for each named definition and reference, of which the text has to be hashed
//   reach    go through the relocations and auxiliary symbols of each live symbol, and set a bit for what each refers to
//   sweep    copy each live symbol of code and data, add an address wherever a relocation has a size, write it to a file
//   debug    the same for debug information, but compress it as Go does (base/go_deflate.h), and write that
//
// each once, object by object, pages never given back. Nothing is placed, sorted, checked or numbered; no table of functions,
// types or compilation units is made, no symbol table (functions' metadata and pc tables are copied as they are). What a link
// takes beyond that is order, those tables, and memory that stays within bounds.
//
// Standard output: a JSON object: for each stage wall and CPU time in seconds; counts.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <numeric>

#include "absl/strings/numbers.h"
#include "base/go_deflate.h"
#include "base/text.h"
#include "loader/build_config.h"
#include "loader/init_order.h"
#include "loader/release/release.h"
#include "loader/symbols.h"

namespace dovetail::bench {
namespace {

using loader::RawId;
using loader::SymId;
using objfmt::goobj::View;

constexpr const char* kStages[] = {"map", "hashes", "names", "reach", "sweep", "debug"};
constexpr size_t kStageCount = std::size(kStages);
constexpr size_t kBytesPerWrite = 256 << 10;

[[noreturn]] void fail(std::string_view text) {
  std::fprintf(stderr, "link_floor: %.*s\n", static_cast<int>(text.size()), text.data());
  std::exit(2);
}

// A set of 64-bit keys that threads fill together; big enough, so it never grows.
class KeySet {
 public:
  KeySet(base::ThreadPool& pool, uint64_t most) : slots_(std::bit_ceil(2 * most + 1)) {
    // Or each page would be read before it is written, which interrupts all threads (base/column.h).
    pool.for_ranges(slots_.size(), size_t{1} << 16, [&](uint64_t begin, uint64_t end) {
      std::memset(&slots_[begin], 0, (end - begin) * sizeof slots_[0]);
    });
  }
  void prefetch(uint64_t key) const { __builtin_prefetch(&slots_[place(key)], 1); }
  void add(uint64_t key) {
    key |= 1;  // 0 is a free slot
    for (size_t i = place(key);; i = (i + 1) & (slots_.size() - 1)) {
      std::atomic_ref<uint64_t> slot(slots_[i]);
      uint64_t found = slot.load(std::memory_order_relaxed);
      if (found == key) return;
      if (found == 0 && slot.compare_exchange_strong(found, key, std::memory_order_relaxed)) return;
      if (found == key) return;
    }
  }

 private:
  // Short hashes are the contents themselves, so not spread at all.
  size_t place(uint64_t key) const { return (key * 0x9e3779b97f4a7c15u >> 20) & (slots_.size() - 1); }
  base::Column<uint64_t> slots_;
};

// Keys on their way into a set: memory is asked for a few ahead.
class KeyQueue {
 public:
  explicit KeyQueue(KeySet& set) : set_(set) {}
  void add(uint64_t key) {
    uint64_t& slot = waiting_[at_++ % kAhead];
    if (at_ > kAhead) set_.add(slot);
    slot = key;
    set_.prefetch(key | 1);
  }
  ~KeyQueue() {
    for (size_t i = 0; i < std::min(at_, kAhead); i++) set_.add(waiting_[i]);
  }

 private:
  static constexpr size_t kAhead = 16;
  KeySet& set_;
  uint64_t waiting_[kAhead] = {};
  size_t at_ = 0;
};

struct Times {
  double wall[kStageCount] = {}, cpu[kStageCount] = {};
  uint64_t keys = 0, names = 0, references = 0, bytes = 0, debug_bytes = 0, compressed_bytes = 0, symbols = 0;
};

double cpu_seconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec); };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Where an object lies: which file, and where in it.
struct Place {
  uint32_t file;
  uint64_t offset;
  size_t size;
};

class Floor {
 public:
  Floor(const loader::Program& program, std::vector<std::string> paths, std::vector<Place> places, unsigned threads)
      : p_(program), paths_(std::move(paths)), places_(std::move(places)), threads_(threads) {}

  Times run() {
    void (Floor::*stages[])() = {&Floor::map, &Floor::join_hashes, &Floor::join_names, &Floor::reach, &Floor::sweep, &Floor::compress};
    for (size_t i = 0; i < kStageCount; i++) {
      auto begin = std::chrono::steady_clock::now();
      double cpu = cpu_seconds();
      (this->*stages[i])();
      times_.wall[i] = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      times_.cpu[i] = cpu_seconds() - cpu;
    }
    times_.keys = keys_;
    times_.names = names_;
    times_.references = references_;
    times_.bytes = bytes_;
    times_.debug_bytes = debug_bytes_;
    times_.compressed_bytes = compressed_bytes_;
    times_.symbols = p_.rank.total();
    return times_;
  }

 private:
  void map() {
    base::reserve_open_files();
    pool_ = std::make_unique<base::ThreadPool>(threads_);
    files_.resize(paths_.size());
    pool_->for_each(paths_.size(), [&](uint64_t i) {
      auto file = base::MappedFile::open(paths_[i]);
      if (!file.ok()) fail(std::string(file.status().message()));
      files_[i] = std::move(*file);
    });
    views_.resize(places_.size());
    pool_->for_each(places_.size(), [&](uint64_t i) {
      auto view = View::parse(files_[places_[i].file].bytes().subspan(places_[i].offset, places_[i].size));
      if (!view.ok()) fail(std::string(view.status().message()));
      views_[i] = *view;
    });
    order_.resize(places_.size());
    std::iota(order_.begin(), order_.end(), 0u);
    std::sort(order_.begin(), order_.end(), [&](uint32_t a, uint32_t b) { return places_[a].size > places_[b].size; });
  }
  // Large ones first, so that no thread is left with one.
  void for_objects(absl::FunctionRef<void(unsigned, uint32_t)> body) {
    pool_->for_each_by(order_.size(), [&](unsigned worker, uint64_t i) { body(worker, order_[i]); });
  }

  void join_hashes() {
    uint64_t most = 0;
    for (const View& v : views_) most += v.hashed64_count() + v.hashed_count();
    KeySet set(*pool_, most);
    for_objects([&](unsigned, uint32_t o) {
      const View& v = views_[o];
      KeyQueue queue(set);
      uint32_t hashed = v.pkgdef_count() + v.hashed64_count(), end = hashed + v.hashed_count();
      for (uint32_t i = v.pkgdef_count(); i < hashed; i++) queue.add(v.hash64(i));
      for (uint32_t i = hashed; i < end; i++) queue.add(base::load64(v.hash(i)));
      keys_ += end - v.pkgdef_count();
    });
  }

  void join_names() {
    uint64_t most = 0;
    for (const View& v : views_) most += v.nameddef_count() + v.namedref_count();
    KeySet set(*pool_, most);
    for_objects([&](unsigned, uint32_t o) {
      const View& v = views_[o];
      KeyQueue queue(set);
      uint32_t first = v.def_count() - v.nameddef_count();
      for (uint32_t i = first; i < v.symbol_count(); i++) {
        if (i + 4 < v.symbol_count()) v.prefetch_name(i + 4);
        queue.add(v.name_hash(i).lo);
      }
      names_ += v.symbol_count() - first;
    });
  }

  // Calls body(symbol, local index, its content's view) for the live symbols of an object.
  template <class F>
  void for_live(uint32_t o, F&& body) const {
    const uint32_t defs = views_[o].def_count();
    p_.for_live(o, [&](SymId s, uint32_t) {
      if (p_.syms.object[index(s)] == o && p_.syms.local[index(s)] < defs) body(s, p_.syms.local[index(s)]);
    });
  }

  void reach() {
    base::Bitmap seen(p_.in.raw_count);
    for_objects([&](unsigned, uint32_t o) {
      const View& v = views_[o];
      uint64_t count = 0;
      auto mark = [&](objfmt::SymRef ref) {
        RawId raw = p_.res.resolve(p_.in, o, ref);
        if (raw != RawId::kNil) seen.set(index(raw));
        count++;
      };
      for_live(o, [&](SymId, uint32_t local) {
        for (objfmt::Reloc r : v.relocs(local)) mark(r.target);
        for (objfmt::Aux a : v.auxs(local)) mark(a.target);
      });
      references_ += count;
    });
  }

  // Copies a symbol and adds addresses.
  void make(uint32_t o, uint32_t local, uint8_t* to) const {
    const View& v = views_[o];
    base::Bytes data = v.data(local);
    if (!data.empty()) std::memcpy(to, data.data(), data.size());
    for (objfmt::Reloc r : v.relocs(local)) {
      if (r.size == 0 || static_cast<uint64_t>(r.offset) + r.size > data.size()) continue;
      SymId target = p_.target(o, r.target);
      uint64_t value = target == SymId::kNil ? 0 : p_.syms.value[index(target)];
      if (r.size == 4) {
        base::store32(to + r.offset, static_cast<uint32_t>(value + static_cast<uint64_t>(r.addend)));
      } else if (r.size == 8) {
        base::store64(to + r.offset, value + static_cast<uint64_t>(r.addend));
      }
    }
  }

  class Output {
   public:
    Output() : file_(std::tmpfile()) {
      if (file_ == nullptr) fail("no temporary file");
    }
    ~Output() { std::fclose(file_); }
    void append(base::Bytes bytes) {
      uint64_t at = end_.fetch_add(bytes.size());
      if (::pwrite(::fileno(file_), bytes.data(), bytes.size(), static_cast<off_t>(at)) != static_cast<ssize_t>(bytes.size())) {
        fail("cannot write");
      }
    }

   private:
    std::FILE* file_;
    std::atomic<uint64_t> end_{0};
  };

  // Calls flush(worker, bytes) with what the objects' live symbols that are wanted have, made.
  void make_all(bool debug, absl::FunctionRef<void(unsigned, base::Bytes)> flush, std::atomic<uint64_t>& total) {
    std::vector<std::vector<uint8_t>> buffers(pool_->threads());
    for (auto& buffer : buffers) buffer.resize(2 * kBytesPerWrite);
    for_objects([&](unsigned worker, uint32_t o) {
      std::vector<uint8_t>& buffer = buffers[worker];
      size_t used = 0;
      for_live(o, [&](SymId s, uint32_t local) {
        if (objfmt::is_dwarf(p_.syms.kind[index(s)]) != debug) return;
        size_t size = views_[o].data(local).size();
        if (used + size > buffer.size()) buffer.resize(used + size);
        make(o, local, buffer.data() + used);
        used += size;
        if (used < kBytesPerWrite) return;
        flush(worker, base::Bytes(buffer).first(used));
        total += used;
        used = 0;
      });
      if (used == 0) return;
      flush(worker, base::Bytes(buffer).first(used));
      total += used;
    });
  }

  void sweep() {
    Output out;
    make_all(false, [&](unsigned, base::Bytes bytes) { out.append(bytes); }, bytes_);
  }

  void compress() {
    Output out;
    struct alignas(64) Stream {
      std::unique_ptr<base::DeflateMatcher> matcher = std::make_unique<base::DeflateMatcher>();
      base::DeflateTokens tokens;
      base::DeflateBits bits;
      std::vector<uint8_t> zlib, text = std::vector<uint8_t>(base::kDeflateWindow);  // with the window before it
    };
    std::vector<Stream> streams(pool_->threads());
    auto block = [&](Stream& s, base::Bytes bytes, base::ZlibStream& zlib) {
      s.matcher->find_matches(bytes.data(), bytes.size(), s.tokens);
      base::encode_deflate_block(bytes, s.tokens, s.bits);
      zlib.append(s.bits);
    };
    make_all(
        true,
        [&](unsigned worker, base::Bytes bytes) {
          Stream& s = streams[worker];
          s.text.insert(s.text.end(), bytes.begin(), bytes.end());
          s.zlib.clear();
          base::ZlibStream zlib(s.zlib);
          size_t at = base::kDeflateWindow;
          for (; s.text.size() - at >= base::kDeflateBlock; at += base::kDeflateBlock) {
            block(s, base::Bytes(s.text).subspan(at, base::kDeflateBlock), zlib);
          }
          s.text.erase(s.text.begin(), s.text.begin() + static_cast<ptrdiff_t>(at - base::kDeflateWindow));
          compressed_bytes_ += s.zlib.size();
          out.append(s.zlib);
        },
        debug_bytes_);
  }

  const loader::Program& p_;
  std::vector<std::string> paths_;
  std::vector<Place> places_;
  unsigned threads_;
  std::unique_ptr<base::ThreadPool> pool_;
  std::vector<base::MappedFile> files_;
  std::vector<View> views_;
  std::vector<uint32_t> order_;
  std::atomic<uint64_t> keys_{0}, names_{0}, references_{0}, bytes_{0}, debug_bytes_{0}, compressed_bytes_{0};
  Times times_;
};

// In a process of its own, so that no page of the inputs is there.
Times run_once(const loader::Program& p, const std::vector<std::string>& paths, const std::vector<Place>& places, unsigned threads) {
  int ends[2];
  if (::pipe(ends) != 0) fail("no pipe");
  pid_t child = ::fork();
  if (child == 0) {
    Times times = Floor(p, paths, places, threads).run();
    bool sent = ::write(ends[1], &times, sizeof times) == sizeof times;
    ::_exit(sent ? 0 : 2);
  }
  Times times;
  ::close(ends[1]);
  bool received = child > 0 && ::read(ends[0], &times, sizeof times) == sizeof times;
  ::close(ends[0]);
  int status = 0;
  if (child > 0) ::waitpid(child, &status, 0);
  if (!received || status != 0) fail("the bare process failed");
  return times;
}

void print(const Times& t) {
  std::printf("{\"stages\": {");
  for (size_t i = 0; i < kStageCount; i++) {
    std::printf("%s\"%s\": {\"wall\": %.4f, \"cpu\": %.4f}", i == 0 ? "" : ", ", kStages[i], t.wall[i], t.cpu[i]);
  }
  std::printf("}, \"symbols\": %lu, \"keys\": %lu, \"names\": %lu, \"references\": %lu, \"bytes\": %lu, \"debug_bytes\": %lu, "
              "\"compressed_bytes\": %lu}\n",
              t.symbols, t.keys, t.names, t.references, t.bytes, t.debug_bytes, t.compressed_bytes);
}

// As linker/link.cc begins, without what only special programs need.
void prepare(loader::Services& sv, loader::Program& p) {
  p.in = loader::load_inputs(sv);
  p.res = loader::resolve_symbols(sv, p.in);
  loader::InitOrder init = loader::schedule_init_tasks(sv, p.in, p.res);
  std::vector<RawId> roots;
  for (std::string_view name : {std::string_view(sv.options.entry_symbol), std::string_view("runtime.unreachableMethod")}) {
    for (uint32_t version : {0u, 1u}) roots.push_back(p.res.lookup(name, version));
  }
  roots.insert(roots.end(), init.main.tasks.begin(), init.main.tasks.end());
  p.live = loader::mark_live(sv, p.in, p.res, roots, {init.runtime_slice, init.runtime.tasks});
  loader::number_symbols(sv, p);
  for (uint32_t i = 0; i < p.syms.count(); i++) p.syms.value[i] = i;
  if (sv.diag.failed()) fail("the program does not link");
}

int main(int argc, char** argv) {
  uint32_t threads = 0;
  std::vector<std::string> words = {"link"};
  for (int i = 1; i < argc; i++) {
    std::string_view word = argv[i];
    if (words.size() == 1 && word.starts_with("--threads=") && absl::SimpleAtoi(argv[i] + 10, &threads)) continue;
    words.emplace_back(word);
  }
  loader::Options options;
  auto lookup = [](const char* name) -> const char* { return std::getenv(name); };
  loader::BuildConfig config = loader::read_build_config(loader::newest_release(), lookup);
  auto version = base::read_file(config.goroot + "/VERSION");
  if (!version.ok()) fail("no VERSION in GOROOT");
  if (auto exit = loader::parse_options(words, config, version->substr(0, version->find('\n')), &options)) fail("wrong arguments");
  if (options.release == nullptr) fail("a release that is not known");

  base::reserve_open_files();
  base::Diagnostics diag;
  loader::Program p;
  std::vector<std::string> paths;
  std::vector<Place> places;
  {
    base::ThreadPool pool(threads);  // ends before any process begins
    base::PhaseTimer timer;
    loader::Services sv{options, "link", diag, pool, timer};
    prepare(sv, p);
    if (threads == 0) threads = pool.threads();
  }
  for (const loader::Object& o : p.in.objects) {
    if (o.view.is_dense()) fail("objects have to be goobj");
    const uint8_t* begin = o.view.bytes().data();
    const std::string& path = p.in.libraries[o.library].file;
    if (paths.empty() || paths.back() != path) paths.push_back(path);
    auto inside = [&](const base::MappedFile& f) { return f.bytes().data() <= begin && begin < f.bytes().data() + f.bytes().size(); };
    auto file = std::find_if(p.in.files.begin(), p.in.files.end(), inside);
    if (file == p.in.files.end()) fail("an object outside of its archive");
    places.push_back({static_cast<uint32_t>(paths.size() - 1), static_cast<uint64_t>(begin - file->bytes().data()), o.view.bytes().size()});
  }
  print(run_once(p, paths, places, threads));
  return 0;
}

}  // namespace
}  // namespace dovetail::bench

int main(int argc, char** argv) { return dovetail::bench::main(argc, argv); }
