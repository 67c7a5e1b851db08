//! Settings: a TOML file, with environment and command line on top.
//!
//! Unknown keys are errors, because a setting that is misspelt and silently ignored is one that
//! somebody relies on.

use std::net::SocketAddr;
use std::num::NonZero;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use api::oidc::Settings as OidcSettings;
use catalog::observation::StartSource;
use serde::Deserialize;

use crate::log::LogFormat;

/// The keys that the environment may set: `ingest.sm3` as `REELPROOF_INGEST_SM3`, written as in the file.
const KEYS: &[&str] = &[
    "catalog",
    "policy",
    "log_key",
    "ingest.parallel",
    "ingest.key_patterns",
    "ingest.start_order",
    "ingest.sm3",
    "ingest.media_program",
    "ingest.inspect",
    "queue.url",
    "queue.name",
    "queue.creds_file",
    "queue.nkey_file",
    "queue.token_file",
    "queue.tls_ca",
    "queue.tls_cert",
    "queue.tls_key",
    "queue.domain",
    "queue.replicas",
    "queue.ack_wait_s",
    "queue.max_waiting",
    "queue.max_held",
    "queue.share_folders",
    "serve.listen",
    "serve.tls_cert",
    "serve.tls_key",
    "serve.behind_proxy",
    "serve.public_url",
    "serve.oidc.issuer",
    "serve.oidc.client_id",
    "serve.oidc.client_secret",
    "serve.oidc.client_secret_file",
    "serve.preview_cache",
    "serve.preview_cache_bytes",
    "serve.previews_at_once",
    "serve.link_minutes",
];

/// Where settings are looked for if no file is named.
pub(crate) const DEFAULT_FILE: &str = "reelproof.toml";

/// What the file may say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// URL of the catalog.
    pub catalog: Option<String>,
    /// Policy: a built-in name, or a file.
    pub policy: Option<String>,
    /// File with the key that signs the log's checkpoints.
    pub log_key: Option<PathBuf>,
    /// Taking in footage.
    #[serde(default)]
    pub ingest: IngestSettings,
    /// The queue over machines.
    #[serde(default)]
    pub queue: QueueSettings,
    /// The service.
    #[serde(default)]
    pub serve: ServeSettings,
    /// Logs.
    #[serde(default)]
    pub log: LogSettings,
    /// All that file and environment say.
    #[serde(skip)]
    given: toml::Table,
}

/// Settings of logs.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogSettings {
    /// How their lines look.
    pub format: Option<LogFormat>,
}

/// Settings of `ingest`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IngestSettings {
    /// Objects read at the same time.
    pub parallel: Option<u32>,
    /// Regular expressions with the groups `device`, `badge`, `start` and `seq`, tried in order.
    pub key_patterns: Option<Vec<String>>,
    /// Which sources of a start time are believed, most trusted first.
    pub start_order: Option<Vec<StartSource>>,
    /// Whether to compute SM3 digests, too.
    #[serde(default)]
    pub sm3: bool,
    /// The program in which footage is parsed, if it is not `reelproof-media` beside this one.
    pub media_program: Option<PathBuf>,
    /// Whether recordings are looked at once they were read, as with `--inspect`.
    #[serde(default)]
    pub inspect: bool,
}

/// Settings of the queue that `worker` takes work from and `ingest --queue` hands it to.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct QueueSettings {
    /// Where workers find it.
    pub url: Option<String>,
    /// What its streams and subjects begin with, where several installations share a server.
    pub name: Option<String>,
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
    /// JetStream's domain, behind a leaf node.
    pub domain: Option<String>,
    /// On how many servers it is kept.
    pub replicas: Option<NonZero<u8>>,
    /// After how many seconds of silence a worker's task is handed to another.
    pub ack_wait_s: Option<NonZero<u32>>,
    /// How many tasks may wait.
    pub max_waiting: Option<NonZero<u32>>,
    /// How many tasks of one share may be held at a time, by all workers.
    pub max_held: Option<NonZero<u32>>,
    /// How many folders of a key name whose work it is, beside the store.
    #[serde(default)]
    pub share_folders: usize,
}

/// Settings of `serve`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServeSettings {
    /// Address and port to listen on.
    pub listen: Option<SocketAddr>,
    /// PEM file with the certificate and its chain.
    pub tls_cert: Option<PathBuf>,
    /// PEM file with the certificate's private key.
    pub tls_key: Option<PathBuf>,
    /// Whether a proxy in front takes TLS and says in `X-Forwarded-For` who asks.
    #[serde(default)]
    pub behind_proxy: bool,
    /// How browsers reach the service.
    pub public_url: Option<String>,
    /// The provider of OpenID Connect with which people sign in, too.
    pub oidc: Option<OidcSettings>,
    /// Folder in which previews and stills are kept, if it is not `reelproof-previews` beside the catalog.
    pub preview_cache: Option<PathBuf>,
    /// Bytes that it may hold.
    pub preview_cache_bytes: Option<u64>,
    /// How many of them are made at a time; 0 makes none.
    pub previews_at_once: Option<usize>,
    /// For how many minutes a signed link to footage holds.
    pub link_minutes: Option<u32>,
}

