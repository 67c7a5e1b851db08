//! Recordings in the order of what they are.
//!
//! There are two ways to a page, and both give the same. *Walking* goes along an index in the order that is asked for and
//! passes over what is not wanted: good where much of it is wanted. *Gathering* takes all that the narrowest filter lets
//! through, along the filter's own index, and sorts it: good where that is little, and quick by the numbers that the
//! filter's index holds. So what a filter lets through is counted first, up to [`FEW`]. With a page of 100 of 1,000,000 recordings neither way then looks at many more than that.
//!
//! Each order has three statements: forwards and backwards through those that have something in the column, and one
//! for those that have nothing, which stand at the end either way. The latter walks the objects where no index has them:
//! that is so for devices and officers, and only at the very end of a list.

use super::{Connection, MOST_OWNERS, RecordingEntry, RecordingQuery, StoreError, entries, facet, owners};
use crate::store::{Column, Order, RecordingSort, SortKey};

/// What lets through as many at most is gathered, and no index walked.
const FEW: i64 = 10_000;

/// More than any text that stands in a key: no key begins with the last code point.
const LAST_TEXT: &str = "\u{10ffff}";

/// The units that a person sees, $8 and those below.
macro_rules! seen {
    () => {
        "WITH RECURSIVE seen (code) AS (
             SELECT code FROM unit WHERE code = $8
             UNION SELECT u.code FROM unit u JOIN seen s ON u.parent = s.code)"
    };
}

/// The present reading of the objects `b`.
macro_rules! present {
    () => {
        " observation o ON o.object_id = b.object_id AND o.version = b.version AND o.reading = b.reading"
    };
}

