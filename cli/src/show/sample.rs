//! A sampling round as text.

use std::fmt::Write as _;

use analyzer::sample::{Draw, Frozen, ItemReason, Verification};

use super::{lines, table};
use crate::args::Language;

/// A frozen round: what was fixed and what to do next.
pub(crate) fn frozen(lang: Language, frozen: &Frozen) -> String {
    let next = format!("reelproof sample draw --round {} --seed SEED", frozen.round);
    match lang {
        Language::Zh => format!(
            "抽查批次 {}\n{}\n抽样框摘要 SHA-256：{}\n\n请先公布上述摘要，再确定随机种子，然后执行：\n  {next}\n",
            frozen.round, frozen.explanation_zh, frozen.frame_sha256
        ),
        Language::En => format!(
            "Round {}\n{}\nSHA-256 of the frame: {}\n\nPublish this digest, only then take a seed, then:\n  {next}\n",
            frozen.round, frozen.explanation, frozen.frame_sha256
        ),
    }
}

/// What was drawn.
pub(crate) fn drawn(lang: Language, frozen: &Frozen, draw: &Draw) -> String {
    let mut text = match lang {
        Language::Zh => format!(
            "抽查批次 {}，种子 {}：从 {} 个应录环节中抽取 {} 个，涉及 {} 个中队\n\n",
            draw.round,
            draw.seed,
            frozen.frame_size,
            draw.items.len(),
            draw.units.len()
        ),
        Language::En => format!(
            "Round {}, seed {}: {} of {} obligations drawn, {} squads reached\n\n",
            draw.round,
            draw.seed,
            draw.items.len(),
            frozen.frame_size,
            draw.units.len()
        ),
    };
    let heading = match lang {
        Language::Zh => ["序号", "环节", "单位", "抽取依据", "抽签值"],
        Language::En => ["No.", "Obligation", "Unit", "Because of", "Ticket"],
    };
    let mut table = table(&heading, &[0]);
    for item in &draw.items {
        let reason = match (lang, item.reason) {
            (Language::Zh, ItemReason::UnitQuota) => "中队覆盖",
            (Language::Zh, ItemReason::CaseQuota) => "数量比例",
            (Language::En, ItemReason::UnitQuota) => "squads",
            (Language::En, ItemReason::CaseQuota) => "share of cases",
        };
        let ticket = item.ticket.get(..12).unwrap_or(&item.ticket);
        table.add_row([&item.order.to_string(), &item.id, &item.unit, reason, ticket]);
    }
    text.push_str(&lines(&table));
    text
}

/// Whether an exported round holds.
pub(crate) fn verified(lang: Language, verification: &Verification) -> String {
    match (lang, verification) {
        (Language::Zh, Verification::Holds(verified)) => format!(
            "核验通过：批次 {}，从 {} 个环节中抽取 {} 个，结果与抽样框和种子完全一致。\n\
             请将下列两项与事先公布的内容对照：\n  抽样框摘要 {}\n  种子 {}\n",
            verified.round, verified.frame_size, verified.items, verified.frame_sha256, verified.seed
        ),
        (Language::En, Verification::Holds(verified)) => format!(
            "The draw of round {} holds: its {} items of {} follow from frame and seed.\n\
             Compare these two with what was announced:\n  frame {}\n  seed {}\n",
            verified.round, verified.items, verified.frame_size, verified.frame_sha256, verified.seed
        ),
        (_, Verification::DoesNotHold { mismatches }) => {
            let mut text = match lang {
                Language::Zh => "核验不通过：\n".to_owned(),
                Language::En => "The draw does not hold:\n".to_owned(),
            };
            for mismatch in mismatches {
                // Writing to a String cannot fail.
                let _ = writeln!(text, "  {mismatch}");
            }
            text
        }
    }
}
