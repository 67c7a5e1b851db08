//! The child's side: lock down, then answer for one object after another until the parent hangs up.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use super::protocol::{
    HEADER_BYTES, Header, Kind, MAX_READ_BYTES, decode_examine, decode_ranges, encode_read, frame, invalid,
    read_frame,
};
use super::sandbox::{self, ChildLimits};
use super::sink::Sink;
use super::{ByteRange, Greeting, SELF_TEST_ARG, VERSION};

/// What a child does with an object.
pub trait Examiner {
    /// What is known once nothing more is needed from the object.
    type Examined;

    /// Loads and touches whatever libraries will be needed; afterwards no file can be opened.
    fn prepare(&self);

    /// Reads what it needs of the object's `size_bytes` bytes.
    fn examine(&self, source: ObjectSource, size_bytes: u64) -> Self::Examined;

    /// The report as JSON, given where the object has long runs of zero bytes, and where its bytes are not those of
    /// the version before.
    ///
    /// # Errors
    /// In words, why there is none.
    fn report(
        &self,
        examined: Self::Examined,
        zero_runs: &[ByteRange],
        changes: &[ByteRange],
    ) -> Result<Vec<u8>, String>;

    /// Decodes what it needs of the object to answer `request`, and gives the report as JSON.
    ///
    /// # Errors
    /// In words, why there is none.
    fn inspect(&self, source: ObjectSource, size_bytes: u64, request: &[u8]) -> Result<Vec<u8>, String> {
        let _ = (source, size_bytes, request);
        Err("this process only examines; it does not decode".to_owned())
    }

    /// Makes what `request` asks for of the object, into `sink`, and gives the report as JSON.
    ///
    /// # Errors
    /// In words, why there is none.
    fn derive(
        &self,
        source: ObjectSource,
        sink: Sink,
        size_bytes: u64,
        request: &[u8],
    ) -> Result<Vec<u8>, String> {
        let _ = (source, sink, size_bytes, request);
        Err("this process only examines; it makes nothing".to_owned())
    }
}

