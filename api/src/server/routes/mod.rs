//! The addresses of the service, one file a subject, and the list of them all.

mod audit;
mod cases;
mod casework;
mod coverage;
mod custody;
mod events;
mod health;
mod media;
mod overview;
mod recordings;
mod rounds;
mod session;
mod users;
mod writes;

use super::endpoints::{About, Endpoints};
use super::openapi;
use super::rights::Right;

const NONE: About = About { en: "", zh: "", query: &[], body: None, answers: &[(200, "")], problems: &[] };

const MONTH: (&str, &str) = ("month", "2024-05; the latest with data if not given");
const AS_OF: (&str, &str) = ("as_of", "A moment, RFC 3339; now if not given");

/// Every address.
pub(super) fn routes(to: Endpoints) -> Endpoints {
    let to = health_and_session(to);
    let to = accounts(to);
    let to = custody(evidence(to));
    casework(to)
}

fn health_and_session(to: Endpoints) -> Endpoints {
    to.get(
        Right::Anyone,
        "/healthz",
        About { en: "The process lives", zh: "进程存活", answers: &[(200, "Health")], ..NONE },
        health::lives,
    )
    .get(
        Right::Anyone,
        "/readyz",
        About { en: "The catalog answers", zh: "目录库可用", answers: &[(200, "Health")], ..NONE },
        health::ready,
    )
    .get(
        Right::ReadTrail,
        "/metrics",
        About {
            en: "Figures of the service, for Prometheus",
            zh: "服务运行指标（Prometheus）",
            answers: &[(200, "text")],
            ..NONE
        },
        health::figures,
    )
    .get(
        Right::Anyone,
        "/api/openapi.json",
        About { en: "This description", zh: "本接口说明", answers: &[(200, "Description")], ..NONE },
        openapi::document,
    )
    .get(
        Right::Anyone,
        "/api/docs",
        About { en: "The way to these pages", zh: "接口文档入口", answers: &[(308, "")], ..NONE },
        openapi::pages,
    )
    .get(
        Right::Anyone,
        "/api/docs/{*file}",
        About {
            en: "This description as pages",
            zh: "接口文档页面",
            answers: &[(200, "page")],
            problems: &[404],
            ..NONE
        },
        openapi::page,
    )
    .get(
        Right::See,
        "/api/v1/session",
        About { en: "Who is signed in", zh: "当前登录账户", answers: &[(200, "Session")], ..NONE },
        session::show,
    )
    .post(
        Right::Anyone,
        "/api/v1/session",
        About {
            en: "Sign in; sets the session's cookie",
            zh: "登录并设置会话 Cookie",
            body: Some("SignIn"),
            answers: &[(200, "Session")],
            problems: &[401],
            ..NONE
        },
        session::sign_in,
    )
    .delete(
        Right::Oneself,
        "/api/v1/session",
        About { en: "Sign out", zh: "退出登录", answers: &[(204, "")], ..NONE },
        session::sign_out,
    )
    .post(
        Right::Anyone,
        "/api/v1/setup",
        About {
            en: "Make the first administrator, with the token that `reelproof serve` printed",
            zh: "凭启动时给出的口令创建首位系统管理员",
            body: Some("FirstAccount"),
            answers: &[(201, "Session")],
            problems: &[403, 409],
            ..NONE
        },
        session::set_up,
    )
    .post(
        Right::Oneself,
        "/api/v1/session/password",
        About {
            en: "Change one's own password; all sessions end and a new one begins",
            zh: "修改本人密码，原有会话全部失效",
            body: Some("NewPassword"),
            answers: &[(200, "Session")],
            ..NONE
        },
        session::password,
    )
    .get(
        Right::Oneself,
        "/api/v1/tokens",
        About {
            en: "One's own API tokens", zh: "本人的接口令牌", answers: &[(200, "Tokens")], ..NONE
        },
        session::tokens,
    )
    .post(
        Right::Oneself,
        "/api/v1/tokens",
        About {
            en: "Make an API token; its secret is shown once",
            zh: "新建接口令牌，密文仅显示一次",
            body: Some("TokenWish"),
            answers: &[(201, "NewToken")],
            ..NONE
        },
        session::add_token,
    )
    .delete(
        Right::Oneself,
        "/api/v1/tokens/{id}",
        About {
            en: "Revoke one of one's own tokens",
            zh: "撤销本人的令牌",
            answers: &[(204, "")],
            problems: &[404],
            ..NONE
        },
        session::revoke_token,
    )
}

fn accounts(to: Endpoints) -> Endpoints {
    to.get(
        Right::KeepAccounts,
        "/api/v1/users",
        About { en: "All accounts", zh: "全部账户", answers: &[(200, "Users")], ..NONE },
        users::list,
    )
    .post(
        Right::KeepAccounts,
        "/api/v1/users",
        About {
            en: "Make an account",
            zh: "新建账户",
            body: Some("NewAccount"),
            answers: &[(201, "User")],
            problems: &[409],
            ..NONE
        },
        users::add,
    )
    .patch(
        Right::KeepAccounts,
        "/api/v1/users/{id}",
        About {
            en: "Change an account; what is not given stays",
            zh: "修改账户，未填项保持不变",
            body: Some("AccountChange"),
            answers: &[(200, "User")],
            problems: &[404, 409],
            ..NONE
        },
        users::change,
    )
    .get(
        Right::ReadTrail,
        "/api/v1/audit-trail",
        About {
            en: "The access trail, latest first: sign-ins, sights of footage, writes",
            zh: "操作留痕（登录、查看录像、变更），按时间倒序",
            query: &[
                ("before", "Number of a line: only those before it"),
                ("limit", "1 to 500"),
                ("login", "Only this login's"),
                ("act", "Only this act"),
            ],
            answers: &[(200, "Trail")],
            ..NONE
        },
        users::trail,
    )
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
            en: "Recordings by key, a page at a time",
            zh: "视音频记录清单",
            query: &[
                ("after", "Key after which the page begins"),
                ("limit", "1 to 500"),
                ("device", "Only those of this device"),
                ("badge", "Only those of this officer"),
                ("quarantined", "true or false"),
                ("problem", "Only those with this problem"),
                ("q", "Only keys that contain this text"),
            ],
            answers: &[(200, "Recordings")],
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
            ..NONE
        },
        media::media,
    )
    .get(
        Right::See,
        "/api/v1/cases",
        About {
            en: "The cases of a month, a page at a time",
            zh: "当月案件清单",
            query: &[MONTH, ("after", "Case number after which the page begins"), ("limit", "1 to 1000")],
            answers: &[(200, "Cases")],
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
            query: &[MONTH, AS_OF],
            answers: &[(200, "Audit")],
            problems: &[404],
            ..NONE
        },
        audit::audit,
    )
    .get(
        Right::SeeWhole,
        "/api/v1/report",
        About {
            en: "The monthly return",
            zh: "监督月报",
            query: &[MONTH],
            answers: &[(200, "Report")],
            problems: &[404, 409],
            ..NONE
        },
        audit::report,
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
            query: &[MONTH, ("stage", "CASE/STAGE: only those of this stage")],
            answers: &[(200, "Excuses")],
            ..NONE
        },
        custody::excuses,
    )
}

fn casework(to: Endpoints) -> Endpoints {
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
