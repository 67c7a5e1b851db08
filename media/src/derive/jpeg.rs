//! Pictures as JPEG, with a note inside that says what they are.

use ffmpeg_next::color::Range;
use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame::Video;
use ffmpeg_next::{Packet, Rational, codec, encoder};

/// Quality, from 1 (best) to 31.
const QUALITY: i32 = 5;
/// What FFmpeg multiplies it with.
const LAMBDA: i32 = 118;

/// The picture as a JPEG file with `note` as its comment (ITU-T T.81, B.2.4.5); `None` if it cannot be encoded.
pub(super) fn encode(frame: &Video, note: &str) -> Option<Vec<u8>> {
    let codec = encoder::find(codec::Id::MJPEG)?;
    let mut context = codec::Context::new_with_codec(codec);
    context.set_threading(codec::threading::Config { count: 1, ..codec::threading::Config::default() });
    context.set_flags(codec::flag::Flags::QSCALE);
    context.set_time_base(Rational(1, 25));
    let mut encoder = context.encoder().video().ok()?;
    encoder.set_width(frame.width());
    encoder.set_height(frame.height());
    encoder.set_format(frame.format());
    encoder.set_color_range(Range::JPEG);
    encoder.set_global_quality(QUALITY * LAMBDA);
    let mut opened = encoder.open().ok()?;
    let mut frame = frame.clone();
    frame.set_pts(Some(0));
    opened.send_frame(&frame).ok()?;
    opened.send_eof().ok()?;
    let mut packet = Packet::empty();
    opened.receive_packet(&mut packet).ok()?;
    noted(packet.data()?, note)
}

/// Puts the note behind the first marker.
fn noted(jpeg: &[u8], note: &str) -> Option<Vec<u8>> {
    let (start, rest) = jpeg.split_at_checked(2)?;
    let length = u16::try_from(note.len() + 2).ok()?;
    Some([start, &[0xff, 0xfe], &length.to_be_bytes(), note.as_bytes(), rest].concat())
}

/// Encodes one grey picture.
pub(super) fn prepare() {
    let mut grey = Video::new(Pixel::YUVJ420P, 64, 64);
    (0..grey.planes()).for_each(|plane| grey.data_mut(plane).fill(128));
    drop(encode(&grey, ""));
}
