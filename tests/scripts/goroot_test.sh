# The overlay made by dovetail goroot: no flag at all, links only, and -trimpath gives the bytes of the stock GOROOT.
cp -r "$REPOSITORY/testdata/kinds/features/." .
printf 'module example.com/features\n\ngo 1.26\n' > go.mod
overlay=$WORK/goroot
"$DOVETAIL" goroot "$overlay"
"$DOVETAIL" goroot "$overlay" # an overlay of ours is refreshed
test "$(readlink -f "$overlay/pkg/tool/linux_amd64/link")" = "$(readlink -f "$DOVETAIL")"
test "$(du -s --apparent-size -k "$overlay" | cut -f1)" -lt 8192

GOROOT=$overlay go build -trimpath -o ours .
go build -trimpath -o stock .
cmp stock ours
GOROOT=$overlay go build -o plain .
./plain > plain.txt
./ours > ours.txt
cmp plain.txt ours.txt
GOROOT=$overlay go test -count=1 .

mkdir occupied
touch occupied/file
if "$DOVETAIL" goroot occupied 2> message; then
  echo "an occupied directory was taken" >&2
  exit 1
fi
test -s message
test -e occupied/file
