//! The forms of what is said of stored bytes.

use catalog::fixity::{CheckOutcome, FixityEnd, RiskClass};
use serde_json::Value;

use super::{answer, codes, list, number, object_of_any, or_null, text, time, to};

pub(super) fn all() -> Vec<(&'static str, Value)> {
    let class = codes(RiskClass::ALL.iter().map(|class| class.as_str()));
    let outcome = codes(CheckOutcome::ALL.iter().map(|outcome| outcome.as_str()));
    let end = codes(FixityEnd::ALL.iter().map(|end| end.as_str()));
    let share = answer(&[("objects", number()), ("bytes", number())]);
    vec![
        (
            "Fixity",
            answer(&[
                ("policy", text()),
                ("as_of", time()),
                ("classes", list(&to("FixityClass"))),
                ("runs", list(&to("FixityRun"))),
                ("findings", list(&to("FixityFinding"))),
            ]),
        ),
        (
            "FixityClass",
            answer(&[
                ("class", class.clone()),
                ("days", number()),
                ("held", share.clone()),
                ("in_time", share.clone()),
                ("due", share.clone()),
                ("overdue", share),
                ("oldest_read_at", or_null(time())),
            ]),
        ),
        (
            "FixityRun",
            answer(&[
                ("run", number()),
                ("begun_at", time()),
                ("policy", text()),
                ("budget_us", or_null(number())),
                ("budget_bytes", or_null(number())),
                ("due_objects", number()),
                ("due_bytes", number()),
                ("ended_at", or_null(time())),
                ("end", or_null(end)),
                ("last_check_at", or_null(time())),
                ("bytes_read", number()),
                ("intact", number()),
                ("altered", number()),
                ("missing", number()),
                ("unreadable", number()),
            ]),
        ),
        (
            "FixityFinding",
            answer(&[
                ("run", number()),
                ("id", text()),
                ("store", text()),
                ("object_key", text()),
                ("version", number()),
                ("at", time()),
                ("class", class),
                ("outcome", outcome),
                ("detail", or_null(text())),
                ("ranges", or_null(list(&object_of_any()))),
            ]),
        ),
    ]
}
