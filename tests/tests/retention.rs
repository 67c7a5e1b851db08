//! Advice on what footage may go, on the demo month: nothing an audit counts, and nothing that is open.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;
use tests::{run, run_demo, run_ok};

/// The advice on each recording of May at a time, by key.
fn advice(dir: &Path, at: &str, policy: &str) -> BTreeMap<String, Value> {
    let args = ["retention", "--month", "2024-05", "--at", at, "--policy", policy, "--json"];
    let found = run_ok(dir, &args).json();
    let recordings = found["recordings"].as_array().unwrap();
    recordings.iter().map(|one| (one["object_key"].as_str().unwrap().to_owned(), one.clone())).collect()
}

#[test]
fn what_an_audit_counts_stays_for_good_and_routine_footage_goes_in_its_time() {
    let month = run_demo(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo-month"));
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let from = format!("sqlite://{}", month.dir.join("reelproof.db").display());
    run_ok(dir, &["catalog", "copy", &from, "sqlite://reelproof.db"]);
    let audit = run_ok(dir, &["audit", "--month", "2024-05", "--json"]).json();
    let counted: BTreeSet<&str> = audit["obligations"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|obligation| obligation["recordings"].as_array().unwrap())
        .map(|recording| recording.as_str().or_else(|| recording["object_key"].as_str()).unwrap())
        .collect();
    assert!(counted.len() > 10, "{counted:?}");

    // A month later nothing may go; a century later what is evidence still may not.
    let soon = advice(dir, "2024-07-01 00:00:00", "jingan-2024");
    assert!(soon.values().all(|one| one["advice"] != "may_go"));
    let late = advice(dir, "2124-07-01 00:00:00", "jingan-2024");
    let going: BTreeSet<&str> =
        late.iter().filter(|(_, one)| one["advice"] == "may_go").map(|(key, _)| key.as_str()).collect();
    assert!(!going.is_empty(), "patrols may go");
    assert_eq!(going.intersection(&counted).collect::<Vec<_>>(), Vec::<&&str>::new());
    for key in &going {
        assert_eq!(
            (&late[*key]["evidence"], &late[*key]["locks"]),
            (&false.into(), &Value::Array(vec![])),
            "{key}"
        );
    }
    // The day before its time it stays, the day after it goes.
    let first = *going.first().unwrap();
    let until = late[first]["keep_until"].as_str().unwrap();
    let (before, after) =
        (format!("{}T00:00:00+08:00", &until[..10]), format!("{}T23:59:59+08:00", &until[..10]));
    assert_eq!(advice(dir, &before, "jingan-2024")[first]["advice"], "keep");
    assert_eq!(advice(dir, &after, "jingan-2024")[first]["advice"], "may_go");

    // Under a policy with a time for case evidence too, locks hold what is open.
    let text = std::fs::read_to_string(tests::root().join("policies/jingan-2024.toml")).unwrap();
    std::fs::write(dir.join("own.toml"), text.replace("for_good = true", "days = 365")).unwrap();
    let late = advice(dir, "2124-07-01 00:00:00", "own.toml");
    let locked: BTreeSet<&str> = late
        .values()
        .flat_map(|one| one["locks"].as_array().unwrap())
        .map(|lock| lock.as_str().unwrap())
        .collect();
    assert!(locked.contains("open_case") && locked.contains("lacks_pair"), "{locked:?}");
    for one in late.values() {
        let open = !one["locks"].as_array().unwrap().is_empty();
        assert_eq!(one["advice"] == "locked", open, "{one}");
    }

    // The sums are those of the recordings, and the words say that nothing is deleted.
    let sums = run_ok(dir, &["retention", "--json"]).json();
    let of_months: u64 = sums["months"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|one| ["keep", "locked", "may_go"].map(|name| one[name]["recordings"].as_u64().unwrap()))
        .sum();
    let totals: u64 = ["keep", "locked", "may_go"]
        .map(|name| sums["totals"][name]["recordings"].as_u64().unwrap())
        .iter()
        .sum();
    assert_eq!(of_months, totals);
    let told = run_ok(dir, &["retention", "--month", "2024-05", "--advice", "locked", "--lang", "zh"]).stdout;
    assert!(told.contains("从不删除录像") && !told.contains("可清理（"), "{told}");
    let refused = run(dir, &["retention", "--advice", "may_go"]);
    assert_eq!(refused.status, 2, "{}", refused.stderr);
}
