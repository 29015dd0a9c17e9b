# zsh completes commands, options and values: asked at a terminal (zsh/zpty), as somebody types.
command -v zsh > /dev/null || { echo "SKIP: zsh is not installed"; exit 77; }
mkdir bin && ln -s "$DOVETAIL" bin/dovetail
touch file.o
# In the shell that completes: what is offered goes to a file, a line each, and "end" behind it.
cat > setup.zsh <<'ZSH'
PROMPT= path=($PWD/bin $path) fpath=($REPOSITORY/completion $fpath)
autoload -Uz compinit && compinit -u -D
compadd() {
  if [[ " $* " != *" -"(O|A|D)" "* ]]; then
    local -a hits
    builtin compadd -A hits "$@"
    (( $#hits )) && print -rl -- $hits >> hits.txt
  fi
  builtin compadd "$@"
}
# The hook is for one completion.
tell-end() { comppostfuncs=(tell-end); print end >> hits.txt }
comppostfuncs=(tell-end)
print end >> hits.txt
ZSH
cat > complete.zsh <<'ZSH'
zmodload zsh/zpty
zpty shell zsh -f -i
ask() { # TEXT: types it, prints what is offered
  local n=0 drained
  : > hits.txt
  zpty -w -n shell $1
  until [[ "$(< hits.txt)" == *end ]]; do
    while zpty -r -t shell drained; do :; done
    sleep 0.05
    (( n++ < 400 )) || { print -u2 "no answer to: $1"; exit 1; }
  done
  grep -vx end hits.txt | sort -u
}
ask $'source setup.zsh\n'
for words in "$@"; do
  ask $'\C-u'"$words"$'\t' > words.txt
  print -r -- "[$words] ${(j: :)${(f)$(< words.txt)}}"
done
zpty -d shell
ZSH
TERM=dumb zsh -f complete.zsh 'dovetail ' 'dovetail ver' 'dovetail help si' 'dovetail size --' 'dovetail size --by=' 'dovetail size --by=pa' \
  'dovetail verify --ru' 'dovetail dump --disas' 'dovetail verify fil' 'dovetail convert --to=' > offered.txt
commands=$("$DOVETAIL" --help | sed -n 's/^  \([a-z]*\) .*/\1/p' | sort | tr '\n' ' ')
cat > wanted.txt <<END
[dovetail ] ${commands% }
[dovetail ver] verify version
[dovetail help si] size
[dovetail size --] --by= --help --json --top=
[dovetail size --by=] block package section symbol
[dovetail size --by=pa] package
[dovetail verify --ru] --rules
[dovetail dump --disas] --disassemble=
[dovetail verify fil] file.o
[dovetail convert --to=] dense goobj
END
diff wanted.txt offered.txt || { echo "completion: not this" >&2; exit 1; }
