# For the cases beside this file: small packages compiled by hand, linked by stock and by ours, and by ours once more with
# their archives converted to the dense format. All must fail in the same way: exit status, stderr, stdout, and what is
# left at -o. A case says which message it means to provoke.

stock=$(go tool -n link)
export GOROOT
GOROOT=$(go env GOROOT)
ln -sf "$DOVETAIL" link
go list -export -deps -f '{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}' runtime fmt > std.cfg
cp std.cfg all.cfg

# package PATH [COMPILER FLAGS...] FILES...: compiles Go and assembly files into PATH.a (slashes become underscores) and
# adds it to all.cfg. Assembly makes the package one whose functions may lack bodies.
package() {
  local path=$1 archive=${1//\//_}.a flags=() sources=() assembly=()
  shift
  for word; do
    case $word in
      *.go) sources+=("$word") ;;
      *.s) assembly+=("$word") ;;
      *) flags+=("$word") ;;
    esac
  done
  if [ ${#assembly[@]} -gt 0 ]; then
    if [ -z "${NO_SYMABIS-}" ]; then
      : > go_asm.h
      go tool asm -p "$path" -I "$GOROOT/pkg/include" -gensymabis -o symabis "${assembly[@]}"
      flags+=(-symabis symabis)
    fi
  else
    flags+=(-complete)
  fi
  go tool compile -p "$path" -importcfg all.cfg -pack -o "$archive" "${flags[@]}" "${sources[@]}"
  for source in "${assembly[@]}"; do
    go tool asm -p "$path" -I "$GOROOT/pkg/include" -o "${source%.s}.o" "$source"
    go tool pack r "$archive" "${source%.s}.o"
  done
  grep -q "^packagefile $path=" all.cfg || echo "packagefile $path=$PWD/$archive" >> all.cfg
}

# fails WANTED ARGUMENTS...: both linkers fail alike with these arguments, and their text matches the pattern WANTED;
# links: both link, to the same image.
fails() { both fail "$@"; }
links() { both link "$@"; }
# alike ARGUMENTS...: both do the same, whatever it is.
alike() { both either '' "$@"; }

both() {
  local expected=$1 wanted=$2 a=0
  shift 2
  rm -f a.out
  "$stock" -o a.out "$@" > stock.out 2> stock.err || a=$?
  sed -i "s|$stock|link|g; s|a\.out|OUT|g" stock.out stock.err
  if [ "$expected" = fail ] && [ $a = 0 ]; then echo "stock links this; the case proves nothing" >&2; return 1; fi
  if [ "$expected" = link ] && [ $a != 0 ]; then cat stock.err >&2; echo "stock fails" >&2; return 1; fi
  [ -z "$wanted" ] || grep -Eq -- "$wanted" stock.err stock.out || { cat stock.err >&2; echo "stock does not say: $wanted" >&2; return 1; }
  ours_agrees $a "$@" || return 1
  from_dense ours_agrees $a "$@" || { echo "from dense objects; not so from goobj" >&2; return 1; }
}

# ours_agrees STATUS ARGUMENTS...: ours does what stock did (stock.out, stock.err, a.out).
ours_agrees() {
  local a=$1 b=0
  shift
  rm -f b.out
  ./link -o b.out "$@" > ours.out 2> ours.err || b=$?
  sed -i 's|\./link|link|g; s|b\.out|OUT|g' ours.out ours.err
  # The original relocates in parallel, and errors of different symbols come in any order.
  if [ -n "${ANY_ORDER-}" ]; then for file in {stock,ours}.err; do sort -o $file $file; done; fi
  [ $a = $b ] || { cat ours.err >&2; echo "exit status $b, stock $a" >&2; return 1; }
  diff -u stock.err ours.err >&2 || return 1
  diff -u stock.out ours.out >&2 || return 1
  # Ours leaves no file after a failure; the original does after some (log.Fatalf).
  if [ $b != 0 ] && [ -e b.out ] && [ "$(readlink -f link)" != "$stock" ]; then
    echo "status $b and a file at -o" >&2
    return 1
  fi
  if [ $b = 0 ]; then cmp a.out b.out; fi
}

# from_dense COMMAND...: runs it while the archives here are dense; damaged ones, which cannot be converted, stay goobj.
from_dense() {
  local archive status=0
  for archive in *.a; do
    if [ -f "$archive" ] && "$DOVETAIL" convert --to=dense "$archive" "$archive.dense" > convert.err 2>&1; then
      mv "$archive" "$archive.goobj"
      mv "$archive.dense" "$archive"
    fi
  done
  "$@" || status=$?
  for archive in *.a.goobj; do
    if [ -f "$archive" ]; then mv "$archive" "${archive%.goobj}"; fi
  done
  return $status
}

# edit ARCHIVE: lines of Python on standard input change its first Go object, `o` (goobj.py).
edit() { python3 "$REPOSITORY/tests/scripts/failures/goobj.py" "$1"; }

# begins WANTED ARGUMENTS...: stock goes on after an error and finds what follows from it, with addresses in the text;
# ours is how its text begins.
begins() {
  fails_apart "$@"
  head -n "$(wc -l < ours.err)" stock.err | diff -u - ours.err >&2 || return 1
}

# fails_apart WANTED ARGUMENTS...: stock fails by a panic, or says less; ours exits with status 2, and its text matches
# the pattern.
fails_apart() {
  local wanted=$1 b=0
  shift
  rm -f a.out b.out
  if "$stock" -o a.out "$@" > stock.out 2> stock.err; then echo "stock links this; the case proves nothing" >&2; return 1; fi
  ./link -o b.out "$@" > ours.out 2> ours.err || b=$?
  sed -i "s|$stock|link|g" stock.err
  sed -i 's|\./link|link|g' ours.err
  [ $b = 2 ] || { cat ours.err >&2; echo "exit status $b" >&2; return 1; }
  grep -Eq -- "$wanted" ours.err || { cat ours.err >&2; echo "ours does not say: $wanted" >&2; return 1; }
  [ ! -e b.out ] || { echo "a file at -o" >&2; return 1; }
}

# refused WANTED ARGUMENTS...: what only ours turns down, by name: status 2, text that matches the pattern, nothing at -o.
refused() {
  local wanted=$1 status=0
  shift
  ./link -o b.out "$@" -importcfg all.cfg main.a 2> ours.err || status=$?
  if [ $status = 2 ] && grep -Eq -- "$wanted" ours.err && [ ! -e b.out ]; then return; fi
  cat ours.err >&2
  echo "status $status: $*" >&2
  return 1
}
