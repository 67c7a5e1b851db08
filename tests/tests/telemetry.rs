//! Telemetry through the binary: within recordings and beside them.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use tests::{has_ffmpeg, media_folder, run_ok};

/// Thirty subtitles, one a second, as a DJI drone writes them.
fn subtitles(started_at: &str) -> String {
    let start = catalog::WallTime::parse(started_at).unwrap();
    let mut text = String::new();
    for second in 0..30_i64 {
        let shown = (start + catalog::Micros::from_s(second)).to_string();
        let shown = format!("{} {}.100", &shown[..10], &shown[11..19]);
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "{}\n00:00:{second:02},100 --> 00:00:{:02},100\n<font size=\"36\">SrtCnt : {}, DiffTime : 1000ms\n\
             {shown}\n[iso : 100] [latitude: 31.2304{second:02}] [longitude: 121.4737{second:02}] \
             [rel_alt: 20.300 abs_alt: 31.100] </font>\n\n",
            second + 1,
            second + 1,
            second + 1,
        );
    }
    text
}

/// Half a minute of picture and sound without any date.
fn film(path: &Path) {
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=30"])
        .args(["-f", "lavfi", "-i", "sine=d=30", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"])
        .args(["-shortest", "-fflags", "+bitexact"])
        .arg(path)
        .status()
        .unwrap();
    assert!(made.success());
}

fn probe(path: &Path) -> Value {
    run_ok(path.parent().unwrap(), &["probe", path.to_str().unwrap(), "--json"]).json()
}

async fn recording(dir: &Path, key: &str) -> catalog::store::RecordingEntry {
    let url = format!("sqlite://{}", dir.join("reelproof.db").display());
    let catalog = catalog::store::open(&url, catalog::store::OpenMode::Existing).await.unwrap();
    let [entry] = catalog.recording(key).await.unwrap().try_into().unwrap();
    entry
}

#[tokio::test]
async fn a_subtitle_file_beside_a_recording_says_when_it_began() {
    if !has_ffmpeg() {
        return;
    }
    let dir = TempDir::new().unwrap();
    let evidence = dir.path().join("evidence");
    std::fs::create_dir(&evidence).unwrap();
    film(&evidence.join("DJI_0001.MP4"));
    let ingest = ["ingest", evidence.to_str().unwrap(), "--json"];
    let first = run_ok(dir.path(), &ingest).json();
    assert_eq!((&first["new"], &first["quarantined"]), (&1.into(), &0.into()));
    let alone = recording(dir.path(), "DJI_0001.MP4").await;
    assert_eq!(alone.observation.started_at_source, None);

    // The subtitles arrive later, in other letters.
    std::fs::write(evidence.join("dji_0001.srt"), subtitles("2024-05-03 09:30:00")).unwrap();
    let second = run_ok(dir.path(), &ingest).json();
    assert_eq!((&second["new"], &second["quarantined"]), (&1.into(), &0.into()), "{second}");
    let joined = recording(dir.path(), "DJI_0001.MP4").await;
    assert_eq!(joined.version, 1);
    let observation = &joined.observation;
    assert_eq!(observation.started_at_source.unwrap().as_str(), "sidecar");
    let off = observation.started_at.unwrap() - catalog::WallTime::parse("2024-05-03 09:30:00").unwrap();
    assert!(off.abs() <= catalog::Micros::from_ms(50), "{off}");
    assert_eq!(observation.sha256, alone.observation.sha256);
    let sidecar = recording(dir.path(), "dji_0001.srt").await;
    assert!(sidecar.observation.is_sidecar() && !sidecar.quarantined);
    assert_eq!(sidecar.observation.telemetry[0].samples, 30);

    // Nothing is left to be joined.
    let third = run_ok(dir.path(), &ingest).json();
    assert_eq!((&third["unchanged"], &third["bytes_read"]), (&2.into(), &0.into()), "{third}");
}

#[tokio::test]
async fn the_configured_order_decides_whether_a_sidecar_is_believed() {
    if !has_ffmpeg() {
        return;
    }
    let dir = TempDir::new().unwrap();
    let evidence = dir.path().join("evidence");
    std::fs::create_dir(&evidence).unwrap();
    let name = "UAV01_310103_20240503093010_0001";
    film(&evidence.join(format!("{name}.mp4")));
    std::fs::write(evidence.join(format!("{name}.SRT")), subtitles("2024-05-03 09:30:00")).unwrap();
    std::fs::write(
        dir.path().join("reelproof.toml"),
        "[ingest]\nstart_order = [\"file_name\", \"sidecar\"]\n",
    )
    .unwrap();
    let args = ["ingest", evidence.to_str().unwrap(), "--json", "--config", "reelproof.toml"];
    assert_eq!(run_ok(dir.path(), &args).json()["quarantined"], 0);
    let entry = recording(dir.path(), &format!("{name}.mp4")).await;
    let sources: Vec<_> = entry.observation.start_claims.iter().map(|claim| claim.source.as_str()).collect();
    assert_eq!(entry.observation.started_at_source.unwrap().as_str(), "file_name");
    assert_eq!(sources, ["sidecar", "file_name"], "both are kept");
}

#[test]
fn probe_shows_what_telemetry_says() {
    let Some(media) = media_folder() else { return };
    let media = media.canonicalize().unwrap();
    for name in ["kwiver/h264_klv.ts", "kwiver/h265_klv.ts"] {
        let klv = probe(&media.join(name));
        assert_eq!(klv["started_at_source"], "telemetry", "{name}");
        let started_at = catalog::WallTime::parse(klv["started_at"].as_str().unwrap()).unwrap();
        let off = started_at - catalog::WallTime::parse("2008-10-24T00:13:29.913Z").unwrap();
        assert!(off.abs().0 <= klv["clock_error_us"].as_i64().unwrap(), "{name}: {off}");
        assert_eq!(klv["telemetry"][0]["samples"], 30);
    }
    let aphill = probe(&media.join("kwiver/aphill_klv_10s.ts"));
    assert_eq!(aphill["telemetry"][0]["supported"], false);
    assert_eq!(aphill["telemetry"][0]["samples"], 300);
    let karma = probe(&media.join("gopro/karma.mp4"));
    let telemetry = karma["telemetry"].as_array().unwrap();
    assert_eq!(telemetry.iter().find(|track| track["kind"] == "gpmf").unwrap()["samples"], 12);
    let flight = probe(&media.join("dji-srt/MAVIC3.srt"));
    assert_eq!((&flight["container"], &flight["telemetry"][0]["samples"]), (&"srt".into(), &12_318.into()));
    assert!(flight["tracks"][0]["points"].as_array().unwrap().len() <= 1000);
}
