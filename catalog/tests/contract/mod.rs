//! What every engine of the catalog must do.

use catalog::case::{Case, Link, Procedure, Stage, StageKind};
use catalog::device::{Device, DeviceKind};
use catalog::excuse::{Excuse, ExcuseReason};
use catalog::import::Import;
use catalog::inspection::{Checked, InspectOptions, Inspection, Look};
use catalog::observation::{
    KeyFacts, MediaSpan, Observation, Problem, ProblemCode, StartClaim, StartSource, StreamIndex, StreamKind,
};
use catalog::round::{Round, RoundDraw};
use catalog::store::{
    Catalog, ImportOrigin, InspectionRecord, Reading, Recorded, RecordingQuery, StoreEntry,
};
use catalog::trace::{Picture, SoundEnvelope, Traces};
use catalog::unit::{Officer, Unit, UnitKind};
use catalog::{MediaTime, Micros, Month, WallTime};

mod accounts;
mod chunks;
mod drones;
mod heard;
mod reconciliation;
mod records;
mod revision;
mod rounds;
mod telemetry;
pub(crate) use accounts::{
    a_login_is_given_once_and_the_first_account_is_the_first,
    a_session_ends_by_idleness_by_age_and_with_the_account, a_token_lives_until_it_is_revoked_or_ends,
    an_account_rests_after_failed_attempts, an_idempotency_key_is_one_requests, the_last_administrator_stays,
    the_trail_is_read_backwards, trail_line,
};
pub(crate) use chunks::{
    a_chunk_list_is_kept_for_each_version_and_never_replaced,
    where_an_object_was_altered_is_kept_with_the_version,
};
pub(crate) use drones::{
    a_drone_month_has_flights_areas_and_docks, a_drone_month_has_recordings_and_tracks_as_of_its_moment,
};
pub(crate) use heard::a_snapshot_has_the_sound_of_recordings_that_can_be_heard_together;
pub(crate) use reconciliation::{
    a_snapshot_has_what_devices_say_of_the_month, an_excuse_is_recorded_once_and_withdrawn_once,
    an_excuse_on_record_is_never_rewritten,
    an_object_was_absent_from_listings_that_were_done_before_it_was_read,
};
pub(crate) use records::{
    a_kept_return_stays_and_other_figures_are_a_next_version, a_seed_is_announced_once_and_steps_are_kept,
    a_visit_that_found_nothing_is_kept, assignments_are_stored_all_or_none,
    notices_are_numbered_without_gaps_and_never_twice, record_a_step,
    review_events_come_back_in_order_and_no_number_is_taken_twice,
};
pub(crate) use revision::{
    a_revision_knows_of_an_imported_excuse_that_is_dated_later,
    a_revision_rises_with_everything_that_a_month_is_made_of,
};
pub(crate) use rounds::{
    what_people_did_with_a_drawn_round_stays, what_should_exist_comes_with_closed_cases_and_repeats,
};
pub(crate) use telemetry::{
    a_reading_that_knows_more_of_the_start_is_a_new_reading, a_sidecar_is_kept_and_is_no_recording,
    footage_overwritten_by_a_sidecar_stays_in_the_snapshot, tracks_come_back_as_they_were_recorded,
};

