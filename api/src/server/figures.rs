//! Figures of the service for Prometheus: how many requests of which address ended how, and how long they took.
//!
//! By the address's template, never by what was asked for: a case number is no label. The recorder is this service's
//! own, so that two services in one process (as in tests) do not count each other's requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use metrics::{counter, histogram, with_local_recorder};
use metrics_exporter_prometheus::{
    BuildError, Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};

/// Bounds of the histogram, in seconds.
const BOUNDS_S: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// After so many requests what was measured is put into the buckets, also if nobody asks for the figures.
const UPKEEP_EVERY: u64 = 1024;

const REQUESTS: &str = "reelproof_http_requests_total";

const SECONDS: &str = "reelproof_http_request_seconds";

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

    /// The figures as text.
    pub(super) fn text(&self) -> String {
        self.0.handle.run_upkeep();
        self.0.handle.render()
    }
}
