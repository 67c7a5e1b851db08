//! That "certain" is certain: every way in which the clocks could have stood is tried.

use catalog::finding::{Certainty, FindingCode};
use catalog::observation::{StartClaim, StartSource};
use catalog::snapshot::Recording;
use catalog::{MediaTime, Micros};

use crate::month::Month;
use crate::random_month::{self, Dice, second, wall};

/// Months in which every recording is of officer 1001, by one of two devices whose clocks were set in
/// time, so that what moves is one error a device and one a recording.
fn month(dice: &mut Dice) -> Month {
    let mut month = random_month::month(dice, 3);
    for device in &mut month.snapshot.devices {
        device.synced_at = Some(wall(-50));
        device.clock_error_us = Some(Micros::from_s(dice.between(0, 3)));
    }
    for stage in &mut month.snapshot.stages {
        stage.officers = vec!["1001".to_owned()];
    }
    for recording in &mut month.snapshot.recordings {
        recording.badge = Some("1001".to_owned());
        recording.device = Some((*dice.pick(&["BWC1", "BWC2"])).to_owned());
        recording.started_at_source = Some(catalog::observation::StartSource::FileName);
        recording.started_at = Some(wall(dice.between(-10, 60)));
        recording.clock_error_us = Micros::from_s(dice.between(0, 1));
        recording.gone = false;
        recording.problems.clear();
    }
    (month.snapshot.excuses, month.snapshot.links) = (Vec::new(), Vec::new());
    month
}

/// Every assignment of shifts to the recordings that the errors admit.
fn assignments(month: &Month) -> Vec<Vec<i64>> {
    let s = |length: Micros| length.0 / 1_000_000;
    let mut of_devices = vec![Vec::new()];
    for serial in ["BWC1", "BWC2"] {
        let device = month.snapshot.devices.iter().find(|device| device.serial == serial).unwrap();
        let used = month.snapshot.recordings.iter().any(|r| r.device.as_deref() == Some(serial));
        let error = if used { s(device.clock_error_us.unwrap()) } else { 0 };
        of_devices = with_each(&of_devices, error);
    }
    let mut all = Vec::new();
    for devices in of_devices {
        let mut shifts: Vec<Vec<i64>> = vec![Vec::new()];
        for recording in &month.snapshot.recordings {
            shifts = with_each(&shifts, s(recording.clock_error_us));
        }
        for mut assignment in shifts {
            for (shift, recording) in assignment.iter_mut().zip(&month.snapshot.recordings) {
                *shift += devices[usize::from(recording.device.as_deref() == Some("BWC2"))];
            }
            all.push(assignment);
        }
    }
    all
}

fn with_each(lists: &[Vec<i64>], error: i64) -> Vec<Vec<i64>> {
    let append = |list: &Vec<i64>, shift| list.iter().copied().chain([shift]).collect();
    lists.iter().flat_map(|list| (-error..=error).map(move |shift| append(list, shift))).collect()
}

/// The picture of each recording, as seconds of the grid.
fn films(month: &Month) -> Vec<Vec<(i64, i64)>> {
    let film = |recording: &Recording| {
        let on_grid =
            |media: MediaTime| second(recording.started_at.unwrap() + (media - recording.origin_us));
        recording.video.iter().map(|span| (on_grid(span.start), on_grid(span.end))).collect()
    };
    month.snapshot.recordings.iter().map(film).collect()
}

/// The runs of the stage's seconds without a picture, every recording moved by its shift.
fn open_runs(films: &[Vec<(i64, i64)>], shifts: &[i64], stage: (i64, i64)) -> Vec<(i64, i64)> {
    let mut filmed = vec![false; usize::try_from(stage.1 - stage.0).unwrap()];
    for (film, shift) in films.iter().zip(shifts) {
        for span in film {
            for s in (span.0 + shift).max(stage.0)..(span.1 + shift).min(stage.1) {
                filmed[usize::try_from(s - stage.0).unwrap()] = true;
            }
        }
    }
    let mut runs: Vec<(i64, i64)> = Vec::new();
    for (s, _) in (stage.0..).zip(filmed).filter(|(_, filmed)| !filmed) {
        match runs.last_mut() {
            Some(run) if run.1 == s => run.1 = s + 1,
            _ => runs.push((s, s + 1)),
        }
    }
    runs
}

