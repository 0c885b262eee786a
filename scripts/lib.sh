# What the scripts share; each sources it after `cd "$(dirname "$0")/.."`.
# shellcheck shell=bash
program=$(basename "$0")
PATH=$PATH:/usr/sbin # Debian has nginx and debootstrap there; not every user's PATH has it.
missing=()

log() { printf '%s: %s\n' "$program" "$*" >&2; }

need() { # need COMMAND PACKAGE: adds the package to those to install if the command is missing
    command -v "$1" >/dev/null 2>&1 || missing+=("$2")
}

as_root() { # as_root COMMAND…
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

install_missing() { # Installs the packages that `need` collected. Debian and Ubuntu.
    [ ${#missing[@]} -gt 0 ] || return 0
    log "installing ${missing[*]}"
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null 2>&1; then
        log "sudo is missing; as root, run: apt-get install ${missing[*]}"
        exit 1
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
    missing=()
}

build() { # build OPTION…: `swift build` that prints only errors, the result and, now and then, its progress
    swift build "$@" 2>&1 | awk '
        /error:|^Build/ { print; next }
        /^\[/ { if (++n % 200 == 0) { print "still building, " $1; fflush() } }' >&2
}

use_python() { # use_python MODULE=PACKAGE…: sets $python to a Python that has the modules
    local venv=$PWD/.build/python-venv pair
    python=$venv/bin/python
    [ -x "$venv/bin/pip" ] || python3 -m venv "$venv"
    for pair; do
        "$python" -c "import ${pair%=*}" 2>/dev/null && continue
        log "installing ${pair#*=} into ${venv#"$PWD"/}"
        "$venv/bin/pip" install --quiet --disable-pip-version-check "${pair#*=}" >&2
    done
}

use_products() { # use_products PRODUCT…: adds their debug builds to PATH, after $LARKIMG_TEST_PRODUCTS if that is set
    local product bin
    bin=$(swift build --show-bin-path)
    for product; do
        [ -x "$bin/$product" ] || build --product "$product"
    done
    PATH=${LARKIMG_TEST_PRODUCTS:+$LARKIMG_TEST_PRODUCTS:}$bin:$PATH
}

wait_for() { # wait_for FILE PID LOG: waits until the process has written the file; if it ends first, prints its log
    until [ -s "$1" ]; do
        kill -0 "$2" 2>/dev/null || { cat "$3" >&2; exit 1; }
        sleep 0.05
    done
}

use_scratch() { # Sets $scratch to a directory that is removed at the end, with the processes in $started
    scratch=$(mktemp -d)
    started=()
    trap 'kill "${started[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$scratch"' EXIT
    export LARKIMG_STORE=$scratch/store/store.sqlite LARKIMG_KEY_FILE=$scratch/store/key
}

start_emulator() { # start_emulator OPTION…: sets $platform to its address
    lark-emulator --port-file "$scratch/emulator.port" "$@" >"$scratch/emulator.log" 2>&1 &
    started+=($!)
    wait_for "$scratch/emulator.port" $! "$scratch/emulator.log"
    platform=http://127.0.0.1:$(cat "$scratch/emulator.port")
}

add_tenant() { # add_tenant NAME APP_ID OPTION…: registers a tenant of an emulated app whose secret is "secret"
    printf secret | larkimg tenant add "$1" --app-id "$2" --app-secret-file - --host "$platform" --no-verify "${@:3}" >/dev/null
}

start_service() { # start_service OPTION…: sets $service to its address
    larkimg serve --listen 127.0.0.1:0 --port-file "$scratch/service.port" --audit-log /dev/null --client-rate 1000000 "$@" \
        2>"$scratch/service.log" &
    started+=($!)
    wait_for "$scratch/service.port" $! "$scratch/service.log"
    service=http://127.0.0.1:$(cat "$scratch/service.port")
}

add_client() { # add_client NAME TENANTS: prints the client's secret
    larkimg client add "$1" --tenants "$2" 2>/dev/null | head -n 1
}

use_minimal_debian() { # use_minimal_debian PACKAGE…: sets $root to debootstrap's minbase of Debian 12 with these packages
    [ "$(id -u)" -eq 0 ] || { log "needs root for debootstrap and chroot"; exit 1; }
    need debootstrap debootstrap
    install_missing
    root=$(mktemp -d)
    chmod 755 "$root"
    trap 'rm -rf --one-file-system "$root" "$root.log"' EXIT
    log "making a minimal Debian"
    debootstrap --variant=minbase --include="$(IFS=,; echo "$*")" bookworm "$root" >"$root.log" 2>&1 ||
        { tail "$root.log" >&2; exit 1; }
}

in_minimal_debian() { # in_minimal_debian COMMAND DIRECTORY…: runs a shell command in $root, with directories of this machine
    # The mounts end with the namespace.
    # shellcheck disable=SC2016 # The shell in the namespace expands them.
    root=$root command=$1 unshare --mount --propagation private bash -euc '
        for directory; do
            mkdir -p "$root$directory"
            mount --rbind "$directory" "$root$directory"
        done
        exec chroot "$root" env -i HOME=/root LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin bash -euc "$command"
    ' bash /dev /proc /sys "${@:2}"
}
