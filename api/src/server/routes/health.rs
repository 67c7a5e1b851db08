//! Whether the service lives, and whether it can work.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::server::App;
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
