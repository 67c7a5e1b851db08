//! Footage in a real object store: what is fetched is counted outside of the program.

#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use object_store::ObjectStoreExt;
use object_store::aws::AmazonS3;
use object_store::path::Path as Key;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tests::link::{Fault, Link};
use tests::s3::{BUCKET, CREDENTIALS, Proxy, Server, Shape, client};
use tests::{Ran, command, has_ffmpeg, peak_memory_of};

/// A server that answers, and a client of it.
fn store(runtime: &tokio::runtime::Runtime) -> Option<(Server, Arc<AmazonS3>)> {
    let mut server = Server::start()?;
    let client = Arc::new(client(server.address));
    let (address, key) = (server.address, Key::from("ready"));
    server.wait_until(|| {
        TcpStream::connect(address).is_ok() && runtime.block_on(client.put(&key, "yes".into())).is_ok()
    });
    runtime.block_on(client.delete(&key)).unwrap();
    Some((server, client))
}

fn reelproof(dir: &Path, address: SocketAddr, args: &[&str]) -> Ran {
    let mut command = command(dir);
    command.envs(CREDENTIALS).env("AWS_REGION", "us-east-1").env("AWS_ALLOW_HTTP", "true");
    command.env("AWS_ENDPOINT", format!("http://{address}")).args(args);
    command.output().unwrap().into()
}

/// The same twelve seconds in each container, some 18 MB each.
fn footage(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let forms: [(&str, &[&str]); 6] = [
        ("moov-last.mp4", &[]),
        ("moov-first.mp4", &["-movflags", "+faststart"]),
        ("fragmented.mp4", &["-movflags", "+frag_keyframe+empty_moov"]),
        ("stream.ts", &[]),
        ("matroska.mkv", &[]),
        ("riff.avi", &["-bsf:v", "h264_mp4toannexb"]),
    ];
    let source = dir.join("source.mkv");
    let ffmpeg = |args: &[&str], target: &Path| {
        let made =
            Command::new("ffmpeg").args(["-nostdin", "-v", "error", "-y"]).args(args).arg(target).status();
        assert!(made.unwrap().success());
    };
    let picture = "testsrc2=size=640x360:rate=25:duration=12,noise=alls=40:allf=t:all_seed=1";
    let encode = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", "sine=duration=12", "-c:v", "libx264"];
    let encode = [&encode[..], &["-preset", "ultrafast", "-crf", "30", "-bf", "0", "-c:a", "aac"]].concat();
    ffmpeg(&encode, &source);
    let remux = |(name, args): (&str, &[&str])| {
        let target = dir.join(name);
        ffmpeg(&[&["-i", source.to_str().unwrap(), "-c", "copy"], args].concat(), &target);
        (name.to_owned(), std::fs::read(target).unwrap())
    };
    forms.into_iter().map(remux).collect()
}

