// Dense objects: the view with its name tables, and the way to goobj.
#include "compiler-emit/to_goobj.h"
#include "fuzz/touch_view.h"
#include "objfmt/dense/view.h"

using namespace dovetail;
using namespace dovetail::objfmt::dense;

namespace {

void touch_names(const absl::StatusOr<NameTable>& table) {
  if (!table.ok()) return;
  std::string_view name;
  objfmt::NameBuffer one;
  for (NameCursor cursor(*table); cursor.next(&name);) fuzz::touch(name);
  for (uint32_t i = 0; i < table->size() && i < 200; i++) (void)table->read(i, one);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  base::Bytes object(data, size);
  if (!is_dense(object)) return 0;
  absl::StatusOr<View> view = View::parse(object);
  if (!view.ok()) return 0;
  std::vector<std::unique_ptr<uint8_t[]>> storage;
  if (view->decompress(storage).ok()) {
    touch_names(view->paths()), touch_names(view->names()), touch_names(view->tool_names());
    for (uint32_t i = 0; i < view->symbol_count(); i++) (void)(view->class_ok(i) && view->streams_ok(i));
  }
  fuzz::touch_view(object);
  absl::StatusOr<std::vector<uint8_t>> goobj = emit::goobj_from_dense(object);
  if (!goobj.ok()) fuzz::require(!goobj.status().message().empty(), "a refusal has a message");
  return 0;
}
