//! The picture: which packets are decoded, and what follows from it.
//!
//! Packets come in the order in which they are stored. They are cut into *intervals*, each from one key
//! frame that is looked at to the next; key frames in between are passed over where the interval stays
//! short enough that nothing of the length that matters fits into it. An interval is judged by the looks
//! at both of its ends and by the sizes of its packets, and decoded in full only where that leaves a
//! doubt. The last few are kept, because the sizes of packets that follow may throw doubt on them.

use std::collections::{HashSet, VecDeque};
use std::mem;

use catalog::observation::MediaSpan;
use catalog::trace::Picture as Fingerprint;
use catalog::{Interval as Span, IntervalSet};
use ffmpeg_next::codec::Parameters;
use ffmpeg_next::{Packet, frame};

use super::decoder::{Care, VideoDecoder};
use super::fingerprint::Fingerprints;
use super::picture::{Picture, Scaler};
use super::span;
use super::stretches::{Stillness, Stretches, anew_ppm};
use super::survey::{Survey, nothing_fits};
use catalog::inspection::InspectOptions;

/// So many intervals are kept before they are judged.
const KEPT_INTERVALS: usize = 2;
/// Packets that wait for the next key frame may take so much memory; then they are decoded at once.
const WAITING_BYTES_MAX: u64 = 64 << 20;
/// No packet of pictures is larger.
const PACKET_BYTES_MAX: u32 = 64 << 20;

/// One packet of the stream of pictures, its times in microseconds.
pub(super) struct Unit {
    /// When it is shown.
    pub(super) at_us: i64,
    pub(super) key: bool,
    pub(super) size_bytes: u32,
    pub(super) held: Held,
}

/// Where the bytes of a packet are.
pub(super) enum Held {
    /// In memory.
    Packet(Packet),
    /// In the file: position, and decoding time in microseconds.
    At(u64, i64),
}

/// Reads bytes of the file at a position; `None` if they cannot be had.
pub(super) type Fetch<'a> = &'a mut dyn FnMut(u64, u32) -> Option<Vec<u8>>;

/// What a key frame showed.
#[derive(Clone)]
struct Look {
    black: bool,
    /// `None` if it could not be decoded.
    picture: Option<Picture>,
}

/// From one key frame that was looked at to the next. There is at least one unit.
struct Interval {
    units: Vec<Unit>,
    look: Look,
    /// Whether it is decoded whatever it looks like.
    doubt: bool,
}

impl Interval {
    fn start_us(&self) -> i64 {
        self.units.first().map_or(0, |unit| unit.at_us)
    }
}

/// What to do with an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Decode it, to be sure.
    Decode,
    /// All of it looks like its first picture, which stands still.
    Stands,
    /// All of it is black, or not, like its first picture; it moves.
    Moves,
}

/// Where pictures end up.
struct Sink {
    options: InspectOptions,
    scaler: Scaler,
    black: Stretches,
    stillness: Stillness,
    fingerprints: Fingerprints,
    frames_decoded: u64,
}

impl Sink {
    fn is_black(&self, picture: &Picture) -> bool {
        picture.is_black(self.options.black_level_ppm, self.options.black_area_ppm)
    }

    /// A picture, unless it comes before `from_us`; says when it is shown.
    fn frame(&mut self, frame: &frame::Video, from_us: i64) -> Option<i64> {
        self.frames_decoded += 1;
        let at_us = frame.timestamp().filter(|&at_us| at_us >= from_us)?;
        let picture = Picture::of(frame, &mut self.scaler)?;
        self.fingerprints.see(at_us, &picture);
        self.black.tell(at_us, self.is_black(&picture));
        self.stillness.picture(at_us, picture, self.options.frozen_noise_ppm, frame.is_key());
        Some(at_us)
    }
}

/// Watches one stream of pictures.
pub(super) struct Watcher {
    rough: VideoDecoder,
    full: VideoDecoder,
    sink: Sink,
    survey: Survey,
    /// Packets from the last key frame that was looked at, and what was seen there.
    waiting: Vec<Unit>,
    waiting_bytes: u64,
    waiting_look: Option<Look>,
    /// The last key frame among them, if it is not the first.
    passed_key: Option<usize>,
    kept: VecDeque<Interval>,
    /// Whether packets are decoded as they come, because key frames are too rare.
    flowing: bool,
    /// Whether the interval that begins next is decoded whatever it looks like.
    doubt: bool,
    undecodable: Stretches,
    start_us: Option<i64>,
    last_us: Option<i64>,
    usual_us: i64,
}

/// What was found.
pub(super) struct Watched {
    pub(super) black: Vec<MediaSpan>,
    pub(super) frozen: Vec<MediaSpan>,
    pub(super) undecodable: Vec<MediaSpan>,
    pub(super) pictures: Vec<Fingerprint>,
    pub(super) frames_decoded: u64,
    /// From the first picture to the end of the last.
    pub(super) whole: Option<MediaSpan>,
}

