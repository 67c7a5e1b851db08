//! The help is what a new user reads first. (Having a test of its own also makes cargo build the binary
//! with every run of the workspace's tests; the whole-system tests rely on that.)

use std::process::Command;

fn help(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_reelproof")).args(args).output().expect("the binary runs");
    assert!(output.status.success(), "{args:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn the_help_names_every_command_and_the_way_of_a_month() {
    let text = help(&["--help"]);
    for command in ["demo", "ingest", "import", "probe", "audit", "sample", "report", "policy", "serve"] {
        assert!(text.contains(&format!("\n  {command} ")), "{command} is not in:\n{text}");
        assert!(help(&[command, "--help"]).starts_with(|first: char| first.is_uppercase()), "{command}");
    }
    for part in ["reelproof import units", "reelproof sample freeze", "Exit status: 0 done"] {
        assert!(text.contains(part), "{part}");
    }
}
