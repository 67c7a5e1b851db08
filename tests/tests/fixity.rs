//! Stored footage that is read again: what changed behind everybody's back is found, a budget is kept, and a run that was cut
//! off has lost nothing.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tests::running::{signal, wait_for_progress};
use tests::{command, has_ffmpeg, run, run_demo, run_ok};

const CHUNK_BYTES: u64 = 4 << 20;

/// Some 20 s of noise, which no codec makes small: more than five chunks.
fn make(file: &Path) {
    let made = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-f", "lavfi", "-i"])
        .arg("color=gray:size=320x240:rate=10:duration=20,noise=alls=90:allf=t:all_seed=3")
        .args(["-c:v", "mpeg4", "-qscale:v", "1", "-g", "10"])
        .arg(file)
        .status()
        .unwrap();
    assert!(made.success());
}

/// Changes one byte as a failing disk does: the file system says that nothing happened.
fn flip(file: &Path, at: u64) {
    let mut open = fs::OpenOptions::new().read(true).write(true).open(file).unwrap();
    #[expect(clippy::disallowed_methods, reason = "to set it back")]
    let modified = open.metadata().unwrap().modified().unwrap();
    let mut bytes = fs::read(file).unwrap();
    bytes[usize::try_from(at).unwrap()] ^= 0x55;
    open.seek(SeekFrom::Start(0)).unwrap();
    open.write_all(&bytes).unwrap();
    open.set_modified(modified).unwrap();
}

