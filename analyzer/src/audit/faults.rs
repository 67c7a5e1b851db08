//! What is wrong with the recordings of a stage themselves: cut off, damaged, altered.

use catalog::excuse::ExcuseReason;
use catalog::finding::{Certainty, Finding, FindingCode, FindingKind, Severity};
use catalog::observation::ProblemCode;
use catalog::snapshot::Recording;

use super::breaks::Break;
use super::unreadable::code_of;

/// One finding each for a cut-off and for a damaged file, with everything that was met.
///
/// `held` are the breaks of the stage that the file may hold, if it cannot be read: the finding then
/// speaks of them, and is excused if all of them are.
pub(super) fn problems(recording: &Recording, held: &[&Break]) -> Vec<Finding> {
    let at = match held {
        [only] => Some(only.gap.interval()),
        _ => None,
    };
    let reasons: Option<Vec<ExcuseReason>> = held.iter().map(|part| part.gap.excused).collect();
    let excused = reasons.and_then(|reasons| reasons.first().copied());
    [FindingCode::Truncated, FindingCode::Damaged]
        .into_iter()
        .filter_map(|code| {
            let met = || recording.problems.iter().filter(|problem| code_of(problem) == Some(code));
            let details: Vec<&str> = met().map(|problem| problem.detail.as_str()).collect();
            let mut problems: Vec<ProblemCode> = met().map(|problem| problem.code).collect();
            problems.dedup();
            let observed = details.join("; ");
            let kind = match code {
                _ if details.is_empty() => return None,
                FindingCode::Truncated => FindingKind::Truncated { problems, observed },
                _ => FindingKind::Damaged { problems, observed },
            };
            Some(Finding { at, excused, ..about(recording, kind) })
        })
        .collect()
}

/// That the stored bytes are no longer those that were first read.
pub(super) fn altered(recording: &Recording) -> Option<Finding> {
    let first_sha256 = recording.first_sha256.as_ref().filter(|first| **first != recording.sha256)?;
    let kind = FindingKind::Altered {
        first_sha256: first_sha256.clone(),
        sha256: recording.sha256.clone(),
        version: recording.version,
    };
    (recording.version > 1).then(|| about(recording, kind))
}

/// An irregularity of a recording as a whole.
fn about(recording: &Recording, kind: FindingKind) -> Finding {
    Finding {
        kind,
        severity: Severity::Irregular,
        certainty: Certainty::Certain,
        at: None,
        recordings: vec![recording.object_key.clone()],
        excused: None,
    }
}
