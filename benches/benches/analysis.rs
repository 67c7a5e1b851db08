//! What is computed once footage has been read: interval algebra, keys, the audit of a month.

use std::hint::black_box;

use analyzer::audit::audit;
use analyzer::policy::Policy;
use benches::fixtures;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ingest::key_pattern::KeyPatterns;

/// Two sets of 10,000 intervals that overlap one another by halves.
fn interval_algebra(criterion: &mut Criterion) {
    let (a, b) = (fixtures::intervals(10_000, 0, 7), fixtures::intervals(10_000, 5, 7));
    let mut group = criterion.benchmark_group("intervals");
    group.throughput(Throughput::Elements(20_000));
    group.bench_function("union", |bench| bench.iter(|| black_box(&a).union(black_box(&b))));
    group.bench_function("intersection", |bench| bench.iter(|| black_box(&a).intersection(black_box(&b))));
    group.bench_function("difference", |bench| bench.iter(|| black_box(&a).difference(black_box(&b))));
    group.finish();
}

/// A key that the default pattern reads, and one that it does not.
fn keys(criterion: &mut Criterion) {
    let patterns = KeyPatterns::default();
    let mut group = criterion.benchmark_group("key_pattern");
    group.throughput(Throughput::Elements(1));
    for (name, key) in [
        ("matches", "2024/05/03/BC104_310017_20240503091500_0007.mp4"),
        ("does_not_match", "2024/05/03/some-export-from-somewhere-else-final-2.mp4"),
    ] {
        group.bench_function(name, |bench| bench.iter(|| patterns.read(black_box(key))));
    }
    group.finish();
}

/// A month of 2,120 obligations and 10,000 recordings on all cores; see `fixtures::month`.
fn audit_of_a_month(criterion: &mut Criterion) {
    let snapshot = fixtures::month(106, 5);
    let policy = Policy::built_in("jingan-2024").expect("the policy is built in");
    let mut group = criterion.benchmark_group("audit");
    group.throughput(Throughput::Elements(snapshot.recordings.len() as u64)).sample_size(20);
    group.bench_function("10k_recordings", |bench| bench.iter(|| audit(black_box(&snapshot), &policy)));
    group.finish();
}

criterion_group!(benches, interval_algebra, keys, audit_of_a_month);
criterion_main!(benches);
