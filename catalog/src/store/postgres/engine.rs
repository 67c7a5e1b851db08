//! What PostgreSQL does differently: its types, how its transactions begin and end, and pieces of statements that are put
//! together when the program starts.
//!
//! **Who writes beside whom.** The log is one sequence, so what is added to it is added by one transaction at a time: an
//! advisory lock of the transaction, [`LOG_LOCK`], stands for that. A write that reads what it depends on holds it from its
//! start, which makes it what BEGIN IMMEDIATE is on SQLite. Readings of objects are by far most of what is written, and
//! depend on nothing but their objects: they hold locks of those, and take the log's only when all their rows
//! are written, to number events and leaves and commit. So many workers wait for one another for two statements and a
//! commit, not for everything that they do. Locks are always taken in the order objects, rows, log.

use futures::StreamExt as _;
use futures::stream::BoxStream;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Database, FromRow, Transaction};

use super::patient::Patience;
use super::sql::{LastLeaf, Numbers};
use crate::store::{StoreError, StoreId};

pub(super) type Db = sqlx::Postgres;
pub(super) type Pool = sqlx::PgPool;
pub(super) type Connection = sqlx::PgConnection;
pub(super) type EngineRow = sqlx::postgres::PgRow;
type Begun = Result<Transaction<'static, Db>, StoreError>;

/// The advisory lock of the log, in PostgreSQL's space of two numbers: nobody else's, and not one of the objects', which
/// are in the space of one number.
macro_rules! log_lock {
    () => {
        "SELECT pg_advisory_xact_lock(1919247472, 1)"
    };
}

/// A transaction that writes alone: it has the log's lock from its start.
pub(super) async fn begin_alone(pool: &Pool) -> Begun {
    let mut transaction = pool.begin().await?;
    sqlx::query(concat!("/* begin_alone */ ", log_lock!())).execute(&mut *transaction).await?;
    Ok(transaction)
}

/// A transaction that others may write beside.
pub(super) async fn begin_beside(pool: &Pool) -> Begun {
    Ok(pool.begin().await?)
}

/// A transaction about these objects; two about the same one follow one another. Locks are taken in their own order, so that
/// no two transactions wait for each other.
pub(super) async fn begin_objects(pool: &Pool, objects: &[(StoreId, &str)]) -> Begun {
    let (stores, keys): (Vec<i64>, Vec<&str>) = objects.iter().map(|(store, key)| (store.0, *key)).unzip();
    let mut transaction = pool.begin().await?;
    sqlx::query(
        "/* begin_objects */ SELECT pg_advisory_xact_lock(lock)
         FROM (SELECT hashtextextended(object_key, store_id) AS lock
               FROM unnest($1::text[], $2::bigint[]) AS asked (object_key, store_id) ORDER BY lock) AS locks",
    )
    .bind(keys)
    .bind(stores)
    .execute(&mut *transaction)
    .await?;
    Ok(transaction)
}

/// A transaction that reads everything as of one moment.
pub(super) async fn begin_reading(pool: &Pool) -> Begun {
    Ok(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
}

/// The last numbers of events and leaves. From here to its end the transaction has the log's lock, so nobody else gives
/// any. Two statements in one message: the second one sees what was committed before the lock was had.
pub(super) async fn numbers(connection: &mut Connection) -> Result<Numbers, StoreError> {
    let rows = sqlx::raw_sql(concat!(
        "/* numbers */ ",
        log_lock!(),
        "; SELECT coalesce((SELECT max(event_id) FROM event), 0) AS last_event,
                coalesce((SELECT max(leaf_no) FROM log_leaf), 0) AS last_leaf"
    ))
    .fetch_all(connection)
    .await?;
    let row = rows.last().ok_or_else(|| StoreError::UnknownValue("no number of the last leaf".into()))?;
    Numbers::of(row)
}

/// Others write at the same time: numbers are given under a lock that is taken last of all, and never beside rows.
pub(super) const NUMBERS_BESIDE: &[&str] = &[];

/// Commits. If the answer is lost, the log says whether it was done.
pub(super) async fn commit(
    transaction: Transaction<'static, Db>,
    pool: &Pool,
    last: Option<LastLeaf>,
) -> Result<(), StoreError> {
    let error = match transaction.commit().await {
        Ok(()) => return Ok(()),
        Err(error) => StoreError::from(error),
    };
    let Some(last) = last.filter(|_| error.passes()) else { return Err(error) };
    let mut patience = Patience::of(pool.options().get_acquire_timeout());
    loop {
        match is_kept(pool, &last).await {
            Ok(true) => return Ok(()),
            Ok(false) => return Err(error),
            Err(error) => patience.rest(error).await?,
        }
    }
}

/// Whether a leaf is in the log. Having the log's lock, one knows that whoever was about to commit is done with it, or
/// never will be.
async fn is_kept(pool: &Pool, leaf: &LastLeaf) -> Result<bool, StoreError> {
    let mut transaction = begin_alone(pool).await?;
    let kept: Option<Vec<u8>> =
        sqlx::query_scalar("/* is_kept */ SELECT leaf_sha256 FROM log_leaf WHERE leaf_no = $1")
            .bind(leaf.leaf_no)
            .fetch_optional(&mut *transaction)
            .await?;
    transaction.rollback().await?;
    Ok(kept.is_some_and(|kept| kept == leaf.hash.0))
}

/// A question with its answers to what it leaves open.
pub(super) type Asked = Query<'static, Db, <Db as Database>::Arguments>;

/// The rows of a statement that `rows!` put together, as the server sends them: it finds the next ones while we take these,
/// and to write them as JSON takes it longer than to send them.
pub(super) fn rows<'c, T>(
    connection: &'c mut Connection,
    asked: Asked,
) -> BoxStream<'c, Result<T, StoreError>>
where
    T: for<'r> FromRow<'r, EngineRow> + Send + 'c,
{
    asked.fetch(connection).map(|row| Ok(T::from_row(&row?)?)).boxed()
}

