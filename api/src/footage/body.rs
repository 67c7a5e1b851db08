//! Bytes from a store, piece by piece, as the socket takes them.
//!
//! A file is read in pieces of up to 512 KiB. What the system has in memory already is read by whoever asks: it is sent while it
//! is still in the processor's cache, and nothing waits for another thread. What has to come from a disk is read on the threads
//! for blocking work, and while one piece is sent the next is read. A connection holds three pieces in memory at most, however
//! large the recording and however slow the client; beyond these, what the client no longer wants is not read.

use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use object_store::path::Path as ObjectPath;
use object_store::{GetOptions, GetRange, GetResultPayload, ObjectMeta, ObjectStore, ObjectStoreExt as _};

use super::buffer::Buffer;
use super::{Opened, folder};

/// Bytes of a piece of a file.
const PIECE_BYTES: u64 = 512 * 1024;

/// Bytes of the first piece; each after it has twice as many, up to that.
const FIRST_BYTES: u64 = PIECE_BYTES / 4;

/// How much is read and sent before others have their turn: about a millisecond's worth. After a turn another core may go on,
/// whose cache has nothing of it, so turns are not as short as they could be.
const TURN_BYTES: u64 = 4 * 1024 * 1024;

/// Pieces that are read or wait to be sent, beside the one that is being sent.
const AHEAD: usize = 2;

/// The bytes `range` of an object, of the state that `meta` tells of and of no other: what was said of it in the head of
/// an answer holds for its body.
///
/// # Errors
/// What the store says; nothing was read then.
pub async fn bytes_of(
    store: &dyn ObjectStore,
    meta: &ObjectMeta,
    range: Range<u64>,
) -> object_store::Result<BoxStream<'static, io::Result<Bytes>>> {
    if range.is_empty() {
        return Ok(stream::empty().boxed());
    }
    let range = Some(GetRange::Bounded(range));
    let options = GetOptions { range, if_match: meta.e_tag.clone(), ..GetOptions::default() };
    let found = store.get_opts(&meta.location, options).await?;
    let range = found.range;
    Ok(match found.payload {
        GetResultPayload::File(file, _) => pieces(file, range).boxed(),
        GetResultPayload::Stream(stream) => stream.map_err(io::Error::other).boxed(),
    })
}

/// An object that was looked for before it is known which of its bytes are wanted.
#[derive(Debug)]
pub struct Found {
    /// What the store says of it.
    pub meta: ObjectMeta,
    /// The file that it is, opened, so that it is not looked for twice.
    file: Option<std::fs::File>,
}

impl Found {
    /// Looks for an object. To open a file costs what asking for it costs; from a server of objects nothing but the head
    /// is asked for.
    ///
    /// # Errors
    /// What the store says.
    pub async fn look(opened: &Opened, key: &ObjectPath) -> object_store::Result<Self> {
        let Some(folder) = &opened.folder else {
            return Ok(Self { meta: opened.store.head(key).await?, file: None });
        };
        if let Some((file, meta)) = folder::at_hand(folder, key) {
            return Ok(Self { meta, file: Some(file) });
        }
        let found = opened.store.get(key).await?;
        let file = match found.payload {
            GetResultPayload::File(file, _) => Some(file),
            GetResultPayload::Stream(_) => None,
        };
        Ok(Self { meta: found.meta, file })
    }

    /// The bytes `range` of it, as [`bytes_of`] gives them.
    ///
    /// # Errors
    /// As for [`bytes_of`].
    pub async fn bytes(
        self,
        store: &dyn ObjectStore,
        range: Range<u64>,
    ) -> object_store::Result<BoxStream<'static, io::Result<Bytes>>> {
        match self.file {
            // What was opened is what was looked at, whatever stands under the name by now.
            Some(file) => Ok(pieces(file, range).boxed()),
            None => bytes_of(store, &self.meta, range).await,
        }
    }
}

/// The pieces of a range: small ones first, because nothing is sent before the first was read, then larger ones.
fn cut(range: Range<u64>) -> impl Iterator<Item = Range<u64>> + Send {
    let (mut start, mut length) = (range.start, FIRST_BYTES);
    std::iter::from_fn(move || {
        let piece = start..range.end.min(start.saturating_add(length));
        (start, length) = (piece.end, (length * 2).min(PIECE_BYTES));
        (!piece.is_empty()).then_some(piece)
    })
}

/// The bytes `piece` of a file if the system has all of them in memory.
fn at_hand(file: &std::fs::File, piece: &Range<u64>) -> Option<Bytes> {
    let length = usize::try_from(piece.end - piece.start).ok()?;
    let mut buffer = Buffer::take(length);
    let read = read_at_hand(file, buffer.as_mut(), piece.start)?;
    (read == length).then(|| Bytes::from_owner(buffer))
}

#[cfg(target_os = "linux")]
fn read_at_hand(file: &std::fs::File, into: &mut [u8], at: u64) -> Option<usize> {
    use rustix::io::{ReadWriteFlags, preadv2};
    // File systems that cannot tell refuse.
    preadv2(file, &mut [io::IoSliceMut::new(into)], at, ReadWriteFlags::NOWAIT).ok()
}

#[cfg(not(target_os = "linux"))]
fn read_at_hand(_file: &std::fs::File, _into: &mut [u8], _at: u64) -> Option<usize> {
    None
}

