// Programs that write one object with compiler-emit.
#pragma once

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "compiler-emit/object_builder.h"

// Writes to `out`, in `format` (goobj, dense), the package that define(object) makes; its header line is that of the object
// `like`. The exit status: 0, 1 if the object is refused, 2 if it cannot be written.
template <class Define>
int write_object(const char* like, const std::string& format, const char* out, const char* package, Define&& define) {
  using namespace dovetail::emit;
  std::ifstream in(like, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  ObjectOptions options;
  options.header = header_line_of({reinterpret_cast<const uint8_t*>(text.data()), text.size()}).value_or("");
  options.package = package;
  ObjectBuilder object(options);
  define(object);
  auto bytes = object.finish(format == "goobj" ? ObjectFormat::kGoobj : ObjectFormat::kDense, Container::kObject);
  if (!bytes.ok()) {
    std::fprintf(stderr, "%s\n", bytes.status().ToString().c_str());
    return 1;
  }
  std::ofstream file(out, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes->data()), static_cast<std::streamsize>(bytes->size()));
  return file.flush() ? 0 : 2;
}
