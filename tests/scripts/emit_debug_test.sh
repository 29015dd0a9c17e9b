# Debug information of optimized code that compiler-emit wrote: both linkers make the same of it, libdwarf reads it, and gdb
# and delve show the inlined call as a frame of its own, with variables in registers, in expressions and in a block.
emit=$(dirname "$DOVETAIL")/emit_debug
if [ ! -x "$emit" ]; then
  echo "SKIP: $emit is not built"
  exit 77
fi
printf '' > empty.s
go tool asm -p x -o like.o empty.s
mkdir code
printf 'module example.com/debug\n\ngo 1.26\n' > go.mod
printf 'package code\n\nfunc Outer(a int) int\nfunc Inner(x int) int\n' > code/code.go
printf 'package main\n\nimport "example.com/debug/code"\n\nfunc main() { println(code.Outer(7), code.Inner(1)) }\n' > main.go
printf '%s\n' 'func Inner(x int) int {' '' '' '	y := x + 1' '	return y' '}' '' '' 'func Outer(a int) int {' '	b := a * 2' \
  '	return Inner(b) + b' '}' > code/code.x
"$emit" like.o goobj code/code_linux_amd64.syso "$PWD/code/code.x"
go build -ldflags='-buildid= -compressdwarf=false' -o stock .
"$emit" like.o dense code/code_linux_amd64.syso "$PWD/code/code.x"
go build -ldflags='-buildid= -compressdwarf=false' -toolexec="$DOVETAIL toolexec" -o ours .
test "$(./ours 2>&1)" = '29 2'
cmp stock ours
"$DWARF_WALK" ours > counts.txt

dlv=$(command -v dlv || true)
recorded=$("$REPOSITORY/script/replay" --list programs 2> /dev/null || true)
if [ -z "$dlv" ] && grep -qx programs/dlv <<< "$recorded"; then
  dlv=$PWD/dlv
  "$REPOSITORY/script/replay" programs/dlv --linker=stock -o "$dlv" > /dev/null
fi
said() { grep -qE "$1" said.txt || { cat said.txt; echo "did not say: $1" >&2; exit 1; }; }
if command -v gdb > /dev/null; then
  printf '%s\n' 'set pagination off' 'set debuginfod enabled off' 'break code.x:11' run 'info locals' 'info args' 'ptype b' 'delete 1' \
    'break code.x:4' continue 'print x' 'print y' bt 'disable 2.2' continue 'print x' 'stepi' 'print y' kill > commands
  # The goroutine shall stay on its thread, for else it may come by a breakpoint twice.
  GODEBUG=asyncpreemptoff=1 timeout 120 gdb -nx -batch -x commands ours > said.txt 2>&1 || true
  if grep -qi 'operation not permitted' said.txt; then echo "SKIP: not allowed to trace processes here"; exit 77; fi
  said 'Breakpoint 2 at .*\(2 locations\)'
  said '^\$1 = 14$'
  said '^\$2 = 15$'
  said '^#0 .*example\.com/debug/code\.Inner \(x=14\) at .*/code\.x:4'
  said '^#1 .*example\.com/debug/code\.Outer \(a=<optimized out>\) at .*/code\.x:11'
  said '^#2 .* main\.main \(\)'
  said '^b = 14$'
  said '^a = 7$'
  said '^type = int$'
  said '^\$3 = 1$'
  said '^\$4 = 2$'
else
  echo 'gdb is not installed, and was not asked'
fi
if [ -n "$dlv" ]; then
  printf '%s\n' 'break code.x:4' continue 'print x' stack 'clear 1' 'break code.x:11' restart continue locals exit > commands
  HOME=$PWD NO_COLOR=1 timeout 120 "$dlv" exec --allow-non-terminal-interactive=true ./ours < commands > colours.txt 2>&1 || true
  sed 's/\x1b\[[0-9;]*m//g' colours.txt > said.txt
  if grep -qiE 'operation not permitted|could not launch' said.txt; then echo "SKIP: not allowed to trace processes here"; exit 77; fi
  said '\(dlv\) 14$'
  said '\(dlv\) 0 .*example\.com/debug/code\.Inner'
  said '^1 .*example\.com/debug/code\.Outer'
  said 'b = 14$'
else
  echo 'dlv is neither on the PATH nor recorded, and was not asked'
fi
