//! The audit of one month: was the whole of each enforcement act recorded, and where not?
//!
//! The question is asked of *obligations*, never of files: a recording that was never made is in no
//! list of recordings. An obligation is a stage of a case that policy says must be recorded in full
//! and that had ended when the month was looked at. What counts are seconds: one clip that touches a
//! stage does not make it recorded.
//!
//! # The way through
//!
//! 1. `take`: every recording is placed on the street's time, with the error of its clock (`clock`).
//! 2. [`crate::lanes`]: the takes are indexed by officer and start.
//! 3. `footage`: every obligation gathers its recordings and what they leave uncovered.
//! 4. `unreadable`: every file that cannot be read is attributed to one obligation; `reuse`: what
//!    stands for more than one thing is found.
//! 5. `arrival`, `held`, `outside`: what was stored late, what devices say they recorded and nobody stored,
//!    and what belongs to no obligation.
//! 6. `judge`: every obligation is judged. `breaks` names what is uncovered, `certainty` says
//!    what the clocks' errors leave of it, `excuses` what is excused, `sessions` which
//!    files are one take, `heard` which were tied to one another by their sound, `sound`, `looks`, `crew`, `faults` and `clock_claims` what else is irregular.
//!
//! What each finding means, and its limits, stands in docs/findings.md.
//!
//! # Purity and cost
//!
//! Nothing here reads a clock, a file or the network, and nothing depends on the order in which the
//! snapshot lists things or on how many threads work: every parallel step maps independent items and
//! collects them in order, every list is brought into a total order. With `n` recordings, `m`
//! obligations and `k` matches in all, time is O(n log n + m log n + k) spread over rayon's threads
//! (see [`crate::lanes`] for the small print), memory O(n + k).

mod arrival;
mod breaks;
mod certainty;
mod clock;
mod clock_claims;
mod crew;
mod excuses;
mod faults;
mod footage;
mod heard;
mod held;
mod incremental;
mod judge;
mod looks;
mod outside;
mod part;
mod report;
mod reuse;
mod sessions;
mod sound;
mod take;
mod unreadable;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use catalog::case::Stage;
use catalog::finding::FindingCode;
use catalog::snapshot::Snapshot;
use catalog::unit::Unit;
use rayon::prelude::*;

pub(crate) use clock::device_error_us;
pub(crate) use held::held_until;
pub use incremental::{Changes, Incremental};
pub use report::{
    Audit, Evidence, EvidenceRole, FindingTotals, Gap, HeardWith, Obligation, ObligationStatus, Outside,
    Session, Totals, UnconfirmedFigure, UnitTotals,
};

use crate::clocks::Clocks;
use crate::pictures::Alike;
use crate::policy::{Days, Length, Policy, ReconcileRules, Source};
use excuses::Excuses;
use footage::{Footage, Links};
use held::Held;
use judge::Bench;
use looks::Looks;
use reuse::Reuse;
use take::{LaneOf, Take};

/// Judges every obligation of the snapshot's month under `policy`.
///
/// The same snapshot and policy give the same audit, on any number of threads.
pub fn audit(snapshot: &Snapshot, policy: &Policy) -> Audit {
    let clocks = Clocks::new(snapshot.recordings.iter(), snapshot.devices.iter(), &policy.clock);
    audit_with(snapshot, policy, &Known { clocks: &clocks, alike: None })
}

/// What is known of a whole month, where the snapshot is a part of it.
struct Known<'k> {
    /// The clocks.
    clocks: &'k Clocks,
    /// Which recordings show the same, by digest, the lesser first; `None`: the snapshot tells.
    alike: Option<&'k [(String, String, Alike)]>,
}

/// The same, with what is known of the whole month.
fn audit_with(snapshot: &Snapshot, policy: &Policy, known: &Known<'_>) -> Audit {
    let clocks = known.clocks;
    let stages = obligations(snapshot, policy);
    let lane_of: LaneOf<'_> = stages
        .iter()
        .flat_map(|stage| &stage.officers)
        .map(String::as_str)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .zip(0..)
        .collect();
    let devices = snapshot.devices.iter().map(|device| (device.serial.as_str(), device)).collect();
    let takes: Vec<Take<'_>> = snapshot
        .recordings
        .par_iter()
        .map(|recording| Take::new(recording, &devices, &lane_of, &policy.clock).tightened(clocks))
        .collect();
    let lanes = footage::index(&takes);
    let links = Links::new(&snapshot.links, &snapshot.recordings);

    let mut footage: Vec<Footage> =
        stages.par_iter().map(|stage| footage::gather(stage, &takes, &lanes, &lane_of, &links)).collect();
    unreadable::attribute(&stages, &mut footage, &takes, &lane_of, &links, &policy.tolerances);
    let looks = Looks::new(&snapshot.looks, policy);
    let compared = if known.alike.is_none() { reuse::pairs(&takes, &looks) } else { Vec::new() };
    let reuse = Reuse::new(&takes, &stages, &footage, &links, known.alike.unwrap_or(&compared));

    let excuses = Excuses::new(&snapshot.excuses, policy);
    let unit_of: HashMap<&str, &str> =
        snapshot.cases.iter().map(|case| (case.case_no.as_str(), case.unit.as_str())).collect();
    let late = policy.upload.as_ref().map(|rules| arrival::late(&takes, rules)).unwrap_or_default();
    let held = Held::new(snapshot, policy, &stages, &lane_of);
    let bench = Bench { takes: &takes, reuse: &reuse, looks: &looks, late: &late, policy };
    let obligations: Vec<Obligation> = stages
        .par_iter()
        .zip(&footage)
        .enumerate()
        .map(|(i, (stage, footage))| {
            let unit = unit_of.get(stage.case_no.as_str()).copied();
            judge::judge(stage, unit, footage, held.of(i), &excuses.of(stage), &bench)
        })
        .collect();
    let mut outside = outside::outside(snapshot, &takes, &footage, &links, &late);
    outside.extend(held.outside);

    let (totals, units) = sum_up(&obligations, &snapshot.units);
    Audit {
        month: snapshot.month,
        policy: policy.name.clone(),
        as_of: snapshot.as_of,
        totals,
        units,
        obligations,
        outside_findings: count_outside(&outside),
        outside,
        clocks: clocks.report(),
        to_be_confirmed: unconfirmed_figures(policy),
    }
}

