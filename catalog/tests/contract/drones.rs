//! What every engine does with a month of drones.

use catalog::device::{Device, DeviceKind};
use catalog::drone::{Area, AreaKind, Dock, Sortie, SortieStatus};
use catalog::import::Import;

use super::*;

fn drone(serial: &str) -> Device {
    Device {
        serial: serial.into(),
        kind: DeviceKind::Drone,
        unit: "S1".into(),
        holder: None,
        synced_at: None,
        clock_error_us: None,
    }
}

fn sortie(name: &str, took_off_at: &str, landed_at: &str) -> Sortie {
    Sortie {
        sortie: name.into(),
        dock: Some("D1".into()),
        device: "BC001".into(),
        took_off_at: at(took_off_at),
        landed_at: at(landed_at),
        object_key: None,
        track: None,
        status: SortieStatus::Flown,
        note: None,
    }
}

fn dock() -> Dock {
    Dock {
        code: "D1".into(),
        name: "一号".into(),
        unit: "S1".into(),
        lon: 121.5,
        lat: 31.2,
        radius_m: 3000.0,
    }
}

fn area() -> Area {
    Area {
        name: "甲".into(),
        kind: AreaKind::Flyable,
        sub_district: Some("示例街道".into()),
        polygons: vec![vec![vec![[121.5, 31.2], [121.6, 31.2], [121.6, 31.3], [121.5, 31.2]]]],
    }
}

async fn import(catalog: &dyn Catalog, import: Import) -> catalog::import::ImportOutcome {
    catalog.import(&import, &origin(), at("2024-05-01 00:00")).await.unwrap()
}

async fn set_up(catalog: &dyn Catalog, sorties: Vec<Sortie>) {
    import(catalog, Import::Units(vec![unit("S1", None)])).await;
    import(catalog, Import::Devices(vec![drone("BC001")])).await;
    import(catalog, Import::Docks(vec![dock()])).await;
    import(catalog, Import::Areas(vec![area()])).await;
    import(catalog, Import::Sorties(sorties)).await;
}

pub(crate) async fn a_drone_month_has_flights_areas_and_docks(catalog: &dyn Catalog) {
    let planned = Sortie {
        status: SortieStatus::Cancelled,
        note: Some("大风".into()),
        ..sortie("P", "2024-05-03 10:00", "2024-05-03 10:20")
    };
    let sorties = vec![
        sortie("LONG AGO", "2024-02-01 10:00", "2024-02-01 10:20"),
        sortie("BEFORE", "2024-04-20 10:00", "2024-04-20 10:20"),
        sortie("IN", "2024-05-03 09:30", "2024-05-03 09:50"),
        planned.clone(),
        sortie("AFTER", "2024-06-01 00:00", "2024-06-01 00:20"),
    ];
    set_up(catalog, sorties).await;
    let month = catalog.drone_month(may(), at("2024-04-01 00:00"), at("2024-06-03 00:00")).await.unwrap();
    let names: Vec<&str> = month.sorties.iter().map(|sortie| sortie.sortie.as_str()).collect();
    assert_eq!(names, ["BEFORE", "IN", "P"]);
    assert_eq!(month.sorties[2], planned);
    assert_eq!((month.docks, month.areas), (vec![dock()], vec![area()]));
    assert_eq!(month.drones, [drone("BC001")]);
    assert!(month.recordings.is_empty() && month.tracks.is_empty());
    let months: Vec<String> = catalog.flown_months().await.unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(months, ["2024-02", "2024-04", "2024-05", "2024-06"]);
    // What changes in a row is a change of the row.
    let other = Area { sub_district: None, ..area() };
    assert_eq!(import(catalog, Import::Areas(vec![other])).await.changed, 1);
    let flown = Sortie { status: SortieStatus::Flown, ..planned };
    assert_eq!(import(catalog, Import::Sorties(vec![flown.clone()])).await.changed, 1);
    assert_eq!(import(catalog, Import::Sorties(vec![flown])).await.unchanged, 1);
}

pub(crate) async fn a_drone_month_has_recordings_and_tracks_as_of_its_moment(catalog: &dyn Catalog) {
    let mut named = sortie("S", "2024-05-03 09:30", "2024-05-03 09:50");
    named.object_key = Some("by-hand.mp4".into());
    named.track = Some("log.gpx".into());
    set_up(catalog, vec![named]).await;
    let of_nobody = |seed| Observation { key: KeyFacts::default(), ..observation(seed, "2024-01-01 09:30") };
    telemetry::record_with(catalog, "x/a.mp4", &observation(1, "2024-05-03 09:30"), &[telemetry::track()])
        .await;
    telemetry::record_with(catalog, "x/A.SRT", &telemetry::sidecar(2), &[telemetry::track()]).await;
    telemetry::record_with(catalog, "y/log.gpx", &telemetry::sidecar(3), &[telemetry::track()]).await;
    telemetry::record_with(catalog, "y/other.gpx", &telemetry::sidecar(4), &[telemetry::track()]).await;
    record(catalog, "by-hand.mp4", "1", &of_nobody(5)).await;
    record(catalog, "of-nobody.mp4", "1", &of_nobody(6)).await;
    let month = catalog.drone_month(may(), at("2024-04-01 00:00"), at("2024-06-03 00:00")).await.unwrap();
    let keys: Vec<&str> = month.recordings.iter().map(|recording| recording.object_key.as_str()).collect();
    assert_eq!(keys, ["by-hand.mp4", "x/a.mp4"]);
    let tracks: Vec<(&str, bool)> =
        month.tracks.iter().map(|track| (track.object_key.as_str(), track.sidecar)).collect();
    assert_eq!(tracks, [("x/A.SRT", true), ("x/a.mp4", false), ("y/log.gpx", true)]);
    assert_eq!(month.tracks[1].track, telemetry::track());
    // A day before they were read nothing was known of them.
    let before = catalog.drone_month(may(), at("2024-04-01 00:00"), at("2024-06-01 00:00")).await.unwrap();
    assert!(before.recordings.is_empty() && before.tracks.is_empty());
}
