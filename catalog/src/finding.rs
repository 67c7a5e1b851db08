//! What the evidence failed in. A [`Finding`] is never an error of ours: it is a statement about
//! recordings, with what was expected, what was observed, how grave and how certain it is.

use std::fmt;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::case::StageId;
use crate::code::coded;
use crate::excuse::ExcuseReason;
use crate::interval::Interval;
use crate::observation::{ProblemCode, StartSource};
use crate::time::{Micros, WallTime};

coded! {
    /// The kinds of findings; docs/findings.md says what each means.
    pub enum FindingCode("finding") {
        /// Nothing was recorded.
        Missing = "missing" / "缺失",
        /// Recording began late.
        LateStart = "late_start" / "开始过晚",
        /// Recording stopped early.
        EarlyStop = "early_stop" / "提前停止",
        /// Recording broke off in between.
        Gap = "gap" / "中断",
        /// Sound is missing.
        NoAudio = "no_audio" / "无声音",
        /// The file is cut off.
        Truncated = "truncated" / "文件截断",
        /// The file is damaged.
        Damaged = "damaged" / "文件损坏",
        /// The stored bytes changed after they were first read.
        Altered = "altered" / "入库后被改动",
        /// The sources of the start time contradict one another.
        ClockOff = "clock_off" / "时钟异常",
        /// The same footage stands for something else, too.
        Reused = "reused" / "重复使用",
    }
}

coded! {
    /// How grave a finding is.
    pub enum Severity("severity") {
        /// Worth knowing; the recording counts.
        Notice = "notice" / "提示",
        /// Not regular (不规范).
        Irregular = "irregular" / "不规范",
        /// The recording is not there (缺失).
        Missing = "missing" / "缺失",
    }
}

coded! {
    /// How certain a finding is, given how wrong the clocks may be.
    pub enum Certainty("certainty") {
        /// It holds wherever within their errors the clocks stood.
        Certain = "certain" / "确定",
        /// A clock that was wrong within its stated error explains it.
        WithinClockError = "within_clock_error" / "时钟误差内",
    }
}

coded! {
    /// Where recording broke off.
    pub enum GapPlace("place of a gap") {
        /// The file goes on, but no packet is there.
        InsideFile = "inside_file" / "文件内",
        /// One file ended, the next began later.
        BetweenFiles = "between_files" / "文件之间",
    }
}

/// What was found, with what was expected and what was observed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKind {
    /// Nothing was recorded of the whole obligation.
    Missing {
        /// Seconds that had to be recorded.
        required_us: Micros,
    },
    /// Recording began later than the stage.
    LateStart {
        /// How late is allowed.
        tolerance_us: Micros,
        /// How late it was.
        late_us: Micros,
    },
    /// Recording stopped before the stage ended.
    EarlyStop {
        /// How early is allowed.
        tolerance_us: Micros,
        /// How early it was.
        early_us: Micros,
    },
    /// Recording broke off in between.
    Gap {
        /// Inside a file or between two.
        place: GapPlace,
        /// How long is allowed.
        tolerance_us: Micros,
        /// How long it was.
        length_us: Micros,
    },
    /// There is a picture without sound.
    NoAudio {
        /// How much of the obligation has a picture without sound.
        without_us: Micros,
    },
    /// The file ends before what it announces, or its index is not there.
    Truncated {
        /// Which problems were met, each once.
        problems: Vec<ProblemCode>,
        /// What was met.
        observed: String,
    },
    /// Parts of the file are overwritten, missing or unreadable.
    Damaged {
        /// Which problems were met, each once.
        problems: Vec<ProblemCode>,
        /// What was met.
        observed: String,
    },
    /// The stored bytes changed after they were first read.
    Altered {
        /// SHA-256 when first read.
        first_sha256: String,
        /// SHA-256 now.
        sha256: String,
        /// Number of the present version; the first is 1.
        version: u32,
    },
    /// Two sources of the start time contradict one another.
    ClockOff {
        /// The source that was believed.
        source: StartSource,
        /// The source that contradicts it.
        other: StartSource,
        /// How far ahead the other is (behind: negative).
        off_by_us: Micros,
        /// Whether that is the zone's exact offset: local time written as UTC, or the reverse.
        zone: bool,
    },
    /// The same footage stands for something else, too.
    Reused {
        /// Key of the other object; the same key where one object was tied to two stages.
        other_key: String,
        /// The other stages it stands for.
        other_stages: Vec<StageId>,
    },
}

/// One finding about one obligation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was found.
    pub kind: FindingKind,
    /// How grave it is.
    pub severity: Severity,
    /// How certain it is.
    pub certainty: Certainty,
    /// The part of the street's time that it concerns; `None`: the recording as a whole.
    pub at: Option<Interval<WallTime>>,
    /// Keys of the recordings it rests on, in order.
    pub recordings: Vec<String>,
    /// The reason a person recorded and policy allows; the finding stays.
    pub excused: Option<ExcuseReason>,
}

impl FindingKind {
    /// The kind's stable code.
    pub fn code(&self) -> FindingCode {
        match self {
            Self::Missing { .. } => FindingCode::Missing,
            Self::LateStart { .. } => FindingCode::LateStart,
            Self::EarlyStop { .. } => FindingCode::EarlyStop,
            Self::Gap { .. } => FindingCode::Gap,
            Self::NoAudio { .. } => FindingCode::NoAudio,
            Self::Truncated { .. } => FindingCode::Truncated,
            Self::Damaged { .. } => FindingCode::Damaged,
            Self::Altered { .. } => FindingCode::Altered,
            Self::ClockOff { .. } => FindingCode::ClockOff,
            Self::Reused { .. } => FindingCode::Reused,
        }
    }

