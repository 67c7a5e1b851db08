//! What every command needs: settings with flags on top, the catalog, the clock, the language.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use analyzer::policy::{Policy, PolicyError};
use anyhow::Context as _;
use catalog::clock::{Clock, SystemClock};
use catalog::store::{Catalog, OpenMode, StoreError, open};
use serde::Serialize;

use crate::args::{Args, Language};
use crate::commands::log_key;
use crate::failure::Failure;
use crate::settings::Settings;
use crate::stderr::tell;

/// Where the catalog is if nobody says.
const DEFAULT_CATALOG: &str = "sqlite://reelproof.db";

/// The policy if nobody says.
const DEFAULT_POLICY: &str = "jingan-2024";

/// How often a catalog that others may be making is opened again, and after which time.
const TRIES: u32 = 5;
const TRY_AGAIN: Duration = Duration::from_millis(200);

/// Standard output is written in pieces of this size.
const PIECE_BYTES: usize = 1 << 16;

/// What every command needs.
pub(crate) struct Context {
    /// URL of the catalog.
    pub catalog_url: String,
    /// The settings file.
    pub settings: Settings,
    /// Write JSON.
    pub json: bool,
    /// Say nothing but the result and what went wrong.
    pub quiet: bool,
    /// Language of the text.
    pub lang: Language,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Names and texts of the policies that were asked for: what was judged by is logged.
    pub judged_by: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Context {
    pub(crate) fn new(args: &Args) -> Result<Self, Failure> {
        let settings = Settings::load(args.config.as_deref(), |variable| std::env::var(variable).ok())
            .map_err(Failure::Input)?;
        let catalog_url = args
            .catalog
            .clone()
            .or_else(|| settings.catalog.clone())
            .unwrap_or_else(|| DEFAULT_CATALOG.to_owned());
        Ok(Self {
            catalog_url,
            settings,
            json: args.json,
            quiet: args.quiet,
            lang: args.lang.unwrap_or_else(language_of_environment),
            clock: Arc::new(SystemClock),
            judged_by: Arc::default(),
        })
    }

    /// Opens the catalog.
    ///
    /// Several processes may be the first to open a new one: of these, one makes its tables, and the others find that they are
    /// there already, which the engine takes for an error. A moment later it is none.
    pub(crate) async fn catalog(&self, mode: OpenMode) -> Result<Arc<dyn Catalog>, Failure> {
        let mut tried = 0;
        loop {
            match open(&self.catalog_url, mode).await {
                Err(StoreError::Engine(_) | StoreError::Busy)
                    if mode == OpenMode::Create && tried < TRIES => {}
                opened => return Ok(opened?),
            }
            tried += 1;
            tokio::time::sleep(TRY_AGAIN).await;
        }
    }

    /// Where the key stands that signs the log's checkpoints.
    pub(crate) async fn log_key(&self, catalog: &dyn Catalog) -> PathBuf {
        log_key::path(self.settings.log_key.as_deref(), &self.catalog_url, catalog).await
    }

    /// The policy that was named on the command line, in the settings, or the default one. A name
    /// that ends in `.toml` is a file.
    pub(crate) fn policy(&self, named: Option<&str>) -> Result<Arc<Policy>, Failure> {
        let name = named.or(self.settings.policy.as_deref()).unwrap_or(DEFAULT_POLICY);
        let input = |error: PolicyError| Failure::Input(error.into());
        if Path::new(name).extension().is_none_or(|ending| ending != "toml") {
            let policy = Policy::built_in(name).map(Arc::new).map_err(input)?;
            self.judges_by(&policy.name, Policy::built_in_text(name).unwrap_or_default());
            return Ok(policy);
        }
        let text = std::fs::read_to_string(name)
            .with_context(|| format!("the policy {name} cannot be read"))
            .map_err(Failure::Input)?;
        let policy = Policy::parse(name, &text).map(Arc::new).map_err(input)?;
        self.judges_by(&policy.name, &text);
        Ok(policy)
    }

    /// The text of a policy that was asked for.
    pub(crate) fn policy_text(&self, name: &str) -> String {
        let seen = self.judged_by.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        seen.get(name).cloned().unwrap_or_default()
    }

    fn judges_by(&self, name: &str, text: &str) {
        // Nobody panics while they hold it, so it is not poisoned; if it were, the names in it still hold.
        let mut seen = self.judged_by.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        seen.insert(name.to_owned(), text.to_owned());
    }

    /// Writes the result to stdout: the document as JSON, or the text.
    pub(crate) fn print<T: Serialize>(
        &self,
        document: &T,
        text: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        use std::io::Write as _;
        // Standard output goes out line by line, and the audit of a city's month has six million lines.
        let mut out = std::io::BufWriter::with_capacity(PIECE_BYTES, std::io::stdout().lock());
        let written = if self.json {
            let written = serde_json::to_writer_pretty(&mut out, document).map_err(std::io::Error::from);
            written.and_then(|()| out.write_all(b"\n"))
        } else {
            out.write_all(text().as_bytes())
        };
        match written.and_then(|()| out.flush()) {
            // A reader that has seen enough (`| head`) is no failure.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            other => Ok(other?),
        }
    }

    /// Tells the person something on stderr, unless they asked for quiet.
    pub(crate) fn say(&self, text: &str) {
        if !self.quiet {
            tell(text);
        }
    }

    /// The text in the person's language.
    pub(crate) fn tr<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        match self.lang {
            Language::Zh => zh,
            Language::En => en,
        }
    }
}

/// Chinese where the environment says so, English otherwise.
pub(crate) fn language_of_environment() -> Language {
    let says_chinese = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .is_some_and(|value| value.starts_with("zh"));
    if says_chinese { Language::Zh } else { Language::En }
}
