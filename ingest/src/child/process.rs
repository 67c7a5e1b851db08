//! One child, from the parent's side: starting it, talking with it under a watchdog, ending it.
//!
//! There is no watchdog thread. The socket has a short time limit for reading and writing, so every
//! wait comes back a few times a second to look at the clock and at the cancellation; a child that
//! says nothing for too long is killed by the very thread that waits for it.

use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::end::ChildEnd;
use super::pool::{ChildError, PoolOptions};
use super::{ByteRange, ChildCommand};
use confined::protocol::{
    HEADER_BYTES, Header, Kind, MAX_READ_BYTES, decode_piece, decode_read, encode_examine, encode_ranges,
    frame,
};
use confined::{Greeting, SandboxReport};

/// How much freed memory a child keeps for its next object, at most: 32 MiB, the most that glibc takes for both figures.
const KEPT_BYTES: &str = "33554432";

/// How often a wait looks at the clock and the cancellation.
const TICK: Duration = Duration::from_millis(50);

/// Of the time between two looks at the clock so much counts at most: on a machine that stood still meanwhile
/// (suspended, or starved of its processors) the child had none of it either.
const TICK_COUNTED: Duration = Duration::from_millis(200);

/// How long a child has kept us waiting in one go.
#[derive(Debug)]
struct Wait {
    looked_at: Instant,
    spent: Duration,
}

impl Wait {
    fn begin() -> Self {
        Self { looked_at: Instant::now(), spent: Duration::ZERO }
    }

    /// The time so far.
    fn spent(&mut self) -> Duration {
        self.add(self.looked_at.elapsed())
    }

    fn add(&mut self, passed: Duration) -> Duration {
        self.looked_at += passed;
        self.spent = self.spent.saturating_add(passed.min(TICK_COUNTED));
        self.spent
    }
}

/// What a child wants next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Bytes of the object: the position lies within it, the length within bounds.
    Read { pos: u64, len: u32 },
    /// Nothing more.
    Done,
}

/// Why a conversation broke off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Broken {
    /// The child has ended, or was made to.
    Ended(ChildEnd),
    /// We were asked to stop.
    Cancelled,
}

/// Where the conversation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between two objects.
    Resting,
    /// An object is being examined.
    Examining(Budget),
    /// The object is no longer needed, the report is to come.
    Examined(Budget),
}

/// What is left of what a child may take for one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Budget {
    size_bytes: u64,
    requests_left: u64,
    bytes_left: u64,
    /// What is left of what it may make.
    made_left: u64,
    /// Beyond this place nothing that it makes may lie.
    made_end: u64,
    /// For how long the child may keep us waiting.
    wait: Duration,
    waited: Duration,
}

impl Budget {
    /// Generous for anything honest: every byte four times over in small pieces, at 2 MB/s.
    fn for_object(size_bytes: u64, silence: Duration) -> Self {
        Self {
            size_bytes,
            requests_left: (size_bytes / 2048).saturating_add(10_000),
            bytes_left: size_bytes.saturating_mul(4).saturating_add(64 << 20),
            made_left: 0,
            made_end: 0,
            wait: silence.saturating_mul(4).saturating_add(Duration::from_millis(size_bytes / 2000)),
            waited: Duration::ZERO,
        }
    }

    /// Decoding takes longer than reading: what a machine far slower than any would need.
    fn for_decoding(size_bytes: u64, silence: Duration) -> Self {
        let reading = Self::for_object(size_bytes, silence);
        let wait = silence.saturating_mul(20).saturating_add(Duration::from_millis(size_bytes / 250));
        Self { wait, ..reading }
    }

    /// Encoding takes longer still; of what is made every byte may be written twice.
    fn for_deriving(size_bytes: u64, max_made_bytes: u64, silence: Duration) -> Self {
        let decoding = Self::for_decoding(size_bytes, silence);
        let wait = silence.saturating_mul(60).saturating_add(Duration::from_millis(size_bytes / 100));
        Self { wait, made_left: max_made_bytes.saturating_mul(2), made_end: max_made_bytes, ..decoding }
    }
}

/// A running child.
#[derive(Debug)]
pub(super) struct ChildProcess {
    process: Child,
    socket: UnixStream,
    state: State,
    silence: Duration,
    max_report_bytes: u32,
    /// Which layers its sandbox has.
    pub(super) sandbox: SandboxReport,
    /// How many objects it was given.
    pub(super) objects: u32,
    /// How many bytes it was given.
    pub(super) served_bytes: u64,
}

