//! Every way in which a request can fail, as an RFC 9457 problem document, in one place.
//!
//! A handler returns a [`Problem`]; it travels in the extensions of an empty answer to the guard, which
//! writes the document and logs it, so that the number of the request is known and nothing is said
//! twice. What went wrong inside (paths, statements, the words of the engine) goes to the log under that
//! number, never into the answer.

mod from;
mod refusals;
#[cfg(test)]
mod tests;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use catalog::account::Role;
use serde::Serialize;

use super::rights::Refused;

/// What kind of problem it is: the stable code, the status, and the titles people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    NotFound,
    MethodNotAllowed,
    BadParameter,
    BadPath,
    EmptyMonth,
    NoSuchRecording,
    NoSuchCase,
    NoSuchRound,
    NotDrawn,
    NoRules,
    NoFlyableArea,
    ForeignHost,
    BodyTooLarge,
    BadBody,
    NotSignedIn,
    SetUpRequired,
    SetUpAlready,
    BadSetUpToken,
    WrongPassword,
    AccountResting,
    BadAccount,
    AccountTaken,
    LastAdministrator,
    NoSuchUser,
    NoSuchToken,
    NotAllowed,
    OutsideUnit,
    TokenTooNarrow,
    NoBadge,
    ForeignPage,
    TooOften,
    UnderWay,
    KeyTaken,
    DoneBefore,
    Refused,
    NoSuchStage,
    NoSuchNotice,
    NoSuchReturn,
    NoSuchExcuse,
    NoSuchPolicy,
    NoSuchUnit,
    NoSuchKind,
    KeptChanged,
    BadFile,
    OnRecord,
    RangeNotSatisfiable,
    MediaGone,
    MediaFailed,
    MediaChanged,
    NotShowable,
    NoPreviews,
    PreviewsBusy,
    LogKeyAway,
    LinkInvalid,
    LinkExpired,
    LinkOutdated,
    TimedOut,
    CatalogBusy,
    CatalogFailed,
    Internal,
}

