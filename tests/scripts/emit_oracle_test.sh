# What compiler-emit computes is what the Go compiler computed, in every object that a link of cmd/go needs: hashes and names
# of content-addressed symbols, tables of pcs; and so is what it writes for debuggers, of what it was told.
oracle=$(dirname "$DOVETAIL")/emit_oracle
debug_oracle=$(dirname "$DOVETAIL")/emit_debug_oracle
if [ ! -x "$oracle" ] || [ ! -x "$debug_oracle" ]; then
  echo "SKIP: $oracle or $debug_oracle is not built"
  exit 77
fi
go list -export -deps -f '{{if .Export}}{{if eq .Name "main"}}main{{else}}{{.ImportPath}}{{end}} {{.Export}}{{end}}' cmd/go > archives
test "$(wc -l < archives)" -gt 250
"$oracle" < archives | tee said
# It was not over before it began.
awk '{ exit !($1 > 100000 && substr($3, 2) + 0 > 5000 && $5 > 50000 && $7 > 20000 && $9 == 0) }' said
"$debug_oracle" < archives | tee said
awk '{ exit !($1 > 20000 && $3 > 100000 && $5 > 5000 && $7 > 20000 && $10 > 50000 && $14 > 10000 && $(NF - 1) == 0) }' said
