#!/usr/bin/env bash
# Side by side with shapely 2: the area of what a thousand flights saw of a city. `make peers` calls it.
#
#   benches/peers/drones.sh
#
#   PEERS_FLIGHTS    how many flights of a thousand points (1000)
#   PEERS_UNARY      how many of them for `unary_union` of buffers, which takes long (20; its time is what it took)
#   PYTHON           a Python with numpy and shapely 2 (python3): pip install numpy shapely
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."

python=${PYTHON:-python3}
"$python" -c 'import numpy, shapely; assert shapely.__version__ >= "2"' 2>/dev/null || {
    echo "peers: the comparison of drone coverage is skipped: pip install numpy 'shapely>=2'; PYTHON names another" >&2
    exit 0
}
cargo build --release --locked --quiet -p benches --bin coverage-union
exec "$python" benches/peers/drones.py --ours "${CARGO_TARGET_DIR:-target}/release/coverage-union" \
    --flights "${PEERS_FLIGHTS:-1000}" --unary "${PEERS_UNARY:-20}"
