//! What goes wrong, and what people are told: each mistake names what to do, ends with the status that
//! the contract gives it, and leaves the catalog as it was.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use tests::{run, run_ok};

const UNITS: &str = "code,name,kind,parent\nD1,示例支队,detachment,\nS1,示例中队,squad,D1\n";
const OFFICERS: &str = "badge,name,unit,frontline\n31001,队员甲,S1,true\n31002,队员乙,S1,true\n";
const CASES: &str =
    "case_no,unit,procedure,filed_at,closed_at,title\nA1,S1,simple,2024-05-02 09:00,,占道设摊\n";
const STAGES: &str = "case_no,stage_no,kind,starts_at,ends_at,officers,place\n\
                      A1,1,simple_penalty,2024-05-03 09:00,2024-05-03 09:20,31001;31002,某路\n";

/// A folder with a catalog that holds one squad, two officers and one case.
fn bureau() -> TempDir {
    let dir = TempDir::new().unwrap();
    for (kind, rows) in [("units", UNITS), ("officers", OFFICERS), ("cases", CASES), ("stages", STAGES)] {
        let file = format!("{kind}.csv");
        fs::write(dir.path().join(&file), rows).unwrap();
        run_ok(dir.path(), &["import", kind, &file]);
    }
    dir
}

/// Everything the catalog says, as far as people can see it.
fn visible(dir: &Path) -> String {
    run_ok(dir, &["audit", "--month", "2024-05", "--as-of", "2999-01-01 00:00", "--json"]).stdout
}

/// Imports rows that must be refused; the message must hold every part, and nothing may change.
fn refused(kind: &str, rows: &str, parts: &[&str]) {
    let dir = bureau();
    let before = visible(dir.path());
    fs::write(dir.path().join("bad.csv"), rows).unwrap();
    let ran = run(dir.path(), &["import", kind, "bad.csv"]);
    assert_eq!(ran.status, 2, "{}", ran.stderr);
    for part in parts {
        assert!(ran.stderr.contains(part), "`{part}` is not in:\n{}", ran.stderr);
    }
    assert_eq!(visible(dir.path()), before);
}

#[test]
fn an_unknown_column_is_named_with_the_one_that_was_meant() {
    refused("units", "code,name,knd,parent\nX,x,squad,\n", &["bad.csv", "knd", "kind"]);
}

#[test]
fn a_wrong_date_is_named_with_line_and_form() {
    let rows = STAGES.replace("2024-05-03 09:20", "2024-05-33 09:20");
    refused("stages", &rows, &["line 2", "ends_at", "2024-05-33 09:20"]);
}

#[test]
fn a_stage_that_ends_before_it_starts_is_refused() {
    let rows = STAGES.replace("2024-05-03 09:20", "2024-05-03 08:20");
    refused("stages", &rows, &["line 2", "ends_at"]);
}

#[test]
fn an_unknown_badge_is_refused() {
    refused("stages", &STAGES.replace("31002", "99999"), &["line 2", "99999", "officers"]);
}

#[test]
fn two_rows_with_one_id_are_both_named() {
    refused("units", "code,name,kind,parent\nX,x,squad,D1\nX,y,squad,D1\n", &["line 3", "line 2"]);
}

#[test]
fn a_workbook_that_is_none_is_told_from_its_bytes() {
    let dir = bureau();
    fs::write(dir.path().join("units.xlsx"), "<html><table><tr><td>code</td></tr></table></html>").unwrap();
    let ran = run(dir.path(), &["import", "units", "units.xlsx"]);
    assert_eq!(ran.status, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("HTML") && ran.stderr.contains("xlsx"), "{}", ran.stderr);
}

