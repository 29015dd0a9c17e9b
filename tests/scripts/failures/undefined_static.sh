# Two targets of one name, the file's own and the program's, are two (TestUnresolved of cmd/link)
cat > main.go <<'E'
package main

func x()
func main() { x() }
E
cat > main.s <<'E'
TEXT ·x(SB),0,$0
	MOVQ zero<>(SB), AX
	MOVQ zero(SB), AX
	MOVQ ·zero(SB), AX
	RET
E
package main main.go main.s
fails 'main.x: relocation target zero not defined' -importcfg all.cfg main.a
