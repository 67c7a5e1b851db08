//! Short-lived signed links to footage: made by somebody who sees it, used by a player without a session.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use catalog::WallTime;
use serde::{Deserialize, Serialize};

use super::derivatives::preview_of;
use super::media::{Look, original, recording};
use crate::links::{Grant, Purpose, Refused};
use crate::server::App;
use crate::server::body::Form;
use crate::server::gate::sight_of;
use crate::server::guard::{Client, RequestId};
use crate::server::params::Params;
use crate::server::problem::{Code, Problem};
use crate::server::rights::Viewer;

/// What a link is to show.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct LinkWish {
    /// `media` if nothing is said.
    purpose: Option<String>,
}

/// A link.
#[derive(Debug, Serialize)]
struct Link {
    /// Where on this service it leads.
    url: String,
    expires_at: WallTime,
}

/// Makes a link.
pub(in crate::server) async fn make(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    id: Result<Path<String>, PathRejection>,
    Form(wish): Form<LinkWish>,
) -> Result<Response, Problem> {
    let Path(number) = id?;
    let code = wish.purpose.as_deref().unwrap_or(Purpose::Media.as_str());
    let purpose = Purpose::of(code).ok_or_else(|| {
        Problem::new(
            Code::BadBody,
            "`purpose` is `media` or `preview`.",
            "purpose 只能是 media（原始文件）或 preview（预览）。",
        )
    })?;
    let recording = recording(&app, &viewer, &number).await?;
    let now = app.state.clock.now();
    let grant = Grant {
        purpose,
        recording: number.parse().map_err(|_| Problem::no_such_recording(&recording.id))?,
        version: recording.version,
        user: viewer.user.id,
        expires_at: now + app.state.links_last,
    };
    let mut line = viewer.by().line("make_link", &recording.object_key, now);
    line.detail.insert("recording".to_owned(), recording.id.clone());
    line.detail.insert("link".to_owned(), told(&grant));
    app.catalog().add_trail(&line).await?;
    let url = format!("/api/v1/links/{}", app.state.links.ticket(&grant));
    Ok((StatusCode::CREATED, Json(Link { url, expires_at: grant.expires_at })).into_response())
}

/// What the trail says of a link.
fn told(grant: &Grant) -> String {
    format!("{} v{} until {}", grant.purpose.as_str(), grant.version, grant.expires_at)
}

/// Follows a link. It lends the sight of the account that made it, as that is now.
pub(in crate::server) async fn follow(
    State(app): State<App>,
    Extension(client): Extension<Client>,
    Extension(RequestId(request)): Extension<RequestId>,
    method: Method,
    headers: HeaderMap,
    ticket: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> Result<Response, Problem> {
    Params::of(&uri, &[])?;
    let Path(ticket) = ticket?;
    let grant = app.state.links.read(&ticket, app.state.clock.now()).map_err(|refused| match refused {
        Refused::Invalid => Problem::new(
            Code::LinkInvalid,
            "It was changed on its way, or made before the service was started last: ask for a new one.",
            "链接被改动，或在服务最近一次启动之前生成：请重新获取。",
        ),
        Refused::Expired => Problem::new(
            Code::LinkExpired,
            "Links hold for some minutes: ask for a new one on the page of the recording.",
            "链接仅在数分钟内有效：请在录像页面重新获取。",
        ),
    })?;
    let user = app.catalog().users().await?.into_iter().find(|user| user.id == grant.user);
    let user = user.filter(|user| user.disabled_at.is_none()).ok_or_else(|| {
        Problem::new(
            Code::LinkInvalid,
            "The account that asked for it no longer exists or is disabled.",
            "生成该链接的账户已停用。",
        )
    })?;
    let revision = app.catalog().revision().await?;
    let sight = sight_of(&app, &user, revision).await?;
    let link = format!("{} from {}", told(&grant), client.0);
    let viewer = Viewer { user, sight, token: None, request, link: Some(link), revision };
    let recording = recording(&app, &viewer, &grant.recording.to_string()).await?;
    if recording.version != grant.version {
        return Err(Problem::new(
            Code::LinkOutdated,
            format!(
                "It is for version {}, and the present one is {}: ask for a new one.",
                grant.version, recording.version
            ),
            format!("链接对应第 {} 版，当前为第 {} 版：请重新获取。", grant.version, recording.version),
        ));
    }
    let look = Look { viewer, recording, method, headers };
    match grant.purpose {
        Purpose::Media => original(&app, &look).await,
        Purpose::Preview => preview_of(&app, &look).await,
    }
}
