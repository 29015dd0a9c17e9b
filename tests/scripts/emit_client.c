/* What the C program of docs/compiler-emit.md does not use: function values, a closure, types. Installed
 * headers and C99 only. emit_install_test.sh has the Go program that uses what this writes.
 */
#include <dovetail/emit.h>
#include <stdio.h>
#include <string.h>

static const char kPackage[] = "example.com/program/answer";
static char prefix[100];
static dovetail_object* object;
static dovetail_symbol integer, text, no_pointers;
static uint32_t file;

static const char* in_package(const char* before, const char* name) {
  static char out[8][200];
  static int next;
  char* buffer = out[next++ % 8];
  snprintf(buffer, sizeof out[0], "%s%s.%s", before, prefix, name);
  return buffer;
}

/* As if three had been inlined into captured's first instruction. */
static void debug(dovetail_function* f, dovetail_symbol three) {
  static const uint8_t in_ax = 0x50; /* DW_OP_reg0 */
  static dovetail_inlined_call call;
  static dovetail_pc_value index[2];
  static dovetail_location location;
  static dovetail_variable variable;
  static dovetail_range range;
  static dovetail_block block;
  dovetail_variable abstract;
  memset(&abstract, 0, sizeof abstract);
  abstract.role = 2;
  abstract.name = "number";
  abstract.type = "int";
  abstract.line = 7;
  dovetail_define_abstract_function(object, three, 7, &abstract, 1);
  call.parent = -1;
  call.file = file;
  call.line = 7;
  call.function = three;
  index[1].pc = 4;
  index[1].value = -1;
  location.range.end = 4;
  location.expression = &in_ax;
  location.expression_size = 1;
  variable.role = 2;
  variable.locations = &location;
  variable.location_count = 1;
  variable.inlined = variable.origin = 1;
  range.end = 4;
  block.ranges = &range;
  block.range_count = 1;
  f->inlined = &call;
  f->inlined_count = 1;
  f->inline_index.rows = index;
  f->inline_index.count = 2;
  f->variables = &variable;
  f->variable_count = 1;
  f->blocks = &block;
  f->block_count = 1;
}

/* `inlined`: what it has a copy of, or none. */
static dovetail_symbol leaf(const char* name, const uint8_t* code, size_t size, dovetail_symbol inlined) {
  dovetail_symbol symbol =
      dovetail_declare(object, in_package("", name), DOVETAIL_ABI_INTERNAL, DOVETAIL_NAMED);
  dovetail_function f;
  dovetail_line line;
  dovetail_symbol maps[2];
  memset(&f, 0, sizeof f);
  memset(&line, 0, sizeof line);
  maps[0] = maps[1] = no_pointers;
  line.file = file;
  line.line = 7;
  f.code = code;
  f.code_size = size;
  f.flags = DOVETAIL_LEAF | DOVETAIL_NOSPLIT;
  f.args = 8;
  f.start_line = 7;
  f.lines = &line;
  f.line_count = 1;
  f.funcdata = maps;
  f.funcdata_count = 2;
  if (inlined != DOVETAIL_NO_SYMBOL) debug(&f, inlined);
  dovetail_define_function(object, symbol, &f);
  return symbol;
}

/* var NAME TYPE, a pointer. If it is one to a type's description, values of that type come into interfaces.
 */
static void variable(const char* name, dovetail_symbol target, const char* type, int is_description) {
  dovetail_relocation relocations[2];
  dovetail_data data;
  static const uint8_t zero[8];
  memset(relocations, 0, sizeof relocations);
  memset(&data, 0, sizeof data);
  relocations[0].size = 8;
  relocations[0].kind = DOVETAIL_R_ADDR;
  relocations[1].kind = DOVETAIL_R_USEIFACE;
  relocations[0].target = relocations[1].target = target;
  data.kind = DOVETAIL_DATA;
  data.bytes = zero;
  data.byte_count = sizeof zero;
  data.relocations = relocations;
  data.relocation_count = is_description ? 2 : 1;
  data.go_type = dovetail_named(object, type, DOVETAIL_ABI0);
  dovetail_define_data(object, dovetail_declare(object, in_package("", name), DOVETAIL_ABI0, DOVETAIL_NAMED),
                       &data);
}

static dovetail_symbol function_type(void) {
  dovetail_type t;
  static const uint8_t pointer = 1;
  memset(&t, 0, sizeof t);
  t.kind = DOVETAIL_FUNC;
  t.link_name = "func() int";
  t.size = t.align = 8;
  t.pointers = &pointer;
  t.pointer_count = 1;
  t.results = &integer;
  t.result_count = 1;
  return dovetail_define_unnamed_type(object, &t);
}