/// How many readings are asked for with one statement: none of their rows is held.
pub(super) const ROWS_AT_ONCE: usize = usize::MAX;

/// To look up the objects of a month's recordings one by one takes longer than to read them from end to end, and to join them
/// the server walks the objects of all months.
pub(super) const OBJECTS_APART: bool = true;

/// Rows `j` of a JSON array of keys in `$1`, and what joins a table to them.
pub(super) const KEYS: &str = "json_array_elements(CAST($1 AS json)) j (value) JOIN";

/// Key columns that are numbers; the others are texts.
const NUMBERS: &[&str] = &[
    "access_trail_id",
    "api_token_id",
    "event_id",
    "fixity_check_id",
    "fixity_run_id",
    "inspection_id",
    "key_no",
    "listing_id",
    "notice_id",
    "number",
    "observation_id",
    "recorded_at_us",
    "revision",
    "round_act_id",
    "seat",
    "serial",
    "setting_id",
    "stage_no",
    "step_id",
    "store_id",
    "user_id",
    "version",
    "visit_id",
    "year",
];

/// Column number `place` of the key `j` of a table.
pub(super) fn key_column(table: &str, place: usize, name: &str) -> String {
    // A device's serial number is none.
    if NUMBERS.contains(&name) && (table, name) != ("device", "serial") {
        format!("CAST(j.value ->> {place} AS BIGINT)")
    } else {
        format!("(j.value ->> {place})")
    }
}

/// A JSON array of columns, without white space.
pub(super) fn array_of(columns: &[String]) -> String {
    let elements: Vec<String> =
        columns.iter().map(|column| format!("CAST(to_json({column}) AS TEXT)")).collect();
    format!("('[' || {} || ']')", elements.join(" || ',' || "))
}

/// Rows `t` have no numbers here: those that have a leaf are passed over by that alone.
pub(super) const UNLOGGED_PAGE: (&str, &str, &str) = ("CAST(0 AS BIGINT)", "$1 IS NOT NULL", "");

/// The tables that are there, by name.
pub(super) const TABLES: &str =
    "/* tables */ SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = current_schema()";

/// The columns of the table $1 and what they hold.
pub(super) const COLUMNS: &str = "/* columns */ SELECT CAST(column_name AS TEXT), CAST(data_type AS TEXT)
     FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position";

/// Lets this transaction take as long as it takes.
pub(super) async fn unhurried(connection: &mut Connection) -> Result<(), StoreError> {
    sqlx::raw_sql(
        "/* unhurried */ SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0",
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A server keeps its files together.
#[allow(clippy::unused_async, reason = "the other engine has something to do")]
pub(super) async fn bring_home(_pool: &Pool) -> Result<(), StoreError> {
    Ok(())
}

/// Lets numbers go on after the last one of rows that came with theirs.
pub(super) async fn number_on(connection: &mut Connection) -> Result<(), StoreError> {
    let numbered: Vec<(String, String)> = sqlx::query_as(
        "/* number_on */ SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT) FROM information_schema.columns
         WHERE table_schema = current_schema() AND is_identity = 'YES'",
    )
    .fetch_all(&mut *connection)
    .await?;
    for (table, column) in numbered {
        // The names are those of our own schema.
        sqlx::query(AssertSqlSafe(format!(
            "/* number_on */ SELECT setval(pg_get_serial_sequence('{table}', '{column}'), coalesce(max({column}), 0) + 1, FALSE)
             FROM {table}"
        )))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}
