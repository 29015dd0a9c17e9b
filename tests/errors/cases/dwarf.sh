# Debug information that does not fit together.
std
go_file main.go <<'GO'
package main

type T struct{ a, b int }

//go:noinline
func keep(t *T) { println(t.a, t.b) }

func main() {
	t := T{1, 2}
	keep(&t)
}
GO
compile main main.go
cp main.a good.a

# bad 'PYTHON, with info for the debug information of main.keep'
bad() {
  cp good.a main.a
  edit main.a <<PY
info = o.at(next(x for x in o.symbol("main.keep").auxs() if x.type == AUX_DWARF_INFO).target)
$1
PY
}

# cmd/link calls a symbol without a name by a number that it gave it.
same_but_numbers() {
  run_both "$@"
  sed -i 's/^sym [0-9]*:/sym N:/' stock.err ours.err
  [ "$(cat stock.status) $(cat ours.status)" = "2 2" ] ||
    fail "exit status $(cat ours.status), cmd/link's $(cat stock.status)" "$@"
  cmp -s stock.err ours.err || { fail "messages differ" "$@"; differ err; }
}

bad 'info.relocs()[-1].offset = 100000'
same_but_numbers -importcfg importcfg main.a
says "invalid relocation"

# What a function uses as a type is none.
bad 'next(r for r in info.relocs() if r.type == R_USETYPE).target = o.symbol("main..inittask").ref()'
same_but_numbers -importcfg importcfg main.a
