# examples/tinyc for arm64: the stock linker makes of its goobj what ours makes of it and of the dense object; the release's
# disassembler knows the instructions; and the program runs, where there is an arm64 machine or qemu.
tinyc=$(dirname "$DOVETAIL")/tinyc
if [ ! -x "$tinyc" ]; then
  echo "SKIP: $tinyc is not built"
  exit 77
fi
printf '' > empty.s
go tool asm -p x -o amd64.o empty.s
export GOARCH=arm64
go tool asm -p x -o like.o empty.s
cp -r "$REPOSITORY/examples/tinyc/sample" sample
# Frames that one instruction cannot open in one step with what it stores, and the largest one that there may be.
printf '\nfunc Wide(a) { return %s a %s }\n' "$(printf 'a + (%.0s' {1..60})" "$(printf ')%.0s' {1..60})" >> sample/calc/calc.tiny
{
  printf 'func Large(n) {\n\tif n == 0 { return 0 }\n\tvar v0 = 0\n'
  for i in {1..480}; do echo "	var v$i = v$((i - 1)) + 1"; done
  printf '\treturn v480 + Large(n - 1)\n}\n'
} >> sample/calc/calc.tiny
printf '\nfunc Wide(a int) int\nfunc Large(n int) int\n' >> sample/calc/calc.go
sed -i 's|^	fmt.Println(calc.Through(20))|&\n	fmt.Println(calc.Wide(3), calc.Large(500), calc.Quotient(math.MaxInt64, 3), calc.Rest(math.MinInt64, 10))|' sample/main.go
compile() {
  (cd sample/calc && "$tinyc" -p example.com/sample/calc -like ../../like.o --goarch=arm64 -o calc_linux_arm64.syso "$@" "$PWD/calc.tiny")
}
build() { (cd sample && go build -ldflags="-buildid= -compressdwarf=false" "$@" .); }
compile -goobj
build -o ../stock
build -o ../ours-goobj -toolexec="$DOVETAIL toolexec"
cp sample/calc/calc_linux_arm64.syso goobj.syso
compile
build -o ../ours-dense -toolexec="$DOVETAIL toolexec"
build -o ../ours-all-dense -toolexec="$DOVETAIL toolexec --objects=dense"
for ours in ours-goobj ours-dense ours-all-dense; do
  cmp stock $ours || { "$DOVETAIL" diff stock $ours | head -40 || true; echo "$ours: not what the stock linker makes" >&2; exit 1; }
done
"$DWARF_WALK" ours-dense > counts.txt
go tool objdump goobj.syso > objdump.txt
grep -q 'TEXT example.com/sample/calc.Fib(SB)' objdump.txt
grep -q 'R_CALLARM64:runtime.panicdivide' objdump.txt
grep -q 'SDIV' objdump.txt
if grep -q '?' objdump.txt; then echo "objdump: an instruction that it does not know" >&2; exit 1; fi
# The prologue is the Go compiler's, save for the way in which the frame is opened.
awk '/^TEXT example.com\/sample\/calc.Fib\(SB\)/ { inside = 1; next } /^TEXT/ { inside = 0 } inside { $1 = $2 = $3 = ""; print $0 }' objdump.txt |
  sed 's/^ *//; s/ *$//; s/^BLS .*/BLS/' | head -8 > prologue
diff - prologue <<'END'
MOVD 16(R28), R16
CMP R16, RSP
BLS
SUB $48, RSP, R20
STP (R29, R30), -8(R20)
MOVD R20, RSP
SUB $8, RSP, R29
MOVD R0, 56(RSP)
END

status=0
(cd sample/calc && "$tinyc" -p p -like ../../amd64.o --goarch=arm64 -o ../../wrong.syso calc.tiny) 2> errors || status=$?
test $status = 2
grep -q 'amd64.o: is of amd64, not of arm64' errors

if [ "$(uname -m)" = aarch64 ]; then run=
elif command -v qemu-aarch64 > /dev/null; then run=qemu-aarch64
else
  echo "identical; not run: no qemu-aarch64 (Debian package qemu-user, which script/setup installs if it can)"
  exit 77
fi
cat > want <<'END'
21 6765
285 1
-9223372036854775808 0 -3 -1
56
183 240000 3074457345618258602 -8
100000 832040
END
$run ./ours-dense > got
diff want got
status=0
$run ./ours-dense 1 > got 2> trace || status=$?
test $status = 2
test "$(tail -1 got)" = 'runtime error: integer divide by zero'
where=$(cd sample/calc && pwd -P)/calc.tiny
grep -A1 -F 'example.com/sample/calc.Quotient(' trace | grep -qF "$where:$(grep -n 'return a / b' sample/calc/calc.tiny | cut -d: -f1) "
grep -A1 -F 'example.com/sample/calc.Rest(' trace | grep -qF "$where:$(grep -n 'var rest' sample/calc/calc.tiny | cut -d: -f1) "
grep -qF 'main.main()' trace
# With collections all the time, and without preemption by signals.
GOGC=1 $run ./ours-dense > got
diff want got
