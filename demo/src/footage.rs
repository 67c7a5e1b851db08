//! Makes footage with the `ffmpeg` program: a few short clips are encoded once, then every file is put
//! together from copies of their packets, which costs a tenth of a second each.
//!
//! A clip is 64 s long, because that is 1000 AAC frames at 16 kHz and a whole number of pictures at
//! 1/s and 8/s: clips join without a seam in either stream, and packet times stay on their grid over any
//! length. There are no B-frames (recorders write none), a key frame stands every two seconds, and
//! a clip begins with one.
//!
//! A hole is a hole in the packets' timestamps, of picture and sound alike: the concatenation says that
//! a piece lasts longer than its packets do. A stretch that is spoilt is cut from a stock of its own: the same
//! scene under a cover, standing still, or without sound, encoded with the same settings.
//!
//! What shows a pattern that never comes again, and what is encoded anew from another file, is encoded for
//! itself, in one go.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use catalog::time::{Micros, US_PER_S, WallTime};
use chrono::DateTime;

use crate::recording::{Container, Damage, PlannedRecording, Scene, Spoiling, Spoilt};

/// Length of an encoded clip.
const CLIP_S: i64 = 64;

/// How often a clip is repeated in the stock that files are cut from, which saves opening it often.
const CLIPS_IN_STOCK: i64 = 10;

/// Samples that make 1000 AAC frames of 1024, the encoder adding one frame of its own.
const CLIP_SAMPLES: i64 = 999 * 1024;

/// Pink noise that swells and fades four times a second, as speech does.
const VOICE: &str = "anoisesrc=r=16000:c=pink:a=0.2:seed=7,tremolo=f=4:d=0.8,highpass=f=150,lowpass=f=3000";

/// How a file is encoded that is encoded for itself.
const ENCODED: [&str; 18] = [
    "-pix_fmt",
    "yuv420p",
    "-c:v",
    "libx264",
    "-threads",
    "1",
    "-preset",
    "veryfast",
    "-profile:v",
    "main",
    "-bf",
    "0",
    "-sc_threshold",
    "0",
    "-c:a",
    "aac",
    "-b:a",
    "12k",
];

/// What x264 writes into the first picture of every clip, as a comment that decoders pass over.
const ENCODER_NOTE: &[u8] = b"x264 - core";

/// The same, altered: a byte of the picture data changes, the picture does not.
const ALTERED_NOTE: &[u8] = b"edit - core";

/// What a stock of footage shows, and how it is spoilt.
pub(crate) type Stock = (Scene, Option<Spoiling>);

/// The stocks that a recording is cut from.
pub(crate) fn stocks_of(recording: &PlannedRecording) -> Vec<Stock> {
    if matches!(recording.scene, Scene::Once(_)) {
        return Vec::new();
    }
    let spoilt = recording.spoilt.map(|spoilt| (recording.scene, Some(spoilt.how)));
    std::iter::once((recording.scene, None)).chain(spoilt).collect()
}

/// Where clips are kept while files are cut from them.
#[derive(Debug)]
pub(crate) struct Studio {
    dir: PathBuf,
}

impl Studio {
    /// Sets up in `dir`, which is made, and encodes the clips of `stocks`.
    pub(crate) fn open(dir: &Path, stocks: &[Stock]) -> Result<Self> {
        fs::create_dir_all(dir).with_context(|| format!("cannot make the folder {}", dir.display()))?;
        let studio = Self { dir: dir.to_owned() };
        for &stock in stocks {
            studio.encode(stock)?;
        }
        Ok(studio)
    }

