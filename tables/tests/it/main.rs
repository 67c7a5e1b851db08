//! The crate as its users see it: whole files in, rows or messages out.

#![expect(clippy::unwrap_used, reason = "everything here is a test, its helpers too")]

mod formats;
mod hostile;
mod messages;
mod round_trip;

use catalog::import::{Import, ImportKind, KnownNames};
use tables::{ImportError, read};

/// A catalog in which there is a little of everything.
fn known() -> KnownNames {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    KnownNames {
        units: names(&["DET-1", "SQ-01", "SQ-02"]),
        badges: names(&["D31007", "D31008", "00123"]),
        devices: names(&["BWC-0001", "UAV-0001"]),
        cases: names(&["CASE-001", "CASE-002", "沪示〔2024〕第1号"]),
        stages: [("CASE-001".to_owned(), 1), ("CASE-001".to_owned(), 2)].into(),
        docks: names(&["DOCK-1"]),
    }
}

fn import(kind: ImportKind, text: impl AsRef<[u8]>) -> Result<Import, ImportError> {
    let read = read(kind, "file.csv", text.as_ref(), &known());
    if let Err(error) = &read {
        in_chinese(error);
    }
    read.map(|table| table.import)
}

/// Every problem is told in Chinese, too: whatever is not the file's own, a number or a name stands in Chinese.
fn in_chinese(error: &ImportError) {
    for problem in error.problems() {
        for (en, zh) in [(&problem.found, problem.found_zh()), (&problem.expected, problem.expected_zh())] {
            // What the file holds stands between backticks.
            let own: String = zh.split('`').step_by(2).collect();
            // Names of columns are words with an underscore.
            let english = own.split(|c: char| !c.is_ascii_lowercase() && c != '_').find(|word| {
                ["the", "that", "which", "with", "and", "one", "an", "of", "is", "no", "not", "it"]
                    .contains(word)
            });
            assert!(english.is_none(), "{en} is told in Chinese as {zh}");
        }
    }
}

/// What a person reads when a file is refused.
fn refusal(kind: ImportKind, text: impl AsRef<[u8]>) -> String {
    import(kind, text).expect_err("the file is bad").to_string()
}
