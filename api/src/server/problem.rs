//! Every way in which a request can fail, as an RFC 9457 problem document, in one place.
//!
//! A handler returns a [`Problem`]; it travels in the extensions of an empty answer to the guard, which
//! writes the document and logs it, so that the number of the request is known and nothing is said
//! twice. What went wrong inside (paths, statements, the words of the engine) goes to the log under that
//! number, never into the answer.

use analyzer::reconcile::ReconcileError;
use axum::body::Body;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use catalog::Month;
use catalog::store::StoreError;
use serde::Serialize;

use crate::casework::CaseworkError;
use crate::operations::OperationError;
use crate::reconciliation::ReconciliationError;

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
                "This can only be read",
                "该地址只供读取",
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
    /// For the log alone.
    inside: Option<String>,
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
    request_id: &'a str,
}

impl Problem {
    /// A problem in both languages.
    pub(super) fn new(code: Code, detail: impl Into<String>, detail_zh: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), detail_zh: detail_zh.into(), parameter: None, inside: None }
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
            "No such address; those that read data begin with /api/v1/.",
            "没有这个地址；数据接口均以 /api/v1/ 开头。",
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
            "No round is drawn yet, so there is no return: freeze one with `reelproof sample freeze`, \
             then draw it.",
            "尚无已抽取的批次，因而没有月报：请先执行 reelproof sample freeze 冻结批次，再行抽取。",
        )
    }

    fn because(mut self, error: &dyn std::fmt::Display) -> Self {
        self.inside = Some(error.to_string());
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
            request_id,
        };
        // Texts and a number always become JSON; an empty body with the right status is the rest.
        *answer.body_mut() = Body::from(serde_json::to_vec(&document).unwrap_or_default());
        *answer.status_mut() = status;
        let headers = answer.headers_mut();
        // The empty answer that carried the problem was measured already.
        headers.remove(header::CONTENT_LENGTH);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if matches!(self.code, Code::CatalogBusy | Code::TimedOut) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
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

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::new(
                Code::CatalogBusy,
                "Another process is writing to the catalog; try again in a moment.",
                "另有程序正在写入目录库，请稍后重试。",
            ),
            other => Self::new(
                Code::CatalogFailed,
                "The catalog could not be read; the log says why under the number of this request.",
                "目录库无法读取，原因已按请求编号记入日志。",
            )
            .because(&other),
        }
    }
}

impl From<CaseworkError> for Problem {
    fn from(error: CaseworkError) -> Self {
        match error {
            CaseworkError::Operation(error) => error.into(),
            CaseworkError::NoRules { policy, block } => Self::new(
                Code::BadParameter,
                format!("The policy {policy} has no block [{block}]."),
                format!("方案 {policy} 未设 [{block}] 部分。"),
            ),
            CaseworkError::OtherPolicy { round, of, given } => Self::new(
                Code::BadParameter,
                format!("Round {round} is of the policy {of}, and this service works under {given}."),
                format!("批次 {round} 属于方案 {of}，本服务使用方案 {given}。"),
            ),
            CaseworkError::NoOfficer(badge) => Self::parameter(
                "by",
                format!("There is no officer of badge `{badge}`."),
                format!("没有警号为“{badge}”的人员。"),
            ),
            other => Self::internal(&other),
        }
    }
}

impl From<OperationError> for Problem {
    fn from(error: OperationError) -> Self {
        let detail = error.to_string();
        match error {
            OperationError::Store(error) => error.into(),
            OperationError::EmptyMonth { month, .. }
            | OperationError::EmptyBaseMonth { base_month: month, .. } => {
                Self::new(Code::EmptyMonth, detail, empty_month_zh(month))
            }
            OperationError::NoRound { round, .. } => Self::new(
                Code::NoSuchRound,
                detail,
                format!(
                    "没有批次“{round}”。批次以“月份/方案”命名，例如 2024-06/jingan-2024；已有批次见 /api/v1/rounds。"
                ),
            ),
            OperationError::NotDrawn { round } => Self::new(
                Code::NotDrawn,
                detail,
                format!("批次“{round}”已冻结但尚未抽取：请公布随机种子后执行 reelproof sample draw。"),
            ),
            OperationError::NoSorties { month, .. } => Self::new(
                Code::EmptyMonth,
                detail,
                format!("{month} 没有无人机架次：请另选月份，或执行 reelproof import sorties 导入该月架次。"),
            ),
            OperationError::NoDroneGoal { ref policy } => {
                let detail_zh = format!(
                    "方案“{policy}”没有无人机覆盖目标：请在方案中增加 [drone_coverage]，或改用有此规定的方案。"
                );
                Self::new(Code::NoRules, detail, detail_zh)
            }
            OperationError::NoFlyableArea => Self::new(
                Code::NoFlyableArea,
                detail,
                "尚未导入适航区域：请执行 reelproof import areas 导入 GeoJSON，属性 kind 写 flyable 或 no_fly。",
            ),
            other => Self::internal(&other),
        }
    }
}

impl From<ReconciliationError> for Problem {
    fn from(error: ReconciliationError) -> Self {
        let detail = error.to_string();
        match error {
            ReconciliationError::Store(error) => error.into(),
            ReconciliationError::Policy(ReconcileError::NoRules { policy }) => Self::new(
                Code::NoRules,
                detail,
                format!(
                    "方案“{policy}”没有 [reconcile] 规定，无从判断设备中的文件保存到何时：请补充后再核对。"
                ),
            ),
            ReconciliationError::CutOff(error) => Self::internal(&error),
        }
    }
}

fn empty_month_zh(month: Month) -> String {
    format!("{month} 没有执法环节：请另选月份，或先导入该月的执法环节。")
}

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        Self::new(
            Code::BadPath,
            format!("{}: write it in UTF-8, percent-encoded.", rejection.body_text()),
            "地址无法解读：请以 UTF-8 编码并作百分号转义。",
        )
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(
            Code::BadParameter,
            format!("{}: write name=value pairs, percent-encoded, with & between.", rejection.body_text()),
            "参数无法解读：请写作 名称=值，以 & 分隔，并作百分号转义。",
        )
    }
}
