//! A frozen round in words: what the quotas are, what they come to, what cannot be met, and whether the
//! rest of the period can still meet its goals.

use super::frame::FrameRule;
use super::freeze::Frozen;
use super::outlook::{Outlook, Prospect, names_of, some_of};
use super::plan::Shortfall;
use crate::policy::{ShareOf, Status, Take, Within};

pub(super) fn english(frozen: &Frozen) -> String {
    let (frame, plan) = (&frozen.frame, &frozen.plan);
    let base = if frame.base_from == frame.base_to {
        frame.base_to.to_string()
    } else {
        format!("{} to {}", frame.base_from, frame.base_to)
    };
    let mut text = vec![format!(
        "{} checks {} of {base}: {} in the frame, {} in the bureau.",
        frozen.month,
        frozen.kind.en(),
        count(frozen.frame_size, "item"),
        count(frozen.cases, "case"),
    )];
    for (rule, quota) in frame.rules.iter().zip(&plan.quotas) {
        let mark = unconfirmed(frozen, rule, " (待核: to be confirmed)");
        let asked = match rule.within {
            Within::Round => "now".to_owned(),
            _ => format!("now, {} left with this one", count(rule.rounds_left, "round")),
        };
        text.push(format!(
            "Rule {}, {}: {}{mark} {asked}.",
            rule.id,
            asks_in_english(frozen, rule),
            amount(frozen, rule.take, quota.need)
        ));
    }
    if !frozen.months_missed.is_empty() {
        text.push(format!(
            "No round in {}: what those months owed falls to the ones left.",
            joined(&frozen.months_missed, ", ")
        ));
    }
    text.push(format!(
        "The draw takes the {} of the whole frame, and more only where a rule still lacks something.",
        count(plan.core, "lowest ticket")
    ));
    if frozen.base_still_running {
        text.push(format!(
            "{} was not over when this was frozen: what begins later is in no frame.",
            frame.base_to
        ));
    }
    if !frozen.units_unreachable.is_empty() {
        text.push(format!(
            "Due, but with nothing in the frame, so that nothing of theirs can be drawn: {}. They stay due.",
            frozen.units_unreachable.join(", ")
        ));
    }
    if frozen.items_required > frozen.frame_size {
        text.push("The quota is larger than the frame: everything in it is taken.".to_owned());
    }
    text.extend(frozen.outlook.iter().map(|outlook| in_english(frozen, outlook)));
    text.extend(frozen.shortfalls.iter().map(|Shortfall { rule, required, possible, short_by }| {
        format!(
            "Cannot be met: rule {rule}: {required} required, {possible} possible, {short_by} short; \
             the frame does not hold more."
        )
    }));
    text.join(" ")
}

fn asks_in_english(frozen: &Frozen, rule: &FrameRule) -> String {
    let of = match (rule.take, rule.of) {
        (Take::Items, ShareOf::Cases) => count(rule.there, "case"),
        (take, _) => amount(frozen, take, rule.there),
    };
    let amount =
        rule.percent.map_or_else(|| rule.count.unwrap_or(0).to_string(), |p| format!("{p} % of {of}"));
    let within = match rule.within {
        Within::Round => "each round",
        Within::Quarter => "within the quarter",
        Within::HalfYear => "within the half-year",
        Within::Year => "within the year",
    };
    let each = rule.each.map_or("", |_| if frozen.counts_units { " of each unit" } else { " of each squad" });
    let repeats = rule.repeats_at_least.map_or_else(String::new, |n| format!(" made {n} times or more"));
    format!("{amount}{repeats}{each} {within}")
}

fn amount(frozen: &Frozen, take: Take, number: u64) -> String {
    match take {
        Take::Items => count(number, "item"),
        Take::Squads if frozen.counts_units => count(number, "unit"),
        Take::Squads => count(number, "squad"),
        Take::Officers => count(number, "officer"),
    }
}

/// `4 squads left, 2 rounds: feasible`.
fn in_english(frozen: &Frozen, outlook: &Outlook) -> String {
    let what = amount(frozen, outlook.take, outlook.remaining);
    let rounds = count(outlook.rounds_left, "round");
    let more = |n| format!(" and {n} more");
    let lacking = match outlook.lacking.as_slice() {
        [] => String::new(),
        names if outlook.take == Take::Officers => format!(" ({})", some_of(names, ", ", more)),
        codes => format!(" ({})", some_of(&names_of(&frozen.frame, codes), ", ", more)),
    };
    let verdict = match outlook.prospect {
        Prospect::Met => return format!("Rule {}: met already.", outlook.rule),
        Prospect::Feasible => "feasible".to_owned(),
        Prospect::AtRisk => {
            format!(
                "at risk: {} would be lacking if every round had what this one has{lacking}",
                outlook.short_by
            )
        }
        Prospect::Fails => format!("fails by {}{lacking}", outlook.short_by),
    };
    format!("Rule {}: {what} left, {rounds}: {verdict}.", outlook.rule)
}

