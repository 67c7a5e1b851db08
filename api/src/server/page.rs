//! The overview page: plain files without a framework, compiled in. It asks no other host for
//! anything, so it works where there is no way out of the building.

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use axum::routing::get;

/// Path, type and text of each file.
const FILES: [(&str, &str, &str); 10] = [
    ("/", "text/html; charset=utf-8", include_str!("../page/index.html")),
    // The link that `serve` prints; the page sees that there is no account, and takes the token from the address.
    ("/setup", "text/html; charset=utf-8", include_str!("../page/index.html")),
    ("/page/page.css", "text/css; charset=utf-8", include_str!("../page/page.css")),
    ("/page/page.js", "text/javascript; charset=utf-8", include_str!("../page/page.js")),
    ("/page/dom.js", "text/javascript; charset=utf-8", include_str!("../page/dom.js")),
    ("/page/session.js", "text/javascript; charset=utf-8", include_str!("../page/session.js")),
    ("/page/words.js", "text/javascript; charset=utf-8", include_str!("../page/words.js")),
    ("/page/timeline.js", "text/javascript; charset=utf-8", include_str!("../page/timeline.js")),
    ("/page/recordings.js", "text/javascript; charset=utf-8", include_str!("../page/recordings.js")),
    ("/page/icon.svg", "image/svg+xml", include_str!("../page/icon.svg")),
];

/// The page that replays a draw, the same file that works without this service.
const VERIFY_DRAW: &str = include_str!("../../../docs/verify_draw.html");

/// The addresses of the files.
pub(super) fn routes() -> Router {
    let verify = Router::new().route("/verify_draw.html", get(verify_draw));
    FILES.into_iter().fold(verify, |router, (path, content_type, text)| {
        router.route(path, get(async move || file(content_type, text)))
    })
}

fn file(content_type: &'static str, text: &'static str) -> impl IntoResponse {
    // Asked for anew each time: after an update nobody looks at a page of the old version.
    ([(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, "no-cache")], text)
}

/// The page brings its own policy, which allows its one script by digest; the header repeats it, so that no
/// wider one of the service takes its place.
async fn verify_draw() -> impl IntoResponse {
    let policy = VERIFY_DRAW
        .split_once("Content-Security-Policy\" content=\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .and_then(|(policy, _)| HeaderValue::from_str(policy).ok())
        .unwrap_or_else(|| HeaderValue::from_static("default-src 'none'"));
    ([(header::CONTENT_SECURITY_POLICY, policy)], file("text/html; charset=utf-8", VERIFY_DRAW))
}
