//! What the URL of a catalog says: where the server is, and how patient we are.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;

use crate::store::StoreError;

/// How long an outage is waited out where the URL does not say.
const PATIENCE: Duration = Duration::from_mins(2);
/// How many connections at most, where the URL does not say.
const CONNECTIONS: u32 = 16;

/// What the server holds our statements to, where the URL does not say otherwise. Loading a city's month is one statement
/// of a minute; a writer waits for others as long as on SQLite; a transaction that was forgotten lets its locks go. The
/// statements are short or read whole tables, so compiling them costs more than it brings.
const SERVER_SETTINGS: [(&str, &str); 4] = [
    ("statement_timeout", "10min"),
    ("lock_timeout", "1min"),
    ("idle_in_transaction_session_timeout", "1min"),
    ("jit", "off"),
];

/// What the URL says.
pub(super) struct Settings {
    /// Where, who, how secured, and what the server holds our statements to.
    pub(super) options: PgConnectOptions,
    /// How long an outage is waited out.
    pub(super) patience: Duration,
    /// How many connections at most.
    pub(super) connections: u32,
    /// The URL without its password and our own settings, for messages.
    pub(super) shown: String,
}

impl Settings {
    /// Reads `postgres://USER@HOST/DATABASE`, with what sqlx takes as parameters and two of our own: `connections`, and
    /// `patience`, in seconds.
    pub(super) fn of(url: &str) -> Result<Self, StoreError> {
        let shown = shown_url(url);
        let bad_url = || StoreError::BadUrl { url: shown.clone() };
        let (address, parameters) = url.split_once('?').unwrap_or((url, ""));
        let mut settings = Self {
            options: PgConnectOptions::new(),
            patience: PATIENCE,
            connections: CONNECTIONS,
            shown: shown.clone(),
        };
        let mut theirs = Vec::new();
        for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
            match parameter.split_once('=') {
                Some(("patience", seconds)) => {
                    settings.patience = Duration::from_secs(seconds.parse().map_err(|_| bad_url())?);
                }
                Some(("connections", number)) => {
                    settings.connections =
                        number.parse().ok().filter(|number| *number > 0).ok_or_else(bad_url)?;
                }
                _ => theirs.push(parameter),
            }
        }
        let theirs = theirs.join("&");
        let url = if theirs.is_empty() { address.to_owned() } else { format!("{address}?{theirs}") };
        let options = PgConnectOptions::from_str(&url).map_err(|_| bad_url())?;
        if options.get_database().is_none_or(str::is_empty) {
            return Err(bad_url());
        }
        let said = options.get_options().unwrap_or_default().to_owned();
        let ours = SERVER_SETTINGS.into_iter().filter(|(name, _)| !said.contains(name));
        let options = options.options(ours);
        settings.options = if options.get_application_name().is_none() {
            options.application_name("reelproof")
        } else {
            options
        };
        Ok(settings)
    }
}

/// The URL of a catalog without its password, and without parameters, one of which may be one: for messages.
pub fn shown_url(url: &str) -> String {
    let (address, _) = url.split_once('?').unwrap_or((url, ""));
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    // A password may hold an at sign that nobody escaped, and a slash.
    let Some((user, host)) = rest.rsplit_once('@') else { return address.to_owned() };
    let user = user.split_once(':').map_or(user, |(user, _)| user);
    format!("{scheme}://{user}@{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        for url in [
            "postgres://reel:s3cret@db.example/city",
            "postgres://reel:s3cret@db.example/city?sslmode=verify-full",
            "postgres://reel:s3@cret/x@db.example/city",
            "postgres://reel@db.example/city?password=s3cret",
        ] {
            assert_eq!(shown_url(url), "postgres://reel@db.example/city", "{url}");
        }
        assert_eq!(shown_url("postgres://db.example/city"), "postgres://db.example/city");
        let refused = Settings::of("postgres://reel:s3cret@db.example/?patience=soon").err().unwrap();
        assert!(!format!("{refused:?} {refused}").contains("s3cret"));
    }

    #[test]
    fn what_the_url_says_goes_before_what_we_would_say() {
        let settings = Settings::of(
            "postgres://reel@db/city?patience=7&connections=3&options[statement_timeout]=5s&sslmode=require",
        )
        .unwrap();
        assert_eq!((settings.patience, settings.connections), (Duration::from_secs(7), 3));
        let options = settings.options.get_options().unwrap();
        assert!(options.contains("statement_timeout=5s") && !options.contains("10min"), "{options}");
        assert!(options.contains("lock_timeout=1min"), "{options}");
        assert_eq!(settings.options.get_application_name(), Some("reelproof"));
        assert!(Settings::of("postgres://reel@db").is_err(), "no database");
        assert!(Settings::of("postgres://reel@db/city?connections=0").is_err());
    }
}
