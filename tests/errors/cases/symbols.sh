# Symbols that cannot be laid out.
std
go_file main.go <<'GO'
package main

var number = 5
var pointer = &number
var array = [4]int{1, 2, 3, 4}
var zero [1500]byte
var zero2 [1500]byte

//go:noinline
func keep(values ...any) {}

func main() { keep(&number, &pointer, &array, &zero, &zero2) }
GO
compile main main.go
cp main.a good.a
restore() { cp good.a main.a; }

# More bytes than its size.
edit main.a <<'PY'
o.symbol("main.array").size = 8
PY
same_first 2 -importcfg importcfg main.a
says "main.array: initialize bounds (8 < 32)"

restore
edit main.a <<'PY'
o.symbol("main.zero").size = 3000000000
PY
same 2 -importcfg importcfg main.a
says "main.zero: symbol too large (3000000000 bytes)"

restore
edit main.a <<'PY'
o.symbol("main.zero").size = 1500000000
o.symbol("main.zero2").size = 1500000000
PY
same 2 -importcfg importcfg main.a
says "too much data"

# Data with pointers says so by its type; data without may not be where pointers are.
restore
edit main.a <<'PY'
o.symbol("main.array").kind = 7
PY
same 2 -importcfg importcfg main.a
says "has no pointers but in data section"
restore
edit main.a <<'PY'
for x in o.symbol("main.pointer").auxs():
    if x.type == AUX_GOTYPE:
        x.target = (0, 0)
PY
agree -importcfg importcfg main.a
go_file data.s <<'S'
DATA ·asm+0(SB)/8, $1
GLOBL ·asm(SB), 0, $8
TEXT ·f(SB), 4, $0-0
	MOVQ ·asm(SB), AX
	RET
S
go_file data.go <<'GO'
package main

func f()

func main() { f() }
GO
compile main data.go data.s
same 2 -importcfg importcfg main.a
says "missing Go type information for global symbol main.asm: size 8"

# Function data of no size.
restore
edit main.a <<'PY'
for x in o.symbol("main.main").auxs():
    if x.type == AUX_FUNCDATA and x.target[0] == PKG_HASHED64:
        first = (o.block("hashed64def") - o.block("symdef")) // SYM_SIZE
        o.symbols()[first + x.target[1]].size = 0
    if x.type == AUX_FUNCDATA and x.target[0] == PKG_HASHED:
        first = (o.block("hasheddef") - o.block("symdef")) // SYM_SIZE
        o.symbols()[first + x.target[1]].size = 0
PY
same_first 2 -importcfg importcfg main.a
says "main.main.stkobj: zero size funcdata"

# The runtime declares what only the linker may.
go_file tls.s <<'S'
DATA runtime·tlsg+0(SB)/8, $1
GLOBL runtime·tlsg(SB), 16, $8
S
cp data.go m.go
go_file f.s <<'S'
TEXT ·f(SB), 4, $0-0
	RET
S
compile main m.go f.s tls.s
agree -importcfg importcfg main.a

# The entry symbol.
restore
same 2 -E no.such.symbol -importcfg importcfg main.a
says 'missing entry symbol "no.such.symbol"'

agree -E main.number -importcfg importcfg main.a
