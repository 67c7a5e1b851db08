//! GPX 1.0 and 1.1: the points of tracks (`trkpt`).
//!
//! Elevation has no stated datum in GPX. A time without an offset, which the schema forbids and some
//! writers produce, is a clock of unknown zone. Speed and course are read where GPX 1.0 has them and
//! where extensions put them (`speed`, `course` at any depth inside a point). Routes and way points
//! are counted, not read: they are plans.
//!
//! **XML is a place to hide bombs in.** Events are pulled one by one, nothing is built up; document
//! types are passed over and their entities never expanded, so `&lol9;` is a problem and not a
//! gigabyte. Text beyond what a number or a time needs is not collected.

use chrono::DateTime;
use quick_xml::Reader as XmlReader;
use quick_xml::events::{BytesStart, Event};

use crate::builder::Builder;
use crate::problem::{Fault, Place, shown};
use crate::sample::{Altitude, Datum, Position, Sample, moment};
use crate::text;
use crate::track::{Kind, Track};

/// Longer than any number or time.
const MAX_VALUE_BYTES: usize = 64;

/// Reads a whole file.
pub fn parse(bytes: &[u8]) -> Track {
    let mut builder = Builder::new(Kind::Gpx);
    let text = text::decode(bytes, &mut builder);
    if text.trim().is_empty() {
        builder.problem(Place::Byte(0), Fault::Empty);
        return builder.finish(None);
    }
    let mut reader = Reader { builder, point: None, value: None, seen_root: false };
    let mut xml = XmlReader::from_str(&text);
    loop {
        let at = Place::Byte(xml.buffer_position());
        match xml.read_event() {
            Ok(Event::Eof) => break,
            Ok(event) => {
                if !reader.event(&event, at) {
                    break;
                }
            }
            Err(error) => {
                let what = "the XML from here on".to_owned();
                let found = shown(&error.to_string());
                reader.builder.problem(Place::Byte(xml.error_position()), Fault::Unreadable { what, found });
                break;
            }
        }
    }
    if let Some(point) = reader.point.take() {
        let what = "the end of the last point".to_owned();
        reader.builder.problem(Place::Byte(xml.buffer_position()), Fault::Missing { what });
        reader.keep(point);
    }
    reader.builder.finish(None)
}

/// Whether a text has the root element of GPX near its start.
pub(crate) fn looks_like(text: &str) -> bool {
    text.match_indices("<gpx").any(|(at, name)| {
        text[at + name.len()..].starts_with(|letter: char| letter.is_whitespace() || letter == '>')
    })
}

struct Reader {
    builder: Builder,
    point: Option<Sample>,
    value: Option<Value>,
    seen_root: bool,
}

/// A value within a point whose text is being read.
struct Value {
    name: Name,
    text: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Name {
    Elevation,
    Time,
    Speed,
    Course,
}

impl Name {
    fn of(local_name: &str) -> Option<Self> {
        Some(match local_name {
            "ele" => Self::Elevation,
            "time" => Self::Time,
            "speed" => Self::Speed,
            "course" => Self::Course,
            _ => return None,
        })
    }
}

impl Reader {
    /// `false` where it makes no sense to go on.
    fn event(&mut self, event: &Event<'_>, at: Place) -> bool {
        match event {
            Event::Start(start) => return self.start(start, at),
            Event::Empty(start) => {
                if !self.start(start, at) {
                    return false;
                }
                self.end(start.local_name().as_ref(), at);
            }
            Event::End(end) => self.end(end.local_name().as_ref(), at),
            Event::Text(text) => self.text(text),
            Event::CData(text) => self.text(text),
            Event::GeneralRef(entity) if self.value.is_some() => {
                let what = "a value with an entity in it".to_owned();
                self.builder.problem(at, Fault::Unreadable { what, found: shown(entity) });
                self.value = None;
            }
            _ => {}
        }
        true
    }

