# Completion of dovetail's commands and options for bash. Both come from the executable's own help, so they are those of the
# version that is on the PATH.
_dovetail() {
  local word=${COMP_WORDS[COMP_CWORD]} program=${COMP_WORDS[0]} command=${COMP_WORDS[1]:-}
  local IFS=$' \t\n' words
  COMPREPLY=()
  # "=" breaks words: --by=pa is three of them.
  local option=
  if [[ $word == "=" ]]; then
    option=${COMP_WORDS[COMP_CWORD - 1]} word=
  elif [[ ${COMP_WORDS[COMP_CWORD - 1]} == "=" ]]; then
    option=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  if [[ $COMP_CWORD == 1 ]]; then
    words=$("$program" --help 2> /dev/null | sed -n 's/^  \([a-z]*\) .*/\1/p')
    mapfile -t COMPREPLY < <(compgen -W "$words --help --version" -- "$word")
  elif [[ $command == help ]]; then
    words=$("$program" --help 2> /dev/null | sed -n 's/^  \([a-z]*\) .*/\1/p')
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  elif [[ -n $option ]]; then
    # Values that the help lists: --by=block|package …
    words=$("$program" "$command" --help 2> /dev/null | grep -oE -e "$option=[a-z|]+" | sed 's/^[^=]*=//' | tr '|' '\n' | grep -v '^$' | sort -u)
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
    [[ ${#COMPREPLY[@]} -gt 0 ]] || mapfile -t COMPREPLY < <(compgen -f -- "$word")
  elif [[ $word == -* ]]; then
    words=$("$program" "$command" --help 2> /dev/null | grep -oE -e '(^|[[ (,])-{1,2}[a-z][a-z-]*=?' | tr -d '[(, ' | sort -u)
    mapfile -t COMPREPLY < <(compgen -W "$words --help" -- "$word")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
  fi
  if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]]; then compopt -o nospace 2> /dev/null; fi
  return 0
}
complete -o filenames -F _dovetail dovetail
