//! Writing a bundle: payload, originals, and the lists of both with their digests.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use futures::TryStreamExt as _;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, ObjectStoreExt as _};
use sha2::{Digest, Sha256};

use super::{Bundle, BundleError, BundledObject};
use crate::footage::Footage;
use crate::log::LogError;

/// Writes a bundle into a folder that is not there yet; with `originals`, the objects are copied in from their stores.
/// The folder gets its name once it is whole.
pub async fn write(bundle: Bundle, to: &Path, originals: Option<&Footage>) -> Result<(), BundleError> {
    if to.exists() {
        return Err(BundleError::Exists(to.display().to_string()));
    }
    let mut name = to.as_os_str().to_owned();
    name.push(format!(".{}.partial", std::process::id()));
    let partial = PathBuf::from(name);
    let written = fill(bundle, &partial, originals).await;
    let done = match written {
        Ok(()) => std::fs::rename(&partial, to).map_err(|error| failed(to, error)),
        Err(error) => Err(error),
    };
    if done.is_err() {
        // What failed is said; what is left of it is of no use to anybody.
        let _ = std::fs::remove_dir_all(&partial);
    }
    done
}

fn failed(path: &Path, error: std::io::Error) -> BundleError {
    LogError::file(path, error).into()
}

/// Writes files below a folder and remembers their digests.
struct Bag<'a> {
    dir: &'a Path,
    listed: BTreeMap<String, String>,
    payload_bytes: u64,
}

impl Bag<'_> {
    fn create(&self, name: &str) -> Result<File, BundleError> {
        let path = self.dir.join(name);
        let made =
            path.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| File::create_new(&path));
        made.map_err(|error| failed(&path, error))
    }

    fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), BundleError> {
        let mut file = self.create(name)?;
        file.write_all(bytes).map_err(|error| failed(&self.dir.join(name), error))?;
        self.listed.insert(name.to_owned(), hex::encode(Sha256::digest(bytes)));
        self.payload_bytes += bytes.len() as u64;
        Ok(())
    }

    /// Copies an object in, digesting it on the way.
    async fn add_original(
        &mut self,
        name: &str,
        store: &dyn ObjectStore,
        object: &BundledObject,
    ) -> Result<(), BundleError> {
        let wrong = |reason: String| BundleError::Original { object_key: object.object_key.clone(), reason };
        let key = ObjectPath::parse(&object.object_key).map_err(|error| wrong(error.to_string()))?;
        let got = store.get(&key).await.map_err(|error| wrong(error.to_string()))?;
        let mut stream = got.into_stream();
        let mut file = self.create(name)?;
        let mut digest = Sha256::new();
        let mut size_bytes = 0_u64;
        while let Some(bytes) = stream.try_next().await.map_err(|error| wrong(error.to_string()))? {
            digest.update(&bytes);
            size_bytes += bytes.len() as u64;
            file.write_all(&bytes).map_err(|error| failed(&self.dir.join(name), error))?;
        }
        let sha256 = hex::encode(digest.finalize());
        if sha256 != object.sha256 {
            let said = &object.sha256;
            return Err(wrong(format!("SHA-256 {said} was recorded, and {sha256} is there")));
        }
        self.listed.insert(name.to_owned(), sha256);
        self.payload_bytes += size_bytes;
        Ok(())
    }

    fn manifest(&self) -> String {
        self.listed.iter().map(|(name, sha256)| format!("{sha256}  {}\n", escaped(name))).collect()
    }
}

/// A path as manifests write it.
fn escaped(name: &str) -> String {
    name.replace('%', "%25").replace('\n', "%0A").replace('\r', "%0D")
}

/// A key as the path of a file: nothing in it leads out of the folder.
fn file_name(object: &BundledObject, number: usize) -> String {
    let last = object.object_key.rsplit('/').next().unwrap_or_default();
    let plain: String = last
        .chars()
        .map(|one| if one.is_alphanumeric() || matches!(one, '.' | '-' | '_') { one } else { '_' })
        .collect();
    format!("data/originals/{number:04}-{plain}")
}

async fn fill(mut bundle: Bundle, dir: &Path, originals: Option<&Footage>) -> Result<(), BundleError> {
    let mut payload = Bag { dir, listed: BTreeMap::new(), payload_bytes: 0 };
    for (name, bytes) in &bundle.files {
        payload.add(&format!("data/{name}"), bytes)?;
    }
    if let Some(footage) = originals {
        for (number, object) in (1..).zip(&mut bundle.description.objects) {
            let wrong =
                |reason: String| BundleError::Original { object_key: object.object_key.clone(), reason };
            let store = footage.store(&object.store).map_err(wrong)?.store;
            let name = file_name(object, number);
            payload.add_original(&name, store.as_ref(), object).await?;
            object.file = Some(name);
        }
    }
    let description = serde_json::to_vec_pretty(&bundle.description)
        .map_err(|error| failed(dir, std::io::Error::other(error)))?;
    payload.add("data/bundle.json", &description)?;
    let oxum = format!("{}.{}", payload.payload_bytes, payload.listed.len());
    let made = bundle.description.made_at.to_string();
    let date = made.get(..10).unwrap_or(&made);
    let info = format!(
        "Bag-Software-Agent: reelproof {}\nBagging-Date: {date}\nExternal-Identifier: {} {}\nPayload-Oxum: {oxum}\n",
        env!("CARGO_PKG_VERSION"),
        bundle.description.kind,
        bundle.description.id.replace(['\n', '\r'], " "),
    );
    let manifest = payload.manifest();
    let mut tags = Bag { dir, listed: BTreeMap::new(), payload_bytes: 0 };
    tags.add("bagit.txt", b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")?;
    tags.add("bag-info.txt", info.as_bytes())?;
    tags.add("manifest-sha256.txt", manifest.as_bytes())?;
    let tagmanifest = tags.manifest();
    tags.add("tagmanifest-sha256.txt", tagmanifest.as_bytes())
}
