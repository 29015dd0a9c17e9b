# examples/tinyc: functions of a tiny language, called from Go. The object as goobj is linked by the stock linker, which is
# the oracle: ours gives the same program from it and from the dense object, alone and among dense objects.
tinyc=$(dirname "$DOVETAIL")/tinyc
if [ ! -x "$tinyc" ]; then
  echo "SKIP: $tinyc is not built"
  exit 77
fi
printf '' > empty.s
go tool asm -p x -o like.o empty.s
cp -r "$REPOSITORY/examples/tinyc/sample" sample
compile() { (cd sample/calc && "$tinyc" -p example.com/sample/calc -like ../../like.o -o calc_linux_amd64.syso "$@" "$PWD/calc.tiny"); }
build() { (cd sample && go build -ldflags=-buildid= "$@" .); } # the build ID depends on the object's bytes

compile -goobj
build -o ../stock
build -o ../ours-goobj -toolexec="$DOVETAIL toolexec"
cp sample/calc/calc_linux_amd64.syso goobj.syso
compile
cp sample/calc/calc_linux_amd64.syso dense.syso
build -o ../ours-dense -toolexec="$DOVETAIL toolexec"
build -o ../ours-all-dense -toolexec="$DOVETAIL toolexec --objects=dense"
for ours in ours-goobj ours-dense ours-all-dense; do
  cmp stock $ours || { "$DOVETAIL" diff stock $ours | head -40 || true; echo "$ours: not what the stock linker makes" >&2; exit 1; }
done
for flags in -s -w; do
  build -o ../ours-plain -ldflags="-buildid= $flags" -toolexec="$DOVETAIL toolexec"
  cp goobj.syso sample/calc/calc_linux_amd64.syso
  build -o ../stock-plain -ldflags="-buildid= $flags"
  cp dense.syso sample/calc/calc_linux_amd64.syso
  cmp stock-plain ours-plain
done

# It runs, and a panic's traceback names the language's own lines.
cat > want <<'END'
21 6765
285 1
-9223372036854775808 0 -3 -1
56
100000 832040
END
./ours-dense > got
diff want got
GOGC=1 GODEBUG=gcstoptheworld=1 ./ours-dense > got
diff want got
status=0
./ours-dense 1 > got 2> trace || status=$?
test $status = 2
test "$(tail -1 got)" = 'runtime error: integer divide by zero'
where=$(cd sample/calc && pwd -P)/calc.tiny
grep -A1 -F 'example.com/sample/calc.Quotient(' trace | grep -qF "$where:$(grep -n 'return a / b' sample/calc/calc.tiny | cut -d: -f1) "
grep -A1 -F 'example.com/sample/calc.Rest(' trace | grep -qF "$where:$(grep -n 'var rest' sample/calc/calc.tiny | cut -d: -f1) "
grep -qF 'main.main()' trace

# The release's tools read the object; ours reads either.
"$DOVETAIL" convert --to=goobj dense.syso converted.syso
cmp goobj.syso converted.syso
go tool nm goobj.syso > nm.txt
"$DOVETAIL" nm goobj.syso | diff nm.txt -
"$DOVETAIL" nm dense.syso | diff nm.txt -
for name in Depth Fib Gcd Quotient Rest Through Weigh; do grep -q " T example.com/sample/calc.$name\$" nm.txt; done
grep -q ' U example.com/sample/calc.half$' nm.txt
go tool objdump goobj.syso > objdump.txt
grep -A3 'TEXT example.com/sample/calc.Fib(SB)' objdump.txt | grep -q 'PUSHQ BP'
grep -q 'R_CALL:example.com/sample/calc.Fib' objdump.txt
grep -q 'R_CALL:runtime.panicdivide' objdump.txt
if grep -q '?' objdump.txt; then echo "objdump: an instruction that it does not know" >&2; exit 1; fi

# The stock linker refuses the dense object; ours says what is wrong with a header of another release.
sed '1s/go1\.[0-9.]*/go1.0/' like.o > old.o
(cd sample/calc && "$tinyc" -p example.com/sample/calc -like ../../old.o -o calc_linux_amd64.syso calc.tiny)
if build -o ../old -toolexec="$DOVETAIL toolexec" 2> errors; then exit 1; fi
grep -q 'header mismatch' errors

# Mistakes in the source have a line; other ones a reason.
wrong() { # exit status, what is said, source
  local status=0
  printf '%s\n' "$3" > wrong.tiny
  "$tinyc" -p p -like like.o -o wrong.syso wrong.tiny 2> errors || status=$?
  test $status = "$1" && grep -qF "$2" errors || { echo "status $status: $(cat errors)" >&2; exit 1; }
}
wrong 1 'wrong.tiny:2: no variable x' $'func F() {\n return x }'
wrong 1 'wrong.tiny:1: no function g' 'func F() { return g() }'
wrong 1 'wrong.tiny:2: F is there twice' $'func F() { return 1 }\nfunc F() { return 2 }'
wrong 1 'wrong.tiny:1: G takes 1 arguments, not 2' 'func G(a); func F() { return G(1, 2) }'
wrong 1 'wrong.tiny:1: expected (, not {' 'func F { }'
status=0
"$tinyc" -p p -like dense.syso -o . empty.s 2> errors || status=$?
test $status = 2
echo "the same program from goobj ($(wc -c < goobj.syso) bytes) and dense ($(wc -c < dense.syso) bytes), by both linkers"