/// The bytes `range` of a file.
pub fn pieces(
    file: std::fs::File,
    range: Range<u64>,
) -> impl stream::Stream<Item = io::Result<Bytes>> + Send {
    let (file, first) = (Arc::new(file), range.start);
    let read = move |piece: Range<u64>| {
        let file = Arc::clone(&file);
        async move {
            let turn = |at: u64| (at - first) / TURN_BYTES;
            if turn(piece.start) != turn(piece.end) {
                tokio::task::yield_now().await;
            }
            if let Some(bytes) = at_hand(&file, &piece) {
                return Ok(bytes);
            }
            let reading = tokio::task::spawn_blocking(move || {
                let length = usize::try_from(piece.end - piece.start).map_err(io::Error::other)?;
                let mut buffer = Buffer::take(length);
                // The length was promised in the head of the answer; where the file became shorter the connection ends.
                file.read_exact_at(buffer.as_mut(), piece.start)?;
                Ok(Bytes::from_owner(buffer))
            });
            reading.await.map_err(io::Error::other)?
        }
    };
    let pieces = stream::iter(cut(range)).map(read).buffered(AHEAD);
    // What comes after a failure is not sent.
    pieces.scan(false, |failed, piece| {
        let goes_on = !*failed;
        *failed |= piece.is_err();
        std::future::ready(goes_on.then_some(piece))
    })
}

#[cfg(test)]
mod tests {
    use object_store::PutPayload;
    use object_store::local::LocalFileSystem;
    use object_store::memory::InMemory;
    use object_store::path::Path;

    use super::*;

    async fn all(mut stream: BoxStream<'static, io::Result<Bytes>>) -> (Vec<u8>, Vec<usize>) {
        let (mut bytes, mut lengths) = (Vec::new(), Vec::new());
        while let Some(piece) = stream.next().await {
            let piece = piece.unwrap();
            lengths.push(piece.len());
            bytes.extend_from_slice(&piece);
        }
        (bytes, lengths)
    }

    #[tokio::test]
    async fn any_range_of_a_file_or_an_object_is_its_bytes() {
        let data: Vec<u8> = (0..2_600_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
        let folder = tempfile::tempdir().unwrap();
        let file = LocalFileSystem::new_with_prefix(folder.path()).unwrap();
        let key = Path::from("a/b.mp4");
        let stores: [&dyn ObjectStore; 2] = [&file, &InMemory::new()];
        for store in stores {
            store.put(&key, PutPayload::from(data.clone())).await.unwrap();
            let meta = store.head(&key).await.unwrap();
            for range in [0..1, 0..2_600_000, 1_048_575..1_048_577, 2_599_999..2_600_000, 5..5] {
                let (bytes, _) = all(bytes_of(store, &meta, range.clone()).await.unwrap()).await;
                let (start, end) =
                    (usize::try_from(range.start).unwrap(), usize::try_from(range.end).unwrap());
                assert!(bytes == data[start..end], "{range:?}");
            }
        }
        let meta = file.head(&key).await.unwrap();
        let (_, lengths) = all(bytes_of(&file, &meta, 0..2_600_000).await.unwrap()).await;
        assert_eq!(lengths, [131_072, 262_144, 524_288, 524_288, 524_288, 524_288, 109_632]);
        // Another object under the same key is not what the head spoke of.
        file.put(&key, PutPayload::from(vec![1; 10])).await.unwrap();
        assert!(bytes_of(&file, &meta, 0..10).await.is_err());
    }

    #[tokio::test]
    async fn what_was_opened_is_what_is_sent_whatever_takes_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = LocalFileSystem::new_with_prefix(folder.path()).unwrap();
        let key = Path::from("a.mp4");
        let memory = Opened { store: Arc::new(InMemory::new()), folder: None };
        for opened in [Opened { store: Arc::new(file.clone()), folder: Some(file) }, memory] {
            assert!(matches!(
                Found::look(&opened, &key).await.unwrap_err(),
                object_store::Error::NotFound { .. }
            ));
            let store = opened.store.as_ref();
            store.put(&key, PutPayload::from_static(b"first")).await.unwrap();
            let found = Found::look(&opened, &key).await.unwrap();
            assert_eq!(found.meta.size, 5);
            store.put(&key, PutPayload::from_static(b"other")).await.unwrap();
            match found.bytes(store, 1..4).await {
                Ok(stream) => assert_eq!(all(stream).await.0, b"irs", "the file that was opened"),
                Err(error) => assert!(opened.folder.is_none(), "{error}"),
            }
        }
    }

    #[tokio::test]
    async fn a_file_that_became_shorter_breaks_the_answer_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.mp4");
        std::fs::write(&path, vec![7; 9_000_000]).unwrap();
        let file = std::fs::File::open(&path).unwrap();
        let mut stream = pieces(file, 0..9_000_000).boxed();
        assert_eq!(stream.next().await.unwrap().unwrap().len(), 131_072);
        std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(200_000).unwrap();
        // What was read ahead may still come.
        let mut pieces = 1;
        let ended = loop {
            match stream.next().await {
                Some(Ok(_)) => pieces += 1,
                other => break other,
            }
        };
        assert!(matches!(ended, Some(Err(_))), "after {pieces} pieces");
        assert!(pieces <= 1 + AHEAD, "{pieces}");
        assert!(stream.next().await.is_none());
    }
}