    /// What was expected, in English.
    pub fn expected(&self) -> String {
        match self {
            Self::Missing { required_us } => format!("{required_us} recorded"),
            Self::LateStart { tolerance_us, .. } => {
                format!("recording from the start, at most {tolerance_us} late")
            }
            Self::EarlyStop { tolerance_us, .. } => {
                format!("recording to the end, at most {tolerance_us} short")
            }
            Self::Gap { tolerance_us, .. } => format!("no break longer than {tolerance_us}"),
            Self::NoAudio { .. } => "sound with the picture".to_owned(),
            Self::Truncated { .. } | Self::Damaged { .. } => "a whole, readable file".to_owned(),
            Self::Altered { first_sha256, .. } => format!("SHA-256 {first_sha256}, as first read"),
            Self::ClockOff { source, .. } => format!("the start that the {source} gives"),
            Self::Reused { .. } => "footage of this stage alone".to_owned(),
        }
    }

    /// What was observed, in English.
    pub fn observed(&self) -> String {
        match self {
            Self::Missing { .. } => "no recording".to_owned(),
            Self::LateStart { late_us, .. } => format!("{late_us} late"),
            Self::EarlyStop { early_us, .. } => format!("stopped {early_us} before the end"),
            Self::Gap { place: GapPlace::InsideFile, length_us, .. } => {
                format!("{length_us} missing inside a file")
            }
            Self::Gap { place: GapPlace::BetweenFiles, length_us, .. } => {
                format!("{length_us} missing between files")
            }
            Self::NoAudio { without_us } => format!("{without_us} of picture without sound"),
            Self::Truncated { observed, .. } | Self::Damaged { observed, .. } => observed.clone(),
            Self::Altered { sha256, version, .. } => format!("version {version} with SHA-256 {sha256}"),
            Self::ClockOff { other, off_by_us, zone, .. } => {
                let cause = if *zone { ": local time written as UTC" } else { "" };
                format!("the {other} is off by {off_by_us}{cause}")
            }
            Self::Reused { other_key, other_stages } if other_stages.is_empty() => {
                format!("the same footage as {other_key}, which says otherwise of itself")
            }
            Self::Reused { other_key, other_stages, .. } => {
                let stages: Vec<_> = other_stages.iter().map(ToString::to_string).collect();
                format!("the same footage as {other_key}, which stands for {}", stages.join(", "))
            }
        }
    }

    /// What was observed, in Chinese, as a reviewer would note it.
    pub fn observed_zh(&self) -> String {
        match self {
            Self::Missing { required_us } => format!("应录 {}，未见任何视音频记录", zh_length(*required_us)),
            Self::LateStart { late_us, .. } => format!("环节开始后 {} 才开始录制", zh_length(*late_us)),
            Self::EarlyStop { early_us, .. } => format!("环节结束前 {} 停止录制", zh_length(*early_us)),
            Self::Gap { place, length_us, .. } => format!("{}中断 {}", place.zh(), zh_length(*length_us)),
            Self::NoAudio { without_us } => format!("有画面无声音 {}", zh_length(*without_us)),
            Self::Truncated { problems, .. } | Self::Damaged { problems, .. } => {
                let sentences: Vec<_> = problems.iter().map(|code| code.sentence_zh()).collect();
                sentences.join("；")
            }
            Self::Altered { version, .. } => {
                format!("入库后内容被改动（现为第 {version} 版），摘要与首次读取时不一致")
            }
            Self::ClockOff { other, off_by_us, zone, .. } => {
                let cause = if *zone { "，系将本地时间写成了世界时" } else { "" };
                format!("{}记载的起始时间相差 {}{cause}", other.zh(), zh_length(off_by_us.abs()))
            }
            Self::Reused { other_key, other_stages } if other_stages.is_empty() => {
                format!("与 {other_key} 系同一段录像，但两者自述的设备、人员或时间不一致")
            }
            Self::Reused { other_key, other_stages } => {
                let stages: Vec<_> = other_stages.iter().map(ToString::to_string).collect();
                format!("与 {other_key} 系同一段录像，该录像又用于 {}", stages.join("、"))
            }
        }
    }
}

/// A length in Chinese: `7.0 秒`, `3 分 12 秒`, `1 小时 05 分`.
pub fn zh_length(length: Micros) -> String {
    let ms = length.0.unsigned_abs() / 1000;
    let s = ms / 1000;
    match s {
        0..60 => format!("{}.{} 秒", s, ms % 1000 / 100),
        60..3600 => format!("{} 分 {:02} 秒", s / 60, s % 60),
        _ => format!("{} 小时 {:02} 分", s / 3600, s / 60 % 60),
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.code(), self.kind.observed())
    }
}

/// Written as `{code, severity, certainty, detail, detail_zh, expected, observed, at, recordings, excused}`.
impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (expected, observed) = (self.kind.expected(), self.kind.observed());
        let mut out = serializer.serialize_struct("Finding", 10)?;
        out.serialize_field("code", &self.kind.code())?;
        out.serialize_field("severity", &self.severity)?;
        out.serialize_field("certainty", &self.certainty)?;
        out.serialize_field("detail", &format!("expected {expected}; {observed}"))?;
        out.serialize_field("detail_zh", &self.kind.observed_zh())?;
        out.serialize_field("expected", &expected)?;
        out.serialize_field("observed", &observed)?;
        out.serialize_field("at", &self.at)?;
        out.serialize_field("recordings", &self.recordings)?;
        out.serialize_field("excused", &self.excused)?;
        out.end()
    }
}
