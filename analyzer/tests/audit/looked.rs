//! Black, frozen and silent stretches: one that is found, and one that only looks like it, of each.

use catalog::finding::{Certainty, FindingCode};
use catalog::inspection::{Checked, Inspection, Look};
use catalog::observation::MediaSpan;
use insta::assert_snapshot;

use crate::month::{Film, Month, at};

/// What decoding a recording showed.
#[derive(Default)]
struct Seen {
    black: Vec<(&'static str, &'static str)>,
    frozen: Vec<(&'static str, &'static str)>,
    silent: Vec<(&'static str, &'static str)>,
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
            pictures: Vec::new(),
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
        let time = |moment: catalog::WallTime| moment.local().unwrap().format("%H:%M:%S").to_string();
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