macro_rules! catalog_contract_suite {
    ($make:ident) => {
        $crate::contract::catalog_contract_suite!($make:
            a_reading_comes_back_as_it_was_recorded,
            a_login_is_given_once_and_the_first_account_is_the_first,
            the_last_administrator_stays,
            an_account_rests_after_failed_attempts,
            a_session_ends_by_idleness_by_age_and_with_the_account,
            a_token_lives_until_it_is_revoked_or_ends,
            the_trail_is_read_backwards,
            an_idempotency_key_is_one_requests,
            recording_twice_changes_nothing,
            changed_bytes_become_a_new_version,
            a_quarantined_object_read_better_is_read_anew,
            what_is_gone_is_marked_once_and_can_return,
            an_import_counts_what_it_changed,
            an_import_with_a_bad_row_leaves_nothing,
            a_snapshot_holds_the_month_and_what_it_touches,
            a_snapshot_is_as_of_its_moment,
            a_round_is_frozen_once_and_drawn_once,
            what_people_did_with_a_drawn_round_stays,
            what_should_exist_comes_with_closed_cases_and_repeats,
            recordings_are_listed_by_key_and_filtered,
            recordings_are_seen_by_the_units_of_device_and_officer,
            a_look_is_recorded_once_for_the_bytes_and_figures_it_was_made_with,
            a_snapshot_has_the_sound_of_recordings_that_can_be_heard_together,
            a_chunk_list_is_kept_for_each_version_and_never_replaced,
            where_an_object_was_altered_is_kept_with_the_version,
            tracks_come_back_as_they_were_recorded,
            a_sidecar_is_kept_and_is_no_recording,
            footage_overwritten_by_a_sidecar_stays_in_the_snapshot,
            a_reading_that_knows_more_of_the_start_is_a_new_reading,
            an_excuse_is_recorded_once_and_withdrawn_once,
            an_excuse_on_record_is_never_rewritten,
            an_object_was_absent_from_listings_that_were_done_before_it_was_read,
            a_snapshot_has_what_devices_say_of_the_month,
            assignments_are_stored_all_or_none,
            review_events_come_back_in_order_and_no_number_is_taken_twice,
            a_visit_that_found_nothing_is_kept,
            notices_are_numbered_without_gaps_and_never_twice,
            a_kept_return_stays_and_other_figures_are_a_next_version,
            a_seed_is_announced_once_and_steps_are_kept,
            a_drone_month_has_flights_areas_and_docks,
            a_drone_month_has_recordings_and_tracks_as_of_its_moment,
            a_revision_rises_with_everything_that_a_month_is_made_of,
            a_revision_knows_of_an_imported_excuse_that_is_dated_later,
        );
    };
    ($make:ident: $($test:ident,)+) => {
        $(#[tokio::test]
        async fn $test() {
            let (_kept, catalog) = $make().await;
            $crate::contract::$test(catalog.as_ref()).await;
        })+
    };
}
pub(crate) use catalog_contract_suite;

fn at(text: &str) -> WallTime {
    WallTime::parse(text).unwrap()
}

fn may() -> Month {
    "2024-05".parse().unwrap()
}

/// An observation with every part filled in, whose digest depends on `seed`.
fn observation(seed: u8, started_at: &str) -> Observation {
    let started_at = at(started_at);
    Observation {
        size_bytes: 1000 + u64::from(seed),
        sha256: format!("{seed:02x}").repeat(32),
        sm3: Some("ab".repeat(32)),
        container: Some("mp4".into()),
        key: KeyFacts {
            device: Some("BC001".into()),
            badge: Some("310001".into()),
            started_at: Some(started_at),
            seq: Some("0001".into()),
        },
        started_at: Some(started_at),
        started_at_source: Some(StartSource::FileName),
        clock_error_us: Some(Micros::from_s(1)),
        start_claims: vec![
            StartClaim { source: StartSource::FileName, started_at, error_us: Micros::from_s(1) },
            StartClaim {
                source: StartSource::Container,
                started_at: started_at + Micros::from_s(8 * 3600),
                error_us: Micros::from_s(1),
            },
        ],
        duration_us: Some(Micros::from_s(60)),
        streams: vec![
            StreamIndex {
                index: 0,
                kind: StreamKind::Video,
                codec: "h264".into(),
                packets: 1500,
                keyframes: 30,
                size_bytes: 900,
                start_us: Some(MediaTime(-40_000)),
                end_us: Some(MediaTime(60_000_000)),
                interval_us: Some(Micros(40_000)),
                gaps: vec![MediaSpan { start_us: MediaTime(10_000_000), end_us: MediaTime(17_000_000) }],
            },
            StreamIndex {
                index: 1,
                kind: StreamKind::Data,
                codec: "none".into(),
                packets: 0,
                keyframes: 0,
                size_bytes: 0,
                start_us: None,
                end_us: None,
                interval_us: None,
                gaps: vec![],
            },
        ],
        telemetry: vec![],
        problems: vec![Problem::new(ProblemCode::NoAudio, "there is no audio stream")],
    }
}

async fn store_of(catalog: &dyn Catalog) -> StoreEntry {
    catalog.add_store("file:///evidence", at("2024-05-01 00:00")).await.unwrap()
}

