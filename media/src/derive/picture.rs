//! One picture, made smaller, upright and of square pixels; and the encoder that takes a row of them.

use ffmpeg_next::codec::flag::Flags;
use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame::Video;
use ffmpeg_next::software::scaling;
use ffmpeg_next::{Dictionary, Error, Packet, Rational, codec, encoder, picture};

use super::muxer::PICTURE_TICKS;

/// No side of a picture is longer: whoever says so lies.
const SIDE_MAX: u32 = 16_384;
/// Pictures that follow one another closer than this are left out: more than 30 a second help nobody who looks.
const STEP_MIN_US: i64 = 30_000;
/// A player can go to a key frame at least this often.
const KEY_EVERY_US: i64 = 2_000_000;

/// A clockwise turn that brings a picture upright.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    None,
    Quarter,
    Half,
    ThreeQuarters,
}

impl Turn {
    /// Of the matrix that an ISO file shows a picture by (14496-12, 8.3.2): nine numbers of 32 bits.
    pub(super) fn of_matrix(matrix: &[u8]) -> Self {
        let sign = |number: usize| {
            let bytes = matrix.get(number * 4..)?.first_chunk::<4>()?;
            Some(i32::from_ne_bytes(*bytes).signum())
        };
        match (sign(0), sign(1), sign(3), sign(4)) {
            (Some(0), Some(1), Some(-1), Some(0)) => Self::Quarter,
            (Some(-1), Some(0), Some(0), Some(-1)) => Self::Half,
            (Some(0), Some(-1), Some(1), Some(0)) => Self::ThreeQuarters,
            _ => Self::None,
        }
    }

    fn swaps_sides(self) -> bool {
        matches!(self, Self::Quarter | Self::ThreeQuarters)
    }
}

/// Makes pictures smaller, and turns them.
pub(super) struct Shrink {
    /// Size before the turn.
    size: (u32, u32),
    turn: Turn,
    format: Pixel,
    context: Option<scaling::Context>,
}

impl Shrink {
    /// For pictures like this one, to fit a box of `long` by `short` pixels, whichever way they lie. Nothing is enlarged, and
    /// sides are even, as 4:2:0 asks for.
    pub(super) fn to_fit(like: &Video, turn: Turn, long: u32, short: u32, format: Pixel) -> Option<Self> {
        let (width, height) = (like.width(), like.height());
        if !sound_size(width, height) {
            return None;
        }
        // Square pixels: the wider ones decide.
        let aspect = like.aspect_ratio();
        let (across, down) = (i64::from(aspect.numerator()), i64::from(aspect.denominator()));
        let plausible = across > 0 && down > 0 && across <= 8 * down && down <= 8 * across;
        let (wide, high) = if plausible && across > down {
            (i64::from(width) * across / down, i64::from(height))
        } else if plausible {
            (i64::from(width), i64::from(height) * down / across)
        } else {
            (i64::from(width), i64::from(height))
        };
        let (long, short) = (i64::from(long), i64::from(short));
        let (box_wide, box_high) = if wide >= high { (long, short) } else { (short, long) };
        // The smaller of the two ratios, and never above one.
        let (num, den) = if wide * box_high >= high * box_wide { (box_wide, wide) } else { (box_high, high) };
        let fit = |side: i64| {
            let side = if num < den { side * num / den } else { side };
            u32::try_from((side / 2 * 2).max(2)).unwrap_or(2)
        };
        Some(Self { size: (fit(wide), fit(high)), turn, format, context: None })
    }

    /// Size of what comes out.
    pub(super) fn shown(&self) -> (u32, u32) {
        let (width, height) = self.size;
        if self.turn.swaps_sides() { (height, width) } else { (width, height) }
    }

    /// The picture made smaller; `None` if its format is not understood.
    pub(super) fn run(&mut self, frame: &Video) -> Option<Video> {
        let from = (frame.format(), frame.width(), frame.height());
        if !sound_size(from.1, from.2) {
            return None;
        }
        let fits = self.context.as_ref().is_some_and(|context| {
            let input = context.input();
            (input.format, input.width, input.height) == from
        });
        if !fits {
            let (format, width, height) = from;
            let (to_width, to_height) = self.size;
            let flags = scaling::Flags::BILINEAR | scaling::Flags::ACCURATE_RND;
            self.context =
                scaling::Context::get(format, width, height, self.format, to_width, to_height, flags).ok();
        }
        let mut small = Video::empty();
        self.context.as_mut()?.run(frame, &mut small).ok()?;
        Some(turned(small, self.turn))
    }
}

fn sound_size(width: u32, height: u32) -> bool {
    (1..=SIDE_MAX).contains(&width) && (1..=SIDE_MAX).contains(&height)
}

