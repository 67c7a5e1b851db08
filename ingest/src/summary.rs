//! What a run of ingest did: the document that `reelproof ingest --json` prints.

use catalog::chunks::AlteredRange;
use catalog::observation::Problem;
use serde::Serialize;

use crate::child::ChildCounts;

/// An object that we could not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failed {
    /// Its key, or the place that could not be listed.
    pub object_key: String,
    /// Why.
    pub error: String,
}

/// An object that was read in this run and cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Quarantined {
    /// Its key.
    pub object_key: String,
    /// Why.
    #[serde(flatten)]
    pub problem: Problem,
}

/// An object whose bytes are not what they were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Altered {
    /// Its key.
    pub object_key: String,
    /// Number of the new version.
    pub version: u32,
    /// Its size now.
    pub size_bytes: u64,
    /// Where it is not what it was, to the chunk; `None` where the version before was recorded without a list
    /// to compare with. Empty where only bytes at the end were taken away.
    pub ranges: Option<Vec<AlteredRange>>,
}

impl Altered {
    /// Whether all is different from somewhere in the middle to the end, as it is after bytes were put in or cut out:
    /// then nobody knows where the difference ends.
    pub fn reaches_the_end(&self, chunk_bytes: u64) -> bool {
        let last = self.ranges.as_ref().and_then(|ranges| ranges.last());
        last.is_some_and(|last| {
            last.end_byte == self.size_bytes && last.end_byte - last.start_byte > chunk_bytes
        })
    }
}

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Objects listed.
    pub objects: u64,
    /// Objects that were not known before.
    pub new: u64,
    /// Objects that are as they were; those are not read again, unless a file arrived beside them that
    /// says when they began.
    pub unchanged: u64,
    /// Objects whose bytes changed after they were first read.
    pub altered: u64,
    /// Objects that are no longer there.
    pub gone: u64,
    /// Objects, of those listed, that cannot be used.
    pub quarantined: u64,
    /// Objects that could not be read, and stay to be done.
    pub failed: u64,
    /// Objects, of those listed, that were gone before they could be read; part of `gone` if they were known.
    pub vanished: u64,
    /// Bytes fetched.
    pub bytes_read: u64,
    /// How many ranges of an object were found best to be read at a time, 1 being one stream; `None` where all
    /// lay in folders of this machine.
    pub ranges: Option<u32>,
    /// Recordings that were looked at, and what they show recorded.
    pub inspected: u64,
    /// Bytes fetched for that, beside `bytes_read`.
    pub inspect_bytes_read: u64,
    /// Objects handed to the queue to be read or looked at by workers; `None` where they were read here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handed_out: Option<u64>,
    /// Objects that wait in the queue already, or are being worked on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<u64>,
    /// How long it took.
    pub seconds: f64,
    /// Whether the run was asked to stop before it was done.
    pub stopped: bool,
    /// What became of the processes that examined the objects.
    pub children: ChildCounts,
    /// Which objects were altered, and where.
    pub alterations: Vec<Altered>,
    /// Which objects of this run cannot be used, and why.
    pub quarantine: Vec<Quarantined>,
    /// Which objects could not be read, and why.
    pub failures: Vec<Failed>,
}

impl Summary {
    /// Whether something was done: the store was not as the catalog knew it.
    pub fn has_news(&self) -> bool {
        let Self { new, altered, gone, inspected, .. } = *self;
        [new, altered, gone, inspected, self.handed_out.unwrap_or(0)].iter().any(|&count| count > 0)
    }

    /// Adds what another run did.
    pub fn add(&mut self, other: Self) {
        self.objects += other.objects;
        self.new += other.new;
        self.unchanged += other.unchanged;
        self.altered += other.altered;
        self.gone += other.gone;
        self.quarantined += other.quarantined;
        self.failed += other.failed;
        self.vanished += other.vanished;
        self.bytes_read += other.bytes_read;
        self.ranges = self.ranges.max(other.ranges);
        self.inspected += other.inspected;
        self.inspect_bytes_read += other.inspect_bytes_read;
        self.handed_out = sum(self.handed_out, other.handed_out);
        self.waiting = sum(self.waiting, other.waiting);
        self.seconds += other.seconds;
        self.stopped |= other.stopped;
        self.children = self.children.with(other.children);
        self.alterations.extend(other.alterations);
        self.quarantine.extend(other.quarantine);
        self.failures.extend(other.failures);
    }
}

fn sum(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    [a, b].into_iter().flatten().reduce(|a, b| a + b)
}
