//! Review as text.

use std::fmt::Write as _;

use analyzer::deadline::{date, last_day};
use analyzer::review::{Agreement, AssignPlan, Standing};
use api::casework::review::RoundReview;
use catalog::review::{Assignment, Judgement, Visit};

use super::{lines, table, tr};
use crate::args::Language;

/// What was assigned, and what could not be.
pub(crate) fn assigned(lang: Language, plan: &AssignPlan) -> String {
    let items = plan.assignments.iter().filter(|one| one.seat == 1).count();
    let blind = plan.assignments.iter().filter(|one| one.seat == 1 && one.blind).count();
    let mut text = match lang {
        Language::Zh => format!("已分配 {items} 件，其中双人背靠背复核 {blind} 件\n\n"),
        Language::En => format!("{items} items assigned, {blind} of them to be judged apart\n\n"),
    };
    let heading = match lang {
        Language::Zh => ["环节", "单位", "复核人员", "方式", "期限"],
        Language::En => ["Obligation", "Unit", "Supervisors", "How", "Due"],
    };
    let mut table = table(&heading, &[]);
    for pair in plan.assignments.chunk_by(|a, b| a.item == b.item) {
        let badges: Vec<&str> = pair.iter().map(|one| one.badge.as_str()).collect();
        let Some(first) = pair.first() else { continue };
        let how = if first.blind { tr(lang, "背靠背", "apart") } else { tr(lang, "会同", "together") };
        table.add_row([
            first.item.clone(),
            first.unit.clone(),
            badges.join(", "),
            how.to_owned(),
            last_day(first.due_at),
        ]);
    }
    text.push_str(&lines(&table));
    for lacking in &plan.lacking {
        let stood_back: Vec<String> = lacking
            .stood_back
            .iter()
            .map(|one| format!("{}（{}）", one.badge, tr(lang, one.because.zh(), one.because.en())))
            .collect();
        // Writing to a String cannot fail.
        let _ = match lang {
            Language::Zh => writeln!(
                text,
                "\n未分配：{} 需 {} 名复核人员，可承担的仅 {} 名；应当回避：{}。请用 --supervisor 另行指定",
                lacking.item,
                lacking.needed,
                lacking.eligible,
                stood_back.join("、")
            ),
            Language::En => writeln!(
                text,
                "\nnot assigned: {} needs {} supervisors and {} may judge it; standing back: {}. Name others with --supervisor",
                lacking.item,
                lacking.needed,
                lacking.eligible,
                stood_back.join(", ")
            ),
        };
    }
    text
}

/// A seat that was given to another.
pub(crate) fn reassigned(lang: Language, seat: &Assignment) -> String {
    match lang {
        Language::Zh => {
            format!(
                "{} 第 {} 席改由 {} 复核，期限 {}\n",
                seat.item,
                seat.seat,
                seat.badge,
                last_day(seat.due_at)
            )
        }
        Language::En => format!(
            "seat {} of {} goes to {}, due {}\n",
            seat.seat,
            seat.item,
            seat.badge,
            last_day(seat.due_at)
        ),
    }
}

fn outcome(lang: Language, judgement: &Judgement) -> String {
    let mut text = tr(lang, judgement.outcome.zh(), judgement.outcome.as_str()).to_owned();
    if !judgement.codes.is_empty() {
        let codes: Vec<_> = judgement.codes.iter().map(|code| tr(lang, code.zh(), code.as_str())).collect();
        let _ = match lang {
            Language::Zh => write!(text, "（{}）", codes.join("、")),
            Language::En => write!(text, " ({})", codes.join(", ")),
        };
    }
    text
}

