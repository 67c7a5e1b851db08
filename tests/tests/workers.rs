//! Workers as their users have them: the real programs, a real queue, a real object store, and what goes wrong between
//! them.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use object_store::ObjectStoreExt as _;
use object_store::aws::AmazonS3;
use object_store::path::Path as Key;
use serde_json::Value;
use tempfile::TempDir;
use tests::nats::Nats;
use tests::s3::{BUCKET, CREDENTIALS, Proxy, Server, Shape, client};
use tests::{command, contents};
use tokio::runtime::Runtime;
use work::nats::{NatsOptions, NatsQueue};
use work::{Kind, Queue as _, Reason, Task};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_mins(2);

/// A folder with a catalog, settings, and a store.
struct Site {
    dir: TempDir,
    queue: Nats,
    /// What `AWS_ENDPOINT` is; `None` for a folder.
    endpoint: Option<SocketAddr>,
}

impl Site {
    /// With a queue that takes a worker's silence of `ack_wait_s` for its end.
    fn new(ack_wait_s: u32) -> Option<Self> {
        let queue = Nats::start()?;
        let dir = TempDir::new().unwrap();
        let settings = format!("[queue]\nurl = \"{}\"\nack_wait_s = {ack_wait_s}\n", queue.url());
        std::fs::write(dir.path().join("reelproof.toml"), settings).unwrap();
        Some(Self { dir, queue, endpoint: None })
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = command(self.path());
        if let Some(endpoint) = self.endpoint {
            command.envs(CREDENTIALS).env("AWS_REGION", "us-east-1").env("AWS_ALLOW_HTTP", "true");
            command.env("AWS_ENDPOINT", format!("http://{endpoint}"));
        }
        command.args(args).env("REELPROOF_LOG", "info");
        command
    }

    fn run(&self, args: &[&str]) -> Value {
        let ran: tests::Ran = self.command(args).output().unwrap().into();
        assert_eq!(ran.status, 0, "{args:?}\n{}\n{}", ran.stdout, ran.stderr);
        ran.json()
    }

    fn hand_out(&self, url: &str, more: &[&str]) -> Value {
        let queue = self.queue.url();
        self.run(&[&["ingest", url, "--queue", &queue, "--json"], more].concat())
    }

    /// A worker.
    fn worker(&self, more: &[&str]) -> Working {
        let log = tempfile::NamedTempFile::new_in(self.path()).unwrap();
        let process = self
            .command(&[&["worker", "--json"], more].concat())
            .stdout(Stdio::piped())
            .stderr(log.reopen().unwrap())
            .spawn()
            .unwrap();
        Working { process, log }
    }

    fn contents(&self) -> Value {
        contents(self.path(), "sqlite://reelproof.db")
    }
}

/// A worker that was started.
struct Working {
    process: Child,
    log: tempfile::NamedTempFile,
}

impl Working {
    fn signal(&self, name: &str) {
        assert!(
            Command::new("kill").args([name, &self.process.id().to_string()]).status().unwrap().success()
        );
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.log.path()).unwrap()
    }

    /// Asks it to stop, and gives what it says it did.
    fn stop(mut self) -> Value {
        self.signal("-TERM");
        let mut printed = String::new();
        self.process.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
        let ended = self.process.wait().unwrap();
        assert_eq!(ended.code(), Some(0), "{}", self.log());
        serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{error}: {printed}\n{}", self.log()))
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Asks until it is so.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "{what} did not come about");
        // Other processes give no sign but what they leave behind.
        std::thread::park_timeout(Duration::from_millis(50));
    }
}

fn name(number: usize) -> String {
    format!("BC1_310001_202405030{:05}_{number:03}.bin", 90_000 + number)
}

/// Files of so many bytes, each another.
fn files(folder: &Path, count: usize, size_bytes: usize) {
    std::fs::create_dir_all(folder).unwrap();
    for number in 0..count {
        std::fs::write(folder.join(name(number)), object(size_bytes, number as u64)).unwrap();
    }
}

