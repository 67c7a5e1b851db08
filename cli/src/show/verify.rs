//! What was read again, and what would be, as text.

use std::fmt::Write as _;

use analyzer::fixity::{FixityState, Share};
use catalog::fixity::{CheckOutcome, FixityEnd, RiskClass};
use catalog::store::FixityFinding;

use super::ingest::place;
use super::{lines, table, tr};
use crate::args::Language;
use crate::commands::verify::{Planned, Verified};

/// At most this many objects are named; the JSON document has all.
const MAX_NAMED: usize = 50;
/// At most this many places of one object are named.
const MAX_PLACES: usize = 8;

/// What would be read.
pub(crate) fn plan(lang: Language, planned: &Planned) -> String {
    let mut text = state(lang, &planned.state);
    if planned.plan.is_empty() {
        text.push_str(tr(lang, "\n目前没有到期的对象\n", "\nNothing is due\n"));
        return text;
    }
    text.push_str(tr(
        lang,
        "\n将按以下顺序核验（风险值达到1即到期）：\n",
        "\nTo be read in this order (due from a risk of 1 on):\n",
    ));
    let heading = match lang {
        Language::Zh => ["  风险", "原因", "上次读取", "大小", "对象"],
        Language::En => ["  risk", "why", "last read", "size", "object"],
    };
    let mut rows = table(&heading, &[0, 3]);
    for one in planned.plan.iter().take(MAX_NAMED) {
        rows.add_row([
            format!("  {}", risk(one.risk_ppm)),
            class(lang, one.class).to_owned(),
            one.read_at.to_string(),
            size(one.size_bytes),
            one.object_key.clone(),
        ]);
    }
    text.push_str(&lines(&rows));
    more(&mut text, lang, planned.plan.len());
    text
}

/// What was read.
pub(crate) fn text(lang: Language, verified: &Verified) -> String {
    let Verified { run: _, policy: _, due, summary, findings } = verified;
    let megabytes = summary.bytes_read as f64 / 1e6;
    let (intact, altered, missing, unreadable) =
        (summary.intact, summary.altered, summary.missing, summary.unreadable);
    let mut text = match lang {
        Language::Zh => format!(
            "到期 {} 个对象（{}）：一致 {intact}，内容被改动 {altered}，已不存在 {missing}，读取失败 {unreadable}\n\
             读取 {megabytes:.1} MB，用时 {:.1} 秒；{}\n",
            due.objects,
            size(due.bytes),
            summary.seconds,
            summary.end.zh()
        ),
        Language::En => format!(
            "{} objects were due ({}): {intact} intact, {altered} altered, {missing} missing, {unreadable} unreadable\n\
             {megabytes:.1} MB read in {:.1} s; {}\n",
            due.objects,
            size(due.bytes),
            summary.seconds,
            summary.end.en()
        ),
    };
    if summary.left > 0 && summary.end != FixityEnd::Done {
        let left = summary.left;
        // Writing to a String cannot fail.
        let _ = match lang {
            Language::Zh => writeln!(text, "还有 {left} 个留待下次，从风险最高的开始"),
            Language::En => {
                writeln!(text, "{left} are left for the next run, which begins with the riskiest")
            }
        };
    }
    if summary.passed_over > 0 {
        let count = summary.passed_over;
        let _ = match lang {
            Language::Zh => writeln!(text, "{count} 个超过全部额度，未核验：请提高 --budget-bytes"),
            Language::En => {
                writeln!(
                    text,
                    "{count} are larger than the whole budget and were passed over: raise --budget-bytes"
                )
            }
        };
    }
    for (outcome, zh, en) in [
        (
            CheckOutcome::Altered,
            "\n以下对象内容被改动，已登记为新版本：\n",
            "\nAltered since they were recorded:\n",
        ),
        (CheckOutcome::Missing, "\n以下对象已不存在：\n", "\nNot there any more:\n"),
        (
            CheckOutcome::Unreadable,
            "\n以下对象读取失败，内容情况不明：\n",
            "\nCould not be read, so nothing is known of them:\n",
        ),
    ] {
        let of: Vec<&FixityFinding> = findings.iter().filter(|found| found.outcome == outcome).collect();
        if of.is_empty() {
            continue;
        }
        text.push_str(tr(lang, zh, en));
        for found in of.iter().take(MAX_NAMED) {
            finding(&mut text, lang, found);
        }
        more(&mut text, lang, of.len());
    }
    if !summary.failures.is_empty() {
        text.push_str(tr(
            lang,
            "\n以下存储无法读取，其中对象均未核验：\n",
            "\nStores that could not be asked, none of whose objects was checked:\n",
        ));
    }
    for failed in &summary.failures {
        let _ = writeln!(text, "  {}", failed.error);
    }
    text
}

