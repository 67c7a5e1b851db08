//! ISO media with sample tables: the index without the footage.

use catalog::observation::{ProblemCode, StreamKind};
use ffmpeg_next::Packet;
use ffmpeg_next::format::context::Input;

use super::demux::{self, OpenError};
use super::mp4::boxes::show;
use super::mp4::layout::{self, Layout, TopBox};
use super::mp4::movie::Movie;
use super::mp4::offsets::Offsets;
use super::report::Examination;
use super::sample_index::{self, Sample};
use super::source::{ByteSource, Skim, Sparse};
use super::telemetry::{Effort, Telemetry, Wanted};
use super::timeline::Timeline;
use super::track::{Arrival, Identity, Tracks};
use super::{describe, is_discarded, note_encryption, note_trouble};
use confined::ByteRange;

/// A movie box beyond this is not read: it would index months.
const MOOV_MAX: u64 = 96 << 20;
/// Packets whose times are compared with what FFmpeg itself says, per file, and their bytes.
const CHECKED_PACKETS: usize = 48;
const CHECKED_BYTES: usize = 8 << 20;
/// A movie box behind the footage that is larger than this may have been fetched by reading on to it:
/// then what lies before it is not at hand any more.
const MOOV_AHEAD_MAX: u64 = 8 << 20;

/// Reads the index of the file behind `source`, which begins with `head`.
pub(super) fn examine<S: ByteSource>(
    examination: &mut Examination,
    source: S,
    size_bytes: u64,
    head: Vec<u8>,
    effort: Effort,
) {
    let mut sparse = Sparse::new(source, size_bytes, head);
    let layout = match layout::walk(size_bytes, |offset, buffer| sparse.read_at(offset, buffer)) {
        Ok(layout) => layout,
        Err(e) => {
            examination.read_error = Some(e.to_string());
            return;
        }
    };
    let Some(&moov) = layout.find(*b"moov") else {
        note_structure(examination, &layout, size_bytes);
        note_no_index(examination, &layout);
        return;
    };
    if moov.end > size_bytes {
        note_structure(examination, &layout, size_bytes);
        examination.note(ProblemCode::NoIndex, "the `moov` box, which indexes the packets, is cut off");
        return;
    }
    let body = match read_movie(&mut sparse, &moov) {
        Ok(Some(body)) => body,
        Ok(None) => {
            let length = moov.end - moov.offset;
            examination
                .note(ProblemCode::Unreadable, format!("its index of {length} bytes is beyond all measure"));
            return;
        }
        Err(e) => {
            examination.read_error = Some(e.to_string());
            return;
        }
    };
    note_structure(examination, &layout, size_bytes);
    let movie = Movie::parse(&body);
    note_encryption(examination, &movie);
    for undersized in &layout.undersized {
        // Shown to FFmpeg as what it was read as.
        let header = [&8u32.to_be_bytes()[..], &undersized.kind].concat();
        sparse.overlay(undersized.offset, header);
    }
    sparse.overlay(moov.body(), body.clone());
    let skim = Skim::new(sparse, payload(&layout));
    let behind = layout.find(*b"mdat").is_some_and(|mdat| mdat.offset < moov.offset);
    let far = behind && moov.end - moov.offset > MOOV_AHEAD_MAX;
    let effort = if far { Effort::Frugal } else { effort };
    match index(examination, &skim, &movie, &body, &layout, size_bytes) {
        Ok(planned) => {
            if let Err(e) = telemetry(examination, &skim, &planned, size_bytes, effort) {
                examination.read_error = Some(e.to_string());
            }
        }
        Err(_) if examination.has(ProblemCode::Encrypted) => {}
        Err(e) => examination.note(ProblemCode::Unreadable, format!("its index contradicts itself: {e}")),
    }
}

pub(super) fn read_movie<S: ByteSource>(
    sparse: &mut Sparse<S>,
    moov: &TopBox,
) -> std::io::Result<Option<Vec<u8>>> {
    let length = moov.end.saturating_sub(moov.body());
    let Some(length) = usize::try_from(length).ok().filter(|_| length <= MOOV_MAX) else { return Ok(None) };
    let mut body = vec![0; length];
    let read = sparse.read_at(moov.body(), &mut body)?;
    body.truncate(read);
    Ok(Some(body))
}