    fn start(&mut self, start: &BytesStart<'_>, at: Place) -> bool {
        let local_name = start.local_name();
        let name: &str = local_name.as_ref();
        if !self.seen_root {
            self.seen_root = true;
            if name != "gpx" {
                let expected = format!("GPX file: its root is `{}`", shown(name));
                self.builder.problem(at, Fault::NotThis { expected });
                return false;
            }
            self.version(start, at);
            return true;
        }
        self.value = None;
        match name {
            "trkpt" => {
                if let Some(point) = self.point.take() {
                    self.keep(point);
                }
                self.point = Some(Sample { position: self.position(start, at), ..Sample::default() });
            }
            "rtept" | "wpt" => self.builder.other(name, 1),
            _ if self.point.is_some() => {
                self.value = Name::of(name).map(|name| Value { name, text: String::new() });
            }
            _ => {}
        }
        true
    }

    fn end(&mut self, name: &str, at: Place) {
        if name == "trkpt" {
            if let Some(point) = self.point.take() {
                self.keep(point);
            }
        } else if let Some(value) = self.value.take() {
            self.value(&value, at);
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(value) = &mut self.value {
            let room = MAX_VALUE_BYTES.saturating_sub(value.text.len());
            value.text.extend(text.chars().take(room));
        }
    }

    fn value(&mut self, value: &Value, at: Place) {
        let Some(point) = &mut self.point else { return };
        let text = value.text.trim();
        let number = match text::leading_number(text) {
            Some((number, "")) => Some(number),
            _ => None,
        };
        let understood = match value.name {
            Name::Elevation => {
                point.altitude = number.map(|altitude_m| Altitude { altitude_m, datum: Datum::Unstated });
                point.altitude.is_some()
            }
            Name::Speed => {
                point.speed_mps = number;
                number.is_some()
            }
            Name::Course => {
                point.course_deg = number.filter(|course| (0.0..=360.0).contains(course));
                point.course_deg.is_some()
            }
            Name::Time => {
                let parsed = DateTime::parse_from_rfc3339(text).ok();
                point.at = parsed.and_then(|parsed| moment(parsed.timestamp_micros()));
                point.local_clock = if point.at.is_none() { text::clock_at_start(text) } else { None };
                point.at.is_some() || point.local_clock.is_some()
            }
        };
        if !understood {
            let what = match value.name {
                Name::Elevation => "an elevation",
                Name::Speed => "a speed",
                Name::Course => "a course",
                Name::Time => "a time",
            };
            self.builder.problem(at, Fault::Unreadable { what: what.to_owned(), found: shown(text) });
        }
    }

    fn keep(&mut self, point: Sample) {
        self.value = None;
        if point.position.is_some() {
            self.builder.unit_with_position();
        }
        self.builder.sample(point);
    }

    fn version(&mut self, root: &BytesStart<'_>, at: Place) {
        match attribute(root, "version") {
            Some(version) if matches!(version.trim(), "1.0" | "1.1") => {}
            version => {
                let found = shown(&version.unwrap_or_default());
                let what = "the version of GPX, which should be 1.0 or 1.1,".to_owned();
                self.builder.problem(at, Fault::Unreadable { what, found });
            }
        }
    }

    fn position(&mut self, point: &BytesStart<'_>, at: Place) -> Option<Position> {
        let [lon, lat] = ["lon", "lat"].map(|name| attribute(point, name).unwrap_or_default());
        let number = |text: &str| match text::leading_number(text.trim_end()) {
            Some((number, "")) => Some(number),
            _ => None,
        };
        let Some((lon_deg, lat_deg)) = number(&lon).zip(number(&lat)) else {
            let found = shown(&format!("lon {lon}, lat {lat}"));
            let what = "the position of a point".to_owned();
            self.builder.problem(at, Fault::Unreadable { what, found });
            return None;
        };
        let position = Position::new(lon_deg, lat_deg);
        if position.is_none() {
            let (lon_deg, lat_deg) = (shown(&lon), shown(&lat));
            self.builder.problem(at, Fault::OutOfRange { lon_deg, lat_deg });
        }
        position
    }
}

/// An attribute's text as it stands, without entities, which no number has.
fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    // The check for doubled names is quadratic in their number; a doubled name is harmless here.
    let found =
        element.attributes().with_checks(false).flatten().find(|attribute| attribute.key.as_ref() == name)?;
    Some(found.value.chars().take(MAX_VALUE_BYTES).collect())
}

#[cfg(test)]
mod tests;
