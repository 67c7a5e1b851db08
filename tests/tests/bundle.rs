//! Evidence bundles: made by the program, and checked by three programs that share no code, which say the same of whole
//! and of touched ones.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use tests::{has_ffmpeg, root, run, run_ok};

const KEY: &str = "BC1_31001_20240503090000_1.mp4";

/// A folder with a case of one stage, its recording, and a frozen round.
fn bureau() -> TempDir {
    let dir = TempDir::new().unwrap();
    for (kind, rows) in [
        ("units", "code,name,kind,parent\nS1,示例中队,squad,\n"),
        ("officers", "badge,name,unit,frontline\n31001,队员甲,S1,true\n"),
        (
            "cases",
            "case_no,unit,procedure,filed_at,closed_at,title\nA1,S1,simple,2024-05-02 09:00,,占道设摊\n",
        ),
        (
            "stages",
            "case_no,stage_no,kind,starts_at,ends_at,officers,place\n\
             A1,1,simple_penalty,2024-05-03 09:00:01,2024-05-03 09:00:03,31001,某路\n",
        ),
    ] {
        let file = format!("{kind}.csv");
        fs::write(dir.path().join(&file), rows).unwrap();
        run_ok(dir.path(), &["import", kind, &file]);
    }
    fs::create_dir(dir.path().join("evidence")).unwrap();
    let made = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=64x48:rate=10:duration=5"])
        .args(["-c:v", "mpeg4"])
        .arg(dir.path().join("evidence").join(KEY))
        .status()
        .unwrap();
    assert!(made.success());
    run_ok(dir.path(), &["ingest", "evidence"]);
    run_ok(dir.path(), &["sample", "freeze", "--month", "2024-06"]);
    run_ok(dir.path(), &["sample", "draw", "--round", "2024-06/jingan-2024", "--seed", "20240603-4-2"]);
    dir
}

fn is_there(program: &str) -> bool {
    let there = Command::new(program).arg("--version").output().is_ok();
    if !there {
        println!("skipped: there is no {program} on this machine");
    }
    there
}

type Said = (bool, Vec<(String, String)>);

/// What is done to a bundle.
type Change<'a> = Box<dyn Fn(&Path) + 'a>;

fn pairs(faults: &Value, of: impl Fn(&Value) -> (String, String)) -> Vec<(String, String)> {
    let mut pairs: Vec<_> = faults.as_array().unwrap().iter().map(of).collect();
    pairs.sort();
    pairs
}

fn two(fault: &Value) -> (String, String) {
    (fault[0].as_str().unwrap().to_owned(), fault[1].as_str().unwrap().to_owned())
}

fn ours(dir: &Path, bundle: &str) -> Said {
    let ran = run(dir, &["log", "verify", bundle, "--json"]);
    let faults = pairs(&ran.json()["faults"], |fault| {
        (fault["code"].as_str().unwrap().to_owned(), fault["subject"].as_str().unwrap().to_owned())
    });
    assert_eq!(ran.status, if faults.is_empty() { 0 } else { 3 });
    (faults.is_empty(), faults)
}

fn python(dir: &Path, bundle: &str) -> Said {
    let script = root().join("docs/verify_log.py");
    let output =
        Command::new("python3").args(["-I", "-B"]).arg(script).arg(bundle).current_dir(dir).output().unwrap();
    let said: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let faults = pairs(&said["faults"], two);
    assert_eq!(output.status.code(), Some(if faults.is_empty() { 0 } else { 3 }));
    (faults.is_empty(), faults)
}

/// Loads the page's own script into Node.js, and gives it the folder as a browser would.
const IN_NODE: &str = r#"
const fs = require("fs"), path = require("path"), vm = require("vm");
const html = fs.readFileSync(process.argv[1], "utf8");
const code = /<script>([^]*)<\/script>/.exec(html)[1];
const context = vm.createContext({ TextEncoder, TextDecoder, crypto: globalThis.crypto, atob, Uint8Array });
vm.runInContext(code, context);
context.files = new Map();
const walk = (dir, below) => {
  for (const entry of fs.readdirSync(dir, { withFileTypes: true })) {
    const name = below ? `${below}/${entry.name}` : entry.name;
    if (entry.isDirectory()) walk(path.join(dir, entry.name), name);
    else context.files.set(name, path.join(dir, entry.name));
  }
};
walk(process.argv[2], "");
context.read = async (file) => new Uint8Array(fs.readFileSync(file));
vm.runInContext("checkBundle(files, read, '')", context).then((said) => process.stdout.write(JSON.stringify(said.faults)));
"#;

fn page(dir: &Path, bundle: &str) -> Said {
    let output = Command::new("node")
        .args(["-e", IN_NODE])
        .arg(root().join("docs/verify_log.html"))
        .arg(bundle)
        .current_dir(dir)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let faults = pairs(&serde_json::from_slice(&output.stdout).unwrap(), two);
    (faults.is_empty(), faults)
}

