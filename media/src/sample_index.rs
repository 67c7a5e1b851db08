//! The demultiplexer's own sample index: the first of two places of this crate that need `unsafe`.
//!
//! For a file with sample tables, libavformat has built, by the time the input is open, a list of all
//! samples with position, size, decoding time and key flag. Reading it costs nothing, where reading
//! the packets costs the whole file. ffmpeg-next does not expose it; `avformat_index_get_entries_count`
//! and `avformat_index_get_entry` are its public C interface (libavformat/avformat.h, since 5.0).

#![allow(unsafe_code)]

use ffmpeg_next::ffi;
use ffmpeg_next::format::context::Input;

/// One sample of one stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sample {
    /// Where its bytes begin.
    pub(super) position: u64,
    /// Its decoding time in the stream's time base.
    pub(super) dts: i64,
    /// How many bytes it has.
    pub(super) size_bytes: u32,
    /// Whether it can be decoded by itself.
    pub(super) keyframe: bool,
}

/// All samples of stream number `stream` in the index's order; none where there is no such stream.
/// Samples at impossible positions are left out.
pub(super) fn samples(input: &mut Input, stream: usize) -> Vec<Sample> {
    // SAFETY: `Stream::as_ptr` reads the pointer from the context's array of streams; `stream()`
    // returns `None` for a number outside of it, and the context owns the stream for as long as it
    // lives. `input` is borrowed mutably for the whole function, so nothing else can read packets,
    // seek or close the input meanwhile, which are the only operations that change or free the
    // index. `avformat_index_get_entry` checks its number against the count and returns null outside
    // of it, which is looked at before the entry is read; the entry is copied out before the next
    // call. The cast to a mutable pointer is what the C interface asks for; it does not write.
    unsafe {
        let Some(pointer) = input.stream(stream).map(|stream| stream.as_ptr().cast_mut()) else {
            return Vec::new();
        };
        let count = ffi::avformat_index_get_entries_count(pointer).max(0);
        // What is in the index is in memory already, so its length can be believed.
        let mut samples = Vec::with_capacity(usize::try_from(count).unwrap_or(0));
        samples.extend((0..count).filter_map(|number| {
            let entry = ffi::avformat_index_get_entry(pointer, number).as_ref()?;
            Some(Sample {
                position: u64::try_from(entry.pos).ok()?,
                dts: entry.timestamp,
                size_bytes: u32::try_from(entry.size()).ok()?,
                keyframe: entry.flags() & ffi::AVINDEX_KEYFRAME != 0,
            })
        }));
        samples
    }
}
