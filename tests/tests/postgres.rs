//! The demo month on PostgreSQL: taken in there it comes to the same as on SQLite, and a copied catalog is the same catalog.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::path::Path;

use serde_json::{Value, json};
use tests::postgres::Database;
use tests::{DemoMonth, has_ffmpeg, run, run_demo, run_ok};

const MONTH: &str = "2024-05";
/// Long after everything, so that neither audit depends on when its month was taken in.
const AS_OF: &str = "2999-01-01 00:00";

fn ok(dir: &Path, catalog: &str, args: &[&str]) -> Value {
    run_ok(dir, &[args, &["--catalog", catalog, "--json"]].concat()).json()
}

#[test]
fn the_month_comes_to_the_same_on_both_engines_and_a_copy_is_the_same_catalog() {
    if !has_ffmpeg() {
        return;
    }
    let (Some(copied), Some(fresh)) = (Database::new(), Database::new()) else { return };
    let month = run_demo(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo-month"));
    let dir = tempfile::tempdir().unwrap();
    a_copy_is_the_same_catalog(&month, dir.path(), &copied);
    // Each catalog signs with a key of its own, although all of them stand in one folder.
    what_is_taken_in_comes_to_the_same(&month, dir.path(), &fresh.url());
}

fn a_copy_is_the_same_catalog(month: &DemoMonth, dir: &Path, database: &Database) {
    let original = format!("sqlite://{}", month.dir.join("reelproof.db").display());
    let url = database.url();
    let copied = run_ok(dir, &["catalog", "copy", &original, &url, "--json"]).json();
    assert_eq!(copied["log"]["holds"], true, "{copied}");
    assert_eq!(copied["log"]["root"], copied["log"]["root_copied"]);
    let again = run(dir, &["catalog", "copy", &original, &url]);
    assert_eq!(again.status, 2, "{}", again.stderr);
    assert!(again.stderr.contains("not empty"), "{}", again.stderr);
    assert_eq!(ok(dir, &url, &["log", "verify"])["root"], ok(dir, &original, &["log", "verify"])["root"]);

    let as_of = month.printed["audit"]["as_of"].as_str().unwrap();
    for args in [
        &["audit", "--month", MONTH, "--as-of", as_of] as &[&str],
        &["reconcile", "--month", MONTH, "--as-of", as_of],
        &["coverage", "--month", MONTH, "--policy", "pudong-2023", "--as-of", as_of],
    ] {
        let (there, here) = (ok(dir, &original, args), ok(dir, &url, args));
        assert!(there == here, "{args:?} differs");
    }
    let round = month.printed["report"]["round"].as_str().unwrap();
    let exported = |catalog: &str, name: &str| {
        run_ok(dir, &["sample", "export", "--round", round, "--out", name, "--catalog", catalog]);
        std::fs::read_to_string(dir.join(name)).unwrap()
    };
    assert!(exported(&original, "there.json") == exported(&url, "here.json"), "the rounds differ");
}

fn what_is_taken_in_comes_to_the_same(month: &DemoMonth, dir: &Path, url: &str) {
    let sqlite = format!("sqlite://{}/fresh.db", dir.display());
    let found = [sqlite.as_str(), url].map(|catalog| {
        for (kind, file) in month.tables() {
            ok(dir, catalog, &["import", kind, file.to_str().unwrap()]);
        }
        let evidence = month.evidence();
        let taken = ok(dir, catalog, &["ingest", evidence.to_str().unwrap()]);
        let again = ok(dir, catalog, &["ingest", evidence.to_str().unwrap()]);
        assert_eq!((&again["new"], &again["bytes_read"]), (&json!(0), &json!(0)), "{again}");
        let audit = ok(dir, catalog, &["audit", "--month", MONTH, "--as-of", AS_OF]);
        let obligations: Vec<Value> = audit["obligations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                let codes: Vec<&Value> =
                    one["findings"].as_array().unwrap().iter().map(|it| &it["code"]).collect();
                json!([one["id"], one["status"], one["required_us"], one["covered_us"], one["gaps"], codes])
            })
            .collect();
        let frozen = ok(dir, catalog, &["sample", "freeze", "--month", "2024-06"]);
        let round = frozen["round"].as_str().unwrap().to_owned();
        let drawn = ok(dir, catalog, &["sample", "draw", "--round", &round, "--seed", "20240603-4-2-6"]);
        let report = ok(dir, catalog, &["report", "--month", "2024-06"]);
        let log = ok(dir, catalog, &["log", "verify"]);
        assert_eq!(log["faults"], json!([]));
        json!({
            "new": taken["new"], "quarantined": taken["quarantined"], "obligations": obligations,
            "totals": audit["totals"], "frame": frozen["frame_sha256"], "items": drawn["items"],
            "sentence": report["sentence"], "leaves": log["size"],
        })
    });
    assert_eq!(found[0], found[1]);
    assert!(found[0]["obligations"].as_array().unwrap().len() > 50, "a whole month");
}
