//! A month that changes, judged again only where it changed: the same bytes as a full audit.

use std::collections::BTreeMap;

use analyzer::audit::{Audit, Changes, Incremental, audit};
use analyzer::policy::Policy;
use catalog::case::{Link, Stage, StageId, StageKind};
use catalog::excuse::{Excuse, ExcuseReason};
use catalog::finding::FindingKind;
use catalog::observation::{Problem, ProblemCode, StartClaim, StartSource};
use catalog::snapshot::{Recording, Snapshot};
use catalog::trace::Picture;
use catalog::unit::{Unit, UnitKind};
use catalog::{MediaTime, Micros, WallTime};
use rayon::prelude::*;

use crate::month::{Film, Month, at};
use crate::random_month::{self, Dice, SERIALS, wall};
use crate::seen::look;

fn id(stage_no: u32) -> StageId {
    StageId { case_no: "A-1".to_owned(), stage_no }
}

/// Few digests, so that many are shared; claims that contradict.
fn colour(recording: &mut Recording, dice: &mut Dice) {
    if dice.one_in(2) {
        recording.sha256 = format!("shared-{}", dice.below(4));
    }
    if let (true, Some(started_at)) = (dice.one_in(4), recording.started_at) {
        recording.start_claims.push(StartClaim {
            source: StartSource::Container,
            started_at: started_at + Micros::from_s(dice.between(-1, 1) * 28_800),
            error_us: Micros::from_s(1),
        });
    }
    if let (true, Some(started_at)) = (dice.one_in(3), recording.started_at) {
        // Satellite time beside the device's own tells of the clock of everything that the device recorded.
        let behind_us = Micros::from_s(dice.between(-2, 2));
        let claim = |source, started_at, error_s| StartClaim {
            source,
            started_at,
            error_us: Micros::from_s(error_s),
        };
        recording.start_claims.push(claim(StartSource::Telemetry, started_at + behind_us, 0));
        recording.start_claims.push(claim(StartSource::FileName, started_at, 1));
    }
    if dice.one_in(6) {
        // Seen in time: what has the same bytes was moved, and did not come late.
        recording.arrival.seen_at = Some(wall(1_000));
    }
    if dice.one_in(8) {
        recording.version = 2;
        recording.first_sha256 = Some("first".to_owned());
    }
    if dice.one_in(16) {
        recording.problems.push(Problem::new(ProblemCode::Truncated, "cut off"));
    }
}

fn stage_number(dice: &mut Dice) -> u32 {
    u32::try_from(dice.between(1, 6)).unwrap()
}

