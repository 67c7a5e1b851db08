//! DJI's telemetry subtitles: `.SRT` sidecars, and the same text from a video's subtitle track.
//!
//! SubRip has no standard and DJI's contents have no documentation. Three layouts exist:
//!
//! - **bracketed** (Mavic 2 and later, Air, Mini 3 and later, Matrice 30, Neo): `[latitude: 31.2]
//!   [longitude: 121.4] [rel_alt: 1.300 abs_alt: 132.860]`, `longtitude` on some firmware, a line
//!   `2018-02-19 08:04:51,265,847` above it (milliseconds, then microseconds);
//! - **Mavic Pro and Matrice 300**: `HOME(149.0251,-20.2532) 2017.08.05 14:11:51`,
//!   `GPS(149.0251,-20.2533,16) BAROMETER:1.9`;
//! - **Phantom 4 and Mavic Mini**: one line `F/5.6, …, GPS (-58.85, -34.23, 15), D 698.70m, H 85.80m,
//!   H.S 0.00m/s, F.PRY (2.7°, -7.0°, 110.1°), G.PRY (…)`.
//!
//! The last two do not name their coordinates and disagree about the order: [`CoordinateOrder`] says
//! how it is decided.
//!
//! **Time.** A subtitle's own time code is media time. The date and time of day in its text are the
//! remote controller's clock in a zone that is not written down, so they come out as
//! [`LocalClock`](crate::LocalClock). At one subtitle a second that clock jitters and now and then
//! steps by two seconds: that says nothing about the picture, and no gap is made of it.
//!
//! **A damaged file** is read as far as it goes. Subtitles are found by their timing lines, so a
//! missing number, a missing blank line or two of them do no harm.

mod fields;
mod order;

use catalog::MediaTime;

use crate::builder::Builder;
use crate::problem::{Fault, Place, shown};
use crate::sample::{Position, Sample};
use crate::text;
use crate::track::{Kind, Packet, Track};
use fields::Fields;
use order::Votes;
pub use order::{CoordinateOrder, Order, OrderEvidence};

/// How many lines of one complaint are named.
const NAMED_LINES: usize = 8;

/// Reads a whole sidecar.
pub fn parse(bytes: &[u8]) -> Track {
    let mut reader = Reader::new();
    let text = text::decode(bytes, &mut reader.builder);
    let mut cue: Option<Cue> = None;
    let mut line_start = 0;
    for (number, line_text) in (1_u64..).zip(text.split_inclusive('\n')) {
        if let Some((start, end)) = line_text.split_once("-->") {
            if let Some(finished) = cue.take() {
                reader.cue(
                    finished.media_us,
                    finished.line,
                    without_number(&text[finished.text_start..line_start]),
                );
            }
            cue = Some(reader.timing(number, start, end, line_start + line_text.len()));
        }
        line_start += line_text.len();
    }
    match cue {
        Some(finished) => reader.cue(finished.media_us, finished.line, &text[finished.text_start..]),
        None if text.trim().is_empty() => {}
        None => reader.not_this(),
    }
    reader.finish()
}

/// Whether a text looks like DJI's: a subtitle with something in it that only they write.
pub(crate) fn looks_like(text: &str) -> bool {
    text.contains("-->") && {
        let fields = Fields::parse(text);
        fields.has_position_field || fields.height_m.is_some() || text.contains("DiffTime")
    }
}

/// A subtitle whose text is still being found.
struct Cue {
    media_us: Option<MediaTime>,
    line: u64,
    text_start: usize,
}

/// Reads subtitles one by one, as they come from a container.
pub struct Reader {
    builder: Builder,
    packets: u64,
    cues: u64,
    layout: Option<Layout>,
    votes: Votes,
    contradictions: [Vec<u64>; 2],
    with_position_field: u64,
    without_position_field: Vec<u64>,
}

/// Whether the coordinates of a file have names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    Named,
    Unnamed,
}

impl Default for Reader {
    fn default() -> Self {
        Self::new()
    }
}

