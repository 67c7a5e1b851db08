//! The whole way on the demo month: what was planted is found, at its place, and nothing else.
//!
//! One test, because all of it looks at one month, which takes a while to make; each part says what it
//! is about when it fails.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::path::{Path, PathBuf};

use serde_json::Value;
use tests::{DemoMonth, command, has_ffmpeg, run, run_demo, run_ok};

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("no text `{field}` in {value}"))
}

fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value[field].as_array().unwrap_or_else(|| panic!("no list `{field}` in {value}"))
}

#[test]
fn the_whole_way_of_a_month() {
    if !has_ffmpeg() {
        return;
    }
    let month = run_demo(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo-month"));
    the_audit_finds_what_was_planted_and_nothing_else(&month);
    what_belongs_to_no_obligation_is_what_was_planted(&month);
    every_code_is_shown(&month);
    every_code_is_shown_under_every_policy(&month);
    what_was_encoded_anew_is_recognised(&month);
    the_text_says_what_to_do_next(&month);
    the_reconciliation_finds_what_devices_hold_and_what_is_lost(&month);
    an_excuse_is_recorded_refused_and_withdrawn(&month);
    the_ingest_counts_are_those_planted(&month);
    ingesting_again_reads_nothing(&month);
    the_audit_is_the_same_on_one_thread_and_on_many(&month);
    a_part_of_the_store_is_taken_in_under_the_same_keys(&month);
    the_draw_can_be_replayed_and_a_tampered_one_is_refused(&month);
    the_report_has_the_sentence_of_the_return(&month);
}

fn the_audit_finds_what_was_planted_and_nothing_else(month: &DemoMonth) {
    let (found, truth) = (list(&month.printed["audit"], "obligations"), list(&month.truth, "obligations"));
    assert_eq!(found.len(), truth.len(), "as many obligations as planted");
    let mut wrong = Vec::new();
    for (found, expected) in found.iter().zip(truth) {
        let what = || -> Option<String> {
            for field in ["id", "kind", "unit", "status"] {
                if found[field] != expected[field] {
                    return Some(format!("{field}: {} instead of {}", found[field], expected[field]));
                }
            }
            // Real packets end where a frame or a sample of sound does, not at the planned microsecond.
            let covered = found["covered_us"].as_i64()? - expected["covered_us"].as_i64()?;
            let tolerance_us = month.truth["tolerance_us"].as_i64()?;
            if covered.abs() > tolerance_us {
                return Some(format!("covered_us is off by {covered}"));
            }
            let (found, expected) = (list(found, "findings"), list(expected, "findings"));
            if found.len() != expected.len() {
                return Some(format!("{} findings instead of {}", found.len(), expected.len()));
            }
            found.iter().zip(expected).find_map(|(found, expected)| finding_differs(found, expected))
        }();
        if let Some(what) = what {
            wrong.push(format!(
                "{}: {what}\n  found {}\n  planted {}",
                expected["id"], found["findings"], expected["findings"]
            ));
        }
    }
    assert!(wrong.is_empty(), "{} obligations differ:\n{}", wrong.len(), wrong.join("\n"));
}

fn what_belongs_to_no_obligation_is_what_was_planted(month: &DemoMonth) {
    let found: Vec<Value> = list(&month.printed["audit"], "outside")
        .iter()
        .flat_map(|outside| {
            list(outside, "findings").iter().map(|finding| {
                serde_json::json!({
                    "object_key": outside["object_key"], "file": outside["file"], "code": finding["code"],
                })
            })
        })
        .collect();
    assert_eq!(Value::from(found), month.truth["outside"]);
}

fn every_code_is_shown(month: &DemoMonth) {
    let audit = &month.printed["audit"];
    for code in catalog::finding::FindingCode::ALL {
        let code = code.as_str();
        // Reserved: nothing hears what is said.
        if code == "no_spoken_restart" {
            continue;
        }
        let shown = [&audit["totals"]["findings"][code], &audit["outside_findings"][code]];
        assert!(shown.iter().any(|totals| totals["total"].as_u64() > Some(0)), "{code} is not shown");
    }
}

/// Every built-in policy can make every finding, of the same footage.
fn every_code_is_shown_under_every_policy(month: &DemoMonth) {
    let catalog = catalog_argument(&month.dir.join("reelproof.db"));
    for policy in ["jingan-2024", "pudong-2023", "qingpu-2023"] {
        let args = ["audit", "--month", "2024-05", "--policy", policy, "--as-of", as_of(month)];
        let audit =
            run_ok(&month.dir, &[args.as_slice(), &["--catalog", &catalog, "--json"]].concat()).json();
        assert_eq!(audit["totals"]["findings"], month.printed["audit"]["totals"]["findings"], "{policy}");
        assert_eq!(audit["outside_findings"], month.printed["audit"]["outside_findings"], "{policy}");
    }
}

/// The text says of every code what to do about it, and which figures nobody confirmed.
fn the_text_says_what_to_do_next(month: &DemoMonth) {
    let catalog = catalog_argument(&month.dir.join("reelproof.db"));
    let args = ["audit", "--month", "2024-05", "--as-of", as_of(month), "--catalog", &catalog];
    let told = |lang: &str| run_ok(&month.dir, &[args.as_slice(), &["--lang", lang]].concat()).stdout;
    let (english, chinese) = (told("en"), told("zh"));
    let next = english.split_once("What to do next:").expect("what to do next").1;
    let next_zh = chinese.split_once("下一步：").expect("what to do next").1;
    for code in catalog::finding::FindingCode::ALL.iter().filter(|code| code.as_str() != "no_spoken_restart")
    {
        assert!(next.lines().any(|line| line.starts_with(&format!("  {code} "))), "{code}: {next}");
        assert!(
            next_zh.lines().any(|line| line.starts_with(&format!("  {} ", code.zh()))),
            "{code}: {next_zh}"
        );
    }
    assert!(next.contains("Not confirmed by a public text (待核): ") && next.contains("tolerances.gap"));
    assert!(next_zh.contains("以下参数为暂定值（待核）："), "{next_zh}");
}

/// What was encoded anew is told by its pictures, in the act it was filmed for and in the one it was passed off for;
/// nothing else is.
fn what_was_encoded_anew_is_recognised(month: &DemoMonth) {
    let by_pictures = |finding: &&Value| {
        finding["code"] == "reused" && text(finding, "observed").contains("of the same pictures as")
    };
    let found: Vec<(&str, &Value)> = list(&month.printed["audit"], "obligations")
        .iter()
        .flat_map(|one| list(one, "findings").iter().filter(by_pictures).map(move |finding| (one, finding)))
        .map(|(one, finding)| (text(one, "id"), &finding["recordings"]))
        .collect();
    let mut planted: Vec<(&str, &str)> = list(&month.truth["planted"], "encoded_anew")
        .iter()
        .map(|place| (text(place, "stage"), list(place, "recordings")[0].as_str().expect("a key")))
        .collect();
    planted.sort_unstable();
    assert_eq!(
        found.iter().map(|(stage, _)| *stage).collect::<Vec<_>>(),
        planted.iter().map(|(stage, _)| *stage).collect::<Vec<_>>()
    );
    for ((stage, recordings), (_, own)) in found.iter().zip(&planted) {
        let both = recordings.as_array().expect("keys");
        assert!(both.len() == 2 && both.iter().any(|key| key == own), "{stage}: {recordings}");
        assert!(both.iter().all(|key| planted.iter().any(|(_, planted)| key == planted)), "{recordings}");
    }
    assert_eq!(month.printed["inspected"]["inspected"], month.truth["counts"]["looked_at"]);
}

fn as_of(month: &DemoMonth) -> &str {
    text(&month.printed["audit"], "as_of")
}

fn the_reconciliation_finds_what_devices_hold_and_what_is_lost(month: &DemoMonth) {
    let catalog = catalog_argument(&month.dir.join("reelproof.db"));
    let args = ["reconcile", "--month", "2024-05", "--as-of", as_of(month), "--catalog", &catalog];
    let found = run_ok(&month.dir, &[args.as_slice(), &["--json"]].concat()).json();
    let codes = |code: &str| {
        let of_stages = list(&month.truth, "obligations").iter().flat_map(|stage| list(stage, "findings"));
        let all = of_stages.chain(list(&month.truth, "outside"));
        all.filter(|finding| finding["code"] == code).count()
    };
    let totals = &found["totals"];
    assert_eq!(totals["manifest_entries"], month.truth["counts"]["manifest"]);
    assert_eq!(totals["not_uploaded"], codes("not_uploaded"));
    assert_eq!(totals["lost"], codes("lost"));
    assert!(codes("not_uploaded") > 0 && codes("lost") > 0);
    for count in ["differing", "gone"] {
        assert_eq!(totals[count], 0, "{count}: {found:#}");
    }
    assert_eq!(totals["not_in_manifest"], month.truth["counts"]["not_in_manifest"]);
    assert_eq!(totals["altered"], month.truth["counts"]["altered"]);
    let call = &list(&found, "calls")[0];
    assert!(text(call, "officer").starts_with("队员"), "{call}");
    let issues: Vec<&str> = list(&found["joins"], "rows").iter().map(|row| text(row, "issue")).collect();
    for issue in ["unknown_device", "unknown_officer", "key_without_names"] {
        assert!(issues.contains(&issue), "{issue} in {issues:?}");
    }
    let english = run_ok(&month.dir, &[args.as_slice(), &["--lang", "en"]].concat()).stdout;
    assert!(english.contains("Call, the most urgent first:"), "{english}");
    let chinese = run_ok(&month.dir, &[args.as_slice(), &["--lang", "zh"]].concat()).stdout;
    assert!(chinese.contains("请按剩余时间先后联系"), "{chinese}");
}

fn an_excuse_is_recorded_refused_and_withdrawn(month: &DemoMonth) {
    let dir = tempfile::tempdir().unwrap();
    let catalog = catalog_argument(&copy_of_catalog(month, dir.path()));
    let excuse =
        |args: &[&str]| run(dir.path(), &[&["excuse"], args, &["--catalog", &catalog, "--json"]].concat());
    let stage = list(&month.truth, "obligations")
        .iter()
        .find(|obligation| obligation["planted"] == "missing")
        .map(|obligation| text(obligation, "id"))
        .expect("an act that nobody recorded");
    let status = || {
        let audit = ["audit", "--month", "2024-05", "--catalog", &catalog, "--json"];
        let audit = run_ok(dir.path(), &audit).json();
        let found = list(&audit, "obligations").iter().find(|obligation| obligation["id"] == stage).cloned();
        text(&found.expect("the act"), "status").to_owned()
    };
    assert_eq!(status(), "missing");
    let add = ["add", "--stage", stage, "--reason", "weather", "--by", "31101", "--note", "暴雨"];
    let added = excuse(&add);
    assert_eq!(added.status, 0, "{}", added.stderr);
    assert_eq!(added.json()["withdrawal"], Value::Null);
    assert_eq!(status(), "excused");

    let nowhere = excuse(&["add", "--stage", "SL2024-0001/1", "--reason", "weather", "--by", "31101"]);
    assert_eq!(nowhere.status, 2);
    assert!(nowhere.stderr.contains("no case SL2024-0001"), "{}", nowhere.stderr);
    let policy = std::fs::read_to_string(tests::root().join("policies/jingan-2024.toml")).unwrap();
    std::fs::write(dir.path().join("strict.toml"), policy.replace("\"weather\", ", "")).unwrap();
    let refused = excuse(&[add.as_slice(), &["--policy", "strict.toml"]].concat());
    assert_eq!(refused.status, 2);
    assert!(
        refused.stderr.contains("does not allow the reason `weather`; it allows fault (设备故障)"),
        "{}",
        refused.stderr
    );

    let withdrawn = excuse(&["withdraw", "--stage", stage, "--by", "31902", "--note", "当日无雨"]);
    assert_eq!(withdrawn.status, 0, "{}", withdrawn.stderr);
    assert_eq!(status(), "missing");
    let again = excuse(&["withdraw", "--stage", stage, "--by", "31902"]);
    assert_eq!(again.status, 2);
    let listed = excuse(&["list", "--stage", stage]).json();
    assert_eq!((&listed["standing"], &listed["withdrawn"]), (&Value::from(0), &Value::from(1)));
    assert_eq!(listed["excuses"][0]["withdrawal"]["withdrawn_by"], "31902");
}

/// How a finding differs from the planted one, if it does.
fn finding_differs(found: &Value, expected: &Value) -> Option<String> {
    for field in ["code", "certainty", "excused"] {
        if found[field] != expected[field] {
            return Some(format!("{field}: {} instead of {}", found[field], expected[field]));
        }
    }
    if expected["start"].is_null() {
        return None;
    }
    let tolerance_us = expected["tolerance_us"].as_i64().expect("a tolerance");
    for end in ["start", "end"] {
        let (found, expected) = (moment_us(text(&found["at"], end)), moment_us(text(expected, end)));
        if (found - expected).abs() > tolerance_us {
            return Some(format!("{end} is off by {} us", found - expected));
        }
    }
    None
}

/// Microseconds of a time of day in RFC 3339, and of its day of the month.
fn moment_us(text: &str) -> i64 {
    let number = |from: usize, until: usize| text[from..until].parse::<i64>().expect("digits");
    let fraction = text.get(19..).and_then(|rest| rest.strip_prefix('.')).map_or(0, |digits| {
        let digits: String = digits.chars().take_while(char::is_ascii_digit).collect();
        format!("{digits:0<6}")[..6].parse().expect("digits")
    });
    let day = number(5, 7) * 31 + number(8, 10);
    ((day * 24 + number(11, 13)) * 60 + number(14, 16)) * 60_000_000 + number(17, 19) * 1_000_000 + fraction
}

fn the_ingest_counts_are_those_planted(month: &DemoMonth) {
    let (first, second) = (&month.printed["first_ingest"], &month.printed["second_ingest"]);
    let counts = &month.truth["counts"];
    let count = |name: &str| counts[name].as_u64().expect("a count");
    assert_eq!(first["new"], count("recordings") - count("late"));
    assert_eq!(first["objects"], count("recordings") - count("late"));
    assert_eq!(second["new"], counts["late"]);
    assert_eq!(first["quarantined"], counts["quarantined"]);
    assert_eq!(second["altered"], counts["altered"]);
    assert_eq!(second["quarantined"], counts["quarantined"], "what is quarantined stays so");
    assert_eq!(second["failed"], 0);
}

fn catalog_argument(database: &Path) -> String {
    format!("sqlite://{}", database.display())
}

/// A copy of the demo's catalog that a test may change.
fn copy_of_catalog(month: &DemoMonth, dir: &Path) -> PathBuf {
    let copy = dir.join("copy.db");
    for ending in ["", "-wal", "-shm"] {
        let from = month.dir.join(format!("reelproof.db{ending}"));
        if from.exists() {
            std::fs::copy(from, dir.join(format!("copy.db{ending}"))).unwrap();
        }
    }
    copy
}

fn ingesting_again_reads_nothing(month: &DemoMonth) {
    let dir = tempfile::tempdir().unwrap();
    let catalog = catalog_argument(&copy_of_catalog(month, dir.path()));
    let evidence = month.evidence();
    let again =
        run_ok(dir.path(), &["ingest", evidence.to_str().unwrap(), "--catalog", &catalog, "--json"]).json();
    assert_eq!(again["unchanged"], month.truth["counts"]["recordings"]);
    assert_eq!(again["bytes_read"], 0);
    for count in ["new", "altered", "gone", "failed"] {
        assert_eq!(again[count], 0, "{count}");
    }
}

fn the_audit_is_the_same_on_one_thread_and_on_many(month: &DemoMonth) {
    let catalog = catalog_argument(&month.dir.join("reelproof.db"));
    let audit = |threads: &str| {
        let output = command(&month.dir)
            .args([
                "audit",
                "--month",
                "2024-05",
                "--as-of",
                "2999-01-01 00:00",
                "--catalog",
                &catalog,
                "--json",
            ])
            .env("RAYON_NUM_THREADS", threads)
            .output()
            .unwrap();
        assert!(output.status.success());
        output.stdout
    };
    assert!(audit("1") == audit("4"), "the documents differ");
}

fn a_part_of_the_store_is_taken_in_under_the_same_keys(month: &DemoMonth) {
    let dir = tempfile::tempdir().unwrap();
    let catalog = catalog_argument(&copy_of_catalog(month, dir.path()));
    let squad = month.evidence().join("SQ1");
    let part =
        run_ok(dir.path(), &["ingest", squad.to_str().unwrap(), "--catalog", &catalog, "--json"]).json();
    assert_eq!((&part["new"], &part["gone"]), (&Value::from(0), &Value::from(0)));
    assert_eq!(part["objects"], part["unchanged"]);
    assert!(part["objects"].as_u64().unwrap() > 0);
    let above = run(dir.path(), &["ingest", month.dir.to_str().unwrap(), "--catalog", &catalog]);
    assert_eq!(above.status, 2, "{}", above.stderr);
    assert!(above.stderr.contains("as a store of its own"), "{}", above.stderr);
}

fn the_draw_can_be_replayed_and_a_tampered_one_is_refused(month: &DemoMonth) {
    let dir = tempfile::tempdir().unwrap();
    let catalog = catalog_argument(&month.dir.join("reelproof.db"));
    let round = text(&month.printed["report"], "round");
    run_ok(dir.path(), &["sample", "export", "--round", round, "--out", "round.json", "--catalog", &catalog]);
    let verified = run_ok(dir.path(), &["sample", "verify", "round.json", "--json"]).json();
    assert_eq!(verified["verdict"], "holds");

    let exported = std::fs::read_to_string(dir.path().join("round.json")).unwrap();
    std::fs::write(dir.path().join("tampered.json"), exported.replace("20240603-4-2", "20240603-4-3"))
        .unwrap();
    let refused = run(dir.path(), &["sample", "verify", "tampered.json"]);
    assert_eq!(refused.status, 3, "{}", refused.stdout);

    let again =
        run(dir.path(), &["sample", "draw", "--round", round, "--seed", "another", "--catalog", &catalog]);
    assert_eq!(again.status, 2, "{}", again.stderr);
    assert!(again.stderr.contains("never repeated"), "{}", again.stderr);
}

fn the_report_has_the_sentence_of_the_return(month: &DemoMonth) {
    let dir = tempfile::tempdir().unwrap();
    let catalog = catalog_argument(&month.dir.join("reelproof.db"));
    let args = ["report", "--month", "2024-06", "--catalog", &catalog];
    let report = run_ok(dir.path(), &[args.as_slice(), &["--json"]].concat()).json();
    assert_eq!(report["due"], "2024-06-24");
    let sentence = format!(
        "抽查全过程音视频记录{}条，发现不规范问题{}个，发现视音频记录缺失{}条。",
        report["recordings_sampled"], report["irregular_found"], report["missing_found"]
    );
    assert_eq!(text(&report, "sentence"), sentence);
    assert!(report["recordings_sampled"].as_u64().unwrap() >= 7, "at least 10 % of 70 cases");
    assert!(run_ok(dir.path(), &args).stdout.contains(&sentence));
    let file = dir.path().join("return.json");
    run_ok(dir.path(), &[args.as_slice(), &["--out", file.to_str().unwrap()]].concat());
    let mut written: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    // Each of the two was made as of its own moment.
    for of_the_moment in ["as_of", "audit_id"] {
        written[of_the_moment] = report[of_the_moment].clone();
    }
    assert_eq!(written, report);
}
