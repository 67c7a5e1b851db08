use std::collections::{BTreeMap, BTreeSet};

use catalog::case::StageKind;
use catalog::finding::FindingCode;
use catalog::interval::IntervalSet;
use catalog::time::{LOCAL_OFFSET_S, US_PER_S, WallTime};

use super::*;
use crate::recording::{Container, Damage};
use crate::truth::Truth;

fn by_key(plan: &Plan) -> BTreeMap<&str, &PlannedRecording> {
    plan.recordings.iter().map(|file| (file.key.as_str(), file)).collect()
}

fn planted(plan: &Plan, what: Planted) -> impl Iterator<Item = &PlannedStage> {
    plan.stages.iter().filter(move |stage| stage.planted == Some(what))
}

/// Times at which somebody or something was at work, by name.
fn whereabouts(plan: &Plan) -> BTreeMap<&str, Vec<(Interval<WallTime>, String)>> {
    let mut at: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for planned in plan.stages.iter().filter(|planned| planned.is_obligation()) {
        for badge in &planned.stage.officers {
            at.entry(badge).or_default().push((planned.stage.interval(), planned.stage.id().to_string()));
        }
    }
    let stage_of: BTreeMap<&str, String> = plan
        .stages
        .iter()
        .flat_map(|planned| {
            planned.recordings.iter().map(|key| (key.as_str(), planned.stage.id().to_string()))
        })
        .collect();
    for file in &plan.recordings {
        let purpose = stage_of.get(file.key.as_str()).unwrap_or(&file.key);
        at.entry(&file.device).or_default().push((file.interval(), purpose.clone()));
        if file.badge != "000000" {
            at.entry(&file.badge).or_default().push((file.interval(), purpose.clone()));
        }
    }
    at
}

#[test]
fn the_plan_is_the_same_every_time() {
    assert_eq!(plan(), plan());
}

#[test]
fn the_month_is_as_large_as_a_demo_needs() {
    let plan = plan();
    let counts = Truth::about(&plan).counts;
    assert_eq!(counts.squads, 6);
    assert_eq!(plan.officers.iter().filter(|officer| officer.frontline).count(), 24);
    assert_eq!(counts.devices, 28);
    assert!(counts.cases >= 60, "{}", counts.cases);
    assert!(counts.obligations >= 100, "{}", counts.obligations);
    assert!(counts.stages > counts.obligations, "some stages are no obligations");
    assert!(counts.recordings >= 150, "{}", counts.recordings);
    for kind in StageKind::ALL {
        let stages = plan.stages.iter().filter(|planned| planned.stage.kind == *kind).count();
        assert!(stages >= 3, "{kind}: {stages}");
    }
    for container in [Container::MpegTs, Container::Matroska, Container::Avi, Container::Mp4FastStart] {
        let files = plan.recordings.iter().filter(|file| file.container == container).count();
        assert!(files >= 3, "{container:?}: {files}");
    }
    let readable = plan.recordings.iter().filter(|file| !file.damage.makes_unreadable());
    for file in readable {
        assert!((60..=2400).contains(&(file.length_us.0 / US_PER_S)), "{}: {}", file.key, file.length_us);
    }
    for stage in plan.stages.iter().filter(|planned| planned.is_obligation()) {
        let minutes = stage.stage.interval().length().0 / US_PER_S / 60;
        assert!((3..=35).contains(&minutes), "{}: {minutes}", stage.stage.id());
    }
}

