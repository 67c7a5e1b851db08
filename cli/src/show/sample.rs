//! A sampling round as text.

use std::fmt::Write as _;

use analyzer::bounds::{catch_chance, missing_rate_upper, sample_size_for};
use analyzer::policy::{CORE, Take};
use analyzer::sample::{Draw, Frozen, Mismatch, MismatchCode, Verification};
use api::operations::RoundOverview;
use catalog::round::{RoundAct, RoundActKind};

use super::{lines, table, tr};
use crate::args::Language;

/// A frozen round: what was fixed and what to do next.
pub(crate) fn frozen(lang: Language, frozen: &Frozen) -> String {
    let next = format!("reelproof sample draw --round {} --seed SEED", frozen.round);
    match lang {
        Language::Zh => format!(
            "抽查批次 {}\n{}\n抽样框摘要 SHA-256：{}\n种子产生方式：{}\n\n\
             请先公布摘要和种子产生方式，再产生随机种子，然后执行：\n  {next}\n",
            frozen.round, frozen.explanation_zh, frozen.frame_sha256, frozen.seed_source
        ),
        Language::En => format!(
            "Round {}\n{}\nSHA-256 of the frame: {}\nThe seed will be: {}\n\n\
             Publish both, only then take the seed, then:\n  {next}\n",
            frozen.round, frozen.explanation, frozen.frame_sha256, frozen.seed_source
        ),
    }
}

/// What was drawn.
pub(crate) fn drawn(lang: Language, frozen: &Frozen, draw: &Draw) -> String {
    let mut text = match lang {
        Language::Zh => format!(
            "抽查批次 {}，种子 {}：从 {} 条中抽取 {} 条，涉及 {} 个中队\n\n",
            draw.round,
            draw.seed,
            frozen.frame_size,
            draw.items.len(),
            draw.units.len()
        ),
        Language::En => format!(
            "Round {}, seed {}: {} of {} items drawn, {} squads reached\n\n",
            draw.round,
            draw.seed,
            draw.items.len(),
            frozen.frame_size,
            draw.units.len()
        ),
    };
    let heading = match lang {
        Language::Zh => ["序号", "名称", "单位", "抽取依据", "抽签值"],
        Language::En => ["No.", "Item", "Unit", "Because of", "Ticket"],
    };
    let mut table = table(&heading, &[0]);
    for item in &draw.items {
        let reason = reason(lang, frozen, &item.reason);
        let ticket = item.ticket.get(..12).unwrap_or(&item.ticket);
        table.add_row([&item.order.to_string(), &item.id, &item.unit, &reason, ticket]);
    }
    text.push_str(&lines(&table));
    text
}

/// Why an item was drawn: the core, or the rule that lacked it.
fn reason(lang: Language, frozen: &Frozen, reason: &str) -> String {
    if reason == CORE {
        return tr(lang, "随机抽取", "core").to_owned();
    }
    let rule = frozen.frame.rules.iter().find(|rule| rule.id == reason);
    match (lang, reason) {
        // The reasons of the first format.
        (Language::Zh, "unit_quota") => return "中队覆盖".to_owned(),
        (Language::Zh, "case_quota") => return "比例补足".to_owned(),
        _ => {}
    }
    match (lang, rule.map(|rule| (rule.take, rule.each))) {
        (Language::Zh, Some((Take::Squads, _))) => format!("中队覆盖（{reason}）"),
        (Language::Zh, Some((Take::Officers, _))) => format!("队员覆盖（{reason}）"),
        (Language::Zh, Some((Take::Items, Some(_)))) => format!("中队数量（{reason}）"),
        (Language::Zh, _) => format!("专项数量（{reason}）"),
        (Language::En, _) => reason.to_owned(),
    }
}

