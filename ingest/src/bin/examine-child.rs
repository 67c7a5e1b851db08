//! The sandboxed child alone, as the `reelproof` binary runs it inside itself: for tests, and to try by
//! hand what a kernel grants (`examine-child examine-child '{"memory_bytes":1073741824,"cpu_s":60}'
//! --self-test`).

use std::process::ExitCode;

fn main() -> ExitCode {
    ingest::child_main()
}
