//! Drone coverage of the demo month: the figures and findings that were planted, by the binary itself.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::path::Path;

use serde_json::Value;
use tests::{has_ffmpeg, run, run_demo, run_ok};

fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value[field].as_array().unwrap_or_else(|| panic!("no list `{field}` in {value}"))
}

#[test]
fn the_demo_months_drones_cover_what_was_planted() {
    if !has_ffmpeg() {
        return;
    }
    let month = run_demo(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo-month"));
    let (truth, found) = (&month.truth["drones"], &month.printed["coverage"]);
    let tolerance = truth["tolerance"].as_f64().unwrap();
    let close = |what: &str, found: &Value, expected: &Value| {
        let (found, expected) = (found.as_f64().unwrap(), expected.as_f64().unwrap());
        assert!((found - expected).abs() <= tolerance * expected, "{what}: {found} instead of {expected}");
    };
    close("flyable", &found["flyable_m2"], &truth["flyable_m2"]);
    close("covered", &found["covered_m2"], &truth["covered_m2"]);
    for expected in list(truth, "areas") {
        let area = list(found, "areas").iter().find(|area| area["name"] == expected[0]).unwrap();
        close("area", &area["flyable_m2"], &expected[1]);
        close("area", &area["covered_m2"], &expected[2]);
    }
    for expected in list(truth, "sorties") {
        let sortie = list(found, "sorties").iter().find(|sortie| sortie["sortie"] == expected[0]).unwrap();
        close(expected[0].as_str().unwrap(), &sortie["covered_m2"], &expected[1]);
    }
    let pair = |code: &Value, subject: &Value| {
        (code.as_str().unwrap().to_owned(), subject.as_str().unwrap().to_owned())
    };
    let mut findings: Vec<_> = list(found, "findings")
        .iter()
        .filter(|finding| finding["code"] != "not_seen")
        .map(|finding| pair(&finding["code"], &finding["subject"]))
        .collect();
    let mut planted: Vec<_> =
        list(truth, "findings").iter().map(|finding| pair(&finding[0], &finding[1])).collect();
    findings.sort();
    planted.sort();
    assert_eq!(findings, planted);

    let dir = tempfile::tempdir().unwrap();
    let catalog = format!("sqlite://{}", month.dir.join("reelproof.db").display());
    let args = ["coverage", "--month", "2024-05", "--catalog", &catalog];
    let with_map = [args.as_slice(), &["--geojson", "map.geojson", "--lang", "zh"]].concat();
    let text = run_ok(dir.path(), &with_map).stdout;
    for words in ["无人机巡查覆盖", "未达标", "需要处理的问题", "JC-0518-2", "待核"] {
        assert!(text.contains(words), "{words} is not in\n{text}");
    }
    let map: Value =
        serde_json::from_str(&std::fs::read_to_string(dir.path().join("map.geojson")).unwrap()).unwrap();
    assert_eq!(map["type"], "FeatureCollection");
    assert!(list(&map, "features").iter().any(|feature| feature["properties"]["layer"] == "filmed"));

    let other = run(dir.path(), &[args.as_slice(), &["--policy", "jingan-2024"]].concat());
    assert_eq!(other.status, 2, "{}", other.stderr);
    assert!(other.stderr.contains("pudong-2023"), "{}", other.stderr);
    let nothing = run(dir.path(), &["coverage", "--month", "2023-01", "--catalog", &catalog]);
    assert_eq!(nothing.status, 2, "{}", nothing.stderr);
    assert!(nothing.stderr.contains("sorties begin in 2024-05"), "{}", nothing.stderr);
}
