//! What `deploy/` says of the programs is true: the figures that alerts and dashboards ask for exist, and the commands and flags
//! that units and manifests give are taken.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// The names of figures in a text, without what Prometheus adds to that of a histogram.
fn figures(text: &str) -> BTreeSet<String> {
    let word = |one: char| one.is_ascii_lowercase() || one == '_';
    text.split(|one| !word(one))
        .filter(|name| {
            ["reelproof_http_", "reelproof_worker_", "reelproof_queue_", "reelproof_fixity_"]
                .iter()
                .any(|of| name.starts_with(of))
        })
        .map(|name| name.strip_suffix("_bucket").unwrap_or(name).to_owned())
        .collect()
}

#[test]
fn alerts_and_dashboards_ask_for_figures_that_there_are() {
    let asked: BTreeSet<String> =
        ["deploy/prometheus/alerts.yaml", "deploy/grafana/reelproof.json", "deploy/kubernetes/scaling.yaml"]
            .iter()
            .flat_map(|path| figures(&read(path)))
            .collect();
    assert!(asked.len() > 11, "{asked:?}");
    let sources = [read("api/src/server/figures.rs"), read("ingest/src/worker/figures.rs")].concat();
    let literal = |text: &str| sources.contains(&format!("\"{text}\""));
    for name in asked {
        let counter = name.strip_prefix("reelproof_worker_").and_then(|rest| rest.strip_suffix("_total"));
        let depth = name.strip_prefix("reelproof_queue_tasks_");
        let there = literal(&name) || counter.or(depth).is_some_and(literal);
        assert!(there, "{name} is asked for, and nothing gives it");
    }
}

#[test]
fn units_and_manifests_give_flags_that_commands_take() {
    let mut lines = Vec::new();
    for entry in std::fs::read_dir(root().join("deploy/systemd")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        lines.extend(text.lines().filter_map(|line| {
            let (_, command) = line.split_once("/usr/local/bin/reelproof ")?;
            Some(command.replace(['\'', '"'], " "))
        }));
    }
    for path in ["service", "workers", "jobs"] {
        let text = read(&format!("deploy/kubernetes/{path}.yaml"));
        lines.extend(text.lines().filter_map(|line| {
            let (_, args) = line.trim().split_once("args: [")?;
            Some(args.trim_end_matches(']').replace([',', '"'], " "))
        }));
    }
    assert!(lines.len() >= 8, "{lines:?}");
    for line in lines {
        let words: Vec<&str> = line.split_whitespace().collect();
        let command: Vec<&str> = match words.as_slice() {
            [first @ "catalog", second, ..] => vec![first, second],
            [first, ..] => vec![first],
            [] => panic!("a command without a word"),
        };
        let help =
            std::process::Command::new(tests::reelproof()).args(&command).arg("--help").output().unwrap();
        assert!(help.status.success(), "{line}");
        let help = String::from_utf8(help.stdout).unwrap();
        for flag in words.iter().filter(|word| word.starts_with("--")) {
            assert!(help.contains(*flag), "{line}: {command:?} takes no {flag}");
        }
    }
}
