# dovetail convert: there and back again gives the same file; what cannot be converted is said, and OUT left alone.
fail() { echo "$*" >&2; exit 1; }
convert() { "$DOVETAIL" convert "$@"; }

# round_trip FILE [FLAG]: to dense, which must change it, and back, which must give the file.
round_trip() {
  convert --to=dense "${@:2}" "$1" dense.tmp
  if cmp -s "$1" dense.tmp; then fail "$1: not converted"; fi
  convert --to=goobj dense.tmp goobj.tmp
  cmp "$1" goobj.tmp || fail "$1: convert --to=dense ${*:2}, and --to=goobj: not what it was"
}

# Every archive that a link of cmd/go needs, and so one of hello.
go list -export -deps -f '{{with .Export}}{{.}}{{end}}' cmd/go > archives
test "$(wc -l < archives)" -gt 250
while read -r archive; do round_trip "$archive"; done < archives
go list -export -f '{{.Export}}' fmt runtime net/http > some
while read -r archive; do
  round_trip "$archive" --compress=cold
  cp dense.tmp cold.tmp
  round_trip "$archive" --compress=none
  test "$(stat -c %s cold.tmp)" -lt "$(stat -c %s dense.tmp)" || fail "$archive: --compress=cold made nothing smaller"
done < some

# Objects that no archive holds, and members that are no objects, of even and odd size, before and behind one.
cat > f.s <<'S'
#include "textflag.h"
DATA ·table(SB)/8, $·table(SB)
GLOBL ·table(SB), RODATA, $8
TEXT ·f(SB), NOSPLIT, $0-8
	MOVQ ·table(SB), AX
	CALL ·g(SB)
	RET
TEXT ·g(SB), 0, $16
	RET
S
printf 'package p\n\nfunc f() int\n\nfunc F(x []int) any { defer println(f()); return struct{ a []int }{x} }\n' > p.go
goroot=$(go env GOROOT)
: > go_asm.h
go tool asm -p p -I "$goroot/pkg/include" -gensymabis -o symabis f.s
go tool asm -p p -I "$goroot/pkg/include" -o f.o f.s
go tool compile -p p -symabis symabis -o p.o p.go
go tool compile -p p -symabis symabis -linkobj linked.o -o export.o p.go
go tool compile -p p -symabis symabis -pack -o p.a p.go
for file in f.o p.o linked.o p.a; do
  round_trip $file
  round_trip $file --compress=cold
done
echo 'odd' | tr -d '\n' > odd.syso
echo 'odd' > even.txt
for members in 'odd.syso f.o' 'even.txt f.o' 'f.o odd.syso' 'f.o even.txt' 'odd.syso f.o even.txt odd.syso'; do
  cp p.a q.a
  go tool pack r q.a $members
  round_trip q.a
  round_trip q.a --compress=cold
done

# What is in the wanted format already is kept, and so is what is no object.
for file in q.a f.o; do
  convert --to=goobj $file same
  cmp $file same
  for compress in none cold; do
    convert --to=dense --compress=$compress $file dense
    convert --to=dense dense same
    cmp dense same
  done
done
: > empty
printf '!<arch>\n' > empty.a
for file in symabis p.go odd.syso export.o empty empty.a "$DOVETAIL"; do
  for format in dense goobj; do
    convert --to=$format $file same
    cmp $file same || fail "$file: changed by --to=$format"
  done
done

# OUT may be IN; it may be a file that somebody reads.
cp q.a place.a
convert --to=dense place.a place.a
convert --to=dense q.a dense
cmp place.a dense
convert --to=goobj place.a place.a
cmp place.a q.a

# wrong TEXT ARGUMENTS...: status 2, a message that says TEXT, nothing on stdout, and OUT (out) as it was.
wrong() {
  local status=0
  echo old > out
  convert "${@:2}" > stdout 2> stderr || status=$?
  test $status = 2 || fail "convert ${*:2}: exit status $status: $(cat stderr)"
  grep -qF -- "$1" stderr || fail "convert ${*:2}: does not say $1: $(cat stderr)"
  test ! -s stdout || fail "convert ${*:2}: text on stdout"
  test "$(cat out)" = old || fail "convert ${*:2}: OUT was touched"
}
wrong '--to=' q.a out
wrong '--nonsense' --to=dense --nonsense q.a out
wrong '--to=elf' --to=elf q.a out
wrong '--compress=all' --to=dense --compress=all q.a out
wrong 'file' --to=dense q.a
wrong 'file' --to=dense q.a out out
wrong 'nosuch.a' --to=dense nosuch.a out
wrong 'nosuch/out' --to=dense q.a nosuch/out

# truncated FILE FORMAT SIZE: the first SIZE bytes of it are refused by name.
truncated() {
  head -c "$3" "$1" > cut.a
  wrong 'cut.a' --to="$2" cut.a out
}
archive_size=$(stat -c %s q.a)
truncated q.a dense $((archive_size - 4))
truncated q.a dense $((archive_size / 2))
truncated q.a dense 100
size=$(stat -c %s f.o)
for cut in 1 8 $((size / 4)) $((size / 2)); do truncated f.o dense $((size - cut)); done
for compress in none cold; do
  convert --to=dense --compress=$compress p.o dense.a
  convert --to=dense --compress=$compress f.o dense.o
  size=$(stat -c %s dense.a)
  for cut in 8 $((size / 4)) $((size / 2)); do truncated dense.a goobj $((size - cut)); done
  size=$(stat -c %s dense.o)
  for cut in 1 8 $((size / 4)) $((size / 2)); do truncated dense.o goobj $((size - cut)); done
done

# What cannot be written leaves the file that it should have replaced, and nothing else. A link is written through.
cp "$(head -n 1 some)" here.a
status=0
(ulimit -f 100; convert --to=dense here.a here.a 2> message) || status=$?
test $status = 2 || fail "over the limit on files' sizes: status $status"
grep -q 'file too large' message
cmp here.a "$(head -n 1 some)"
test -z "$(ls ./*.dovetail-* 2> /dev/null)"
chmod 600 here.a
ln -s here.a pointer.a
convert --to=dense here.a here.a
test "$(stat -c %a here.a)" = 600 || fail "the mode of a converted file is another one"
convert --to=goobj here.a pointer.a
test -L pointer.a
cmp here.a "$(head -n 1 some)"
