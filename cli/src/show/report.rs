//! The monthly return as text.

use analyzer::policy::Status;
use analyzer::report::Return;

use super::{lines, table};
use crate::args::Language;

/// The return: its sentence, the units, and what the sample proves.
pub(crate) fn text(lang: Language, report: &Return) -> String {
    let unconfirmed = match report.due_status {
        Status::Confirmed => "",
        Status::ToBeConfirmed => "（待核）",
    };
    let mut text = match lang {
        Language::Zh => format!(
            "{}（{}，核查 {} 的应录环节，{} 前报送{unconfirmed}）\n\n  {}\n\n\
             以上为机器初核结果，尚未经人工复核。\n{}\n\n",
            report.title,
            report.month,
            report.base_month,
            report.due,
            report.sentence,
            report.bounds.explanation_zh
        ),
        Language::En => format!(
            "Return of {} on the obligations of {}, due {}{unconfirmed}\n\n  {}\n\n\
             These figures are the machine's; nobody has reviewed them yet.\n{}\n\n",
            report.month, report.base_month, report.due, report.sentence, report.bounds.explanation
        ),
    };
    let heading = match lang {
        Language::Zh => ["单位", "抽查", "不规范", "缺失"],
        Language::En => ["Unit", "Sampled", "Irregular", "Missing"],
    };
    let mut table = table(&heading, &[1, 2, 3]);
    for unit in &report.units {
        let name = unit.name.as_deref().unwrap_or(&unit.unit);
        table.add_row([
            name.to_owned(),
            unit.sampled.to_string(),
            unit.irregular.to_string(),
            unit.missing.to_string(),
        ]);
    }
    text.push_str(&lines(&table));
    text
}
