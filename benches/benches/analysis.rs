//! What is computed once footage has been read: interval algebra, keys, the audit of a month.

use std::hint::black_box;

use analyzer::audit::audit;
use analyzer::lanes::{Entry, Lanes, Question, Questions};
use analyzer::policy::Policy;
use benches::coverage_rows::Rows;
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

/// The index that matching uses: 10,000 obligations of one to three officers by 100,000 recordings; see
/// `coverage_rows`. Built, and asked with everything there.
fn coverage(criterion: &mut Criterion) {
    let rows = Rows::made(500);
    let first = rows.recordings.iter().map(|row| row.badge).min().unwrap_or_default();
    let entries: Vec<Entry> = (0..)
        .zip(&rows.recordings)
        .map(|(item, row)| Entry { lane: row.badge - first, interval: row.interval, item })
        .collect();
    let lanes: Vec<Vec<u32>> = rows
        .obligations
        .iter()
        .map(|obligation| obligation.badges.iter().map(|badge| badge - first).collect())
        .collect();
    let questions: Vec<Question<'_>> = rows
        .obligations
        .iter()
        .zip(&lanes)
        .map(|(obligation, lanes)| Question { lanes, interval: obligation.interval })
        .collect();
    let (index, questions) = (Lanes::new(&entries), Questions::new(&questions));
    let mut group = criterion.benchmark_group("coverage");
    group.throughput(Throughput::Elements(entries.len() as u64));
    group.bench_function("index_of_100k_recordings", |bench| bench.iter(|| Lanes::new(black_box(&entries))));
    group.throughput(Throughput::Elements(questions.len() as u64));
    group.bench_function("of_10k_obligations", |bench| bench.iter(|| index.covered(black_box(&questions))));
    group.finish();
}

criterion_group!(benches, interval_algebra, keys, audit_of_a_month, coverage);
criterion_main!(benches);
