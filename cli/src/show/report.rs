//! The monthly return as text.

use analyzer::policy::Status;
use analyzer::report::document::ReturnDocument;

use super::{lines, table};
use crate::args::Language;

/// The return: its sentence, the units, and what the sample proves.
pub(crate) fn text(lang: Language, document: &ReturnDocument) -> String {
    let report = &document.report;
    let unconfirmed = match report.due_status {
        Status::Confirmed => "",
        Status::ToBeConfirmed => "（待核）",
    };
    let mut text = match lang {
        Language::Zh => format!(
            "{}（{}，核查 {} 的应录环节，{} 前报送{unconfirmed}）\n\n  {}\n\n\
             {}\n{}\n\n",
            report.title,
            report.month,
            report.base_month,
            report.due,
            report.sentence,
            document.basis_zh(),
            report.bounds.explanation_zh
        ),
        Language::En => format!(
            "Return of {} on the obligations of {}, due {}{unconfirmed}\n\n  {}\n\n\
             {}\n{}\n\n",
            report.month,
            report.base_month,
            report.due,
            report.sentence,
            document.basis_en(),
            report.bounds.explanation
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
    text.push('\n');
    for row in &document.other_checks {
        text.push_str(match lang {
            Language::Zh => &row.sentence,
            Language::En => &row.sentence_en,
        });
        text.push('\n');
    }
    text.push_str(&document.notices.sentence);
    text.push('\n');
    text
}
