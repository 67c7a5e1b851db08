//! Verification by the library and by docs/verify_draw.py, which share no code.

use std::path::{Path, PathBuf};
use std::process::Command;

use analyzer::sample::{Export, MismatchCode, Verification, export, item_ticket, verify};

use analyzer::policy::{Policy, Population};

use crate::support::{Bureau, drawn, february, month, reached};

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
    ("an item's officers", |e| e.frame.items[0].officers.push("Z".into()), MismatchCode::FrameDigest),
    ("an item's repeats", |e| e.frame.items[0].repeats = 9, MismatchCode::FrameDigest),
    ("the frame in another order", |e| e.frame.items.swap(0, 1), MismatchCode::FrameOrder),
    ("a squad twice", |e| e.frame.squads.insert(0, e.frame.squads[0].clone()), MismatchCode::FrameOrder),
    ("a squad said to be reached", |e| e.frame.squads[2].done[2] = 1, MismatchCode::FrameDigest),
    ("a squad renamed", |e| e.frame.squads[2].name.push('x'), MismatchCode::FrameDigest),
    ("fewer cases", |e| e.frame.cases /= 2, MismatchCode::Frame),
    ("fewer cases in the rule, too", fewer_cases, MismatchCode::Plan),
    ("a lower share", |e| e.frame.rules[0].percent = Some(5), MismatchCode::Plan),
    ("more time left", |e| e.frame.rules[2].rounds_left += 1, MismatchCode::Plan),
    ("another month", |e| e.frame.month = e.frame.month.next(), MismatchCode::Round),
    ("another kind", |e| e.frame.kind = Population::CaseFiles, MismatchCode::Round),
    ("another base month", |e| e.frame.base_to = e.frame.month.next(), MismatchCode::BaseMonth),
    ("another source of the seed", |e| e.frame.seed_source.push('x'), MismatchCode::FrameDigest),
    ("another digest", |e| e.frame_sha256 = "0".repeat(64), MismatchCode::FrameDigest),
    ("another digest in the draw", |e| e.draw.frame_sha256 = "0".repeat(64), MismatchCode::FrameDigest),
    ("a draw of another round", |e| e.draw.round = "2024-03/jingan-2024".into(), MismatchCode::Round),
    ("a smaller core", |e| e.plan.core = 1, MismatchCode::Plan),
    ("a lower quota", |e| e.plan.quotas[1].to_draw = 1, MismatchCode::Plan),
    ("a ticket", |e| e.draw.items[0].ticket = "0".repeat(64), MismatchCode::Ticket),
    ("an item left out", |e| _ = e.draw.items.pop(), MismatchCode::ItemMissing),
    ("an item replaced", replace_an_item, MismatchCode::ItemExtra),
    ("items in another order", |e| e.draw.items.swap(0, 1), MismatchCode::ItemOrder),
    ("an item listed twice", |e| e.draw.items.push(e.draw.items[0].clone()), MismatchCode::ItemOrder),
    ("a reason", |e| e.draw.items[0].reason = "squads".into(), MismatchCode::ItemChanged),
    ("an item's unit", |e| e.draw.items[0].unit = "SQ-99".into(), MismatchCode::ItemChanged),
    ("squads reached", |e| e.draw.units.push("SQ-99".into()), MismatchCode::Units),
];

