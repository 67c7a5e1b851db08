//! What is in a file, said without judging it.
//!
//! An [`Observation`] is what `ingest` found by reading one version of one object: digests, the
//! container's streams with their packets and gaps, where its wall-clock start came from, and what
//! stood in the way of reading it. Whether any of that is good or bad is for the analyzer to say.

use serde::{Deserialize, Serialize};

use crate::code::coded;
use crate::interval::{Interval, IntervalSet};
use crate::time::{MediaTime, Micros, WallTime};

coded! {
    /// What carries a stream's packets.
    pub enum StreamKind("kind of stream") {
        /// Moving pictures.
        Video = "video" / "视频",
        /// Sound.
        Audio = "audio" / "音频",
        /// Text with times.
        Subtitle = "subtitle" / "字幕",
        /// Anything else, such as telemetry.
        Data = "data" / "数据",
    }
}

coded! {
    /// What stood in the way of reading a file.
    pub enum ProblemCode("problem") {
        /// There is not one byte in it.
        Empty = "empty" / "空文件",
        /// It is no media file, or nothing in it could be understood.
        Unreadable = "unreadable" / "无法读取",
        /// The container's index is not there, so the packets cannot be found.
        NoIndex = "no_index" / "缺少索引",
        /// It ends before what it announces.
        Truncated = "truncated" / "文件截断",
        /// Parts of it are overwritten, missing or contradictory.
        Damaged = "damaged" / "数据损坏",
        /// There is no video stream with packets.
        NoVideo = "no_video" / "无视频",
        /// There is no audio stream with packets.
        NoAudio = "no_audio" / "无音频",
        /// Its timestamps start over in mid-file.
        TimeReset = "time_reset" / "时间戳重置",
        /// It is encrypted.
        Encrypted = "encrypted" / "已加密",
    }
}

impl ProblemCode {
    /// What it means, in a sentence for Chinese readers; positions and numbers are in
    /// [`Problem::detail`], in English.
    pub const fn sentence_zh(self) -> &'static str {
        match self {
            Self::Empty => "文件为空，没有任何内容",
            Self::Unreadable => "文件不是视音频文件，或已损坏到无法读取",
            Self::NoIndex => "文件缺少索引，录制未正常结束，无法播放",
            Self::Truncated => "文件在应有的结尾之前中止，后部内容缺失",
            Self::Damaged => "文件部分数据已损坏",
            Self::NoVideo => "文件中没有画面",
            Self::NoAudio => "文件中没有声音",
            Self::TimeReset => "文件内部的时间标记中途重新起算",
            Self::Encrypted => "文件已加密，无法读取",
        }
    }

    /// Whether an object with this problem cannot be used at all and is quarantined.
    pub const fn quarantines(self) -> bool {
        matches!(self, Self::Empty | Self::Unreadable | Self::NoIndex | Self::Encrypted)
    }
}

/// One thing that stood in the way of reading a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Problem {
    /// What it is.
    pub code: ProblemCode,
    /// In words, with positions and numbers.
    pub detail: String,
}

impl Problem {
    /// A problem with its explanation.
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}

/// One stream of a container, after its packets were counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamIndex {
    /// Number of the stream within its container, from 0.
    pub index: u32,
    /// What it carries.
    pub kind: StreamKind,
    /// Name of the codec, as FFmpeg calls it.
    pub codec: String,
    /// How many packets there are.
    pub packets: u64,
    /// How many of them are key frames.
    pub keyframes: u64,
    /// Bytes in all packets.
    pub size_bytes: u64,
    /// Presentation time of the earliest packet; `None` without packets that have a time.
    pub start_us: Option<MediaTime>,
    /// Where the last packet ends; `None` as above. Half-open.
    pub end_us: Option<MediaTime>,
    /// Usual distance between two packets (the median); `None` with fewer than two.
    pub interval_us: Option<Micros>,
    /// Where no packet is, between the first and the last.
    pub gaps: Vec<MediaSpan>,
}

/// A stretch of a container's timeline, half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MediaSpan {
    /// First moment inside.
    pub start_us: MediaTime,
    /// First moment after.
    pub end_us: MediaTime,
}

impl From<MediaSpan> for Interval<MediaTime> {
    fn from(span: MediaSpan) -> Self {
        Self::new(span.start_us, span.end_us)
    }
}

coded! {
    /// Where a recording's wall-clock start came from, most trusted first by default.
    pub enum StartSource("source of a start time") {
        /// Satellite time in the recording's own telemetry.
        Telemetry = "telemetry" / "遥测",
        /// A file beside the recording, or the same text as its subtitles: the device's own clock, or
        /// a logger's.
        Sidecar = "sidecar" / "伴随文件",
        /// The object's key.
        FileName = "file_name" / "文件名",
        /// The container's own creation time.
        Container = "container" / "容器",
    }
}

