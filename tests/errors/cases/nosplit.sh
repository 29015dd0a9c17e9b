# Chains of functions without a stack check that need too much stack.
std
go_file main.go <<'GO'
package main

func f()
func g()

func main() { f(); g() }
GO
go_file main.s <<'S'
TEXT ·f(SB), 4, $400-0
	CALL ·h(SB)
	RET

TEXT ·g(SB), 4, $16-0
	CALL ·i(SB)
	RET

TEXT ·h(SB), 4, $408-0
	RET

TEXT ·i(SB), 4, $16-0
	CALL ·g(SB)
	RET
S
compile main main.go main.s
same 2 -importcfg importcfg main.a
says "main.f: nosplit stack over 792 byte limit"
same 2 -debugnosplit -importcfg importcfg main.a

# What is wrong besides is said as well.
go_file more.go <<'GO'
package main

func f()
func g()
func missing()

func main() { f(); g(); missing() }
GO
compile main more.go main.s
same 2 -importcfg importcfg main.a
says "main.main: relocation target main.missing not defined"

# More than 20 chains.
{
  for i in $(seq 25); do printf 'TEXT ·f%d(SB), 4, $%d-0\n\tCALL ·f(SB)\n\tRET\n\n' "$i" $((i * 8)); done
  cat main.s
} > many.s
{
  echo 'package main'
  for i in $(seq 25); do echo "func f$i()"; done
  echo 'func g()'
  echo 'func main() {'
  for i in $(seq 25); do echo "f$i()"; done
  echo 'g() }'
} > many.go
compile main many.go many.s
same 2 -importcfg importcfg main.a
says "too many errors"
same 2 -e -importcfg importcfg main.a
