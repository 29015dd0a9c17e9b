#include "objfmt/any_view.h"

#include "base/text.h"

namespace dovetail::objfmt {

absl::StatusOr<AnyView> AnyView::parse(base::Bytes object) {
  AnyView v;
  if (dense::is_dense(object)) {
    v.dense_ = std::make_unique<Dense>();
    if (absl::Status s = v.dense_->open(object); !s.ok()) return s;
    const dense::View& view = *v.dense_;
    v.object_flags_ = view.object_flags();
    for (uint32_t c = 0; c < 5; c++) v.counts_[c] = view.count(static_cast<dense::Count>(c));
    v.defs_ = view.def_count();
    return v;
  }
  absl::StatusOr<goobj::View> goobj = goobj::View::parse(object);
  if (!goobj.ok()) return goobj.status();
  v.goobj_ = *goobj;
  v.object_flags_ = goobj->object_flags();
  const uint32_t counts[] = {goobj->pkgdef_count(), goobj->hashed64_count(), goobj->hashed_count(),
                             goobj->nameddef_count(), goobj->namedref_count()};
  std::copy(std::begin(counts), std::end(counts), v.counts_);
  v.defs_ = goobj->def_count();
  return v;
}

absl::Status AnyView::Dense::open(base::Bytes object) {
  absl::StatusOr<dense::View> parsed = dense::View::parse(object);
  if (!parsed.ok()) return parsed.status();
  static_cast<dense::View&>(*this) = *std::move(parsed);
  if (absl::Status s = decompress(storage_); !s.ok()) return s;
  absl::StatusOr<dense::NameTable> table = dense::View::names();
  if (!table.ok()) return table.status();
  names_ = *table;
  absl::StatusOr<dense::NameTable> paths = dense::View::paths();
  if (!paths.ok()) return paths.status();
  path_table_ = *paths;
  // Files are read when somebody asks for one.
  if (uint32_t n = package_count() + import_count(); !read_paths(n, paths_)) {
    return absl::InvalidArgumentError("malformed object: block paths: a name is out of bounds");
  }
  return absl::OkStatus();
}

// The first n of them.
bool AnyView::Dense::read_paths(uint32_t n, std::vector<std::string_view>& paths) {
  paths.resize(n);
  dense::NameCursor cursor(path_table_);
  for (std::string_view& path : paths) {
    std::string_view text;
    if (!cursor.next(&text)) return false;
    path = texts_.keep(text);
  }
  return true;
}

std::string_view AnyView::Dense::file(uint32_t i) {
  std::call_once(files_read_, [&] {
    std::lock_guard lock(mutex_);
    if (!read_paths(path_table_.size(), files_)) names_ok_.store(false, std::memory_order_relaxed);
  });
  uint64_t at = uint64_t{package_count()} + import_count() + i;
  return at < files_.size() ? files_[at] : std::string_view();
}

std::string_view AnyView::Dense::name(uint32_t i) {
  if (!has_name(i)) return {};
  std::lock_guard lock(mutex_);
  auto [it, added] = known_.try_emplace(i);
  if (!added) return it->second;
  NameBuffer buffer;
  return it->second = texts_.keep(read_name(i, buffer));
}

std::string_view AnyView::Dense::read_name(uint32_t i, NameBuffer& buffer) {
  buffer.clear();
  if (has_name(i) && !names_.read(name_number(i), buffer)) names_ok_.store(false, std::memory_order_relaxed);
  return buffer.text();
}

uint32_t AnyView::Dense::name_length(uint32_t i, NameBuffer& buffer) {
  std::optional<uint32_t> length = has_name(i) ? names_.length(name_number(i), buffer) : 0;
  if (!length) names_ok_.store(false, std::memory_order_relaxed);
  return length.value_or(0);
}

goobj::Autolib AnyView::autolib(uint32_t i) const {
  if (!dense_) return goobj_.autolib(i);
  return {dense_->path(package_count() + i), dense_->import_fingerprint(i)};
}

AnyView::RefFlags AnyView::ref_flags(uint32_t i) const {
  if (!dense_) return goobj_.ref_flags(i);
  dense::View::RefFlags f = dense_->ref_flags(i);
  if (f.external >= dense_->count(dense::kExternals)) return {};
  return {dense_->external(f.external), f.flags};
}

}  // namespace dovetail::objfmt
