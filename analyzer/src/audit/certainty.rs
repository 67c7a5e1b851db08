//! How much of a gap stays open wherever, within their errors, the clocks stood.
//!
//! Nobody is blamed for a slow clock. A gap is *certain* if what is left of it under the worst clocks
//! that the error bounds admit is still longer than the tolerance; otherwise the clocks' errors
//! explain it.
//!
//! # The bound, and why it holds
//!
//! Let the true position of recording *r* be its stated one moved by *d(r)*, with |*d(r)*| ≤ *e(r)*, its
//! clock error. Of two recordings, *d(r)* − *d(q)* is within *e(r, q)*: the sum of both errors, or, for
//! two files stamped by one clock, the sum of their resolutions and the drift between their starts
//! (see [`super::clock`]), or what their sound shows where both heard the same (see [`super::heard`]).
//!
//! A gap can be looked at from several *frames*. In the frame of the **street**, the stage stands
//! still and every recording's spans may lie anywhere within *e(r)* of where they are stated. In the
//! frame of a **recording** *f*, its own spans stand still, those of *r* may lie anywhere within
//! *e(r, f)*, and the stage as a whole may be moved by up to *e(f)* either way.
//!
//! By the stated positions no span meets the gap, so every span of every recording lies wholly before
//! or wholly after it. Move the end of each span before it forward, and the start of each span after
//! it back, by the frame's bound: the true span lies within the span so widened. Hence the interval
//! that is left open is open under *every* assignment of errors. In the frame of *f* its share of the
//! stage is, as a function of the stage's shift, the length of the intersection of two intervals, one
//! of which slides; until it reaches zero that is concave, so its least value over [−*e(f)*, *e(f)*]
//! is taken at one of the ends. Both are computed. So each frame yields a length that is certainly
//! not recorded, and the greatest of them may be taken.
//!
//! Recordings whose widened spans miss the stage need not be looked at: wherever their clocks stood,
//! they cover nothing of it.
//!
//! What comes out, in the plain cases:
//!
//! | gap | frame that decides | left |
//! | --- | --- | --- |
//! | inside one file, well inside the stage | the file | its whole length |
//! | inside one file, near an end of the stage | the file | what a shift by its error leaves inside |
//! | between two files of one device | either file | length − both resolutions − drift between |
//! | between two devices' files | the street | length − both errors |
//! | at the start or end of the stage | the street | length − the neighbour's error |
//!
//! The bound is safe, not always the tightest: it does not see that a recording which is shorter than
//! its stage must leave *some* end open although its clock's error could explain either end alone.

use catalog::{Interval, IntervalSet, MediaTime, Micros, WallTime};

use super::heard::relative_error_us;
use super::take::Take;

/// The length of `gap` that is open wherever the clocks of `takes` stood. `takes` are all readable
/// recordings that could have run during `stage`; by their stated positions none has a picture in `gap`.
pub(super) fn surely_open_us(
    gap: Interval<WallTime>,
    stage: Interval<WallTime>,
    takes: &[&Take<'_>],
) -> Micros {
    // Any recording may serve as a frame. Only the gap's neighbours are tried: seen from a bystander,
    // both neighbours are off by the bystander's error, too.
    let neighbours = takes.iter().filter(|take| touches(take, gap)).copied();
    std::iter::once(None)
        .chain(neighbours.map(Some))
        .map(|frame| open_in_frame(frame, gap, stage, takes))
        .max()
        .unwrap_or_default()
}

/// Whether the picture of `take` ends where `gap` starts, or starts where it ends.
pub(super) fn touches(take: &Take<'_>, gap: Interval<WallTime>) -> bool {
    ends_at(take, gap.start) || starts_at(take, gap.end)
}

/// Whether a span of picture of `take` ends exactly at `moment`.
pub(super) fn ends_at(take: &Take<'_>, moment: WallTime) -> bool {
    take.last_video_end_by(moment) == Some(moment)
}

/// Whether a span of picture of `take` starts exactly at `moment`.
pub(super) fn starts_at(take: &Take<'_>, moment: WallTime) -> bool {
    take.first_video_start_from(moment) == Some(moment)
}

fn open_in_frame(
    frame: Option<&Take<'_>>,
    gap: Interval<WallTime>,
    stage: Interval<WallTime>,
    takes: &[&Take<'_>],
) -> Micros {
    let mut open = Interval::new(WallTime(i64::MIN), WallTime(i64::MAX));
    for take in takes {
        let error_us = error_in_frame(frame, take);
        if let Some(end) = take.last_video_end_by(gap.start) {
            open.start = open.start.max(end + error_us);
        }
        if let Some(start) = take.first_video_start_from(gap.end) {
            open.end = open.end.min(start - error_us);
        }
    }
    inside_wherever_shifted(open, stage, frame)
}

/// How far a recording may be from its stated position, seen from `frame`.
fn error_in_frame(frame: Option<&Take<'_>>, take: &Take<'_>) -> Micros {
    match frame {
        None => take.clock.error_us,
        Some(frame) if std::ptr::eq(frame, take) => Micros::ZERO,
        Some(frame) => relative_error_us(frame, take),
    }
}

/// How much of `open` lies inside the stage, wherever the frame's own error puts the stage.
fn inside_wherever_shifted(
    open: Interval<WallTime>,
    stage: Interval<WallTime>,
    frame: Option<&Take<'_>>,
) -> Micros {
    let shift = frame.map_or(Micros::ZERO, |frame| frame.clock.error_us);
    let inside = |shift| open.intersection(&stage.shifted(shift)).length();
    inside(shift).min(inside(-shift))
}

/// Recordings with spans of theirs, on the media timeline.
pub(super) type Spans<'s, 't, 'a> = [(&'t Take<'a>, &'s IntervalSet<MediaTime>)];

