//! The forms of what is said of stored bytes.

use analyzer::retention::{Advice, Lock};
use catalog::fixity::{CheckOutcome, FixityEnd, RiskClass};
use serde_json::Value;

use super::super::month;
use super::{answer, codes, list, number, object_of_any, or_null, text, time, to, yes_or_no};

pub(super) fn all() -> Vec<(&'static str, Value)> {
    let mut all = fixity();
    all.extend(retention());
    all
}

fn retention() -> Vec<(&'static str, Value)> {
    let advice = codes(Advice::ALL.iter().map(|advice| advice.as_str()));
    let lock = codes(Lock::ALL.iter().map(|lock| lock.as_str()));
    let amount = answer(&[("recordings", number()), ("bytes", number())]);
    let sums = [("keep", amount.clone()), ("locked", amount.clone()), ("may_go", amount)];
    let [keep, locked, may_go] = sums.clone();
    vec![
        (
            "Retention",
            answer(&[
                ("policy", text()),
                ("as_of", time()),
                ("totals", answer(&sums)),
                (
                    "locks",
                    list(&answer(&[("lock", lock.clone()), ("recordings", number()), ("bytes", number())])),
                ),
                ("months", list(&answer(&[("month", or_null(month())), keep, locked, may_go]))),
            ]),
        ),
        (
            "Advised",
            answer(&[
                ("id", text()),
                ("object_key", text()),
                ("size_bytes", number()),
                ("began_at", or_null(time())),
                ("evidence", yes_or_no()),
                ("cases", list(&text())),
                ("advice", advice),
                ("keep_until", or_null(time())),
                ("locks", list(&lock)),
            ]),
        ),
        (
            "RetentionPage",
            answer(&[
                ("policy", text()),
                ("as_of", time()),
                ("month", or_null(month())),
                ("recordings", list(&to("Advised"))),
                ("next", or_null(text())),
            ]),
        ),
    ]
}

fn fixity() -> Vec<(&'static str, Value)> {
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
