# Completion of bash for ld-rs.so and ldd-rs.

_ld_rs() {
    local cur prev words cword
    _init_completion -n = || return
    local option=$prev
    [[ $cur == --*=* ]] && option=${cur%%=*} cur=${cur#*=}
    case $option in
    --library-path | --sysroot)
        _filedir -d
        return ;;
    --preload | --inhibit-rpath)
        _filedir 'so?(.*)'
        return ;;
    --color)
        # Its value needs the sign of equality; without one it is --color=always.
        if [[ ${words[cword]} == *=* ]]; then
            COMPREPLY=($(compgen -W 'auto always never' -- "$cur"))
            return
        fi ;;
    --glibc-hwcaps-prepend | --glibc-hwcaps-mask)
        COMPREPLY=($(compgen -W 'x86-64-v4 x86-64-v3 x86-64-v2' -- "$cur"))
        return ;;
    --bindings)
        COMPREPLY=($(compgen -W 'walk join' -- "$cur"))
        return ;;
    --explain | --explain-symbol | --argv0 | --audit)
        return ;;
    esac
    # Behind the program its own completion takes over.
    local at program=
    for ((at = 1; at < cword; at++)); do
        case ${words[at]} in
        --library-path | --sysroot | --preload | --inhibit-rpath | --glibc-hwcaps-* | --explain | \
            --explain-symbol | --bindings | --argv0 | --audit) ((at++)) ;;
        --)
            program=$((at + 1))
            break ;;
        -*) ;;
        *)
            program=$at
            break ;;
        esac
    done
    if [[ $program && $program -lt $cword && ${words[0]##*/} != ldd-rs ]] && declare -F _command_offset >/dev/null; then
        _command_offset "$program"
    elif [[ $cur == -* && ! $program ]]; then
        local options='--list --verify --tree --dot --explain --explain-symbol --paths --check --bindings --json --color
            --library-path --sysroot --inhibit-cache --inhibit-rpath --glibc-hwcaps-prepend --glibc-hwcaps-mask
            --preload --argv0 --audit --stats --list-diagnostics --list-tunables --help --version'
        [[ ${words[0]##*/} == ldd-rs ]] && options+=' --verbose --data-relocs --function-relocs --unused'
        COMPREPLY=($(compgen -W "$options" -- "$cur"))
    else
        _filedir
    fi
} &&
    complete -F _ld_rs ld-rs.so ld-rs.so.1 ldd-rs
