//! The reading loop: one pass that hashes and serves the child, beside SHA-256 alone.
//!
//! The file is 64 MiB of noise, which is no media file, so that nothing but the loop is measured; it lies
//! in the page cache. `probe_warm` is a packet index of 20 minutes, without digests, in a child that is
//! already there.

use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use benches::{fixtures, run_options, warm_reader};
use criterion::{Criterion, Throughput};
use ingest::MediaReport;
use ingest::location::ObjectLocation;
use ingest::reading::ReadOptions;
use object_store::ObjectStoreExt as _;
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

const FILE_BYTES: usize = 64 << 20;

fn main() -> ExitCode {
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let dir = tempfile::tempdir().expect("a folder for the fixtures");
    reading(&mut criterion, dir.path());
    probe_warm(&mut criterion, dir.path());
    criterion.final_summary();
    ExitCode::SUCCESS
}

fn reading(criterion: &mut Criterion, dir: &Path) {
    let bytes = fixtures::noise(FILE_BYTES);
    let path = dir.join("noise.bin");
    std::fs::write(&path, &bytes).expect("the fixture is written");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let object = ObjectLocation::open(path.to_str().expect("UTF-8")).expect("the file is there");
    let store = Arc::clone(&object.location.store);
    let meta = runtime.block_on(store.head(&object.key)).expect("the file is there");
    let reader = warm_reader(runtime.handle()).expect("a child");

    let mut group = criterion.benchmark_group("reading");
    group.throughput(Throughput::Bytes(FILE_BYTES as u64));
    group.bench_function("sha256_alone", |b| b.iter(|| Sha256::digest(black_box(&bytes))));
    for (name, sm3) in [("sha256", false), ("sha256_and_sm3", true)] {
        let options = ReadOptions { sm3, ..ReadOptions::default() };
        group.bench_function(name, |b| {
            b.iter(|| {
                let cancel = CancellationToken::new();
                reader.read::<MediaReport>(&store, &meta, &options, &cancel).expect("it is read")
            });
        });
    }
    group.finish();
}

fn probe_warm(criterion: &mut Criterion, dir: &Path) {
    if let Err(error) = fixtures::twenty_minutes(dir) {
        eprintln!("skipped: no footage to probe: {error}");
        return;
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let path = dir.join("long.mp4");
    let object = ObjectLocation::open(path.to_str().expect("UTF-8")).expect("the file is there");
    let reader = warm_reader(runtime.handle()).expect("a child");
    let options = run_options();
    criterion.bench_function("probe_warm/20_minutes", |b| {
        b.iter(|| {
            let probe = ingest::probe::probe(&object, reader.clone(), &options, false);
            runtime.block_on(probe).expect("it is read")
        });
    });
}