impl Watcher {
    /// `None` if it cannot be decoded.
    pub(super) fn open(parameters: impl Fn() -> Parameters, options: InspectOptions) -> Option<Self> {
        Some(Self {
            rough: VideoDecoder::open(parameters(), Care::Rough)?,
            full: VideoDecoder::open(parameters(), Care::Full)?,
            sink: Sink {
                options,
                scaler: Scaler::default(),
                black: Stretches::default(),
                stillness: Stillness::default(),
                fingerprints: Fingerprints::default(),
                frames_decoded: 0,
            },
            survey: Survey::default(),
            waiting: Vec::new(),
            waiting_bytes: 0,
            waiting_look: None,
            passed_key: None,
            kept: VecDeque::new(),
            flowing: false,
            doubt: false,
            undecodable: Stretches::default(),
            start_us: None,
            last_us: None,
            usual_us: 0,
        })
    }

    /// The shortest stretch that matters.
    fn min_us(&self) -> i64 {
        let options = &self.sink.options;
        options.black_min_us.0.min(options.frozen_min_us.0).max(1)
    }

    /// The next packet.
    pub(super) fn unit(&mut self, unit: Unit, fetch: Fetch<'_>) {
        if let Some(step_us) = self.last_us.map(|last_us| unit.at_us.saturating_sub(last_us))
            && (1..1_000_000).contains(&step_us)
        {
            self.usual_us = step_us;
        }
        self.last_us = Some(self.last_us.map_or(unit.at_us, |last_us| last_us.max(unit.at_us)));
        self.start_us = Some(self.start_us.map_or(unit.at_us, |start_us| start_us.min(unit.at_us)));
        self.survey.packet(unit.at_us, unit.key, unit.size_bytes);
        if self.flowing && !unit.key {
            let well = self.decode(&unit, i64::MIN, fetch, &mut |_| {});
            self.undecodable.tell(unit.at_us, !well);
            return;
        }
        if self.flowing {
            self.end_flow();
        }
        if self.waiting.is_empty() {
            if unit.key {
                self.waiting_look = Some(self.look(&unit, fetch));
                self.wait(unit);
            } else {
                // Nothing before the first key frame can be decoded.
                self.undecodable.tell(unit.at_us, true);
            }
            return;
        }
        if unit.key {
            // Up to the last key frame that still fits, then, if need be, up to this one.
            if !self.fits(unit.at_us) && self.passed_key.is_some() {
                self.close_at_passed_key(fetch);
            }
            if self.fits(unit.at_us) {
                self.passed_key = Some(self.waiting.len());
            } else {
                let look = self.look(&unit, fetch);
                self.close(look, fetch);
            }
            self.wait(unit);
            return;
        }
        let fits = self.fits(unit.at_us);
        self.wait(unit);
        if !fits && self.passed_key.is_some() {
            self.close_at_passed_key(fetch);
        } else if self.is_over_long() {
            self.begin_flow(fetch);
        }
    }

    /// After the last packet.
    pub(super) fn finish(mut self, fetch: Fetch<'_>) -> Watched {
        if self.flowing {
            self.end_flow();
        }
        let end_us = self.last_us.map_or(0, |last_us| last_us.saturating_add(self.usual_us));
        if self.passed_key.is_some() && !self.fits(end_us) {
            self.close_at_passed_key(fetch);
        }
        self.judge_kept(0, fetch);
        let units = mem::take(&mut self.waiting);
        if let (Some(look), false) = (self.waiting_look.take(), units.is_empty()) {
            self.judge(&Interval { units, look, doubt: self.doubt }, None, fetch);
        }
        let undecodable = self.undecodable.finish(end_us);
        // What could not be decoded is not known to be black, nor to stand still.
        Watched {
            black: without(self.sink.black.finish(end_us), &undecodable),
            frozen: without(self.sink.stillness.finish(end_us), &undecodable),
            undecodable,
            pictures: self.sink.fingerprints.finish(),
            frames_decoded: self.sink.frames_decoded,
            whole: self.start_us.map(|start_us| span(start_us, end_us)),
        }
    }

    /// Whether nothing that matters fits between the first packet that waits and one at `at_us`.
    fn fits(&self, at_us: i64) -> bool {
        let Some(first) = self.waiting.first() else { return true };
        // Where every picture is a key frame, sizes tell nothing, so two looks must see what stands still.
        let looks = if self.waiting.iter().all(|unit| unit.key) { 2 } else { 1 };
        nothing_fits(at_us.saturating_sub(first.at_us), self.waiting.len(), self.min_us() / looks)
    }

