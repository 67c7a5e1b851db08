//! The service as the binary runs it: accounts from the command line, the link for the first one, signing in over a
//! socket, and settings that do not do.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::fs;
use std::io::{BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStderr, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::{command, run, run_ok};

const UNITS: &str = "code,name,kind,parent\nD1,示例支队,detachment,\nS1,示例中队,squad,D1\n";

fn bureau() -> TempDir {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("units.csv"), UNITS).unwrap();
    run_ok(dir.path(), &["import", "units", "units.csv"]);
    dir
}

/// A service on a port of its own, which ends with this.
struct Service {
    child: Child,
    stderr: BufReader<ChildStderr>,
    address: String,
}

impl Service {
    fn start(dir: &Path) -> Self {
        let mut child = command(dir)
            .args(["serve", "--listen", "127.0.0.1:0", "--lang", "en"])
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let line = line_of(&mut stderr);
        let address = line.trim().strip_prefix("serving at http://").unwrap_or_else(|| panic!("{line}"));
        let address = address.trim_end_matches('/').to_owned();
        Self { child, stderr, address }
    }

    /// Status line and headers, and the document of the answer.
    fn ask(&self, method: &str, path: &str, headers: &str, body: Option<&Value>) -> (String, Value) {
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n{headers}\r\n{body}",
            self.address,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), serde_json::from_str(body).unwrap_or(Value::Null))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended by itself, which the test then says.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn line_of(reader: &mut impl std::io::BufRead) -> String {
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    line
}

#[test]
fn the_first_start_prints_the_link_that_makes_the_first_administrator_once() {
    let dir = bureau();
    let mut service = Service::start(dir.path());
    let link = line_of(&mut service.stderr);
    let token = link.trim().rsplit_once("/setup?token=").unwrap_or_else(|| panic!("{link}")).1.to_owned();
    assert!(link.contains(&service.address), "{link}");
    let (head, problem) = service.ask("GET", "/api/v1/session", "", None);
    assert!(head.starts_with("HTTP/1.1 401"), "{head}");
    assert_eq!(problem["code"], "setup_required");
    let first = json!({ "token": token, "login": "li", "name": "李某", "password": "four words in a row" });
    let (head, session) = service.ask("POST", "/api/v1/setup", "", Some(&first));
    assert!(head.starts_with("HTTP/1.1 201"), "{head} {session}");
    let cookie = head
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next())
        .unwrap_or_else(|| panic!("{head}"));
    let (head, users) = service.ask("GET", "/api/v1/users", &format!("Cookie: {cookie}\r\n"), None);
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(users["users"][0]["role"], "administrator");
    let (head, _) = service.ask("POST", "/api/v1/setup", "", Some(&first));
    assert!(head.starts_with("HTTP/1.1 409"), "{head}");
    let (head, _) = service.ask("GET", "/setup?token=x", "Accept: text/html\r\n", None);
    assert!(head.starts_with("HTTP/1.1 200"), "the page of the link is there: {head}");
}

#[test]
fn an_account_from_the_command_line_signs_in_and_a_lost_administrator_is_let_in_again() {
    let dir = bureau();
    let add = ["user", "add", "boss", "--name", "管理员", "--role", "administrator", "--json"];
    let made = run_ok(dir.path(), &add).json();
    let service = Service::start(dir.path());
    let sign_in = |password: &Value| {
        let form = json!({ "login": "boss", "password": password });
        service.ask("POST", "/api/v1/session", "", Some(&form)).0
    };
    assert!(sign_in(&made["password"]).starts_with("HTTP/1.1 200"));
    let reset = run_ok(dir.path(), &["user", "reset", "boss", "--json"]).json();
    assert_ne!(reset["password"], made["password"]);
    assert!(sign_in(&made["password"]).starts_with("HTTP/1.1 401"));
    assert!(sign_in(&reset["password"]).starts_with("HTTP/1.1 200"));
    let refused = run(dir.path(), &["user", "disable", "boss"]);
    assert_eq!(refused.status, 2);
    assert!(refused.stderr.contains("last administrator"), "{}", refused.stderr);
    let squad = ["user", "add", "zd", "--name", "中队", "--role", "squad"];
    assert!(run(dir.path(), &squad).stderr.contains("needs the unit"));
    run_ok(dir.path(), &[&squad[..], &["--unit", "S1"]].concat());
    run_ok(dir.path(), &["user", "disable", "zd"]);
    let list = run_ok(dir.path(), &["user", "list", "--json"]).json();
    assert_eq!(list["users"].as_array().unwrap().len(), 2);
    assert!(list["users"][1]["disabled_at"].is_string(), "{list}");
    let text = run_ok(dir.path(), &["user", "list", "--lang", "zh"]).stdout;
    assert!(text.contains("系统管理员") && text.contains("已停用"), "{text}");
}

#[test]
fn settings_that_do_not_do_are_all_named_before_anything_is_served() {
    let dir = bureau();
    fs::write(dir.path().join("bad.pem"), "no certificate").unwrap();
    let ran = run(
        dir.path(),
        &["serve", "--tls-cert", "bad.pem", "--tls-key", "none.pem", "--public-url", "audit.example"],
    );
    assert_eq!(ran.status, 2, "{}", ran.stderr);
    for part in ["bad.pem", "--public-url"] {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
}
