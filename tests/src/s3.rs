//! A real object store for tests: SeaweedFS, started on free ports of this machine and stopped with the test; and a
//! proxy in front of it that counts what goes through.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::{BackoffConfig, Certificate, ClientOptions, RetryConfig};

use crate::authority::Identity;

/// The bucket that is there from the start.
pub const BUCKET: &str = "evidence";

/// What signs requests; the server knows no other.
pub const CREDENTIALS: [(&str, &str); 2] =
    [("AWS_ACCESS_KEY_ID", "reelproof-test"), ("AWS_SECRET_ACCESS_KEY", "of-no-use-elsewhere")];

/// How long the server may take to come up; a second or two is usual.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server that is coming up refuses for a while; to wait ever longer between tries only makes a test slow.
const SOON: RetryConfig = RetryConfig {
    backoff: BackoffConfig {
        init_backoff: Duration::from_millis(100),
        max_backoff: Duration::from_secs(1),
        base: 2.0,
    },
    max_retries: 10,
    retry_timeout: Duration::from_secs(20),
};

/// A client of the bucket, of the server or of what stands before it.
///
/// # Panics
/// Never in practice: what it is made of is whole.
pub fn client(address: SocketAddr) -> AmazonS3 {
    client_with(&format!("http://{address}"), ClientOptions::new().with_allow_http(true))
}

/// A client of a server that speaks TLS, which is believed by this authority (PEM).
///
/// # Panics
/// Where that is no certificate.
pub fn tls_client(address: SocketAddr, authority: &str) -> AmazonS3 {
    let authority = Certificate::from_pem(authority.as_bytes()).expect("a certificate");
    client_with(&format!("https://{address}"), ClientOptions::new().with_root_certificate(authority))
}

fn client_with(endpoint: &str, options: ClientOptions) -> AmazonS3 {
    AmazonS3Builder::new()
        .with_endpoint(endpoint)
        .with_client_options(options)
        .with_retry(SOON)
        .with_region("us-east-1")
        .with_bucket_name(BUCKET)
        .with_access_key_id(CREDENTIALS[0].1)
        .with_secret_access_key(CREDENTIALS[1].1)
        .build()
        .expect("a client of this machine")
}

/// A running server.
pub struct Server {
    process: Child,
    /// Where it speaks S3.
    pub address: SocketAddr,
    program: PathBuf,
    arguments: Vec<String>,
    dir: tempfile::TempDir,
}

fn program() -> Option<PathBuf> {
    crate::tool("weed", "REELPROOF_TEST_WEED", "SeaweedFS")
}

/// How many searches for ports were begun: tests that run at the same time begin apart, in one process or in several.
static STARTED: AtomicU64 = AtomicU64::new(0);

/// Free ports. All are held at the same time, so that they differ; each of them and the one 10,000 above it, where
/// the server puts its second port of each kind, are below the range that the system hands out by itself.
fn free_ports(count: usize) -> Vec<u16> {
    let free = |port: &u16| {
        [*port, *port + 10_000].iter().all(|&port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok())
    };
    let number = STARTED.fetch_add(1, Ordering::SeqCst) * 331 + u64::from(std::process::id());
    let first = 10_000 + u16::try_from(number % 1_100 * 10).unwrap_or(0);
    (first..22_000).filter(free).take(count).collect()
}

impl Server {
    /// Starts a server with an empty bucket; `None`, having said so, where there is none to start.
    pub fn start() -> Option<Self> {
        Self::start_with(&[])
    }

    /// The same, speaking TLS with this certificate.
    pub fn start_tls(identity: &Identity) -> Option<Self> {
        let [certificate, key] = [&identity.certificate_file, &identity.key_file].map(|path| path.display());
        Self::start_with(&[format!("-s3.cert.file={certificate}"), format!("-s3.key.file={key}")])
    }

