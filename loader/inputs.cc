#include "loader/inputs.h"

#include <algorithm>
#include <atomic>
#include <cstdio>

#include "absl/container/flat_hash_map.h"
#include "base/go_path.h"
#include "base/text.h"
#include "loader/go_text.h"
#include "loader/input_scan.h"

namespace dovetail::loader {
namespace {

using base::concat;

constexpr uint64_t kAddressSpace = uint64_t{1} << 36;
constexpr uint64_t kBatchBytes = uint64_t{16} << 20;
constexpr uint64_t kObjectsPerDrop = 64;

std::string hex_fingerprint(uint64_t fp) {
  std::string out;
  for (int i = 0; i < 8; i++) {
    char buffer[3];
    std::snprintf(buffer, sizeof buffer, "%02x", static_cast<unsigned>(fp >> (8 * i) & 0xff));
    out += buffer;
  }
  return out;
}

class InputLoader {
 public:
  explicit InputLoader(Services& sv)
      : sv_(sv), rows_(sv.options.imports), scanner_(sv, rows_),
        library_of_row_(sv.options.imports.packages().size(), kNone) {}

  Inputs run() {
    in_.space = base::AddressSpace(kAddressSpace);
    add_library("main", sv_.options.arguments[0], "command line", 0);
    drain();
    if (!stopped_) load_runtime();
    drain();
    if (!stopped_ && !host_object_.empty()) exit(host_object_);
    if (!stopped_ && !needs_external_.empty()) {
      exit("package ", needs_external_, " has dynimportfail: dovetail does not link cgo yet; build with CGO_ENABLED=0");
    }
    if (!stopped_) order_libraries();
    number_slots();
    in_.make_batches(sv_.threads);
    return std::move(in_);
  }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;

  template <class... T>
  void error(const T&... parts) {
    sv_.diag.error(order_++, concat(parts...));
  }
  template <class... T>
  void exit(const T&... parts) {
    sv_.diag.exit(order_++, concat(parts...));
    stopped_ = true;
  }
  template <class... T>
  void fatal(const T&... parts) {
    sv_.diag.fatal(order_++, concat(parts...));
    stopped_ = true;
  }

  uint32_t add_library(std::string path, std::string file, std::string_view source, uint64_t fingerprint) {
    auto number = static_cast<uint32_t>(in_.libraries.size());
    uint32_t row = rows_.find(path);
    if (row != PackageRows::kNone) {
      library_of_row_[row] = number;
    } else {
      by_path_.emplace(path, number);
    }
    Library lib;
    lib.prefix = path_to_prefix(path);
    lib.path = std::move(path);
    lib.file = std::move(file);
    lib.source = std::string(source);
    lib.fingerprint = fingerprint;
    in_.libraries.push_back(std::move(lib));
    return number;
  }

  // The library of a clean path, or kNone. REQUIRES: row is the path's.
  uint32_t find_loaded(uint32_t row, const std::string& path) const {
    if (row != PackageRows::kNone) return library_of_row_[row];
    auto known = by_path_.find(path);
    return known == by_path_.end() ? kNone : known->second;
  }

  // What is known but not read yet is scanned together; adding it makes more known.
  void drain() {
    std::vector<ScanRequest> requests;
    while (next_ < in_.libraries.size() && !stopped_) {
      requests.clear();
      for (uint32_t n = next_; n < in_.libraries.size() && requests.size() < InputScanner::kMostFiles; n++) {
        requests.push_back(request(n));
      }
      auto first_object = static_cast<uint32_t>(in_.objects.size());
      std::vector<ScannedFile> files = scanner_.scan(requests, &in_.space);
      for (ScannedFile& file : files) {
        load_library(next_++, &file);
        if (stopped_) return;
      }
      in_.trim_from(sv_.threads, first_object);
    }
  }

  ScanRequest request(uint32_t number) const {
    const Library& lib = in_.libraries[number];
    return {number, lib.file};
  }

