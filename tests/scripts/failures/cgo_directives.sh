# Imports from shared libraries without cgo, and directives that make no sense.
program() {
  cat > main.go <<GO
package main

$1

func f()

func main() { f() }
GO
  printf 'TEXT ·f(SB), 7, $0\n%s\n\tRET\n%s\n' "$2" "${3:-}" > a.s
  package main -std main.go a.s
}
link() { # STATUS FLAGS...
  local verb=fails
  [ "$1" != 0 ] || verb=links
  $verb '' "${@:2}" -importcfg all.cfg main.a
}
says() { grep -qF -- "$1" stock.err || { cat stock.err >&2; echo "stock does not say: $1" >&2; return 1; }; }

program '//go:cgo_import_dynamic libc_puts puts "libc.so.6"' '	CALL libc_puts(SB)'
link 0
link 2 -d
says "main.a(_go_.o): cannot use dynamic imports with -d flag"
says "main.f: relocation target libc_puts not defined"

# Only calls can be redirected.
program '//go:cgo_import_dynamic libc_puts puts "libc.so.6"' '	MOVQ $libc_puts(SB), AX'
ANY_ORDER=1 link 2
says "main.f: unsupported dynamic relocation for symbol libc_puts (type=14 (R_PCREL) stype=65 (SDYNIMPORT))"
program '//go:cgo_import_dynamic libc_puts puts "libc.so.6"' '	MOVQ ·t(SB), AX' \
  'DATA ·t(SB)/8, $libc_puts(SB)
GLOBL ·t(SB), 8, $8'
ANY_ORDER=1 link 2
program '//go:cgo_import_dynamic main.x environ "libc.so.6"
var x uintptr' '	MOVQ ·x(SB), AX'
ANY_ORDER=1 link 2

# What is not imported in the end is undefined.
program '//go:cgo_import_static nothing' '	CALL nothing(SB)'
link 2
says "main.f: relocation target nothing not defined"
program '//go:cgo_import_dynamic libc_puts puts "libc.so.6"
//go:cgo_export_dynamic libc_puts' '	CALL libc_puts(SB)'
ANY_ORDER=1 link 2
program '//go:cgo_import_dynamic libc_puts puts "libc.so.6"
//go:cgo_export_dynamic nowhere' '	CALL libc_puts(SB)'
link 2
says ".dynsym: relocation target nowhere not defined"

# Directives that the compiler does not write: one of them is replaced by another of the same length.
damaged() {
  program '//go:cgo_import_dynamic libc_puts puts "libc.so.6"
//go:cgo_import_static a_name_that_nobody_mentions
//go:cgo_export_dynamic main.g g_name
//go:cgo_dynamic_linker "/lib/ld"
func g() {}' '	CALL libc_puts(SB)'
  local old='["cgo_import_static","a_name_that_nobody_mentions"]' new
  new=$(printf "%-$((${#old} - 2))s" "$1")
  OLD=$old NEW="[$new]" perl -pi -e 's/\Q$ENV{OLD}\E/$ENV{NEW}/' main.a
}
damaged '"cgo_import_stttic","x"'
link 2
says 'main.a(_go_.o): invalid cgo directive: ["cgo_import_stttic" "x"]'
damaged '"cgo_import_static","x","y\u00e9\n\""'
link 2
says 'main.a(_go_.o): invalid cgo directive: ["cgo_import_static" "x" "yé\n\""]'
damaged '"cgo_export_static","x","y","ABIInterna"'
link 2
says 'bad ABI in cgo_export directive [cgo_export_static x y ABIInterna]'
damaged '"cgo_dynamic_linker","/lib/x"'
link 2
says 'conflict dynlinker: /lib/x and /lib/ld'
link 0 -I /lib/y
damaged '"cgo_export_static","main.g","h","ABIInternal"'
link 2
says 'conflicting cgo_export directives: main.g as h and g_name'
damaged '"cgo_export_static","main.g","h"'
link 0
