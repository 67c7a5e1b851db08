//! Which stage a file stands for that cannot be read.
//!
//! A file without an index, or one that is damaged beyond reading, has no known length. Its key still
//! says whose it is and when it began. A stage whose recording is there but cannot be shown is not
//! *missing*, and the file must not excuse several stages at once, so it is attributed to one:
//!
//! - where a person linked its key, to the stages of the links and no others;
//! - otherwise to a stage of its officer (or its device's holder) that was going on when it began, or
//!   that began within the reach that policy sets after that. Of several, the first that lacks
//!   footage from the file's start onwards; if none lacks any, simply the first.
//!
//! Of the stage's uncovered parts the file may hold those that end after it began, up to where the
//! next file of the same device begins: one recorder does not write two files at once.

use catalog::case::Stage;
use catalog::finding::FindingCode;
use catalog::observation::{Problem, ProblemCode};
use catalog::{Interval, Micros, WallTime};
use rayon::prelude::*;

use super::breaks::Break;
use super::footage::{Footage, Links, Piece, by_key, number};
use super::take::{LaneOf, Standing, Take};
use crate::lanes::{Entry, Lanes};
use crate::policy::Tolerances;

/// Adds every unreadable file that no link speaks of to the footage of the stage it stands for.
pub(super) fn attribute(
    stages: &[&Stage],
    footage: &mut [Footage],
    takes: &[Take<'_>],
    lane_of: &LaneOf<'_>,
    links: &Links<'_>,
    tolerances: &Tolerances,
) {
    let unreadable: Vec<usize> = takes
        .par_iter()
        .enumerate()
        .filter(|(_, take)| take.standing == Standing::Unreadable)
        .filter(|(_, take)| links.stages(&take.recording.object_key).is_empty())
        .map(|(i, _)| i)
        .collect();
    if unreadable.is_empty() {
        return;
    }
    let entries = stages.iter().enumerate().flat_map(|(item, stage)| {
        let lanes = stage.officers.iter().filter_map(|badge| lane_of.get(badge.as_str()).copied());
        lanes.map(move |lane| Entry { lane, interval: stage.interval(), item: number(item) })
    });
    let lanes = Lanes::new(&entries.collect::<Vec<_>>());
    let reach_us = tolerances.unreadable_reach.us();
    let longest_us = tolerances.late_start.us().max(tolerances.early_stop.us()).max(tolerances.gap.us());
    let chosen: Vec<(usize, usize)> = {
        let footage = &*footage;
        unreadable
            .par_iter()
            .filter_map(|&i| {
                let take = &takes[i];
                let began = take.recording.started_at?;
                // `meeting` is half-open; a stage that begins exactly at the reach still counts.
                let window = Interval::new(began, began + reach_us + Micros(1));
                let lacks = |stage: usize| {
                    let from = Interval::new(began - take.clock.error_us, WallTime(i64::MAX));
                    let longest_open_us = longest_us + take.clock.error_us;
                    footage[stage]
                        .uncovered
                        .iter()
                        .any(|part| part.intersection(&from).length() > longest_open_us)
                };
                let stage = take
                    .lanes
                    .into_iter()
                    .flatten()
                    .flat_map(|lane| lanes.meeting(lane, window))
                    .map(|stage| stage as usize)
                    .min_by_key(|&stage| (!lacks(stage), stages[stage].starts_at, stages[stage].id()))?;
                Some((stage, i))
            })
            .collect()
    };
    for (stage, take) in chosen {
        let pieces = &mut footage[stage].pieces;
        pieces.push(Piece { take, linked: false, runs: false });
        pieces.sort_unstable_by(|a, b| {
            by_key(&takes[a.take], &takes[b.take]).then(a.take.cmp(&b.take)).then(b.linked.cmp(&a.linked))
        });
    }
}

/// Marks the breaks that one of the stage's unreadable files may hold.
pub(super) fn explain(breaks: &mut [Break], unreadable: &[&Take<'_>], running: &[&Take<'_>]) {
    for part in breaks {
        part.may_be_in = unreadable.iter().position(|take| may_hold(take, part.gap.interval(), running));
        if let Some(i) = part.may_be_in {
            part.gap.code = unreadable[i].quarantine_code().map_or(FindingCode::Damaged, |code| match code {
                ProblemCode::NoIndex | ProblemCode::Truncated => FindingCode::Truncated,
                _ => FindingCode::Damaged,
            });
        }
    }
}

fn may_hold(unreadable: &Take<'_>, part: Interval<WallTime>, running: &[&Take<'_>]) -> bool {
    let Some(began) = unreadable.recording.started_at else {
        return true; // Only a link brings a file of unknown start here: a person says it belongs.
    };
    let device = unreadable.recording.device.as_deref();
    let next_began = running
        .iter()
        .filter(|take| device.is_some() && take.recording.device.as_deref() == device)
        .filter_map(|take| take.recording.started_at)
        .filter(|&next| next > began)
        .min();
    part.end > began - unreadable.clock.error_us && next_began.is_none_or(|next| part.start < next)
}

/// The finding that a problem of a file becomes; `None` for those that are judged otherwise.
pub(super) fn code_of(problem: &Problem) -> Option<FindingCode> {
    match problem.code {
        ProblemCode::NoIndex | ProblemCode::Truncated => Some(FindingCode::Truncated),
        ProblemCode::Empty | ProblemCode::Unreadable | ProblemCode::Damaged | ProblemCode::Encrypted => {
            Some(FindingCode::Damaged)
        }
        ProblemCode::NoVideo | ProblemCode::NoAudio | ProblemCode::TimeReset => None,
    }
}
