# -strictdups: duplicates with different contents
for p in one two; do
  echo "package $p; func F() int" > $p.go
  cat > $p.s <<E
#include "textflag.h"
DATA shared·data+0(SB)/8, \$$([ $p = one ] && echo 1 || echo 2)
GLOBL shared·data(SB), RODATA|DUPOK, \$8
TEXT ·F(SB), NOSPLIT, \$0-8
	MOVQ shared·data(SB), AX
	MOVQ AX, ret+0(FP)
	RET
E
  package $p $p.go $p.s
done
echo 'package main; import ("one"; "two"); func main() { println(one.F(), two.F()) }' > main.go
package main main.go
links '' -importcfg all.cfg main.a
links 'duplicate symbol' -strictdups=1 -importcfg all.cfg main.a
fails 'duplicate symbol' -strictdups=2 -importcfg all.cfg main.a
fails . -strictdups=3 -importcfg all.cfg main.a
