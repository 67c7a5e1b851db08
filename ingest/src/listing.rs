//! Listing a store.

use std::collections::BTreeMap;

use futures::{StreamExt as _, TryStreamExt as _};
use object_store::path::Path as ObjectPath;
use object_store::{ObjectMeta, Result as StoreResult};
use tokio::sync::oneshot::{self, error::RecvError};

use crate::location::Location;
use crate::run::{Progress, RunError, Show};
use crate::summary::{Failed, Summary};

/// Lists a store. What cannot be listed is told and makes the listing incomplete; a store that gives nothing but an error
/// is unreachable.
pub(crate) async fn list(
    location: &Location,
    prefix: Option<&ObjectPath>,
    summary: &mut Summary,
    progress: &Show<'_>,
) -> Result<Vec<ObjectMeta>, RunError> {
    let unreachable = |source| RunError::Unreachable { url: location.url.clone(), source };
    // By key, so that a store that lists an object twice does not have it read twice.
    let mut objects = BTreeMap::new();
    let mut take = |next: StoreResult<ObjectMeta>| {
        let error = match next {
            Ok(meta) => {
                objects.insert(meta.location.clone(), meta);
                return Ok(());
            }
            Err(error) if objects.is_empty() && !location.is_local() => return Err(unreachable(error)),
            Err(object_store::Error::InvalidPath { source }) => {
                format!(
                    "{source}: this name cannot be a key; rename it in UTF-8, and the same command takes it in"
                )
            }
            Err(error) => error.to_string(),
        };
        progress(Progress::NotListed(&error));
        summary.failures.push(Failed { object_key: location.url.clone(), error });
        Ok(())
    };
    if location.is_local() {
        folder(location, prefix).await.into_iter().try_for_each(&mut take)?;
    } else {
        let mut listing = location.store.list(prefix).into_stream();
        while let Some(next) = listing.next().await {
            take(next)?;
        }
    }
    Ok(objects.into_values().collect())
}

/// Everything below a folder, and what could not be listed of it.
///
/// On a thread of the runtime, `LocalFileSystem` lists up to the first error and no further. On one that knows of no runtime
/// it goes on.
async fn folder(location: &Location, prefix: Option<&ObjectPath>) -> Vec<StoreResult<ObjectMeta>> {
    let (store, prefix) = (location.store.clone(), prefix.cloned());
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || {
        // Nobody listens any more if the run was given up.
        let _ = tell.send(futures::executor::block_on(store.list(prefix.as_ref()).collect()));
    });
    // A listing that is cut off is not to be taken for one of an empty folder.
    let cut_off = |error: RecvError| object_store::Error::Generic { store: "folder", source: error.into() };
    told.await.unwrap_or_else(|error| vec![Err(cut_off(error))])
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    use super::*;

    #[tokio::test]
    async fn what_cannot_be_listed_is_told_and_keeps_nothing_else_from_being_listed() {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["d1", "d2", "d3"] {
            std::fs::create_dir(dir.path().join(folder)).unwrap();
            std::fs::write(dir.path().join(folder).join("视频.mp4"), b"x").unwrap();
        }
        // 视 in GB18030.
        for (folder, name) in [("d1", &b"\xca\xd3.mp4"[..]), ("d2", &b"\xca\xd3"[..])] {
            std::fs::write(dir.path().join(folder).join(OsStr::from_bytes(name)), b"x").unwrap();
        }
        let location = Location::open(dir.path().to_str().unwrap()).unwrap();
        let mut summary = Summary::default();
        let listed = list(&location, None, &mut summary, &|_| {}).await.unwrap();
        let keys: Vec<&str> = listed.iter().map(|meta| meta.location.as_ref()).collect();
        assert_eq!(keys, ["d1/视频.mp4", "d2/视频.mp4", "d3/视频.mp4"]);
        let told: Vec<_> = summary.failures.iter().map(|failed| failed.error.as_str()).collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told.iter().all(|told| told.contains("rename it") && told.contains("%CA%D3")), "{told:?}");
    }
}
