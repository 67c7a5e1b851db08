//! Lanes: what waits of one class and share, and whose turn it is.
//!
//! A worker goes round all lanes that may have something, and takes one message of each. So of K shares with work
//! waiting each has a K-th of what is taken, by number of objects, whoever has how many of them. A lane that had nothing is
//! passed over until the lanes are listed anew, which happens every second or so.
//!
//! What is read in a moment waits in lanes of its own, of which several are fetched at once: asking for each would take a good part
//! of that moment. A worker that ends takes its neighbours in the batch with it, so what comes a second time is put where
//! everything is fetched by itself ([`Class::Read`]): a file that ends its workers is blamed alone.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_nats::jetstream::consumer;
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

use crate::queue::QueueError;
use crate::task::{Kind, Task};

/// How long a list of lanes holds.
const LISTED_FOR: Duration = Duration::from_secs(1);

/// For how long a share rests after a first failure, and at most.
const REST: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));

/// What sets the lanes of a share apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// What is read in a moment, and was not handed out before.
    Moment,
    /// Whatever else is read.
    Read,
    /// What is looked at.
    Look,
}

impl Class {
    const ALL: [Self; 3] = [Self::Moment, Self::Read, Self::Look];

    /// Where a task waits at first.
    pub(super) fn of(task: &Task) -> Self {
        match task.kind {
            Kind::Read if task.takes_a_moment() => Self::Moment,
            Kind::Read => Self::Read,
            Kind::Look => Self::Look,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Moment => "moment",
            Self::Read => "read",
            Self::Look => "look",
        }
    }

    const fn kind(self) -> Kind {
        match self {
            Self::Moment | Self::Read => Kind::Read,
            Self::Look => Kind::Look,
        }
    }

    /// How many messages are fetched at once.
    pub(super) const fn at_once(self) -> usize {
        match self {
            Self::Moment => 16,
            Self::Read | Self::Look => 1,
        }
    }

    /// How many deliveries of a message are held against it, at most: of several that are fetched at once, nobody knows which
    /// ended a worker.
    pub(super) const fn most_deliveries(self) -> u32 {
        match self {
            Self::Moment => 2,
            Self::Read | Self::Look => u32::MAX,
        }
    }
}

