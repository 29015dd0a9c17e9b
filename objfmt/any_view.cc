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
  absl::StatusOr<dense::NameTable> path_table = dense::View::paths();
  if (!path_table.ok()) return path_table.status();
  paths_.resize(path_table->size());
  dense::NameCursor cursor(*path_table);
  for (size_t i = 0; i < paths_.size(); i++) {
    std::string_view path;
    if (!cursor.next(&path))
      return absl::InvalidArgumentError(
          base::concat("malformed object: block paths: name ", i, " is out of bounds"));
    paths_[i] = texts_.keep(path);
  }
  return absl::OkStatus();
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
