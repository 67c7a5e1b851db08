//! From one cell to one value. Each reader says, where it fails, what it expects; the cell is not empty.
//!
//! Numbers, times and codes are often typed with a Chinese input method: full-width digits, letters
//! and punctuation are taken for the plain ones. Names and titles are left as they are.

use std::str::FromStr;

use catalog::case::{Procedure, StageKind};
use catalog::code::UnknownCode;
use catalog::device::DeviceKind;
use catalog::drone::SortieStatus;
use catalog::excuse::ExcuseReason;
use catalog::unit::UnitKind;
use catalog::{Micros, WallTime};

use crate::error::quoted;
use crate::sheet::Cell;

/// Numbers from here on are no longer exact in a workbook, which keeps 15 digits.
const INEXACT: f64 = 1e15;

const AS_TEXT: &str = "format the column as text (文本) and enter it again";

/// Full-width forms of ASCII (U+FF01 to U+FF5E) and the full-width space as the plain characters.
pub(crate) fn half_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{3000}' => ' ',
            '\u{ff01}'..='\u{ff5e}' => {
                char::from_u32(u32::from(c) - u32::from('\u{ff01}') + u32::from('!')).unwrap_or(c)
            }
            _ => c,
        })
        .collect()
}

/// Text as people wrote it; may have several lines.
pub(crate) fn text(cell: &Cell) -> Result<String, String> {
    match cell {
        Cell::Fault(_) => Err("text".to_owned()),
        Cell::Number(number) if number.abs() >= INEXACT => {
            Err(format!("text: Excel keeps only 15 digits of a number; {AS_TEXT}"))
        }
        cell => Ok(cell.as_text().into_owned()),
    }
}

/// A name by which rows refer to one another, as it was written: one line.
pub(crate) fn name(cell: &Cell) -> Result<String, String> {
    let text = text(cell)?;
    if matches!(cell, Cell::Moment(_) | Cell::Bool(_)) {
        return Err(format!("text, which Excel has changed: {AS_TEXT}"));
    }
    if text.chars().any(char::is_control) {
        return Err("one line of text".to_owned());
    }
    if is_scientific(&text) {
        return Err(format!("all its digits, which Excel has cut: {AS_TEXT}"));
    }
    Ok(text)
}

/// What Excel makes of a long number when it writes CSV: 3.10106E+17.
fn is_scientific(text: &str) -> bool {
    text.split_once("E+").is_some_and(|(mantissa, exponent)| {
        mantissa.contains(|c: char| c.is_ascii_digit())
            && mantissa.chars().all(|c| c.is_ascii_digit() || c == '.')
            && exponent.len() >= 2
            && exponent.chars().all(|c| c.is_ascii_digit())
    })
}

/// A code, badge or serial number: a name in plain characters.
pub(crate) fn id(cell: &Cell) -> Result<String, String> {
    name(cell).map(|text| half_width(&text))
}

/// Badges, separated by semicolons, commas or blanks; none twice.
pub(crate) fn badges(cell: &Cell) -> Result<Vec<String>, String> {
    let text = half_width(&text(cell)?);
    let mut badges: Vec<String> = Vec::new();
    for badge in text.split(|c: char| c.is_whitespace() || matches!(c, ';' | ',' | '、')) {
        if badge.is_empty() {
            continue;
        }
        id(&Cell::Text(badge.to_owned()))?;
        if badges.iter().any(|known| known == badge) {
            return Err(format!("each officer once, and {} stands there twice", quoted(badge)));
        }
        badges.push(badge.to_owned());
    }
    if badges.is_empty() { Err("badges, separated by `;`".to_owned()) } else { Ok(badges) }
}

/// A moment of the street, in the years that the catalog can show.
pub(crate) fn moment(cell: &Cell) -> Result<WallTime, String> {
    const EXPECTED: &str = "a time such as 2024-05-03 09:30:00 (Shanghai time) or 2024-05-03T09:30:00+08:00";
    let found = match cell {
        Cell::Moment(moment) => *moment,
        Cell::Text(_) => {
            let text = plain_time(&cell.as_text());
            WallTime::parse(&text).map_err(|_| {
                if WallTime::parse(&format!("{text} 00:00")).is_ok() {
                    "the time of day as well, such as 2024-05-03 09:30; 00:00 if only the day is known"
                        .to_owned()
                } else {
                    EXPECTED.to_owned()
                }
            })?
        }
        Cell::Number(_) => return Err(format!("{EXPECTED}; format the column as a date (日期)")),
        _ => return Err(EXPECTED.to_owned()),
    };
    if found.month().is_some() { Ok(found) } else { Err("a time of the years 1970 to 9998".to_owned()) }
}

