//! Names that people give to folders and files: Chinese, with spaces, with signs that stores escape.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::fs;

use tempfile::TempDir;
use tests::run_ok;

#[test]
fn names_as_people_write_them_are_keys_as_they_are() {
    let dir = TempDir::new().unwrap();
    let names = ["2024年5月/现场 检查.mp4", "2024年5月/100%#1.mp4", "a+b&c.mp4", "~备份[1].mp4", "é.mp4"];
    for name in names {
        let file = dir.path().join("证据").join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, b"no footage").unwrap();
    }
    let first = run_ok(dir.path(), &["ingest", "证据", "--json"]).json();
    assert_eq!((first["new"].as_u64(), first["failed"].as_u64()), (Some(5), Some(0)), "{first}");
    let again = run_ok(dir.path(), &["ingest", "证据", "--json"]).json();
    assert_eq!((again["unchanged"].as_u64(), again["gone"].as_u64()), (Some(5), Some(0)), "{again}");
    // The same part of the store, named by its folder.
    let part = run_ok(dir.path(), &["ingest", "证据/2024年5月", "--json"]).json();
    assert_eq!((part["objects"].as_u64(), part["unchanged"].as_u64()), (Some(2), Some(2)), "{part}");
    fs::remove_file(dir.path().join("证据/2024年5月/现场 检查.mp4")).unwrap();
    let gone = run_ok(dir.path(), &["ingest", "证据/2024年5月", "--json"]).json();
    assert_eq!((gone["unchanged"].as_u64(), gone["gone"].as_u64()), (Some(1), Some(1)), "{gone}");

    for name in names.iter().skip(1) {
        let path = dir.path().join("证据").join(name);
        let probe = tests::run(dir.path(), &["probe", path.to_str().unwrap(), "--no-hash", "--json"]);
        assert_eq!(probe.status, 3, "{name}: {}", probe.stderr);
        assert_eq!(probe.json()["problems"][0]["code"], "unreadable");
    }
}
