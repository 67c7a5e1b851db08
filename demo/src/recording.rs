//! One file of footage as it is planned: what it is called, when it ran, what is wrong with it.

use catalog::interval::{Interval, IntervalSet};
use catalog::time::{Micros, WallTime};

use crate::bureau::Recorder;

/// What footage is wrapped in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Container {
    /// MP4 with its index behind the footage, as recorders write it.
    Mp4,
    /// MP4 with its index in front.
    Mp4FastStart,
    /// MPEG transport stream; it knows no creation time.
    MpegTs,
    /// Matroska.
    Matroska,
    /// AVI; it knows no creation time and cannot have a hole.
    Avi,
}

impl Container {
    /// Extension of its files.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Mp4 | Self::Mp4FastStart => "mp4",
            Self::MpegTs => "ts",
            Self::Matroska => "mkv",
            Self::Avi => "avi",
        }
    }

    /// Whether it can say when the footage was made.
    pub fn knows_its_time(self) -> bool {
        matches!(self, Self::Mp4 | Self::Mp4FastStart | Self::Matroska)
    }
}

/// What footage shows. Test pictures, so that nobody takes them for evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scene {
    /// Colour bars with something that moves, eight pictures a second.
    Street,
    /// Noise with something that moves, eight pictures a second.
    Market,
    /// A test card, eight pictures a second.
    Indoors,
    /// The test card at one picture a second.
    OnePictureASecond,
    /// A pattern that never comes again, eight pictures a second: of each number another. The other scenes
    /// are loops, which have no moment to be recognised by.
    Once(u32),
}

/// What is wrong with a stretch of footage that has packets all the while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Spoiling {
    /// The lens is covered.
    Black,
    /// The picture stands still.
    Frozen,
    /// The microphone is muted.
    Muted,
}

/// A stretch of a file that is spoilt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spoilt {
    /// How.
    pub how: Spoiling,
    /// From where in the file.
    pub from_us: Micros,
    /// For how long.
    pub length_us: Micros,
}

/// What happens to a file after it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// Nothing.
    None,
    /// Not one byte of it is left.
    ZeroLength,
    /// It is cut off after this share of its bytes.
    CutAt {
        /// Per cent of the bytes that are left.
        percent: u64,
    },
    /// A stretch of it is overwritten with zero bytes, as by a worn memory card.
    ZeroRun {
        /// Where the stretch begins, in per cent of the file.
        percent: u64,
        /// How long it is.
        size_bytes: usize,
    },
    /// It is changed once it has been taken in; until then it is whole.
    AlteredLater,
}

impl Damage {
    /// Whether nothing can be read out of the file.
    pub fn makes_unreadable(self) -> bool {
        matches!(self, Self::ZeroLength | Self::CutAt { .. })
    }
}

/// One file of footage. All times are whole seconds, as object keys write them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedRecording {
    /// Key of the object, relative to the evidence folder, with `/` between its parts.
    pub key: String,
    /// Serial number of the device in the key.
    pub device: String,
    /// Badge in the key.
    pub badge: String,
    /// When it begins.
    pub starts_at: WallTime,
    /// How long it is, the hole included.
    pub length_us: Micros,
    /// A stretch without a packet: from where in the file, and how long.
    pub hole: Option<(Micros, Micros)>,
    /// A stretch that shows or sounds nothing. Not beside a hole.
    pub spoilt: Option<Spoilt>,
    /// What it shows.
    pub scene: Scene,
    /// Whether it has a sound track.
    pub sound: bool,
    /// What it is wrapped in.
    pub container: Container,
    /// What the container says about its own beginning; `None` where it says nothing.
    pub container_says: Option<WallTime>,
    /// What happens to it afterwards.
    pub damage: Damage,
    /// Key of the recording that it is a copy of.
    pub copy_of: Option<String>,
    /// From which moment of the original on the copy was encoded anew, smaller; `None`: the bytes are the same.
    pub encoded_anew_from: Option<Micros>,
}

impl PlannedRecording {
    /// When it runs, the hole included.
    pub fn interval(&self) -> Interval<WallTime> {
        Interval::new(self.starts_at, self.starts_at + self.length_us)
    }

    /// When there is a picture; never, where the file cannot be read.
    pub fn picture(&self) -> IntervalSet<WallTime> {
        if self.damage.makes_unreadable() {
            return IntervalSet::default();
        }
        let hole = self.hole.map(|(from_us, length_us)| {
            Interval::new(self.starts_at + from_us, self.starts_at + from_us + length_us)
        });
        IntervalSet::from(self.interval()).difference(&hole.into_iter().collect())
    }
}

