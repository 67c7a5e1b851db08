//! Sampling rounds: what there is, what people do with them, and the review of what was drawn.

use super::NONE;
use crate::server::endpoints::{About, Endpoints, Tag};
use crate::server::rights::Right;
use crate::server::routes::{casework, review_acts, round_acts, rounds, writes};

pub(super) fn endpoints(to: Endpoints) -> Endpoints {
    acts(reading(to))
}

fn reading(to: Endpoints) -> Endpoints {
    to.get(
        Right::See,
        "/api/v1/rounds",
        About {
            en: "All sampling rounds",
            zh: "抽查批次清单",
            query: &[
                ("month", "Only those of this month"),
                ("policy", "Only those under this policy"),
                ("kind", "Only those that look at this"),
                ("drawn", "true or false"),
            ],
            sorts: rounds::SORTS,
            answers: &[(200, "Rounds")],
            tag: Tag::Revision,
            ..NONE
        },
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
            tag: Tag::Revision,
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
            tag: Tag::Revision,
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
            tag: Tag::Revision,
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
    .get(
        Right::SeeWhole,
        "/api/v1/rounds/{month}/{policy}/changes",
        About {
            en: "What changed in the data since a round was frozen",
            zh: "批次冻结后数据有何变化",
            answers: &[(200, "Changes")],
            problems: &[404, 409],
            tag: Tag::Revision,
            ..NONE
        },
        round_acts::changes,
    )
}

fn acts(to: Endpoints) -> Endpoints {
    to.post(
        Right::Draw,
        "/api/v1/rounds",
        About {
            en: "Freeze a round; one that was frozen before is given as it is",
            zh: "冻结抽查批次（已冻结的原样返回）",
            body: Some("Freeze"),
            answers: &[(201, "Round"), (200, "Round")],
            problems: &[404, 409],
            ..NONE
        },
        round_acts::freeze,
    )
    .post(
        Right::Draw,
        "/api/v1/rounds/{month}/{policy}/seed",
        About {
            en: "Record the announced seed; the schedule draws with it",
            zh: "登记公布的种子，由日程据此抽取",
            body: Some("Announced"),
            answers: &[(201, "AnnouncedSeed")],
            problems: &[404, 409],
            ..NONE
        },
        round_acts::announce,
    )
    .post(
        Right::Draw,
        "/api/v1/rounds/{month}/{policy}/draw",
        About {
            en: "Draw a frozen round with a seed",
            zh: "以公布的种子抽取",
            body: Some("Seed"),
            answers: &[(201, "Round")],
            problems: &[404, 409],
            ..NONE
        },
        round_acts::draw,
    )
    .post(
        Right::Draw,
        "/api/v1/rounds/{month}/{policy}/redraw",
        About {
            en: "Draw again with another seed; the first draw stays on record",
            zh: "重新抽取（原抽取结果留存）",
            body: Some("Redraw"),
            answers: &[(201, "Round")],
            problems: &[404, 409],
            ..NONE
        },
        round_acts::redraw,
    )
    .post(
        Right::Draw,
        "/api/v1/rounds/{month}/{policy}/skips",
        About {
            en: "Do not look at a drawn item; it stays in every denominator",
            zh: "免查抽中条目（仍计入分母）",
            body: Some("ItemReason"),
            answers: &[(201, "RoundAct")],
            problems: &[404, 409],
            ..NONE
        },
        round_acts::skip,
    )
    .post(
        Right::Draw,
        "/api/v1/rounds/{month}/{policy}/substitutes",
        About {
            en: "Look at the next item of the unit in the place of a drawn one",
            zh: "以本单位下一条替补抽中条目",
            body: Some("ItemReason"),
            answers: &[(201, "RoundAct")],
            problems: &[404, 409],
            ..NONE
        },
        round_acts::substitute,
    )
    .post(
        Right::Draw,
        "/api/v1/rounds/{month}/{policy}/extras",
        About {
            en: "Take extra items of a unit because of a risk",
            zh: "因风险加抽某单位条目",
            body: Some("Extra"),
            answers: &[(201, "RoundAct")],
            problems: &[404, 409],
            ..NONE
        },
        round_acts::extra,
    )
    .post(
        Right::Draw,
        "/api/v1/rounds/{month}/{policy}/assignments",
        About {
            en: "Assign all that has no reviewers yet",
            zh: "分派全部未分派条目",
            body: Some("Assign"),
            answers: &[(201, "AssignPlan")],
            problems: &[404, 409],
            ..NONE
        },
        review_acts::assign,
    )
    .post(
        Right::Draw,
        "/api/v1/rounds/{month}/{policy}/reassignments",
        About {
            en: "Give a seat to another reviewer; the earlier assignment stays on record",
            zh: "更换审看人员（原分派留存）",
            body: Some("Reassign"),
            answers: &[(201, "Assignment")],
            problems: &[404, 409],
            ..NONE
        },
        review_acts::reassign,
    )
    .post(
        Right::Decide,
        "/api/v1/rounds/{month}/{policy}/decisions",
        About {
            en: "Decide an appeal, or between reviewers who disagree",
            zh: "裁定申诉或分歧",
            body: Some("Decision"),
            answers: &[(201, "Standing")],
            problems: &[404, 409],
            ..NONE
        },
        review_acts::decide,
    )
}
