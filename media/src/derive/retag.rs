//! Taking the name off a stream's parameters that its old container gave it: the second and last place of this crate
//! that needs `unsafe`.
//!
//! Copied parameters bring the code along by which their container calls the codec (27 in a transport stream, `H264` in
//! AVI). The MP4 muxer would refuse it, or write it; with 0 it puts its own. ffmpeg-next has no setter for it.

#![allow(unsafe_code)]

use ffmpeg_next::codec::Parameters;
use ffmpeg_next::format::context::Output;

/// Gives stream number `stream` of `output` these parameters, under the muxer's own name for the codec. Says whether there
/// is such a stream.
pub(super) fn describe(output: &mut Output, stream: usize, parameters: Parameters) -> bool {
    let Some(mut described) = output.stream_mut(stream) else { return false };
    described.set_parameters(parameters);
    // SAFETY: `stream_mut` gives nothing for a number outside of the context's array of streams, so the pointer is that of
    // a stream of `output`, which owns it for as long as it lives and is borrowed mutably here. `codecpar` is allocated
    // together with the stream and freed with it (libavformat/avformat.h); it is looked at before it is written to.
    // `codec_tag` is a plain number of which any value is valid.
    unsafe {
        if let Some(codecpar) = (*described.as_mut_ptr()).codecpar.as_mut() {
            codecpar.codec_tag = 0;
        }
    }
    true
}
