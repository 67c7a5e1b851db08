//! Notices and scores as text.

use std::fmt::Write as _;

use analyzer::deadline::last_day;
use analyzer::policy::Status;
use analyzer::score::ScoreSheet;
use api::casework::notice::{DraftOutcome, NoticeView};

use super::{lines, table, tr};
use crate::args::Language;

/// What drafting came to.
pub(crate) fn drafted(lang: Language, outcome: &DraftOutcome) -> String {
    let ids: Vec<String> = outcome.drafted.iter().map(u64::to_string).collect();
    let mut text = match (lang, ids.is_empty()) {
        (Language::Zh, true) => "没有需要起草的文书\n".to_owned(),
        (Language::En, true) => "nothing to draft\n".to_owned(),
        (Language::Zh, false) => format!("已起草文书：{}（reelproof notice list 查看）\n", ids.join("、")),
        (Language::En, false) => format!("drafted: {} (see `reelproof notice list`)\n", ids.join(", ")),
    };
    if !outcome.waiting.is_empty() {
        let _ = writeln!(
            text,
            "{} {}",
            tr(lang, "复核尚未完成的单位：", "units whose review is not at its end:"),
            outcome.waiting.join(", ")
        );
    }
    text
}

/// What follows what.
pub(crate) fn escalated(lang: Language, pairs: &[(u64, u64)]) -> String {
    if pairs.is_empty() {
        return tr(lang, "没有逾期未回复的文书\n", "no notice is overdue\n").to_owned();
    }
    let mut text = String::new();
    for (from, to) in pairs {
        let _ = match lang {
            Language::Zh => writeln!(text, "文书 {from} 逾期未回复，已起草文书 {to}，待签发"),
            Language::En => writeln!(text, "notice {from} went unanswered; {to} is drafted, to be issued"),
        };
    }
    text
}

/// Notices and where they stand.
pub(crate) fn list(lang: Language, notices: &[NoticeView]) -> String {
    let heading = match lang {
        Language::Zh => ["编号", "文书", "文号", "单位", "状态", "回复期限", "事实"],
        Language::En => ["Id", "Kind", "Number", "Unit", "State", "Reply due", "Facts"],
    };
    let mut table = table(&heading, &[0, 6]);
    for NoticeView { notice, standing } in notices {
        let mut due = standing.due_at.map(last_day).unwrap_or_default();
        if standing.overdue {
            due.push_str(tr(lang, " 已逾期", " overdue"));
        } else if standing.late {
            due.push_str(tr(lang, " 逾期回复", " answered late"));
        }
        if !notice.body.reply_days_confirmed && !due.is_empty() {
            due.push_str("（待核）");
        }
        table.add_row([
            notice.id.to_string(),
            tr(lang, notice.body.kind.zh(), notice.body.kind.as_str()).to_owned(),
            standing.number.clone().unwrap_or_default(),
            notice.body.unit_name.clone(),
            tr(lang, standing.state.zh(), standing.state.as_str()).to_owned(),
            due,
            notice.body.facts.len().to_string(),
        ]);
    }
    lines(&table)
}

/// The scores of a month.
pub(crate) fn scores(lang: Language, sheet: &ScoreSheet) -> String {
    let unconfirmed = match sheet.status {
        Status::Confirmed => "",
        Status::ToBeConfirmed => "（待核）",
    };
    let mut text = match lang {
        Language::Zh => {
            format!("“红黄蓝”督察预警记分，{} 至 {}，分值{unconfirmed}\n\n", sheet.since, sheet.month)
        }
        Language::En => {
            format!("Red, yellow, blue: {} to {}, points {unconfirmed}\n\n", sheet.since, sheet.month)
        }
    };
    let heading = match lang {
        Language::Zh => ["单位", "本月", "累计", "预警", "来源"],
        Language::En => ["Unit", "This month", "Total", "Level", "Origins"],
    };
    let mut table = table(&heading, &[1, 2]);
    for unit in &sheet.units {
        let origins: Vec<String> = unit
            .origins
            .iter()
            .map(|origin| {
                format!(
                    "{} {} +{}",
                    origin.number,
                    tr(lang, origin.reason.zh(), origin.reason.en()),
                    origin.points
                )
            })
            .collect();
        table.add_row([
            unit.name.clone(),
            unit.month_points.to_string(),
            unit.points.to_string(),
            tr(lang, unit.level.zh(), unit.level.as_str()).to_owned(),
            origins.join("；"),
        ]);
    }
    text.push_str(&lines(&table));
    text
}
