/* compiler-emit for C (C99) and every language that calls C: what compiler-emit/object_builder.h is for C++,
 * of which docs/compiler-emit.md tells more. Installed as <dovetail/emit.h>.
 *
 * A dovetail_object is used by one thread at a time. Everything passed in is copied before the call returns.
 * Mistakes never crash: the first one is kept with the object, with the package, the symbol and the place in
 * it, and whatever comes after it is ignored; dovetail_error() tells. Structures are to be set to zero before
 * fields are filled in.
 */
#ifndef DOVETAIL_EMIT_H
#define DOVETAIL_EMIT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dovetail_object dovetail_object;
typedef uint32_t dovetail_symbol; /* a handle, good for the object that gave it */

#define DOVETAIL_NO_SYMBOL 0 /* so what is set to zero has none */

/* Conventions of calls. */
enum { DOVETAIL_ABI0 = 0, DOVETAIL_ABI_INTERNAL = 1 };

/* How other symbols find a definition: by its name from any object; by its number in the package; from this
 * object only; by its content. */
enum { DOVETAIL_NAMED = 0, DOVETAIL_PACKAGE = 1, DOVETAIL_STATIC = 2, DOVETAIL_CONTENT = 3 };

/* Kinds of data. */
enum {
  DOVETAIL_RODATA = 3,
  DOVETAIL_NOPTRDATA = 5,
  DOVETAIL_DATA = 7,
  DOVETAIL_BSS = 9,
  DOVETAIL_NOPTRBSS = 10,
  DOVETAIL_TLSBSS = 11
};

/* Kinds of relocations: the numbers of cmd/internal/objabi/reloctype.go; any of them may be used. The last
 * two are of size 0: values of a type come into interfaces, whence its methods are reached; a symbol is kept.
 */
enum {
  DOVETAIL_R_ADDR = 1,
  DOVETAIL_R_ADDRARM64 = 3,
  DOVETAIL_R_ADDROFF = 5,
  DOVETAIL_R_CALL = 7,
  DOVETAIL_R_CALLARM64 = 9,
  DOVETAIL_R_PCREL = 14,
  DOVETAIL_R_USEIFACE = 23,
  DOVETAIL_R_KEEP = 27
};

typedef struct {
  uint32_t offset;
  uint8_t size;
  uint16_t kind;
  dovetail_symbol target;
  int64_t addend;
  int weak; /* does not keep its target in the program */
} dovetail_relocation;

/* From pc on, until the next row, value holds. */
typedef struct {
  uint32_t pc;
  int32_t value;
} dovetail_pc_value;

/* From pc on the code belongs to this line; file as dovetail_add_file gave it. */
typedef struct {
  uint32_t pc, file, line;
  int not_stmt; /* a debugger shall not stop here */
  int prologue_end;
} dovetail_line;

/* A call that was replaced by the function's body: parent is the number of the one that it stands in, or -1.
 */
typedef struct {
  int32_t parent;
  uint32_t file;
  int32_t line;
  dovetail_symbol function;
  int32_t parent_pc;
} dovetail_inlined_call;

/* Offsets from begin to end of a function's code. */
typedef struct {
  uint32_t begin, end;
} dovetail_range;

/* Where a variable is while the pc is in range: a DWARF expression. */
typedef struct {
  dovetail_range range;
  const uint8_t* expression;
  size_t expression_size;
} dovetail_location;

/* For debuggers: role 0 is a parameter, 1 a result, 2 a local variable. It is frame_offset bytes from DWARF's
 * call frame address or, if there are any, where the locations say, or nowhere. block, inlined and origin say
 * which block it is declared in, which inlined call it came with, and which variable of the abstract function
 * it is (then it needs neither name nor type nor line): numbers from 1 on, 0 is none. */
typedef struct {
  int role;
  const char* name;
  const char* type; /* a Go type's name */
  int32_t frame_offset;
  uint32_t line;
  const dovetail_location* locations;
  size_t location_count;
  int nowhere;
  uint32_t closure_offset; /* of a captured one */
  uint32_t block, inlined, origin;
} dovetail_variable;

/* A block with variables of its own, for debuggers; parent: 0 is the function, n the block n - 1. */
typedef struct {
  uint32_t parent;
  const dovetail_range* ranges;
  size_t range_count;
} dovetail_block;

typedef struct {
  const dovetail_pc_value* rows;
  size_t count;
} dovetail_pc_table;

enum {
  DOVETAIL_LEAF = 1,
  DOVETAIL_NOSPLIT = 2,
  DOVETAIL_DUPOK = 4, /* functions and data */
  DOVETAIL_WRAPPER = 8,
  DOVETAIL_PACKAGE_INIT = 16,
  DOVETAIL_REFLECT_METHOD = 32,
  DOVETAIL_LOCAL = 64, /* this one and the following: data */
  DOVETAIL_TYPELINK = 128,
  DOVETAIL_USED_IN_INTERFACE = 256
};

