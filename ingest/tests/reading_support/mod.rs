//! What the tests of reading share: children that behave as told, and stores that misbehave.
//!
//! A fake child is this very test program, started again to run a single test that finds out from its
//! environment that it is to be a child. Every test program that uses this has such a test.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::ops::ControlFlow;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;

use confined::sandbox::Layer;
use confined::{ByteRange, Examiner, Greeting, ObjectSource, SandboxReport, serve};
use ingest::child::{ChildCommand, ChildPool, PoolOptions};
use ingest::reading::{ObjectReader, ObjectReading, ReadError, ReadOptions, ReportVerdict, RetryOptions};
use object_store::{ObjectMeta, ObjectStore};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

/// The variable that makes a child of a test, and says which.
const BEHAVIOUR: &str = "REELPROOF_TEST_CHILD";

/// What a fake child reports.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Report {
    /// How many bytes it read.
    pub(crate) bytes: u64,
    /// Their SHA-256, in the order in which they were read.
    pub(crate) sha256: String,
    /// What the parent said about zeros.
    pub(crate) zero_runs: Vec<ByteRange>,
    /// What the parent said about changes.
    pub(crate) changes: Vec<ByteRange>,
    /// What went wrong when it read.
    pub(crate) error: Option<String>,
}

impl ReportVerdict for Report {
    fn is_suspicious(&self) -> bool {
        self.error.is_some()
    }
}

/// Reads as its name says.
struct Fake(String);

impl Fake {
    fn read(&self, source: &mut ObjectSource, size_bytes: u64, seen: &mut Seen) -> std::io::Result<()> {
        let mut take = |source: &mut ObjectSource, pos: u64, len: u64| -> std::io::Result<()> {
            source.seek(SeekFrom::Start(pos))?;
            let mut buffer = [0; 10_000];
            let mut part = source.take(len);
            loop {
                match part.read(&mut buffer)? {
                    0 => return Ok(()),
                    len => seen.add(&buffer[..len]),
                }
            }
        };
        match self.0.as_str() {
            "sequential" => take(source, 0, u64::MAX)?,
            "sparse" => {
                take(source, 0, 100_000)?;
                take(source, size_bytes.saturating_sub(50_000), u64::MAX)?;
                take(source, 1000, 1000)?;
            }
            "hopping" => {
                for step in 0..8 {
                    take(source, size_bytes / 8 * step, 3_000_000)?;
                }
            }
            "backwards" => {
                take(source, 0, u64::MAX)?;
                take(source, 0, u64::MAX)?;
            }
            "flood" => (0..u64::MAX).try_for_each(|step| take(source, step % 2 * 200_000, 1))?,
            "leaves" => {
                take(source, 0, 70_000)?;
                leave();
            }
            "aborts" => {
                take(source, 0, 70_000)?;
                std::process::abort();
            }
            "panics" => panic!("there is no such thing"),
            "hangs" => loop {
                std::thread::park();
            },
            "swells" => drop(vec![1u8; 1 << 40]),
            "shows-its-environment" => {
                let names: Vec<String> = std::env::vars().map(|(name, _)| name).collect();
                return Err(std::io::Error::other(names.join(" ")));
            }
            "is-confused" | "is-silent-about-it" => {}
            unknown => panic!("no behaviour is called {unknown}"),
        }
        Ok(())
    }
}

/// Ends the process as a library might that calls `exit(3)`.
#[expect(clippy::disallowed_methods, reason = "leaving without warning is what is tested")]
fn leave() -> ! {
    std::process::exit(3)
}

#[derive(Default)]
struct Seen {
    bytes: u64,
    hasher: Sha256,
}

impl Seen {
    fn add(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.hasher.update(bytes);
    }
}

impl Examiner for Fake {
    type Examined = Report;

    fn prepare(&self) {}

    fn examine(&self, mut source: ObjectSource, size_bytes: u64) -> Report {
        let mut seen = Seen::default();
        let error = self.read(&mut source, size_bytes, &mut seen).err().map(|error| error.to_string());
        Report { bytes: seen.bytes, sha256: hex::encode(seen.hasher.finalize()), error, ..Report::default() }
    }

    fn report(
        &self,
        examined: Report,
        zero_runs: &[ByteRange],
        changes: &[ByteRange],
    ) -> Result<Vec<u8>, String> {
        match self.0.as_str() {
            "is-confused" => Ok(b"{\"bytes\": \"many\"}".to_vec()),
            "is-silent-about-it" => Err("no comment".to_owned()),
            _ => Ok(serde_json::to_vec(&Report {
                zero_runs: zero_runs.to_vec(),
                changes: changes.to_vec(),
                ..examined
            })
            .unwrap()),
        }
    }
}

