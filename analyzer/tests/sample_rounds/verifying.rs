//! Verification by the library and by docs/verify_draw.py, which share no code.

use std::path::{Path, PathBuf};
use std::process::Command;

use analyzer::sample::{Export, MismatchCode, Verification, export, item_ticket, verify};

use crate::support::{drawn, february, frozen};

fn exported(sizes: &[usize], seed: &str) -> Export {
    let frozen = february(sizes);
    export(&frozen, &drawn(&frozen, seed))
}

fn text(export: &Export) -> String {
    serde_json::to_string_pretty(export).unwrap()
}

fn codes(export: &Export) -> Vec<MismatchCode> {
    match verify(&text(export)).unwrap() {
        Verification::Holds(_) => Vec::new(),
        Verification::DoesNotHold { mismatches } => mismatches.iter().map(|m| m.code).collect(),
    }
}

/// One way to cheat, and what must be said of it, among other things.
type Tampering = (&'static str, fn(&mut Export), MismatchCode);

const TAMPERINGS: &[Tampering] = &[
    ("another seed", |e| e.draw.seed.push('1'), MismatchCode::Seed),
    ("an item struck out of the frame", |e| _ = e.frame.items.remove(1), MismatchCode::FrameDigest),
    (
        "an item of the frame given to another unit",
        |e| e.frame.items[0].unit = "SQ-03".into(),
        MismatchCode::FrameDigest,
    ),
    ("the frame in another order", |e| e.frame.items.swap(0, 1), MismatchCode::FrameOrder),
    ("a squad twice", |e| e.frame.squads.insert(0, e.frame.squads[0].clone()), MismatchCode::FrameOrder),
    ("a squad said to be reached", |e| e.frame.squads[2].due = false, MismatchCode::FrameDigest),
    ("a squad renamed", |e| e.frame.squads[2].name.push('x'), MismatchCode::FrameDigest),
    ("fewer cases", |e| e.frame.cases /= 2, MismatchCode::FrameDigest),
    ("a lower share", |e| e.frame.items_percent = 5, MismatchCode::Plan),
    ("another month", |e| e.frame.month = e.frame.month.next(), MismatchCode::Round),
    ("another base month", |e| e.frame.base_month = e.frame.month, MismatchCode::BaseMonth),
    ("another digest", |e| e.frame_sha256 = "0".repeat(64), MismatchCode::FrameDigest),
    ("another digest in the draw", |e| e.draw.frame_sha256 = "0".repeat(64), MismatchCode::FrameDigest),
    ("a draw of another round", |e| e.draw.round = "2024-03/jingan-2024".into(), MismatchCode::Round),
    ("a lower quota", |e| e.plan.items_required = 1, MismatchCode::Plan),
    ("a ticket", |e| e.draw.items[0].ticket = "0".repeat(64), MismatchCode::Ticket),
    ("a squad's ticket", |e| e.draw.picks[0].ticket = "0".repeat(64), MismatchCode::Ticket),
    ("an item left out", |e| _ = e.draw.items.pop(), MismatchCode::ItemMissing),
    ("an item replaced", replace_an_item, MismatchCode::ItemExtra),
    ("items in another order", |e| e.draw.items.swap(0, 1), MismatchCode::ItemOrder),
    ("an item listed twice", |e| e.draw.items.push(e.draw.items[0].clone()), MismatchCode::ItemOrder),
    (
        "a reason",
        |e| e.draw.items[0].reason = analyzer::sample::ItemReason::CaseQuota,
        MismatchCode::ItemChanged,
    ),
    ("an item's unit", |e| e.draw.items[0].unit = "SQ-99".into(), MismatchCode::ItemChanged),
    ("a squad left out", |e| _ = e.draw.picks.pop(), MismatchCode::PickMissing),
    ("squads in another order", |e| e.draw.picks.reverse(), MismatchCode::PickOrder),
    (
        "a squad's reason",
        |e| e.draw.picks[0].reason = analyzer::sample::UnitReason::ShareQuota,
        MismatchCode::PickChanged,
    ),
    ("squads reached", |e| e.draw.units.push("SQ-99".into()), MismatchCode::Units),
];

/// Swaps a drawn item for one that was not, with its right ticket.
fn replace_an_item(export: &mut Export) {
    let other = export
        .frame
        .items
        .iter()
        .find(|item| export.draw.items.iter().all(|drawn| drawn.id != item.id))
        .unwrap()
        .clone();
    let ticket = item_ticket(&export.draw.seed, &other.id);
    let last = export.draw.items.last_mut().unwrap();
    (last.id, last.unit, last.ticket) = (other.id, other.unit, ticket);
}

const SIZES: &[usize] = &[30, 12, 4, 1, 9, 0, 22, 3, 5, 8, 2, 6];

#[test]
fn an_export_holds_and_names_what_to_compare() {
    let export = exported(SIZES, "20240205-3-1-6");
    let Verification::Holds(verified) = verify(&text(&export)).unwrap() else { panic!("does not hold") };
    assert_eq!(verified.round, "2024-02/jingan-2024");
    assert_eq!(verified.seed, "20240205-3-1-6");
    assert_eq!(verified.frame_sha256, export.frame.sha256());
    assert_eq!(verified.items, export.draw.items.len() as u64);
}

#[test]
fn each_tampering_is_named() {
    for (what, tamper, code) in TAMPERINGS {
        let mut export = exported(SIZES, "20240205-3-1-6");
        tamper(&mut export);
        assert!(codes(&export).contains(code), "{what}: {:?}", codes(&export));
    }
    let mut export = exported(SIZES, "20240205-3-1-6");
    export.draw.seed.push('1');
    assert_eq!(codes(&export), [MismatchCode::Seed]);
}

#[test]
fn a_file_that_is_no_export_is_an_error_and_not_a_finding() {
    let good = text(&exported(SIZES, "1"));
    for bad in malformed(&good) {
        let error = verify(&bad).unwrap_err().to_string();
        assert!(error.contains("malformed"), "{error}");
    }
}

/// Files that are no exports.
fn malformed(good: &str) -> Vec<String> {
    let replaced = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        good.replacen(from, to, 1)
    };
    let mut value: serde_json::Value = serde_json::from_str(good).unwrap();
    value["plan"] = serde_json::json!([1, 2, 3, 4, 5, 6, 7]);
    vec![
        String::new(),
        "[]".to_owned(),
        format!("\u{feff}{good}"),
        good[..good.len() / 2].to_owned(),
        format!("{good} {{}}"),
        value.to_string(),
        replaced("reelproof-sample/1", "reelproof-sample/2"),
        replaced("\"seed\": \"1\"", "\"seed\": \" 1\""),
        replaced("\"seed\": \"1\"", "\"seed\": \"\""),
        replaced("\"seed\": \"1\"", "\"seed\": 1"),
        replaced("\"seed\": \"1\"", "\"seed\": \"\\ud800\""),
        replaced("\"seed\": \"1\"", "\"seed\": \"1\", \"seed\": \"1\""),
        replaced("\"seed\": \"1\"", "\"seed\": \"1\", \"note\": \"verified\""),
        replaced("\"due\": false", "\"due\": 0"),
        replaced("\"order\": 1,", "\"order\": 1.0,"),
        replaced("\"order\": 1,", "\"order\": -0,"),
        replaced("\"order\": 1,", "\"order\": 18446744073709551616,"),
        replaced("\"order\": 1,", ""),
        replaced("\"items_percent\": 10", "\"items_percent\": 0"),
        replaced("\"items_percent\": 10", "\"items_percent\": true"),
        replaced("\"month\": \"2024-02\"", "\"month\": \"2024-+2\""),
        replaced("\"month\": \"2024-02\"", "\"month\": \"2024-2\""),
        replaced("half_year", "quarter"),
        replaced("\"reason\": \"unit_quota\"", "\"reason\": \"because\""),
        replaced("\"unit\": \"SQ-00\"", "\"unit\": \"SQ\\t00\""),
    ]
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/verify_draw.py")
}

