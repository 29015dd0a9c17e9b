# Flags that cannot be obeyed, and an output file that cannot be made.
std
go_file main.go <<'GO'
package main

var number = 5
var text = "x"

func main() { println(number, text) }
GO
compile main main.go
good=(-importcfg importcfg main.a)

same 2
same 2 -nosuchflag "${good[@]}"
same 2 -T x "${good[@]}"
same 2 -buildmode=frob "${good[@]}"
same 2 -linkmode=frob "${good[@]}"
same 2 -R 3 "${good[@]}"
same 2 -R 12288 "${good[@]}"
same 2 -D 0x500001 "${good[@]}"
same 2 -funcalign 3 "${good[@]}"
same 2 -B 0xzz "${good[@]}"
same 2 -B abc "${good[@]}"
same 2 -B 0x123 "${good[@]}"
same 2 -B gobuildid "${good[@]}"
same 2 -B "0x$(printf '00%.0s' $(seq 40))" "${good[@]}"
same 2 -X main "${good[@]}"
same 2 -X main.number=7 "${good[@]}"
says "main.number: cannot set with -X: not a var of type string (type:int)"
same 0 -X main.nosuch=7 "${good[@]}"
same 2 -aslr=false "${good[@]}"
same 2 -benchmark=frob "${good[@]}"
same 2 -importcfg importcfg main.a main.a
same 2 -importcfg importcfg

run_link "$stock" stock -o nodir/out "${good[@]}"
run_link "$DOVETAIL" ours -o nodir/out "${good[@]}"
cmp stock.err ours.err || fail "stderr differs" -o nodir/out
cmp stock.status ours.status || fail "exit status differs" -o nodir/out
mkdir dir
run_link "$stock" stock -o dir "${good[@]}"
run_link "$DOVETAIL" ours -o dir "${good[@]}"
cmp stock.err ours.err || fail "stderr differs" -o dir
cmp stock.status ours.status || fail "exit status differs" -o dir

# What is not covered is refused by name, in our own words.
refused() {
  run_link "$DOVETAIL" ours -o out "$@" "${good[@]}"
  [ "$(cat ours.status)" = 2 ] || fail "exit status $(cat ours.status)" "$@"
  grep -q -- "${1%%=*}" ours.err || fail "stderr does not name the flag: $(cat ours.err)" "$@"
}
for flag in -race -msan -asan -linkshared -pluginpath=p -buildmode=pie -buildmode=c-shared -linkmode=external -H=darwin; do
  refused "$flag"
done
(
  export GO_EXTLINK_ENABLED=1
  run_link "$DOVETAIL" ours -o out "${good[@]}"
)
grep -q GO_EXTLINK_ENABLED=1 ours.err || fail "does not name GO_EXTLINK_ENABLED" with GO_EXTLINK_ENABLED=1