/// One thing or a few, at random: what people and devices do to a month.
fn changes(snapshot: &Snapshot, policy: &Policy, dice: &mut Dice) -> Changes {
    let mut changes = Changes::default();
    for _ in 0..=dice.below(3) {
        match dice.below(13) {
            // New footage, or other bytes under a key that is there.
            0..4 => {
                let mut recording = random_month::recording(dice.below(60), dice);
                colour(&mut recording, dice);
                changes.recordings.insert(recording.object_key.clone(), vec![recording]);
            }
            4 => {
                let mut recording = random_month::recording(dice.below(60), dice);
                recording.gone = true;
                changes.recordings.insert(recording.object_key.clone(), vec![recording]);
            }
            5 => {
                if let Some(recording) = snapshot.recordings.first() {
                    changes.recordings.insert(recording.object_key.clone(), Vec::new());
                }
            }
            6 => {
                let stage_no = stage_number(dice);
                let start = dice.between(0, 50);
                let stage = (!dice.one_in(3)).then(|| Stage {
                    case_no: "A-1".to_owned(),
                    stage_no,
                    kind: if dice.one_in(6) { StageKind::LegalReview } else { StageKind::Seizure },
                    starts_at: wall(start),
                    ends_at: wall(start + dice.between(1, 25)),
                    officers: ["1001", "1002", "1003"]
                        .iter()
                        .filter(|_| !dice.one_in(3))
                        .map(|&badge| badge.to_owned())
                        .collect(),
                    place: String::new(),
                });
                changes.stages.insert(id(stage_no), stage);
            }
            7 => {
                let stage_no = stage_number(dice);
                let links = (0..dice.below(3))
                    .map(|_| Link {
                        case_no: "A-1".to_owned(),
                        stage_no,
                        object_key: format!("key-{}", dice.below(60)),
                    })
                    .collect();
                changes.links.insert(id(stage_no), links);
            }
            8 => {
                let stage_no = stage_number(dice);
                let excuses = (0..dice.below(3))
                    .map(|_| Excuse {
                        case_no: "A-1".to_owned(),
                        stage_no,
                        reason: *dice.pick(&[ExcuseReason::Fault, ExcuseReason::Urgency]),
                        note: String::new(),
                        recorded_by: String::new(),
                        recorded_at: wall(dice.between(100, 200)),
                        starts_at: (!dice.one_in(2)).then(|| wall(dice.between(0, 60))),
                        ends_at: None,
                    })
                    .collect();
                changes.excuses.insert(id(stage_no), excuses);
            }
            9 => {
                let serial = *dice.pick(&SERIALS);
                let device = (!dice.one_in(4)).then(|| random_month::device(serial, dice));
                changes.devices.insert(serial.to_owned(), device);
            }
            10 | 11 => {
                let sha256 = match dice.below(2) {
                    0 => format!("shared-{}", dice.below(4)),
                    _ => format!("digest-{}", dice.below(60)),
                };
                let looks = if dice.one_in(4) { Vec::new() } else { vec![look(&sha256, policy, dice)] };
                changes.looks.insert(sha256, looks);
            }
            _ => match dice.below(3) {
                0 => changes.as_of = Some(wall(dice.between(20, 120))),
                1 => {
                    let mut cases = snapshot.cases.clone();
                    for case in &mut cases {
                        case.unit = format!("SQ{}", dice.between(1, 3));
                    }
                    let known = !dice.one_in(3);
                    let case = cases.pop().filter(|_| known);
                    changes.cases.insert("A-1".to_owned(), case);
                }
                _ => {
                    let unit = Unit {
                        code: "SQ2".to_owned(),
                        name: format!("中队 {}", dice.below(9)),
                        kind: UnitKind::Squad,
                        parent: None,
                    };
                    changes.units = Some(vec![unit]);
                }
            },
        }
    }
    changes
}

/// What the changes make of a month, list by list.
fn changed(snapshot: &mut Snapshot, changes: &Changes) {
    snapshot.as_of = changes.as_of.unwrap_or(snapshot.as_of);
    snapshot.recordings.retain(|recording| !changes.recordings.contains_key(&recording.object_key));
    snapshot.recordings.extend(changes.recordings.values().flatten().cloned());
    snapshot.recordings.sort_by(|a, b| a.object_key.cmp(&b.object_key));
    snapshot.stages.retain(|stage| !changes.stages.contains_key(&stage.id()));
    snapshot.stages.extend(changes.stages.values().flatten().cloned());
    let of = |case_no: &str, stage_no| StageId { case_no: case_no.to_owned(), stage_no };
    snapshot.links.retain(|link| !changes.links.contains_key(&of(&link.case_no, link.stage_no)));
    snapshot.links.extend(changes.links.values().flatten().cloned());
    snapshot.excuses.retain(|excuse| !changes.excuses.contains_key(&of(&excuse.case_no, excuse.stage_no)));
    snapshot.excuses.extend(changes.excuses.values().flatten().cloned());
    snapshot.devices.retain(|device| !changes.devices.contains_key(&device.serial));
    snapshot.devices.extend(changes.devices.values().flatten().cloned());
    snapshot.cases.retain(|case| !changes.cases.contains_key(&case.case_no));
    snapshot.cases.extend(changes.cases.values().flatten().cloned());
    snapshot.looks.retain(|look| !changes.looks.contains_key(&look.sha256));
    snapshot.looks.extend(changes.looks.values().flatten().cloned());
    snapshot.looks.sort_by(|a, b| a.sha256.cmp(&b.sha256));
    if let Some(units) = &changes.units {
        snapshot.units.clone_from(units);
    }
}

