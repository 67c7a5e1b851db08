//! A run of ingest as text.

use std::fmt::Write as _;

use ingest::summary::Summary;

use super::tr;
use crate::args::Language;

/// At most this many quarantined objects are named; the JSON document has all.
const MAX_NAMED: usize = 50;

/// What the run did.
pub(crate) fn text(lang: Language, summary: &Summary) -> String {
    let Summary { objects, new, unchanged, altered, gone, quarantined, failed, .. } = summary;
    let megabytes = summary.bytes_read as f64 / 1e6;
    let mut text = match lang {
        Language::Zh => format!(
            "共 {objects} 个对象：新增 {new}，未变 {unchanged}，内容被改动 {altered}，已不存在 {gone}，无法使用 {quarantined}，读取失败 {failed}\n\
             读取 {megabytes:.1} MB，用时 {:.1} 秒\n",
            summary.seconds
        ),
        Language::En => format!(
            "{objects} objects: {new} new, {unchanged} unchanged, {altered} altered, {gone} gone, {quarantined} quarantined, {failed} failed\n\
             {megabytes:.1} MB read in {:.1} s\n",
            summary.seconds
        ),
    };
    if summary.inspected > 0 {
        let (inspected, megabytes) = (summary.inspected, summary.inspect_bytes_read as f64 / 1e6);
        // Writing to a String cannot fail.
        let _ = match lang {
            Language::Zh => writeln!(text, "画面声音检查 {inspected} 个录像，另读取 {megabytes:.1} MB"),
            Language::En => {
                writeln!(text, "{inspected} recordings inspected, for which {megabytes:.1} MB more were read")
            }
        };
    }
    if !summary.quarantine.is_empty() {
        text.push_str(tr(lang, "\n以下文件无法使用，已隔离登记：\n", "\nQuarantined in this run:\n"));
    }
    for object in summary.quarantine.iter().take(MAX_NAMED) {
        // Writing to a String cannot fail.
        let _ = match lang {
            Language::Zh => writeln!(text, "  {}  {}", object.object_key, object.problem.code.sentence_zh()),
            Language::En => {
                writeln!(text, "  {}  {}: {}", object.object_key, object.problem.code, object.problem.detail)
            }
        };
    }
    if let Some(more) = summary.quarantine.len().checked_sub(MAX_NAMED).filter(|&more| more > 0) {
        let _ = match lang {
            Language::Zh => writeln!(text, "  另有 {more} 个（--json 可全部列出）"),
            Language::En => writeln!(text, "  and {more} more (--json names all)"),
        };
    }
    if !summary.failures.is_empty() {
        text.push_str(tr(lang, "\n以下对象读取失败，排除故障后请重新执行：\n", "\nCould not be read:\n"));
    }
    for failed in &summary.failures {
        let _ = writeln!(text, "  {}  {}", failed.object_key, failed.error);
    }
    text
}
