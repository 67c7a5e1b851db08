//! One decoded picture, as far as it matters: the brightness of the points of a grid.
//!
//! Where a decoder gives brightness as a plane of its own with 8 bits, it is taken straight from
//! there; formats with more bits, or with brightness among other things, are converted first, small.

use ffmpeg_next::color::Range;
use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame::Video;
use ffmpeg_next::software::scaling;

/// The grid has about this many points each way, at most twice as many.
const GRID: u32 = 240;
/// No side of a picture is longer: whoever says so lies.
const SIDE_MAX: u32 = 16_384;
/// Black and white of pictures with a limited range, as nearly all have (ITU-R BT.601, BT.709).
const LIMITED: (u32, u32) = (16, 235);

/// Brightness on a grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Picture {
    width: u32,
    height: u32,
    /// How many points there are in a row of the grid.
    columns: usize,
    points: Vec<u8>,
    /// Brightness of black and of white.
    range: (u32, u32),
}

impl Picture {
    /// From a decoded frame; `None` if its format is not understood.
    pub(super) fn of(frame: &Video, scaler: &mut Scaler) -> Option<Self> {
        let (width, height) = (frame.width(), frame.height());
        if width == 0 || height == 0 || width > SIDE_MAX || height > SIDE_MAX {
            return None;
        }
        let full = is_full_range(frame);
        let (points, columns) = match frame.format() {
            format if has_luma_bytes(format) => sample(frame, width, height)?,
            _ => {
                let small = scaler.grey(frame)?;
                sample(small, small.width(), small.height())?
            }
        };
        Some(Self { width, height, columns, points, range: if full { (0, 255) } else { LIMITED } })
    }

    /// Whether at least `area_ppm` of its points are no brighter than `level_ppm` of its range.
    pub(super) fn is_black(&self, level_ppm: u32, area_ppm: u32) -> bool {
        let (black, white) = self.range;
        let limit = u64::from(black) * 1_000_000 + u64::from(white - black) * u64::from(level_ppm);
        let dark = self.points.iter().filter(|&&point| u64::from(point) * 1_000_000 <= limit).count();
        dark as u64 * 1_000_000 >= self.points.len() as u64 * u64::from(area_ppm)
    }

    /// Whether its points differ from another's by at most `noise_ppm` of the full range on average.
    pub(super) fn equals(&self, other: &Self, noise_ppm: u32) -> bool {
        if (self.width, self.height, self.points.len()) != (other.width, other.height, other.points.len()) {
            return false;
        }
        // In pieces, so that the sum of each fits 32 bits, which processors add many of at a time.
        let piece = |(ours, theirs): (&[u8], &[u8])| -> u64 {
            let pairs = ours.iter().zip(theirs);
            u64::from(pairs.map(|(&a, &b)| u32::from(a.abs_diff(b))).sum::<u32>())
        };
        let difference: u64 = self.points.chunks(4096).zip(other.points.chunks(4096)).map(piece).sum();
        difference * 1_000_000 <= self.points.len() as u64 * 255 * u64::from(noise_ppm)
    }

    /// The picture averaged to a square of `SIDE` points each way; `None` if it has not so many.
    pub(super) fn averaged<const SIDE: usize>(&self) -> Option<[[f32; SIDE]; SIDE]> {
        let rows = self.points.len() / self.columns.max(1);
        if self.columns < SIDE || rows < SIDE {
            return None;
        }
        let mut averaged = [[0f32; SIDE]; SIDE];
        for (down, line) in averaged.iter_mut().enumerate() {
            let lines = down * rows / SIDE..(down + 1) * rows / SIDE;
            for (across, point) in line.iter_mut().enumerate() {
                let columns = across * self.columns / SIDE..(across + 1) * self.columns / SIDE;
                let count = (lines.len() * columns.len()) as f32;
                let sum: u32 = lines
                    .clone()
                    .filter_map(|row| self.points.get(row * self.columns..)?.get(columns.clone()))
                    .flatten()
                    .map(|&point| u32::from(point))
                    .sum();
                *point = sum as f32 / count;
            }
        }
        Some(averaged)
    }