async fn record(catalog: &dyn Catalog, key: &str, signature: &str, observation: &Observation) -> Recorded {
    let store = store_of(catalog).await;
    let reading = Reading {
        store: store.id,
        object_key: key,
        signature,
        observed_at: at("2024-06-02 10:00"),
        written_at: None,
        observation,
        tracks: &[],
        chunks: None,
        altered: &[],
    };
    catalog.record(&reading).await.unwrap()
}

pub(crate) async fn record_one(catalog: &dyn Catalog) {
    assert_eq!(record(catalog, "a.mp4", "1", &observation(1, "2024-05-03 09:00")).await, Recorded::New);
}

pub(crate) async fn a_reading_comes_back_as_it_was_recorded(catalog: &dyn Catalog) {
    let given = observation(1, "2024-05-03 09:00");
    assert_eq!(record(catalog, "a.mp4", "1", &given).await, Recorded::New);
    let [entry] = catalog.recording("a.mp4").await.unwrap().try_into().unwrap();
    assert_eq!(entry.observation, given);
    assert_eq!((entry.version, entry.quarantined, entry.gone_at), (1, false, None));
    assert_eq!(entry.store, "file:///evidence");
}

pub(crate) async fn recording_twice_changes_nothing(catalog: &dyn Catalog) {
    let given = observation(1, "2024-05-03 09:00");
    record(catalog, "a.mp4", "1", &given).await;
    assert_eq!(record(catalog, "a.mp4", "2", &given).await, Recorded::SameBytes);
    let store = store_of(catalog).await;
    let [object] = catalog.objects(store.id).await.unwrap().try_into().unwrap();
    assert_eq!((object.signature.as_str(), object.gone, object.quarantined), ("2", false, false));
    assert_eq!(catalog.totals().await.unwrap().recordings, 1);
}

pub(crate) async fn changed_bytes_become_a_new_version(catalog: &dyn Catalog) {
    record(catalog, "a.mp4", "1", &observation(1, "2024-05-03 09:00")).await;
    let changed = observation(2, "2024-05-03 09:00");
    assert_eq!(record(catalog, "a.mp4", "2", &changed).await, Recorded::Altered { version: 2 });
    let [entry] = catalog.recording("a.mp4").await.unwrap().try_into().unwrap();
    assert_eq!((entry.version, entry.observation), (2, changed));
    let snapshot = catalog.snapshot(may(), at("2024-06-03 00:00")).await.unwrap();
    assert_eq!(snapshot.recordings[0].first_sha256, Some("01".repeat(32)));
    // Back to the first bytes is a third version, not the first again.
    let back = observation(1, "2024-05-03 09:00");
    assert_eq!(record(catalog, "a.mp4", "3", &back).await, Recorded::Altered { version: 3 });
}

pub(crate) async fn a_quarantined_object_read_better_is_read_anew(catalog: &dyn Catalog) {
    let good = observation(1, "2024-05-03 09:00");
    let bad = Observation {
        streams: vec![],
        duration_us: None,
        problems: vec![Problem::new(ProblemCode::Unreadable, "the reader stopped")],
        ..good.clone()
    };
    record(catalog, "a.mp4", "1", &bad).await;
    assert_eq!(catalog.totals().await.unwrap().quarantined, 1);
    assert_eq!(record(catalog, "a.mp4", "1", &good).await, Recorded::Reread);
    // Worse is not better: what could be read once stays.
    assert_eq!(record(catalog, "a.mp4", "1", &bad).await, Recorded::SameBytes);
    let [entry] = catalog.recording("a.mp4").await.unwrap().try_into().unwrap();
    assert_eq!((entry.version, entry.observation), (1, good));
}

pub(crate) async fn what_is_gone_is_marked_once_and_can_return(catalog: &dyn Catalog) {
    let given = observation(1, "2024-05-03 09:00");
    record(catalog, "a.mp4", "1", &given).await;
    let store = store_of(catalog).await;
    let keys = ["a.mp4".to_owned(), "never.mp4".to_owned()];
    let when = at("2024-06-02 12:00");
    assert_eq!(catalog.mark_gone(store.id, &keys, when).await.unwrap(), 1);
    assert_eq!(catalog.mark_gone(store.id, &keys, when).await.unwrap(), 0);
    assert_eq!(catalog.recording("a.mp4").await.unwrap()[0].gone_at, Some(when));
    assert!(catalog.snapshot(may(), at("2024-06-03 00:00")).await.unwrap().recordings[0].gone);
    assert!(!catalog.snapshot(may(), at("2024-06-02 11:00")).await.unwrap().recordings[0].gone);
    assert_eq!(record(catalog, "a.mp4", "1", &given).await, Recorded::SameBytes);
    assert_eq!(catalog.recording("a.mp4").await.unwrap()[0].gone_at, None);
}

