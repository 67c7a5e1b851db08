//! The contract of the catalog's store, run over every engine.
#![cfg(feature = "store")]
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

mod contract;
mod postgres;

use catalog::store::{Catalog, OpenMode, StoreError, open};
use tempfile::TempDir;

/// A new catalog in a folder of its own, which lives as long as the test.
async fn sqlite() -> Option<(TempDir, std::sync::Arc<dyn Catalog>)> {
    let dir = TempDir::new().unwrap();
    let url = format!("sqlite://{}/reelproof.db", dir.path().display());
    let catalog = open(&url, OpenMode::Create).await.unwrap();
    Some((dir, catalog))
}

contract::catalog_contract_suite!(sqlite);

fn url_of(path: &std::path::Path) -> String {
    format!("sqlite://{}", path.display())
}

/// `open` gives a trait object without `Debug`, so `unwrap_err` does not do.
async fn refusal(url: &str, mode: OpenMode) -> StoreError {
    match open(url, mode).await {
        Ok(_) => panic!("{url} was opened"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn a_catalog_that_is_not_there_is_made_only_when_asked() {
    let dir = TempDir::new().unwrap();
    let url = url_of(&dir.path().join("none.db"));
    assert!(matches!(refusal(&url, OpenMode::Existing).await, StoreError::NotFound { .. }));
    assert!(!dir.path().join("none.db").exists());
    assert!(open(&url, OpenMode::Create).await.is_ok());
}

#[tokio::test]
async fn a_file_of_another_kind_is_refused_and_left_alone() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("letter.txt");
    let text = "This is no database. ".repeat(300);
    std::fs::write(&path, &text).unwrap();
    assert!(matches!(refusal(&url_of(&path), OpenMode::Create).await, StoreError::NotACatalog { .. }));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[tokio::test]
async fn another_programs_database_is_refused() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("other.db");
    let other = sqlx::SqlitePool::connect(&format!("{}?mode=rwc", url_of(&path))).await.unwrap();
    sqlx::query("CREATE TABLE invoice (id INTEGER)").execute(&other).await.unwrap();
    other.close().await;
    assert!(matches!(refusal(&url_of(&path), OpenMode::Create).await, StoreError::NotACatalog { .. }));
}

#[tokio::test]
async fn a_newer_schema_is_refused_with_both_numbers() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("newer.db");
    drop(open(&url_of(&path), OpenMode::Create).await.unwrap());
    let pool = sqlx::SqlitePool::connect(&url_of(&path)).await.unwrap();
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'from the future', 1, x'00', 0)",
    )
    .execute(&pool)
    .await
    .unwrap();
    pool.close().await;
    let error = refusal(&url_of(&path), OpenMode::Existing).await;
    assert!(matches!(error, StoreError::NewerSchema { found: 9999, .. }), "{error}");
    assert!(error.to_string().contains("9999"));
}

#[tokio::test]
async fn a_read_only_catalog_can_be_read_and_says_so_when_written() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("kept.db");
    drop(open(&url_of(&path), OpenMode::Create).await.unwrap());
    let catalog = open(&format!("{}?mode=ro", url_of(&path)), OpenMode::Existing).await.unwrap();
    assert_eq!(catalog.totals().await.unwrap().units, 0);
    let error = catalog.add_store("file:///x", catalog::WallTime(0)).await.unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
}

#[tokio::test]
async fn what_must_never_change_cannot_be_changed_even_by_hand() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("kept.db");
    let catalog = open(&url_of(&path), OpenMode::Create).await.unwrap();
    contract::record_one(catalog.as_ref()).await;
    contract::record_a_step(catalog.as_ref()).await;
    catalog.add_trail(&contract::trail_line("sign_in")).await.unwrap();
    let pool = sqlx::SqlitePool::connect(&url_of(&path)).await.unwrap();
    for statement in [
        "UPDATE observation SET sha256 = lower(hex(randomblob(32)))",
        "DELETE FROM observation",
        "UPDATE event SET at_us = 0",
        "DELETE FROM event",
        "UPDATE schedule_step SET outcome = 'done'",
        "DELETE FROM schedule_step",
        "UPDATE access_trail SET login = 'nobody'",
        "DELETE FROM access_trail",
    ] {
        let error = sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&pool).await.unwrap_err().to_string();
        assert!(error.contains("only ever added"), "{statement}: {error}");
    }
}

#[tokio::test]
async fn a_url_that_is_no_catalog_says_what_one_looks_like() {
    for url in ["reelproof.db", "mysql://host/db", "sqlite://", ""] {
        let error = refusal(url, OpenMode::Create).await.to_string();
        assert!(error.contains("sqlite://"), "{url}: {error}");
    }
}
