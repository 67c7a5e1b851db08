//! A track: the samples of one telemetry stream, and what else was in it.

use std::collections::BTreeMap;
use std::fmt;

use catalog::observation::TelemetrySummary;
use catalog::{MediaTime, Micros};
use serde::{Deserialize, Serialize};

use crate::dji_srt::CoordinateOrder;
use crate::problem::TelemetryProblem;
use crate::sample::Sample;

/// What a track was read from. The written codes are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// Subtitles of a DJI drone.
    #[serde(rename = "dji_srt")]
    DjiSrt,
    /// GoPro Metadata Format.
    #[serde(rename = "gpmf")]
    Gpmf,
    /// The UAS datalink local set of MISB ST 0601.
    #[serde(rename = "misb_st0601")]
    MisbSt0601,
    /// KLV of other sets, which are named and not read.
    #[serde(rename = "klv")]
    Klv,
    /// NMEA 0183 sentences.
    #[serde(rename = "nmea")]
    Nmea,
    /// GPS Exchange Format.
    #[serde(rename = "gpx")]
    Gpx,
}

impl Kind {
    /// The stable code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DjiSrt => "dji_srt",
            Self::Gpmf => "gpmf",
            Self::MisbSt0601 => "misb_st0601",
            Self::Klv => "klv",
            Self::Nmea => "nmea",
            Self::Gpx => "gpx",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One packet of a telemetry stream, as a demuxer hands it over.
#[derive(Debug, Clone, Copy)]
pub struct Packet<'a> {
    /// Its presentation time; `None` where it has none.
    pub media_us: Option<MediaTime>,
    /// How long it stands for; `None` where the container does not say.
    pub duration_us: Option<Micros>,
    /// Its payload.
    pub bytes: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Bytes without times.
    pub fn untimed(bytes: &'a [u8]) -> Self {
        Self { media_us: None, duration_us: None, bytes }
    }
}

/// A set that was met and is not understood: named, counted, never dropped in silence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnsupportedSet {
    /// Its universal key, 32 hexadecimal digits in groups of eight.
    pub key: String,
    /// How many packets of it there are.
    pub packets: u64,
}

/// What one telemetry stream or sidecar holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Track {
    /// What it was read from.
    pub kind: Kind,
    /// The samples in the order of the file. At most [`crate::MAX_SAMPLES`]; see `kept_every`.
    pub samples: Vec<Sample>,
    /// How many samples were read.
    pub samples_read: u64,
    /// Every how many samples one was kept: 1 unless the track was too long to hold.
    pub kept_every: u64,
    /// How many units of the format carried a sample with a position: subtitles, GPMF payloads, KLV
    /// packets, epochs, points.
    pub units_with_position: u64,
    /// How the order of unnamed coordinates was decided; `None` where they are named or absent.
    pub coordinate_order: Option<CoordinateOrder>,
    /// Sets that are not understood.
    pub unsupported: Vec<UnsupportedSet>,
    /// What else was met and not read, counted by name: four-character codes, tags, sentences.
    pub other: BTreeMap<String, u64>,
    /// The first problems, at most [`crate::MAX_PROBLEMS`].
    pub problems: Vec<TelemetryProblem>,
    /// How many problems there were.
    pub problems_total: u64,
}

impl Track {
    /// The lines for `probe`: one for what was read, one for each unsupported set. A GPMF payload holds
    /// a second's points, so payloads with a position are what is counted of it.
    pub fn summaries(&self) -> Vec<TelemetrySummary> {
        let samples = if self.kind == Kind::Gpmf { self.units_with_position } else { self.samples_read };
        let read = TelemetrySummary { kind: self.kind.to_string(), samples, supported: true, key: None };
        let unread = self.unsupported.iter().map(|set| TelemetrySummary {
            kind: Kind::Klv.to_string(),
            samples: set.packets,
            supported: false,
            key: Some(set.key.clone()),
        });
        let nothing_read = self.kind == Kind::Klv;
        (!nothing_read).then_some(read).into_iter().chain(unread).collect()
    }
}
