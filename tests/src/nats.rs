//! A real queue for tests: nats-server with JetStream, started on a free port of this machine and stopped with the test.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long the server may take to come up; a tenth of a second is usual.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running server.
pub struct Nats {
    program: PathBuf,
    process: Child,
    arguments: Vec<String>,
    /// Where it listens.
    pub address: SocketAddr,
    dir: tempfile::TempDir,
}

impl Nats {
    /// Starts a server that holds nothing; `None`, having said so, where there is none to start.
    pub fn start() -> Option<Self> {
        Self::start_with(&[])
    }

    /// The same with further arguments, such as `--auth TOKEN`.
    pub fn start_with(arguments: &[&str]) -> Option<Self> {
        let program = crate::tool("nats-server", "REELPROOF_TEST_NATS", "nats-server")?;
        let dir = tempfile::tempdir().expect("a folder for the server");
        // Held until now, so that no other test has it; it stays the server's through all its restarts.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        drop(listener);
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let process = spawn(&program, address, &dir, &arguments);
        let mut server = Self { program, process, arguments, address, dir };
        server.wait();
        Some(server)
    }

    /// Its address as a URL.
    pub fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Starts it again, with what it had on disk.
    pub fn start_again(&mut self) {
        self.process = spawn(&self.program, self.address, &self.dir, &self.arguments);
        self.wait();
    }

    /// Waits until it says its first word to a connection.
    fn wait(&mut self) {
        let began = Instant::now();
        loop {
            let ended = self.process.try_wait().expect("the server can be asked after");
            assert!(ended.is_none() && began.elapsed() < PATIENCE, "the queue does not come up: {ended:?}");
            if let Ok(connection) = TcpStream::connect(self.address) {
                let mut line = String::new();
                let read = BufReader::new(connection.take(1 << 16)).read_line(&mut line);
                if read.is_ok() && line.starts_with("INFO") {
                    return;
                }
            }
            // A server that comes up gives no sign but its answer.
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }
}

fn spawn(program: &PathBuf, address: SocketAddr, dir: &tempfile::TempDir, arguments: &[String]) -> Child {
    Command::new(program)
        .args(["--jetstream", "--addr", "127.0.0.1", "--port", &address.port().to_string()])
        .arg("--store_dir")
        .arg(dir.path())
        .args(arguments)
        .current_dir(dir.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the server starts")
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.kill();
    }
}
