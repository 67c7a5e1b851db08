//! From a file to the packets of its picture and its sound.
//!
//! Where ISO media have sample tables, only the packets that are wanted are read, at their places, and
//! the recording can be divided among several readers. All other files are read once, in order.

use std::io;

use catalog::inspection::Checked;
use catalog::observation::{MediaSpan, Problem, ProblemCode, StreamKind};
use ffmpeg_next::Packet;
use ffmpeg_next::codec::Parameters;
use ffmpeg_next::format::context::Input;

use super::sound::Listener;
use super::span;
use super::stretches::long_enough;
use super::video::{Held, Unit, Watched, Watcher};
use crate::container::{Access, Container, HEAD_BYTES, access, resembles, sniff};
use crate::source::{self, ByteSource, Once, Skim};
use crate::sparse::Planned;
use crate::tables::{Tables, Untabled};
use crate::timeline::{Stamp, Timeline};
use crate::{MPEG_CLOCK_BITS, demux, watch};
use catalog::inspection::InspectOptions;
use confined::{InspectRequest, Part, PartReport};

/// Errors without a packet between them after which a file is given up.
const ERRORS_IN_A_ROW_MAX: u32 = 1000;

/// Looks at a part of a file.
pub(super) fn run<S: ByteSource>(
    report: &mut PartReport,
    mut source: S,
    size_bytes: u64,
    request: &InspectRequest,
) {
    let wanted = usize::try_from(size_bytes).unwrap_or(usize::MAX).min(HEAD_BYTES);
    let mut head = vec![0; wanted];
    match source::read_full(&mut source, &mut head) {
        Ok(length) if length == wanted => {}
        Ok(length) => {
            report.read_error = Some(format!("the source ended after {length} of {size_bytes} bytes"));
            return;
        }
        Err(error) => {
            report.read_error = Some(error.to_string());
            return;
        }
    }
    let result = match (sniff(&head), access(&head)) {
        (None, _) if size_bytes == 0 => Err((ProblemCode::Empty, "there is not one byte in it".to_owned())),
        (None, _) => {
            Err((ProblemCode::Unreadable, format!("it is no media file but looks like {}", resembles(&head))))
        }
        (Some(_), Access::Sparse) => with_tables(report, source, size_bytes, head, request),
        (Some(container), Access::Sequential) => in_order(report, container, source, head, request),
    };
    if let Err((code, detail)) = result {
        report.note(Problem::new(code, detail));
    }
}

type Outcome = Result<(), (ProblemCode, String)>;

/// The picture and the sound that are followed: the first stream of each kind.
struct Streams {
    options: InspectOptions,
    video: Option<(usize, Option<Watcher>)>,
    audio: Option<(usize, Option<Listener>)>,
    /// The first moment of sound.
    heard_from_us: Option<i64>,
}

impl Streams {
    fn new(options: InspectOptions) -> Self {
        Self { options, video: None, audio: None, heard_from_us: None }
    }

    /// Takes on a stream that was met.
    fn meet(&mut self, input: &Input, stream: usize) {
        let Some(identity) = demux::identity(input, stream) else { return };
        let parameters = || input.stream(stream).map_or_else(Parameters::new, |stream| stream.parameters());
        match identity.kind {
            StreamKind::Video if self.video.is_none() && !identity.attached => {
                self.video = Some((stream, Watcher::open(parameters, self.options)));
            }
            StreamKind::Audio if self.audio.is_none() => {
                let listener = Listener::open(parameters(), self.options.silent_level_ppm);
                self.audio = Some((stream, listener));
            }
            _ => {}
        }
    }

    fn hear(&mut self, packet: &Packet) {
        if let Some((_, Some(listener))) = &mut self.audio {
            let at_us = packet.pts().or(packet.dts());
            self.heard_from_us = self.heard_from_us.or(at_us);
            listener.packet(packet);
        }
    }

