//! What stands in one subtitle.

use std::borrow::Cow;

use super::order::{Third, Unnamed};
use crate::sample::{Altitude, Attitude, Datum, LocalClock};
use crate::text::{find_clock, leading_number, number_with_commas};

/// The fields of one subtitle that are understood.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Fields {
    pub(super) clock: Option<LocalClock>,
    /// Whether there is a place for a position, filled or not.
    pub(super) has_position_field: bool,
    /// Longitude and latitude that are called so.
    pub(super) named: Option<(f64, f64)>,
    /// Coordinates by place alone.
    pub(super) unnamed: Option<Unnamed>,
    /// The place of take-off, in the same order.
    pub(super) home: Option<(f64, f64)>,
    /// How far from there, over the ground.
    pub(super) home_distance_m: Option<f64>,
    pub(super) altitude: Option<Altitude>,
    pub(super) height_m: Option<f64>,
    pub(super) speed_mps: Option<f64>,
    pub(super) platform: Attitude,
    pub(super) gimbal: Attitude,
}

impl Fields {
    pub(super) fn parse(text: &str) -> Self {
        let text = without_markup(text);
        let mut fields = Self { clock: find_clock(&text), ..Self::default() };
        fields.bracketed(&text);
        fields.mavic_pro(&text);
        fields.phantom(&text);
        fields
    }

    /// Whether anything was understood.
    pub(super) fn is_telemetry(&self) -> bool {
        *self != Self::default()
    }

    fn bracketed(&mut self, text: &str) {
        let (mut lon, mut lat) = (None, None);
        let mut rest = text;
        while let Some((_, group)) = rest.split_once('[') {
            // Without a closing bracket (a file cut short) what is there is still read.
            let (group, after) = group.split_once(']').unwrap_or((group, ""));
            for_each_pair(group, |key, value| {
                let number = number_with_commas(value);
                match key.to_ascii_lowercase().as_str() {
                    "latitude" => {
                        self.has_position_field = true;
                        lat = number;
                    }
                    // Some firmware spells it wrongly.
                    "longitude" | "longtitude" => {
                        self.has_position_field = true;
                        lon = number;
                    }
                    "rel_alt" => self.height_m = number,
                    "abs_alt" | "altitude" => self.altitude = number.map(unstated),
                    "gb_yaw" | "gimbal_yaw" => self.gimbal.yaw_deg = number,
                    "gb_pitch" | "gimbal_pitch" => self.gimbal.pitch_deg = number,
                    "gb_roll" | "gimbal_roll" => self.gimbal.roll_deg = number,
                    "drone_yaw" | "flight_yaw" => self.platform.yaw_deg = number,
                    "drone_pitch" | "flight_pitch" => self.platform.pitch_deg = number,
                    "drone_roll" | "flight_roll" => self.platform.roll_deg = number,
                    _ => {}
                }
            });
            rest = after;
        }
        self.named = lon.zip(lat);
    }

    /// `HOME(a,b) date GPS(a,b,c) BAROMETER:1.9`, and the older `Hb:1.9`.
    fn mavic_pro(&mut self, text: &str) {
        if let Some(inside) = parenthesis(text, "GPS") {
            self.has_position_field = true;
            self.unnamed = unnamed(inside);
            if let Some(Unnamed { third: Third::Metres(altitude_m), .. }) = self.unnamed {
                self.altitude = Some(unstated(altitude_m));
            }
        }
        self.home = parenthesis(text, "HOME").and_then(unnamed).map(|home| home.pair);
        for name in ["BAROMETER:", "Hb:"] {
            if let Some((height_m, _)) = after(text, name).and_then(leading_number) {
                self.height_m = Some(height_m);
            }
        }
    }