#[test]
fn what_is_certain_holds_wherever_the_clocks_stood() {
    let (mut certain, mut within) = (0, 0);
    for seed in 0..1_000 {
        let month = month(&mut Dice::new(seed));
        let tolerances = &month.policy.tolerances;
        let (films, assignments) = (films(&month), assignments(&month));
        for obligation in month.audit().obligations {
            let stage = (second(obligation.starts_at), second(obligation.ends_at));
            for gap in &obligation.gaps {
                let tolerance = match gap.code {
                    FindingCode::LateStart => &tolerances.late_start,
                    FindingCode::EarlyStop => &tolerances.early_stop,
                    _ => &tolerances.gap,
                };
                let tolerance = tolerance.us().0 / 1_000_000;
                let stays = |shifts: &Vec<i64>| {
                    open_runs(&films, shifts, stage).iter().any(|run| {
                        run.1 - run.0 > tolerance || (run == &stage && gap.code == FindingCode::Missing)
                    })
                };
                if gap.certainty == Certainty::Certain {
                    certain += 1;
                    assert!(assignments.iter().all(stays), "seed {seed}, {}: {gap:?}", obligation.id);
                } else {
                    within += 1;
                }
            }
        }
    }
    assert!(certain > 500 && within > 100, "{certain} certain, {within} within clock error");
}

#[test]
fn what_one_recordings_clock_can_explain_is_not_certain() {
    // With one recording and one open end the bound is tight: a shift exists that closes it.
    let mut within = 0;
    for seed in 0..2_000 {
        let mut month = month(&mut Dice::new(seed));
        month.snapshot.recordings.truncate(1);
        let tolerances = &month.policy.tolerances;
        let (films, assignments) = (films(&month), assignments(&month));
        for obligation in month.audit().obligations {
            let [gap] = obligation.gaps.as_slice() else { continue };
            if gap.certainty == Certainty::Certain {
                continue;
            }
            let stage = (second(obligation.starts_at), second(obligation.ends_at));
            let part = (second(gap.start), second(gap.end));
            let (tolerance, at_start) = match gap.code {
                FindingCode::LateStart => (&tolerances.late_start, true),
                FindingCode::EarlyStop => (&tolerances.early_stop, false),
                _ => continue,
            };
            let tolerance = tolerance.us().0 / 1_000_000;
            let closes = |shifts: &Vec<i64>| {
                let runs = open_runs(&films, shifts, stage);
                let at_end = |run: &&(i64, i64)| if at_start { run.0 == stage.0 } else { run.1 == stage.1 };
                runs.iter().find(at_end).is_none_or(|run| run.1 - run.0 <= tolerance)
            };
            within += 1;
            assert!(assignments.iter().any(closes), "seed {seed}, {}: {part:?}", obligation.id);
        }
    }
    assert!(within > 50, "{within}");
}

