//! What is to be kept, locked, or may go, as text.

use std::fmt::Write as _;

use analyzer::retention::{Advice, Advised, Lock};
use api::retention::{Amount, Sums, Survey};

use super::verify::size;
use super::{lines, table, tr};
use crate::args::Language;

/// At most this many recordings are named; the JSON document has all.
const MAX_NAMED: usize = 50;

/// The advice.
pub(crate) fn text(lang: Language, survey: &Survey) -> String {
    let mut text = sums(lang, survey);
    if !survey.locks.is_empty() {
        text.push_str(tr(
            lang,
            "\n锁定原因（一个录像可有多项）：\n",
            "\nWhat locks them (one recording may have several):\n",
        ));
        let mut rows = table(&["", "", ""], &[1, 2]);
        for one in &survey.locks {
            let amount = one.amount;
            rows.add_row([
                format!("  {}", lock(lang, one.lock)),
                amount.recordings.to_string(),
                size(amount.bytes),
            ]);
        }
        text.push_str(lines(&rows).trim_start_matches('\n'));
    }
    if survey.month.is_some() {
        named(&mut text, lang, survey);
    }
    text.push_str(tr(
        lang,
        "\n本程序只提出建议，从不删除录像。\n",
        "\nThis is advice: the program never deletes footage.\n",
    ));
    text
}

fn sums(lang: Language, survey: &Survey) -> String {
    let heading = match lang {
        Language::Zh => ["录制月份", "须保存", "锁定", "可清理"],
        Language::En => ["began in", "to be kept", "locked", "may go"],
    };
    let mut rows = table(&heading, &[1, 2, 3]);
    let mut row = |name: String, sums: &Sums| {
        rows.add_row([name, amount(sums.keep), amount(sums.locked), amount(sums.may_go)]);
    };
    for one in &survey.months {
        let name =
            one.month.map_or_else(|| tr(lang, "时间不明", "unknown").to_owned(), |month| month.to_string());
        row(name, &one.sums);
    }
    row(tr(lang, "合计", "all").to_owned(), &survey.totals);
    lines(&rows)
}

fn named(text: &mut String, lang: Language, survey: &Survey) {
    if survey.recordings.is_empty() {
        text.push_str(tr(lang, "\n没有符合条件的录像\n", "\nNo recording fits\n"));
        return;
    }
    text.push('\n');
    for one in survey.recordings.iter().take(MAX_NAMED) {
        let Advised { object_key, advice, .. } = one;
        let advice = match lang {
            Language::Zh => advice.zh(),
            Language::En => advice.en(),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {object_key}  {advice}{}", why(lang, one));
    }
    let Some(more) = survey.recordings.len().checked_sub(MAX_NAMED).filter(|&more| more > 0) else { return };
    let _ = match lang {
        Language::Zh => writeln!(text, "  另有 {more} 个（--json 可全部列出）"),
        Language::En => writeln!(text, "  and {more} more (--json names all)"),
    };
}

/// Why that is advised.
fn why(lang: Language, advised: &Advised) -> String {
    if advised.advice == Advice::Locked {
        let locks: Vec<&str> = advised.locks.iter().map(|one| lock(lang, *one)).collect();
        return match lang {
            Language::Zh => format!("（{}）", locks.join("、")),
            Language::En => format!(" ({})", locks.join(", ")),
        };
    }
    let day = advised.keep_until.map(|until| until.to_string());
    match (lang, day) {
        (Language::Zh, None) => "（长期保存）".to_owned(),
        (Language::En, None) => " (for good)".to_owned(),
        (Language::Zh, Some(day)) => format!("（保存至 {day}）"),
        (Language::En, Some(day)) => format!(" (until {day})"),
    }
}

fn lock(lang: Language, lock: Lock) -> &'static str {
    match lang {
        Language::Zh => lock.zh(),
        Language::En => lock.en(),
    }
}

fn amount(amount: Amount) -> String {
    if amount.recordings == 0 {
        "0".to_owned()
    } else {
        format!("{} ({})", amount.recordings, size(amount.bytes))
    }
}
