//! What a worker counts, for Prometheus.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde::Serialize;
use work::LaneDepth;

use crate::summary::Summary;

/// What a worker counts. All counts are of this process, since it started.
#[derive(Debug, Default)]
pub struct Figures {
    /// Tasks that are being worked on.
    pub(super) held: AtomicU64,
    /// Tasks for which there was nothing to do, because the catalog had it.
    pub(super) no_ops: AtomicU64,
    /// Versions that were recorded.
    pub(super) recorded: AtomicU64,
    /// Objects that turned out unusable.
    pub(super) quarantined: AtomicU64,
    /// Recordings that were looked at.
    pub(super) looked: AtomicU64,
    /// Tasks that failed and were given back or left to the next listing.
    pub(super) failed: AtomicU64,
    /// Tasks that were set aside.
    pub(super) buried: AtomicU64,
    /// Bytes that were fetched.
    pub(super) bytes_read: AtomicU64,
    /// Hints that named an object of a known store.
    pub(super) hints: AtomicU64,
    /// Hints that did not.
    pub(super) strange_hints: AtomicU64,
    /// Whether it takes no more work.
    pub(super) draining: AtomicBool,
}

/// What a worker did: the document that `reelproof worker --json` prints when it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Versions of objects that were recorded.
    pub recorded: u64,
    /// Of these, those that cannot be used.
    pub quarantined: u64,
    /// Recordings that were looked at.
    pub inspected: u64,
    /// Tasks for which there was nothing to do, because the catalog had it.
    pub no_ops: u64,
    /// Tasks that failed, and stay to be done.
    pub failed: u64,
    /// Tasks that were set aside.
    pub buried: u64,
    /// Hints about objects of known stores.
    pub hints: u64,
    /// Bytes that were fetched.
    pub bytes_read: u64,
}

pub(super) fn add(counter: &AtomicU64, count: u64) {
    counter.fetch_add(count, Ordering::Relaxed);
}

impl Figures {
    /// Adds what one task did.
    pub(super) fn add(&self, summary: &Summary) {
        add(&self.recorded, summary.new + summary.altered);
        add(&self.quarantined, summary.quarantined);
        add(&self.looked, summary.inspected);
        add(&self.bytes_read, summary.bytes_read + summary.inspect_bytes_read);
    }

    /// What was counted so far.
    pub fn counts(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            recorded: read(&self.recorded),
            quarantined: read(&self.quarantined),
            inspected: read(&self.looked),
            no_ops: read(&self.no_ops),
            failed: read(&self.failed),
            buried: read(&self.buried),
            hints: read(&self.hints),
            bytes_read: read(&self.bytes_read),
        }
    }

    /// The figures in Prometheus' text format, with what waits in the queue if that is known.
    pub(super) fn text(&self, depth: &[LaneDepth]) -> String {
        let mut text = String::new();
        let mut one = |name: &str, kind: &str, help: &str, value: u64| {
            // Writing to a String cannot fail.
            let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n");
        };
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        one("reelproof_worker_tasks_held", "gauge", "Tasks being worked on.", read(&self.held));
        one(
            "reelproof_worker_draining",
            "gauge",
            "1 once no more work is taken.",
            u64::from(self.draining.load(Ordering::Relaxed)),
        );
        for (name, help, counter) in [
            ("no_op_tasks", "Tasks for which the catalog had everything.", &self.no_ops),
            ("recorded_versions", "Versions of objects recorded.", &self.recorded),
            ("quarantined_objects", "Objects found unusable.", &self.quarantined),
            ("inspected_recordings", "Recordings looked at.", &self.looked),
            ("failed_tasks", "Tasks that failed and stay to be done.", &self.failed),
            ("buried_tasks", "Tasks set aside for people.", &self.buried),
            ("read_bytes", "Bytes fetched from stores.", &self.bytes_read),
            ("hints", "Hints about objects of known stores.", &self.hints),
            ("strange_hints", "Hints about anything else; they are ignored.", &self.strange_hints),
        ] {
            one(&format!("reelproof_worker_{name}_total"), "counter", help, read(counter));
        }
        for (name, help, of) in [
            (
                "waiting",
                "Tasks of a share that nobody has taken.",
                (|lane| lane.waiting) as fn(&LaneDepth) -> u64,
            ),
            ("held", "Tasks of a share that some worker has.", |lane| lane.held),
        ] {
            let _ = write!(
                text,
                "# HELP reelproof_queue_tasks_{name} {help}\n# TYPE reelproof_queue_tasks_{name} gauge\n"
            );
            for lane in depth {
                let share = lane.share.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', " ");
                let _ = writeln!(
                    text,
                    "reelproof_queue_tasks_{name}{{kind=\"{}\",share=\"{share}\"}} {}",
                    lane.kind,
                    of(lane)
                );
            }
        }
        text
    }
}
