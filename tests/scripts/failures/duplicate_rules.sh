# Which of two definitions of a name stands, and which are an error
cat > main.go <<'E'
package main

func f()
func main() { f() }
E
cat > one.s <<'E'
TEXT ·f(SB), 4, $0-0
	MOVQ ·x(SB), AX
	RET
DATA ·x(SB)/8, $1
GLOBL ·x(SB), 16, $8
E
# Contents against contents.
cat > two.s <<'E'
DATA ·x(SB)/8, $2
GLOBL ·x(SB), 16, $8
E
package main main.go one.s two.s
fails 'duplicated definition of symbol main.x' -importcfg all.cfg main.a
# Zeroed data gives way, whatever its size; the larger size stays.
for size in 8 64; do
  echo "GLOBL ·x(SB), 16, \$$size" > two.s
  package main main.go one.s two.s
  links '' -importcfg all.cfg main.a
done
# A function against zeroed data, and against a function.
echo 'GLOBL ·f(SB), 16, $64' > two.s
package main main.go two.s one.s
alike -importcfg all.cfg main.a
printf 'TEXT ·f(SB), 4, $0-0\n\tRET\n' > two.s
package main main.go one.s two.s
fails 'duplicated definition of symbol main.f, from main .type STEXT size' -importcfg all.cfg main.a
