//! Whether the service lives, and whether it can work.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde_json::{Value, json};

use crate::server::App;
use crate::server::figures::FIXITY_RUNS;
use crate::server::problem::Problem;

/// The process lives.
pub(in crate::server) async fn lives() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// The catalog answers, too.
pub(in crate::server) async fn ready(State(app): State<App>) -> Result<Json<Value>, Problem> {
    app.catalog().stores().await?;
    Ok(Json(json!({ "status": "ok" })))
}

/// The figures of the service.
pub(in crate::server) async fn figures(State(app): State<App>) -> impl IntoResponse {
    // Where the catalog fails, the others are given all the same: that is when they are needed.
    if let Ok(runs) = app.catalog().fixity_runs(FIXITY_RUNS).await {
        app.figures.checked(&runs);
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], app.figures.text())
}