    /// `D 698.70m, H 85.80m, H.S 0.00m/s, F.PRY (…), G.PRY (…)`.
    fn phantom(&mut self, text: &str) {
        let metres = |name| after(text, name).and_then(leading_number).map(|(metres, _)| metres);
        if let Some(height_m) = metres("H ") {
            self.height_m = Some(height_m);
        }
        self.home_distance_m = metres("D ");
        self.speed_mps = metres("H.S ");
        if let Some(inside) = parenthesis(text, "F.PRY") {
            self.platform = pitch_roll_yaw(inside);
        }
        if let Some(inside) = parenthesis(text, "G.PRY") {
            self.gimbal = pitch_roll_yaw(inside);
        }
    }
}

fn unstated(altitude_m: f64) -> Altitude {
    Altitude { altitude_m, datum: Datum::Unstated }
}

/// The text without `<font …>` and its like.
fn without_markup(text: &str) -> Cow<'_, str> {
    if !text.contains('<') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once('<') {
        plain.push_str(before);
        let Some((_, after)) = tag.split_once('>') else {
            // A tag that never ends: all that follows is kept as text.
            rest = tag;
            break;
        };
        rest = after;
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// Calls for each `key: value` of one pair of brackets. A value ends at white space, or at a comma
/// that is not between two digits.
fn for_each_pair(group: &str, mut found: impl FnMut(&str, &str)) {
    let mut rest = group;
    while let Some((before, tail)) = rest.split_once(':') {
        let key = before.trim_end();
        let key_start = key
            .rfind(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))
            .map_or(0, |at| at + key[at..].chars().next().map_or(1, char::len_utf8));
        let value = tail.trim_start();
        let bytes = value.as_bytes();
        let end = bytes
            .iter()
            .enumerate()
            .position(|(at, byte)| {
                byte.is_ascii_whitespace()
                    || *byte == b':'
                    || (*byte == b',' && !bytes.get(at + 1).is_some_and(u8::is_ascii_digit))
            })
            .unwrap_or(bytes.len());
        // `end` stands at an ASCII byte or at the end, which are both character boundaries.
        found(&key[key_start..], &value[..end]);
        rest = &value[end..];
        // Two colons in a row: the second belongs to no key.
        rest = rest.strip_prefix(':').unwrap_or(rest);
    }
}

/// What follows a name that stands on its own: not within a longer word.
fn after<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.match_indices(name).find_map(|(at, _)| {
        let before = text[..at].bytes().next_back();
        let own =
            !before.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'/'));
        own.then(|| &text[at + name.len()..])
    })
}

/// What stands in the parentheses after a name.
fn parenthesis<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let inside = after(text, name)?.trim_start_matches([' ', ':']).strip_prefix('(')?;
    // Cut short or not, a parenthesis ends with its line.
    let line = inside.lines().next().unwrap_or_default();
    Some(line.split_once(')').map_or(line, |(inside, _)| inside))
}

/// The numbers of a list; with `, ` between them, each may have a decimal comma.
fn list(inside: &str) -> impl Iterator<Item = &str> {
    let separator = if inside.contains(", ") { ", " } else { "," };
    inside.split(separator).map(str::trim)
}

fn unnamed(inside: &str) -> Option<Unnamed> {
    let mut parts = list(inside);
    let first = number_with_commas(parts.next()?)?;
    let second = number_with_commas(parts.next()?)?;
    let third = match parts.next().map(|text| (text, leading_number(text))) {
        Some((_, Some((metres, unit)))) if unit.trim().eq_ignore_ascii_case("m") => Third::Metres(metres),
        Some((text, Some((_, "")))) if !text.contains('.') => Third::Satellites,
        _ => Third::Unknown,
    };
    // More than three numbers without a space: decimal commas, and no telling where they belong.
    parts.next().is_none().then_some(Unnamed { pair: (first, second), third })
}

fn pitch_roll_yaw(inside: &str) -> Attitude {
    let mut angles = list(inside).map(number_with_commas);
    let mut next = || angles.next().flatten();
    Attitude { pitch_deg: next(), roll_deg: next(), yaw_deg: next() }
}
