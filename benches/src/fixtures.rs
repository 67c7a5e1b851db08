//! What the benches work on. Everything is made here, the same on every machine (but for the bytes of
//! what ffmpeg encodes).

use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::process::Command;

use catalog::case::{Case, Procedure, Stage, StageKind};
use catalog::device::{Device, DeviceKind};
use catalog::observation::{StartClaim, StartSource};
use catalog::snapshot::{Arrival, Recording, Snapshot};
use catalog::unit::{Officer, Unit, UnitKind};
use catalog::{Interval, IntervalSet, MediaTime, Micros, Month, WallTime};

/// Bytes without a pattern, from a linear congruential generator.
pub fn noise(len: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(len).collect()
}

/// A sparse set of `count` intervals, ten seconds apart and `length_s` long, from `start_s` on.
pub fn intervals(count: i64, start_s: i64, length_s: i64) -> IntervalSet<MediaTime> {
    let at = |s: i64| MediaTime(s * 1_000_000);
    let from = |number: i64| start_s + 10 * number;
    (0..count).map(|number| Interval::new(at(from(number)), at(from(number) + length_s))).collect()
}

/// An MP4 of 20 minutes, picture and sound, its index at the end: ten seconds of a small test card that
/// are encoded once and repeated 120 times.
///
/// # Errors
/// If the ffmpeg program is not there or fails.
pub fn twenty_minutes(folder: &Path) -> io::Result<Vec<u8>> {
    let (clip, long) = (folder.join("clip.mp4"), folder.join("long.mp4"));
    let card = ["-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25:duration=10"];
    let tone = ["-f", "lavfi", "-i", "sine=duration=10:sample_rate=48000"];
    let codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-c:a", "aac"];
    ffmpeg(Command::new("ffmpeg").args(card).args(tone).args(codecs).arg(&clip))?;
    ffmpeg(
        Command::new("ffmpeg").args(["-stream_loop", "119", "-i"]).arg(&clip).args(["-c", "copy"]).arg(&long),
    )?;
    std::fs::read(long)
}

fn ffmpeg(command: &mut Command) -> io::Result<()> {
    let done = command.args(["-v", "error", "-nostdin"]).output()?;
    if done.status.success() {
        return Ok(());
    }
    Err(io::Error::other(String::from_utf8_lossy(&done.stderr).into_owned()))
}

/// DJI subtitles of `seconds` seconds at 30 a second, in the bracketed form.
pub fn dji_subtitles(seconds: u32) -> String {
    let mut text = String::new();
    let stamp = |ms: u32| {
        let (s, ms) = (ms / 1000, ms % 1000);
        format!("{:02}:{:02}:{:02},{ms:03}", s / 3600, s / 60 % 60, s % 60)
    };
    for number in 0..seconds * 30 {
        let ms = number * 1000 / 30;
        let moved = f64::from(number) * 1e-6;
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "{}\n{} --> {}\n<font size=\"36\">SrtCnt : {}, DiffTime : 33ms\n2024-05-03 {}\n[iso : 100] \
             [shutter : 1/80.0] [fnum : 280] [latitude: {:.6}] [longitude: {:.6}] [rel_alt: 30.100 abs_alt: \
             42.660] </font>\n\n",
            number + 1,
            stamp(ms),
            stamp(ms + 33),
            number + 1,
            stamp(ms + 9 * 3_600_000).replace(',', "."),
            31.23 + moved,
            121.47 + moved,
        );
    }
    text
}

/// 16 May 2024, 08:00 in Shanghai, and the days around it.
fn moment(day: i64, second: i64) -> WallTime {
    // 1 May 2024, 00:00 in Shanghai.
    WallTime((1_714_492_800 + day * 86_400 + second) * 1_000_000)
}

