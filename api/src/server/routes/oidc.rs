//! Signing in with a provider of OpenID Connect: away to it and back, and whose account each person is.
//!
//! A browser goes through these addresses by itself, so what goes wrong is told as a page, in both languages.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Extension, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use catalog::account::{Identity, UserId};
use serde::{Deserialize, Serialize};

use super::session::cookie;
use crate::accounts::{self, By, SESSION_LENGTH};
use crate::oidc::{FLOW, Oidc, OidcError, admit};
use crate::server::App;
use crate::server::body::Form;
use crate::server::gate::{COOKIE, cookie_of};
use crate::server::guard::{Client, RequestId};
use crate::server::params::Params;
use crate::server::problem::{Code, Problem};
use crate::server::rights::Viewer;

/// Name of the cookie that holds a sign-in under way.
const FLOW_COOKIE: &str = "reelproof_oidc";

/// Name of the cookie that says that the session began at the provider.
pub(super) const FROM_PROVIDER: &str = "reelproof_oidc_session";

/// What the page that signs people in offers beside login and password.
#[derive(Debug, Serialize)]
pub(in crate::server) struct Offer {
    /// Where to go; `None`: nowhere.
    begin: Option<&'static str>,
    /// What to call it; `None`: as the page does.
    label: Option<String>,
}

pub(in crate::server) async fn offer(State(app): State<App>, uri: Uri) -> Result<Json<Offer>, Problem> {
    Params::of(&uri, &[])?;
    let oidc = app.state.oidc.as_ref();
    Ok(Json(Offer {
        begin: oidc.map(|_| "/api/v1/oidc/begin"),
        label: oidc.and_then(|oidc| oidc.settings().label.clone()),
    }))
}

fn not_offered() -> Problem {
    Problem::new(
        Code::NotFound,
        "This service signs nobody in by OpenID Connect; the settings have no [serve.oidc].",
        "本服务未启用统一身份认证（配置中没有 [serve.oidc]）。",
    )
}

