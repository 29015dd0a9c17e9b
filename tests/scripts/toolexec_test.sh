# go build, run, test and install through toolexec give the bytes that they give without it.
cp -r "$REPOSITORY/testdata/kinds/features/." .
printf 'module example.com/features\n\ngo 1.26\n' > go.mod
toolexec="$DOVETAIL toolexec"

go build -o stock .
go build -a=false -toolexec="$toolexec" -o ours .
cmp stock ours
./ours > ours.txt
./stock > stock.txt
cmp stock.txt ours.txt

go test -c -o stock.test .
go test -c -toolexec="$toolexec" -o ours.test .
cmp stock.test ours.test
go test -toolexec="$toolexec" -count=1 .
go run -toolexec="$toolexec" . > run.txt
cmp stock.txt run.txt
GOBIN=$PWD/bin go install -toolexec="$toolexec" .
cmp stock bin/features

# The link to the executable that GOFLAGS can name without inner quotes.
mkdir path
ln -s "$DOVETAIL" path/dovetail-toolexec
PATH=$PWD/path:$PATH GOFLAGS="$GOFLAGS -toolexec=dovetail-toolexec" go build -o named .
cmp stock named

go build -trimpath -ldflags='-s -w -X main.version=1' -o stock.trim .
go build -trimpath -ldflags='-s -w -X main.version=1' -toolexec="$toolexec" -o ours.trim .
cmp stock.trim ours.trim
