//! Every way in which a request can fail, as an RFC 9457 problem document, in one place.
//!
//! A handler returns a [`Problem`]; it travels in the extensions of an empty answer to the guard, which
//! writes the document and logs it, so that the number of the request is known and nothing is said
//! twice. What went wrong inside (paths, statements, the words of the engine) goes to the log under that
//! number, never into the answer.

mod code;
mod from;
mod refusals;
#[cfg(test)]
mod tests;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use catalog::account::Role;
use serde::Serialize;

pub(super) use code::Code;

use super::rights::Refused;

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
