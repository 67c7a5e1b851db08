//! The service holds what its description promises: Schemathesis makes requests from the description, good ones and bad
//! ones, and the real binary on the demo month answers each without failing and as described.
//!
//! It takes part as a supervisor and as an administrator, each for a bounded time. What ends the session that asks
//! (signing out, passwords) is left out, and so is the stream of events, which does not end.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::{command, run_demo, run_ok};

/// Seconds that each of the two may ask; their bounded examples may be done earlier.
const SECONDS: &str = "60";

/// What is asked of every answer: no failure of ours, and a status, a type and a document that are described.
const CHECKS: &str =
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

/// Operations that are left out.
const LEFT_OUT: [&str; 6] = [
    "delete_session",
    "post_session",
    "post_session_password",
    "post_users_id_password",
    "patch_users_id",
    "get_events",
];

/// The program, if `scripts/setup.sh --with test` put it there; says that the test is skipped if not.
fn schemathesis() -> Option<PathBuf> {
    let tools = std::env::var_os("REELPROOF_TOOLS").map(PathBuf::from).or_else(|| {
        let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
        Some(cache?.join("reelproof/tools"))
    });
    let program = tools?.join("schemathesis/bin/schemathesis");
    if program.is_file() {
        return Some(program);
    }
    println!("skipped: there is no {}; `scripts/setup.sh --with test` installs it", program.display());
    None
}

/// A service on a port of its own, which ends with this.
struct Service(Child, String);

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended by itself, which the test then says.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(dir: &Path) -> Service {
    let args = ["serve", "--listen", "127.0.0.1:0", "--lang", "en"];
    let mut child = command(dir).args(args).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    // What it says later is read, so that it never waits for somebody to do so.
    std::thread::spawn(move || std::io::copy(&mut stderr, &mut std::io::sink()));
    let address = line.trim().strip_prefix("serving at http://").unwrap_or_else(|| panic!("{line}"));
    let address = address.trim_end_matches('/').to_owned();
    Service(child, address)
}

/// The cookie of a session of this account.
fn sign_in(address: &str, login: &str, password: &Value) -> String {
    let form = json!({ "login": login, "password": password }).to_string();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST /api/v1/session HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{form}",
        form.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next());
    cookie.unwrap_or_else(|| panic!("{answer}")).to_owned()
}

#[test]
fn the_service_answers_as_it_is_described_and_never_fails() {
    let Some(program) = schemathesis() else { return };
    let month = run_demo(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo-month"));
    let dir = TempDir::new().unwrap();
    for ending in ["", "-wal", "-shm"] {
        let from = month.dir.join(format!("reelproof.db{ending}"));
        if from.exists() {
            std::fs::copy(from, dir.path().join(format!("reelproof.db{ending}"))).unwrap();
        }
    }
    drop(month);
    let mut accounts = Vec::new();
    for (login, role) in [("inspector-x", "supervisor"), ("keeper-x", "administrator")] {
        let add = ["user", "add", login, "--name", "测试", "--role", role, "--json"];
        accounts.push((login, run_ok(dir.path(), &add).json()["password"].clone()));
    }
    let service = serve(dir.path());
    // All before the first begins to ask: whoever asked so much a moment ago has to wait.
    let sessions: Vec<_> =
        accounts.iter().map(|(login, password)| (login, sign_in(&service.1, login, password))).collect();
    for (login, cookie) in sessions {
        let mut run = Command::new(&program);
        run.current_dir(dir.path())
            .arg("run")
            .arg(format!("http://{}/api/openapi.json", service.1))
            .args(["--header", &format!("Cookie: {cookie}")])
            .args(["--checks", CHECKS])
            .args(["--phases", "examples,coverage,fuzzing", "--max-examples", "6", "--max-time", SECONDS])
            .args(["--seed", "20240603", "--no-shrink", "--continue-on-failure", "--no-color"])
            .args(["--warnings", "off", "--suppress-health-check", "all", "--request-timeout", "30"]);
        for left_out in LEFT_OUT {
            run.args(["--exclude-operation-id", left_out]);
        }
        let ran = run.output().unwrap();
        let said = String::from_utf8_lossy(&ran.stdout).into_owned();
        assert!(ran.status.success(), "as {login}: {said}\n{}", String::from_utf8_lossy(&ran.stderr));
        println!("as {login}: {}", said.lines().last().unwrap_or_default());
    }
}
