//! The contract over PostgreSQL, and what PostgreSQL alone has to do.

use std::sync::Arc;

use catalog::store::{Catalog, OpenMode, Recorded, StoreError, open};

use crate::contract;

mod copies;
mod outage;
mod tls;

#[path = "../../../tests/src/postgres.rs"]
#[allow(dead_code, unreachable_pub, reason = "it serves other tests, too")]
mod server;

use server::Database;

/// A new catalog in a database of its own, which lives as long as the test; `None` where there is no PostgreSQL.
async fn postgres() -> Option<(Database, Arc<dyn Catalog>)> {
    let database = Database::new()?;
    let catalog = open(&database.url(), OpenMode::Create).await.unwrap();
    Some((database, catalog))
}

contract::catalog_contract_suite!(postgres);

async fn refusal(url: &str, mode: OpenMode) -> StoreError {
    match open(url, mode).await {
        Ok(_) => panic!("{url} was opened"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn a_schema_is_made_only_when_asked() {
    let Some(database) = Database::new() else { return };
    assert!(matches!(refusal(&database.url(), OpenMode::Existing).await, StoreError::NotFound { .. }));
    assert_eq!(
        database.ask("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").unwrap().trim(),
        "0"
    );
    assert!(open(&database.url(), OpenMode::Create).await.is_ok());
    assert!(open(&database.url(), OpenMode::Existing).await.is_ok());
}

#[tokio::test]
async fn another_programs_database_is_refused() {
    let Some(database) = Database::new() else { return };
    database.ask("CREATE TABLE invoice (id INTEGER)").unwrap();
    assert!(matches!(refusal(&database.url(), OpenMode::Create).await, StoreError::NotACatalog { .. }));
}

#[tokio::test]
async fn a_newer_schema_and_one_of_other_text_are_refused() {
    let Some(database) = Database::new() else { return };
    drop(open(&database.url(), OpenMode::Create).await.unwrap());
    database
        .ask(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES (9999, 'from the future', TRUE, '\\x00', 0)",
        )
        .unwrap();
    let error = refusal(&database.url(), OpenMode::Existing).await;
    assert!(matches!(error, StoreError::NewerSchema { found: 9999, .. }), "{error}");
    database.ask("DELETE FROM _sqlx_migrations WHERE version = 9999").unwrap();
    database.ask("UPDATE _sqlx_migrations SET checksum = '\\x00' WHERE version = 1").unwrap();
    let error = refusal(&database.url(), OpenMode::Existing).await;
    assert!(matches!(error, StoreError::OtherSchema { version: 1, .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_two_record_at_the_same_time_are_known_to_be_of_both() {
    const PAIRS: u64 = 20;
    let Some((database, catalog)) = postgres().await else { return };
    let store = catalog.add_store("file:///evidence", catalog::WallTime(7)).await.unwrap().id;
    for pair in 0..PAIRS {
        let record = |side: u8| {
            let (catalog, (key, observation)) = (Arc::clone(&catalog), contract::numbered_observation(pair));
            let key = format!("{side}/{key}");
            tokio::spawn(async move { catalog.record(&outage::reading(store, &key, &observation)).await })
        };
        let (one, other) = (record(1), record(2));
        one.await.unwrap().unwrap();
        other.await.unwrap().unwrap();
    }
    assert_eq!(database.ask("SELECT count(*) FROM shared_digest").unwrap().trim(), PAIRS.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_record_the_same_objects_together_in_another_order_do_not_get_in_each_others_way() {
    const ROUNDS: u64 = 20;
    const OBJECTS: u64 = 16;
    let Some((database, catalog)) = postgres().await else { return };
    let store = catalog.add_store("file:///evidence", catalog::WallTime(7)).await.unwrap().id;
    for round in 0..ROUNDS {
        let record = |backwards: bool| {
            let catalog = Arc::clone(&catalog);
            tokio::spawn(async move {
                let mut objects: Vec<_> = (0..OBJECTS)
                    .map(|number| contract::numbered_observation(round * OBJECTS + number))
                    .collect();
                if backwards {
                    objects.reverse();
                }
                let readings: Vec<_> = objects
                    .iter()
                    .map(|(key, observation)| outage::reading(store, key, observation))
                    .collect();
                catalog.record_all(&readings).await
            })
        };
        let (one, other) = (record(false), record(true));
        let recorded = [one.await.unwrap().unwrap(), other.await.unwrap().unwrap()].concat();
        let new = recorded.iter().filter(|recorded| **recorded == Recorded::New).count();
        assert_eq!((recorded.len(), new), (32, 16), "{recorded:?}");
    }
    assert_eq!(database.ask("SELECT count(*) FROM object").unwrap().trim(), (ROUNDS * OBJECTS).to_string());
    contract::the_log_explains_everything(catalog.as_ref()).await;
}

#[tokio::test]
async fn what_must_never_change_cannot_be_changed_even_by_hand() {
    let Some((database, catalog)) = postgres().await else { return };
    contract::record_one(catalog.as_ref()).await;
    contract::record_a_step(catalog.as_ref()).await;
    catalog.add_trail(&contract::trail_line("sign_in")).await.unwrap();
    for statement in [
        "UPDATE observation SET sha256 = repeat('0', 64)",
        "DELETE FROM observation",
        "TRUNCATE observation CASCADE",
        "UPDATE event SET at_us = 0",
        "DELETE FROM event",
        "UPDATE schedule_step SET outcome = 'done'",
        "DELETE FROM schedule_step",
        "UPDATE access_trail SET login = 'nobody'",
        "DELETE FROM access_trail",
        "UPDATE log_leaf SET kind = 'event'",
        "TRUNCATE log_leaf",
    ] {
        let error = database.ask(statement).unwrap_err();
        assert!(error.contains("only ever added"), "{statement}: {error}");
    }
}

#[tokio::test]
async fn a_role_that_may_only_read_reads_and_is_told_so_when_it_writes() {
    let Some((database, catalog)) = postgres().await else { return };
    contract::record_one(catalog.as_ref()).await;
    let url = format!("{}?options[default_transaction_read_only]=on", database.url());
    let catalog = open(&url, OpenMode::Existing).await.unwrap();
    assert_eq!(catalog.stores().await.unwrap().len(), 1);
    let error = catalog.add_store("file:///x", catalog::WallTime(0)).await.unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
}

#[tokio::test]
async fn a_database_that_is_not_there_is_named_without_the_password() {
    let Some(database) = Database::new() else { return };
    let url = database.url().replace("postgres@", "postgres:s3cret@").replace("test_", "none_");
    let error = refusal(&url, OpenMode::Create).await.to_string();
    assert!(error.contains("createdb") && error.contains("none_") && !error.contains("s3cret"), "{error}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_waited_for_a_little_and_named() {
    let error = refusal("postgres://reel:s3cret@127.0.0.1:1/city?patience=0", OpenMode::Create).await;
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error}");
    let error = error.to_string();
    assert!(error.contains("reel@127.0.0.1:1/city") && !error.contains("s3cret"), "{error}");
}
