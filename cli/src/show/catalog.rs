//! Copies of catalogs as text.

use crate::args::Language;
use crate::commands::catalog::CopyReport;

pub(crate) fn copied(lang: Language, report: &CopyReport) -> String {
    let CopyReport { from, to, rows, log, .. } = report;
    let mut text = match lang {
        Language::Zh => {
            format!("已将 {from} 复制到 {to}：共 {rows} 行，日志 {} 条，根：\n  {}\n", log.size, log.root)
        }
        Language::En => {
            format!(
                "Copied {from} to {to}: {rows} rows, {} entries of the log, root:\n  {}\n",
                log.size, log.root
            )
        }
    };
    text.push_str(match (lang, log.holds) {
        (Language::Zh, true) => "副本与原目录的日志根一致，日志能逐行印证副本。\n",
        (Language::En, true) => "Both logs have this root, and the log explains every row of the copy.\n",
        (Language::Zh, false) => "副本与日志不符：请对原目录和副本分别运行 reelproof log verify 查明。\n",
        (Language::En, false) => {
            "The copy is not what its log says: run reelproof log verify on both catalogs to see what is not.\n"
        }
    });
    text
}
