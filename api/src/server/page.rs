//! The overview page: plain files without a framework, compiled in. It asks no other host for
//! anything, so it works where there is no way out of the building.

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

/// Path, type and text of each file.
const FILES: [(&str, &str, &str); 8] = [
    ("/", "text/html; charset=utf-8", include_str!("../page/index.html")),
    ("/page/page.css", "text/css; charset=utf-8", include_str!("../page/page.css")),
    ("/page/page.js", "text/javascript; charset=utf-8", include_str!("../page/page.js")),
    ("/page/dom.js", "text/javascript; charset=utf-8", include_str!("../page/dom.js")),
    ("/page/words.js", "text/javascript; charset=utf-8", include_str!("../page/words.js")),
    ("/page/timeline.js", "text/javascript; charset=utf-8", include_str!("../page/timeline.js")),
    ("/page/recordings.js", "text/javascript; charset=utf-8", include_str!("../page/recordings.js")),
    ("/page/icon.svg", "image/svg+xml", include_str!("../page/icon.svg")),
];

/// The addresses of the files.
pub(super) fn routes() -> Router {
    FILES.into_iter().fold(Router::new(), |router, (path, content_type, text)| {
        router.route(path, get(async move || file(content_type, text)))
    })
}

fn file(content_type: &'static str, text: &'static str) -> impl IntoResponse {
    // Asked for anew each time: after an update nobody looks at a page of the old version.
    ([(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, "no-cache")], text)
}
