//! The MP4 file that is written: its tracks, and packets whose times it accepts.

use std::io::{Seek, Write};

use catalog::derivative::Label;
use ffmpeg_next::codec::{self, Parameters};
use ffmpeg_next::format::context::{Output, StreamIo};
use ffmpeg_next::{Dictionary, Error, Packet, Rational, encoder};

use super::retag;

/// Written at once.
const BUFFER_BYTES: usize = 256 * 1024;
/// Times of pictures are written in these ticks a second, as MPEG has them.
pub(super) const PICTURE_TICKS: i32 = 90_000;
/// Microseconds.
pub(super) const MICROSECONDS: Rational = Rational(1, 1_000_000);

/// An MP4 file being written.
pub(super) struct Muxer {
    output: Output,
    tracks: Vec<Track>,
}

struct Track {
    base: Rational,
    last_dts: Option<i64>,
}

impl Muxer {
    pub(super) fn new<W: Write + Seek + Send + 'static>(sink: W, label: &Label) -> Result<Self, Error> {
        let io = StreamIo::from_write_seek_with_capacity(sink, BUFFER_BYTES)?;
        let mut output = ffmpeg_next::format::output_to_stream(io, None, Some("mp4"))?;
        let mut metadata = Dictionary::new();
        metadata.set("comment", label.as_str());
        output.set_metadata(metadata);
        Ok(Self { output, tracks: Vec::new() })
    }

    /// A track whose packets are those of the original.
    pub(super) fn add_copied(&mut self, parameters: Parameters, base: Rational) -> Result<usize, Error> {
        self.output.add_stream(encoder::find(codec::Id::None))?;
        let track = self.tracks.len();
        if !retag::describe(&mut self.output, track, parameters) {
            return Err(Error::Bug);
        }
        self.open(track, base)
    }

    /// A track of an encoder's packets.
    pub(super) fn add_encoded(&mut self, encoder: &codec::Context, base: Rational) -> Result<usize, Error> {
        self.output.add_stream_with(encoder)?;
        self.open(self.tracks.len(), base)
    }

    fn open(&mut self, track: usize, base: Rational) -> Result<usize, Error> {
        self.output.stream_mut(track).ok_or(Error::Bug)?.set_time_base(base);
        self.tracks.push(Track { base, last_dts: None });
        Ok(track)
    }

    /// After the last track.
    pub(super) fn begin(&mut self) -> Result<(), Error> {
        // The start of a track is written in ticks of the whole file: by default whole milliseconds.
        let mut options = Dictionary::new();
        options.set("movie_timescale", &PICTURE_TICKS.to_string());
        self.output.write_header_with(options)?;
        for (number, track) in self.tracks.iter_mut().enumerate() {
            // The muxer may have chosen other ticks.
            track.base = self.output.stream(number).ok_or(Error::Bug)?.time_base();
        }
        Ok(())
    }

    /// Writes a packet whose times are in ticks of `base`. Decoding times are made to grow, as the format asks for; the
    /// time of showing is kept where it can be.
    pub(super) fn write(&mut self, track: usize, packet: &mut Packet, base: Rational) -> Result<(), Error> {
        let Self { output, tracks } = self;
        let known = tracks.get_mut(track).ok_or(Error::Bug)?;
        packet.rescale_ts(base, known.base);
        let Some(pts) = packet.pts().or(packet.dts()) else { return Ok(()) };
        let least = known.last_dts.map_or(i64::MIN, |last| last.saturating_add(1));
        let dts = packet.dts().unwrap_or(pts).min(pts).max(least);
        packet.set_dts(Some(dts));
        packet.set_pts(Some(pts.max(dts)));
        packet.set_stream(track);
        packet.set_position(-1);
        if packet.duration() <= 0
            && let Some(last) = known.last_dts
        {
            // As long as the one before it: otherwise the track ends where the last picture begins, and that is not shown.
            packet.set_duration(dts.saturating_sub(last));
        }
        known.last_dts = Some(dts);
        packet.write_interleaved(output)
    }

    /// After the last packet.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        self.output.write_trailer()
    }
}
