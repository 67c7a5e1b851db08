//! Lists in another order than their own: what sorting all of it gives, a page at a time.

use catalog::device::{Device, DeviceKind};
use catalog::import::Import;
use catalog::observation::{Problem, ProblemCode};
use catalog::store::{
    Catalog, Order, RecordingEntry, RecordingQuery, RecordingSort, SortKey, TrailQuery, TrailSort,
};
use catalog::{Micros, WallTime};

use super::{accounts::trail_line, at, observation, people, record, take_in, unit};

const SORTS: [RecordingSort; 8] = [
    RecordingSort::StartedAt,
    RecordingSort::Duration,
    RecordingSort::Size,
    RecordingSort::Device,
    RecordingSort::Badge,
    RecordingSort::Unit,
    RecordingSort::ObservedAt,
    RecordingSort::Reason,
];

fn device(serial: &str, unit: &str) -> Device {
    Device {
        serial: serial.into(),
        kind: DeviceKind::Bodycam,
        unit: unit.into(),
        holder: None,
        synced_at: None,
        clock_error_us: None,
    }
}

/// Twenty-four recordings of which every column has equal entries and entries with nothing, some read anew, some altered.
async fn recordings(catalog: &dyn Catalog) -> Vec<RecordingEntry> {
    people(catalog).await;
    take_in(catalog, Import::Units(vec![unit("S2", Some("D")), unit("S3", Some("D"))])).await;
    take_in(catalog, Import::Devices(vec![device("BC1", "S2"), device("BC2", "S1"), device("BC3", "S2")]))
        .await;
    for number in 0..24_u8 {
        let mut one = observation(number + 1, "2024-05-03 09:00");
        let nth = usize::from(number);
        one.key.device =
            [Some("BC3"), Some("BC1"), None, Some("BC2"), Some("BC9")][nth % 5].map(str::to_owned);
        one.key.badge = [Some("310002"), Some("310001"), None][nth % 3].map(str::to_owned);
        one.duration_us = [Some(Micros(90)), None, Some(Micros(0)), Some(Micros(90))][nth % 4];
        one.size_bytes = [7000, 0, 90][nth % 3];
        if number % 4 == 1 {
            (one.started_at, one.started_at_source, one.clock_error_us) = (None, None, None);
            one.start_claims.clear();
        } else {
            one.started_at = Some(WallTime(1_714_700_000_000_000 - i64::from(number % 4) * 1_000_000));
        }
        one.problems = match number % 6 {
            0 => vec![Problem::new(ProblemCode::Unreadable, "the reader stopped")],
            2 => vec![Problem::new(ProblemCode::NoIndex, "no moov"), Problem::new(ProblemCode::Empty, "?")],
            4 => vec![Problem::new(ProblemCode::NoAudio, "none")],
            _ => vec![],
        };
        let key = format!("{}/{:02}.mp4", ["x", "y"][nth % 2], 30 - number);
        record(catalog, &key, "1", &one).await;
        if number % 7 == 0 {
            let mut altered = observation(number + 100, "2024-05-04 09:00");
            altered.key.device = Some("BC1".to_owned());
            altered.size_bytes = 90;
            record(catalog, &key, "2", &altered).await;
        }
    }
    catalog.recordings(&RecordingQuery { limit: 100, ..RecordingQuery::default() }).await.unwrap()
}

fn number(entry: &RecordingEntry) -> i64 {
    entry.id[1..].parse().unwrap()
}

fn key(entry: &RecordingEntry, sort: RecordingSort) -> SortKey {
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

/// What tells entries apart that are equal in a column.
fn tie(entry: &RecordingEntry, sort: RecordingSort) -> (Option<String>, String, i64) {
    let device = entry.observation.key.device.clone();
    match sort {
        RecordingSort::Unit => (device, entry.object_key.clone(), number(entry)),
        RecordingSort::Device | RecordingSort::Badge => (None, entry.object_key.clone(), number(entry)),
        _ => (None, String::new(), number(entry)),
    }
}

/// All that a query finds, in an order, by sorting it here.
fn sorted(mut all: Vec<RecordingEntry>, sort: RecordingSort, backwards: bool) -> Vec<String> {
    all.sort_by(|one, other| match (key(one, sort), key(other, sort)) {
        (SortKey::Nothing, SortKey::Nothing) => number(one).cmp(&number(other)),
        (SortKey::Nothing, _) => std::cmp::Ordering::Greater,
        (_, SortKey::Nothing) => std::cmp::Ordering::Less,
        (of_one, of_other) => {
            let order = of_one.cmp(&of_other).then_with(|| tie(one, sort).cmp(&tie(other, sort)));
            if backwards { order.reverse() } else { order }
        }
    });
    all.into_iter().map(|entry| entry.object_key).collect()
}

/// The same, a page at a time.
async fn walked(
    catalog: &dyn Catalog,
    query: &RecordingQuery,
    sort: RecordingSort,
    backwards: bool,
    limit: u32,
) -> Vec<String> {
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let order = Some(Order { sort, backwards, after: after.take() });
        let page = catalog.recordings(&RecordingQuery { order, limit, ..query.clone() }).await.unwrap();
        assert!(page.len() <= usize::try_from(limit).unwrap());
        after = page.last().map(|last| (key(last, sort), number(last)));
        found.extend(page.into_iter().map(|entry| entry.object_key));
        if after.is_none() {
            return found;
        }
    }
}

