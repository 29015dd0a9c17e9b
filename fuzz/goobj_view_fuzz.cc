// goobj: the view, and the way to the dense format and back.
#include <algorithm>

#include "compiler-emit/from_goobj.h"
#include "compiler-emit/to_goobj.h"
#include "fuzz/touch_view.h"

using namespace dovetail;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  base::Bytes object(data, size);
  if (objfmt::dense::is_dense(object)) return 0;  // dense_view has these
  fuzz::touch_view(object);
  absl::StatusOr<std::vector<uint8_t>> dense = emit::dense_from_goobj(object, false);
  if (!dense.ok()) return 0;
  absl::StatusOr<std::vector<uint8_t>> back = emit::goobj_from_dense(*dense);
  fuzz::require(back.ok(), "what was converted can be converted back");
  fuzz::require(std::equal(back->begin(), back->end(), object.begin(), object.end()), "the way there and back gives the same object");
  return 0;
}
