#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::sync::Arc;

use catalog::import::Import;
use catalog::store::{ImportOrigin, OpenMode, open};
use catalog::unit::{Unit, UnitKind};
use tempfile::TempDir;

use super::audit::{Fault, audit};
use super::note::verify;
use super::proof::{check, consistency, leaf, prove};
use super::*;

fn at(text: &str) -> WallTime {
    WallTime::parse(text).unwrap()
}

async fn catalog_in(dir: &TempDir, name: &str) -> Arc<dyn Catalog> {
    open(&format!("sqlite://{}/{name}.db", dir.path().display()), OpenMode::Create).await.unwrap()
}

async fn add_units(catalog: &dyn Catalog, first: u32, count: u32) {
    let unit = |number: u32| Unit {
        code: format!("u{number}"),
        name: format!("第{number}中队"),
        kind: UnitKind::Squad,
        parent: None,
    };
    let import = Import::Units((first..first + count).map(unit).collect());
    let origin = ImportOrigin { file_name: "units.csv", sha256: &"00".repeat(32), absent: &[] };
    catalog.import(&import, &origin, at("2024-05-02T08:00:00+08:00")).await.unwrap();
}

const NOON: &str = "2024-06-03T12:00:00+08:00";

async fn signed(catalog: &dyn Catalog, path: &Path) -> CheckpointEntry {
    let signer = key(catalog, path).await.unwrap();
    checkpoint(catalog, &signer, at(NOON)).await.unwrap()
}

#[tokio::test]
async fn a_key_is_made_once_and_nobody_else_may_read_it() {
    let dir = TempDir::new().unwrap();
    let catalog = catalog_in(&dir, "a").await;
    let path = dir.path().join("log-key");
    let made = key(catalog.as_ref(), &path).await.unwrap();
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&path).unwrap());
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(key(catalog.as_ref(), &path).await.unwrap().verifier(), made.verifier());
}