fn origin() -> ImportOrigin<'static> {
    ImportOrigin { file_name: "test.csv", sha256: "00" }
}

fn unit(code: &str, parent: Option<&str>) -> Unit {
    let kind = if parent.is_some() { UnitKind::Squad } else { UnitKind::Detachment };
    Unit { code: code.into(), name: format!("{code}中队"), kind, parent: parent.map(Into::into) }
}

fn officer(badge: &str) -> Officer {
    Officer { badge: badge.into(), name: format!("队员{badge}"), unit: "S1".into(), frontline: true }
}

fn case(case_no: &str, filed_at: &str) -> Case {
    Case {
        case_no: case_no.into(),
        unit: "S1".into(),
        procedure: Procedure::Simple,
        filed_at: at(filed_at),
        closed_at: None,
        title: "跨门经营".into(),
    }
}

fn stage(case_no: &str, stage_no: u32, starts_at: &str, officers: &[&str]) -> Stage {
    Stage {
        case_no: case_no.into(),
        stage_no,
        kind: StageKind::SimplePenalty,
        starts_at: at(starts_at),
        ends_at: at(starts_at) + Micros::from_s(600),
        officers: officers.iter().map(|badge| (*badge).to_owned()).collect(),
        place: "某路1号".into(),
    }
}

async fn take_in(catalog: &dyn Catalog, import: Import) -> (u64, u64, u64) {
    let outcome = catalog.import(&import, &origin(), at("2024-06-01 08:00")).await.unwrap();
    assert_eq!(outcome.rows, import.rows() as u64);
    (outcome.new, outcome.changed, outcome.unchanged)
}

async fn people(catalog: &dyn Catalog) {
    take_in(catalog, Import::Units(vec![unit("S1", Some("D")), unit("D", None)])).await;
    take_in(catalog, Import::Officers(vec![officer("310001"), officer("310002")])).await;
}

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

pub(crate) async fn a_snapshot_holds_the_month_and_what_it_touches(catalog: &dyn Catalog) {
    people(catalog).await;
    let cases = vec![
        case("A1", "2024-04-20 09:00"),
        case("A2", "2024-05-02 09:00"),
        case("A3", "2024-06-01 00:00"),
        case("A4", "2024-04-30 23:59:59"),
    ];
    take_in(catalog, Import::Cases(cases)).await;
    let stages = vec![
        stage("A1", 1, "2024-04-30 23:59:59", &["310001"]),
        stage("A1", 2, "2024-05-01 00:00", &["310002", "310001"]),
        stage("A3", 1, "2024-06-01 00:00", &["310001"]),
    ];
    take_in(catalog, Import::Stages(stages.clone())).await;
    let link = |stage_no, key: &str| Link { case_no: "A1".into(), stage_no, object_key: key.into() };
    take_in(catalog, Import::Links(vec![link(1, "april.mp4"), link(2, "linked.mp4")])).await;
    let excuse = Excuse {
        case_no: "A1".into(),
        stage_no: 2,
        reason: ExcuseReason::Battery,
        note: String::new(),
        recorded_by: "310002".into(),
        recorded_at: at("2024-05-02 08:00"),
        starts_at: None,
        ends_at: Some(at("2024-05-01 00:05")),
    };
    take_in(catalog, Import::Excuses(vec![excuse.clone()])).await;
    for (seed, key, started_at) in [
        (1, "in.mp4", "2024-05-10 09:00"),
        (2, "day-before.mp4", "2024-04-30 08:00"),
        (3, "april.mp4", "2024-04-20 09:00"),
        (4, "linked.mp4", "2023-01-01 09:00"),
        (1, "same-bytes.mp4", "2022-01-01 09:00"),
    ] {
        record(catalog, key, "1", &observation(seed, started_at)).await;
    }
    let unknown =
        Observation { started_at: None, started_at_source: None, ..observation(6, "2024-05-01 09:00") };
    record(catalog, "unknown.mp4", "1", &unknown).await;

    let snapshot = catalog.snapshot(may(), at("2024-06-03 00:00")).await.unwrap();
    assert_eq!(snapshot.stages, stages[1..2]);
    assert_eq!(snapshot.cases.iter().map(|case| case.case_no.as_str()).collect::<Vec<_>>(), ["A1", "A2"]);
    assert_eq!(snapshot.links, [link(2, "linked.mp4")]);
    assert_eq!(snapshot.excuses, [excuse]);
    let keys: Vec<_> = snapshot.recordings.iter().map(|recording| recording.object_key.as_str()).collect();
    assert_eq!(keys, ["day-before.mp4", "in.mp4", "linked.mp4", "same-bytes.mp4", "unknown.mp4"]);
    let recording = &snapshot.recordings[1];
    assert_eq!(recording.origin_us, MediaTime(-40_000));
    assert_eq!(recording.video.length(), Micros(53_040_000));
    assert!(recording.audio.is_empty() && recording.has(ProblemCode::NoAudio));
    assert_eq!(recording.start_claims.len(), 2);
    assert_eq!(
        catalog.months().await.unwrap().iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["2024-04", "2024-05", "2024-06"]
    );
}

