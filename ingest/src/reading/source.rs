//! Where an object's bytes come from: one pinned version of it, in order and, where need be, out of
//! order, with every byte counted that arrives.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, GetResult, GetResultPayload, ObjectMeta, ObjectStore};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::block::{BLOCK_BYTES, Block, Buffers};
use super::error::ReadError;
use super::link::Link;
use super::remote::Flow;

/// How often a store is asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryOptions {
    /// How many times in a row, without a byte arriving in between.
    pub tries: u32,
    /// The first pause; each further one is twice as long.
    pub pause: Duration,
}

impl Default for RetryOptions {
    /// Four times, over three seconds. The store's client has its own, longer patience below this.
    fn default() -> Self {
        Self { tries: 4, pause: Duration::from_millis(200) }
    }
}

/// One version of one object in a store.
#[derive(Debug, Clone)]
pub(crate) struct Pinned {
    store: Arc<dyn ObjectStore>,
    meta: ObjectMeta,
    handle: Handle,
    retry: RetryOptions,
    cancel: CancellationToken,
}

impl Pinned {
    pub(crate) fn new(
        store: Arc<dyn ObjectStore>,
        meta: ObjectMeta,
        handle: Handle,
        retry: RetryOptions,
        cancel: CancellationToken,
    ) -> Self {
        Self { store, meta, handle, retry, cancel }
    }

    pub(crate) fn size_bytes(&self) -> u64 {
        self.meta.size
    }

    pub(crate) fn key(&self) -> &str {
        self.meta.location.as_ref()
    }

    fn path(&self) -> &Path {
        &self.meta.location
    }

    pub(crate) fn check_cancelled(&self) -> Result<(), ReadError> {
        if self.cancel.is_cancelled() { Err(ReadError::Cancelled) } else { Ok(()) }
    }

    pub(crate) fn changed(&self, detail: impl Into<String>) -> ReadError {
        ReadError::Changed { key: self.key().to_owned(), detail: detail.into() }
    }

    /// Runs something that talks to the store, from a thread that may block.
    pub(crate) fn wait<T>(&self, work: impl Future<Output = Result<T, ReadError>>) -> Result<T, ReadError> {
        self.handle.block_on(async {
            tokio::select! {
                biased;
                () = self.cancel.cancelled() => Err(ReadError::Cancelled),
                done = work => done,
            }
        })
    }

    /// Asks for `start..end` of exactly this version.
    pub(crate) async fn get(&self, start: u64, end: u64) -> Result<GetResult, ReadError> {
        // A weak tag never matches (RFC 9110, 13.1.1); what comes back is compared below instead.
        let if_match = self.meta.e_tag.clone().filter(|tag| !tag.starts_with("W/"));
        let range = (start < end).then_some(GetRange::Bounded(start..end));
        let options =
            GetOptions { if_match, version: self.meta.version.clone(), range, ..GetOptions::default() };
        let got = self.store.get_opts(self.path(), options).await;
        let got = got.map_err(|error| ReadError::from_store(self.key(), error))?;
        if got.meta.size != self.meta.size {
            return Err(self.changed(format!("{} bytes instead of {}", got.meta.size, self.meta.size)));
        }
        match (&self.meta.e_tag, &got.meta.e_tag) {
            (Some(expected), Some(found)) if expected != found => {
                Err(self.changed(format!("entity tag {found} instead of {expected}")))
            }
            _ => Ok(got),
        }
    }

    pub(crate) fn spawn(
        &self,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> tokio::task::JoinHandle<()> {
        self.handle.spawn(work)
    }

    /// The pause before try number `tried + 1`; an error if there is to be none.
    pub(crate) async fn pause(&self, error: ReadError, tried: u32) -> Result<(), ReadError> {
        if !error.is_transient() || tried >= self.retry.tries {
            return Err(error);
        }
        tracing::debug!(key = self.key(), %error, tried, "the store failed; trying again");
        tokio::time::sleep(self.retry.pause.saturating_mul(1 << tried.min(10))).await;
        Ok(())
    }
}

/// The bytes of a pinned object.
#[derive(Debug)]
pub(crate) enum Source {
    /// A file of this machine.
    File(FileSource),
    /// Anything else.
    Remote(Flow),
}

impl Source {
    /// Opens the object; the first `first_bytes` are expected to be read first. With a `link`, all of it is
    /// expected to be read, in the way that is best there.
    pub(crate) fn open(pinned: Pinned, link: Option<Arc<Link>>, first_bytes: u64) -> Result<Self, ReadError> {
        let end = first_bytes.min(pinned.size_bytes());
        let mut tried = 0;
        let got = loop {
            match pinned.wait(pinned.get(0, end)) {
                Ok(got) => break got,
                Err(error) => pinned.wait(pinned.pause(error, tried))?,
            }
            tried += 1;
        };
        Ok(match got.payload {
            GetResultPayload::File(file, _) => Self::File(FileSource::new(pinned, file)?),
            GetResultPayload::Stream(stream) => Self::Remote(Flow::new(pinned, link, stream, end)),
        })
    }

