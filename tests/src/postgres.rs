//! A real PostgreSQL for tests, started on a free port of this machine.
//!
//! Tests that want a database share one server ([`Database::new`]), because making one takes a second and nextest runs each
//! test in a process of its own. The server is not the child of whoever came first: a shell watches over it and ends it, with
//! all its files, when no test holds the lease any more. A lease is a lock of a file, so the system gives it back
//! whatever becomes of the test. A test that stops and starts a server has one of its own ([`Server::start`]), which the system
//! kills with the test.
//!
//! The server refuses to run as root: then it runs as `postgres`. Its databases sort by a language's rules and not by
//! bytes, as those of an administrator who thought nothing of it may.

use std::fs::File;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long the server may take to come up; a second is usual.
const PATIENCE: Duration = Duration::from_mins(1);

/// Ends the server when nobody has the lease, and takes its files away. $1: the server's folder, $2: the lease, $3: its
/// programs, $4: its port.
const WATCH: &str = r#"
cd "$1" || exit 1
exec 9<"$2"
"$3/postgres" -D data -p "$4" 9<&- >log 2>&1 &
server=$!
trap 'kill -INT $server' TERM INT HUP
while sleep 5; do
    kill -0 $server 2>/dev/null || break
    flock -n -x 9 && break
done
rm -f port
kill -INT $server 2>/dev/null
wait
rm -rf data log
"#;

/// What makes a server fast that nobody needs after a power cut.
const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 64MB
fsync = off
full_page_writes = off
";

/// Where the programs are; `None`, having said so, where there are none. In a CI run that is a failure.
fn programs() -> Option<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = debian
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let of_debian = versions.into_iter().rev().map(|(_, programs)| programs);
    let found = of_debian.chain(on_path).find(|programs| programs.join("initdb").is_file());
    if found.is_none() {
        assert!(
            std::env::var_os("CI").is_none(),
            "there is no PostgreSQL to test with: `make setup-test` installs it"
        );
        println!("skipped: there is no PostgreSQL to test with; `make setup-test` installs it");
    }
    found
}

fn user_id() -> u32 {
    std::fs::metadata("/proc/self").expect("this process is there").uid()
}