/// An act of people on a round.
pub(crate) fn act(lang: Language, act: &RoundAct) -> String {
    let taken = act.taken.join(tr(lang, "、", ", "));
    let (item, who, why, at) = (&act.item, &act.who, &act.why, act.at);
    let what = match (lang, act.kind) {
        (Language::Zh, RoundActKind::Redraw) => "重新抽取".to_owned(),
        (Language::Zh, RoundActKind::Skip) => format!("免查 {item}（仍计入抽查数）"),
        (Language::Zh, RoundActKind::Substitute) => format!("以 {taken} 替补 {item}（后者仍计入抽查数）"),
        (Language::Zh, RoundActKind::Extra) => format!("对 {item} 加抽 {taken}（单列，不计入抽查数）"),
        (Language::En, RoundActKind::Redraw) => "drawn again".to_owned(),
        (Language::En, RoundActKind::Skip) => format!("{item} skipped; it stays in the denominator"),
        (Language::En, RoundActKind::Substitute) => {
            format!("{taken} in the place of {item}, which stays in the denominator")
        }
        (Language::En, RoundActKind::Extra) => format!("extra of {item}: {taken}; reported apart"),
    };
    match lang {
        Language::Zh => format!("{at} {what}；决定人：{who}；理由：{why}\n"),
        Language::En => format!("{at} {what}; decided by {who}: {why}\n"),
    }
}

/// A round with all that stands beside it.
pub(crate) fn overview(lang: Language, overview: &RoundOverview) -> String {
    let mut text = match &overview.draw {
        Some(draw) => drawn(lang, &overview.frozen, draw),
        None => frozen(lang, &overview.frozen),
    };
    text.push('\n');
    let explanation = match lang {
        Language::Zh => &overview.frozen.explanation_zh,
        Language::En => &overview.frozen.explanation,
    };
    if overview.draw.is_some() {
        text.push_str(explanation);
        text.push('\n');
    }
    if let Some(draw) = &overview.draw {
        let core = draw.items.iter().filter(|item| item.reason == CORE).count() as u64;
        text.push_str(&promise(lang, overview.frozen.frame_size, core));
    }
    for one in &overview.acts {
        text.push_str(&act(lang, one));
    }
    let changes = &overview.changes;
    let _ = match lang {
        Language::Zh => writeln!(
            text,
            "冻结后数据变动（不影响抽样框）：新增{}条，减少{}条，变更{}条",
            changes.added.len(),
            changes.removed.len(),
            changes.changed.len()
        ),
        Language::En => writeln!(
            text,
            "Changed in the data since freezing (the frame stays): {} added, {} removed, {} changed",
            changes.added.len(),
            changes.removed.len(),
            changes.changed.len()
        ),
    };
    for (sign, ids) in [("+", &changes.added), ("-", &changes.removed)] {
        for id in ids {
            let _ = writeln!(text, "  {sign} {id}");
        }
    }
    for one in &changes.changed {
        let _ = writeln!(text, "  ~ {}: {} → {}", one.id, one.then.unit, one.now.unit);
    }
    text
}

/// What the draw could prove at best, before anybody looked.
fn promise(lang: Language, frame_size: u64, core: u64) -> String {
    if core == 0 {
        return String::new(); // No part of the sample is a simple random one.
    }
    let Ok(rate) = missing_rate_upper(frame_size, core, 0, 0.95) else { return String::new() };
    let chances: Vec<String> = [1, 3, 10]
        .into_iter()
        .filter_map(|bad| catch_chance(frame_size, core, bad).map(|chance| (bad, chance * 100.0)))
        .map(|(bad, chance)| format!("{bad}: {chance:.1} %"))
        .collect();
    let chances = chances.join(tr(lang, "，", ", "));
    let size = sample_size_for(frame_size, 0, 0.05, 0.95).ok().flatten().unwrap_or(frame_size);
    let rate = (rate * 1000.0 - 1e-9).max(0.0).ceil() / 10.0;
    match lang {
        Language::Zh => format!(
            "随机抽取部分{core}条如均无问题，以95%的把握可以断言问题率不超过{rate:.1}%；要断言不超过5%，须随机抽取{size}条。\n\
             若全部条目中有若干条有问题，随机抽取部分至少抽中一条的概率：{chances}\n"
        ),
        Language::En => format!(
            "If none of the {core} items of the core is bad, at most {rate:.1} % of all are, with 95 % confidence; \
             to claim at most 5 %, {size} are needed.\n\
             The chance that the core holds at least one of so many bad ones: {chances}\n"
        ),
    }
}

