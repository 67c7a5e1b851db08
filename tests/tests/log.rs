//! The transparency log from the command line: what it detects when somebody works on the database by hand, and what
//! others can check without this program.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::{Ran, command, root, run, run_ok};

const UNITS: &str = "code,name,kind,parent\nS1,示例中队,squad,\n";
const CASES: &str =
    "case_no,unit,procedure,filed_at,closed_at,title\nA1,S1,simple,2024-05-02 09:00,,占道设摊\n";
const STAGES: &str = "case_no,stage_no,kind,starts_at,ends_at,officers,place\n\
                      A1,1,simple_penalty,2024-05-03 09:00,2024-05-03 09:20,31001;31002,某路\n";

/// A folder with a catalog of a squad with 300 officers, one case, an excuse and a frozen round; the checkpoint that was
/// signed then is in kept.txt.
fn bureau() -> TempDir {
    let dir = TempDir::new().unwrap();
    let mut officers = "badge,name,unit,frontline\n".to_owned();
    for number in 1..=300 {
        // Writing to a String cannot fail.
        let _ = writeln!(officers, "{},队员{number},S1,true", 31000 + number);
    }
    for (kind, rows) in [("units", UNITS), ("officers", &officers), ("cases", CASES), ("stages", STAGES)] {
        let file = format!("{kind}.csv");
        fs::write(dir.path().join(&file), rows).unwrap();
        run_ok(dir.path(), &["import", kind, &file]);
    }
    let excuse = ["excuse", "add", "--stage", "A1/1", "--reason", "fault", "--by", "31001"];
    run_ok(dir.path(), &excuse);
    run_ok(dir.path(), &["sample", "freeze", "--month", "2024-06"]);
    run_ok(dir.path(), &["log", "checkpoint", "--out", "kept.txt"]);
    dir
}

fn has_python() -> bool {
    let there = Command::new("python3").arg("--version").output().is_ok();
    if !there {
        println!("skipped: there is no python3 on this machine");
    }
    there
}