/// What the narrowest filter lets through: the value $10 of the facet $9; `unit`: what is of the devices and officers
/// that a person sees; `text`: the keys that contain $2; `all`. Of each its number, and the number `$key` of its present
/// reading where one is named: the facets have it at hand.
macro_rules! near {
    () => {
        near!("UNION", "object_id", "t.object_id", "b.object_id FROM object b")
    };
    (key $key:literal) => {
        near!(
            "UNION",
            "object_id, sort_key",
            concat!("t.object_id, t.", $key),
            concat!("b.object_id, o.", $key, " FROM object b ", in_order!(), present!())
        )
    };
    (twice) => {
        near!("UNION ALL", "object_id", "t.object_id", "b.object_id FROM object b")
    };
    ($union:literal, $columns:literal, $of_facet:expr, $of_objects:expr) => {
        concat!(
            seen!(),
            ", near (",
            $columns,
            ") AS (
             SELECT ",
            $of_facet,
            " FROM recording_facet t WHERE t.facet = $9 AND t.value = $10
             UNION ALL
             SELECT * FROM (
                 SELECT ",
            $of_facet,
            " FROM seen ",
            in_order!(),
            " device w ON w.unit = code ",
            in_order!(),
            " recording_facet t ON t.facet = 'device' AND t.value = w.serial WHERE $9 = 'unit' ",
            $union,
            " SELECT ",
            $of_facet,
            " FROM seen ",
            in_order!(),
            " officer w ON w.unit = code ",
            in_order!(),
            " recording_facet t ON t.facet = 'badge' AND t.value = w.badge WHERE $9 = 'unit') mine
             UNION ALL
             SELECT ",
            $of_objects,
            " WHERE $9 = 'text' AND ",
            contains!("b.object_key", "$2"),
            "
             UNION ALL
             SELECT ",
            $of_objects,
            " WHERE $9 = 'all')"
        )
    };
}

/// How many are near, up to $1; of what comes twice, both count: finding that out takes longer than all the rest.
const COUNT: &str = concat!(
    "/* recordings::count_near */ ",
    near!(twice),
    " SELECT count(*) FROM (SELECT 1 FROM near",
    limit!("$1"),
    ") few"
);

/// A page from `$from`, of which `$which` is asked, in the order of `$order`; `$outer` says that order of the page, and
/// `$unless` when a row is known to be one that the person sees.
macro_rules! picked {
    ($function:literal, $with:expr, $unless:literal, $from:expr, $which:expr, $key:literal, $order:expr, $outer:expr) => {
        entries!(
            $function,
            concat!(
                $with,
                ", picked (object_id, sort_key) AS (
                 SELECT b.object_id, ",
                $key,
                " FROM ",
                $from,
                " WHERE ",
                $which,
                filters!($unless),
                " ORDER BY ",
                $order,
                limit!("$7"),
                ")"
            ),
            concat!("picked t ", in_order!(), " object b ON b.object_id = t.object_id"),
            concat!("TRUE ORDER BY ", $outer)
        )
    };
}

/// The three statements of an order.
struct Ways {
    forwards: &'static str,
    backwards: &'static str,
    nothing: &'static str,
}

/// The statements of an order by `$key`, then by `$tie`, of which `$bound` is that of the entry before. `$outer` are the
/// ties as the page itself has them, `$after` the parameter that the key is compared with; `$forwards` and `$backwards`
/// narrow down where the walk begins.
macro_rules! ways {
    ($function:literal, $with:expr, $unless:literal, $from:expr, $forwards:literal, $backwards:literal, $after:literal, $key:literal,
     [$($tie:literal = $bound:literal),+], [$($outer:literal),+],
     nothing: $nothing_from:expr, $nothing_key:literal, $number:literal) => {
        Ways {
            forwards: picked!(
                $function, $with, $unless, $from,
                concat!($forwards, "(", $key, $(", ", $tie,)+ ") > (", $after, $(", ", $bound,)+ ")"),
                $key, concat!($key, $(", ", $tie,)+), concat!("t.sort_key", $(", ", $outer,)+)
            ),
            backwards: picked!(
                $function, $with, $unless, $from,
                concat!($backwards, "(", $key, $(", ", $tie,)+ ") < (", $after, $(", ", $bound,)+ ")"),
                $key, concat!($key, " DESC", $(", ", $tie, " DESC",)+),
                concat!("t.sort_key DESC", $(", ", $outer, " DESC",)+)
            ),
            nothing: picked!(
                $function, $with, $unless, $nothing_from,
                concat!($nothing_key, " IS NULL AND ", $number, " > $1"),
                $nothing_key, $number, "b.object_id"
            ),
        }
    };
}

/// All objects.
macro_rules! objects {
    () => {
        concat!("object b ", in_order!(), present!())
    };
}

/// Walking along an index of readings.
macro_rules! walk_readings {
    ($function:literal, $key:literal) => {
        ways!(
            $function, seen!(), "",
            concat!(
                "observation o ", in_order!(),
                " object b ON b.object_id = o.object_id AND b.version = o.version AND b.reading = o.reading"
            ),
            "", "", "$9", $key, ["o.object_id" = "$1"], ["b.object_id"],
            nothing: concat!(
                "observation o ", in_order!(),
                " object b ON b.object_id = o.object_id AND b.version = o.version AND b.reading = o.reading"
            ), $key, "o.object_id"
        )
    };
}

/// Walking along the facets, where each device and officer has its recordings by key.
macro_rules! walk_facet {
    ($function:literal, $facet:literal, $nothing_key:literal) => {
        ways!(
            $function, seen!(), "",
            concat!(
                "recording_facet t ", in_order!(), " object b ON b.object_id = t.object_id ", in_order!(), present!()
            ),
            $facet, $facet, "$9", "t.value",
            ["t.object_key" = "coalesce((SELECT n.object_key FROM object n WHERE n.object_id = $1), '')",
             "t.object_id" = "$1"],
            ["b.object_key", "b.object_id"],
            nothing: objects!(), $nothing_key, "b.object_id"
        )
    };
}

const WALK_STARTED_AT: Ways = walk_readings!("walk_started_at", "o.started_at_us");
const WALK_DURATION: Ways = walk_readings!("walk_duration", "o.duration_us");
const WALK_SIZE: Ways = walk_readings!("walk_size", "o.size_bytes");
const WALK_DEVICE: Ways = walk_facet!("walk_device", "t.facet = 'device' AND ", "o.device");
const WALK_BADGE: Ways = walk_facet!("walk_badge", "t.facet = 'badge' AND ", "o.badge");

/// Walking from unit to unit, of each from device to device. That it goes on at a device is said of that alone, too, so
/// that the recordings of those before are not looked at.
const WALK_UNIT: Ways = ways!(
    "walk_unit", seen!(), "",
    concat!(
        "device d ", in_order!(), " recording_facet t ON t.facet = 'device' AND t.value = d.serial ", in_order!(),
        " object b ON b.object_id = t.object_id ", in_order!(), present!()
    ),
    "(d.unit, d.serial) >= ($9, coalesce((
        SELECT n.device FROM object m JOIN observation n USING (object_id, version, reading)
        WHERE m.object_id = $1), '')) AND ",
    "(d.unit, d.serial) <= ($9, coalesce((
        SELECT n.device FROM object m JOIN observation n USING (object_id, version, reading)
        WHERE m.object_id = $1), '')) AND ",
    "$9", "d.unit",
    ["d.serial" = "coalesce((
        SELECT n.device FROM object m JOIN observation n USING (object_id, version, reading)
        WHERE m.object_id = $1), '')",
     "t.object_key" = "coalesce((SELECT n.object_key FROM object n WHERE n.object_id = $1), '')",
     "t.object_id" = "$1"],
    ["o.device", "b.object_key", "b.object_id"],
    nothing: objects!(), "(SELECT d.unit FROM device d WHERE d.serial = o.device)", "b.object_id"
);