/// Rows of the catalog `name` of a folder.
fn rows(dir: &Path, name: &str, sql: &str) -> Vec<Value> {
    let script = "import json, sqlite3, sys\n\
                  print(json.dumps(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchall()))";
    let output = Command::new("python3").args(["-c", script, name, sql]).current_dir(dir).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_flipped_byte_is_found_and_named_to_the_second() {
    if !has_ffmpeg() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fs::create_dir(dir.join("evidence")).unwrap();
    let file = dir.join("evidence/BC1_310001_20240503090000_1.mp4");
    make(&file);
    let size_bytes = fs::metadata(&file).unwrap().len();
    run_ok(dir, &["ingest", "evidence"]);
    flip(&file, CHUNK_BYTES + 1000);
    let again = run_ok(dir, &["ingest", "evidence", "--json"]).json();
    assert_eq!(again["unchanged"], 1, "nothing but reading it tells: {again}");

    // What was read a moment ago is not due.
    let nothing = run_ok(dir, &["verify", "--json"]).json();
    assert_eq!(
        (&nothing["due"]["objects"], &nothing["intact"], &nothing["end"]),
        (&0.into(), &0.into(), &"done".into())
    );
    let found = run(dir, &["verify", "--all", "--json"]);
    assert_eq!(found.status, 3, "{}\n{}", found.stdout, found.stderr);
    let found = found.json();
    assert_eq!((&found["altered"], &found["intact"]), (&1.into(), &0.into()), "{found}");
    let [one] = &found["findings"].as_array().unwrap()[..] else { panic!("{found}") };
    assert_eq!((&one["outcome"], &one["version"]), (&"altered".into(), &1.into()));
    let [range] = &one["ranges"].as_array().unwrap()[..] else { panic!("{one}") };
    assert_eq!((&range["start_byte"], &range["end_byte"]), (&CHUNK_BYTES.into(), &(2 * CHUNK_BYTES).into()));
    // The bytes come evenly, so the place in the file says when they are shown, to half a second.
    for (name, chunk) in [("start_us", 1), ("end_us", 2)] {
        let expected_us = 20_000_000 * chunk * CHUNK_BYTES / size_bytes;
        let found_us = range["span"][name].as_u64().unwrap();
        assert!(found_us.abs_diff(expected_us) < 500_000, "{name}: {found_us} and {expected_us}");
    }
    // It is a version like any other that was altered: the next run finds what is recorded now, and the log explains it all.
    run_ok(dir, &["verify", "--all"]);
    run_ok(dir, &["log", "verify"]);
    let readings = rows(dir, "reelproof.db", "SELECT version FROM observation ORDER BY 1");
    assert_eq!(readings, [serde_json::json!([1]), serde_json::json!([2])]);
    let checks = rows(
        dir,
        "reelproof.db",
        "SELECT version, class, outcome FROM fixity_check ORDER BY fixity_check_id",
    );
    let expected = [serde_json::json!([1, "other", "altered"]), serde_json::json!([2, "other", "intact"])];
    assert_eq!(checks, expected);

    // The same in words, of another place.
    flip(&file, 3 * CHUNK_BYTES + 7);
    let told = run(dir, &["verify", "--all", "--lang", "en"]);
    assert_eq!(told.status, 3);
    let expected = format!("within bytes {} to {}, shown from", 3 * CHUNK_BYTES, 4 * CHUNK_BYTES);
    assert!(told.stdout.contains(&expected) && told.stdout.contains("1 altered"), "{}", told.stdout);
    flip(&file, 3 * CHUNK_BYTES + 7);
    let told = run(dir, &["verify", "--all", "--lang", "zh"]);
    assert!(told.status == 3 && told.stdout.contains("已登记为新版本"), "{}", told.stdout);
}

#[test]
fn the_riskiest_are_read_first_and_a_budget_is_kept() {
    let month = run_demo(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo-month"));
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let from = format!("sqlite://{}", month.dir.join("reelproof.db").display());
    run_ok(dir, &["catalog", "copy", &from, "sqlite://reelproof.db"]);
    let plan = run_ok(dir, &["verify", "--plan", "--all", "--json"]).json();
    let plan: Vec<(&str, u64, &str, u64)> = plan["plan"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let text = |name: &str| one[name].as_str().unwrap();
            (
                text("object_key"),
                one["size_bytes"].as_u64().unwrap(),
                text("class"),
                one["risk_ppm"].as_u64().unwrap(),
            )
        })
        .collect();
    assert!(plan.is_sorted_by_key(|(.., risk)| std::cmp::Reverse(*risk)));
    let class_of: BTreeMap<&str, &str> = plan.iter().map(|(key, _, class, _)| (*key, *class)).collect();
    let classes: BTreeSet<&str> = class_of.values().copied().collect();
    assert_eq!(classes, BTreeSet::from(["case", "other", "sampled"]));

    // Whatever an audit counts is evidence here; what was drawn is drawn.
    let round = run_ok(dir, &["sample", "show", "--round", "2024-06/jingan-2024", "--json"]).json();
    let items = round["draw"]["items"].as_array().unwrap();
    let drawn: BTreeSet<&str> = items.iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert!(!drawn.is_empty());
    let audit = run_ok(dir, &["audit", "--month", "2024-05", "--json"]).json();
    let (mut of_drawn, mut of_others) = (0, 0);
    for obligation in audit["obligations"].as_array().unwrap() {
        for recording in obligation["recordings"].as_array().unwrap() {
            let key = recording.as_str().or_else(|| recording["object_key"].as_str()).unwrap();
            let Some(class) = class_of.get(key).copied() else { continue };
            if drawn.contains(obligation["id"].as_str().unwrap()) {
                assert_eq!(class, "sampled", "{key}");
                of_drawn += 1;
            } else {
                assert_ne!(class, "other", "{key}");
                of_others += 1;
            }
        }
    }
    assert!(of_drawn > 0 && of_others > 0, "{of_drawn} and {of_others}");

    // Room for the first five, and one byte less than for the sixth.
    let budget: u64 = plan[..6].iter().map(|(_, size, ..)| size).sum::<u64>() - 1;
    let args = ["verify", "--all", "--jobs", "1", "--json", "--budget-bytes", &budget.to_string()];
    let kept = run_ok(dir, &args).json();
    assert_eq!((&kept["intact"], &kept["end"]), (&5.into(), &"budget".into()), "{kept}");
    assert!(kept["bytes_read"].as_u64().unwrap() <= budget * 101 / 100, "{kept}");
    let read = rows(
        dir,
        "reelproof.db",
        "SELECT b.object_key FROM fixity_check c JOIN object b USING (object_id) ORDER BY c.fixity_check_id",
    );
    let read: Vec<&str> = read.iter().map(|row| row[0].as_str().unwrap()).collect();
    assert_eq!(read, plan[..5].iter().map(|(key, ..)| *key).collect::<Vec<_>>());

    // One larger than the whole budget is passed over and told, and does not hold up the others.
    let largest = plan.iter().map(|(_, size, ..)| *size).max().unwrap();
    let args = ["verify", "--all", "--json", "--budget-bytes", &(largest - 1).to_string()];
    let passed = run_ok(dir, &args).json();
    assert!(
        passed["passed_over"].as_u64().unwrap() <= 1 && passed["intact"].as_u64().unwrap() >= 1,
        "{passed}"
    );
    assert_eq!(passed["end"], "budget");
    // A count is a budget, too.
    let few = run_ok(dir, &["verify", "--all", "--json", "--max-objects", "3"]).json();
    assert_eq!(few["intact"], 3);
}

/// Files that take a moment to read: enough for a run to be caught in the middle.
const FILES: usize = 24;
const FILE_MB: usize = 48;

/// A folder of files that are no footage and mostly holes, each another.
fn large_files(dir: &Path) {
    fs::create_dir(dir.join("evidence")).unwrap();
    for number in 0..FILES {
        let name = format!("BC1_310001_202405030{:05}_{number:03}.mp4", 90_000 + number);
        let mut file = fs::File::create(dir.join("evidence").join(name)).unwrap();
        file.seek(SeekFrom::Start((FILE_MB << 20) as u64 - 1)).unwrap();
        file.write_all(&[u8::try_from(number + 1).unwrap()]).unwrap();
    }
    run_ok(dir, &["ingest", "evidence"]);
}

/// Starts a run.
fn start(dir: &Path) -> Child {
    command(dir)
        .args(["verify", "--all", "--jobs", "1"])
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Each object and how often it was found intact.
fn intact(dir: &Path) -> BTreeMap<String, u64> {
    let sql = "SELECT b.object_key, count(*) FROM fixity_check c JOIN object b USING (object_id)
               WHERE c.outcome = 'intact' GROUP BY 1";
    let rows = rows(dir, "reelproof.db", sql);
    rows.iter().map(|row| (row[0].as_str().unwrap().to_owned(), row[1].as_u64().unwrap())).collect()
}

#[test]
fn a_killed_run_goes_on_where_it_stood() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    large_files(dir);
    let mut killed = start(dir);
    wait_for_progress(&mut killed);
    signal(&killed, "-KILL");
    assert_eq!(killed.wait().unwrap().code(), None, "it never ends well");
    let before = intact(dir);
    assert!(!before.is_empty() && before.len() < FILES, "{}", before.len());
    // The rest is what was read longest ago.
    let rest = (FILES - before.len()).to_string();
    let done = run_ok(dir, &["verify", "--all", "--json", "--max-objects", &rest]).json();
    assert_eq!(done["intact"].to_string(), rest);
    let after = intact(dir);
    assert_eq!(after.len(), FILES);
    assert!(after.values().all(|times| *times == 1), "each was read once: {after:?}");
    run_ok(dir, &["log", "verify"]);
    // The run that was killed has no end, and says so for good.
    let ends = rows(
        dir,
        "reelproof.db",
        "SELECT ended FROM fixity_run LEFT JOIN fixity_run_end USING (fixity_run_id) ORDER BY fixity_run_id",
    );
    assert_eq!(ends, [serde_json::json!([null]), serde_json::json!(["done"])]);
}

#[test]
fn a_signal_lets_a_run_finish_what_it_began() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    large_files(dir);
    let mut stopped = start(dir);
    wait_for_progress(&mut stopped);
    signal(&stopped, "-TERM");
    assert_eq!(stopped.wait().unwrap().code(), Some(1), "a run that was stopped is not done");
    assert!(!intact(dir).is_empty() && intact(dir).len() < FILES);
    assert_eq!(
        rows(dir, "reelproof.db", "SELECT ended FROM fixity_run_end"),
        [serde_json::json!(["stopped"])]
    );
}

