//! GPMF, the GoPro Metadata Format: the `gpmd` track of an MP4, one payload about each second.
//!
//! A payload holds devices (`DEVC`), a device streams (`STRM`), a stream some items that describe it
//! and then its data. GPS points are read; everything else (`ACCL`, `GYRO`, `SHUT` …) is counted by
//! its code. The format is described at <https://github.com/gopro/gpmf-parser>.
//!
//! **Points.** HERO11 says each place twice, in two streams of unlike rates. The points of a payload are those of
//! one stream, never of both in turn.
//!
//! **Time.** Points have no time of their own before HERO11: `GPSU` gives UTC once a payload, about at
//! the first point. The others are spread evenly up to the next payload's `GPSU`; where there is none,
//! over the payload's length by the device's clock or by the container; where neither is known only
//! the first point gets a time. Media time is spread over the payload's duration in the same way.
//!
//! **No fix, no point.** With `GPSF` 0 a camera repeats the last place it knew and a clock that
//! nothing disciplines. Such samples keep their media time and say [`Fix::Absent`](crate::Fix::Absent).

mod device;
mod value;
mod walk;

use catalog::{MediaTime, Micros, WallTime};

use crate::builder::Builder;
use crate::problem::{Fault, Place};
use crate::sample::{Sample, moment};
use crate::track::{Kind, Packet, Track};
use device::Device;
use walk::Items;

/// How far two payloads may be apart to count as neighbours.
const NEIGHBOURS_US: i64 = 5_000_000;

/// Reads payloads that lie one after another, without media times.
pub fn parse(bytes: &[u8]) -> Track {
    let mut reader = Reader::new();
    reader.push(Packet::untimed(bytes));
    reader.finish()
}

/// Whether bytes begin as GPMF does.
pub(crate) fn looks_like(bytes: &[u8]) -> bool {
    bytes.starts_with(b"DEVC\0")
}

/// Reads payloads one by one.
pub struct Reader {
    builder: Builder,
    offset: u64,
    boot_us: Option<i64>,
    /// The last payload's points, which wait for the time of the next.
    waiting: Option<Waiting>,
}

struct Waiting {
    samples: Vec<Sample>,
    first_at: Option<WallTime>,
    ticks_us: Option<i64>,
    media_us: Option<MediaTime>,
    duration_us: Option<i64>,
}

impl Default for Reader {
    fn default() -> Self {
        Self::new()
    }
}

impl Reader {
    /// A reader that has seen nothing.
    pub fn new() -> Self {
        Self { builder: Builder::new(Kind::Gpmf), offset: 0, boot_us: None, waiting: None }
    }

    /// Takes one payload.
    pub fn push(&mut self, packet: Packet<'_>) {
        let base = self.offset;
        self.offset = base.saturating_add(packet.bytes.len() as u64);
        for item in Items::new(packet.bytes) {
            match item {
                Ok(item) if item.code == *b"DEVC" && item.kind == 0 => {
                    let start = base + item.offset as u64 + 8;
                    let device = Device::read(item.data, start, &mut self.boot_us, &mut self.builder);
                    if !device.samples.is_empty() {
                        self.payload(device, &packet);
                    }
                }
                Ok(item) => {
                    let fault = if item.offset == 0 {
                        Fault::NotThis { expected: "GPMF payload: it begins with no DEVC".to_owned() }
                    } else {
                        Fault::Skipped { bytes: item.data.len() as u64 + 8 }
                    };
                    self.builder.problem(Place::Byte(base + item.offset as u64), fault);
                    if item.offset == 0 {
                        return;
                    }
                }
                Err((offset, fault)) => self.builder.problem(Place::Byte(base + offset as u64), fault),
            }
        }
    }

    /// The track.
    pub fn finish(mut self) -> Track {
        if self.offset == 0 {
            self.builder.problem(Place::Byte(0), Fault::Empty);
        }
        self.release(None, None);
        self.builder.finish(None)
    }

    fn payload(&mut self, device: Device, packet: &Packet<'_>) {
        let Device { samples, first_at, ticks_us, .. } = device;
        self.release(first_at, packet.media_us);
        if samples.iter().any(|sample| sample.position.is_some()) {
            self.builder.unit_with_position();
        }
        let (media_us, duration_us) = (packet.media_us, packet.duration_us.map(|length| length.0));
        self.waiting = Some(Waiting { samples, first_at, ticks_us, media_us, duration_us });
    }

    /// Gives the waiting points their times and lets them go.
    fn release(&mut self, next_at: Option<WallTime>, next_media_us: Option<MediaTime>) {
        let Some(waiting) = self.waiting.take() else { return };
        let neighbour = |length: Option<Micros>| {
            length.map(|length| length.0).filter(|&us| us > 0 && us <= NEIGHBOURS_US)
        };
        let wall_us = neighbour(next_at.zip(waiting.first_at).map(|(next, this)| next - this))
            .or(waiting.ticks_us)
            .or(waiting.duration_us);
        let media_us = waiting
            .duration_us
            .or(neighbour(next_media_us.zip(waiting.media_us).map(|(next, this)| next - this)));
        let count = waiting.samples.len();
        for (number, mut sample) in waiting.samples.into_iter().enumerate() {
            if sample.at.is_none() {
                sample.at = waiting
                    .first_at
                    .zip(share(wall_us, number, count))
                    .and_then(|(at, us)| moment((at + us).0));
            }
            sample.media_us = waiting.media_us.zip(share(media_us, number, count)).map(|(at, us)| at + us);
            self.builder.sample(sample);
        }
    }
}

/// How far into a length the n-th of `count` points lies; the first lies at its start whatever the
/// length.
fn share(length_us: Option<i64>, number: usize, count: usize) -> Option<Micros> {
    if number == 0 {
        return Some(Micros::ZERO);
    }
    let share = i128::from(length_us?) * number as i128 / count.max(1) as i128;
    i64::try_from(share).ok().map(Micros)
}

#[cfg(test)]
mod tests;
