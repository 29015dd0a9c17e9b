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

#define DOVETAIL_NO_SYMBOL UINT32_MAX

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

/* Kinds of relocations: the numbers of cmd/internal/objabi/reloctype.go; any of them may be used. */
enum {
  DOVETAIL_R_ADDR = 1,
  DOVETAIL_R_ADDRARM64 = 3,
  DOVETAIL_R_ADDROFF = 5,
  DOVETAIL_R_CALL = 7,
  DOVETAIL_R_CALLARM64 = 9,
  DOVETAIL_R_PCREL = 14
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

/* For debuggers: role 0 is a parameter, 1 a result, 2 a local variable; frame_offset counts from DWARF's call
 * frame address. */
typedef struct {
  int role;
  const char* name;
  const char* type; /* a Go type's name */
  int32_t frame_offset;
  uint32_t line;
} dovetail_variable;

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
  int has_go_type;
  dovetail_symbol go_type;
  const char* debug_type; /* or NULL */
} dovetail_data;

/* Copies the header line ("go object ...") of a Go object or archive to buffer, ended by a zero. Returns its
 * length, or 0 if there is none or it does not fit. */
size_t dovetail_header_of(const void* file, size_t size, char* buffer, size_t capacity);

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
dovetail_symbol dovetail_string_bytes(dovetail_object* object, const char* text, size_t size);
/* Stack maps: bit i of map m is pointers[m * bits + i] != 0. */
dovetail_symbol dovetail_stack_maps(dovetail_object* object, const uint8_t* pointers, size_t maps,
                                    size_t bits);

/* These return 0, or -1 if the object has an error. */
int dovetail_define_function(dovetail_object* object, dovetail_symbol symbol,
                             const dovetail_function* function);
int dovetail_define_data(dovetail_object* object, dovetail_symbol symbol, const dovetail_data* data);

/* What is wrong; NULL if nothing. Good until the object is freed. */
const char* dovetail_error(const dovetail_object* object);

enum { DOVETAIL_GOOBJ = 0, DOVETAIL_DENSE = 1 };
enum { DOVETAIL_BARE = 0, DOVETAIL_OBJECT = 1, DOVETAIL_ARCHIVE = 2 };

/* The object's bytes, which stay good until the next call or until the object is freed. Nothing can be added
 * any more. Returns 0, or -1 if the object has an error. */
int dovetail_finish(dovetail_object* object, int format, int container, const uint8_t** bytes, size_t* size);

#ifdef __cplusplus
}
#endif

#endif
