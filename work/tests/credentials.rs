//! Getting to a real nats-server that does not let everybody in: each way of saying who one is, and TLS.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use nkeys::KeyPair;
use serde_json::{Value, json};
use tests::authority::Authority;
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

/// A claim, signed by whoever makes it: a JWT as NATS writes it.
fn claim(issuer: &KeyPair, subject: &KeyPair, name: &str, says: &Value) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let body = json!({
        "jti": name, "iat": 1_714_000_000, "iss": issuer.public_key(), "name": name,
        "sub": subject.public_key(), "nats": says,
    });
    let signed = format!("{}.{}", part(&json!({"typ": "JWT", "alg": "ed25519-nkey"})), part(&body));
    let signature = BASE64_URL_SAFE_NO_PAD.encode(issuer.sign(signed.as_bytes()).unwrap());
    format!("{signed}.{signature}")
}

/// A credentials file, as `nsc` writes it.
fn creds(jwt: &str, key: &KeyPair) -> String {
    format!(
        "-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n\
         -----BEGIN USER NKEY SEED-----\n{}\n------END USER NKEY SEED------\n",
        key.seed().unwrap()
    )
}

#[tokio::test]
async fn a_credentials_file_opens_the_queue_and_one_that_nobody_vouches_for_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let (operator, system, account) =
        (KeyPair::new_operator(), KeyPair::new_account(), KeyPair::new_account());
    let limits = json!({
        "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1,
        "leaf": -1, "mem_storage": -1, "disk_storage": -1, "streams": -1, "consumer": -1,
    });
    let mut without_streams = limits.clone();
    for name in ["mem_storage", "disk_storage", "streams", "consumer"] {
        without_streams[name] = json!(0);
    }
    let of_account = |limits: &Value| json!({"limits": limits, "type": "account", "version": 2});
    let config = format!(
        "operator: {}\nsystem_account: {system_key}\nresolver: MEMORY\nresolver_preload: {{ {system_key}: {}, {}: {} }}\n",
        claim(&operator, &operator, "operator", &json!({"type": "operator", "version": 2})),
        claim(&operator, &system, "SYS", &of_account(&without_streams)),
        account.public_key(),
        claim(&operator, &account, "reelproof", &of_account(&limits)),
        system_key = system.public_key(),
    );
    let config = file(dir.path(), "nats.conf", &config);
    let Some(server) = Nats::start_with(&["--config", config.to_str().unwrap()]) else { return };
    let of_user =
        json!({"pub": {}, "sub": {}, "subs": -1, "data": -1, "payload": -1, "type": "user", "version": 2});
    let user = KeyPair::new_user();
    let with = |issuer: &KeyPair| NatsOptions {
        creds_file: Some(file(dir.path(), "creds", &creds(&claim(issuer, &user, "worker", &of_user), &user))),
        ..options(&server.url())
    };
    opens(with(&account)).await;
    is_refused(with(&KeyPair::new_account())).await;
    is_refused(options(&server.url())).await;
    // What is no such file is told by its name.
    let text = BASE64_STANDARD.encode(SECRET);
    let broken =
        NatsOptions { creds_file: Some(file(dir.path(), "broken", &text)), ..options(&server.url()) };
    let error = NatsQueue::open(broken).await.unwrap_err();
    assert!(matches!(error, QueueError::Credentials { .. }), "{error:?}");
    assert!(error.to_string().contains("broken") && !error.to_string().contains(&text), "{error}");
}

#[tokio::test]
async fn over_tls_the_server_is_believed_by_its_authority_and_we_by_ours() {
    let dir = tempfile::tempdir().unwrap();
    let here = [IpAddr::V4(Ipv4Addr::LOCALHOST)];
    let (ours, others) = (Authority::new(dir.path(), "ours"), Authority::new(dir.path(), "others"));
    let identity = ours.vouch("server", &here);
    let [certificate, key, authority] = [&identity.certificate_file, &identity.key_file, &ours.certificate]
        .map(|path| path.to_str().unwrap());
    let tls = ["--tls", "--tlscert", certificate, "--tlskey", key];
    let Some(server) = Nats::start_with(&tls) else { return };
    for url in [format!("tls://{}", server.address), server.url()] {
        let by = |authority: &Authority| NatsOptions {
            tls_ca: Some(authority.certificate.clone()),
            ..options(&url)
        };
        opens(by(&ours)).await;
        is_refused(by(&others)).await;
    }
    // Nobody vouches for it but an authority of the house.
    is_refused(options(&format!("tls://{}", server.address))).await;

    let both = [&tls[..], &["--tlsverify", "--tlscacert", authority]].concat();
    let Some(server) = Nats::start_with(&both) else { return };
    let as_who = |authority: Option<&Authority>| {
        let client = authority.map(|authority| authority.vouch("client", &here));
        let (tls_cert, tls_key) = client.map(|client| (client.certificate_file, client.key_file)).unzip();
        NatsOptions { tls_ca: Some(ours.certificate.clone()), tls_cert, tls_key, ..options(&server.url()) }
    };
    opens(as_who(Some(&ours))).await;
    is_refused(as_who(Some(&others))).await;
    is_refused(as_who(None)).await;
}
