//! The list of all addresses, one file a field of work. Each names the right it asks for and what it takes and gives.

mod casework;
mod derivatives;
mod evidence;
mod identities;
mod log;
mod people;
mod rounds;
mod service;
mod system;

use crate::server::endpoints::{About, Endpoints, Tag};

/// What an address is that says nothing of itself.
const NONE: About = About {
    en: "",
    zh: "",
    query: &[],
    sorts: &[],
    body: None,
    answers: &[(200, "")],
    problems: &[],
    tag: Tag::Answer,
    secret: false,
    ranges: false,
};

/// A parameter that several addresses take.
type Parameter = (&'static str, &'static str);

const MONTH: Parameter = ("month", "2024-05; the latest with data if not given");
const AS_OF: Parameter = ("as_of", "A moment, RFC 3339; now if not given");

/// As a table for Excel; all that the filters find, in the order that is asked for.
const FORMAT: Parameter =
    ("format", "xlsx: all that the filters find, as a table; without it a page, as JSON");
const LANG: Parameter = ("lang", "The language of a table: zh if not given");

/// Every address.
pub(in crate::server) fn routes(to: Endpoints) -> Endpoints {
    let to = people::endpoints(service::endpoints(to));
    let to = rounds::endpoints(evidence::endpoints(identities::endpoints(to)));
    log::endpoints(system::endpoints(casework::endpoints(derivatives::endpoints(to))))
}
