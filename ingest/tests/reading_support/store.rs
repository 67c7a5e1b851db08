//! A store that misbehaves as told.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

/// Wraps a store: what it streams comes in pieces of some kilobytes, as from a network, and what
/// happens around each request for bytes is told.
pub(crate) struct Troubled {
    pub(crate) inner: Arc<dyn ObjectStore>,
    /// How many requests there were.
    pub(crate) requests: AtomicUsize,
    /// Called with the number of each request before it is answered, from 0; may answer with an error.
    pub(crate) before: Box<dyn Fn(usize) -> Option<Error> + Send + Sync>,
    /// Called with the number of each request after it was answered.
    pub(crate) after: Box<dyn Fn(usize) + Send + Sync>,
    /// After how many bytes answers break off; the last one first, then none.
    pub(crate) breaks: Mutex<Vec<usize>>,
    /// Of how many answers that are still to come the first byte is another, and a different one each time.
    pub(crate) turns: AtomicUsize,
}

impl Troubled {
    /// Without any trouble yet.
    pub(crate) fn new(inner: Arc<dyn ObjectStore>) -> Self {
        Self {
            inner,
            requests: AtomicUsize::new(0),
            before: Box::new(|_| None),
            after: Box::new(|_| ()),
            breaks: Mutex::default(),
            turns: AtomicUsize::new(0),
        }
    }
}

impl fmt::Debug for Troubled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Troubled")
    }
}

impl fmt::Display for Troubled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Troubled")
    }
}

/// What a network does.
pub(crate) fn storm() -> Error {
    Error::Generic { store: "Troubled", source: "connection reset".into() }
}

/// The same bytes in pieces of 7,000, broken off after so many.
fn in_pieces(stream: BoxStream<'static, Result<Bytes>>, until: usize) -> BoxStream<'static, Result<Bytes>> {
    let pieces = stream.map_ok(|bytes| {
        let starts = (0..bytes.len()).step_by(7000);
        let pieces: Vec<_> =
            starts.map(|start| Ok::<_, Error>(bytes.slice(start..bytes.len().min(start + 7000)))).collect();
        futures::stream::iter(pieces)
    });
    let mut left = until;
    let broken = pieces.try_flatten().map(move |piece| {
        let piece = piece?;
        left = left.checked_sub(piece.len()).ok_or_else(storm)?;
        Ok(piece)
    });
    broken.boxed()
}

/// The same bytes but for the first one.
fn with_first_byte_turned(
    stream: BoxStream<'static, Result<Bytes>>,
    by: u8,
) -> BoxStream<'static, Result<Bytes>> {
    let mut first = true;
    let turned = stream.map_ok(move |bytes| {
        let mut bytes = bytes.to_vec();
        if std::mem::take(&mut first) {
            bytes[0] ^= by;
        }
        Bytes::from(bytes)
    });
    turned.boxed()
}

#[async_trait]
impl ObjectStore for Troubled {
    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        if options.head {
            return self.inner.get_opts(path, options).await;
        }
        let request = self.requests.fetch_add(1, Ordering::SeqCst);
        if let Some(error) = (self.before)(request) {
            return Err(error);
        }
        let mut got = self.inner.get_opts(path, options).await?;
        let turned =
            self.turns.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |turns| turns.checked_sub(1));
        let until = self.breaks.lock().unwrap().pop().unwrap_or(usize::MAX);
        got.payload = match got.payload {
            GetResultPayload::Stream(stream) => {
                let stream = match turned {
                    Ok(turns) => with_first_byte_turned(stream, u8::try_from(turns).unwrap()),
                    Err(_) => stream,
                };
                GetResultPayload::Stream(in_pieces(stream, until))
            }
            file @ GetResultPayload::File(..) => file,
        };
        (self.after)(request);
        Ok(got)
    }

    async fn put_opts(&self, path: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.inner.put_opts(path, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(path, options).await
    }

    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(paths)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}