impl Code {
    /// Stable code, status, English title, Chinese title.
    const fn facts(self) -> (&'static str, StatusCode, &'static str, &'static str) {
        match self {
            Self::NotFound => ("not_found", StatusCode::NOT_FOUND, "There is nothing here", "没有这个地址"),
            Self::MethodNotAllowed => (
                "method_not_allowed",
                StatusCode::METHOD_NOT_ALLOWED,
                "The method is not taken here",
                "该地址不接受此请求方法",
            ),
            Self::BadParameter => {
                ("bad_parameter", StatusCode::BAD_REQUEST, "A parameter is wrong", "参数有误")
            }
            Self::BadPath => ("bad_path", StatusCode::BAD_REQUEST, "The address is wrong", "地址有误"),
            Self::EmptyMonth => {
                ("empty_month", StatusCode::NOT_FOUND, "Nothing in this month", "该月没有执法环节")
            }
            Self::NoSuchRecording => {
                ("no_such_recording", StatusCode::NOT_FOUND, "No such recording", "没有该视音频记录")
            }
            Self::NoSuchCase => ("no_such_case", StatusCode::NOT_FOUND, "No such case", "没有该案件"),
            Self::NoSuchRound => ("no_such_round", StatusCode::NOT_FOUND, "No such round", "没有该抽查批次"),
            Self::NotDrawn => {
                ("round_not_drawn", StatusCode::CONFLICT, "The round is not drawn yet", "该批次尚未抽取")
            }
            Self::NoRules => {
                ("no_rules", StatusCode::CONFLICT, "The policy says nothing of this", "现行方案没有相应规定")
            }
            Self::NoFlyableArea => {
                ("no_flyable_area", StatusCode::CONFLICT, "No flyable area was imported", "尚未导入适航区域")
            }
            Self::ForeignHost => (
                "foreign_host",
                StatusCode::MISDIRECTED_REQUEST,
                "This service answers this machine only",
                "本服务仅供本机访问",
            ),
            Self::BodyTooLarge => {
                ("body_too_large", StatusCode::PAYLOAD_TOO_LARGE, "The request is too large", "请求过大")
            }
            Self::BadBody => {
                ("bad_body", StatusCode::UNPROCESSABLE_ENTITY, "The body is wrong", "请求内容有误")
            }
            Self::NotSignedIn => {
                ("not_signed_in", StatusCode::UNAUTHORIZED, "You are not signed in", "尚未登录")
            }
            Self::SetUpRequired => (
                "setup_required",
                StatusCode::UNAUTHORIZED,
                "The service has no account yet",
                "系统尚未初始化",
            ),
            Self::SetUpAlready => {
                ("set_up_already", StatusCode::CONFLICT, "The service is set up already", "系统已完成初始化")
            }
            Self::BadSetUpToken => {
                ("bad_setup_token", StatusCode::FORBIDDEN, "The set-up token is wrong", "初始化口令有误")
            }
            Self::WrongPassword => (
                "wrong_password",
                StatusCode::UNAUTHORIZED,
                "Login or password are not right",
                "用户名或口令不正确",
            ),
            Self::AccountResting => (
                "account_resting",
                StatusCode::TOO_MANY_REQUESTS,
                "Too many attempts failed",
                "尝试次数过多，账户暂时锁定",
            ),
            Self::BadAccount => (
                "bad_account",
                StatusCode::UNPROCESSABLE_ENTITY,
                "The account cannot be like that",
                "账户信息不符合要求",
            ),
            Self::AccountTaken => {
                ("account_taken", StatusCode::CONFLICT, "Another account has it", "已被其他账户占用")
            }
            Self::LastAdministrator => (
                "last_administrator",
                StatusCode::CONFLICT,
                "The last administrator stays",
                "须保留至少一名系统管理员",
            ),
            Self::NoSuchUser => ("no_such_user", StatusCode::NOT_FOUND, "No such account", "没有该账户"),
            Self::NoSuchToken => ("no_such_token", StatusCode::NOT_FOUND, "No such token", "没有该令牌"),
            Self::NotAllowed => {
                ("not_allowed", StatusCode::FORBIDDEN, "Your role does not allow this", "当前角色无此权限")
            }
            Self::OutsideUnit => (
                "outside_unit",
                StatusCode::FORBIDDEN,
                "This is about all units, and you see one",
                "该内容涉及全部单位，超出可见范围",
            ),
            Self::TokenTooNarrow => {
                ("token_too_narrow", StatusCode::FORBIDDEN, "The token does not allow this", "令牌权限不足")
            }
            Self::NoBadge => {
                ("no_badge", StatusCode::FORBIDDEN, "Your account is no officer's", "账户未关联执法人员")
            }
            Self::ForeignPage => (
                "foreign_page",
                StatusCode::FORBIDDEN,
                "This came from another site's page",
                "请求来自其他网站的页面",
            ),
            Self::TooOften => {
                ("too_often", StatusCode::TOO_MANY_REQUESTS, "Too many requests", "请求过于频繁")
            }
            Self::UnderWay => {
                ("under_way", StatusCode::CONFLICT, "The same request is under way", "相同请求正在处理")
            }
            Self::KeyTaken => (
                "idempotency_key_taken",
                StatusCode::CONFLICT,
                "The idempotency key is another request's",
                "幂等键已用于其他请求",
            ),
            Self::DoneBefore => (
                "done_before",
                StatusCode::CONFLICT,
                "It was done already, and the answer is not kept",
                "该操作已完成，其结果未留存",
            ),
            Self::Refused => {
                ("refused", StatusCode::CONFLICT, "The rules do not allow this", "不符合办理规则")
            }
            Self::NoSuchStage => ("no_such_stage", StatusCode::NOT_FOUND, "No such stage", "没有该执法环节"),
            Self::NoSuchNotice => ("no_such_notice", StatusCode::NOT_FOUND, "No such notice", "没有该文书"),
            Self::NoSuchReturn => ("no_such_return", StatusCode::NOT_FOUND, "No such return", "没有该月报"),
            Self::NoSuchExcuse => ("no_such_excuse", StatusCode::NOT_FOUND, "No such excuse", "没有该事由"),
            Self::NoSuchPolicy => ("no_such_policy", StatusCode::NOT_FOUND, "No such policy", "没有该方案"),
            Self::NoSuchUnit => ("no_such_unit", StatusCode::NOT_FOUND, "No such unit", "没有该单位"),
            Self::NoSuchKind => {
                ("no_such_kind", StatusCode::NOT_FOUND, "No such kind of table", "没有该类导入表")
            }
            Self::KeptChanged => (
                "kept_changed",
                StatusCode::CONFLICT,
                "What was kept is not what is there",
                "留存内容已被改动",
            ),
            Self::BadFile => {
                ("bad_file", StatusCode::UNPROCESSABLE_ENTITY, "The file cannot be taken in", "文件未能导入")
            }
            Self::OnRecord => {
                ("on_record", StatusCode::CONFLICT, "It is on record already", "该事项已有记录")
            }
            Self::RangeNotSatisfiable => (
                "range_not_satisfiable",
                StatusCode::RANGE_NOT_SATISFIABLE,
                "There are no such bytes",
                "请求的字节范围不存在",
            ),
            Self::MediaGone => (
                "media_gone",
                StatusCode::GONE,
                "The footage is no longer in its store",
                "视音频文件已不在存储中",
            ),
            Self::MediaFailed => (
                "media_failed",
                StatusCode::BAD_GATEWAY,
                "The store does not give the footage",
                "存储无法读取该视音频文件",
            ),
            Self::MediaChanged => (
                "media_changed",
                StatusCode::CONFLICT,
                "The footage is not what the catalog knows",
                "录像文件与目录库记录不符",
            ),
            Self::NotShowable => (
                "not_showable",
                StatusCode::UNPROCESSABLE_ENTITY,
                "Nothing can be shown of this file",
                "该文件无法生成预览",
            ),
            Self::NoPreviews => (
                "no_previews",
                StatusCode::NOT_IMPLEMENTED,
                "This service makes no previews",
                "本服务未启用预览",
            ),
            Self::PreviewsBusy => (
                "previews_busy",
                StatusCode::SERVICE_UNAVAILABLE,
                "Too many previews are waiting",
                "等待生成的预览过多",
            ),
            Self::LogKeyAway => {
                ("log_key_away", StatusCode::SERVICE_UNAVAILABLE, "The log cannot be signed", "日志无法签署")
            }
            Self::LinkInvalid => {
                ("link_invalid", StatusCode::FORBIDDEN, "The link is not one of ours", "链接无效")
            }
            Self::LinkExpired => {
                ("link_expired", StatusCode::FORBIDDEN, "The link has expired", "链接已过期")
            }
            Self::LinkOutdated => (
                "link_outdated",
                StatusCode::FORBIDDEN,
                "The link is for an earlier version",
                "链接对应的是较早的版本",
            ),
            Self::TimedOut => {
                ("timed_out", StatusCode::SERVICE_UNAVAILABLE, "This took too long", "处理超时")
            }
            Self::CatalogBusy => {
                ("catalog_busy", StatusCode::SERVICE_UNAVAILABLE, "The catalog is busy", "目录库正忙")
            }
            Self::CatalogFailed => (
                "catalog_failed",
                StatusCode::SERVICE_UNAVAILABLE,
                "The catalog does not answer",
                "目录库无法读取",
            ),
            Self::Internal => ("internal", StatusCode::INTERNAL_SERVER_ERROR, "We failed", "系统内部错误"),
        }
    }
}