/// Goes to a place, with cookies.
fn go(place: &str, cookies: &[HeaderValue]) -> Response {
    let Ok(place) = HeaderValue::from_str(place) else { return Problem::not_found().into_response() };
    let mut answer = (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response();
    for cookie in cookies {
        answer.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    answer
}

/// The cookie of a sign-in under way: it has to come along when the provider sends the browser back.
fn flow_cookie(app: &App, value: &str, seconds: i64) -> HeaderValue {
    let secure = if app.state.front.tls { "; Secure" } else { "" };
    let text = format!(
        "{FLOW_COOKIE}={value}; Path=/api/v1/oidc; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"
    );
    // Base64 and dots are visible ASCII.
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

pub(in crate::server) async fn begin(
    State(app): State<App>,
    Extension(RequestId(request)): Extension<RequestId>,
    uri: Uri,
) -> Result<Response, Problem> {
    let params = Params::of(&uri, &["to"])?;
    let now = app.state.clock.now();
    let oidc = app.state.oidc.as_ref().ok_or_else(not_offered)?;
    Ok(match oidc.begin(params.text("to"), now).await {
        Ok(begun) => go(begun.url.as_str(), &[flow_cookie(&app, &begun.cookie, FLOW.0 / 1_000_000)]),
        Err(error) => page(&error, &request),
    })
}

pub(in crate::server) async fn callback(
    State(app): State<App>,
    Extension(client): Extension<Client>,
    Extension(RequestId(request)): Extension<RequestId>,
    headers: HeaderMap,
    Query(answer): Query<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    let now = app.state.clock.now();
    app.pace.attempt(client, now)?;
    let oidc = app.state.oidc.as_ref().ok_or_else(not_offered)?;
    let end = flow_cookie(&app, "", 0);
    Ok(match signed_in(&app, oidc, &headers, &answer, &request).await {
        Ok((to, secret)) => {
            let seconds = SESSION_LENGTH.0 / 1_000_000;
            let session = cookie(&app, COOKIE, &secret, seconds);
            go(&to, &[end, session, cookie(&app, FROM_PROVIDER, "yes", seconds)])
        }
        Err(error) => {
            let mut answer = page(&error, &request);
            answer.headers_mut().append(header::SET_COOKIE, end);
            answer
        }
    })
}

async fn signed_in(
    app: &App,
    oidc: &Oidc,
    headers: &HeaderMap,
    answer: &BTreeMap<String, String>,
    request: &str,
) -> Result<(String, String), OidcError> {
    let (catalog, now) = (app.catalog(), app.state.clock.now());
    let vouched = oidc.end(cookie_of(headers, FLOW_COOKIE), answer, now).await?;
    let by = By { user: None, login: "(identity provider)".to_owned(), request: Some(request.to_owned()) };
    match admit(oidc, catalog, &app.state.hasher, &vouched.claims, &by, now).await {
        Ok(user) => {
            let session = accounts::begin_session(catalog, user, Some(request.to_owned()), now).await?;
            Ok((vouched.to, session.secret.reveal().to_owned()))
        }
        Err(error) => {
            let mut entry = by.line("sign_in", "", now);
            entry.outcome = catalog::account::TrailOutcome::Refused;
            entry.detail.insert("why".to_owned(), error.to_string());
            entry.detail.insert("subject".to_owned(), vouched.claims.sub.clone());
            catalog.add_trail(&entry).await?;
            Err(error)
        }
    }
}

/// Why somebody is not signed in, as a page. What went wrong inside goes to the log, under the number that the page shows.
fn page(error: &OidcError, request: &str) -> Response {
    let (status, zh, en) = match error {
        OidcError::Provider { .. } | OidcError::Machine(_) | OidcError::Store(_) => (
            StatusCode::BAD_GATEWAY,
            "统一身份认证暂时无法使用，请稍后重试，或用本系统账户登录。",
            "The identity provider cannot be used at the moment. Try again later, or sign in with an account of this service.",
        ),
        OidcError::Refused(_) => (
            StatusCode::FORBIDDEN,
            "统一身份认证未通过或已取消，请重新登录。",
            "The identity provider did not sign you in, or you changed your mind. Sign in again.",
        ),
        OidcError::NoFlow(_) => (
            StatusCode::BAD_REQUEST,
            "本次登录已失效（超过十分钟、已使用或在其他窗口发起），请重新登录。",
            "This sign-in is over: it took more than ten minutes, was used before, or began in another browser. Sign in again.",
        ),
        OidcError::Token(_) => (
            StatusCode::FORBIDDEN,
            "统一身份认证返回的凭据未通过校验，不能登录。请将下方编号告知系统管理员。",
            "What the identity provider sent does not pass the checks, so you are not signed in. Give the number below to your administrator.",
        ),
        OidcError::NoRole => (
            StatusCode::FORBIDDEN,
            "您在统一身份认证中没有本系统的角色，请联系系统管理员授权。",
            "The identity provider gives you no role in this service. Ask your administrator for one.",
        ),
        OidcError::NoAccount => (
            StatusCode::FORBIDDEN,
            "您的身份已登记，尚未关联本系统账户，请联系系统管理员关联。",
            "You are known now, but no account of this service is yours yet. Ask your administrator to link one.",
        ),
        OidcError::Closed => (
            StatusCode::FORBIDDEN,
            "您的账户已停用，请联系系统管理员。",
            "Your account is closed. Ask your administrator.",
        ),
        OidcError::Account(_) => (
            StatusCode::FORBIDDEN,
            "无法按统一身份认证提供的角色、单位设置账户，请将下方编号告知系统管理员。",
            "Your account cannot be what the identity provider says (role or unit). Give the number below to your administrator.",
        ),
    };
    if status == StatusCode::BAD_GATEWAY {
        tracing::error!(request, error = %error, "signing in with the identity provider failed");
    } else {
        tracing::warn!(request, error = %error, "signing in with the identity provider was refused");
    }
    let text = format!(
        "<!doctype html>\n<html lang=\"zh-CN\">\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>无法登录 · Not signed in</title></head>\n<body>\n<main>\n<h1>无法登录 \
         <span lang=\"en\">Not signed in</span></h1>\n<p>{zh}</p>\n<p lang=\"en\">{en}</p>\n<p>编号 <span lang=\"en\">\
         Number</span>: {request}</p>\n<p><a href=\"/\">返回登录页 <span lang=\"en\">Back to the sign-in page</span></a></p>\n\
         </main>\n</body>\n</html>\n"
    );
    (status, Html(text)).into_response()
}

/// Whom the provider vouched for.
#[derive(Debug, Serialize)]
pub(in crate::server) struct Identities {
    identities: Vec<Identity>,
}

pub(in crate::server) async fn identities(
    State(app): State<App>,
    uri: Uri,
) -> Result<Json<Identities>, Problem> {
    Params::of(&uri, &[])?;
    Ok(Json(Identities { identities: app.catalog().identities().await? }))
}

/// Whose account a person is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct IdentityLink {
    issuer: String,
    subject: String,
    /// `None`: nobody's any more.
    user: Option<i64>,
}

pub(in crate::server) async fn link(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Form(form): Form<IdentityLink>,
) -> Result<StatusCode, Problem> {
    let (catalog, now) = (app.catalog(), app.state.clock.now());
    let user = form.user.map(UserId);
    let login = match user {
        Some(user) => accounts::user(catalog, user).await?.login,
        None => String::new(),
    };
    let mut line = viewer.by().line("link_identity", &login, now);
    line.detail.insert("issuer".to_owned(), form.issuer.clone());
    line.detail.insert("subject".to_owned(), form.subject.clone());
    if form.issuer.is_empty() || form.subject.is_empty() {
        return Err(Problem::new(
            Code::BadBody,
            "Give issuer and subject, to the letter.",
            "请填写 issuer 与 subject，须与认证方完全一致。",
        ));
    }
    catalog.link_identity(&form.issuer, &form.subject, user, &line).await?;
    Ok(StatusCode::NO_CONTENT)
}
