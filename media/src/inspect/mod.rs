//! What footage shows and says: black, frozen, silent and undecodable stretches.
//!
//! A recording can be whole by its packets and worthless all the same: a hand or a coat before the
//! lens, a picture that stands still, a microphone that was switched off. Decoding everything answers
//! that, at the price of decoding everything. Here most pictures are never decoded:
//!
//! 1. Of the key frames, only so many are decoded that no stretch of the length that matters can lie
//!    between two of them (`video`). Black or a covered lens is seen on them.
//! 2. A picture that stands still costs an encoder next to nothing, so packets that are tiny over such
//!    a length, known without decoding, say where to look for a frozen one (`survey`).
//! 3. Only around what is suspicious is everything decoded, to find the edges and to be sure. Where key
//!    frames are rarer than the length that matters, everything between them is decoded.
//! 4. Sound is decoded throughout: that is cheap (`sound`).
//!
//! So all stretches of the wanted length are found where key frames come at least that often, with
//! edges right to a picture, and in no case worse than one group of pictures. What is coded with no
//! key frame at all, or by a decoder that is not on the list (`decoder`), is said not to be checked;
//! it is never called clean.
//!
//! Along the way, traces are kept by which footage can be recognised: how loud its sound is (`envelope`), and
//! fingerprints of the pictures that are decoded in any case (`fingerprint`).
//!
//! Black is what FFmpeg's `blackdetect` calls so (a share of the pixels below a level), frozen what its
//! `freezedetect` does (mean difference to the picture with which it began), silent what
//! `silencedetect` does (no sample above a level); measured on a grid of the luma plane instead of all
//! planes. The figures are policy, handed in as [`catalog::inspection::InspectOptions`].

mod decoder;
mod envelope;
mod feed;
mod fingerprint;
mod picture;
mod sound;
mod stretches;
mod survey;
mod video;

use catalog::MediaTime;
use catalog::observation::MediaSpan;
use confined::{InspectRequest, PartReport};
pub(super) use decoder::{AudioDecoder, Care, VideoDecoder};

use super::source::ByteSource;

/// Looks at a part of the file of `size_bytes` behind `source`, which must be able to seek.
///
/// Never fails: what cannot be read or decoded is in the report.
pub fn inspect<S: ByteSource>(source: S, size_bytes: u64, request: &InspectRequest) -> PartReport {
    let mut report = PartReport::empty();
    feed::run(&mut report, source, size_bytes, request);
    report.inspection.problems.sort();
    report
}

/// Touches the decoders, so that whatever they set up once is there before a child locks itself in.
pub fn prepare() {
    decoder::prepare();
}

fn span(start_us: i64, end_us: i64) -> MediaSpan {
    MediaSpan { start_us: MediaTime(start_us), end_us: MediaTime(end_us) }
}
