//! From the officer's chest to the store: how many officers recorded, files that follow one another, what
//! came late, what never came, and what nobody explains.

use analyzer::policy::Policy;
use catalog::finding::{Certainty, FindingCode, Severity};
use catalog::snapshot::Arrival;
use catalog::{Micros, WallTime};
use insta::assert_snapshot;

use crate::month::{Film, Month, at};

#[test]
fn what_one_of_two_officers_recorded_alone_is_told() {
    let month = Month::with_inspection()
        .crewed()
        .film(Film::first("a", "09:59:00", "10:11:00"))
        .film(Film::second("b", "10:04:00", "10:11:00"));
    assert_snapshot!(month.told(), @r"
    A-1/1 complete: 10 min 00.000 s of 10 min 00.000 s
      one_recorder (notice, certain) 10:00:00–10:04:00
        expected recordings of 2 officers at any time, fewer for at most 1 min 00.000 s
        observed 4 min 00.000 s recorded by fewer
        应有 2 名执法人员同时录制，其中 4 分 00 秒 不足此数
        in a
    ");
}

#[test]
fn a_minute_alone_is_no_finding() {
    let month = |start| {
        Month::with_inspection()
            .crewed()
            .film(Film::first("a", "09:59:00", "10:11:00"))
            .film(Film::second("b", start, "10:11:00"))
    };
    assert_eq!(month("10:01:00").codes(), []);
    assert_eq!(month("10:01:00.000001").codes(), [FindingCode::OneRecorder]);
}

#[test]
fn alone_within_the_clocks_errors_is_a_notice_that_blames_nobody() {
    // Two clocks that nobody set may be 3 min 1 s apart.
    let mut month = Month::with_inspection()
        .crewed()
        .synced("BWC1", None)
        .synced("BWC2", None)
        .film(Film::first("a", "09:50:00", "10:20:00"))
        .film(Film::second("b", "10:02:00", "10:20:00"));
    month.policy.crew.as_mut().unwrap().severity = Severity::Irregular;
    let audit = month.audit();
    let finding = &audit.obligations[0].findings[0];
    assert_eq!((finding.severity, finding.certainty), (Severity::Notice, Certainty::WithinClockError));
}

#[test]
fn a_drone_is_no_second_officer_and_a_linked_colleague_is() {
    let month = |film: Film| {
        let key = film.0.object_key.clone();
        Month::with_inspection()
            .crewed()
            .film(Film::first("a", "09:59:00", "10:11:00"))
            .film(film)
            .link(1, &key)
            .codes()
    };
    assert_eq!(month(Film::new("d", "DRONE1", "1001", "09:59:00", "10:11:00")), [FindingCode::OneRecorder]);
    assert_eq!(month(Film::new("c", "BWC9", "1009", "09:59:00", "10:11:00")), []);
    let nobodys = Film::new("s", "BWC9", "1009", "09:59:00", "10:11:00").named(Some("BWC9"), None);
    assert_eq!(month(nobodys), []);
}

fn arrival(seen_at: &str, absent_at: Option<&str>, written_at: Option<&str>) -> Arrival {
    let time = |text| WallTime::parse(text).unwrap();
    Arrival { seen_at: Some(time(seen_at)), absent_at: absent_at.map(time), written_at: written_at.map(time) }
}

/// Ends at 10:10:03; due 36 hours and the clock's error later.
fn film_that_arrived(seen_at: &str, absent_at: Option<&str>, written_at: Option<&str>) -> Film {
    Film::first("a", "09:59:57", "10:10:03").arrived(arrival(seen_at, absent_at, written_at))
}

#[test]
fn what_a_listing_after_the_deadline_did_not_have_came_late() {
    let film = film_that_arrived("2024-05-20 09:00", Some("2024-05-19 09:00"), None);
    assert_snapshot!(Month::with_inspection().film(film).told(), @r"
    A-1/1 complete: 10 min 00.000 s of 10 min 00.000 s
      late_upload (irregular, certain) the recording
        expected stored by 2024-05-07T22:10:03.749896+08:00
        observed not yet stored at 2024-05-19T09:00:00+08:00, when all there was was listed; there by 2024-05-20T09:00:00+08:00
        应于 2024年5月7日 22:10 前上传，2024年5月19日 09:00 清点时仍未入库
        in a
    ");
}

#[test]
fn what_the_store_says_was_written_late_is_a_notice() {
    let film = film_that_arrived("2024-05-20 09:00", None, Some("2024-05-18 09:00"));
    assert_snapshot!(Month::with_inspection().film(film).told(), @r"
    A-1/1 complete: 10 min 00.000 s of 10 min 00.000 s
      late_upload (notice, certain) the recording
        expected stored by 2024-05-07T22:10:03.749896+08:00
        observed the store says it was written at 2024-05-18T09:00:00+08:00
        应于 2024年5月7日 22:10 前上传，存储系统记载的写入时间为 2024年5月18日 09:00
        in a
    ");
}

#[test]
fn being_read_late_is_not_coming_late() {
    let read_late = film_that_arrived("2024-05-20 09:00", None, None);
    assert_eq!(Month::with_inspection().film(read_late).codes(), []);
    // Due 36 hours and the clock's error later: half a second of the name's, and that of two hours' drift.
    let codes = |absent_at| {
        let film = film_that_arrived("2024-05-20 09:00", Some(absent_at), None);
        Month::with_inspection().film(film).codes()
    };
    assert_eq!(codes("2024-05-07 22:10:03.749896"), []);
    assert_eq!(codes("2024-05-07 22:10:03.749897"), [FindingCode::LateUpload]);
}

#[test]
fn what_was_moved_came_when_its_bytes_first_did() {
    let late = film_that_arrived("2024-05-20 09:00", Some("2024-05-19 09:00"), None).digest("same");
    let early = Film::first("old/a", "09:59:57", "10:10:03")
        .arrived(arrival("2024-05-06 20:00", None, None))
        .digest("same")
        .gone();
    assert_eq!(Month::with_inspection().film(late).film(early).codes(), []);
}

#[test]
fn what_a_recorder_still_holds_stands_beside_the_stage_that_lacks_it() {
    let month = Month::with_inspection()
        .manifest("BWC1", "DCIM/0007.MP4", "09:59:57", "10:10:03")
        .looked_at("2024-05-09 12:00");
    assert_snapshot!(month.told(), @r"
    A-1/1 missing: 0.000 s of 10 min 00.000 s
      open 10:00:00–10:10:00 missing certain
      missing (missing, certain) 10:00:00–10:10:00
        expected 10 min 00.000 s recorded
        observed no recording
        应录 10 分 00 秒，未见任何视音频记录
      not_uploaded (irregular, certain) 09:59:57–10:10:03
        expected what devices recorded is stored
        observed BWC1 recorded DCIM/0007.MP4 (10 min 06.000 s), not stored; surely kept until 2024-05-13T10:10:03+08:00, 3 d 22 h left
        设备 BWC1 已录制 DCIM/0007.MP4（时长 10 分 06 秒），尚未上传；设备保存至 2024年5月13日 10:10，还剩 3 天 22 小时，请尽快导出上传
    ");
    assert_eq!(month.told_outside(), "");
}

#[test]
fn not_yet_uploaded_on_the_day_itself_is_a_notice() {
    let month = Month::with_inspection()
        .manifest("BWC1", "0007.MP4", "09:59:57", "10:10:03")
        .looked_at("2024-05-06 18:00");
    let audit = month.audit();
    let finding = audit.obligations[0].findings.last().unwrap();
    assert_eq!((finding.kind.code(), finding.severity), (FindingCode::NotUploaded, Severity::Notice));
}

#[test]
fn what_a_recorder_may_have_overwritten_is_lost() {
    let month = Month::with_inspection()
        .manifest("BWC1", "0007.MP4", "09:59:57", "10:10:03")
        .looked_at("2024-05-13 10:10:03");
    assert_snapshot!(month.told(), @r"
    A-1/1 missing: 0.000 s of 10 min 00.000 s
      open 10:00:00–10:10:00 missing certain
      missing (missing, certain) 10:00:00–10:10:00
        expected 10 min 00.000 s recorded
        observed no recording
        应录 10 分 00 秒，未见任何视音频记录
      lost (irregular, certain) 09:59:57–10:10:03
        expected what devices recorded is stored
        observed BWC1 recorded 0007.MP4 (10 min 06.000 s), not stored; surely kept until 2024-05-13T10:10:03+08:00 only, and may be overwritten
        设备 BWC1 已录制 0007.MP4（时长 10 分 06 秒），未上传；设备保存期已于 2024年5月13日 10:10 届满，可能已被覆盖，请立即核查设备
    ");
    let just_before = Month::with_inspection()
        .manifest("BWC1", "0007.MP4", "09:59:57", "10:10:03")
        .looked_at("2024-05-13 10:10:02.999999");
    assert_eq!(just_before.codes(), [FindingCode::Missing, FindingCode::NotUploaded]);
}

#[test]
fn what_is_stored_under_another_name_is_uploaded() {
    let stored = |month: Month| month.manifest("BWC1", "0007.MP4", "09:59:57", "10:10:03");
    let film = Film::first("evidence/BWC1_1001_20240506095957_0001.mp4", "09:59:57", "10:10:03");
    assert_eq!(stored(Month::with_inspection().film(film)).codes(), []);
    let same_name = Film::first("evidence/0007.mp4", "09:59:57", "10:10:03");
    assert_eq!(stored(Month::with_inspection().film(same_name)).codes(), []);
    let of_another = Film::second("evidence/0007.mp4", "09:59:57", "10:10:03");
    assert_eq!(stored(Month::with_inspection().film(of_another)).codes(), [FindingCode::Lost]);
}

#[test]
fn what_was_stored_and_is_gone_is_on_the_device_or_lost() {
    let gone = || Film::first("evidence/0007.mp4", "09:59:57", "10:10:03").gone();
    let month = || Month::with_inspection().film(gone()).manifest("BWC1", "0007.MP4", "09:59:57", "10:10:03");
    assert_eq!(
        month().looked_at("2024-05-09 12:00").codes(),
        [FindingCode::Missing, FindingCode::NotUploaded]
    );
    assert_eq!(month().audit().obligations[0].findings[1].recordings, ["evidence/0007.mp4"]);
}

#[test]
fn what_a_device_recorded_outside_every_stage_stands_apart() {
    let month = Month::with_inspection()
        .film(Film::first("a", "09:59:57", "10:10:03"))
        .manifest("BWC2", "0009.MP4", "14:00:00", "14:05:00")
        .manifest("BWC1", "a", "09:59:57", "10:10:03");
    assert_eq!(month.codes(), []);
    assert_snapshot!(month.told_outside(), @r#"
    0009.MP4, device Some("BWC2"), badge Some("1002")
      lost (irregular, certain) 14:00:00–14:05:00
        expected what devices recorded is stored
        observed BWC2 recorded 0009.MP4 (5 min 00.000 s), not stored; surely kept until 2024-05-13T14:05:00+08:00 only, and may be overwritten
        设备 BWC2 已录制 0009.MP4（时长 5 分 00 秒），未上传；设备保存期已于 2024年5月13日 14:05 届满，可能已被覆盖，请立即核查设备
    "#);
}

#[test]
fn an_entry_that_a_slow_clock_may_put_elsewhere_blames_nobody() {
    let month = Month::with_inspection()
        .synced("BWC1", None)
        .manifest("BWC1", "0007.MP4", "10:09:00", "10:20:00")
        .film(Film::second("b", "09:59:57", "10:10:03"));
    let audit = month.audit();
    let finding = &audit.obligations[0].findings[0];
    assert_eq!((finding.severity, finding.certainty), (Severity::Notice, Certainty::WithinClockError));
}

#[test]
fn footage_that_nobody_explains_is_told() {
    let month = Month::with_inspection()
        .film(Film::first("b/clip.mp4", "09:59:00", "10:11:00").named(None, None))
        .film(Film::first("c/X9_7777.mp4", "12:00:00", "12:01:00").named(Some("X9"), Some("7777")));
    assert_snapshot!(month.told_outside(), @r#"
    b/clip.mp4, device None, badge None
      unattributed (notice, certain) the recording
        expected a known device or officer behind the footage
        observed the key names neither device nor officer
        文件名未载明设备和人员，无法确定归属
        in b/clip.mp4
    c/X9_7777.mp4, device Some("X9"), badge Some("7777")
      unattributed (notice, certain) the recording
        expected a known device or officer behind the footage
        observed device X9 and officer 7777 are not known
        设备 X9 和人员 7777 均未登记，无法确定归属
        in c/X9_7777.mp4
    "#);
}

#[test]
fn footage_of_a_known_officer_or_device_or_link_is_explained() {
    let month = Month::with_inspection()
        .film(Film::first("a", "12:00:00", "12:01:00").named(Some("X9"), Some("1001")))
        .film(Film::first("b", "12:00:00", "12:01:00").named(Some("BWC1"), None))
        .film(Film::first("c", "09:59:00", "10:11:00").named(None, None))
        .link(1, "c");
    assert_eq!(month.told_outside(), "");
}

/// 236 files of a minute, the next begun 68 ms after the one before by the street's clock: 16 s in all. Names
/// say whole seconds.
fn drifting(skip: usize) -> Month {
    let text = include_str!("../../../policies/jingan-2024.toml")
        .replace("[tolerances.gap]\nmilliseconds = 2_000", "[tolerances.gap]\nmilliseconds = 40");
    let policy = Policy { crew: None, ..Policy::parse("strict", &text).unwrap() };
    let mut month = Month { policy, ..Month::new() }.stage("08:30:00", "12:26:10");
    let minute = Micros::from_s(60);
    for number in 0..236_i64 {
        let begun = at("08:29:58") + Micros(number * 60_068_000);
        let named = WallTime((begun.0 + 500_000).div_euclid(1_000_000) * 1_000_000);
        let mut film = Film::first(&format!("BWC1_{number:04}.mp4"), "08:30:00", "08:31:00");
        assert_eq!(film.0.video.length(), minute);
        film.0.started_at = Some(named);
        film.0.start_claims[0].started_at = named;
        if usize::try_from(number).unwrap() != skip {
            month = month.film(film);
        }
    }
    month
}

#[test]
fn sixteen_seconds_of_drift_over_236_files_are_no_gap() {
    let audit = drifting(usize::MAX).audit();
    let obligation = &audit.obligations[0];
    assert_eq!(obligation.findings, []);
    assert_eq!(obligation.gaps, []);
    let [session] = obligation.sessions.as_slice() else { panic!("{:?}", obligation.sessions) };
    assert_eq!((session.files, session.first.as_str()), (236, "BWC1_0000.mp4"));
    assert_eq!(session.last, "BWC1_0235.mp4");
    assert_eq!(session.drift_us, Micros::from_s(16));
    assert!(session.longest_seam_us <= Micros::from_s(1));
    // Nothing shows the seams, so nothing says that they are covered.
    assert!(obligation.tolerated_us > Micros::from_s(10));
    assert_eq!(obligation.required_us, obligation.covered_us + obligation.tolerated_us);
}

#[test]
fn a_file_that_is_not_there_breaks_the_session_in_two() {
    let audit = drifting(100).audit();
    let obligation = &audit.obligations[0];
    let codes: Vec<_> = obligation.findings.iter().map(|finding| finding.kind.code()).collect();
    assert_eq!(codes, [FindingCode::Gap]);
    let files: Vec<u32> = obligation.sessions.iter().map(|session| session.files).collect();
    assert_eq!(files, [100, 135]);
}

#[test]
fn a_pre_record_that_reaches_back_is_one_session_and_covers_once() {
    let month = Month::with_inspection()
        .film(Film::first("a", "09:59:00", "10:05:00"))
        .film(Film::first("b", "10:04:57", "10:11:00"));
    let audit = month.audit();
    let obligation = &audit.obligations[0];
    assert_eq!(obligation.covered_us, obligation.required_us);
    let [session] = obligation.sessions.as_slice() else { panic!("{:?}", obligation.sessions) };
    assert_eq!((session.files, session.overlaps, session.drift_us), (2, 1, Micros::from_s(-3)));
    // A copy of a file is no further file, and one that runs beside another is no seam.
    let month = month
        .film(Film::first("copy-of-a", "09:59:00", "10:05:00").digest("digest-of-a"))
        .film(Film::second("c", "10:05:00", "10:06:00"));
    assert_eq!(month.audit().obligations[0].sessions.len(), 1);
    let beside = Month::with_inspection()
        .film(Film::first("a", "09:59:00", "10:05:00"))
        .film(Film::first("b", "10:01:00", "10:11:00"));
    assert_eq!(beside.audit().obligations[0].sessions, []);
}

/// What is said outside of obligations, by key or file.
fn outside(month: &Month) -> Vec<(String, Vec<FindingCode>)> {
    let audit = month.audit();
    let codes = |outside: &analyzer::audit::Outside| {
        let what = outside.object_key.clone().or(outside.file.clone()).unwrap();
        (what, outside.findings.iter().map(|finding| finding.kind.code()).collect())
    };
    audit.outside.iter().map(codes).collect()
}

#[test]
fn a_patrol_that_came_late_is_told_outside_of_obligations_and_counted_there() {
    let patrol = |key, absent_at| {
        Film::first(key, "18:00:00", "18:10:00").arrived(arrival("2024-05-20 09:00", absent_at, None))
    };
    let month = Month::with_inspection()
        .film(film_that_arrived("2024-05-20 09:00", Some("2024-05-19 09:00"), None))
        .film(patrol("late", Some("2024-05-19 09:00")))
        .film(patrol("in time", Some("2024-05-07 09:00")));
    assert_eq!(outside(&month), [("late".to_owned(), vec![FindingCode::LateUpload])]);
    let audit = month.audit();
    assert_eq!(audit.outside[0].unit.as_deref(), Some("SQ1"), "whom to ask");
    assert_eq!(audit.outside_findings[&FindingCode::LateUpload].total, 1);
    assert_eq!(
        audit.totals.findings[&FindingCode::LateUpload].total,
        1,
        "that of the obligation stays there"
    );
}

#[test]
fn a_late_recording_that_nobody_explains_has_both_findings_in_one_entry() {
    let stranger = Film::new("x", "BWC77", "7777", "18:00:00", "18:10:00").arrived(arrival(
        "2024-05-20 09:00",
        Some("2024-05-19 09:00"),
        None,
    ));
    let month = Month::with_inspection().film(stranger);
    let both = vec![FindingCode::LateUpload, FindingCode::Unattributed];
    assert_eq!(outside(&month), [("x".to_owned(), both)]);
}

#[test]
fn without_rules_for_uploading_nothing_comes_late() {
    let late = Film::first("late", "18:00:00", "18:10:00").arrived(arrival(
        "2024-05-20 09:00",
        Some("2024-05-19 09:00"),
        None,
    ));
    let mut month = Month::with_inspection().film(late);
    month.policy.upload = None;
    assert_eq!(outside(&month), []);
}