pub(super) fn chinese(frozen: &Frozen) -> String {
    let (frame, plan) = (&frozen.frame, &frozen.plan);
    let base = if frame.base_from == frame.base_to {
        frame.base_to.to_string()
    } else {
        format!("{}至{}", frame.base_from, frame.base_to)
    };
    let mut text = vec![format!(
        "{}批次抽查{base}的{}，抽样框共{}条，同期案件{}件。",
        frozen.month,
        frozen.kind.zh(),
        frozen.frame_size,
        frozen.cases,
    )];
    for (rule, quota) in frame.rules.iter().zip(&plan.quotas) {
        let mark = unconfirmed(frozen, rule, "（待核）");
        let unit = measure(frozen, rule.take);
        let rounds = match rule.within {
            Within::Round => String::new(),
            _ => format!("，含本次还剩{}次", rule.rounds_left),
        };
        text.push(format!(
            "{}，本次应抽查{}{unit}{mark}{rounds}。",
            asks_in_chinese(frozen, rule),
            quota.need
        ));
    }
    if !frozen.months_missed.is_empty() {
        text.push(format!("{}未开展抽查，所欠数量顺延至剩余批次。", joined(&frozen.months_missed, "、")));
    }
    text.push(format!("先按抽签值从小到大抽取全框{}条，再对尚未达标的要求逐项补抽。", plan.core));
    if frozen.base_still_running {
        text.push(format!("冻结时{}尚未结束，此后发生的不在任何抽样框内。", frame.base_to));
    }
    if !frozen.units_unreachable.is_empty() {
        text.push(format!(
            "以下应覆盖中队在抽样框中没有可抽对象，本次无从抽取，仍列为未覆盖：{}。",
            names_of(frame, &frozen.units_unreachable).join("、")
        ));
    }
    if frozen.items_required > frozen.frame_size {
        text.push("应抽查数大于抽样框，全部抽取。".to_owned());
    }
    text.extend(frozen.outlook.iter().map(|outlook| in_chinese(frozen, outlook)));
    text.extend(frozen.shortfalls.iter().map(|Shortfall { rule, required, possible, short_by }| {
        format!("无法满足{}（{rule}）：应为{required}，至多{possible}，尚缺{short_by}。", named(frozen, rule))
    }));
    text.concat()
}

fn named(frozen: &Frozen, id: &str) -> String {
    let rule = frozen.frame.rules.iter().find(|rule| rule.id == id);
    rule.map_or_else(String::new, |rule| format!("“{}”", asks_in_chinese(frozen, rule)))
}

fn asks_in_chinese(frozen: &Frozen, rule: &FrameRule) -> String {
    let within = match rule.within {
        Within::Round => "每次",
        Within::Quarter => "本季度",
        Within::HalfYear => "本半年",
        Within::Year => "全年",
    };
    let each = rule.each.map_or("", |_| if frozen.counts_units { "每个单位" } else { "每个中队" });
    let repeats = rule.repeats_at_least.map_or_else(String::new, |n| format!("重复{n}次及以上的"));
    let unit = measure(frozen, rule.take);
    let amount = match (rule.take, rule.of, rule.percent) {
        (Take::Items, ShareOf::Cases, Some(percent)) => format!("不少于案件总数{}件的{percent}%", rule.there),
        (Take::Items, _, Some(percent)) if rule.each.is_some() => format!("不少于总数的{percent}%"),
        (_, _, Some(100)) if rule.take != Take::Items => format!("覆盖全部{}{unit}", rule.there),
        (_, _, Some(percent)) => format!("不少于{}{unit}的{percent}%", rule.there),
        (_, _, None) => format!("不少于{}{unit}", rule.count.unwrap_or(0)),
    };
    format!("{within}{each}{repeats}{amount}")
}

fn measure(frozen: &Frozen, take: Take) -> &'static str {
    match take {
        Take::Items => "条",
        Take::Squads if frozen.counts_units => "个单位",
        Take::Squads => "个中队",
        Take::Officers => "名执法队员",
    }
}

fn in_chinese(frozen: &Frozen, outlook: &Outlook) -> String {
    let asked = named(frozen, &outlook.rule);
    let (unit, remaining, rounds) = (measure(frozen, outlook.take), outlook.remaining, outlook.rounds_left);
    let more = |n| format!("等{n}个以上");
    let lacking = match outlook.lacking.as_slice() {
        [] => String::new(),
        names if outlook.take == Take::Officers => format!("（{}）", some_of(names, "、", more)),
        codes => format!("（{}）", some_of(&names_of(&frozen.frame, codes), "、", more)),
    };
    match outlook.prospect {
        Prospect::Met => format!("{asked}：已经达到。"),
        Prospect::Feasible => format!("{asked}：尚余{remaining}{unit}，剩{rounds}次，可以完成。"),
        Prospect::AtRisk => format!(
            "{asked}：尚余{remaining}{unit}，剩{rounds}次，存在风险：按本次数量推算将缺{}{lacking}。",
            outlook.short_by
        ),
        Prospect::Fails => {
            format!("{asked}：尚余{remaining}{unit}，无法完成，缺{}{lacking}。", outlook.short_by)
        }
    }
}

fn unconfirmed(frozen: &Frozen, rule: &FrameRule, mark: &'static str) -> &'static str {
    match frozen.sources.get(&rule.id).map(|source| source.status) {
        Some(Status::ToBeConfirmed) => mark,
        _ => "",
    }
}

fn count(number: u64, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

fn joined<T: ToString>(things: &[T], separator: &str) -> String {
    things.iter().map(ToString::to_string).collect::<Vec<_>>().join(separator)
}