/// A child that speaks the protocol by hand, and badly. Frames: kind, length, payload.
fn speak(behaviour: &str) -> ControlFlow<()> {
    let layer = Layer::Enforced;
    let sandbox = SandboxReport { limits: layer.clone(), landlock: layer.clone(), seccomp: layer };
    let frame = |kind: u8, payload: &[u8]| {
        [&[kind][..], &u32::try_from(payload.len()).unwrap().to_le_bytes(), payload].concat()
    };
    let read = |pos: u64, len: u32| frame(3, &[&pos.to_le_bytes()[..], &len.to_le_bytes()].concat());
    let greet = |version: &str| {
        let greeting = Greeting { version: version.to_owned(), sandbox: sandbox.clone() };
        frame(1, &serde_json::to_vec(&greeting).unwrap())
    };
    let ready = greet(confined::VERSION);
    let (before, after) = match behaviour {
        "babbles" => (ready, vec![77; 100]),
        "threatens" => (ready, [&[8][..], &u32::MAX.to_le_bytes()].concat()),
        "reads-beyond" => (ready, read(u64::MAX - 5, 100)),
        "reads-at-the-end" => (ready, read(1 << 20, 1)),
        "reads-nothing" => (ready, read(0, 0)),
        "reads-too-much" => (ready, read(0, u32::MAX)),
        "skips-ahead" => (ready, frame(8, b"{}")),
        "hangs-up" => (ready, Vec::new()),
        "stops-mid-word" => (ready, vec![3, 12, 0, 0, 0, 1]),
        "trickles" => (ready, vec![3]),
        "is-of-yesterday" => (greet("0.0.1/7\u{1b}[2J"), Vec::new()),
        "is-never-ready" => (frame(9, b"no mood"), Vec::new()),
        "serves-one" => (ready, frame(6, &[])),
        _ => return ControlFlow::Continue(()),
    };
    let mut socket = File::from(std::io::stdin().as_fd().try_clone_to_owned().unwrap());
    socket.write_all(&before).unwrap();
    let mut examine = [0; 14];
    socket.read_exact(&mut examine).unwrap();
    socket.write_all(&after).unwrap();
    match behaviour {
        "serves-one" => {
            let mut header = [0; 5];
            socket.read_exact(&mut header).unwrap();
            let len = u32::from_le_bytes(header[1..].try_into().unwrap());
            socket.read_exact(&mut vec![0; len as usize]).unwrap();
            socket.write_all(&frame(8, &serde_json::to_vec(&Report::default()).unwrap())).unwrap();
        }
        "trickles" => loop {
            std::thread::park();
        },
        _ => {}
    }
    ControlFlow::Break(())
}

/// Becomes a child, if this process was started as one; returns when the parent has hung up.
pub(crate) fn become_a_child_if_told() {
    let Ok(behaviour) = std::env::var(BEHAVIOUR) else { return };
    if speak(&behaviour).is_continue() {
        let limits = std::env::args().next_back();
        serve(&Fake(behaviour), limits.as_slice());
    }
}

/// How a pool of such children is made; `entry` is the test that calls [`become_a_child_if_told`].
pub(crate) fn options(behaviour: &str, entry: &str) -> PoolOptions {
    let mut command = ChildCommand::new(std::env::current_exe().unwrap());
    command.args = ["--exact", entry, "--nocapture", "--test-threads=1"].map(str::to_owned).to_vec();
    command.envs = vec![(BEHAVIOUR.to_owned(), behaviour.to_owned())];
    PoolOptions::new(command, 2)
}

/// Reads an object in a thread that may block, as the callers of the library do.
pub(crate) async fn read(
    pool: &ChildPool,
    store: &Arc<dyn ObjectStore>,
    meta: &ObjectMeta,
    options: &ReadOptions,
) -> Result<ObjectReading<Report>, ReadError> {
    let reader = ObjectReader::new(pool.clone(), tokio::runtime::Handle::current());
    let (store, meta, options) = (Arc::clone(store), meta.clone(), options.clone());
    let work = move || reader.read(&store, &meta, &options, &CancellationToken::new());
    tokio::task::spawn_blocking(work).await.unwrap()
}

/// Read options with pauses too short to be noticed.
pub(crate) fn patient() -> ReadOptions {
    let retry = RetryOptions { tries: 4, pause: Duration::from_micros(1) };
    ReadOptions { retry, ..ReadOptions::default() }
}

/// Bytes without zero pages that differ from place to place.
pub(crate) fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let words = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    let mut bytes: Vec<u8> = words.take(len.div_ceil(8)).flatten().collect();
    bytes.truncate(len);
    bytes
}

/// SHA-256 in one go.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
