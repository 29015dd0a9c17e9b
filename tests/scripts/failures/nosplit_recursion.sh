# nosplit recursion
cat > main.go <<'E'
package main

func f()
func main() { f() }
E
cat > f.s <<'E'
#include "textflag.h"
TEXT ·f(SB), NOSPLIT, $8-0
	CALL ·g(SB)
	RET
TEXT ·g(SB), NOSPLIT, $8-0
	CALL ·f(SB)
	RET
E
package main main.go f.s
fails 'nosplit' -importcfg all.cfg main.a
