//! Signing in and out, the first account, one's own password and tokens.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use catalog::account::{ApiToken, Role, TokenScope, User};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::oidc::FROM_PROVIDER;
use crate::accounts::secret::Secret;
use crate::accounts::{self, By, SESSION_LENGTH, SignedIn, Wish};
use crate::server::App;
use crate::server::body::Form;
use crate::server::gate::{COOKIE, cookie_of, session_secret};
use crate::server::guard::{Client, RequestId};
use crate::server::params::Params;
use crate::server::problem::{Code, Problem};
use crate::server::rights::Viewer;

/// Who is signed in.
#[derive(Debug, Serialize)]
pub(in crate::server) struct Session {
    user: User,
    /// What the token may do; `None` in a browser's session.
    scope: Option<TokenScope>,
    setup_required: bool,
}

/// Who is signed in.
pub(in crate::server) async fn show(
    Extension(viewer): Extension<Viewer>,
    uri: Uri,
) -> Result<Json<Session>, Problem> {
    Params::of(&uri, &[])?;
    Ok(Json(Session { user: viewer.user, scope: viewer.token, setup_required: false }))
}

/// Login and password.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct SignIn {
    login: String,
    password: String,
}

/// Begins a session.
pub(in crate::server) async fn sign_in(
    State(app): State<App>,
    Extension(client): Extension<Client>,
    Extension(RequestId(request)): Extension<RequestId>,
    Form(form): Form<SignIn>,
) -> Result<Response, Problem> {
    let now = app.state.clock.now();
    app.pace.attempt(client, now)?;
    let by = By { user: None, login: String::new(), request: Some(request.clone()) };
    let (catalog, hasher) = (app.catalog(), &app.state.hasher);
    let proved = accounts::prove(catalog, hasher, &form.login, &form.password, &by, now).await;
    let user = match proved {
        Err(accounts::AccountError::Wrong) if catalog.users().await?.is_empty() => {
            return Err(Problem::set_up_required());
        }
        proved => proved?,
    };
    let signed_in = accounts::begin_session(catalog, user, Some(request), now).await?;
    Ok(with_session(&app, StatusCode::OK, signed_in))
}

/// The answer that begins a session.
fn with_session(app: &App, status: StatusCode, signed_in: SignedIn) -> Response {
    let cookie = cookie(app, COOKIE, signed_in.secret.reveal(), SESSION_LENGTH.0 / 1_000_000);
    let session = Session { user: signed_in.user, scope: None, setup_required: false };
    (status, [(header::SET_COOKIE, cookie)], Json(session)).into_response()
}

/// A cookie: for no script to read, for our own pages alone, and over TLS alone where there is TLS.
pub(super) fn cookie(app: &App, name: &str, value: &str, seconds: i64) -> HeaderValue {
    let secure = if app.state.front.tls { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    // Hexadecimal digits and what is written above are all visible ASCII.
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Where to go to sign out at the provider, too.
#[derive(Debug, Serialize)]
struct SignedOut {
    go_to: String,
}

/// Ends the session. One that began at a provider of OpenID Connect may have to be ended there, too: then the answer says
/// where to go.
pub(in crate::server) async fn sign_out(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let now = app.state.clock.now();
    if let Some(secret) = session_secret(&headers) {
        app.catalog().end_session(&secret.sha256(), &viewer.by().line("sign_out", "", now)).await?;
    }
    let from_provider = cookie_of(&headers, FROM_PROVIDER).is_some();
    let go_to = match &app.state.oidc {
        Some(oidc) if from_provider => oidc.sign_out(now).await,
        _ => None,
    };
    let mut answer = match go_to {
        Some(go_to) => Json(SignedOut { go_to: go_to.into() }).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    };
    answer.headers_mut().append(header::SET_COOKIE, cookie(&app, COOKIE, "", 0));
    if from_provider {
        answer.headers_mut().append(header::SET_COOKIE, cookie(&app, FROM_PROVIDER, "", 0));
    }
    Ok(answer)
}

/// The first account.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct FirstAccount {
    token: String,
    login: String,
    name: String,
    password: String,
}

/// Makes the first administrator, and signs them in.
pub(in crate::server) async fn set_up(
    State(app): State<App>,
    Extension(client): Extension<Client>,
    Extension(RequestId(request)): Extension<RequestId>,
    Form(form): Form<FirstAccount>,
) -> Result<Response, Problem> {
    let now = app.state.clock.now();
    app.pace.attempt(client, now)?;
    let catalog = app.catalog();
    if !catalog.users().await?.is_empty() {
        return Err(accounts::AccountError::SetUpAlready.into());
    }
    if !app.state.set_up.admits(&form.token) {
        return Err(Problem::new(
            Code::BadSetUpToken,
            "Use the link that the service printed when it was started last.",
            "请使用服务最近一次启动时给出的链接。",
        ));
    }
    let wish =
        Wish { login: form.login, name: form.name, role: Role::Administrator, unit: None, badge: None };
    let by = By { user: None, login: String::new(), request: Some(request.clone()) };
    let user = accounts::add(catalog, &app.state.hasher, wish, &form.password, true, &by, now).await?;
    let signed_in = accounts::begin_session(catalog, user, Some(request), now).await?;
    Ok(with_session(&app, StatusCode::CREATED, signed_in))
}

/// A change of one's own password.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct NewPassword {
    old: String,
    new: String,
}

/// Changes one's own password. All sessions end, and a new one begins.
pub(in crate::server) async fn password(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Extension(client): Extension<Client>,
    Form(form): Form<NewPassword>,
) -> Result<Response, Problem> {
    let now = app.state.clock.now();
    app.pace.attempt(client, now)?;
    let (catalog, hasher, by) = (app.catalog(), &app.state.hasher, viewer.by());
    let user = accounts::prove(catalog, hasher, &viewer.user.login, &form.old, &by, now).await?;
    accounts::set_password(catalog, hasher, &user, &form.new, &by, now).await?;
    let signed_in = accounts::begin_session(catalog, user, by.request, now).await?;
    Ok(with_session(&app, StatusCode::OK, signed_in))
}

/// One's tokens.
#[derive(Debug, Serialize)]
pub(in crate::server) struct Tokens {
    tokens: Vec<ApiToken>,
}

/// One's own tokens, latest first.
pub(in crate::server) async fn tokens(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    uri: Uri,
) -> Result<Json<Tokens>, Problem> {
    Params::of(&uri, &[])?;
    Ok(Json(Tokens { tokens: app.catalog().tokens(viewer.user.id).await? }))
}

/// A token to be made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct TokenWish {
    name: String,
    scope: TokenScope,
    days: u32,
}

/// Makes a token; its text is in this answer and nowhere else.
pub(in crate::server) async fn add_token(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Form(form): Form<TokenWish>,
) -> Result<Response, Problem> {
    let now = app.state.clock.now();
    let TokenWish { name, scope, days } = form;
    let (token, secret): (ApiToken, Secret) =
        accounts::add_token(app.catalog(), &viewer.user, &name, scope, days, &viewer.by(), now).await?;
    let document = json!({ "token": token, "secret": secret.reveal() });
    Ok((StatusCode::CREATED, Json(document)).into_response())
}

/// Revokes one of one's own tokens.
pub(in crate::server) async fn revoke_token(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    id: Result<Path<i64>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let Path(id) = id?;
    let line = viewer.by().line("revoke_token", &id.to_string(), app.state.clock.now());
    if app.catalog().revoke_token(id, viewer.user.id, &line).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(accounts::AccountError::NoSuchToken.into())
    }
}