pub(crate) async fn a_snapshot_is_as_of_its_moment(catalog: &dyn Catalog) {
    let store = store_of(catalog).await;
    for (seed, signature, observed_at) in [(1, "1", "2024-06-02 10:00"), (2, "2", "2024-06-05 10:00")] {
        let reading = Reading {
            store: store.id,
            object_key: "a.mp4",
            signature,
            observed_at: at(observed_at),
            written_at: None,
            observation: &observation(seed, "2024-05-03 09:00"),
            tracks: &[],
            chunks: None,
            altered: &[],
        };
        catalog.record(&reading).await.unwrap();
    }
    let versions = async |moment: &str| -> Vec<u32> {
        let snapshot = catalog.snapshot(may(), at(moment)).await.unwrap();
        snapshot.recordings.iter().map(|recording| recording.version).collect()
    };
    assert!(versions("2024-06-01 00:00").await.is_empty());
    assert_eq!(versions("2024-06-03 00:00").await, [1]);
    assert_eq!(versions("2024-06-06 00:00").await, [2]);
}

pub(crate) async fn a_round_is_frozen_once_and_drawn_once(catalog: &dyn Catalog) {
    let round = Round {
        id: "2024-06/jingan-2024".into(),
        month: "2024-06".parse().unwrap(),
        policy: "jingan-2024".into(),
        frozen_at: at("2024-06-03 09:00"),
        frozen_json: "{}".into(),
        frame_sha256: "cd".repeat(32),
        draw: None,
    };
    let before = catalog.last_event().await.unwrap();
    assert!(catalog.freeze_round(&round).await.unwrap());
    assert!(catalog.last_event().await.unwrap() > before, "whoever watches learns of it");
    let other = Round { frozen_json: "{\"other\":1}".into(), ..round.clone() };
    assert!(!catalog.freeze_round(&other).await.unwrap());
    assert_eq!(catalog.round(&round.id).await.unwrap(), Some(round.clone()));
    let draw = RoundDraw { seed: "6 1 4".into(), drawn_at: at("2024-06-04 09:00"), draw_json: "{}".into() };
    assert!(catalog.draw_round(&round.id, &draw).await.unwrap());
    let again = RoundDraw { seed: "1 1 1".into(), ..draw.clone() };
    assert!(!catalog.draw_round(&round.id, &again).await.unwrap());
    assert_eq!(catalog.rounds().await.unwrap(), [Round { draw: Some(draw), ..round }]);
    assert!(catalog.draw_round("no such round", &again).await.is_err());
}