impl Settings {
    /// Reads the file that was named, or the default one if it is there, and lays `environment` over it.
    pub(crate) fn load(
        named: Option<&Path>,
        environment: impl Fn(&str) -> Option<String>,
    ) -> anyhow::Result<Self> {
        let path = named.or_else(|| Some(Path::new(DEFAULT_FILE)).filter(|path| path.exists()));
        let mut table = toml::Table::new();
        if let Some(path) = path {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("the settings file {} cannot be read", path.display()))?;
            let in_file = || format!("the settings file {}", path.display());
            // First as it stands, for messages with line and column.
            toml::from_str::<Self>(&text).with_context(in_file)?;
            table = toml::from_str(&text).with_context(in_file)?;
        }
        for key in KEYS {
            let variable = format!("REELPROOF_{}", key.replace('.', "_").to_uppercase());
            let Some(value) = environment(&variable).filter(|value| !value.is_empty()) else { continue };
            lay_over(&mut table, key, &value);
            // Each on its own, so that the message can name it.
            Self::deserialize(table.clone())
                .with_context(|| format!("the environment variable {variable}"))?;
        }
        let settings = Self::deserialize(table.clone())?;
        Ok(Self { given: table, ..settings })
    }

    /// What file and environment say of a section, as JSON without white space whose members stand in the order of their
    /// names; `{}` if nothing.
    pub(crate) fn given(&self, section: &str) -> String {
        let nothing = toml::Table::new();
        let section = self.given.get(section).and_then(toml::Value::as_table).unwrap_or(&nothing);
        // By way of a value, which has its members in order.
        serde_json::to_value(section).unwrap_or_default().to_string()
    }
}

/// Sets one key to a value that is written as in the file; what is no TOML value is a text.
fn lay_over(table: &mut toml::Table, key: &str, value: &str) {
    let value = toml::from_str::<toml::Table>(&format!("value = {value}"))
        .ok()
        .and_then(|mut parsed| parsed.remove("value"))
        .unwrap_or_else(|| toml::Value::String(value.to_owned()));
    lay_value_over(table, key, value);
}

fn lay_value_over(table: &mut toml::Table, key: &str, value: toml::Value) {
    match key.split_once('.') {
        None => {
            table.insert(key.to_owned(), value);
        }
        Some((section, key)) => {
            let section = table.entry(section).or_insert_with(|| toml::Table::new().into());
            if let Some(section) = section.as_table_mut() {
                lay_value_over(section, key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_key_is_an_error_with_its_place() {
        let error = toml::from_str::<Settings>("[ingest]\nparalel = 4\n").unwrap_err().to_string();
        assert!(
            error.contains("line 2") && error.contains("paralel") && error.contains("parallel"),
            "{error}"
        );
    }

    #[test]
    fn all_keys_are_read() {
        let text = r#"
            catalog = "sqlite://x.db"
            policy = "jingan-2024"
            log_key = "/etc/reelproof/log-key"
            [ingest]
            parallel = 2
            key_patterns = ['^(?P<device>\w+)']
            start_order = ["telemetry", "file_name"]
            sm3 = true
            media_program = "/opt/reelproof-media"
            inspect = true
            [serve]
            listen = "127.0.0.1:9000"
            preview_cache = "/var/cache/reelproof"
            preview_cache_bytes = 1_000_000_000
            previews_at_once = 1
            link_minutes = 5
        "#;
        let settings: Settings = toml::from_str(text).unwrap();
        assert_eq!(settings.ingest.start_order, Some(vec![StartSource::Telemetry, StartSource::FileName]));
        assert_eq!(settings.ingest.media_program, Some("/opt/reelproof-media".into()));
        assert!(settings.ingest.sm3 && settings.ingest.inspect && settings.serve.listen.is_some());
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("reelproof.toml");
        std::fs::write(&file, "policy = \"a\"\n[ingest]\nparallel = 2\n").unwrap();
        let environment = |variable: &str| match variable {
            "REELPROOF_INGEST_PARALLEL" => Some("8".to_owned()),
            "REELPROOF_SERVE_OIDC_CLIENT_ID" => Some("reelproof".to_owned()),
            "REELPROOF_SERVE_OIDC_ISSUER" => Some("https://id.example".to_owned()),
            "REELPROOF_INGEST_START_ORDER" => Some("[\"container\"]".to_owned()),
            "REELPROOF_SERVE_LISTEN" => Some("127.0.0.1:9000".to_owned()),
            _ => None,
        };
        let settings = Settings::load(Some(&file), environment).unwrap();
        assert_eq!((settings.policy.as_deref(), settings.ingest.parallel), (Some("a"), Some(8)));
        assert_eq!(settings.ingest.start_order, Some(vec![StartSource::Container]));
        assert_eq!(settings.serve.listen.unwrap().port(), 9000);
        let oidc = settings.serve.oidc.unwrap();
        assert_eq!((oidc.issuer.as_str(), oidc.client_id.as_str()), ("https://id.example", "reelproof"));
    }

    #[test]
    fn what_is_given_of_a_section_reads_the_same_however_it_was_written() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("reelproof.toml");
        std::fs::write(&file, "[ingest]\nsm3 = true\n# spaces and order do not count\ninspect   = true\n")
            .unwrap();
        let environment = |variable: &str| (variable == "REELPROOF_INGEST_PARALLEL").then(|| "8".to_owned());
        let settings = Settings::load(Some(&file), environment).unwrap();
        assert_eq!(settings.given("ingest"), r#"{"inspect":true,"parallel":8,"sm3":true}"#);
        assert_eq!(settings.given("serve"), "{}");
    }

    #[test]
    fn a_bad_variable_is_named() {
        let environment = |variable: &str| (variable == "REELPROOF_INGEST_SM3").then(|| "perhaps".to_owned());
        let error = Settings::load(None, environment).unwrap_err();
        assert!(format!("{error:#}").contains("REELPROOF_INGEST_SM3"), "{error:#}");
    }
}
