//! Imports: all rows or none, and what they changed.

use catalog::Micros;
use catalog::case::Stage;
use catalog::device::{Device, DeviceKind};
use catalog::import::Import;
use catalog::store::{Catalog, ImportOrigin};

use super::{at, case, officer, origin, people, stage, take_in, unit};

pub(crate) async fn an_import_counts_what_it_changed(catalog: &dyn Catalog) {
    people(catalog).await;
    let mut renamed = unit("S1", Some("D"));
    renamed.name = "另一中队".into();
    let again = Import::Units(vec![renamed, unit("D", None), unit("S2", Some("D"))]);
    assert_eq!(take_in(catalog, again.clone()).await, (1, 1, 1));
    assert_eq!(take_in(catalog, again).await, (0, 0, 3));
    let device = Device {
        serial: "BC001".into(),
        kind: DeviceKind::Bodycam,
        unit: "S1".into(),
        holder: Some("310001".into()),
        synced_at: None,
        clock_error_us: None,
    };
    assert_eq!(take_in(catalog, Import::Devices(vec![device.clone()])).await, (1, 0, 0));
    assert_eq!(take_in(catalog, Import::Devices(vec![device.clone()])).await, (0, 0, 1));
    let synced = Device { synced_at: Some(at("2024-05-01 08:00")), ..device };
    assert_eq!(take_in(catalog, Import::Devices(vec![synced])).await, (0, 1, 0));
    assert_eq!(take_in(catalog, Import::Cases(vec![case("A1", "2024-05-02 09:00")])).await, (1, 0, 0));
    let first = stage("A1", 1, "2024-05-03 09:00", &["310001", "310002"]);
    assert_eq!(take_in(catalog, Import::Stages(vec![first.clone()])).await, (1, 0, 0));
    assert_eq!(take_in(catalog, Import::Stages(vec![first.clone()])).await, (0, 0, 1));
    // A change of the officers alone is a change of the stage.
    let turned = Stage { officers: vec!["310002".into()], ..first };
    assert_eq!(take_in(catalog, Import::Stages(vec![turned.clone()])).await, (0, 1, 0));
    let (_, stages) = catalog.case("A1").await.unwrap().unwrap();
    assert_eq!(stages, [turned]);
    assert!(catalog.case("A2").await.unwrap().is_none());
    let units = catalog.units_of_cases(&["A2".into(), "A1".into()]).await.unwrap();
    assert_eq!(units, [("A1".to_owned(), "S1".to_owned())].into());
    let known = catalog.known_names().await.unwrap();
    assert!(known.units.contains("S2") && known.badges.contains("310002") && known.devices.contains("BC001"));
    assert!(known.cases.contains("A1") && known.stages.contains(&("A1".to_owned(), 1)));
}

pub(crate) async fn an_import_with_a_bad_row_leaves_nothing(catalog: &dyn Catalog) {
    people(catalog).await;
    let mut stranger = officer("310003");
    stranger.unit = "nowhere".into();
    let import = Import::Officers(vec![officer("310009"), stranger]);
    assert!(catalog.import(&import, &origin(), at("2024-06-01 08:00")).await.is_err());
    assert!(!catalog.known_names().await.unwrap().badges.contains("310009"));
}

pub(crate) async fn a_column_that_a_table_lacks_stays_as_it_is(catalog: &dyn Catalog) {
    people(catalog).await;
    let (now, synced_at) = (at("2024-06-01 08:00"), at("2024-05-01 08:00"));
    let full = Device {
        serial: "BC1".into(),
        kind: DeviceKind::Bodycam,
        unit: "S1".into(),
        holder: Some("310001".into()),
        synced_at: Some(synced_at),
        clock_error_us: Some(Micros::from_ms(500)),
    };
    let bare = Device { holder: None, synced_at: None, clock_error_us: None, ..full.clone() };
    let devices = async || {
        let snapshot = catalog.snapshot(now.month().unwrap(), now).await.unwrap();
        snapshot.devices.into_iter().filter(|device| device.serial == "BC1").collect::<Vec<_>>()
    };
    take_in(catalog, Import::Devices(vec![full.clone()])).await;
    let lacking = |absent| ImportOrigin { absent, ..origin() };
    let import = Import::Devices(vec![bare.clone()]);
    let all = lacking(&["holder", "synced_at", "clock_error_ms"]);
    let outcome = catalog.import(&import, &all, now).await.unwrap();
    assert_eq!((outcome.changed, outcome.unchanged), (0, 1));
    assert_eq!(devices().await, std::slice::from_ref(&full));
    // A column that is there and empty says that there is nothing.
    let holder = lacking(&["holder"]);
    assert_eq!(catalog.preview(&import, &holder, now).await.unwrap().changed, 1);
    assert_eq!(catalog.import(&import, &holder, now).await.unwrap().changed, 1);
    assert_eq!(devices().await, [Device { holder: full.holder.clone(), ..bare }]);
    // Of what is new there is nothing to keep.
    let other = Device { serial: "BC2".into(), ..full };
    let outcome = catalog.import(&Import::Devices(vec![other]), &all, now).await.unwrap();
    assert_eq!(outcome.new, 1);
}

pub(crate) async fn a_preview_counts_what_an_import_would_and_leaves_nothing(catalog: &dyn Catalog) {
    people(catalog).await;
    let before = (catalog.known_names().await.unwrap(), catalog.units().await.unwrap());
    let (log, revision) = (catalog.log_state().await.unwrap(), catalog.revision().await.unwrap());
    let mut renamed = unit("S1", Some("D"));
    renamed.name = "另一中队".into();
    let import = Import::Units(vec![renamed, unit("D", None), unit("S2", Some("D"))]);
    let moment = at("2024-06-01 08:00");
    for _ in 0..2 {
        let outcome = catalog.preview(&import, &origin(), moment).await.unwrap();
        assert_eq!((outcome.rows, outcome.new, outcome.changed, outcome.unchanged), (3, 1, 1, 1));
    }
    // A row that could not be taken in is refused as the import itself would refuse it.
    let mut stranger = officer("310003");
    stranger.unit = "nowhere".into();
    let bad = Import::Officers(vec![officer("310009"), stranger]);
    let (previewed, imported) =
        (catalog.preview(&bad, &origin(), moment).await, catalog.import(&bad, &origin(), moment).await);
    assert_eq!(previewed.unwrap_err().to_string(), imported.unwrap_err().to_string());
    assert_eq!((catalog.known_names().await.unwrap(), catalog.units().await.unwrap()), before);
    assert_eq!(catalog.log_state().await.unwrap(), log);
    assert_eq!(catalog.revision().await.unwrap(), revision);
    // What was previewed is what comes of it.
    assert_eq!(take_in(catalog, import).await, (1, 1, 1));
}
