//! How SQLite says that it goes about the questions that a service asks all day: along an index, never through a table
//! that grows with the city.

use sqlx::AssertSqlSafe;

use super::sql::{ALIKE, BY_FACET, BY_KEY, BY_OWNERS, DAYS, HELD, REVISION, RUNS, SqlCatalog, TRAIL, WALKS};
use super::{OpenMode, open};

/// The steps of a statement's plan.
async fn plan(catalog: &SqlCatalog, statement: &str) -> Vec<String> {
    type Step = (i64, i64, i64, String);
    let asked = format!("EXPLAIN QUERY PLAN {statement}");
    let steps: Vec<Step> = sqlx::query_as(AssertSqlSafe(asked)).fetch_all(&catalog.pool).await.unwrap();
    steps.into_iter().map(|step| step.3).collect()
}

/// Steps that walk one of these tables.
fn walks<'p>(steps: &'p [String], growing: &[&str]) -> Vec<&'p String> {
    let table = |step: &'p String| step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
    steps.iter().filter(|step| table(step).is_some_and(|table| growing.contains(&table))).collect()
}

#[tokio::test]
async fn taking_in_an_object_walks_no_table() {
    let catalog = open("sqlite::memory:", OpenMode::Create).await.unwrap();
    let triggers: Vec<(String, String)> = sqlx::query_as(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql NOT LIKE '%RAISE(ABORT%'",
    )
    .fetch_all(&catalog.pool)
    .await
    .unwrap();
    assert!(triggers.iter().any(|(name, _)| name == "observation_has_facets"), "{triggers:?}");
    for (name, text) in triggers {
        let (_, body) = text.split_once("BEGIN").unwrap();
        for statement in body.trim_end().trim_end_matches("END").split_terminator(';') {
            // Of a trigger no plan is shown, of what it does one is: as if NEW were another row.
            let statement = statement.replace("NEW.", "one.").replace("new.", "one.").replace("OLD.", "one.");
            if statement.trim().is_empty() {
                continue;
            }
            let literal = one_column(&statement);
            let steps = plan(&catalog, literal.trim()).await;
            let walked =
                walks(&steps, &["observation", "object", "problem", "recording_facet", "o", "b", "p"]);
            assert_eq!(walked, Vec::<&String>::new(), "{name}: {steps:#?}");
        }
    }
}

/// The statement with every `one.column` as a number.
fn one_column(statement: &str) -> String {
    let mut parts = statement.split("one.");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|letter: char| letter.is_alphanumeric() || letter == '_');
        text.push('1');
        text.push_str(rest);
    }
    text
}

#[tokio::test]
async fn no_list_walks_a_table_that_grows_with_the_city() {
    let catalog = open("sqlite::memory:", OpenMode::Create).await.unwrap();
    // Under the names that the statements give them.
    let growing = [
        "b",
        "o",
        "p",
        "l",
        "stage",
        "event",
        "object",
        "observation",
        "problem",
        "recording_facet",
        "c",
        "k",
    ];
    for (name, statement, index) in [
        ("by key", BY_KEY, "object_key (object_key>?)"),
        ("by facet", BY_FACET, "PRIMARY KEY (facet=? AND value=? AND object_key>?)"),
        ("by owners", BY_OWNERS, "PRIMARY KEY (facet=? AND value=? AND object_key>? AND object_key<?)"),
        ("days", DAYS, "stage_starts (starts_at_us>?)"),
        ("same bytes", ALIKE, "observation_sha256 (sha256=?)"),
        ("revision", REVISION, "event_of_evidence"),
        ("held", HELD, "USING INTEGER PRIMARY KEY (rowid>?)"),
        ("checks of held", HELD, "fixity_check_object (object_id=?)"),
        ("twins of held", HELD, "observation_sha256 (sha256=?)"),
        ("runs of checks", RUNS, "fixity_check_run (fixity_run_id=? AND outcome=?)"),
    ] {
        let steps = plan(&catalog, statement).await;
        let walked = walks(&steps, &growing);
        assert_eq!(walked, Vec::<&String>::new(), "{name}: {steps:#?}");
        assert!(steps.iter().any(|step| step.contains(index)), "{name} does not use {index}: {steps:#?}");
        let sorts = steps.iter().any(|step| step.contains("TEMP B-TREE FOR ORDER BY"));
        assert!(!sorts || name == "by owners", "{name} sorts: {steps:#?}");
    }
}

/// A list in another order is found along an index that is in that order: nothing is sorted but the page itself.
#[tokio::test]
async fn no_list_is_sorted_by_what_an_index_has_in_order() {
    let catalog = open("sqlite::memory:", OpenMode::Create).await.unwrap();
    for (index, statement) in WALKS {
        let steps = plan(&catalog, statement).await;
        // The page is sorted once more when its rows are there: that comes after what picks them. By unit, the
        // recordings of a device are sorted, too: SQLite does not see that they come in order.
        let sorted = |step: &&String| step.contains("TEMP B-TREE FOR") && !step.contains("LAST 2 TERMS");
        let sorts = steps.iter().filter(sorted).count();
        assert!(sorts <= 1, "{statement} sorts more than its page: {steps:#?}");
        assert!(steps.iter().any(|step| step.contains(index)), "{index}: {steps:#?}");
        let walked = steps.iter().any(|step| ["SCAN o", "SCAN b", "SCAN d"].contains(&step.as_str()));
        assert!(!walked, "{statement} walks a table: {steps:#?}");
    }
    let indexes = ["PRIMARY KEY", "access_trail_login", "access_trail_act"];
    for (index, statement) in indexes.iter().zip(TRAIL).flat_map(|(index, both)| both.map(|one| (index, one)))
    {
        let steps = plan(&catalog, statement).await;
        assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "{statement}: {steps:#?}");
        assert!(steps.iter().any(|step| step.contains(index)), "{index}: {steps:#?}");
    }
}
