//! One object as text.

use std::fmt::Write as _;

use catalog::observation::StreamKind;
use ingest::probe::Probe;

use super::{lines, table, tr};
use crate::args::Language;

/// What is in the object.
pub(crate) fn text(lang: Language, probe: &Probe) -> String {
    let mut text = format!("{}\n", probe.object_key);
    let mut line = |name: &str, value: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {name}  {value}");
    };
    line(tr(lang, "大小", "size     "), &format!("{} bytes", probe.size_bytes));
    if let Some(sha256) = &probe.sha256 {
        line("SHA-256  ", sha256);
    }
    if let Some(sm3) = &probe.sm3 {
        line("SM3      ", sm3);
    }
    line(
        tr(lang, "格式", "container"),
        probe.container.as_deref().unwrap_or(tr(lang, "无法识别", "not recognised")),
    );
    match (probe.started_at, probe.started_at_source, probe.clock_error_us) {
        (Some(at), Some(source), Some(error)) => {
            let source = if lang == Language::Zh { source.zh() } else { source.as_str() };
            line(tr(lang, "开始", "started  "), &format!("{at}  ({source}, ± {error})"));
        }
        _ => line(tr(lang, "开始", "started  "), tr(lang, "不明", "unknown")),
    }
    if let Some(duration) = probe.duration_us {
        line(tr(lang, "时长", "duration "), &duration.to_string());
    }
    for claim in probe.start_claims.iter().skip(1) {
        let source = if lang == Language::Zh { claim.source.zh() } else { claim.source.as_str() };
        line(
            tr(lang, "另载", "also says"),
            &format!("{}  ({source}, ± {})", claim.started_at, claim.error_us),
        );
    }
    if !probe.streams.is_empty() {
        text.push('\n');
        text.push_str(&streams(lang, probe));
    }
    for track in &probe.telemetry {
        let support = if track.supported { "" } else { tr(lang, "（不支持）", " (not supported)") };
        let _ =
            writeln!(text, "  {}: {} {}{support}", tr(lang, "遥测", "telemetry"), track.kind, track.samples);
    }
    if !probe.problems.is_empty() {
        text.push('\n');
    }
    for problem in &probe.problems {
        let name = if lang == Language::Zh { problem.code.zh() } else { problem.code.as_str() };
        let _ = writeln!(text, "  {name}: {}", problem.detail);
    }
    text
}

fn streams(lang: Language, probe: &Probe) -> String {
    let heading = match lang {
        Language::Zh => ["  #", "类型", "编码", "包", "关键帧", "起", "止", "中断"],
        Language::En => ["  #", "Kind", "Codec", "Packets", "Key frames", "From", "To", "Gaps"],
    };
    let mut table = table(&heading, &[0, 3, 4, 7]);
    for stream in &probe.streams {
        let time =
            |time: Option<catalog::MediaTime>| time.map_or_else(|| "–".to_owned(), |time| time.to_string());
        let kind = if lang == Language::Zh { stream.kind.zh() } else { stream.kind.as_str() };
        table.add_row([
            format!("  {}", stream.index),
            kind.to_owned(),
            stream.codec.clone(),
            stream.packets.to_string(),
            stream.keyframes.to_string(),
            time(stream.start_us),
            time(stream.end_us),
            stream.gaps.len().to_string(),
        ]);
    }
    let mut text = lines(&table);
    for stream in probe.streams.iter().filter(|s| matches!(s.kind, StreamKind::Video | StreamKind::Audio)) {
        for gap in &stream.gaps {
            let length = gap.end_us - gap.start_us;
            let label = tr(lang, "中断", "gap in");
            let _ =
                writeln!(text, "  {label} #{}: {} – {}  ({length})", stream.index, gap.start_us, gap.end_us);
        }
    }
    text
}
