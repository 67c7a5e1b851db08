//! One obligation: from its footage to its findings and its status.
//!
//! The status speaks of completeness alone. Only what is certain and not excused takes it away: a
//! break that a clock's error explains is shown, and blames nobody. Sound, alterations, clocks and
//! reuse are matters of regularity; they have findings and leave the status as it is.

use std::collections::HashMap;

use catalog::case::Stage;
use catalog::finding::{Certainty, Finding, FindingCode, Severity};
use catalog::{Interval, Micros};

use super::breaks::Break;
use super::clock_claims;
use super::crew;
use super::excuses::StageExcuses;
use super::faults;
use super::footage::{Footage, Piece, covered_us};
use super::heard;
use super::looks::{self, Looks};
use super::report::{Evidence, EvidenceRole, Gap, Obligation, ObligationStatus};
use super::reuse::Reuse;
use super::sessions::{chain, is_seam};
use super::sound;
use super::take::{Standing, Take};
use super::unreadable;
use crate::policy::Policy;

/// What judging needs beside the obligation itself.
pub(super) struct Bench<'b, 'a> {
    pub(super) takes: &'b [Take<'a>],
    pub(super) reuse: &'b Reuse,
    pub(super) looks: &'b Looks<'a>,
    pub(super) late: &'b HashMap<usize, Finding>,
    pub(super) policy: &'b Policy,
}

/// Judges one obligation.
pub(super) fn judge(
    stage: &Stage,
    unit: Option<&str>,
    footage: &Footage,
    held: &[Finding],
    excuses: &StageExcuses,
    bench: &Bench<'_, '_>,
) -> Obligation {
    let running = footage.running(bench.takes);
    let judged = judge_running(stage, unit, footage, &running, held, excuses, bench);
    let in_doubt = judged.findings.iter().any(|finding| finding.certainty == Certainty::WithinClockError);
    let Some(tied) = in_doubt.then(|| heard::tied(&running, bench.looks)).flatten() else { return judged };
    let running: Vec<&Take<'_>> = tied.iter().collect();
    let mut judged = judge_running(stage, unit, footage, &running, held, excuses, bench);
    for (key, heard_with) in heard::evidence(&tied) {
        for evidence in judged.evidence.iter_mut().filter(|evidence| evidence.object_key == key) {
            evidence.heard_with.clone_from(&heard_with);
        }
    }
    judged
}