/// What all three say.
fn all_say(dir: &Path, bundle: &str) -> Said {
    let said = ours(dir, bundle);
    if is_there("python3") {
        assert_eq!(python(dir, bundle), said, "docs/verify_log.py");
    }
    if is_there("node") {
        assert_eq!(page(dir, bundle), said, "docs/verify_log.html");
    }
    said
}

fn whole(dir: &Path, args: &[&str], bundle: &str) {
    run_ok(dir, &[&["log", "bundle"], args, &["--out", bundle]].concat());
    assert_eq!(all_say(dir, bundle), (true, Vec::new()), "{args:?}");
}

#[test]
fn a_bundle_of_each_kind_holds_and_a_touched_one_does_not() {
    if !has_ffmpeg() {
        return;
    }
    let dir = bureau();
    let dir = dir.path();
    whole(dir, &["case", "A1", "--with-originals"], "case");
    whole(dir, &["recording", KEY], "recording");
    whole(dir, &["round", "2024-06/jingan-2024"], "round");
    let report = fs::read_to_string(dir.join("case/data/report.html")).unwrap();
    assert!(report.contains("应录环节") && report.contains(KEY), "{report}");
    let original = format!("data/originals/0001-{KEY}");
    assert_eq!(
        fs::read(dir.join("case").join(&original)).unwrap(),
        fs::read(dir.join("evidence").join(KEY)).unwrap()
    );

    let rewrite = |name: &'static str, from: &'static str, to: &'static str| -> Change<'_> {
        Box::new(move |bundle: &Path| {
            let path = bundle.join(name);
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.contains(from), "{name} has no {from}");
            fs::write(&path, text.replacen(from, to, 1)).unwrap();
        })
    };
    let changes: Vec<(&str, &str, Change<'_>)> = vec![
        ("file_altered", "data/report.html", rewrite("data/report.html", "SHA-256", "SHA-1")),
        (
            "file_missing",
            "data/policy.toml",
            Box::new(|b| fs::remove_file(b.join("data/policy.toml")).unwrap()),
        ),
        ("file_added", "data/more.txt", Box::new(|b| fs::write(b.join("data/more.txt"), "x").unwrap())),
        ("file_altered", original.as_str(), Box::new(|b| fs::write(b.join(&original), "other").unwrap())),
        ("disagrees", KEY, rewrite("data/bundle.json", "\"version\": 1", "\"version\": 2")),
        ("signature", "checkpoint", rewrite("data/log/proofs.json", "\\nat 20", "\\nat 21")),
        ("form", "bagit.txt", Box::new(|b| fs::write(b.join("bagit.txt"), "a bag").unwrap())),
    ];
    for (number, (code, subject, change)) in changes.into_iter().enumerate() {
        let name = format!("touched-{number}");
        let copied = Command::new("cp").args(["-r", "case", &name]).current_dir(dir).status().unwrap();
        assert!(copied.success());
        change(&dir.join(&name));
        let (holds, faults) = all_say(dir, &name);
        let expected = (code.to_owned(), subject.to_owned());
        assert!(!holds && faults.contains(&expected), "{expected:?} in {faults:?}");
    }
}

#[test]
fn an_original_that_is_not_what_was_recorded_is_not_put_in() {
    if !has_ffmpeg() {
        return;
    }
    let dir = bureau();
    let dir = dir.path();
    let file = dir.join("evidence").join(KEY);
    let mut bytes = fs::read(&file).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&file, bytes).unwrap();
    let refused = run(dir, &["log", "bundle", "case", "A1", "--with-originals", "--out", "case"]);
    assert_eq!(refused.status, 3, "{}", refused.stderr);
    assert!(
        refused.stderr.contains(KEY) && refused.stderr.contains("is not what was recorded"),
        "{}",
        refused.stderr
    );
    assert!(!dir.join("case").exists());
    let nothing = run(dir, &["log", "bundle", "case", "Z9", "--out", "case"]);
    assert_eq!(nothing.status, 2, "{}", nothing.stderr);
}

#[test]
fn other_tools_for_bags_accept_a_bundle() {
    let Some(bagit) = tests::bagit() else { return };
    if !has_ffmpeg() {
        return;
    }
    let dir = bureau();
    run_ok(dir.path(), &["log", "bundle", "case", "A1", "--with-originals", "--out", "case"]);
    let accepts = || {
        let mut command = Command::new(&bagit);
        command.args(["--validate", "case"]).current_dir(dir.path()).output().unwrap()
    };
    let output = accepts();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    fs::write(dir.path().join("case/data/findings.json"), "{}").unwrap();
    assert!(!accepts().status.success(), "it does look at the files");
}
