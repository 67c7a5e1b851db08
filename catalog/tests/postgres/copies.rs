//! Copies from one engine to the other: the same rows, the same log.

use catalog::log::tree::{fold, range};
use catalog::store::{Recorded, copy};
use tempfile::TempDir;

use super::outage::reading;
use super::{Arc, Catalog, Database, OpenMode, StoreError, contract, open};

async fn root(catalog: &dyn Catalog) -> (u64, String) {
    let size = catalog.log_state().await.unwrap().size;
    (size, fold(&catalog.log_nodes(&range(0, size)).await.unwrap()).to_string())
}

async fn filled(url: &str) -> Arc<dyn Catalog> {
    let catalog = open(url, OpenMode::Create).await.unwrap();
    contract::a_drone_month_has_flights_areas_and_docks(catalog.as_ref()).await;
    contract::tracks_come_back_as_they_were_recorded(catalog.as_ref()).await;
    contract::record_a_step(catalog.as_ref()).await;
    catalog.add_trail(&contract::trail_line("sign_in")).await.unwrap();
    catalog
}

#[tokio::test]
async fn a_catalog_copied_there_and_back_is_the_same_log() {
    let Some(database) = Database::new() else { return };
    let dir = TempDir::new().unwrap();
    let [first, back] = ["first", "back"].map(|name| format!("sqlite://{}/{name}.db", dir.path().display()));
    let original = filled(&first).await;
    let mut told = Vec::new();
    let copied = copy(&first, &database.url(), &mut |table, rows, total| told.push((table, rows, total)))
        .await
        .unwrap();
    assert!(told.iter().all(|(_, rows, total)| rows <= total), "{told:?}");
    assert_eq!(root(copied.to.as_ref()).await, root(original.as_ref()).await);
    contract::the_log_explains_everything(copied.to.as_ref()).await;
    let again = copy(&database.url(), &back, &mut |_, _, _| {}).await.unwrap();
    assert_eq!(again.tables, copied.tables);
    assert_eq!(root(again.to.as_ref()).await, root(original.as_ref()).await);
    contract::the_log_explains_everything(again.to.as_ref()).await;
    // And it goes on: new rows get numbers of their own.
    let (key, observation) = contract::numbered_observation(7);
    let store = copied.to.add_store("file:///more", catalog::WallTime(7)).await.unwrap();
    let recorded = copied.to.record(&reading(store.id, &key, &observation)).await.unwrap();
    assert_eq!(recorded, Recorded::New);
    contract::record_a_step(copied.to.as_ref()).await;
    contract::the_log_explains_everything(copied.to.as_ref()).await;
}

#[tokio::test]
async fn the_facets_of_a_copy_are_those_of_the_original() {
    let Some(database) = Database::new() else { return };
    let dir = TempDir::new().unwrap();
    let url = format!("sqlite://{}/first.db", dir.path().display());
    let original = open(&url, OpenMode::Create).await.unwrap();
    contract::a_quarantined_object_read_better_is_read_anew(original.as_ref()).await;
    copy(&url, &database.url(), &mut |_, _, _| {}).await.unwrap();
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    let facets: Vec<(String, String, String, i64)> =
        sqlx::query_as("SELECT facet, value, object_key, object_id FROM recording_facet ORDER BY 1, 2, 3, 4")
            .fetch_all(&pool)
            .await
            .unwrap();
    let copied = database
        .ask("SELECT facet, value, object_key, object_id FROM recording_facet ORDER BY 1, 2, 3, 4")
        .unwrap();
    let lines: Vec<String> =
        facets.iter().map(|(facet, value, key, id)| format!("{facet}|{value}|{key}|{id}")).collect();
    assert_eq!(copied.lines().collect::<Vec<_>>(), lines);
    assert!(!lines.is_empty());
}

#[tokio::test]
async fn a_target_that_holds_anything_is_refused_and_left_alone() {
    let Some(database) = Database::new() else { return };
    let dir = TempDir::new().unwrap();
    let url = format!("sqlite://{}/first.db", dir.path().display());
    let original = filled(&url).await;
    let there = open(&database.url(), OpenMode::Create).await.unwrap();
    let before = root(there.as_ref()).await;
    let Err(error) = copy(&url, &database.url(), &mut |_, _, _| {}).await else {
        panic!("it was overwritten")
    };
    assert!(matches!(error, StoreError::NotEmpty { .. }), "{error}");
    assert_eq!(root(there.as_ref()).await, before);
    contract::the_log_explains_everything(original.as_ref()).await;
}