#[test]
fn a_file_that_is_not_there_makes_no_catalog() {
    let dir = TempDir::new().unwrap();
    let ran = run(dir.path(), &["import", "units", "none.csv"]);
    assert_eq!(ran.status, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("none.csv"));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_folder_that_is_not_there_makes_no_catalog() {
    let dir = TempDir::new().unwrap();
    let ran = run(dir.path(), &["ingest", "/no/such/folder"]);
    assert_eq!(ran.status, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("check the path"), "{}", ran.stderr);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_store_that_does_not_answer_is_an_error_of_ours() {
    let dir = TempDir::new().unwrap();
    // A port that was free a moment ago, on this machine: nobody answers there.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let ran: tests::Ran = tests::command(dir.path())
        .args(["ingest", "s3://evidence/2024-05"])
        .env("AWS_ACCESS_KEY_ID", "k")
        .env("AWS_SECRET_ACCESS_KEY", "s")
        .env("AWS_REGION", "local")
        .env("AWS_ENDPOINT", format!("http://127.0.0.1:{port}"))
        .output()
        .unwrap()
        .into();
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("s3://evidence/2024-05") && ran.stderr.contains("cannot be listed"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_missing_catalog_is_told_with_what_makes_one() {
    let dir = TempDir::new().unwrap();
    for args in [["audit", "--month", "2024-05"], ["report", "--month", "2024-06"]] {
        let ran = run(dir.path(), &args);
        assert_eq!(ran.status, 2, "{}", ran.stderr);
        assert!(ran.stderr.contains("reelproof import"), "{}", ran.stderr);
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_read_only_catalog_is_read_and_never_written() {
    let dir = bureau();
    let before = visible(dir.path());
    let read_only = ["--catalog", "sqlite://reelproof.db?mode=ro"];
    let audit = ["audit", "--month", "2024-05", "--as-of", "2999-01-01 00:00", "--json"];
    assert_eq!(run_ok(dir.path(), &[audit.as_slice(), &read_only].concat()).stdout, before);
    let ran = run(dir.path(), &[["import", "units", "units.csv"].as_slice(), &read_only].concat());
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("cannot be written"), "{}", ran.stderr);
}

#[test]
fn a_file_that_is_no_catalog_is_left_alone() {
    let dir = TempDir::new().unwrap();
    let letter = "dear colleague, ".repeat(100);
    fs::write(dir.path().join("letter.txt"), &letter).unwrap();
    fs::write(dir.path().join("units.csv"), UNITS).unwrap();
    let ran = run(dir.path(), &["import", "units", "units.csv", "--catalog", "sqlite://letter.txt"]);
    assert_eq!(ran.status, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("no reelproof catalog"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(dir.path().join("letter.txt")).unwrap(), letter);
}

#[test]
fn a_month_without_stages_names_those_that_have_some() {
    let dir = bureau();
    let ran = run(dir.path(), &["audit", "--month", "2023-01"]);
    assert_eq!(ran.status, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("2024-05"), "{}", ran.stderr);
    let ran = run(dir.path(), &["sample", "freeze", "--month", "2024-05"]);
    assert_eq!(ran.status, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("2024-04") && ran.stderr.contains("2024-05"), "{}", ran.stderr);
}

#[test]
fn a_report_before_the_draw_says_what_comes_first() {
    let dir = bureau();
    let ran = run(dir.path(), &["report", "--month", "2024-06"]);
    assert_eq!(ran.status, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("sample freeze"), "{}", ran.stderr);
    run_ok(dir.path(), &["sample", "freeze", "--month", "2024-06"]);
    let ran = run(dir.path(), &["report", "--month", "2024-06"]);
    assert!(ran.status == 2 && ran.stderr.contains("sample draw"), "{}", ran.stderr);
}

#[test]
fn a_wrong_policy_or_setting_is_named_with_its_place() {
    let dir = bureau();
    let ran = run(dir.path(), &["audit", "--month", "2024-05", "--policy", "nowhere-1999"]);
    assert!(ran.status == 2 && ran.stderr.contains("jingan-2024"), "{}", ran.stderr);
    fs::write(dir.path().join("reelproof.toml"), "[ingest]\nparalel = 2\n").unwrap();
    let ran = run(dir.path(), &["audit", "--month", "2024-05"]);
    assert!(
        ran.status == 2 && ran.stderr.contains("paralel") && ran.stderr.contains("line 2"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_full_disk_is_told_and_keeps_what_was_committed() {
    // A file size limit stands for a full disk: the engine meets the same failed write.
    let dir = bureau();
    let before = visible(dir.path());
    let mut rows = String::from("code,name,kind,parent\n");
    for number in 0..40_000 {
        // Writing to a String cannot fail.
        let _ = writeln!(rows, "X{number},示例第{number}中队,squad,D1");
    }
    fs::write(dir.path().join("many.csv"), rows).unwrap();
    let script =
        format!("ulimit -f 512; trap '' XFSZ; exec '{}' import units many.csv", tests::reelproof().display());
    let ran: tests::Ran = std::process::Command::new("bash")
        .args(["-c", &script])
        .current_dir(dir.path())
        .env_remove("REELPROOF_CATALOG")
        .output()
        .unwrap()
        .into();
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("disk"), "{}", ran.stderr);
    assert_eq!(visible(dir.path()), before);
}

#[test]
fn probing_what_is_no_footage_prints_why_and_ends_with_3() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("empty.mp4"), b"").unwrap();
    let ran = run(dir.path(), &["probe", "empty.mp4", "--json"]);
    assert_eq!(ran.status, 3, "{}", ran.stderr);
    assert_eq!(ran.json()["problems"][0]["code"], "empty");
    assert_eq!(run(dir.path(), &["probe", "none.mp4"]).status, 2);
}

/// An auditor who was given a copy has it in a folder of somebody else.
#[test]
fn a_catalog_that_may_not_be_written_can_be_read() {
    let dir = bureau();
    let visible = visible(dir.path());
    let set_mode = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    let program = dir.path().join("reelproof");
    fs::copy(tests::command(dir.path()).get_program(), &program).unwrap();
    set_mode(&dir.path().join("reelproof.db"), 0o444);
    set_mode(dir.path(), 0o555);
    let audit = ["audit", "--month", "2024-05", "--as-of", "2999-01-01 00:00", "--json"];
    let catalog = format!("sqlite://{}", dir.path().join("reelproof.db").display());
    let mut command = Command::new(program);
    command.args(audit).args(["--catalog", &catalog]).current_dir("/").env("LC_ALL", "C.UTF-8");
    if fs::metadata("/proc/self").unwrap().uid() == 0 {
        // Whoever may write everything is somebody else for this.
        command.uid(65534).gid(65534);
    }
    let ran = command.output().unwrap();
    set_mode(dir.path(), 0o755);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(String::from_utf8(ran.stdout).unwrap(), visible);
}
