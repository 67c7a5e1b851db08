//! The kinds of problems, each with its stable code, its status, and its titles in both languages.

use axum::http::StatusCode;

/// What kind of problem it is: the stable code, the status, and the titles people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::server) enum Code {
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
    pub(super) const fn facts(self) -> (&'static str, StatusCode, &'static str, &'static str) {
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
