//! What is not recorded: missing, late, early, gaps; and what excuses it.

use analyzer::audit::{EvidenceRole, ObligationStatus};
use catalog::WallTime;
use catalog::device::DeviceKind;
use catalog::excuse::ExcuseReason;
use catalog::finding::{Certainty, FindingCode};
use catalog::observation::{ProblemCode, StartSource};
use insta::assert_snapshot;

use crate::month::{Film, Month, at, device};

#[test]
fn a_stage_without_any_recording_is_missing() {
    assert_snapshot!(Month::with_inspection().told(), @r"
    A-1/1 missing: 0.000 s of 10 min 00.000 s
      open 10:00:00–10:10:00 missing certain
      missing (missing, certain) 10:00:00–10:10:00
        expected 10 min 00.000 s recorded
        observed no recording
        应录 10 分 00 秒，未见任何视音频记录
    ");
}

#[test]
fn a_stage_that_one_of_two_officers_recorded_is_not_missing() {
    let month = Month::with_inspection().film(Film::second("b", "09:59:57", "10:10:03"));
    assert_snapshot!(month.told(), @r"
    A-1/1 complete: 10 min 00.000 s of 10 min 00.000 s
    ");
}

#[test]
fn one_clip_that_touches_a_stage_covers_its_own_seconds_only() {
    let month = Month::with_inspection().film(Film::first("a", "10:04:00", "10:05:00"));
    assert_snapshot!(month.told(), @r"
    A-1/1 partial: 1 min 00.000 s of 10 min 00.000 s
      open 10:00:00–10:04:00 late_start certain
      open 10:05:00–10:10:00 early_stop certain
      late_start (irregular, certain) 10:00:00–10:04:00
        expected recording from the start, at most 5.000 s late
        observed 4 min 00.000 s late
        环节开始后 4 分 00 秒 才开始录制
        in a
      early_stop (irregular, certain) 10:05:00–10:10:00
        expected recording to the end, at most 5.000 s short
        observed stopped 5 min 00.000 s before the end
        环节结束前 5 分 00 秒 停止录制
        in a
    ");
}

#[test]
fn a_recording_that_begins_late_is_a_late_start() {
    let month = Month::with_inspection().film(Film::first("a", "10:00:30", "10:10:00"));
    assert_snapshot!(month.told(), @r"
    A-1/1 partial: 9 min 30.000 s of 10 min 00.000 s
      open 10:00:00–10:00:30 late_start certain
      late_start (irregular, certain) 10:00:00–10:00:30
        expected recording from the start, at most 5.000 s late
        observed 30.000 s late
        环节开始后 30.0 秒 才开始录制
        in a
    ");
}

#[test]
fn a_start_late_by_just_the_tolerance_is_no_finding_and_not_covered_either() {
    let month = Month::with_inspection().film(Film::first("a", "10:00:05", "10:10:00"));
    assert_snapshot!(month.told(), @r"
    A-1/1 complete: 9 min 55.000 s of 10 min 00.000 s
    ");
    let month = Month::with_inspection().film(Film::first("a", "10:00:05.000001", "10:10:00"));
    assert_eq!(month.codes(), [FindingCode::LateStart]);
}

#[test]
fn a_recording_that_stops_before_the_end_is_an_early_stop() {
    let month = Month::with_inspection().film(Film::first("a", "09:59:00", "10:08:00"));
    assert_snapshot!(month.told(), @r"
    A-1/1 partial: 8 min 00.000 s of 10 min 00.000 s
      open 10:08:00–10:10:00 early_stop certain
      early_stop (irregular, certain) 10:08:00–10:10:00
        expected recording to the end, at most 5.000 s short
        observed stopped 2 min 00.000 s before the end
        环节结束前 2 分 00 秒 停止录制
        in a
    ");
}

#[test]
fn an_early_stop_that_the_clock_explains_is_shown_and_blames_nobody() {
    // Ten days at 3 s a day, and the key's half second.
    let month = Month::with_inspection()
        .synced("BWC1", Some("2024-04-26 09:59:00"))
        .film(Film::first("a", "09:59:00", "10:09:26"));
    assert_snapshot!(month.told(), @r"
    A-1/1 complete: 9 min 26.000 s of 10 min 00.000 s
      open 10:09:26–10:10:00 early_stop within_clock_error
      early_stop (notice, within_clock_error) 10:09:26–10:10:00
        expected recording to the end, at most 5.000 s short
        observed stopped 34.000 s before the end
        环节结束前 34.0 秒 停止录制
        in a
    ");
    let month = Month::with_inspection().synced("BWC1", Some("2024-04-26 09:59:00")).film(Film::first(
        "a",
        "09:59:00",
        "10:09:24.499999",
    ));
    assert_eq!(month.audit().obligations[0].status, ObligationStatus::Partial);
}

#[test]
fn an_early_stop_within_the_tolerance_is_no_finding() {
    let month = Month::with_inspection().film(Film::first("a", "09:59:00", "10:09:55"));
    assert_eq!(month.codes(), []);
}

#[test]
fn packets_that_are_not_there_are_a_gap_inside_the_file() {
    let month = Month::with_inspection()
        .film(Film::first("a", "09:59:00", "10:11:00").pause("10:03:12.480", "10:03:19.520"));
    assert_snapshot!(month.told(), @r"
    A-1/1 partial: 9 min 52.960 s of 10 min 00.000 s
      open 10:03:12.480–10:03:19.520 gap certain
      gap (irregular, certain) 10:03:12.480–10:03:19.520
        expected no break longer than 2.000 s
        observed 7.040 s missing inside a file
        文件内中断 7.0 秒
        in a
    ");
}

#[test]
fn a_gap_inside_a_file_is_certain_however_wrong_its_clock() {
    let month = Month::with_inspection()
        .synced("BWC1", None)
        .film(Film::first("a", "09:55:00", "10:15:00").pause("10:03:12", "10:03:19"));
    assert_eq!(month.audit().obligations[0].status, ObligationStatus::Partial);
    // Unless the clock may move it out of the stage.
    let month = Month::with_inspection()
        .synced("BWC1", None)
        .film(Film::first("a", "09:55:00", "10:15:00").pause("10:00:12", "10:00:19"));
    let stage = &month.audit().obligations[0];
    assert_eq!((stage.status, stage.gaps.len()), (ObligationStatus::Complete, 1));
}

#[test]
fn a_gap_inside_a_file_up_to_the_tolerance_is_no_finding() {
    let month = Month::with_inspection()
        .film(Film::first("a", "09:59:00", "10:11:00").pause("10:03:12.480", "10:03:14.480"));
    assert_snapshot!(month.told(), @r"
    A-1/1 complete: 9 min 58.000 s of 10 min 00.000 s
    ");
}

#[test]
fn a_recorder_that_was_off_for_a_while_leaves_a_gap_between_files() {
    // The clock may be wrong by 90 s; but it is one clock.
    let month = Month::with_inspection()
        .synced("BWC1", None)
        .film(Film::first("a", "09:58:00", "10:04:00"))
        .film(Film::first("b", "10:04:20", "10:12:00"));
    assert_snapshot!(month.told(), @r"
    A-1/1 partial: 9 min 40.000 s of 10 min 00.000 s
      open 10:04:00–10:04:20 gap certain
      gap (irregular, certain) 10:04:00–10:04:20
        expected no break longer than 2.000 s
        observed 20.000 s missing between files
        文件之间中断 20.0 秒
        in a, b
    ");
}

#[test]
fn a_device_whose_clock_is_slow_leaves_no_certain_gap_before_what_a_log_beside_it_dates() {
    let month = |source| {
        let mut after = Film::first("b", "10:04:20", "10:12:00");
        after.0.started_at_source = Some(source);
        Month::with_inspection()
            .synced("BWC1", None)
            .film(Film::first("a", "09:58:00", "10:04:00"))
            .film(after)
    };
    let certainty = |source| -> Vec<_> {
        let audit = month(source).audit();
        audit.obligations[0].findings.iter().map(|finding| (finding.kind.code(), finding.certainty)).collect()
    };
    assert_eq!(certainty(StartSource::Container), [(FindingCode::Gap, Certainty::Certain)]);
    assert_eq!(certainty(StartSource::Sidecar), [(FindingCode::Gap, Certainty::WithinClockError)]);
}

#[test]
fn files_that_follow_one_another_within_their_keys_seconds_are_no_gap() {
    let month = Month::with_inspection()
        .film(Film::first("a", "09:58:00", "10:04:00"))
        .film(Film::first("b", "10:04:02", "10:12:00"));
    assert_eq!(month.codes(), []);
}

#[test]
fn what_one_officer_misses_another_officers_recorder_covers() {
    let month = Month::with_inspection()
        .film(Film::first("a", "09:58:00", "10:04:00"))
        .film(Film::second("b", "10:03:00", "10:12:00"));
    assert_eq!(month.codes(), []);
    assert_eq!(month.audit().obligations[0].tolerated_us.0, 0);
}

#[test]
fn between_two_recorders_both_clocks_count() {
    let both = |synced| {
        let month = Month::with_inspection()
            .synced("BWC2", synced)
            .film(Film::first("a", "09:58:00", "10:04:00"))
            .film(Film::second("b", "10:04:20", "10:12:00"));
        month.audit().obligations[0].status
    };
    assert_eq!(both(Some("2024-05-06 08:00:00")), ObligationStatus::Partial);
    assert_eq!(both(Some("2024-04-29 10:00:00")), ObligationStatus::Complete, "21 s of drift explain 20 s");
}

#[test]
fn a_clock_that_was_set_between_two_files_is_two_clocks() {
    let month = Month::with_inspection()
        .synced("BWC1", Some("2024-05-06 10:04:10"))
        .film(Film::first("a", "09:58:00", "10:04:00"))
        .film(Film::first("b", "10:04:20", "10:12:00"));
    // Just set: both errors are small either way.
    assert_eq!(month.audit().obligations[0].status, ObligationStatus::Partial);
    let mut month = month;
    month.snapshot.devices[0].clock_error_us = Some(catalog::Micros::from_s(10));
    assert_eq!(month.audit().obligations[0].status, ObligationStatus::Complete);
}

#[test]
fn a_stage_that_a_slow_clock_could_have_recorded_whole_is_not_blamed() {
    let month = Month::new()
        .stage("10:00:00", "10:01:00")
        .synced("BWC1", None)
        .film(Film::first("a", "10:01:10", "10:05:00"));
    assert_snapshot!(month.told(), @r"
    A-1/1 complete: 0.000 s of 1 min 00.000 s
      open 10:00:00–10:01:00 missing within_clock_error
      missing (notice, within_clock_error) 10:00:00–10:01:00
        expected 1 min 00.000 s recorded
        observed no recording
        应录 1 分 00 秒，未见任何视音频记录
        in a
    ");
}

#[test]
fn an_excused_stop_stays_listed() {
    let month = Month::with_inspection()
        .excuse(ExcuseReason::Battery, Some(("10:04:00", "10:06:01")))
        .film(Film::first("a", "09:58:00", "10:04:00"))
        .film(Film::first("b", "10:06:03", "10:12:00"));
    assert_snapshot!(month.told(), @r"
    A-1/1 excused: 7 min 57.000 s of 10 min 00.000 s
      open 10:04:00–10:06:03 gap certain, excused: battery
      gap (irregular, certain, excused: battery) 10:04:00–10:06:03
        expected no break longer than 2.000 s
        observed 2 min 03.000 s missing between files
        文件之间中断 2 分 03 秒
        in a, b
    ");
}

#[test]
fn an_excuse_that_policy_does_not_allow_excuses_nothing() {
    let mut month = Month::with_inspection().excuse(ExcuseReason::Battery, None);
    month.policy.excuses.reasons.remove(&ExcuseReason::Battery);
    assert_eq!(month.audit().obligations[0].status, ObligationStatus::Missing);
    let month = Month::with_inspection().excuse(ExcuseReason::Battery, Some(("10:00:00", "10:05:00")));
    assert_eq!(month.audit().obligations[0].status, ObligationStatus::Missing, "half an excuse");
}

#[test]
fn a_stage_that_is_missing_and_wholly_excused_is_excused() {
    assert_snapshot!(Month::with_inspection().excuse(ExcuseReason::Secrecy, None).told(), @r"
    A-1/1 excused: 0.000 s of 10 min 00.000 s
      open 10:00:00–10:10:00 missing certain, excused: secrecy
      missing (missing, certain, excused: secrecy) 10:00:00–10:10:00
        expected 10 min 00.000 s recorded
        observed no recording
        应录 10 分 00 秒，未见任何视音频记录
    ");
}

#[test]
fn a_recording_that_is_gone_covers_nothing_and_shows() {
    let month = Month::with_inspection().film(Film::first("a", "09:58:00", "10:12:00").gone());
    let stage = &month.audit().obligations[0];
    assert_eq!((stage.status, stage.recordings.len()), (ObligationStatus::Missing, 0));
    assert_eq!((stage.evidence[0].role, stage.evidence[0].object_key.as_str()), (EvidenceRole::Gone, "a"));
}

#[test]
fn a_link_brings_in_a_recording_that_no_officer_explains() {
    let stranger = || Film::new("a", "BWC9", "9999", "09:58:00", "10:12:00");
    assert_eq!(Month::with_inspection().film(stranger()).codes(), [FindingCode::Missing]);
    assert_eq!(Month::with_inspection().film(stranger()).link(1, "a").codes(), []);
    let month = Month::with_inspection().link(1, "nowhere");
    assert_eq!(month.audit().obligations[0].unresolved_links, ["nowhere"]);
}

#[test]
fn a_link_brings_in_what_every_store_has_of_its_key() {
    let stored = || Film::new("a", "BWC9", "9999", "09:58:00", "10:12:00");
    let months = [[stored(), stored().gone()], [stored().gone(), stored()]]
        .map(|films| films.into_iter().fold(Month::with_inspection().link(1, "a"), Month::film));
    for month in &months {
        assert_eq!(month.codes(), [], "it is stored in one of the two");
        assert_eq!(month.audit(), months[0].audit(), "whichever was listed first");
    }
    let stage = &months[0].audit().obligations[0];
    assert_eq!(stage.unresolved_links, Vec::<String>::new());
    let roles: Vec<EvidenceRole> = stage.evidence.iter().map(|evidence| evidence.role).collect();
    assert_eq!(roles, [EvidenceRole::Covers, EvidenceRole::Gone]);
}

#[test]
fn a_linked_file_that_cannot_be_read_shows_beside_another_of_its_key() {
    let broken = || {
        Film::new("a", "BWC9", "9999", "10:00:00", "10:05:00")
            .digest("broken")
            .problem(ProblemCode::NoIndex, "no moov box")
    };
    let whole = || Film::new("a", "BWC9", "9999", "09:58:00", "10:12:00").digest("whole");
    for films in [[broken(), whole()], [whole(), broken()]] {
        let month = films.into_iter().fold(Month::with_inspection().link(1, "a"), Month::film);
        let stage = &month.audit().obligations[0];
        let roles: Vec<EvidenceRole> = stage.evidence.iter().map(|evidence| evidence.role).collect();
        assert_eq!(roles, [EvidenceRole::Unreadable, EvidenceRole::Covers]);
        assert_eq!(month.codes(), [FindingCode::Truncated]);
    }
}

#[test]
fn a_linked_recording_that_runs_at_another_time_covers_nothing_and_shows() {
    let month = Month::with_inspection().film(Film::first("a", "14:00:00", "14:12:00")).link(1, "a");
    let stage = &month.audit().obligations[0];
    assert_eq!(stage.status, ObligationStatus::Missing);
    assert_eq!(
        (&stage.recordings[0], stage.evidence[0].role),
        (&"a".to_owned(), EvidenceRole::CoversNothing)
    );
}

#[test]
fn a_devices_holder_stands_for_a_key_without_a_badge() {
    let mut film = Film::first("a", "09:58:00", "10:12:00");
    film.0.badge = None;
    assert_eq!(Month::with_inspection().film(film).codes(), []);
    let mut month = Month::with_inspection();
    month.snapshot.devices.push(device("SHARED", DeviceKind::Bodycam, "1002"));
    let month = month.film(Film::new("a", "SHARED", "7777", "09:58:00", "10:12:00"));
    assert_eq!(month.codes(), []);
}

#[test]
fn only_stages_that_policy_names_and_that_have_ended_are_obligations() {
    let mut month = Month::with_inspection().stage("11:00:00", "11:10:00");
    month.snapshot.as_of = at("11:09:59");
    assert_eq!(month.audit().obligations.len(), 1);
    month.snapshot.as_of = at("11:10:00");
    assert_eq!(month.audit().obligations.len(), 2);
    month.policy.obligations.stages.remove(&month.snapshot.stages[0].kind);
    assert_eq!(month.audit().obligations.len(), 0);
}

#[test]
fn a_recording_of_unknown_start_covers_nothing_even_where_linked() {
    let mut film = Film::first("a", "09:58:00", "10:12:00");
    (film.0.started_at, film.0.started_at_source) = (None, None);
    let month = Month::with_inspection().film(film).link(1, "a");
    let stage = &month.audit().obligations[0];
    assert_eq!((stage.status, stage.evidence[0].started_at), (ObligationStatus::Missing, None::<WallTime>));
}
