# The manual page is what the executable's help says, with every command and option; bash completes commands, options, values.
"$REPOSITORY/script/make-manual" "$DOVETAIL" > page.1
diff "$REPOSITORY/docs/dovetail.1" page.1 || { echo "docs/dovetail.1 is not what script/make-manual prints" >&2; exit 1; }
sed 's/\\-/-/g; s/\\e/\\/g' page.1 > page.txt
commands=$("$DOVETAIL" --help | sed -n 's/^  \([a-z]*\) .*/\1/p')
test "$(wc -w <<< "$commands")" -ge 10
for command in $commands; do
  "$DOVETAIL" "$command" --help > help.txt
  grep -qix ".SH DOVETAIL $command" page.txt
  while IFS= read -r option; do
    grep -qF -- "$option" page.txt || { echo "dovetail $command $option is not in the manual page" >&2; exit 1; }
  done < <(grep -oE -e '--[a-z][a-z-]*' help.txt | sort -u)
done

mkdir bin && ln -s "$DOVETAIL" bin/dovetail
PATH=$PWD/bin:$PATH
# shellcheck source=/dev/null
source "$REPOSITORY/completion/dovetail.bash"
# completes WORDS...: what bash offers for the last of them.
completes() {
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
  _dovetail
  printf '%s\n' "${COMPREPLY[@]}"
}
same() { diff <(sort <<< "$1") <(sort <<< "$2") || { echo "completion: not this" >&2; exit 1; }; }
same "$(completes dovetail '' | grep -v '^--')" "$commands"
same "$(completes dovetail ver)" "$(printf 'verify\nversion\n')"
same "$(completes dovetail help si)" size
same "$(completes dovetail size --)" "$(printf -- '--by=\n--help\n--json\n--top=\n')"
same "$(completes dovetail size --by = '')" "$(printf 'block\nsection\npackage\nsymbol\n')"
same "$(completes dovetail size --by = pa)" package
same "$(completes dovetail verify --ru)" --rules
touch file.o
same "$(completes dovetail verify fil)" file.o
same "$(completes dovetail dump --disas)" --disassemble=
