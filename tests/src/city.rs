//! A city: PostgreSQL, an object store and a queue, and three hosts that reach them over links which can fail. One host runs
//! the service and hands work out, two run workers. Hosts are network namespaces where the system allows it.
//!
//! Store and catalog are reached over TLS, so that a bit which is turned on the way is noticed. The queue is where that is
//! asked for, with a token; it need not be, because nothing that it says is believed. A supervisor is played by [`City::supervise`]: it starts what has ended, and does
//! nothing else.

use std::collections::BTreeMap;
use std::fs::File;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use object_store::ObjectStoreExt as _;
use object_store::aws::AmazonS3;
use object_store::path::Path as Key;
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::authority::Authority;
use crate::link::{Fault, Link};
use crate::nats::Nats;
use crate::place::Place;
use crate::postgres::{self, Database};
use crate::s3::{self, BUCKET, CREDENTIALS};
use crate::{Ran, command};

/// How long what was started may take until it answers.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long a worker may be silent before its work is another's.
const ACK_WAIT_S: &str = "2";

/// What the queue lets in, where it does not let everybody in.
const QUEUE_TOKEN: &str = "of-no-use-elsewhere";

/// The hosts; the first runs the service and hands out, the others work.
const HOSTS: [&str; 3] = ["bureau", "worker-1", "worker-2"];

/// Numbers that look random and are the same each time (xorshift, Marsaglia 2003).
pub struct Dice(u64);

impl Dice {
    /// Of a seed, which is not 0.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn millis(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below(to - from))
    }
}

/// A host, and what runs on it.
pub struct Host {
    name: &'static str,
    place: Place,
    dir: PathBuf,
    environment: Vec<(String, String)>,
    /// What it runs for as long as it is up.
    runs: Vec<String>,
    process: Option<Child>,
    to_catalog: Link,
    to_store: Link,
    to_queue: Link,
}

impl Host {
    fn links(&self) -> [(&'static str, &Link); 3] {
        [("catalog", &self.to_catalog), ("store", &self.to_store), ("queue", &self.to_queue)]
    }

    /// A command of the binary on this host.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let ours = command(&self.dir);
        let mut there = self.place.command(ours.get_program().to_str().expect("UTF-8"));
        there.current_dir(&self.dir);
        for (name, value) in ours.get_envs() {
            match value {
                Some(value) => there.env(name, value),
                None => there.env_remove(name),
            };
        }
        there.envs(self.environment.iter().map(|(name, value)| (name, value))).args(arguments);
        there
    }

