//! Checking a bundle without a catalog: its files against its lists, its rows against the log, its objects against both.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::Description;
use crate::log::LogError;
use crate::log::note::VerifierKey;
use crate::log::proof::{self, ProofFault, ProofFile, ProofReport};

/// Bytes that are read at once.
const BLOCK: usize = 1 << 16;

/// Every file below a folder, by its path with slashes.
pub(super) fn files_below(dir: &Path) -> Result<BTreeMap<String, PathBuf>, LogError> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        let failed = |error| LogError::file(&folder, error);
        for entry in std::fs::read_dir(&folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let below = path.strip_prefix(dir).unwrap_or(&path);
            let parts: Vec<_> = below.components().map(|part| part.as_os_str().to_string_lossy()).collect();
            found.insert(parts.join("/"), path);
        }
    }
    Ok(found)
}

fn sha256_of(path: &Path) -> Result<String, LogError> {
    let failed = |error| LogError::file(path, error);
    let mut file = File::open(path).map_err(failed)?;
    let mut digest = Sha256::new();
    let mut block = vec![0; BLOCK];
    loop {
        let read = file.read(&mut block).map_err(failed)?;
        if read == 0 {
            return Ok(hex::encode(digest.finalize()));
        }
        digest.update(&block[..read]);
    }
}

fn text_of(files: &BTreeMap<String, PathBuf>, name: &str) -> Option<String> {
    std::fs::read_to_string(files.get(name)?).ok()
}

/// Paths and digests of a manifest.
fn manifest(text: Option<String>) -> BTreeMap<String, String> {
    let text = text.unwrap_or_default();
    text.lines()
        .filter_map(|line| line.split_once("  "))
        .map(|(sha256, name)| {
            let name = name.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%");
            (name, sha256.to_owned())
        })
        .collect()
}

/// Checks a bundle. `believed` is the log's first key, where it is known from elsewhere.
pub fn check(dir: &Path, believed: Option<&VerifierKey>) -> Result<ProofReport, LogError> {
    let files = files_below(dir)?;
    let mut faults = Vec::new();
    if !text_of(&files, "bagit.txt").is_some_and(|text| text.starts_with("BagIt-Version: ")) {
        faults.push(ProofFault::new("form", "bagit.txt"));
    }
    let payload = manifest(text_of(&files, "manifest-sha256.txt"));
    let tags = manifest(text_of(&files, "tagmanifest-sha256.txt"));
    let mut digests: BTreeMap<&str, String> = BTreeMap::new();
    for listed in [&payload, &tags] {
        for (name, said) in listed {
            let Some(path) = files.get(name) else {
                faults.push(ProofFault::new("file_missing", name));
                continue;
            };
            let found = sha256_of(path)?;
            if found != *said {
                faults.push(ProofFault::new("file_altered", name));
            }
            digests.insert(name, found);
        }
    }
    for name in files.keys() {
        if !payload.contains_key(name) && !tags.contains_key(name) && name != "tagmanifest-sha256.txt" {
            faults.push(ProofFault::new("file_added", name));
        }
    }
    let proofs: Option<ProofFile> =
        text_of(&files, "data/log/proofs.json").and_then(|text| serde_json::from_str(&text).ok());
    let described: Option<Description> =
        text_of(&files, "data/bundle.json").and_then(|text| serde_json::from_str(&text).ok());
    let (Some(proofs), Some(described)) = (proofs, described) else {
        faults.push(ProofFault::new("form", "data/log/proofs.json"));
        return Ok(ProofReport { origin: None, size: None, at: None, key: None, entries: 0, faults });
    };
    let mut report = proof::check(&proofs, believed);
    faults.append(&mut report.faults);
    let logged = logged_objects(&proofs);
    for object in &described.objects {
        let said = (object.object_key.clone(), object.version, object.sha256.clone());
        let original = object.file.as_deref().and_then(|file| digests.get(file));
        if !logged.contains(&said) || original.is_some_and(|found| *found != object.sha256) {
            faults.push(ProofFault::new("disagrees", &object.object_key));
        }
    }
    Ok(ProofReport { faults, ..report })
}

/// What the log says of objects: key, version, digest.
fn logged_objects(proofs: &ProofFile) -> BTreeSet<(String, u32, String)> {
    #[derive(Deserialize)]
    struct Record {
        kind: String,
    }
    #[derive(Deserialize)]
    struct Row {
        object_key: String,
        version: u32,
        sha256: String,
    }
    let mut logged = BTreeSet::new();
    for entry in &proofs.entries {
        let is_observation =
            serde_json::from_str::<Record>(&entry.record).is_ok_and(|record| record.kind == "observation");
        let row = entry.row.as_ref().and_then(|row| serde_json::from_str::<Row>(&row.content).ok());
        if let Some(row) = row.filter(|_| is_observation) {
            logged.insert((row.object_key, row.version, row.sha256));
        }
    }
    logged
}