/// Bodies that FFmpeg need not see.
pub(super) fn payload(layout: &Layout) -> Vec<std::ops::Range<u64>> {
    let hidden = layout.boxes.iter().filter(|b| matches!(&b.kind, b"mdat" | b"free" | b"skip" | b"wide"));
    hidden.map(|b| b.body()..b.end).filter(|body| !body.is_empty()).collect()
}

fn note_structure(examination: &mut Examination, layout: &Layout, size_bytes: u64) {
    if let Some(cut) = layout.cut(size_bytes) {
        examination.note(
            ProblemCode::Truncated,
            format!(
                "box `{}` at byte {} announces {} bytes beyond the end of the file",
                show(cut.kind),
                cut.offset,
                cut.end - size_bytes
            ),
        );
    }
    for undersized in &layout.undersized {
        examination.note(
            ProblemCode::Damaged,
            format!("box `{}` at byte {} has an impossible size", show(undersized.kind), undersized.offset),
        );
    }
    let padding = layout.boxes.iter().filter(|b| matches!(&b.kind, b"free" | b"skip" | b"wide"));
    examination.padding = padding.map(|b| ByteRange { start: b.offset, end: b.end }).take(4096).collect();
}

fn note_no_index(examination: &mut Examination, layout: &Layout) {
    let detail = if layout.find(*b"moof").is_some() {
        "there is no `moov` box: these are fragments without the head that explains them"
    } else if layout.find(*b"mdat").is_some() {
        "there is no `moov` box: the recorder stopped before it wrote the index of the packets"
    } else {
        "there is neither a `moov` box nor footage"
    };
    let broken = layout.broken_at.map_or(String::new(), |at| format!("; what stands at byte {at} is no box"));
    examination.note(ProblemCode::NoIndex, format!("{detail}{broken}"));
}

/// Fetches and reads the packets of telemetry streams.
fn telemetry<S: ByteSource>(
    examination: &mut Examination,
    skim: &Skim<S>,
    planned: &[Planned],
    size_bytes: u64,
    effort: Effort,
) -> std::io::Result<()> {
    let mut telemetry = Telemetry::default();
    let mut wanted = Vec::new();
    for (stream, planned) in planned.iter().enumerate() {
        if !telemetry.wants(stream, &planned.identity) {
            continue;
        }
        wanted.extend(planned.samples.iter().enumerate().map(|(number, sample)| Wanted {
            stream,
            position: sample.position,
            size_bytes: sample.size_bytes,
            pts_us: planned.pts(number).map(|pts| planned.time_base.us(pts)),
            duration_us: planned.said(number).map(|said| planned.time_base.us(said)),
        }));
    }
    telemetry.fetch(skim, wanted, size_bytes, effort)?;
    examination.telemetry = telemetry.finish(examination.tracks.iter().map(|track| &track.index));
    Ok(())
}

/// Enters all packets. Gives what was planned; nothing where FFmpeg had to walk the packets itself,
/// whose telemetry is then named and not read.
fn index<S: ByteSource>(
    examination: &mut Examination,
    skim: &Skim<S>,
    movie: &Movie,
    moov: &[u8],
    layout: &Layout,
    size_bytes: u64,
) -> Result<Vec<Planned>, OpenError> {
    let mut input = demux::open_skimming(skim.clone())?;
    describe(examination, &input);
    let fragments = movie.fragmented && layout.find(*b"moof").is_some();
    if !fragments
        && let Some(planned) = plan(&mut input, movie, moov)
        && agrees(&mut input, &planned)
    {
        enter(examination, &planned, size_bytes);
        return Ok(planned);
    }
    // Fragments behind a large movie box, or tables that only FFmpeg's own reader gets through: walk
    // the packets, still without their bytes.
    let mut input = demux::open_skimming(skim.clone())?;
    let mut tracks = Tracks::default();
    let entry = |id| movie.track(id).and_then(|track| track.entry);
    let trouble = demux::read_packets(
        &mut input,
        &mut tracks,
        &mut Timeline::new(None),
        demux::Listeners::default(),
        entry,
    );
    note_trouble(examination, &trouble, &super::Seen::default());
    examination.tracks = tracks.finish();
    Ok(Vec::new())
}

/// One stream with the times of all its samples.
pub(super) struct Planned {
    pub(super) identity: Identity,
    pub(super) time_base: super::timeline::TimeBase,
    pub(super) samples: Vec<Sample>,
    /// Presentation minus decoding time of each sample, in ticks; empty where there is none.
    offsets: Vec<i64>,
}