impl ChildProcess {
    /// Starts a child and waits until it has locked itself down.
    pub(super) fn start(options: &PoolOptions, cancel: &CancellationToken) -> Result<Self, ChildError> {
        let failed = |source| ChildError::Start { program: options.command.program.clone(), source };
        let (ours, theirs) = UnixStream::pair().map_err(failed)?;
        ours.set_read_timeout(Some(TICK)).map_err(failed)?;
        ours.set_write_timeout(Some(TICK)).map_err(failed)?;
        let limits = serde_json::to_string(&options.limits).map_err(|error| failed(error.into()))?;
        let process = command(&options.command)
            .arg(limits)
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .spawn()
            .map_err(failed)?;
        let mut child = Self {
            process,
            socket: ours,
            state: State::Resting,
            silence: options.silence,
            max_report_bytes: options.max_report_bytes,
            sandbox: SandboxReport::unknown(),
            objects: 0,
            served_bytes: 0,
        };
        let mut waited = Duration::ZERO;
        let program = &options.command.program;
        let not_ready = |end| ChildError::NotReady { program: program.clone(), end };
        let Greeting { version, sandbox } = match child.receive(cancel, &mut waited) {
            Ok((Kind::Ready, payload)) => serde_json::from_slice(&payload)
                .map_err(|error| not_ready(protocol(format!("no greeting: {error}"))))?,
            Ok((kind, _)) => return Err(not_ready(protocol(format!("{kind:?} before it was ready")))),
            Err(Broken::Ended(end)) => return Err(not_ready(end)),
            Err(Broken::Cancelled) => return Err(ChildError::Cancelled),
        };
        if version != confined::VERSION {
            let found = printable(&version, 40);
            return Err(ChildError::OtherVersion { program: program.clone(), found });
        }
        child.sandbox = sandbox;
        Ok(child)
    }

    /// Whether it is between two objects and still there.
    pub(super) fn is_fit(&mut self) -> bool {
        self.state == State::Resting && matches!(self.process.try_wait(), Ok(None))
    }

    /// Gives it an object; `whole` says that every byte of it is read anyway.
    pub(super) fn examine(
        &mut self,
        size_bytes: u64,
        whole: bool,
        cancel: &CancellationToken,
    ) -> Result<(), Broken> {
        self.objects = self.objects.saturating_add(1);
        self.state = State::Examining(Budget::for_object(size_bytes, self.silence));
        self.send(&frame(Kind::Examine, &encode_examine(size_bytes, whole)), cancel)
    }

    /// Gives it an object to be decoded; the rest goes as with [`Self::examine`].
    pub(super) fn inspect(
        &mut self,
        size_bytes: u64,
        request: &[u8],
        cancel: &CancellationToken,
    ) -> Result<(), Broken> {
        self.objects = self.objects.saturating_add(1);
        self.state = State::Examining(Budget::for_decoding(size_bytes, self.silence));
        self.send(&frame(Kind::Inspect, &[&size_bytes.to_le_bytes(), request].concat()), cancel)
    }

    /// Gives it an object to make something of, of at most so many bytes; the rest goes as with [`Self::examine`].
    pub(super) fn derive(
        &mut self,
        size_bytes: u64,
        request: &[u8],
        max_made_bytes: u64,
        cancel: &CancellationToken,
    ) -> Result<(), Broken> {
        self.objects = self.objects.saturating_add(1);
        self.state = State::Examining(Budget::for_deriving(size_bytes, max_made_bytes, self.silence));
        self.send(&frame(Kind::Derive, &[&size_bytes.to_le_bytes(), request].concat()), cancel)
    }

    /// Waits for what it wants next; `take` gets what it makes meanwhile, with the place of the first byte. A child that
    /// breaks a rule is ended.
    pub(super) fn next_wish(
        &mut self,
        take: &mut dyn FnMut(u64, &[u8]),
        cancel: &CancellationToken,
    ) -> Result<Wish, Broken> {
        let State::Examining(mut budget) = self.state else {
            return Err(Broken::Ended(protocol("a wish out of turn")));
        };
        let (kind, payload) = loop {
            let (kind, payload) = self.receive(cancel, &mut budget.waited)?;
            if kind != Kind::Piece {
                break (kind, payload);
            }
            let (place, bytes) = check_piece(&payload, &mut budget).map_err(|end| self.stop(end))?;
            take(place, bytes);
            if budget.waited > budget.wait {
                return Err(self.stop(ChildEnd::Slow { after_s: budget.waited.as_secs() }));
            }
        };
        let wish = match kind {
            Kind::Read => check_read(&payload, &mut budget),
            Kind::Examined => Ok(Wish::Done),
            Kind::Failed => Err(failed(&payload)),
            kind => Err(protocol(format!("{kind:?} while an object was examined"))),
        };
        let wish = wish.and_then(|wish| {
            let slow = ChildEnd::Slow { after_s: budget.waited.as_secs() };
            if budget.waited > budget.wait { Err(slow) } else { Ok(wish) }
        });
        self.state = if wish == Ok(Wish::Done) { State::Examined(budget) } else { State::Examining(budget) };
        wish.map_err(|end| self.stop(end))
    }

