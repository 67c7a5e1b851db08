//! The readable page of a bundle, in Chinese and English: what it is about, what is in it, and how to check it.

use catalog::store::CheckpointEntry;
use serde_json::Value;

use super::Description;
use crate::log::proof::ProofFile;

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn row(zh: &str, en: &str, value: &str) -> String {
    format!("<tr><th>{zh}<br><small>{en}</small></th><td>{}</td></tr>\n", escaped(value))
}

/// What a case's stages came to; nothing for other subjects.
fn stages(findings: &Value) -> String {
    let Some(stages) = findings["stages"].as_array() else { return String::new() };
    let mut text = "<h2>应录环节 · Stages that had to be recorded</h2>\n<table>\n<tr><th>环节 · Stage</th>\
                    <th>起止 · From, to</th><th>结论 · Status</th><th>已覆盖/应录 · Covered of required</th>\
                    <th>问题 · Findings</th></tr>\n"
        .to_owned();
    for stage in stages {
        let text_of = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let obligation = &stage["obligation"];
        let status = match obligation["status"].as_str() {
            Some("complete") => "完整 · complete",
            Some("partial") => "部分 · partial",
            Some("missing") => "缺失 · missing",
            Some("excused") => "有说明 · excused",
            _ => "不作要求 · not asked for",
        };
        let seconds =
            |value: &Value| value.as_i64().map_or("-".to_owned(), |us| format!("{:.1} s", us as f64 / 1e6));
        let findings: Vec<String> = obligation["findings"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|finding| format!("{} {}", text_of(&finding["code"]), text_of(&finding["detail"])))
            .collect();
        text.push_str(&format!(
            "<tr><td>{} {}</td><td>{}<br>{}</td><td>{status}</td><td>{} / {}</td><td>{}</td></tr>\n",
            stage["stage_no"],
            escaped(&text_of(&stage["stage"]["kind"])),
            escaped(&text_of(&stage["stage"]["starts_at"])),
            escaped(&text_of(&stage["stage"]["ends_at"])),
            seconds(&obligation["covered_us"]),
            seconds(&obligation["required_us"]),
            escaped(&findings.join("; ")),
        ));
    }
    text + "</table>\n"
}

pub(super) fn html(
    description: &Description,
    findings: &Value,
    proofs: &ProofFile,
    checkpoint: &CheckpointEntry,
) -> String {
    let kind = match description.kind.as_str() {
        "case" => "案件 · case",
        "round" => "抽查批次 · sampling round",
        _ => "视音频记录 · recording",
    };
    let key = proofs.keys.first().map_or("", |key| key.vkey.as_str());
    let mut text = format!(
        "<!DOCTYPE html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>证据包 · Evidence bundle {id}</title>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <style>body{{font:16px/1.6 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem}}\
         table{{border-collapse:collapse;width:100%}}th,td{{border:1px solid #bbb;padding:.3rem .6rem;text-align:left;\
         vertical-align:top;overflow-wrap:anywhere}}pre{{overflow-wrap:anywhere;white-space:pre-wrap}}</style></head>\n\
         <body><h1>证据包 · Evidence bundle</h1>\n<table>\n",
        id = escaped(&description.id)
    );
    text.push_str(&row("内容", "About", &format!("{kind}: {}", description.id)));
    text.push_str(&row("生成时间", "Made at", &description.made_at.to_string()));
    text.push_str(&row("日志证明条目", "Entries with proofs", &proofs.entries.len().to_string()));
    text.push_str(&row("检查点", "Checkpoint", &format!("{} / {}", checkpoint.size, checkpoint.root)));
    text.push_str(&row("日志公钥（请与公布者核对）", "Key of the log (compare with the published one)", key));
    text.push_str("</table>\n");
    text.push_str(&stages(findings));
    text.push_str(
        "<h2>视音频记录 · Recordings</h2>\n<table>\n<tr><th>对象 · Object</th><th>版本 · Version</th>\
         <th>字节 · Bytes</th><th>SHA-256</th></tr>\n",
    );
    for object in &description.objects {
        text.push_str(&format!(
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
            escaped(&object.object_key),
            object.version,
            object.size_bytes,
            escaped(&object.sha256)
        ));
    }
    text.push_str(
        "</table>\n<h2>如何核验 · How to check</h2>\n\
         <p>任选其一，均可离线进行，结论相同：<code>reelproof log verify 本文件夹</code>；\
         <code>python3 data/verify_log.py 本文件夹</code>；用浏览器打开 <code>data/verify_log.html</code> 并选择本文件夹。\
         请用 <code>--key</code> 指定从公布渠道取得的公钥。</p>\n\
         <p>Any of these, offline, says the same: <code>reelproof log verify FOLDER</code>; \
         <code>python3 data/verify_log.py FOLDER</code>; or open <code>data/verify_log.html</code> in a browser and \
         choose this folder. Give the key that was published with <code>--key</code>.</p>\n</body></html>\n",
    );
    text
}
