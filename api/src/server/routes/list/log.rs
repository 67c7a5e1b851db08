//! The transparency log.

use super::NONE;
use crate::server::endpoints::{About, Endpoints, FILE};
use crate::server::rights::Right;
use crate::server::routes::{bundles, log};

pub(super) fn endpoints(to: Endpoints) -> Endpoints {
    to.get(
        Right::See,
        "/api/v1/log",
        About {
            en: "The transparency log: size, root, keys, last checkpoint",
            zh: "防篡改日志：条数、根、公钥与最近检查点",
            answers: &[(200, "Log")],
            ..NONE
        },
        log::now,
    )
    .get(
        Right::See,
        "/api/v1/log/entries",
        About {
            en: "Entries of the log as they can be published, a page at a time",
            zh: "日志条目（可公开部分）",
            query: &[("after", "Number of the entry after which the page begins"), ("limit", "1 to 500")],
            answers: &[(200, "LogEntries")],
            ..NONE
        },
        log::entries,
    )
    .get(
        Right::SeeWhole,
        "/api/v1/log/proof",
        About {
            en: "Proof that an entry, or all that is logged about an object, is in the log that was signed last",
            zh: "条目或对象的日志证明",
            query: &[
                ("entry", "Number of the entry"),
                ("object", "Key of the object"),
                ("rows", "true (if not given) or false: whether what the rows say is shown"),
            ],
            answers: &[(200, "LogProof")],
            problems: &[404],
            ..NONE
        },
        log::prove,
    )
    .get(
        Right::See,
        "/api/v1/log/consistency",
        About {
            en: "Proof that an earlier state of the log is the beginning of a later one",
            zh: "日志前后一致性证明",
            query: &[("from", "Entries of the earlier state"), ("to", "Entries of the later state; all if not given")],
            answers: &[(200, "LogConsistency")],
            ..NONE
        },
        log::consistency,
    )
    .get(
        Right::See,
        "/api/v1/log/checkpoint",
        About {
            en: "The root that was signed last, as a signed note",
            zh: "最近签署的检查点（签名文本）",
            answers: &[(200, "text")],
            problems: &[404],
            ..NONE
        },
        log::checkpoint,
    )
    .get(
        Right::SeeWhole,
        "/api/v1/bundles/{kind}/{id}",
        About {
            en: "The evidence bundle of a case, a round or a recording, with digests and without originals, as a ZIP archive",
            zh: "案件、抽查轮次或录像的证据包（ZIP，含摘要，不含原始录像）",
            answers: &[(200, "zip")],
            problems: &[404],
            ..NONE
        },
        bundles::of,
    )
    .post(
        Right::See,
        "/api/v1/log/verify",
        About {
            en: "What holds of an evidence bundle, a ZIP archive of 32 MiB at most; nothing is kept",
            zh: "核验证据包（ZIP，不超过32 MiB），不留存",
            body: Some(FILE),
            answers: &[(200, "ProofReport")],
            problems: &[413, 422],
            ..NONE
        },
        bundles::verify,
    )
}
