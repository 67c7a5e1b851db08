//! Black, frozen and silent stretches: one that is found, and one that only looks like it, of each.

use analyzer::audit::{Changes, Incremental};
use catalog::finding::{Certainty, FindingCode};
use catalog::inspection::{Checked, Inspection, Look};
use catalog::observation::MediaSpan;
use catalog::trace::{Picture, SoundEnvelope};
use catalog::{MediaTime, WallTime};
use insta::assert_snapshot;

use crate::month::{Film, Month, at};

/// What decoding a recording showed.
#[derive(Default)]
struct Seen {
    black: Vec<(&'static str, &'static str)>,
    frozen: Vec<(&'static str, &'static str)>,
    silent: Vec<(&'static str, &'static str)>,
    pictures: Vec<Picture>,
    sound: Option<SoundEnvelope>,
}

impl Month {
    fn looked(mut self, key: &str, seen: Seen) -> Self {
        let recording =
            self.snapshot.recordings.iter().find(|recording| recording.object_key == key).unwrap();
        let media = |time: &str| recording.origin_us + (at(time) - recording.started_at.unwrap());
        let spans = |times: Vec<(&str, &str)>| -> Vec<MediaSpan> {
            times
                .into_iter()
                .map(|(from, to)| MediaSpan { start_us: media(from), end_us: media(to) })
                .collect()
        };
        let inspection = Inspection {
            video: Checked::Done,
            audio: Checked::Done,
            black: spans(seen.black),
            frozen: spans(seen.frozen),
            silent: spans(seen.silent),
            ..Inspection::default()
        };
        self.snapshot.looks.push(Look {
            sha256: recording.sha256.clone(),
            options: self.policy.inspect.options(),
            inspection,
            pictures: seen.pictures,
            sound: seen.sound,
        });
        self
    }
}

fn alone() -> Month {
    Month::with_inspection().film(Film::first("a.mp4", "09:59:00", "10:11:00"))
}

fn ours(month: &Month) -> Vec<FindingCode> {
    let ours = [FindingCode::Black, FindingCode::Frozen, FindingCode::Silent];
    month.codes().into_iter().filter(|code| ours.contains(code)).collect()
}