/// Gathering what is near, by something that only the row of a recording has.
macro_rules! gather {
    ($function:literal, $key:literal, [$($tie:literal = $bound:literal),*]) => {
        ways!(
            $function, near!(), " OR $9 = 'unit'",
            concat!("near t ", in_order!(), " object b ON b.object_id = t.object_id ", in_order!(), present!()),
            "", "", "$11", $key, [$($tie = $bound,)* "b.object_id" = "$1"], [$($tie,)* "b.object_id"],
            nothing: concat!(
                "near t ", in_order!(), " object b ON b.object_id = t.object_id ", in_order!(), present!()
            ), $key, "b.object_id"
        )
    };
}

/// Gathering what is near, by a number that comes with it.
macro_rules! gather_number {
    ($function:literal, $key:literal) => {
        Ways {
            forwards: picked_by_number!(
                $function,
                $key,
                "(t.sort_key, t.object_id) > ($11, $1)",
                "t.sort_key, t.object_id"
            ),
            backwards: picked_by_number!(
                $function,
                $key,
                "(t.sort_key, t.object_id) < ($11, $1)",
                "t.sort_key DESC, t.object_id DESC"
            ),
            nothing: picked_by_number!(
                $function,
                $key,
                "t.sort_key IS NULL AND t.object_id > $1",
                "t.object_id"
            ),
        }
    };
}

/// A page of what is near, of which `$which` is asked, in the order of `$order`. The row of a recording is looked at only
/// where the query asks for more than it is near for: thousands are put in order, of which a page is shown.
macro_rules! picked_by_number {
    ($function:literal, $key:literal, $which:literal, $order:literal) => {
        entries!(
            $function,
            concat!(
                near!(key $key),
                ", picked (object_id, sort_key) AS (
                 SELECT t.object_id, t.sort_key FROM near t WHERE ", $which,
                " AND (($2 IS NULL OR $9 = 'text') AND ($3 IS NULL OR $9 = 'device') AND ($4 IS NULL OR $9 = 'badge')
                       AND $5 IS NULL AND ($6 IS NULL OR $9 = 'problem') AND ($8 IS NULL OR $9 = 'unit')
                       OR EXISTS (
                           SELECT 1 FROM object b ", in_order!(), present!(), "
                           WHERE b.object_id = t.object_id", filters!(" OR $9 = 'unit'"), "))
                  ORDER BY ", $order, limit!("$7"), ")"
            ),
            concat!("picked t ", in_order!(), " object b ON b.object_id = t.object_id"),
            concat!("TRUE ORDER BY ", $order)
        )
    };
}