    /// Whether packets wait for a key frame that comes too late in any case, or take too much memory.
    fn is_over_long(&self) -> bool {
        let (Some(first), Some(last_us)) = (self.waiting.first(), self.last_us) else { return false };
        last_us.saturating_sub(first.at_us) > self.min_us().saturating_mul(3) / 2
            || self.waiting_bytes > WAITING_BYTES_MAX
    }

    fn wait(&mut self, unit: Unit) {
        if matches!(unit.held, Held::Packet(_)) {
            self.waiting_bytes = self.waiting_bytes.saturating_add(u64::from(unit.size_bytes));
        }
        self.waiting.push(unit);
    }

    /// Makes an interval of what waits before the passed key frame, which then is looked at.
    fn close_at_passed_key(&mut self, fetch: Fetch<'_>) {
        let Some(passed) = self.passed_key.take().filter(|&passed| passed < self.waiting.len()) else {
            return;
        };
        let rest = self.waiting.split_off(passed);
        let look = rest.first().map(|key| self.look(key, fetch));
        if let Some(look) = look {
            self.close(look, fetch);
        }
        for unit in rest {
            self.wait(unit);
        }
    }

    /// Makes an interval of all that waits; `look` is at the key frame that comes next.
    fn close(&mut self, look: Look, fetch: Fetch<'_>) {
        let units = mem::take(&mut self.waiting);
        self.waiting_bytes = 0;
        self.passed_key = None;
        if let (Some(before), false) = (self.waiting_look.replace(look), units.is_empty()) {
            self.kept.push_back(Interval { units, look: before, doubt: mem::take(&mut self.doubt) });
        }
        self.judge_kept(KEPT_INTERVALS, fetch);
    }

    /// Judges all intervals but the last `keep`.
    fn judge_kept(&mut self, keep: usize, fetch: Fetch<'_>) {
        while self.kept.len() > keep {
            let Some(interval) = self.kept.pop_front() else { break };
            // What follows is borrowed from where it waits, and put back.
            if let Some(next) = self.kept.pop_front() {
                let key = next.units.first().map(|key| (key, &next.look));
                self.judge(&interval, key, fetch);
                self.kept.push_front(next);
            } else {
                let (waiting, look) = (mem::take(&mut self.waiting), self.waiting_look.take());
                self.judge(&interval, waiting.first().zip(look.as_ref()), fetch);
                (self.waiting, self.waiting_look) = (waiting, look);
            }
        }
    }

    fn judge(&mut self, interval: &Interval, next: Option<(&Unit, &Look)>, fetch: Fetch<'_>) {
        let start_us = interval.start_us();
        let end_us = next.map_or(i64::MAX, |(key, _)| key.at_us);
        let long_us = self.sink.options.frozen_min_us.0 / 4 * 3;
        let quiet = self.survey.is_quiet(start_us, end_us, long_us);
        match (self.verdict(interval, next, quiet), &interval.look.picture) {
            (Verdict::Stands, Some(picture)) => {
                self.sink.black.tell(start_us, interval.look.black);
                self.sink.stillness.stands(start_us, picture);
                self.undecodable.tell(start_us, false);
            }
            (Verdict::Moves, Some(_)) => {
                self.sink.black.tell(start_us, interval.look.black);
                self.sink.stillness.moves(start_us);
                self.undecodable.tell(start_us, false);
            }
            _ => self.decode_interval(interval, next.map(|(key, _)| key), fetch),
        }
        self.survey.forget(start_us);
    }

    fn verdict(&self, interval: &Interval, next: Option<(&Unit, &Look)>, quiet: bool) -> Verdict {
        let look = &interval.look;
        let Some(picture) = look.picture.as_ref().filter(|_| !interval.doubt) else { return Verdict::Decode };
        let Some((next_key, next)) = next else {
            return if look.black || quiet { Verdict::Decode } else { Verdict::Moves };
        };
        let Some(next_picture) = next.picture.as_ref().filter(|_| next.black == look.black) else {
            return Verdict::Decode;
        };
        let span_us = next_key.at_us.saturating_sub(interval.start_us());
        if !nothing_fits(span_us, interval.units.len(), self.min_us()) {
            return Verdict::Decode;
        }
        let largest = |keys: bool| {
            interval.units.iter().filter(move |unit| unit.key == keys).map(|unit| unit.size_bytes).max()
        };
        let flash =
            largest(true).unwrap_or(0).max(next_key.size_bytes).saturating_mul(2).saturating_add(4096);
        if look.black && largest(false).is_some_and(|size_bytes| size_bytes > flash) {
            // Something bright may have shown in between.
            return Verdict::Decode;
        }
        let noise_ppm = self.sink.options.frozen_noise_ppm;
        let covered = self.survey.is_quiet_throughout(interval.start_us(), next_key.at_us, self.usual_us);
        if quiet && covered && picture.equals(next_picture, anew_ppm(noise_ppm)) {
            Verdict::Stands
        } else if quiet || picture.equals(next_picture, noise_ppm) {
            Verdict::Decode
        } else {
            Verdict::Moves
        }
    }

