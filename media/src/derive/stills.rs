//! Key frames as stills, laid in one picture.
//!
//! Of a file with sample tables the wanted key frames alone are read; every other file is read in order, up to the last one
//! that is wanted, because only that tells its times for certain.

use std::io::{Seek, Write};

use catalog::MediaTime;
use catalog::derivative::{Derived, Grid, Label, Tile};
use catalog::observation::{ProblemCode, StreamKind};
use ffmpeg_next::Packet;
use ffmpeg_next::codec::Parameters;
use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame::Video;

use super::opened::{self, Visit};
use super::picture::{Shrink, Turn};
use super::stream::look;
use super::{Unmade, jpeg};
use crate::source::ByteSource;
use crate::tables::Tables;

/// No more tiles are made.
const TILES_MAX: usize = 400;
/// The most pixels of the whole picture.
const PIXELS_MAX: u64 = 16 << 20;
/// The largest key frame that is read at a place.
const KEY_BYTES_MAX: u32 = 64 << 20;

/// One still: when it is shown, and the picture.
type Still = (i64, Video);

/// Makes them.
pub(super) fn make<S: ByteSource, W: Write + Seek + Send + 'static>(
    source: S,
    size_bytes: u64,
    at_us: &[MediaTime],
    grid: Grid,
    label: &Label,
    mut sink: W,
) -> Result<Derived, Unmade> {
    let wanted: Vec<i64> = at_us.iter().take(TILES_MAX).map(|at| at.0).collect();
    let visit = opened::begin(source, size_bytes)?;
    let stills = match &visit {
        Visit::Tables(tables) => match at_places(tables, &wanted, grid)? {
            Some(stills) => stills,
            None => in_order(&visit, &wanted, grid)?,
        },
        Visit::InOrder(..) => in_order(&visit, &wanted, grid)?,
    };
    let (sheet, tiles) = laid(&stills, grid)
        .ok_or_else(|| Unmade::new(ProblemCode::Unreadable, "none of its key frames can be decoded"))?;
    let bytes = jpeg::encode(&sheet, label.as_str())
        .ok_or_else(|| Unmade::new(ProblemCode::Unreadable, "its pictures cannot be written as JPEG"))?;
    sink.write_all(&bytes).map_err(|error| Unmade::Source(error.to_string()))?;
    Ok(Derived { tiles, ..Derived::default() })
}

/// Which of the key frames at `keys_us` (in order) are shown for the wanted times, each once: the last that begins no
/// later, or the first.
fn chosen(keys_us: &[i64], wanted: &[i64]) -> Vec<usize> {
    let last = keys_us.len().saturating_sub(1);
    let of = |&at_us: &i64| keys_us.partition_point(|&key_us| key_us <= at_us).saturating_sub(1).min(last);
    let mut chosen: Vec<usize> =
        if keys_us.is_empty() { Vec::new() } else { wanted.iter().map(of).collect() };
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}

/// By the tables; `None` where the file has none that fit.
fn at_places<S: ByteSource>(
    tables: &Tables<S>,
    wanted: &[i64],
    grid: Grid,
) -> Result<Option<Vec<Still>>, Unmade> {
    let (input, planned) = tables.planned()?;
    let Some(planned) = planned else { return Ok(None) };
    let video = planned.iter().enumerate().find(|(stream, planned)| {
        opened::kind(&input, *stream) == Some(StreamKind::Video) && !planned.samples.is_empty()
    });
    let Some((stream, video)) = video else {
        return Err(Unmade::new(ProblemCode::NoVideo, "there is no picture in it"));
    };
    let mut keys: Vec<(i64, usize)> = (0..video.samples.len())
        .filter(|&number| video.samples.get(number).is_some_and(|sample| sample.keyframe))
        .filter_map(|number| Some((video.time_base.us(video.pts(number)?), number)))
        .collect();
    keys.sort_unstable();
    let keys_us: Vec<i64> = keys.iter().map(|(at_us, _)| *at_us).collect();
    let mut still = Camera::new(opened::parameters(&input, stream), opened::turn(&input, stream), grid);
    let mut stills = Vec::new();
    for place in chosen(&keys_us, wanted) {
        let Some(&(at_us, number)) = keys.get(place) else { continue };
        let Some(sample) = video.samples.get(number) else { continue };
        if !(1..=KEY_BYTES_MAX).contains(&sample.size_bytes) {
            continue;
        }
        let bytes = tables.skim.bytes_at(sample.position, sample.size_bytes as usize);
        // One that lies beyond the end of a file that was cut off is left out.
        let Some(bytes) = bytes.map_err(|error| Unmade::Source(error.to_string()))? else { continue };
        let mut packet = Packet::copy(&bytes);
        packet.set_pts(Some(at_us));
        packet.set_dts(Some(at_us));
        stills.extend(still.take(&packet).map(|picture| (at_us, picture)));
    }
    Ok(Some(stills))
}