typedef struct {
  const uint8_t* code;
  size_t code_size;
  const dovetail_relocation* relocations;
  size_t relocation_count;
  uint32_t align, args, locals, start_line;
  uint8_t func_id, func_flags;
  uint32_t flags;
  dovetail_pc_table sp;
  const dovetail_line* lines;
  size_t line_count;
  const dovetail_inlined_call* inlined;
  size_t inlined_count;
  dovetail_pc_table inline_index;
  const dovetail_pc_table* pcdata;
  size_t pcdata_count;
  const dovetail_symbol* funcdata; /* DOVETAIL_NO_SYMBOL: none */
  size_t funcdata_count;
  const dovetail_variable* variables;
  size_t variable_count;
  const dovetail_block* blocks;
  size_t block_count;
} dovetail_function;

typedef struct {
  int kind;
  const uint8_t* bytes;
  size_t byte_count;
  uint32_t size; /* 0: byte_count; the rest is zeros */
  uint32_t align;
  uint32_t flags;
  const dovetail_relocation* relocations;
  size_t relocation_count;
  dovetail_symbol go_type;
  const char* debug_type; /* or NULL */
} dovetail_data;

/* Descriptions of types: compiler-emit/type_descriptor.h says what the fields mean. */
enum {
  DOVETAIL_BOOL = 1,
  DOVETAIL_INT,
  DOVETAIL_INT8,
  DOVETAIL_INT16,
  DOVETAIL_INT32,
  DOVETAIL_INT64,
  DOVETAIL_UINT,
  DOVETAIL_UINT8,
  DOVETAIL_UINT16,
  DOVETAIL_UINT32,
  DOVETAIL_UINT64,
  DOVETAIL_UINTPTR,
  DOVETAIL_FLOAT32,
  DOVETAIL_FLOAT64,
  DOVETAIL_COMPLEX64,
  DOVETAIL_COMPLEX128,
  DOVETAIL_ARRAY,
  DOVETAIL_CHAN,
  DOVETAIL_FUNC,
  DOVETAIL_INTERFACE,
  DOVETAIL_MAP, /* described by dovetail_define_map */
  DOVETAIL_POINTER,
  DOVETAIL_SLICE,
  DOVETAIL_STRING,
  DOVETAIL_STRUCT,
  DOVETAIL_UNSAFE_POINTER
};

enum {
  DOVETAIL_REGULAR_MEMORY = 1, /* equal values have equal bytes, all of which count */
  DOVETAIL_INSTANCE = 2,       /* of a generic type */
  DOVETAIL_VARIADIC = 4
};

typedef struct {
  const char *name, *tag;
  dovetail_symbol type;
  uint64_t offset;
  int embedded;
} dovetail_field;

typedef struct {
  const char *name, *package; /* the package of names that are not exported */
  dovetail_symbol type;       /* of the function, without the receiver */
  dovetail_symbol interface_code, code;
} dovetail_method;

typedef struct {
  int kind;
  const char *link_name, *text;
  uint64_t size;
  uint8_t align;
  const uint8_t* pointers; /* for each word, whether it is one */
  size_t pointer_count;
  dovetail_symbol equal;
  uint32_t flags;
  const char *package, *name;
  dovetail_symbol pointer_to_this;
  const dovetail_method* methods;
  size_t method_count;
  dovetail_symbol element, slice;
  uint64_t length;
  uint8_t direction; /* of channels: 1 receives, 2 sends, 3 both */
  const dovetail_symbol* parameters;
  size_t parameter_count;
  const dovetail_symbol* results;
  size_t result_count;
  const dovetail_field* fields;
  size_t field_count;
} dovetail_type;

typedef struct {
  dovetail_symbol type;
  const char *link_name, *text;
  int named;
  uint64_t size;
  uint8_t align;
  const uint8_t* pointers;
  size_t pointer_count;
} dovetail_map_part;

typedef struct {
  dovetail_map_part key, element;
  dovetail_symbol hasher;
  int need_key_update, hash_might_panic;
} dovetail_map;

/* How values are compared and hashed (compiler-emit/type_algorithm.h). */
enum {
  DOVETAIL_MEMORY = 0,
  DOVETAIL_STRINGS = 1,
  DOVETAIL_INTERFACES = 2,
  DOVETAIL_EMPTY_INTERFACES = 3,
  DOVETAIL_FLOATS32 = 4,
  DOVETAIL_FLOATS64 = 5,
  DOVETAIL_COMPLEXES64 = 6,
  DOVETAIL_COMPLEXES128 = 7
};

/* Copies the header line ("go object ...") of a Go object or archive to buffer, ended by a zero. Returns its
 * length, or 0 if there is none or it does not fit. */