/// A picture of planes, one byte a point, turned.
fn turned(from: Video, turn: Turn) -> Video {
    if turn == Turn::None {
        return from;
    }
    let (width, height) =
        if turn.swaps_sides() { (from.height(), from.width()) } else { (from.width(), from.height()) };
    let mut to = Video::new(from.format(), width, height);
    for plane in 0..from.planes() {
        let (wide, high) = (from.plane_width(plane) as usize, from.plane_height(plane) as usize);
        let (stride, to_stride) = (from.stride(plane), to.stride(plane));
        let source = from.data(plane);
        let target = to.data_mut(plane);
        for row in 0..high {
            for column in 0..wide {
                let (to_row, to_column) = match turn {
                    Turn::None => (row, column),
                    Turn::Quarter => (column, high - 1 - row),
                    Turn::Half => (high - 1 - row, wide - 1 - column),
                    Turn::ThreeQuarters => (wide - 1 - column, row),
                };
                if let (Some(point), Some(&value)) =
                    (target.get_mut(to_row * to_stride + to_column), source.get(row * stride + column))
                {
                    *point = value;
                }
            }
        }
    }
    to
}

/// Encoders in order of preference, with what makes them fast enough and keeps them on one thread: H.264, which
/// everything plays, and VP9 where FFmpeg was built without the former.
const ENCODERS: &[(&str, &[(&str, &str)])] = &[
    (
        "libx264",
        &[
            ("preset", "veryfast"),
            ("crf", "26"),
            ("forced-idr", "1"),
            ("x264-params", "threads=1:lookahead-threads=1"),
        ],
    ),
    (
        "libvpx-vp9",
        &[("deadline", "realtime"), ("cpu-used", "8"), ("crf", "36"), ("b", "0"), ("lag-in-frames", "0")],
    ),
];

/// Encodes a row of pictures of one size.
pub(super) struct PictureEncoder {
    opened: encoder::video::Encoder,
    last_us: Option<i64>,
    next_key_us: i64,
}

impl PictureEncoder {
    /// The best encoder that FFmpeg was built with; `None` if it has none, or none opens.
    pub(super) fn open(size: (u32, u32), rate: Option<Rational>, like: &Video) -> Option<Self> {
        ENCODERS.iter().find_map(|(name, options)| Self::open_named(name, options, size, rate, like))
    }

    fn open_named(
        name: &str,
        options: &[(&str, &str)],
        (width, height): (u32, u32),
        rate: Option<Rational>,
        like: &Video,
    ) -> Option<Self> {
        let codec = encoder::find_by_name(name)?;
        let mut context = codec::Context::new_with_codec(codec);
        // One thread is the default of some encoders only.
        context.set_threading(codec::threading::Config { count: 1, ..codec::threading::Config::default() });
        context.set_flags(Flags::GLOBAL_HEADER);
        context.set_time_base(Rational(1, PICTURE_TICKS));
        // It decides the level that decoders are told, not the times.
        let usual = Rational(30, 1);
        let told = rate.filter(|rate| f64::from(*rate) <= 30.0 && f64::from(*rate) >= 1.0);
        context.set_frame_rate(Some(told.unwrap_or(usual)));
        let mut encoder = context.encoder().video().ok()?;
        encoder.set_width(width);
        encoder.set_height(height);
        encoder.set_format(Pixel::YUV420P);
        encoder.set_max_b_frames(0);
        encoder.set_gop(600);
        encoder.set_colorspace(like.color_space());
        encoder.set_color_primaries(like.color_primaries());
        encoder.set_color_transfer_characteristic(like.color_transfer_characteristic());
        let mut dictionary = Dictionary::new();
        for (key, value) in options {
            dictionary.set(key, value);
        }
        let opened = encoder.open_with(dictionary).ok()?;
        Some(Self { opened, last_us: None, next_key_us: i64::MIN })
    }

    /// What the muxer has to know.
    pub(super) fn context(&self) -> &codec::Context {
        self.opened.as_ref()
    }

    /// Whether a picture at `at_us` is wanted: neither out of order nor closer than anyone sees.
    pub(super) fn wants(&self, at_us: i64) -> bool {
        self.last_us.is_none_or(|last_us| at_us.saturating_sub(last_us) >= STEP_MIN_US)
    }

    /// Encodes a picture; `each` gets the packets that are ready, in ticks of [`PICTURE_TICKS`].
    pub(super) fn encode(
        &mut self,
        mut frame: Video,
        at_us: i64,
        each: &mut dyn FnMut(Packet) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let ticks = i128::from(at_us) * i128::from(PICTURE_TICKS) / 1_000_000;
        frame.set_pts(i64::try_from(ticks).ok());
        let key = at_us >= self.next_key_us;
        frame.set_kind(if key { picture::Type::I } else { picture::Type::None });
        if key {
            self.next_key_us = at_us.saturating_add(KEY_EVERY_US);
        }
        self.last_us = Some(at_us);
        self.opened.send_frame(&frame)?;
        self.receive(each)
    }

    /// After the last picture.
    pub(super) fn finish(&mut self, each: &mut dyn FnMut(Packet) -> Result<(), Error>) -> Result<(), Error> {
        self.opened.send_eof()?;
        self.receive(each)
    }

