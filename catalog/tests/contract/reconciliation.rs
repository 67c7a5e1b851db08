//! Excuses, listings and manifests: what the catalog keeps of them.

use catalog::case::StageId;
use catalog::device::{Device, DeviceKind, ManifestEntry};
use catalog::excuse::{Excuse, ExcuseEntry, ExcuseReason, Withdrawal};
use catalog::store::{Listing, StoreError, StoreId};
use catalog::{Interval, WallTime};

use super::*;

async fn a_stage(catalog: &dyn Catalog) {
    people(catalog).await;
    take_in(catalog, Import::Cases(vec![case("A1", "2024-05-02 09:00")])).await;
    take_in(catalog, Import::Stages(vec![stage("A1", 1, "2024-05-03 09:00", &["310001"])])).await;
}

fn excuse() -> Excuse {
    Excuse {
        case_no: "A1".into(),
        stage_no: 1,
        reason: ExcuseReason::Weather,
        note: "暴雨".into(),
        recorded_by: "310001".into(),
        recorded_at: at("2024-05-04 09:00"),
        starts_at: None,
        ends_at: None,
    }
}

fn ever() -> Interval<WallTime> {
    Interval::new(WallTime(i64::MIN), WallTime(i64::MAX))
}

pub(crate) async fn an_excuse_is_recorded_once_and_withdrawn_once(catalog: &dyn Catalog) {
    a_stage(catalog).await;
    assert!(catalog.add_excuse(&excuse()).await.unwrap());
    assert!(!catalog.add_excuse(&excuse()).await.unwrap());
    let standing = ExcuseEntry { excuse: excuse(), withdrawal: None };
    assert_eq!(catalog.excuses(ever()).await.unwrap(), [standing]);
    let withdrawal = Withdrawal {
        withdrawn_by: "310002".into(),
        withdrawn_at: at("2024-05-06 09:00"),
        note: "当日无雨".into(),
    };
    let other = Excuse { reason: ExcuseReason::Fault, ..excuse() };
    assert!(!catalog.withdraw_excuse(&other, &withdrawal).await.unwrap());
    assert!(catalog.withdraw_excuse(&excuse(), &withdrawal).await.unwrap());
    assert!(!catalog.withdraw_excuse(&excuse(), &withdrawal).await.unwrap());
    let withdrawn = ExcuseEntry { excuse: excuse(), withdrawal: Some(withdrawal) };
    assert_eq!(catalog.excuses(ever()).await.unwrap(), [withdrawn]);
    let before = Interval::new(at("2024-04-01 00:00"), at("2024-05-03 09:00"));
    assert_eq!(catalog.excuses(before).await.unwrap(), []);

    let counting = async |as_of: &str| catalog.snapshot(may(), at(as_of)).await.unwrap().excuses.len();
    assert_eq!(counting("2024-05-04 08:59").await, 0, "not yet recorded");
    assert_eq!(counting("2024-05-06 08:59").await, 1, "standing");
    assert_eq!(counting("2024-05-06 09:00").await, 0, "withdrawn");
}

pub(crate) async fn an_excuse_on_record_is_never_rewritten(catalog: &dyn Catalog) {
    a_stage(catalog).await;
    assert_eq!(take_in(catalog, Import::Excuses(vec![excuse()])).await, (1, 0, 0));
    assert_eq!(take_in(catalog, Import::Excuses(vec![excuse()])).await, (0, 0, 1));
    let other = Excuse { note: "大风".into(), ..excuse() };
    let origin = ImportOrigin { file_name: "excuses.csv", sha256: &"00".repeat(32), absent: &[] };
    let refused = catalog.import(&Import::Excuses(vec![other]), &origin, at("2024-06-01 00:00")).await;
    let stage = StageId { case_no: "A1".into(), stage_no: 1 };
    assert!(matches!(refused, Err(StoreError::ExcuseOnRecord { stage: told, .. }) if told == stage));
    assert_eq!(catalog.excuses(ever()).await.unwrap()[0].excuse, excuse());
}

async fn list(catalog: &dyn Catalog, store: StoreId, prefix: &str, listed_at: &str, recorded_at: &str) {
    let (listed_at, recorded_at) = (at(listed_at), at(recorded_at));
    let listing = Listing { store, prefix, listed_at, recorded_at, objects: 1 };
    catalog.record_listing(&listing).await.unwrap();
}

/// `record` reads at 2024-06-02 10:00.
pub(crate) async fn an_object_was_absent_from_listings_that_were_done_before_it_was_read(
    catalog: &dyn Catalog,
) {
    let store = store_of(catalog).await.id;
    let other = catalog.add_store("file:///other", at("2024-05-01 00:00")).await.unwrap().id;
    list(catalog, other, "", "2024-06-02 09:50", "2024-06-02 09:51").await;
    record(catalog, "SQ1/a.mp4", "1", &observation(1, "2024-05-03 09:00")).await;
    let arrival =
        async || catalog.snapshot(may(), at("2024-06-03 00:00")).await.unwrap().recordings[0].arrival;
    assert_eq!((arrival().await.seen_at, arrival().await.absent_at), (Some(at("2024-06-02 10:00")), None));
    // The listing that found it: begun before it was read, done after.
    list(catalog, store, "", "2024-06-02 09:59", "2024-06-02 10:05").await;
    list(catalog, store, "SQ2/", "2024-06-02 09:30", "2024-06-02 09:31").await;
    assert_eq!(arrival().await.absent_at, None);
    list(catalog, store, "", "2024-05-30 08:00", "2024-05-30 08:10").await;
    assert_eq!(arrival().await.absent_at, Some(at("2024-05-30 08:00")));
    list(catalog, store, "SQ1/", "2024-06-01 08:00", "2024-06-01 08:10").await;
    assert_eq!(arrival().await.absent_at, Some(at("2024-06-01 08:00")));
    // Once read, an object keeps what was known of its coming, whatever becomes of its bytes.
    record(catalog, "SQ1/a.mp4", "2", &observation(2, "2024-05-03 09:00")).await;
    assert_eq!(arrival().await.seen_at, Some(at("2024-06-02 10:00")));
}

pub(crate) async fn a_snapshot_has_what_devices_say_of_the_month(catalog: &dyn Catalog) {
    people(catalog).await;
    let device = Device {
        serial: "BC001".into(),
        kind: DeviceKind::Bodycam,
        unit: "S1".into(),
        holder: Some("310001".into()),
        synced_at: None,
        clock_error_us: None,
    };
    take_in(catalog, Import::Devices(vec![device])).await;
    let entry = |file: &str, starts_at: &str| ManifestEntry {
        device: "BC001".into(),
        badge: Some("310001".into()),
        file: file.into(),
        starts_at: at(starts_at),
        ends_at: at(starts_at) + Micros::from_s(60),
        size_bytes: 1000,
    };
    let entries = vec![
        entry("april.mp4", "2024-04-29 23:59"),
        entry("day-before.mp4", "2024-04-30 00:00"),
        entry("may.mp4", "2024-05-10 09:00"),
        entry("june.mp4", "2024-06-02 00:00"),
    ];
    take_in(catalog, Import::Manifest(entries.clone())).await;
    let snapshot = catalog.snapshot(may(), at("2024-06-03 00:00")).await.unwrap();
    assert_eq!(snapshot.manifest, entries[1..3]);
}
