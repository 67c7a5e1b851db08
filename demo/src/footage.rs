//! Makes footage with the `ffmpeg` program: a few short clips are encoded once, then every file is put
//! together from copies of their packets, which costs a tenth of a second each.
//!
//! A clip is 64 s long, because that is 1000 AAC frames at 16 kHz and a whole number of pictures at
//! 1/s and 8/s: clips join without a seam in either stream, and packet times stay on their grid over any
//! length. There are no B-frames (recorders write none), a key frame stands every two seconds, and
//! a clip begins with one.
//!
//! A hole is a hole in the packets' timestamps, of picture and sound alike: the concatenation says that
//! a piece lasts longer than its packets do.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use catalog::time::{Micros, US_PER_S, WallTime};
use chrono::DateTime;

use crate::recording::{Container, Damage, PlannedRecording, Scene};

/// Length of an encoded clip.
const CLIP_S: i64 = 64;

/// How often a clip is repeated in the stock that files are cut from, which saves opening it often.
const CLIPS_IN_STOCK: i64 = 10;

/// Samples that make 1000 AAC frames of 1024, the encoder adding one frame of its own.
const CLIP_SAMPLES: i64 = 999 * 1024;

/// What x264 writes into the first picture of every clip, as a comment that decoders pass over.
const ENCODER_NOTE: &[u8] = b"x264 - core";

/// The same, altered: a byte of the picture data changes, the picture does not.
const ALTERED_NOTE: &[u8] = b"edit - core";

/// Where clips are kept while files are cut from them.
#[derive(Debug)]
pub(crate) struct Studio {
    dir: PathBuf,
}

impl Studio {
    /// Sets up in `dir`, which is made, and encodes the clips of `scenes`.
    pub(crate) fn open(dir: &Path, scenes: &[Scene]) -> Result<Self> {
        fs::create_dir_all(dir).with_context(|| format!("cannot make the folder {}", dir.display()))?;
        let studio = Self { dir: dir.to_owned() };
        for &scene in scenes {
            studio.encode(scene)?;
        }
        Ok(studio)
    }

    fn encode(&self, scene: Scene) -> Result<()> {
        let (name, rate, source, crf) = match scene {
            Scene::Street => ("street", 8, moving_over("smptebars=size=320x180:rate=8"), "40"),
            Scene::Market => (
                "market",
                8,
                moving_over("color=c=0x404858:size=320x180:rate=8,noise=alls=12:allf=t:all_seed=5"),
                "36",
            ),
            Scene::Indoors => ("indoors", 8, "testsrc=size=320x180:rate=8".to_owned(), "40"),
            Scene::OnePictureASecond => ("slow", 1, "testsrc=size=320x180:rate=1".to_owned(), "36"),
        };
        let (video, audio) = (format!("{name}.h264"), format!("{name}.aac"));
        let (rate_text, pictures) = (rate.to_string(), (CLIP_S * rate).to_string());
        let key_every = (2 * rate).to_string();
        self.ffmpeg(&[
            &["-f", "lavfi", "-i", &source, "-frames:v", &pictures, "-pix_fmt", "yuv420p"],
            &["-c:v", "libx264", "-threads", "1", "-preset", "veryfast", "-profile:v", "main", "-crf", crf],
            &["-bf", "0", "-g", &key_every, "-keyint_min", &key_every, "-sc_threshold", "0", &video],
        ])?;
        // Pink noise that swells and fades four times a second, as speech does.
        let voice = format!(
            "anoisesrc=r=16000:c=pink:a=0.2:seed=7,tremolo=f=4:d=0.8,highpass=f=150,lowpass=f=3000,\
             atrim=end_sample={CLIP_SAMPLES}"
        );
        self.ffmpeg(&[
            &["-f", "lavfi", "-i", &voice, "-ac", "1", "-c:a", "aac", "-b:a", "12k"],
            &["-flags:a", "+bitexact", &audio],
        ])?;
        let (clip, stock) = (format!("{name}-clip.mp4"), stock_name(scene));
        self.ffmpeg(&[&["-framerate", &rate_text, "-i", &video, "-i", &audio, "-c", "copy", &clip]])?;
        let list = format!("{name}.txt");
        let pieces = format!("file {clip}\nduration {CLIP_S}\n").repeat(usize::try_from(CLIPS_IN_STOCK)?);
        self.write_list(&list, &pieces)?;
        self.ffmpeg(&[&["-f", "concat", "-auto_convert", "0", "-i", &list, "-c", "copy", stock]])
    }

