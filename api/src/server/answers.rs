//! Whole documents that are kept as they were written: an overview, an audit, a return, a round.
//!
//! Such a document is made of all of a month, and the same for everybody who sees the same. It is kept with the
//! revision of the catalog it is of and handed out as it stands, with its `ETag`, until something is written. What
//! tells of the present moment and not of one that was asked for is a minute old at most, or, where making it takes long,
//! twenty times as old as that took, so that a document never takes more than a twentieth of a core; ten minutes in any
//! case. Then whoever asks next still gets it at once, and it is made anew meanwhile. What is twice as old is given to
//! nobody. What follows from a judged month alone is handed out for the ten minutes as long as the month is the same: passing
//! time changes nothing in it until a stage ends or a deadline passes. The document says itself as of which moment it is.
//!
//! One that is being made is not made twice: whoever asks for the same one waits for it. The making goes on when
//! nobody waits any more; otherwise hanging up and asking again would start any number of audits.
//!
//! The tag is made of the document without the moment it is of (RFC 9110, section 8.8.1: a weak one), so a page that has
//! the figures of a minute ago learns that they are still the same.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use catalog::{Micros, Month, WallTime};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::App;
use super::problem::Problem;
use crate::background;
use crate::operations::OperationError;
use crate::sight::Sight;

/// How long a document that tells of the present moment is handed out at least.
const FRESH: Micros = Micros::from_s(60);

/// The same at most.
const FRESH_AT_MOST: Micros = Micros::from_s(600);

/// How many times as long as making it took.
const TIMES_MAKING: u32 = 20;

/// How many times as long it is handed out while a new one is being made.
const STALE: i64 = 2;

/// Bytes of kept documents at most, those that were not asked for the longest go first.
const MOST_BYTES: usize = 512 * 1024 * 1024;

/// Which document.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Name(String);

impl Name {
    /// The document of an address, for those who see what `sight` sees. `subject` is whatever else it depends on.
    pub(super) fn new(address: &str, subject: &str, sight: &Sight) -> Self {
        Self(format!("{address}\n{subject}\n{}", sight.top().unwrap_or("\t")))
    }
}

/// As of when a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum As {
    /// Of a moment that was asked for: it is the same as long as nothing is written.
    Of(WallTime),
    /// Of the present moment.
    Now(WallTime),
    /// Of the present moment, as far as that matters for what is judged of a month; all else follows from the catalog.
    Judged(WallTime, Month),
}

impl As {
    /// Of the moment that was asked for, or else of now.
    pub(super) fn asked(moment: Option<WallTime>, now: WallTime) -> Self {
        moment.map_or(Self::Now(now), Self::Of)
    }

    /// Of the moment that was asked for, or else of the month as it is judged now.
    pub(super) fn asked_of_month(moment: Option<WallTime>, now: WallTime, month: Month) -> Self {
        moment.map_or(Self::Judged(now, month), Self::Of)
    }

    /// The moment.
    pub(super) const fn moment(self) -> WallTime {
        match self {
            Self::Of(moment) | Self::Now(moment) | Self::Judged(moment, _) => moment,
        }
    }

    fn key(self) -> Option<WallTime> {
        match self {
            Self::Of(moment) => Some(moment),
            Self::Now(_) | Self::Judged(..) => None,
        }
    }
}

/// A document as it was written.
#[derive(Debug, Clone)]
struct Written {
    revision: u64,
    /// As of which moment it was made.
    made: WallTime,
    /// The last moment of which it is known to be true.
    moment: WallTime,
    /// For how long after that it is handed out.
    fresh: Micros,
    text: Bytes,
    tag: HeaderValue,
}

impl IntoResponse for Written {
    fn into_response(self) -> Response {
        let headers =
            [(header::CONTENT_TYPE, HeaderValue::from_static("application/json")), (header::ETAG, self.tag)];
        (headers, Body::from(self.text)).into_response()
    }
}

/// The place of one document. The lock is held while it is being made.
type Place = Arc<tokio::sync::Mutex<()>>;

/// A document's name, and the moment that was asked for.
type Key = (Name, Option<WallTime>);

#[derive(Debug, Default)]
struct Shelf {
    /// With the number of the question that asked for it last.
    places: HashMap<Key, (u64, Place, Option<Written>)>,
    questions: u64,
    bytes: usize,
}

/// The documents that are kept.
#[derive(Debug, Clone, Default)]
pub(super) struct Answers(Arc<Mutex<Shelf>>);

impl Answers {
    fn shelf(&self) -> std::sync::MutexGuard<'_, Shelf> {
        // Whatever panicked while it was held, a document is there as a whole or not at all.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, key: &Key) -> (Place, Option<Written>) {
        let mut shelf = self.shelf();
        shelf.questions += 1;
        let question = shelf.questions;
        let (last, place, written) = shelf.places.entry(key.clone()).or_default();
        *last = question;
        (Arc::clone(place), written.clone())
    }

    fn keep(&self, key: &Key, written: Written) {
        let mut shelf = self.shelf();
        shelf.questions += 1;
        let question = shelf.questions;
        let entry = shelf.places.entry(key.clone()).or_default();
        let before = entry.2.as_ref().map_or(0, |written| written.text.len());
        let now = written.text.len();
        (entry.0, entry.2) = (question, Some(written));
        shelf.bytes = shelf.bytes + now - before;
        while shelf.bytes > MOST_BYTES || shelf.places.len() > MOST_PLACES {
            let oldest = shelf.places.iter().min_by_key(|(_, entry)| entry.0).map(|(key, _)| key.clone());
            let Some(gone) = oldest.and_then(|oldest| shelf.places.remove(&oldest)) else { break };
            shelf.bytes -= gone.2.map_or(0, |written| written.text.len());
        }
    }
}

