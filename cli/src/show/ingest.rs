//! A run of ingest as text.

use std::fmt::Write as _;

use catalog::chunks::AlteredRange;
use ingest::reading::digest::CHUNK_BYTES;
use ingest::summary::{Altered, Summary};

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
    if let Some(handed_out) = summary.handed_out {
        let waiting = summary.waiting.unwrap_or_default();
        text = match lang {
            Language::Zh => format!(
                "共 {objects} 个对象：已入库且未变 {unchanged}，已不存在 {gone}\n已交付队列 {handed_out} 项，另有 {waiting} 项已在队列中等待或处理中，用时 {:.1} 秒\n",
                summary.seconds
            ),
            Language::En => format!(
                "{objects} objects: {unchanged} recorded and unchanged, {gone} gone\n{handed_out} tasks handed to the queue, {waiting} waiting there or being worked on already; {:.1} s\n",
                summary.seconds
            ),
        };
    }
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
    if !summary.alterations.is_empty() {
        text.push_str(tr(
            lang,
            "\n以下文件入库后内容被改动，已登记为新版本：\n",
            "\nAltered since they were recorded:\n",
        ));
    }
    for object in summary.alterations.iter().take(MAX_NAMED) {
        altered_object(&mut text, lang, object);
    }
    if let Some(more) = summary.alterations.len().checked_sub(MAX_NAMED).filter(|&more| more > 0) {
        text.push_str(&and_more(lang, more));
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
        text.push_str(&and_more(lang, more));
    }
    if !summary.failures.is_empty() {
        text.push_str(tr(lang, "\n以下对象读取失败，排除故障后请重新执行：\n", "\nCould not be read:\n"));
    }
    for failed in &summary.failures {
        let _ = writeln!(text, "  {}  {}", failed.object_key, failed.error);
    }
    text
}

fn and_more(lang: Language, more: usize) -> String {
    match lang {
        Language::Zh => format!("  另有 {more} 个（--json 可全部列出）\n"),
        Language::En => format!("  and {more} more (--json names all)\n"),
    }
}

/// At most this many places of one object are named.
const MAX_PLACES: usize = 8;

/// Where one object was altered.
fn altered_object(text: &mut String, lang: Language, object: &Altered) {
    let Altered { object_key, version, .. } = object;
    let _ = match lang {
        Language::Zh => writeln!(text, "  {object_key}  第 {version} 版"),
        Language::En => writeln!(text, "  {object_key}  version {version}"),
    };
    let Some(ranges) = &object.ranges else {
        text.push_str(tr(
            lang,
            "    无法定位：原版本入库时未留分块校验值\n",
            "    where is not known: the version before was recorded without a list to compare with\n",
        ));
        return;
    };
    if ranges.is_empty() {
        text.push_str(tr(
            lang,
            "    现有内容与原版本一致，但末尾部分已被删去\n",
            "    what is there is as it was, but bytes at the end were taken away\n",
        ));
    }
    for range in ranges.iter().take(MAX_PLACES) {
        let to_end = object.reaches_the_end(CHUNK_BYTES) && range.end_byte == object.size_bytes;
        let _ = writeln!(text, "    {}", place(lang, range, to_end));
    }
    if let Some(more) = ranges.len().checked_sub(MAX_PLACES).filter(|&more| more > 0) {
        text.push_str(&and_more(lang, more));
    }
}

pub(super) fn place(lang: Language, range: &AlteredRange, to_end: bool) -> String {
    let AlteredRange { start_byte, end_byte, span } = range;
    let (when, whole) = match (lang, span) {
        (Language::Zh, Some(span)) => (
            format!("，画面或声音 {} – {}", span.start_us, span.end_us),
            "；自此处起全部不同，可能有内容被插入、删去或替换",
        ),
        (Language::Zh, None) => (
            "，其中没有可确定时间的画面或声音".to_owned(),
            "；自此处起全部不同，可能有内容被插入、删去或替换",
        ),
        (Language::En, Some(span)) => (
            format!(", shown from {} to {}", span.start_us, span.end_us),
            "; all is different from here to the end: bytes were put in, cut out or replaced",
        ),
        (Language::En, None) => (
            ", no picture or sound in them whose time is known".to_owned(),
            "; all is different from here to the end: bytes were put in, cut out or replaced",
        ),
    };
    let whole = if to_end { whole } else { "" };
    match lang {
        Language::Zh => format!("第 {start_byte}–{end_byte} 字节之内{when}{whole}"),
        Language::En => format!("within bytes {start_byte} to {end_byte}{when}{whole}"),
    }
}