    /// Makes `recording` at `target`; what it is a copy of must be there already, under `root`.
    pub(crate) fn film(&self, recording: &PlannedRecording, root: &Path) -> Result<()> {
        let target = root.join(&recording.key);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        }
        let made = match &recording.copy_of {
            Some(original) => fs::copy(root.join(original), &target).map(drop).map_err(Into::into),
            None if recording.damage == Damage::ZeroLength => {
                File::create(&target).map(drop).map_err(Into::into)
            }
            None => self.assemble(recording, &target),
        };
        made.and_then(|()| wear(&target, recording.damage))
            .with_context(|| format!("cannot make the recording {}", target.display()))
    }

    fn assemble(&self, recording: &PlannedRecording, target: &Path) -> Result<()> {
        let stem = format!("{}-{}", recording.device, recording.starts_at.0 / US_PER_S);
        let list = format!("{stem}.txt");
        self.write_list(&list, &pieces(recording))?;
        let note = format!("comment=reelproof demo {stem}");
        let service = format!("service_name={stem}");
        let says = recording.container_says.map(|says| format!("creation_time={}", utc(says)));
        let target = std::path::absolute(target)?;
        let target = target.to_str().context("the folder's name is no Unicode text; choose another")?;
        let mut arguments: Vec<&str> =
            vec!["-f", "concat", "-auto_convert", "0", "-i", &list, "-map", "0:v:0", "-c", "copy"];
        if recording.sound {
            arguments.extend(["-map", "0:a:0"]);
        }
        arguments.extend(["-map_metadata", "-1", "-metadata", &note]);
        if let Some(says) = &says {
            arguments.extend(["-metadata", says]);
        }
        arguments.extend(match recording.container {
            Container::Mp4 => &["-f", "mp4"][..],
            Container::Mp4FastStart => &["-movflags", "+faststart", "-f", "mp4"],
            Container::MpegTs => &["-muxdelay", "0", "-muxpreload", "0", "-pat_period", "2", "-f", "mpegts"],
            Container::Matroska => &["-f", "matroska"],
            Container::Avi => &["-bsf:v", "h264_mp4toannexb", "-f", "avi"],
        });
        if recording.container == Container::MpegTs {
            arguments.extend(["-metadata", &service, "-metadata", "service_provider=demo"]);
        }
        arguments.push(target);
        self.ffmpeg(&[&arguments])?;
        fs::remove_file(self.dir.join(&list))?;
        Ok(())
    }

    fn write_list(&self, name: &str, pieces: &str) -> Result<()> {
        let path = self.dir.join(name);
        fs::write(&path, format!("ffconcat version 1.0\n{pieces}"))
            .with_context(|| format!("cannot write {}", path.display()))
    }

    fn ffmpeg(&self, arguments: &[&[&str]]) -> Result<()> {
        let mut all: Vec<&str> = vec!["-nostdin", "-hide_banner", "-v", "error", "-y"];
        let (last, before) = arguments.split_last().context("ffmpeg needs arguments")?;
        all.extend(before.iter().copied().flatten());
        let (target, options) = last.split_last().context("ffmpeg needs a target")?;
        all.extend(options.iter().chain(&["-fflags", "+bitexact", target]));
        run("ffmpeg", &all, &self.dir).map(drop)
    }
}

