//! The audit and the oracle, on random months.

use std::collections::BTreeMap;

use catalog::finding::GapPlace;
use rayon::prelude::*;

use super::Oracle;
use super::custody::{said, said_outside};
use super::judge::verdict;
use crate::random_month::{self, Dice};

/// What a month met, by case; panics where the two disagree.
fn compare(seed: u64) -> BTreeMap<String, u32> {
    let mut met: BTreeMap<String, u32> = BTreeMap::new();
    let mut meet = |case: String| *met.entry(case).or_default() += 1;
    let month = random_month::month(&mut Dice::new(seed), 10);
    let audit = month.audit();
    let oracle = Oracle::new(&month);
    assert_eq!(month.snapshot.stages.len(), audit.obligations.len(), "seed {seed}");
    for (stage, obligation) in month.snapshot.stages.iter().zip(&audit.obligations) {
        let expected = oracle.judge(stage);
        assert_eq!(verdict(obligation), expected, "seed {seed}, stage {}", obligation.id);
        for (_, _, code, place, certainty, excused) in expected.gaps {
            let excused = if excused.is_some() { " excused" } else { "" };
            let place = place.map_or("", GapPlace::as_str);
            meet(format!("{code} {place} {certainty}{excused}"));
        }
        if let Some((_, certainty)) = expected.silent {
            meet(format!("no_audio {certainty}"));
        }
        meet(expected.status.as_str().to_owned());

        let custody = oracle.custody(stage, &obligation.recordings);
        assert_eq!(said(obligation), custody, "seed {seed}, stage {}", obligation.id);
        if let Some((_, certainty)) = custody.fewer {
            meet(format!("one_recorder {certainty}"));
        }
        custody.late.iter().for_each(|_| meet("late_upload".to_owned()));
        custody.held.iter().for_each(|(code, certainty, _)| meet(format!("{code} {certainty}")));
    }
    let owned = audit.obligations.iter().flat_map(|one| &one.evidence).map(|one| one.object_key.clone());
    let outside = oracle.outside(&owned.collect::<Vec<_>>());
    assert_eq!(said_outside(&audit), outside, "seed {seed}");
    for (code, _) in &outside {
        meet(format!("{code} outside"));
    }
    met
}

/// How many months are compared: 2,500, or what `REELPROOF_ORACLE_MONTHS` says.
fn months() -> u64 {
    std::env::var("REELPROOF_ORACLE_MONTHS").map_or(2_500, |months| months.parse().expect("a number"))
}

#[test]
fn the_audit_says_what_counting_second_by_second_says() {
    let met = (0..months()).into_par_iter().map(compare).reduce(BTreeMap::new, |mut all, met| {
        for (case, times) in met {
            *all.entry(case).or_default() += times;
        }
        all
    });
    // An oracle that never meets a case says nothing about it.
    for case in [
        "missing  certain",
        "missing  within_clock_error",
        "late_start  certain",
        "late_start  within_clock_error",
        "early_stop  certain",
        "early_stop  within_clock_error",
        "gap inside_file certain",
        "gap inside_file within_clock_error",
        "gap between_files certain",
        "gap between_files within_clock_error",
        "gap between_files certain excused",
        "truncated  certain",
        "damaged  certain excused",
        "no_audio certain",
        "no_audio within_clock_error",
        "one_recorder certain",
        "one_recorder within_clock_error",
        "late_upload",
        "late_upload outside",
        "not_uploaded certain",
        "not_uploaded within_clock_error",
        "lost certain",
        "lost within_clock_error",
        "not_uploaded outside",
        "lost outside",
        "unattributed outside",
        "complete",
        "partial",
        "missing",
        "excused",
    ] {
        let enough = u32::try_from(months() / 500).expect("months") + 1;
        assert!(met.get(case).is_some_and(|&times| times >= enough), "{case} in {met:#?}");
    }
}
