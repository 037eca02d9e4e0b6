# Completion of icepack for fish. It starts no program; names come from a file that icepack writes.
# Load it: icepack completion fish | source; or save it as ~/.config/fish/completions/icepack.fish

#{{tables}}

# Names of the kinds in its arguments, from a file of our own; whatever is no plain name is passed over.
function __icepack_names
    set -l cache $XDG_CACHE_HOME
    test -n "$cache"; or set cache $HOME/.cache
    set -l file $cache/icepack/names
    test -f $file -a -r $file -a -O $file -a ! -L $file; or return
    while read -l kind name
        contains -- "$kind" $argv; and string match -qr '^[A-Za-z0-9][A-Za-z0-9._-]*$' -- "$name"; and echo $name
    end <$file
end

# Values as the tables name them. Its first argument is what is typed of the value.
function __icepack_values
    set -l typed $argv[1]
    set -l values $argv[3..]
    switch "$argv[2]"
        case words
            printf '%s\n' $values
        case list
            set -l given (string split , -- $typed)
            set -l before (string match -r '^.*,' -- $typed)
            for word in $values
                contains -- $word $given; or echo "$before$word"
            end
        case names
            __icepack_names $values
        case names-or-files
            __icepack_names $values
            __fish_complete_path $typed
        case files
            __fish_complete_path $typed
        case folders
            __fish_complete_directories $typed
    end
end

function __icepack
    set -l at ''
    set -l option ''
    set -l after ''
    set -l count 0
    set -l current (commandline -ct)
    for word in (commandline -opc)[2..]
        if test -n "$option"
            set option ''
        else if test "$word" = --
            set after --
        else if test -z "$after"; and string match -q -- '-*' $word
            test -n "$(__icepack_takes "$at $word")"; and set option $word
        else if test $count -eq 0; and contains -- $word (__icepack_parts "$at" | string split -f 1 \t)
            set at (string trim -- "$at $word")
        else
            set count (math $count + 1)
        end
    end
    if test -n "$option"
        __icepack_values "$current" (__icepack_takes "$at $option")
    else if test -z "$after"; and string match -q -- '-*=*' "$current"
        set -l name (string split -m 1 -f 1 = -- $current)
        set -l value (string split -m 1 -f 2 = -- $current)
        set -l found (__icepack_values "$value" (__icepack_takes "$at $name"))
        test -n "$found"; and printf "$name=%s\n" $found
    else if test -z "$after"; and string match -q -- '-*' "$current"
        __icepack_options "$at"
    else if test $count -eq 0; and test -n "$(__icepack_parts "$at")"
        __icepack_parts "$at"
    else
        __icepack_values "$current" (__icepack_argument "$at $count")
    end
end

complete -c icepack -f -a '(__icepack)'
