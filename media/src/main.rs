//! `reelproof-media`: the sandboxed child in which FFmpeg looks at footage. `reelproof` starts it; by hand
//! it only shows what a kernel grants (`reelproof-media --self-test`).

use std::process::ExitCode;

fn main() -> ExitCode {
    media::child_main()
}
