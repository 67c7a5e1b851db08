//! The real child's sandbox: what it tries and must not be able to do.

#![cfg(test)]

use std::process::{Command, Stdio};

use confined::sandbox::{Attempt, Layer};
use confined::{ChildLimits, SELF_TEST_ARG, SandboxReport};
use ingest::child::{ChildCommand, ChildPool, PoolOptions};

const CHILD: &str = env!("CARGO_BIN_EXE_reelproof-media");

#[derive(serde::Deserialize)]
struct SelfTest {
    sandbox: SandboxReport,
    attempts: Vec<Attempt>,
}

#[test]
fn a_locked_down_child_can_open_nothing_start_nothing_and_reach_nobody() {
    let limits = serde_json::to_string(&ChildLimits::default()).unwrap();
    let output = Command::new(CHILD).args([&limits, SELF_TEST_ARG]).stdin(Stdio::null()).output();
    let output = output.unwrap();
    let SelfTest { sandbox, attempts } = serde_json::from_slice(&output.stdout).unwrap();
    println!("{sandbox}");
    assert_eq!((&sandbox.limits, &sandbox.seccomp), (&Layer::Enforced, &Layer::Enforced));
    // A kernel may have no Landlock, but nothing else may stand in its way.
    assert!(!sandbox.landlock.to_string().contains("threads"), "{sandbox}");
    assert!(attempts.len() >= 10);
    for attempt in attempts {
        let refused = attempt.refused.as_deref();
        let how = refused.unwrap_or_else(|| panic!("a child could {}", attempt.what));
        let expected = if attempt.what.contains("memory") { "alloc" } else { "not permitted" };
        assert!(how.contains(expected), "{}: {how}", attempt.what);
    }
    assert!(output.status.success());
}

#[test]
fn the_service_can_say_at_start_which_layers_the_kernel_grants() {
    let pool = ChildPool::new(PoolOptions::new(ChildCommand::new(CHILD), 1));
    let sandbox = pool.sandbox().unwrap();
    assert!(sandbox.to_string().starts_with("resource limits enforced, Landlock "), "{sandbox}");
    // The child that was asked is kept for the first object.
    pool.sandbox().unwrap();
    assert_eq!(pool.counts().started, 1);
}

#[test]
fn limits_that_make_no_sense_are_wrong_usage() {
    for arguments in [&["lots"][..], &[]] {
        let output = Command::new(CHILD).args(arguments).stdin(Stdio::null()).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(!output.stderr.is_empty());
    }
}
