//! The audit as text: the sums, the units, then each obligation that lacks something and where, what belongs to no
//! obligation, what to do about it, and which figures it rests on that nobody confirmed.

use std::fmt::Write as _;

use analyzer::audit::{Audit, Obligation, ObligationStatus, Totals};
use analyzer::clocks::DeviceClock;
use catalog::finding::{Certainty, Finding, Severity, zh_length};
use catalog::time::WallTime;

use super::{advice, lines, percent, seconds, table, tr};
use crate::args::Language;

/// The whole audit; complete obligations only if `all`.
pub(crate) fn text(lang: Language, audit: &Audit, all: bool) -> String {
    let mut text = summary(lang, audit);
    text.push_str(&codes(lang, audit));
    text.push('\n');
    text.push_str(&units(lang, audit));
    text.push('\n');
    let mut left_out = 0_u64;
    for obligation in &audit.obligations {
        if all || !obligation.findings.is_empty() || obligation.status != ObligationStatus::Complete {
            text.push_str(&entry(lang, obligation));
        } else {
            left_out += 1;
        }
    }
    text.push_str(&clocks(lang, &audit.clocks));
    if left_out > 0 {
        let note = match lang {
            Language::Zh => format!("\n另有 {left_out} 个环节完整且无问题，未列出（加 --all 可列出）。\n"),
            Language::En => format!("\n{left_out} more are complete without a finding; --all lists them.\n"),
        };
        text.push_str(&note);
    }
    text.push_str(&outside(lang, audit));
    text.push_str(&advice::text(lang, audit));
    text.push_str(&unconfirmed(lang, audit));
    text
}

/// The figures of the policy that no public text confirms.
fn unconfirmed(lang: Language, audit: &Audit) -> String {
    if audit.to_be_confirmed.is_empty() {
        return String::new();
    }
    let figures: Vec<&str> = audit.to_be_confirmed.iter().map(|figure| figure.figure).collect();
    match lang {
        Language::Zh => format!("\n以下参数为暂定值（待核）：{}\n", figures.join("、")),
        Language::En => format!("\nNot confirmed by a public text (待核): {}\n", figures.join(", ")),
    }
}

/// Recordings and files of devices with findings that belong to no obligation.
fn outside(lang: Language, audit: &Audit) -> String {
    if audit.outside.is_empty() {
        return String::new();
    }
    let title = tr(lang, "\n应录环节之外的问题\n", "\nFindings outside of obligations\n");
    let mut text = title.to_owned();
    for outside in &audit.outside {
        let what = outside.object_key.as_deref().or(outside.file.as_deref()).unwrap_or("?");
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{what}");
        for finding in &outside.findings {
            let _ = writeln!(text, "    {}", line(lang, finding));
        }
    }
    text
}

/// Findings by code, excused ones too.
fn codes(lang: Language, audit: &Audit) -> String {
    let mut text = String::new();
    for (code, totals) in &audit.totals.findings {
        let word = match lang {
            Language::Zh => code.zh(),
            Language::En => code.as_str(),
        };
        let excused = match (lang, totals.excused) {
            (_, 0) => String::new(),
            (Language::Zh, excused) => format!("（其中已说明 {excused}）"),
            (Language::En, excused) => format!(" ({excused} excused)"),
        };
        let separator = if text.is_empty() { "" } else { tr(lang, "，", ", ") };
        let _ = write!(text, "{separator}{word} {}{excused}", totals.total);
    }
    match lang {
        _ if text.is_empty() => text,
        Language::Zh => format!("问题：{text}\n"),
        Language::En => format!("Findings: {text}\n"),
    }
}

/// The sums in a few lines; `demo` shows these, too.
pub(crate) fn summary(lang: Language, audit: &Audit) -> String {
    let Totals { obligations, complete, partial, missing, excused, required_us, covered_us, .. } =
        &audit.totals;
    let share = percent(*covered_us, *required_us);
    let (covered, required) = (seconds(*covered_us), seconds(*required_us));
    let (month, as_of) = (audit.month, moment(audit.as_of));
    match lang {
        Language::Zh => format!(
            "{month} 执法全过程记录完整性核查（依据 {}，截至 {as_of}）\n\
             应录环节 {obligations} 个：完整 {complete}，不完整 {partial}，缺失 {missing}，已说明 {excused}\n\
             应录 {required} 秒，已录 {covered} 秒，覆盖 {share}\n",
            audit.policy
        ),
        Language::En => format!(
            "Audit of {month} under {}, as of {as_of}\n\
             {obligations} obligations: {complete} complete, {partial} partial, {missing} missing, {excused} excused\n\
             {covered} of {required} seconds covered, {share}\n",
            audit.policy
        ),
    }
}

