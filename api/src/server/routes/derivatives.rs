//! What is made of footage: previews that browsers play, thumbnails, filmstrips.
//!
//! Whoever asks first is told to come back (202, `Retry-After`); once it is there it is served like footage, in ranges,
//! and whoever looks is written down likewise. Every answer says that it is a derivative, and of which bytes.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use catalog::MediaTime;
use catalog::derivative::{Tile, Treatment};
use catalog::store::RecordingEntry;
use serde::Serialize;

use super::media::{Look, failed, gone, head, written_down};
use super::ranged::{Ranged, ranged, visible};
use crate::derivatives::cache::Entry;
use crate::derivatives::{Found, Original, Unmade, Wish};
use crate::footage::body;
use crate::server::App;
use crate::server::params::Params;
use crate::server::problem::{Code, Problem};

/// Names the bytes that an answer was made from.
const DERIVATIVE_OF: HeaderName = HeaderName::from_static("x-reelproof-derivative-of");
/// The original's own time at which the derivative's is 0, in microseconds.
const ORIGIN_US: HeaderName = HeaderName::from_static("x-reelproof-origin-us");
/// Whether picture and sound are the original's own: `copied`, `encoded` or `none`, in this order.
const TREATMENT: HeaderName = HeaderName::from_static("x-reelproof-treatment");

/// When to ask again for what is being made.
const AGAIN_S: i64 = 2;

/// What is said while something is being made.
#[derive(Debug, Serialize)]
struct Making {
    state: &'static str,
    retry_after_s: i64,
}

/// A preview of a recording.
pub(in crate::server) async fn preview(
    State(app): State<App>,
    uri: Uri,
    look: Look,
) -> Result<Response, Problem> {
    Params::of(&uri, &[])?;
    preview_of(&app, &look).await
}

/// The preview of a recording that somebody sees.
pub(super) async fn preview_of(app: &App, look: &Look) -> Result<Response, Problem> {
    let wish = Wish::preview(&look.recording.observation);
    let entry = match found(app, &look.recording, &wish)? {
        Ok(entry) => entry,
        Err(making) => return Ok(making),
    };
    let derived = &entry.derived;
    let word = |treatment: Option<Treatment>| match treatment {
        None => "none",
        Some(Treatment::Copied) => "copied",
        Some(Treatment::Encoded) => "encoded",
    };
    let treatment = format!("{}, {}", word(derived.video), word(derived.audio));
    let mut head = said(&look.recording, "video/mp4", "preview.mp4");
    head.insert(TREATMENT, visible(&treatment));
    served(app, look, &wish, entry, head, "view_preview").await
}

/// One key frame of a recording.
pub(in crate::server) async fn thumbnail(
    State(app): State<App>,
    uri: Uri,
    look: Look,
) -> Result<Response, Problem> {
    let at_us = Params::of(&uri, &["at_us"])?.number("at_us")?;
    let recording = &look.recording;
    let origin = recording.observation.origin().unwrap_or(MediaTime::ZERO);
    let wish = Wish::thumbnail(&recording.observation, at_us.map_or(origin, MediaTime));
    let entry = match found(&app, recording, &wish)? {
        Ok(entry) => entry,
        Err(making) => return Ok(making),
    };
    let mut head = said(recording, "image/jpeg", "thumbnail.jpg");
    if let Some(tile) = entry.derived.tiles.first() {
        head.insert(HeaderName::from_static("x-reelproof-at-us"), HeaderValue::from(tile.at_us.0));
    }
    served(&app, &look, &wish, entry, head, "view_stills").await
}

/// What a filmstrip consists of.
#[derive(Debug, Serialize)]
struct Times {
    derivative_of: String,
    tiles: Vec<Tile>,
}

