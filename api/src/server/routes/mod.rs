//! The addresses of the service, one file a subject, and the list of them all.

mod audit;
mod cases;
mod casework;
mod coverage;
mod custody;
mod events;
mod health;
mod list;
mod media;
mod oidc;
mod overview;
mod recordings;
mod rounds;
mod session;
mod users;
mod writes;

pub(super) use list::routes;