  // The runtime is loaded whether somebody imports it or not (cmd/link ld/lib.go loadinternal).
  void load_runtime() {
    if (find_loaded(rows_.find("runtime"), "runtime") != kNone) return;
    std::string file = find_library("runtime", false);
    if (file.empty()) {
      std::printf("loadinternal: cannot find runtime\n");
      return;
    }
    add_library("runtime", file, "internal", 0);
  }

  std::string find_library(const std::string& path, bool complain) {
    if (sv_.options.imports.present()) {
      std::string file(sv_.options.imports.file_of(path));
      if (file.empty() && complain) std::printf("cannot find package %s (using -importcfg)\n", path.c_str());
      return file;
    }
    std::string candidate;
    for (const std::string& dir : sv_.options.library_dirs) {
      for (const char* suffix : {".a", ".o"}) {
        candidate = concat(dir, "/", path, suffix);
        if (base::file_exists(candidate)) return candidate;
      }
    }
    return complain ? candidate : std::string();
  }

  // A file that could not be scanned with the others is opened here again: only now is it the turn of what is wrong
  // with it.
  bool open_again(uint32_t number, ScannedFile* scanned) {
    const std::string& file = in_.libraries[number].file;
    absl::StatusOr<base::MappedFile> mapped = base::MappedFile::open(file, &in_.space);
    if (!mapped.ok() && base::is_directory(file)) {
      // cmd/link can open it, and ends at the first read.
      fatal("reading input: read ", file, ": is a directory");
    } else if (!mapped.ok()) {
      exit("cannot open file ", file, ": open ", file, ": ", std::string(mapped.status().message()));
    } else {
      *scanned = scanner_.scan(request(number), *std::move(mapped));
    }
    return mapped.ok();
  }

  void load_library(uint32_t number, ScannedFile* scanned) {
    auto first_object = static_cast<uint32_t>(in_.objects.size());
    in_.libraries[number].first_object = first_object;
    if (!scanned->mapped && !open_again(number, scanned)) return;
    in_.mapped_bytes += scanned->file.bytes().size();
    in_.goobj_bytes += scanned->file.bytes().size();
    in_.files.push_back(std::move(scanned->file));
    bool main_seen = false;
    for (ScannedMember& member : scanned->members) {
      load_member(number, &member);
      if (stopped_) break;
      main_seen |= member.main_seen;
    }
    Library& lib = in_.libraries[number];
    lib.object_count = static_cast<uint32_t>(in_.objects.size()) - first_object;
    if (!stopped_ && lib.path == "main" && !main_seen) exit(lib.file, ": not package main");
  }

  void load_member(uint32_t number, ScannedMember* scanned) {
    const Library& lib = in_.libraries[number];
    auto name = [&] { return member_name(lib.file, scanned->member); };
    if (scanned->needs_external) {
      needs_external_ = lib.path;
      return;
    }
    if (scanned->host_object) return load_host_object(lib, name(), scanned->member.contents);
    std::string_view line = scanned->header;
    if (line.empty()) return error("truncated object file: ", name(), ": EOF");
    if (!line.starts_with("go object ")) {
      if (name().ends_with(".go")) return exit(name(), ": uncompiled .go source file");
      return error(name(), ": not an object file: @", scanned->member.offset, " ", go_quote(line));
    }
    check_header(line, name);
    if (!scanned->object) return error("truncated object file: ", name());
    for (CgoDirective& directive : scanned->cgo_directives) in_.cgo_directives.push_back(std::move(directive));
    if (!scanned->cgo_complaint.empty()) error(sv_.program, ": ", scanned->cgo_complaint);
    load_object(number, *scanned, name);
  }

  void load_host_object(const Library& lib, const std::string& name, base::Bytes object) {
    if (sv_.options.platform->resources && objfmt::is_coff(object)) {
      absl::StatusOr<std::vector<objfmt::ResourceSection>> sections =
          objfmt::read_resource_object(object, sv_.options.config.goarch == "arm64");
      if (sections.ok()) return add_resources(std::move(*sections));
      if (!absl::IsUnimplemented(sections.status())) return error(name, ": ", sections.status().message());
    }
    // cmd/link keeps these for the host's linker; that there is one is an error only when all is loaded.
    if (!host_object_.empty()) return;
    bool host = is_host_object(base::as_text(object));
    host_object_ = concat(name, ": package ", lib.path,
                          host ? " has a host (C) object" : " has an object of an unknown format",
                          ": dovetail does not link cgo yet; build with CGO_ENABLED=0");
  }

