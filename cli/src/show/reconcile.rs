//! A reconciliation as text: what to do first, then what is behind it.

use analyzer::reconcile::{Call, NotStored, Reconciliation};
use catalog::finding::{en_days, zh_days, zh_length};
use catalog::time::{Micros, WallTime};

use super::{lines, table, tr};
use crate::args::Language;

/// A list longer than this is cut; JSON has all of it.
const MOST_ROWS: usize = 40;

pub(crate) fn text(lang: Language, found: &Reconciliation) -> String {
    [
        summary(lang, found),
        calls(lang, found),
        not_stored(
            lang,
            tr(lang, "未上传（设备仍可能保存）", "Not uploaded, and still on the device"),
            &found.not_uploaded,
        ),
        not_stored(
            lang,
            tr(lang, "已灭失（设备保存期已过，可能已被覆盖）", "Lost: the device may have overwritten it"),
            &found.lost,
        ),
        differing(lang, found),
        not_in_manifest(lang, found),
        vanished(lang, found),
        joins(lang, found),
    ]
    .into_iter()
    .filter(|part| !part.is_empty())
    .collect::<Vec<_>>()
    .join("\n")
}

fn summary(lang: Language, found: &Reconciliation) -> String {
    let totals = &found.totals;
    let (month, policy, as_of) = (found.month, &found.policy, moment(found.as_of));
    match lang {
        Language::Zh => format!(
            "{month} 设备清单与入库情况核对（依据 {policy}，截至 {as_of}）\n\
             设备清单 {} 个文件：未上传 {}，已灭失 {}，与清单不符 {}\n\
             已入库 {} 个文件：清单未载 {}，已不在存储中 {}，入库后被改动 {}\n",
            totals.manifest_entries,
            totals.not_uploaded,
            totals.lost,
            totals.differing,
            totals.objects,
            totals.not_in_manifest,
            totals.gone,
            totals.altered
        ),
        Language::En => format!(
            "What devices say they recorded in {month} against what is stored, under {policy}, as of {as_of}\n\
             {} files in manifests: {} not uploaded, {} lost, {} not as the device says\n\
             {} files stored: {} not in the manifest, {} gone since, {} altered\n",
            totals.manifest_entries,
            totals.not_uploaded,
            totals.lost,
            totals.differing,
            totals.objects,
            totals.not_in_manifest,
            totals.gone,
            totals.altered
        ),
    }
}

fn calls(lang: Language, found: &Reconciliation) -> String {
    if found.totals.manifest_entries == 0 {
        return tr(
            lang,
            "本月没有设备清单，无从核对是否漏传。请向各单位索取设备或采集工作站导出的清单，用 reelproof import manifest 导入。\n",
            "There is no manifest of this month, so nobody can say what was never uploaded. Ask the units for what\n\
             their devices or docking stations list, and take it in with reelproof import manifest.\n",
        )
        .to_owned();
    }
    if found.calls.is_empty() {
        return tr(lang, "没有需要抢救的文件。\n", "Nothing waits on a device.\n").to_owned();
    }
    let mut text = tr(lang, "请按剩余时间先后联系：\n", "Call, the most urgent first:\n").to_owned();
    for call in found.calls.iter().take(MOST_ROWS) {
        text.push_str(&one_call(lang, call));
    }
    text + &cut_off(lang, found.calls.len())
}

fn one_call(lang: Language, call: &Call) -> String {
    let device = call.device_kind.map_or("", |kind| match lang {
        Language::Zh => kind.zh(),
        Language::En => kind.as_str(),
    });
    let nobody = tr(lang, "持有人不明", "holder not known");
    let who = match (&call.officer, &call.badge) {
        (Some(name), Some(badge)) => format!("{name} {badge}"),
        (None, Some(badge)) => badge.clone(),
        _ => nobody.to_owned(),
    };
    let unit = call.unit_name.as_deref().or(call.unit.as_deref()).unwrap_or("?");
    let until = moment(call.first_held_until);
    match lang {
        Language::Zh => format!(
            "  还剩 {}  {unit} {who}：导出{device} {} 中的 {} 个文件（时长 {}），最早的保存至 {until}\n",
            zh_days(call.left_us),
            call.device,
            call.files,
            zh_length(call.length_us)
        ),
        Language::En => format!(
            "  {} left  {unit}, {who}: upload {} file(s) from {device} {} ({}); the first is kept until {until}\n",
            en_days(call.left_us),
            call.files,
            call.device,
            call.length_us
        ),
    }
}

