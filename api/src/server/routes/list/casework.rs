//! What people record beside a round: excuses, visits, notices, returns, and what the schedule did.

use super::{FORMAT, LANG, MONTH, NONE};
use crate::server::endpoints::{About, Endpoints, Tag};
use crate::server::rights::Right;
use crate::server::routes::{casework, events, notices, returns, review_acts, writes};

pub(super) fn endpoints(to: Endpoints) -> Endpoints {
    returns(notices(people(to)))
}

fn people(to: Endpoints) -> Endpoints {
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
    .post(
        Right::Excuse,
        "/api/v1/excuses/{id}/withdraw",
        About {
            en: "Take an excuse back; it stays on record",
            zh: "撤回事由（原记录留存）",
            body: Some("Reason"),
            answers: &[(201, "ExcuseEntry")],
            problems: &[404, 409],
            ..NONE
        },
        writes::withdraw_excuse,
    )
    .get(
        Right::See,
        "/api/v1/visits",
        About {
            en: "Visits to units",
            zh: "实地检查",
            query: &[
                ("month", "Only those that began in this month"),
                ("unit", "Only those to this unit"),
                ("on_site", "true or false: in person or online"),
            ],
            sorts: casework::VISIT_SORTS,
            answers: &[(200, "Visits")],
            tag: Tag::Revision,
            ..NONE
        },
        casework::visits,
    )
    .post(
        Right::Visit,
        "/api/v1/visits",
        About {
            en: "Record a visit, whether or not it found anything",
            zh: "登记实地检查（未发现问题也登记）",
            body: Some("NewVisit"),
            answers: &[(201, "Visit")],
            problems: &[404, 409],
            ..NONE
        },
        review_acts::visit,
    )
}

fn notices(to: Endpoints) -> Endpoints {
    to.get(
        Right::See,
        "/api/v1/notices",
        About {
            en: "Notices; a squad does not see drafts",
            zh: "督察单（中队不可见草稿）",
            query: &[
                ("month", "Only those of this month's round"),
                ("unit", "Only those to this unit"),
                ("kind", "Only those of this kind"),
                ("state", "Only those that are so far"),
                ("overdue", "true or false"),
                FORMAT,
                LANG,
            ],
            sorts: notices::SORTS,
            answers: &[(200, "Notices or xlsx")],
            ..NONE
        },
        notices::list,
    )
    .post(
        Right::DraftNotices,
        "/api/v1/notices/drafts",
        About {
            en: "Draft notices for what a round found",
            zh: "依批次结果起草文书",
            body: Some("DraftWish"),
            answers: &[(201, "Drafted")],
            problems: &[404, 409],
            ..NONE
        },
        notices::draft,
    )
    .post(
        Right::DraftNotices,
        "/api/v1/notices/escalations",
        About {
            en: "Draft what follows every overdue notice",
            zh: "对逾期未复的起草下一级文书",
            body: Some("PolicyChoice"),
            answers: &[(201, "Escalations")],
            problems: &[404, 409],
            ..NONE
        },
        notices::escalate,
    )
    .get(
        Right::See,
        "/api/v1/notices/{id}",
        About { en: "One notice", zh: "单份文书", answers: &[(200, "Notice")], problems: &[404], ..NONE },
        notices::one,
    )
    .get(
        Right::See,
        "/api/v1/notices/{id}/document.docx",
        About {
            en: "A notice as a Word document, ready to print",
            zh: "文书的 Word 文档",
            answers: &[(200, "docx")],
            problems: &[404],
            ..NONE
        },
        notices::document,
    )
    .post(
        Right::Notify,
        "/api/v1/notices/{id}/issue",
        About {
            en: "Issue a draft: it gets the next number",
            zh: "签发草稿并编号",
            body: Some("Issue"),
            answers: &[(201, "Notice")],
            problems: &[404, 409],
            ..NONE
        },
        notices::issue,
    )
    .post(
        Right::Answer,
        "/api/v1/notices/{id}/reply",
        About {
            en: "Record the answer of the unit that got it",
            zh: "收文单位回复",
            body: Some("Reply"),
            answers: &[(201, "Notice")],
            problems: &[404, 409],
            ..NONE
        },
        notices::reply,
    )
    .post(
        Right::Notify,
        "/api/v1/notices/{id}/close",
        About {
            en: "Close a notice whose answer does",
            zh: "办结",
            body: Some("Note"),
            answers: &[(201, "Notice")],
            problems: &[404, 409],
            ..NONE
        },
        notices::close,
    )
    .post(
        Right::Notify,
        "/api/v1/notices/{id}/withdraw",
        About {
            en: "Withdraw a notice that no longer holds",
            zh: "撤销",
            body: Some("Reason"),
            answers: &[(201, "Notice")],
            problems: &[404, 409],
            ..NONE
        },
        notices::withdraw,
    )
    .get(
        Right::See,
        "/api/v1/scores",
        About {
            en: "Scores up to the end of a month",
            zh: "截至当月末的记分",
            query: &[MONTH],
            answers: &[(200, "Scores")],
            problems: &[404, 409],
            ..NONE
        },
        casework::scores,
    )
}

fn returns(to: Endpoints) -> Endpoints {
    to.get(
        Right::SeeWhole,
        "/api/v1/report",
        About {
            en: "The monthly return, as JSON or as a file",
            zh: "监督月报（JSON 或文件）",
            query: &[MONTH, ("format", "As a file: csv, docx, json or xlsx")],
            answers: &[(200, "return")],
            problems: &[404, 409],
            ..NONE
        },
        returns::report,
    )
    .get(
        Right::SeeWhole,
        "/api/v1/returns",
        About {
            en: "Kept returns",
            zh: "已存月报",
            answers: &[(200, "Returns")],
            tag: Tag::Revision,
            ..NONE
        },
        returns::list,
    )
    .post(
        Right::File,
        "/api/v1/returns",
        About {
            en: "Keep the return as it is now, as a draft",
            zh: "将当前月报存为草稿",
            body: Some("Keep"),
            answers: &[(201, "KeptReturn"), (200, "KeptReturn")],
            problems: &[404, 409],
            ..NONE
        },
        returns::keep,
    )
    .post(
        Right::File,
        "/api/v1/returns/{id}/sent",
        About {
            en: "Keep a draft as sent, byte for byte",
            zh: "按报送稿留存草稿",
            body: Some("Nothing"),
            answers: &[(201, "KeptReturn"), (200, "KeptReturn")],
            problems: &[404, 409],
            ..NONE
        },
        returns::sent,
    )
    .get(
        Right::SeeWhole,
        "/api/v1/returns/{id}/document.{format}",
        About {
            en: "A kept return as a file, byte for byte",
            zh: "已存月报文件",
            answers: &[(200, "file")],
            problems: &[404, 409],
            ..NONE
        },
        returns::document,
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
