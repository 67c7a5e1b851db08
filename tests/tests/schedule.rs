//! The schedule beside the service: the real binary, on the real clock, with a step that fails.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use catalog::Month;
use catalog::clock::{Clock as _, SystemClock};
use catalog::filing::AnnouncedSeed;
use catalog::round::Round;
use catalog::store::{OpenMode, open};
use serde_json::Value;
use tests::{command, root, run, run_ok};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(5);

/// A bureau of three squads with cases and complaints of the month before this one, and a policy whose round may be
/// frozen on any day.
fn bureau(dir: &Path, base: Month) {
    let units =
        "code,name,kind,parent\nS1,甲中队,squad,\nS2,乙中队,squad,\nS3,丙中队,squad,\nO,督察科,office,\n";
    let mut officers = "badge,name,unit,frontline\n".to_owned();
    for badge in 901..=903 {
        // Writing to a String cannot fail.
        let _ = writeln!(officers, "{badge},督察员{badge},O,false");
    }
    let mut cases = "case_no,unit,procedure,filed_at,closed_at,title\n".to_owned();
    let mut stages = "case_no,stage_no,kind,starts_at,ends_at,officers,place\n".to_owned();
    for squad in 1..=3 {
        let _ = writeln!(officers, "10{squad},队员{squad},S{squad},true");
        for number in 1..=4 {
            let day = format!("{base}-{:02}", 3 * number);
            let _ = writeln!(cases, "A{squad}{number},S{squad},ordinary,{day} 09:00,{day} 17:00,占道");
            let _ = writeln!(cases, "C{squad}{number},S{squad},complaint,{day} 09:00,,油烟");
            let _ =
                writeln!(stages, "A{squad}{number},1,site_inspection,{day} 10:00,{day} 10:20,10{squad},某路");
        }
    }
    for (kind, rows) in [("units", units), ("officers", &officers), ("cases", &cases), ("stages", &stages)] {
        let file = format!("{kind}.csv");
        fs::write(dir.join(&file), rows).unwrap();
        run_ok(dir, &["import", kind, &file]);
    }
    let policy = fs::read_to_string(root().join("policies/jingan-2024.toml")).unwrap();
    let policy = policy
        .replacen("due_day = 24", "due_day = 28", 1)
        .replacen("freeze_day = 2", "freeze_day = 1", 1)
        .replacen("draft_days_before = 3", "draft_days_before = 26\nseed_source = \"福彩3D当期开奖号码\"", 1);
    fs::write(dir.join("own.toml"), policy).unwrap();
}

/// The service, ended with the test.
struct Service {
    child: Child,
    dir: PathBuf,
    log: Receiver<String>,
    logged: Vec<String>,
}

impl Service {
    fn start(dir: &Path) -> Self {
        let mut child = command(dir)
            .args(["serve", "--listen", "127.0.0.1:0", "--schedule", "--schedule-every-s", "1"])
            .env("REELPROOF_POLICY", "own.toml")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (lines, log) = channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if lines.send(line).is_err() {
                    return;
                }
            }
        });
        let mut service = Self { child, dir: dir.to_owned(), log, logged: Vec::new() };
        service.until_logged("serving at ");
        service
    }

    /// The first line of the log that holds this, which may still be to come.
    fn until_logged(&mut self, part: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(line) = self.logged.iter().find(|line| line.contains(part)) {
                return line.clone();
            }
            let left = until.saturating_duration_since(Instant::now());
            match self.log.recv_timeout(left) {
                Ok(line) => self.logged.push(line),
                Err(error) => panic!("{part} was not logged ({error}): {:#?}", self.logged),
            }
        }
    }

    /// What is on record of the schedule.
    fn steps(&self) -> Vec<Value> {
        let document = run_ok(&self.dir, &["schedule", "list", "--json"]).json();
        document["steps"].as_array().unwrap().clone()
    }

    /// How often a step of a round came to this, once it has so often.
    fn until(&self, step: &str, round: &str, outcome: &str, times: usize) -> Vec<Value> {
        let until = Instant::now() + PATIENCE;
        loop {
            let steps = self.steps();
            let such =
                |one: &&Value| one["step"] == step && one["round"] == round && one["outcome"] == outcome;
            let found: Vec<Value> = steps.iter().filter(such).cloned().collect();
            if found.len() >= times {
                return found;
            }
            assert!(Instant::now() < until, "no {step} {outcome} of {round}: {steps:#?}");
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A round that another version of the program stored, as far as this one can tell, and its seed.
fn break_a_round(dir: &Path, month: Month, id: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let url = format!("sqlite://{}", dir.join("reelproof.db").display());
        let catalog = open(&url, OpenMode::Existing).await.unwrap();
        let round = Round {
            id: id.to_owned(),
            month,
            policy: "jingan-2024".into(),
            frozen_at: SystemClock.now(),
            frozen_json: "{}".into(),
            frame_sha256: "ab".repeat(32),
            draw: None,
        };
        assert!(catalog.freeze_round(&round).await.unwrap());
        let seed = AnnouncedSeed {
            round: id.to_owned(),
            seed: "4-2-6".into(),
            at: SystemClock.now(),
            by: "901".into(),
        };
        assert!(catalog.announce_seed(&seed).await.unwrap());
    });
}

#[test]
fn the_service_does_what_is_due_and_shows_what_fails_while_the_rest_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let month = SystemClock.now().month().unwrap();
    bureau(dir, month.previous());
    let round = |kind: &str| format!("{month}/jingan-2024{kind}");
    break_a_round(dir, month, &round(":complaints"));

    let mut service = Service::start(dir);
    for kind in ["", ":case_files"] {
        let frozen = service.until("freeze", &round(kind), "done", 1);
        let detail = frozen[0]["detail_zh"].as_str().unwrap();
        assert!(detail.contains("种子产生方式：福彩3D当期开奖号码"), "{detail}");
        service.until("draw", &round(kind), "waiting", 1);
    }
    for kind in [":legal_reviews", ":inspections"] {
        service.until("freeze", &round(kind), "waiting", 1);
    }
    // One round cannot be drawn. That is said each time it is tried, in the log as well, and keeps no other.
    let failed = service.until("draw", &round(":complaints"), "failed", 2);
    assert!(failed[0]["detail"].as_str().unwrap().contains("cannot be read"), "{failed:?}");
    assert!(failed[0]["detail_zh"].as_str().unwrap().starts_with("抽取失败：批次"), "{failed:?}");
    let logged = service.until_logged("a step of the schedule failed");
    assert!(logged.contains(":complaints"), "{logged}");
    for kind in ["", ":case_files"] {
        let seed = format!("9-8-7{kind}");
        run_ok(dir, &["schedule", "seed", "--round", &round(kind), "--seed", &seed, "--by", "901"]);
        service.until("draw", &round(kind), "done", 1);
        service.until("assign", &round(kind), "done", 1);
        let other = ["schedule", "seed", "--round", &round(kind), "--seed", "1-1-1", "--by", "901"];
        let refused = run(dir, &other);
        assert!(refused.status == 2 && refused.stderr.contains(&seed), "{}", refused.stderr);
    }
    // What is waited for is recorded once a day, however often it is looked for.
    let waiting = service.until("freeze", &round(":inspections"), "waiting", 1);
    assert!(waiting.len() <= 2, "once, or twice around midnight: {waiting:?}");

    let pid = service.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(service.child.wait().unwrap().success(), "told to end, it ends in order");
    let listed = run_ok(dir, &["schedule", "list", "--lang", "en"]).stdout;
    assert!(listed.contains("failed") && listed.contains(&round(":complaints")), "{listed}");
}
