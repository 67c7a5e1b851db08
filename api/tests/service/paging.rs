//! Lists, a page at a time.

use api::server::router;
use axum::Router;
use serde_json::Value;

use crate::month::{Bureau, unreadable};
use crate::{document, encoded};

/// All that a list gives when it is walked to its end, and how many pages that took.
async fn walk(service: &Router, address: &str, list: &str, name: &str) -> (Vec<String>, usize) {
    let (mut names, mut pages, mut after) = (Vec::new(), 0, String::new());
    loop {
        let page = document(service, &format!("{address}&after={}", encoded(&after))).await;
        pages += 1;
        assert!(pages < 100, "the list has no end");
        names.extend(
            page[list].as_array().unwrap().iter().map(|entry| entry[name].as_str().unwrap().to_owned()),
        );
        match page["next"].as_str() {
            Some(next) => next.clone_into(&mut after),
            None => return (names, pages),
        }
    }
}

#[tokio::test]
async fn the_pages_of_recordings_hold_each_of_them_once() {
    let bureau = Bureau::with_cases(21).await;
    let service = router(bureau.state.clone()).unwrap();
    let (whole, _) = walk(&service, "/api/v1/recordings?limit=500", "recordings", "object_key").await;
    assert_eq!(whole.len(), 18);
    assert!(whole.is_sorted());
    for limit in [1, 2, 5, 17, 18] {
        let (walked, pages) =
            walk(&service, &format!("/api/v1/recordings?limit={limit}"), "recordings", "object_key").await;
        assert_eq!(walked, whole, "limit {limit}");
        assert_eq!(pages, whole.len().div_ceil(limit), "limit {limit}");
    }
}

#[tokio::test]
async fn a_key_that_several_stores_hold_is_not_torn_apart() {
    let bureau = Bureau::empty().await;
    for (number, store) in ["file:///a", "file:///b", "file:///c"].into_iter().enumerate() {
        bureau.add_to(store, "same.mp4", &unreadable(number)).await;
    }
    bureau.add("other.mp4", &unreadable(9)).await;
    bureau.add("the last.mp4", &unreadable(10)).await;
    let service = router(bureau.state.clone()).unwrap();
    for limit in 1..=5 {
        let (walked, _) =
            walk(&service, &format!("/api/v1/recordings?limit={limit}"), "recordings", "object_key").await;
        assert_eq!(
            walked,
            ["other.mp4", "same.mp4", "same.mp4", "same.mp4", "the last.mp4"],
            "limit {limit}"
        );
    }
}

#[tokio::test]
async fn recordings_are_filtered() {
    let bureau = Bureau::with_cases(21).await;
    let service = router(bureau.state.clone()).unwrap();
    let count = async |query: &str| {
        let page = document(&service, &format!("/api/v1/recordings?{query}")).await;
        page["recordings"].as_array().unwrap().len()
    };
    assert_eq!(count("quarantined=true").await, 3);
    assert_eq!(count("quarantined=false").await, 15);
    assert_eq!(count("problem=no_index").await, 3);
    assert_eq!(count("problem=no_audio&device=BC001").await, 1);
    assert_eq!(count("badge=310002").await, 6);
    assert_eq!(count("q=20240503/").await, 1);
    assert_eq!(count("q=&device=").await, 18);
    assert_eq!(count("device=nobody").await, 0);
}

#[tokio::test]
async fn the_pages_of_cases_hold_each_of_them_once() {
    let bureau = Bureau::with_cases(9).await;
    let service = router(bureau.state.clone()).unwrap();
    let (whole, pages) = walk(&service, "/api/v1/cases?limit=4", "cases", "case_no").await;
    assert_eq!((whole.len(), pages), (9, 3));
    let all: Value = document(&service, "/api/v1/cases").await;
    assert_eq!(all["next"], Value::Null);
}