/// A command as a user that the server runs as, which ends with whoever started it if it is asked to.
fn as_server(program: &Path, ends_with_us: bool) -> Command {
    let mut command = Command::new("setpriv");
    if user_id() == 0 {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    }
    if ends_with_us {
        command.arg("--pdeathsig=KILL");
    }
    command.arg(program).stdin(Stdio::null());
    command
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{command:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

/// A folder that the server may write to.
fn make_folder(folder: &Path) {
    std::fs::create_dir_all(folder).expect("a folder for the server");
    if user_id() == 0 {
        let id =
            |what: &str| run(Command::new("id").args([what, "postgres"])).trim().parse().expect("a number");
        chown(folder, Some(id("-u")), Some(id("-g"))).expect("root gives folders away");
    }
}

/// Makes the files of a server in `folder`.
fn make_server(programs: &Path, folder: &Path) {
    make_folder(folder);
    let mut initdb = as_server(&programs.join("initdb"), true);
    initdb.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync", "--no-instructions"]);
    initdb
        .args(["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en", "-D"])
        .arg(folder.join("data"));
    run(initdb.current_dir(folder));
    let settings = folder.join("data/postgresql.auto.conf");
    let own = std::fs::metadata(&settings).expect("initdb makes it");
    std::fs::write(&settings, SETTINGS).expect("its settings can be written");
    // Still the server's, whoever wrote to it.
    let _ = chown(&settings, Some(own.uid()), Some(own.gid()));
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("it has a port").port()
}

fn psql(port: u16, database: &str, statement: &str) -> Result<String, String> {
    let mut command = Command::new("psql");
    command.args([
        "-X",
        "-q",
        "-A",
        "-t",
        "-h",
        "127.0.0.1",
        "-U",
        "postgres",
        "-d",
        database,
        "-c",
        statement,
    ]);
    let output = command.args(["-p", &port.to_string()]).output().expect("psql comes with the server");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// Waits until the server answers.
fn wait_for(port: u16, mut still_runs: impl FnMut() -> bool) -> bool {
    let began = Instant::now();
    while began.elapsed() < PATIENCE && still_runs() {
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
            && psql(port, "postgres", "SELECT 1").is_ok()
        {
            return true;
        }
        std::thread::park_timeout(Duration::from_millis(20));
    }
    false
}

/// The port of the server that tests share, started if it is not there, for as long as this process lives.
fn shared(programs: &Path) -> u16 {
    static SHARED: OnceLock<(File, u16)> = OnceLock::new();
    SHARED
        .get_or_init(|| {
            let folder = std::env::temp_dir().join(format!("reelproof-postgres-{}", user_id()));
            std::fs::create_dir_all(&folder).expect("a folder for the server");
            let open = |name: &str| {
                let path = folder.join(name);
                File::options().create(true).append(true).open(&path).expect("a lock can be made")
            };
            let lease = open("lease");
            lease.lock_shared().expect("a lease of the server");
            let starting = open("starting");
            starting.lock().expect("the turn to start it");
            let runs = folder.join("server");
            let port = match std::fs::read_to_string(runs.join("port")) {
                Ok(port) => port.parse().ok().filter(|port| psql(*port, "postgres", "SELECT 1").is_ok()),
                Err(error) if error.kind() == ErrorKind::NotFound => None,
                Err(error) => panic!("{}: {error}", runs.display()),
            };
            let port = port.unwrap_or_else(|| start_shared(programs, &runs, &folder.join("lease")));
            (lease, port)
        })
        .1
}

fn start_shared(programs: &Path, runs: &Path, lease: &Path) -> u16 {
    // What a machine left that went down in the middle of it.
    if runs.exists() {
        std::fs::remove_dir_all(runs).expect("the files of an earlier server");
    }
    make_server(programs, runs);
    let port = free_port();
    let mut watch = as_server(Path::new("sh"), false);
    watch.args(["-c", WATCH, "watch"]).args([runs, lease, programs]).arg(port.to_string());
    watch.stdout(Stdio::null()).stderr(Stdio::null()).current_dir(runs).process_group(0);
    let mut watch = watch.spawn().expect("a shell");
    let up = wait_for(port, || watch.try_wait().is_ok_and(|ended| ended.is_none()));
    let log = || std::fs::read_to_string(runs.join("log")).unwrap_or_default();
    assert!(up, "the shared PostgreSQL does not start: {}", log());
    std::fs::write(runs.join("port"), port.to_string()).expect("its port can be written down");
    port
}

/// A database of its own on the server that tests share; it goes with this value.
pub struct Database {
    name: String,
    port: u16,
}

/// How many databases this process made.
static MADE: AtomicU64 = AtomicU64::new(0);

impl Database {
    /// An empty database; `None`, having said so, where there is no PostgreSQL.
    pub fn new() -> Option<Self> {
        Some(Self::on(shared(&programs()?)))
    }

    fn on(port: u16) -> Self {
        let name = format!("test_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::SeqCst));
        psql(port, "postgres", &format!("CREATE DATABASE {name}")).expect("a database can be made");
        Self { name, port }
    }

    /// The URL of a catalog in it.
    pub fn url(&self) -> String {
        self.url_at(self.port)
    }

    /// The port of its server.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL of a catalog in it, by way of another port.
    pub fn url_at(&self, port: u16) -> String {
        format!("postgres://postgres@127.0.0.1:{port}/{}", self.name)
    }

    /// Writes all of it into a file, as `pg_dump --format=custom` does.
    pub fn dump(&self, file: &Path) {
        self.with("pg_dump", &["--format=custom", "--file", file.to_str().expect("UTF-8"), &self.name]);
    }

    /// Fills it, which is empty, from such a file.
    pub fn restore(&self, file: &Path) {
        self.with("pg_restore", &["--exit-on-error", "--dbname", &self.name, file.to_str().expect("UTF-8")]);
    }

    fn with(&self, program: &str, arguments: &[&str]) {
        let mut command = Command::new(programs().expect("it was there a moment ago").join(program));
        command.args(["--host", "127.0.0.1", "--username", "postgres", "--port", &self.port.to_string()]);
        let done = command.args(arguments).output().expect("it runs");
        assert!(done.status.success(), "{program}: {}", String::from_utf8_lossy(&done.stderr));
    }

    /// What a statement answers, a line a row.
    pub fn ask(&self, statement: &str) -> Result<String, String> {
        psql(self.port, &self.name, statement)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // The server goes in any case, and this with it.
        let _ = psql(self.port, "postgres", &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

/// A server of a test's own, which can be stopped and started.
pub struct Server {
    programs: PathBuf,
    dir: tempfile::TempDir,
    port: u16,
    process: Option<Child>,
}

impl Server {
    /// Starts one; `None`, having said so, where there is no PostgreSQL.
    pub fn start() -> Option<Self> {
        let programs = programs()?;
        let dir = tempfile::tempdir().expect("a folder for the server");
        // The server's user has to come through.
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(dir.path(), open).expect("it is ours");
        make_server(&programs, &dir.path().join("server"));
        let mut server = Self { programs, dir, port: free_port(), process: None };
        server.start_again();
        Some(server)
    }

    fn folder(&self) -> PathBuf {
        self.dir.path().join("server")
    }

    /// Adds lines to its settings, for when it starts again.
    pub fn set(&self, lines: &str) {
        let path = self.folder().join("data/postgresql.auto.conf");
        let before = std::fs::read_to_string(&path).expect("its settings");
        std::fs::write(&path, format!("{before}\n{lines}\n")).expect("its settings can be written");
    }

    /// Puts a file of its own into its folder of data, which nobody else may read.
    pub fn put(&self, name: &str, text: &str) {
        let path = self.data().join(name);
        let own = std::fs::metadata(self.data()).expect("its folder");
        std::fs::write(&path, text).expect("its folder can be written to");
        let closed = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&path, closed).expect("it is ours");
        chown(&path, Some(own.uid()), Some(own.gid()))
            .expect("root gives files away, and others keep theirs");
    }

    fn data(&self) -> PathBuf {
        self.folder().join("data")
    }

    /// Starts it on the port that it had, and waits until it answers.
    pub fn start_again(&mut self) {
        let mut command = as_server(&self.programs.join("postgres"), true);
        command.arg("-D").arg(self.data()).args(["-p", &self.port.to_string()]);
        let log = File::options().create(true).append(true).open(self.dir.path().join("log")).expect("a log");
        command.stdout(Stdio::null()).stderr(log).current_dir(self.folder());
        let mut process = command.spawn().expect("the server can be started");
        let up = wait_for(self.port, || process.try_wait().is_ok_and(|ended| ended.is_none()));
        let log = || std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
        assert!(up, "PostgreSQL does not start: {}", log());
        self.process = Some(process);
    }

    /// Stops it as a crash would: whoever is connected is cut off, and what was not committed is lost.
    pub fn crash(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        run(Command::new("kill").args(["-QUIT", &process.id().to_string()]));
        process.wait().expect("it ends");
    }

    /// A database on it.
    pub fn database(&self) -> Database {
        Database::on(self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.crash();
    }
}