    fn start_with(more: &[String]) -> Option<Self> {
        let program = program()?;
        let dir = tempfile::tempdir().expect("a folder for the server");
        let ports = free_ports(5);
        let [s3, master, volume, filer, admin] = ports[..] else { panic!("no free ports: {ports:?}") };
        let mut arguments: Vec<String> =
            ["mini", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-admin.ui=false", "-webdav=false"]
                .map(str::to_owned)
                .to_vec();
        arguments.extend([format!("-dir={}", dir.path().display()), format!("-bucket={BUCKET}")]);
        arguments.extend(["-s3.port.iceberg=0", "-s3.port.lance=0"].map(str::to_owned));
        for (name, port) in
            [("s3", s3), ("master", master), ("volume", volume), ("filer", filer), ("admin", admin)]
        {
            arguments.push(format!("-{name}.port={port}"));
        }
        arguments.extend_from_slice(more);
        let process = spawn(&program, &arguments, &dir);
        Some(Self { process, address: (Ipv4Addr::LOCALHOST, s3).into(), program, arguments, dir })
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Starts it again on the ports that it had, with what it had on disk. It is a while until it answers.
    pub fn start_again(&mut self) {
        self.process = spawn(&self.program, &self.arguments, &self.dir);
    }

    /// Asks again until `ready` says yes. Panics if the server ends or takes too long.
    pub fn wait_until(&mut self, mut ready: impl FnMut() -> bool) {
        let began = Instant::now();
        while !ready() {
            let ended = self.process.try_wait().expect("the server can be asked after");
            assert!(
                ended.is_none() && began.elapsed() < PATIENCE,
                "the object store does not come up: {ended:?}"
            );
            // A server that comes up gives no sign but its answer.
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }
}

fn spawn(program: &PathBuf, arguments: &[String], dir: &tempfile::TempDir) -> Child {
    Command::new(program)
        .args(arguments)
        .envs(CREDENTIALS)
        .current_dir(dir.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the server starts")
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What a proxy does once so many bytes of answers went through: first this, then the connection is cut.
type Interruption = (u64, Box<dyn FnOnce() + Send>);

/// What a link does to what goes over it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Shape {
    /// How long each request is on its way.
    pub delay: Duration,
    /// The most bytes of answers in a second that one connection carries.
    pub connection_bytes_in_s: Option<u32>,
    /// The most that all of them carry together.
    pub link_bytes_in_s: Option<u32>,
}

/// What was held up for longer than it should have been, as happens on a busy machine, may be made good for so long.
const CREDIT: Duration = Duration::from_millis(100);

/// Holds bytes up so that no more pass in a second than are to.
pub(crate) struct Pace {
    bytes_in_s: u32,
    /// When the next ones may pass.
    free_at: Mutex<Instant>,
}

impl Pace {
    pub(crate) fn new(bytes_in_s: u32) -> Self {
        Self { bytes_in_s, free_at: Mutex::new(Instant::now()) }
    }

    pub(crate) fn pass(&self, bytes: u64) {
        let takes = Duration::from_micros(bytes * 1_000_000 / u64::from(self.bytes_in_s));
        let mut free_at = self.free_at.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let now = Instant::now();
        *free_at = (*free_at).max(now.checked_sub(CREDIT).unwrap_or(now)) + takes;
        let until = *free_at;
        drop(free_at);
        hold_up(until.saturating_duration_since(Instant::now()));
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the link itself, not a wait for something to happen")]
pub(crate) fn hold_up(time: Duration) {
    std::thread::sleep(time);
}

/// Passes connections on and counts.
pub struct Proxy {
    /// Where to connect to.
    pub address: SocketAddr,
    answered: Arc<AtomicU64>,
    interruption: Arc<Mutex<Option<Interruption>>>,
}

impl Proxy {
    /// A proxy in front of `server`. Its threads end with the connections.
    pub fn before(server: SocketAddr) -> Self {
        Self::shaped(server, Shape::default())
    }

    /// A proxy in front of `server` that is as slow as a link of this shape.
    pub fn shaped(server: SocketAddr, shape: Shape) -> Self {
        let link = shape.link_bytes_in_s.map(|bytes_in_s| Arc::new(Pace::new(bytes_in_s)));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let answered = Arc::new(AtomicU64::new(0));
        let interruption: Arc<Mutex<Option<Interruption>>> = Arc::default();
        let shared = (Arc::clone(&answered), Arc::clone(&interruption));
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(upstream) = TcpStream::connect(server) else { return };
                let (Ok(from), Ok(to)) = (client.try_clone(), upstream.try_clone()) else { return };
                let (answered, interruption) = shared.clone();
                let paces = [
                    link.clone(),
                    shape.connection_bytes_in_s.map(|bytes_in_s| Arc::new(Pace::new(bytes_in_s))),
                ];
                std::thread::spawn(move || {
                    pass(from, to, |_| {
                        hold_up(shape.delay);
                        true
                    });
                });
                std::thread::spawn(move || {
                    pass(upstream, client, |len| {
                        paces.iter().flatten().for_each(|pace| pace.pass(len));
                        let total = answered.fetch_add(len, Ordering::SeqCst) + len;
                        let mut waiting =
                            interruption.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                        match waiting.take() {
                            Some((after, act)) if total >= after => {
                                act();
                                false
                            }
                            other => {
                                *waiting = other;
                                true
                            }
                        }
                    });
                });
            }
        });
        Self { address, answered, interruption }
    }

    /// Bytes of answers so far, what is around the objects' own bytes included.
    pub fn answered_bytes(&self) -> u64 {
        self.answered.load(Ordering::SeqCst)
    }

    /// After so many more bytes of answers, `act` and cut the connection.
    pub fn interrupt_after(&self, bytes: u64, act: impl FnOnce() + Send + 'static) {
        let mut waiting = self.interruption.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *waiting = Some((self.answered_bytes() + bytes, Box::new(act)));
    }
}

/// Copies until the end, or until `go_on` says no to so many bytes more; then both sides are closed.
fn pass(mut from: TcpStream, mut to: TcpStream, mut go_on: impl FnMut(u64) -> bool) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(len @ 1..) = from.read(&mut buffer) {
        if !go_on(len as u64) || to.write_all(&buffer[..len]).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
