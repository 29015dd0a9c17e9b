# What compiler-emit computes is what the Go compiler computed, in every object that a link of cmd/go needs: hashes and names
# of content-addressed symbols, tables of pcs.
oracle=$(dirname "$DOVETAIL")/emit_oracle
if [ ! -x "$oracle" ]; then
  echo "SKIP: $oracle is not built"
  exit 77
fi
go list -export -deps -f '{{if .Export}}{{if eq .Name "main"}}main{{else}}{{.ImportPath}}{{end}} {{.Export}}{{end}}' cmd/go > archives
test "$(wc -l < archives)" -gt 250
"$oracle" < archives | tee said
# It was not over before it began.
awk '{ exit !($1 > 100000 && substr($3, 2) + 0 > 5000 && $5 > 50000 && $7 > 20000 && $9 == 0) }' said
