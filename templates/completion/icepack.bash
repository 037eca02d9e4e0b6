# shellcheck shell=bash
# Completion of icepack for bash. It starts no program; names come from a file that icepack writes.
# Load it: source <(icepack completion bash)

#{{tables}}

# Adds to COMPREPLY those of its arguments that begin with what is typed.
_icepack_offer() {
  local word
  for word; do
    [[ $word == "$cur"* ]] && COMPREPLY+=("$prefix$word")
  done
}

# Names of the kinds in its arguments, from a file of our own; whatever is no plain name is passed over.
_icepack_names() {
  local kind name file=${XDG_CACHE_HOME:-${HOME:-}/.cache}/icepack/names
  [[ -f $file && -r $file && -O $file && ! -L $file ]] || return 0
  while read -r kind name; do
    [[ " $* " == *" $kind "* && $name =~ ^[A-Za-z0-9][A-Za-z0-9._-]*$ ]] && _icepack_offer "$name"
  done <"$file"
}

# Values as the tables name them.
_icepack_values() {
  local kind=$1 file
  shift
  case $kind in
    words) _icepack_offer "$@" ;;
    list)
      [[ $cur == *,* ]] && prefix+=${cur%,*},
      local given=,${cur%"${cur##*,}"} word
      cur=${cur##*,}
      for word; do
        [[ $given == *",$word,"* ]] || _icepack_offer "$word"
      done
      ;;
    names) _icepack_names "$@" ;;
    names-or-files)
      _icepack_names "$@"
      while IFS= read -r file; do
        COMPREPLY+=("$prefix$file")
      done < <(compgen -f -- "$cur")
      compopt -o filenames -o default 2>/dev/null # bash 3 has no compopt
      ;;
    files) compopt -o default 2>/dev/null ;;
    folders) compopt -o dirnames 2>/dev/null ;;
  esac
}

_icepack() {
  local LC_ALL=C cur=${COMP_WORDS[COMP_CWORD]} prefix='' at='' option='' after='' count=0 word i
  local -a reply=()
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ -n $option ]]; then
      [[ $word == '=' ]] || option=''
    elif [[ $word == -- ]]; then
      after=--
    elif [[ -z $after && $word == -* ]]; then
      _icepack_takes "$at $word"
      [[ ${#reply[@]} -gt 0 ]] && option=$word
    else
      _icepack_parts "$at"
      if [[ $count -eq 0 && " ${reply[*]} " == *" $word "* ]]; then at=${at:+$at }$word; else count=$((count + 1)); fi
    fi
  done
  reply=()
  if [[ -n $option ]]; then
    [[ $cur == '=' ]] && cur=''
    _icepack_takes "$at $option"
    _icepack_values "${reply[@]}"
  elif [[ -z $after && $cur == -*=* ]]; then # where "=" breaks no words
    _icepack_takes "$at ${cur%%=*}"
    prefix=${cur%%=*}=
    cur=${cur#*=}
    [[ ${#reply[@]} -gt 0 ]] && _icepack_values "${reply[@]}"
  elif [[ -z $after && $cur == -* ]]; then
    _icepack_options "$at"
    _icepack_offer "${reply[@]}"
  else
    _icepack_parts "$at"
    if [[ $count -eq 0 && ${#reply[@]} -gt 0 ]]; then
      _icepack_offer "${reply[@]}"
    else
      _icepack_argument "$at $count"
      [[ ${#reply[@]} -gt 0 ]] && _icepack_values "${reply[@]}"
    fi
  fi
  return 0
}

complete -F _icepack icepack