/// Documents at most: each unit may have one of each address.
const MOST_PLACES: usize = 4096;

impl App {
    /// The document of this name, as it is kept or as `work` makes it.
    pub(super) async fn keep<T: Serialize + Send + 'static>(
        &self,
        name: Name,
        of: As,
        work: impl Future<Output = Result<T, Problem>> + Send + 'static,
    ) -> Result<Response, Problem> {
        // Asked for before the document is made: what is written meanwhile makes another one.
        let revision = self.catalog().revision().await?.number;
        let key = (name, of.key());
        let (place, written) = self.answers.find(&key);
        if let Some(written) = written.filter(|written| written.revision == revision) {
            let age = of.moment() - written.moment;
            if key.1.is_some() || age < written.fresh || self.still_holds(&key, &written, of) {
                return Ok(written.into_response());
            }
            if age < Micros(written.fresh.0 * STALE) {
                if let Ok(making) = place.try_lock_owned() {
                    tokio::spawn(self.clone().make(key, of, revision, making, work));
                }
                return Ok(written.into_response());
            }
        }
        let making = Arc::clone(&place).lock_owned().await;
        // Somebody may have made it while we waited.
        if let (_, Some(written)) = self.answers.find(&key)
            && written.revision >= revision
            && (key.1.is_some() || of.moment() - written.moment < written.fresh)
        {
            return Ok(written.into_response());
        }
        let made = tokio::spawn(self.clone().make(key, of, revision, making, work));
        Ok(made.await.map_err(OperationError::from)??.into_response())
    }

    /// Whether what follows from a judged month does so now; if it does, that is not asked again for a while.
    fn still_holds(&self, key: &Key, written: &Written, of: As) -> bool {
        let As::Judged(now, month) = of else { return false };
        let same = now - written.made < FRESH_AT_MOST
            && self.judged.is_the_same(&self.state.policy, month, [written.made, now]);
        if same {
            self.answers.keep(key, Written { moment: now, fresh: FRESH, ..written.clone() });
        }
        same
    }

    async fn make<T: Serialize + Send + 'static>(
        self,
        key: Key,
        of: As,
        revision: u64,
        making: tokio::sync::OwnedMutexGuard<()>,
        work: impl Future<Output = Result<T, Problem>> + Send + 'static,
    ) -> Result<Written, Problem> {
        let turn = self.judging.acquire().await.map_err(|error| Problem::internal(&error))?;
        let began = Instant::now();
        let making_it = background::drive(async move {
            let document = work.await?;
            let text = serde_json::to_vec(&document).map_err(|error| Problem::internal(&error))?;
            let moment = serde_json::to_string(&of.moment()).map_err(|error| Problem::internal(&error))?;
            let tag = tag(&text, &moment);
            Ok::<_, Problem>((text, tag))
        });
        let (text, tag) = making_it.await.map_err(|error| Problem::internal(&error))??;
        drop(turn);
        let tag = HeaderValue::from_str(&tag).map_err(|error| Problem::internal(&error))?;
        let (made, fresh) = (of.moment(), fresh(began.elapsed()));
        let written = Written { revision, made, moment: made, fresh, text: text.into(), tag };
        self.answers.keep(&key, written.clone());
        drop(making);
        Ok(written)
    }
}

/// For how long a document is handed out that took so long to make.
fn fresh(took: Duration) -> Micros {
    let long = (took * TIMES_MAKING).as_micros();
    Micros(i64::try_from(long).unwrap_or(i64::MAX)).clamp(FRESH, FRESH_AT_MOST)
}

/// A weak tag of a document: its digest without the moment it is of.
fn tag(text: &[u8], moment: &str) -> String {
    let mut digest = Sha256::new();
    let mut rest = text;
    for place in memchr::memmem::find_iter(text, moment) {
        let from = text.len() - rest.len();
        digest.update(&rest[..place - from]);
        rest = &text[place + moment.len()..];
    }
    digest.update(rest);
    format!("W/\"{}\"", hex::encode(&digest.finalize()[..16]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_the_same_at_another_moment_and_another_of_other_figures() {
        let at = |moment: &str, n: u32| {
            tag(format!("{{\"as_of\":{moment},\"n\":{n},\"again\":{moment}}}").as_bytes(), moment)
        };
        assert_eq!(at("\"09:00\"", 1), at("\"09:01:30\"", 1));
        assert_ne!(at("\"09:00\"", 1), at("\"09:00\"", 2));
        assert!(at("\"09:00\"", 1).starts_with("W/\""));
    }

    #[test]
    fn what_takes_long_to_make_is_handed_out_for_longer() {
        assert_eq!(fresh(Duration::from_millis(200)), FRESH);
        assert_eq!(fresh(Duration::from_secs(5)), Micros::from_s(100));
        assert_eq!(fresh(Duration::from_hours(1)), FRESH_AT_MOST);
    }

    #[test]
    fn what_was_not_asked_for_the_longest_goes_first() {
        let answers = Answers::default();
        let name = |n: usize| (Name::new("audit", &n.to_string(), &Sight::All), None);
        let written = |len: usize| Written {
            revision: 1,
            made: WallTime(0),
            moment: WallTime(0),
            fresh: FRESH,
            text: vec![b' '; len].into(),
            tag: HeaderValue::from_static("W/\"x\""),
        };
        let third = MOST_BYTES / 3;
        for n in 0..3 {
            answers.keep(&name(n), written(third));
        }
        assert!(answers.find(&name(0)).1.is_some(), "asked for just now");
        answers.keep(&name(3), written(third));
        let there: Vec<bool> = (0..4).map(|n| answers.find(&name(n)).1.is_some()).collect();
        assert_eq!(there, [true, false, true, true]);
    }
}
