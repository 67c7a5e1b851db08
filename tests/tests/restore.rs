//! Back-up and restore, as docs/operations.md and docs/postgresql.md say it: what stood in the back-up stands again, what came
//! since is taken in anew from the store, and a checkpoint that is later than the back-up tells of the loss.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::postgres::Database;
use tests::{contents, run, run_ok};

const UNITS: &str = "code,name,kind,parent\nS1,示例中队,squad,\n";

fn ok(dir: &Path, args: &[&str]) -> Value {
    run_ok(dir, &[args, &["--json"]].concat()).json()
}

/// Something is recorded: what it holds does not matter.
fn film(dir: &Path, number: u8) {
    fs::create_dir_all(dir.join("evidence")).unwrap();
    let name = format!("BC1_310001_2024050309000{number}_1.mp4");
    fs::write(dir.join("evidence").join(name), vec![number; 50_000]).unwrap();
}

/// A catalog `url` of two objects and a unit, with a checkpoint in before.txt.
fn bureau(dir: &Path, url: &str) {
    film(dir, 1);
    film(dir, 2);
    fs::write(dir.join("units.csv"), UNITS).unwrap();
    // Backed up apart from the catalog, and the same whatever the catalog's name.
    fs::write(dir.join("reelproof.toml"), "log_key = \"log-key\"\n").unwrap();
    ok(dir, &["import", "units", "units.csv", "--catalog", url]);
    ok(dir, &["ingest", "evidence", "--catalog", url]);
    run_ok(dir, &["log", "checkpoint", "--out", "before.txt", "--catalog", url]);
}

/// What came after the back-up, with a checkpoint in after.txt.
fn work_goes_on(dir: &Path, url: &str) {
    film(dir, 3);
    assert_eq!(ok(dir, &["ingest", "evidence", "--catalog", url])["new"], 1);
    run_ok(dir, &["log", "checkpoint", "--out", "after.txt", "--catalog", url]);
}

/// The catalog that was restored holds what the back-up held, says what was lost, and takes it in again.
fn what_was_restored_holds_and_goes_on(dir: &Path, url: &str) {
    // What was signed last is later than the back-up: that is told, and nothing else, and nothing is signed.
    let lost = run(dir, &["log", "verify", "--checkpoint", "before.txt", "--json", "--catalog", url]);
    assert_eq!(lost.status, 3, "{}\n{}", lost.stdout, lost.stderr);
    let faults = lost.json()["faults"].clone();
    assert_eq!((faults.as_array().unwrap().len(), &faults[0]["code"]), (1, &"cut_short".into()), "{faults}");
    let refused = run(dir, &["log", "checkpoint", "--out", "next.txt", "--catalog", url]);
    assert_ne!(refused.status, 0, "{}", refused.stdout);
    assert!(refused.stderr.contains("log verify"), "{}", refused.stderr);

    // Once somebody took note of it, it goes on.
    fs::rename(dir.join("log-key.last"), dir.join("lost.txt")).unwrap();
    let verified = ok(dir, &["log", "verify", "--checkpoint", "before.txt", "--catalog", url]);
    assert_eq!(verified["faults"], json!([]), "{verified}");
    let again = ok(dir, &["ingest", "evidence", "--catalog", url]);
    assert_eq!((&again["new"], &again["unchanged"]), (&1.into(), &2.into()), "{again}");
    run_ok(dir, &["log", "checkpoint", "--out", "next.txt", "--catalog", url]);
    let verified = ok(dir, &["log", "verify", "--checkpoint", "next.txt", "--catalog", url]);
    assert_eq!(verified["faults"], json!([]), "{verified}");
    let told = run(dir, &["log", "verify", "--checkpoint", "lost.txt", "--catalog", url]);
    assert_eq!(told.status, 3, "it always says what happened: {}", told.stdout);
}

#[test]
fn a_copy_that_is_put_in_the_catalogs_place_holds_and_goes_on() {
    let dir = TempDir::new().unwrap();
    let (dir, url) = (dir.path(), "sqlite://reelproof.db");
    bureau(dir, url);
    let stood = contents(dir, url);
    run_ok(dir, &["catalog", "copy", url, "sqlite://backup.db"]);
    work_goes_on(dir, url);
    let lost = contents(dir, url);

    for end in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(dir.join(format!("reelproof.db{end}")));
    }
    fs::rename(dir.join("backup.db"), dir.join("reelproof.db")).unwrap();
    assert_eq!(contents(dir, url), stood);
    what_was_restored_holds_and_goes_on(dir, url);
    assert_eq!(contents(dir, url), lost, "the store still had it");
}

#[test]
fn a_dump_of_postgresql_that_is_restored_holds_and_goes_on() {
    let (Some(database), Some(empty)) = (Database::new(), Database::new()) else { return };
    let dir = TempDir::new().unwrap();
    let dir = dir.path();
    bureau(dir, &database.url());
    database.dump(&dir.join("city.dump"));
    work_goes_on(dir, &database.url());

    empty.restore(&dir.join("city.dump"));
    what_was_restored_holds_and_goes_on(dir, &empty.url());
}
