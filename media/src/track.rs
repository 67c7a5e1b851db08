//! One stream of a container, built up packet by packet.

use catalog::observation::{StreamIndex, StreamKind};
use serde::{Deserialize, Serialize};

use super::cadence::{Cadence, Rule};
use super::mp4::boxes::{FourCc, show};
use confined::ByteRange;

/// Extents that all tracks of a file keep together: 16 MiB.
const EXTENTS_MAX: usize = 400_000;

/// What a stream is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) kind: StreamKind,
    pub(super) codec: String,
    /// Whether zeros are a matter of course in it (plain samples and pixels).
    pub(super) uncompressed: bool,
    /// A picture that goes with the file, such as cover art.
    pub(super) attached: bool,
    /// Type of the sample entry, in ISO media.
    pub(super) entry: Option<FourCc>,
}

/// One packet.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Arrival {
    pub(super) pts_us: Option<i64>,
    pub(super) dts_us: Option<i64>,
    pub(super) said_us: Option<i64>,
    pub(super) keyframe: bool,
    pub(super) size_bytes: u64,
    pub(super) position: Option<u64>,
}

/// Bytes of one packet, or of several, and the time they stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Extent {
    pub(super) bytes: ByteRange,
    /// `None` where the file does not say; bare streams of pictures never do.
    pub(super) shown: Option<Shown>,
}

/// From when to when something is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Shown {
    pub(super) start_us: i64,
    pub(super) end_us: i64,
}

impl Shown {
    pub(super) fn joined(self, other: Self) -> Self {
        Self { start_us: self.start_us.min(other.start_us), end_us: self.end_us.max(other.end_us) }
    }

    /// What is known of either.
    pub(super) fn of_both(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        one.zip(other).map(|(one, other)| one.joined(other)).or(one).or(other)
    }
}

impl Extent {
    fn joined(self, other: Self) -> Self {
        Self {
            bytes: ByteRange {
                start: self.bytes.start.min(other.bytes.start),
                end: self.bytes.end.max(other.bytes.end),
            },
            shown: Shown::of_both(self.shown, other.shown),
        }
    }
}

/// What is known of a stream so far.
#[derive(Debug)]
pub(super) struct Track {
    pub(super) identity: Identity,
    packets: u64,
    keyframes: u64,
    size_bytes: u64,
    presented: Cadence,
    /// Decoding times, for streams of which no packet has a presentation time.
    decoded: Option<Cadence>,
    extents: Vec<Extent>,
}

/// All streams of a file.
#[derive(Debug, Default)]
pub(super) struct Tracks {
    tracks: Vec<Track>,
    extents: usize,
}

/// A stream after its last packet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Finished {
    pub(super) index: StreamIndex,
    pub(super) extents: Vec<Extent>,
    pub(super) attached: bool,
    /// What kind of telemetry it is, if any.
    pub(super) telemetry: Option<String>,
}

impl Track {
    fn new(identity: Identity) -> Self {
        let rule = match identity.kind {
            StreamKind::Video if !identity.attached => Rule::Video,
            StreamKind::Audio => Rule::Audio,
            _ => Rule::Sparse,
        };
        Self {
            identity,
            packets: 0,
            keyframes: 0,
            size_bytes: 0,
            presented: Cadence::new(rule),
            decoded: Some(Cadence::new(rule)),
            extents: Vec::new(),
        }
    }

    fn keeps_extents(&self) -> bool {
        matches!(self.identity.kind, StreamKind::Video | StreamKind::Audio) && !self.identity.uncompressed
    }

    fn halve(&mut self) {
        let pairs = self.extents.chunks(2);
        self.extents = pairs.filter_map(|pair| pair.iter().copied().reduce(Extent::joined)).collect();
    }
}

impl Tracks {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.tracks.len()
    }

    /// The next stream of the file.
    pub(super) fn open(&mut self, identity: Identity) {
        self.tracks.push(Track::new(identity));
    }

    /// So many packets of stream number `stream` are to come.
    pub(super) fn expect(&mut self, stream: usize, packets: usize) {
        let room = EXTENTS_MAX.saturating_sub(self.extents);
        if let Some(track) = self.tracks.get_mut(stream).filter(|track| track.keeps_extents()) {
            track.extents.reserve_exact(packets.min(room));
        }
    }

    /// What stream number `stream` is.
    pub(super) fn identity(&self, stream: usize) -> Option<&Identity> {
        self.tracks.get(stream).map(|track| &track.identity)
    }

    /// A packet of stream number `stream`.
    pub(super) fn add(&mut self, stream: usize, arrival: &Arrival) {
        let Some(track) = self.tracks.get_mut(stream) else { return };
        track.packets += 1;
        track.keyframes += u64::from(arrival.keyframe);
        track.size_bytes = track.size_bytes.saturating_add(arrival.size_bytes);
        track.presented.hear(arrival.pts_us, arrival.said_us);
        if arrival.pts_us.is_some() {
            track.decoded = None;
        } else if let Some(decoded) = &mut track.decoded {
            decoded.hear(arrival.dts_us, arrival.said_us);
        }
        if let (Some(start), true) = (arrival.position, track.keeps_extents()) {
            let shown = arrival.pts_us.or(arrival.dts_us).map(|start_us| Shown {
                start_us,
                end_us: start_us.saturating_add(arrival.said_us.unwrap_or(0).clamp(0, 1_000_000)),
            });
            let bytes = ByteRange { start, end: start.saturating_add(arrival.size_bytes) };
            track.extents.push(Extent { bytes, shown });
            self.extents += 1;
            if self.extents > EXTENTS_MAX {
                self.tracks.iter_mut().for_each(Track::halve);
                self.extents = self.tracks.iter().map(|track| track.extents.len()).sum();
            }
        }
    }

    /// After the last packet.
    pub(super) fn finish(self) -> Vec<Finished> {
        (0u32..).zip(self.tracks).map(|(index, track)| track.finish(index)).collect()
    }
}

impl Track {
    fn finish(self, index: u32) -> Finished {
        let telemetry = telemetry_kind(&self.identity);
        let heard = self.decoded.unwrap_or(self.presented).finish();
        let kind = if self.identity.attached { StreamKind::Data } else { self.identity.kind };
        let mut extents = self.extents;
        extents.sort_unstable_by_key(|extent| extent.bytes);
        Finished {
            index: StreamIndex {
                index,
                kind,
                codec: self.identity.codec,
                packets: self.packets,
                keyframes: self.keyframes,
                size_bytes: self.size_bytes,
                start_us: heard.start_us,
                end_us: heard.end_us,
                interval_us: heard.interval_us,
                gaps: heard.gaps,
            },
            extents,
            attached: self.identity.attached,
            telemetry,
        }
    }
}

/// The name of what a data or subtitle stream may hold, from its sample entry or its codec.
fn telemetry_kind(identity: &Identity) -> Option<String> {
    if identity.attached || !matches!(identity.kind, StreamKind::Data | StreamKind::Subtitle) {
        return None;
    }
    let known = identity.entry.and_then(|entry| {
        Some(match &entry {
            b"gpmd" => "gpmf",
            b"djmd" => "djmd",
            b"dbgi" => "dji_debug",
            b"camm" => "camm",
            b"rtmd" => "sony_rtmd",
            b"mebx" => "apple_mebx",
            b"tmcd" => "timecode",
            b"tx3g" | b"text" => "mov_text",
            _ => return None,
        })
    });
    Some(match (known, identity.entry) {
        (Some(known), _) => known.to_owned(),
        (None, Some(entry)) => show(entry).trim().to_owned(),
        (None, None) => identity.codec.clone(),
    })
}