/// From the first packet to the last key frame that is wanted.
fn in_order<S: ByteSource>(visit: &Visit<S>, wanted: &[i64], grid: Grid) -> Result<Vec<Still>, Unmade> {
    let mut packets = visit.packets()?;
    let mut met = 0;
    let mut video: Option<usize> = None;
    let mut camera: Option<Camera> = None;
    let mut held: Option<(i64, Packet)> = None;
    let mut stills: Vec<Still> = Vec::new();
    let mut wanted = wanted.iter().copied().peekable();
    while wanted.peek().is_some()
        && let Some(packet) = packets.next()
    {
        while met <= packet.stream() {
            if packets.kind(met) == Some(StreamKind::Video) {
                video = video.or(Some(met));
            }
            met += 1;
        }
        let stream = packet.stream();
        let Some(at_us) = packet.pts().or(packet.dts()).filter(|_| video == Some(stream) && packet.is_key())
        else {
            continue;
        };
        let camera =
            camera.get_or_insert_with(|| Camera::new(packets.parameters(stream), packets.turn(stream), grid));
        // Whoever wanted something before this key frame gets the one before it.
        if let Some((held_us, held)) = &held {
            let mut asked = false;
            while wanted.next_if(|&wanted_us| wanted_us < at_us).is_some() {
                asked = true;
            }
            if asked {
                stills.extend(camera.take(held).map(|picture| (*held_us, picture)));
            }
        }
        held = Some((at_us, packet));
    }
    if let Some(failure) = visit.failure() {
        return Err(Unmade::Source(failure));
    }
    if video.is_none() {
        return Err(Unmade::new(ProblemCode::NoVideo, "there is no picture in it"));
    }
    if let (Some(camera), Some((held_us, held)), true) = (&mut camera, &held, wanted.peek().is_some()) {
        stills.extend(camera.take(held).map(|picture| (*held_us, picture)));
    }
    Ok(stills)
}

/// Takes stills of one stream.
struct Camera {
    parameters: Parameters,
    turn: Turn,
    grid: Grid,
    shrink: Option<Shrink>,
}

impl Camera {
    fn new(parameters: Parameters, turn: Turn, grid: Grid) -> Self {
        Self { parameters, turn, grid, shrink: None }
    }

    fn take(&mut self, key: &Packet) -> Option<Video> {
        let seen = look(self.parameters.clone(), key)?.like;
        if self.shrink.is_none() {
            let Grid { width, height, .. } = self.grid;
            let (long, short) = (width.max(height), width.min(height));
            self.shrink = Shrink::to_fit(&seen, self.turn, long, short, Pixel::YUVJ420P);
        }
        self.shrink.as_mut()?.run(&seen)
    }
}

/// All stills in one picture; `None` without any.
fn laid(stills: &[Still], grid: Grid) -> Option<(Video, Vec<Tile>)> {
    let width = stills.iter().map(|(_, still)| still.width()).max()?;
    let height = stills.iter().map(|(_, still)| still.height()).max()?;
    let columns = grid.columns.clamp(1, u32::try_from(stills.len()).ok()?);
    let rows = u32::try_from(stills.len()).ok()?.div_ceil(columns);
    let (whole_width, whole_height) = (width.checked_mul(columns)?, height.checked_mul(rows)?);
    if u64::from(whole_width) * u64::from(whole_height) > PIXELS_MAX {
        return None;
    }
    let mut sheet = Video::new(Pixel::YUVJ420P, whole_width, whole_height);
    sheet.data_mut(0).fill(0);
    (1..3).for_each(|plane| sheet.data_mut(plane).fill(128));
    let mut tiles = Vec::new();
    for (number, (at_us, still)) in (0..).zip(stills) {
        let (x, y) = (number % columns * width, number / columns * height);
        for plane in 0..3 {
            let (right, down) = if plane == 0 { (x, y) } else { (x / 2, y / 2) };
            let (wide, high) = (still.plane_width(plane) as usize, still.plane_height(plane) as usize);
            let (from_stride, to_stride) = (still.stride(plane), sheet.stride(plane));
            let source = still.data(plane);
            let target = sheet.data_mut(plane);
            for row in 0..high {
                let from = row * from_stride;
                let to = (down as usize + row) * to_stride + right as usize;
                if let (Some(line), Some(place)) =
                    (source.get(from..from + wide), target.get_mut(to..to + wide))
                {
                    place.copy_from_slice(line);
                }
            }
        }
        let (width, height) = (still.width(), still.height());
        tiles.push(Tile { at_us: MediaTime(*at_us), x, y, width, height });
    }
    Some((sheet, tiles))
}