impl Reader {
    /// A reader that has seen nothing.
    pub fn new() -> Self {
        Self {
            builder: Builder::new(Kind::DjiSrt),
            packets: 0,
            cues: 0,
            layout: None,
            votes: Votes::default(),
            contradictions: [Vec::new(), Vec::new()],
            with_position_field: 0,
            without_position_field: Vec::new(),
        }
    }

    /// Takes one packet of a subtitle track: the text, with or without the two bytes of length that
    /// MP4's `tx3g` puts before it. Lines in problems are then packets, from 1.
    pub fn push(&mut self, packet: Packet<'_>) {
        self.packets += 1;
        let bytes = match packet.bytes {
            [high, low, text @ ..] => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                // A text can begin with two letters, but then they do not happen to be a length
                // within the packet: the smallest printable pair is 0x2020, 8 KB.
                if length > 0 { text.get(..length).unwrap_or(packet.bytes) } else { text }
            }
            other => other,
        };
        let bounded = bytes.get(..1 << 20).unwrap_or(bytes);
        let text = text::decode_bounded(bounded);
        if !text.trim().is_empty() {
            self.cue(packet.media_us, self.packets, &text);
        }
    }

    /// The track.
    pub fn finish(mut self) -> Track {
        if self.cues == 0 && self.builder.is_sound() {
            self.builder.problem(Place::Line(1), Fault::Empty);
        } else if self.cues > 0 && self.builder.samples_mut().is_empty() {
            self.not_this();
        }
        if self.with_position_field > 0 {
            for &line in &self.without_position_field {
                let what = "the position".to_owned();
                self.builder.problem(Place::Line(line), Fault::Missing { what });
            }
        }
        let order = if self.layout == Some(Layout::Unnamed) { self.put_in_order() } else { None };
        self.builder.finish(order)
    }

    /// Swaps the coordinates where the evidence says so; takes them out where there is none.
    fn put_in_order(&mut self) -> Option<CoordinateOrder> {
        let decision = self.votes.decide();
        let Some(decided) = decision else {
            self.builder.samples_mut().iter_mut().for_each(|sample| sample.position = None);
            self.builder.set_units_with_position(0);
            self.builder.problem(Place::Line(1), Fault::OrderUnknown);
            return None;
        };
        let mut lost = 0;
        for sample in self.builder.samples_mut() {
            let raw = sample.position.map(|raw| (raw.lon_deg, raw.lat_deg));
            sample.position = raw.and_then(|pair| decided.order.position(pair));
            lost += u64::from(raw.is_some() && sample.position.is_none());
        }
        if lost > 0 {
            let against = &self.contradictions[usize::from(decided.order == Order::LonLat)];
            for &line in against {
                let what = "a coordinate in its place".to_owned();
                self.builder.problem(Place::Line(line), Fault::Missing { what });
            }
        }
        decision
    }

    fn not_this(&mut self) {
        self.cues += 1;
        let expected = "DJI subtitle file: no subtitle carries telemetry".to_owned();
        self.builder.problem(Place::Line(1), Fault::NotThis { expected });
    }

    fn timing(&mut self, line: u64, start: &str, end: &str, text_start: usize) -> Cue {
        let media_us = time_code(start);
        let end_us = time_code(end);
        if media_us.is_none() || end_us.is_none() || end_us < media_us {
            let found = shown(format!("{}-->{}", tail(start), head(end)).trim());
            self.builder.problem(
                Place::Line(line),
                Fault::Unreadable { what: "a subtitle's times".to_owned(), found },
            );
        }
        Cue { media_us, line, text_start }
    }

    fn cue(&mut self, media_us: Option<MediaTime>, line: u64, text: &str) {
        self.cues += 1;
        let fields = Fields::parse(text);
        if !fields.is_telemetry() {
            if text.trim().is_empty() {
                let found = String::new();
                self.builder.problem(
                    Place::Line(line),
                    Fault::Unreadable { what: "a subtitle's text".to_owned(), found },
                );
            } else {
                self.builder.other("subtitles without telemetry", 1);
            }
            return;
        }
        let position = self.position(&fields, line);
        if fields.has_position_field {
            self.with_position_field += 1;
        } else if self.without_position_field.len() < NAMED_LINES {
            self.without_position_field.push(line);
        }
        if position.is_some() {
            self.builder.unit_with_position();
        }
        self.builder.sample(Sample {
            media_us,
            local_clock: fields.clock,
            position,
            altitude: fields.altitude,
            height_m: fields.height_m,
            speed_mps: fields.speed_mps,
            platform: fields.platform.known(),
            gimbal: fields.gimbal.known(),
            ..Sample::default()
        });
    }

    /// A subtitle's position; where its coordinates have no names, in the order as written, to be put
    /// right at the end.
    fn position(&mut self, fields: &Fields, line: u64) -> Option<Position> {
        let (pair, layout) = match (fields.named, fields.unnamed) {
            (Some(named), _) => (named, Layout::Named),
            (None, Some(unnamed)) => (unnamed.pair, Layout::Unnamed),
            (None, None) => return None,
        };
        if *self.layout.get_or_insert(layout) != layout {
            let found = format!("{}, {}", pair.0, pair.1);
            let what = "a position written in another way than those before".to_owned();
            self.builder.problem(Place::Line(line), Fault::Unreadable { what, found });
            return None;
        }
        if pair == (0.0, 0.0) {
            return None;
        }
        let possible = match layout {
            Layout::Named => Order::LonLat.position(pair),
            Layout::Unnamed => {
                let orders = [Order::LonLat, Order::LatLon];
                orders
                    .into_iter()
                    .find_map(|order| order.position(pair))
                    .map(|_| Position { lon_deg: pair.0, lat_deg: pair.1 })
            }
        };
        if possible.is_none() {
            let (lon_deg, lat_deg) = (pair.0.to_string(), pair.1.to_string());
            self.builder.problem(Place::Line(line), Fault::OutOfRange { lon_deg, lat_deg });
            return None;
        }
        let unnamed = fields.unnamed.filter(|_| layout == Layout::Unnamed);
        let proof =
            unnamed.and_then(|unnamed| self.votes.count(&unnamed, fields.home, fields.home_distance_m));
        if let Some(order) = proof {
            let lines = &mut self.contradictions[usize::from(order == Order::LatLon)];
            if lines.len() < NAMED_LINES {
                lines.push(line);
            }
        }
        possible
    }
}