/// Judges one obligation by these of its recordings, the readable ones that ran or could have.
fn judge_running(
    stage: &Stage,
    unit: Option<&str>,
    footage: &Footage,
    running: &[&Take<'_>],
    held: &[Finding],
    excuses: &StageExcuses,
    bench: &Bench<'_, '_>,
) -> Obligation {
    let Bench { takes, reuse, looks, late, policy } = *bench;
    let whole = stage.interval();
    let unreadable: Vec<&Take<'_>> = footage
        .pieces
        .iter()
        .map(|piece| &takes[piece.take])
        .filter(|take| take.standing == Standing::Unreadable)
        .collect();

    let mut breaks: Vec<Break> = footage
        .uncovered
        .iter()
        .filter(|part| policy.session.as_ref().is_none_or(|rules| !is_seam(**part, running, rules)))
        .filter_map(|part| Break::judge(*part, whole, running, &policy.tolerances, excuses))
        .collect();
    unreadable::explain(&mut breaks, &unreadable, running);

    let mut findings: Vec<Finding> = breaks.iter().filter_map(Break::finding).collect();
    findings.extend_from_slice(held);
    findings.extend(policy.crew.as_ref().and_then(|rule| crew::judge(whole, running, rule, excuses)));
    findings.extend(sound::judge(whole, running, policy.tolerances.no_audio.us(), excuses));
    findings.extend(looks::judge(whole, running, looks, policy, excuses));
    for (i, take) in unreadable.iter().enumerate() {
        let held: Vec<&Break> = breaks.iter().filter(|part| part.may_be_in == Some(i)).collect();
        findings.extend(faults::problems(take.recording, &held));
    }
    for piece in &footage.pieces {
        findings.extend(regularity(stage, *piece, takes, reuse, policy));
        findings.extend(late.get(&piece.take).cloned());
    }
    findings.sort_by(|a, b| {
        let order = |finding: &Finding| (finding.kind.code(), finding.at);
        order(a)
            .cmp(&order(b))
            .then_with(|| a.recordings.cmp(&b.recordings))
            .then_with(|| a.kind.cmp(&b.kind))
    });

    let uncovered_us = footage.uncovered.length();
    let broken_us: Micros = breaks.iter().map(|part| part.gap.length_us).sum();
    let gaps: Vec<Gap> = breaks.into_iter().map(|part| part.gap).collect();
    let required_us = whole.length();
    let stored = |piece: &&Piece| takes[piece.take].standing != Standing::Gone;
    Obligation {
        id: stage.id().to_string(),
        case_no: stage.case_no.clone(),
        stage_no: stage.stage_no,
        kind: stage.kind,
        unit: unit.map(str::to_owned),
        starts_at: stage.starts_at,
        ends_at: stage.ends_at,
        officers: stage.officers.clone(),
        place: stage.place.clone(),
        required_us,
        covered_us: required_us - uncovered_us,
        tolerated_us: uncovered_us - broken_us,
        excused_us: gaps.iter().filter(|gap| gap.excused.is_some()).map(|gap| gap.length_us).sum(),
        status: status(&gaps),
        gaps,
        recordings: footage
            .pieces
            .iter()
            .filter(stored)
            .map(|piece| takes[piece.take].recording.object_key.clone())
            .collect(),
        sessions: policy.session.as_ref().map(|rules| chain(running, rules)).unwrap_or_default(),
        evidence: footage.pieces.iter().map(|piece| evidence(*piece, whole, takes)).collect(),
        unresolved_links: footage.unresolved_links.clone(),
        findings,
    }
}

fn status(gaps: &[Gap]) -> ObligationStatus {
    let blamed = || gaps.iter().filter(|gap| gap.certainty == Certainty::Certain);
    let mut unexcused = blamed().filter(|gap| gap.excused.is_none()).peekable();
    if unexcused.peek().is_none() {
        return if blamed().next().is_some() {
            ObligationStatus::Excused
        } else {
            ObligationStatus::Complete
        };
    }
    if unexcused.any(|gap| gap.code == FindingCode::Missing) {
        ObligationStatus::Missing
    } else {
        ObligationStatus::Partial
    }
}

/// What is irregular about one recording of the stage, whatever it covers.
fn regularity(
    stage: &Stage,
    piece: Piece,
    takes: &[Take<'_>],
    reuse: &Reuse,
    policy: &Policy,
) -> Vec<Finding> {
    let take = &takes[piece.take];
    if take.standing == Standing::Gone {
        return Vec::new();
    }
    let mut findings: Vec<Finding> = faults::altered(take.recording).into_iter().collect();
    if take.standing == Standing::Unreadable {
        return findings;
    }
    findings.extend(faults::problems(take.recording, &[]));
    let about = |kind, severity, recordings| Finding {
        kind,
        severity,
        certainty: Certainty::Certain,
        at: None,
        recordings,
        excused: None,
    };
    for found in clock_claims::contradictions(take, &policy.clock) {
        if !reuse.explains(&found, piece.take, takes, &policy.clock) {
            findings.push(about(found.into(), Severity::Notice, vec![take.recording.object_key.clone()]));
        }
    }
    for (kind, recordings) in reuse.judge(stage, piece, takes, &policy.clock) {
        findings.push(about(kind, Severity::Irregular, recordings));
    }
    findings
}

fn evidence(piece: Piece, whole: Interval<catalog::WallTime>, takes: &[Take<'_>]) -> Evidence {
    let take = &takes[piece.take];
    let recording = take.recording;
    let readable = take.standing == Standing::Readable;
    let covers_us = if readable { covered_us(take.video_in(whole), whole) } else { Micros::ZERO };
    let role = match take.standing {
        Standing::Gone => EvidenceRole::Gone,
        Standing::Unreadable => EvidenceRole::Unreadable,
        Standing::Readable if covers_us > Micros::ZERO => EvidenceRole::Covers,
        Standing::Readable => EvidenceRole::CoversNothing,
    };
    Evidence {
        object_key: recording.object_key.clone(),
        role,
        linked: piece.linked,
        device: recording.device.clone(),
        badge: recording.badge.clone(),
        started_at: recording.started_at,
        clock_error_us: take.clock.error_us,
        covers_us,
        heard_with: Vec::new(),
    }
}