/// Months like these in which nobody knows when the clocks were set, but two recordings of each device, before
/// and after everything else, have satellite time beside their own; with how far the clocks can have been off.
fn month_with_satellites(dice: &mut Dice) -> (Month, [(i64, i64); 2]) {
    let mut month = month(dice);
    // What is stated of a clock that nobody set must be true of these, too: they are 4 s off at most.
    month.policy.clock.never_synced =
        analyzer::policy::Policy::built_in("jingan-2024").unwrap().clock.never_synced;
    let of_month = month.snapshot.recordings.len();
    let ranges = ["BWC1", "BWC2"].map(|serial| {
        let device = month.snapshot.devices.iter_mut().find(|device| device.serial == serial).unwrap();
        (device.synced_at, device.clock_error_us) = (None, None);
        let (truth, error_s) = (dice.between(-4, 4), dice.between(0, 1));
        let mut range = (i64::MIN, i64::MAX);
        for stamp in [-900, 900] {
            let said = truth + dice.between(-error_s, error_s);
            let claim = |source, at, error_us| StartClaim { source, started_at: wall(at), error_us };
            let mut witness = month
                .snapshot
                .recordings
                .first()
                .cloned()
                .unwrap_or_else(|| random_month::recording(0, dice));
            witness.object_key = format!("{serial}-{stamp}.mp4");
            witness.sha256.clone_from(&witness.object_key);
            witness.device = Some(serial.to_owned());
            witness.badge = None;
            witness.started_at = Some(wall(stamp + said));
            witness.started_at_source = Some(StartSource::Telemetry);
            witness.start_claims = vec![
                claim(StartSource::Telemetry, stamp + said, Micros::ZERO),
                claim(StartSource::FileName, stamp, Micros::from_s(error_s)),
            ];
            month.snapshot.recordings.push(witness);
            range = (range.0.max(said - error_s), range.1.min(said + error_s));
        }
        range
    });
    assert!(month.snapshot.recordings.len() == of_month + 4);
    (month, ranges)
}

#[test]
fn what_is_certain_by_satellites_holds_wherever_the_clocks_stood() {
    let (mut certain, mut gained) = (0, 0);
    for seed in 0..600 {
        let (month, ranges) = month_with_satellites(&mut Dice::new(seed));
        let mut doubted = Month { snapshot: month.snapshot.clone(), policy: month.policy.clone() };
        for recording in &mut doubted.snapshot.recordings {
            recording.start_claims.clear();
        }
        let count = |month: &Month| {
            let audit = month.audit();
            let gaps = audit.obligations.iter().flat_map(|obligation| &obligation.gaps);
            gaps.filter(|gap| gap.certainty == Certainty::Certain).count()
        };
        gained += count(&month).saturating_sub(count(&doubted));

        // The witnesses are far away and stand still.
        let mut assignments = vec![Vec::new()];
        for (low, high) in ranges {
            assignments = assignments
                .iter()
                .flat_map(|list: &Vec<i64>| {
                    (low..=high).map(move |shift| list.iter().copied().chain([shift]).collect())
                })
                .collect();
        }
        let assignments: Vec<Vec<i64>> = assignments
            .iter()
            .flat_map(|devices| {
                let mut shifts: Vec<Vec<i64>> = vec![Vec::new()];
                for recording in &month.snapshot.recordings {
                    let is_witness = recording.started_at_source == Some(StartSource::Telemetry);
                    let error = if is_witness { 0 } else { recording.clock_error_us.0 / 1_000_000 };
                    let of_device = devices[usize::from(recording.device.as_deref() == Some("BWC2"))];
                    shifts = with_each(&shifts, error);
                    for list in &mut shifts {
                        *list.last_mut().unwrap() += if is_witness { 0 } else { of_device };
                    }
                }
                shifts
            })
            .collect();
        let (films, tolerances) = (films(&month), &month.policy.tolerances);
        for obligation in month.audit().obligations {
            let stage = (second(obligation.starts_at), second(obligation.ends_at));
            for gap in obligation.gaps.iter().filter(|gap| gap.certainty == Certainty::Certain) {
                let tolerance = match gap.code {
                    FindingCode::LateStart => &tolerances.late_start,
                    FindingCode::EarlyStop => &tolerances.early_stop,
                    _ => &tolerances.gap,
                };
                let tolerance = tolerance.us().0 / 1_000_000;
                let stays = |shifts: &Vec<i64>| {
                    open_runs(&films, shifts, stage).iter().any(|run| {
                        run.1 - run.0 > tolerance || (run == &stage && gap.code == FindingCode::Missing)
                    })
                };
                certain += 1;
                assert!(assignments.iter().all(stays), "seed {seed}, {}: {gap:?}", obligation.id);
            }
        }
    }
    assert!(certain > 300 && gained > 100, "{certain} certain, {gained} by the satellites");
}
