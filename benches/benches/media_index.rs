//! The packet index of an MP4 with sample tables, in this process: 20 minutes of picture and sound,
//! some 86,000 packets, made by ffmpeg (see `fixtures::twenty_minutes`).

use std::hint::black_box;
use std::io::Cursor;
use std::sync::Arc;

use benches::fixtures;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn mp4_index(criterion: &mut Criterion) {
    let dir = tempfile::tempdir().expect("a folder for the fixture");
    let file = match fixtures::twenty_minutes(dir.path()) {
        Ok(file) => Arc::<[u8]>::from(file),
        Err(error) => {
            eprintln!("skipped: no footage to index: {error}");
            return;
        }
    };
    let size_bytes = file.len() as u64;
    let examine = || media::examine(Cursor::new(Arc::clone(&file)), size_bytes).report(&[]);
    let packets: u64 = examine().streams.iter().map(|stream| stream.packets).sum();
    let mut group = criterion.benchmark_group("media_index");
    group.throughput(Throughput::Elements(packets)).sample_size(20);
    group.bench_function("mp4_20_minutes", |b| b.iter(|| black_box(examine())));
    group.finish();
}

criterion_group!(benches, mp4_index);
criterion_main!(benches);
