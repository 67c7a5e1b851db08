//! Telemetry: what a drone, a camera or a receiver wrote down about where it was, when, and which
//! way it looked.
//!
//! Six formats go in, one [`Track`] comes out:
//!
//! | module | format | from |
//! | --- | --- | --- |
//! | [`dji_srt`] | DJI's subtitles, every generation | `.SRT` beside the video, or its subtitle track |
//! | [`gpmf`] | GoPro Metadata Format | the `gpmd` track of an MP4 |
//! | [`klv`] | MISB ST 0601 in SMPTE ST 336 KLV; other sets by name | a KLV stream of an MPEG-TS |
//! | [`nmea`] | NMEA 0183 | `.nmea` and `.log` sidecars |
//! | [`gpx`] | GPX 1.0 and 1.1 | `.gpx` sidecars |
//!
//! Everything here is a pure function from bytes to values: no file, clock, network or FFmpeg. A
//! caller that reads a container hands over its packets with their media time; a caller that has a
//! whole file uses [`recognise`] and [`parse`].
//!
//! # The bytes are hostile
//! They come from a file that somebody may have made to hurt. No parser panics, recursion is bounded
//! by a constant, what is allocated is bounded by a constant plus a multiple of the input that was
//! really there (never of a length that the input merely announces), and time grows linearly. What
//! cannot be understood becomes a [`TelemetryProblem`] with its place; it never becomes a wrong value.
//!
//! # What is not known is `None`
//! A receiver without a fix writes zeros, its last position or an agreed error value. All of those
//! come out as no position. A text without a time zone comes out as a [`LocalClock`], which cannot
//! be mistaken for a moment.

mod builder;
mod clock;
pub mod dji_srt;
pub mod gpmf;
pub mod gpx;
pub mod klv;
pub mod nmea;
mod problem;
mod recognise;
mod sample;
mod text;
pub mod thin;
mod track;

pub use builder::{MAX_NAMES, MAX_PROBLEMS, MAX_SAMPLES};
pub use clock::{ClockBasis, StartEstimate};
pub use problem::{Fault, Place, TelemetryProblem};
pub use recognise::{parse, recognise};
pub use sample::{Altitude, Attitude, Datum, Fix, Footprint, LocalClock, Position, Sample, distance_m};
pub use text::MAX_TEXT_SIZE_BYTES;
pub use thin::{Tolerance, thin};
pub use track::{Kind, Packet, Track, UnsupportedSet};

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod media_tests;
