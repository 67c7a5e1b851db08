//! Bytes from a store, piece by piece, each read when the socket has taken the one before it.
//!
//! A file is read in pieces of 1 MiB on the threads for blocking work: small pieces cost a hand-over of threads and a
//! system call each. A connection holds one piece in memory, however large the recording and however slow the
//! client; what the client no longer wants is not read.

use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Range;

use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use object_store::{GetOptions, GetRange, GetResultPayload, ObjectMeta, ObjectStore};

/// Bytes of a piece of a file.
const PIECE_BYTES: u64 = 1024 * 1024;

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

/// The bytes `range` of a file.
pub fn pieces(
    file: std::fs::File,
    range: Range<u64>,
) -> impl stream::Stream<Item = io::Result<Bytes>> + Send {
    stream::try_unfold((file, range, true), |(mut file, range, first)| async move {
        if range.is_empty() {
            return Ok(None);
        }
        let read = tokio::task::spawn_blocking(move || {
            if first {
                file.seek(SeekFrom::Start(range.start))?;
            }
            let length = (range.end - range.start).min(PIECE_BYTES);
            let mut piece = Vec::with_capacity(usize::try_from(length).map_err(io::Error::other)?);
            let read = (&mut file).take(length).read_to_end(&mut piece)?;
            if read as u64 != length {
                // The length was promised in the head of the answer; the connection ends here.
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file became shorter"));
            }
            Ok((Bytes::from(piece), (file, range.start + length..range.end, false)))
        });
        read.await.map_err(io::Error::other)?.map(Some)
    })
}

#[cfg(test)]
mod tests {
    use object_store::local::LocalFileSystem;
    use object_store::memory::InMemory;
    use object_store::path::Path;
    use object_store::{ObjectStoreExt as _, PutPayload};

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
        assert_eq!(lengths, [1_048_576, 1_048_576, 502_848]);
        // Another object under the same key is not what the head spoke of.
        file.put(&key, PutPayload::from(vec![1; 10])).await.unwrap();
        assert!(bytes_of(&file, &meta, 0..10).await.is_err());
    }

    #[tokio::test]
    async fn a_file_that_became_shorter_breaks_the_answer_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.mp4");
        std::fs::write(&path, vec![7; 2_000_000]).unwrap();
        let file = std::fs::File::open(&path).unwrap();
        let mut stream = pieces(file, 0..2_000_000).boxed();
        assert_eq!(stream.next().await.unwrap().unwrap().len(), 1_048_576);
        std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(1_100_000).unwrap();
        assert!(stream.next().await.unwrap().is_err());
        assert!(stream.next().await.is_none());
    }
}