    /// What was found, without the stretches that are too short and lie within the part.
    fn finish(
        self,
        report: &mut PartReport,
        fetch: &mut dyn FnMut(u64, u32) -> Option<Vec<u8>>,
        edges: (Option<i64>, Option<i64>),
    ) {
        let options = self.options;
        let found = &mut report.inspection;
        let mut wholes: Vec<MediaSpan> = Vec::new();
        match self.video {
            None => {}
            Some((_, None)) => found.video = Checked::NotDecodable,
            Some((_, Some(watcher))) => {
                let Watched { black, frozen, undecodable, pictures, frames_decoded, whole } =
                    watcher.finish(fetch);
                report.traces.pictures = pictures;
                found.black = long_enough(black, options.black_min_us.0, edges);
                found.frozen = long_enough(frozen, options.frozen_min_us.0, edges);
                found.undecodable = undecodable;
                found.frames_decoded = frames_decoded;
                wholes.extend(whole);
                found.video = match whole {
                    None => Checked::Absent,
                    Some(_) if frames_decoded == 0 => Checked::NotDecodable,
                    Some(_) => Checked::Done,
                };
            }
        }
        let mut failed = 0;
        match self.audio {
            None => {}
            Some((_, None)) => found.audio = Checked::NotDecodable,
            Some((_, Some(listener))) => {
                failed = listener.failed;
                found.audio = match (listener.decoded, listener.failed) {
                    (0, 0) => Checked::Absent,
                    (0, _) => Checked::NotDecodable,
                    _ => Checked::Done,
                };
                wholes.extend(self.heard_from_us.zip(listener.end_us).map(|(start, end)| span(start, end)));
                let (silences, sound) = listener.finish();
                found.silent = long_enough(silences, options.silent_min_us.0, edges);
                report.traces.sound = sound;
            }
        }
        let start = wholes.iter().map(|whole| whole.start_us).min();
        let end = wholes.iter().map(|whole| whole.end_us).max();
        found.start_us = start;
        found.duration_us = start.zip(end).map(|(start, end)| end - start);
        if failed > 0 {
            report.note(Problem::new(
                ProblemCode::Damaged,
                format!("{failed} packets of sound cannot be decoded"),
            ));
        }
    }
}

/// ISO media with sample tables.
fn with_tables<S: ByteSource>(
    report: &mut PartReport,
    source: S,
    size_bytes: u64,
    head: Vec<u8>,
    request: &InspectRequest,
) -> Outcome {
    match tables(report, source, size_bytes, head, request) {
        Ok(()) => Ok(()),
        Err(Untabled::Evidence(code, detail)) => Err((code, detail)),
        Err(Untabled::Source(error)) => {
            report.read_error = Some(error.to_string());
            Ok(())
        }
    }
}

fn tables<S: ByteSource>(
    report: &mut PartReport,
    source: S,
    size_bytes: u64,
    head: Vec<u8>,
    request: &InspectRequest,
) -> Result<(), Untabled> {
    let tables = Tables::read(source, size_bytes, head)?;
    let (input, planned) = tables.planned()?;
    if let Some(planned) = planned {
        at_places(report, &input, &tables.skim, &planned, request);
        return Ok(());
    }
    if request.part.number > 0 {
        report.took_part = false;
        return Ok(());
    }
    let mut input = tables.open_whole()?;
    let mut streams = Streams::new(request.options);
    read_packets(&mut streams, &mut input, Timeline::new(None));
    streams.finish(report, &mut |_, _| None, (None, None));
    Ok(())
}

/// The samples of a part of the recording, by number, half-open, and the times of its edges.
struct Cut {
    samples: std::ops::Range<usize>,
    edges: (Option<i64>, Option<i64>),
}

