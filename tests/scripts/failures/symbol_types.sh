# Data that may hold pointers, and does not say where
cat > main.go <<'E'
package main

var array = [4]int{1, 2, 3, 4}

//go:noinline
func keep(values ...any) {}

func main() { keep(&array) }
E
package main main.go
edit main.a <<'E'
o.symbol("main.array").kind = 7
E
fails 'has no pointers but in data section' -importcfg all.cfg main.a
cat > main.go <<'E'
package main

func f()
func main() { f() }
E
cat > f.s <<'E'
DATA ·asm+0(SB)/8, $1
GLOBL ·asm(SB), 0, $8
TEXT ·f(SB), 4, $0-0
	MOVQ ·asm(SB), AX
	RET
E
package main main.go f.s
fails 'missing Go type information for global symbol main.asm: size 8' -importcfg all.cfg main.a
# The linker's own variable.
printf 'DATA runtime·tlsg+0(SB)/8, $1\nGLOBL runtime·tlsg(SB), 16, $8\n' > tls.s
printf 'TEXT ·f(SB), 4, $0-0\n\tRET\n' > f.s
package main main.go f.s tls.s
alike -importcfg all.cfg main.a
# An entry point that is no code.
echo 'package main; var number = 5; func main() { println(number) }' > main.go
package main main.go
alike -E main.number -importcfg all.cfg main.a