fn not_stored(lang: Language, title: &str, rows: &[NotStored]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let heading = match lang {
        Language::Zh => ["设备", "文件", "开始", "时长", "大小（字节）", "保存至", "剩余", "涉及环节"],
        Language::En => ["Device", "File", "Began", "Length", "Bytes", "Kept until", "Left", "Stages"],
    };
    let mut table = table(&heading, &[3, 4, 6]);
    for row in rows.iter().take(MOST_ROWS) {
        let stages: Vec<String> = row.stages.iter().map(ToString::to_string).collect();
        table.add_row([
            row.device.clone(),
            row.file.clone(),
            moment(row.starts_at),
            length(lang, row.length_us),
            row.size_bytes.to_string(),
            moment(row.held_until),
            row.left_us.map_or_else(|| "–".to_owned(), |left_us| days(lang, left_us)),
            stages.join(" "),
        ]);
    }
    format!("{title}\n{}{}", lines(&table), cut_off(lang, rows.len()))
}

fn differing(lang: Language, found: &Reconciliation) -> String {
    let mut text = String::new();
    for row in found.differing.iter().take(MOST_ROWS) {
        let mut what = Vec::new();
        if row.size_bytes != row.manifest_size_bytes {
            what.push(match lang {
                Language::Zh => {
                    format!("入库 {} 字节，清单 {} 字节", row.size_bytes, row.manifest_size_bytes)
                }
                Language::En => {
                    format!("{} bytes stored, {} on the device", row.size_bytes, row.manifest_size_bytes)
                }
            });
        }
        if let Some(off_us) = row.start_off_us {
            what.push(match lang {
                Language::Zh => format!("起始时间相差 {}", zh_length(off_us.abs())),
                Language::En => format!("the start is off by {off_us}"),
            });
        }
        if let Some(off_us) = row.length_off_us {
            what.push(match lang {
                Language::Zh if off_us < Micros::ZERO => format!("比清单短 {}", zh_length(off_us.abs())),
                Language::Zh => format!("比清单长 {}", zh_length(off_us)),
                Language::En if off_us < Micros::ZERO => format!("{} shorter", off_us.abs()),
                Language::En => format!("{off_us} longer"),
            });
        }
        if row.size_bytes < row.manifest_size_bytes
            && let Some(left_us) = row.left_us
        {
            what.push(match lang {
                Language::Zh => format!("请重新上传，设备还保存 {}", zh_days(left_us)),
                Language::En => format!("upload it again: the device keeps it for {} more", en_days(left_us)),
            });
        }
        let what = what.join(tr(lang, "；", "; "));
        text.push_str(&format!("  {} = {} {}: {what}\n", row.object_key, row.device, row.file));
    }
    titled(lang, tr(lang, "与清单不符", "Stored, but not as the device says"), text, found.differing.len())
}

fn not_in_manifest(lang: Language, found: &Reconciliation) -> String {
    let listed: String =
        found.not_in_manifest.iter().take(MOST_ROWS).map(|row| format!("  {}\n", row.object_key)).collect();
    let title = tr(lang, "已入库而设备清单未载", "Stored, but not in their device's manifest");
    let mut text = titled(lang, title, listed, found.not_in_manifest.len());
    if found.totals.manifest_entries > 0 {
        let mut silent = String::new();
        for row in found.silent_devices.iter().take(MOST_ROWS) {
            let unit = row.unit_name.as_deref().unwrap_or(&row.unit);
            silent.push_str(&match lang {
                Language::Zh => format!("  {}（{unit}）：已入库 {} 个文件\n", row.device, row.objects),
                Language::En => format!("  {} ({unit}): {} files stored\n", row.device, row.objects),
            });
        }
        let title = tr(
            lang,
            "本月没有清单的设备（请索取，否则无从核对是否漏传）",
            "Devices without a manifest (ask for it: what they did not upload, nobody can tell)",
        );
        text += &titled(lang, title, silent, found.silent_devices.len());
    }
    text
}