/// A random month, of half of whose recordings it is known what they show.
fn month(dice: &mut Dice) -> Month {
    let mut month = random_month::month(dice, 24);
    for recording in &mut month.snapshot.recordings {
        colour(recording, dice);
    }
    // What a policy lets pass in minutes, these months have in seconds.
    let short = month.policy.tolerances.gap.clone();
    for tolerance in [&mut month.policy.tolerances.black, &mut month.policy.tolerances.silent] {
        tolerance.clone_from(&short);
    }
    let digests: std::collections::BTreeSet<String> =
        month.snapshot.recordings.iter().map(|recording| recording.sha256.clone()).collect();
    for sha256 in digests {
        if dice.one_in(2) {
            month.snapshot.looks.push(look(&sha256, &month.policy, dice));
        }
    }
    month
}

fn text(audit: &Audit) -> String {
    serde_json::to_string_pretty(audit).unwrap()
}

/// What a month met of what the test is about; panics where an update differs from a full audit.
fn compare(seed: u64) -> BTreeMap<String, u32> {
    let mut dice = Dice::new(seed);
    let mut month = month(&mut dice);
    let mut updated = Incremental::new(month.snapshot.clone(), month.policy.clone());
    let mut refreshed = Incremental::new(month.snapshot.clone(), month.policy.clone());
    assert_eq!(text(updated.audit()), text(&audit(&month.snapshot, &month.policy)), "seed {seed}");
    let mut met = BTreeMap::new();
    let mut meet = |case: &str| *met.entry(case.to_owned()).or_default() += 1;
    for step in 0..=dice.below(6) {
        let changes = changes(&month.snapshot, &month.policy, &mut dice);
        changed(&mut month.snapshot, &changes);
        let full = audit(&month.snapshot, &month.policy);
        let (found, judged) = updated.update(&changes);
        assert!(
            text(found) == text(&full),
            "seed {seed}, step {step}: {changes:#?}\n{}\n{}",
            text(found),
            text(&full)
        );
        refreshed.refresh(month.snapshot.clone());
        assert_eq!(text(refreshed.audit()), text(&full), "seed {seed}, step {step}: {changes:#?}");

        if judged < full.obligations.len() {
            meet("not all judged");
        }
        if !full.clocks.is_empty() {
            meet("clocks");
        }
        for finding in full.obligations.iter().flat_map(|one| &one.findings) {
            meet(finding.kind.code().as_str());
            if matches!(finding.kind, FindingKind::Reused { alike_us: Some(_), .. }) {
                meet("reused by pictures");
            }
        }
        for evidence in full.obligations.iter().flat_map(|one| &one.evidence) {
            if !evidence.heard_with.is_empty() {
                meet("heard with");
            }
        }
        for finding in full.outside.iter().flat_map(|outside| &outside.findings) {
            meet(&format!("{} outside", finding.kind.code()));
        }
    }
    met
}

#[test]
fn after_any_changes_the_bytes_are_those_of_a_full_audit() {
    let met = (0..600_u64).into_par_iter().map(compare).reduce(BTreeMap::new, |mut all, met| {
        for (case, times) in met {
            *all.entry(case).or_default() += times;
        }
        all
    });
    // What the months never met, they say nothing about.
    for case in [
        "not all judged",
        "clocks",
        "reused",
        "reused by pictures",
        "heard with",
        "black",
        "silent",
        "frozen",
        "late_upload",
        "late_upload outside",
        "unattributed outside",
        "not_uploaded",
        "gap",
        "missing",
        "altered",
        "clock_off",
    ] {
        assert!(met.get(case).is_some_and(|&times| times >= 10), "{case} in {met:#?}");
    }
}

/// Three stages of one day and the footage of the first.
fn day() -> Month {
    Month::new()
        .stage("10:00:00", "10:10:00")
        .stage("11:00:00", "11:10:00")
        .stage("12:00:00", "12:10:00")
        .film(Film::first("a", "10:00:00", "10:10:00"))
}

fn now(film: Film) -> Changes {
    let recording = film.0;
    Changes {
        recordings: BTreeMap::from([(recording.object_key.clone(), vec![recording])]),
        ..Changes::default()
    }
}

#[test]
fn new_footage_judges_the_stage_it_belongs_to_and_no_other() {
    let month = day();
    let mut kept = Incremental::new(month.snapshot, month.policy);
    assert_eq!((kept.audit().totals.complete, kept.audit().totals.missing), (1, 2));
    let (audit, judged) = kept.update(&now(Film::first("b", "11:00:00", "11:10:00")));
    assert_eq!(judged, 1);
    assert_eq!((audit.totals.complete, audit.totals.missing), (2, 1));
}

