#!/usr/bin/env bash
# A migration that others may have run never changes. Part of `make check`.
#
#   scripts/check-migrations.sh         compares every migration with its recorded SHA-256
#   scripts/check-migrations.sh --add   records the migrations that have none yet
#
# The sums stand in catalog/migrations/SHA256SUMS, so the check works in any copy of the tree. In a
# clone that knows origin/main it also sees to it that no sum recorded there was altered or dropped;
# REELPROOF_BASE names another commit to compare with.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../catalog/migrations"

readonly SUMS=SHA256SUMS
readonly BASE=${REELPROOF_BASE:-origin/main}

sha256_of() {
    if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}
recorded() { awk -v file="$1" '$2 == file { print $1 }' "$SUMS"; }

add=no
case "${1:-}" in
    '') ;;
    --add) add=yes ;;
    *)
        echo "migrations: unknown option '$1'; the only one is --add" >&2
        exit 2
        ;;
esac
[[ -e $SUMS || $add == no ]] || : >"$SUMS"
[[ -r $SUMS ]] || {
    echo "migrations: catalog/migrations/$SUMS is not there; make it with scripts/check-migrations.sh --add" >&2
    exit 1
}

broken=0
complain() {
    printf 'migrations: %s\n' "$*" >&2
    broken=1
}

while IFS= read -r file; do
    known=$(recorded "$file")
    found=$(sha256_of "$file")
    if [[ -z "$known" && $add == yes ]]; then
        printf '%s  %s\n' "$found" "$file" >>"$SUMS"
        echo "migrations: recorded $file"
    elif [[ -z "$known" ]]; then
        complain "$file is new and has no recorded sum: run scripts/check-migrations.sh --add and commit $SUMS with it"
    elif [[ "$known" != "$found" ]]; then
        complain "$file was changed after it was recorded. Catalogs that ran it would refuse to open: undo the change (git checkout -- catalog/migrations/$file) and write a new migration instead"
    fi
done < <(find . -name '*.sql' | sed 's|^\./||' | LC_ALL=C sort)

while read -r _ file; do
    [[ -e "$file" ]] || complain "$file is recorded but gone: a migration is never removed or renamed"
done <"$SUMS"

if before=$(git show "$BASE:./$SUMS" 2>/dev/null); then
    while IFS= read -r line; do
        grep -qxF -- "$line" "$SUMS" || complain "$SUMS lost or altered a line that $BASE has: $line"
    done <<<"$before"
fi

if ((broken)); then exit 1; fi
[[ $add == yes ]] || echo 'migrations: unchanged'
