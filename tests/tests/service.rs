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
        Self::start_with(dir, &[], &[])
    }

    fn start_with(dir: &Path, args: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut child = command(dir)
            .args(["serve", "--listen", "127.0.0.1:0", "--lang", "en"])
            .args(args)
            .envs(environment.iter().copied())
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

/// One answer of a collector: the body that was sent to it. It takes one connection after the other and says yes.
fn collector(listener: &std::net::TcpListener) -> (String, Vec<u8>) {
    let (mut stream, _) = listener.accept().unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let line = line_of(&mut reader);
        if line.trim().is_empty() {
            break;
        }
        if let Some(text) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = text.trim().parse().unwrap();
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
    (head, body)
}

#[test]
fn logs_are_json_with_the_numbers_of_requests_and_nobodys_data() {
    let dir = bureau();
    run_ok(dir.path(), &["user", "add", "boss", "--name", "管理员", "--role", "administrator"]);
    fs::write(dir.path().join("reelproof.toml"), "[log]\nformat = \"json\"\n").unwrap();
    let mut service = Service::start_with(dir.path(), &[], &[("REELPROOF_LOG", "api=debug")]);
    let path = "/api/v1/cases/%E7%BD%9A2024-77?as_of=2024-06-01";
    let (head, problem) = service.ask("GET", path, "Cookie: reelproof_session=xyz\r\n", None);
    assert!(head.starts_with("HTTP/1.1 401"), "{head}");
    service.child.kill().unwrap();
    let mut log = String::new();
    service.stderr.read_to_string(&mut log).unwrap();
    let lines: Vec<Value> =
        log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect();
    let of_request =
        lines.iter().find(|line| line["request"] == problem["request_id"]).unwrap_or_else(|| panic!("{log}"));
    assert_eq!(
        (&of_request["path"], &of_request["method"]),
        (&json!("/api/v1/cases/{*case_no}"), &json!("GET"))
    );
    for secret in ["2024-77", "E7", "as_of", "xyz", "boss", "管理员"] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}

#[test]
fn each_request_is_a_span_for_the_collector_that_the_environment_names() {
    let dir = bureau();
    run_ok(dir.path(), &["user", "add", "boss", "--name", "管理员", "--role", "administrator"]);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let environment =
        [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()), ("OTEL_BSP_SCHEDULE_DELAY", "100")];
    let service = Service::start_with(dir.path(), &[], &environment);
    service.ask("GET", "/api/v1/cases/secret-case?as_of=x", "", None);
    let (head, body) = collector(&listener);
    assert!(head.starts_with("POST /v1/traces "), "{head}");
    assert!(head.to_ascii_lowercase().contains("content-type: application/x-protobuf"), "{head}");
    // Texts stand in protobuf as they are.
    let text = String::from_utf8_lossy(&body);
    for word in ["reelproof", "GET /api/v1/cases/{*case_no}", "http.response.status_code"] {
        assert!(text.contains(word), "{word} in {text:?}");
    }
    assert!(!text.contains("secret-case"), "{text:?}");
    let wrong = tests::command(dir.path())
        .args(["serve", "--listen", "127.0.0.1:0"])
        .env("REELPROOF_LOG", "api=loud=very")
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", "no address at all")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&wrong.stderr);
    assert_eq!(wrong.status.code(), Some(2), "{told}");
    assert!(told.contains("REELPROOF_LOG") && told.contains("OTEL_EXPORTER_OTLP_ENDPOINT"), "{told}");
}