/// Cuts the stream of pictures at key frames, with parts that overlap so far that whatever lies across
/// a cut is seen long enough on one side of it.
fn cut(planned: &Planned, part: Part, overlap_us: i64) -> Cut {
    let count = planned.samples.len();
    let at = |sample: usize| planned.pts(sample).map_or(0, |pts| planned.time_base.us(pts));
    let place = |number: u32| {
        let place = count as u128 * u128::from(number) / u128::from(part.of.max(1));
        usize::try_from(place).unwrap_or(count).min(count)
    };
    let is_key = |&sample: &usize| planned.samples.get(sample).is_some_and(|sample| sample.keyframe);
    let from = place(part.number);
    let to = place(part.number.saturating_add(1));
    let begin_us = at(from).saturating_sub(overlap_us);
    let start = (0..from).rev().filter(is_key).find(|&key| at(key) <= begin_us).unwrap_or(0);
    let end_us = if to < count { at(to).saturating_add(overlap_us) } else { i64::MAX };
    let end = (to..count).filter(is_key).find(|&key| at(key) >= end_us).map_or(count, |key| key + 1);
    let edges = ((start > 0).then(|| at(start)), (end < count).then(|| at(end.saturating_sub(1))));
    Cut { samples: start..end, edges }
}

/// Reads the samples that are wanted at their places.
fn at_places<S: ByteSource>(
    report: &mut PartReport,
    input: &Input,
    skim: &Skim<S>,
    planned: &[Planned],
    request: &InspectRequest,
) {
    let mut streams = Streams::new(request.options);
    for (stream, planned) in planned.iter().enumerate() {
        if !planned.samples.is_empty() {
            streams.meet(input, stream);
        }
    }
    let of = |stream: Option<usize>| stream.and_then(|stream| planned.get(stream));
    let video = of(streams.video.as_ref().map(|(stream, _)| *stream));
    let audio = of(streams.audio.as_ref().map(|(stream, _)| *stream));
    let longest = request.options.black_min_us.max(request.options.frozen_min_us);
    let overlap_us = longest.max(request.options.silent_min_us).0.saturating_mul(2);
    // Dividing pays only where the parts are much longer than what they have in common.
    let divisible = video.is_some_and(|video| {
        let at = |sample: usize| video.pts(sample).map_or(0, |pts| video.time_base.us(pts));
        let length_us = at(video.samples.len().saturating_sub(1)).saturating_sub(at(0));
        length_us > overlap_us.saturating_mul(8).saturating_mul(i64::from(request.part.of))
    });
    let part = if divisible { request.part } else { Part { number: 0, of: 1 } };
    if part != request.part && request.part.number > 0 {
        report.took_part = false;
        return;
    }
    let cut = video.map(|video| cut(video, part, overlap_us));
    let edges = cut.as_ref().map_or((None, None), |cut| cut.edges);

    let mut failure: Option<io::Error> = None;
    let mut missing = 0u64;
    let mut fetch = |position: u64, size_bytes: u32| match skim.bytes_at(position, size_bytes as usize) {
        Ok(bytes) => {
            missing += u64::from(bytes.is_none());
            bytes
        }
        Err(error) => {
            failure.get_or_insert(error);
            None
        }
    };
    let mut pictures =
        video.zip(cut).map(|(video, cut)| (video, cut.samples)).into_iter().flat_map(|(video, samples)| {
            samples.filter_map(move |number| Some((video, number, video.samples.get(number)?)))
        });
    let mut sounds = audio.into_iter().flat_map(|audio| {
        let at = move |number| audio.pts(number).map_or(0, |pts| audio.time_base.us(pts));
        let within = move |&number: &usize| {
            edges.0.is_none_or(|edge_us| at(number) >= edge_us)
                && edges.1.is_none_or(|edge_us| at(number) < edge_us)
        };
        (0..audio.samples.len())
            .filter(within)
            .filter_map(move |number| Some((audio, number, audio.samples.get(number)?)))
    });
    let (mut picture, mut sound) = (pictures.next(), sounds.next());
    loop {
        // In the order in which they stand in the file, so that it is read forwards.
        let sound_first = match (&picture, &sound) {
            (None, None) => break,
            (Some((_, _, picture)), Some((_, _, sound))) => sound.position < picture.position,
            (None, Some(_)) => true,
            (Some(_), None) => false,
        };
        if sound_first && let Some((audio, number, sample)) = sound.take() {
            sound = sounds.next();
            if !(1..=1 << 24).contains(&sample.size_bytes) {
                continue;
            }
            if let Some(bytes) = fetch(sample.position, sample.size_bytes) {
                let mut packet = Packet::copy(&bytes);
                packet.set_pts(audio.pts(number).map(|pts| audio.time_base.us(pts)));
                packet.set_dts(Some(audio.time_base.us(sample.dts)));
                streams.hear(&packet);
            }
        } else if let Some((video, number, sample)) = picture.take() {
            picture = pictures.next();
            let dts_us = video.time_base.us(sample.dts);
            let unit = Unit {
                at_us: video.pts(number).map_or(dts_us, |pts| video.time_base.us(pts)),
                key: sample.keyframe,
                size_bytes: sample.size_bytes,
                held: Held::At(sample.position, dts_us),
            };
            if let Some((_, Some(watcher))) = &mut streams.video {
                watcher.unit(unit, &mut fetch);
            }
        }
    }
    streams.finish(report, &mut fetch, edges);
    if let Some(error) = failure {
        report.read_error = Some(error.to_string());
    }
    if missing > 0 {
        report.note(Problem::new(
            ProblemCode::Truncated,
            format!("{missing} packets that were wanted lie beyond the end of the file"),
        ));
    }
}

