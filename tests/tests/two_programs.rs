//! The command and the child in which footage is parsed are two programs: what each links, and what is said
//! where the second is not there.

#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::path::Path;
use std::process::Command;

use tests::{Ran, command, reelproof, run_ok};

/// The shared libraries of FFmpeg that a program names. In any file that needs one, its name stands as it is.
fn ffmpeg_libraries(program: &Path) -> Vec<&'static str> {
    let bytes = std::fs::read(program).unwrap();
    ["libavformat.so", "libavcodec.so", "libavutil.so", "libswscale.so", "libswresample.so"]
        .into_iter()
        .filter(|name| bytes.windows(name.len()).any(|window| window == name.as_bytes()))
        .collect()
}

#[test]
fn the_command_does_not_load_ffmpeg_and_the_child_does() {
    let child = reelproof().with_file_name("reelproof-media");
    assert_eq!(ffmpeg_libraries(reelproof()), [""; 0]);
    assert!(ffmpeg_libraries(&child).contains(&"libavformat.so"));
}

#[test]
fn a_command_without_its_child_says_what_to_install_and_takes_one_that_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let alone = dir.path().join("reelproof");
    std::fs::copy(reelproof(), &alone).unwrap();
    std::fs::write(dir.path().join("a.mp4"), b"no footage").unwrap();
    let probe = |program: Option<&Path>| -> Ran {
        let mut command = Command::new(&alone);
        command.args(["probe", "a.mp4", "--json"]).current_dir(dir.path()).env("LC_ALL", "C.UTF-8");
        if let Some(program) = program {
            command.env("REELPROOF_INGEST_MEDIA_PROGRAM", program);
        }
        command.output().unwrap().into()
    };
    let ran = probe(None);
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    let expected = format!("`{}` cannot be opened", dir.path().join("reelproof-media").display());
    assert!(ran.stderr.contains(&expected), "{}", ran.stderr);
    assert!(ran.stderr.contains("in the same folder as `reelproof`"), "{}", ran.stderr);

    let ran = probe(Some(&reelproof().with_file_name("reelproof-media")));
    assert_eq!(ran.json()["problems"][0]["code"], "unreadable", "{}", ran.stderr);

    let ran = probe(Some(Path::new("nowhere/reelproof-media")));
    assert_eq!(ran.status, 1);
    assert!(ran.stderr.contains("REELPROOF_INGEST_MEDIA_PROGRAM"), "{}", ran.stderr);
}

#[test]
fn what_parses_nothing_needs_no_child() {
    let dir = tempfile::tempdir().unwrap();
    let alone = dir.path().join("reelproof");
    std::fs::copy(reelproof(), &alone).unwrap();
    let output =
        Command::new(&alone).args(["import", "units", "--template"]).current_dir(dir.path()).output();
    assert!(output.unwrap().status.success());
    // The tests' own command has it.
    run_ok(dir.path(), &["import", "units", "--template"]);
    assert!(command(dir.path()).arg("--version").output().unwrap().status.success());
}
