//! What the evidence failed in. A [`Finding`] is never an error of ours: it is a statement about
//! recordings, with what was expected, what was observed, how grave and how certain it is.

mod words;

use std::fmt;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::case::StageId;
use crate::code::coded;
use crate::excuse::ExcuseReason;
use crate::interval::Interval;
use crate::observation::{ProblemCode, StartSource};
use crate::time::{Micros, WallTime};

pub use words::{en_days, zh_days, zh_length, zh_moment};

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
        /// Fewer officers recorded than the law wants at work.
        OneRecorder = "one_recorder" / "单人录制",
        /// Sound is missing.
        NoAudio = "no_audio" / "无声音",
        /// There is sound, and nothing to be heard.
        Silent = "silent" / "静音",
        /// There is a picture, and nothing to be seen.
        Black = "black" / "黑屏",
        /// The picture stands still.
        Frozen = "frozen" / "画面静止",
        /// The file is cut off.
        Truncated = "truncated" / "文件截断",
        /// The file is damaged.
        Damaged = "damaged" / "文件损坏",
        /// It was uploaded later than allowed.
        LateUpload = "late_upload" / "上传超期",
        /// The stored bytes changed after they were first read.
        Altered = "altered" / "入库后被改动",
        /// The sources of the start time contradict one another.
        ClockOff = "clock_off" / "时钟异常",
        /// The same footage stands for something else, too.
        Reused = "reused" / "重复使用",
        /// A device says it recorded it, it is not stored, and the device may still hold it.
        NotUploaded = "not_uploaded" / "未上传",
        /// A device says it recorded it, it is not stored, and the device may have overwritten it.
        Lost = "lost" / "已灭失",
        /// No device and no officer explains the footage.
        Unattributed = "unattributed" / "无归属",
        /// Recording went on after a stop, and nobody said why. Reserved: nothing hears what is said, so
        /// no audit gives it yet.
        NoSpokenRestart = "no_spoken_restart" / "恢复录制未说明",
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

coded! {
    /// What says when a recording came into its store.
    pub enum UploadEvidence("evidence of an upload") {
        /// A complete listing of the store did not have it yet. That is our own observation.
        Listing = "listing" / "入库清点",
        /// The store says when it was written. That is the store's claim.
        Store = "store" / "存储系统记载",
    }
}

coded! {
    /// Why nobody can say whose footage it is.
    pub enum UnattributedReason("reason of no attribution") {
        /// The key names neither device nor officer.
        NoNames = "no_names" / "文件名未载明设备和人员",
        /// The key names only devices and officers that nobody has entered.
        UnknownNames = "unknown_names" / "文件名所载设备和人员均未登记",
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
    /// Fewer officers recorded at a time than had to.
    OneRecorder {
        /// How many officers had to record at a time.
        required: u32,
        /// How long fewer are allowed.
        tolerance_us: Micros,
        /// How much of the obligation somebody recorded, but fewer officers than that.
        fewer_us: Micros,
    },
    /// There is a picture without sound.
    NoAudio {
        /// How much of the obligation has a picture without sound.
        without_us: Micros,
    },
    /// There is sound with nothing to be heard in it.
    Silent {
        /// How long that is allowed at a stretch.
        tolerance_us: Micros,
        /// How much of the obligation it is.
        silent_us: Micros,
    },
    /// There is a picture with nothing to be seen in it.
    Black {
        /// How long that is allowed at a stretch.
        tolerance_us: Micros,
        /// How much of the obligation it is.
        black_us: Micros,
    },
    /// The picture stands still.
    Frozen {
        /// How long that is allowed at a stretch.
        tolerance_us: Micros,
        /// How much of the obligation it is.
        frozen_us: Micros,
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
    /// It was not yet stored when it had to be.
    LateUpload {
        /// Until when it had to be.
        due_at: WallTime,
        /// What says that it was not.
        evidence: UploadEvidence,
        /// A moment at which it was not stored yet; for [`UploadEvidence::Store`], when it was written.
        not_before: WallTime,
        /// By when it was stored.
        seen_at: WallTime,
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
        /// How long the pictures are the same, where the bytes are not; `None`: every byte is.
        alike_us: Option<Micros>,
        /// How many others have the bytes, or the pictures, where they are too many for a finding each; `None`:
        /// each has one.
        others: Option<u64>,
    },
    /// A device says it recorded it, it is not stored, and the device may still hold it.
    NotUploaded {
        /// What the device says it recorded.
        file: DeviceFile,
        /// Until when the device surely holds it.
        held_until: WallTime,
        /// How long that is from the moment of the audit.
        left_us: Micros,
    },
    /// A device says it recorded it, it is not stored, and the device may have overwritten it.
    Lost {
        /// What the device says it recorded.
        file: DeviceFile,
        /// Until when the device surely held it.
        held_until: WallTime,
    },
    /// No device and no officer explains the footage.
    Unattributed {
        /// Why.
        reason: UnattributedReason,
        /// Serial number of the device that the key names.
        device: Option<String>,
        /// Badge that the key names.
        badge: Option<String>,
    },
}

/// A file on a device, as its manifest names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeviceFile {
    /// Serial number of the device.
    pub device: String,
    /// Badge of the officer who wears it; `None` where it is shared.
    pub holder: Option<String>,
    /// Name of the file on the device.
    pub file: String,
    /// How long it runs, by the device's clock.
    pub length_us: Micros,
    /// Size in bytes.
    pub size_bytes: u64,
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
