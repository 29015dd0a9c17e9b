# Stack overruns do not stop the link at once; more than 20 do
cat > main.go <<'E'
package main

func f()
func missing()
func main() { f(); missing() }
E
cat > f.s <<'E'
TEXT ·f(SB), 4, $400-0
	CALL ·h(SB)
	RET

TEXT ·h(SB), 4, $408-0
	RET
E
package main main.go f.s
fails 'main.main: relocation target main.missing not defined' -importcfg all.cfg main.a
fails 'nosplit: main.f' -debugnosplit -importcfg all.cfg main.a
{
  for i in $(seq 25); do printf 'TEXT ·f%d(SB), 4, $%d-0\n\tCALL ·f(SB)\n\tRET\n\n' "$i" $((i * 8)); done
  cat f.s
} > many.s
{
  echo 'package main'
  for i in $(seq 25); do echo "func f$i()"; done
  echo 'func main() {'
  for i in $(seq 25); do echo "f$i()"; done
  echo '}'
} > many.go
package main many.go many.s
fails 'too many errors' -importcfg all.cfg main.a
fails 'main.f1: nosplit stack over 792 byte limit' -e -importcfg all.cfg main.a