pub(crate) async fn recordings_are_listed_by_key_and_filtered(catalog: &dyn Catalog) {
    for (seed, key) in (1..).zip(["b/2.mp4", "a/1.mp4", "c/3.mp4"]) {
        record(catalog, key, "1", &observation(seed, "2024-05-03 09:00")).await;
    }
    let keys = async |query: RecordingQuery| -> Vec<String> {
        let entries = catalog.recordings(&query).await.unwrap();
        entries.into_iter().map(|entry| entry.object_key).collect()
    };
    let all = RecordingQuery { limit: 10, ..RecordingQuery::default() };
    assert_eq!(keys(all.clone()).await, ["a/1.mp4", "b/2.mp4", "c/3.mp4"]);
    assert_eq!(keys(RecordingQuery { limit: 1, ..all.clone() }).await, ["a/1.mp4"]);
    let after = RecordingQuery { after_key: Some("a/1.mp4".into()), ..all.clone() };
    assert_eq!(keys(after).await, ["b/2.mp4", "c/3.mp4"]);
    let named = RecordingQuery { key_contains: Some("/3".into()), ..all.clone() };
    assert_eq!(keys(named).await, ["c/3.mp4"]);
    let quiet = RecordingQuery { problem: Some(ProblemCode::NoAudio), ..all.clone() };
    assert_eq!(keys(quiet).await.len(), 3);
    let quarantined = RecordingQuery { quarantined: Some(true), ..all.clone() };
    assert_eq!(keys(quarantined).await.len(), 0);
    assert_eq!(keys(RecordingQuery { badge: Some("nobody".into()), ..all }).await.len(), 0);
}

pub(crate) async fn recordings_are_seen_by_the_units_of_device_and_officer(catalog: &dyn Catalog) {
    people(catalog).await;
    take_in(catalog, Import::Units(vec![unit("S2", Some("D"))])).await;
    let device = Device {
        serial: "BC001".into(),
        kind: DeviceKind::Bodycam,
        unit: "S2".into(),
        holder: None,
        synced_at: None,
        clock_error_us: None,
    };
    take_in(catalog, Import::Devices(vec![device])).await;
    record(catalog, "a/1.mp4", "1", &observation(1, "2024-05-03 09:00")).await;
    let mut strangers = observation(2, "2024-05-03 09:00");
    strangers.key.device = None;
    strangers.key.badge = Some("999999".into());
    record(catalog, "b/2.mp4", "1", &strangers).await;
    let seen = async |within: Option<&str>| -> usize {
        let within = within.map(str::to_owned);
        catalog
            .recordings(&RecordingQuery { within, limit: 10, ..RecordingQuery::default() })
            .await
            .unwrap()
            .len()
    };
    // S1 by its officer, S2 by its device, D by both below it; the stranger's nobody but who sees all.
    assert_eq!(
        [seen(None).await, seen(Some("D")).await, seen(Some("S1")).await, seen(Some("S2")).await],
        [2, 1, 1, 1]
    );
    assert_eq!(seen(Some("NONE")).await, 0);
    let listed = &catalog.recording("a/1.mp4").await.unwrap()[0];
    assert_eq!((listed.device_unit.as_deref(), listed.officer_unit.as_deref()), (Some("S2"), Some("S1")));
    assert_eq!(catalog.recording_of_id(&listed.id).await.unwrap().as_ref(), Some(listed));
    for none in ["r99", "99", "r", "rx", ""] {
        assert_eq!(catalog.recording_of_id(none).await.unwrap(), None, "{none}");
    }
    let totals = catalog.totals_within("S2").await.unwrap();
    assert_eq!((totals.units, totals.officers, totals.devices, totals.recordings), (1, 0, 1, 1));
    assert_eq!(catalog.totals_within("NONE").await.unwrap().recordings, 0);
    let all = catalog.totals().await.unwrap();
    assert_eq!((all.units, all.officers, all.devices, all.recordings), (3, 2, 1, 2));
}