/// A time with its Chinese units as separators: 2024年5月3日 9时30分.
fn plain_time(text: &str) -> String {
    let mut plain = String::new();
    for c in half_width(text).chars() {
        match c {
            '年' | '月' => plain.push('-'),
            '日' => plain.push(' '),
            '时' | '点' | '分' => plain.push(':'),
            '秒' => {}
            c => plain.push(c),
        }
    }
    let words: Vec<&str> = plain.split_whitespace().collect();
    words.join(" ").trim_end_matches(':').to_owned()
}

/// Yes or no.
pub(crate) fn yes_no(cell: &Cell) -> Result<bool, String> {
    if let Cell::Bool(value) = cell {
        return Ok(*value);
    }
    match half_width(&cell.as_text()).to_lowercase().as_str() {
        "是" | "true" | "yes" | "y" | "1" | "一线" | "√" => Ok(true),
        "否" | "false" | "no" | "n" | "0" | "非一线" | "×" => Ok(false),
        _ => Err("true or false (是 or 否)".to_owned()),
    }
}

/// A whole number.
pub(crate) fn whole<T: FromStr>(cell: &Cell, expected: &str) -> Result<T, String> {
    match cell {
        Cell::Text(_) | Cell::Number(_) => {}
        _ => return Err(expected.to_owned()),
    }
    if matches!(cell, Cell::Number(number) if number.abs() >= INEXACT) {
        return Err(format!("{expected}: Excel keeps only 15 digits of a number; {AS_TEXT}"));
    }
    half_width(&cell.as_text()).parse().map_err(|_| expected.to_owned())
}

/// The number of a stage within its case.
pub(crate) fn stage_no(cell: &Cell) -> Result<u32, String> {
    const EXPECTED: &str = "a whole number from 1";
    whole(cell, EXPECTED).and_then(|number| if number == 0 { Err(EXPECTED.to_owned()) } else { Ok(number) })
}

/// A size in bytes, such that a database can hold it.
pub(crate) fn size_bytes(cell: &Cell) -> Result<u64, String> {
    whole::<i64>(cell, "a whole number of bytes, not negative")
        .and_then(|size| u64::try_from(size).map_err(|_| "a whole number of bytes, not negative".to_owned()))
}

/// How wrong a clock may be, either way, from whole milliseconds of either sign.
pub(crate) fn clock_error(cell: &Cell) -> Result<Micros, String> {
    const EXPECTED: &str = "a whole number of milliseconds";
    let ms: i64 = whole(cell, EXPECTED)?;
    ms.checked_abs().and_then(|ms| ms.checked_mul(1000)).map(Micros).ok_or_else(|| EXPECTED.to_owned())
}

/// A number that may have decimals, between two bounds, both included.
pub(crate) fn between(cell: &Cell, low: f64, high: f64) -> Result<f64, String> {
    let number = match cell {
        Cell::Number(number) => Some(*number),
        Cell::Text(_) => half_width(&cell.as_text()).parse().ok(),
        _ => None,
    };
    number
        .filter(|number| (low..=high).contains(number))
        .ok_or_else(|| format!("a number from {low} to {high}"))
}

/// An enumeration whose codes a cell may hold, in English, in Chinese or by another usual word.
pub(crate) trait Coded: FromStr<Err = UnknownCode> + Copy + 'static {
    /// Every code with its Chinese word.
    fn choices() -> Vec<(&'static str, &'static str)>;

    /// Other words for them.
    const SYNONYMS: &'static [(&'static str, Self)];
}

macro_rules! coded_cell {
    ($($name:ident { $($word:literal => $variant:ident),* $(,)? })+) => {
        $(impl Coded for $name {
            fn choices() -> Vec<(&'static str, &'static str)> {
                $name::ALL.iter().map(|value| (value.as_str(), value.zh())).collect()
            }

            const SYNONYMS: &'static [(&'static str, Self)] = &[$(($word, $name::$variant)),*];
        })+
    };
}