fn units(lang: Language, audit: &Audit) -> String {
    let heading = match lang {
        Language::Zh => ["单位", "应录", "完整", "不完整", "缺失", "已说明", "覆盖"],
        Language::En => ["Unit", "Due", "Complete", "Partial", "Missing", "Excused", "Covered"],
    };
    let mut table = table(&heading, &[1, 2, 3, 4, 5, 6]);
    for unit in &audit.units {
        let name = unit.name.as_deref().or(unit.unit.as_deref()).unwrap_or("?");
        let totals = &unit.totals;
        table.add_row([
            name.to_owned(),
            totals.obligations.to_string(),
            totals.complete.to_string(),
            totals.partial.to_string(),
            totals.missing.to_string(),
            totals.excused.to_string(),
            percent(totals.covered_us, totals.required_us),
        ]);
    }
    lines(&table)
}

/// What is known of devices' clocks, a line each.
fn clocks(lang: Language, clocks: &[DeviceClock]) -> String {
    if clocks.is_empty() {
        return String::new();
    }
    let heading = tr(
        lang,
        "\n设备时钟（按带卫星时间的录像和校时记录推算）：\n",
        "\nClocks of devices, by recordings with satellite time and by docking:\n",
    );
    let mut text = heading.to_owned();
    for clock in clocks {
        let (off_us, bound_us) = (clock.offset_us.abs(), clock.bound_us);
        let samples = clock.from.satellite + clock.from.docking;
        let behind = clock.offset_us >= catalog::Micros::ZERO;
        // Writing to a String cannot fail.
        let _ = match lang {
            Language::Zh => writeln!(
                text,
                "    {}：{}标准时间 {}，误差不超过 {}（依据 {samples} 项）",
                clock.device,
                if behind { "慢于" } else { "快于" },
                zh_length(off_us),
                zh_length(bound_us),
            ),
            Language::En => writeln!(
                text,
                "    {}: {off_us} {} the street, give or take {bound_us} (from {samples})",
                clock.device,
                if behind { "behind" } else { "ahead of" },
            ),
        };
    }
    text
}

fn entry(lang: Language, obligation: &Obligation) -> String {
    let status = match lang {
        Language::Zh => obligation.status.zh(),
        Language::En => obligation.status.as_str(),
    };
    let kind = match lang {
        Language::Zh => obligation.kind.zh(),
        Language::En => obligation.kind.as_str(),
    };
    let mut text = format!(
        "{}  {kind}  {}  [{status}]  {}\n",
        obligation.id,
        span(obligation.starts_at, obligation.ends_at),
        percent(obligation.covered_us, obligation.required_us),
    );
    for finding in &obligation.findings {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "    {}", line(lang, finding));
    }
    heard_with(&mut text, lang, obligation);
    for key in &obligation.unresolved_links {
        let note = tr(lang, "关联的录像未入库：", "linked, but not stored: ");
        let _ = writeln!(text, "    {note}{key}");
    }
    text
}

/// Which recordings were tied to one another by what both heard, each pair once.
fn heard_with(text: &mut String, lang: Language, obligation: &Obligation) {
    for evidence in &obligation.evidence {
        let key = &evidence.object_key;
        for with in evidence.heard_with.iter().filter(|with| *key < with.object_key) {
            let (other, off_us, error_us) = (&with.object_key, with.ahead_us.abs(), with.error_us);
            let behind = with.ahead_us >= catalog::Micros::ZERO;
            // Writing to a String cannot fail.
            let _ = match lang {
                Language::Zh => writeln!(
                    text,
                    "    声音比对：{key} 与 {other} 录到同一现场声音，前者时钟比后者{} {:.2} 秒，误差不超过 {:.2} 秒",
                    if behind { "慢" } else { "快" },
                    off_us.as_s_f64(),
                    error_us.as_s_f64(),
                ),
                Language::En => writeln!(
                    text,
                    "    heard the same: {key} and {other}; the clock of the first is {off_us} {} that of the second, give or take {error_us}",
                    if behind { "behind" } else { "ahead of" },
                ),
            };
        }
    }
}