    /// Decodes all of an interval, and the key frame that follows it, so that it is known whether what
    /// held at its end goes on.
    fn decode_interval(&mut self, interval: &Interval, next: Option<&Unit>, fetch: Fetch<'_>) {
        let start_us = interval.start_us();
        let mut shown = HashSet::new();
        let mut well = true;
        for unit in interval.units.iter().chain(next) {
            well &= self.decode(unit, start_us, fetch, &mut |at_us| {
                shown.insert(at_us);
            });
        }
        let Self { full, sink, .. } = self;
        well &= full.finish(&mut |frame| shown.extend(sink.frame(frame, start_us)));
        // Pictures may lack for good reasons (two fields in two packets, one picture); it is damage
        // only where the decoder complained.
        let mut times: Vec<i64> = interval.units.iter().map(|unit| unit.at_us).collect();
        times.retain(|&at_us| at_us >= start_us);
        times.sort_unstable();
        for at_us in times {
            self.undecodable.tell(at_us, !well && !shown.contains(&at_us));
        }
    }

    /// Decodes one packet with all care. Says whether all went well.
    fn decode(&mut self, unit: &Unit, from_us: i64, fetch: Fetch<'_>, each: &mut dyn FnMut(i64)) -> bool {
        let Self { full, sink, .. } = self;
        with_packet(unit, fetch, |packet| {
            let well = full.decode(packet, &mut |frame| {
                if let Some(at_us) = sink.frame(frame, from_us) {
                    each(at_us);
                }
            });
            well && !packet.is_corrupt()
        })
        .unwrap_or(false)
    }

    /// Looks at a key frame.
    fn look(&mut self, key: &Unit, fetch: Fetch<'_>) -> Look {
        let Self { rough, sink, .. } = self;
        let mut picture = None;
        let well = with_packet(key, fetch, |packet| {
            let mut see = |frame: &frame::Video| {
                sink.frames_decoded += 1;
                picture = picture.take().or_else(|| Picture::of(frame, &mut sink.scaler));
            };
            let decoded = rough.decode(packet, &mut see);
            rough.finish(&mut see) && decoded && !packet.is_corrupt()
        });
        let picture = picture.filter(|_| well == Some(true));
        if let Some(picture) = &picture {
            self.survey.set_pixels(picture.pixels());
            self.sink.fingerprints.see(key.at_us, picture);
        }
        Look { black: picture.as_ref().is_some_and(|picture| self.sink.is_black(picture)), picture }
    }

    /// Key frames are too rare: from here on everything is decoded, until the next one.
    fn begin_flow(&mut self, fetch: Fetch<'_>) {
        self.judge_kept(0, fetch);
        self.flowing = true;
        self.waiting_bytes = 0;
        self.passed_key = None;
        self.waiting_look = None;
        let units = mem::take(&mut self.waiting);
        let start_us = units.first().map_or(i64::MIN, |unit| unit.at_us);
        for unit in &units {
            let well = self.decode(unit, start_us, fetch, &mut |_| {});
            self.undecodable.tell(unit.at_us, !well);
        }
    }

    fn end_flow(&mut self) {
        let Self { full, sink, .. } = self;
        full.finish(&mut |frame| {
            sink.frame(frame, i64::MIN);
        });
        self.flowing = false;
        self.doubt = true;
    }
}

/// Lends the packet of a unit. `None` if its bytes cannot be had.
fn with_packet<T>(unit: &Unit, fetch: Fetch<'_>, work: impl FnOnce(&Packet) -> T) -> Option<T> {
    match &unit.held {
        Held::Packet(packet) => Some(work(packet)),
        Held::At(position, dts_us) => {
            let size_bytes = Some(unit.size_bytes).filter(|size| (1..=PACKET_BYTES_MAX).contains(size))?;
            let mut packet = Packet::copy(&fetch(*position, size_bytes)?);
            packet.set_pts(Some(unit.at_us));
            packet.set_dts(Some(*dts_us));
            Some(work(&packet))
        }
    }
}

fn without(stretches: Vec<MediaSpan>, holes: &[MediaSpan]) -> Vec<MediaSpan> {
    if holes.is_empty() {
        return stretches;
    }
    let holes: IntervalSet<_> = holes.iter().map(|&hole| Span::from(hole)).collect();
    stretches
        .into_iter()
        .flat_map(|stretch| holes.gaps_in(stretch.into()).as_slice().to_vec())
        .map(|left| MediaSpan { start_us: left.start, end_us: left.end })
        .collect()
}