#[test]
fn every_fault_is_planted_at_least_three_times() {
    let plan = plan();
    for what in [
        Planted::Missing,
        Planted::LateStart,
        Planted::EarlyStop,
        Planted::GapInFile,
        Planted::GapBetweenFiles,
        Planted::Truncated,
        Planted::ZeroLength,
        Planted::ZeroRun,
        Planted::NoAudio,
        Planted::ClockOff,
        Planted::Reused,
        Planted::Altered,
        Planted::Excused,
        Planted::EncodedAnew,
        Planted::Black,
        Planted::Frozen,
        Planted::Muted,
    ] {
        assert!(planted(&plan, what).count() >= 3, "{what}");
    }
    for what in [
        Planted::SlowClock,
        Planted::BarelyLate,
        Planted::ShortSeam,
        Planted::OnePictureASecond,
        Planted::BrieflyCovered,
        Planted::SeenByPartner,
        Planted::LinkedDrone,
        Planted::OverMidnight,
    ] {
        assert!(planted(&plan, what).count() >= 1, "{what}");
    }
}

#[test]
fn names_are_unique_and_refer_to_one_another() {
    let plan = plan();
    let recordings = by_key(&plan);
    assert_eq!(recordings.len(), plan.recordings.len(), "two recordings have one key");
    let units: BTreeSet<_> = plan.units.iter().map(|unit| &unit.code).collect();
    let badges: BTreeSet<_> = plan.officers.iter().map(|officer| &officer.badge).collect();
    let cases: BTreeSet<_> = plan.cases.iter().map(|case| &case.case_no).collect();
    let stages: BTreeSet<_> = plan.stages.iter().map(|planned| planned.stage.id()).collect();
    assert_eq!(badges.len(), plan.officers.len());
    assert_eq!(cases.len(), plan.cases.len());
    assert_eq!(stages.len(), plan.stages.len());
    assert!(plan.officers.iter().all(|officer| units.contains(&officer.unit)));
    assert!(plan.devices.iter().all(|device| units.contains(&device.unit)));
    assert!(
        plan.devices.iter().filter_map(|device| device.holder.as_ref()).all(|badge| badges.contains(badge))
    );
    assert!(
        plan.cases.iter().all(|case| units.contains(&case.unit) && case.closed_at > Some(case.filed_at)
            || case.closed_at.is_none())
    );
    for planned in &plan.stages {
        assert!(cases.contains(&planned.stage.case_no));
        assert!(planned.stage.officers.iter().all(|badge| badges.contains(badge)));
        assert_eq!(planned.stage.starts_at.month(), Some(crate::month()));
        assert!(planned.recordings.iter().all(|key| recordings.contains_key(key.as_str())));
    }
    assert!(plan.links.iter().all(|link| recordings.contains_key(link.object_key.as_str())));
    for file in &plan.recordings {
        assert!(file.copy_of.as_ref().is_none_or(|original| recordings[original.as_str()].copy_of.is_none()));
    }
}

#[test]
fn nobody_is_in_two_places_or_comes_near() {
    for (name, mut times) in whereabouts(&plan()) {
        times.sort();
        for (i, (earlier, purpose)) in times.iter().enumerate() {
            for (later, other) in times[i + 1..].iter().filter(|(_, other)| other != purpose) {
                let apart = later.start - earlier.end;
                // The crew's next act may be two hours away; only a margin of recording may be nearer.
                assert!(apart > Micros::from_s(7000), "{name}: {purpose} and {other} are {apart} apart");
            }
        }
    }
}

#[test]
fn every_container_that_can_have_a_hole_has_one() {
    let plan = plan();
    let recordings = by_key(&plan);
    let holed: BTreeSet<Container> = planted(&plan, Planted::GapInFile)
        .flat_map(|planned| &planned.recordings)
        .map(|key| recordings[key.as_str()].container)
        .collect();
    for container in [Container::Mp4, Container::MpegTs, Container::Matroska] {
        assert!(holed.contains(&container), "{container:?}");
    }
}

#[test]
fn times_are_whole_seconds_and_no_avi_has_a_hole() {
    for file in plan().recordings {
        assert_eq!(file.starts_at.0 % US_PER_S, 0);
        assert_eq!(file.length_us.0 % US_PER_S, 0);
        assert!(file.hole.is_none() || file.container != Container::Avi, "{}", file.key);
        assert!(file.container_says.is_none() || file.container.knows_its_time(), "{}", file.key);
    }
}

