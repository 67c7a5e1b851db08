use super::*;
use crate::execute::execute;
use crate::testing::{ffmpeg_is_there, mini_plan, recording};

/// Presentation times of one kind of packet in seconds, decoding times where a container has no other.
fn packet_times(file: &Path, kind: &str) -> Vec<f64> {
    let file = file.to_str().unwrap();
    let show = "packet=pts_time,dts_time";
    let arguments = ["-v", "error", "-select_streams", kind, "-show_entries", show, "-of", "csv=p=0", file];
    let text = run("ffprobe", &arguments, Path::new(".")).unwrap();
    text.lines().filter_map(|line| line.split(',').find_map(|field| field.parse().ok())).collect()
}

fn holes(times: &[f64]) -> Vec<(f64, f64)> {
    times.windows(2).filter(|pair| pair[1] - pair[0] > 0.2).map(|pair| (pair[0], pair[1])).collect()
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 0.001
}

#[test]
fn files_are_as_long_as_planned_and_have_just_the_planned_hole() {
    if !ffmpeg_is_there() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let plan = mini_plan();
    execute(&plan, dir.path(), &|_| ()).unwrap();
    for file in &plan.recordings {
        let path = dir.path().join("evidence").join(&file.key);
        let (video, audio) = (packet_times(&path, "v:0"), packet_times(&path, "a:0"));
        let length_s = file.length_us.as_s_f64();
        assert!(near(video[0], 0.0) && near(audio[0], 0.0), "{}", file.key);
        assert!(near(video[video.len() - 1] + 0.125, length_s), "{}: {:?}", file.key, video.last());
        assert!(
            (audio[audio.len() - 1] + 0.064 - length_s).abs() < 0.065,
            "{}: {:?}",
            file.key,
            audio.last()
        );
        match file.hole {
            None => assert_eq!((holes(&video), holes(&audio)), (vec![], vec![]), "{}", file.key),
            Some((from_us, long_us)) => {
                let (from_s, to_s) = (from_us.as_s_f64(), (from_us + long_us).as_s_f64());
                let [(last, first)] = holes(&video)[..] else { panic!("{:?}", holes(&video)) };
                assert!(near(last + 0.125, from_s) && near(first, to_s), "{last} to {first}");
                let [(last, first)] = holes(&audio)[..] else { panic!("{:?}", holes(&audio)) };
                assert!((last + 0.064 - from_s).abs() < 0.065 && near(first, to_s), "{last} to {first}");
            }
        }
    }
}

#[test]
fn every_container_tells_what_it_can_and_no_sound_means_no_track() {
    if !ffmpeg_is_there() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let studio =
        Studio::open(&dir.path().join("studio"), &[(Scene::Street, None), (Scene::OnePictureASecond, None)])
            .unwrap();
    let mut files: Vec<_> = [Container::Mp4, Container::Mp4FastStart, Container::Matroska, Container::Avi]
        .into_iter()
        .zip((0..).step_by(5))
        .map(|(container, minute)| recording(container, minute, 61))
        .collect();
    files.push(PlannedRecording { sound: false, ..recording(Container::MpegTs, 25, 61) });
    files.push(PlannedRecording { scene: Scene::OnePictureASecond, ..recording(Container::Mp4, 30, 61) });
    for file in &files {
        studio.film(file, dir.path()).unwrap();
        let path = dir.path().join(&file.key);
        let pictures = if file.scene == Scene::OnePictureASecond { 61 } else { 61 * 8 };
        assert_eq!(packet_times(&path, "v:0").len(), pictures, "{}", file.key);
        assert_eq!(packet_times(&path, "a:0").is_empty(), !file.sound, "{}", file.key);
        let show = "format_tags=creation_time";
        let arguments = ["-v", "error", "-show_entries", show, "-of", "csv=p=0", path.to_str().unwrap()];
        let said = run("ffprobe", &arguments, Path::new(".")).unwrap();
        let expected = file.container_says.map(|says| utc(says).replace('Z', ".000000Z")).unwrap_or_default();
        assert_eq!(said.trim(), expected, "{}", file.key);
    }
    let index_place = |file: &PlannedRecording| {
        let bytes = fs::read(dir.path().join(&file.key)).unwrap();
        (places(&bytes, b"moov")[0], places(&bytes, b"mdat")[0])
    };
    let ((last_moov, last_mdat), (first_moov, first_mdat)) = (index_place(&files[0]), index_place(&files[1]));
    assert!(last_moov > last_mdat && first_moov < first_mdat);
}

#[test]
fn damage_is_done_as_planned() {
    if !ffmpeg_is_there() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let studio = Studio::open(&dir.path().join("studio"), &[(Scene::Street, None)]).unwrap();
    let film = |minute, seconds, damage, copy_of| {
        let file = PlannedRecording { damage, copy_of, ..recording(Container::Mp4, minute, seconds) };
        studio.film(&file, dir.path()).unwrap();
        (file.key.clone(), fs::read(dir.path().join(&file.key)).unwrap())
    };
    let (key, whole) = film(0, 300, Damage::None, None);
    let (_, cut) = film(10, 300, Damage::CutAt { percent: 60 }, None);
    assert_eq!(cut.len(), whole.len() * 60 / 100);
    assert_eq!(places(&cut, b"moov"), [] as [usize; 0]);
    let (_, empty) = film(20, 300, Damage::ZeroLength, None);
    assert!(empty.is_empty());
    let size_bytes = 128 * 1024;
    let (_, zeros) = film(30, 300, Damage::ZeroRun { percent: 40, size_bytes }, None);
    let start = whole.len() * 40 / 100;
    assert_eq!(zeros.len(), whole.len());
    assert!(zeros[start..start + size_bytes].iter().all(|&byte| byte == 0));
    assert!(places(&zeros, b"moov")[0] > start + size_bytes, "the index is whole");
    let (_, copy) = film(40, 300, Damage::None, Some(key));
    assert_eq!(copy, whole);
}

#[test]
fn a_program_that_is_not_there_is_named_with_what_to_install() {
    let error = run("no-such-program-as-this", &[], Path::new(".")).unwrap_err().to_string();
    assert!(error.contains("no-such-program-as-this") && error.contains("install"), "{error}");
}

#[test]
fn pieces_follow_one_another_without_a_seam_but_for_the_hole() {
    let whole = recording(Container::Mp4, 0, 1300);
    assert_eq!(pieces(&whole).matches("outpoint 640.000000\nduration 640.000000").count(), 2);
    assert!(pieces(&whole).ends_with("outpoint 20.000000\nduration 20.000000\n"));
    let spoilt = Spoilt { how: Spoiling::Black, from_us: Micros::from_s(7), length_us: Micros::from_s(650) };
    let spoilt = PlannedRecording { spoilt: Some(spoilt), ..whole.clone() };
    let of = |name: &str| pieces(&spoilt).matches(&format!("file {name}\n")).count();
    assert_eq!((of("street-stock.mp4"), of("street-black-stock.mp4")), (3, 2));
    let holed = PlannedRecording { hole: Some((Micros::from_s(640), Micros::from_s(30))), ..whole };
    assert!(pieces(&holed).contains("outpoint 640.000000\nduration 670.000000"));
    assert!(pieces(&holed).ends_with("outpoint 630.000000\nduration 630.000000\n"));
}