/// What one source says about when a recording began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartClaim {
    /// Which source.
    pub source: StartSource,
    /// What it says.
    pub started_at: WallTime,
    /// How wrong it may be through its own resolution, either way.
    pub error_us: Micros,
}

/// A telemetry track found in a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TelemetrySummary {
    /// What it is: `dji_srt`, `gpmf`, `misb_st0601`, `klv`, `nmea`, `gpx` …
    pub kind: String,
    /// How many units were read: subtitles, KLV packets, epochs, points; of `gpmf`, whose payload of
    /// about a second holds many points, the payloads with a position. Where it is not supported, how
    /// many packets there are.
    pub samples: u64,
    /// Whether the samples could be understood; `false`: named, not read.
    pub supported: bool,
    /// Universal key of a KLV set that is not supported; `None` for everything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// Containers of objects that are no footage but lie beside it: a track of their own.
pub const SIDECAR_CONTAINERS: [&str; 5] = ["srt", "gpmf", "klv", "nmea", "gpx"];

/// What an object's key says about the recording, by the configured patterns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyFacts {
    /// Serial number of the device.
    pub device: Option<String>,
    /// Badge of the officer.
    pub badge: Option<String>,
    /// When the recording began.
    pub started_at: Option<WallTime>,
    /// Number of the file within a series.
    pub seq: Option<String>,
}

/// What is in one version of one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// Size in bytes, as read.
    pub size_bytes: u64,
    /// SHA-256 of all bytes, lower-case hexadecimal.
    pub sha256: String,
    /// SM3 of all bytes, lower-case hexadecimal; `None` where not configured.
    pub sm3: Option<String>,
    /// Short name of the container (`mp4`, `mpegts`, `matroska`, `avi` …); `None` if not recognised.
    pub container: Option<String>,
    /// What the object's key says.
    pub key: KeyFacts,
    /// The start that was chosen from `start_claims`; `None` if nothing tells.
    pub started_at: Option<WallTime>,
    /// Where it came from.
    pub started_at_source: Option<StartSource>,
    /// How wrong `started_at` may be through the source's own resolution; the device's clock comes on top.
    pub clock_error_us: Option<Micros>,
    /// All that was said about the start.
    pub start_claims: Vec<StartClaim>,
    /// From the first to the end of the last packet of video and audio; `None` without packets.
    pub duration_us: Option<Micros>,
    /// The streams.
    pub streams: Vec<StreamIndex>,
    /// Telemetry that was found.
    pub telemetry: Vec<TelemetrySummary>,
    /// What stood in the way, in order of code, at most a few of each.
    pub problems: Vec<Problem>,
}

impl Observation {
    /// Whether the object is telemetry that lies beside footage, and no footage itself.
    pub fn is_sidecar(&self) -> bool {
        self.container.as_deref().is_some_and(|container| SIDECAR_CONTAINERS.contains(&container))
    }

    /// Whether a problem of this code was met.
    pub fn has(&self, code: ProblemCode) -> bool {
        self.problems.iter().any(|problem| problem.code == code)
    }

    /// The first problem that makes the object unusable, if any.
    pub fn quarantine_reason(&self) -> Option<&Problem> {
        self.problems.iter().find(|problem| problem.code.quarantines())
    }

    /// The earliest presentation time among video and audio: what `started_at` refers to.
    pub fn origin(&self) -> Option<MediaTime> {
        self.streams
            .iter()
            .filter(|stream| matches!(stream.kind, StreamKind::Video | StreamKind::Audio))
            .filter_map(|stream| stream.start_us)
            .min()
    }

    /// Where packets of this kind are, on the container's timeline.
    pub fn spans(&self, kind: StreamKind) -> IntervalSet<MediaTime> {
        self.streams
            .iter()
            .filter(|stream| stream.kind == kind)
            .flat_map(|stream| stream.spans().as_slice().to_vec())
            .collect()
    }
}

impl StreamIndex {
    /// Where packets are: from the first to the last, without the gaps.
    pub fn spans(&self) -> IntervalSet<MediaTime> {
        let (Some(start), Some(end)) = (self.start_us, self.end_us) else {
            return IntervalSet::default();
        };
        let gaps: IntervalSet<MediaTime> = self.gaps.iter().map(|&gap| Interval::from(gap)).collect();
        gaps.gaps_in(Interval::new(start, end))
    }
}
