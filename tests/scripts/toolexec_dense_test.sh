# go build through toolexec --objects=dense, from nothing: dense archives in go's cache, the same image as with stock.
cat > go.mod <<'EOF'
module example.com/dense

go 1.26
EOF
cat > main.go <<'EOF'
package main

import "fmt"

func twice(x int64) int64

func main() { fmt.Println(twice(21)) }
EOF
cat > twice_amd64.s <<'EOF'
#include "textflag.h"

TEXT ·twice(SB), NOSPLIT, $0-16
	MOVQ x+0(FP), AX
	ADDQ AX, AX
	MOVQ AX, ret+8(FP)
	RET
EOF
go build -ldflags=-buildid=same -o stock .

export GOCACHE=$PWD/cache
flags="'-toolexec=$DOVETAIL toolexec --objects=dense'"
GOFLAGS="$GOFLAGS $flags" go build -ldflags=-buildid=same -o ours .
cmp stock ours
test "$(./ours)" = 42

# What was compiled and what was assembled are both dense; export data is as it was, so go vet works on it.
archive=$(GOFLAGS="$GOFLAGS $flags" go list -export -f '{{.Export}}' .)
test "$(grep -c -a dvdense "$archive")" -ge 1
"$DOVETAIL" convert --to=goobj "$archive" back.a
if grep -q -a dvdense back.a; then exit 1; fi
"$DOVETAIL" nm back.a > back.txt
"$DOVETAIL" nm "$archive" > dense.txt
diff <(sed 's/^[^(]*//' back.txt) <(sed 's/^[^(]*//' dense.txt)
grep -q 'T main.twice' dense.txt
GOFLAGS="$GOFLAGS $flags" go vet .

# The tool's line says which converter it was, so no cache mixes the two.
compile=$(go env GOTOOLDIR)/compile
line=$("$compile" -V=full)
test "$("$DOVETAIL" toolexec --objects=dense "$compile" -V=full | sed 's/ dovetail-dense=.*//')" = "$line"
"$DOVETAIL" toolexec --objects=dense "$compile" -V=full | grep -q ' dovetail-dense=1\.'
test "$("$DOVETAIL" toolexec "$compile" -V=full)" = "$line"

# A tool that fails is heard, and its status is kept.
printf 'package main\n\nfunc main() { undefined() }\n' > bad.go
if "$DOVETAIL" toolexec --objects=dense "$compile" -p main -o bad.o bad.go > bad.txt 2>&1; then exit 1; fi
grep -q 'undefined: undefined' bad.txt
