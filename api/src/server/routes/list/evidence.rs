//! What was recorded and what the audit makes of it.

use super::{AS_OF, FORMAT, LANG, MONTH, NONE};
use crate::server::endpoints::{About, Endpoints, Tag};
use crate::server::rights::Right;
use crate::server::routes::{
    audit, cases, coverage, custody, media, overview, recording_pages, recordings, versions,
};

pub(super) fn endpoints(to: Endpoints) -> Endpoints {
    custody(evidence(to))
}

fn evidence(to: Endpoints) -> Endpoints {
    to.get(
        Right::See,
        "/api/v1/overview",
        About {
            en: "The figures of a month",
            zh: "月度总览",
            query: &[MONTH],
            answers: &[(200, "Overview")],
            problems: &[404],
            ..NONE
        },
        overview::overview,
    )
    .get(
        Right::See,
        "/api/v1/recordings",
        About {
            en: "Recordings by key or in another order, a page at a time",
            zh: "视音频记录清单",
            query: &[
                ("device", "Only those of this device"),
                ("badge", "Only those of this officer"),
                ("quarantined", "true or false"),
                ("problem", "Only those with this problem"),
                ("q", "Only keys that contain this text"),
                FORMAT,
                LANG,
            ],
            sorts: recording_pages::SORTS,
            answers: &[(200, "Recordings or xlsx")],
            tag: Tag::Revision,
            ..NONE
        },
        recordings::list,
    )
    .get(
        Right::See,
        "/api/v1/recordings/{*object_key}",
        About {
            en: "The recordings of one key, one a store",
            zh: "单个对象的视音频记录",
            answers: &[(200, "RecordingsOfKey")],
            tag: Tag::Revision,
            problems: &[404],
            ..NONE
        },
        recordings::one,
    )
    .get(
        Right::See,
        "/api/v1/recordings/r{id}/media",
        About {
            en: "The bytes of a recording, whole or a range of them; each sight is in the access trail",
            zh: "录像内容，支持范围请求；每次查看均留痕",
            answers: &[(200, "bytes"), (206, "bytes"), (304, "")],
            problems: &[404, 410, 416, 502],
            ranges: true,
            ..NONE
        },
        media::media,
    )
    .get(
        Right::See,
        "/api/v1/recordings/r{id}/versions",
        About {
            en: "Every version of an object, its readings and digests, and where it was altered",
            zh: "对象的全部版本、读取记录与摘要",
            answers: &[(200, "Versions")],
            problems: &[404],
            tag: Tag::Revision,
            ..NONE
        },
        versions::versions,
    )
    .get(
        Right::See,
        "/api/v1/recordings/r{id}/inspection",
        About {
            en: "What the footage shows: black, frozen, silent, undecodable stretches, and how loud it is",
            zh: "画面与声音检查结果",
            answers: &[(200, "Shown")],
            problems: &[404],
            tag: Tag::Revision,
            ..NONE
        },
        versions::inspection,
    )
    .get(
        Right::See,
        "/api/v1/cases",
        About {
            en: "The cases of a month, a page at a time",
            zh: "当月案件清单",
            query: &[
                MONTH,
                ("status", "Only those with a stage that stands so"),
                ("kind", "Only those with a stage of this kind"),
                (
                    "finding",
                    "Only those with such a finding; what is asked of stages is asked of one and the same",
                ),
                ("unit", "Only those of this unit"),
                ("procedure", "Only those by this procedure"),
                ("q", "Only those with this text in number, title, places, badges or keys of recordings"),
                ("drawn", "true: only those of which the round of the month after drew something"),
                FORMAT,
                LANG,
            ],
            sorts: cases::SORTS,
            answers: &[(200, "Cases or xlsx")],
            problems: &[404],
            ..NONE
        },
        cases::list,
    )
    .get(
        Right::See,
        "/api/v1/cases/{*case_no}",
        About {
            en: "One case with its stages, obligations and recordings",
            zh: "单个案件的环节、应录要求与录像",
            query: &[AS_OF],
            answers: &[(200, "Case")],
            problems: &[404],
            ..NONE
        },
        cases::one,
    )
    .get(
        Right::See,
        "/api/v1/audit",
        About {
            en: "The audit of a month: every obligation with its coverage, gaps and findings",
            zh: "月度核查结果",
            query: &[MONTH, AS_OF, ("format", "xlsx: its findings as a table"), LANG],
            answers: &[(200, "Audit or xlsx")],
            problems: &[404],
            ..NONE
        },
        audit::audit,
    )
}

fn custody(to: Endpoints) -> Endpoints {
    to.get(
        Right::SeeWhole,
        "/api/v1/coverage",
        About {
            en: "Drone coverage of a month",
            zh: "月度无人机覆盖",
            query: &[MONTH, AS_OF],
            answers: &[(200, "Coverage")],
            problems: &[404, 409],
            ..NONE
        },
        coverage::coverage,
    )
    .get(
        Right::SeeWhole,
        "/api/v1/coverage/geojson",
        About {
            en: "The same as a map (GeoJSON)",
            zh: "无人机覆盖地图（GeoJSON）",
            query: &[MONTH, AS_OF],
            answers: &[(200, "GeoJson")],
            problems: &[404, 409],
            ..NONE
        },
        coverage::map,
    )
    .get(
        Right::SeeWhole,
        "/api/v1/reconcile",
        About {
            en: "What devices say they recorded against what is stored",
            zh: "设备登记与入库文件核对",
            query: &[MONTH, AS_OF],
            answers: &[(200, "Reconciliation")],
            problems: &[404, 409],
            ..NONE
        },
        custody::reconcile,
    )
    .get(
        Right::See,
        "/api/v1/excuses",
        About {
            en: "Excuses, withdrawn ones too",
            zh: "已登记的事由（含撤回）",
            query: &[
                ("month", "Only those of stages of this month"),
                ("stage", "CASE/STAGE: only those of this stage"),
                ("reason", "Only those of this reason"),
                ("standing", "true: only those that stand; false: only those that were withdrawn"),
            ],
            sorts: custody::EXCUSE_SORTS,
            answers: &[(200, "Excuses")],
            tag: Tag::Revision,
            ..NONE
        },
        custody::excuses,
    )
}