    /// Answers a [`Wish::Read`] with `pieces`, which together are no longer than was asked for.
    pub(super) fn give<'a>(
        &mut self,
        pieces: impl Iterator<Item = &'a [u8]> + Clone,
        cancel: &CancellationToken,
    ) -> Result<(), Broken> {
        let len: usize = pieces.clone().map(<[u8]>::len).sum();
        self.served_bytes = self.served_bytes.saturating_add(len as u64);
        // The reader cuts pieces to MAX_READ_BYTES; were it longer, the child would refuse it.
        let len = u32::try_from(len).unwrap_or(u32::MAX);
        self.send(&Header::new(Kind::Bytes, len).encode(), cancel)?;
        for piece in pieces {
            self.send(piece, cancel)?;
        }
        Ok(())
    }

    /// Answers a [`Wish::Read`] with a refusal.
    pub(super) fn refuse(&mut self, why: &str, cancel: &CancellationToken) -> Result<(), Broken> {
        self.send(&frame(Kind::Refused, why.as_bytes()), cancel)
    }

    /// Asks for the report, after [`Wish::Done`].
    pub(super) fn report(
        &mut self,
        zero_runs: &[ByteRange],
        changes: &[ByteRange],
        cancel: &CancellationToken,
    ) -> Result<Vec<u8>, Broken> {
        let State::Examined(mut budget) = self.state else {
            return Err(Broken::Ended(protocol("a report out of turn")));
        };
        if !changes.is_empty() {
            self.send(&frame(Kind::Changes, &encode_ranges(changes)), cancel)?;
        }
        self.send(&frame(Kind::ZeroRuns, &encode_ranges(zero_runs)), cancel)?;
        match self.receive(cancel, &mut budget.waited)? {
            (Kind::Report, json) => {
                self.state = State::Resting;
                Ok(json)
            }
            (Kind::Failed, payload) => Err(self.stop(failed(&payload))),
            (kind, _) => Err(self.stop(protocol(format!("{kind:?} instead of a report")))),
        }
    }

    /// Ends the child; `end` is what is said of it.
    fn stop(&mut self, end: ChildEnd) -> Broken {
        self.kill();
        Broken::Ended(end)
    }

    fn kill(&mut self) {
        // Killing one that has already ended changes nothing, not even its status.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// The socket was closed: how did it end?
    fn hung_up(&mut self) -> Broken {
        let _ = self.process.kill();
        Broken::Ended(match self.process.wait() {
            Ok(status) => ChildEnd::from_status(status),
            Err(_) => ChildEnd::Exited { code: None },
        })
    }

    fn receive(
        &mut self,
        cancel: &CancellationToken,
        waited: &mut Duration,
    ) -> Result<(Kind, Vec<u8>), Broken> {
        let mut wait = Wait::begin();
        let received = self.receive_in(&mut wait, cancel);
        *waited = waited.saturating_add(wait.spent());
        received
    }

    fn receive_in(&mut self, wait: &mut Wait, cancel: &CancellationToken) -> Result<(Kind, Vec<u8>), Broken> {
        let mut header = [0; HEADER_BYTES];
        self.read_exact(&mut header, wait, cancel)?;
        let header =
            Header::decode(header, self.max_report_bytes).map_err(|detail| self.stop(protocol(detail)))?;
        let mut payload = vec![0; header.len as usize];
        self.read_exact(&mut payload, wait, cancel)?;
        Ok((header.kind, payload))
    }

    fn read_exact(
        &mut self,
        mut into: &mut [u8],
        wait: &mut Wait,
        cancel: &CancellationToken,
    ) -> Result<(), Broken> {
        while !into.is_empty() {
            match self.socket.read(into) {
                Ok(0) => return Err(self.hung_up()),
                Ok(len) => into = &mut into[len..],
                Err(error) => self.after(&error, wait, cancel)?,
            }
        }
        Ok(())
    }

    fn send(&mut self, mut bytes: &[u8], cancel: &CancellationToken) -> Result<(), Broken> {
        let wait = &mut Wait::begin();
        while !bytes.is_empty() {
            match self.socket.write(bytes) {
                Ok(0) => return Err(self.hung_up()),
                Ok(len) => {
                    bytes = &bytes[len..];
                    *wait = Wait::begin();
                }
                Err(error) => self.after(&error, wait, cancel)?,
            }
        }
        Ok(())
    }

    /// A wait came back empty-handed: go on, or give up?
    fn after(
        &mut self,
        error: &io::Error,
        wait: &mut Wait,
        cancel: &CancellationToken,
    ) -> Result<(), Broken> {
        use io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
        match error.kind() {
            Interrupted => Ok(()),
            WouldBlock | TimedOut if cancel.is_cancelled() => Err(Broken::Cancelled),
            WouldBlock | TimedOut if wait.spent() < self.silence => Ok(()),
            WouldBlock | TimedOut => Err(self.stop(ChildEnd::silent(self.silence))),
            _ => Err(self.hung_up()),
        }
    }
}