fn finding(text: &mut String, lang: Language, found: &FixityFinding) {
    let FixityFinding { object_key, class: of, version, detail, ranges, .. } = found;
    let why = class(lang, *of);
    // Writing to a String cannot fail.
    let _ = match lang {
        Language::Zh => writeln!(text, "  {object_key}  （{why}，原第 {version} 版）"),
        Language::En => writeln!(text, "  {object_key}  ({why}; was version {version})"),
    };
    if let (Some(detail), CheckOutcome::Unreadable) = (detail, found.outcome) {
        let _ = writeln!(text, "    {detail}");
    }
    if found.outcome != CheckOutcome::Altered {
        return;
    }
    match ranges {
        None => text.push_str(tr(
            lang,
            "    无法定位：原版本入库时未留分块校验值\n",
            "    where is not known: the version before was recorded without a list to compare with\n",
        )),
        Some(ranges) if ranges.is_empty() => text.push_str(tr(
            lang,
            "    现有内容与原版本一致，但末尾部分已被删去\n",
            "    what is there is as it was, but bytes at the end were taken away\n",
        )),
        Some(ranges) => {
            for range in ranges.iter().take(MAX_PLACES) {
                let _ = writeln!(text, "    {}", place(lang, range, false));
            }
            more_than(text, lang, ranges.len(), MAX_PLACES);
        }
    }
}

/// How it stands, by class.
fn state(lang: Language, state: &FixityState) -> String {
    let heading = match lang {
        Language::Zh => ["原因", "间隔", "共有", "按期已核", "到期", "逾期"],
        Language::En => ["why", "every", "held", "in time", "due", "overdue"],
    };
    let mut rows = table(&heading, &[1, 2, 3, 4, 5]);
    for one in &state.classes {
        let days = match lang {
            Language::Zh => format!("{}日", one.days),
            Language::En => format!("{} days", one.days),
        };
        rows.add_row([
            class(lang, one.class).to_owned(),
            days,
            share(one.held),
            share(one.in_time),
            share(one.due),
            share(one.overdue),
        ]);
    }
    lines(&rows)
}

fn class(lang: Language, class: RiskClass) -> &'static str {
    match lang {
        Language::Zh => class.zh(),
        Language::En => class.en(),
    }
}

fn share(share: Share) -> String {
    if share.objects == 0 { "0".to_owned() } else { format!("{} ({})", share.objects, size(share.bytes)) }
}

/// A risk with two digits, never rounded up to 1.
fn risk(ppm: u64) -> String {
    format!("{}.{:02}", ppm / 1_000_000, ppm % 1_000_000 / 10_000)
}

pub(super) fn size(bytes: u64) -> String {
    let bytes = bytes as f64;
    match bytes {
        bytes if bytes >= 1e12 => format!("{:.1} TB", bytes / 1e12),
        bytes if bytes >= 1e9 => format!("{:.1} GB", bytes / 1e9),
        bytes => format!("{:.1} MB", bytes / 1e6),
    }
}

fn more(text: &mut String, lang: Language, all: usize) {
    more_than(text, lang, all, MAX_NAMED);
}

fn more_than(text: &mut String, lang: Language, all: usize, named: usize) {
    let Some(more) = all.checked_sub(named).filter(|&more| more > 0) else { return };
    // Writing to a String cannot fail.
    let _ = match lang {
        Language::Zh => writeln!(text, "  另有 {more} 个（--json 可全部列出）"),
        Language::En => writeln!(text, "  and {more} more (--json names all)"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_risk_is_never_rounded_up_to_being_due() {
        assert_eq!([risk(999_999), risk(1_000_000), risk(8_571_428)], ["0.99", "1.00", "8.57"]);
    }
}