pub(crate) async fn recordings_are_sorted_by_what_they_are_whatever_they_are_filtered_by(
    catalog: &dyn Catalog,
) {
    let all = recordings(catalog).await;
    assert_eq!(all.len(), 24);
    let text = |text: &str| Some(text.to_owned());
    let any = RecordingQuery { limit: 100, ..RecordingQuery::default() };
    let queries = [
        any.clone(),
        // No index has those that are not quarantined: the order's own is walked.
        RecordingQuery { quarantined: Some(false), ..any.clone() },
        RecordingQuery { quarantined: Some(true), ..any.clone() },
        RecordingQuery { problem: Some(ProblemCode::NoAudio), key_contains: text("x/"), ..any.clone() },
        RecordingQuery { device: text("BC1"), ..any.clone() },
        RecordingQuery { badge: text("310001"), quarantined: Some(true), ..any.clone() },
        RecordingQuery { within: text("S2"), ..any.clone() },
        RecordingQuery { within: text("D"), key_contains: text("y/"), ..any.clone() },
        RecordingQuery { key_contains: text("y/"), ..any.clone() },
        RecordingQuery { key_contains: text("nothing"), ..any.clone() },
    ];
    for query in &queries {
        let wanted = catalog.recordings(query).await.unwrap();
        for sort in SORTS {
            for backwards in [false, true] {
                let expected = sorted(wanted.clone(), sort, backwards);
                for limit in [1, 5, 100] {
                    let found = walked(catalog, query, sort, backwards, limit).await;
                    assert_eq!(found, expected, "{sort:?}, backwards {backwards}, {limit} of {query:?}");
                }
            }
        }
    }
    // Whoever sees a large part of the city walks, too.
    let many = (0..100).map(|serial| device(&format!("N{serial:03}"), "S3")).collect();
    take_in(catalog, Import::Devices(many)).await;
    let query = RecordingQuery { within: text("D"), ..any };
    let wanted = catalog.recordings(&query).await.unwrap();
    assert!(wanted.len() < all.len() && !wanted.is_empty());
    for sort in SORTS {
        let expected = sorted(wanted.clone(), sort, true);
        assert_eq!(walked(catalog, &query, sort, true, 4).await, expected, "{sort:?}");
    }
}

pub(crate) async fn the_trail_is_sorted_by_who_what_and_when(catalog: &dyn Catalog) {
    for turn in 0..12_u8 {
        let mut line = trail_line(["sign_in", "view_media", "add_excuse"][usize::from(turn) % 3]);
        ["wang", "li", "", "wang"][usize::from(turn) % 4].clone_into(&mut line.login);
        line.at = at("2024-06-03 09:00") + Micros::from_s(turn.into());
        catalog.add_trail(&line).await.unwrap();
    }
    for (login, act) in
        [(None, None), (Some("wang"), None), (None, Some("sign_in")), (Some("wang"), Some("sign_in"))]
    {
        let text = |text: Option<&str>| text.map(str::to_owned);
        let query = TrailQuery { login: text(login), act: text(act), limit: 100, ..TrailQuery::default() };
        let all = catalog.trail(&query).await.unwrap();
        assert!(!all.is_empty() && all.is_sorted_by(|one, other| one.id > other.id));
        for sort in [TrailSort::At, TrailSort::Login, TrailSort::Act] {
            for backwards in [false, true] {
                let mut expected = all.clone();
                expected.sort_by(|one, other| {
                    let order = match sort {
                        TrailSort::At => one.id.cmp(&other.id),
                        TrailSort::Login => (&one.login, one.id).cmp(&(&other.login, other.id)),
                        TrailSort::Act => (&one.act, one.id).cmp(&(&other.act, other.id)),
                    };
                    if backwards { order.reverse() } else { order }
                });
                for limit in [1, 5, 100] {
                    let (mut walked, mut after) = (Vec::new(), None);
                    loop {
                        let order = Order { sort, backwards, after: after.take() };
                        let page =
                            catalog.trail(&TrailQuery { order, limit, ..query.clone() }).await.unwrap();
                        after = page.last().map(|last| {
                            let key = match sort {
                                TrailSort::At => last.at.into(),
                                TrailSort::Login => last.login.as_str().into(),
                                TrailSort::Act => last.act.as_str().into(),
                            };
                            (key, last.id)
                        });
                        walked.extend(page);
                        if after.is_none() {
                            break;
                        }
                    }
                    assert_eq!(walked, expected, "{sort:?}, backwards {backwards}, {limit} of {query:?}");
                }
            }
        }
    }
}
