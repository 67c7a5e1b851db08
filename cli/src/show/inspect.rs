//! What one object shows, as text.

use std::fmt::Write as _;

use catalog::Micros;
use catalog::inspection::{Checked, Inspection};
use catalog::observation::MediaSpan;
use ingest::inspect::Inspected;

use super::tr;
use crate::args::Language;

/// What was found.
pub(crate) fn text(lang: Language, found: &Inspected) -> String {
    let Inspected { inspection, options, .. } = found;
    let mut text = format!("{}\n", found.object_key);
    let mut line = |name: &str, value: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {name}  {value}");
    };
    line(tr(lang, "大小", "size       "), &format!("{} bytes", found.size_bytes));
    if let Some(duration) = inspection.duration_us {
        line(tr(lang, "时长", "duration   "), &duration.to_string());
    }
    let checked = |state: Checked| if lang == Language::Zh { state.zh() } else { state.as_str() };
    line(tr(lang, "画面", "picture    "), checked(inspection.video));
    line(tr(lang, "声音", "sound      "), checked(inspection.audio));
    line(tr(lang, "解码帧数", "decoded    "), &inspection.frames_decoded.to_string());
    let list = |text: &mut String, name: &str, spans: &[MediaSpan], min: Option<Micros>| {
        let min = min.map_or(String::new(), |min| format!(" ≥ {min}"));
        let total = Inspection::length(spans);
        let _ = writeln!(text, "\n  {name}{min}: {}  ({total})", spans.len());
        for span in spans {
            let _ =
                writeln!(text, "    {} – {}  ({})", span.start_us, span.end_us, span.end_us - span.start_us);
        }
    };
    if inspection.video == Checked::Done {
        list(&mut text, tr(lang, "黑屏或遮挡", "black"), &inspection.black, Some(options.black_min_us));
        list(&mut text, tr(lang, "画面静止", "frozen"), &inspection.frozen, Some(options.frozen_min_us));
        list(&mut text, tr(lang, "无法解码", "undecodable"), &inspection.undecodable, None);
    }
    if inspection.audio == Checked::Done {
        list(&mut text, tr(lang, "静音", "silent"), &inspection.silent, Some(options.silent_min_us));
    }
    if !inspection.problems.is_empty() {
        text.push('\n');
    }
    for problem in &inspection.problems {
        let name = if lang == Language::Zh { problem.code.zh() } else { problem.code.as_str() };
        let _ = writeln!(text, "  {name}: {}", problem.detail);
    }
    text
}