/// `00:01:02,345`, also with a point, hours of any length.
fn time_code(text: &str) -> Option<MediaTime> {
    let mut rest = text.trim();
    let hours = text::digits(&mut rest, 1..=4)?;
    text::skip(&mut rest, ':')?;
    let minutes = text::digits(&mut rest, 1..=2).filter(|&minutes| minutes < 60)?;
    text::skip(&mut rest, ':')?;
    // A Matrice 300 ends each minute with `00:00:60,000`.
    let seconds = text::digits(&mut rest, 1..=2).filter(|&seconds| seconds <= 60)?;
    let whole_s = (i64::from(hours) * 60 + i64::from(minutes)) * 60 + i64::from(seconds);
    Some(MediaTime(whole_s * catalog::time::US_PER_S + i64::from(text::fraction_us(rest))))
}

/// A subtitle's text without the next one's number, which is the last line that is not blank.
fn without_number(text: &str) -> &str {
    let trimmed = text.trim_end();
    let last = trimmed.rfind('\n').map_or(0, |newline| newline + 1);
    let is_number = trimmed[last..].trim().bytes().all(|byte| byte.is_ascii_digit());
    if is_number { &trimmed[..last] } else { text }
}

/// The last letters of a text that may be long.
fn tail(text: &str) -> &str {
    text.char_indices().rev().nth(15).map_or(text, |(at, _)| &text[at..])
}

/// The first letters of a text that may be long.
fn head(text: &str) -> &str {
    text.char_indices().nth(16).map_or(text, |(at, _)| &text[..at])
}

#[cfg(test)]
mod tests;
