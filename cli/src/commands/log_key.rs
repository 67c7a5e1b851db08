//! Where the key stands that signs a catalog's log, if nobody says.
//!
//! Of a catalog that is a file: beside it. Of one on a server: in the working folder, named after host, port and database, so
//! that two catalogs have two keys. It is not named after the log: a log that was begun anew would then have a new key
//! made for it, and nobody would be told.
//!
//! Before, all catalogs on servers had one name, `reelproof.log-key`. Such a key goes on being used by the catalog
//! whose log it signed.

use std::path::{Path, PathBuf};

use api::log::signer::LogSigner;
use catalog::store::Catalog;
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::stderr::tell;

/// What the key of every catalog on a server was called.
const FORMER: &str = "reelproof.log-key";

/// Where it stands: where the settings say, or at the default place of this catalog.
pub(crate) async fn path(set: Option<&Path>, catalog_url: &str, catalog: &dyn Catalog) -> PathBuf {
    match set {
        Some(set) => set.to_owned(),
        None => default_in(Path::new(""), catalog_url, catalog).await,
    }
}

/// The default place, where `folder` is the working folder.
async fn default_in(folder: &Path, catalog_url: &str, catalog: &dyn Catalog) -> PathBuf {
    let (default, former) = (folder.join(default_name(catalog_url)), folder.join(FORMER));
    if default == former || default.exists() || !former.exists() || catalog_url.starts_with("sqlite:") {
        return default;
    }
    // What cannot be read now could not be signed with, either.
    let Ok(Some(signer)) = LogSigner::load(&former) else { return default };
    match catalog.log_state().await {
        Ok(state) if signer.verifier().name() == api::log::origin(&state.log_id) => former,
        _ => {
            tell(format!(
                "warning: {FORMER} is the key of another catalog's log; the one of this log is {}. If this catalog was signed with {FORMER} before, its log was begun anew",
                default.display()
            ));
            default
        }
    }
}

/// Beside a file, or in the working folder, by its name.
fn default_name(catalog_url: &str) -> PathBuf {
    let file = catalog_url.strip_prefix("sqlite:").map(|rest| {
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        rest.split_once('?').map_or(rest, |(path, _)| path)
    });
    match file {
        Some(file) if !file.is_empty() && file != ":memory:" => PathBuf::from(format!("{file}.log-key")),
        Some(_) => PathBuf::from(FORMER),
        None => named_after(catalog_url).map_or_else(|| PathBuf::from(FORMER), PathBuf::from),
    }
}

/// A name that no other catalog has, of the parts of a URL that say which it is: neither user nor password nor settings.
/// `None` if it names no database.
fn named_after(catalog_url: &str) -> Option<String> {
    let url = Url::parse(catalog_url).ok()?;
    let said = |names: &[&str]| {
        let pair = url.query_pairs().find(|(name, _)| names.contains(&name.as_ref()));
        pair.map(|(_, value)| value.into_owned())
    };
    let host = said(&["host", "hostaddr"]).or_else(|| url.host_str().map(str::to_owned)).unwrap_or_default();
    let port =
        said(&["port"]).or_else(|| url.port().map(|port| port.to_string())).unwrap_or_else(|| "5432".into());
    let database = said(&["dbname"]).unwrap_or_else(|| url.path().trim_start_matches('/').to_owned());
    if database.is_empty() {
        return None;
    }
    let host = host.to_lowercase();
    let plain = |text: &str| -> String {
        let letters = text.chars().map(|letter| {
            if letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_') { letter } else { '_' }
        });
        letters.take(60).collect()
    };
    // What was left out or cut off makes no two of them alike.
    let whole = format!("{host}\n{port}\n{database}");
    let digest = hex::encode(&Sha256::digest(whole.as_bytes())[..4]);
    Some(format!("reelproof-{}-{port}-{}-{digest}.log-key", plain(&host), plain(&database)).replace('/', "_"))
}

#[cfg(test)]
mod tests {
    use catalog::store::{OpenMode, open};

    use super::*;

    #[test]
    fn the_key_stands_beside_the_catalogs_file() {
        assert_eq!(default_name("sqlite://reelproof.db"), Path::new("reelproof.db.log-key"));
        assert_eq!(default_name("sqlite:///srv/r.db?mode=ro"), Path::new("/srv/r.db.log-key"));
        assert_eq!(default_name("sqlite::memory:"), Path::new(FORMER));
    }

    #[test]
    fn catalogs_on_servers_have_a_key_each_whose_name_tells_no_secret() {
        let name = |url: &str| default_name(url).to_str().unwrap().to_owned();
        let city = name("postgres://ann:s3cret@DB.example/city?sslmode=verify-full&password=s3cret");
        assert!(city.starts_with("reelproof-db.example-5432-city-") && city.ends_with(".log-key"), "{city}");
        assert!(!city.contains("s3cret") && !city.contains("ann"), "{city}");
        // Whoever signs in, and however it is written.
        assert_eq!(name("postgresql://bob@db.example:5432/city"), city);
        assert_eq!(name("postgres:///?host=db.example&dbname=city"), city);
        let others = [
            "postgres://db.example/town",
            "postgres://db2.example/city",
            "postgres://db.example:5433/city",
            "postgres://db.example/ci%2Fty",
            "postgres://db.example/ci%3Aty",
            "postgres://%2Fvar%2Frun/city",
            "postgres:///city?host=/var/run",
        ];
        let mut names: Vec<String> = others.map(name).to_vec();
        names.push(city);
        assert!(names.iter().all(|name| !name.contains('/') && name.len() < 200), "{names:?}");
        names.sort();
        names.dedup();
        assert_eq!(names.len(), others.len() + 1, "{names:?}");
        assert_eq!(name("postgres://db.example"), FORMER);
    }

    #[tokio::test]
    async fn a_setting_goes_before_the_default() {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/r.db", dir.path().display());
        let catalog = open(&url, OpenMode::Create).await.unwrap();
        let at = async |set| path(set, &url, catalog.as_ref()).await;
        assert_eq!(at(Some(Path::new("/etc/key"))).await, Path::new("/etc/key"));
        assert_eq!(at(None).await, dir.path().join("r.db.log-key"));
    }

    #[tokio::test]
    async fn a_key_with_the_former_name_is_used_by_the_catalog_whose_log_it_signs_and_by_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/r.db", dir.path().display());
        let catalog = open(&url, OpenMode::Create).await.unwrap();
        let ours = api::log::origin(&catalog.log_state().await.unwrap().log_id);
        let server = "postgres://db.example/city";
        let (own, former) = (dir.path().join(default_name(server)), dir.path().join(FORMER));
        let at = async || default_in(dir.path(), server, catalog.as_ref()).await;
        assert_eq!(at().await, own);
        for (name, expected) in [("reelproof/another", &own), (ours.as_str(), &former)] {
            LogSigner::create(&former, name).unwrap();
            assert_eq!(&at().await, expected, "{name}");
            std::fs::remove_file(&former).unwrap();
        }
        // Once it has a key of its own, that is the one.
        LogSigner::create(&former, &ours).unwrap();
        LogSigner::create(&own, &ours).unwrap();
        assert_eq!(at().await, own);
    }
}