fn fewer_cases(export: &mut Export) {
    export.frame.cases /= 2;
    export.frame.rules[0].there /= 2;
}

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
    value["plan"] = serde_json::json!([1, []]);
    vec![
        String::new(),
        "[]".to_owned(),
        format!("\u{feff}{good}"),
        good[..good.len() / 2].to_owned(),
        format!("{good} {{}}"),
        value.to_string(),
        replaced("reelproof-sample/2", "reelproof-sample/3"),
        replaced("\"seed\": \"1\"", "\"seed\": \" 1\""),
        replaced("\"seed\": \"1\"", "\"seed\": \"\""),
        replaced("\"seed\": \"1\"", "\"seed\": 1"),
        replaced("\"seed\": \"1\"", "\"seed\": \"\\ud800\""),
        replaced("\"seed\": \"1\"", "\"seed\": \"1\", \"seed\": \"1\""),
        replaced("\"seed\": \"1\"", "\"seed\": \"1\", \"note\": \"verified\""),
        replaced("\"order\": 1,", "\"order\": 1.0,"),
        replaced("\"order\": 1,", "\"order\": -0,"),
        replaced("\"order\": 1,", "\"order\": 18446744073709551616,"),
        replaced("\"order\": 1,", ""),
        replaced("\"percent\": 10", "\"percent\": 0"),
        replaced("\"percent\": 10", "\"percent\": true"),
        replaced("\"percent\": 10", "\"percent\": null"),
        replaced("\"count\": null", "\"count\": 3"),
        replaced("\"rounds_left\": 1", "\"rounds_left\": 0"),
        replaced("\"kind\": \"recordings\"", "\"kind\": \"records\""),
        replaced("reelproof-frame/2", "reelproof-frame/1"),
        replaced("\"month\": \"2024-02\"", "\"month\": \"2024-+2\""),
        replaced("\"month\": \"2024-02\"", "\"month\": \"2024-2\""),
        replaced("half_year", "fortnight"),
        replaced("\"reason\": \"core\"", "\"reason\": \"\""),
        replaced("\"take\": \"items\"", "\"take\": \"item\""),
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

/// Loads the page's own script into Node.js, and runs it on every file.
const MANY_IN_NODE: &str = r#"
const fs = require("fs"), vm = require("vm");
const html = fs.readFileSync(process.argv[1], "utf8");
const code = /<script>([^]*)<\/script>/.exec(html)[1];
const context = vm.createContext({ TextEncoder });
vm.runInContext(code, context);
const results = process.argv.slice(2).map((file) => {
  context.text = fs.readFileSync(file, "utf8");
  const said = vm.runInContext("verifyText(text)", context);
  return [{ "holds": 0, "does not hold": 3, "malformed": 2 }[said.status], said.lines];
});
process.stdout.write(JSON.stringify(results));
"#;

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/verify_draw.html")
}

