//! Where the bytes come from, and how FFmpeg is kept from asking for more of them than the index
//! needs.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use super::watch::Watch;

/// What [`super::examine`] reads from. Positions are absolute. A source blocks until it has bytes;
/// `Ok(0)` is the end.
pub trait ByteSource: Read + Seek + Send + 'static {}
impl<T: Read + Seek + Send + 'static> ByteSource for T {}

/// Fills `buffer` as far as `source` has bytes.
pub(super) fn read_full(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match source.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(filled)
}

/// Reads as much as `source` gives at once; nothing only at its end.
fn read_some(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match source.read(buffer) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

/// A source read at places, with what is known already served from memory.
pub(super) struct Sparse<S> {
    source: S,
    size_bytes: u64,
    known: Vec<(u64, Vec<u8>)>,
}

impl<S: Read + Seek> Sparse<S> {
    pub(super) fn new(source: S, size_bytes: u64, head: Vec<u8>) -> Self {
        Self { source, size_bytes, known: vec![(0, head)] }
    }

    /// Serves these bytes at this offset from now on, before all that was known.
    pub(super) fn overlay(&mut self, offset: u64, bytes: Vec<u8>) {
        self.known.insert(0, (offset, bytes));
    }

    /// Reads what the file has at `offset`, up to the buffer's length.
    pub(super) fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.size_bytes.saturating_sub(offset)).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        let mut filled = 0;
        while filled < wanted {
            let at = offset + filled as u64;
            let rest = &mut buffer[filled..wanted];
            let count = if let Some(known) = self.known_at(at) {
                let count = known.len().min(rest.len());
                rest[..count].copy_from_slice(&known[..count]);
                count
            } else {
                let unknown = self.unknown_from(at).min(rest.len() as u64);
                self.source.seek(SeekFrom::Start(at))?;
                let length = usize::try_from(unknown).unwrap_or(rest.len());
                read_full(&mut self.source, &mut rest[..length])?
            };
            if count == 0 {
                break;
            }
            filled += count;
        }
        Ok(filled)
    }

    fn known_at(&self, at: u64) -> Option<&[u8]> {
        // An overlay may begin inside an older stretch: serve only up to there.
        let (index, bytes) = self.known.iter().enumerate().find_map(|(index, (start, bytes))| {
            let from = usize::try_from(at.checked_sub(*start)?).ok()?;
            Some((index, bytes.get(from..).filter(|rest| !rest.is_empty())?))
        })?;
        let next = self.known[..index].iter().map(|(start, _)| *start).filter(|&start| start > at).min();
        let length = next
            .map_or(bytes.len(), |next| usize::try_from(next - at).unwrap_or(usize::MAX).min(bytes.len()));
        Some(&bytes[..length])
    }

    fn unknown_from(&self, at: u64) -> u64 {
        let next = self.known.iter().map(|(start, _)| *start).filter(|&start| start > at).min();
        next.map_or(u64::MAX, |next| next - at)
    }
}

/// What FFmpeg is shown of a file with sample tables: everything but the payload, which it is told
/// consists of zeros. It never looks inside packets here, and not a byte of them is fetched, except
/// telemetry, by [`Skim::read_at`].
pub(super) struct Skim<S> {
    sparse: Arc<Mutex<Sparse<S>>>,
    size_bytes: u64,
    position: u64,
    /// Bodies of the boxes that hold payload or padding, in order, apart.
    payload: Arc<Vec<Range<u64>>>,
}

impl<S> Clone for Skim<S> {
    fn clone(&self) -> Self {
        Self {
            sparse: Arc::clone(&self.sparse),
            size_bytes: self.size_bytes,
            position: 0,
            payload: Arc::clone(&self.payload),
        }
    }
}

impl<S: Read + Seek> Skim<S> {
    pub(super) fn new(sparse: Sparse<S>, payload: Vec<Range<u64>>) -> Self {
        let size_bytes = sparse.size_bytes;
        Self { sparse: Arc::new(Mutex::new(sparse)), size_bytes, position: 0, payload: Arc::new(payload) }
    }

    /// The same file with nothing hidden.
    pub(super) fn whole(&self) -> Self {
        Self { payload: Arc::default(), position: 0, ..self.clone() }
    }

    /// The file's own bytes at `offset`, payload or not; `None` where it has not that many.
    pub(super) fn bytes_at(&self, offset: u64, length: usize) -> io::Result<Option<Vec<u8>>> {
        let end = offset.checked_add(length as u64).filter(|&end| end <= self.size_bytes);
        if end.is_none() {
            return Ok(None);
        }
        let mut bytes = vec![0; length];
        let mut sparse = self.sparse.lock().unwrap_or_else(PoisonError::into_inner);
        let count = sparse.read_at(offset, &mut bytes)?;
        Ok((count == length).then_some(bytes))
    }
}

