//! Where footage lies: a folder, or a bucket of an object store, with a prefix.
//!
//! The catalog names a store by its canonical URL, so `./evidence`, `evidence/` and
//! `file:///…/evidence` are one store, and keys mean the same whichever was typed.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::prefix::PrefixStore;
use object_store::{ClientOptions, ObjectStore, RetryConfig};
use url::Url;

use crate::reading::link::Link;

/// A store that can be listed and read.
#[derive(Debug, Clone)]
pub struct Location {
    /// Canonical URL without a slash at the end; what the catalog calls the store.
    pub url: String,
    /// Reads the objects; keys are relative to `url`.
    pub store: Arc<dyn ObjectStore>,
    /// What is known of the way to it.
    pub link: Arc<Link>,
}

/// One object of a location, as `probe` takes it.
#[derive(Debug, Clone)]
pub struct ObjectLocation {
    /// The store: the folder or bucket that the object lies in.
    pub location: Location,
    /// Key of the object within it.
    pub key: ObjectPath,
}

/// Why a location cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LocationError {
    /// It is neither a path nor a URL of a known kind.
    #[error(
        "`{given}` is no store: give a folder, file:///folder, s3://bucket/prefix, az://container/prefix or gs://bucket/prefix"
    )]
    Unknown {
        /// What was given.
        given: String,
    },
    /// The folder is not there.
    #[error("there is no folder {path}: check the path ({source})")]
    NoFolder {
        /// The folder.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not there.
    #[error("there is no file {path}: check the path ({source})")]
    NoFile {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is a file.
    #[error("{path} is a file: give the folder it lies in, or look at this one file with `reelproof probe`")]
    IsFile {
        /// The file.
        path: String,
    },
    /// It is a folder, and one object was asked for.
    #[error("{path} is a folder: give one file, or take in the whole folder with `reelproof ingest`")]
    IsFolder {
        /// The folder.
        path: String,
    },
    /// The store's settings do not do.
    #[error("{url}: {source}; credentials and endpoint come from the environment (AWS_*, AZURE_*, GOOGLE_*)")]
    Settings {
        /// The URL.
        url: String,
        /// What the client said.
        source: object_store::Error,
    },
}

impl Location {
    /// Opens what `given` names: a path or a URL. A folder must exist; a bucket is not asked yet.
    ///
    /// # Errors
    /// [`LocationError`] says what is wrong and what to give instead.
    pub fn open(given: &str) -> Result<Self, LocationError> {
        match remote_url(given) {
            Some(url) => Self::bucket(&url),
            None => Self::folder(&local_path(given)?),
        }
    }

    fn folder(path: &Path) -> Result<Self, LocationError> {
        let no_folder = |source| LocationError::NoFolder { path: path.display().to_string(), source };
        let canonical = path.canonicalize().map_err(no_folder)?;
        if !canonical.is_dir() {
            return Err(LocationError::IsFile { path: path.display().to_string() });
        }
        let unknown = || LocationError::Unknown { given: path.display().to_string() };
        let url = Url::from_directory_path(&canonical).map_err(|()| unknown())?;
        let url = url.as_str().trim_end_matches('/').to_owned();
        let store = LocalFileSystem::new_with_prefix(&canonical)
            .map_err(|source| LocationError::Settings { url: url.clone(), source })?;
        Ok(Self { url, store: Arc::new(store), link: Arc::default() })
    }

    /// Whether it is a folder of this machine.
    pub fn is_local(&self) -> bool {
        self.url.starts_with("file:")
    }

    fn bucket(url: &Url) -> Result<Self, LocationError> {
        let settings = |source| LocationError::Settings { url: url.to_string(), source };
        // Fails within half a minute where nobody answers, so that a person learns of it.
        let retry =
            RetryConfig { max_retries: 5, retry_timeout: Duration::from_secs(30), ..RetryConfig::default() };
        let client = ClientOptions::new()
            .with_connect_timeout(Duration::from_secs(5))
            .with_timeout_disabled()
            // A link on which nothing comes any more is taken for broken, and the rest is asked for anew.
            .with_read_timeout(Duration::from_mins(1))
            .with_allow_http(true);
        let text = url.as_str();
        let store: Arc<dyn ObjectStore> = match url.scheme() {
            "s3" => Arc::new(
                AmazonS3Builder::from_env()
                    .with_url(text)
                    .with_retry(retry)
                    .with_client_options(client)
                    .build()
                    .map_err(settings)?,
            ),
            "az" | "abfs" => Arc::new(
                MicrosoftAzureBuilder::from_env()
                    .with_url(text)
                    .with_retry(retry)
                    .with_client_options(client)
                    .build()
                    .map_err(settings)?,
            ),
            _ => Arc::new(
                GoogleCloudStorageBuilder::from_env()
                    .with_url(text)
                    .with_retry(retry)
                    .with_client_options(client)
                    .build()
                    .map_err(settings)?,
            ),
        };
        let prefix = ObjectPath::from_url_path(url.path())
            .map_err(|_| LocationError::Unknown { given: url.to_string() })?;
        let store: Arc<dyn ObjectStore> =
            if prefix.as_ref().is_empty() { store } else { Arc::new(PrefixStore::new(store, prefix)) };
        Ok(Self { url: text.trim_end_matches('/').to_owned(), store, link: Arc::default() })
    }
}

impl ObjectLocation {
    /// Opens one object: a file, or a URL whose last part is the object's name.
    ///
    /// # Errors
    /// [`LocationError`] says what is wrong and what to give instead.
    pub fn open(given: &str) -> Result<Self, LocationError> {
        let unknown = || LocationError::Unknown { given: given.to_owned() };
        if let Some(mut url) = remote_url(given) {
            let path = url.path().trim_end_matches('/').to_owned();
            let (folder, name) = path.rsplit_once('/').ok_or_else(unknown)?;
            if name.is_empty() {
                return Err(unknown());
            }
            url.set_path(folder);
            let key = ObjectPath::from_url_path(name).map_err(|_| unknown())?;
            return Ok(Self { location: Location::bucket(&url)?, key });
        }
        let path = local_path(given)?;
        let no_file = |source| LocationError::NoFile { path: path.display().to_string(), source };
        let canonical = path.canonicalize().map_err(no_file)?;
        if canonical.is_dir() {
            return Err(LocationError::IsFolder { path: given.to_owned() });
        }
        let folder = canonical.parent().ok_or_else(unknown)?;
        let name = canonical.file_name().and_then(|name| name.to_str()).ok_or_else(unknown)?;
        // `parse` takes the name as it is; `from` would write Chinese characters as escapes.
        let key = ObjectPath::parse(name).map_err(|_| unknown())?;
        Ok(Self { location: Location::folder(folder)?, key })
    }
}

/// A URL of a bucket, if that is what was given. Of schemes that mean the same, one is written: under two, a bucket would be two
/// stores, and all that is in it there twice.
fn remote_url(given: &str) -> Option<Url> {
    let mut url = Url::parse(given).ok()?;
    let scheme = match url.scheme() {
        "s3" | "s3a" => "s3",
        "az" | "azure" => "az",
        "abfs" | "abfss" => "abfs",
        "gs" => "gs",
        _ => return None,
    };
    url.set_scheme(scheme).ok()?;
    Some(url).filter(Url::has_host)
}

/// The path that was given, as such or as `file://` URL.
fn local_path(given: &str) -> Result<std::path::PathBuf, LocationError> {
    let unknown = || LocationError::Unknown { given: given.to_owned() };
    if given.is_empty() {
        return Err(unknown());
    }
    if !given.contains("://") {
        return Ok(given.into());
    }
    let url = Url::parse(given).map_err(|_| unknown())?;
    if url.scheme() != "file" {
        return Err(unknown());
    }
    url.to_file_path().map_err(|()| unknown())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_folder_has_one_url_however_it_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("证据 2024");
        std::fs::create_dir(&folder).unwrap();
        let path = folder.to_str().unwrap();
        let url = Location::open(path).unwrap().url;
        assert!(url.starts_with("file:///") && !url.ends_with('/'));
        for given in [format!("{path}/"), format!("{path}/../证据 2024"), url.clone(), format!("{url}/")] {
            assert_eq!(Location::open(&given).unwrap().url, url, "{given}");
        }
    }

    #[test]
    fn one_bucket_has_one_url_however_its_scheme_is_called() {
        for (given, url) in [
            ("s3a://evidence/2024/", "s3://evidence/2024"),
            ("azure://evidence", "az://evidence"),
            ("abfss://evidence@account.dfs.core.windows.net", "abfs://evidence@account.dfs.core.windows.net"),
        ] {
            assert_eq!(remote_url(given).unwrap().as_str().trim_end_matches('/'), url);
        }
    }

    #[test]
    fn what_is_no_store_is_refused_with_what_is() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.mp4");
        std::fs::write(&file, b"x").unwrap();
        let message = |given: &str| Location::open(given).unwrap_err().to_string();
        assert!(message(file.to_str().unwrap()).contains("reelproof probe"));
        assert!(message("/no/such/folder").contains("check the path"));
        for given in ["ftp://host/x", "", "s3://", "http://host/x"] {
            assert!(message(given).contains("s3://bucket/prefix"), "{given}: {}", message(given));
        }
    }

    #[test]
    fn an_object_is_its_folder_and_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("现场 1.mp4");
        std::fs::write(&file, b"x").unwrap();
        let object = ObjectLocation::open(file.to_str().unwrap()).unwrap();
        assert_eq!(object.key.to_string(), "现场 1.mp4");
        assert!(matches!(
            ObjectLocation::open(dir.path().to_str().unwrap()),
            Err(LocationError::IsFolder { .. })
        ));
    }
}
