# Inputs are given back in the middle of what reads them: while they are loaded and while debug information is made of them
# (8,850 small packages, 135 MB), and within one large object (208 MB), nearly all dead. The budget is 64 and 75 MB.
generate=$(dirname "$DOVETAIL")/scale_program
[ -x "$generate" ] || { echo "no scale_program beside $DOVETAIL"; exit 77; }
if grep -qE '__(asan|tsan)_init' "$DOVETAIL"; then echo "a sanitizer's memory would be counted"; exit 77; fi
go list -export -deps -f '{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}' runtime > runtime.cfg
like=$(sed -n 's/^packagefile runtime=//p' runtime.cfg)

# link_like SHAPE SYMBOLS: leaves phases.txt
link_like() {
  rm -rf program
  mkdir program
  "$generate" "$1" --like="$like" --out=program --symbols="$2" --live=100000 > facts.json
  go tool compile -p main -o program/main.a program/main.go
  go tool pack r program/main.a program/root.o
  cat runtime.cfg >> program/importcfg
  "$DOVETAIL" link -benchmark=mem -o ours -importcfg program/importcfg -buildmode=exe -buildid=x program/main.a > phases.txt
  "$(go tool -n link)" -o stock -importcfg program/importcfg -buildmode=exe -buildid=x program/main.a
  cmp ours stock
}
# peak_below PASS MB: the highest so far at the end of a pass (MarkLive ... of -benchmark)
peak_below() {
  peak=$(sed -n "s|^Benchmark$1 1 .*[^0-9]\([0-9]*\) peak-B\$|\1|p" phases.txt)
  peak=$((peak / 1048576))
  test "$peak" -gt 20 && test "$peak" -lt "$2" || { echo "$1 had $peak MB resident"; cat phases.txt; exit 1; }
}

link_like packages 1000000
peak_below LoadInputs 120
peak_below CompressDwarf 120
link_like huge 1500000
peak_below MarkLive 110
peak_below ScanObjects 120
peak_below WriteSegments 130