    /// The next block in order, from `pos` on and not beyond `end`; `pos < end`.
    pub(crate) fn next(&mut self, pos: u64, end: u64) -> Result<Block, ReadError> {
        match self {
            Self::File(file) => file.next(pos, end),
            Self::Remote(flow) => flow.next(pos, end),
        }
    }

    /// Whether more has already arrived beyond what was taken.
    pub(crate) fn has_more(&self) -> bool {
        match self {
            Self::File(_) => false,
            Self::Remote(flow) => flow.has_more(),
        }
    }

    /// Whether the byte at `pos` is on its way although nobody has asked for it yet.
    pub(crate) fn is_sending(&self, pos: u64) -> bool {
        match self {
            Self::File(_) => false,
            Self::Remote(flow) => flow.is_sending(pos),
        }
    }

    /// The next bytes in order are those from `pos` on.
    pub(crate) fn skip(&mut self, pos: u64) {
        if let Self::Remote(flow) = self {
            flow.skip(pos);
        }
    }

    /// Bytes out of order.
    pub(crate) fn range(&mut self, start: u64, end: u64) -> Result<Bytes, ReadError> {
        match self {
            Self::File(file) => file.range(start, end),
            Self::Remote(flow) => flow.range(start, end),
        }
    }

    /// A block is no longer needed.
    pub(crate) fn recycle(&mut self, block: Block) {
        if let Self::File(file) = self {
            file.buffers.recycle(block);
        }
    }

    /// How many bytes were fetched.
    pub(crate) fn bytes_read(&self) -> u64 {
        match self {
            Self::File(file) => file.bytes_read,
            Self::Remote(flow) => flow.bytes_read(),
        }
    }

    pub(crate) fn check_cancelled(&self) -> Result<(), ReadError> {
        match self {
            Self::File(file) => file.pinned.check_cancelled(),
            Self::Remote(flow) => flow.check_cancelled(),
        }
    }

    /// After the last byte: is it still what was opened? Stores pin the version themselves.
    pub(crate) fn check_unchanged(&self) -> Result<(), ReadError> {
        match self {
            Self::File(file) => file.check_unchanged(),
            Self::Remote(_) => Ok(()),
        }
    }
}

/// A file of this machine, read with plain system calls.
#[derive(Debug)]
pub(crate) struct FileSource {
    pinned: Pinned,
    file: File,
    opened: Fingerprint,
    buffers: Buffers,
    bytes_read: u64,
}

/// What changes when somebody writes to a file.
#[derive(Debug, PartialEq, Eq)]
struct Fingerprint {
    size_bytes: u64,
    modified: (i64, i64),
}

impl From<Metadata> for Fingerprint {
    fn from(metadata: Metadata) -> Self {
        Self { size_bytes: metadata.len(), modified: (metadata.mtime(), metadata.mtime_nsec()) }
    }
}

impl FileSource {
    fn new(pinned: Pinned, file: File) -> Result<Self, ReadError> {
        let opened = Fingerprint::from(file.metadata().map_err(|source| io_error(&pinned, source))?);
        let source = Self { pinned, file, opened, buffers: Buffers::default(), bytes_read: 0 };
        if source.opened.size_bytes != source.pinned.size_bytes() {
            return Err(source.pinned.changed(format!(
                "{} bytes instead of {}",
                source.opened.size_bytes,
                source.pinned.size_bytes()
            )));
        }
        Ok(source)
    }

    fn next(&mut self, pos: u64, end: u64) -> Result<Block, ReadError> {
        let Self { pinned, file, buffers, .. } = self;
        let want = usize::try_from(end - pos).unwrap_or(BLOCK_BYTES).min(BLOCK_BYTES);
        let block = buffers.fill(pos, |buffer| {
            let buffer = &mut buffer[..want];
            read_at(pinned, file, buffer, pos).map(|()| want)
        })?;
        self.bytes_read += want as u64;
        Ok(block)
    }

    fn range(&mut self, start: u64, end: u64) -> Result<Bytes, ReadError> {
        let mut bytes = vec![0; usize::try_from(end - start).unwrap_or(0)];
        read_at(&self.pinned, &self.file, &mut bytes, start)?;
        self.bytes_read += bytes.len() as u64;
        Ok(bytes.into())
    }

    fn check_unchanged(&self) -> Result<(), ReadError> {
        let now = Fingerprint::from(self.file.metadata().map_err(|source| io_error(&self.pinned, source))?);
        if now == self.opened { Ok(()) } else { Err(self.pinned.changed("it was written to")) }
    }
}

/// Fills the buffer, or says that the file became shorter than it was.
fn read_at(pinned: &Pinned, file: &File, buffer: &mut [u8], pos: u64) -> Result<(), ReadError> {
    file.read_exact_at(buffer, pos).map_err(|source| match source.kind() {
        io::ErrorKind::UnexpectedEof => {
            pinned.changed(format!("it now ends before byte {}", pos + buffer.len() as u64))
        }
        _ => io_error(pinned, source),
    })
}

fn io_error(pinned: &Pinned, source: io::Error) -> ReadError {
    ReadError::Io { key: pinned.key().to_owned(), source }
}
