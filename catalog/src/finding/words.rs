//! What findings say, in the words of those who read them.
//!
//! Both languages stand beside one another here, so that neither says what the other does not.

use super::{FindingCode, FindingKind, GapPlace, UnattributedReason, UploadEvidence};
use crate::time::{Micros, WallTime};

impl FindingKind {
    /// The kind's stable code.
    pub fn code(&self) -> FindingCode {
        match self {
            Self::Missing { .. } => FindingCode::Missing,
            Self::LateStart { .. } => FindingCode::LateStart,
            Self::EarlyStop { .. } => FindingCode::EarlyStop,
            Self::Gap { .. } => FindingCode::Gap,
            Self::OneRecorder { .. } => FindingCode::OneRecorder,
            Self::NoAudio { .. } => FindingCode::NoAudio,
            Self::Silent { .. } => FindingCode::Silent,
            Self::Black { .. } => FindingCode::Black,
            Self::Frozen { .. } => FindingCode::Frozen,
            Self::Truncated { .. } => FindingCode::Truncated,
            Self::Damaged { .. } => FindingCode::Damaged,
            Self::LateUpload { .. } => FindingCode::LateUpload,
            Self::Altered { .. } => FindingCode::Altered,
            Self::ClockOff { .. } => FindingCode::ClockOff,
            Self::Reused { .. } => FindingCode::Reused,
            Self::NotUploaded { .. } => FindingCode::NotUploaded,
            Self::Lost { .. } => FindingCode::Lost,
            Self::Unattributed { .. } => FindingCode::Unattributed,
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
            Self::OneRecorder { required, tolerance_us, .. } => {
                format!("recordings of {required} officers at any time, fewer for at most {tolerance_us}")
            }
            Self::NoAudio { .. } => "sound with the picture".to_owned(),
            Self::Silent { tolerance_us, .. } => {
                format!("something to be heard, silence for at most {tolerance_us}")
            }
            Self::Black { tolerance_us, .. } => {
                format!("something to be seen, black for at most {tolerance_us}")
            }
            Self::Frozen { tolerance_us, .. } => {
                format!("a moving picture, standing still for at most {tolerance_us}")
            }
            Self::Truncated { .. } | Self::Damaged { .. } => "a whole, readable file".to_owned(),
            Self::LateUpload { due_at, .. } => format!("stored by {due_at}"),
            Self::Altered { first_sha256, .. } => format!("SHA-256 {first_sha256}, as first read"),
            Self::ClockOff { source, .. } => format!("the start that the {source} gives"),
            Self::Reused { .. } => "footage of this stage alone".to_owned(),
            Self::NotUploaded { .. } | Self::Lost { .. } => "what devices recorded is stored".to_owned(),
            Self::Unattributed { .. } => "a known device or officer behind the footage".to_owned(),
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
            Self::OneRecorder { fewer_us, .. } => format!("{fewer_us} recorded by fewer"),
            Self::NoAudio { without_us } => format!("{without_us} of picture without sound"),
            Self::Silent { silent_us, .. } => format!("{silent_us} of silence"),
            Self::Black { black_us, .. } => format!("{black_us} black"),
            Self::Frozen { frozen_us, .. } => format!("{frozen_us} standing still"),
            Self::Truncated { observed, .. } | Self::Damaged { observed, .. } => observed.clone(),
            Self::LateUpload { evidence: UploadEvidence::Listing, not_before, seen_at, .. } => {
                format!("not yet stored at {not_before}, when all there was was listed; there by {seen_at}")
            }
            Self::LateUpload { evidence: UploadEvidence::Store, not_before, .. } => {
                format!("the store says it was written at {not_before}")
            }
            Self::Altered { sha256, version, .. } => format!("version {version} with SHA-256 {sha256}"),
            Self::ClockOff { other, off_by_us, zone, .. } => {
                let cause = if *zone { ": local time written as UTC" } else { "" };
                format!("the {other} is off by {off_by_us}{cause}")
            }
            Self::Reused { other_key, other_stages, alike_us, others } => {
                let same = match alike_us {
                    None => "the same footage as".to_owned(),
                    Some(alike_us) => format!("{alike_us} of the same pictures as"),
                };
                let among = others.map_or(String::new(), |others| {
                    format!("; {others} others have it in all, and only the first are named")
                });
                if other_stages.is_empty() {
                    format!("{same} {other_key}, which says otherwise of itself{among}")
                } else {
                    let stages: Vec<_> = other_stages.iter().map(ToString::to_string).collect();
                    format!("{same} {other_key}, which stands for {}{among}", stages.join(", "))
                }
            }
            Self::NotUploaded { file, held_until, left_us } => format!(
                "{} recorded {} ({}), not stored; surely kept until {held_until}, {} left",
                file.device,
                file.file,
                file.length_us,
                en_days(*left_us)
            ),
            Self::Lost { file, held_until } => format!(
                "{} recorded {} ({}), not stored; surely kept until {held_until} only, and may be overwritten",
                file.device, file.file, file.length_us
            ),
            Self::Unattributed { reason: UnattributedReason::NoNames, .. } => {
                "the key names neither device nor officer".to_owned()
            }
            Self::Unattributed { reason: UnattributedReason::UnknownNames, device, badge } => {
                format!("{} not known", en_names(device.as_deref(), badge.as_deref()))
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
            Self::OneRecorder { required, fewer_us, .. } => {
                format!("应有 {required} 名执法人员同时录制，其中 {} 不足此数", zh_length(*fewer_us))
            }
            Self::NoAudio { without_us } => format!("有画面无声音 {}", zh_length(*without_us)),
            Self::Silent { silent_us, .. } => format!("有音轨但无可辨声音 {}", zh_length(*silent_us)),
            Self::Black { black_us, .. } => format!("画面全黑 {}", zh_length(*black_us)),
            Self::Frozen { frozen_us, .. } => format!("画面静止不动 {}", zh_length(*frozen_us)),
            Self::Truncated { problems, .. } | Self::Damaged { problems, .. } => {
                let sentences: Vec<_> = problems.iter().map(|code| code.sentence_zh()).collect();
                sentences.join("；")
            }
            Self::LateUpload { due_at, evidence: UploadEvidence::Listing, not_before, .. } => {
                format!("应于 {} 前上传，{} 清点时仍未入库", zh_moment(*due_at), zh_moment(*not_before))
            }
            Self::LateUpload { due_at, evidence: UploadEvidence::Store, not_before, .. } => format!(
                "应于 {} 前上传，存储系统记载的写入时间为 {}",
                zh_moment(*due_at),
                zh_moment(*not_before)
            ),
            Self::Altered { version, .. } => {
                format!("入库后内容被改动（现为第 {version} 版），摘要与首次读取时不一致")
            }
            Self::ClockOff { other, off_by_us, zone, .. } => {
                let cause = if *zone { "，系将本地时间写成了世界时" } else { "" };
                format!("{}记载的起始时间相差 {}{cause}", other.zh(), zh_length(off_by_us.abs()))
            }
            Self::Reused { other_key, other_stages, alike_us, others } => {
                let same = match alike_us {
                    None => format!("与 {other_key} 系同一段录像"),
                    Some(alike_us) => {
                        format!("与 {other_key} 有 {} 画面相同（经转码或剪辑）", zh_length(*alike_us))
                    }
                };
                let among = others
                    .map_or(String::new(), |others| format!("；另有相同录像共 {others} 份，仅列出前几份"));
                if other_stages.is_empty() {
                    format!("{same}，但两者自述的设备、人员或时间不一致{among}")
                } else {
                    let stages: Vec<_> = other_stages.iter().map(ToString::to_string).collect();
                    format!("{same}，该录像又用于 {}{among}", stages.join("、"))
                }
            }
            Self::NotUploaded { file, held_until, left_us } => format!(
                "设备 {} 已录制 {}（时长 {}），尚未上传；设备保存至 {}，还剩 {}，请尽快导出上传",
                file.device,
                file.file,
                zh_length(file.length_us),
                zh_moment(*held_until),
                zh_days(*left_us)
            ),
            Self::Lost { file, held_until } => format!(
                "设备 {} 已录制 {}（时长 {}），未上传；设备保存期已于 {} 届满，可能已被覆盖，请立即核查设备",
                file.device,
                file.file,
                zh_length(file.length_us),
                zh_moment(*held_until)
            ),
            Self::Unattributed { reason: UnattributedReason::NoNames, .. } => {
                "文件名未载明设备和人员，无法确定归属".to_owned()
            }
            Self::Unattributed { reason: UnattributedReason::UnknownNames, device, badge } => {
                format!("{}未登记，无法确定归属", zh_names(device.as_deref(), badge.as_deref()))
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

/// A length of days and hours in Chinese, rounded down: `3 天 04 小时`, `5 小时 12 分`, `12 分`.
pub fn zh_days(length: Micros) -> String {
    let minutes = length.0.max(0) / 60_000_000;
    match (minutes / 1440, minutes / 60 % 24) {
        (0, 0) => format!("{minutes} 分"),
        (0, hours) => format!("{hours} 小时 {:02} 分", minutes % 60),
        (days, hours) => format!("{days} 天 {hours:02} 小时"),
    }
}

/// A length of days and hours in English, rounded down: `3 d 04 h`, `5 h 12 min`, `12 min`.
pub fn en_days(length: Micros) -> String {
    let minutes = length.0.max(0) / 60_000_000;
    match (minutes / 1440, minutes / 60 % 24) {
        (0, 0) => format!("{minutes} min"),
        (0, hours) => format!("{hours} h {:02} min", minutes % 60),
        (days, hours) => format!("{days} d {hours:02} h"),
    }
}

/// A moment in Chinese, to the minute, local time: `2024年5月3日 09:30`.
pub fn zh_moment(at: WallTime) -> String {
    at.local().map_or_else(|| at.to_string(), |local| local.format("%Y年%-m月%-d日 %H:%M").to_string())
}

fn en_names(device: Option<&str>, badge: Option<&str>) -> String {
    match (device, badge) {
        (Some(device), Some(badge)) => format!("device {device} and officer {badge} are"),
        (Some(device), None) => format!("device {device} is"),
        (None, Some(badge)) => format!("officer {badge} is"),
        (None, None) => "nobody is named, so who filmed is".to_owned(),
    }
}

fn zh_names(device: Option<&str>, badge: Option<&str>) -> String {
    match (device, badge) {
        (Some(device), Some(badge)) => format!("设备 {device} 和人员 {badge} 均"),
        (Some(device), None) => format!("设备 {device} "),
        (None, Some(badge)) => format!("人员 {badge} "),
        (None, None) => "设备和人员均".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_never_rounded_up() {
        let days = Micros::from_s(3 * 86_400 + 4 * 3_600 + 3_599);
        assert_eq!((zh_days(days), en_days(days)), ("3 天 04 小时".to_owned(), "3 d 04 h".to_owned()));
        let hours = Micros::from_s(5 * 3_600 + 12 * 60 + 59);
        assert_eq!((zh_days(hours), en_days(hours)), ("5 小时 12 分".to_owned(), "5 h 12 min".to_owned()));
        assert_eq!(
            (zh_days(Micros::from_s(59)), en_days(Micros(-1))),
            ("0 分".to_owned(), "0 min".to_owned())
        );
    }
}
