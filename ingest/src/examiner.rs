//! Brings the sandboxed child and the media module together: the child examines with FFmpeg.

use std::process::ExitCode;

use crate::child::{self, Examiner, ObjectSource};
use crate::media::{self, Effort, Examination, MediaReport};
use crate::reading::ReportVerdict;

/// Examines footage.
struct MediaExaminer;

impl Examiner for MediaExaminer {
    type Examined = Examination;

    fn prepare(&self) {
        // A first examination loads and initialises whatever the next ones need.
        media::examine(std::io::empty(), 0);
        media::inspect::prepare();
    }

    fn examine(&self, source: ObjectSource, size_bytes: u64) -> Examination {
        let effort = if source.is_read_whole() { Effort::Whole } else { Effort::Frugal };
        media::examine_with(source, size_bytes, effort)
    }

    fn report(&self, examined: Examination, zero_runs: &[media::ByteRange]) -> Result<Vec<u8>, String> {
        serde_json::to_vec(&examined.report(zero_runs)).map_err(|error| error.to_string())
    }

    fn inspect(&self, source: ObjectSource, size_bytes: u64, request: &[u8]) -> Result<Vec<u8>, String> {
        let request = serde_json::from_slice(request).map_err(|error| error.to_string())?;
        serde_json::to_vec(&media::inspect::inspect(source, size_bytes, &request))
            .map_err(|error| error.to_string())
    }
}

impl ReportVerdict for MediaReport {
    fn is_suspicious(&self) -> bool {
        !self.problems.is_empty()
    }
}

/// Runs this process as a child that examines footage; see [`child`]. The binary calls it, first of
/// all, when its first argument is [`child::CHILD_ARG`].
pub fn child_main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(2).collect();
    child::serve(&MediaExaminer, &args)
}
