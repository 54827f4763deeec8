# debian.bash -- sourced: installs what a script needs and the machine lacks.
# Relies on bash; on Debian's apt-get where something is missing.
# Never asks a question, never installs what is there already.

# at_least VERSION TEXT: whether the first version named in TEXT is at least VERSION.
at_least() {
    local found
    found=$(grep -oE '[0-9]+(\.[0-9]+)+' <<<"$2" | head -n 1)
    [[ -n $found && $(printf '%s\n' "$1" "$found" | sort -V | head -n 1) == "$1" ]]
}

# Whether a requirement is met: command:NAME, header:NAME, library:NAME (pkg-config), python:MODULE,
# clang-runtime:FILE, cmake:VERSION, go:VERSION.
met() {
    local kind=${1%%:*} what=${1#*:}
    case $kind in
        command) command -v "$what" >/dev/null ;;
        library) pkg-config --exists "$what" 2>/dev/null ;;
        header) printf '#include <%s>\n' "$what" | cc -E - >/dev/null 2>&1 ;;
        python) python3 -c "import $what" 2>/dev/null ;;
        clang-runtime) [[ -e $(clang -print-file-name="$what" 2>/dev/null) ]] ;;
        cmake) at_least "$what" "$(cmake --version 2>/dev/null)" ;;
        go) at_least "$what" "$(go version 2>/dev/null)" ;;
        *) return 1 ;;
    esac
}

# need REQUIREMENT=PACKAGE...: install the packages of what is not met; 1 with a list when it cannot.
need() {
    local pair packages=() still=()
    for pair in "$@"; do
        met "${pair%=*}" || packages+=("${pair##*=}")
    done
    [[ ${#packages[@]} -eq 0 ]] && return 0
    local root=()
    [[ $(id -u) -eq 0 ]] || root=(sudo -n)
    if command -v apt-get >/dev/null && "${root[@]}" true 2>/dev/null; then
        echo "installing: ${packages[*]}"
        "${root[@]}" apt-get update -qq </dev/null &&
            "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y \
                --no-install-recommends "${packages[@]}" </dev/null >/dev/null
        hash -r
    fi
    for pair in "$@"; do
        met "${pair%=*}" || still+=("${pair##*=} (for ${pair%=*})")
    done
    [[ ${#still[@]} -eq 0 ]] && return 0
    echo "missing, and could not be installed here; on Debian 12 these packages hold them:" >&2
    printf '  %s\n' "${still[@]}" >&2
    return 1
}