#[tokio::test]
async fn a_root_is_signed_once_and_the_next_one_when_the_log_has_grown() {
    let dir = TempDir::new().unwrap();
    let catalog = catalog_in(&dir, "a").await;
    let path = dir.path().join("log-key");
    let first = signed(catalog.as_ref(), &path).await;
    assert_eq!(signed(catalog.as_ref(), &path).await, first);
    add_units(catalog.as_ref(), 1, 3).await;
    let second = signed(catalog.as_ref(), &path).await;
    assert_eq!(second.size, first.size + 4);
    let verifier = key(catalog.as_ref(), &path).await.unwrap().verifier();
    let text = verify(&second.note, &[&verifier]).unwrap();
    let checkpoint: Checkpoint = text.parse().unwrap();
    assert_eq!((checkpoint.size, checkpoint.root, checkpoint.at), (second.size, second.root, Some(at(NOON))));
    assert!(audit(catalog.as_ref(), &[], None).await.unwrap().holds());
    let proof = consistency(catalog.as_ref(), first.size, second.size).await.unwrap();
    assert!(proof.holds() && proof.from_root == first.root && proof.to_root == second.root);
    assert!(matches!(
        consistency(catalog.as_ref(), 1, second.size + 1).await,
        Err(LogError::NoSuchSizes { .. })
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_sign_while_the_log_grows_do_not_suspect_each_other() {
    let dir = TempDir::new().unwrap();
    let catalog = catalog_in(&dir, "a").await;
    let path = dir.path().join("log-key");
    key(catalog.as_ref(), &path).await.unwrap();
    let signing = (0..8).map(|one| {
        let (catalog, path) = (Arc::clone(&catalog), path.clone());
        tokio::spawn(async move {
            for turn in 0..6 {
                add_units(catalog.as_ref(), one * 100 + turn, 1).await;
                signed(catalog.as_ref(), &path).await;
            }
        })
    });
    for one in signing.collect::<Vec<_>>() {
        one.await.unwrap();
    }
    assert!(audit(catalog.as_ref(), &[], None).await.unwrap().holds());
    let last = catalog.last_checkpoint().await.unwrap().unwrap();
    assert_eq!(last.size, catalog.log_state().await.unwrap().size);
    let remembered = key(catalog.as_ref(), &path).await.unwrap().remembered().unwrap();
    assert_eq!(remembered, Some(last.note));
}

#[tokio::test]
async fn a_catalog_that_was_put_back_gets_no_signature_and_is_named() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("log-key");
    let earlier = catalog_in(&dir, "a").await;
    signed(earlier.as_ref(), &path).await;
    drop(earlier);
    // What was written last may still stand in the log of writes beside the file.
    for ending in ["", "-wal"] {
        let [db, copy] = ["a.db", "copy.db"].map(|name| dir.path().join(format!("{name}{ending}")));
        if db.exists() {
            std::fs::copy(&db, &copy).unwrap();
        }
    }
    let later = catalog_in(&dir, "a").await;
    add_units(later.as_ref(), 1, 3).await;
    let seen = signed(later.as_ref(), &path).await;

    let put_back = catalog_in(&dir, "copy").await;
    let signer = key(put_back.as_ref(), &path).await.unwrap();
    let refused = checkpoint(put_back.as_ref(), &signer, at(NOON)).await.unwrap_err();
    assert!(matches!(refused, LogError::Forked(_)), "{refused}");
    let cut = audit(put_back.as_ref(), std::slice::from_ref(&seen.note), None).await.unwrap();
    assert_eq!(cut.faults.iter().map(|fault| fault.code).collect::<Vec<_>>(), [Fault::CutShort]);

    // Written on from there, it is long enough and another history.
    add_units(put_back.as_ref(), 7, 5).await;
    let refused = checkpoint(put_back.as_ref(), &signer, at(NOON)).await.unwrap_err();
    assert!(matches!(refused, LogError::Forked(_)), "{refused}");
    let forked = audit(put_back.as_ref(), &[seen.note], None).await.unwrap();
    assert_eq!(forked.faults.iter().map(|fault| fault.code).collect::<Vec<_>>(), [Fault::Forked]);
}

#[tokio::test]
async fn a_log_that_was_begun_anew_is_named_and_the_old_key_does_not_sign_it() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("log-key");
    let old = signed(catalog_in(&dir, "a").await.as_ref(), &path).await;
    let anew = catalog_in(&dir, "b").await;
    assert!(matches!(key(anew.as_ref(), &path).await, Err(LogError::Key { .. })));
    let found = audit(anew.as_ref(), &[old.note], None).await.unwrap();
    assert_eq!(found.faults.iter().map(|fault| fault.code).collect::<Vec<_>>(), [Fault::Reset]);
}

#[tokio::test]
async fn a_key_follows_another_with_both_stated() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("log-key");
    let catalog = catalog_in(&dir, "a").await;
    let before = signed(catalog.as_ref(), &path).await;
    let first = key(catalog.as_ref(), &path).await.unwrap().verifier();
    let entry = rotate(catalog.as_ref(), &path, at(NOON)).await.unwrap();
    add_units(catalog.as_ref(), 1, 2).await;
    let after = signed(catalog.as_ref(), &path).await;
    let second = key(catalog.as_ref(), &path).await.unwrap().verifier();
    assert_ne!(first, second);
    assert!(verify(&before.note, &[&first]).is_ok() && verify(&after.note, &[&second]).is_ok());
    assert!(verify(&after.note, &[&first]).is_err());
    let statement = entry.statement.unwrap();
    let text = verify(&statement, &[&first, &second]).unwrap();
    assert!(text.contains(&format!("old {first}\nnew {second}\n")), "{text}");
    assert_eq!(key_chain(&catalog.log_keys().await.unwrap()).unwrap(), [first.clone(), second]);
    assert!(audit(catalog.as_ref(), &[], Some(&first)).await.unwrap().holds());
    let mut forged = catalog.log_keys().await.unwrap();
    forged[1].vkey = forged[0].vkey.clone();
    assert!(key_chain(&forged).is_err());
}

#[tokio::test]
async fn a_row_is_proven_and_a_touched_proof_is_not() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("log-key");
    let catalog = catalog_in(&dir, "a").await;
    add_units(catalog.as_ref(), 1, 300).await;
    let checkpoint = signed(catalog.as_ref(), &path).await;
    let leaves = vec![leaf(catalog.as_ref(), 7).await.unwrap(), leaf(catalog.as_ref(), 300).await.unwrap()];
    let good = prove(catalog.as_ref(), leaves, &checkpoint, true).await.unwrap();
    let report = check(&good, None);
    assert!(report.holds() && report.entries == 2, "{report:?}");
    assert!(good.entries[0].row.as_ref().unwrap().content.contains("第8中队"));

    let faults = |change: &dyn Fn(&mut proof::ProofFile)| {
        let mut bad = good.clone();
        change(&mut bad);
        check(&bad, None).faults.into_iter().map(|fault| fault.code).collect::<Vec<_>>()
    };
    assert_eq!(faults(&|file| file.entries[0].row.as_mut().unwrap().content.push(' ')), ["row"]);
    assert_eq!(faults(&|file| file.entries[0].index += 1), ["inclusion"]);
    assert_eq!(
        faults(&|file| file.checkpoint = file.checkpoint.replace("at 2024", "at 2025")),
        ["signature"]
    );
    assert_eq!(faults(&|file| file.keys.clear()), ["key", "signature"]);
    let other = note::NoteSigner::new("reelproof/other", [3; 32]).unwrap().verifier();
    assert_eq!(check(&good, Some(&other)).faults[0].code, "key");
    assert!(matches!(leaf(catalog.as_ref(), 9999).await, Err(LogError::NoSuchEntry(9999))));
}