const GATHER_STARTED_AT: Ways = gather_number!("gather_started_at", "started_at_us");
const GATHER_DURATION: Ways = gather_number!("gather_duration", "duration_us");
const GATHER_SIZE: Ways = gather_number!("gather_size", "size_bytes");
const GATHER_OBSERVED_AT: Ways = gather_number!("gather_observed_at", "observed_at_us");
const GATHER_DEVICE: Ways = gather!(
    "gather_device",
    "o.device",
    ["b.object_key" = "coalesce((SELECT n.object_key FROM object n WHERE n.object_id = $1), '')"]
);
const GATHER_BADGE: Ways = gather!(
    "gather_badge",
    "o.badge",
    ["b.object_key" = "coalesce((SELECT n.object_key FROM object n WHERE n.object_id = $1), '')"]
);
const GATHER_UNIT: Ways = gather!(
    "gather_unit",
    "(SELECT d.unit FROM device d WHERE d.serial = o.device)",
    [
        "o.device" = "coalesce((
        SELECT n.device FROM object m JOIN observation n USING (object_id, version, reading)
        WHERE m.object_id = $1), '')",
        "b.object_key" = "coalesce((SELECT n.object_key FROM object n WHERE n.object_id = $1), '')"
    ]
);
const GATHER_REASON: Ways = gather!(
    "gather_reason",
    "(SELECT p.code FROM problem p WHERE p.observation_id = o.observation_id ORDER BY p.position LIMIT 1)",
    []
);

/// The statements that walk an index, by the name of the index.
#[cfg(test)]
#[allow(dead_code, reason = "one engine of the two is asked for its plans")]
pub(in super::super::super) const WALKS: [(&str, &str); 16] = [
    ("observation_started ((started_at_us,object_id)>(?,?))", WALK_STARTED_AT.forwards),
    ("observation_started ((started_at_us,object_id)<(?,?))", WALK_STARTED_AT.backwards),
    ("observation_started", WALK_STARTED_AT.nothing),
    ("observation_duration", WALK_DURATION.forwards),
    ("observation_duration", WALK_DURATION.backwards),
    ("observation_duration", WALK_DURATION.nothing),
    ("observation_size", WALK_SIZE.forwards),
    ("observation_size", WALK_SIZE.backwards),
    ("PRIMARY KEY", WALK_DEVICE.forwards),
    ("PRIMARY KEY", WALK_DEVICE.backwards),
    ("PRIMARY KEY", WALK_DEVICE.nothing),
    ("PRIMARY KEY", WALK_BADGE.forwards),
    ("PRIMARY KEY", WALK_BADGE.backwards),
    ("device_unit", WALK_UNIT.forwards),
    ("device_unit", WALK_UNIT.backwards),
    ("PRIMARY KEY", WALK_UNIT.nothing),
];

/// How an order is walked, if it has an index, and gathered.
const fn ways(sort: RecordingSort) -> (Option<&'static Ways>, &'static Ways) {
    match sort {
        RecordingSort::StartedAt => (Some(&WALK_STARTED_AT), &GATHER_STARTED_AT),
        RecordingSort::Duration => (Some(&WALK_DURATION), &GATHER_DURATION),
        RecordingSort::Size => (Some(&WALK_SIZE), &GATHER_SIZE),
        RecordingSort::Device => (Some(&WALK_DEVICE), &GATHER_DEVICE),
        RecordingSort::Badge => (Some(&WALK_BADGE), &GATHER_BADGE),
        RecordingSort::Unit => (Some(&WALK_UNIT), &GATHER_UNIT),
        RecordingSort::ObservedAt => (None, &GATHER_OBSERVED_AT),
        RecordingSort::Reason => (None, &GATHER_REASON),
    }
}

/// Before all entries, in an order that goes this way.
fn before_all(sort: RecordingSort, backwards: bool) -> (SortKey, i64) {
    match (sort.is_text(), backwards) {
        (true, false) => (SortKey::Text(String::new()), i64::MIN),
        (true, true) => (SortKey::Text(LAST_TEXT.to_owned()), i64::MAX),
        (false, false) => (SortKey::Number(i64::MIN), i64::MIN),
        (false, true) => (SortKey::Number(i64::MAX), i64::MAX),
    }
}

