//! What two officers' recorders both heard ties their recordings to one another.
//!
//! How far two devices' clocks are apart is otherwise known only from how wrong each may be. Where envelopes of
//! both recordings' sound were kept (`ingest --inspect`) and show the same sound ([`crate::clocks::sound`]),
//! the distance of their stamps is known to a fraction of a second. The recordings are not moved: the street's
//! time of both is as uncertain as before. But what is open in the one and in the other is then open together,
//! however wrong both clocks are.
//!
//! Let *d(r)* be by how much the street was ahead of the stamp of *r*. A sound at media time *m* of *r* and at
//! *m* + *o* of *q* was heard at one moment, so *d(r)* − *d(q)* = start(*q*) − start(*r*) + *o* − origin(*q*) +
//! origin(*r*), give or take the error of *o*. Its greatest amount takes the place of the error between the two
//! where it is less.
//!
//! To align two recordings takes a Fourier transform of both envelopes; that is done only for stages with a
//! finding that the clocks' errors would explain.

use catalog::Micros;
use catalog::trace::SoundEnvelope;

use super::looks::Looks;
use super::report::HeardWith;
use super::take::Take;
use crate::clocks::sound::align;

/// What one recording has in common with another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heard {
    /// Number of the other among the recordings of the stage.
    other: usize,
    /// By how much the stamps of the two may be apart from the truth.
    apart_us: Micros,
    /// By how much the street was more ahead of this one's stamp than of the other's.
    ahead_us: Micros,
    error_us: Micros,
}

/// The recordings of one stage with what ties them to one another; `None` where nothing does.
pub(super) fn tied<'a>(running: &[&Take<'a>], looks: &Looks<'_>) -> Option<Vec<Take<'a>>> {
    let sounds: Vec<Option<&SoundEnvelope>> =
        running.iter().map(|take| looks.of(take)?.sound.as_ref()).collect();
    let mut heard: Vec<Vec<Heard>> = vec![Vec::new(); running.len()];
    for (i, one) in running.iter().enumerate() {
        for (j, other) in running.iter().enumerate().skip(i + 1) {
            let Some((ahead_us, error_us)) = ahead(one, other, sounds[i], sounds[j]) else { continue };
            let apart_us = ahead_us.abs() + error_us;
            if apart_us < one.clock.relative_error_us(&other.clock) {
                heard[i].push(Heard { other: j, apart_us, ahead_us, error_us });
                heard[j].push(Heard { other: i, apart_us, ahead_us: -ahead_us, error_us });
            }
        }
    }
    heard.iter().any(|heard| !heard.is_empty()).then(|| {
        let with = |(number, (take, heard)): (usize, (&&Take<'a>, Vec<Heard>))| take.tied(number, heard);
        running.iter().zip(heard).enumerate().map(with).collect()
    })
}

/// By how much the street was more ahead of the one's stamp than of the other's, and how wrong that may be.
fn ahead(
    one: &Take<'_>,
    other: &Take<'_>,
    sound: Option<&SoundEnvelope>,
    other_sound: Option<&SoundEnvelope>,
) -> Option<(Micros, Micros)> {
    let (one_at, other_at) = (one.recording.started_at?, other.recording.started_at?);
    let one_device = one.recording.device.as_ref()?;
    if other.recording.device.as_ref()? == one_device || one.recording.sha256 == other.recording.sha256 {
        return None;
    }
    let stated_us = (other_at - one_at) - (other.recording.origin_us - one.recording.origin_us);
    let relative_us = one.clock.relative_error_us(&other.clock);
    let aligned = align(sound?, other_sound?, -stated_us - relative_us, relative_us - stated_us)?;
    Some((stated_us + aligned.offset_us, aligned.error_us))
}

/// How far the distance between the stamps of two recordings may be from the true one.
pub(super) fn relative_error_us(one: &Take<'_>, other: &Take<'_>) -> Micros {
    let stated_us = one.clock.relative_error_us(&other.clock);
    let (Some((_, heard)), Some((number, _))) = (&one.heard, &other.heard) else { return stated_us };
    let tie = heard.iter().find(|heard| heard.other == *number);
    tie.map_or(stated_us, |tie| tie.apart_us.min(stated_us))
}

/// What ties the recordings to one another, for people to read: by key of the one.
pub(super) fn evidence(tied: &[Take<'_>]) -> Vec<(String, Vec<HeardWith>)> {
    let of = |take: &Take<'_>| {
        let (_, heard) = take.heard.as_ref()?;
        let with = |heard: &Heard| HeardWith {
            object_key: tied[heard.other].recording.object_key.clone(),
            ahead_us: heard.ahead_us,
            error_us: heard.error_us,
        };
        Some((take.recording.object_key.clone(), heard.iter().map(with).collect()))
    };
    tied.iter().filter_map(of).collect()
}
