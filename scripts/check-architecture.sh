#!/usr/bin/env bash
# Checks what ARCHITECTURE.md promises about who may depend on what. Part of `make check`.
#
# Two kinds of promise: what a crate may link (asked of cargo's own dependency tree, so that a
# dependency of a dependency counts too), and which source files may name a thing at all.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

broken=0
complain() {
    printf 'architecture: %s\n' "$*" >&2
    broken=1
}

# never_links CRATE NAMES REASON: no crate of CRATE's normal dependencies has one of these names;
# NAMES is an extended regular expression for whole names.
never_links() {
    local crate=$1 names=$2 reason=$3 tree found
    tree=$(cargo tree -p "$crate" -e normal --locked --prefix none --format '{p}') || {
        complain "cargo tree -p $crate failed"
        return
    }
    found=$(awk '{ print $1 }' <<<"$tree" | sort -u | grep -Ex "$names" || true)
    [[ -z "$found" ]] || complain "$crate links ${found//$'\n'/, }: $reason. See who brings it in: cargo tree -p $crate -e normal -i ${found%%$'\n'*}"
}

readonly FFMPEG='ffmpeg-.*'
readonly RUNTIME='tokio|tokio-.*|sqlx|sqlx-.*'
readonly NETWORK='tokio|tokio-.*|object_store|reqwest|hyper|rustls|axum'
readonly ABOVE_GROUND='ingest|media|analyzer|api|demo|reelproof'

never_links catalog "$RUNTIME|$FFMPEG|tables|telemetry|$ABOVE_GROUND" 'the domain types stand at the bottom and pull in nothing (the store is behind a feature)'
never_links telemetry "$RUNTIME|$FFMPEG|tables|$ABOVE_GROUND" 'parsers take bytes and give values'
never_links tables "$RUNTIME|$FFMPEG|telemetry|$ABOVE_GROUND" 'parsers take bytes and give values'
never_links analyzer "$RUNTIME|$FFMPEG|object_store|axum|ingest|api|demo|reelproof" 'judgement is pure: no I/O, no SQL, no FFmpeg'
never_links api "$FFMPEG|ingest|demo|reelproof" 'the server never links FFmpeg: media is read in the sandboxed child only'
never_links confined "$RUNTIME|$NETWORK|$FFMPEG|telemetry|$ABOVE_GROUND" 'what parent and child share carries neither the dangers of the one nor the rights of the other'
never_links media "$RUNTIME|$NETWORK|ingest|analyzer|api|demo|reelproof" 'the sandboxed child holds no code for stores, databases or sockets'
never_links ingest "$FFMPEG|telemetry|media|analyzer|api|demo|reelproof" 'observation is not judgement, arrows point down, and footage is parsed in the child only'
never_links reelproof "$FFMPEG|media" 'the command does not load FFmpeg: only the child, reelproof-media, does'

# only_in WHERE TOKENS WHAT: no source line outside the paths WHERE names one of TOKENS before a
# comment starts. WHERE and TOKENS are extended regular expressions.
only_in() {
    local where=$1 tokens=$2 what=$3 found
    found=$(find . -name '*.rs' -not -path './target/*' -not -path '*/node_modules/*' -not -path './fuzz/*' -print0 |
        xargs -0 grep -nE "^([^/]|/[^/])*($tokens)" | grep -vE "^\./($where)" || true)
    [[ -z "$found" ]] || complain "$what:"$'\n'"$found"
}

only_in 'media/src/' '\bffmpeg_(sys_)?next\b' 'only media/src may use FFmpeg'
only_in 'catalog/(src/store(/|\.rs:)|tests/)' '\bsqlx(_[a-z]+)?::' 'only catalog/src/store (and the tests of catalog) may speak SQL'

# What reads the demuxer's own sample index, and what takes a stream's old tag off: ffmpeg-next has no safe interface for
# either.
readonly UNSAFE_FILES='media/src/(sample_index|derive/retag)\.rs'
only_in "($UNSAFE_FILES):" '\bunsafe( (\{|fn|impl|extern|trait)|\()' 'unsafe code is forbidden here'

# brought_in_by MEMBER CRATES: of the members, only MEMBER names these crates in its Cargo.toml.
brought_in_by() {
    local member=$1 crates=$2 found
    found=$(grep -lE "^\"?($crates)\"?[ .=]" ./*/Cargo.toml | grep -vx "./$member/Cargo.toml" || true)
    [[ -z "$found" ]] || complain "only $member may depend on $crates, and so does ${found//$'\n'/, }"
}
brought_in_by media 'ffmpeg-next|ffmpeg-sys-next'
brought_in_by catalog 'sqlx'

if ((broken)); then exit 1; fi
echo 'architecture: as promised'