/// Why a request failed.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    code: Code,
    detail: String,
    detail_zh: String,
    parameter: Option<String>,
    /// In so many seconds it may be tried again.
    after_s: Option<i64>,
    /// What is wrong, one by one.
    problems: Option<Box<serde_json::Value>>,
    /// For the log alone.
    inside: Option<Box<str>>,
}

/// The document, as it is sent.
#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: &'a str,
    title_zh: &'a str,
    status: u16,
    detail: &'a str,
    detail_zh: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problems: Option<&'a serde_json::Value>,
    request_id: &'a str,
}

impl Problem {
    /// A problem in both languages.
    pub(super) fn new(code: Code, detail: impl Into<String>, detail_zh: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            detail_zh: detail_zh.into(),
            parameter: None,
            after_s: None,
            problems: None,
            inside: None,
        }
    }

    /// A parameter that does not do.
    pub(super) fn parameter(name: &str, detail: String, detail_zh: String) -> Self {
        Self { parameter: Some(name.to_owned()), ..Self::new(Code::BadParameter, detail, detail_zh) }
    }

    /// A failure of ours; `error` is only logged.
    pub(super) fn internal(error: &dyn std::fmt::Display) -> Self {
        let problem = Self::new(
            Code::Internal,
            "The log has more under the number of this request; tell it to whoever runs the service.",
            "详情已记入日志，请将请求编号告知系统维护人员。",
        );
        problem.because(error)
    }

    /// There is nothing at this address.
    pub(super) fn not_found() -> Self {
        Self::new(
            Code::NotFound,
            "No such address; those of data begin with /api/v1/ and stand in /api/openapi.json.",
            "没有这个地址；数据接口均以 /api/v1/ 开头，清单见 /api/openapi.json。",
        )
    }

    /// There is no recording of this key.
    pub(super) fn no_such_recording(key: &str) -> Self {
        Self::new(
            Code::NoSuchRecording,
            format!("The catalog knows no object `{key}`."),
            format!("目录库中没有对象“{key}”。"),
        )
    }

    /// There is no case of this number.
    pub(super) fn no_such_case(case_no: &str) -> Self {
        Self::new(
            Code::NoSuchCase,
            format!("The catalog knows no case `{case_no}`."),
            format!("目录库中没有案件“{case_no}”。"),
        )
    }

    /// No round was drawn, so there is no return to show.
    pub(super) fn no_round_drawn() -> Self {
        Self::new(
            Code::NotDrawn,
            "No round is drawn yet, so there is no return: freeze one, then draw it.",
            "尚无已抽取的批次，因而没有月报：请先冻结批次，再行抽取。",
        )
    }

    /// No stage was imported yet.
    pub(super) fn no_stages() -> Self {
        Self::new(
            Code::EmptyMonth,
            "The catalog has no stages yet: import cases and stages on the page System, Imports.",
            "尚无执法环节，请先在“系统—数据导入”导入案件和环节。",
        )
    }

    /// No flight was imported yet.
    pub(super) fn no_sorties() -> Self {
        Self::new(
            Code::EmptyMonth,
            "The catalog has no flights yet: import them on the page System, Imports.",
            "尚无无人机架次，请先在“系统—数据导入”导入。",
        )
    }

    /// Nobody is signed in.
    pub(super) fn not_signed_in() -> Self {
        Self::new(
            Code::NotSignedIn,
            "Sign in first; a session ends after two hours without use, and after twelve in any case.",
            "请先登录；会话闲置两小时或满十二小时后自动失效。",
        )
    }

    /// There is no account at all.
    pub(super) fn set_up_required() -> Self {
        Self::new(
            Code::SetUpRequired,
            "Open the link that the service printed when it was started, and make the first administrator.",
            "请打开服务启动时给出的链接，创建首位系统管理员。",
        )
    }

    /// Somebody may not do what they asked for.
    pub(super) fn refused(refused: Refused, role: Role) -> Self {
        match refused {
            Refused::Role => Self::new(
                Code::NotAllowed,
                format!("The role {role} does not have this right; an administrator can change roles."),
                format!("“{}”角色没有此项权限；如需调整，请联系系统管理员。", role.zh()),
            ),
            Refused::Part => Self::new(
                Code::OutsideUnit,
                "Your account sees one unit and those below it, and this is about all of them.",
                "您的账户仅可查看本单位及下属单位，而该内容涉及全部单位。",
            ),
            Refused::Token => Self::new(
                Code::TokenTooNarrow,
                "Use a token of the scope `write`, or, for accounts, passwords and tokens, sign in.",
                "请使用读写令牌；账户、口令与令牌的管理须登录后进行。",
            ),
        }
    }

    /// A write from another site's page.
    pub(super) fn foreign_page() -> Self {
        Self::new(
            Code::ForeignPage,
            "Changes are taken from this service's own pages, and from programs that send an API token.",
            "仅接受本系统页面或持有令牌的程序提交的变更。",
        )
    }

    /// The body is larger than anything here takes.
    pub(super) fn body_too_large(most: u64) -> Self {
        Self::new(
            Code::BodyTooLarge,
            format!("A request may have at most {most} bytes."),
            format!("请求至多 {most} 字节。"),
        )
    }

    /// The same request came before and is not answered yet.
    pub(super) fn under_way() -> Self {
        Self::new(
            Code::UnderWay,
            "A request with this Idempotency-Key is being worked on; ask again in a moment.",
            "使用该幂等键的请求正在处理，请稍后再试。",
        )
    }

    /// The idempotency key belongs to another request.
    pub(super) fn key_of_another() -> Self {
        Self::new(
            Code::KeyTaken,
            "This Idempotency-Key came with another request; take a new one for each thing to be done.",
            "该幂等键已随另一请求使用；每项操作请使用新的幂等键。",
        )
    }

    /// It was done under this key, and the answer is not kept.
    pub(super) fn done_before() -> Self {
        Self::new(
            Code::DoneBefore,
            "This was done under this Idempotency-Key, and its answer, which was large or held what is shown once, is \
             not kept: look at what there is now.",
            "该幂等键对应的操作已经完成；其结果含一次性内容或篇幅较大，未予留存，请查看当前状态。",
        )
    }

    /// A body whose fields do not do.
    pub(super) fn body(detail: impl Into<String>, detail_zh: impl Into<String>) -> Self {
        Self::new(Code::BadBody, detail, detail_zh)
    }

    /// There is no notice of this number.
    pub(super) fn no_such_notice(id: u64) -> Self {
        Self::new(
            Code::NoSuchNotice,
            format!("There is no notice {id}; /api/v1/notices lists them."),
            format!("没有编号为 {id} 的文书，清单见 /api/v1/notices。"),
        )
    }

    /// There is no unit of this code.
    pub(super) fn no_such_unit(code: &str) -> Self {
        Self::new(
            Code::NoSuchUnit,
            format!("There is no unit `{code}`; /api/v1/units lists them."),
            format!("没有单位“{code}”，清单见 /api/v1/units。"),
        )
    }

    /// The same problem, with what is wrong one by one.
    pub(super) fn listing(mut self, problems: serde_json::Value) -> Self {
        self.problems = Some(Box::new(problems));
        self
    }

    /// Says after how many seconds it may be tried again.
    pub(super) fn after(mut self, seconds: i64) -> Self {
        self.after_s = Some(seconds);
        self
    }

    pub(super) fn because(mut self, error: &dyn std::fmt::Display) -> Self {
        self.inside = Some(error.to_string().into());
        self
    }

    /// Whether the fault is ours, and the log should say more.
    pub(super) fn inside(&self) -> Option<&str> {
        self.inside.as_deref()
    }

    /// The stable code.
    pub(super) fn code(&self) -> &'static str {
        self.code.facts().0
    }

    /// Writes the document into the answer that carried it.
    pub(super) fn write(&self, answer: &mut Response, request_id: &str) {
        let (code, status, title, title_zh) = self.code.facts();
        let document = Document {
            r#type: format!("urn:reelproof:problem:{code}"),
            title,
            title_zh,
            status: status.as_u16(),
            detail: &self.detail,
            detail_zh: &self.detail_zh,
            code,
            parameter: self.parameter.as_deref(),
            problems: self.problems.as_deref(),
            request_id,
        };
        // Texts and a number always become JSON; an empty body with the right status is the rest.
        *answer.body_mut() = Body::from(serde_json::to_vec(&document).unwrap_or_default());
        *answer.status_mut() = status;
        let headers = answer.headers_mut();
        // The empty answer that carried the problem was measured already.
        headers.remove(header::CONTENT_LENGTH);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        let busy = matches!(self.code, Code::CatalogBusy | Code::TimedOut).then_some(5);
        if let Some(seconds) = self.after_s.or(busy) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"reelproof\""));
        }
    }
}

/// An empty answer that carries the problem to the guard.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut answer = self.code.facts().1.into_response();
        answer.extensions_mut().insert(self);
        answer
    }
}