/// The review of a round.
pub(crate) fn list(lang: Language, view: &RoundReview) -> String {
    let p = &view.progress;
    let mut text = match lang {
        Language::Zh => format!(
            "批次 {}：抽取 {} 件，已分配 {}，待复核 {}（逾期 {}），意见不一致 {}，申诉中 {}，已有结论 {}\n\n",
            view.round, p.drawn, p.assigned, p.open, p.overdue, p.disagreed, p.appealed, p.settled
        ),
        Language::En => format!(
            "Round {}: {} drawn, {} assigned, {} open ({} overdue), {} disagreed, {} under appeal, {} settled\n\n",
            view.round, p.drawn, p.assigned, p.open, p.overdue, p.disagreed, p.appealed, p.settled
        ),
    };
    let heading = match lang {
        Language::Zh => ["环节", "单位", "复核人员", "状态", "结论", "机器初核", "期限"],
        Language::En => ["Obligation", "Unit", "Supervisors", "State", "Outcome", "Machine", "Due"],
    };
    let mut table = table(&heading, &[]);
    for item in &view.items {
        let standing = &item.standing;
        let seats: Vec<_> = standing.seats.iter().map(|seat| seat.badge.as_str()).collect();
        let hidden = tr(lang, "（背靠背，暂不显示）", "(hidden: judged apart)");
        let result = match &standing.judgement {
            Some(judgement) => outcome(lang, judgement),
            None if item.verdicts_hidden => hidden.to_owned(),
            None => String::new(),
        };
        let machine = match &item.machine {
            Some(machine) => {
                let codes: Vec<_> = machine
                    .findings
                    .iter()
                    .map(|finding| tr(lang, finding.kind.code().zh(), finding.kind.code().as_str()))
                    .collect();
                format!("{} {}", tr(lang, machine.status.zh(), machine.status.as_str()), codes.join(","))
            }
            None if item.machine_hidden => hidden.to_owned(),
            None => tr(lang, "环节已不存在", "no longer there").to_owned(),
        };
        let mut due = item.due_at.map(last_day).unwrap_or_default();
        if item.overdue {
            due.push_str(tr(lang, " 已逾期", " overdue"));
        }
        table.add_row([
            standing.item.clone(),
            standing.unit.clone(),
            seats.join(", "),
            tr(lang, standing.state.zh(), standing.state.as_str()).to_owned(),
            result,
            machine.trim_end().to_owned(),
            due,
        ]);
    }
    text.push_str(&lines(&table));
    if !view.unassigned.is_empty() {
        let _ = writeln!(
            text,
            "\n{} {}",
            tr(lang, "尚未分配：", "not assigned yet:"),
            view.unassigned.join(", ")
        );
    }
    text
}

/// One item after something was recorded.
pub(crate) fn standing(lang: Language, standing: &Standing) -> String {
    let result = match &standing.judgement {
        Some(judgement) => outcome(lang, judgement),
        None => String::new(),
    };
    let waiting: Vec<_> = standing.waiting_for().map(|seat| seat.badge.as_str()).collect();
    let waiting = match (lang, waiting.is_empty()) {
        (_, true) => String::new(),
        (Language::Zh, _) => format!("，待 {} 复核", waiting.join("、")),
        (Language::En, _) => format!(", waiting for {}", waiting.join(", ")),
    };
    match lang {
        Language::Zh => format!("已记录。{}：{} {result}{waiting}\n", standing.item, standing.state.zh()),
        Language::En => {
            format!("recorded. {}: {} {result}{waiting}\n", standing.item, standing.state.as_str())
        }
    }
}

/// How far people agree who judged apart.
pub(crate) fn agreement(lang: Language, agreement: &Agreement) -> String {
    let mut text = format!("{}\n", tr(lang, "双人背靠背复核一致性", "Agreement of those who judged apart"));
    text.push_str(match lang {
        Language::Zh => &agreement.explanation_zh,
        Language::En => &agreement.explanation,
    });
    text.push_str("\n\n");
    let mut heading = vec![tr(lang, "甲＼乙", "first \\ second")];
    heading.extend(agreement.outcomes.iter().map(|outcome| tr(lang, outcome.zh(), outcome.as_str())));
    let mut table = table(&heading, &[1, 2, 3, 4]);
    for (outcome, row) in agreement.outcomes.iter().zip(agreement.table) {
        let mut cells = vec![tr(lang, outcome.zh(), outcome.as_str()).to_owned()];
        cells.extend(row.iter().map(u64::to_string));
        table.add_row(cells);
    }
    text.push_str(&lines(&table));
    text
}

/// Visits.
pub(crate) fn visits(lang: Language, visits: &[Visit]) -> String {
    let heading = match lang {
        Language::Zh => ["序号", "单位", "日期", "方式", "监督人员", "发现问题", "记录"],
        Language::En => ["No.", "Unit", "Date", "How", "Supervisors", "Found", "Note"],
    };
    let mut table = table(&heading, &[0]);
    for visit in visits {
        let how =
            if visit.on_site { tr(lang, "现场", "on site") } else { tr(lang, "线上", "from the desk") };
        let found = if visit.found.is_empty() {
            tr(lang, "未发现问题", "nothing").to_owned()
        } else {
            visit.found.join("；")
        };
        table.add_row([
            visit.number.to_string(),
            visit.unit.clone(),
            date(visit.starts_at),
            how.to_owned(),
            visit.supervisors.join(", "),
            found,
            visit.note.clone(),
        ]);
    }
    lines(&table)
}