/// What an audit does, done again in the simplest way: one look a second.
fn uncovered_seconds(
    planned: &PlannedStage,
    recordings: &BTreeMap<&str, &PlannedRecording>,
) -> Vec<WallTime> {
    let pictures: Vec<IntervalSet<WallTime>> =
        planned.recordings.iter().map(|key| recordings[key.as_str()].picture()).collect();
    let whole = planned.stage.interval();
    (0..whole.length().0 / US_PER_S)
        .map(|second| whole.start + Micros::from_s(second))
        .filter(|&moment| {
            !pictures.iter().flat_map(IntervalSet::iter).any(|span| span.start <= moment && moment < span.end)
        })
        .collect()
}

#[test]
fn the_truth_is_what_the_planned_footage_shows() {
    let plan = plan();
    let recordings = by_key(&plan);
    for planned in plan.stages.iter().filter(|planned| planned.is_obligation()) {
        let id = planned.stage.id();
        let open = uncovered_seconds(planned, &recordings);
        let required_s = planned.stage.interval().length().0 / US_PER_S;
        let covered_s = required_s - i64::try_from(open.len()).unwrap();
        assert_eq!(planned.covered_us, Micros::from_s(covered_s), "{id}");
        let places: IntervalSet<WallTime> =
            planned.findings.iter().filter_map(|finding| finding.at).collect();
        let found = |moment: WallTime| places.iter().any(|at| at.start <= moment && moment < at.end);
        match planned.planted {
            // Nothing to be seen of it, and not missing either: there is a file.
            Some(Planted::Truncated | Planted::ZeroLength) => {
                assert_eq!(covered_s, 0, "{id}");
                assert!(places.is_empty(), "{id}");
            }
            // What is open is within the tolerance.
            Some(Planted::BarelyLate | Planted::ShortSeam) => {
                assert!((1..=3).contains(&open.len()), "{id}: {}", open.len());
                assert_eq!(planned.findings, [], "{id}");
            }
            // There is a picture all the while; what is wrong with it stands in the file.
            Some(Planted::Black | Planted::Frozen | Planted::Muted) => {
                assert_eq!(open, [], "{id}");
                let file = recordings[planned.recordings[0].as_str()];
                let spoilt = file.spoilt.unwrap();
                let start = file.starts_at + spoilt.from_us;
                assert_eq!(places.as_slice(), [Interval::new(start, start + spoilt.length_us)], "{id}");
            }
            what => {
                assert!(
                    open.iter().all(|&moment| found(moment)),
                    "{id} ({what:?}) has a hole without a finding"
                );
                let placed_s = places.length().0 / US_PER_S;
                assert_eq!(placed_s, i64::try_from(open.len()).unwrap(), "{id} ({what:?})");
            }
        }
        if planned.planted.is_none_or(Planted::is_harmless) {
            assert_eq!((planned.status, planned.findings.len()), (Status::Complete, 0), "{id}");
        } else {
            assert_eq!(planned.findings.len(), 1, "{id}");
        }
        let whole = |finding: &ExpectedFinding| finding.code == FindingCode::Missing;
        match planned.status {
            Status::Missing => assert!(planned.findings.iter().all(whole) && covered_s == 0, "{id}"),
            Status::Excused => assert!(planned.findings.iter().all(|f| f.excused.is_some()), "{id}"),
            Status::Partial => {
                assert!(covered_s < required_s && planned.findings[0].excused.is_none(), "{id}");
            }
            Status::Complete => assert!(required_s - covered_s < 40, "{id}"),
        }
    }
}

