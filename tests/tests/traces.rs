//! Traces of real encoded footage: what was encoded anew or cut is recognised, and what two microphones
//! heard is aligned; other footage is not.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::path::Path;
use std::process::Command;

use analyzer::clocks::sound::align;
use analyzer::pictures::alike;
use catalog::Micros;
use catalog::trace::{Picture, SoundEnvelope, Traces};
use tempfile::TempDir;
use tests::{has_ffmpeg, run_ok};

fn ffmpeg(dir: &Path, args: &[&str]) {
    let ran =
        Command::new("ffmpeg").args(["-v", "error", "-y"]).args(args).current_dir(dir).output().unwrap();
    assert!(ran.status.success(), "{args:?}\n{}", String::from_utf8_lossy(&ran.stderr));
}

/// What `inspect` keeps of a file.
fn traces(dir: &Path, file: &str) -> Traces {
    let found = run_ok(dir, &["inspect", file, "--json"]).json();
    serde_json::from_value(found["traces"].clone()).unwrap()
}

const X264: [&str; 4] = ["-c:v", "libx264", "-preset", "veryfast"];

/// Forty seconds of pictures that never come again, a key frame every two seconds, as recorders write them.
fn film(dir: &Path, file: &str, place: &str) {
    let picture = format!("mandelbrot=s=480x270:r=12:start_scale=0.6:end_scale=0.0001:end_pts=500:{place}");
    let size = ["-t", "40", "-pix_fmt", "yuv420p", "-g", "24", "-crf", "24", file];
    ffmpeg(dir, &[&["-f", "lavfi", "-i", &picture][..], &X264, &size].concat());
}

#[test]
fn footage_that_was_encoded_anew_or_cut_is_recognised_and_other_footage_is_not() {
    if !has_ffmpeg() {
        return;
    }
    let dir = TempDir::new().unwrap();
    let dir = dir.path();
    film(dir, "one.mp4", "start_x=-0.743643887037158:start_y=-0.131825904205311");
    film(dir, "two.mp4", "start_x=-0.1592:start_y=-1.0317");
    // Smaller, at a fraction of the rate, key frames wherever the encoder likes; from the tenth second on.
    let smaller = ["-ss", "10.3", "-i", "one.mp4", "-vf", "scale=320:180", "-crf", "34", "smaller.mp4"];
    ffmpeg(dir, &[&smaller[..6], &X264, &smaller[6..]].concat());
    // Cut without encoding, into another container.
    ffmpeg(dir, &["-ss", "8", "-i", "one.mp4", "-t", "24", "-c", "copy", "cut.mkv"]);

    let files = ["one.mp4", "two.mp4", "smaller.mp4", "cut.mkv"];
    let seen: Vec<Vec<Picture>> = files.iter().map(|file| traces(dir, file).pictures).collect();
    let lists: Vec<&[Picture]> = seen.iter().map(Vec::as_slice).collect();
    let found = alike(&lists);
    let pairs: Vec<(usize, usize)> = found.iter().map(|alike| (alike.one, alike.other)).collect();
    assert!(pairs.contains(&(0, 2)) && pairs.contains(&(0, 3)), "{found:?}\n{lists:?}");
    assert!(pairs.iter().all(|pair| pair.0 != 1 && pair.1 != 1), "{found:?}");
    for (other, later_us) in [(2, 10_300_000), (3, 8_000_000)] {
        let alike = found.iter().find(|alike| (alike.one, alike.other) == (0, other)).unwrap();
        let off_us = alike.one_start_us.0 - alike.other_start_us.0 - later_us;
        assert!(off_us.abs() <= 250_000, "{alike:?}");
    }
}

/// What a microphone hears of a scene from `start_s` on for a minute and a half: quieter or louder, with noise of
/// its own.
fn hear(dir: &Path, file: &str, scene: u32, start_s: f64, volume: f64, noise: u32) -> SoundEnvelope {
    let (start, scene) = (format!("atrim=start={start_s},asetpts=PTS-STARTPTS"), format!("seed={scene}"));
    let graph = format!(
        "anoisesrc=c=brown:r=16000:a=0.6:d=240:{scene},{start},volume={volume}[s];\
         anoisesrc=c=pink:r=16000:a=0.03:d=240:seed={noise}[n];[s][n]amix=inputs=2:normalize=0"
    );
    let codec = ["-t", "90", "-ac", "1", "-c:a", "aac", "-b:a", "24k", file];
    ffmpeg(dir, &[&["-filter_complex", &graph][..], &codec].concat());
    traces(dir, file).sound.unwrap()
}

#[test]
fn two_recorders_that_heard_the_same_are_aligned_to_less_than_a_tenth_of_a_second() {
    if !has_ffmpeg() {
        return;
    }
    let dir = TempDir::new().unwrap();
    let dir = dir.path();
    let far = Micros::from_s(3600);
    let one = hear(dir, "one.m4a", 3, 40.0, 1.0, 11);
    for (number, start_ms) in [(0, 21_370), (1, 71_913), (2, 40_020)] {
        let start_s = f64::from(start_ms) / 1e3;
        let other = hear(dir, &format!("{number}.m4a"), 3, start_s, 0.4, 20 + number);
        let aligned = align(&one, &other, -far, far).unwrap();
        // What is heard at t in the one is heard 40 − start later in the other.
        let truth = Micros::from_ms(40_000 - i64::from(start_ms));
        assert!((aligned.offset_us - truth).abs() < Micros::from_ms(100), "{truth:?}: {aligned:?}");
        assert!((aligned.offset_us - truth).abs() <= aligned.error_us, "{truth:?}: {aligned:?}");
    }
    let elsewhere = hear(dir, "elsewhere.m4a", 5, 40.0, 1.0, 30);
    assert_eq!(align(&one, &elsewhere, -far, far), None);
}
