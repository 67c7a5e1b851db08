//! A frozen round in words: what the quotas are, what they come to, what cannot be met.

use super::freeze::Frozen;
use super::plan::{Rule, Shortfall};
use crate::policy::Status;

pub(super) fn english(frozen: &Frozen) -> String {
    let (frame, plan) = (&frozen.frame, &frozen.plan);
    let mut text = vec![format!(
        "{} checks what had to be recorded in {}. {}, {} %: {}{}. {}, {} %: {}{}.",
        frozen.month,
        frozen.base_month,
        count(frozen.cases, "case"),
        frame.items_percent,
        count(plan.items_required, "recording"),
        unconfirmed(frozen.sources.recordings.status, " (待核: to be confirmed)"),
        count(frame.squads.len() as u64, "squad"),
        frame.units_percent,
        count(plan.units_required, "squad"),
        unconfirmed(frozen.sources.squads.status, " (待核: to be confirmed)"),
    )];
    text.push(match frozen.units_due.len() as u64 {
        0 => "No squad is due any more this half-year.".to_owned(),
        due => format!(
            "{} due this half-year, {} left with this one: {} of them now.",
            count(due, "squad"),
            count(plan.months_left, "month"),
            plan.due_required
        ),
    });
    if !frozen.months_missed.is_empty() {
        text.push(format!(
            "No round in {}: what those months owed falls to the ones left.",
            joined(&frozen.months_missed, ", ")
        ));
    }
    text.push(format!(
        "The frame holds {}; the draw takes {} and reaches {} or more.",
        count(frozen.frame_size, "obligation"),
        plan.items_to_draw,
        count(plan.units_to_draw, "squad")
    ));
    if !frozen.units_unreachable.is_empty() {
        text.push(format!(
            "Due, but without any obligation in {}, so that no recording of theirs can be drawn: {}. They stay due.",
            frozen.base_month,
            frozen.units_unreachable.join(", ")
        ));
    }
    if plan.items_required > frozen.frame_size {
        text.push("The quota is larger than the frame: everything in it is taken.".to_owned());
    }
    if plan.units_to_draw > plan.items_required {
        text.push(
            "Each squad picked gives one recording, so more are drawn than the share asks for.".to_owned(),
        );
    }
    text.extend(frozen.shortfalls.iter().map(|Shortfall { rule, required, possible, short_by }| {
        let what = match rule {
            Rule::Recordings => "the frame does not hold as many obligations",
            Rule::Squads => "not as many squads have an obligation in the frame",
            Rule::AllSquads => {
                "this is the last month, and not all due squads have an obligation in the frame"
            }
        };
        let rule = rule.as_str();
        format!(
            "Cannot be met: rule {rule}: {required} required, {possible} possible, {short_by} short; {what}."
        )
    }));
    text.join(" ")
}

pub(super) fn chinese(frozen: &Frozen) -> String {
    let (frame, plan) = (&frozen.frame, &frozen.plan);
    let mut text = vec![format!(
        "{}批次检查{}的应录环节。上月案件{}件，按{}%应抽查视音频{}条{}；中队{}个，按{}%应抽查{}个{}。",
        frozen.month,
        frozen.base_month,
        frozen.cases,
        frame.items_percent,
        plan.items_required,
        unconfirmed(frozen.sources.recordings.status, "（待核）"),
        frame.squads.len(),
        frame.units_percent,
        plan.units_required,
        unconfirmed(frozen.sources.squads.status, "（待核）"),
    )];
    text.push(match frozen.units_due.len() {
        0 => "本半年各中队均已抽查到。".to_owned(),
        due => format!(
            "本半年尚有{due}个中队未抽查，含本月还剩{}个月，本月应覆盖其中{}个。",
            plan.months_left, plan.due_required
        ),
    });
    if !frozen.months_missed.is_empty() {
        text.push(format!(
            "{}未开展抽查，其应覆盖的中队顺延至剩余月份。",
            joined(&frozen.months_missed, "、")
        ));
    }
    text.push(format!(
        "抽样框共{}个应录环节，本次抽取{}条，至少覆盖{}个中队。",
        frozen.frame_size, plan.items_to_draw, plan.units_to_draw
    ));
    if !frozen.units_unreachable.is_empty() {
        text.push(format!(
            "以下应覆盖中队上月无应录环节，本月无从抽取，仍列为未覆盖：{}。",
            frozen.units_unreachable.join("、")
        ));
    }
    if plan.items_required > frozen.frame_size {
        text.push("应抽查数大于抽样框，全部抽取。".to_owned());
    }
    if plan.units_to_draw > plan.items_required {
        text.push("每个抽中的中队至少抽一条，故实际抽取数多于按比例应抽数。".to_owned());
    }
    text.extend(frozen.shortfalls.iter().map(|Shortfall { rule, required, possible, short_by }| {
        format!("无法满足“{}”：应为{required}，至多{possible}，尚缺{short_by}。", rule.zh())
    }));
    text.concat()
}

fn unconfirmed(status: Status, mark: &'static str) -> &'static str {
    match status {
        Status::Confirmed => "",
        Status::ToBeConfirmed => mark,
    }
}

fn count(number: u64, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

fn joined<T: ToString>(things: &[T], separator: &str) -> String {
    things.iter().map(ToString::to_string).collect::<Vec<_>>().join(separator)
}
