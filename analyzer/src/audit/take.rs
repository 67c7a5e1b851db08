//! A take: one recording, placed on the street's time.
//!
//! The recording itself stays as it was observed; a take adds whose it is, how wrong its clock may be
//! and how far it could reach. Spans are moved to the street's time when they are asked for, so that
//! a million recordings cost a million small values and no copies of their spans.

use std::collections::HashMap;

use catalog::device::{Device, DeviceKind};
use catalog::observation::{Problem, ProblemCode};
use catalog::snapshot::Recording;
use catalog::{Interval, IntervalSet, MediaTime, Micros, WallTime};

use super::clock::Clock;
use super::heard::Heard;
use crate::clocks::Clocks;
use crate::policy::ClockRules;

/// What can be done with a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It can be shown, and covers what it covers.
    Readable,
    /// It is stored, but nothing in it can be shown.
    Unreadable,
    /// It is no longer stored, and covers nothing.
    Gone,
}

/// A recording on the street's time.
#[derive(Debug, Clone)]
pub(super) struct Take<'a> {
    pub(super) recording: &'a Recording,
    pub(super) clock: Clock<'a>,
    pub(super) standing: Standing,
    /// Whether a drone made it; drones have no microphone.
    pub(super) drone: bool,
    /// Badge of who wore the device: the key's, else the holder's; `None` where it is shared and the key
    /// does not say.
    pub(super) officer: Option<&'a str>,
    /// From its first packet to its last, widened by its clock error; `None` if it has no known start
    /// or no packets.
    pub(super) reach: Option<Interval<WallTime>>,
    /// Whose it is, as lanes: the officer of the key, and the device's holder where that is another.
    pub(super) lanes: [Option<u32>; 2],
    /// Its number among the recordings of a stage, and what ties it to others of these; `None` where nothing
    /// was heard.
    pub(super) heard: Option<(usize, Vec<Heard>)>,
}

/// Officers' badges as small numbers. Only officers with an obligation have one.
pub(super) type LaneOf<'a> = HashMap<&'a str, u32>;

impl<'a> Take<'a> {
    pub(super) fn new(
        recording: &'a Recording,
        devices: &HashMap<&str, &'a Device>,
        lanes: &LaneOf<'_>,
        rules: &ClockRules,
    ) -> Self {
        let device = recording.device.as_deref().and_then(|serial| devices.get(serial)).copied();
        Self::of(recording, device, lanes, rules)
    }

    /// The take of a recording of this device; `None` where the device is not known.
    pub(super) fn of(
        recording: &'a Recording,
        device: Option<&'a Device>,
        lanes: &LaneOf<'_>,
        rules: &ClockRules,
    ) -> Self {
        let clock = Clock::of(recording, device, rules);
        let standing = if recording.gone {
            Standing::Gone
        } else if recording.quarantine_reason().is_some() {
            Standing::Unreadable
        } else {
            Standing::Readable
        };
        let holder = device.and_then(|device| device.holder.as_deref());
        let lane = |badge: Option<&str>| badge.and_then(|badge| lanes.get(badge)).copied();
        let by_badge = lane(recording.badge.as_deref());
        let by_holder = lane(holder);
        let mut take = Self {
            recording,
            clock,
            standing,
            drone: device.is_some_and(|device| device.kind == DeviceKind::Drone),
            officer: recording.badge.as_deref().or(holder),
            reach: None,
            lanes: [by_badge, by_holder.filter(|_| by_holder != by_badge)],
            heard: None,
        };
        if standing != Standing::Unreadable {
            take.reach = take.reach();
        }
        take
    }

    /// With a narrower bound of its clock, where one is known.
    pub(super) fn tightened(mut self, clocks: &Clocks) -> Self {
        if self.clock.tighten(clocks) && self.reach.is_some() {
            self.reach = self.reach();
        }
        self
    }

    /// The same, tied to others of a stage by what both heard.
    pub(super) fn tied(&self, number: usize, heard: Vec<Heard>) -> Self {
        Self { heard: Some((number, heard)), ..self.clone() }
    }

    fn reach(&self) -> Option<Interval<WallTime>> {
        Some(self.recording.ran()?.widened(self.clock.error_us))
    }

    /// How long it runs.
    pub(super) fn duration_us(&self) -> Micros {
        self.recording.extent().map_or(Micros::ZERO, |extent| extent.length())
    }

    /// When a moment of it was, on the street.
    pub(super) fn at(&self, point: MediaTime) -> Option<WallTime> {
        Some(self.recording.started_at? + (point - self.recording.origin_us))
    }

    fn on_wall(&self, span: &Interval<MediaTime>) -> Option<Interval<WallTime>> {
        Some(Interval::new(self.at(span.start)?, self.at(span.end)?))
    }

    /// Those spans of `media` that, moved to the street's time and widened by `margin`, meet `window`;
    /// not widened, in order. None if the start is unknown.
    pub(super) fn spans_near<'m>(
        &'m self,
        media: &'m IntervalSet<MediaTime>,
        window: Interval<WallTime>,
        margin: Micros,
    ) -> impl Iterator<Item = Interval<WallTime>> + 'm {
        let window = window.widened(margin);
        let spans = media.as_slice();
        let first =
            spans.partition_point(|span| self.on_wall(span).is_none_or(|span| span.end <= window.start));
        spans[first..]
            .iter()
            .map_while(|span| self.on_wall(span))
            .take_while(move |span| span.start < window.end)
            .filter(|span| !span.is_empty())
    }

    /// The picture's spans that meet `window`.
    pub(super) fn video_in(&self, window: Interval<WallTime>) -> impl Iterator<Item = Interval<WallTime>> {
        self.spans_near(&self.recording.video, window, Micros::ZERO)
    }

    /// The sound's spans that meet `window`.
    pub(super) fn audio_in(&self, window: Interval<WallTime>) -> impl Iterator<Item = Interval<WallTime>> {
        self.spans_near(&self.recording.audio, window, Micros::ZERO)
    }

    /// Whether picture or sound could, within the clock's error, have run during `stage`.
    pub(super) fn could_run_during(&self, stage: Interval<WallTime>) -> bool {
        let margin = self.clock.error_us;
        self.reach.is_some_and(|reach| reach.overlaps(&stage))
            && [&self.recording.video, &self.recording.audio]
                .into_iter()
                .any(|media| self.spans_near(media, stage, margin).next().is_some())
    }

    /// Where the last span of picture that ends by `moment` ends.
    pub(super) fn last_video_end_by(&self, moment: WallTime) -> Option<WallTime> {
        let spans = self.recording.video.as_slice();
        let after = spans.partition_point(|span| self.at(span.end).is_some_and(|end| end <= moment));
        self.at(spans[..after].last()?.end)
    }

    /// Where the first span of picture that starts at `moment` or later starts.
    pub(super) fn first_video_start_from(&self, moment: WallTime) -> Option<WallTime> {
        let spans = self.recording.video.as_slice();
        let first = spans.partition_point(|span| self.at(span.start).is_some_and(|start| start < moment));
        self.at(spans.get(first)?.start)
    }

    /// What it says of the file that it cannot be read; `None` if it can.
    pub(super) fn quarantine_code(&self) -> Option<ProblemCode> {
        self.recording.quarantine_reason().map(|problem: &Problem| problem.code)
    }
}