/* type Counter struct { n int }, with func (c *Counter) Count() int */
static dovetail_symbol counter(void) {
  static const uint8_t code[] = {0x48, 0x8b, 0x00, 0xc3}, pointer = 1; /* mov rax, [rax]; ret */
  dovetail_method method;
  dovetail_field field;
  dovetail_type t, p;
  memset(&method, 0, sizeof method);
  memset(&field, 0, sizeof field);
  memset(&t, 0, sizeof t);
  memset(&p, 0, sizeof p);
  method.name = "Count";
  method.type = function_type();
  method.code = method.interface_code = leaf("(*Counter).Count", code, sizeof code, DOVETAIL_NO_SYMBOL);
  field.name = "n";
  field.type = integer;
  p.kind = DOVETAIL_POINTER;
  p.link_name = in_package("*", "Counter");
  p.text = "*answer.Counter";
  p.name = "Counter";
  p.package = kPackage;
  p.size = p.align = 8;
  p.pointers = &pointer;
  p.pointer_count = 1;
  p.flags = DOVETAIL_REGULAR_MEMORY;
  p.equal = dovetail_equal_function(object, DOVETAIL_MEMORY, 8);
  p.methods = &method;
  p.method_count = 1;
  p.element = dovetail_named(object, in_package("type:", "Counter"), DOVETAIL_ABI0);
  t.kind = DOVETAIL_STRUCT;
  t.link_name = in_package("", "Counter");
  t.text = "answer.Counter";
  t.name = "Counter";
  t.package = kPackage;
  t.size = t.align = 8;
  t.flags = DOVETAIL_REGULAR_MEMORY;
  t.equal = p.equal;
  t.pointer_to_this = dovetail_define_type(object, &p);
  t.fields = &field;
  t.field_count = 1;
  return dovetail_define_type(object, &t);
}

/* map[string]Counter */
static dovetail_symbol map_of(dovetail_symbol element) {
  static const uint8_t pointer = 1;
  dovetail_map m;
  memset(&m, 0, sizeof m);
  m.key.type = text;
  m.key.link_name = "string";
  m.key.size = 16;
  m.key.align = 8;
  m.key.pointers = &pointer;
  m.key.pointer_count = 1;
  m.element.type = element;
  m.element.link_name = in_package("", "Counter");
  m.element.text = "answer.Counter";
  m.element.named = 1;
  m.element.size = m.element.align = 8;
  m.hasher = dovetail_hash_function(object, DOVETAIL_STRINGS, 16);
  m.need_key_update = 1;
  return dovetail_define_map(object, &m, NULL);
}

int main(int argc, char** argv) {
  static const uint8_t three[] = {0xb8, 3, 0, 0, 0, 0xc3};          /* mov eax, 3; ret */
  static const uint8_t captured[] = {0x48, 0x8b, 0x42, 0x08, 0xc3}; /* mov rax, [rdx+8]; ret */
  static const uint8_t seven[16] = {0, 0, 0, 0, 0, 0, 0, 0, 7};
  static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  dovetail_symbol content, again, t;
  char like[200], header[200];
  const uint8_t* out;
  size_t size;
  FILE* f = argc == 4 ? fopen(argv[1], "rb") : NULL;
  if (f == NULL) return 2;
  size = fread(like, 1, sizeof like, f);
  fclose(f);
  if (dovetail_header_of(like, size, header, sizeof header) == 0) return 2;
  if (dovetail_escape_package_path(kPackage, prefix, sizeof prefix) == 0) return 2;
  object = dovetail_object_new(header, kPackage, 0, 0);
  file = dovetail_add_file(object, "/src/answer/client.x");
  integer = dovetail_named(object, "type:int", DOVETAIL_ABI0);
  text = dovetail_named(object, "type:string", DOVETAIL_ABI0);
  no_pointers = dovetail_stack_maps(object, NULL, 1, 0);

  variable("Seven",
           dovetail_closure(object, in_package("", "seven.closure"),
                            leaf("captured", captured, sizeof captured,
                                 dovetail_named(object, in_package("", "three"), DOVETAIL_ABI_INTERNAL)),
                            seven, sizeof seven),
           "type:unsafe.Pointer", 0);
  variable("Three", dovetail_function_value(object, leaf("three", three, sizeof three, DOVETAIL_NO_SYMBOL)),
           "type:unsafe.Pointer", 0);
  content = dovetail_content_bytes(object, in_package("", "content"), bytes, sizeof bytes, 1);
  again = dovetail_content_bytes(object, in_package("", "content"), bytes, sizeof bytes, 1);
  if (content == DOVETAIL_NO_SYMBOL || content != again) return 3;
  variable("Content", content, "type:unsafe.Pointer", 0);
  t = counter();
  if (!dovetail_declares(object, in_package("type:", "Counter"), DOVETAIL_ABI0)) return 3;
  variable("CounterType", t, "type:unsafe.Pointer", 1);
  variable("MapType", map_of(t), "type:unsafe.Pointer", 1);
  if (strcmp(argv[3], "wrong") == 0) {
    dovetail_generated_equal(object, "");
    dovetail_reject(object, "here", "not the first mistake");
  }

  if (dovetail_finish(object, strcmp(argv[3], "dense") == 0 ? DOVETAIL_DENSE : DOVETAIL_GOOBJ,
                      DOVETAIL_OBJECT, &out, &size) != 0) {
    fprintf(stderr, "%s\n", dovetail_error(object));
    return 1;
  }
  f = fopen(argv[2], "wb");
  if (f == NULL || fwrite(out, 1, size, f) != size || fclose(f) != 0) return 2;
  dovetail_object_free(object);
  return 0;
}