/// Works on the database as somebody with every right to its file could: triggers do not hold them.
fn by_hand(dir: &Path, statements: &str) {
    let script = "
import hashlib, json, sqlite3, sys
db = sqlite3.connect('reelproof.db', isolation_level=None)
db.execute('PRAGMA foreign_keys = OFF')
for (name,) in db.execute(\"SELECT name FROM sqlite_master WHERE type = 'trigger'\").fetchall():
    db.execute(f'DROP TRIGGER {name}')
def restate(number, change):
    'Rewrites a leaf so that its own digests and hash hold.'
    kind, key, at, origin, salt, content = db.execute(
        'SELECT kind, row_key, at_us, origin, salt, content FROM log_leaf WHERE leaf_no = ?', (number,)).fetchone()
    content = change(content)
    digest = lambda what, text: hashlib.sha256(what + b'\\0' + salt + b'\\0' + text.encode()).digest()
    record = ('{\"at_us\":%d,\"content\":\"%s\",\"id\":\"%s\",\"kind\":\"%s\",\"origin\":\"%s\",\"v\":1}' % (
        at, digest(b'content', content).hex(), digest(b'id', key).hex(), kind, origin)).encode()
    db.execute('UPDATE log_leaf SET content = ?, content_sha256 = ?, leaf_sha256 = ? WHERE leaf_no = ?',
        (content, digest(b'content', content), hashlib.sha256(b'\\0' + record).digest(), number))
def leaf_of(kind):
    return db.execute('SELECT min(leaf_no) FROM log_leaf WHERE kind = ?', (kind,)).fetchone()[0]
exec(sys.argv[1])
";
    let output = Command::new("python3").args(["-c", script, statements]).current_dir(dir).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn verify(dir: &Path) -> Ran {
    run(dir, &["log", "verify", "--checkpoint", "kept.txt", "--json"])
}

/// Code, table and id of everything that does not hold.
fn faults(ran: &Ran) -> Vec<[String; 3]> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let faults = ran.json()["faults"].as_array().unwrap().clone();
    faults.iter().map(|fault| [text(&fault["code"]), text(&fault["table"]), text(&fault["id"])]).collect()
}

/// What is found after somebody did this.
fn after(statements: &str) -> (Ran, Vec<[String; 3]>) {
    let dir = bureau();
    by_hand(dir.path(), statements);
    let ran = verify(dir.path());
    let faults = faults(&ran);
    assert_eq!(ran.status, if faults.is_empty() { 0 } else { 3 }, "{}", ran.stdout);
    (ran, faults)
}

fn fault(code: &str, table: &str, id: &str) -> [String; 3] {
    [code, table, id].map(str::to_owned)
}

#[test]
fn an_untouched_catalog_holds_and_says_how_far_it_is_vouched_for() {
    let dir = bureau();
    let ran = run_ok(dir.path(), &["log", "verify", "--checkpoint", "kept.txt", "--json"]);
    let found = ran.json();
    assert_eq!((found["faults"].as_array().unwrap().len(), &found["unsigned"]), (0, &Value::from(0)));
    assert!(found["rows"].as_u64().unwrap() > 300, "{found}");
    // Without asking for it: every command that writes has its work signed.
    fs::write(dir.path().join("more.csv"), "badge,name,unit,frontline\n32001,队员,S1,true\n").unwrap();
    run_ok(dir.path(), &["import", "officers", "more.csv"]);
    assert_eq!(verify(dir.path()).json()["unsigned"], 0);
    let text = run_ok(dir.path(), &["log", "verify"]).stdout;
    assert!(text.contains("It holds"), "{text}");
    let text = run_ok(dir.path(), &["log", "verify", "--lang", "zh"]).stdout;
    assert!(text.contains("一致：目录库与其日志、检查点相符"), "{text}");
}

#[test]
fn a_rewritten_row_is_named_with_what_was_said_and_what_stands() {
    if !has_python() {
        return;
    }
    let (ran, found) = after("db.execute(\"UPDATE stage SET starts_at_us = starts_at_us + 60000000\")");
    assert_eq!(found, [fault("row_rewritten", "stage", r#"["A1",1]"#)]);
    let one = &ran.json()["faults"][0];
    let start_us = 1_714_698_000_000_000_i64;
    assert_eq!(one["said"], format!(r#"{{"starts_at_us":{start_us}}}"#));
    assert_eq!(one["stands"], format!(r#"{{"starts_at_us":{}}}"#, start_us + 60_000_000));
    let (_, found) = after("db.execute(\"UPDATE stage_officer SET badge = '31009' WHERE position = 1\")");
    assert_eq!(found, [fault("row_rewritten", "stage", r#"["A1",1]"#)]);
    let (_, found) = after("db.execute(\"UPDATE event SET detail_json = '{}' WHERE event_id = 1\")");
    assert_eq!(found, [fault("row_rewritten", "event", "[1]")]);
    let (_, found) = after("db.execute(\"UPDATE round SET frozen_json = frozen_json || ' '\")");
    assert_eq!(found, [fault("row_rewritten", "round", r#"["2024-06/jingan-2024"]"#)]);
}

#[test]
fn a_dropped_row_and_one_put_in_around_the_log_are_named() {
    if !has_python() {
        return;
    }
    let (_, found) = after("db.execute('DELETE FROM excuse')");
    let [one] = &found[..] else { panic!("{found:?}") };
    assert_eq!((one[0].as_str(), one[1].as_str()), ("row_dropped", "excuse"));
    assert!(one[2].starts_with(r#"["A1",1,"fault","#), "{one:?}");
    let (_, found) = after("db.execute(\"INSERT INTO officer VALUES ('39999', '某人', 'S1', 1)\")");
    assert_eq!(found, [fault("row_inserted", "officer", r#"["39999"]"#)]);
}

#[test]
fn a_rewritten_log_is_named_even_where_its_own_digests_hold() {
    if !has_python() {
        return;
    }
    let touched = "n = leaf_of('excuse'); db.execute(\"UPDATE log_leaf SET content = content || ' ' WHERE leaf_no = ?\", (n,))";
    let (_, found) = after(touched);
    assert_eq!(found.iter().map(|one| one[0].as_str()).collect::<Vec<_>>(), ["leaf_altered"]);

    // Row and leaf are rewritten together, so that they agree: the signed root does not.
    let both = "db.execute(\"UPDATE excuse SET recorded_by = '31002'\")
restate(leaf_of('excuse'), lambda text: text.replace('31001', '31002'))";
    let (_, found) = after(both);
    assert!(!found.is_empty() && found.iter().all(|one| one[0] == "forked"), "{found:?}");

    // A row that is never corrected is stated anew at the end of the log.
    let anew = "n = leaf_of('excuse')
db.execute(\"UPDATE excuse SET recorded_by = '31002'\")
db.execute('INSERT INTO log_leaf (kind, row_key, at_us, origin, salt, content_sha256, content, leaf_sha256) SELECT kind, row_key, at_us, origin, salt, content_sha256, content, leaf_sha256 FROM log_leaf WHERE leaf_no = ?', (n,))
restate(db.execute('SELECT max(leaf_no) FROM log_leaf').fetchone()[0], lambda text: text.replace('31001', '31002'))";
    let (_, found) = after(anew);
    let codes: Vec<_> = found.iter().map(|one| one[0].as_str()).collect();
    assert_eq!(codes, ["row_rewritten"], "{found:?}");

    // Or only the log says so anew, as if the row had been corrected.
    let restated = "n = leaf_of('excuse')
db.execute('INSERT INTO log_leaf (kind, row_key, at_us, origin, salt, content_sha256, content, leaf_sha256) SELECT kind, row_key, at_us, origin, salt, content_sha256, content, leaf_sha256 FROM log_leaf WHERE leaf_no = ?', (n,))
restate(db.execute('SELECT max(leaf_no) FROM log_leaf').fetchone()[0], lambda text: text.replace('31001', '31002'))";
    let (ran, found) = after(restated);
    let [one] = &found[..] else { panic!("{found:?}") };
    assert_eq!((one[0].as_str(), one[1].as_str()), ("row_restated", "excuse"));
    let one = &ran.json()["faults"][0];
    let has = |field: &str, badge: &str| one[field].as_str().unwrap().contains(badge);
    assert!(has("said", "31001") && has("stands", "31002"), "{one}");

    let (_, found) = after("db.execute(\"UPDATE log_node SET sha256 = zeroblob(32)\")");
    assert_eq!(found[0], fault("node_altered", "log_node", "[8,0]"), "{found:?}");
}

#[test]
fn an_object_that_is_pointed_to_an_earlier_version_or_is_no_longer_gone_is_named() {
    if !has_python() {
        return;
    }
    let dir = bureau();
    let evidence = dir.path().join("evidence");
    fs::create_dir(&evidence).unwrap();
    let ingest = || run_ok(dir.path(), &["ingest", "evidence"]);
    fs::write(evidence.join("a.mp4"), "first").unwrap();
    fs::write(evidence.join("b.mp4"), "another").unwrap();
    ingest();
    fs::write(evidence.join("a.mp4"), "second, and longer").unwrap();
    fs::remove_file(evidence.join("b.mp4")).unwrap();
    ingest();
    assert_eq!(faults(&verify(dir.path())), Vec::<[String; 3]>::new());

    by_hand(dir.path(), "db.execute(\"UPDATE object SET version = 1 WHERE object_key = 'a.mp4'\")");
    let ran = verify(dir.path());
    assert_eq!((ran.status, faults(&ran)), (3, vec![fault("object_misplaced", "object", "a.mp4")]));
    let one = &ran.json()["faults"][0];
    assert_eq!(
        (&one["said"], &one["stands"]),
        (&"version 2, reading 1, there".into(), &"version 1, reading 1, there".into())
    );

    by_hand(
        dir.path(),
        "db.execute(\"UPDATE object SET version = 2 WHERE object_key = 'a.mp4'\")
db.execute(\"UPDATE object SET gone_at_us = NULL WHERE object_key = 'b.mp4'\")",
    );
    let ran = verify(dir.path());
    assert_eq!((ran.status, faults(&ran)), (3, vec![fault("object_misplaced", "object", "b.mp4")]));
    let said = ran.json()["faults"][0]["said"].as_str().unwrap().to_owned();
    assert!(said.starts_with("version 1, reading 1, gone at "), "{said}");
}

#[test]
fn a_log_that_was_cut_short_or_begun_anew_is_named_by_what_was_kept_elsewhere() {
    if !has_python() {
        return;
    }
    let (_, found) = after(
        "db.execute('DELETE FROM log_leaf WHERE leaf_no > 100'); db.execute('DELETE FROM log_checkpoint')",
    );
    assert!(found.iter().any(|one| one[0] == "cut_short"), "{found:?}");
    assert!(found.iter().any(|one| one[0] == "row_inserted"), "{found:?}");

    let dir = bureau();
    by_hand(
        dir.path(),
        "for table in ('log_leaf', 'log_node', 'log_checkpoint', 'log_key', 'log_identity'):\n    db.execute(f'DELETE FROM {table}')",
    );
    let ran = verify(dir.path());
    assert_eq!(ran.status, 3, "{}\n{}", ran.stdout, ran.stderr);
    assert!(faults(&ran).iter().any(|one| one[0] == "reset"), "{}", ran.stdout);
    // And the key does not sign it.
    let refused = run(dir.path(), &["log", "checkpoint"]);
    assert_eq!(refused.status, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("begun anew"), "{}", refused.stderr);
}

#[test]
fn a_catalog_from_before_the_log_is_taken_into_it_when_it_is_opened() {
    if !has_python() {
        return;
    }
    let dir = bureau();
    by_hand(
        dir.path(),
        "for table in ('log_leaf', 'log_node', 'log_checkpoint', 'log_key', 'log_identity', 'setting'):
    db.execute(f'DROP TABLE {table}')
db.execute('DELETE FROM _sqlx_migrations WHERE version = 17')",
    );
    fs::remove_file(dir.path().join("reelproof.db.log-key")).unwrap();
    fs::remove_file(dir.path().join("reelproof.db.log-key.last")).unwrap();
    let found = run_ok(dir.path(), &["log", "verify", "--json"]).json();
    assert_eq!(found["faults"], Value::Array(Vec::new()));
    let (size, were_there) = (found["size"].as_u64().unwrap(), found["found"].as_u64().unwrap());
    assert!(were_there > 300 && size == were_there, "{found}");
}

/// What is done to a proof.
type Change = fn(&mut Value);

/// What docs/verify_log.py says: its exit status and the faults it names.
fn python(dir: &Path, file: &str, key: Option<&str>) -> (i32, Vec<(String, String)>) {
    let mut command = Command::new("python3");
    command.args(["-I", "-B"]).arg(root().join("docs/verify_log.py")).current_dir(dir);
    if let Some(key) = key {
        command.args(["--key", key]);
    }
    let output = command.arg(file).output().unwrap();
    let said: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let faults = said["faults"].as_array().unwrap();
    let faults = faults
        .iter()
        .map(|fault| (fault[0].as_str().unwrap().to_owned(), fault[1].as_str().unwrap().to_owned()))
        .collect();
    (output.status.code().unwrap(), faults)
}

/// What the program says of a proof file.
fn ours(dir: &Path, file: &str, key: Option<&str>) -> (i32, Vec<(String, String)>) {
    let mut args = vec!["log", "verify", file, "--json"];
    args.extend(key.iter().flat_map(|key| ["--key", key]));
    let ran = run(dir, &args);
    let said = ran.json();
    let faults = said["faults"].as_array().unwrap();
    let faults = faults
        .iter()
        .map(|fault| {
            (fault["code"].as_str().unwrap().to_owned(), fault["subject"].as_str().unwrap().to_owned())
        })
        .collect();
    (ran.status, faults)
}

#[test]
fn an_independent_verifier_says_the_same_of_good_and_of_touched_proofs() {
    if !has_python() {
        return;
    }
    let dir = bureau();
    let dir = dir.path();
    run_ok(dir, &["log", "rotate"]);
    run_ok(dir, &["log", "prove", "--entry", "150", "--out", "proof.json"]);
    let good = fs::read_to_string(dir.join("proof.json")).unwrap();
    assert_eq!(python(dir, "proof.json", None), (0, Vec::new()));
    assert_eq!(ours(dir, "proof.json", None), (0, Vec::new()));
    let file: Value = serde_json::from_str(&good).unwrap();
    let keys: Vec<&str> =
        file["keys"].as_array().unwrap().iter().map(|key| key["vkey"].as_str().unwrap()).collect();
    assert_eq!(keys.len(), 2);
    for (key, status) in [(keys[0], 0), (keys[1], 3)] {
        assert_eq!(python(dir, "proof.json", Some(key)).0, status);
        assert_eq!(python(dir, "proof.json", Some(key)), ours(dir, "proof.json", Some(key)));
    }

    let changes: [(&str, Change); 6] = [
        ("row", |file| {
            let row = &mut file["entries"][0]["row"]["content"];
            *row = Value::from(row.as_str().unwrap().replace("队员", "某人"));
        }),
        ("inclusion", |file| file["entries"][0]["index"] = Value::from(151)),
        ("inclusion", |file| file["entries"][0]["proof"][1] = Value::from("00".repeat(32))),
        ("signature", |file| {
            let note = &mut file["checkpoint"];
            *note = Value::from(note.as_str().unwrap().replacen("at 20", "at 21", 1));
        }),
        ("key", |file| file["keys"][1]["statement"] = Value::from("trust me\n\n— nobody AAAA\n")),
        ("form", |file| file["format"] = Value::from("reelproof-log-proof/2")),
    ];
    for (expected, change) in changes {
        let mut bad = file.clone();
        change(&mut bad);
        fs::write(dir.join("bad.json"), bad.to_string()).unwrap();
        let said = python(dir, "bad.json", None);
        assert_eq!(said.0, 3, "{expected}");
        assert!(said.1.iter().any(|(code, _)| code == expected), "{expected}: {said:?}");
        assert_eq!(said, ours(dir, "bad.json", None));
    }
}

#[test]
fn an_independent_verifier_checks_that_one_state_continues_another() {
    if !has_python() {
        return;
    }
    let dir = bureau();
    let dir = dir.path();
    for (from, to) in [("1", "2"), ("7", "300"), ("256", "301"), ("0", "5"), ("9", "9")] {
        let proof = run_ok(dir, &["log", "consistency", "--from", from, "--to", to, "--json"]).stdout;
        fs::write(dir.join("consistency.json"), &proof).unwrap();
        assert_eq!(python(dir, "consistency.json", None), (0, Vec::new()), "{from} to {to}");
        if from == "0" {
            // The empty log is the beginning of every other.
            continue;
        }
        let mut bad: Value = serde_json::from_str(&proof).unwrap();
        bad["to_root"] = Value::from("11".repeat(32));
        fs::write(dir.join("consistency.json"), bad.to_string()).unwrap();
        assert_eq!(python(dir, "consistency.json", None).0, 3);
    }
    let refused = run(dir, &["log", "consistency", "--from", "5", "--to", "4"]);
    assert_eq!(refused.status, 2, "{}", refused.stderr);
}

#[test]
fn the_independent_verifier_knows_the_published_vectors() {
    if !has_python() {
        return;
    }
    // The reference tree of RFC 6962's implementations, RFC 8032's first vector, and the example of signed notes.
    let script = r#"
import sys
sys.path.insert(0, sys.argv[1])
import verify_log as v
h = bytes.fromhex
leaves = [v.leaf_hash(h(t)) for t in ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']]
root8 = h('5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328')
root6 = h('76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef')
five = [h(t) for t in ['bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b', 'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0', 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7']]
assert v.included(leaves[5], 5, 8, five, root8)
assert not v.included(leaves[4], 5, 8, five, root8)
assert not v.included(leaves[5], 4, 8, five, root8)
six = [h(t) for t in ['0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a', 'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0', 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7']]
assert v.consistent(6, 8, six, root6, root8)
assert not v.consistent(6, 8, six, root8, root6)
key = h('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a')
signature = h('e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b')
assert v.ed25519_verifies(key, b'', signature)
assert not v.ed25519_verifies(key, b'x', signature)
name = v.Key('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW')
text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
line = '\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n'
assert v.signed_text(text + '\n' + line, [name]) == text
assert v.signed_text(text.replace('answer', 'cause') + '\n' + line, [name]) is None
"#;
    let output =
        Command::new("python3").args(["-I", "-B", "-c", script]).arg(root().join("docs")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn how_footage_was_read_is_in_the_log_whenever_that_changes() {
    let dir = TempDir::new().unwrap();
    std::fs::create_dir(dir.path().join("evidence")).unwrap();
    let ingest = |sm3: &str| {
        let mut command = command(dir.path());
        let done = command.args(["ingest", "evidence"]).env("REELPROOF_INGEST_SM3", sm3).output().unwrap();
        assert!(done.status.success(), "{done:?}");
        let script = "import json, sqlite3\n\
                      rows = sqlite3.connect('reelproof.db').execute('SELECT kind, name, text FROM setting').fetchall()\n\
                      print(json.dumps(rows))";
        let rows = Command::new("python3").args(["-c", script]).current_dir(dir.path()).output().unwrap();
        serde_json::from_slice::<Value>(&rows.stdout).unwrap()
    };
    let row = |text: &str| json!(["configuration", "ingest", text]);
    let (plain, with) = (row("{}"), row("{\"sm3\":true}"));
    assert_eq!(ingest(""), json!([]), "nobody said anything");
    assert_eq!(ingest("true"), json!([with]));
    assert_eq!(ingest("true"), json!([with]));
    assert_eq!(ingest(""), json!([with, plain]));
}
