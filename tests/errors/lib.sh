# What the cases use: compiling small programs, and linking them with cmd/link and with ours.

goroot=$(go env GOROOT)
stock=$goroot/pkg/tool/linux_amd64/link
failures=0

# std PACKAGE...: importcfg for these packages, runtime, and what they import.
std() {
  go list -export -deps -f '{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}' runtime "$@" > importcfg
}

# compile PACKAGE FILE...: PACKAGE.a (slashes become dashes) from .go and .s files; adds it to importcfg unless it is
# main. Flags for the compiler in gcflags.
compile() {
  local package=$1 archive=${1//\//-}.a gofiles=() asmfiles=() extra=()
  shift
  local f
  for f; do case $f in *.s) asmfiles+=("$f") ;; *) gofiles+=("$f") ;; esac; done
  if [ "${#asmfiles[@]}" -gt 0 ]; then
    : > go_asm.h
    go tool asm -p "$package" -I . -I "$goroot/pkg/include" -gensymabis -o symabis "${asmfiles[@]}"
    extra=(-symabis symabis -asmhdr go_asm.h)
  fi
  go tool compile -p "$package" -importcfg importcfg -pack -o "$archive" "${extra[@]}" ${gcflags:-} "${gofiles[@]}"
  for f in "${asmfiles[@]}"; do
    go tool asm -p "$package" -I . -I "$goroot/pkg/include" -o "${f%.s}.o" "$f"
    go tool pack r "$archive" "${f%.s}.o"
  done
  [ "$package" = main ] || echo "packagefile $package=$archive" >> importcfg
}

# go_file NAME: standard input becomes that file.
go_file() { cat > "$1"; }

# edit ARCHIVE: see goobj.py.
edit() { python3 "$ERRORS/goobj.py" "$1"; }

# run_link LINKER KEY ARGS...: both linkers get the same argv[0], so that messages agree.
run_link() {
  local linker=$1 key=$2 status=0
  shift 2
  rm -f out
  (exec -a "$stock" "$linker" "$@") > "$key.out" 2> "$key.err" || status=$?
  echo "$status" > "$key.status"
}

# Runs both. Arguments are the linker's, behind -o and what LINK_FLAGS says, for trials.
run_both() {
  run_link "$stock" stock -o out ${LINK_FLAGS:-} "$@"
  run_link "$DOVETAIL" ours -o out ${LINK_FLAGS:-} "$@"
  if [ "$(cat ours.status)" != 0 ] && [ -e out ]; then
    fail "a file is left at -o" "$@"
  fi
}

fail() {
  local why=$1
  shift
  echo "FAILED: link -o out $*: $why"
  failures=$((failures + 1))
}

differ() {
  diff -u --label "cmd/link $1" --label "dovetail $1" "stock.$1" "ours.$1" | head -40 || true
}

# same STATUS ARGS...: both linkers give this exit status and the same text on both streams.
same() {
  local status=$1 stream
  shift
  run_both "$@"
  [ "$(cat stock.status)" = "$status" ] || fail "cmd/link exits with $(cat stock.status), the case expects $status" "$@"
  [ "$(cat ours.status)" = "$status" ] || fail "exit status $(cat ours.status), cmd/link's is $status" "$@"
  [ "$status" = 0 ] || [ -s stock.err ] || [ "${silent:-}" ] || fail "cmd/link says nothing: not an error case" "$@"
  for stream in out err; do
    cmp -s "stock.$stream" "ours.$stream" || { fail "$stream differs" "$@"; differ "$stream"; }
  done
}

# agree ARGS...: the same, whether it fails or not.
agree() {
  run_link "$stock" stock -o out ${LINK_FLAGS:-} "$@"
  silent=1 same "$(cat stock.status)" "$@"
}

# says TEXT: what both printed on standard error in the last call of same contains this.
says() { grep -qF -- "$1" stock.err || fail "cmd/link did not say: $1 (but: $(head -c 300 stock.err))" "..."; }

# like STATUS TEXT ARGS...: where cmd/link panics or says less, ours exits with this status and says this; cmd/link
# fails too.
like() {
  local status=$1 text=$2
  shift 2
  run_both "$@"
  [ "$(cat stock.status)" != 0 ] || fail "cmd/link does not fail" "$@"
  [ "$(cat ours.status)" = "$status" ] || fail "exit status $(cat ours.status), wanted $status" "$@"
  grep -qF -- "$text" ours.err || { fail "wanted on stderr: $text" "$@"; head -5 ours.err; }
}

# The same messages in any order: cmd/link relocates in parallel.
same_set() {
  local status=$1
  shift
  run_both "$@"
  sort -o stock.err stock.err
  sort -o ours.err ours.err
  [ "$(cat stock.status) $(cat ours.status)" = "$status $status" ] ||
    fail "exit status $(cat ours.status), cmd/link's $(cat stock.status), wanted $status" "$@"
  cmp -s stock.err ours.err || { fail "messages differ" "$@"; differ err; }
}

# cmd/link goes on after an error and finds what follows from it, with addresses in the text: what we say is how it
# begins.
same_first() {
  local status=$1
  shift
  run_both "$@"
  [ "$(cat stock.status) $(cat ours.status)" = "$status $status" ] ||
    fail "exit status $(cat ours.status), cmd/link's $(cat stock.status), wanted $status" "$@"
  [ -s ours.err ] || fail "we say nothing" "$@"
  head -n "$(wc -l < ours.err)" stock.err > first && mv first stock.err
  cmp -s stock.err ours.err || { fail "messages differ" "$@"; differ err; }
}
