#!/usr/bin/env bash
# The coverage of a month side by side with DuckDB and PostgreSQL: makes the rows, asks everybody, checks
# that all say the same and prints times and ratios as Markdown. `make peers` calls it through
# benches/peers.sh.
#
#   PEERS_ROUNDS     how often each is asked at least (3)
#   PEERS_DIR        where rows and DuckDB's Python package are kept (peers/ in cargo's target folder)
#   PEERS_OFFICERS   size of the month, 200 recordings and 20 obligations an officer (5000)
#
# DuckDB comes from PyPI into a virtual environment; PostgreSQL is Debian's and runs on a cluster of its
# own, reached by a socket in its own folder, stopped and deleted at the end.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."

target=${CARGO_TARGET_DIR:-target}
dir=${PEERS_DIR:-$target/peers}
readonly DUCKDB=2.0.0

mkdir -p "$dir"
python=$dir/venv/bin/python
[[ -x $python ]] || python3 -m venv "$dir/venv"
"$python" -c "import duckdb; assert duckdb.__version__ == '$DUCKDB'" 2>/dev/null ||
    "$python" -m pip install --quiet "duckdb==$DUCKDB" ||
    echo "peers: DuckDB $DUCKDB could not be installed and will be left out" >&2

cargo build --release --locked --quiet -p benches --bin coverage-peer
exec "$python" benches/peers/audit --dir "$(realpath "$dir")" --rounds "${PEERS_ROUNDS:-3}" \
    --officers "${PEERS_OFFICERS:-5000}" --coverage-peer "$(realpath "$target/release/coverage-peer")"