#[test]
fn of_every_container_each_byte_is_fetched_once() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if !has_ffmpeg() {
        return;
    }
    let Some((server, client)) = store(&runtime) else { return };
    let dir = tempfile::tempdir().unwrap();
    let files = footage(dir.path());
    for (name, bytes) in &files {
        runtime.block_on(client.put(&Key::from(name.as_str()), bytes.clone().into())).unwrap();
    }
    let proxy = Proxy::before(server.address);
    let url = format!("s3://{BUCKET}");
    let ran = reelproof(dir.path(), proxy.address, &["ingest", &url, "--json"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let printed = ran.json();
    assert_eq!((&printed["new"], &printed["quarantined"]), (&Value::from(6), &Value::from(0)), "{printed}");

    let size_bytes: u64 = files.iter().map(|(_, bytes)| bytes.len() as u64).sum();
    assert!(size_bytes > 12 << 20, "{size_bytes}");
    let fetched = printed["bytes_read"].as_u64().unwrap();
    assert!(fetched >= size_bytes && fetched <= size_bytes * 101 / 100, "{fetched} of {size_bytes}");
    // What the wire carried: heads and the listing are a few KB a request.
    let carried = proxy.answered_bytes();
    assert!(carried <= size_bytes * 101 / 100 + (128 << 10), "{carried} of {size_bytes}");

    for (name, bytes) in &files {
        let carried_before = proxy.answered_bytes();
        let probe =
            reelproof(dir.path(), proxy.address, &["probe", &format!("{url}/{name}"), "--json"]).json();
        let carried = proxy.answered_bytes() - carried_before;
        let size_bytes = bytes.len() as u64;
        assert!(carried <= size_bytes * 101 / 100 + (16 << 10), "{name}: {carried} of {size_bytes}");
        let streams = probe["streams"].as_array().unwrap();
        let video = streams.iter().find(|stream| stream["kind"] == "video").unwrap();
        assert_eq!(video["packets"], 300, "{name}");
        assert_eq!(probe["problems"], Value::Array(Vec::new()), "{name}");
    }
}

#[test]
fn an_object_that_is_replaced_in_mid_read_is_never_a_mixture() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let Some((server, client)) = store(&runtime) else { return };
    let dir = tempfile::tempdir().unwrap();
    let object = |seed: u8| -> Vec<u8> {
        (0..24u32 << 20).map(|at| (at.wrapping_mul(0x9e37_79b9) >> 24) as u8 ^ seed).collect()
    };
    let key = Key::from("BC1_310001_20240503090000_1.bin");
    runtime.block_on(client.put(&key, object(1).into())).unwrap();
    let proxy = Proxy::before(server.address);
    let replaced = {
        let (client, key, handle) = (Arc::clone(&client), key.clone(), runtime.handle().clone());
        move || {
            handle.block_on(client.put(&key, object(2).into())).unwrap();
        }
    };
    proxy.interrupt_after(6 << 20, replaced);
    let url = format!("s3://{BUCKET}");
    let ran = reelproof(dir.path(), proxy.address, &["ingest", &url, "--json"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert_eq!(ran.json()["new"], 1);
    // It was begun anew, so more was fetched than is in it.
    assert!(proxy.answered_bytes() > 30 << 20, "{}", proxy.answered_bytes());
    assert_is(dir.path(), server.address, "BC1_310001_20240503090000_1.bin", &object(2));
    let ran = reelproof(dir.path(), proxy.address, &["ingest", &url, "--json"]);
    assert_eq!((ran.status, &ran.json()["unchanged"]), (0, &Value::from(1)), "{}", ran.stderr);
}

/// The object is these bytes, and the catalog of this folder has their digest.
fn assert_is(dir: &Path, address: SocketAddr, name: &str, bytes: &[u8]) {
    let sha256 = hex::encode(Sha256::digest(bytes));
    let probe = reelproof(dir, address, &["probe", &format!("s3://{BUCKET}/{name}"), "--json"]).json();
    assert_eq!(probe["sha256"], sha256, "{name}");
    // Digests stand in the catalog as text.
    let files =
        ["reelproof.db", "reelproof.db-wal"].map(|file| std::fs::read(dir.join(file)).unwrap_or_default());
    let has = |file: &Vec<u8>| file.windows(sha256.len()).any(|window| window == sha256.as_bytes());
    assert!(files.iter().any(has), "{name}");
}

#[test]
fn a_connection_that_breaks_is_taken_up_where_it_broke() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let Some((server, client)) = store(&runtime) else { return };
    let dir = tempfile::tempdir().unwrap();
    let size_bytes = 24u64 << 20;
    let object: Vec<u8> = (0..size_bytes).map(|at| at.wrapping_mul(0x9e37_79b9).to_le_bytes()[2]).collect();
    runtime.block_on(client.put(&Key::from("a.bin"), object.into())).unwrap();
    let proxy = Proxy::before(server.address);
    proxy.interrupt_after(9 << 20, || ());
    let url = format!("s3://{BUCKET}/a.bin");
    let probe = reelproof(dir.path(), proxy.address, &["probe", &url, "--json"]);
    assert_eq!(probe.json()["chunks"]["count"], 6, "{}", probe.stderr);
    let direct = reelproof(dir.path(), server.address, &["probe", &url, "--json"]);
    assert_eq!(probe.json()["sha256"], direct.json()["sha256"]);
    // What was on its way when it broke, and nothing else, came twice.
    let carried = proxy.answered_bytes();
    assert!(carried < size_bytes + (2 << 20), "{carried}");
}

/// Each connection is slow, and there is room for more of them.
const FAR: Shape = Shape {
    delay: Duration::from_millis(20),
    connection_bytes_in_s: Some(16_000_000),
    link_bytes_in_s: None,
};

/// The line is full with one connection.
const FULL: Shape =
    Shape { delay: Duration::from_millis(2), connection_bytes_in_s: None, link_bytes_in_s: Some(24_000_000) };

fn object(size_bytes: u64, seed: u64) -> Vec<u8> {
    let words = (0..size_bytes / 8).map(|at| (at + seed).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    words.flat_map(u64::to_le_bytes).collect()
}

#[test]
fn over_a_link_that_holds_connections_back_several_ranges_are_read_at_a_time_in_bounded_memory() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let Some((server, client)) = store(&runtime) else { return };
    let dir = tempfile::tempdir().unwrap();
    let size_bytes = 72 << 20;
    for number in 0..3 {
        let key = Key::from(format!("BC1_310001_2024050309000{number}_1.bin"));
        runtime.block_on(client.put(&key, object(size_bytes, number).into())).unwrap();
    }
    let proxy = Proxy::shaped(server.address, FAR);
    let mut run = command(dir.path());
    run.envs(CREDENTIALS).env("AWS_REGION", "us-east-1").env("AWS_ALLOW_HTTP", "true");
    run.env("AWS_ENDPOINT", format!("http://{}", proxy.address));
    run.args(["ingest", &format!("s3://{BUCKET}"), "--json", "--parallel", "3"]);
    let mut run = run.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut peak_bytes = None;
    for _ in BufReader::new(run.stderr.take().unwrap()).lines() {
        peak_bytes = peak_bytes.max(peak_memory_of(run.id()));
    }
    let ran = run.wait_with_output().unwrap();
    assert!(ran.status.success());
    let printed: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert!(printed["ranges"].as_u64().unwrap() > 1, "{printed}");
    let fetched = printed["bytes_read"].as_u64().unwrap();
    assert!(fetched >= 3 * size_bytes && fetched <= 3 * size_bytes * 101 / 100, "{fetched}");
    let carried = proxy.answered_bytes();
    assert!(carried <= 3 * size_bytes * 101 / 100 + (128 << 10), "{carried}");
    assert!(peak_bytes.is_some_and(|peak| peak < 256 << 20), "{peak_bytes:?}");
    for number in 0..3 {
        let name = format!("BC1_310001_2024050309000{number}_1.bin");
        assert_is(dir.path(), server.address, &name, &object(size_bytes, number));
    }
}

#[test]
fn over_a_link_that_one_connection_fills_one_stream_is_read() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let Some((server, client)) = store(&runtime) else { return };
    let dir = tempfile::tempdir().unwrap();
    let size_bytes = 48 << 20;
    runtime.block_on(client.put(&Key::from("a.bin"), object(size_bytes, 0).into())).unwrap();
    let proxy = Proxy::shaped(server.address, FULL);
    let ran = reelproof(dir.path(), proxy.address, &["ingest", &format!("s3://{BUCKET}"), "--json"]);
    let printed = ran.json();
    assert_eq!((&printed["ranges"], &printed["bytes_read"]), (&Value::from(1), &Value::from(size_bytes)));
    assert_is(dir.path(), server.address, "a.bin", &object(size_bytes, 0));
}

