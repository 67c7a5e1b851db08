//! Getting to the server: addresses without secrets in what is printed, and credentials from files.

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use async_nats::{Client, ConnectOptions, Event, ServerAddr};

use super::{NatsOptions, PATIENCE};
use crate::queue::QueueError;

/// One or several addresses of one queue (`nats://a:4222,nats://b:4222`). Neither `Debug` nor `Display` show the
/// credentials that may stand in them.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(Vec<ServerAddr>);

impl FromStr for Address {
    type Err = QueueError;

    fn from_str(given: &str) -> Result<Self, QueueError> {
        let bad = |one: &str, reason: String| {
            let address = one.rsplit_once('@').map_or(one, |(_, rest)| rest).to_owned();
            QueueError::BadAddress { address, reason }
        };
        let servers: Vec<ServerAddr> = given
            .split(',')
            .map(str::trim)
            .filter(|one| !one.is_empty())
            .map(|one| {
                if !one.starts_with("nats://") && !one.starts_with("tls://") {
                    return Err(bad(one, "it begins neither with nats:// nor with tls://".to_owned()));
                }
                let server: ServerAddr = one.parse().map_err(|_| bad(one, "no address".to_owned()))?;
                if server.host().is_empty() {
                    Err(bad(one, "it names no host".to_owned()))
                } else {
                    Ok(server)
                }
            })
            .collect::<Result<_, _>>()?;
        if servers.is_empty() { Err(bad("", "it is empty".to_owned())) } else { Ok(Self(servers)) }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, server) in self.0.iter().enumerate() {
            let comma = if position > 0 { "," } else { "" };
            write!(f, "{comma}{}://{}:{}", server.scheme(), server.host(), server.port())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

fn read(what: &'static str, path: &Path) -> Result<String, QueueError> {
    std::fs::read_to_string(path)
        .map(|text| text.trim().to_owned())
        .map_err(|source| QueueError::Credentials { what, path: path.display().to_string(), source })
}

/// Connects; afterwards, a connection that breaks is made again for as long as it takes.
pub(super) async fn connect(options: &NatsOptions) -> Result<Client, QueueError> {
    // There are two implementations of cryptography in the program, and TLS wants one named. Somebody may have done so before.
    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    let mut connect = ConnectOptions::new()
        .name("reelproof")
        .connection_timeout(PATIENCE)
        .request_timeout(Some(PATIENCE))
        .ping_interval(Duration::from_secs(10))
        // Soon, and never more than a few seconds apart: workers wait for it.
        .reconnect_delay_callback(|tried| {
            let tried = u32::try_from(tried).unwrap_or(u32::MAX);
            Duration::from_millis(100).saturating_mul(tried.min(30))
        })
        .event_callback(|event| async move {
            match event {
                Event::Disconnected => tracing::warn!("the connection to the queue broke"),
                Event::Connected => tracing::info!("connected to the queue"),
                other => tracing::debug!(%other, "the queue's client says"),
            }
        });
    if let Some(path) = &options.creds_file {
        // The client wants the last line to end.
        let text = read("credentials", path)? + "\n";
        connect = connect.credentials(&text).map_err(|source| QueueError::Credentials {
            what: "credentials",
            path: path.display().to_string(),
            source,
        })?;
    }
    if let Some(path) = &options.nkey_file {
        connect = connect.nkey(read("key", path)?);
    }
    if let Some(path) = &options.token_file {
        connect = connect.token(read("token", path)?);
    }
    // nats://TOKEN@HOST: a name without a password is a token.
    // The client itself makes nothing of what stands before the `@`.
    match options.address.0.iter().find_map(|server| Some((server.username()?, server.password()))) {
        Some((user, Some(password))) => {
            connect = connect.user_and_password(user.to_owned(), password.to_owned());
        }
        Some((token, None)) => connect = connect.token(token.to_owned()),
        None => {}
    }
    if let Some(path) = &options.tls_ca {
        // Asked for here, so that a missing file is told with its name.
        read("certificate authority", path)?;
        connect = connect.add_root_certificates(path.clone()).require_tls(true);
    }
    if let (Some(certificate), Some(key)) = (&options.tls_cert, &options.tls_key) {
        connect = connect.add_client_certificate(certificate.clone(), key.clone()).require_tls(true);
    }
    if options.address.0.iter().any(ServerAddr::tls_required) {
        connect = connect.require_tls(true);
    }
    connect.connect(&options.address.0[..]).await.map_err(|error| QueueError::Unreachable {
        address: options.address.to_string(),
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_in_an_address_are_not_shown() {
        let address: Address = "nats://ann:secret@a:4222, tls://token@b".parse().unwrap();
        assert_eq!(address.to_string(), "nats://a:4222,tls://b:4222");
        assert!(!format!("{address:?}").contains("secret") && !format!("{address:?}").contains("token"));
    }

    #[test]
    fn what_is_no_address_is_told_without_its_secrets() {
        for given in ["", "http://ann:secret@a", "localhost:4222", "nats://"] {
            let error = given.parse::<Address>().unwrap_err().to_string();
            assert!(error.contains("nats://HOST:PORT") && !error.contains("secret"), "{given}: {error}");
        }
    }
}