impl<S: Read + Seek> Skim<S> {
    /// Reads what the file really has at `offset`, payload or not, up to the buffer's length.
    pub(super) fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.sparse.lock().unwrap_or_else(PoisonError::into_inner).read_at(offset, buffer)
    }
}

impl<S: Read + Seek> Read for Skim<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let at = self.position;
        let left = usize::try_from(self.size_bytes.saturating_sub(at)).unwrap_or(usize::MAX);
        let mut count = buffer.len().min(left);
        let limit = |bytes: u64, count: usize| usize::try_from(bytes).unwrap_or(usize::MAX).min(count);
        let next = self.payload.partition_point(|range| range.end <= at);
        match self.payload.get(next) {
            Some(range) if range.start <= at => {
                count = limit(range.end - at, count);
                buffer[..count].fill(0);
            }
            found => {
                count = found.map_or(count, |range| limit(range.start - at, count));
                let mut sparse = self.sparse.lock().unwrap_or_else(PoisonError::into_inner);
                count = sparse.read_at(at, &mut buffer[..count])?;
            }
        }
        self.position += count as u64;
        Ok(count)
    }
}

impl<S> Seek for Skim<S> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(distance) => self.size_bytes.checked_add_signed(distance),
            SeekFrom::Current(distance) => self.position.checked_add_signed(distance),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

/// A source read once from its first byte to its last. Whoever reads, the watch sees every byte.
pub(super) struct Once<S>(Arc<Mutex<Flow<S>>>);

struct Flow<S> {
    head: io::Cursor<Vec<u8>>,
    source: S,
    position: u64,
    watch: Option<Box<dyn Watch>>,
    failure: Option<String>,
}

impl<S> Clone for Once<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: Read> Once<S> {
    /// `head` was read from `source` already.
    pub(super) fn new(head: Vec<u8>, source: S, watch: Box<dyn Watch>) -> Self {
        let flow =
            Flow { head: io::Cursor::new(head), source, position: 0, watch: Some(watch), failure: None };
        Self(Arc::new(Mutex::new(flow)))
    }

    /// Reads what nobody has read so far, and gives back the watch, how many bytes there were, and
    /// why reading failed, if it did.
    pub(super) fn drain(mut self) -> (Option<Box<dyn Watch>>, u64, Option<String>) {
        let mut buffer = vec![0; 256 * 1024];
        while let Ok(1..) = self.read(&mut buffer) {}
        let mut flow = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (flow.watch.take(), flow.position, flow.failure.take())
    }
}

impl<S> Once<S> {
    /// Why reading failed, if it did.
    pub(super) fn failure(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).failure.clone()
    }
}

impl<S: Read> Read for Once<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut flow = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Flow { head, source, position, watch, failure } = &mut *flow;
        if failure.is_some() {
            return Err(io::ErrorKind::Other.into());
        }
        let read = match head.read(buffer) {
            // As much as comes at once: whoever wants more asks again.
            Ok(0) => read_some(source, buffer),
            read => read,
        };
        match read {
            Ok(count) => {
                if let Some(watch) = watch {
                    watch.feed(*position, &buffer[..count]);
                }
                *position += count as u64;
                Ok(count)
            }
            Err(e) => {
                *failure = Some(e.to_string());
                Err(e)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sparse_source_reads_only_what_it_does_not_know() {
        let file: Vec<u8> = (0..=255).collect();
        let mut sparse = Sparse::new(io::Cursor::new(file.clone()), 256, file[..20].to_vec());
        sparse.overlay(10, vec![7, 7]);
        sparse.overlay(100, vec![9; 50]);
        let mut buffer = [0; 300];
        assert_eq!(sparse.read_at(0, &mut buffer).unwrap(), 256);
        let mut expected = file;
        expected[10..12].fill(7);
        expected[100..150].fill(9);
        assert_eq!(buffer[..256], expected);
    }

    #[test]
    fn skimming_shows_zeros_for_payload_and_the_file_for_the_rest() {
        let sparse = Sparse::new(io::Cursor::new(vec![5u8; 100]), 100, vec![5; 10]);
        let mut skim = Skim::new(sparse, vec![20..60, 60..70]);
        let mut bytes = Vec::new();
        skim.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, [vec![5; 20], vec![0; 50], vec![5; 30]].concat());
        assert_eq!(skim.seek(SeekFrom::End(-1)).unwrap(), 99);
    }
}