#[test]
fn faults_are_far_beyond_what_a_clock_can_be_wrong() {
    let plan = plan();
    for planned in plan.stages.iter().filter(|planned| planned.is_obligation()) {
        // Three seconds a day since the morning of the first, and a second and a half beside.
        let error_us =
            (planned.stage.starts_at - at(1, 8, 0)).0 / 86_400 * 3 / 1_000_000 * 1_000_000 + 1_500_000;
        for finding in &planned.findings {
            let Some(at) = finding.at else { continue };
            let slow = planned.planted == Some(Planted::SlowClock);
            match finding.code {
                FindingCode::LateStart | FindingCode::EarlyStop if slow => {
                    assert!(at.length().0 * 2 < error_us, "{}", planned.stage.id());
                }
                FindingCode::LateStart | FindingCode::EarlyStop => {
                    assert!(at.length().0 > error_us + 30_000_000, "{}", planned.stage.id());
                }
                FindingCode::Gap => {
                    let whole = planned.stage.interval();
                    assert!(at.start - whole.start >= Micros::from_s(120), "{}", planned.stage.id());
                    assert!(whole.end - at.end >= Micros::from_s(120), "{}", planned.stage.id());
                }
                _ => {}
            }
        }
    }
}

#[test]
fn a_wrong_clock_is_off_by_the_zone_and_all_others_are_right() {
    let plan = plan();
    let recordings = by_key(&plan);
    let wrong: BTreeSet<&str> = planted(&plan, Planted::ClockOff)
        .flat_map(|planned| planned.recordings.iter().map(String::as_str))
        .collect();
    assert_eq!(wrong.len(), 4);
    for (key, file) in recordings {
        let Some(says) = file.container_says.filter(|_| file.copy_of.is_none()) else { continue };
        let off = if wrong.contains(key) { i64::from(LOCAL_OFFSET_S) } else { 0 };
        assert_eq!(says - file.starts_at, Micros::from_s(off), "{key}");
    }
}

#[test]
fn what_is_planted_in_picture_and_sound_lies_where_footage_is_looked_at() {
    let plan = plan();
    let folders = plan.looked_at();
    let looked_at = |file: &&PlannedRecording| folders.contains(file.key.rsplit_once('/').unwrap().0);
    let to_be_seen = |file: &&PlannedRecording| {
        file.spoilt.is_some() || matches!(file.scene, Scene::Once(_)) || file.encoded_anew_from.is_some()
    };
    assert!(plan.recordings.iter().filter(to_be_seen).all(|file| looked_at(&file)));
    let (all, few) = (plan.recordings.len(), plan.recordings.iter().filter(looked_at).count());
    assert!(few * 4 < all, "{few} of {all}");
}

#[test]
fn no_two_cut_files_keep_as_many_bytes() {
    // Footage of one scene begins with the same bytes: equal cuts could make equal files.
    let plan = plan();
    let mut cuts: Vec<u64> = plan
        .recordings
        .iter()
        .filter_map(|file| match file.damage {
            Damage::CutAt { percent } => Some(percent * u64::try_from(file.length_us.0).unwrap()),
            _ => None,
        })
        .collect();
    cuts.sort_unstable();
    assert!(cuts.len() >= 3 && cuts.windows(2).all(|pair| pair[0] < pair[1]), "{cuts:?}");
}

#[test]
fn excuses_cover_what_they_excuse_and_only_that() {
    let plan = plan();
    for excuse in &plan.excuses {
        let planned = plan
            .stages
            .iter()
            .find(|planned| {
                (&planned.stage.case_no, planned.stage.stage_no) == (&excuse.case_no, excuse.stage_no)
            })
            .unwrap();
        let of = excuse.within(planned.stage.interval());
        let gap = planned.findings[0].at.unwrap();
        let covers = of.start <= gap.start && gap.end <= of.end;
        assert_eq!(covers, planned.planted == Some(Planted::Excused), "{}", planned.stage.id());
        assert_eq!(planned.findings[0].excused, covers.then_some(excuse.reason));
    }
    assert!(plan.excuses.len() >= 4);
}
