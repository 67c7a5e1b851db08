//! What every engine of the catalog must do.

use catalog::case::{Case, Procedure, Stage, StageKind};
use catalog::import::Import;
use catalog::observation::{
    KeyFacts, MediaSpan, Observation, Problem, ProblemCode, StartClaim, StartSource, StreamIndex, StreamKind,
};
use catalog::store::{Catalog, ImportOrigin, Reading, Recorded, StoreEntry, StoreId};
use catalog::unit::{Officer, Unit, UnitKind};
use catalog::{MediaTime, Micros, Month, WallTime};

mod accounts;
mod chunks;
mod custody;
mod drones;
mod fixity;
mod heard;
mod imports;
mod inspections;
mod log;
mod orders;
mod readings;
mod reconciliation;
mod records;
mod revision;
mod rounds;
mod snapshots;
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
pub(crate) use custody::{
    a_source_says_what_it_has_and_when_it_was_listed, an_object_in_quarantine_is_asked_for_again_once,
    every_reading_of_every_version_is_told_in_the_order_they_were_made,
};
pub(crate) use drones::{
    a_drone_month_has_flights_areas_and_docks, a_drone_month_has_recordings_and_tracks_as_of_its_moment,
};
pub(crate) use fixity::{
    a_check_says_when_an_object_was_last_read,
    a_check_that_finds_other_bytes_is_a_new_version_with_its_places,
    ground_has_all_that_objects_may_be_evidence_of, what_was_moved_is_known_until_it_is_read_again,
};
pub(crate) use heard::a_snapshot_has_the_sound_of_recordings_that_can_be_heard_together;
pub(crate) use imports::{
    a_column_that_a_table_lacks_stays_as_it_is, a_preview_counts_what_an_import_would_and_leaves_nothing,
    an_import_counts_what_it_changed, an_import_with_a_bad_row_leaves_nothing,
};
pub(crate) use inspections::a_look_is_recorded_once_for_the_bytes_and_figures_it_was_made_with;
pub(crate) use log::{
    a_corrected_row_is_logged_again_and_an_unchanged_one_is_not, a_setting_is_noted_when_it_is_another,
    checkpoints_and_keys_are_kept_in_order, roots_and_proofs_follow_from_the_leaves,
    the_log_explains_everything,
};
pub(crate) use orders::{
    recordings_are_sorted_by_what_they_are_whatever_they_are_filtered_by,
    the_trail_is_sorted_by_who_what_and_when,
};
pub(crate) use readings::{
    a_quarantined_object_read_better_is_read_anew, a_reading_comes_back_as_it_was_recorded,
    changed_bytes_become_a_new_version, of_readings_that_cannot_all_be_recorded_none_is,
    readings_are_recorded_together_as_they_are_one_by_one, record_one, recording_twice_changes_nothing,
    recordings_are_listed_by_key_and_filtered, recordings_are_seen_by_the_units_of_device_and_officer,
    what_is_gone_is_marked_once_and_can_return, whatever_a_list_is_filtered_by_it_has_what_walking_all_has,
};
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
    a_round_is_frozen_once_and_drawn_once, what_people_did_with_a_drawn_round_stays,
    what_should_exist_comes_with_closed_cases_and_repeats,
};
pub(crate) use snapshots::{
    a_snapshot_holds_the_month_and_what_it_touches, a_snapshot_is_as_of_its_moment,
    a_stage_that_goes_on_after_its_month_has_its_recordings,
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
            readings_are_recorded_together_as_they_are_one_by_one,
            of_readings_that_cannot_all_be_recorded_none_is,
            changed_bytes_become_a_new_version,
            a_quarantined_object_read_better_is_read_anew,
            what_is_gone_is_marked_once_and_can_return,
            an_import_counts_what_it_changed,
            an_import_with_a_bad_row_leaves_nothing,
            a_column_that_a_table_lacks_stays_as_it_is,
            a_preview_counts_what_an_import_would_and_leaves_nothing,
            a_source_says_what_it_has_and_when_it_was_listed,
            every_reading_of_every_version_is_told_in_the_order_they_were_made,
            an_object_in_quarantine_is_asked_for_again_once,
            recordings_are_sorted_by_what_they_are_whatever_they_are_filtered_by,
            the_trail_is_sorted_by_who_what_and_when,
            a_snapshot_holds_the_month_and_what_it_touches,
            a_stage_that_goes_on_after_its_month_has_its_recordings,
            a_snapshot_is_as_of_its_moment,
            a_round_is_frozen_once_and_drawn_once,
            what_people_did_with_a_drawn_round_stays,
            what_should_exist_comes_with_closed_cases_and_repeats,
            recordings_are_listed_by_key_and_filtered,
            whatever_a_list_is_filtered_by_it_has_what_walking_all_has,
            recordings_are_seen_by_the_units_of_device_and_officer,
            a_look_is_recorded_once_for_the_bytes_and_figures_it_was_made_with,
            a_snapshot_has_the_sound_of_recordings_that_can_be_heard_together,
            a_chunk_list_is_kept_for_each_version_and_never_replaced,
            where_an_object_was_altered_is_kept_with_the_version,
            a_check_says_when_an_object_was_last_read,
            a_check_that_finds_other_bytes_is_a_new_version_with_its_places,
            what_was_moved_is_known_until_it_is_read_again,
            ground_has_all_that_objects_may_be_evidence_of,
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
            roots_and_proofs_follow_from_the_leaves,
            a_corrected_row_is_logged_again_and_an_unchanged_one_is_not,
            checkpoints_and_keys_are_kept_in_order,
            a_setting_is_noted_when_it_is_another,
        );
    };
    ($make:ident: $($test:ident,)+) => {
        $(#[tokio::test]
        async fn $test() {
            let Some((_kept, catalog)) = $make().await else { return };
            $crate::contract::$test(catalog.as_ref()).await;
            $crate::contract::the_log_explains_everything(catalog.as_ref()).await;
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

/// A key and what is found under it, different for each number.
pub(crate) fn numbered_observation(number: u64) -> (String, Observation) {
    let mut observation = observation(1, "2024-05-10 09:00");
    observation.sha256 = format!("{number:064x}");
    (format!("BC001_310001_20240510090000_{number:04}.mp4"), observation)
}

async fn store_of(catalog: &dyn Catalog) -> StoreEntry {
    catalog.add_store("file:///evidence", at("2024-05-01 00:00")).await.unwrap()
}

async fn record(catalog: &dyn Catalog, key: &str, signature: &str, observation: &Observation) -> Recorded {
    let store = store_of(catalog).await;
    catalog.record(&reading(store.id, key, signature, observation)).await.unwrap()
}

fn reading<'a>(
    store: StoreId,
    key: &'a str,
    signature: &'a str,
    observation: &'a Observation,
) -> Reading<'a> {
    Reading {
        store,
        object_key: key,
        signature,
        observed_at: at("2024-06-02 10:00"),
        written_at: None,
        observation,
        tracks: &[],
        chunks: None,
        altered: &[],
    }
}

fn origin() -> ImportOrigin<'static> {
    ImportOrigin { file_name: "test.csv", sha256: "00", absent: &[] }
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
