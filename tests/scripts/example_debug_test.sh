# gdb and delve in a program whose functions tinyc compiled (examples/tinyc): they stop by name and by line, and show
# parameters, variables and the stack. delve is looked for on the PATH, and among the links that script/record keeps.
tinyc=$(dirname "$DOVETAIL")/tinyc
dlv=$(command -v dlv || true)
recorded=$("$REPOSITORY/script/replay" --list programs 2> /dev/null || true)
if [ -z "$dlv" ] && grep -qx programs/dlv <<< "$recorded"; then
  dlv=$PWD/dlv
  "$REPOSITORY/script/replay" programs/dlv --linker=stock -o "$dlv" > /dev/null
fi
gdb=$(command -v gdb || true)
if [ ! -x "$tinyc" ] || [ -z "$gdb$dlv" ]; then
  echo "SKIP: there is neither gdb nor dlv, or tinyc is not built"
  exit 77
fi
printf '' > empty.s
go tool asm -p x -o like.o empty.s
cp -r "$REPOSITORY/examples/tinyc/sample" sample
(cd sample/calc && "$tinyc" -p example.com/sample/calc -like ../../like.o -o calc_linux_amd64.syso "$PWD/calc.tiny")
(cd sample && go build -o ../program -toolexec="$DOVETAIL toolexec" .)
swap=$(grep -n '^		a = b' sample/calc/calc.tiny | cut -d: -f1)
division=$(grep -n 'return a / b' sample/calc/calc.tiny | cut -d: -f1)
said() { grep -qE "$1" said.txt || { cat said.txt; echo "did not say: $1" >&2; exit 1; }; }

if [ -n "$gdb" ]; then
  printf '%s\n' 'set pagination off' 'set debuginfod enabled off' "break calc.tiny:$swap" run 'print t' 'info args' bt \
    'delete 1' 'break example.com/sample/calc.Quotient' continue 'print a' up kill > commands
  timeout 120 gdb -nx -batch -x commands program > said.txt 2>&1 || true
  if grep -qi 'operation not permitted' said.txt; then echo "SKIP: not allowed to trace processes here"; exit 77; fi
  said "Breakpoint 1, example\.com/sample/calc\.Gcd \(a=1071, b=462\) at .*/calc\.tiny:$swap"
  said '^\$1 = 147$'
  said '^b = 462$'
  said '^#1 .* main\.main \(\)'
  said "Breakpoint 2, example\.com/sample/calc\.Quotient .* at .*/calc\.tiny:$division"
  said '^\$2 = -9223372036854775808$'
else
  echo 'gdb is not installed, and was not asked'
fi
if [ -n "$dlv" ]; then
  printf '%s\n' "break calc.tiny:$swap" continue 'print t' args stack 'clear 1' 'break example.com/sample/calc.Quotient' continue \
    'print a' 'exit' > commands
  HOME=$PWD NO_COLOR=1 timeout 120 "$dlv" exec --allow-non-terminal-interactive=true ./program < commands > colours.txt 2>&1 || true
  sed 's/\x1b\[[0-9;]*m//g' colours.txt > said.txt
  if grep -qiE 'operation not permitted|could not launch' said.txt; then echo "SKIP: not allowed to trace processes here"; exit 77; fi
  said "Breakpoint 1\] example\.com/sample/calc\.Gcd\(\) .*calc\.tiny:$swap"
  said '\(dlv\) 147$'
  said 'b = 462'
  said '(in|  at) main\.main'
  said "Breakpoint 2\] example\.com/sample/calc\.Quotient\(\) .*calc\.tiny:$division"
  said '\(dlv\) -9223372036854775808$'
else
  echo 'dlv is neither on the PATH nor recorded, and was not asked'
fi