  // cmd/link ld/pe.go setpersrc, Go 1.26.
  void add_resources(std::vector<objfmt::ResourceSection> sections) {
    if (sections.empty()) return;
    if (!in_.resources.empty()) error("too many .rsrc sections");
    in_.resources = std::move(sections);
  }

  static bool is_host_object(std::string_view text) {
    static constexpr std::string_view kMagics[] = {"\x7f" "ELF", "\xfe\xed\xfa\xce", "\xfe\xed\xfa\xcf",
                                                   "\xce\xfa\xed\xfe", "\xcf\xfa\xed\xfe", "\x4c\x01",
                                                   "\x64\x86", "\xc4\x01", "\x64\xaa"};
    return std::any_of(std::begin(kMagics), std::end(kMagics),
                       [&](std::string_view magic) { return text.starts_with(magic); });
  }

  template <class Name>
  void check_header(std::string_view line, const Name& name) {
    if (in_.header_line.empty()) in_.header_line = std::string(line);
    if (wanted_header_.empty() && sv_.options.release != nullptr) {
      wanted_header_ = header_string(*sv_.options.release, sv_.options.version, sv_.options.config);
    }
    if (!wanted_header_.empty() && line != wanted_header_) {
      error(name(), ": linked object header mismatch:\nhave ", go_quote(line), "\nwant ", go_quote(wanted_header_),
            "\n");
    }
  }

  template <class Name>
  void load_object(uint32_t number, ScannedMember& scanned, const Name& name) {
    absl::StatusOr<ObjectView>& view = scanned.view;
    Library& lib = in_.libraries[number];
    if (!view.ok()) {
      base::Bytes bytes = scanned.member.contents.subspan(*scanned.object);
      if (base::as_text(bytes).substr(0, 8) == std::string_view("\0go114ld", 8)) {
        return fatal("found object file ", lib.file, " in old format");
      }
      if (scanned.truncated) return fatal("cannot read object file:unexpected EOF");
      return exit(name(), ": ", std::string(view.status().message()), " (from offset ",
                  scanned.member.offset + *scanned.object, ")");
    }
    if (view->unlinkable()) {
      return fatal("link: unlinkable object (from package ", lib.path, ") - compiler requires -p flag");
    }
    Object object;
    object.view = *std::move(view);
    // A dense object takes some eight fifteenths of the room (docs/dense-object-format.md, "Sizes").
    if (object.view.is_dense()) in_.goobj_bytes += object.view.bytes().size() / 8 * 7;
    object.library = number;
    object.member = std::string(scanned.member.name);
    in_.objects.push_back(std::move(object));
    uint64_t fingerprint = scanned.fingerprint;
    if (fingerprint != 0) {
      if (lib.fingerprint == 0) lib.fingerprint = fingerprint;
      if (!check_fingerprint(number, fingerprint, lib.source, lib.fingerprint)) return;
    }
    add_imports(number, scanned.imports);
  }

  bool check_fingerprint(uint32_t number, uint64_t have, std::string_view source, uint64_t want) {
    if (have == want) return true;
    exit("fingerprint mismatch: ", in_.libraries[number].path, " has ", hex_fingerprint(have), ", import from ", source,
         " expecting ", hex_fingerprint(want));
    return false;
  }

  void add_imports(uint32_t number, const std::vector<ScannedMember::Import>& imports) {
    for (const ScannedMember::Import& import : imports) {
      uint32_t row = import.row;
      std::string path;  // needed only for those that are new or not in importcfg
      if (row == PackageRows::kNone) {
        path = base::clean_path(import.package);
        row = rows_.find(path);
      }
      uint32_t target = find_loaded(row, path);
      std::string_view importer = in_.libraries[number].prefix;
      if (target != kNone) {
        uint64_t fingerprint = in_.libraries[target].fingerprint;
        if (fingerprint != 0 && !check_fingerprint(target, fingerprint, importer, import.fingerprint)) return;
      } else {
        if (path.empty()) path = std::string(import.package);
        target = add_library(path, find_library(path, true), importer, import.fingerprint);
      }
      in_.libraries[number].imports.push_back(target);
    }
  }

