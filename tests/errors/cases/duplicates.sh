# Two definitions of one name.
std

go_file main.go <<'GO'
package main

func f()

func main() { f() }
GO
go_file a.s <<'S'
TEXT ·f(SB), 4, $0-0
	RET
S
go_file b.s <<'S'
TEXT ·f(SB), 4, $0-0
	NOP
	RET
S
compile main main.go a.s b.s
same 1 -importcfg importcfg main.a
says "duplicated definition of symbol main.f, from main (type STEXT size"

# Data with contents, twice.
go_file c.s <<'S'
TEXT ·f(SB), 4, $0-0
	MOVQ ·x(SB), AX
	RET
DATA ·x(SB)/8, $1
GLOBL ·x(SB), 16, $8
S
go_file d.s <<'S'
DATA ·x(SB)/8, $2
GLOBL ·x(SB), 16, $8
S
compile main main.go c.s d.s
same 1 -importcfg importcfg main.a
says "duplicated definition of symbol main.x"

# Zeroed data gives way to data with contents, and the larger of two zeroed ones wins: no error.
go_file d.s <<'S'
GLOBL ·x(SB), 16, $64
S
compile main main.go c.s d.s
same 0 -importcfg importcfg main.a

# dupok definitions that differ: named by -strictdups, otherwise nothing is said.
go_file a.s <<'S'
TEXT ·f(SB), 6, $0-0
	RET
S
go_file b.s <<'S'
TEXT ·f(SB), 6, $0-0
	BYTE $0x90; BYTE $0x90
	RET
S
compile main main.go a.s b.s
same 0 -importcfg importcfg main.a
same 0 -strictdups=1 -importcfg importcfg main.a
says "cmd/link: while reading object for 'main': duplicate symbol 'main.f', previous def at 'main', with mismatched payload: new length"
same 2 -w -strictdups=2 -importcfg importcfg main.a
same 0 -strictdups=2 -importcfg importcfg main.a
same 1 -strictdups=3 -importcfg importcfg main.a
says "invalid -strictdups flag value 3"
go_file b.s <<'S'
TEXT ·f(SB), 6, $0-0
	BYTE $0xcc
S
compile main main.go a.s b.s
same 0 -strictdups=1 -importcfg importcfg main.a
says "same length but different contents"
go_file a.s <<'S'
TEXT ·f(SB), 6, $0-0
	MOVQ ·x(SB), AX
	RET
GLOBL ·x(SB), 18, $16
S
go_file b.s <<'S'
GLOBL ·x(SB), 18, $8
S
compile main main.go a.s b.s
same 0 -strictdups=1 -importcfg importcfg main.a
says "different sizes: new size 8 != old size 16"
