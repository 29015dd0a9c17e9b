# What -strictdups compares, and when it is not an error
cat > main.go <<'E'
package main

func f()
func main() { f() }
E
function_of() { printf 'TEXT ·f(SB), 6, $0-0\n\t%s\n' "$1"; }
function_of RET > one.s
function_of 'BYTE $0x90; BYTE $0x90; RET' > two.s
package main main.go one.s two.s
links 'with mismatched payload: new length 3 != old length 1' -strictdups=1 -importcfg all.cfg main.a
fails 'new length' -strictdups=2 -importcfg all.cfg main.a
# Packages compiled with different flags may differ; debug information tells.
package main -N main.go one.s two.s
links 'new length' -strictdups=2 -importcfg all.cfg main.a
fails 'new length' -w -strictdups=2 -importcfg all.cfg main.a
function_of 'BYTE $0xcc' > two.s
package main main.go one.s two.s
links 'same length but different contents' -strictdups=1 -importcfg all.cfg main.a
printf 'GLOBL ·x(SB), 18, $8\n' > two.s
{ function_of 'MOVQ ·x(SB), AX; RET'; printf 'GLOBL ·x(SB), 18, $16\n'; } > one.s
package main main.go one.s two.s
links 'different sizes: new size 8 != old size 16' -strictdups=1 -importcfg all.cfg main.a