    fn receive(&mut self, each: &mut dyn FnMut(Packet) -> Result<(), Error>) -> Result<(), Error> {
        loop {
            let mut packet = Packet::empty();
            match self.opened.receive_packet(&mut packet) {
                Ok(()) => each(packet)?,
                Err(Error::Eof) => return Ok(()),
                Err(Error::Other { errno }) if errno == ffmpeg_next::error::EAGAIN => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }
}

/// Opens each encoder once, and lets it encode one grey picture.
pub(super) fn prepare() {
    for (name, options) in ENCODERS {
        let mut grey = Video::new(Pixel::YUV420P, 64, 64);
        for plane in 0..grey.planes() {
            grey.data_mut(plane).fill(128);
        }
        if let Some(mut encoder) = PictureEncoder::open_named(name, options, (64, 64), None, &grey) {
            // Whether it can be had is found out when it is needed.
            let _ = encoder.encode(grey, 0, &mut |_| Ok(()));
            let _ = encoder.finish(&mut |_| Ok(()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(frame: &Video, plane: usize) -> Vec<Vec<u8>> {
        let stride = frame.stride(plane);
        let rows = frame.data(plane).chunks(stride).take(frame.plane_height(plane) as usize);
        rows.map(|row| row[..frame.plane_width(plane) as usize].to_vec()).collect()
    }

    #[test]
    fn a_turn_brings_every_point_to_its_place() {
        let mut frame = Video::new(Pixel::GRAY8, 3, 2);
        let stride = frame.stride(0);
        for (row, line) in [[1, 2, 3], [4, 5, 6]].iter().enumerate() {
            frame.data_mut(0)[row * stride..row * stride + 3].copy_from_slice(line);
        }
        let turn = |turn| points(&turned(frame.clone(), turn), 0);
        assert_eq!(turn(Turn::Quarter), [[4, 1], [5, 2], [6, 3]]);
        assert_eq!(turn(Turn::Half), [[6, 5, 4], [3, 2, 1]]);
        assert_eq!(turn(Turn::ThreeQuarters), [[3, 6], [2, 5], [1, 4]]);
    }

    #[test]
    fn a_matrix_of_any_other_form_turns_nothing() {
        let matrix = |numbers: [i32; 9]| numbers.iter().flat_map(|n| n.to_ne_bytes()).collect::<Vec<u8>>();
        let one = 1 << 16;
        assert_eq!(Turn::of_matrix(&matrix([0, one, 0, -one, 0, 0, 0, 0, 1 << 30])), Turn::Quarter);
        assert_eq!(Turn::of_matrix(&matrix([0, -one, 0, one, 0, 0, 0, 0, 1 << 30])), Turn::ThreeQuarters);
        assert_eq!(Turn::of_matrix(&matrix([one, 0, 0, 0, one, 0, 0, 0, 1 << 30])), Turn::None);
        assert_eq!(Turn::of_matrix(&[1, 2, 3]), Turn::None);
    }

    #[test]
    fn pictures_fit_their_box_whichever_way_they_lie_and_small_ones_stay_as_they_are() {
        let fit = |width, height, turn| {
            let frame = Video::new(Pixel::YUV420P, width, height);
            Shrink::to_fit(&frame, turn, 1280, 720, Pixel::YUV420P).unwrap().shown()
        };
        assert_eq!(fit(1920, 1080, Turn::None), (1280, 720));
        assert_eq!(fit(3840, 1600, Turn::None), (1280, 532));
        assert_eq!(fit(1080, 1920, Turn::None), (720, 1280));
        assert_eq!(fit(1920, 1080, Turn::Quarter), (720, 1280));
        assert_eq!(fit(321, 240, Turn::None), (320, 240));
        assert_eq!(fit(1, 1, Turn::None), (2, 2));
    }

    #[test]
    fn every_encoder_of_the_list_that_ffmpeg_has_makes_packets_with_the_times_of_the_pictures() {
        let mut tried = 0;
        for (name, options) in ENCODERS {
            let grey = || {
                let mut grey = Video::new(Pixel::YUV420P, 320, 240);
                (0..3).for_each(|plane| grey.data_mut(plane).fill(99));
                grey
            };
            let Some(mut encoder) = PictureEncoder::open_named(name, options, (320, 240), None, &grey())
            else {
                continue;
            };
            tried += 1;
            let mut got = Vec::new();
            let mut take = |packet: Packet| {
                got.push((packet.pts().unwrap(), packet.is_key()));
                Ok(())
            };
            for number in 0..60 {
                encoder.encode(grey(), number * 40_000, &mut take).unwrap();
            }
            encoder.finish(&mut take).unwrap();
            assert_eq!(
                got.iter().map(|(pts, _)| *pts).collect::<Vec<_>>(),
                (0..60).map(|n| n * 3600).collect::<Vec<_>>()
            );
            assert!(got[0].1 && got[50].1, "{name}: {got:?}");
        }
        assert!(tried > 0, "FFmpeg was built without any of {ENCODERS:?}");
    }
}