  // Depth first over imports, each library behind those that it imports (cmd/link ld/lib.go postorder).
  void order_libraries() {
    enum : uint8_t { kNew, kOpen, kDone };
    std::vector<uint8_t> state(in_.libraries.size(), kNew);
    std::vector<std::pair<uint32_t, size_t>> stack;
    for (uint32_t root = 0; root < in_.libraries.size(); root++) {
      if (state[root] != kNew) continue;
      stack.push_back({root, 0});
      state[root] = kOpen;
      while (!stack.empty()) {
        auto& [lib, child] = stack.back();
        const std::vector<uint32_t>& imports = in_.libraries[lib].imports;
        if (child == imports.size()) {
          state[lib] = kDone;
          in_.postorder.push_back(lib);
          stack.pop_back();
          continue;
        }
        uint32_t import = imports[child++];
        if (state[import] == kOpen) {
          return exit("found import cycle while visiting ", in_.libraries[import].path);
        }
        if (state[import] == kNew) {
          state[import] = kOpen;
          stack.push_back({import, 0});
        }
      }
    }
  }

  // Three passes, as symbols are numbered: see ids.h.
  void number_slots() {
    uint64_t next = 1;
    auto number = [&](size_t pass, uint32_t Object::*first, auto count) {
      for (Object& o : in_.objects) {
        o.*first = static_cast<uint32_t>(next);
        in_.by_pass[pass].add(o.*first);
        next += count(o.view);
      }
      return static_cast<uint32_t>(next);
    };
    in_.first_def_raw = number(0, &Object::first_pkgdef, [](const ObjectView& v) { return v.pkgdef_count(); });
    in_.first_ref_raw =
        number(1, &Object::first_def, [](const ObjectView& v) { return v.def_count() - v.pkgdef_count(); });
    in_.raw_count = number(2, &Object::first_ref, [](const ObjectView& v) { return v.namedref_count(); });
    if (next > UINT32_MAX) return exit("too many symbols: ", next, ", the limit is ", UINT32_MAX);
    if (in_.objects.empty()) return;
    const uint32_t ends[] = {in_.first_def_raw, in_.first_ref_raw, in_.raw_count};
    for (size_t pass = 0; pass < 3; pass++) in_.by_pass[pass].finish(ends[pass]);
  }

