//! How the queue is reached and set up.

use std::path::PathBuf;
use std::time::Duration;

use super::connect::Address;

/// How the queue is reached, and how it is set up by whoever comes first.
#[derive(Debug, Clone)]
pub struct NatsOptions {
    /// Where it is.
    pub address: Address,
    /// What streams and subjects begin with: letters, digits, `-` and `_`.
    pub name: String,
    /// File with a user's JWT and key.
    pub creds_file: Option<PathBuf>,
    /// File with the seed of a user's key.
    pub nkey_file: Option<PathBuf>,
    /// File with a token.
    pub token_file: Option<PathBuf>,
    /// PEM file with the authority that vouches for the server.
    pub tls_ca: Option<PathBuf>,
    /// PEM file with our certificate.
    pub tls_cert: Option<PathBuf>,
    /// PEM file with its key.
    pub tls_key: Option<PathBuf>,
    /// The JetStream domain, where the server is a leaf of it.
    pub domain: Option<String>,
    /// On how many servers the streams are kept.
    pub replicas: usize,
    /// How long a worker may be silent before its task is handed to another.
    pub ack_wait: Duration,
    /// How many tasks may wait.
    pub max_waiting: u32,
    /// How many tasks of one lane may be held at a time, by all workers.
    pub max_held: u32,
    /// Only tasks of these shares are taken, and of shares below them; empty: of all.
    pub only: Vec<String>,
}

impl NatsOptions {
    /// As usual, at `address`.
    pub fn new(address: Address) -> Self {
        Self {
            address,
            name: "reelproof".to_owned(),
            creds_file: None,
            nkey_file: None,
            token_file: None,
            tls_ca: None,
            tls_cert: None,
            tls_key: None,
            domain: None,
            replicas: 1,
            ack_wait: Duration::from_secs(30),
            max_waiting: 5_000_000,
            max_held: 1000,
            only: Vec::new(),
        }
    }
}
