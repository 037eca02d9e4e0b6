#compdef icepack
# Completion of icepack for zsh. It starts no program; names come from a file that icepack writes.
# Load it: source <(icepack completion zsh), behind compinit; or save it as _icepack in a folder of $fpath.

#{{tables}}

# Names of the kinds in its arguments, from a file of our own; whatever is no plain name is passed over.
_icepack_names() {
  local LC_ALL=C kind name file=${XDG_CACHE_HOME:-$HOME/.cache}/icepack/names
  local -a found
  [[ -f $file && -r $file && -O $file && ! -L $file ]] || return 1
  while read -r kind name; do
    [[ " $* " == *" $kind "* && $name =~ '^[A-Za-z0-9][A-Za-z0-9._-]*$' ]] && found+=("$name")
  done <"$file"
  compadd -a found
}

# Values as the tables name them.
_icepack_values() {
  local kind=$1
  shift
  case $kind in
    words) compadd -- "$@" ;;
    list)
      local -a given=("${(@s:,:)PREFIX}")
      compset -P '*,'
      compadd -S '' -- ${@:|given}
      ;;
    names) _icepack_names "$@" ;;
    names-or-files)
      _icepack_names "$@"
      _files
      ;;
    files) _files ;;
    folders) _files -/ ;;
    *) return 1 ;;
  esac
}

_icepack() {
  local at='' option='' after='' count=0 word i
  local -a reply parts
  for ((i = 2; i < CURRENT; i++)); do
    word=${(Q)words[i]}
    if [[ -n $option ]]; then
      option=''
    elif [[ $word == -- ]]; then
      after=--
    elif [[ -z $after && $word == -* ]]; then
      _icepack_takes "$at $word"
      (( $#reply )) && option=$word
    else
      _icepack_parts "$at"
      parts=("${(@)reply%%:*}")
      if (( count == 0 && ${parts[(Ie)$word]} )); then at=${at:+$at }$word; else (( ++count )); fi
    fi
  done
  reply=()
  if [[ -n $option ]]; then
    _icepack_takes "$at $option"
    _icepack_values "${reply[@]}"
  elif [[ -z $after && $PREFIX == -*=* ]]; then
    _icepack_takes "$at ${PREFIX%%=*}"
    compset -P '*='
    _icepack_values "${reply[@]}"
  elif [[ -z $after && $PREFIX == -* ]]; then
    _icepack_options "$at"
    _describe -o option reply
  else
    _icepack_parts "$at"
    if (( count == 0 && $#reply )); then
      _describe command reply
    else
      _icepack_argument "$at $count"
      _icepack_values "${reply[@]}"
    fi
  fi
}

if [[ ${funcstack[1]} == _icepack ]]; then _icepack "$@"; else compdef _icepack icepack; fi
