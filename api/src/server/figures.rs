//! Figures of the service for Prometheus: how many requests of which address ended how, and how long they took.
//!
//! By the address's template, never by what was asked for: a case number is no label. The recorder is this service's
//! own, so that two services in one process (as in tests) do not count each other's requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use catalog::store::FixityRun;
use metrics::{counter, gauge, histogram, with_local_recorder};
use metrics_exporter_prometheus::{
    BuildError, Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};

/// Bounds of the histogram, in seconds.
const BOUNDS_S: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// After so many requests what was measured is put into the buckets, also if nobody asks for the figures.
const UPKEEP_EVERY: u64 = 1024;

const REQUESTS: &str = "reelproof_http_requests_total";

const SECONDS: &str = "reelproof_http_request_seconds";

/// When the last run of checks of stored bytes that was not cut off ended.
const FIXITY_ENDED: &str = "reelproof_fixity_ended_seconds";

/// Objects that were due when the last run began.
const FIXITY_DUE: &str = "reelproof_fixity_due_objects";

/// What the last runs came to.
const FIXITY_CHECKS: &str = "reelproof_fixity_checks";

/// How many runs are counted.
pub(super) const FIXITY_RUNS: u32 = 10;

/// The figures.
#[derive(Clone)]
pub(super) struct Figures(Arc<Inner>);

struct Inner {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    count: AtomicU64,
}

impl Figures {
    pub(super) fn new() -> Result<Self, BuildError> {
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Full(SECONDS.to_owned()), &BOUNDS_S)?
            .build_recorder();
        with_local_recorder(&recorder, || {
            metrics::describe_counter!(REQUESTS, "Requests by method, address and status.");
            metrics::describe_histogram!(
                SECONDS,
                "Seconds to the head of the answer, by method and address."
            );
            metrics::describe_gauge!(
                FIXITY_ENDED,
                "When a run of checks of stored bytes last ended, in seconds since 1970."
            );
            metrics::describe_gauge!(FIXITY_DUE, "Objects that were due when the last run began.");
            metrics::describe_gauge!(FIXITY_CHECKS, "Checks of the last ten runs, by outcome.");
        });
        let handle = recorder.handle();
        Ok(Self(Arc::new(Inner { recorder, handle, count: AtomicU64::new(0) })))
    }

    /// One request has an answer.
    pub(super) fn answered(&self, method: &'static str, path: &'static str, status: u16, took: Duration) {
        with_local_recorder(&self.0.recorder, || {
            let status = status.to_string();
            counter!(REQUESTS, "method" => method, "path" => path, "status" => status).increment(1);
            histogram!(SECONDS, "method" => method, "path" => path).record(took.as_secs_f64());
        });
        if self.0.count.fetch_add(1, Ordering::Relaxed) % UPKEEP_EVERY == UPKEEP_EVERY - 1 {
            self.0.handle.run_upkeep();
        }
    }

    /// What is known of checks of stored bytes, from the last runs.
    pub(super) fn checked(&self, runs: &[FixityRun]) {
        let Some(last) = runs.first() else { return };
        with_local_recorder(&self.0.recorder, || {
            if let Some(ended) = runs.iter().filter_map(|run| run.ended_at).max() {
                gauge!(FIXITY_ENDED).set(ended.0 as f64 / 1e6);
            }
            gauge!(FIXITY_DUE).set(last.due_objects as f64);
            let sum = |of: fn(&FixityRun) -> u64| runs.iter().map(of).sum::<u64>() as f64;
            for (outcome, count) in [
                ("intact", sum(|run| run.intact)),
                ("altered", sum(|run| run.altered)),
                ("missing", sum(|run| run.missing)),
                ("unreadable", sum(|run| run.unreadable)),
            ] {
                gauge!(FIXITY_CHECKS, "outcome" => outcome).set(count);
            }
        });
    }

    /// The figures as text.
    pub(super) fn text(&self) -> String {
        self.0.handle.run_upkeep();
        self.0.handle.render()
    }
}