size_t dovetail_header_of(const void* file, size_t size, char* buffer, size_t capacity);

/* The same for a package's path as it stands in names of symbols. */
size_t dovetail_escape_package_path(const char* path, char* buffer, size_t capacity);

enum { DOVETAIL_OWNS_NUMBERS = 1, DOVETAIL_STANDARD_LIBRARY = 2 };

/* Begins an object. Never NULL. */
dovetail_object* dovetail_object_new(const char* header, const char* package, uint64_t fingerprint,
                                     uint32_t flags);
void dovetail_object_free(dovetail_object* object); /* NULL is no object, and fine */

uint32_t dovetail_add_file(dovetail_object* object, const char* path);
void dovetail_add_import(dovetail_object* object, const char* path, uint64_t fingerprint);
dovetail_symbol dovetail_named(dovetail_object* object, const char* name, int abi);
dovetail_symbol dovetail_indexed(dovetail_object* object, const char* package, uint32_t index,
                                 const char* name);
dovetail_symbol dovetail_declare(dovetail_object* object, const char* name, int abi, int linkage);
/* Whether that has been done. */
int dovetail_declares(const dovetail_object* object, const char* name, int abi);
dovetail_symbol dovetail_string_bytes(dovetail_object* object, const char* text, size_t size);
/* Stack maps: bit i of map m is pointers[m * bits + i] != 0. */
dovetail_symbol dovetail_stack_maps(dovetail_object* object, const uint8_t* pointers, size_t maps,
                                    size_t bits);

/* Read-only bytes that are known by their content. `local`: of this object only, as far as names go. */
dovetail_symbol dovetail_content_bytes(dovetail_object* object, const char* name, const uint8_t* bytes,
                                       size_t size, int local);
/* A function as a value, and one with what it captured behind its address: `bytes` are all, the first 8 zero.
 */
dovetail_symbol dovetail_function_value(dovetail_object* object, dovetail_symbol function);
dovetail_symbol dovetail_closure(dovetail_object* object, const char* name, dovetail_symbol function,
                                 const uint8_t* bytes, size_t size);

/* Descriptions of types, "type:" + link_name. Types without a name may have been defined before, and come
 * with the description of pointers to them; that of a pointer to such a type can be had alone. */
dovetail_symbol dovetail_define_type(dovetail_object* object, const dovetail_type* type);
dovetail_symbol dovetail_define_unnamed_type(dovetail_object* object, const dovetail_type* type);
dovetail_symbol dovetail_pointer_type(dovetail_object* object, dovetail_symbol element, const char* link_name,
                                      const char* text);
/* `named`: NULL, or what a map type with a name of its own has besides. */
dovetail_symbol dovetail_define_map(dovetail_object* object, const dovetail_map* map,
                                    const dovetail_type* named);
/* Function values that compare two values or hash one; those that were generated for a type. */
dovetail_symbol dovetail_equal_function(dovetail_object* object, int algorithm, uint64_t size);
dovetail_symbol dovetail_hash_function(dovetail_object* object, int algorithm, uint64_t size);
dovetail_symbol dovetail_generated_equal(dovetail_object* object, const char* link_name);
dovetail_symbol dovetail_generated_hash(dovetail_object* object, const char* link_name);

/* These return 0, or -1 if the object has an error. */
int dovetail_define_function(dovetail_object* object, dovetail_symbol symbol,
                             const dovetail_function* function);
/* For debuggers: that the function has copies in functions which are defined afterwards. */
int dovetail_define_abstract_function(dovetail_object* object, dovetail_symbol function, uint32_t start_line,
                                      const dovetail_variable* variables, size_t variable_count);
int dovetail_define_data(dovetail_object* object, dovetail_symbol symbol, const dovetail_data* data);

/* For what is built on this: a mistake of its own. */
void dovetail_reject(dovetail_object* object, const char* where, const char* what);
/* What is wrong; NULL if nothing. Good until the object is freed. */
const char* dovetail_error(const dovetail_object* object);

enum { DOVETAIL_GOOBJ = 0, DOVETAIL_DENSE = 1 };
enum { DOVETAIL_BARE = 0, DOVETAIL_OBJECT = 1, DOVETAIL_ARCHIVE = 2 };

/* The object's bytes, which stay good until the next call or until the object is freed. Nothing can be added
 * any more. Returns 0, or -1 if the object has an error. */
int dovetail_finish(dovetail_object* object, int format, int container, const uint8_t** bytes, size_t* size);

/* The number by which importers refer to a symbol of DOVETAIL_PACKAGE. Nothing can be added any more. Returns
 * 0, or -1 if the object has an error or the symbol is none of these. */
int dovetail_package_index(dovetail_object* object, dovetail_symbol symbol, uint32_t* index);

#ifdef __cplusplus
}
#endif

#endif
