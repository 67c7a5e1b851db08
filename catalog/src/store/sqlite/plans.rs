//! How SQLite says that it goes about the questions that a service asks all day: along an index, never through a table
//! that grows with the city.

use sqlx::AssertSqlSafe;

use super::sql::{BY_FACET, BY_KEY, BY_OWNERS, DAYS, REVISION, SqlCatalog};
use super::{OpenMode, open};

/// The steps of a statement's plan.
async fn plan(catalog: &SqlCatalog, statement: &str) -> Vec<String> {
    type Step = (i64, i64, i64, String);
    let asked = format!("EXPLAIN QUERY PLAN {statement}");
    let steps: Vec<Step> = sqlx::query_as(AssertSqlSafe(asked)).fetch_all(&catalog.pool).await.unwrap();
    steps.into_iter().map(|step| step.3).collect()
}

#[tokio::test]
async fn no_list_walks_a_table_that_grows_with_the_city() {
    let catalog = open("sqlite::memory:", OpenMode::Create).await.unwrap();
    // Under the names that the statements give them.
    let growing =
        ["b", "o", "p", "l", "stage", "event", "object", "observation", "problem", "recording_facet"];
    for (name, statement, index) in [
        ("by key", BY_KEY, "object_key (object_key>?)"),
        ("by facet", BY_FACET, "PRIMARY KEY (facet=? AND value=? AND object_key>?)"),
        ("by owners", BY_OWNERS, "PRIMARY KEY (facet=? AND value=? AND object_key>? AND object_key<?)"),
        ("days", DAYS, "stage_starts (starts_at_us>?)"),
        ("revision", REVISION, "event_of_evidence"),
    ] {
        let steps = plan(&catalog, statement).await;
        let walked: Vec<&String> = steps
            .iter()
            .filter(|step| {
                let table = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
                table.is_some_and(|table| growing.contains(&table))
            })
            .collect();
        assert_eq!(walked, Vec::<&String>::new(), "{name}: {steps:#?}");
        assert!(steps.iter().any(|step| step.contains(index)), "{name} does not use {index}: {steps:#?}");
        let sorts = steps.iter().any(|step| step.contains("TEMP B-TREE FOR ORDER BY"));
        assert!(!sorts || name == "by owners", "{name} sorts: {steps:#?}");
    }
}