/// What the page says of each file: as the script's exit status, and lines.
fn html(name: &str, texts: &[String]) -> Vec<(i32, Vec<String>)> {
    let files = write_files(name, texts);
    let output = Command::new("node").args(["-e", MANY_IN_NODE]).arg(page()).args(&files).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::remove_dir_all(files[0].parent().unwrap()).unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

fn is_there(program: &str) -> bool {
    let there = Command::new(program).arg("--version").output().is_ok();
    if !there {
        println!("skipped: there is no {program} on this machine");
    }
    there
}

/// Two hundred rounds of every kind, policy and shape.
fn rounds() -> Vec<Export> {
    let checks: Vec<(Policy, Population, &str)> = Policy::built_in_names()
        .map(|name| Policy::built_in(name).unwrap())
        .flat_map(|policy| {
            let kinds: Vec<_> =
                policy.checks.iter().map(|check| (check.kind, check.has_round(month("2024-05")))).collect();
            kinds.into_iter().map(move |(kind, in_may)| {
                // Where there is none in May, there is one at a quarter's beginning or at its end.
                let later = policy.check_of(kind).is_some_and(|check| check.has_round(month("2024-06")));
                (
                    policy.clone(),
                    kind,
                    if in_may {
                        "2024-05"
                    } else if later {
                        "2024-06"
                    } else {
                        "2024-07"
                    },
                )
            })
        })
        .collect();
    let one = |round: usize| {
        let (policy, kind, in_month) = &checks[round % checks.len()];
        let sizes: Vec<usize> = (0..=round % 13)
            .map(|squad| (squad * 7 + round * 5) % 19 * usize::from(squad % 5 != 4))
            .collect();
        let mut bureau = Bureau::default();
        for base in ["2024-04", "2024-05", "2024-06"] {
            bureau.add_month(month(base), &sizes);
        }
        for (i, case) in bureau.cases.iter_mut().enumerate() {
            let procedures = catalog::case::Procedure::ALL;
            case.procedure = procedures[(i + round) % procedures.len()];
            bureau.repeats.insert(case.case_no.clone(), 1 + u32::try_from(i % 6).unwrap());
        }
        for stage in bureau.stages.iter_mut().step_by(4) {
            stage.kind = catalog::case::StageKind::LegalReview;
        }
        let earlier = [reached("2024-04", &[0, 2]), reached("2024-03", &[1])];
        let frozen = bureau.try_freeze(month(in_month), policy, *kind, &earlier[..round % 3]).unwrap();
        export(&frozen, &drawn(&frozen, &format!("第{round}期 {}", round * round)))
    };
    (0..200).map(one).collect()
}

#[test]
fn the_library_the_script_and_the_page_agree_on_two_hundred_rounds_of_all_kinds() {
    let exports = rounds();
    let kinds: std::collections::BTreeSet<_> = exports.iter().map(|export| export.frame.kind).collect();
    assert_eq!(kinds.len(), Population::ALL.len());
    let texts: Vec<String> = exports.iter().map(text).collect();
    for text in &texts {
        assert!(matches!(verify(text).unwrap(), Verification::Holds(_)));
    }
    if has_python() {
        for (export, (status, lines)) in exports.iter().zip(python("good", &texts)) {
            assert_eq!(status, 0, "{lines:?}");
            assert!(lines.contains(&format!("frame SHA-256: {}", export.frame_sha256)));
            assert!(lines.contains(&format!("seed: {}", export.draw.seed)));
        }
    }
    if is_there("node") {
        for (status, lines) in html("good-page", &texts) {
            assert_eq!((status, lines), (0, Vec::new()));
        }
    }
}

#[test]
fn each_of_the_three_refuses_another_seed_frame_item_or_order_in_any_of_them() {
    const FOUR: [fn(&mut Export); 4] = [
        |e| e.draw.seed.push('1'),
        |e| _ = e.frame.items.pop(),
        |e| _ = e.draw.items.pop(),
        |e| e.draw.items.rotate_left(1),
    ];
    let mut texts = Vec::new();
    for export in rounds().iter().filter(|export| export.draw.items.len() > 1) {
        for tamper in FOUR {
            let mut tampered = export.clone();
            tamper(&mut tampered);
            texts.push(text(&tampered));
        }
    }
    assert!(texts.len() > 400, "{}", texts.len());
    let said: Vec<Vec<String>> = texts.iter().map(|text| said_by_library("tampered", text)).collect();
    if has_python() {
        for (said, (status, lines)) in said.iter().zip(python("four", &texts)) {
            assert_eq!((status, &lines[1..]), (3, said.as_slice()));
        }
    }
    if is_there("node") {
        for (said, (status, lines)) in said.iter().zip(html("four-page", &texts)) {
            assert_eq!((status, &lines), (3, said));
        }
    }
}

fn said_by_library(what: &str, text: &str) -> Vec<String> {
    let Verification::DoesNotHold { mismatches } = verify(text).unwrap() else {
        panic!("{what} went unseen")
    };
    mismatches.iter().map(ToString::to_string).collect()
}

#[test]
fn all_three_say_the_same_of_every_tampering() {
    let tampered = |(_, tamper, _): &Tampering| {
        let mut export = exported(SIZES, "20240205-3-1-6");
        tamper(&mut export);
        text(&export)
    };
    let texts: Vec<String> = TAMPERINGS.iter().map(tampered).collect();
    let said: Vec<Vec<String>> =
        TAMPERINGS.iter().zip(&texts).map(|((what, ..), text)| said_by_library(what, text)).collect();
    if has_python() {
        for ((what, ..), (said, (status, lines))) in
            TAMPERINGS.iter().zip(said.iter().zip(python("bad", &texts)))
        {
            assert_eq!(status, 3, "{what}");
            assert_eq!(&lines[1..], said.as_slice(), "{what}");
        }
    }
    if is_there("node") {
        for ((what, ..), (said, (status, lines))) in
            TAMPERINGS.iter().zip(said.iter().zip(html("bad-page", &texts)))
        {
            assert_eq!((status, &lines), (3, said), "{what}");
        }
    }
}

#[test]
fn the_script_and_the_page_refuse_what_the_library_refuses() {
    let texts = malformed(&text(&exported(SIZES, "1")));
    if has_python() {
        for (text, (status, lines)) in texts.iter().zip(python("malformed", &texts)) {
            assert_eq!(status, 2, "{lines:?}: {text:.60}");
        }
    }
    if is_there("node") {
        for (text, (status, lines)) in texts.iter().zip(html("malformed-page", &texts)) {
            assert_eq!(status, 2, "{lines:?}: {text:.60}");
        }
    }
}

#[test]
fn the_page_runs_in_a_browser_under_its_own_policy() {
    let html = std::fs::read_to_string(page()).unwrap();
    assert!(html.contains("default-src 'none'; script-src 'sha256-"), "no other source of anything");
    assert!(!html.contains("http:") && !html.contains("https:") && !html.contains("src=\""));
    if !is_there("chromium") {
        return;
    }
    let profile = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("chromium-{}", std::process::id()));
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--lang=zh-CN", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("file://{}", page().canonicalize().unwrap().display()))
        .output()
        .unwrap();
    let dom = String::from_utf8_lossy(&output.stdout).into_owned();
    _ = std::fs::remove_dir_all(profile);
    // The words are put there by the script: had its digest not matched, there would be none.
    let runs = dom.contains("本页在您的浏览器内重新完成一次抽取") || dom.contains("This page repeats a draw");
    assert!(runs, "{dom:.400}\n{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn rounds_of_the_first_format_still_verify() {
    for (name, text) in [
        ("june", include_str!("first_format/june.json")),
        ("february", include_str!("first_format/february.json")),
    ] {
        assert!(matches!(verify(text).unwrap(), Verification::Holds(_)), "{name}");
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        let mut texts = vec![text.to_owned()];
        let changes: [fn(&mut serde_json::Value); 8] = [
            |v| v["draw"]["seed"] = "another".into(),
            |v| _ = v["draw"]["picks"].as_array_mut().unwrap().pop(),
            |v| v["draw"]["picks"].as_array_mut().unwrap().swap(0, 1),
            |v| v["draw"]["items"][0]["ticket"] = "00".into(),
            |v| _ = v["frame"]["items"].as_array_mut().unwrap().pop(),
            |v| _ = v["draw"]["items"].as_array_mut().unwrap().pop(),
            |v| v["draw"]["items"].as_array_mut().unwrap().swap(0, 1),
            |v| v["plan"]["items_required"] = 1.into(),
        ];
        for change in changes {
            let mut value = value.clone();
            change(&mut value);
            texts.push(value.to_string());
        }
        let said: Vec<Vec<String>> = texts[1..].iter().map(|text| said_by_library(name, text)).collect();
        assert!(said.iter().all(|lines| !lines.is_empty()));
        if has_python() {
            let mut results = python("first", &texts).into_iter();
            assert_eq!(results.next().unwrap().0, 0, "{name}");
            for (said, (status, lines)) in said.iter().zip(results) {
                assert_eq!((status, &lines[1..]), (3, said.as_slice()), "{name}");
            }
        }
        if is_there("node") {
            let mut results = html("first-page", &texts).into_iter();
            assert_eq!(results.next().unwrap(), (0, Vec::new()), "{name}");
            for (said, (status, lines)) in said.iter().zip(results) {
                assert_eq!((status, &lines), (3, said), "{name}");
            }
        }
    }
}
