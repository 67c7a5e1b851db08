//! What is in a media file: its streams, packet by packet, told from the container alone.
//!
//! An audit counts seconds that were recorded. Containers lie about that: a declared frame rate is
//! not the delivered one, a duration field was written by a recorder that then lost power, a
//! fragmented file says 39 hours for one second. So nothing here is taken from a header that can be
//! taken from packets: each stream's packets are counted and their presentation times put in order,
//! and gaps are where packets fail to come (`cadence`).
//!
//! Files of ISO media (MP4, MOV, 3GP) with sample tables have every packet's time, size and place in
//! the movie box: only that is read, well under 1 % of the file, wherever it stands (`mp4`,
//! `sample_index`). All other files, fragmented MP4 among them, are read once from the first byte
//! to the last without a seek ([`Access`]), so that the same bytes can be hashed on their way; a
//! watcher beside the demultiplexer proves what FFmpeg passes over in silence: a file that breaks off,
//! a counter that skips, a packet that is scrambled (`watch`). Clocks that wrap or start anew are
//! laid on one timeline (`timeline`).
//!
//! The only user of FFmpeg's libraries is here, and it is treated as hostile ground. A file is first
//! recognised by this module's own rules ([`sniff`]); FFmpeg may then use that container's
//! demultiplexer and no other, no protocol and no decoder of pictures. It is meant to run in a process of its own
//! that has given up everything but its pipes. `Input::packets()` is not used: it passes over errors.
//!
//! [`examine`] never fails: a file that cannot be read is an [`Examination`] with problems. It asks
//! for no file and no clock, only for a [`ByteSource`]. The second step, [`Examination::report`], adds
//! what only the reader of all bytes can know: where nothing but zeros stands.

use catalog::WallTime;
use catalog::observation::ProblemCode;
use chrono::{DateTime, Utc};
use ffmpeg_next::Discard;
use ffmpeg_next::format::context::Input;

mod cadence;
mod container;
mod demux;
pub mod derive;
mod examiner;
#[cfg(fuzzing)]
pub mod fuzzing;
mod in_words;
pub mod inspect;
mod last_pictures;
mod mp4;
mod report;
mod sample_index;
mod source;
mod sparse;
mod tables;
mod telemetry;
mod telemetry_sidecar;
mod telemetry_track;
mod timeline;
mod track;
mod watch;

pub use self::telemetry::Effort;
pub use confined::{ByteRange, MediaReport};
pub use container::{Access, Container, HEAD_BYTES, access, resembles, sniff};
pub use examiner::child_main;
pub use report::Examination;
pub use source::ByteSource;
pub use telemetry_track::{POINTS_MAX, TOLERANCE};

use self::telemetry::Telemetry;
use demux::Trouble;
use last_pictures::LastPictures;
use timeline::Timeline;
use track::Tracks;
use watch::Seen;

/// Bits of the clocks of MPEG streams (ISO/IEC 13818-1, 2.4.3.7).
const MPEG_CLOCK_BITS: u32 = 33;

/// Tags that say something about where a recording comes from.
const TAGS: &[&str] = &[
    "make",
    "model",
    "com.apple.quicktime.make",
    "com.apple.quicktime.model",
    "com.apple.quicktime.software",
    "com.apple.quicktime.creationdate",
    "com.apple.quicktime.location.ISO6709",
    "com.android.version",
    "com.android.manufacturer",
    "com.android.model",
    "location",
    "date",
    "encoder",
    "software",
    "firmware",
    "title",
    "comment",
];
/// A tag's value is kept up to this many bytes.
const TAG_BYTES_MAX: usize = 256;

/// As [`examine_with`], by whoever reads the whole file anyway.
pub fn examine<S: ByteSource>(source: S, size_bytes: u64) -> Examination {
    examine_with(source, size_bytes, Effort::Whole)
}

/// Reads a file of `size_bytes` from `source`, which stands at its first byte, as [`access`] says.
///
/// A source that fails shows in [`Examination::read_error`]. For a sparse visit the source must be
/// able to seek; for a sequential one it is only read, and always to its end.
pub fn examine_with<S: ByteSource>(mut source: S, size_bytes: u64, effort: Effort) -> Examination {
    let wanted = usize::try_from(size_bytes).unwrap_or(usize::MAX).min(HEAD_BYTES);
    let mut head = vec![0; wanted];
    let read = source::read_full(&mut source, &mut head);
    let mut examination = Examination::new(sniff(&head), access(&head));
    match read {
        Ok(length) if length == wanted => {}
        Ok(length) => {
            examination.read_error = Some(format!("the source ended after {length} of {size_bytes} bytes"));
            return examination;
        }
        Err(e) => {
            examination.read_error = Some(e.to_string());
            return examination;
        }
    }
    match examination.container {
        None if size_bytes == 0 => examination.note(ProblemCode::Empty, "there is not one byte in it"),
        None => match telemetry_sidecar::recognise(&head) {
            Some(kind) => telemetry_sidecar::examine(&mut examination, kind, &mut source, size_bytes, head),
            None => examination.note(
                ProblemCode::Unreadable,
                format!("it is no media file but looks like {}", resembles(&head)),
            ),
        },
        Some(container) => match examination.access {
            Access::Sparse => sparse::examine(&mut examination, source, size_bytes, head, effort),
            Access::Sequential => examine_in_order(&mut examination, container, source, size_bytes, head),
        },
    }
    examination.conclude();
    examination
}

