//! Sampling rounds from the command line: of every kind, with what people do to them afterwards.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use tempfile::TempDir;
use tests::{root, run, run_ok};

/// A folder with a catalog of three squads and a month of cases and complaints, without any recording.
fn bureau() -> TempDir {
    let dir = TempDir::new().unwrap();
    let units = "code,name,kind,parent\nS1,甲中队,squad,\nS2,乙中队,squad,\nS3,丙中队,squad,\n";
    let mut officers = "badge,name,unit,frontline\n".to_owned();
    let mut cases = "case_no,unit,procedure,filed_at,closed_at,title\n".to_owned();
    let mut stages = "case_no,stage_no,kind,starts_at,ends_at,officers,place\n".to_owned();
    let mut complaints = "案件编号,投诉次数\n".to_owned();
    for squad in 1..=3 {
        // Writing to a String cannot fail.
        let _ = writeln!(officers, "3100{squad},队员{squad},S{squad},true");
        for number in 0..(4 * squad) {
            let case = format!("A{squad}-{number:02}");
            let day = 1 + number;
            let _ = writeln!(
                cases,
                "{case},S{squad},ordinary,2024-05-{day:02} 09:00,2024-05-{day:02} 17:00,占道"
            );
            let _ = writeln!(
                stages,
                "{case},1,site_inspection,2024-05-{day:02} 10:00,2024-05-{day:02} 10:20,3100{squad},某路"
            );
            let _ = writeln!(cases, "C{squad}-{number:02},S{squad},complaint,2024-05-{day:02} 09:00,,油烟");
            let _ = writeln!(complaints, "C{squad}-{number:02},{}", number % 7);
        }
    }
    let complaints = complaints.replace(",0\n", ",1\n");
    for (kind, rows) in [
        ("units", units),
        ("officers", &officers),
        ("cases", &cases),
        ("stages", &stages),
        ("complaints", &complaints),
    ] {
        let file = format!("{kind}.csv");
        fs::write(dir.path().join(&file), rows).unwrap();
        run_ok(dir.path(), &["import", kind, &file]);
    }
    dir
}

fn freeze(dir: &Path, more: &[&str]) -> serde_json::Value {
    let args = [&["sample", "freeze", "--month", "2024-06", "--json"], more].concat();
    run_ok(dir, &args).json()
}