pub(crate) async fn a_look_is_recorded_once_for_the_bytes_and_figures_it_was_made_with(
    catalog: &dyn Catalog,
) {
    let options = InspectOptions {
        black_min_us: Micros::from_s(2),
        black_level_ppm: 100_000,
        black_area_ppm: 980_000,
        frozen_min_us: Micros::from_s(2),
        frozen_noise_ppm: 1000,
        silent_min_us: Micros::from_s(2),
        silent_level_ppm: 3162,
    };
    let span = |start_us, end_us| MediaSpan { start_us: MediaTime(start_us), end_us: MediaTime(end_us) };
    let inspection = Inspection {
        video: Checked::Done,
        audio: Checked::NotDecodable,
        start_us: Some(MediaTime(-40_000)),
        duration_us: Some(Micros::from_s(60)),
        black: vec![span(-40_000, 3_000_000), span(5_000_000, 9_000_000)],
        frozen: vec![span(5_000_000, 9_000_000)],
        silent: Vec::new(),
        undecodable: vec![span(20_000_000, 21_000_000)],
        frames_decoded: 44,
        problems: vec![Problem::new(ProblemCode::Damaged, "3 packets of sound cannot be decoded")],
    };
    let seen = observation(1, "2024-05-06T09:00:00+08:00");
    record(catalog, "a.mp4", "s1", &seen).await;
    let traces = Traces {
        sound: Some(SoundEnvelope { start_us: MediaTime(-40_000), levels: vec![0, 128, 255] }),
        pictures: vec![
            Picture { at_us: MediaTime(-40_000), bits: u64::MAX },
            Picture { at_us: MediaTime(2_000_000), bits: 1 },
        ],
    };
    let look = InspectionRecord {
        store: store_of(catalog).await.id,
        object_key: "a.mp4",
        sha256: &seen.sha256,
        inspected_at: at("2024-06-01T00:00:00+08:00"),
        options,
        inspection: &inspection,
        traces: &traces,
    };
    let due = async || catalog.uninspected(look.store, &options).await.unwrap();
    let waiting = due().await;
    assert_eq!((waiting.len(), waiting[0].object_key.as_str()), (1, "a.mp4"));
    assert_eq!((waiting[0].signature.as_str(), &waiting[0].sha256), ("s1", &seen.sha256));
    assert!(catalog.record_inspection(&look).await.unwrap());
    assert!(due().await.is_empty(), "what was looked at is not due again");
    assert!(!catalog.record_inspection(&look).await.unwrap(), "the same look again is no news");
    let other = "cd".repeat(32);
    let elsewhere = InspectionRecord { sha256: &other, ..look.clone() };
    assert!(!catalog.record_inspection(&elsewhere).await.unwrap(), "these are not the bytes that are there");
    let stricter = InspectOptions { black_level_ppm: 50_000, ..options };
    assert_eq!(catalog.uninspected(look.store, &stricter).await.unwrap().len(), 1, "other figures are due");
    let stricter = InspectionRecord { options: stricter, ..look.clone() };
    assert!(catalog.record_inspection(&stricter).await.unwrap(), "other figures are another look");

    record(catalog, "a.mp4", "s2", &observation(2, "2024-05-06T09:00:00+08:00")).await;
    assert_eq!(due().await.len(), 1, "a new version is due");
    let month = "2024-05".parse().unwrap();
    let as_of = at("2024-06-03T00:00:00+08:00");
    let looks = catalog.snapshot(month, as_of).await.unwrap().looks;
    assert!(looks.is_empty(), "the bytes that are there now were not looked at");
    record(catalog, "b.mp4", "s1", &observation(3, "2024-05-06T09:00:00+08:00")).await;
    let sha256 = observation(3, "2024-05-06T09:00:00+08:00").sha256;
    let third = InspectionRecord { object_key: "b.mp4", sha256: &sha256, ..look.clone() };
    assert!(catalog.record_inspection(&third).await.unwrap());
    let seen = Look {
        sha256: sha256.clone(),
        options,
        inspection: inspection.clone(),
        pictures: traces.pictures.clone(),
        sound: None,
    };
    assert_eq!(catalog.snapshot(month, as_of).await.unwrap().looks, [seen], "nothing was heard with others");
    assert_eq!(catalog.sound(&sha256).await.unwrap(), traces.sound);
    assert_eq!(catalog.sound(&"cd".repeat(32)).await.unwrap(), None);
    let before = catalog.snapshot(month, at("2024-05-31T23:00:00+08:00")).await.unwrap();
    assert!(before.looks.is_empty(), "as of then nobody had looked");

    let looks = catalog.inspections("a.mp4").await.unwrap();
    assert_eq!(looks.len(), 2);
    assert_eq!((looks[0].version, looks[0].options, &looks[0].inspection), (1, options, &inspection));
    assert!(catalog.inspections("c.mp4").await.unwrap().is_empty());
}