/// Key frames from all over a recording: one picture, or, as `part=times`, where in it which one stands.
pub(in crate::server) async fn filmstrip(
    State(app): State<App>,
    uri: Uri,
    look: Look,
) -> Result<Response, Problem> {
    let params = Params::of(&uri, &["part"])?;
    let times = match params.text("part") {
        None | Some("picture") => false,
        Some("times") => true,
        Some(other) => {
            let detail = format!("`{other}` is no part of a filmstrip: `picture` or `times`.");
            return Err(Problem::parameter("part", detail, "part 只能是 picture 或 times。".to_owned()));
        }
    };
    let recording = &look.recording;
    let wish = Wish::filmstrip(&recording.observation);
    let entry = match found(&app, recording, &wish)? {
        Ok(entry) => entry,
        Err(making) => return Ok(making),
    };
    if times {
        let derivative_of = format!("sha256:{}", recording.observation.sha256);
        return Ok(Json(Times { derivative_of, tiles: entry.derived.tiles }).into_response());
    }
    let head = said(recording, "image/jpeg", "filmstrip.jpg");
    served(&app, &look, &wish, entry, head, "view_stills").await
}

/// The derivative if it is there; else the answer that it is being made.
fn found(app: &App, recording: &RecordingEntry, wish: &Wish) -> Result<Result<Entry, Response>, Problem> {
    let store = app.state.footage.store(&recording.store).map_err(|error| failed(&error))?.store;
    let key = object_store::path::Path::parse(&recording.object_key).map_err(|error| failed(&error))?;
    let original = || Original { store, key, signature: recording.signature.clone() };
    let found = app.state.derivatives.find(wish, original, app.state.clock.now());
    match found.map_err(|error| failed(&error))? {
        None => Err(Problem::new(
            Code::NoPreviews,
            "It was started without the program that makes them, `reelproof-media`, or without a folder to keep them in; \
             its log says which.",
            "服务启动时未找到 reelproof-media 程序或预览缓存目录，详见日志。",
        )),
        Some(Found::Ready(entry)) => Ok(Ok(entry)),
        Some(Found::Making) => {
            let making = Json(Making { state: "making", retry_after_s: AGAIN_S });
            Ok(Err((StatusCode::ACCEPTED, [(header::RETRY_AFTER, HeaderValue::from(AGAIN_S))], making)
                .into_response()))
        }
        Some(Found::Busy) => Err(Problem::new(
            Code::PreviewsBusy,
            "Ask again in a minute; the setting serve.previews_at_once says how many are made at a time.",
            "请一分钟后重试；同时生成的数量由设置 serve.previews_at_once 决定。",
        )
        .after(60)),
        Some(Found::Failed(Unmade::Changed)) => Err(Problem::new(
            Code::MediaChanged,
            "Its bytes changed since they were read in: ask again after the next pass over its source.",
            "文件自入库后发生变化：请待其来源再次接入后重试。",
        )),
        Some(Found::Failed(Unmade::Gone)) => Err(gone(&recording.object_key)),
        Some(Found::Failed(Unmade::Footage(why))) => Err(Problem::new(
            Code::NotShowable,
            format!("{why}. The original can be downloaded and opened in another player."),
            "该文件无法解码，未能生成预览；可下载原始文件，用其他播放器打开。",
        )),
        Some(Found::Failed(Unmade::Ours(why))) => Err(failed(&why)),
    }
}

/// The headers that say what a derivative is, and of what.
fn said(recording: &RecordingEntry, media_type: &'static str, ending: &str) -> HeaderMap {
    let name = recording.object_key.rsplit('/').next().unwrap_or_default();
    let mut head = head(media_type, &format!("{name}.{ending}"));
    let of = format!("sha256:{}; version={}; evidence=no", recording.observation.sha256, recording.version);
    head.insert(DERIVATIVE_OF, visible(&of));
    let origin = recording.observation.origin().unwrap_or(MediaTime::ZERO);
    head.insert(ORIGIN_US, HeaderValue::from(origin.0));
    head
}

async fn served(
    app: &App,
    look: &Look,
    wish: &Wish,
    entry: Entry,
    head: HeaderMap,
    act: &str,
) -> Result<Response, Problem> {
    // The name says which bytes it was made of and by which recipe.
    let tag = format!("\"{}-{}\"", wish.name, entry.size_bytes);
    let (mut answer, range) = match ranged(&look.method, &look.headers, entry.size_bytes, &tag, head) {
        Ranged::Whole(answer) => return Ok(answer),
        Ranged::Bytes(answer, range) => (answer, range),
    };
    written_down(app, look, act).await?;
    *answer.body_mut() = Body::from_stream(body::pieces(entry.file, range));
    Ok(answer)
}
