//! The web UI, compiled in (see `build.rs`), and the page that replays a draw. Neither asks any other host for
//! anything, so they work where there is no way out of the building.
//!
//! - Files whose names carry their digest (`/assets/`) are kept by browsers for good; everything else is asked for
//!   anew each time and answered with 304 while it is the same, so after an update nobody looks at an old page.
//! - The addresses of pages are the UI's own: whatever a browser opens that is no file and nothing under `/api` gets
//!   the UI's entry, so a link to a case works from anywhere.
//! - Where the UI was not built, a page says how to build it.

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest as _, Sha256};

use super::problem::Problem;

/// One file of the UI.
#[derive(Debug, Clone, Copy)]
pub(super) struct File {
    /// Its address, beginning with a slash.
    pub(super) address: &'static str,
    pub(super) bytes: &'static [u8],
    /// The same, compressed; `None` of what does not get smaller.
    pub(super) gzip: Option<&'static [u8]>,
}

mod built {
    use super::File;

    include!(concat!(env!("OUT_DIR"), "/ui.rs"));
}

/// What the UI may do. No script but its own files; styles may stand in the page, because the parts it is made of
/// write theirs there, and a style runs nothing. Maps draw in a worker, from a file of ours.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data: blob:; media-src 'self'; connect-src 'self'; font-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'; object-src 'none'",
);

/// Shown where there is no UI to show.
const NOT_BUILT: &str = include_str!("page/not_built.html");

/// The page that replays a draw, the same file that works without this service.
const VERIFY_DRAW: &str = include_str!("../../../docs/verify_draw.html");

/// The UI that was compiled in.
static UI: LazyLock<Ui> = LazyLock::new(|| Ui::of(built::BUILT));

/// The files of a UI by address, with their entity tags.
#[derive(Debug)]
struct Ui(HashMap<&'static str, (File, String)>);

impl Ui {
    fn of(files: &'static [File]) -> Self {
        let tagged = |file: &File| (*file, hex::encode(&Sha256::digest(file.bytes)[..16]));
        Self(files.iter().map(|file| (file.address, tagged(file))).collect())
    }

    /// What a browser gets that opens `path`; `None` if that is nothing of the UI's.
    fn answer(&self, path: &str, headers: &HeaderMap) -> Option<Response> {
        if let Some((file, tag)) = self.0.get(path) {
            return Some(send(file, tag, headers));
        }
        let is_page = !path.starts_with("/api/") && !path.starts_with("/assets/");
        if !is_page || (path != "/" && !wants_page(headers)) {
            return None;
        }
        Some(match self.0.get("/index.html") {
            Some((file, tag)) => send(file, tag, headers),
            None => ([(header::CONTENT_TYPE, HTML)], NOT_BUILT).into_response(),
        })
    }
}

const HTML: &str = "text/html; charset=utf-8";

fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

fn send(file: &File, tag: &str, headers: &HeaderMap) -> Response {
    let takes_gzip = headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| coding.trim().eq_ignore_ascii_case("gzip") || coding.trim().starts_with("gzip;q=1"));
    let gzip = file.gzip.filter(|_| takes_gzip);
    // Each form of a file has a tag of its own (RFC 9110, section 8.8.3.3).
    let tag = if gzip.is_some() { format!("\"{tag}-gz\"") } else { format!("\"{tag}\"") };
    let known = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|one| one.trim().trim_start_matches("W/") == tag);
    let mut answer =
        Response::new(if known { Body::empty() } else { Body::from(gzip.unwrap_or(file.bytes)) });
    if known {
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let hashed = file.address.starts_with("/assets/");
    let keep = if hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
    let answered = answer.headers_mut();
    answered.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(file.address)));
    answered.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    answered.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    answered.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        answered.insert(header::ETAG, tag);
    }
    if gzip.is_some() && !known {
        answered.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    answer
}

fn content_type(address: &str) -> &'static str {
    match address.rsplit('.').next() {
        Some("html") => HTML,
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

/// The addresses that are fixed.
pub(super) fn routes() -> Router {
    Router::new().route("/", get(fallback)).route("/verify_draw.html", get(verify_draw))
}

/// Everything else that is no address of the service: the UI's files and pages, or nothing.
pub(super) async fn fallback(request: Request) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let answer = reads.then(|| UI.answer(request.uri().path(), request.headers())).flatten();
    answer.unwrap_or_else(|| Problem::not_found().into_response())
}

/// The page brings its own policy, which allows its one script by digest; the header repeats it, so that no
/// wider one of the service takes its place.
async fn verify_draw() -> impl IntoResponse {
    let policy = VERIFY_DRAW
        .split_once("Content-Security-Policy\" content=\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .and_then(|(policy, _)| HeaderValue::from_str(policy).ok())
        .unwrap_or_else(|| HeaderValue::from_static("default-src 'none'"));
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CONTENT_TYPE, HeaderValue::from_static(HTML)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, VERIFY_DRAW)
}

#[cfg(test)]
mod tests;