/// All other files.
fn in_order<S: ByteSource>(
    report: &mut PartReport,
    container: Container,
    source: S,
    head: Vec<u8>,
    request: &InspectRequest,
) -> Outcome {
    if request.part.number > 0 {
        report.took_part = false;
        return Ok(());
    }
    let watch = watch::watch_for(container, &head);
    let once = Once::new(head, source, watch);
    let wraps = matches!(container, Container::MpegTs | Container::MpegPs).then_some(MPEG_CLOCK_BITS);
    let opened = demux::open_once(once.clone(), container);
    let mut streams = Streams::new(request.options);
    let result = match opened {
        Ok(mut input) => {
            read_packets(&mut streams, &mut input, Timeline::new(wraps));
            streams.finish(report, &mut |_, _| None, (None, None));
            Ok(())
        }
        Err(error) => Err((ProblemCode::Unreadable, format!("its head cannot be understood: {error}"))),
    };
    report.read_error = once.failure();
    result
}

/// Reads all packets, one by one.
fn read_packets(streams: &mut Streams, input: &mut Input, mut timeline: Timeline) {
    let mut met = 0;
    let mut errors_in_a_row = 0;
    loop {
        let mut packet = Packet::empty();
        match packet.read(input) {
            Ok(()) => errors_in_a_row = 0,
            Err(ffmpeg_next::Error::Eof | ffmpeg_next::Error::Exit) => break,
            Err(_) if errors_in_a_row < ERRORS_IN_A_ROW_MAX => {
                errors_in_a_row += 1;
                continue;
            }
            Err(_) => break,
        }
        // A stream container may open streams at any time.
        while met <= packet.stream() {
            streams.meet(input, met);
            met += 1;
        }
        let stream = packet.stream();
        let is = |followed: Option<usize>| followed == Some(stream);
        let (seen, heard) = (
            is(streams.video.as_ref().map(|(stream, _)| *stream)),
            is(streams.audio.as_ref().map(|(stream, _)| *stream)),
        );
        let Some(time_base) = demux::time_base(input, stream).filter(|_| seen || heard) else { continue };
        let stamp = Stamp {
            stream,
            dts: packet.dts(),
            pts: packet.pts(),
            time_base,
            position: u64::try_from(packet.position()).ok(),
            steady: true,
        };
        let (pts_us, dts_us) = timeline.place(&stamp);
        packet.set_pts(pts_us);
        packet.set_dts(dts_us);
        packet.set_duration(time_base.us(packet.duration()));
        if heard {
            streams.hear(&packet);
        } else if let (Some(at_us), Some((_, Some(watcher)))) = (pts_us.or(dts_us), &mut streams.video) {
            let unit = Unit {
                at_us,
                key: packet.is_key(),
                size_bytes: u32::try_from(packet.size()).unwrap_or(u32::MAX),
                held: Held::Packet(packet),
            };
            watcher.unit(unit, &mut |_, _| None);
        }
    }
}
