//! Footage as it is stored: which bytes a request asks for ([`range`]), and bringing them from the object store to the
//! socket, no faster than the socket takes them ([`body`]).
//!
//! Nothing is copied to a disk of ours and nothing is changed on the way: what is served are the bytes of the store.

pub mod body;
mod buffer;
mod folder;
pub mod range;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use object_store::local::LocalFileSystem;
use object_store::{ObjectMeta, ObjectStore};
use sha2::{Digest as _, Sha256};

/// Opens the stores that the catalog names; the command line knows how.
pub trait Stores: Send + Sync {
    /// The store of this URL.
    ///
    /// # Errors
    /// Says why it cannot be opened; for the log.
    fn open(&self, url: &str) -> Result<Arc<dyn ObjectStore>, String>;
}

/// The stores, each opened once.
#[derive(Clone)]
pub struct Footage {
    stores: Arc<dyn Stores>,
    opened: Arc<Mutex<HashMap<String, Opened>>>,
}

/// A store that was opened.
#[derive(Clone)]
pub struct Opened {
    /// Itself.
    pub store: Arc<dyn ObjectStore>,
    /// The folder that it is, if it is one.
    folder: Option<LocalFileSystem>,
}

impl Footage {
    /// Footage of these stores.
    pub fn new(stores: Arc<dyn Stores>) -> Self {
        Self { stores, opened: Arc::default() }
    }

    /// The store of this URL.
    ///
    /// # Errors
    /// Says why it cannot be opened; for the log.
    pub fn store(&self, url: &str) -> Result<Opened, String> {
        // A table of stores is whole whatever a thread that held it did.
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = opened.get(url) {
            return Ok(store.clone());
        }
        let store = Opened { store: self.stores.open(url)?, folder: folder::of_url(url) };
        opened.insert(url.to_owned(), store.clone());
        Ok(store)
    }
}

/// What tells one state of an object from another, as a strong entity tag: of size, time of change and the store's own
/// tag. It is no digest of the bytes; that stands in the catalog.
pub fn entity_tag(meta: &ObjectMeta) -> String {
    let mut digest = Sha256::new();
    digest.update(meta.size.to_be_bytes());
    digest.update(meta.last_modified.timestamp_micros().to_be_bytes());
    digest.update(meta.e_tag.as_deref().unwrap_or_default().as_bytes());
    digest.update([0]);
    digest.update(meta.version.as_deref().unwrap_or_default().as_bytes());
    format!("\"{}\"", &hex::encode(digest.finalize())[..32])
}

/// The media type that the end of a key stands for.
pub fn media_type(object_key: &str) -> &'static str {
    let ending = object_key.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    match ending.as_deref() {
        Some("mp4" | "m4v") => "video/mp4",
        Some("mov") => "video/quicktime",
        Some("mkv") => "video/x-matroska",
        Some("webm") => "video/webm",
        Some("ts" | "mts" | "m2ts") => "video/mp2t",
        Some("avi") => "video/x-msvideo",
        Some("mp3") => "audio/mpeg",
        Some("wav") => "audio/wav",
        Some("aac") => "audio/aac",
        // Whatever stands in it, it is not shown as a page.
        _ => "application/octet-stream",
    }
}
