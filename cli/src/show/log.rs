//! The transparency log as text.

use api::log::audit::LogAudit;
use api::log::proof::{ConsistencyProof, ProofReport};
use catalog::log::Hash;

use super::tr;
use crate::args::Language;
use crate::commands::log::{Shown, Stamped};

/// A list longer than this is cut; JSON has all of it.
const MOST: usize = 40;

/// A root in groups of eight, which can be read out and compared on paper.
fn grouped(root: Hash) -> String {
    let text = root.to_string();
    let groups: Vec<&str> = (0..text.len()).step_by(8).filter_map(|at| text.get(at..at + 8)).collect();
    groups.join(" ")
}

pub(crate) fn stamped(lang: Language, stamped: &Stamped) -> String {
    let Stamped { note, token, stamp } = stamped;
    let (note, token) = (note.display(), token.display());
    match lang {
        Language::Zh => format!(
            "检查点 {note}（SHA-256 {}）\n可信时间戳：{}，序号 {}，策略 {}\n\n签名由时间戳机构的证书验证：\n  openssl ts -verify -data {note} -in {token} -CAfile 机构证书.pem\n",
            stamp.sha256, stamp.at, stamp.serial, stamp.policy
        ),
        Language::En => format!(
            "Checkpoint {note} (SHA-256 {})\nTime-stamped {}, number {}, policy {}\n\nThe authority's signature is verified with its certificate:\n  openssl ts -verify -data {note} -in {token} -CAfile AUTHORITY.pem\n",
            stamp.sha256, stamp.at, stamp.serial, stamp.policy
        ),
    }
}

pub(crate) fn checkpoint(lang: Language, shown: &Shown) -> String {
    let mut text = match lang {
        Language::Zh => {
            format!("日志 {}\n共 {} 条，根：\n  {}\n", shown.log, shown.size, grouped(shown.root))
        }
        Language::En => {
            format!("Log {}\n{} entries, root:\n  {}\n", shown.log, shown.size, grouped(shown.root))
        }
    };
    for key in &shown.keys {
        text.push_str(&format!("{} {}\n", tr(lang, "公钥", "key"), key.vkey));
    }
    match &shown.checkpoint {
        Some(one) => {
            text.push_str(&match lang {
                Language::Zh => format!("\n检查点（{} 签署，{} 条）：\n{}", one.at, one.size, one.note),
                Language::En => {
                    format!("\nCheckpoint (signed {}, {} entries):\n{}", one.at, one.size, one.note)
                }
            });
            text.push_str(tr(
                lang,
                "\n请将以上检查点抄送他处（打印存档、公告、邮件），日后用 log verify --checkpoint 核对。\n",
                "\nKeep copies of this checkpoint elsewhere (on paper, in public, by mail): log verify --checkpoint compares with them.\n",
            ));
        }
        None => text.push_str(tr(
            lang,
            "尚未签署检查点：运行 reelproof log checkpoint。\n",
            "No checkpoint was signed yet: run reelproof log checkpoint.\n",
        )),
    }
    text
}

pub(crate) fn proof(lang: Language, report: &ProofReport) -> String {
    let mut text = String::new();
    for fault in report.faults.iter().take(MOST) {
        text.push_str(&format!(
            "{} {}: {}\n",
            tr(lang, "不成立", "does not hold"),
            fault.subject,
            what(lang, &fault.code)
        ));
    }
    let at = report.at.map_or_else(String::new, |at| at.to_string());
    let (origin, size) = (report.origin.as_deref().unwrap_or("?"), report.size.unwrap_or(0));
    text.push_str(&match (lang, report.holds()) {
        (Language::Zh, true) => {
            format!("成立：{} 条记录在日志 {origin} 中（检查点 {size} 条，{at} 签署）。\n", report.entries)
        }
        (Language::En, true) => format!(
            "It holds: {} entries are in the log {origin} (checkpoint of {size} entries, signed {at}).\n",
            report.entries
        ),
        (Language::Zh, false) => "证明不成立。\n".to_owned(),
        (Language::En, false) => "The proof does not hold.\n".to_owned(),
    });
    if let Some(key) = &report.key {
        text.push_str(&format!(
            "{}\n  {key}\n",
            tr(
                lang,
                "以上以此公钥为准，请与公布的公钥核对（或用 --key 指定）：",
                "All of this rests on this key: compare it with the one that was published (or give it with --key):"
            )
        ));
    }
    text
}

