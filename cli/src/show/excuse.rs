//! Excuses as text.

use api::excuses::ExcuseList;
use catalog::excuse::ExcuseEntry;
use catalog::time::WallTime;

use super::tr;
use crate::args::Language;

/// All of them, and how many stand.
pub(crate) fn text(lang: Language, list: &ExcuseList) -> String {
    let ExcuseList { excuses, standing, withdrawn } = list;
    let mut text = match lang {
        Language::Zh => format!("情况说明 {} 条：有效 {standing}，已撤回 {withdrawn}\n", excuses.len()),
        Language::En => format!("{} excuses: {standing} stand, {withdrawn} withdrawn\n", excuses.len()),
    };
    for entry in excuses {
        text.push_str(&line(lang, entry));
    }
    text
}

/// One of them, with who and when.
pub(crate) fn line(lang: Language, entry: &ExcuseEntry) -> String {
    let excuse = &entry.excuse;
    let reason = match lang {
        Language::Zh => excuse.reason.zh(),
        Language::En => excuse.reason.as_str(),
    };
    let part = match (excuse.starts_at, excuse.ends_at) {
        (None, None) => tr(lang, "全程", "all of it").to_owned(),
        (from, to) => {
            let moment = |at: Option<WallTime>, open| at.map_or(open, moment);
            let from = moment(from, tr(lang, "环节开始", "its start").to_owned());
            format!("{from} – {}", moment(to, tr(lang, "环节结束", "its end").to_owned()))
        }
    };
    let note = if excuse.note.is_empty() {
        String::new()
    } else {
        match lang {
            Language::Zh => format!("：{}", excuse.note),
            Language::En => format!(": {}", excuse.note),
        }
    };
    let (by, at) = (&excuse.recorded_by, moment(excuse.recorded_at));
    let mut text = match lang {
        Language::Zh => {
            format!("{}/{}  {reason}（{part}）{note}  {by} 于 {at} 记录\n", excuse.case_no, excuse.stage_no)
        }
        Language::En => format!(
            "{}/{}  {reason} ({part}){note}  recorded by {by} at {at}\n",
            excuse.case_no, excuse.stage_no
        ),
    };
    if let Some(withdrawal) = &entry.withdrawal {
        let (by, at, note) = (&withdrawal.withdrawn_by, moment(withdrawal.withdrawn_at), &withdrawal.note);
        text.push_str(&match lang {
            Language::Zh if note.is_empty() => format!("    已由 {by} 于 {at} 撤回\n"),
            Language::Zh => format!("    已由 {by} 于 {at} 撤回：{note}\n"),
            Language::En if note.is_empty() => format!("    withdrawn by {by} at {at}\n"),
            Language::En => format!("    withdrawn by {by} at {at}: {note}\n"),
        });
    }
    text
}

fn moment(at: WallTime) -> String {
    at.local().map_or_else(|| at.to_string(), |local| local.format("%Y-%m-%d %H:%M:%S").to_string())
}