    fn encode(&self, stock: Stock) -> Result<()> {
        let (scene, spoiling) = stock;
        let (rate, source, crf) = match scene {
            Scene::Street => (8, moving_over("smptebars=size=320x180:rate=8"), "40"),
            Scene::Market => {
                (8, moving_over("color=c=0x404858:size=320x180:rate=8,noise=alls=12:allf=t:all_seed=5"), "36")
            }
            Scene::Indoors => (8, "testsrc=size=320x180:rate=8".to_owned(), "40"),
            Scene::OnePictureASecond => (1, "testsrc=size=320x180:rate=1".to_owned(), "36"),
            Scene::Once(_) => bail!("what never comes again has no stock"),
        };
        let source = match spoiling {
            // Not quite black: a little light comes through a hand.
            Some(Spoiling::Black) => format!("{source},drawbox=c=0x060606:t=fill"),
            Some(Spoiling::Frozen) => format!("{source},loop=loop=-1:size=1:start=0"),
            Some(Spoiling::Muted) | None => source,
        };
        let name = name(stock);
        let (video, audio) = (format!("{name}.h264"), format!("{name}.aac"));
        let (rate_text, pictures) = (rate.to_string(), (CLIP_S * rate).to_string());
        let key_every = (2 * rate).to_string();
        self.ffmpeg(&[
            &["-f", "lavfi", "-i", &source, "-frames:v", &pictures, "-pix_fmt", "yuv420p"],
            &["-c:v", "libx264", "-threads", "1", "-preset", "veryfast", "-profile:v", "main", "-crf", crf],
            &["-bf", "0", "-g", &key_every, "-keyint_min", &key_every, "-sc_threshold", "0", &video],
        ])?;
        let voice = if spoiling == Some(Spoiling::Muted) { "anullsrc=r=16000:cl=mono" } else { VOICE };
        let voice = format!("{voice},atrim=end_sample={CLIP_SAMPLES}");
        self.ffmpeg(&[
            &["-f", "lavfi", "-i", &voice, "-ac", "1", "-c:a", "aac", "-b:a", "12k"],
            &["-flags:a", "+bitexact", &audio],
        ])?;
        let (clip, stock) = (format!("{name}-clip.mp4"), stock_file(stock));
        self.ffmpeg(&[&["-framerate", &rate_text, "-i", &video, "-i", &audio, "-c", "copy", &clip]])?;
        let list = format!("{name}.txt");
        let pieces = format!("file {clip}\nduration {CLIP_S}\n").repeat(usize::try_from(CLIPS_IN_STOCK)?);
        self.write_list(&list, &pieces)?;
        self.ffmpeg(&[&["-f", "concat", "-auto_convert", "0", "-i", &list, "-c", "copy", &stock]])
    }

