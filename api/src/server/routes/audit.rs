//! The audit of a month: the document that the command line writes.

use std::sync::Arc;

use analyzer::audit::Audit;
use axum::extract::{Extension, State};
use axum::http::Uri;
use axum::response::Response;
use serde::{Serialize, Serializer};

use crate::server::App;
use crate::server::answers::{As, Name};
use crate::server::params::Params;
use crate::server::problem::{Code, Problem};
use crate::server::rights::Viewer;
use crate::sight::Sight;

/// `audit`: the month, or the latest in which stages begin.
pub(in crate::server) async fn audit(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    uri: Uri,
) -> Result<Response, Problem> {
    let params = Params::of(&uri, &["month", "as_of"])?;
    let month = params.month_or_latest(app.catalog()).await?.ok_or_else(no_month)?;
    let of = As::asked_of_month(params.time("as_of")?, app.state.clock.now(), month);
    let (name, sight) = (Name::new("audit", &month.to_string(), &viewer.sight), viewer.sight);
    let audit = app.look_at(month, of.moment(), move |month| Shared(part(month.shared(), &sight)));
    app.keep(name, of, async move { Ok(audit.await?) }).await
}

/// What of an audit a person sees.
fn part(audit: Arc<Audit>, sight: &Sight) -> Arc<Audit> {
    match sight {
        Sight::All => audit,
        Sight::Below { .. } => Arc::new(Audit::clone(&audit).part(|unit| sight.covers(unit))),
    }
}

/// An audit that is kept, as its document.
struct Shared(Arc<Audit>);

impl Serialize for Shared {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// Nothing was imported yet.
pub(super) fn no_month() -> Problem {
    Problem::new(
        Code::EmptyMonth,
        "The catalog has no stages yet; take them in with `reelproof import stages FILE`.",
        "目录库中尚无执法环节，请先执行 reelproof import stages 导入。",
    )
}
