//! What is made of footage so that people can look at it: previews that browsers play, and stills.
//!
//! A preview takes over what browsers play anyway (H.264 with 4:2:0 and 8 bits, AAC) bit by bit, and encodes the rest
//! anew: the picture at most 720 lines high and 30 times a second, with square pixels and upright, the sound as AAC. It
//! is an ordinary MP4 file with its index, not one of fragments: fragments without an index have no length, and a
//! player cannot go to a second in them; and nobody plays it before it is whole.
//!
//! **Time.** A preview's time 0 is the original's origin, the moment that `started_at` of a recording tells. All times come
//! from the same [`Timeline`](crate::timeline::Timeline) as the index, so that a clock that wraps or starts anew does
//! so in both alike; a gap stays a gap, during which the last picture stands.
//!
//! Decoding and encoding run on the one thread that the child has. Nothing is written to a file: what is made goes
//! to a sink, piece by piece ([`confined::Sink`]).

mod jpeg;
mod muxer;
mod opened;
mod picture;
mod preview;
mod reorder;
mod retag;
mod sound;
mod stills;
mod stream;

use std::io::{Seek, Write};

use catalog::derivative::{DeriveRequest, Derived};
use catalog::observation::{Problem, ProblemCode};

use crate::source::ByteSource;
use crate::tables::Untabled;

/// Makes what `request` asks for of the file of `size_bytes` behind `source`, which must be able to seek, into `sink`.
///
/// Never fails: why nothing could be made is in the report.
pub fn derive<S: ByteSource, W: Write + Seek + Send + 'static>(
    source: S,
    size_bytes: u64,
    request: &DeriveRequest,
    sink: W,
) -> Derived {
    let made = match request {
        DeriveRequest::Preview { origin_us, label } => {
            preview::make(source, size_bytes, *origin_us, label, sink)
        }
        DeriveRequest::Stills { at_us, grid, label } => {
            stills::make(source, size_bytes, at_us, *grid, label, sink)
        }
    };
    match made {
        Ok(derived) => derived,
        Err(Unmade::Evidence(problem)) => Derived { problem: Some(problem), ..Derived::default() },
        Err(Unmade::Source(error)) => Derived { read_error: Some(error), ..Derived::default() },
    }
}

/// Touches the encoders, so that whatever they set up once is there before a child locks itself in.
pub fn prepare() {
    picture::prepare();
    sound::prepare();
    jpeg::prepare();
}

/// Why nothing was made.
#[derive(Debug)]
enum Unmade {
    /// The file is not as it should be, or of a kind that is not decoded.
    Evidence(Problem),
    /// It could not be read.
    Source(String),
}

impl Unmade {
    fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self::Evidence(Problem::new(code, detail))
    }
}

impl From<Untabled> for Unmade {
    fn from(untabled: Untabled) -> Self {
        match untabled {
            Untabled::Source(error) => Self::Source(error.to_string()),
            Untabled::Evidence(code, detail) => Self::new(code, detail),
        }
    }
}