  Services& sv_;
  PackageRows rows_;
  InputScanner scanner_;
  Inputs in_;
  std::vector<uint32_t> library_of_row_;              // of packages in importcfg
  absl::flat_hash_map<std::string, uint32_t> by_path_;  // of others
  std::string wanted_header_, needs_external_, host_object_;
  uint32_t next_ = 0;
  uint64_t order_ = 0;
  bool stopped_ = false;
};

}  // namespace

void ObjectIndex::finish(uint32_t end) {
  starts_.push_back(UINT32_MAX);
  uint32_t o = 0;
  for (uint64_t raw = starts_[0]; raw < end; raw += uint64_t{1} << kShift) {
    while (starts_[o + 1] <= raw) o++;
    guess_.push_back(o);
  }
}

void Inputs::trim(base::ThreadPool& threads, uint64_t headroom) const {
  auto wanted = static_cast<int64_t>(headroom);
  if (!over_budget(wanted)) return;
  std::atomic<size_t> left{batch_order_.size()};
  threads.for_workers([&](unsigned) {
    while (over_budget(wanted)) {
      size_t last = left.fetch_sub(1);
      if (last == 0 || last > batch_order_.size()) return;
      drop_batch(batch_order_[last - 1]);
    }
  });
}

void Inputs::trim_from(base::ThreadPool& threads, uint32_t first) const {
  if (!over_budget()) return;
  threads.for_ranges(objects.size() - first, kObjectsPerDrop, [&](uint64_t begin, uint64_t end) {
    drop(first + static_cast<uint32_t>(begin), first + static_cast<uint32_t>(end));
  });
}

void Inputs::trim() const {
  for (size_t n = batch_order_.size(); n-- > 0 && over_budget();) {
    drop_batch(batch_order_[batch_order_.size() - 1 - std::atomic_ref(trimmed_).fetch_add(1) % batch_order_.size()]);
  }
}

void Inputs::trim(std::span<uint32_t> read, uint64_t more) const {
  if (!over_budget(-static_cast<int64_t>(more))) return;
  std::sort(read.begin(), read.end());
  for (size_t first = 0, end; first < read.size(); first = end) {
    for (end = first + 1; end < read.size() && read[end] == read[end - 1] + 1;) end++;
    drop(read[first], read[end - 1] + 1);
  }
}

void Inputs::trim_within(uint32_t object, uint64_t more) const {
  if (objects[object].view.bytes().size() < kBatchBytes || !over_budget(-static_cast<int64_t>(more))) return;
  drop(object, object + 1);
}

void Inputs::drop(uint32_t begin, uint32_t end) const {
  while (begin < end) {
    const uint8_t* first = objects[begin].view.bytes().data();
    const uint8_t* last = first + objects[begin].view.bytes().size();
    bool together = space.holds(first);
    for (begin++; together && begin < end && space.holds(objects[begin].view.bytes().data()); begin++) {
      last = objects[begin].view.bytes().data() + objects[begin].view.bytes().size();
    }
    base::MappedFile::drop({first, last});
  }
}

void Inputs::make_batches(const base::ThreadPool& threads) {
  batches = {0};
  // They get smaller towards the end, so that no thread waits long for the last ones.
  std::vector<uint64_t> sizes;
  uint64_t bytes = 0, left = mapped_bytes, limit = std::min(kBatchBytes, left / (16 * threads.threads()));
  for (uint32_t o = 0; o < objects.size(); o++) {
    bytes += objects[o].view.bytes().size();
    if (bytes < limit && o + 1 < objects.size()) continue;
    batches.push_back(o + 1);
    batch_order_.push_back(static_cast<uint32_t>(sizes.size()));
    sizes.push_back(bytes);
    left -= std::min(left, bytes);
    limit = std::min(limit, std::max<uint64_t>(1 << 20, left / (8 * threads.threads())));
    bytes = 0;
  }
  std::stable_sort(batch_order_.begin(), batch_order_.end(), [&](uint32_t a, uint32_t b) { return sizes[a] > sizes[b]; });
}

void Inputs::for_batches(base::ThreadPool& threads, absl::FunctionRef<void(unsigned, uint64_t)> f) const {
  std::atomic<uint64_t> kept{batch_order_.size()};  // of those that we are through with, the first ones
  threads.for_each_by(batch_order_.size(), [&](unsigned worker, uint64_t i) {
    f(worker, batch_order_[i]);
    if (!over_budget()) return;
    drop_batch(batch_order_[i]);
    while (over_budget()) {
      uint64_t k = kept, last = std::min(k, i);
      if (last == 0) return;
      if (kept.compare_exchange_strong(k, last - 1)) drop_batch(batch_order_[last - 1]);
    }
  });
}

void Inputs::for_objects(base::ThreadPool& threads, absl::FunctionRef<void(uint32_t)> f) const {
  for_batches(threads, [&](unsigned, uint64_t b) {
    for (uint32_t o = batches[b]; o < batches[b + 1]; o++) f(o);
  });
}

Inputs load_inputs(Services& sv) { return InputLoader(sv).run(); }

void check_names(Services& sv, const Inputs& in) {
  for (uint64_t o = 0; o < in.objects.size(); o++) {
    const Object& object = in.objects[o];
    if (object.view.names_ok()) continue;
    sv.diag.exit(o, concat(in.libraries[object.library].file, "(", object.member, "): malformed object: block names: a name is out of bounds"));
  }
}

}  // namespace dovetail::loader
