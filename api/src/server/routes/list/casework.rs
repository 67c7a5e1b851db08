//! What people do with what was drawn.

use super::{MONTH, NONE};
use crate::server::endpoints::{About, Endpoints};
use crate::server::rights::Right;
use crate::server::routes::{casework, events, rounds, writes};

pub(super) fn endpoints(to: Endpoints) -> Endpoints {
    to.get(
        Right::See,
        "/api/v1/events",
        About {
            en: "That something changed, as server-sent events",
            zh: "变更通知（服务器推送）",
            answers: &[(200, "events")],
            ..NONE
        },
        events::events,
    )
    .get(
        Right::See,
        "/api/v1/rounds",
        About { en: "All sampling rounds", zh: "抽查批次清单", answers: &[(200, "Rounds")], ..NONE },
        rounds::list,
    )
    .get(
        Right::See,
        "/api/v1/rounds/{month}/{policy}",
        About {
            en: "One round; who sees one unit sees its items alone, without the frame",
            zh: "单个批次（仅可见本单位者只列本单位条目）",
            answers: &[(200, "Round")],
            problems: &[404],
            ..NONE
        },
        rounds::one,
    )
    .get(
        Right::SeeWhole,
        "/api/v1/rounds/{month}/{policy}/export",
        About {
            en: "A drawn round as the document that can be verified offline",
            zh: "导出已抽取批次，供离线核验",
            answers: &[(200, "RoundExport")],
            problems: &[404, 409],
            ..NONE
        },
        rounds::export,
    )
    .get(
        Right::See,
        "/api/v1/rounds/{month}/{policy}/review",
        About {
            en: "Where the review of a round stands, as one may see it",
            zh: "批次审看进度（按本人可见范围）",
            query: &[("by", "One's own badge; another's is refused")],
            answers: &[(200, "Review")],
            problems: &[404, 409],
            ..NONE
        },
        casework::round_review,
    )
    .get(
        Right::SeeWhole,
        "/api/v1/rounds/{month}/{policy}/agreement",
        About {
            en: "How far people agree who judged apart",
            zh: "独立审看一致性",
            answers: &[(200, "Agreement")],
            problems: &[404],
            ..NONE
        },
        casework::agreement,
    )
    .post(
        Right::Judge,
        "/api/v1/rounds/{month}/{policy}/verdicts",
        About {
            en: "Record a verdict on one's own seat",
            zh: "提交本人的审看结论",
            body: Some("Verdict"),
            answers: &[(201, "Standing")],
            problems: &[404, 409],
            ..NONE
        },
        writes::verdict,
    )
    .post(
        Right::Answer,
        "/api/v1/rounds/{month}/{policy}/statements",
        About {
            en: "Explain, or appeal against, what was found of one's own unit",
            zh: "本单位提交情况说明或申诉",
            body: Some("Statement"),
            answers: &[(201, "Standing")],
            problems: &[404, 409],
            ..NONE
        },
        writes::statement,
    )
    .post(
        Right::Excuse,
        "/api/v1/excuses",
        About {
            en: "Record why a stage was not recorded",
            zh: "登记未录或中断的事由",
            body: Some("Excuse"),
            answers: &[(201, "ExcuseEntry")],
            problems: &[404, 409],
            ..NONE
        },
        writes::excuse,
    )
    .get(
        Right::See,
        "/api/v1/visits",
        About { en: "Visits to units", zh: "实地检查", answers: &[(200, "Visits")], ..NONE },
        casework::visits,
    )
    .get(
        Right::See,
        "/api/v1/notices",
        About {
            en: "Notices; a squad does not see drafts",
            zh: "督察单（中队不可见草稿）",
            query: &[MONTH],
            answers: &[(200, "Notices")],
            ..NONE
        },
        casework::notices,
    )
    .get(
        Right::See,
        "/api/v1/scores",
        About {
            en: "Scores up to the end of a month",
            zh: "截至当月末的记分",
            query: &[MONTH],
            answers: &[(200, "Scores")],
            problems: &[404],
            ..NONE
        },
        casework::scores,
    )
    .get(
        Right::SeeWhole,
        "/api/v1/returns",
        About { en: "Kept returns", zh: "已存月报", answers: &[(200, "Returns")], ..NONE },
        casework::returns,
    )
    .get(
        Right::SeeWhole,
        "/api/v1/schedule",
        About {
            en: "What the schedule did",
            zh: "日程执行记录",
            query: &[MONTH],
            answers: &[(200, "Schedule")],
            ..NONE
        },
        casework::schedule,
    )
}
