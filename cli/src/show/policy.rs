//! A policy as text: each figure with the clause and the words it rests on.

use std::fmt::Write as _;

use analyzer::policy::{Status, Summary};

use super::tr;
use crate::args::Language;

/// A file that holds: how much is in it.
pub(crate) fn checked(lang: Language, summary: &Summary) -> String {
    let (name, rules, open) = (&summary.name, summary.rules.len(), summary.to_be_confirmed);
    match lang {
        Language::Zh => format!("规则文件有效：{name}，共{rules}项，其中{open}项待核。\n"),
        Language::En => {
            format!("The policy holds: {name}, {rules} figures, {open} of them to be confirmed (待核).\n")
        }
    }
}

/// Every figure.
pub(crate) fn summary(lang: Language, summary: &Summary) -> String {
    let Summary { name, district, title, document, .. } = summary;
    let mut text = format!("{name} · {district}\n《{title}》（{document}）\n\n");
    for rule in &summary.rules {
        let says = match lang {
            Language::Zh => &rule.says_zh,
            Language::En => &rule.says,
        };
        let status = match rule.source.status {
            Status::Confirmed => "",
            Status::ToBeConfirmed => tr(lang, "【待核】", "[to be confirmed 待核] "),
        };
        let (clause, words) = (&rule.source.clause, &rule.source.words);
        let clause_is = tr(lang, "依据", "clause");
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}\n  {status}{says}\n  {clause_is} {clause}：“{words}”", rule.name);
    }
    let (rules, open) = (summary.rules.len(), summary.to_be_confirmed);
    let _ = match lang {
        Language::Zh => writeln!(text, "\n共{rules}项，其中{open}项待核：公开文本未载明，请向主管部门核实。"),
        Language::En => writeln!(
            text,
            "\n{rules} figures; {open} of them are to be confirmed (待核): no public text gives them."
        ),
    };
    text
}