    /// How many pixels the whole picture has.
    pub(super) fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

fn is_full_range(frame: &Video) -> bool {
    let by_format = matches!(
        frame.format(),
        Pixel::YUVJ420P | Pixel::YUVJ422P | Pixel::YUVJ444P | Pixel::YUVJ440P | Pixel::YUVJ411P
    );
    by_format || frame.color_range() == Range::JPEG
}

/// Formats whose first plane is brightness, a byte a pixel.
fn has_luma_bytes(format: Pixel) -> bool {
    matches!(
        format,
        Pixel::YUV420P
            | Pixel::YUV422P
            | Pixel::YUV444P
            | Pixel::YUV440P
            | Pixel::YUV411P
            | Pixel::YUV410P
            | Pixel::YUVJ420P
            | Pixel::YUVJ422P
            | Pixel::YUVJ444P
            | Pixel::YUVJ440P
            | Pixel::YUVJ411P
            | Pixel::YUVA420P
            | Pixel::YUVA422P
            | Pixel::YUVA444P
            | Pixel::NV12
            | Pixel::NV21
            | Pixel::NV16
            | Pixel::NV24
            | Pixel::GRAY8
    )
}

/// Every so many points of the first plane of a frame, and how many there are in a row.
fn sample(frame: &Video, width: u32, height: u32) -> Option<(Vec<u8>, usize)> {
    let (across, down) = ((width / GRID).max(1) as usize, (height / GRID).max(1) as usize);
    let (width, height) = (width as usize, height as usize);
    if frame.planes() == 0 {
        return None;
    }
    let stride = frame.stride(0);
    // A picture that stands upside down in memory has a stride below zero, which shows as a huge one.
    if stride < width || stride > 4 * SIDE_MAX as usize {
        return None;
    }
    let plane = frame.data(0);
    let mut points = Vec::with_capacity((width / across + 1) * (height / down + 1));
    for row in (0..height).step_by(down) {
        let start = row.checked_mul(stride)?;
        let row = plane.get(start..start.checked_add(width)?)?;
        points.extend(row.iter().step_by(across));
    }
    let columns = width.div_ceil(across);
    (!points.is_empty()).then_some((points, columns))
}

/// Turns other formats into brightness.
#[derive(Default)]
pub(super) struct Scaler {
    context: Option<scaling::Context>,
    grey: Option<Video>,
}

impl Scaler {
    fn grey(&mut self, frame: &Video) -> Option<&Video> {
        let from = (frame.format(), frame.width(), frame.height());
        let fits = self.context.as_ref().is_some_and(|context| {
            let input = context.input();
            (input.format, input.width, input.height) == from
        });
        if !fits {
            let (format, width, height) = from;
            // Not larger than the grid needs: half of the points each way are dropped at most.
            let to = |side: u32| side.min(2 * GRID);
            // A grey picture of full range is brightness as it stands; swscale keeps the range it is told
            // of by the format, and both ends are limited unless the format says otherwise.
            self.context = scaling::Context::get(
                format,
                width,
                height,
                Pixel::GRAY8,
                to(width),
                to(height),
                scaling::Flags::AREA,
            )
            .ok();
            self.grey = Some(Video::empty());
        }
        let (context, grey) = (self.context.as_mut()?, self.grey.as_mut()?);
        context.run(frame, grey).ok()?;
        Some(grey)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(points: Vec<u8>) -> Picture {
        Picture { width: 10, height: 10, columns: 10, points, range: LIMITED }
    }

    #[test]
    fn black_is_a_share_of_dark_points() {
        // 10 % above black of the limited range: 16 + 21.9.
        let mut points = vec![37; 98];
        points.extend([38, 200]);
        assert!(picture(points.clone()).is_black(100_000, 980_000));
        points[0] = 38;
        assert!(!picture(points).is_black(100_000, 980_000));
    }

    #[test]
    fn equality_is_of_the_mean_difference() {
        let still = picture(vec![100; 1000]);
        let mut points = vec![100; 1000];
        assert!(still.equals(&picture(points.clone()), 0));
        points[..255].fill(101);
        assert!(still.equals(&picture(points.clone()), 1000), "255 in 1000 points of 255 are 0.001");
        points[255] = 101;
        assert!(!still.equals(&picture(points), 1000));
        assert!(!still.equals(&picture(vec![100; 999]), 1000), "pictures of other sizes are other pictures");
    }
}