#[test]
fn what_is_missing_is_told_and_a_store_that_is_not_there_says_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fs::create_dir(dir.join("evidence")).unwrap();
    for number in 1..=3 {
        let name = format!("evidence/BC1_310001_2024050309000{number}_1.srt");
        fs::write(dir.join(name), format!("text {number}")).unwrap();
    }
    run_ok(dir, &["ingest", "evidence"]);
    fs::remove_file(dir.join("evidence/BC1_310001_20240503090002_1.srt")).unwrap();
    let missing = run(dir, &["verify", "--all", "--json"]);
    assert_eq!(missing.status, 3, "{}", missing.stderr);
    let missing = missing.json();
    assert_eq!((&missing["missing"], &missing["intact"]), (&1.into(), &2.into()), "{missing}");
    assert!(missing["findings"][0]["object_key"].as_str().unwrap().contains("090002"));
    let gone = rows(dir, "reelproof.db", "SELECT object_key FROM object WHERE gone_at_us IS NOT NULL");
    assert_eq!(gone.len(), 1);
    // It was told; what is gone is not held any more.
    run_ok(dir, &["verify", "--all"]);

    // The disk is not mounted: the folder is not there, or it is empty.
    let before = rows(dir, "reelproof.db", "SELECT count(*) FROM fixity_check");
    fs::rename(dir.join("evidence"), dir.join("elsewhere")).unwrap();
    for message in ["there is no folder", "not one object"] {
        let failed = run(dir, &["verify", "--all", "--json"]);
        assert_eq!(failed.status, 1, "{}", failed.stdout);
        assert!(failed.stdout.contains(message), "{}", failed.stdout);
        let failed = failed.json();
        assert_eq!(
            (&failed["intact"], &failed["missing"], &failed["left"]),
            (&0.into(), &0.into(), &2.into())
        );
        fs::create_dir_all(dir.join("evidence")).unwrap();
    }
    assert_eq!(rows(dir, "reelproof.db", "SELECT count(*) FROM fixity_check"), before);
    let gone = rows(dir, "reelproof.db", "SELECT object_key FROM object WHERE gone_at_us IS NOT NULL");
    assert_eq!(gone.len(), 1, "nothing else is taken for gone");
}

#[test]
fn a_policy_without_intervals_says_what_to_write() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fs::create_dir(dir.join("evidence")).unwrap();
    run_ok(dir, &["ingest", "evidence"]);
    let text = fs::read_to_string(tests::root().join("policies/jingan-2024.toml")).unwrap();
    let start = text.find("[fixity.moved]").unwrap();
    let end = start + text[start..].find("# ──").unwrap_or(text.len() - start);
    fs::write(dir.join("own.toml"), format!("{}{}", &text[..start], &text[end..])).unwrap();
    let refused = run(dir, &["verify", "--policy", "own.toml"]);
    assert_eq!(refused.status, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("[fixity.moved]"), "{}", refused.stderr);
    fs::write(
        dir.join("own.toml"),
        text.replacen("days = 7\nclause = \"《上海", "days = 0\nclause = \"《上海", 1),
    )
    .unwrap();
    let refused = run(dir, &["verify", "--policy", "own.toml"]);
    assert!(refused.status == 2 && refused.stderr.contains("write 1 to 3660"), "{}", refused.stderr);
}