#[test]
fn a_range_that_breaks_is_taken_up_where_it_broke() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let Some((server, client)) = store(&runtime) else { return };
    let dir = tempfile::tempdir().unwrap();
    let size_bytes = 80 << 20;
    runtime.block_on(client.put(&Key::from("a.bin"), object(size_bytes, 0).into())).unwrap();
    let proxy = Proxy::shaped(server.address, FAR);
    // Until then one stream and four ranges were tried.
    proxy.interrupt_after(52 << 20, || ());
    let ran = reelproof(dir.path(), proxy.address, &["ingest", &format!("s3://{BUCKET}"), "--json"]);
    let printed = ran.json();
    assert!(printed["ranges"].as_u64().unwrap() > 1, "{printed}");
    let carried = proxy.answered_bytes();
    assert!(carried < size_bytes + (2 << 20), "{carried}");
    assert_is(dir.path(), server.address, "a.bin", &object(size_bytes, 0));
}

#[test]
fn an_object_that_is_replaced_while_ranges_of_it_are_read_is_never_a_mixture() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let Some((server, client)) = store(&runtime) else { return };
    let dir = tempfile::tempdir().unwrap();
    let size_bytes = 80 << 20;
    let key = Key::from("a.bin");
    runtime.block_on(client.put(&key, object(size_bytes, 1).into())).unwrap();
    let proxy = Proxy::shaped(server.address, FAR);
    let replace = {
        let (client, handle) = (Arc::clone(&client), runtime.handle().clone());
        move || {
            handle.block_on(client.put(&key, object(size_bytes, 2).into())).unwrap();
        }
    };
    proxy.interrupt_after(52 << 20, replace);
    let ran = reelproof(dir.path(), proxy.address, &["ingest", &format!("s3://{BUCKET}"), "--json"]);
    let printed = ran.json();
    assert_eq!((ran.status, &printed["new"]), (0, &Value::from(1)), "{}", ran.stderr);
    assert!(printed["ranges"].as_u64().unwrap() > 1, "{printed}");
    assert_is(dir.path(), server.address, "a.bin", &object(size_bytes, 2));
}

