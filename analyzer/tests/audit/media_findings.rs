//! What is wrong with the recordings: sound, cut-off and damaged files, alterations, clocks, reuse.

use analyzer::audit::ObligationStatus;
use catalog::excuse::ExcuseReason;
use catalog::finding::{FindingCode, FindingKind};
use catalog::observation::{ProblemCode, StartSource};
use insta::assert_snapshot;

use crate::month::{Film, Month, at};

fn whole(key: &str) -> Film {
    Film::first(key, "09:59:00", "10:11:00")
}

#[test]
fn picture_without_sound_is_no_audio() {
    assert_snapshot!(Month::with_inspection().film(whole("a").silent()).told(), @r"
    A-1/1 complete: 10 min 00.000 s of 10 min 00.000 s
      no_audio (irregular, certain) 10:00:00–10:10:00
        expected sound with the picture
        observed 10 min 00.000 s of picture without sound
        有画面无声音 10 分 00 秒
        in a
    ");
    let month = Month::with_inspection().film(whole("a").mute("10:02:00", "10:03:00"));
    assert_snapshot!(month.told(), @r"
    A-1/1 complete: 10 min 00.000 s of 10 min 00.000 s
      no_audio (irregular, certain) 10:02:00–10:03:00
        expected sound with the picture
        observed 1 min 00.000 s of picture without sound
        有画面无声音 1 分 00 秒
        in a
    ");
}

#[test]
fn another_officers_sound_is_sound() {
    let month =
        Month::with_inspection().film(whole("a").silent()).film(Film::second("b", "09:59:00", "10:11:00"));
    assert_eq!(month.codes(), []);
}

#[test]
fn a_drone_has_no_microphone() {
    let drone = Film::new("a", "DRONE1", "1001", "09:59:00", "10:11:00").silent();
    assert_eq!(Month::with_inspection().film(drone).codes(), []);
}

#[test]
fn sound_that_is_away_no_longer_than_the_tolerance_is_let_pass() {
    let film = (0..9)
        .fold(whole("a"), |film, minute| film.mute(&format!("10:0{minute}:10"), &format!("10:0{minute}:12")));
    assert_eq!(Month::with_inspection().film(film).codes(), []);
}

#[test]
fn missing_sound_may_be_excused() {
    let month = Month::with_inspection().film(whole("a").silent()).excuse(ExcuseReason::Privacy, None);
    assert_eq!(month.audit().obligations[0].findings[0].excused, Some(ExcuseReason::Privacy));
    assert_eq!(month.audit().obligations[0].status, ObligationStatus::Complete);
}

#[test]
fn a_file_without_an_index_is_truncated_and_its_stage_is_not_missing() {
    let film = whole("a").problem(ProblemCode::NoIndex, "no moov box in 1.2 MB");
    assert_snapshot!(Month::with_inspection().film(film).told(), @r"
    A-1/1 partial: 0.000 s of 10 min 00.000 s
      open 10:00:00–10:10:00 truncated certain
      truncated (irregular, certain) 10:00:00–10:10:00
        expected a whole, readable file
        observed no moov box in 1.2 MB
        文件缺少索引，录制未正常结束，无法播放
        in a
    ");
}

#[test]
fn a_file_that_is_cut_off_but_readable_is_truncated_and_covers_what_it_shows() {
    let film = Film::first("a", "09:59:00", "10:08:00").problem(ProblemCode::Truncated, "ends in a packet");
    assert_snapshot!(Month::with_inspection().film(film).told(), @r"
    A-1/1 partial: 8 min 00.000 s of 10 min 00.000 s
      open 10:08:00–10:10:00 early_stop certain
      early_stop (irregular, certain) 10:08:00–10:10:00
        expected recording to the end, at most 5.000 s short
        observed stopped 2 min 00.000 s before the end
        环节结束前 2 分 00 秒 停止录制
        in a
      truncated (irregular, certain) the recording
        expected a whole, readable file
        observed ends in a packet
        文件在应有的结尾之前中止，后部内容缺失
        in a
    ");
}

#[test]
fn an_unreadable_file_stands_for_one_stage_only() {
    let month = Month::new()
        .stage("10:00:00", "10:05:00")
        .stage("10:10:00", "10:20:00")
        .film(Film::first("a", "09:59:00", "10:05:00").problem(ProblemCode::NoIndex, "no moov box"));
    assert_eq!(month.codes(), [FindingCode::Truncated, FindingCode::Missing]);
    let out_of_reach = Month::new()
        .stage("10:30:00", "10:40:00")
        .film(Film::first("a", "09:59:59", "10:05:00").problem(ProblemCode::NoIndex, "no moov box"));
    assert_eq!(out_of_reach.codes(), [FindingCode::Missing]);
    let after_the_stage = Month::new()
        .stage("10:30:00", "10:40:00")
        .film(Film::first("a", "10:40:00", "10:45:00").problem(ProblemCode::NoIndex, "no moov box"));
    assert_eq!(after_the_stage.codes(), [FindingCode::Missing]);
}

#[test]
fn an_unreadable_file_stands_for_the_stage_that_lacks_footage() {
    // It began three seconds before the second stage, while the first, recorded to its end, still ran.
    let month = Month::new()
        .stage("10:00:00", "10:10:00")
        .stage("10:10:00", "10:20:00")
        .film(Film::first("a", "09:59:00", "10:09:56"))
        .film(Film::first("b", "10:09:57", "10:20:00").problem(ProblemCode::NoIndex, "no moov box"));
    let audit = month.audit();
    let statuses: Vec<_> = audit.obligations.iter().map(|stage| stage.status).collect();
    assert_eq!(statuses, [ObligationStatus::Complete, ObligationStatus::Partial]);
}

#[test]
fn what_ended_before_an_unreadable_file_began_is_not_in_it() {
    let month = Month::with_inspection()
        .film(Film::first("a", "10:01:00", "10:05:00"))
        .film(Film::first("b", "10:05:00", "10:10:00").problem(ProblemCode::NoIndex, "no moov box"));
    assert_snapshot!(month.told(), @r"
    A-1/1 partial: 4 min 00.000 s of 10 min 00.000 s
      open 10:00:00–10:01:00 late_start certain
      open 10:05:00–10:10:00 truncated certain
      late_start (irregular, certain) 10:00:00–10:01:00
        expected recording from the start, at most 5.000 s late
        observed 1 min 00.000 s late
        环节开始后 1 分 00 秒 才开始录制
        in a
      truncated (irregular, certain) 10:05:00–10:10:00
        expected a whole, readable file
        observed no moov box
        文件缺少索引，录制未正常结束，无法播放
        in b
    ");
}

#[test]
fn an_unreadable_file_does_not_outlast_the_next_file_of_its_device() {
    let month = Month::with_inspection()
        .film(Film::first("a", "10:00:00", "10:02:00").problem(ProblemCode::Empty, "0 bytes"))
        .film(Film::first("b", "10:02:00", "10:05:00"));
    assert_eq!(month.codes(), [FindingCode::EarlyStop, FindingCode::Damaged]);
}

#[test]
fn an_unreadable_file_is_found_even_where_others_cover_its_stage() {
    let month = Month::with_inspection()
        .film(Film::second("b", "09:59:00", "10:11:00"))
        .film(whole("a").problem(ProblemCode::Encrypted, "encrypted with a key that is not here"));
    let stage = &month.audit().obligations[0];
    assert_eq!((stage.status, stage.findings.len()), (ObligationStatus::Complete, 1));
}

#[test]
fn an_unreadable_file_may_be_linked() {
    let mut film = Film::new("a", "BWC9", "9999", "20:00:00", "20:01:00");
    film.0.started_at = None;
    let month = Month::with_inspection().film(film.problem(ProblemCode::Unreadable, "no media")).link(1, "a");
    assert_eq!(month.codes(), [FindingCode::Damaged]);
}

#[test]
fn a_file_without_a_byte_is_damaged() {
    let film = whole("a").problem(ProblemCode::Empty, "0 bytes");
    assert_snapshot!(Month::with_inspection().film(film).told(), @r"
    A-1/1 partial: 0.000 s of 10 min 00.000 s
      open 10:00:00–10:10:00 damaged certain
      damaged (irregular, certain) 10:00:00–10:10:00
        expected a whole, readable file
        observed 0 bytes
        文件为空，没有任何内容
        in a
    ");
}

#[test]
fn a_fault_excuses_an_unreadable_file() {
    let film = whole("a").problem(ProblemCode::Empty, "0 bytes");
    let month = Month::with_inspection().film(film).excuse(ExcuseReason::Fault, None);
    let stage = &month.audit().obligations[0];
    assert_eq!(
        (stage.status, stage.findings[0].excused),
        (ObligationStatus::Excused, Some(ExcuseReason::Fault))
    );
}

#[test]
fn a_file_whose_times_start_over_is_not_damaged_by_that() {
    let film = whole("a").problem(ProblemCode::TimeReset, "time starts over at packet 77");
    assert_eq!(Month::with_inspection().film(film).codes(), []);
}

#[test]
fn bytes_that_changed_after_they_were_read_are_altered() {
    let mut film = whole("a").digest("new");
    (film.0.version, film.0.first_sha256) = (2, Some("old".to_owned()));
    assert_snapshot!(Month::with_inspection().film(film).told(), @r"
    A-1/1 complete: 10 min 00.000 s of 10 min 00.000 s
      altered (irregular, certain) the recording
        expected SHA-256 old, as first read
        observed version 2 with SHA-256 new
        入库后内容被改动（现为第 2 版），摘要与首次读取时不一致
        in a
    ");
}

#[test]
fn bytes_that_changed_and_were_restored_are_not_altered() {
    let mut film = whole("a");
    film.0.version = 3;
    assert_eq!(Month::with_inspection().film(film).codes(), []);
}

#[test]
fn local_time_written_as_utc_is_a_clock_that_is_off_by_the_zone() {
    let film = whole("a").claim(StartSource::Container, at("17:59:00"));
    assert_snapshot!(Month::with_inspection().film(film).told(), @r"
    A-1/1 complete: 10 min 00.000 s of 10 min 00.000 s
      clock_off (notice, certain) the recording
        expected the start that the file_name gives
        observed the container is off by 8 h 00 min 00.000 s: local time written as UTC
        容器记载的起始时间相差 8 小时 00 分，系将本地时间写成了世界时
        in a
    ");
}

#[test]
fn a_clock_may_be_off_by_anything() {
    let film = whole("a").claim(StartSource::Sidecar, at("10:01:00.000001"));
    assert_snapshot!(Month::with_inspection().film(film).told(), @r"
    A-1/1 complete: 10 min 00.000 s of 10 min 00.000 s
      clock_off (notice, certain) the recording
        expected the start that the file_name gives
        observed the sidecar is off by 2 min 00.000 s
        伴随文件记载的起始时间相差 2 分 00 秒
        in a
    ");
}

#[test]
fn a_container_that_was_stamped_when_it_was_closed_is_right() {
    for stamped_at in ["09:57:00", "09:59:00", "10:11:00", "10:13:00"] {
        let film = whole("a").claim(StartSource::Container, at(stamped_at));
        assert_eq!(Month::with_inspection().film(film).codes(), [], "{stamped_at}");
    }
    let film = whole("a").claim(StartSource::Container, at("18:11:00"));
    assert!(Month::with_inspection().film(film).told().contains("local time written as UTC"));
    let film = whole("a").claim(StartSource::Sidecar, at("10:11:00"));
    assert_eq!(Month::with_inspection().film(film).codes(), [FindingCode::ClockOff]);
}

#[test]
fn one_file_that_stands_for_two_cases_is_reused() {
    let month = Month::new()
        .stage("10:00:00", "10:10:00")
        .stage("14:00:00", "14:10:00")
        .film(whole("a").digest("same").claim(StartSource::Container, at("09:59:00")))
        .film(
            Film::first("b", "13:59:00", "14:11:00")
                .digest("same")
                .claim(StartSource::Container, at("09:59:00")),
        );
    assert_snapshot!(month.told(), @r"
    A-1/1 complete: 10 min 00.000 s of 10 min 00.000 s
      reused (irregular, certain) the recording
        expected footage of this stage alone
        observed the same footage as b, which stands for A-1/2
        与 b 系同一段录像，该录像又用于 A-1/2
        in a, b
    A-1/2 complete: 10 min 00.000 s of 10 min 00.000 s
      reused (irregular, certain) the recording
        expected footage of this stage alone
        observed the same footage as a, which stands for A-1/1
        与 a 系同一段录像，该录像又用于 A-1/1
        in a, b
    ");
}

#[test]
fn a_clock_that_reuse_does_not_explain_is_still_off() {
    let month = Month::new()
        .stage("10:00:00", "10:10:00")
        .stage("14:00:00", "14:10:00")
        .film(whole("a").digest("same"))
        .film(
            Film::first("b", "13:59:00", "14:11:00")
                .digest("same")
                .claim(StartSource::Container, at("20:00:00")),
        );
    assert_eq!(month.codes(), [FindingCode::Reused, FindingCode::ClockOff, FindingCode::Reused]);
}

#[test]
fn one_file_linked_to_a_stage_at_another_time_is_reused_there() {
    let month = Month::new()
        .stage("10:00:00", "10:10:00")
        .stage("14:00:00", "14:10:00")
        .film(whole("a"))
        .link(2, "a");
    assert_snapshot!(month.told(), @r"
    A-1/1 complete: 10 min 00.000 s of 10 min 00.000 s
    A-1/2 missing: 0.000 s of 10 min 00.000 s
      open 14:00:00–14:10:00 missing certain
      missing (missing, certain) 14:00:00–14:10:00
        expected 10 min 00.000 s recorded
        observed no recording
        应录 10 分 00 秒，未见任何视音频记录
      reused (irregular, certain) the recording
        expected footage of this stage alone
        observed the same footage as a, which stands for A-1/1
        与 a 系同一段录像，该录像又用于 A-1/1
        in a
    ");
}

#[test]
fn a_copy_that_says_the_same_of_itself_is_no_reuse() {
    let month = Month::with_inspection().film(whole("a").digest("same")).film(whole("copy/a").digest("same"));
    assert_eq!(month.codes(), []);
}

#[test]
fn a_copy_under_another_officers_name_is_reuse() {
    let month = Month::with_inspection()
        .film(whole("a").digest("same"))
        .film(Film::second("b", "09:59:00", "10:11:00").digest("same"));
    assert_eq!(month.codes(), [FindingCode::Reused, FindingCode::Reused]);
    assert!(month.told().contains("says otherwise of itself"));
}

#[test]
fn an_object_that_was_moved_is_no_reuse() {
    let month = Month::with_inspection()
        .film(whole("a").digest("same"))
        .film(Film::first("elsewhere", "14:00:00", "14:12:00").digest("same").gone());
    assert_eq!(month.codes(), []);
}

#[test]
fn one_file_that_runs_over_two_stages_is_no_reuse() {
    let month = Month::new()
        .stage("10:00:00", "10:05:00")
        .stage("10:05:00", "10:10:00")
        .film(whole("a"))
        .link(1, "a")
        .link(2, "a");
    assert_eq!(month.codes(), []);
}

#[test]
fn of_two_objects_of_one_key_a_link_means_the_one_that_runs() {
    // Two drones whose files are numbered alike, each in a store of its own.
    let films = || {
        let morning = whole("DJI_0001.MP4").digest("morning");
        let afternoon = Film::second("DJI_0001.MP4", "13:59:00", "14:11:00").digest("afternoon");
        [morning, afternoon]
    };
    let month =
        || Month::new().stage("10:00:00", "10:10:00").stage("14:00:00", "14:10:00").link(2, "DJI_0001.MP4");
    assert_eq!(films().into_iter().fold(month(), Month::film).codes(), []);
    assert_eq!(films().into_iter().rev().fold(month(), Month::film).codes(), []);
    // A copy of the other under a key of its own stands for what the other stands for.
    let copied = films().into_iter().fold(month(), Month::film).film(whole("copy").digest("morning"));
    assert_eq!(copied.codes(), []);
}

#[test]
fn what_two_stores_have_of_one_file_is_reused_once() {
    let month = Month::new()
        .stage("10:00:00", "10:10:00")
        .stage("14:00:00", "14:10:00")
        .film(whole("a"))
        .film(whole("a"))
        .link(2, "a");
    assert_eq!(month.codes(), [FindingCode::Missing, FindingCode::Reused]);
}

/// A file of one officer, and so many of its bytes under the name of another, each so many seconds later.
fn copies(many: u32, apart_s: u32) -> Month {
    (0..many).fold(Month::with_inspection().film(whole("a").digest("same")), |month, number| {
        let (key, start) = (format!("b-{number:02}"), format!("09:59:{:02}", number * apart_s));
        month.film(Film::second(&key, &start, "10:11:00").digest("same"))
    })
}

#[test]
fn of_many_copies_the_first_are_named_and_all_are_counted() {
    let eight = copies(8, 0);
    assert_eq!(eight.codes(), [FindingCode::Reused; 8 + 8]);
    assert!(!eight.told().contains("others have it"));
    let twelve = copies(12, 0);
    assert_eq!(twelve.codes(), [FindingCode::Reused; 8 + 12]);
    assert_eq!(twelve.told().matches("; 12 others have it in all, and only the first are named").count(), 8);
    assert_eq!(twelve.told().matches("；另有相同录像共 12 份，仅列出前几份").count(), 8);
    let named: Vec<String> = (twelve.audit().obligations.iter().flat_map(|stage| &stage.findings))
        .filter_map(|finding| match &finding.kind {
            FindingKind::Reused { other_key, others: Some(12), .. } => Some(other_key.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(named, (0..8).map(|number| format!("b-{number:02}")).collect::<Vec<_>>());
}

#[test]
fn copies_that_all_say_something_else_of_themselves_do_not_make_a_finding_for_each_pair() {
    let month = copies(12, 2);
    assert_eq!(month.codes(), [FindingCode::Reused; 13 * 8]);
    assert_eq!(month.told().matches("; 12 others have it in all").count(), 13 * 8);
}

#[test]
fn files_without_a_byte_have_no_footage_in_common() {
    let empty = |film: Film| film.digest("e3b0").problem(ProblemCode::Empty, "0 bytes");
    let month = Month::new()
        .stage("10:00:00", "10:05:00")
        .stage("14:00:00", "14:10:00")
        .film(empty(Film::first("a", "10:00:00", "10:00:00")))
        .film(empty(Film::first("b", "14:00:00", "14:00:00")));
    assert_eq!(month.codes(), [FindingCode::Damaged, FindingCode::Damaged]);
}

#[test]
fn sound_from_another_recorder_counts_within_both_clocks_errors() {
    // The second recorder's sound begins 12 s after the first one's picture; it is unsure by 21 s.
    let month = |synced| {
        let month = Month::with_inspection()
            .synced("BWC2", Some(synced))
            .film(whole("a").silent())
            .film(Film::second("b", "10:00:12", "10:11:00"));
        month.audit().obligations[0].findings[0].certainty.to_string()
    };
    assert_eq!(month("2024-05-06 08:00:00"), "certain");
    assert_eq!(month("2024-04-29 10:00:00"), "within_clock_error");
}
