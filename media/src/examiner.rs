//! Brings the sandboxed child and the reading of media together: the child examines with FFmpeg.

use std::process::ExitCode;

use confined::{ByteRange, Examiner, MediaReport, ObjectSource, Sink};

use crate::{Effort, Examination};

/// Examines footage.
struct MediaExaminer;

impl Examiner for MediaExaminer {
    type Examined = Examination;

    fn prepare(&self) {
        // A first examination loads and initialises whatever the next ones need.
        crate::examine(std::io::empty(), 0);
        crate::inspect::prepare();
        crate::derive::prepare();
    }

    fn examine(&self, source: ObjectSource, size_bytes: u64) -> Examination {
        let effort = if source.is_read_whole() { Effort::Whole } else { Effort::Frugal };
        crate::examine_with(source, size_bytes, effort)
    }

    fn report(
        &self,
        examined: Examination,
        zero_runs: &[ByteRange],
        changes: &[ByteRange],
    ) -> Result<Vec<u8>, String> {
        let report = MediaReport {
            changed_spans: changes.iter().map(|range| examined.shown_in(range)).collect(),
            ..examined.report(zero_runs)
        };
        serde_json::to_vec(&report).map_err(|error| error.to_string())
    }

    fn inspect(&self, source: ObjectSource, size_bytes: u64, request: &[u8]) -> Result<Vec<u8>, String> {
        let request = serde_json::from_slice(request).map_err(|error| error.to_string())?;
        serde_json::to_vec(&crate::inspect::inspect(source, size_bytes, &request))
            .map_err(|error| error.to_string())
    }

    fn derive(
        &self,
        source: ObjectSource,
        sink: Sink,
        size_bytes: u64,
        request: &[u8],
    ) -> Result<Vec<u8>, String> {
        let request = serde_json::from_slice(request).map_err(|error| error.to_string())?;
        serde_json::to_vec(&crate::derive::derive(source, size_bytes, &request, sink))
            .map_err(|error| error.to_string())
    }
}

/// Runs this process as a child that examines footage; see [`confined`]. An executable calls it first of
/// all, before it starts a thread.
pub fn child_main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    confined::serve(&MediaExaminer, &args)
}