/// `SQUAD/2024-05-03/DEVICE_BADGE_YYYYMMDDhhmmss_SEQ.ext`, the date and time being local.
pub(crate) fn key(recorder: &Recorder, starts_at: WallTime, seq: usize, container: Container) -> String {
    let local = starts_at.local().unwrap_or_default();
    format!(
        "{}/{}/{}_{}_{}_{seq:03}.{}",
        recorder.folder,
        local.format("%Y-%m-%d"),
        recorder.device,
        recorder.badge,
        local.format("%Y%m%d%H%M%S"),
        container.extension(),
    )
}

/// How a camera records one stretch of time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Take {
    pub(crate) scene: Scene,
    pub(crate) sound: bool,
    pub(crate) container: Container,
    pub(crate) split_s: Option<i64>,
}

impl Take {
    /// As the recorder's device is set.
    pub(crate) fn by(recorder: &Recorder, scene: Scene) -> Self {
        Self { scene, sound: true, container: recorder.container, split_s: recorder.split_s }
    }

    /// The same without beginning new files.
    pub(crate) fn in_one_file(self) -> Self {
        Self { split_s: None, ..self }
    }

    /// The same in another container.
    pub(crate) fn wrapped_in(self, container: Container) -> Self {
        Self { container, ..self }
    }

    /// Records `span`: one file, or several that join without a seam. `first_seq` is the number of
    /// the first.
    pub(crate) fn film(
        self,
        recorder: &Recorder,
        span: Interval<WallTime>,
        first_seq: usize,
    ) -> Vec<PlannedRecording> {
        let most = self.split_s.map_or(span.length(), Micros::from_s);
        let mut files = Vec::new();
        let mut starts_at = span.start;
        while starts_at < span.end {
            // A last file of a few seconds would be no recording of its own: the file before takes it.
            let left = span.end - starts_at;
            let length_us = if left - most < Micros::from_s(60) { left } else { most };
            files.push(PlannedRecording {
                key: key(recorder, starts_at, first_seq + files.len(), self.container),
                device: recorder.device.clone(),
                badge: recorder.badge.clone(),
                starts_at,
                length_us,
                hole: None,
                spoilt: None,
                scene: self.scene,
                sound: self.sound,
                container: self.container,
                container_says: self.container.knows_its_time().then_some(starts_at),
                damage: Damage::None,
                copy_of: None,
                encoded_anew_from: None,
            });
            starts_at = starts_at + length_us;
        }
        files
    }

    /// Records `span` in one file with a hole.
    pub(crate) fn film_with_hole(
        self,
        recorder: &Recorder,
        span: Interval<WallTime>,
        hole: Interval<WallTime>,
    ) -> Vec<PlannedRecording> {
        // AVI counts pictures instead of timing them: a hole would close.
        let container = if self.container == Container::Avi { Container::Mp4 } else { self.container };
        let mut files = self.in_one_file().wrapped_in(container).film(recorder, span, 1);
        for file in &mut files {
            file.hole = Some((hole.start - span.start, hole.length()));
        }
        files
    }

    /// Records `span` but for `hole`, in two files.
    pub(crate) fn film_around(
        self,
        recorder: &Recorder,
        span: Interval<WallTime>,
        hole: Interval<WallTime>,
    ) -> Vec<PlannedRecording> {
        let take = self.in_one_file();
        let mut files = take.film(recorder, Interval::new(span.start, hole.start), 1);
        files.extend(take.film(recorder, Interval::new(hole.end, span.end), 2));
        files
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bureau;
    use crate::calendar::at;

    #[test]
    fn a_long_take_becomes_files_that_join_without_a_seam() {
        let recorder = &bureau::crew(0)[1];
        let span = Interval::new(at(3, 9, 30), at(3, 10, 0) + Micros::from_s(20));
        let files = Take::by(recorder, Scene::Street).film(recorder, span, 1);
        assert_eq!(
            files.iter().map(|file| file.length_us).collect::<Vec<_>>(),
            [Micros::from_s(600), Micros::from_s(600), Micros::from_s(620)]
        );
        assert!(files.windows(2).all(|pair| pair[0].interval().end == pair[1].starts_at));
        assert_eq!(files[0].key, "SQ1/2024-05-03/BWC102_31102_20240503093000_001.mp4");
        assert_eq!(files[1].key, "SQ1/2024-05-03/BWC102_31102_20240503094000_002.mp4");
    }

    #[test]
    fn a_hole_shows_no_picture() {
        let recorder = &bureau::crew(0)[0];
        let span = Interval::new(at(3, 9, 30), at(3, 9, 50));
        let hole = Interval::new(at(3, 9, 40), at(3, 9, 41));
        for files in [
            Take::by(recorder, Scene::Street).film_with_hole(recorder, span, hole),
            Take::by(recorder, Scene::Street).film_around(recorder, span, hole),
        ] {
            let picture: IntervalSet<WallTime> =
                files.iter().flat_map(|file| file.picture().as_slice().to_vec()).collect();
            assert_eq!(picture.gaps_in(span).as_slice(), [hole]);
        }
    }
}
