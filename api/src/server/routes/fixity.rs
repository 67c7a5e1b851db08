//! Whether stored footage is still what was recorded: how it stands, what was last done about it, and what was found.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;

use crate::fixity::overview;
use crate::server::App;
use crate::server::answers::{As, Name};
use crate::server::params::Params;
use crate::server::problem::Problem;
use crate::sight::Sight;

/// `fixity`: by class how much was read in time and how much is due, the last runs, and the last findings. It is made of all
/// that is held, so it may be some minutes old; the document says as of when it is.
pub(in crate::server) async fn fixity(State(app): State<App>, uri: Uri) -> Result<Response, Problem> {
    Params::of(&uri, &[])?;
    let of = As::Now(app.state.clock.now());
    let (catalog, policy) = (Arc::clone(&app.state.catalog), Arc::clone(&app.state.policy));
    app.keep(Name::new("fixity", "", &Sight::All), of, async move {
        Ok(overview(catalog.as_ref(), &policy, of.moment()).await?)
    })
    .await
}