#[test]
fn what_a_store_holds_is_checked_and_a_bit_that_is_turned_on_the_way_is_no_finding() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let Some((server, client)) = store(&runtime) else { return };
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let keys = [0, 1, 2].map(|number| Key::from(format!("BC1_310001_2024050309000{number}_1.bin")));
    let put = |number: usize, seed| {
        runtime.block_on(client.put(&keys[number], object(1 << 20, seed).into())).unwrap();
    };
    for number in 0..keys.len() {
        put(number, 10 + number as u64);
    }
    let link = Link::to(server.address, Ipv4Addr::LOCALHOST, None);
    let taken_in = reelproof(dir, link.address, &["ingest", &format!("s3://{BUCKET}"), "--json"]);
    assert_eq!((taken_in.status, &taken_in.json()["new"]), (0, &3.into()), "{}", taken_in.stderr);

    // Plain HTTP does not notice it; whoever is about to accuse somebody looks twice.
    link.fail(Fault::CorruptBody);
    let checked = reelproof(dir, link.address, &["verify", "--all", "--json"]);
    assert_eq!(link.corrupted(), 1, "a bit was turned");
    assert_eq!((checked.status, &checked.json()["intact"]), (0, &3.into()), "{}", checked.stdout);

    // Now one is another, and one is not there any more.
    put(1, 20);
    runtime.block_on(client.delete(&keys[2])).unwrap();
    let checked = reelproof(dir, link.address, &["verify", "--all", "--json"]);
    assert_eq!(checked.status, 3, "{}", checked.stderr);
    let checked = checked.json();
    assert_eq!(
        (&checked["intact"], &checked["altered"], &checked["missing"]),
        (&1.into(), &1.into(), &1.into()),
        "{checked}"
    );
}