#[test]
fn footage_of_another_time_judges_nothing() {
    let month = day();
    let mut kept = Incremental::new(month.snapshot, month.policy);
    let (_, judged) = kept.update(&now(Film::first("b", "15:00:00", "15:10:00")));
    assert_eq!(judged, 0);
}

#[test]
fn a_double_judges_the_stage_of_what_it_doubles_too() {
    let month = day();
    let mut kept = Incremental::new(month.snapshot, month.policy);
    let double = Film::first("b", "12:00:00", "12:10:00").digest("digest of a");
    let first = Film::first("a", "10:00:00", "10:10:00").digest("digest of a");
    kept.update(&now(first));
    let (audit, judged) = kept.update(&now(double));
    assert_eq!(judged, 2);
    assert!(audit.obligations[0].findings.iter().any(|finding| finding.kind.code().as_str() == "reused"));
}

#[test]
fn a_stage_is_judged_once_it_has_ended() {
    let mut month = day();
    month.snapshot.as_of = at("11:30:00");
    let mut kept = Incremental::new(month.snapshot, month.policy);
    assert_eq!(kept.audit().totals.obligations, 2);
    let (audit, judged) = kept.update(&Changes { as_of: Some(at("12:10:00")), ..Changes::default() });
    assert_eq!((judged, audit.totals.obligations), (1, 3));
}

#[test]
fn a_recording_that_shows_what_another_shows_judges_the_stage_of_the_other_too() {
    let mut dice = Dice::new(7);
    let mut month = day();
    let mut seen = |sha256: &str| {
        let mut look = look(sha256, &month.policy, &mut dice);
        look.options = month.policy.inspect.options();
        (look.inspection.black, look.inspection.frozen, look.inspection.silent) = Default::default();
        look.pictures = (0..60)
            .map(|at| Picture {
                at_us: MediaTime(at * 500_000),
                bits: Dice::new(at.cast_unsigned()).below(u64::MAX),
            })
            .collect();
        look
    };
    let (of_a, of_b) = (seen("digest of a"), seen("digest of b"));
    month.snapshot.looks.push(of_a);
    let first = Film::first("a", "10:00:00", "10:10:00").digest("digest of a");
    month.snapshot.recordings = vec![first.0];
    let mut kept = Incremental::new(month.snapshot, month.policy);
    let copy = Film::second("b", "12:00:00", "12:10:00").digest("digest of b");
    let (_, judged) = kept.update(&now(copy));
    assert_eq!(judged, 1, "nobody looked at it yet");
    let looked =
        |looks| Changes { looks: BTreeMap::from([("digest of b".to_owned(), looks)]), ..Changes::default() };
    let (audit, judged) = kept.update(&looked(vec![of_b]));
    assert_eq!(judged, 2);
    let reused = |audit: &Audit| {
        let findings = audit.obligations.iter().flat_map(|one| &one.findings);
        findings.filter(|finding| finding.kind.code().as_str() == "reused").count()
    };
    assert_eq!(reused(audit), 2);
    let (audit, judged) = kept.update(&looked(Vec::new()));
    assert_eq!((reused(audit), judged), (0, 2));
}

#[test]
fn the_passing_of_time_alone_judges_nothing_and_counts_the_time_left_anew() {
    let month = day().manifest("BWC1", "0007.MP4", "11:00:00", "11:10:00").looked_at("2024-05-08 12:00");
    let full = |as_of: &str| {
        let snapshot = Snapshot { as_of: WallTime::parse(as_of).unwrap(), ..month.snapshot.clone() };
        audit(&snapshot, &month.policy)
    };
    let mut kept = Incremental::new(month.snapshot.clone(), month.policy.clone());
    let later = |as_of: &str| Changes { as_of: WallTime::parse(as_of).ok(), ..Changes::default() };
    for (as_of, expected) in [
        ("2024-05-08 12:00:01", 0),
        ("2024-05-12 09:00", 0),
        ("2024-05-08 11:00", 0),
        // A week after its end the device may have overwritten the file.
        ("2024-05-13 11:10:01", 3),
        ("2024-05-20 09:00", 0),
    ] {
        let (found, judged) = kept.update(&later(as_of));
        assert_eq!(text(found), text(&full(as_of)), "{as_of}");
        assert_eq!(judged, expected, "{as_of}");
    }
}