/// Runs as a child until the parent hangs up: what the executable calls before it starts a thread. `args`
/// are its arguments: the limits as JSON, or [`SELF_TEST_ARG`], or both.
pub fn serve<E: Examiner>(examiner: &E, args: &[String]) -> ExitCode {
    let is_self_test = args.iter().any(|arg| arg == SELF_TEST_ARG);
    let limits = args.iter().find(|&arg| arg != SELF_TEST_ARG);
    let limits = match limits.map(|limits| serde_json::from_str::<ChildLimits>(limits)) {
        None if is_self_test => ChildLimits::default(),
        None => {
            eprintln!(
                "this program is started by reelproof, to look at footage in a sandbox; by hand, \
                 {SELF_TEST_ARG} shows what the sandbox withholds"
            );
            return ExitCode::from(2);
        }
        Some(Ok(limits)) => limits,
        Some(Err(error)) => {
            eprintln!("the argument must be limits as JSON: {error}");
            return ExitCode::from(2);
        }
    };
    let Ok(socket) = io::stdin().as_fd().try_clone_to_owned() else { return ExitCode::FAILURE };
    examiner.prepare();
    let report = sandbox::lock_down(limits);
    if is_self_test {
        return self_test(&report);
    }
    match converse(examiner, &Link::new(socket), &report) {
        // The parent hung up between two objects: that is how a child's life ends.
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Prints what the sandbox grants and what it withholds, as JSON; fails if anything forbidden worked.
fn self_test(report: &sandbox::SandboxReport) -> ExitCode {
    let attempts = sandbox::attempts();
    println!("{}", serde_json::json!({ "sandbox": report, "attempts": attempts }));
    if attempts.iter().all(|attempt| attempt.refused.is_some()) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn converse<E: Examiner>(examiner: &E, link: &Link, sandbox: &sandbox::SandboxReport) -> io::Result<()> {
    report_panics_to(link);
    let mut payload = Vec::new();
    let greeting = Greeting { version: VERSION.to_owned(), sandbox: sandbox.clone() };
    link.send(&frame(Kind::Ready, &serde_json::to_vec(&greeting)?))?;
    loop {
        // Bound first: a guard in the scrutinee would hold the lock through the arms.
        let received = read_frame(&mut link.lock().socket, &mut payload);
        match received {
            Ok(Kind::Examine) => {}
            Ok(kind @ (Kind::Inspect | Kind::Derive)) => {
                answer(examiner, link, kind, &payload)?;
                continue;
            }
            Ok(kind) => return Err(invalid(format!("{kind:?} instead of an object"))),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        }
        let (size_bytes, whole) =
            decode_examine(&payload).ok_or_else(|| invalid("an object without a size"))?;
        let source = ObjectSource { whole, ..ObjectSource::new(link.clone(), size_bytes) };
        let examined = examiner.examine(source, size_bytes);
        link.send(&frame(Kind::Examined, &[]))?;

        let mut kind = read_frame(&mut link.lock().socket, &mut payload)?;
        let mut changes = Vec::new();
        if kind == Kind::Changes {
            changes = decode_ranges(&payload).ok_or_else(|| invalid("changes that are none"))?;
            kind = read_frame(&mut link.lock().socket, &mut payload)?;
        }
        let ranges = (kind == Kind::ZeroRuns).then(|| decode_ranges(&payload)).flatten();
        let ranges = ranges.ok_or_else(|| invalid("no zero runs after the examination"))?;
        match examiner.report(examined, &ranges, &changes) {
            Ok(json) => {
                let len = u32::try_from(json.len()).map_err(|_| invalid("a report above 4 GiB"))?;
                link.send(&Header::new(Kind::Report, len).encode())?;
                link.send(&json)?;
            }
            Err(why) => link.send(&frame(Kind::Failed, clip(&why).as_bytes()))?,
        }
    }
}

/// Answers one request to decode an object, or to make something of it.
fn answer<E: Examiner>(examiner: &E, link: &Link, kind: Kind, payload: &[u8]) -> io::Result<()> {
    let (size_bytes, request) =
        payload.split_first_chunk::<8>().ok_or_else(|| invalid("an object without a size"))?;
    let size_bytes = u64::from_le_bytes(*size_bytes);
    let source = ObjectSource::new(link.clone(), size_bytes);
    let report = if kind == Kind::Derive {
        examiner.derive(source, Sink::new(link.clone()), size_bytes, request)
    } else {
        examiner.inspect(source, size_bytes, request)
    };
    link.send(&frame(Kind::Examined, &[]))?;
    // Where zeros stand matters to the index alone; the parent sends none.
    read_frame(&mut link.lock().socket, &mut Vec::new())?;
    match report {
        Ok(json) => {
            let len = u32::try_from(json.len()).map_err(|_| invalid("a report above 4 GiB"))?;
            link.send(&Header::new(Kind::Report, len).encode())?;
            link.send(&json)
        }
        Err(why) => link.send(&frame(Kind::Failed, clip(&why).as_bytes())),
    }
}

/// A panic says where before it ends the child; standard error leads nowhere.
fn report_panics_to(link: &Link) {
    let link = link.clone();
    std::panic::set_hook(Box::new(move |info| {
        // A panic inside a conversation holds the lock: then only the exit status tells.
        if let Ok(mut inner) = link.0.try_lock() {
            let _ = inner.socket.write_all(&frame(Kind::Failed, clip(&info.to_string()).as_bytes()));
        }
        std::process::abort();
    }));
}

fn clip(text: &str) -> &str {
    &text[..text.floor_char_boundary(4096)]
}

/// The child's end of the socket. `read(2)` and `write(2)` on it are all that is left to the child,
/// which is why it is held as a file: the socket calls are refused.
#[derive(Clone)]
pub(crate) struct Link(Arc<Mutex<Inner>>);

struct Inner {
    socket: File,
}

impl Link {
    pub(crate) fn new(socket: OwnedFd) -> Self {
        Self(Arc::new(Mutex::new(Inner { socket: File::from(socket) })))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        // One thread: a poisoned lock would mean that the panic hook did not end the process.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn send(&self, bytes: &[u8]) -> io::Result<()> {
        self.lock().socket.write_all(bytes)
    }
}

/// How many bytes are asked for after a jump; doubled with each request that goes straight on.
const FIRST_READ_BYTES: u32 = 32 * 1024;

/// The object, as the child sees it: bytes that the parent hands over on request.
pub struct ObjectSource {
    link: Link,
    size_bytes: u64,
    /// Whether the parent reads every byte of the object anyway.
    whole: bool,
    /// Where the next byte is read.
    pos: u64,
    /// Bytes that were received, and where the first of them stands in the object.
    buffer: Vec<u8>,
    buffer_pos: u64,
    /// Where the bytes end that were received last.
    next_pos: u64,
    /// How much the next request asks for.
    ask_bytes: u32,
    /// Set once the parent refused: then every read fails in the same words.
    refused: Option<String>,
}

impl ObjectSource {
    fn new(link: Link, size_bytes: u64) -> Self {
        Self {
            link,
            size_bytes,
            whole: false,
            pos: 0,
            buffer: Vec::new(),
            buffer_pos: 0,
            next_pos: 0,
            ask_bytes: FIRST_READ_BYTES,
            refused: None,
        }
    }

    /// Whether every byte of the object is read anyway, so that asking for more costs nothing, as long
    /// as it is asked for in order.
    pub fn is_read_whole(&self) -> bool {
        self.whole
    }

    /// The part of the buffer from the position on; `None` if the position lies outside of it.
    fn buffered(&self) -> Option<&[u8]> {
        let offset = usize::try_from(self.pos.checked_sub(self.buffer_pos)?).ok()?;
        self.buffer.get(offset..).filter(|rest| !rest.is_empty())
    }

    /// Asks for bytes and receives them: into the reader's own memory where that has room for all that may come, so
    /// that they need not be copied again; else into the buffer. Gives how many went to the reader.
    fn fetch(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if let Some(why) = &self.refused {
            return Err(io::Error::other(why.clone()));
        }
        let goes_straight_on = self.pos == self.next_pos;
        self.ask_bytes = if goes_straight_on && self.pos > 0 {
            self.ask_bytes.saturating_mul(2).min(MAX_READ_BYTES)
        } else {
            FIRST_READ_BYTES
        };
        // The parent reads in blocks of this length: what ends with one comes in one piece from then on.
        let block_bytes = u64::from(MAX_READ_BYTES);
        let to_boundary = u32::try_from(block_bytes - self.pos % block_bytes).unwrap_or(MAX_READ_BYTES);
        let room = u32::try_from(into.len()).unwrap_or(MAX_READ_BYTES).max(FIRST_READ_BYTES);
        let ask_bytes = self.ask_bytes.min(to_boundary).min(room);
        let mut inner = self.link.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.socket.write_all(&frame(Kind::Read, &encode_read(self.pos, ask_bytes)))?;
        let mut header = [0; HEADER_BYTES];
        inner.socket.read_exact(&mut header)?;
        let header = Header::decode(header, 0).map_err(invalid)?;
        let length = header.len as usize;
        let direct = header.kind == Kind::Bytes && length <= into.len();
        let target = if direct {
            self.buffer.clear();
            &mut into[..length]
        } else {
            self.buffer.resize(length, 0);
            &mut self.buffer[..]
        };
        inner.socket.read_exact(target)?;
        drop(inner);
        self.buffer_pos = self.pos;
        self.next_pos = self.pos.saturating_add(length as u64);
        match header.kind {
            Kind::Bytes => Ok(if direct { length } else { 0 }),
            Kind::Refused => {
                let why = String::from_utf8_lossy(&self.buffer).into_owned();
                self.buffer.clear();
                self.refused = Some(why.clone());
                Err(io::Error::other(why))
            }
            kind => Err(invalid(format!("{kind:?} instead of bytes"))),
        }
    }
}

impl Read for ObjectSource {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() || self.pos >= self.size_bytes {
            return Ok(0);
        }
        if self.buffered().is_none() {
            let direct = self.fetch(into)?;
            if direct > 0 {
                self.pos = self.pos.saturating_add(direct as u64);
                return Ok(direct);
            }
        }
        let available = self.buffered().unwrap_or_default();
        let len = available.len().min(into.len());
        into[..len].copy_from_slice(&available[..len]);
        self.pos = self.pos.saturating_add(len as u64);
        Ok(len)
    }
}

impl Seek for ObjectSource {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let pos = match to {
            SeekFrom::Start(pos) => Some(pos),
            SeekFrom::Current(by) => self.pos.checked_add_signed(by),
            SeekFrom::End(by) => self.size_bytes.checked_add_signed(by),
        };
        self.pos = pos.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.pos)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixStream;

    use crate::protocol::decode_read;

    /// A parent that serves `object` and records what was asked for.
    fn parent(mut socket: UnixStream, object: Vec<u8>) -> std::thread::JoinHandle<Vec<(u64, u32)>> {
        std::thread::spawn(move || {
            let mut asked = Vec::new();
            let mut payload = Vec::new();
            while let Ok(Kind::Read) = read_frame(&mut socket, &mut payload) {
                let (pos, len) = decode_read(&payload).unwrap();
                asked.push((pos, len));
                let start = usize::try_from(pos).unwrap().min(object.len());
                let end = (start + len as usize).min(object.len());
                socket.write_all(&frame(Kind::Bytes, &object[start..end])).unwrap();
            }
            asked
        })
    }

    #[test]
    fn reading_on_asks_for_more_and_more_and_a_jump_starts_small_again() {
        let object: Vec<u8> = (0..2_000_000u32).map(|i| (i % 251) as u8).collect();
        let (ours, theirs) = UnixStream::pair().unwrap();
        let asked = parent(theirs, object.clone());
        let mut source = ObjectSource::new(Link::new(ours.into()), object.len() as u64);
        let mut read = vec![0; 1_000_000];
        source.read_exact(&mut read).unwrap();
        assert_eq!(read, object[..1_000_000]);
        source.seek(SeekFrom::End(-10)).unwrap();
        let mut tail = Vec::new();
        source.read_to_end(&mut tail).unwrap();
        assert_eq!(tail, object[1_999_990..]);
        drop(source);
        let asked: Vec<u32> = asked.join().unwrap().into_iter().map(|(_, len)| len / 1024).collect();
        assert_eq!(asked, [32, 64, 128, 32, 256, 256, 208, 32]);
    }

    #[test]
    fn seeking_alone_asks_for_nothing_and_never_goes_below_zero() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let asked = parent(theirs, Vec::new());
        let mut source = ObjectSource::new(Link::new(ours.into()), 10);
        assert_eq!(source.seek(SeekFrom::End(5)).unwrap(), 15);
        assert_eq!(source.read(&mut [0; 4]).unwrap(), 0);
        assert!(source.seek(SeekFrom::Current(-16)).is_err());
        assert_eq!(source.stream_position().unwrap(), 15);
        drop(source);
        assert!(asked.join().unwrap().is_empty());
    }
}
