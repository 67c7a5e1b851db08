//! How the service has previews and stills made: in sandboxed children of its own, into a folder of its own.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use api::derivatives::cache::Cache;
use api::derivatives::{Derivatives, Maker, Original, Unmade};
use catalog::derivative::{DeriveRequest, Derived};
use ingest::child::{ChildCommand, ChildLimits, ChildPool, PoolOptions};
use ingest::derive::{DeriveError, derive_version};
use ingest::plan::signature;
use ingest::reading::ReadError;
use object_store::ObjectStoreExt as _;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::context::Context;

/// Bytes that are kept if nobody says: 10 GiB.
const CACHE_BYTES: u64 = 10 << 30;

/// What a child may use that encodes: pictures of 4K in both directions fit in, and hours of processor time.
const LIMITS: ChildLimits = ChildLimits { memory_bytes: 3 << 30, cpu_s: 6 * 3600 };

/// Has derivatives made in children.
struct InChildren {
    pool: ChildPool,
    handle: Handle,
}

/// The derivatives of a service with these settings. Where they cannot be made, the person is told why, and the service
/// does without.
pub(crate) fn derivatives(context: &Context) -> Derivatives {
    let settings = &context.settings.serve;
    // One leaves the others of the machine to those who look at pages.
    let at_once = settings.previews_at_once.unwrap_or(1);
    if at_once == 0 {
        return Derivatives::none();
    }
    let without = |why: &dyn std::fmt::Display| {
        context.say(&format!(
            "{} {why}",
            context.tr("注意：无法生成录像预览：", "warning: previews of footage will not be made:")
        ));
        Derivatives::none()
    };
    let command = match ChildCommand::find(context.settings.ingest.media_program.as_deref()) {
        Ok(command) => command,
        Err(error) => return without(&error),
    };
    let folder = settings.preview_cache.clone().unwrap_or_else(|| beside(&context.catalog_url));
    let cache = match Cache::open(&folder, settings.preview_cache_bytes.unwrap_or(CACHE_BYTES)) {
        Ok(cache) => cache,
        Err(error) => {
            let folder = folder.display();
            return without(&format!("{folder}: {error}; see the setting serve.preview_cache"));
        }
    };
    let options = PoolOptions { limits: LIMITS, objects_per_child: 1, ..PoolOptions::new(command, at_once) };
    let maker = InChildren { pool: ChildPool::new(options), handle: Handle::current() };
    Derivatives::new(Arc::new(maker), cache, at_once)
}

/// The folder beside the catalog's file; in the working folder where the catalog is no file.
fn beside(catalog_url: &str) -> PathBuf {
    let file = catalog_url.strip_prefix("sqlite://").unwrap_or_default();
    let file = file.split('?').next().unwrap_or_default();
    Path::new(file).with_file_name("reelproof-previews")
}

impl Maker for InChildren {
    fn make(
        &self,
        original: &Original,
        request: &DeriveRequest,
        out: &File,
        max_bytes: u64,
    ) -> Result<Derived, Unmade> {
        let Original { store, key, signature: known } = original;
        let meta = match self.handle.block_on(store.head(key)) {
            Ok(meta) => meta,
            Err(object_store::Error::NotFound { .. }) => return Err(Unmade::Gone),
            Err(error) => return Err(Unmade::Ours(error.to_string())),
        };
        // What is made says of which bytes it is, so it must not be made of others.
        if signature(&meta) != *known {
            return Err(Unmade::Changed);
        }
        let cancel = CancellationToken::new();
        match derive_version(store, &meta, &self.pool, &self.handle, request, out, max_bytes, &cancel) {
            Ok(Ok(derived)) => Ok(derived),
            Ok(Err(end)) => Err(Unmade::Footage(end.to_string())),
            Err(DeriveError::Read(ReadError::Changed { .. })) => Err(Unmade::Changed),
            Err(DeriveError::Read(ReadError::Vanished { .. })) => Err(Unmade::Gone),
            Err(error) => Err(Unmade::Ours(error.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_lies_beside_the_catalog() {
        assert_eq!(beside("sqlite:///srv/r/reelproof.db"), Path::new("/srv/r/reelproof-previews"));
        assert_eq!(beside("sqlite://reelproof.db?mode=rw"), Path::new("reelproof-previews"));
        assert_eq!(beside("postgres://host/db"), Path::new("reelproof-previews"));
    }
}