/// One thing that does not hold, in Chinese.
fn mismatch_zh(mismatch: &Mismatch) -> String {
    let Mismatch { code, subject, expected, found } = mismatch;
    let words = |text: &str| match text {
        "drawn" => "抽中".to_owned(),
        "not drawn" => "不抽中".to_owned(),
        "listed" => "已列出".to_owned(),
        "not listed" => "未列出".to_owned(),
        "each once, in order of bytes" => "各出现一次并按字节顺序排列".to_owned(),
        "another order" => "顺序不符".to_owned(),
        "the seed of the tickets" => "产生各抽签值的种子".to_owned(),
        "a seed that gives none of them" => "与任何抽签值都不符的种子".to_owned(),
        "no later than its end" => "不晚于截止月份".to_owned(),
        other => other.to_owned(),
    };
    let what = match code {
        MismatchCode::Round => "批次名称",
        MismatchCode::BaseMonth => "核查月份",
        MismatchCode::FrameOrder => "抽样框顺序",
        MismatchCode::FrameDigest => "抽样框摘要",
        MismatchCode::Frame => "抽样框数字",
        MismatchCode::Plan => "应抽数量",
        MismatchCode::Seed => "种子",
        MismatchCode::Ticket => "抽签值",
        MismatchCode::PickMissing => "漏列中队",
        MismatchCode::PickExtra => "多列中队",
        MismatchCode::PickChanged => "中队信息",
        MismatchCode::PickOrder => "中队顺序",
        MismatchCode::ItemMissing => "漏列对象",
        MismatchCode::ItemExtra => "多列对象",
        MismatchCode::ItemChanged => "对象信息",
        MismatchCode::ItemOrder => "对象顺序",
        MismatchCode::Units => "覆盖中队",
    };
    format!("{what}（{}）：{subject}：应为{}，实为{}", code.as_str(), words(expected), words(found))
}

/// Whether an exported round holds.
pub(crate) fn verified(lang: Language, verification: &Verification) -> String {
    let source = |what: &str| match verification {
        Verification::Holds(verified) => {
            verified.seed_source.as_ref().map_or_else(String::new, |text| format!("  {what} {text}\n"))
        }
        Verification::DoesNotHold { .. } => String::new(),
    };
    match (lang, verification) {
        (Language::Zh, Verification::Holds(verified)) => format!(
            "核验通过：批次 {}，从 {} 条中抽取 {} 条，结果与抽样框和种子完全一致。\n\
             请将下列各项与事先公布的内容对照：\n  抽样框摘要 {}\n  种子 {}\n{}",
            verified.round,
            verified.frame_size,
            verified.items,
            verified.frame_sha256,
            verified.seed,
            source("种子产生方式")
        ),
        (Language::En, Verification::Holds(verified)) => format!(
            "The draw of round {} holds: its {} items of {} follow from frame and seed.\n\
             Compare these with what was announced:\n  frame {}\n  seed {}\n{}",
            verified.round,
            verified.items,
            verified.frame_size,
            verified.frame_sha256,
            verified.seed,
            source("the seed was to be")
        ),
        (_, Verification::DoesNotHold { mismatches }) => {
            let mut text = match lang {
                Language::Zh => "核验不通过：\n".to_owned(),
                Language::En => "The draw does not hold:\n".to_owned(),
            };
            for mismatch in mismatches {
                // Writing to a String cannot fail.
                let _ = match lang {
                    Language::Zh => writeln!(text, "  {}", mismatch_zh(mismatch)),
                    Language::En => writeln!(text, "  {mismatch}"),
                };
            }
            text
        }
    }
}
