#!/usr/bin/env bash
# Runs every test of the workspace and ends with one line that counts them: `make test`.
#
# cargo-nextest runs them where it is installed (a process a test, so they finish sooner on many
# cores); anywhere else `cargo test` does, so that a machine with only Rust on it needs to build no
# test runner. The tests pass under both. Doc tests, which nextest cannot run, go first.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

log=$(mktemp)
trap 'rm -f "$log"' EXIT

run() {
    printf '== %s\n' "$*"
    "$@" 2>&1 | tee -a "$log"
}

status=0
run cargo test --workspace --doc --locked --quiet || status=$?
if cargo nextest --version >/dev/null 2>&1; then
    run cargo nextest run --workspace --locked --no-fail-fast || status=$?
else
    run cargo test --workspace --lib --bins --tests --locked --no-fail-fast || status=$?
fi

# The pages: their own tests, and the program with its pages in a real browser.
scripts/build-web.sh --test || status=$?
scripts/build-web.sh --browser || status=$?

# Sums cargo's `test result:` lines and nextest's `Summary` line; without one of either, nothing ran.
totals=$(
    sed $'s/\x1b\\[[0-9;]*m//g' "$log" | awk '
        /^test result: / {
            for (i = 2; i <= NF; i++) {
                if ($i ~ /^passed/) passed += $(i - 1)
                if ($i ~ /^failed/) failed += $(i - 1)
                if ($i ~ /^ignored/) skipped += $(i - 1)
            }
        }
        /^ *Summary \[/ {
            for (i = 2; i <= NF; i++) {
                if ($i ~ /^passed/) passed += $(i - 1)
                if ($i ~ /^(failed|timed|exec)/) failed += $(i - 1)
                if ($i ~ /^skipped/) skipped += $(i - 1)
            }
        }
        END { printf "%d %d %d\n", passed, failed, skipped }'
)
read -r passed failed skipped <<<"$totals"

if ((status == 0 && failed > 0)); then status=1; fi
if ((status == 0 && passed == 0)); then
    echo 'tests: none ran, which is a failure of the test run itself' >&2
    status=1
fi
if ((status != 0 && failed == 0)); then echo "tests: the run itself failed (status $status); see above" >&2; fi
printf 'tests: %d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
exit "$status"
