//! Settings: a TOML file, with environment and command line on top.
//!
//! Unknown keys are errors, because a setting that is misspelt and silently ignored is one that
//! somebody relies on.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Context as _;
use catalog::observation::StartSource;
use serde::Deserialize;

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
    /// Taking in footage.
    #[serde(default)]
    pub ingest: IngestSettings,
    /// The service.
    #[serde(default)]
    pub serve: ServeSettings,
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
}

/// Settings of `serve`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServeSettings {
    /// Address and port to listen on.
    pub listen: Option<SocketAddr>,
}

impl Settings {
    /// Reads the file that was named, or the default one if it is there.
    pub(crate) fn load(named: Option<&Path>) -> anyhow::Result<Self> {
        let path = match named {
            Some(path) => path,
            None if Path::new(DEFAULT_FILE).exists() => Path::new(DEFAULT_FILE),
            None => return Ok(Self::default()),
        };
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("the settings file {} cannot be read", path.display()))?;
        toml::from_str(&text).with_context(|| format!("the settings file {}", path.display()))
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
            [ingest]
            parallel = 2
            key_patterns = ['^(?P<device>\w+)']
            start_order = ["telemetry", "file_name"]
            sm3 = true
            [serve]
            listen = "127.0.0.1:9000"
        "#;
        let settings: Settings = toml::from_str(text).unwrap();
        assert_eq!(settings.ingest.start_order, Some(vec![StartSource::Telemetry, StartSource::FileName]));
        assert!(settings.ingest.sm3 && settings.serve.listen.is_some());
    }
}
