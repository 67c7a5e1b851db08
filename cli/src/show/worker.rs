//! What a worker did, as text.

use ingest::worker::Counts;

use crate::args::Language;

/// What it did, once it has ended.
pub(crate) fn text(lang: Language, counts: &Counts) -> String {
    let Counts { recorded, quarantined, inspected, no_ops, failed, buried, .. } = counts;
    let megabytes = counts.bytes_read as f64 / 1e6;
    match lang {
        Language::Zh => format!(
            "登记 {recorded} 个版本（其中无法使用 {quarantined}），检查画面声音 {inspected} 个录像；无需处理 {no_ops}，失败后退回 {failed}，搁置 {buried}；读取 {megabytes:.1} MB\n"
        ),
        Language::En => format!(
            "{recorded} versions recorded ({quarantined} unusable), {inspected} recordings inspected; {no_ops} needed nothing, {failed} failed and stay to be done, {buried} set aside; {megabytes:.1} MB read\n"
        ),
    }
}