/// The stages that policy says must be recorded and that had ended, in order.
fn obligations<'a>(snapshot: &'a Snapshot, policy: &Policy) -> Vec<&'a Stage> {
    let mut stages: Vec<&Stage> = snapshot
        .stages
        .iter()
        .filter(|stage| policy.obligations.stages.contains(&stage.kind) && stage.ends_at <= snapshot.as_of)
        .collect();
    stages.sort_unstable_by(|a, b| {
        let order = |stage: &Stage| (stage.stage_no, stage.starts_at, stage.ends_at, stage.kind);
        a.case_no.cmp(&b.case_no).then_with(|| order(a).cmp(&order(b)))
    });
    stages
}

/// The findings outside of obligations by code.
fn count_outside(outside: &[Outside]) -> BTreeMap<FindingCode, FindingTotals> {
    let mut totals = BTreeMap::new();
    for outside in outside {
        report::count(&mut totals, &outside.findings);
    }
    totals
}

/// The sums over all obligations, and those of each unit.
fn sum_up(obligations: &[Obligation], units: &[Unit]) -> (Totals, Vec<UnitTotals>) {
    let names: HashMap<&str, &str> =
        units.iter().map(|unit| (unit.code.as_str(), unit.name.as_str())).collect();
    let mut all = Totals::default();
    let mut by_unit: BTreeMap<Option<&str>, Totals> = BTreeMap::new();
    for obligation in obligations {
        all.add(obligation);
        by_unit.entry(obligation.unit.as_deref()).or_default().add(obligation);
    }
    let of_unit = |(unit, totals): (Option<&str>, Totals)| UnitTotals {
        unit: unit.map(str::to_owned),
        name: unit.and_then(|unit| names.get(unit)).map(|&name| name.to_owned()),
        totals,
    };
    (all, by_unit.into_iter().map(of_unit).collect())
}

/// The figures of `policy` that an audit rests on and that no public text confirms.
pub(crate) fn unconfirmed_figures(policy: &Policy) -> Vec<UnconfirmedFigure> {
    let length = |figure, length: &'_ Length| (figure, Some(length.us()), length.source.clone());
    let mut figures: Vec<(&'static str, Option<catalog::Micros>, Source)> = vec![
        ("obligations.stages", None, policy.obligations.source.clone()),
        length("tolerances.late_start", &policy.tolerances.late_start),
        length("tolerances.early_stop", &policy.tolerances.early_stop),
        length("tolerances.gap", &policy.tolerances.gap),
        length("tolerances.no_audio", &policy.tolerances.no_audio),
        length("tolerances.black", &policy.tolerances.black),
        length("tolerances.frozen", &policy.tolerances.frozen),
        length("tolerances.silent", &policy.tolerances.silent),
        length("tolerances.unreadable_reach", &policy.tolerances.unreadable_reach),
        length("clock.drift_per_day", &policy.clock.drift_per_day),
        length("clock.never_synced", &policy.clock.never_synced),
        length("clock.disagreement", &policy.clock.disagreement),
        ("excuses.reasons", None, policy.excuses.source.clone()),
    ];
    if let Some(crew) = &policy.crew {
        figures.push(length("crew", &crew.length));
    }
    if let Some(session) = &policy.session {
        figures.extend([length("session.seam", &session.seam), length("session.overlap", &session.overlap)]);
    }
    if let Some(upload) = &policy.upload {
        figures.extend([length("upload.deadline", &upload.deadline), length("upload.duty", &upload.duty)]);
    }
    if let Some(ReconcileRules { differs, held }) = &policy.reconcile {
        let days = |figure, days: &Days| (figure, Some(days.us()), days.source.clone());
        figures.extend([
            length("reconcile.differs", differs),
            days("reconcile.held.bodycam", &held.bodycam),
            days("reconcile.held.drone", &held.drone),
            days("reconcile.held.vehicle", &held.vehicle),
            days("reconcile.held.dock", &held.dock),
        ]);
    }
    UnconfirmedFigure::among(figures)
}