/// Runs one of FFmpeg's programs in `dir` and returns what it printed.
pub(crate) fn run(program: &str, arguments: &[&str], dir: &Path) -> Result<String> {
    let output =
        Command::new(program).args(arguments).current_dir(dir).stdin(Stdio::null()).output().map_err(
            |error| match error.kind() {
                std::io::ErrorKind::NotFound => anyhow::anyhow!(
                    "the program `{program}` was not found: install FFmpeg (on Debian and Ubuntu: \
                     apt-get install ffmpeg) and see that it is on the PATH"
                ),
                _ => anyhow::Error::new(error).context(format!("cannot run `{program}`")),
            },
        )?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{program} {}` failed ({}): {}", arguments.join(" "), output.status, said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn moving_over(background: &str) -> String {
    format!("{background}[b];testsrc=size=96x54:rate=8[s];[b][s]overlay=x='mod(n*4\\,224)':y=60")
}

fn stock_name(scene: Scene) -> &'static str {
    match scene {
        Scene::Street => "street-stock.mp4",
        Scene::Market => "market-stock.mp4",
        Scene::Indoors => "indoors-stock.mp4",
        Scene::OnePictureASecond => "slow-stock.mp4",
    }
}

fn utc(moment: WallTime) -> String {
    DateTime::from_timestamp_micros(moment.0).unwrap_or_default().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The pieces of stock that make up a recording, as the concatenating demuxer reads them.
fn pieces(recording: &PlannedRecording) -> String {
    let (name, stock_us) = (stock_name(recording.scene), CLIP_S * CLIPS_IN_STOCK * US_PER_S);
    let mut text = String::new();
    let mut piece = |packets_us: i64, lasts_us: i64| {
        let (packets, lasts) = (Micros(packets_us).as_s_f64(), Micros(lasts_us).as_s_f64());
        // Writing into a String cannot fail.
        let _ = write!(text, "file {name}\noutpoint {packets:.6}\nduration {lasts:.6}\n");
    };
    let mut run = |length_us: i64, then_us: i64| {
        let mut left_us = length_us;
        while left_us > stock_us {
            piece(stock_us, stock_us);
            left_us -= stock_us;
        }
        if left_us > 0 {
            piece(left_us, left_us + then_us);
        }
    };
    match recording.hole {
        Some((from_us, length_us)) => {
            run(from_us.0, length_us.0);
            run((recording.length_us - from_us - length_us).0, 0);
        }
        None => run(recording.length_us.0, 0),
    }
    text
}

/// Does to a finished file what time or people do to it.
fn wear(target: &Path, damage: Damage) -> Result<()> {
    match damage {
        Damage::None | Damage::ZeroLength => {}
        Damage::CutAt { percent } => {
            let file = File::options().write(true).open(target)?;
            file.set_len(file.metadata()?.len() * percent / 100)?;
        }
        Damage::ZeroRun { percent, size_bytes } => {
            let mut file = File::options().write(true).open(target)?;
            let start = file.metadata()?.len() * percent / 100;
            file.seek(SeekFrom::Start(start))?;
            file.write_all(&vec![0; size_bytes])?;
        }
        Damage::AlteredLater => {
            if places(&fs::read(target)?, ENCODER_NOTE).is_empty() {
                bail!("this FFmpeg's H.264 encoder left no note in the footage: install one with libx264");
            }
        }
    }
    Ok(())
}

/// Changes, in the middle of its picture data, a recording that is to be altered later: same size, other
/// content. Nothing happens where that was done already.
pub(crate) fn alter(target: &Path) -> Result<()> {
    let bytes = fs::read(target).with_context(|| format!("cannot read {}", target.display()))?;
    if !places(&bytes, ALTERED_NOTE).is_empty() {
        return Ok(());
    }
    let places = places(&bytes, ENCODER_NOTE);
    let Some(&place) = places.get(places.len() / 2) else {
        bail!(
            "{} is not the file that was made: delete the demo's folder and make it anew",
            target.display()
        );
    };
    overwrite(target, place, ALTERED_NOTE)
}

/// Undoes [`alter`]; a file that was not altered is left alone.
pub(crate) fn restore(target: &Path) -> Result<()> {
    let bytes = fs::read(target).with_context(|| format!("cannot read {}", target.display()))?;
    places(&bytes, ALTERED_NOTE).into_iter().try_for_each(|place| overwrite(target, place, ENCODER_NOTE))
}

fn places(bytes: &[u8], text: &[u8]) -> Vec<usize> {
    bytes.windows(text.len()).enumerate().filter(|(_, window)| *window == text).map(|(at, _)| at).collect()
}

fn overwrite(target: &Path, place: usize, text: &[u8]) -> Result<()> {
    let change = || -> std::io::Result<()> {
        let mut file = File::options().write(true).open(target)?;
        file.seek(SeekFrom::Start(u64::try_from(place).map_err(std::io::Error::other)?))?;
        file.write_all(text)
    };
    change().with_context(|| format!("cannot change {}", target.display()))
}

#[cfg(test)]
mod tests;
