//! Pages of recordings: which are wanted, in which order, and where the next page goes on.

use catalog::observation::ProblemCode;
use catalog::store::{RecordingEntry, RecordingQuery, RecordingSort, StoreError};
use serde::Serialize;

use crate::server::App;
use crate::server::paging::{Asked, Key, Named};
use crate::server::params::Params;
use crate::server::problem::Problem;
use crate::server::rights::Viewer;

/// Entries of a page if nobody says.
const USUAL_LIMIT: u32 = 50;

/// Entries of a page at most.
const MOST_LIMIT: u32 = 500;

/// What recordings can be sorted by; their own order is by key.
pub(in crate::server) const SORTS: &[&str] =
    &["started_at", "duration_us", "size_bytes", "device", "badge", "unit"];

/// What the objects in quarantine can be sorted by; their own order is by key.
pub(in crate::server) const QUARANTINE_SORTS: &[&str] =
    &["reason", "size_bytes", "observed_at", "device", "badge", "unit"];

fn sort_of(column: &str) -> RecordingSort {
    match column {
        "duration_us" => RecordingSort::Duration,
        "size_bytes" => RecordingSort::Size,
        "device" => RecordingSort::Device,
        "badge" => RecordingSort::Badge,
        "unit" => RecordingSort::Unit,
        "reason" => RecordingSort::Reason,
        "observed_at" => RecordingSort::ObservedAt,
        _ => RecordingSort::StartedAt,
    }
}

/// What an entry has in a column.
fn key(entry: &RecordingEntry, sort: RecordingSort) -> Key {
    let seen = &entry.observation;
    match sort {
        RecordingSort::StartedAt => seen.started_at.into(),
        RecordingSort::Duration => seen.duration_us.into(),
        RecordingSort::Size => seen.size_bytes.into(),
        RecordingSort::Device => seen.key.device.as_deref().into(),
        RecordingSort::Badge => seen.key.badge.as_deref().into(),
        RecordingSort::Unit => entry.device_unit.as_deref().into(),
        RecordingSort::ObservedAt => entry.observed_at.into(),
        RecordingSort::Reason => seen.problems.first().map(|problem| problem.code.as_str()).into(),
    }
}

/// The number of an entry.
fn number(entry: &RecordingEntry) -> i64 {
    // The catalog made the name of a letter and this number.
    entry.id.get(1..).and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// Which recordings, in which order, and from where.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    asked: Asked,
    query: RecordingQuery,
}

impl Wanted {
    /// What the parameters ask for of a list that can be sorted by `sorts`, within what a person sees.
    pub(super) fn of(
        params: &Params,
        sorts: &[&'static str],
        quarantined: Option<bool>,
        viewer: &Viewer,
    ) -> Result<Self, Problem> {
        let asked = Asked::at_most(params, sorts, Named::ByText, USUAL_LIMIT, MOST_LIMIT)?;
        let text = |name| params.text(name).map(str::to_owned);
        let query = RecordingQuery {
            after_key: if asked.column.is_none() { text("after") } else { None },
            order: asked.column.map(|column| asked.order(sort_of(column))).transpose()?,
            key_contains: text("q"),
            device: text("device"),
            badge: text("badge"),
            quarantined,
            problem: params.code("problem", ProblemCode::ALL.iter().map(|code| code.as_str()))?,
            within: viewer.sight.top().map(str::to_owned),
            limit: u32::try_from(asked.limit).unwrap_or(MOST_LIMIT),
        };
        Ok(Self { asked, query })
    }

    /// From the first on, as many as a page holds.
    pub(super) fn begin(&mut self) {
        (self.query.after_key, self.query.limit) = (None, MOST_LIMIT);
        if let Some(order) = &mut self.query.order {
            order.after = None;
        }
    }

    /// The next page begins after this one.
    pub(super) fn go_on_after(&mut self, last: &RecordingEntry) {
        match &mut self.query.order {
            Some(order) => order.after = Some((key(last, order.sort), number(last))),
            None => self.query.after_key = Some(last.object_key.clone()),
        }
    }
}

/// One page of recordings.
#[derive(Debug, Serialize)]
pub(in crate::server) struct Page {
    pub(super) recordings: Vec<RecordingEntry>,
    /// What to give as `after` for the next page; `None` on the last.
    pub(super) next: Option<String>,
}

/// The page that is wanted.
pub(super) async fn page(app: &App, Wanted { asked, mut query }: Wanted) -> Result<Page, StoreError> {
    let Some(order) = &query.order else { return by_key(app, query).await };
    let (sort, limit) = (order.sort, usize::try_from(query.limit).unwrap_or(usize::MAX));
    query.limit = query.limit.saturating_add(1);
    let mut recordings = app.catalog().recordings(&query).await?;
    let more = recordings.len() > limit;
    recordings.truncate(limit);
    let place = |last: &RecordingEntry| asked.written(&(key(last, sort), Key::Number(number(last))));
    let next = recordings.last().filter(|_| more).map(place);
    Ok(Page { recordings, next })
}

/// A page in the order of the keys.
///
/// Two stores can hold the same key, and a page goes on after a key: it must not end between the two.
/// It is cut where the key changes, and grows only if no key of it could be finished otherwise.
async fn by_key(app: &App, mut query: RecordingQuery) -> Result<Page, StoreError> {
    let mut room = usize::try_from(query.limit).unwrap_or(usize::MAX);
    loop {
        query.limit = u32::try_from(room.saturating_add(1)).unwrap_or(u32::MAX);
        let mut recordings = app.catalog().recordings(&query).await?;
        if recordings.len() <= room {
            return Ok(Page { recordings, next: None });
        }
        let last_change =
            (1..=room).rev().find(|&cut| recordings[cut - 1].object_key != recordings[cut].object_key);
        if let Some(cut) = last_change {
            recordings.truncate(cut);
            let next = recordings.last().map(|entry| entry.object_key.clone());
            return Ok(Page { recordings, next });
        }
        room = room.saturating_mul(2);
    }
}
