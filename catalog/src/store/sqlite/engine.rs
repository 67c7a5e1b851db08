//! What SQLite does differently: its types, how its transactions begin and end, and pieces of statements that are put
//! together when the program starts.

use std::sync::LazyLock;

use futures::stream::{self, BoxStream};
use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _};
use serde::de::DeserializeOwned;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Database, Row as _, Transaction};

use super::sql::{LastLeaf, Numbers, of_json};
use crate::store::{StoreError, StoreId};

pub(super) type Db = sqlx::Sqlite;
pub(super) type Pool = sqlx::SqlitePool;
pub(super) type Connection = sqlx::SqliteConnection;
pub(super) type EngineRow = sqlx::sqlite::SqliteRow;
type Begun = Result<Transaction<'static, Db>, StoreError>;

/// A transaction that writes alone: SQLite has one writer at a time, and this one waits for its turn at its start instead of
/// failing at its end.
pub(super) async fn begin_alone(pool: &Pool) -> Begun {
    Ok(pool.begin_with("BEGIN IMMEDIATE").await?)
}

/// No transaction writes beside another.
pub(super) async fn begin_beside(pool: &Pool) -> Begun {
    begin_alone(pool).await
}

/// No transaction writes beside another, whatever objects it is about.
pub(super) async fn begin_objects(pool: &Pool, _objects: &[(StoreId, &str)]) -> Begun {
    begin_alone(pool).await
}

/// A transaction that reads everything as of one moment.
pub(super) async fn begin_reading(pool: &Pool) -> Begun {
    Ok(pool.begin().await?)
}

/// The last numbers of events and leaves. The write lock is held, so nobody else gives any.
pub(super) async fn numbers(connection: &mut Connection) -> Result<Numbers, StoreError> {
    static STATEMENT: LazyLock<String> =
        LazyLock::new(|| format!("/* numbers */ SELECT {}", NUMBERS_BESIDE.join(", ")));
    // The statement is put together from constants of ours.
    Numbers::of(&sqlx::query(AssertSqlSafe(STATEMENT.as_str())).fetch_one(connection).await?)
}

/// What gives the last numbers beside rows that a transaction reads back: no transaction writes beside it, so they are the
/// last until it is over, and a statement of their own would take as long as the reading.
pub(super) const NUMBERS_BESIDE: &[&str] = &[
    "coalesce((SELECT max(event_id) FROM event), 0) AS last_event",
    "coalesce((SELECT max(leaf_no) FROM log_leaf), 0) AS last_leaf",
];

/// Commits. What SQLite says of that is so, so `_last` need not be looked for.
pub(super) async fn commit(
    transaction: Transaction<'static, Db>,
    _pool: &Pool,
    _last: Option<LastLeaf>,
) -> Result<(), StoreError> {
    Ok(transaction.commit().await?)
}

/// A question with its answers to what it leaves open.
pub(super) type Asked = Query<'static, Db, <Db as Database>::Arguments>;

/// The rows of a statement that `rows!` put together. They come as one, a JSON array of arrays: that a row is handed
/// from the connection's thread to ours costs several times what reading it does.
pub(super) fn rows<'c, T: DeserializeOwned + Send + 'c>(
    connection: &'c mut Connection,
    asked: Asked,
) -> BoxStream<'c, Result<T, StoreError>> {
    let all = async {
        let all = asked.fetch_one(connection).await?;
        Ok::<_, StoreError>(stream::iter(of_json(all.try_get(0)?)?.into_iter().map(Ok)))
    };
    all.into_stream().try_flatten().boxed()
}

/// How many readings are asked for with one statement: their rows are held as text.
pub(super) const ROWS_AT_ONCE: usize = 8192;

/// Handing a row over costs more than looking up the row of its object.
pub(super) const OBJECTS_APART: bool = false;

/// Rows `j` of a JSON array of keys in `$1`, and what joins a table to them.
pub(super) const KEYS: &str = "json_each($1) j CROSS JOIN";

/// Column number `place` of the key `j`.
pub(super) fn key_column(_table: &str, place: usize, _name: &str) -> String {
    format!("j.value ->> {place}")
}

/// A JSON array of columns, without white space.
pub(super) fn array_of(columns: &[String]) -> String {
    format!("json_array({})", columns.join(", "))
}

/// The number of a row `t`, which rows come after the number in `$1`, and their order.
pub(super) const UNLOGGED_PAGE: (&str, &str, &str) = ("t.rowid", "t.rowid > $1", "ORDER BY t.rowid");

/// The tables that are there, by name.
pub(super) const TABLES: &str = "/* tables */ SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

/// The columns of the table $1 and what they hold.
pub(super) const COLUMNS: &str = "/* columns */ SELECT name, type FROM pragma_table_info($1) ORDER BY cid";

/// Nothing here ends what takes long.
#[allow(clippy::unused_async, reason = "the other engine asks its server")]
pub(super) async fn unhurried(_connection: &mut Connection) -> Result<(), StoreError> {
    Ok(())
}

/// Puts all that was written into the catalog's one file, which somebody may move without what stands beside it.
pub(super) async fn bring_home(pool: &Pool) -> Result<(), StoreError> {
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(pool).await?;
    Ok(())
}

/// The next row's number follows from the last row's.
#[allow(clippy::unused_async, reason = "the other engine asks its server")]
pub(super) async fn number_on(_connection: &mut Connection) -> Result<(), StoreError> {
    Ok(())
}
