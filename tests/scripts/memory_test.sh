# Inputs are given back while they are loaded, and while debug information is made of them: of 8,850 small packages, 135 MB, nearly all dead, not all is resident at once.
generate=$(dirname "$DOVETAIL")/scale_program
[ -x "$generate" ] || { echo "no scale_program beside $DOVETAIL"; exit 77; }
if grep -qE '__(asan|tsan)_init' "$DOVETAIL"; then echo "a sanitizer's memory would be counted"; exit 77; fi
go list -export -deps -f '{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}' runtime > runtime.cfg
like=$(sed -n 's/^packagefile runtime=//p' runtime.cfg)
mkdir program
"$generate" packages --like="$like" --out=program --symbols=1000000 --live=100000 > facts.json
go tool compile -p main -o program/main.a program/main.go
go tool pack r program/main.a program/root.o
cat runtime.cfg >> program/importcfg
"$DOVETAIL" link -benchmark=mem -o ours -importcfg program/importcfg -buildmode=exe -buildid=x program/main.a > phases.txt
"$(go tool -n link)" -o stock -importcfg program/importcfg -buildmode=exe -buildid=x program/main.a
cmp ours stock
peak_of() { awk -v pass="$1" '$1 == pass { print int($5) }' phases.txt; }
# The budget, 64 MB, and what one level of imports, or one pass, touches before anything is given back.
for pass in load_inputs compress_dwarf; do
  peak=$(peak_of $pass)
  test "$peak" -gt 20 && test "$peak" -lt 120 || { echo "$pass had $peak MB resident"; cat phases.txt; exit 1; }
done
