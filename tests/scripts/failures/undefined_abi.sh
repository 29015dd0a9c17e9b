# relocation target Y not defined for ABI0 (but is defined for ABIInternal)
cat > main.go <<'E'
package main

func target() {}
func caller()
func main() { caller(); target() }
E
cat > caller.s <<'E'
TEXT ·caller(SB), 0, $0-0
	CALL ·target(SB)
	RET
E
NO_SYMABIS=1 package main main.go caller.s
fails 'not defined for ABI' -importcfg all.cfg main.a
