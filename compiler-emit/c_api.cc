// The C functions of emit.h, by way of ObjectBuilder. What C leaves open is checked here: null pointers, and
// numbers that are no values of enumerations.
#include <algorithm>
#include <string>

#include "compiler-emit/c_object.h"

using namespace dovetail::emit;

namespace {

ObjectOptions options_of(const char* header, const char* package, uint64_t fingerprint, uint32_t flags) {
  ObjectOptions o;
  o.header = header == nullptr ? "" : header;
  o.package = package == nullptr ? "" : package;
  o.fingerprint = fingerprint;
  o.owns_numbers = (flags & DOVETAIL_OWNS_NUMBERS) != 0;
  o.standard_library = (flags & DOVETAIL_STANDARD_LIBRARY) != 0;
  return o;
}

constexpr size_t kMostStackMaps = size_t{1} << 24;  // and bits of each: more than any frame has

// The length; 0 if it does not fit.
size_t copy_text(const std::string& text, char* buffer, size_t capacity) {
  if (text.size() >= capacity) return 0;
  std::copy_n(text.c_str(), text.size() + 1, buffer);
  return text.size();
}

// Numbers from 1 on, as indices; what is none is out of bounds, too.
int32_t index_of(uint32_t number) {
  return number > INT32_MAX ? INT32_MAX : static_cast<int32_t>(number) - 1;
}

std::vector<Variable> variables_of(const dovetail_variable* first, size_t count, Arrays& arrays) {
  std::vector<Variable> variables;
  for (const dovetail_variable& v : arrays.of(first, count)) {
    Variable out;
    out.role = v.role == 0   ? Variable::Role::kParameter
               : v.role == 1 ? Variable::Role::kResult
                             : Variable::Role::kLocal;
    out.name = text_of(v.name);
    out.type = text_of(v.type);
    out.frame_offset = v.frame_offset;
    out.line = v.line;
    for (const dovetail_location& l : arrays.of(v.locations, v.location_count))
      out.locations.push_back({{l.range.begin, l.range.end}, arrays.bytes(l.expression, l.expression_size)});
    out.nowhere = v.nowhere != 0;
    out.closure_offset = v.closure_offset;
    out.block = index_of(v.block);
    out.inlined = index_of(v.inlined);
    out.origin = index_of(v.origin);
    variables.push_back(std::move(out));
  }
  return variables;
}

Function function_of(const dovetail_function& in, Arrays& arrays) {
  Function f;
  f.code = arrays.bytes(in.code, in.code_size);
  f.relocs = arrays.relocs(in.relocations, in.relocation_count);
  f.align = in.align;
  f.args = in.args;
  f.locals = in.locals;
  f.func_id = in.func_id;
  f.func_flags = in.func_flags;
  f.start_line = in.start_line;
  f.sp = arrays.pc_table(in.sp);
  for (const dovetail_line& r : arrays.of(in.lines, in.line_count))
    f.lines.push_back({r.pc, r.file, r.line, r.not_stmt == 0, r.prologue_end != 0});
  for (const dovetail_inlined_call& c : arrays.of(in.inlined, in.inlined_count))
    f.inlined.push_back({c.parent, c.file, c.line, id_of(c.function), c.parent_pc});
  f.inline_index = arrays.pc_table(in.inline_index);
  for (const dovetail_pc_table& t : arrays.of(in.pcdata, in.pcdata_count))
    f.pcdata.push_back(arrays.pc_table(t));
  f.funcdata = arrays.symbols(in.funcdata, in.funcdata_count);
  f.variables = variables_of(in.variables, in.variable_count, arrays);
  for (const dovetail_block& b : arrays.of(in.blocks, in.block_count))
    f.blocks.push_back({index_of(b.parent), arrays.ranges(b.ranges, b.range_count)});
  f.leaf = (in.flags & DOVETAIL_LEAF) != 0;
  f.nosplit = (in.flags & DOVETAIL_NOSPLIT) != 0;
  f.dupok = (in.flags & DOVETAIL_DUPOK) != 0;
  f.wrapper = (in.flags & DOVETAIL_WRAPPER) != 0;
  f.package_init = (in.flags & DOVETAIL_PACKAGE_INIT) != 0;
  f.reflect_method = (in.flags & DOVETAIL_REFLECT_METHOD) != 0;
  return f;
}

Data data_of(const dovetail_data& in, Arrays& arrays) {
  Data d;
  d.kind = in.kind < 0 || in.kind > UINT8_MAX ? static_cast<DataKind>(0) : static_cast<DataKind>(in.kind);
  d.bytes = arrays.bytes(in.bytes, in.byte_count);
  d.size = in.size;
  d.align = in.align;
  d.relocs = arrays.relocs(in.relocations, in.relocation_count);
  d.go_type = id_of(in.go_type);
  d.debug_type = text_of(in.debug_type);
  d.dupok = (in.flags & DOVETAIL_DUPOK) != 0;
  d.local = (in.flags & DOVETAIL_LOCAL) != 0;
  d.typelink = (in.flags & DOVETAIL_TYPELINK) != 0;
  d.used_in_interface = (in.flags & DOVETAIL_USED_IN_INTERFACE) != 0;
  return d;
}

bool is_abi(int abi) { return abi == DOVETAIL_ABI0 || abi == DOVETAIL_ABI_INTERNAL; }

}  // namespace