    /// Makes `recording` at `target`; what it is a copy of must be there already, under `root`.
    pub(crate) fn film(&self, recording: &PlannedRecording, root: &Path) -> Result<()> {
        let target = root.join(&recording.key);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        }
        let made = match &recording.copy_of {
            Some(original) => match recording.encoded_anew_from {
                Some(from_us) => self.encode_anew(recording, &root.join(original), from_us, &target),
                None => fs::copy(root.join(original), &target).map(drop).map_err(Into::into),
            },
            None if recording.damage == Damage::ZeroLength => {
                File::create(&target).map(drop).map_err(Into::into)
            }
            None => match recording.scene {
                Scene::Once(number) => self.encode_once(recording, number, &target),
                _ => self.assemble(recording, &target),
            },
        };
        made.and_then(|()| wear(&target, recording.damage))
            .with_context(|| format!("cannot make the recording {}", target.display()))
    }

    fn assemble(&self, recording: &PlannedRecording, target: &Path) -> Result<()> {
        let stem = stem(recording);
        let list = format!("{stem}.txt");
        self.write_list(&list, &pieces(recording))?;
        let note = note(recording);
        let service = format!("service_name={stem}");
        let says = recording.container_says.map(|_| said(recording));
        let target = absolute(target)?;
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
        arguments.push(&target);
        self.ffmpeg(&[&arguments])?;
        fs::remove_file(self.dir.join(&list))?;
        Ok(())
    }

    /// Encodes a recording of a pattern that never comes again: a row of cells that follow a rule, scrolling.
    fn encode_once(&self, recording: &PlannedRecording, number: u32, target: &Path) -> Result<()> {
        let length = format!("{:.6}", recording.length_us.as_s_f64());
        let picture = format!(
            "cellauto=s=24x14:rate=2:rule=30:ratio=0.5:seed={},format=gray,scale=320:180:flags=bicubic,\
             format=yuv420p,framerate=fps=8:interp_start=0:interp_end=255:scene=100",
            number + 1
        );
        let target = absolute(target)?;
        self.ffmpeg(&[
            &["-f", "lavfi", "-i", &picture, "-f", "lavfi", "-i", VOICE, "-t", &length],
            &ENCODED,
            &["-ac", "1", "-crf", "38", "-g", "16", "-keyint_min", "16", "-map_metadata", "-1"],
            &["-metadata", &note(recording), "-metadata", &said(recording), "-f", "mp4", &target],
        ])
    }

    /// Encodes anew what `original` shows from a moment on: smaller, and with other key frames.
    fn encode_anew(
        &self,
        recording: &PlannedRecording,
        original: &Path,
        from_us: Micros,
        target: &Path,
    ) -> Result<()> {
        let (original, target) = (absolute(original)?, absolute(target)?);
        let (from, length) =
            (format!("{:.6}", from_us.as_s_f64()), format!("{:.6}", recording.length_us.as_s_f64()));
        self.ffmpeg(&[
            &["-ss", &from, "-i", &original, "-t", &length, "-vf", "scale=256:144"],
            &ENCODED,
            &["-crf", "42", "-g", "24", "-keyint_min", "24", "-map_metadata", "-1"],
            &["-metadata", &note(recording), "-metadata", &said(recording), "-f", "mp4", &target],
        ])
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

/// What names a recording among all.
fn stem(recording: &PlannedRecording) -> String {
    format!("{}-{}", recording.device, recording.starts_at.0 / US_PER_S)
}

fn note(recording: &PlannedRecording) -> String {
    format!("comment=reelproof demo {}", stem(recording))
}

/// What the container is made to say of its beginning; nothing, where it says nothing.
fn said(recording: &PlannedRecording) -> String {
    format!("creation_time={}", recording.container_says.map(utc).unwrap_or_default())
}

fn absolute(path: &Path) -> Result<String> {
    let path = std::path::absolute(path)?;
    path.into_os_string().into_string().ok().context("the folder's name is no Unicode text; choose another")
}

fn moving_over(background: &str) -> String {
    format!("{background}[b];testsrc=size=96x54:rate=8[s];[b][s]overlay=x='mod(n*4\\,224)':y=60")
}

fn name((scene, spoiling): Stock) -> String {
    let scene = match scene {
        Scene::Street => "street",
        Scene::Market => "market",
        Scene::Indoors => "indoors",
        Scene::OnePictureASecond => "slow",
        Scene::Once(_) => "once",
    };
    let spoiling = match spoiling {
        None => "",
        Some(Spoiling::Black) => "-black",
        Some(Spoiling::Frozen) => "-frozen",
        Some(Spoiling::Muted) => "-muted",
    };
    format!("{scene}{spoiling}")
}

fn stock_file(stock: Stock) -> String {
    format!("{}-stock.mp4", name(stock))
}

fn utc(moment: WallTime) -> String {
    DateTime::from_timestamp_micros(moment.0).unwrap_or_default().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The pieces of stock that make up a recording, as the concatenating demuxer reads them.
fn pieces(recording: &PlannedRecording) -> String {
    let stock_us = CLIP_S * CLIPS_IN_STOCK * US_PER_S;
    let mut text = String::new();
    let mut piece = |name: &str, packets_us: i64, lasts_us: i64| {
        let (packets, lasts) = (Micros(packets_us).as_s_f64(), Micros(lasts_us).as_s_f64());
        // Writing into a String cannot fail.
        let _ = write!(text, "file {name}\noutpoint {packets:.6}\nduration {lasts:.6}\n");
    };
    let mut run = |spoiling: Option<Spoiling>, length_us: i64, then_us: i64| {
        let name = stock_file((recording.scene, spoiling));
        let mut left_us = length_us;
        while left_us > stock_us {
            piece(&name, stock_us, stock_us);
            left_us -= stock_us;
        }
        if left_us > 0 {
            piece(&name, left_us, left_us + then_us);
        }
    };
    match (recording.hole, recording.spoilt) {
        (Some((from_us, length_us)), _) => {
            run(None, from_us.0, length_us.0);
            run(None, (recording.length_us - from_us - length_us).0, 0);
        }
        (None, Some(Spoilt { how, from_us, length_us })) => {
            run(None, from_us.0, 0);
            run(Some(how), length_us.0, 0);
            run(None, (recording.length_us - from_us - length_us).0, 0);
        }
        (None, None) => run(None, recording.length_us.0, 0),
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