/// Along what is gathered: a facet and its value, or one of the words of `near!`.
type Near = (&'static str, Option<String>);

pub(super) async fn list(
    connection: &mut Connection,
    query: &RecordingQuery,
    order: &Order<RecordingSort>,
) -> Result<Vec<RecordingEntry>, StoreError> {
    let (walk, gather) = ways(order.sort);
    let near = match walk {
        None => Some(narrowest(connection, query).await?.unwrap_or(("all", None))),
        Some(_) => match narrowest(connection, query).await? {
            Some(near) if is_few(connection, query, &near).await? => Some(near),
            _ => None,
        },
    };
    let statements = match (&near, walk) {
        (None, Some(walk)) => walk,
        _ => gather,
    };
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let after = order.after.clone().unwrap_or_else(|| before_all(order.sort, order.backwards));
    let mut page = Vec::new();
    let mut lacking_after = i64::MIN;
    if let (SortKey::Nothing, number) = after {
        lacking_after = number;
    } else {
        let statement = if order.backwards { statements.backwards } else { statements.forwards };
        page = run(connection, statement, query, query.limit, near.as_ref(), after).await?;
    }
    if page.len() < limit && order.sort != RecordingSort::Size && order.sort != RecordingSort::ObservedAt {
        let room = u32::try_from(limit - page.len()).unwrap_or(u32::MAX);
        let lacking = (SortKey::Nothing, lacking_after);
        page.extend(run(connection, statements.nothing, query, room, near.as_ref(), lacking).await?);
    }
    Ok(page)
}

/// The filter that lets the least through, as far as can be said without counting.
async fn narrowest(connection: &mut Connection, query: &RecordingQuery) -> Result<Option<Near>, StoreError> {
    if let Some((facet, value)) = facet(query) {
        return Ok(Some((facet, Some(value.to_owned()))));
    }
    if let Some(unit) = &query.within
        && owners(connection, unit).await? <= MOST_OWNERS
    {
        return Ok(Some(("unit", None)));
    }
    Ok(query.key_contains.is_some().then_some(("text", None)))
}

/// Whether so little is near that it is gathered. What is quarantined always is: most of it has neither start nor length,
/// and whoever walks by these finds none of it.
async fn is_few(
    connection: &mut Connection,
    query: &RecordingQuery,
    near: &Near,
) -> Result<bool, StoreError> {
    if near.0 == "quarantined" || query.problem.is_some_and(|code| near.0 == "problem" && code.quarantines())
    {
        return Ok(true);
    }
    let count: i64 = sqlx::query_scalar(COUNT)
        .bind(FEW + 1)
        .bind(&query.key_contains)
        .bind(&query.device)
        .bind(&query.badge)
        .bind(query.quarantined)
        .bind(query.problem.map(crate::observation::ProblemCode::as_str))
        .bind(i64::from(query.limit))
        .bind(&query.within)
        .bind(near.0)
        .bind(&near.1)
        .fetch_one(connection)
        .await?;
    Ok(count <= FEW)
}

async fn run(
    connection: &mut Connection,
    statement: &'static str,
    query: &RecordingQuery,
    limit: u32,
    near: Option<&Near>,
    (key, number): (SortKey, i64),
) -> Result<Vec<RecordingEntry>, StoreError> {
    let mut asked = sqlx::query_scalar(statement)
        .bind(number)
        .bind(&query.key_contains)
        .bind(&query.device)
        .bind(&query.badge)
        .bind(query.quarantined)
        .bind(query.problem.map(crate::observation::ProblemCode::as_str))
        .bind(i64::from(limit))
        .bind(&query.within);
    if let Some((facet, value)) = near {
        asked = asked.bind(*facet).bind(value);
    }
    asked = match key {
        SortKey::Number(number) => asked.bind(number),
        SortKey::Text(text) => asked.bind(text),
        SortKey::Nothing => asked,
    };
    let page: String = asked.fetch_one(&mut *connection).await?;
    entries(connection, &page).await
}