/// One finding in one line.
fn line(lang: Language, finding: &Finding) -> String {
    let code = finding.kind.code();
    let place = finding.at.map(|at| format!("  {}", span(at.start, at.end))).unwrap_or_default();
    let mut remarks = Vec::new();
    if finding.certainty == Certainty::WithinClockError {
        remarks.push(tr(lang, "时钟误差内，不作认定", "within clock error, nobody is blamed"));
    }
    if let Some(reason) = finding.excused {
        remarks.push(match lang {
            Language::Zh => reason.zh(),
            Language::En => reason.as_str(),
        });
    }
    if finding.severity == Severity::Notice && remarks.is_empty() {
        remarks.push(tr(lang, "提示", "notice"));
    }
    let remarks = if remarks.is_empty() { String::new() } else { format!("  ({})", remarks.join(", ")) };
    match lang {
        Language::Zh => format!("{}：{}{place}{remarks}", code.zh(), finding.kind.observed_zh()),
        Language::En => format!("{code}: {}{place}{remarks}", finding.kind.observed()),
    }
}

/// Local time to the minute.
fn moment(at: WallTime) -> String {
    at.local().map_or_else(|| at.to_string(), |local| local.format("%Y-%m-%d %H:%M").to_string())
}

/// `2024-05-03 09:30:00–09:42:10`, local time.
fn span(start: WallTime, end: WallTime) -> String {
    match (start.local(), end.local()) {
        (Some(start), Some(end)) if start.date_naive() == end.date_naive() => {
            format!("{}–{}", start.format("%Y-%m-%d %H:%M:%S"), end.format("%H:%M:%S"))
        }
        (Some(start), Some(end)) => {
            format!("{}–{}", start.format("%Y-%m-%d %H:%M:%S"), end.format("%Y-%m-%d %H:%M:%S"))
        }
        _ => zh_length(end - start),
    }
}

#[cfg(test)]
mod tests {
    use analyzer::audit::{Evidence, EvidenceRole, HeardWith};
    use catalog::Micros;
    use catalog::case::StageKind;

    use super::*;

    fn evidence(key: &str, other: &str, ahead_ms: i64) -> Evidence {
        let with = HeardWith {
            object_key: other.to_owned(),
            ahead_us: Micros::from_ms(ahead_ms),
            error_us: Micros::from_ms(80),
        };
        Evidence {
            object_key: key.to_owned(),
            role: EvidenceRole::Covers,
            linked: false,
            device: None,
            badge: None,
            started_at: None,
            clock_error_us: Micros::ZERO,
            covers_us: Micros::ZERO,
            heard_with: vec![with],
        }
    }

    #[test]
    fn recordings_that_heard_the_same_are_told_once_a_pair() {
        let obligation = Obligation {
            id: "A-1/1".to_owned(),
            case_no: "A-1".to_owned(),
            stage_no: 1,
            kind: StageKind::Seizure,
            unit: None,
            starts_at: WallTime(0),
            ends_at: WallTime(1),
            officers: Vec::new(),
            place: String::new(),
            required_us: Micros(1),
            covered_us: Micros(1),
            tolerated_us: Micros::ZERO,
            excused_us: Micros::ZERO,
            status: ObligationStatus::Complete,
            gaps: Vec::new(),
            recordings: Vec::new(),
            sessions: Vec::new(),
            evidence: vec![evidence("a.mp4", "b.mp4", -3_000), evidence("b.mp4", "a.mp4", 3_000)],
            unresolved_links: Vec::new(),
            findings: Vec::new(),
        };
        let told = |lang| {
            let mut text = String::new();
            heard_with(&mut text, lang, &obligation);
            text
        };
        assert_eq!(
            told(Language::En),
            "    heard the same: a.mp4 and b.mp4; the clock of the first is 3.000 s ahead of that of the second, give \
             or take 0.080 s\n"
        );
        assert_eq!(
            told(Language::Zh),
            "    声音比对：a.mp4 与 b.mp4 录到同一现场声音，前者时钟比后者快 3.00 秒，误差不超过 0.08 秒\n"
        );
    }
}
