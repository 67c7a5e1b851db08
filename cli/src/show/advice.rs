//! What to do about the findings of an audit: one line a code, the gravest first.

use std::fmt::Write as _;

use analyzer::audit::Audit;
use catalog::finding::FindingCode;

use super::tr;
use crate::args::Language;

/// Codes in the order in which a person should turn to them: what will be lost first, then what is not recorded, then
/// what is irregular.
const ORDER: [FindingCode; 19] = [
    FindingCode::NotUploaded,
    FindingCode::Lost,
    FindingCode::Altered,
    FindingCode::Reused,
    FindingCode::Missing,
    FindingCode::Truncated,
    FindingCode::Damaged,
    FindingCode::LateStart,
    FindingCode::EarlyStop,
    FindingCode::Gap,
    FindingCode::Black,
    FindingCode::Frozen,
    FindingCode::NoAudio,
    FindingCode::Silent,
    FindingCode::LateUpload,
    FindingCode::ClockOff,
    FindingCode::OneRecorder,
    FindingCode::Unattributed,
    FindingCode::NoSpokenRestart,
];

/// What to do next, as far as there is anything that nobody excused.
pub(super) fn text(lang: Language, audit: &Audit) -> String {
    let mut text = String::new();
    for code in ORDER {
        let open = [&audit.totals.findings, &audit.outside_findings]
            .into_iter()
            .filter_map(|totals| totals.get(&code))
            .map(|totals| totals.total - totals.excused)
            .sum::<u64>();
        if open == 0 {
            continue;
        }
        // Writing to a String cannot fail.
        let _ = match lang {
            Language::Zh => writeln!(text, "  {} {open}：{}", code.zh(), zh(code)),
            Language::En => writeln!(text, "  {code} {open}: {}", en(code)),
        };
    }
    if text.is_empty() {
        return text;
    }
    format!("{}{text}", tr(lang, "\n下一步：\n", "\nWhat to do next:\n"))
}

fn zh(code: FindingCode) -> &'static str {
    match code {
        FindingCode::NotUploaded => "请先办：在设备覆盖之前导出上传，联系人和剩余时间见 reelproof reconcile",
        FindingCode::Lost => "立即核查设备是否仍有原件；确已灭失的，由所属单位书面说明",
        FindingCode::Altered => "调取原件或备份比对，查明何人、何时改动",
        FindingCode::Reused => "调阅两处录像，核实哪一环节确有录制，另一环节按缺失处理",
        FindingCode::Missing => {
            "请承办中队查找录像；文件名未载明人员的，予以关联（import links）；有客观原因的，录入说明（excuse add）"
        }
        FindingCode::Truncated => "重新导出原件；设备中原件仍可读的，重新上传后再核查",
        FindingCode::Damaged => "重新导出原件；原件也损坏的，送修存储卡并由所属单位说明",
        FindingCode::LateStart | FindingCode::EarlyStop | FindingCode::Gap => {
            "请承办人说明原因；有客观原因的，录入说明（excuse add），否则按不规范处理"
        }
        FindingCode::Black | FindingCode::Frozen => "调阅该时段画面，核实镜头是否被遮挡、设备是否故障",
        FindingCode::NoAudio | FindingCode::Silent => "调阅该时段声音，核实麦克风是否关闭或故障",
        FindingCode::LateUpload => "提醒所属单位在值勤结束后按时上传",
        FindingCode::ClockOff => "校准该设备时钟，并登记校时时间（import devices）",
        FindingCode::OneRecorder => "核实另一名执法人员是否在场、是否开启设备",
        FindingCode::Unattributed => "登记设备和人员，或将录像关联到环节（import links）",
        FindingCode::NoSpokenRestart => "核实恢复录制时是否语音说明原因",
    }
}

fn en(code: FindingCode) -> &'static str {
    match code {
        FindingCode::NotUploaded => {
            "first of all: upload them before the device overwrites them; `reelproof reconcile` says whom to call and how long there is"
        }
        FindingCode::Lost => "look whether the device still has them; if not, the unit explains in writing",
        FindingCode::Altered => "compare with the original or a backup, and find out who changed it and when",
        FindingCode::Reused => "watch both, decide which stage it shows, and treat the other as missing",
        FindingCode::Missing => {
            "ask the squad for the recording; link it if its name says no officer (import links); record a reason if there is one (excuse add)"
        }
        FindingCode::Truncated => {
            "export the original again; if it can be read on the device, upload it and audit again"
        }
        FindingCode::Damaged => {
            "export the original again; if that is damaged, too, have the card looked at and the unit explain"
        }
        FindingCode::LateStart | FindingCode::EarlyStop | FindingCode::Gap => {
            "ask the officers why; record a reason if policy allows it (excuse add), otherwise it is irregular"
        }
        FindingCode::Black | FindingCode::Frozen => {
            "watch that stretch: was the lens covered, or the device broken?"
        }
        FindingCode::NoAudio | FindingCode::Silent => {
            "listen to that stretch: was the microphone off, or broken?"
        }
        FindingCode::LateUpload => "remind the unit to upload after each duty, in time",
        FindingCode::ClockOff => "set the device's clock, and enter when that was (import devices)",
        FindingCode::OneRecorder => "ask whether the second officer was there, and had the recorder on",
        FindingCode::Unattributed => {
            "enter the device and the officer, or link the recording to a stage (import links)"
        }
        FindingCode::NoSpokenRestart => "listen whether the reason was spoken when recording went on",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_turn() {
        for code in FindingCode::ALL {
            assert!(ORDER.contains(code), "{code}");
        }
    }
}
