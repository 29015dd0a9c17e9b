# A function that nobody defines, or defines for another ABI only; no main function.
std fmt

go_file main.go <<'GO'
package main

func missing(n int) int
func other()

//go:noinline
func twice(n int) int { return missing(n) + missing(n+1) }

func main() { println(twice(1), missing(2)) }
GO
go_file main.s <<'S'
TEXT ·unused(SB), 4, $0-0
	RET
S
compile main main.go main.s
same_set 2 -importcfg importcfg main.a
says "main.twice: relocation target main.missing not defined"

# Assembly calls a Go function that has no wrapper, since the compiler was not told; and the other way around.
go_file abi.go <<'GO'
package main

func callgo()

//go:noinline
func goside() {}

func main() { callgo(); goside() }
GO
go_file abi.s <<'S'
TEXT ·callgo(SB), 0, $0-0
	CALL ·goside(SB)
	RET
S
std
go tool asm -p main -I . -I "$goroot/pkg/include" -gensymabis -o symabis abi.s
grep '^def' symabis > defs || true
go tool compile -p main -importcfg importcfg -pack -o main.a -symabis defs -asmhdr go_asm.h abi.go
go tool asm -p main -o abi.o abi.s
go tool pack r main.a abi.o
same 2 -importcfg importcfg main.a
says "relocation target main.goside not defined for ABI0 (but is defined for ABIInternal)"

go_file nomain.go <<'GO'
package main

func init() { println(1) }
GO
compile main nomain.go
same 2 -importcfg importcfg main.a
says "function main is undeclared in the main package"

# The limit of 20, and -e.
{
  echo 'package main'
  for i in $(seq 25); do echo "func f$i()"; done
  echo 'func main() {'
  for i in $(seq 25); do echo "f$i()"; done
  echo '}'
} > many.go
compile main many.go main.s
same 2 -importcfg importcfg main.a
says "too many errors"
same 2 -e -importcfg importcfg main.a
says "main.f25"