/// What is told of the findings of one code.
fn told(month: &Month, code: FindingCode) -> String {
    let audit = month.audit();
    let findings = audit.obligations.iter().flat_map(|o| &o.findings);
    let lines = findings.filter(|finding| finding.kind.code() == code).map(|finding| {
        let at = finding.at.unwrap();
        let time = |moment: WallTime| moment.local().unwrap().format("%H:%M:%S").to_string();
        format!(
            "{}–{} {} {}\nexpected {}\nobserved {}\n{}\nin {}",
            time(at.start),
            time(at.end),
            finding.severity,
            finding.certainty,
            finding.kind.expected(),
            finding.kind.observed(),
            finding.kind.observed_zh(),
            finding.recordings.join(", ")
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_covered_lens_is_black() {
    let seen = Seen { black: vec![("10:02:00", "10:03:10"), ("10:05:00", "10:05:04")], ..Seen::default() };
    let month = alone().looked("a.mp4", seen);
    assert_snapshot!(told(&month, FindingCode::Black), @r"
    10:02:00–10:03:10 irregular certain
    expected something to be seen, black for at most 5.000 s
    observed 1 min 10.000 s black
    画面全黑 1 分 10 秒
    in a.mp4
    ");
}

#[test]
fn what_another_recorder_shows_is_not_black() {
    let black = || Seen { black: vec![("10:02:00", "10:03:10")], ..Seen::default() };
    let both = || alone().film(Film::second("b.mp4", "09:59:00", "10:11:00"));
    assert_eq!(ours(&both().looked("a.mp4", black())), [], "nobody looked at the other: it may show all");
    let other = both().looked("a.mp4", black()).looked("b.mp4", Seen::default());
    assert_eq!(ours(&other), []);
    // Both are black for eight seconds at once, but either clock may be wrong by half a second and more.
    let nearly = Seen { black: vec![("10:03:02", "10:04:00")], ..Seen::default() };
    let month = both().looked("a.mp4", black()).looked("b.mp4", nearly);
    assert_eq!(ours(&month), [FindingCode::Black]);
    let nearly = Seen { black: vec![("10:03:04", "10:04:00")], ..Seen::default() };
    let month = both().looked("a.mp4", black()).looked("b.mp4", nearly);
    let audit = month.audit();
    let found = audit.obligations[0].findings.iter().find(|found| found.kind.code() == FindingCode::Black);
    assert_eq!(found.unwrap().certainty, Certainty::WithinClockError);
    // Before or after the stage it is nobody's business.
    let outside = Seen { black: vec![("09:59:00", "10:00:04"), ("10:10:00", "10:11:00")], ..Seen::default() };
    assert_eq!(ours(&alone().looked("a.mp4", outside)), []);
}

#[test]
fn a_picture_that_stands_still_is_frozen_unless_it_is_black() {
    let seen = Seen {
        black: vec![("10:07:00", "10:08:00")],
        frozen: vec![("10:04:00", "10:04:30"), ("10:07:00", "10:08:00")],
        ..Seen::default()
    };
    let month = alone().looked("a.mp4", seen);
    assert_eq!(ours(&month), [FindingCode::Black, FindingCode::Frozen]);
    assert_snapshot!(told(&month, FindingCode::Frozen), @r"
    10:04:00–10:04:30 irregular certain
    expected a moving picture, standing still for at most 5.000 s
    observed 30.000 s standing still
    画面静止不动 30.0 秒
    in a.mp4
    ");
    let short = Seen { frozen: vec![("10:04:00", "10:04:05")], ..Seen::default() };
    assert_eq!(ours(&alone().looked("a.mp4", short)), [], "up to the tolerance");
}

#[test]
fn a_muted_microphone_is_silent() {
    let mute = || Seen { silent: vec![("10:02:00", "10:06:00")], ..Seen::default() };
    let month = alone().looked("a.mp4", mute());
    assert_snapshot!(told(&month, FindingCode::Silent), @r"
    10:02:00–10:06:00 irregular certain
    expected something to be heard, silence for at most 1 min 00.000 s
    observed 4 min 00.000 s of silence
    有音轨但无可辨声音 4 分 00 秒
    in a.mp4
    ");
    let pause = Seen { silent: vec![("10:02:00", "10:03:00")], ..Seen::default() };
    assert_eq!(ours(&alone().looked("a.mp4", pause)), [], "people fall silent for a minute");
    let heard = alone().film(Film::second("b.mp4", "09:59:00", "10:11:00"));
    assert_eq!(ours(&heard.looked("a.mp4", mute())), [], "the other officer's recorder heard it");
}

#[test]
fn looks_with_other_figures_say_nothing() {
    let mut month =
        alone().looked("a.mp4", Seen { black: vec![("10:02:00", "10:03:10")], ..Seen::default() });
    month.snapshot.looks[0].options.black_level_ppm += 1;
    assert_eq!(ours(&month), []);
}

/// Pictures that differ, every two seconds from `from_s` of the scene on, shown `later_us` later.
fn scene(from_s: i64, until_s: i64, later_us: i64) -> Vec<Picture> {
    let bits = |second: i64| (second.cast_unsigned() + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    let seconds = (from_s..until_s).step_by(2);
    // Two bits of each flip when it is encoded anew.
    let flip = u64::from(later_us != 0) * 0x0100_0000_0000_0001;
    seconds
        .map(|s| Picture { at_us: MediaTime(1_400_000 + s * 1_000_000 + later_us), bits: bits(s * s) ^ flip })
        .collect()
}

#[test]
fn footage_that_was_cut_out_and_encoded_anew_is_reused() {
    let month = || {
        Month::with_inspection()
            .stage("14:00:00", "14:02:00")
            .film(Film::first("a.mp4", "09:59:00", "10:11:00"))
            .film(Film::first("b.mp4", "13:59:30", "14:02:30"))
            .looked("a.mp4", Seen { pictures: scene(0, 720, 0), ..Seen::default() })
    };
    let cut = Seen { pictures: scene(300, 480, -300_020_000), ..Seen::default() };
    let reused = month().looked("b.mp4", cut);
    assert_snapshot!(reused.told(), @r"
    A-1/1 complete: 10 min 00.000 s of 10 min 00.000 s
      reused (irregular, certain) the recording
        expected footage of this stage alone
        observed 2 min 58.000 s of the same pictures as b.mp4, which stands for A-1/2
        与 b.mp4 有 2 分 58 秒 画面相同（经转码或剪辑），该录像又用于 A-1/2
        in a.mp4, b.mp4
    A-1/2 complete: 2 min 00.000 s of 2 min 00.000 s
      reused (irregular, certain) the recording
        expected footage of this stage alone
        observed 2 min 58.000 s of the same pictures as a.mp4, which stands for A-1/1
        与 a.mp4 有 2 分 58 秒 画面相同（经转码或剪辑），该录像又用于 A-1/1
        in a.mp4, b.mp4
    ");
    let another = Seen { pictures: scene(1000, 1180, -1_000_020_000), ..Seen::default() };
    assert!(!month().looked("b.mp4", another).codes().contains(&FindingCode::Reused));
}

#[test]
fn a_smaller_copy_of_the_same_moment_is_no_reuse() {
    let month = |copy: Film| {
        Month::with_inspection()
            .film(Film::first("a.mp4", "09:59:00", "10:11:00"))
            .film(copy)
            .looked("a.mp4", Seen { pictures: scene(0, 720, 0), ..Seen::default() })
            .looked("b.mp4", Seen { pictures: scene(120, 300, -120_020_000), ..Seen::default() })
    };
    let same = month(Film::first("b.mp4", "10:01:00", "10:04:00"));
    assert!(!same.codes().contains(&FindingCode::Reused));
    let passed_off = month(Film::second("b.mp4", "10:01:00", "10:04:00"));
    assert!(passed_off.codes().contains(&FindingCode::Reused), "another officer's footage");
}

#[test]
fn of_many_copies_of_what_was_encoded_anew_the_first_are_named() {
    let whole = Month::with_inspection().film(Film::first("a.mp4", "09:59:00", "10:11:00"));
    let month = (0..12)
        .fold(whole, |month, number| {
            let copy = Film::second(&format!("b-{number:02}.mp4"), "10:01:00", "10:04:00");
            month.film(copy.digest("anew"))
        })
        .looked("a.mp4", Seen { pictures: scene(0, 720, 0), ..Seen::default() })
        .looked("b-00.mp4", Seen { pictures: scene(120, 300, -120_020_000), ..Seen::default() });
    let reused = month.codes().into_iter().filter(|code| *code == FindingCode::Reused).count();
    assert_eq!(reused, 8 + 12, "eight of the copies are named of the one, and the one of each copy");
    assert_eq!(month.told().matches("; 12 others have it in all").count(), 8);
}

#[test]
fn footage_that_arrives_later_is_compared_with_what_is_there() {
    let whole = Month::with_inspection()
        .stage("14:00:00", "14:02:00")
        .film(Film::first("a.mp4", "09:59:00", "10:11:00"))
        .film(Film::first("b.mp4", "13:59:30", "14:02:30"))
        .looked("a.mp4", Seen { pictures: scene(0, 720, 0), ..Seen::default() })
        .looked("b.mp4", Seen { pictures: scene(300, 480, -300_020_000), ..Seen::default() });
    let mut before = whole.snapshot.clone();
    let late = before.recordings.pop().unwrap();
    let mut kept = Incremental::new(before, whole.policy.clone());
    let mut changes = Changes::default();
    changes.recordings.insert(late.object_key.clone(), vec![late]);
    assert_eq!(kept.update(&changes).0, &whole.audit());
}

#[test]
fn an_excuse_that_comes_later_leaves_the_comparison_of_pictures_as_it_was() {
    // What the second file shows belongs to no stage.
    let before = Month::with_inspection()
        .film(Film::first("a.mp4", "09:59:00", "10:11:00"))
        .film(Film::first("b.mp4", "13:59:30", "14:02:30"))
        .looked("a.mp4", Seen { pictures: scene(0, 720, 0), ..Seen::default() })
        .looked("b.mp4", Seen { pictures: scene(300, 480, -300_020_000), ..Seen::default() });
    assert!(before.codes().contains(&FindingCode::Reused));
    let mut kept = Incremental::new(before.snapshot.clone(), before.policy.clone());
    let after = before.excuse(catalog::excuse::ExcuseReason::Battery, None);
    let mut changes = Changes::default();
    changes.excuses.insert(after.snapshot.stages[0].id(), after.snapshot.excuses.clone());
    assert_eq!(kept.update(&changes).0, &after.audit());
}