size_t dovetail_header_of(const void* file, size_t size, char* buffer, size_t capacity) {
  if (file == nullptr || buffer == nullptr) return 0;
  absl::StatusOr<std::string> line = header_line_of({static_cast<const uint8_t*>(file), size});
  return line.ok() ? copy_text(*line, buffer, capacity) : 0;
}

size_t dovetail_escape_package_path(const char* path, char* buffer, size_t capacity) {
  return path == nullptr || buffer == nullptr ? 0 : copy_text(escape_package_path(path), buffer, capacity);
}

dovetail_object* dovetail_object_new(const char* header, const char* package, uint64_t fingerprint,
                                     uint32_t flags) {
  return new dovetail_object{ObjectBuilder(options_of(header, package, fingerprint, flags)), {}, {}, {}};
}

void dovetail_object_free(dovetail_object* o) { delete o; }

uint32_t dovetail_add_file(dovetail_object* o, const char* path) {
  return is_open(o) ? o->builder.add_file(text_of(path)) : 0;
}

void dovetail_add_import(dovetail_object* o, const char* path, uint64_t fingerprint) {
  if (is_open(o)) o->builder.add_import(text_of(path), fingerprint);
}

dovetail_symbol dovetail_named(dovetail_object* o, const char* name, int abi) {
  if (!is_abi(abi)) fail(o, "dovetail_named: no such ABI");
  return is_open(o) ? handle(o->builder.named(text_of(name), static_cast<Abi>(abi))) : DOVETAIL_NO_SYMBOL;
}

dovetail_symbol dovetail_indexed(dovetail_object* o, const char* package, uint32_t index, const char* name) {
  return is_open(o) ? handle(o->builder.indexed(text_of(package), index, text_of(name))) : DOVETAIL_NO_SYMBOL;
}

dovetail_symbol dovetail_declare(dovetail_object* o, const char* name, int abi, int linkage) {
  if (!is_abi(abi)) fail(o, "dovetail_declare: no such ABI");
  if (linkage < DOVETAIL_NAMED || linkage > DOVETAIL_CONTENT) fail(o, "dovetail_declare: no such linkage");
  if (!is_open(o)) return DOVETAIL_NO_SYMBOL;
  return handle(o->builder.declare(text_of(name), static_cast<Abi>(abi), static_cast<Linkage>(linkage)));
}

int dovetail_declares(const dovetail_object* o, const char* name, int abi) {
  return o != nullptr && is_abi(abi) && o->builder.declares(text_of(name), static_cast<Abi>(abi)) ? 1 : 0;
}

dovetail_symbol dovetail_content_bytes(dovetail_object* o, const char* name, const uint8_t* bytes,
                                       size_t size, int local) {
  Arrays arrays;
  std::vector<uint8_t> copy = arrays.bytes(bytes, size);
  if (!arrays.ok()) fail(o, "dovetail_content_bytes: null pointer");
  return is_open(o) ? handle(o->builder.content_bytes(text_of(name), std::move(copy), local != 0))
                    : DOVETAIL_NO_SYMBOL;
}

dovetail_symbol dovetail_function_value(dovetail_object* o, dovetail_symbol function) {
  return is_open(o) ? handle(o->builder.function_value(id_of(function))) : DOVETAIL_NO_SYMBOL;
}

dovetail_symbol dovetail_closure(dovetail_object* o, const char* name, dovetail_symbol function,
                                 const uint8_t* bytes, size_t size) {
  Arrays arrays;
  std::vector<uint8_t> copy = arrays.bytes(bytes, size);
  if (!arrays.ok()) fail(o, "dovetail_closure: null pointer");
  return is_open(o) ? handle(o->builder.closure(text_of(name), id_of(function), std::move(copy)))
                    : DOVETAIL_NO_SYMBOL;
}

