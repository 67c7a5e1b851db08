//! Telemetry: ten minutes of DJI subtitles at 30 a second, parsed and thinned.

use std::hint::black_box;

use benches::fixtures;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use telemetry::{Tolerance, dji_srt, thin};

fn dji_subtitles(criterion: &mut Criterion) {
    let text = fixtures::dji_subtitles(600);
    let mut group = criterion.benchmark_group("telemetry");
    group.throughput(Throughput::Bytes(text.len() as u64)).sample_size(20);
    group.bench_function("dji_srt", |b| b.iter(|| dji_srt::parse(black_box(text.as_bytes()))));
    let track = dji_srt::parse(text.as_bytes());
    assert_eq!(track.samples.len(), 18_000, "the fixture is understood");
    group.throughput(Throughput::Elements(track.samples.len() as u64));
    group.bench_function("thin", |b| b.iter(|| thin(black_box(&track.samples), &Tolerance::default())));
    group.finish();
}

criterion_group!(benches, dji_subtitles);
criterion_main!(benches);