impl Planned {
    pub(super) fn pts(&self, sample: usize) -> Option<i64> {
        let offset = self.offsets.get(sample).copied().unwrap_or(0);
        Some(self.samples.get(sample)?.dts.saturating_add(offset))
    }

    /// How long a sample lasts: until the next is decoded.
    fn said(&self, sample: usize) -> Option<i64> {
        let next = self.samples.get(sample + 1)?.dts;
        Some(next.saturating_sub(self.samples.get(sample)?.dts)).filter(|&said| said > 0)
    }
}

/// `None` where a track's tables do not fit FFmpeg's index.
pub(super) fn plan(input: &mut Input, movie: &Movie, moov: &[u8]) -> Option<Vec<Planned>> {
    let streams = usize::try_from(input.nb_streams()).ok()?;
    let mut planned = Vec::with_capacity(streams.min(1000));
    for stream in 0..streams {
        let mut identity = demux::identity(input, stream)?;
        let track = movie.track(input.stream(stream)?.id());
        identity.entry = track.and_then(|track| track.entry);
        let mut samples = sample_index::samples(input, stream);
        if identity.attached {
            samples = vec![Sample { position: 0, dts: 0, size_bytes: 0, keyframe: true }];
        } else if is_discarded(input, stream) {
            samples.clear();
        }
        let mut offsets = Vec::new();
        if !identity.attached && !samples.is_empty() {
            let tables = moov.get(track?.tables.clone())?;
            let mut of_samples = Offsets::new(tables);
            if of_samples.matter() {
                offsets = samples
                    .iter()
                    .map(|sample| of_samples.next(sample.position, sample.size_bytes))
                    .collect::<Option<_>>()?;
            }
        }
        let time_base = demux::time_base(input, stream)?;
        planned.push(Planned { identity, time_base, samples, offsets });
    }
    Some(planned)
}

/// Whether the first packets, as FFmpeg itself gives them out, have the planned times.
pub(super) fn agrees(input: &mut Input, planned: &[Planned]) -> bool {
    let mut given = vec![0usize; planned.len()];
    let mut bytes = 0usize;
    for _ in 0..CHECKED_PACKETS {
        let mut packet = Packet::empty();
        // What cannot be read is looked at when the samples are entered.
        if packet.read(input).is_err() || bytes > CHECKED_BYTES {
            break;
        }
        bytes = bytes.saturating_add(packet.size());
        let stream = packet.stream();
        let (Some(planned), Some(given)) = (planned.get(stream), given.get_mut(stream)) else { return false };
        if !planned.identity.attached && planned.pts(*given) != packet.pts() {
            return false;
        }
        *given += 1;
    }
    true
}

fn enter(examination: &mut Examination, planned: &[Planned], size_bytes: u64) {
    let mut tracks = Tracks::default();
    let (mut missing, mut cut, mut total) = (0u64, 0u64, 0u64);
    for (stream, planned) in planned.iter().enumerate() {
        tracks.open(planned.identity.clone());
        tracks.expect(stream, planned.samples.len());
        let footage = matches!(planned.identity.kind, StreamKind::Video | StreamKind::Audio);
        for (number, sample) in planned.samples.iter().enumerate() {
            total += 1;
            let end = sample.position.saturating_add(u64::from(sample.size_bytes));
            if sample.position >= size_bytes && end > size_bytes {
                missing += 1;
                continue;
            }
            cut += u64::from(end > size_bytes);
            tracks.add(
                stream,
                &Arrival {
                    pts_us: planned.pts(number).map(|pts| planned.time_base.us(pts)),
                    // Every sample of a table has a presentation time.
                    dts_us: None,
                    said_us: planned.said(number).map(|said| planned.time_base.us(said)),
                    keyframe: sample.keyframe,
                    size_bytes: u64::from(sample.size_bytes),
                    position: (footage && !planned.identity.attached).then_some(sample.position),
                },
            );
        }
    }
    if missing + cut > 0 {
        examination.note(
            ProblemCode::Truncated,
            format!(
                "of {total} packets in the index {missing} lie beyond the end of the file and {cut} reach beyond it"
            ),
        );
    }
    examination.tracks = tracks.finish();
}
