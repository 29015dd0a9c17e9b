# Names, commands, versions and exit statuses of the executable.
fail() { echo "$*" >&2; exit 1; }

# expect STATUS COMMAND...: runs it with its output in the files out and err.
expect() {
  local wanted=$1 status=0
  shift
  "$@" > out 2> err || status=$?
  test $status = "$wanted" || fail "$*: exit status $status, wanted $wanted: $(cat out err)"
}

expect 0 "$DOVETAIL" --version
grep -qx 'dovetail [0-9.]* (go1.26)' out
expect 0 "$DOVETAIL" version
expect 0 "$DOVETAIL" --help
for command in $(sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p' out); do
  expect 0 "$DOVETAIL" "$command" --help
  test -s out && test ! -s err || fail "$command --help: nothing on stdout, or something on stderr"
  expect 0 "$DOVETAIL" help "$command"
done
expect 2 "$DOVETAIL"
test ! -s out && test -s err
expect 2 "$DOVETAIL" tolexec
grep -q 'did you mean toolexec?' err
expect 2 "$DOVETAIL" xyzzyxyzzy
expect 2 "$DOVETAIL" help xyzzyxyzzy

# The version is that of the release whose linker we stand in for.
goroot=$(go env GOROOT)
version=$(sed 1q "$goroot/VERSION")
tool=$(go env GOTOOLDIR)/link
"$tool" -V=full > stock
expect 0 "$DOVETAIL" toolexec "$tool" -V=full
cmp stock out
expect 0 "$DOVETAIL" toolexec --threads=2 "$tool" -V=full
cmp stock out
expect 0 env GOROOT="$goroot" "$DOVETAIL" link -V=full
cmp stock out
GOEXPERIMENT=arenas,nodwarf5 "$tool" -V=full > stock
expect 0 env GOEXPERIMENT=nodwarf5,arenas "$DOVETAIL" toolexec "$tool" -V=full
cmp stock out
expect 2 env -u GOROOT "$DOVETAIL" link -V=full
grep -q GOROOT err
for known in go1.26.0 go1.26.8; do
  mkdir -p "$known/pkg/tool/linux_amd64"
  ln -s "$DOVETAIL" "$known/pkg/tool/linux_amd64/link"
  echo $known > "$known/VERSION"
  expect 0 env GOROOT="$goroot" "$known/pkg/tool/linux_amd64/link" -V=full
  grep -qx "link version $known" out
  (cd "$known/pkg/tool" && linux_amd64/link -V=full) > out
  grep -qx "link version $known" out
done
echo go1.27.1 > go1.26.0/VERSION
expect 2 go1.26.0/pkg/tool/linux_amd64/link -V=full
grep -q 'go1.27.1 .* known are go1.26.0 to go1.26.8' err

# toolexec runs every other tool in its own place.
mkdir tools
printf '#!/bin/sh\necho "$0 $*"\nexit 7\n' > tools/compile
chmod +x tools/compile
expect 7 "$DOVETAIL" toolexec "$PWD/tools/compile" -x 'a b'
test "$(cat out)" = "$PWD/tools/compile -x a b"
expect 2 "$DOVETAIL" toolexec
expect 2 "$DOVETAIL" toolexec --nonsense "$tool" -V=full
expect 2 "$DOVETAIL" toolexec "$PWD/tools/none"
ln -s "$DOVETAIL" tools/dovetail-toolexec
expect 7 tools/dovetail-toolexec "$PWD/tools/compile"
expect 0 tools/dovetail-toolexec --help
expect 2 env DOVETAIL_FLAGS=--nonsense "$DOVETAIL" toolexec "$tool" main.a
grep -q DOVETAIL_FLAGS err

# A failure of the command line takes an older output away where the stock linker does; nothing else is touched.
for flags in '-o old -R 3 main.a' '-o old -X bad' '-o old -H bad main.a' '-o old -nosuchflag' '-o old -B bad main.a'; do
  touch old
  expect 2 "$tool" $flags
  kept=$(ls old 2> /dev/null || true)
  touch old
  expect 2 "$DOVETAIL" toolexec "$tool" $flags
  test "$kept" = "$(ls old 2> /dev/null || true)" || fail "$flags: the output differs from what stock leaves"
done

expect 2 "$DOVETAIL" goroot
expect 2 "$DOVETAIL" goroot --nonsense
expect 2 "$DOVETAIL" goroot "$DOVETAIL"