#[test]
fn a_round_goes_from_the_freeze_to_the_browser_with_all_that_people_did() {
    let dir = bureau();
    let dir = dir.path();
    let frozen = freeze(dir, &["--seed-source", "福彩3D第2024150期开奖号码"]);
    assert_eq!(frozen["seed_source"], "福彩3D第2024150期开奖号码");
    let round = frozen["round"].as_str().unwrap();
    assert_eq!(round, "2024-06/jingan-2024");

    let early = ["sample", "draw", "--round", round, "--seed", "4 7 1", "--seed-at", "2024-06-01 10:00"];
    let ran = run(dir, &early);
    assert!(ran.status == 2 && ran.stderr.contains("frozen at"), "{}", ran.stderr);
    let drawn = run_ok(dir, &["sample", "draw", "--round", round, "--seed", "4 7 1", "--json"]).json();
    let items: Vec<&str> =
        drawn["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert!(items.len() >= 5, "10 % of 48 cases, and three squads: {items:?}");

    let reason = ["--who", "督察甲、督察乙", "--why", "涉密"];
    let act = |what: &str, more: &[&str]| {
        run(dir, &[&["sample", what, "--round", round, "--json"], more, &reason[..]].concat())
    };
    assert_eq!(act("skip", &["--item", items[0]]).status, 0);
    let substitute = act("substitute", &["--item", items[1]]).json();
    assert_eq!(substitute["taken"].as_array().unwrap().len(), 1);
    assert_eq!(act("extra", &["--unit", "S3", "--count", "2"]).json()["taken"].as_array().unwrap().len(), 2);
    let twice = act("skip", &["--item", items[0]]);
    assert!(twice.status == 2 && twice.stderr.contains("already"), "{}", twice.stderr);
    let nobody = ["sample", "skip", "--round", round, "--item", items[2], "--who", " ", "--why", "x"];
    assert_eq!(run(dir, &nobody).status, 2);

    let report = run_ok(dir, &["report", "--month", "2024-06", "--json"]).json();
    assert_eq!((report["not_judged"].as_u64(), report["apart"].as_array().unwrap().len()), (Some(2), 3));
    assert_eq!(report["recordings_sampled"], items.len());

    // What changes afterwards is shown beside the round, in both languages.
    let late = "case_no,stage_no,kind,starts_at,ends_at,officers,place\n\
                A1-00,2,seizure,2024-05-02 11:00,2024-05-02 11:20,31001,某路\n";
    fs::write(dir.join("late.csv"), late).unwrap();
    run_ok(dir, &["import", "stages", "late.csv"]);
    let shown = run_ok(dir, &["sample", "show", "--round", round, "--json"]).json();
    assert_eq!(shown["changes"]["added"], serde_json::json!(["A1-00/2"]));
    assert_eq!(shown["frozen"]["frame_sha256"], frozen["frame_sha256"]);
    let text = run_ok(dir, &["sample", "show", "--round", round, "--lang", "zh"]).stdout;
    for part in ["+ A1-00/2", "免查", "仍计入抽查数", "督察甲、督察乙", "95%的把握"] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
    let text = run_ok(dir, &["sample", "show", "--round", round, "--lang", "en"]).stdout;
    for part in
        ["1 added, 0 removed, 0 changed", "stays in the denominator", "at least one of so many bad ones"]
    {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }

    run_ok(dir, &["sample", "export", "--round", round, "--out", "round.json"]);
    let verified = run_ok(dir, &["sample", "verify", "round.json", "--lang", "zh"]).stdout;
    assert!(verified.contains("福彩3D第2024150期开奖号码"), "{verified}");

    // Drawn again: another seed, and the first draw stays on record.
    let again = act("redraw", &["--seed", "8 8 2"]).json();
    assert_eq!(again["seed"], "8 8 2");
    let shown = run_ok(dir, &["sample", "show", "--round", round, "--json"]).json();
    assert_eq!(shown["draw"]["seed"], "8 8 2");
    assert_eq!(shown["acts"].as_array().unwrap().len(), 4);
    assert_eq!(shown["standing"]["skipped"], serde_json::json!([]));
}

#[test]
fn every_kind_of_the_policy_has_its_own_round_and_another_districts_file_does_as_well() {
    let dir = bureau();
    let dir = dir.path();
    for (kind, size) in [("case_files", 24), ("complaints", 24), ("legal_reviews", 0), ("inspections", 0)] {
        let frozen = freeze(dir, &["--kind", kind]);
        assert_eq!((frozen["frame_size"].as_u64(), frozen["kind"].as_str()), (Some(size), Some(kind)));
        let round = format!("2024-06/jingan-2024:{kind}");
        assert_eq!(frozen["round"], round.as_str());
        let drawn = run_ok(dir, &["sample", "draw", "--round", &round, "--seed", kind, "--json"]).json();
        let export = format!("{kind}.json");
        run_ok(dir, &["sample", "export", "--round", &round, "--out", &export]);
        run_ok(dir, &["sample", "verify", &export]);
        if kind == "complaints" {
            let of_five: Vec<&str> = frozen["frame"]["items"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|item| item["repeats"].as_u64() >= Some(5))
                .map(|item| item["id"].as_str().unwrap())
                .collect();
            assert!(!of_five.is_empty());
            let drawn = drawn["items"].to_string();
            assert!(of_five.iter().all(|id| drawn.contains(id)), "{drawn}");
        }
    }
    let none = run(dir, &["sample", "freeze", "--month", "2024-06", "--kind", "cases"]);
    assert!(none.status == 2 && none.stderr.contains("it has recordings, case_files"), "{}", none.stderr);

    let policy = fs::read_to_string(root().join("policies/jingan-2024.toml")).unwrap();
    let own =
        policy.replacen("jingan-2024", "huangpu-2025", 1).replacen("percent = 10\n", "percent = 50\n", 1);
    fs::write(dir.join("own.toml"), &own).unwrap();
    run_ok(dir, &["policy", "check", "own.toml"]);
    // Half of the 48 cases of May.
    let frozen = freeze(dir, &["--policy", "own.toml"]);
    assert_eq!(
        (frozen["round"].as_str(), frozen["items_required"].as_u64()),
        (Some("2024-06/huangpu-2025"), Some(24))
    );
    fs::write(dir.join("bad.toml"), own.replace("percent = 50", "procent = 50")).unwrap();
    let refused = run(dir, &["policy", "check", "bad.toml"]);
    assert_eq!(refused.status, 2);
    assert!(
        refused.stderr.contains("bad.toml: line ") && refused.stderr.contains("procent"),
        "{}",
        refused.stderr
    );
    let shown = run_ok(dir, &["policy", "show", "pudong-2023", "--lang", "zh"]).stdout;
    assert!(shown.contains("【待核】") && shown.contains("每季度抽查不少于 9家中队"), "{shown}");
}

#[test]
fn a_seed_that_drew_another_round_before_the_freeze_is_refused() {
    let dir = bureau();
    let dir = dir.path();
    freeze(dir, &[]);
    run_ok(dir, &["sample", "draw", "--round", "2024-06/jingan-2024", "--seed", "1-2-3"]);
    freeze(dir, &["--kind", "complaints"]);
    let draw = ["sample", "draw", "--round", "2024-06/jingan-2024:complaints", "--seed", "1-2-3"];
    let ran = run(dir, &draw);
    assert!(ran.status == 2 && ran.stderr.contains("whoever froze it knew the seed"), "{}", ran.stderr);
    // Announcing it for the schedule is refused as well, in the language of whoever announces it.
    let announce =
        ["schedule", "seed", "--round", "2024-06/jingan-2024:complaints", "--seed", "1-2-3", "--by", "31001"];
    let ran = run(dir, &[&announce[..], &["--lang", "zh"]].concat());
    assert!(ran.status == 2 && ran.stderr.contains("错误：种子“1-2-3”已于"), "{}", ran.stderr);
    run_ok(dir, &["sample", "draw", "--round", "2024-06/jingan-2024:complaints", "--seed", "3-2-1"]);
}

#[tokio::test]
async fn a_round_of_the_first_format_that_waits_for_its_seed_is_drawn_and_verified_by_its_own_rules() {
    let dir = TempDir::new().unwrap();
    let first = root().join("analyzer/tests/sample_rounds/first_format/june.json");
    let first: serde_json::Value = serde_json::from_str(&fs::read_to_string(first).unwrap()).unwrap();
    let (frame, seed) = (&first["frame"], first["draw"]["seed"].as_str().unwrap());
    let id = frame["round"].as_str().unwrap();
    let url = format!("sqlite://{}", dir.path().join("reelproof.db").display());
    let catalog = catalog::store::open(&url, catalog::store::OpenMode::Create).await.unwrap();
    let frozen = serde_json::json!({
        "round": id, "month": frame["month"], "base_month": frame["base_month"], "policy": frame["policy"],
        "cases": frame["cases"], "frame_size": frame["items"].as_array().unwrap().len(),
        "frame_sha256": first["frame_sha256"], "plan": first["plan"], "feasible": true,
        "explanation": "as it was", "explanation_zh": "原说明", "frame": frame,
    });
    let round = catalog::round::Round {
        id: id.to_owned(),
        month: frame["month"].as_str().unwrap().parse().unwrap(),
        policy: frame["policy"].as_str().unwrap().to_owned(),
        frozen_at: catalog::WallTime::parse("2024-02-02 09:00").unwrap(),
        frozen_json: frozen.to_string(),
        frame_sha256: first["frame_sha256"].as_str().unwrap().to_owned(),
        draw: None,
    };
    assert!(catalog.freeze_round(&round).await.unwrap());
    let dir = dir.path();

    let drawn = run_ok(dir, &["sample", "draw", "--round", id, "--seed", seed, "--json"]).json();
    let ids = |items: &serde_json::Value| -> Vec<String> {
        items.as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&drawn["items"]), ids(&first["draw"]["items"]));
    run_ok(dir, &["sample", "export", "--round", id, "--out", "round.json"]);
    let exported: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(dir.join("round.json")).unwrap()).unwrap();
    assert_eq!(exported, first, "what was drawn in those days, and nothing else");
    run_ok(dir, &["sample", "verify", "round.json"]);

    // People go on with it as with any other: skip, substitute, draw again, look.
    let item = drawn["items"][0]["id"].as_str().unwrap();
    let reason = ["--who", "督察甲、督察乙", "--why", "涉密"];
    let act = |args: &[&str]| run_ok(dir, &[args, &reason[..]].concat());
    act(&["sample", "substitute", "--round", id, "--item", item]);
    for (lang, says) in [("zh", "原说明"), ("en", "as it was")] {
        let shown = run_ok(dir, &["sample", "show", "--round", id, "--lang", lang]).stdout;
        assert!(shown.contains(says) && shown.contains(item), "{shown}");
    }
    act(&["sample", "redraw", "--round", id, "--seed", "another"]);
    run_ok(dir, &["sample", "export", "--round", id, "--out", "again.json"]);
    let verified = run_ok(dir, &["sample", "verify", "again.json", "--json"]).json();
    assert_eq!(verified["seed"], "another");

    // What does not hold is said in both languages.
    let mut tampered = first.clone();
    tampered["draw"]["items"].as_array_mut().unwrap().pop();
    fs::write(dir.join("tampered.json"), tampered.to_string()).unwrap();
    for (lang, says) in [("zh", "漏列对象（item_missing）"), ("en", "item_missing: ")] {
        let ran = run(dir, &["sample", "verify", "tampered.json", "--lang", lang]);
        assert!(ran.status == 3 && ran.stdout.contains(says), "{}", ran.stdout);
    }

    // A frame that somebody changed is not drawn from.
    let mut changed = frozen;
    changed["frame"]["items"].as_array_mut().unwrap().pop();
    let round =
        catalog::round::Round { id: "2024-03/changed".into(), frozen_json: changed.to_string(), ..round };
    assert!(catalog.freeze_round(&round).await.unwrap());
    let refused = run(dir, &["sample", "draw", "--round", "2024-03/changed", "--seed", "1"]);
    assert!(
        refused.status == 1 && refused.stderr.contains("was changed after it was frozen"),
        "{}",
        refused.stderr
    );
}
