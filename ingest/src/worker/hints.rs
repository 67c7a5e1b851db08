//! Hints: somebody said that something happened to an object.
//!
//! A hint becomes a task to ask the store about one key, if that key lies in a store that the catalog knows; of everything
//! else nothing is asked, so nobody can have us look where they please. What the store then says is compared with the
//! catalog as in a listing.

use std::sync::Arc;

use async_trait::async_trait;
use catalog::store::{Catalog, StoreEntry};
use url::Url;
use work::events::Hint;
use work::{Kind, Queue, Reason, Task};

use super::figures::{Figures, add};
use crate::tasks::share;

/// Answers a worker's listener.
pub struct Desk {
    /// Knows the stores.
    pub catalog: Arc<dyn Catalog>,
    /// Takes what follows from hints.
    pub queue: Arc<dyn Queue>,
    /// What the worker counts.
    pub figures: Arc<Figures>,
    /// How many folders of a key name whose work it is.
    pub share_folders: usize,
}

impl Desk {
    async fn told(&self, hints: Vec<Hint>) -> Result<u64, String> {
        let stores = self.catalog.stores().await.map_err(|error| error.to_string())?;
        let told = hints.len();
        let tasks: Vec<Task> =
            hints.into_iter().filter_map(|hint| task(&stores, hint, self.share_folders)).collect();
        let known = tasks.len();
        add(&self.figures.hints, known as u64);
        add(&self.figures.strange_hints, (told - known) as u64);
        if known > 0 {
            self.queue.submit(tasks).await.map_err(|error| error.to_string())?;
        }
        Ok(known as u64)
    }
}

#[async_trait]
impl work::listener::Desk for Desk {
    async fn trouble(&self) -> Option<String> {
        if let Err(error) = self.queue.depth().await {
            return Some(error.to_string());
        }
        self.catalog.stores().await.err().map(|error| error.to_string())
    }

    async fn figures(&self) -> String {
        self.figures.text(&self.queue.depth().await.unwrap_or_default())
    }

    async fn hints(&self, hints: Vec<Hint>) -> Result<u64, String> {
        self.told(hints).await
    }
}

/// The task that a hint is; `None` if what it names is in no store.
fn task(stores: &[StoreEntry], hint: Hint, share_folders: usize) -> Option<Task> {
    let (store, object_key) = stores.iter().find_map(|store| {
        let key = key_within(&store.url, &hint)?;
        Some((store.url.clone(), key))
    })?;
    Some(Task {
        kind: Kind::Read,
        share: share(&store, &object_key, share_folders),
        store,
        object_key,
        listed: None,
        reason: Reason::Hint,
        beside: Vec::new(),
        mark: hint.mark.map(|mark| mark.chars().take(256).collect()),
    })
}

/// The key within the store of this URL; `None` if it lies in another.
fn key_within(url: &str, hint: &Hint) -> Option<String> {
    let url = Url::parse(url).ok()?;
    if url.scheme() == "file" || url.host_str() != Some(hint.bucket.as_str()) {
        return None;
    }
    let prefix = object_store::path::Path::from_url_path(url.path()).ok()?;
    // What no store lists is no key of ours.
    let key = object_store::path::Path::parse(&hint.key).ok()?;
    let key = if prefix.as_ref().is_empty() {
        key.as_ref().to_owned()
    } else {
        key.as_ref().strip_prefix(prefix.as_ref())?.strip_prefix('/')?.to_owned()
    };
    (!key.is_empty()).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within(url: &str, bucket: &str, key: &str) -> Option<String> {
        key_within(url, &Hint { bucket: bucket.into(), key: key.into(), mark: None })
    }

    #[test]
    fn a_hint_is_of_a_store_by_bucket_and_prefix() {
        assert_eq!(within("s3://evidence", "evidence", "2024/a.mp4").as_deref(), Some("2024/a.mp4"));
        assert_eq!(within("s3://evidence/jingan", "evidence", "jingan/a.mp4").as_deref(), Some("a.mp4"));
        assert_eq!(within("s3://evidence/%E9%9D%99", "evidence", "静/a.mp4").as_deref(), Some("a.mp4"));
    }

    #[test]
    fn what_lies_elsewhere_is_no_business_of_ours() {
        assert_eq!(within("s3://evidence/jingan", "evidence", "jingan-2/a.mp4"), None);
        assert_eq!(within("s3://evidence/jingan", "evidence", "jingan"), None);
        assert_eq!(within("s3://evidence", "other", "a.mp4"), None);
        assert_eq!(within("file:///evidence", "", "a.mp4"), None);
        for key in ["", "../a.mp4", "a//b", "./a"] {
            assert_eq!(within("s3://evidence", "evidence", key), None, "{key}");
        }
    }
}