/// The name of a lane: readable, and no other share's.
pub(super) fn lane_name(class: Class, share: &str) -> String {
    let mut slug = String::new();
    for letter in share.chars() {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(48);
    let digest = hex::encode(&Sha256::digest(share.as_bytes())[..4]);
    format!("{}-{}-{digest}", class.as_str(), slug.trim_matches('-'))
}

/// Whose consumer this is; `None` if it is none of a lane.
pub(super) fn of_consumer(info: &consumer::Info) -> Option<(Class, String)> {
    let share = info.config.description.clone()?;
    let class = Class::ALL.into_iter().find(|&class| lane_name(class, &share) == info.name)?;
    Some((class, share))
}

/// Whether a share is `above` or one of its folders.
pub(super) fn is_below(share: &str, above: &str) -> bool {
    let above = above.trim_end_matches('/');
    share.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A lane as the server knew it when it was asked.
#[derive(Debug, Clone)]
pub(super) struct Lane {
    pub(super) name: String,
    pub(super) class: Class,
    pub(super) share: String,
    pub(super) info: consumer::Info,
    /// Whether it had nothing since.
    quiet: bool,
}

impl Lane {
    pub(super) fn new(class: Class, share: String, info: consumer::Info) -> Self {
        // What is held may come back at any time.
        let quiet = info.num_pending == 0 && info.num_ack_pending == 0;
        Self { name: info.name.clone(), class, share, info, quiet }
    }

    /// Whether as many of it were held as may be, so that nobody may have more.
    pub(super) fn is_at_its_limit(&self) -> bool {
        let may_be_held = self.info.config.max_ack_pending;
        may_be_held > 0 && i64::try_from(self.info.num_ack_pending).unwrap_or(i64::MAX) >= may_be_held
    }

    pub(super) fn kind(&self) -> Kind {
        self.class.kind()
    }
}

/// All lanes, and whose turn it is.
#[derive(Debug, Default)]
pub(super) struct Ring {
    lanes: Vec<Lane>,
    /// The lane that was served last, by name: the next one is the first after it.
    served: String,
    /// The lane whose turn it is.
    turn: Option<usize>,
    listed_at: Option<Instant>,
    /// Whether it was said that the server is away.
    away: bool,
}

impl Ring {
    pub(super) fn is_stale(&self) -> bool {
        self.listed_at.is_none_or(|listed_at| listed_at.elapsed() >= LISTED_FOR)
    }

    /// The lanes are to be listed anew.
    pub(super) fn forget(&mut self) {
        self.listed_at = None;
    }

    pub(super) fn update(&mut self, lanes: Vec<Lane>) {
        if std::mem::take(&mut self.away) {
            tracing::info!("the queue is back");
        }
        self.lanes = lanes;
        self.turn = None;
        self.listed_at = Some(Instant::now());
    }

    /// Says once that the server is away.
    pub(super) fn away(&mut self, error: &QueueError) {
        if !std::mem::replace(&mut self.away, true) {
            tracing::warn!(%error, "the queue is away; waiting for it");
        }
        self.listed_at = None;
    }

    /// The lane whose turn it is; `None` if all are quiet or rest.
    pub(super) fn turn(&mut self, resting: &Mutex<Resting>) -> Option<&Lane> {
        let first = self.lanes.partition_point(|lane| lane.name <= self.served);
        let resting = resting.lock().unwrap_or_else(PoisonError::into_inner);
        let ready = |lane: &Lane| !lane.quiet && !resting.rests(&lane.share);
        let mut turns = (first..self.lanes.len()).chain(0..first);
        self.turn = turns.find(|&position| ready(&self.lanes[position]));
        self.turn.map(|position| &self.lanes[position])
    }

    /// The lane whose turn it was had something.
    pub(super) fn served(&mut self) {
        if let Some(lane) = self.turn.and_then(|position| self.lanes.get(position)) {
            self.served.clone_from(&lane.name);
        }
    }

    /// The lane whose turn it was had nothing.
    pub(super) fn quiet(&mut self) {
        if let Some(lane) = self.turn.and_then(|position| self.lanes.get_mut(position)) {
            lane.quiet = true;
        }
    }
}

/// Shares that rest after a failure: until when, and after how many. What failed for one object of a store will fail for the
/// next.
#[derive(Debug, Default)]
pub(super) struct Resting(BTreeMap<String, (Instant, u32)>);

impl Resting {
    fn rests(&self, share: &str) -> bool {
        self.0.get(share).is_some_and(|&(until, _)| until > Instant::now())
    }

    pub(super) fn failed(&mut self, share: &str) {
        let failures = self.0.get(share).map_or(0, |&(_, failures)| failures);
        let time = REST.0.saturating_mul(1 << failures.min(10)).min(REST.1);
        self.0.insert(share.to_owned(), (Instant::now() + time, failures + 1));
    }

    pub(super) fn went_well(&mut self, share: &str) {
        self.0.remove(share);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_has_a_name_that_the_server_takes_and_no_other_has() {
        let name = lane_name(Class::Read, "s3://evidence/静安 2024");
        assert!(name.starts_with("read-s3-evidence-2024-"), "{name}");
        assert!(name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-'), "{name}");
        assert_ne!(name, lane_name(Class::Read, "s3://evidence/浦东 2024"));
        assert_ne!(name, lane_name(Class::Look, "s3://evidence/静安 2024"));
        assert!(lane_name(Class::Look, &"x".repeat(500)).len() < 64);
    }

    #[test]
    fn a_share_is_below_its_store_and_not_below_one_that_begins_alike() {
        assert!(
            is_below("s3://evidence/jingan", "s3://evidence") && is_below("s3://evidence", "s3://evidence/")
        );
        assert!(
            !is_below("s3://evidence-2", "s3://evidence")
                && !is_below("s3://evidence", "s3://evidence/jingan")
        );
    }
}
