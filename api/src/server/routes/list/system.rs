//! What everything else refers to: units, policies, tables taken in, and where recordings come from.

use super::NONE;
use crate::server::endpoints::{About, Endpoints, FILE, Tag};
use crate::server::rights::Right;
use crate::server::routes::{fixity, imports, recording_pages, reference, retention, sources};

pub(super) fn endpoints(to: Endpoints) -> Endpoints {
    to.get(
        Right::See,
        "/api/v1/units",
        About {
            en: "The units that one sees",
            zh: "可见单位",
            answers: &[(200, "Units")],
            tag: Tag::Revision,
            ..NONE
        },
        reference::units,
    )
    .get(
        Right::See,
        "/api/v1/policies",
        About {
            en: "The policy in force, and those that come with the program",
            zh: "现行方案与内置方案",
            answers: &[(200, "Policies")],
            ..NONE
        },
        reference::policies,
    )
    .get(
        Right::See,
        "/api/v1/policies/{name}",
        About {
            en: "One policy: each figure with its clause, its words and its status",
            zh: "单个方案：各项数字及其条款、原文与确认状态",
            answers: &[(200, "Policy")],
            problems: &[404],
            ..NONE
        },
        reference::policy,
    )
    .post(
        Right::TakeIn,
        "/api/v1/imports/{kind}",
        About {
            en: "Take in a table, all rows or none; with preview, say what that would do",
            zh: "导入表格（全部行或不导入）；preview 为试导入",
            query: &[("preview", "true: change nothing, and say what would change and what is wrong")],
            body: Some(FILE),
            answers: &[(201, "ImportOutcome"), (200, "ImportPreview")],
            problems: &[404, 409, 413, 422],
            ..NONE
        },
        imports::take_in,
    )
    .get(
        Right::TakeIn,
        "/api/v1/imports/{kind}/template",
        About {
            en: "A table to start from: headings and one made-up row",
            zh: "导入模板",
            query: &[("lang", "Language of the headings: zh or en")],
            answers: &[(200, "template")],
            problems: &[404],
            ..NONE
        },
        imports::template,
    )
    .get(
        Right::SeeWhole,
        "/api/v1/sources",
        About {
            en: "Where recordings are read from, the last complete listing, and counts",
            zh: "录像来源、最近一次完整清点与数量",
            answers: &[(200, "Sources")],
            tag: Tag::Revision,
            ..NONE
        },
        sources::sources,
    )
    .get(
        Right::SeeWhole,
        "/api/v1/fixity",
        About {
            en: "Whether stored footage was read again in time, the last runs, and what was found",
            zh: "定期核验情况、最近各次核验与发现的问题",
            answers: &[(200, "Fixity")],
            problems: &[409],
            ..NONE
        },
        fixity::fixity,
    )
    .get(
        Right::SeeWhole,
        "/api/v1/retention",
        About {
            en: "What of the footage must be kept, what is locked, and what may go, in sums",
            zh: "录像保存建议汇总：须保存、锁定、可清理",
            answers: &[(200, "Retention")],
            problems: &[409],
            ..NONE
        },
        retention::sums,
    )
    .get(
        Right::SeeWhole,
        "/api/v1/retention/recordings",
        About {
            en: "The recordings of a month with what is advised of each, and why",
            zh: "某月录像的保存建议与理由",
            query: &[
                ("month", "Month in which they began; the latest with a stage if not given"),
                ("advice", "Only those of which this is advised: locked, keep, may_go"),
                ("after", "Name of the recording after which the page begins"),
                ("limit", "1 to 500"),
            ],
            answers: &[(200, "RetentionPage")],
            problems: &[409],
            ..NONE
        },
        retention::recordings,
    )
    .get(
        Right::See,
        "/api/v1/quarantine",
        About {
            en: "What is there and not usable, with the reasons, by key or in another order",
            zh: "隔离区清单与原因",
            query: &[
                ("device", "Only those of this device"),
                ("badge", "Only those of this officer"),
                ("problem", "Only those with this problem"),
                ("q", "Only keys that contain this text"),
            ],
            sorts: recording_pages::QUARANTINE_SORTS,
            answers: &[(200, "Quarantine")],
            tag: Tag::Revision,
            ..NONE
        },
        sources::quarantine,
    )
    .post(
        Right::TakeIn,
        "/api/v1/quarantine/{id}/retry",
        About {
            en: "Have an object read again by the next pass of `reelproof ingest`",
            zh: "下一次接入时重新读取",
            body: Some("Nothing"),
            answers: &[(202, "AskedAgain")],
            problems: &[404, 409],
            ..NONE
        },
        sources::retry,
    )
}