/// A fault of a proof or bundle in words.
fn what(lang: Language, code: &str) -> &'static str {
    let (zh, en) = match code {
        "signature" => ("检查点签名无效", "the checkpoint is not signed by a key of the log"),
        "key" => (
            "公钥与所信任的不符，或换钥声明无效",
            "the key is not the one that is believed, or its statement does not hold",
        ),
        "inclusion" => ("条目不在该检查点的日志中", "the entry is not in the log of this checkpoint"),
        "row" => ("内容与日志条目的摘要不符", "the row is not what the entry's digest is of"),
        "file_altered" => ("文件已被改动", "the file was changed"),
        "file_missing" => ("文件缺失", "the file is missing"),
        "file_added" => ("清单之外的文件", "the file is in no manifest"),
        "disagrees" => ("与日志所载内容不一致", "it is not what the log says"),
        _ => ("格式不符", "it is not of the form"),
    };
    tr(lang, zh, en)
}

pub(crate) fn consistency(lang: Language, proof: &ConsistencyProof) -> String {
    let mut text = match (lang, proof.holds()) {
        (Language::Zh, true) => format!("{} 条时的日志是 {} 条时的开头部分：\n", proof.from, proof.to),
        (Language::En, true) => {
            format!("The log of {} entries is the beginning of that of {}:\n", proof.from, proof.to)
        }
        (Language::Zh, false) => "证明不成立：\n".to_owned(),
        (Language::En, false) => "The proof does not hold:\n".to_owned(),
    };
    text.push_str(&format!("  {} {}\n  {} {}\n", proof.from, proof.from_root, proof.to, proof.to_root));
    for hash in &proof.proof {
        text.push_str(&format!("    {hash}\n"));
    }
    text
}

pub(crate) fn audit(lang: Language, found: &LogAudit) -> String {
    let mut text = String::new();
    for fault in found.faults.iter().take(MOST) {
        let code = match lang {
            Language::Zh => fault.code.zh(),
            Language::En => fault.code.en(),
        };
        let table = fault.table.as_deref().unwrap_or("");
        text.push_str(&format!("{code}: {table} {}\n", fault.id));
        if let Some(said) = &fault.said {
            text.push_str(&format!("  {} {said}\n", tr(lang, "日志所载：", "was said:  ")));
        }
        if fault.said.is_some() || fault.stands.is_some() {
            let nothing = tr(lang, "（无）", "(nothing)");
            let stands = fault.stands.as_deref().unwrap_or(nothing);
            text.push_str(&format!("  {} {stands}\n", tr(lang, "现为：    ", "stands now:")));
        }
    }
    if found.faults.len() > MOST {
        let more = found.faults.len() - MOST;
        text.push_str(&match lang {
            Language::Zh => format!("……另有 {more} 项，见 --json\n"),
            Language::En => format!("… and {more} more, see --json\n"),
        });
    }
    text.push_str(&match lang {
        Language::Zh => format!(
            "日志 {}：{} 条，核对记录 {} 条（其中 {} 条在启用日志时已有），检查点 {} 个，尚无检查点担保的 {} 条。\n根 {}\n",
            found.origin, found.size, found.rows, found.found, found.checkpoints, found.unsigned, found.root
        ),
        Language::En => format!(
            "Log {}: {} entries, {} rows compared ({} were there when the log was begun), {} checkpoints, {} entries that no checkpoint vouches for yet.\nRoot {}\n",
            found.origin, found.size, found.rows, found.found, found.checkpoints, found.unsigned, found.root
        ),
    });
    text.push_str(match (lang, found.holds()) {
        (Language::Zh, true) => "一致：目录库与其日志、检查点相符。\n",
        (Language::En, true) => "It holds: the catalog is what its log and its checkpoints say.\n",
        (Language::Zh, false) => "不一致：见以上各项。请保留目录库现状，勿再写入。\n",
        (Language::En, false) => {
            "It does not hold: see above. Keep the catalog as it is, and write nothing to it.\n"
        }
    });
    text
}
