//! Kept returns and the schedule as text.

use api::casework::filing::NamedReturn;
use api::casework::schedule::Run;
use catalog::filing::ScheduleStep;

use super::{lines, table, tr};
use crate::args::Language;

/// Kept returns.
pub(crate) fn returns(lang: Language, returns: &[NamedReturn]) -> String {
    let heading = match lang {
        Language::Zh => ["月份", "方案", "状态", "版本", "时间", "经办", "填报内容", "文件摘要 SHA-256"],
        Language::En => ["Month", "Policy", "State", "Version", "At", "By", "Sentence", "SHA-256 of files"],
    };
    let mut table = table(&heading, &[3]);
    for NamedReturn { entry, .. } in returns {
        let files: Vec<String> = entry
            .files
            .iter()
            .map(|(format, sha256)| format!("{format} {}", sha256.get(..12).unwrap_or(sha256)))
            .collect();
        table.add_row([
            entry.month.to_string(),
            entry.policy.clone(),
            tr(lang, entry.state.zh(), entry.state.as_str()).to_owned(),
            entry.version.to_string(),
            entry.at.to_string(),
            entry.by.clone(),
            entry.sentence.clone(),
            files.join(", "),
        ]);
    }
    lines(&table)
}

/// What one run did.
pub(crate) fn run(lang: Language, run: &Run) -> String {
    if run.steps.is_empty() {
        return tr(lang, "没有到期的步骤\n", "nothing is due\n").to_owned();
    }
    steps(lang, &run.steps)
}

/// Steps of the schedule.
pub(crate) fn steps(lang: Language, steps: &[ScheduleStep]) -> String {
    let heading = match lang {
        Language::Zh => ["时间", "批次", "步骤", "结果", "说明"],
        Language::En => ["At", "Round", "Step", "Outcome", "Detail"],
    };
    let mut table = table(&heading, &[]);
    for step in steps {
        table.add_row([
            step.at.to_string(),
            step.round.clone().unwrap_or_else(|| format!("{}/{}", step.month, step.policy)),
            tr(lang, step.step.zh(), step.step.as_str()).to_owned(),
            tr(lang, step.outcome.zh(), step.outcome.as_str()).to_owned(),
            match lang {
                Language::Zh => step.detail_zh.clone(),
                Language::En => step.detail.clone(),
            },
        ]);
    }
    lines(&table)
}
