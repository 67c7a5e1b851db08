//! Time stamps of checkpoints by an authority of our own, which OpenSSL plays, and what OpenSSL then says of them.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;
use tests::{run, run_ok};

const SETTINGS: &str = "
[req]
distinguished_name = name
x509_extensions = stamps
prompt = no
[name]
CN = Demo Time
[stamps]
basicConstraints = critical, CA:true
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = here
[here]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
certs = tsa.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
";

fn openssl(dir: &Path, args: &[&str]) -> Output {
    Command::new("openssl").current_dir(dir).args(args).output().unwrap()
}

/// An authority's key and certificate; `None`, having said so, where there is no OpenSSL.
fn authority() -> Option<TempDir> {
    if Command::new("openssl").arg("version").output().is_err() {
        println!("skipped: there is no openssl on this machine");
        return None;
    }
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("tsa.cnf"), SETTINGS).unwrap();
    fs::write(dir.path().join("serial"), "2A\n").unwrap();
    let made = openssl(
        dir.path(),
        &[
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-config", "tsa.cnf", "-keyout",
            "tsa.key", "-out", "tsa.pem",
        ],
    );
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    Some(dir)
}

/// Answers each request once as `answer` says of its body: status line, media type, body.
fn serve(answer: impl Fn(Vec<u8>) -> (&'static str, &'static str, Vec<u8>) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut reader = BufReader::new(stream);
            let mut length = 0;
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line.trim().is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let (status, kind, body) = answer(body);
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let mut stream = reader.into_inner();
            stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body)).unwrap();
        }
    });
    address
}

const REPLY: &str = "application/timestamp-reply";

/// The authority's answer to a question.
fn reply(dir: &Path, question: &[u8]) -> Vec<u8> {
    fs::write(dir.join("question"), question).unwrap();
    let made =
        openssl(dir, &["ts", "-reply", "-config", "tsa.cnf", "-queryfile", "question", "-out", "reply"]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    fs::read(dir.join("reply")).unwrap()
}

fn bureau() -> TempDir {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("units.csv"), "code,name,kind,parent\nS1,示例中队,squad,\n").unwrap();
    run_ok(dir.path(), &["import", "units", "units.csv"]);
    dir
}

fn stamp(dir: &Path, tsa: SocketAddr, out: &str) -> tests::Ran {
    run(dir, &["log", "stamp", "--tsa", &format!("http://{tsa}/tsr"), "--out", out, "--json"])
}

#[test]
fn an_authority_stamps_a_checkpoint_and_openssl_verifies_it() {
    let Some(authority) = authority() else { return };
    let folder: PathBuf = authority.path().to_owned();
    let tsa = serve(move |question| ("200 OK", REPLY, reply(&folder, &question)));
    let bureau = bureau();
    let dir = bureau.path();
    let stamped = stamp(dir, tsa, "root.txt");
    assert_eq!(stamped.status, 0, "{}", stamped.stderr);
    let said = stamped.json();
    assert_eq!((&said["serial"], &said["policy"]), (&"2b".into(), &"1.2.3.4.1".into()), "{said}");
    let certificate = authority.path().join("tsa.pem");
    let verify = ["ts", "-verify", "-data", "root.txt", "-in", "root.txt.tsr", "-CAfile"];
    let verified = openssl(dir, &[&verify[..], &[certificate.to_str().unwrap()]].concat());
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    let checked = run(dir, &["log", "stamp", "--check", "root.txt", "--json"]);
    assert_eq!((checked.status, checked.json()), (0, said), "{}", checked.stderr);
    let held = run(dir, &["log", "verify", "--checkpoint", "root.txt"]);
    assert_eq!(held.status, 0, "{}{}", held.stdout, held.stderr);

    // A note that was touched, or another's stamp, is a finding.
    let note = fs::read_to_string(dir.join("root.txt")).unwrap();
    fs::write(dir.join("root.txt"), note.replace('\n', "\r\n")).unwrap();
    let touched = run(dir, &["log", "stamp", "--check", "root.txt"]);
    assert_eq!(touched.status, 3);
    assert!(touched.stderr.contains("it has another digest"), "{}", touched.stderr);
}

#[test]
fn an_answer_that_is_no_stamp_of_this_root_leaves_no_file() {
    let Some(authority) = authority() else { return };
    let folder: PathBuf = authority.path().to_owned();
    let bureau = bureau();
    let dir = bureau.path();
    // To every question the answer to the first.
    let first = std::sync::Mutex::new(None::<Vec<u8>>);
    let replayed = serve(move |question| {
        let mut first = first.lock().unwrap();
        ("200 OK", REPLY, first.get_or_insert_with(|| reply(&folder, &question)).clone())
    });
    assert_eq!(stamp(dir, replayed, "first.txt").status, 0);
    // SEQUENCE { SEQUENCE { INTEGER 2 } }: rejected, without a word.
    let rejected = serve(|_| ("200 OK", REPLY, vec![0x30, 5, 0x30, 3, 2, 1, 2]));
    let elsewhere = serve(|_| ("200 OK", "text/html", b"<p>Welcome".to_vec()));
    let failing = serve(|_| ("503 Busy", REPLY, Vec::new()));
    let noise = serve(|_| ("200 OK", REPLY, vec![7; 90]));
    let endless = serve(|_| ("200 OK", REPLY, vec![0x30; 300_000]));
    for (tsa, says) in [
        (replayed, "it answers another question"),
        (rejected, "the authority refused: status 2"),
        (elsewhere, "with text/html"),
        (failing, "with status 503"),
        (noise, "the answer is no time stamp"),
        (endless, "more than"),
    ] {
        let refused = stamp(dir, tsa, "none.txt");
        assert!(refused.status != 0 && refused.stderr.contains(says), "{says}: {}", refused.stderr);
        assert!(!dir.join("none.txt").exists() && !dir.join("none.txt.tsr").exists(), "{says}");
    }
}