fn object(size_bytes: usize, seed: u64) -> Vec<u8> {
    let words = (0..size_bytes as u64 / 8).map(|at| (at + seed).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    words.flat_map(u64::to_le_bytes).collect()
}

/// A bucket, and a slow way to it: some 8 MB a second.
fn bucket(runtime: &Runtime) -> Option<(Server, Arc<AmazonS3>, Proxy)> {
    let mut server = Server::start()?;
    let client = Arc::new(client(server.address));
    let (address, key) = (server.address, Key::from("ready"));
    server.wait_until(|| {
        TcpStream::connect(address).is_ok() && runtime.block_on(client.put(&key, "yes".into())).is_ok()
    });
    runtime.block_on(client.delete(&key)).unwrap();
    let shape = Shape { link_bytes_in_s: Some(8_000_000), ..Shape::default() };
    let proxy = Proxy::shaped(server.address, shape);
    Some((server, client, proxy))
}

fn bucket_url() -> String {
    format!("s3://{BUCKET}")
}

#[test]
fn two_workers_share_what_was_handed_out_once_and_end_in_the_catalog_of_one_machine() {
    let Some(site) = Site::new(2) else { return };
    files(&site.path().join("evidence"), 40, 3 << 20);
    tests::run_ok(site.path(), &["ingest", "evidence", "--catalog", "sqlite://whole.db"]);

    let first = site.hand_out("evidence", &[]);
    assert_eq!((&first["handed_out"], &first["waiting"]), (&40.into(), &0.into()), "{first}");
    let again = site.hand_out("evidence", &[]);
    assert_eq!((&again["handed_out"], &again["waiting"]), (&0.into(), &40.into()), "{again}");

    let workers = [site.worker(&["--jobs", "1"]), site.worker(&["--jobs", "1"])];
    site.hand_out("evidence", &["--wait"]);
    let did = workers.map(Working::stop);
    let recorded = did.each_ref().map(|did| did["recorded"].as_u64().unwrap());
    assert_eq!(recorded.iter().sum::<u64>(), 40, "{did:?}");
    assert!(recorded.iter().all(|&recorded| recorded > 0), "{did:?}");
    assert_eq!(site.contents(), contents(site.path(), "sqlite://whole.db"));
    let done = site.hand_out("evidence", &[]);
    assert_eq!((&done["unchanged"], &done["handed_out"]), (&40.into(), &0.into()), "{done}");
}

#[test]
fn a_task_that_comes_again_after_it_was_done_is_nothing() {
    let Some(site) = Site::new(2) else { return };
    files(&site.path().join("evidence"), 1, 1 << 20);
    let worker = site.worker(&[]);
    site.hand_out("evidence", &["--wait"]);
    let before = site.contents();
    let runtime = Runtime::new().unwrap();
    let url = url::Url::from_directory_path(site.path().canonicalize().unwrap().join("evidence")).unwrap();
    let store = url.as_str().trim_end_matches('/').to_owned();
    let task = Task {
        kind: Kind::Read,
        share: store.clone(),
        store,
        object_key: name(0),
        listed: None,
        reason: Reason::New,
        beside: Vec::new(),
        mark: None,
    };
    let strange = Task { store: "s3://elsewhere".to_owned(), ..task.clone() };
    let options = NatsOptions {
        ack_wait: Duration::from_secs(2),
        ..NatsOptions::new(site.queue.url().parse().unwrap())
    };
    let queue = runtime.block_on(NatsQueue::open(options)).unwrap();
    assert_eq!(runtime.block_on(queue.submit(vec![task, strange])).unwrap().taken, 2);
    until("an empty queue", || {
        let depth = runtime.block_on(queue.depth()).unwrap();
        depth.iter().all(|lane| lane.waiting + lane.held == 0)
    });
    let did = worker.stop();
    assert_eq!((&did["recorded"], &did["no_ops"]), (&1.into(), &1.into()), "{did}");
    assert_eq!(site.contents(), before);
}

#[test]
fn what_a_killed_worker_had_is_read_by_another_and_recorded_once() {
    let runtime = Runtime::new().unwrap();
    let (Some(mut site), Some((_server, client, proxy))) = (Site::new(1), bucket(&runtime)) else { return };
    site.endpoint = Some(proxy.address);
    runtime.block_on(client.put(&Key::from(name(0)), object(16 << 20, 1).into())).unwrap();
    site.hand_out(&bucket_url(), &[]);
    let mut worker = site.worker(&["--jobs", "1"]);
    let process = worker.process.id().to_string();
    proxy.interrupt_after(4 << 20, move || {
        let _ = Command::new("kill").args(["-KILL", &process]).status();
    });
    assert_eq!(worker.process.wait().unwrap().code(), None, "{}", worker.log());
    let other = site.worker(&["--jobs", "1"]);
    site.hand_out(&bucket_url(), &["--wait"]);
    assert_eq!(other.stop()["recorded"], 1);
    let rows = site.contents();
    let rows = rows.as_array().unwrap();
    assert_eq!((rows.len(), &rows[0][1], &rows[0][2]), (1, &1.into(), &1.into()), "{rows:?}");
}

#[test]
fn what_ends_worker_after_worker_is_quarantined_in_the_end_and_nothing_is_stuck() {
    let runtime = Runtime::new().unwrap();
    let (Some(mut site), Some((_server, client, proxy))) = (Site::new(1), bucket(&runtime)) else { return };
    site.endpoint = Some(proxy.address);
    runtime.block_on(client.put(&Key::from(name(0)), object(16 << 20, 1).into())).unwrap();
    site.hand_out(&bucket_url(), &[]);
    for _ in 0..ingest::worker::MOST_DELIVERIES {
        let mut worker = site.worker(&["--jobs", "1"]);
        let process = worker.process.id().to_string();
        proxy.interrupt_after(2 << 20, move || {
            let _ = Command::new("kill").args(["-KILL", &process]).status();
        });
        assert_eq!(worker.process.wait().unwrap().code(), None, "{}", worker.log());
    }
    let worker = site.worker(&["--jobs", "1"]);
    let waited = site.hand_out(&bucket_url(), &["--wait"]);
    assert_eq!(worker.stop()["quarantined"], 1, "{waited}");
    let printed = site.run(&["ingest", &bucket_url(), "--json"]);
    assert_eq!((&printed["unchanged"], &printed["quarantined"]), (&1.into(), &1.into()), "{printed}");
    // With its digest, and why; and it can be read after all.
    let rows = site.contents();
    assert_eq!(rows[0][12], "unreadable", "{rows}");
    let retried = site.run(&["ingest", &bucket_url(), "--json", "--retry-quarantined"]);
    assert_eq!(retried["bytes_read"], 16 << 20, "{retried}");
}

#[test]
fn a_queue_that_is_killed_in_the_middle_and_started_again_loses_nothing() {
    let Some(mut site) = Site::new(1) else { return };
    files(&site.path().join("evidence"), 60, 2 << 20);
    site.hand_out("evidence", &[]);
    let worker = site.worker(&["--jobs", "1"]);
    let count = |site: &Site| site.contents().as_array().map_or(0, Vec::len);
    until("the first record", || site.path().join("reelproof.db").exists() && count(&site) > 2);
    site.queue.kill();
    site.queue.start_again();
    site.hand_out("evidence", &["--wait"]);
    let did = worker.stop();
    assert_eq!(did["recorded"], 60, "{did}");
    let rows = site.contents();
    assert_eq!(rows.as_array().unwrap().len(), 60);
    assert!(rows.as_array().unwrap().iter().all(|row| row[1] == 1 && row[2] == 1), "{rows}");
}

#[test]
fn a_worker_that_is_told_to_stop_finishes_what_it_has() {
    let runtime = Runtime::new().unwrap();
    let (Some(mut site), Some((_server, client, proxy))) = (Site::new(30), bucket(&runtime)) else { return };
    site.endpoint = Some(proxy.address);
    for number in 0..3 {
        runtime
            .block_on(client.put(&Key::from(name(number)), object(12 << 20, number as u64).into()))
            .unwrap();
    }
    site.hand_out(&bucket_url(), &[]);
    let worker = site.worker(&["--jobs", "1"]);
    let before = proxy.answered_bytes();
    until("the first bytes", || proxy.answered_bytes() > before + (2 << 20));
    let did = worker.stop();
    assert_eq!((&did["recorded"], &did["failed"]), (&1.into(), &0.into()), "{did}");
}

#[test]
fn what_a_worker_cannot_finish_in_time_is_handed_back_at_once() {
    let runtime = Runtime::new().unwrap();
    let (Some(mut site), Some((_server, client, proxy))) = (Site::new(3600), bucket(&runtime)) else {
        return;
    };
    site.endpoint = Some(proxy.address);
    runtime.block_on(client.put(&Key::from(name(0)), object(16 << 20, 1).into())).unwrap();
    site.hand_out(&bucket_url(), &[]);
    let worker = site.worker(&["--drain-s", "0"]);
    let before = proxy.answered_bytes();
    until("the first bytes", || proxy.answered_bytes() > before + (2 << 20));
    let did = worker.stop();
    assert_eq!((&did["recorded"], &did["failed"]), (&0.into(), &0.into()), "{did}");
    // It would be an hour before the silence of the first was noticed.
    let other = site.worker(&[]);
    site.hand_out(&bucket_url(), &["--wait"]);
    assert_eq!(other.stop()["recorded"], 1);
}

/// One HTTP request; the status and the body.
fn http(
    address: SocketAddr,
    method: &str,
    path: &str,
    token: Option<&str>,
    body: &str,
) -> Option<(u16, String)> {
    let mut connection = TcpStream::connect(address).ok()?;
    let token = token.map_or_else(String::new, |token| format!("Authorization: Bearer {token}\r\n"));
    write!(
        connection,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{token}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .ok()?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}

fn figure(address: SocketAddr, name: &str) -> u64 {
    let text = http(address, "GET", "/metrics", None, "").map(|(_, body)| body).unwrap_or_default();
    text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok()).unwrap_or(0)
}

fn event(bucket: &str, key: &str) -> String {
    serde_json::json!({ "Records": [{
        "eventName": "ObjectCreated:Put",
        "s3": { "bucket": { "name": bucket }, "object": { "key": key, "size": 7, "eTag": "of no matter" } }
    }] })
    .to_string()
}

#[test]
fn a_hint_has_one_object_looked_at_and_a_forged_one_does_no_harm() {
    let runtime = Runtime::new().unwrap();
    let (Some(mut site), Some((server, client, _))) = (Site::new(2), bucket(&runtime)) else { return };
    site.endpoint = Some(server.address);
    runtime.block_on(client.put(&Key::from(name(0)), object(1 << 20, 0).into())).unwrap();
    std::fs::write(site.path().join("token"), "of-no-use-elsewhere\n").unwrap();
    let address = {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        free.local_addr().unwrap()
    };
    let worker = site.worker(&["--listen", &address.to_string(), "--events-token-file", "token"]);
    until("the listener", || {
        http(address, "GET", "/healthz", None, "").is_some_and(|(status, _)| status == 200)
    });
    site.hand_out(&bucket_url(), &["--wait"]);
    let recorded = || figure(address, "reelproof_worker_recorded_versions_total");
    assert_eq!(recorded(), 1);

    runtime.block_on(client.put(&Key::from(name(1)), object(1 << 20, 1).into())).unwrap();
    let tell = |token, document: &str| http(address, "POST", "/events/bucket", token, document).unwrap().0;
    assert_eq!(tell(None, &event(BUCKET, &name(1))), 401);
    assert_eq!(tell(Some("guessed"), &event(BUCKET, &name(1))), 401);
    let token = Some("of-no-use-elsewhere");
    assert_eq!(tell(token, &event(BUCKET, &name(1))), 202);
    until("the record of what was hinted at", || recorded() == 2);

    // Over the queue, too.
    runtime.block_on(client.put(&Key::from(name(2)), object(1 << 20, 2).into())).unwrap();
    let document = event(BUCKET, &name(2));
    let mut connection = TcpStream::connect(site.queue.address).unwrap();
    write!(
        connection,
        "CONNECT {{\"verbose\":false}}\r\nPUB reelproof.events.bucket {}\r\n{document}\r\nPING\r\n",
        document.len()
    )
    .unwrap();
    until("the record of what the queue hinted at", || recorded() == 3);

    // Of another bucket, of what is not there, and of what is known.
    let no_ops = || figure(address, "reelproof_worker_no_op_tasks_total");
    let before = no_ops();
    for (bucket, key) in [("elsewhere", name(0)), (BUCKET, "not/there.mp4".to_owned()), (BUCKET, name(0))] {
        assert_eq!(tell(token, &event(bucket, &key)), 202);
    }
    until("two tasks for which there was nothing to do", || no_ops() == before + 2);
    assert_eq!(figure(address, "reelproof_worker_strange_hints_total"), 1);
    let did = worker.stop();
    assert_eq!((&did["recorded"], &did["failed"]), (&3.into(), &0.into()), "{did}");
    let reconciled = site.run(&["ingest", &bucket_url(), "--json"]);
    assert_eq!((&reconciled["unchanged"], &reconciled["gone"]), (&3.into(), &0.into()), "{reconciled}");
}

#[test]
fn files_beside_recordings_are_joined_by_workers_as_on_one_machine() {
    if !tests::has_ffmpeg() {
        return;
    }
    let Some(site) = Site::new(2) else { return };
    let evidence = site.path().join("evidence");
    std::fs::create_dir(&evidence).unwrap();
    let clip = evidence.join("DJI_0001.MP4");
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=10:duration=3"])
        .args(["-c:v", "libx264", "-preset", "ultrafast"])
        .arg(&clip)
        .status();
    assert!(made.unwrap().success());
    let worker = site.worker(&["--jobs", "2"]);
    let subtitles = "1\n00:00:00,000 --> 00:00:01,000\n2024-05-03 09:30:00.100\n[latitude: 31.2] [longitude: 121.4]\n\n\
                     2\n00:00:01,000 --> 00:00:02,000\n2024-05-03 09:30:01.100\n[latitude: 31.2] [longitude: 121.4]\n\n";
    // One is there from the start, one comes later.
    std::fs::copy(&clip, evidence.join("DJI_0002.MP4")).unwrap();
    std::fs::write(evidence.join("DJI_0002.SRT"), subtitles).unwrap();
    site.hand_out("evidence", &["--wait"]);
    std::fs::write(evidence.join("DJI_0001.SRT"), subtitles).unwrap();
    // Of a third, the recording comes later; and of the second it is replaced.
    std::fs::write(evidence.join("DJI_0003.SRT"), subtitles).unwrap();
    site.hand_out("evidence", &["--wait"]);
    std::fs::copy(&clip, evidence.join("DJI_0003.MP4")).unwrap();
    let mut longer = std::fs::read(&clip).unwrap();
    longer.extend(b"\0\0\0\x08free");
    std::fs::write(evidence.join("DJI_0002.MP4"), longer).unwrap();
    site.hand_out("evidence", &["--wait"]);
    assert_eq!(site.hand_out("evidence", &["--wait"])["handed_out"], 0);
    worker.stop();
    tests::run_ok(site.path(), &["ingest", "evidence", "--catalog", "sqlite://whole.db"]);
    let starts = |catalog: &str| -> BTreeMap<String, Value> {
        let rows = contents(site.path(), catalog);
        let rows: Vec<_> = rows.as_array().unwrap().iter().map(|row| (row[0].to_string(), &row[6])).collect();
        // Of the second, the recording was read with its file each time.
        assert!(rows.iter().all(|(key, start)| !key.contains("0002.MP4") || !start.is_null()), "{rows:?}");
        rows.into_iter()
            .filter(|(_, start)| !start.is_null())
            .map(|(key, start)| (key, start.clone()))
            .collect()
    };
    let joined = starts("sqlite://reelproof.db");
    assert_eq!(joined, starts("sqlite://whole.db"));
    assert_eq!(joined.len(), 3, "{joined:?}");
}