dovetail_symbol dovetail_string_bytes(dovetail_object* o, const char* text, size_t size) {
  if (text == nullptr && size != 0) fail(o, "dovetail_string_bytes: null pointer");
  return is_open(o) ? handle(o->builder.string_bytes({text, size})) : DOVETAIL_NO_SYMBOL;
}

dovetail_symbol dovetail_stack_maps(dovetail_object* o, const uint8_t* pointers, size_t maps, size_t bits) {
  if (pointers == nullptr && maps != 0 && bits != 0) fail(o, "dovetail_stack_maps: null pointer");
  if (maps > kMostStackMaps || bits > kMostStackMaps) fail(o, "dovetail_stack_maps: too many maps or bits");
  if (!is_open(o)) return DOVETAIL_NO_SYMBOL;
  std::vector<std::vector<bool>> out(maps, std::vector<bool>(bits));
  for (size_t m = 0; m < maps; m++) {
    for (size_t i = 0; i < bits; i++) out[m][i] = pointers[m * bits + i] != 0;
  }
  return handle(o->builder.stack_maps(out));
}

int dovetail_define_function(dovetail_object* o, dovetail_symbol symbol, const dovetail_function* function) {
  if (function == nullptr) fail(o, "dovetail_define_function: null pointer");
  if (!is_open(o)) return -1;
  Arrays arrays;
  Function f = function_of(*function, arrays);
  if (!arrays.ok()) return fail(o, "dovetail_define_function: a null pointer to an array that is not empty");
  o->builder.define_function(id_of(symbol), std::move(f));
  return outcome(o);
}

int dovetail_define_abstract_function(dovetail_object* o, dovetail_symbol function, uint32_t start_line,
                                      const dovetail_variable* variables, size_t variable_count) {
  Arrays arrays;
  AbstractFunction f;
  f.start_line = start_line;
  f.variables = variables_of(variables, variable_count, arrays);
  if (!arrays.ok()) fail(o, "dovetail_define_abstract_function: null pointer");
  if (!is_open(o)) return -1;
  o->builder.define_abstract_function(id_of(function), f);
  return outcome(o);
}

int dovetail_define_data(dovetail_object* o, dovetail_symbol symbol, const dovetail_data* data) {
  if (data == nullptr) fail(o, "dovetail_define_data: null pointer");
  if (!is_open(o)) return -1;
  Arrays arrays;
  Data d = data_of(*data, arrays);
  if (!arrays.ok()) return fail(o, "dovetail_define_data: a null pointer to an array that is not empty");
  o->builder.define_data(id_of(symbol), std::move(d));
  return outcome(o);
}

void dovetail_reject(dovetail_object* o, const char* where, const char* what) {
  if (is_open(o)) o->builder.reject(text_of(where), text_of(what));
}

const char* dovetail_error(const dovetail_object* o) {
  if (o == nullptr) return "no object";
  if (!o->error.empty()) return o->error.c_str();
  if (o->builder.status().ok()) return nullptr;
  absl::string_view text = o->builder.status().message();
  o->said.assign(text.data(), text.size());
  return o->said.c_str();
}

int dovetail_finish(dovetail_object* o, int format, int container, const uint8_t** bytes, size_t* size) {
  if (bytes == nullptr || size == nullptr) return fail(o, "dovetail_finish: null pointer");
  *bytes = nullptr;
  *size = 0;
  if (format != DOVETAIL_GOOBJ && format != DOVETAIL_DENSE) return fail(o, "dovetail_finish: no such format");
  if (container < DOVETAIL_BARE || container > DOVETAIL_ARCHIVE)
    return fail(o, "dovetail_finish: no such container");
  if (!is_open(o)) return -1;
  absl::StatusOr<std::vector<uint8_t>> out =
      o->builder.finish(format == DOVETAIL_DENSE ? ObjectFormat::kDense : ObjectFormat::kGoobj,
                        static_cast<Container>(container));
  if (!out.ok()) return -1;
  o->bytes = *std::move(out);
  *bytes = o->bytes.data();
  *size = o->bytes.size();
  return 0;
}

int dovetail_package_index(dovetail_object* o, dovetail_symbol symbol, uint32_t* index) {
  if (index == nullptr) return fail(o, "dovetail_package_index: null pointer");
  if (!is_open(o)) return -1;
  absl::StatusOr<uint32_t> number = o->builder.package_index(id_of(symbol));
  if (!number.ok()) return -1;
  *index = *number;
  return 0;
}
