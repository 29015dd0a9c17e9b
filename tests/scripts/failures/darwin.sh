# darwin: imports of every kind in images with many libraries, flags that the format makes a difference to, and what goes
# wrong there, in cmd/link's words
export GOOS=darwin
libraries=
for i in $(seq 40); do libraries+="//go:cgo_import_dynamic _ _ \"/usr/lib/a/library/with/a/long/name/number/lib$i.dylib\"
"; done
# program ASSEMBLY [MORE [DIRECTIVES]]: main.f has that text.
program() {
  printf 'package main\n\n%s\nfunc f()\n\nfunc main() { f() }\n' "${3:-}" > main.go
  printf 'TEXT ·f(SB), 7, $0\n%s\n\tRET\n%s\n' "$1" "${2:-}" > a.s
  package main -std main.go a.s
}
puts='//go:cgo_import_dynamic libc_puts puts "/usr/lib/libSystem.B.dylib"
'
others='//go:cgo_import_dynamic libc_readdir_r readdir_r "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_fdopendir fdopendir "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic second_puts puts "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic anywhere anywhere
'
for arch in amd64 arm64; do
  export GOARCH=$arch
  far=0x40000000 low=0x1004000 below=0x500000
  [ $arch = amd64 ] || far=0x140000000 low=0x100008000 below=0xfc000000
  for mode in "" -shared; do
    buildmode=${mode:+-buildmode=pie}
    [ $arch-$mode = arm64- ] && continue
    go list ${buildmode:+$buildmode} -export -deps -f '{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}' runtime fmt > all.cfg
    if [ $arch = amd64 ]; then call=CALL take='LEAQ libc_puts(SB), AX'; else call=CALL take='MOVD $libc_puts(SB), R0'; fi
    program "	$call libc_puts(SB)
	$call libc_readdir_r(SB)
	$call libc_fdopendir(SB)
	$call anywhere(SB)
	$call libc_puts(SB)
	$call second_puts(SB)
	$take" "DATA ·t(SB)/8, \$libc_puts(SB)
GLOBL ·t(SB), 8, \$8" "$puts$others$libraries"
    for flags in "" "-s -w" "-B 0x0102 -buildid=a/b" "-R 0x100000 -randlayout=3" "-T 0x208001000 -w" "-D $far" "-D $low" "-D $below"; do
      links '' $buildmode $flags -importcfg all.cfg main.a
    done
    # Data that begin with the last of the read-only data, and with functions' tables, which are made twice. cmd/link's
    # threads write both at once: for arm64, with other work beside, 11 of 150 images were another one.
    "$stock" $buildmode -o plain -importcfg all.cfg main.a
    tables=$(go tool nm plain | awk '$3 == "runtime.pclntab" { print $1 }')
    for attempt in 1 2 3 4 no; do
      if links '' $buildmode -D $(printf 0x%x $((0x$tables & ~0x3fff))) -importcfg all.cfg main.a; then break; fi
      test $attempt != no
    done
    fails 'missing entry symbol "nix"' $buildmode -E nix -importcfg all.cfg main.a
    fails 'dynamic linking required on darwin; -d flag cannot be used' $buildmode -d -importcfg all.cfg main.a
    fails '-B option too long \(max 16 digits\)' $buildmode -B 0x0011223344556677889900112233445566 -importcfg all.cfg main.a
    # An address with something added cannot be loaded from the table.
    program "	${take/libc_puts/libc_puts+8}" "" "$puts"
    ANY_ORDER=1 alike $buildmode -importcfg all.cfg main.a
  done
done
program "	CALL libc_puts(SB)" "" "$puts"
links '' -debugtramp=2 -importcfg all.cfg main.a
# Something that is neither the address nor a call.
export GOARCH=amd64
go list -export -deps -f '{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}' runtime fmt > all.cfg
program '	MOVQ libc_puts(SB), AX' "" "$puts"
ANY_ORDER=1 fails 'unexpected R_PCREL reloc for dynamic symbol libc_puts: not preceded by LEAQ instruction' -importcfg all.cfg main.a
