//! The addresses of the service, one file a subject.

mod audit;
mod cases;
mod casework;
mod coverage;
mod custody;
mod health;
mod overview;
mod recordings;
mod rounds;

use axum::Router;
use axum::routing::get;

use super::App;

/// Every address that reads data.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/healthz", get(health::lives))
        .route("/readyz", get(health::ready))
        .route("/api/v1/overview", get(overview::overview))
        .route("/api/v1/recordings", get(recordings::list))
        .route("/api/v1/recordings/{*object_key}", get(recordings::one))
        .route("/api/v1/cases", get(cases::list))
        .route("/api/v1/cases/{*case_no}", get(cases::one))
        .route("/api/v1/audit", get(audit::audit))
        .route("/api/v1/report", get(audit::report))
        .route("/api/v1/coverage", get(coverage::coverage))
        .route("/api/v1/coverage/geojson", get(coverage::map))
        .route("/api/v1/reconcile", get(custody::reconcile))
        .route("/api/v1/excuses", get(custody::excuses))
        .route("/api/v1/rounds", get(rounds::list))
        .route("/api/v1/rounds/{month}/{policy}", get(rounds::one))
        .route("/api/v1/rounds/{month}/{policy}/review", get(casework::round_review))
        .route("/api/v1/rounds/{month}/{policy}/agreement", get(casework::agreement))
        .route("/api/v1/visits", get(casework::visits))
        .route("/api/v1/notices", get(casework::notices))
        .route("/api/v1/scores", get(casework::scores))
        .route("/api/v1/returns", get(casework::returns))
        .route("/api/v1/schedule", get(casework::schedule))
        .route("/api/v1/rounds/{month}/{policy}/export", get(rounds::export))
}
