# Under the name link we are go tool link: version, usage, response files and what goes to which stream.
stock=$(go tool -n link)
mkdir bin
ln -s "$DOVETAIL" bin/link
same() { # what both print and how they exit, for these arguments; the program's own path is left out
  local a=0 b=0
  "$stock" "$@" > a.out.txt 2> a.err.txt || a=$?
  "$PWD/bin/link" "$@" > b.out.txt 2> b.err.txt || b=$?
  test $a = $b || { echo "link $*: exit status $b, stock $a" >&2; exit 1; }
  sed "s|$stock|link|g" -i a.out.txt a.err.txt
  sed "s|$PWD/bin/link|link|g" -i b.out.txt b.err.txt
  diff a.out.txt b.out.txt || { echo "link $*: stdout differs" >&2; exit 1; }
  diff a.err.txt b.err.txt || { echo "link $*: stderr differs" >&2; exit 1; }
}
export GOROOT
GOROOT=$(go env GOROOT)
same -V
same -V=full
same
same -h
same -nosuchflag
same -o
same one two
same -buildmode=nonsense x.a
same nosuchfile.a
printf 'not an object' > text.a
same text.a
same -importcfg nosuchcfg text.a
printf 'nonsense line\n' > cfg
same -importcfg cfg text.a
printf -- '-V=full\n' > arguments
same @arguments
same @nosuchfile