impl Drop for ChildProcess {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The command, with nothing of our environment (which may hold credentials) but what the loader
/// needs to find libraries.
fn command(child: &ChildCommand) -> Command {
    let mut command = Command::new(child.executable());
    command.args(&child.args).env_clear();
    if let Some(path) = std::env::var_os("LD_LIBRARY_PATH") {
        command.env("LD_LIBRARY_PATH", path);
    }
    // Its heap is used again for the next object instead of being given back and asked for page by page, which is a
    // quarter of the time of a short one. It stays within its limit of memory either way.
    command.env("MALLOC_MMAP_THRESHOLD_", KEPT_BYTES).env("MALLOC_TRIM_THRESHOLD_", KEPT_BYTES);
    command.envs(child.envs.iter().map(|(name, value)| (name, value)));
    command.current_dir("/").stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn check_piece<'a>(payload: &'a [u8], budget: &mut Budget) -> Result<(u64, &'a [u8]), ChildEnd> {
    let (place, bytes) = decode_piece(payload).ok_or_else(|| protocol("a piece without a place"))?;
    if budget.made_end == 0 {
        return Err(protocol("a piece where nothing is to be made"));
    }
    let length = bytes.len() as u64;
    let fits = place.checked_add(length).is_some_and(|end| end <= budget.made_end);
    let Some(left) = budget.made_left.checked_sub(length).filter(|_| fits) else {
        let detail = format!("what it makes would be larger than {} bytes", budget.made_end);
        return Err(ChildEnd::Greedy { detail });
    };
    budget.made_left = left;
    Ok((place, bytes))
}

fn check_read(payload: &[u8], budget: &mut Budget) -> Result<Wish, ChildEnd> {
    let (pos, len) = decode_read(payload).ok_or_else(|| protocol("a request of a wrong size"))?;
    if len == 0 || len > MAX_READ_BYTES {
        return Err(protocol(format!("a request for {len} bytes at once")));
    }
    if pos >= budget.size_bytes {
        return Err(protocol(format!("a request at byte {pos} of an object of {} bytes", budget.size_bytes)));
    }
    let spent = (budget.requests_left.checked_sub(1), budget.bytes_left.checked_sub(u64::from(len)));
    let (Some(requests_left), Some(bytes_left)) = spent else {
        return Err(ChildEnd::Greedy {
            detail: format!("more requests than an object of {} bytes can need", budget.size_bytes),
        });
    };
    (budget.requests_left, budget.bytes_left) = (requests_left, bytes_left);
    Ok(Wish::Read { pos, len })
}

fn protocol(detail: impl Into<String>) -> ChildEnd {
    ChildEnd::Protocol { detail: detail.into() }
}

/// What a child said about its own failure, fit to be shown.
fn failed(payload: &[u8]) -> ChildEnd {
    ChildEnd::Failed { detail: printable(&String::from_utf8_lossy(payload), 1000) }
}

/// At most `max` characters of what a child said, without those that steer a terminal.
fn printable(text: &str, max: usize) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(max).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_that_stood_still_is_not_held_against_the_child() {
        let mut wait = Wait::begin();
        for _ in 0..3 {
            wait.add(Duration::from_millis(50));
        }
        assert_eq!(wait.add(Duration::from_hours(8)), Duration::from_millis(350));
    }

    #[test]
    fn what_is_made_is_bounded_in_place_and_in_sum() {
        let silence = Duration::from_secs(1);
        let piece = |place: u64, length: usize| [&place.to_le_bytes()[..], &vec![1; length]].concat();
        let mut budget = Budget::for_deriving(1000, 100, silence);
        assert_eq!(check_piece(&piece(40, 60), &mut budget), Ok((40, &[1; 60][..])));
        assert!(matches!(check_piece(&piece(41, 60), &mut budget), Err(ChildEnd::Greedy { .. })));
        assert!(matches!(check_piece(&piece(u64::MAX, 60), &mut budget), Err(ChildEnd::Greedy { .. })));
        assert!(check_piece(&piece(0, 100), &mut budget).is_ok());
        assert!(matches!(check_piece(&piece(0, 41), &mut budget), Err(ChildEnd::Greedy { .. })));
        let mut examining = Budget::for_object(1000, silence);
        assert!(check_piece(&piece(0, 1), &mut examining).unwrap_err().is_breach());
        assert!(check_piece(&[1, 2], &mut budget).unwrap_err().is_breach());
    }
}
