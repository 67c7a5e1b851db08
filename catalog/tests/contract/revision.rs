//! How a catalog tells that it was written to.

use catalog::excuse::{Excuse, ExcuseReason, Withdrawal};
use catalog::store::Listing;

use super::*;

pub(crate) async fn a_revision_rises_with_everything_that_a_month_is_made_of(catalog: &dyn Catalog) {
    let mut before = catalog.revision().await.unwrap();
    assert_eq!((before.number, before.latest), (0, None));
    // Writes are dated as the callers say, so the latest moment need not be that of the last write.
    let mut rises = async |latest: &str| {
        let now = catalog.revision().await.unwrap();
        assert!(now.number > before.number, "{now:?} after {before:?}");
        assert!(now.evidence > before.evidence, "{now:?} after {before:?}");
        assert_eq!(now.latest, Some(at(latest)));
        assert_eq!(catalog.revision().await.unwrap(), now, "reading changes nothing");
        before = now;
    };
    people(catalog).await;
    take_in(catalog, Import::Cases(vec![case("A1", "2024-05-02 09:00")])).await;
    take_in(catalog, Import::Stages(vec![stage("A1", 1, "2024-05-03 09:00", &["310001"])])).await;
    let imported = catalog.revision().await.unwrap().latest.unwrap().to_string();
    rises(&imported).await;
    record_one(catalog).await;
    rises("2024-06-02 10:00").await;
    let store = store_of(catalog).await;
    let (listed_at, recorded_at) = (at("2024-06-02 09:00"), at("2024-06-02 10:00"));
    let listing = Listing { store: store.id, prefix: "", listed_at, recorded_at, objects: 1 };
    catalog.record_listing(&listing).await.unwrap();
    rises("2024-06-02 10:00").await;
    catalog.mark_gone(store.id, &["a.mp4".to_owned()], at("2024-06-03 10:00")).await.unwrap();
    rises("2024-06-03 10:00").await;
    let excuse = Excuse {
        case_no: "A1".into(),
        stage_no: 1,
        reason: ExcuseReason::Weather,
        note: String::new(),
        recorded_by: "310001".into(),
        recorded_at: at("2024-06-09 09:00"),
        starts_at: None,
        ends_at: None,
    };
    assert!(catalog.add_excuse(&excuse).await.unwrap());
    rises("2024-06-09 09:00").await;
    let withdrawal = Withdrawal {
        withdrawn_by: "310002".into(),
        withdrawn_at: at("2024-06-10 09:00"),
        note: String::new(),
    };
    assert!(catalog.withdraw_excuse(&excuse, &withdrawal).await.unwrap());
    rises("2024-06-10 09:00").await;
}

pub(crate) async fn a_revision_knows_of_an_imported_excuse_that_is_dated_later(catalog: &dyn Catalog) {
    people(catalog).await;
    take_in(catalog, Import::Cases(vec![case("A1", "2024-05-02 09:00")])).await;
    take_in(catalog, Import::Stages(vec![stage("A1", 1, "2024-05-03 09:00", &["310001"])])).await;
    let excuse = Excuse {
        case_no: "A1".into(),
        stage_no: 1,
        reason: ExcuseReason::Weather,
        note: String::new(),
        recorded_by: "310001".into(),
        recorded_at: at("2031-01-01 09:00"),
        starts_at: None,
        ends_at: None,
    };
    take_in(catalog, Import::Excuses(vec![excuse])).await;
    assert_eq!(catalog.revision().await.unwrap().latest, Some(at("2031-01-01 09:00")));
}