/// The longest stretch of `stage` in which certainly one of `these` spans runs (a picture, say) while none
/// of `those` does (sound). The frames are those of the recordings that have the first; what was said of
/// gaps holds here with the second for "picture".
pub(super) fn surely_without_us(
    stage: Interval<WallTime>,
    these: &Spans<'_, '_, '_>,
    those: &Spans<'_, '_, '_>,
) -> Micros {
    these.iter().map(|&(frame, spans)| without_in_frame(frame, spans, stage, those)).max().unwrap_or_default()
}

/// The longest stretch of `stage` that somebody's picture certainly shows while, with that one, fewer than
/// `required` officers have a picture. `crews` are the recordings of each officer; a recording of `others` is
/// nobody's in particular and shows that something was recorded. The frames are the recordings themselves.
pub(super) fn surely_fewer_us(
    stage: Interval<WallTime>,
    crews: &[Vec<&Take<'_>>],
    others: &[&Take<'_>],
    required: usize,
) -> Micros {
    let of_officers =
        crews.iter().enumerate().flat_map(|(own, takes)| takes.iter().map(move |take| (Some(own), *take)));
    of_officers
        .chain(others.iter().map(|take| (None, *take)))
        .map(|(own, frame)| {
            let window = stage.widened(frame.clock.error_us);
            let picture: IntervalSet<WallTime> = frame.video_in(window).collect();
            let reached: Vec<IntervalSet<WallTime>> = crews
                .iter()
                .enumerate()
                .filter(|(crew, _)| Some(*crew) != own)
                .map(|(_, takes)| takes.iter().flat_map(|take| widened_video(take, frame, window)).collect())
                .collect();
            let enough = at_least(&reached, required.saturating_sub(usize::from(own.is_some())), window);
            picture
                .difference(&enough)
                .iter()
                .map(|few| inside_wherever_shifted(*few, stage, Some(frame)))
                .max()
                .unwrap_or_default()
        })
        .max()
        .unwrap_or_default()
}

fn widened_video<'t>(
    take: &'t Take<'_>,
    frame: &Take<'_>,
    window: Interval<WallTime>,
) -> impl Iterator<Item = Interval<WallTime>> + 't {
    let error_us = error_in_frame(Some(frame), take);
    take.spans_near(&take.recording.video, window, error_us).map(move |span| span.widened(error_us))
}

/// Where within `window` at least `n` of the sets are.
pub(super) fn at_least(
    sets: &[IntervalSet<WallTime>],
    n: usize,
    window: Interval<WallTime>,
) -> IntervalSet<WallTime> {
    if n == 0 {
        return IntervalSet::from(window);
    }
    let mut edges: Vec<(WallTime, bool)> = sets
        .iter()
        .flat_map(IntervalSet::iter)
        .map(|span| span.intersection(&window))
        .filter(|span| !span.is_empty())
        .flat_map(|span| [(span.start, true), (span.end, false)])
        .collect();
    // At one moment, what begins comes before what ends: two that touch are one.
    edges.sort_unstable_by_key(|&(at, begins)| (at, !begins));
    let (mut count, mut from) = (0_usize, None);
    let mut found = Vec::new();
    for (at, begins) in edges {
        let before = count >= n;
        count = if begins { count + 1 } else { count.saturating_sub(1) };
        match (before, count >= n) {
            (false, true) => from = Some(at),
            (true, false) => found.extend(from.take().map(|from| Interval::new(from, at))),
            _ => {}
        }
    }
    found.into_iter().filter(|span| !span.is_empty()).collect()
}

fn without_in_frame(
    frame: &Take<'_>,
    spans: &IntervalSet<MediaTime>,
    stage: Interval<WallTime>,
    those: &Spans<'_, '_, '_>,
) -> Micros {
    let margin = frame.clock.error_us;
    let window = stage.widened(margin);
    let these: IntervalSet<WallTime> = frame.spans_near(spans, window, Micros::ZERO).collect();
    let those: IntervalSet<WallTime> = those
        .iter()
        .flat_map(|&(take, spans)| {
            let error_us = error_in_frame(Some(frame), take);
            take.spans_near(spans, window, error_us).map(move |span| span.widened(error_us))
        })
        .collect();
    these
        .difference(&those)
        .iter()
        .map(|without| inside_wherever_shifted(*without, stage, Some(frame)))
        .max()
        .unwrap_or_default()
}