fn vanished(lang: Language, found: &Reconciliation) -> String {
    let gone: String =
        found.gone.iter().take(MOST_ROWS).map(|row| format!("  {}\n", row.object_key)).collect();
    let altered: String = found
        .altered
        .iter()
        .take(MOST_ROWS)
        .map(|row| match lang {
            Language::Zh => format!("  {}（现为第 {} 版）\n", row.object_key, row.version),
            Language::En => format!("  {} (now version {})\n", row.object_key, row.version),
        })
        .collect();
    let title = tr(
        lang,
        "曾入库、现已不在存储中（请查明去向，从备份恢复）",
        "Stored once and gone (find out where it went; restore it from a backup)",
    );
    let changed = tr(
        lang,
        "入库后被改动（请查明何人所为，从备份恢复原件）",
        "Altered after it was stored (find out by whom; restore the original from a backup)",
    );
    titled(lang, title, gone, found.gone.len()) + &titled(lang, changed, altered, found.altered.len())
}

fn joins(lang: Language, found: &Reconciliation) -> String {
    let heading = match lang {
        Language::Zh => ["数据匹配情况", "行数", "已匹配", "未匹配"],
        Language::En => ["What matched", "Rows", "Matched", "Not"],
    };
    let mut sums = table(&heading, &[1, 2, 3]);
    for row in &found.joins.tables {
        let name = match (lang, row.table) {
            (Language::Zh, "links") => "人工关联",
            (Language::Zh, "recordings") => "录像（对应到人员）",
            (Language::Zh, "manifest") => "设备清单（对应到文件）",
            (Language::Zh, "stages") => "执法环节（载明人员）",
            (Language::Zh, "cases") => "案件（当月有环节）",
            (Language::Zh, "devices") => "设备（当月有录像或清单）",
            (Language::Zh, "sorties") => "无人机架次（有对应视频）",
            (_, name) => name,
        };
        let not = row.rows - row.matched;
        sums.add_row([name.to_owned(), row.rows.to_string(), row.matched.to_string(), not.to_string()]);
    }
    let mut text = lines(&sums);
    for row in found.joins.rows.iter().take(MOST_ROWS) {
        let (what, advice) = match lang {
            Language::Zh => (row.issue.zh(), row.issue.advice_zh()),
            Language::En => (row.issue.en(), row.issue.advice_en()),
        };
        let count = if row.rows > 1 { format!(" ×{}", row.rows) } else { String::new() };
        let example = match (lang, &row.example) {
            (_, None) => String::new(),
            (Language::Zh, Some(example)) => format!("（如 {example}）"),
            (Language::En, Some(example)) => format!(" (as in {example})"),
        };
        text.push_str(&format!("  {}{count}{example}  {what} → {advice}\n", row.subject));
    }
    text + &cut_off(lang, found.joins.rows.len())
}

fn titled(lang: Language, title: &str, rows: String, count: usize) -> String {
    if rows.is_empty() { rows } else { format!("{title}\n{rows}{}", cut_off(lang, count)) }
}

fn cut_off(lang: Language, rows: usize) -> String {
    match (lang, rows.saturating_sub(MOST_ROWS)) {
        (_, 0) => String::new(),
        (Language::Zh, more) => format!("  ……另有 {more} 条，加 --json 可列出全部。\n"),
        (Language::En, more) => format!("  … and {more} more; --json lists all of them.\n"),
    }
}

fn length(lang: Language, length_us: Micros) -> String {
    match lang {
        Language::Zh => zh_length(length_us),
        Language::En => length_us.to_string(),
    }
}

fn days(lang: Language, left_us: Micros) -> String {
    match lang {
        Language::Zh => zh_days(left_us),
        Language::En => en_days(left_us),
    }
}

/// Local time to the minute.
fn moment(at: WallTime) -> String {
    at.local().map_or_else(|| at.to_string(), |local| local.format("%Y-%m-%d %H:%M").to_string())
}
