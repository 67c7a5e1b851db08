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
    let checks = match lang {
        _ if report.round.is_none() => String::new(),
        Language::Zh => format!("，核查 {} 的应录环节", document.base_time_zh()),
        Language::En => format!(" on the obligations of {}", document.base_time_en()),
    };
    let proves = report.bounds.as_ref().map_or("", |bounds| match lang {
        Language::Zh => &bounds.explanation_zh,
        Language::En => &bounds.explanation,
    });
    let mut text = match lang {
        Language::Zh => format!(
            "{}（{}{checks}，{} 前报送{unconfirmed}）\n\n  {}\n\n{}\n{proves}\n\n",
            report.title,
            report.month,
            report.due,
            report.sentence,
            document.basis_zh(),
        ),
        Language::En => format!(
            "Return of {}{checks}, due {}{unconfirmed}\n\n  {}\n\n{}\n{proves}\n\n",
            report.month,
            report.due,
            report.sentence,
            document.basis_en(),
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
    text.push_str(match lang {
        Language::Zh => &document.notices.sentence,
        Language::En => &document.notices.sentence_en,
    });
    text.push('\n');
    text
}