fn examine_in_order<S: ByteSource>(
    examination: &mut Examination,
    container: Container,
    source: S,
    size_bytes: u64,
    head: Vec<u8>,
) {
    let first_movie = mp4::movie_in_head(&head);
    let watch = watch::watch_for(container, &head);
    let once = source::Once::new(head, source, watch);
    let wraps = matches!(container, Container::MpegTs | Container::MpegPs).then_some(MPEG_CLOCK_BITS);
    let mut timeline = Timeline::new(wraps);
    let mut tracks = Tracks::default();
    let mut telemetry = Telemetry::default();
    let mut last_pictures = wraps.map(|_| LastPictures::of(size_bytes));
    let opened = demux::open_once(once.clone(), container).map(|mut input| {
        describe(examination, &input);
        let listeners =
            demux::Listeners { telemetry: Some(&mut telemetry), last_pictures: last_pictures.as_mut() };
        let trouble = demux::read_packets(&mut input, &mut tracks, &mut timeline, listeners, |id| {
            first_movie.as_ref().and_then(|movie| movie.track(id)?.entry)
        });
        (input, trouble)
    });
    let (watch, read_bytes, failure) = once.drain();
    let mut seen = watch.map(|mut watch| watch.finish(read_bytes)).unwrap_or_default();
    if let (Ok((input, _)), Some(last_pictures)) = (&opened, &last_pictures)
        && let Some(id) = last_pictures.cut(input, &seen.open_ends)
    {
        seen.note(ProblemCode::Truncated, format!("the last picture of stream {id:#x} is cut off"));
    }
    examination.read_error = failure.or_else(|| {
        (read_bytes != size_bytes)
            .then(|| format!("the source ended after {read_bytes} of {size_bytes} bytes"))
    });
    if let Some(moov) = &seen.moov {
        note_encryption(examination, &mp4::movie::Movie::parse(moov));
    }
    note_resets(examination, &timeline);
    note_breaks(examination, &seen, &timeline);
    match opened {
        Ok((_, trouble)) => note_trouble(examination, &trouble, &seen),
        Err(e) if examination.has(ProblemCode::Encrypted) => drop(e),
        Err(e) => examination.note(ProblemCode::Unreadable, format!("its head cannot be understood: {e}")),
    }
    examination.problems.extend(seen.problems);
    examination.padding = seen.padding;
    examination.tracks = tracks.finish();
    examination.telemetry = telemetry.finish(examination.tracks.iter().map(|track| &track.index));
}

/// What the container says of itself.
fn describe(examination: &mut Examination, input: &Input) {
    let metadata = input.metadata();
    let tag = |name: &str| -> Option<String> {
        // FFmpeg does not promise UTF-8: nothing but the bytes may be touched before they are checked.
        let bytes = metadata.get(name)?.as_bytes();
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(TAG_BYTES_MAX)]);
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    examination.created_at = tag("creation_time")
        .and_then(|text| DateTime::parse_from_rfc3339(&text).ok())
        .map(|moment| WallTime::from(moment.with_timezone(&Utc)));
    examination.tags = TAGS.iter().filter_map(|&name| Some((name.to_owned(), tag(name)?))).collect();
}

fn note_encryption(examination: &mut Examination, movie: &mp4::movie::Movie) {
    let locked: Vec<String> =
        movie.tracks.iter().filter(|track| track.encrypted).map(|track| track.id.to_string()).collect();
    if !locked.is_empty() {
        examination.note(ProblemCode::Encrypted, format!("track {} is encrypted", locked.join(", ")));
    }
}

fn note_resets(examination: &mut Examination, timeline: &Timeline) {
    let Some(first) = timeline.resets.first() else { return };
    let count = timeline.resets.len();
    let place = first.position.map_or(String::new(), |position| format!(" at byte {position}"));
    examination.note(
        ProblemCode::TimeReset,
        format!(
            "timestamps start over {count} times, first{place} by {}; what follows is laid directly behind, from {} on",
            catalog::Micros(first.jump_us),
            catalog::MediaTime(first.at_us)
        ),
    );
}

/// Counters that skip, unless a clock that was started anew explains them.
fn note_breaks(examination: &mut Examination, seen: &Seen, timeline: &Timeline) {
    let Some(breaks) = &seen.breaks else { return };
    let explained = breaks.streams.saturating_mul(timeline.resets.len() as u64);
    if breaks.count > explained {
        examination.note(
            ProblemCode::Damaged,
            format!(
                "packets are missing in {} places, the first at byte {}, the last at byte {}",
                breaks.count, breaks.first_at, breaks.last_at
            ),
        );
    }
}

fn note_trouble(examination: &mut Examination, trouble: &Trouble, seen: &Seen) {
    let truncated = seen.problems.iter().any(|problem| problem.code == ProblemCode::Truncated);
    let explained = seen.breaks.as_ref().map_or(0, |breaks| breaks.count);
    if trouble.corrupt > explained && trouble.only_last_corrupt {
        if !truncated {
            examination.note(ProblemCode::Truncated, "the last packet lacks some of its bytes");
        }
    } else if trouble.corrupt > explained {
        let place = trouble.first_corrupt_at.map_or(String::new(), |at| format!(", the first at byte {at}"));
        examination.note(ProblemCode::Damaged, format!("{} packets are corrupt{place}", trouble.corrupt));
    }
    if trouble.errors > 0 && !(truncated && trouble.errors == 1) {
        let place = trouble.first_error_after.map_or(String::new(), |at| format!(", first after byte {at}"));
        let end = if trouble.gave_up { "; the rest was given up" } else { "" };
        examination.note(
            ProblemCode::Damaged,
            format!("packets cannot be read in {} places{place}{end}", trouble.errors),
        );
    }
}

/// Whether other tools show no packets of this stream because it holds the titles of chapters.
fn is_discarded(input: &Input, stream: usize) -> bool {
    input.stream(stream).is_some_and(|stream| stream.discard() == Discard::All)
}
