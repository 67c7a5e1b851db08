#!/usr/bin/env bash
# Builds the web UI into web/dist, from where the service takes it in when it is compiled.
#
#   scripts/build-web.sh            builds it, if anything of it changed since it was built last
#   scripts/build-web.sh --check    types, lints and formatting of it
#   scripts/build-web.sh --test     its unit tests, and the budget of its first page
#   scripts/build-web.sh --browser  the real program on the demo's month, in Chromium, if both are there
#
# Needs Node 20.19 or newer and npm, which scripts/setup.sh sees to. Without them it says so and ends well: the
# service then shows a page that says how to build the UI, and everything else works.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../web"

readonly TOOLS="${REELPROOF_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/reelproof/tools}"
if [[ -x "$TOOLS/node/bin/node" ]]; then export PATH="$TOOLS/node/bin:$PATH"; fi

say() { printf 'web: %s\n' "$*" >&2; }

usable_node() {
    command -v npm >/dev/null 2>&1 && node -e '
        const [major, minor] = process.versions.node.split(".").map(Number);
        process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' 2>/dev/null
}

# What the packages on disk were installed from.
packages() {
    local stamp=node_modules/.installed
    if [[ -f "$stamp" ]] && cmp -s package-lock.json "$stamp"; then return 0; fi
    say 'installing the packages that package-lock.json names'
    npm ci --no-audit --no-fund --ignore-scripts --loglevel=error >&2
    cp package-lock.json "$stamp"
}

# A digest of everything that the build depends on.
sources() {
    find index.html vite.config.ts package.json package-lock.json tsconfig.json src public -type f -print0 |
        LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum
}

build() {
    local now
    now=$(sources)
    if [[ -f dist/index.html && -f node_modules/.built && "$(<node_modules/.built)" == "$now" ]]; then return 0; fi
    packages
    say 'building the pages'
    npm run --silent build -- --logLevel warn >&2
    echo "$now" >node_modules/.built
}

if ! usable_node; then
    say 'Node 20.19 or newer with npm is not there, so the pages are left out: see scripts/setup.sh'
    exit 0
fi
case "${1-}" in
    '') build ;;
    --check) packages && npm run --silent check >&2 && say 'types, lints and formatting are as they should be' ;;
    --test) build && npm run --silent test >&2 ;;
    --browser) build && npm run --silent browser >&2 ;;
    *) say "unknown option '$1'" && exit 2 ;;
esac
