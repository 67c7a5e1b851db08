//! What the tests of several modules share: a plan small enough to be made in a second.

use catalog::interval::Interval;
use catalog::time::Micros;

use crate::bureau;
use crate::calendar::at;
use crate::plan::Plan;
use crate::recording::{Container, Damage, PlannedRecording, Scene, Take};

/// Whether the programs are there; says so where a test is skipped for want of them.
pub(crate) fn ffmpeg_is_there() -> bool {
    let here = std::path::Path::new(".");
    let there =
        ["ffmpeg", "ffprobe"].iter().all(|program| crate::footage::run(program, &["-version"], here).is_ok());
    if !there {
        eprintln!("skipped: the programs ffmpeg and ffprobe are not installed");
    }
    there
}

/// One recording of crew 0, `seconds` long.
pub(crate) fn recording(container: Container, minute: i64, seconds: i64) -> PlannedRecording {
    let recorder = &bureau::crew(0)[0];
    let start = at(3, 9, minute);
    let take = Take::by(recorder, Scene::Street).in_one_file().wrapped_in(container);
    take.film(recorder, Interval::new(start, start + Micros::from_s(seconds)), 1).remove(0)
}

/// Three recordings and nothing else: one whole, one with a hole of 40 s, one to be altered.
pub(crate) fn mini_plan() -> Plan {
    let whole = recording(Container::MpegTs, 0, 130);
    // Longer than one length of stock, so that a seam lies before and after the hole.
    let hole = Some((Micros::from_s(650), Micros::from_s(40)));
    let holed = PlannedRecording { hole, ..recording(Container::Mp4, 10, 700) };
    let altered = PlannedRecording { damage: Damage::AlteredLater, ..recording(Container::Mp4, 30, 90) };
    Plan {
        units: bureau::units(),
        officers: bureau::officers(),
        recordings: vec![whole, holed, altered],
        ..Plan::default()
    }
}
