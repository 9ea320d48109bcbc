# bash completion for paxbank: the options are those that its --help names.
_paxbank() {
  local current=${COMP_WORDS[COMP_CWORD]} command=()
  case ${COMP_WORDS[1]:-} in sim | view | bench | data) command=("${COMP_WORDS[1]}") ;; esac
  if [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(paxbank "${command[@]}" --help 2>/dev/null |
      grep -oE '^ +(-[a-z],)?--[a-z-]+' | grep -oE -- '--[a-z-]+')" -- "$current")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
    if [ "$COMP_CWORD" -eq 1 ]; then
      mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "sim view bench data" -- "$current")
    fi
  fi
}
complete -o filenames -F _paxbank paxbank