/// Loads the script and runs it once a file, so that the interpreter starts only once.
const MANY: &str = r#"
import contextlib, importlib.util, io, json, sys
sys.dont_write_bytecode = True
spec = importlib.util.spec_from_file_location("verify_draw", sys.argv[1])
script = importlib.util.module_from_spec(spec)
spec.loader.exec_module(script)
results = []
for path in sys.argv[2:]:
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with contextlib.redirect_stdout(out):
        status = script.main([sys.argv[1], path])
    out.flush()
    results.append([status, out.buffer.getvalue().decode("utf-8").splitlines()])
sys.stdout.buffer.write(json.dumps(results).encode("utf-8"))
"#;

fn write_files(name: &str, texts: &[String]) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("verify-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let write = |(i, text): (usize, &String)| {
        let file = folder.join(format!("{i}.json"));
        std::fs::write(&file, text).unwrap();
        file
    };
    texts.iter().enumerate().map(write).collect()
}

/// What the script says of each file: exit status, and lines of standard output.
fn python(name: &str, texts: &[String]) -> Vec<(i32, Vec<String>)> {
    let files = write_files(name, texts);
    let output =
        Command::new("python3").args(["-I", "-c", MANY]).arg(script()).args(&files).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::remove_dir_all(files[0].parent().unwrap()).unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

fn has_python() -> bool {
    let there = Command::new("python3").arg("--version").output().is_ok();
    if !there {
        println!("skipped: there is no python3 on this machine");
    }
    there
}

#[test]
fn the_script_exits_as_its_first_lines_say() {
    if !has_python() {
        return;
    }
    let good = exported(SIZES, "1");
    let mut bad = good.clone();
    bad.draw.items.pop();
    let files = write_files("statuses", &[text(&good), text(&bad), "{}".to_owned()]);
    let status = |arguments: &[&Path]| {
        Command::new("python3").arg("-I").arg(script()).args(arguments).output().unwrap().status.code()
    };
    for (file, expected) in files.iter().zip([0, 3, 2]) {
        assert_eq!(status(&[file]), Some(expected));
    }
    assert_eq!(status(&[]), Some(2));
    assert_eq!(status(&[Path::new("/nowhere/at/all")]), Some(2));
    std::fs::remove_dir_all(files[0].parent().unwrap()).unwrap();
}

#[test]
fn the_library_and_the_script_agree_on_fifty_rounds() {
    if !has_python() {
        return;
    }
    let export_of = |round: usize| {
        let sizes: Vec<usize> = (0..2 + round % 14).map(|squad| (squad * 7 + round * 5) % 23 + 3).collect();
        let frozen = if round.is_multiple_of(3) { frozen(&sizes) } else { february(&sizes) };
        export(&frozen, &drawn(&frozen, &format!("第{round}期 {}", round * round)))
    };
    let exports: Vec<Export> = (0..50).map(export_of).collect();
    let texts: Vec<String> = exports.iter().map(text).collect();
    for ((export, text), (status, lines)) in exports.iter().zip(&texts).zip(python("good", &texts)) {
        assert!(matches!(verify(text).unwrap(), Verification::Holds(_)));
        assert_eq!(status, 0, "{lines:?}");
        assert!(lines.contains(&format!("frame SHA-256: {}", export.frame_sha256)));
        assert!(lines.contains(&format!("seed: {}", export.draw.seed)));
    }
}

#[test]
fn the_library_and_the_script_say_the_same_of_every_tampering() {
    if !has_python() {
        return;
    }
    let tampered = |(_, tamper, _): &Tampering| {
        let mut export = exported(SIZES, "20240205-3-1-6");
        tamper(&mut export);
        text(&export)
    };
    let texts: Vec<String> = TAMPERINGS.iter().map(tampered).collect();
    for (((what, ..), text), (status, lines)) in TAMPERINGS.iter().zip(&texts).zip(python("bad", &texts)) {
        let Verification::DoesNotHold { mismatches } = verify(text).unwrap() else {
            panic!("{what} went unseen")
        };
        let said: Vec<String> = mismatches.iter().map(ToString::to_string).collect();
        assert_eq!(status, 3, "{what}");
        assert_eq!(lines[1..], said, "{what}");
    }
}

#[test]
fn the_script_refuses_what_the_library_refuses() {
    if !has_python() {
        return;
    }
    let texts = malformed(&text(&exported(SIZES, "1")));
    for (text, (status, lines)) in texts.iter().zip(python("malformed", &texts)) {
        assert_eq!(status, 2, "{lines:?}: {text:.60}");
    }
}