    /// Runs a command on this host to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.command(arguments).output().expect("the binary runs").into()
    }

    /// Runs a command that must succeed, and gives the document that it printed.
    pub fn ok(&self, arguments: &[&str]) -> Value {
        let ran = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(ran.status, 0, "{arguments:?}\n{}\n{}\n{}", ran.stdout, ran.stderr, self.log());
        ran.json()
    }

    fn log_file(&self) -> File {
        let path = self.dir.join("log");
        File::options().create(true).append(true).open(path).expect("a log")
    }

    /// The end of what its process said.
    pub fn log(&self) -> String {
        let log = std::fs::read_to_string(self.dir.join("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        format!("{}:\n{}", self.name, lines[lines.len().saturating_sub(40)..].join("\n"))
    }

    fn start(&mut self) {
        let runs: Vec<&str> = self.runs.iter().map(String::as_str).collect();
        let mut command = self.command(&runs);
        command.stdin(Stdio::null()).stdout(self.log_file()).stderr(self.log_file());
        self.process = Some(command.spawn().expect("the binary runs"));
    }

    fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Asks its process to stop, and gives its exit status.
    pub fn stop(&mut self) -> Option<i32> {
        let mut process = self.process.take()?;
        let asked = Command::new("kill").args(["-TERM", &process.id().to_string()]).status();
        assert!(asked.is_ok_and(|asked| asked.success()), "{}", self.log());
        process.wait().expect("it ends").code()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.kill();
    }
}

/// All of it.
pub struct City {
    // In the order in which they are to go.
    /// The hosts; the first hands out.
    pub hosts: [Host; 3],
    hands_out: Option<Child>,
    /// The catalog's database.
    pub database: Database,
    postgres: postgres::Server,
    store: s3::Server,
    queue: Nats,
    client: AmazonS3,
    service: SocketAddr,
    /// Whom its servers' certificates are of.
    certificate: PathBuf,
    /// What it suffered, by kind.
    pub suffered: BTreeMap<String, u32>,
    /// What ended by itself and was started again, by host.
    pub ended: BTreeMap<&'static str, u32>,
    runtime: Runtime,
    _dir: TempDir,
}

impl City {
    /// Builds it, with ways to the store that carry so many bytes a second for each host, and a queue with TLS and a
    /// token or with neither. `None`, having said so, where one of its servers is not to be had.
    pub fn build(store_bytes_in_s: Option<u32>, secured_queue: bool) -> Option<Self> {
        let dir = TempDir::new().expect("a folder");
        let places = [0, 1, 2].map(Place::new);
        let mut addresses = vec![IpAddr::V4(Ipv4Addr::LOCALHOST)];
        addresses.extend(places.iter().map(|place| IpAddr::V4(place.outside)));
        let authority = Authority::new(dir.path(), "authority");
        let identity = authority.vouch("servers", &addresses);
        let [certificate, key] =
            [&identity.certificate_file, &identity.key_file].map(|path| path.to_str().expect("UTF-8"));
        let secured = ["--tls", "--tlscert", certificate, "--tlskey", key, "--auth", QUEUE_TOKEN];
        let queue = Nats::start_with(if secured_queue { &secured } else { &[] })?;
        let mut store = s3::Server::start_tls(&identity)?;
        let mut postgres = postgres::Server::start()?;
        postgres.crash();
        postgres.put("server.crt", &identity.certificate);
        postgres.put("server.key", &identity.key);
        postgres.set("ssl = on");
        postgres.start_again();
        let database = postgres.database();
        let runtime = Runtime::new().expect("a runtime");
        let trusted = std::fs::read_to_string(&authority.certificate).expect("it was just written");
        let client = s3::tls_client(store.address, &trusted);
        wait_for_store(&mut store, &client, &runtime);

        let mut service = None;
        let mut numbered = HOSTS.into_iter().zip(places);
        let hosts = std::array::from_fn(|_| {
            let (name, place) = numbered.next().expect("as many as there are");
            let folder = dir.path().join(name);
            std::fs::create_dir(&folder).expect("a folder for the host");
            let to = |server, pace| Link::to(server, place.outside, pace);
            let to_catalog = to((Ipv4Addr::LOCALHOST, database.port()).into(), None);
            let to_store = to(store.address, store_bytes_in_s);
            let to_queue = to(queue.address, None);
            let certificate = authority.certificate.display();
            let catalog = format!(
                "{}?sslmode=verify-full&sslrootcert={certificate}",
                database.url_at(to_catalog.address.port()).replace("127.0.0.1", &place.outside.to_string())
            );
            let mut environment: Vec<(String, String)> = [
                ("AWS_REGION", "us-east-1".to_owned()),
                ("AWS_ENDPOINT", format!("https://{}", to_store.address)),
                ("SSL_CERT_FILE", certificate.to_string()),
                ("REELPROOF_CATALOG", catalog),
                ("REELPROOF_QUEUE_URL", format!("nats://{}", to_queue.address)),
                ("REELPROOF_QUEUE_ACK_WAIT_S", ACK_WAIT_S.to_owned()),
                ("REELPROOF_LOG", "info,async_nats=warn".to_owned()),
            ]
            .map(|(name, value)| (name.to_owned(), value))
            .to_vec();
            if secured_queue {
                let token_file = folder.join("queue-token");
                std::fs::write(&token_file, QUEUE_TOKEN).expect("the host's folder can be written to");
                environment.extend([
                    ("REELPROOF_QUEUE_TLS_CA".to_owned(), certificate.to_string()),
                    ("REELPROOF_QUEUE_TOKEN_FILE".to_owned(), token_file.display().to_string()),
                ]);
            }
            environment.extend(CREDENTIALS.map(|(name, value)| (name.to_owned(), value.to_owned())));
            let runs = if name == HOSTS[0] {
                let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|free| free.local_addr());
                let address = SocketAddr::from((place.inside, port.expect("a free port").port()));
                service = Some(address);
                vec!["serve".to_owned(), "--listen".to_owned(), address.to_string()]
            } else {
                ["worker", "--jobs", "2", "--json"].map(str::to_owned).to_vec()
            };
            let process = None;
            Host { name, place, dir: folder, environment, runs, process, to_catalog, to_store, to_queue }
        });
        let service = service.expect("the first host runs it");
        let (suffered, ended) = (BTreeMap::new(), BTreeMap::new());
        let hands_out = None;
        Some(Self {
            hosts,
            hands_out,
            database,
            postgres,
            store,
            queue,
            client,
            service,
            certificate: authority.certificate,
            suffered,
            ended,
            runtime,
            _dir: dir,
        })
    }

    /// The host that hands work out, and runs the service.
    pub fn bureau(&self) -> &Host {
        &self.hosts[0]
    }

    /// What the hosts' processes said last.
    pub fn logs(&self) -> String {
        self.hosts.each_ref().map(Host::log).join("\n")
    }

    /// Whether hosts have networks of their own.
    pub fn is_apart(&self) -> bool {
        self.hosts.iter().all(|host| host.place.is_apart())
    }

    /// Runs a command that must succeed on one machine for itself, with a catalog in `dir`, which reaches the store past all
    /// links; gives the document that it printed.
    pub fn alone(&self, dir: &Path, arguments: &[&str]) -> Value {
        let mut command = command(dir);
        command.env("AWS_REGION", "us-east-1").env("AWS_ENDPOINT", format!("https://{}", self.store.address));
        command.env("SSL_CERT_FILE", &self.certificate).envs(CREDENTIALS);
        let ran = Ran::from(command.args(arguments).arg("--json").output().expect("the binary runs"));
        assert_eq!(ran.status, 0, "{arguments:?}\n{}\n{}", ran.stdout, ran.stderr);
        ran.json()
    }

    /// Puts an object into the bucket, past all links.
    pub fn put(&self, key: &str, bytes: Vec<u8>) {
        let key = Key::parse(key).expect("a key");
        self.runtime.block_on(self.client.put(&key, bytes.into())).expect("the store takes it");
    }

    /// Starts whatever has ended, as systemd and Kubernetes do.
    pub fn supervise(&mut self) {
        for host in &mut self.hosts {
            let ended = match &mut host.process {
                None => true,
                Some(process) => {
                    let ended = process.try_wait().expect("it can be asked after").is_some();
                    *self.ended.entry(host.name).or_default() += u32::from(ended);
                    ended
                }
            };
            if ended {
                host.start();
            }
        }
    }

    /// Hands out what lies at a URL, as a timer does: beside everything else, and not while it is still at it.
    pub fn hand_out(&mut self, url: &str) {
        if let Some(process) = &mut self.hands_out
            && process.try_wait().expect("it can be asked after").is_none()
        {
            return;
        }
        let bureau = self.bureau();
        let mut command = bureau.command(&["ingest", url, "--queue", &bureau.queue_url(), "--json"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(bureau.log_file());
        self.hands_out = Some(command.spawn().expect("the binary runs"));
    }

    /// Lets one thing fail, somewhere.
    pub fn suffer(&mut self, dice: &mut Dice) {
        let which = usize::try_from(dice.below(3)).expect("small");
        let (what, link) = self.hosts[which].links()[usize::try_from(dice.below(3)).expect("small")];
        let kind = match dice.below(26) {
            0..=3 => {
                link.fail(Fault::Cut);
                format!("link to the {what} cut")
            }
            4..=7 => {
                link.fail(Fault::Reset);
                format!("link to the {what} reset")
            }
            8..=10 => {
                link.fail(Fault::Stall(dice.millis(100, 3000)));
                format!("link to the {what} held up")
            }
            11..=14 => {
                link.fail(Fault::Corrupt);
                format!("bit turned on the link to the {what}")
            }
            15..=16 => {
                let time = dice.millis(100, 2500);
                if self.hosts[which].place.plug(false) {
                    rest(time);
                    self.hosts[which].place.plug(true);
                } else {
                    self.hosts[which].links().iter().for_each(|(_, link)| link.fail(Fault::Stall(time)));
                }
                "cable of a host pulled".to_owned()
            }
            17..=20 => {
                self.hosts[1 + which % 2].kill();
                "worker killed".to_owned()
            }
            21 => {
                self.hosts[0].kill();
                "service killed".to_owned()
            }
            22..=23 => {
                self.queue.kill();
                rest(dice.millis(10, 500));
                self.queue.start_again();
                "queue killed".to_owned()
            }
            24 => {
                self.postgres.crash();
                rest(dice.millis(10, 500));
                self.postgres.start_again();
                "PostgreSQL crashed".to_owned()
            }
            _ => {
                self.store.kill();
                rest(dice.millis(10, 500));
                self.store.start_again();
                wait_for_store(&mut self.store, &self.client, &self.runtime);
                "object store killed".to_owned()
            }
        };
        *self.suffered.entry(kind).or_default() += 1;
    }

    /// From now on nothing fails any more.
    pub fn calm(&mut self) {
        self.hosts.iter().flat_map(Host::links).for_each(|(_, link)| link.mend());
        if let Some(mut process) = self.hands_out.take() {
            process.wait().expect("it ends");
        }
        self.supervise();
    }

    /// How many bits were turned on the links to store and catalog, and to the queue.
    pub fn corrupted(&self) -> (u64, u64) {
        let of = |link: fn(&Host) -> &Link| self.hosts.iter().map(|host| link(host).corrupted()).sum::<u64>();
        (of(|host| &host.to_store) + of(|host| &host.to_catalog), of(|host| &host.to_queue))
    }

    /// Waits until the service answers a question.
    pub fn wait_for_service(&mut self) {
        use std::io::{Read as _, Write as _};
        let began = Instant::now();
        loop {
            self.supervise();
            let answer = TcpStream::connect(self.service).and_then(|mut connection| {
                let head = format!("GET / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.service);
                connection.write_all(head.as_bytes())?;
                let mut answer = [0; 12];
                connection.read_exact(&mut answer).map(|()| answer)
            });
            if answer.is_ok_and(|answer| answer.starts_with(b"HTTP/1.1 200")) {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "the service does not answer: {}", self.bureau().log());
            rest(Duration::from_millis(50));
        }
    }

    /// All that the catalog holds of the objects, as [`crate::contents`] gives it.
    pub fn contents(&self) -> Value {
        let rows = self
            .database
            .ask(
                "SELECT coalesce(json_agg(json_build_array(b.object_key, b.version, b.reading, b.signature, o.sha256,
                            o.size_bytes, o.started_at_us, o.duration_us, s.stream_index, s.packets, s.start_us, s.end_us,
                            p.code) ORDER BY b.object_key, o.version, s.stream_index, p.position), '[]')
                 FROM object b JOIN observation o USING (object_id)
                 LEFT JOIN stream s USING (observation_id) LEFT JOIN problem p USING (observation_id)",
            )
            .expect("the catalog answers");
        serde_json::from_str(&rows).expect("JSON")
    }

    /// What each reading of an object found wrong, a line each.
    pub fn problems(&self, object_key: &str) -> String {
        self.database
            .ask(&format!(
                "SELECT o.version, o.reading, to_timestamp(o.observed_at_us / 1e6), p.code, p.detail
                 FROM object b JOIN observation o USING (object_id) LEFT JOIN problem p USING (observation_id)
                 WHERE b.object_key = '{object_key}' ORDER BY 1, 2"
            ))
            .expect("the catalog answers")
    }
}

impl Host {
    /// Where it reaches the queue.
    pub fn queue_url(&self) -> String {
        format!("nats://{}", self.to_queue.address)
    }

    /// Its folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

impl Drop for City {
    fn drop(&mut self) {
        if let Some(mut process) = self.hands_out.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

fn wait_for_store(store: &mut s3::Server, client: &AmazonS3, runtime: &Runtime) {
    let (address, key) = (store.address, Key::from("ready"));
    store.wait_until(|| {
        TcpStream::connect(address).is_ok() && runtime.block_on(client.put(&key, "yes".into())).is_ok()
    });
    runtime.block_on(client.delete(&key)).expect("what was put can be deleted");
}

/// The time between faults, and for which they last.
pub fn rest(time: Duration) {
    let until = Instant::now() + time;
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        std::thread::park_timeout(left);
    }
}

/// The URL of the bucket, or of a folder in it.
pub fn bucket(folder: &str) -> String {
    if folder.is_empty() { format!("s3://{BUCKET}") } else { format!("s3://{BUCKET}/{folder}") }
}
