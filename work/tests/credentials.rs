//! Getting to a real nats-server that does not let everybody in: passwords, tokens and keys.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::path::{Path, PathBuf};

use nkeys::KeyPair;
use tests::nats::Nats;
use work::nats::{NatsOptions, NatsQueue};
use work::{Queue as _, QueueError};

/// What nobody may ever read in a message.
const SECRET: &str = "Kx7Q2mNv9RtY4pLs";

fn options(url: &str) -> NatsOptions {
    NatsOptions::new(url.parse().unwrap())
}

/// That these options open the queue, and that it can be asked.
async fn opens(options: NatsOptions) {
    let queue = NatsQueue::open(options).await.unwrap();
    assert!(queue.depth().await.unwrap().is_empty());
}

/// That these options do not, with a message that tells no secret.
async fn is_refused(options: NatsOptions) {
    let shown = format!("{options:?}");
    let error = NatsQueue::open(options).await.unwrap_err();
    assert!(matches!(error, QueueError::Unreachable { .. }), "{error:?}");
    assert!(!format!("{error} {error:?} {shown}").contains(SECRET), "{error}");
}

fn file(dir: &Path, name: &str, text: &str) -> PathBuf {
    let path = dir.join(name);
    // As editors leave it.
    std::fs::write(&path, format!("{text}\n")).unwrap();
    path
}

#[tokio::test]
async fn a_password_or_a_token_opens_the_queue_and_a_wrong_one_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let Some(server) = Nats::start_with(&["--user", "hub", "--pass", SECRET]) else { return };
    opens(options(&format!("nats://hub:{SECRET}@{}", server.address))).await;
    for wrong in [format!("hub:{SECRET}x@"), format!("nobody:{SECRET}@"), String::new()] {
        is_refused(options(&format!("nats://{wrong}{}", server.address))).await;
    }

    let Some(server) = Nats::start_with(&["--auth", SECRET]) else { return };
    opens(options(&format!("nats://{SECRET}@{}", server.address))).await;
    let with_file = |text: &str| NatsOptions {
        token_file: Some(file(dir.path(), "token", text)),
        ..options(&server.url())
    };
    opens(with_file(SECRET)).await;
    is_refused(with_file(&format!("{SECRET}x"))).await;
    is_refused(options(&server.url())).await;
    let missing = NatsOptions { token_file: Some(dir.path().join("none")), ..options(&server.url()) };
    let error = NatsQueue::open(missing).await.unwrap_err();
    assert!(matches!(error, QueueError::Credentials { .. }) && error.to_string().contains("none"), "{error}");
}

#[tokio::test]
async fn a_key_opens_the_queue_and_another_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let (ours, other) = (KeyPair::new_user(), KeyPair::new_user());
    let user = ours.public_key();
    let config = format!("authorization: {{ users: [ {{ nkey: {user} }} ] }}");
    let config = file(dir.path(), "nats.conf", &config);
    let Some(server) = Nats::start_with(&["--config", config.to_str().unwrap()]) else { return };
    let with = |key: &KeyPair| NatsOptions {
        nkey_file: Some(file(dir.path(), "nkey", &key.seed().unwrap())),
        ..options(&server.url())
    };
    opens(with(&ours)).await;
    is_refused(with(&other)).await;
}