coded_cell! {
    UnitKind { "部门" => Office, "机关科室" => Office, "街镇中队" => Squad }
    DeviceKind {
        "记录仪" => Bodycam, "视音频记录仪" => Bodycam, "无人驾驶航空器" => Drone,
        "车载" => Vehicle, "车载摄像头" => Vehicle, "车载监控" => Vehicle,
        "机场" => Dock, "机库" => Dock, "无人机机库" => Dock,
    }
    Procedure {
        "普通" => Ordinary, "一般程序" => Ordinary, "简易" => Simple,
        "行政检查" => Inspection, "双随机检查" => Inspection, "投诉举报" => Complaint, "信访" => Complaint,
    }
    StageKind {
        "投诉处置" => ComplaintHandling, "简易程序处罚" => SimplePenalty, "留置" => LienService,
        "扣押" => Seizure, "先行登记保存" => EvidenceRegistration, "证据登记保存" => EvidenceRegistration,
        "强拆" => ForcedDemolition, "突发事件" => Emergency, "法制审查" => LegalReview,
    }
    SortieStatus {
        "已执行" => Flown, "已完成" => Flown, "已计划" => Planned, "未飞" => Planned, "已取消" => Cancelled,
    }
    ExcuseReason {
        "故障" => Fault, "天气" => Weather, "没电" => Battery, "存储已满" => Storage,
        "涉密" => Secrecy, "隐私" => Privacy, "紧急" => Urgency,
    }
}

/// One of the codes of an enumeration.
pub(crate) fn code<T: Coded>(cell: &Cell) -> Result<T, String> {
    let word = half_width(&cell.as_text()).to_lowercase();
    word.replace([' ', '-'], "_")
        .parse()
        .ok()
        .or_else(|| T::SYNONYMS.iter().find(|(synonym, _)| *synonym == word).map(|&(_, value)| value))
        .ok_or_else(|| {
            let choices: Vec<String> =
                T::choices().iter().map(|(code, zh)| format!("{code} ({zh})")).collect();
            format!("one of {}", choices.join(", "))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    #[test]
    fn times_are_read_as_civil_servants_write_them() {
        let wanted = WallTime::parse("2024-05-03 09:30:00");
        for written in [
            "2024-05-03 09:30",
            "2024/5/3 9:30:00",
            "２０２４－０５－０３　０９：３０：００",
            "2024年5月3日 9时30分",
            "2024年05月03日09时30分00秒",
            "2024-05-03T09:30:00+08:00",
        ] {
            assert_eq!(moment(&cell(written)).ok(), wanted.clone().ok(), "{written}");
        }
        assert!(moment(&cell("2024年5月3日")).unwrap_err().contains("time of day"));
        assert!(moment(&cell("0204-05-03 09:30")).unwrap_err().contains("1970"));
        assert!(moment(&Cell::Number(45_415.4)).unwrap_err().contains("日期"));
    }

    #[test]
    fn badges_are_separated_by_whatever_separates() {
        let wanted = ["D31007", "00123"].map(str::to_owned).to_vec();
        for written in
            ["D31007;00123", "D31007； 00123；", "D31007、00123", "D31007，００１２３", "D31007\n00123"]
        {
            assert_eq!(badges(&cell(written)), Ok(wanted.clone()), "{written}");
        }
        assert!(badges(&cell("1;2;１")).unwrap_err().contains("twice"));
        assert!(badges(&cell(";")).is_err());
    }

    #[test]
    fn numbers_keep_the_digits_they_have_and_refuse_those_they_lost() {
        assert_eq!(id(&Cell::Number(123.0)), Ok("123".to_owned()));
        assert_eq!(id(&Cell::Number(-0.0)), Ok("0".to_owned()));
        assert_eq!(id(&cell("００１２３")), Ok("00123".to_owned()));
        assert!(id(&Cell::Number(310_106_202_400_000_001.0)).unwrap_err().contains("15 digits"));
        assert!(id(&cell("3.10106E+17")).unwrap_err().contains("文本"));
        assert_eq!(id(&cell("3E5")), Ok("3E5".to_owned()));
        assert!(size_bytes(&cell("-1")).is_err());
        assert!(size_bytes(&cell("18446744073709551615")).is_err());
        assert_eq!(size_bytes(&Cell::Number(9e14)), Ok(900_000_000_000_000));
        assert_eq!(clock_error(&cell("-1500")), Ok(Micros(1_500_000)));
        assert!(clock_error(&cell(&i64::MIN.to_string())).is_err());
        assert!(clock_error(&Cell::Number(1.5)).is_err());
    }

    #[test]
    fn codes_are_read_in_either_language() {
        for written in ["site_inspection", "Site Inspection", "现场检查", " 现场检查 "] {
            assert_eq!(code::<StageKind>(&cell(written)), Ok(StageKind::SiteInspection), "{written}");
        }
        assert_eq!(code::<StageKind>(&cell("扣押")), Ok(StageKind::Seizure));
        assert!(code::<StageKind>(&cell("看一看")).unwrap_err().contains("hearing (听证)"));
        for (written, value) in [("是", true), ("１", true), ("FALSE", false), ("非一线", false)] {
            assert_eq!(yes_no(&cell(written)), Ok(value));
        }
    }
}
