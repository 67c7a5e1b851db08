//! Objects that are nothing but telemetry: DJI's subtitle files, GPX, NMEA, bare GPMF and KLV.
//!
//! They are told by their content, never by their name, and read whole, up to
//! [`SIDECAR_BYTES_MAX`]. What a parser complains of becomes a problem of the object, a few words for
//! each code; a limit of the parser's own does not.

use std::io::Read;

use catalog::Micros;
use catalog::observation::{Problem, ProblemCode};
use telemetry::{Fault, Kind, MAX_TEXT_SIZE_BYTES};

use super::report::Examination;
use super::source::read_full;
use super::telemetry_track::Found;

/// How much of such an object is read. Subtitles of an hour at 60 Hz have 55 MB.
pub(super) const SIDECAR_BYTES_MAX: usize = MAX_TEXT_SIZE_BYTES;

/// The name of an object of this kind, as [`catalog::observation::SIDECAR_CONTAINERS`] has it.
pub(super) const fn container(kind: Kind) -> &'static str {
    match kind {
        Kind::DjiSrt => "srt",
        Kind::Gpmf => "gpmf",
        Kind::MisbSt0601 | Kind::Klv => "klv",
        Kind::Nmea => "nmea",
        Kind::Gpx => "gpx",
    }
}

/// What telemetry an object that begins with `head` is; `None` if none.
pub(super) fn recognise(head: &[u8]) -> Option<Kind> {
    // With a line's end behind it, a character that the head cuts through does no harm.
    telemetry::recognise("", &[head, b"\n"].concat())
}

/// Reads the object behind `source`, which stands after `head`.
pub(super) fn examine(
    examination: &mut Examination,
    kind: Kind,
    source: &mut impl Read,
    size_bytes: u64,
    head: Vec<u8>,
) {
    let wanted = usize::try_from(size_bytes).unwrap_or(usize::MAX).min(SIDECAR_BYTES_MAX);
    let mut bytes = head;
    let begun = bytes.len().min(wanted);
    bytes.resize(wanted, 0);
    match read_full(source, &mut bytes[begun..]) {
        Ok(count) if begun + count == wanted => {}
        Ok(count) => {
            let read = begun + count;
            examination.read_error = Some(format!("the source ended after {read} of {size_bytes} bytes"));
            return;
        }
        Err(e) => {
            examination.read_error = Some(e.to_string());
            return;
        }
    }
    let track = telemetry::parse(kind, &bytes);
    let mut notes = Vec::new();
    if size_bytes > wanted as u64 {
        notes.push(format!("only the first {wanted} of {size_bytes} bytes were read"));
    }
    examination.sidecar = Some(container(kind).to_owned());
    examination.problems = problems(&track);
    examination.telemetry = vec![Found::new(None, &track, Micros::ZERO, notes)];
}

/// What the parser complains of, one problem for each code.
fn problems(track: &telemetry::Track) -> Vec<Problem> {
    let nothing = track.samples_read == 0 && track.unsupported.is_empty() && track.problems_total > 0;
    let mut problems: Vec<(ProblemCode, String, u64)> = Vec::new();
    for problem in &track.problems {
        let Some(code) =
            code(&problem.fault).map(|code| if nothing { ProblemCode::Unreadable } else { code })
        else {
            continue;
        };
        match problems.iter_mut().find(|(known, ..)| *known == code) {
            Some((.., more)) => *more += 1,
            None => problems.push((code, problem.to_string(), 0)),
        }
    }
    let told = |(code, detail, more): (ProblemCode, String, u64)| match more {
        0 => Problem::new(code, detail),
        more => Problem::new(code, format!("{detail}; and {more} more")),
    };
    problems.into_iter().map(told).collect()
}

fn code(fault: &Fault) -> Option<ProblemCode> {
    match fault {
        Fault::Empty => Some(ProblemCode::Empty),
        Fault::NotThis { .. } => Some(ProblemCode::Unreadable),
        Fault::Truncated { .. } => Some(ProblemCode::Truncated),
        Fault::Checksum { .. }
        | Fault::NoChecksum { .. }
        | Fault::Unreadable { .. }
        | Fault::Missing { .. }
        | Fault::OutOfRange { .. }
        | Fault::Skipped { .. } => Some(ProblemCode::Damaged),
        // Ours, not the file's; the track's notes have it.
        Fault::OrderUnknown | Fault::Limit { .. } => None,
    }
}