/// A month of `officers` officers in squads of ten. On each of 20 days each officer has one inspection
/// of 30 minutes, filmed by an own recorder in `files` files with a break of a second between them; one
/// officer in ten films only the first half.
///
/// # Panics
/// Never: the month exists.
pub fn month(officers: u32, files: i64) -> Snapshot {
    const STAGE_S: i64 = 1800;
    const DAYS: u32 = 20;
    let badge = |officer: u32| format!("{:06}", 310_000 + officer);
    let squad = |officer: u32| format!("S{:03}", officer / 10);
    let mut snapshot = Snapshot {
        looks: Vec::new(),
        month: Month::new(2024, 5).expect("May is a month"),
        as_of: moment(31, 0),
        units: Vec::new(),
        officers: Vec::new(),
        devices: Vec::new(),
        cases: Vec::new(),
        stages: Vec::new(),
        links: Vec::new(),
        excuses: Vec::new(),
        manifest: Vec::new(),
        recordings: Vec::new(),
    };
    for officer in 0..officers {
        if officer % 10 == 0 {
            snapshot.units.push(Unit {
                code: squad(officer),
                name: format!("squad {}", officer / 10),
                kind: UnitKind::Squad,
                parent: None,
            });
        }
        snapshot.officers.push(Officer {
            badge: badge(officer),
            name: format!("officer {officer}"),
            unit: squad(officer),
            frontline: true,
        });
        let serial = format!("BC{officer:05}");
        snapshot.devices.push(Device {
            serial: serial.clone(),
            kind: DeviceKind::Bodycam,
            unit: squad(officer),
            holder: Some(badge(officer)),
            synced_at: Some(moment(0, 0)),
            clock_error_us: Some(Micros::from_s(1)),
        });
        for day in 0..DAYS {
            let case_no = format!("C{officer:05}-{day:02}");
            let (starts_at, ends_at) = (moment(day.into(), 28_800), moment(day.into(), 28_800 + STAGE_S));
            snapshot.cases.push(Case {
                case_no: case_no.clone(),
                unit: squad(officer),
                procedure: Procedure::Ordinary,
                filed_at: starts_at,
                closed_at: None,
                title: String::new(),
            });
            snapshot.stages.push(Stage {
                case_no,
                stage_no: 1,
                kind: StageKind::SiteInspection,
                starts_at,
                ends_at,
                officers: vec![badge(officer)],
                place: String::new(),
            });
            let length_s = STAGE_S / files;
            let filmed = if officer % 10 == 9 { files / 2 } else { files };
            for file in 0..filmed {
                let began = moment(day.into(), 28_800 + file * length_s);
                let key = format!("{serial}/{serial}_{}_{day:02}_{file:03}.mp4", badge(officer));
                snapshot.recordings.push(recording(key, &serial, &badge(officer), began, length_s - 1));
            }
        }
    }
    snapshot
}

fn recording(
    object_key: String,
    device: &str,
    badge: &str,
    started_at: WallTime,
    length_s: i64,
) -> Recording {
    let whole = IntervalSet::from(Interval::new(MediaTime(0), MediaTime(length_s * 1_000_000)));
    let error_us = Micros::from_s(1);
    Recording {
        version: 1,
        sha256: format!("digest of {object_key}"),
        object_key,
        first_sha256: None,
        size_bytes: 1_000_000,
        device: Some(device.to_owned()),
        badge: Some(badge.to_owned()),
        started_at: Some(started_at),
        started_at_source: Some(StartSource::FileName),
        clock_error_us: error_us,
        start_claims: vec![StartClaim { source: StartSource::FileName, started_at, error_us }],
        origin_us: MediaTime(0),
        video: whole.clone(),
        audio: whole,
        problems: Vec::new(),
        gone: false,
        arrival: Arrival::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_month_has_as_many_recordings_as_it_says() {
        let month = month(100, 5);
        assert_eq!(month.stages.len(), 2000);
        assert_eq!(month.recordings.len(), 90 * 20 * 5 + 10 * 20 * 2);
        let (start, end) = (month.month.start(), month.month.next().start());
        assert!(month.stages.iter().all(|stage| stage.starts_at >= start && stage.ends_at < end));
    }

    #[test]
    fn intervals_do_not_touch_one_another() {
        assert_eq!(intervals(1000, 0, 7).iter().len(), 1000);
    }
}
