//! The addresses of the service, one file a subject, and the list of them all.

mod audit;
mod bundles;
mod cases;
mod casework;
mod coverage;
mod custody;
mod derivatives;
mod events;
mod fixity;
mod health;
mod imports;
mod links;
mod list;
mod log;
mod media;
pub(super) mod notices;
mod oidc;
mod overview;
mod ranged;
mod recording_pages;
mod recordings;
mod reference;
pub(in crate::server) mod retention;
mod returns;
mod review_acts;
mod round_acts;
mod rounds;
mod session;
mod sources;
mod users;
mod versions;
mod writes;

pub(super) use list::routes;
pub(super) use overview::warm;
