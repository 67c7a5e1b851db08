//! Who may say what, and what an item comes to.

use std::collections::BTreeSet;

use analyzer::policy::Population;
use analyzer::review::{AdmitInput, Recusal, Refusal, ReviewState, Standing, admit, standings};
use catalog::finding::FindingCode::{Gap, LateStart};
use catalog::review::{Assignment, Judgement, Outcome, ReviewAct, ReviewEvent, ReviewFile, StatementKind};
use catalog::unit::Officer;

use crate::support::{ROUND, at, officer, rules, units};

/// One item, `A/1` of `S0`, with the supervisors 901 and 902, and what is on record about it.
struct Desk {
    kind: Population,
    file: ReviewFile,
    now: &'static str,
}

impl Desk {
    fn new(blind: bool) -> Self {
        let seat = |seat, badge: &str| Assignment {
            round: ROUND.into(),
            item: "A/1".into(),
            unit: "S0".into(),
            seat,
            revision: 1,
            badge: badge.into(),
            blind,
            assigned_at: at("2024-06-04 09:00"),
            due_at: at("2024-06-15 00:00"),
            assigned_by: "900".into(),
            reason: None,
        };
        let file = ReviewFile { assignments: vec![seat(1, "901"), seat(2, "902")], events: vec![] };
        Self { kind: Population::Recordings, file, now: "2024-06-05 09:00" }
    }

    fn standing(&self) -> Standing {
        standings(&self.file).remove("A/1").unwrap()
    }

    /// Records an act, if it is admitted.
    fn act(&mut self, by: &Officer, act: ReviewAct) -> Result<ReviewState, Refusal> {
        let (standing, rules, units) = (self.standing(), rules(), units());
        let case_officers = BTreeSet::from(["101".to_owned(), "903".to_owned()]);
        let input = AdmitInput {
            kind: self.kind,
            standing: &standing,
            by,
            at: at(self.now),
            case_officers: &case_officers,
            units: &units,
            rules: &rules,
        };
        admit(input, &act)?;
        self.file.events.push(ReviewEvent {
            round: ROUND.into(),
            item: "A/1".into(),
            number: standing.next_number(),
            at: at(self.now),
            by: by.badge.clone(),
            act,
        });
        Ok(self.standing().state)
    }

    fn verdict(&mut self, badge: &str, outcome: Outcome) -> Result<ReviewState, Refusal> {
        let seat = if badge == "901" { 1 } else { 2 };
        let codes = if outcome == Outcome::Irregular { vec![LateStart] } else { vec![] };
        self.act(&officer(badge, "OFFICE"), ReviewAct::Verdict { seat, judgement: says(outcome, codes) })
    }

    fn statement(&mut self, by: &Officer, statement: StatementKind) -> Result<ReviewState, Refusal> {
        self.act(by, ReviewAct::Statement { statement, text: "当日设备故障，已报修".into() })
    }

    fn decision(
        &mut self,
        by: &Officer,
        granted: Option<bool>,
        outcome: Outcome,
    ) -> Result<ReviewState, Refusal> {
        self.act(by, ReviewAct::Decision { granted, judgement: says(outcome, vec![]) })
    }
}

fn says(outcome: Outcome, codes: Vec<catalog::finding::FindingCode>) -> Judgement {
    Judgement { outcome, codes, note: "见录像".into(), moments: vec![] }
}

#[test]
fn verdicts_that_agree_settle_an_item_with_the_codes_of_both() {
    let mut desk = Desk::new(false);
    assert_eq!(desk.verdict("901", Outcome::Irregular), Ok(ReviewState::Open));
    let judgement = says(Outcome::Irregular, vec![Gap]);
    let second = ReviewAct::Verdict { seat: 2, judgement };
    assert_eq!(desk.act(&officer("902", "OFFICE"), second), Ok(ReviewState::Settled));
    let standing = desk.standing();
    assert_eq!(standing.judgement.unwrap().codes, [LateStart, Gap]);
    assert_eq!(standing.settled_at, Some(at("2024-06-05 09:00")));
}

#[test]
fn a_check_that_finds_nothing_is_a_verdict_like_any_other() {
    let mut desk = Desk::new(false);
    desk.verdict("901", Outcome::Regular).unwrap();
    assert_eq!(desk.verdict("902", Outcome::Regular), Ok(ReviewState::Settled));
    assert_eq!(desk.standing().events.len(), 2);
}

#[test]
fn a_changed_verdict_is_one_more_event() {
    let mut desk = Desk::new(false);
    desk.verdict("901", Outcome::Regular).unwrap();
    assert_eq!(desk.verdict("902", Outcome::Missing), Ok(ReviewState::Disagreed));
    assert_eq!(desk.standing().judgement, None);
    assert_eq!(desk.verdict("901", Outcome::Missing), Ok(ReviewState::Settled));
    let standing = desk.standing();
    assert_eq!(standing.events.len(), 3);
    assert_eq!(standing.verdicts[&1].event, 3);
}

#[test]
fn only_who_holds_the_seat_judges_and_nobody_their_own_case() {
    let mut desk = Desk::new(false);
    let error = desk.verdict("904", Outcome::Regular).unwrap_err();
    assert!(matches!(&error, Refusal::NoSeat { holders, .. } if holders == "901, 902"), "{error}");
    let moved = officer("901", "S0");
    let act = ReviewAct::Verdict { seat: 1, judgement: says(Outcome::Regular, vec![]) };
    assert!(matches!(desk.act(&moved, act), Err(Refusal::Recused { .. })), "moved to the squad since");
}

#[test]
fn a_verdict_is_consistent_in_itself() {
    let mut desk = Desk::new(false);
    let by = officer("901", "OFFICE");
    let verdict = |outcome, codes: &[_], note: &str| ReviewAct::Verdict {
        seat: 1,
        judgement: Judgement { outcome, codes: codes.to_vec(), note: note.into(), moments: vec![] },
    };
    for bad in [
        verdict(Outcome::Irregular, &[], "x"),
        verdict(Outcome::Regular, &[Gap], "x"),
        verdict(Outcome::Missing, &[], " "),
        verdict(Outcome::Excused, &[], ""),
    ] {
        assert!(matches!(
            desk.act(&by, bad),
            Err(Refusal::NoCodes | Refusal::Codes | Refusal::NoteOfLooking)
        ));
    }
    assert!(desk.act(&by, verdict(Outcome::Regular, &[], "")).is_ok());
    assert!(desk.act(&by, verdict(Outcome::Regular, &[], "")).is_err(), "a change says why");

    // Codes are faults of recordings: what is irregular with a file is said in words.
    let mut desk = Desk { kind: Population::CaseFiles, ..Desk::new(false) };
    assert_eq!(desk.act(&by, verdict(Outcome::Irregular, &[], " ")), Err(Refusal::NoteOfWhat));
    assert!(desk.act(&by, verdict(Outcome::Irregular, &[], "缺少送达回证")).is_ok());
}

#[test]
fn every_refusal_says_in_both_languages_what_to_do() {
    let (badge, item) = ("901".to_owned(), "A/1".to_owned());
    let refusals = [
        Refusal::NoSeat { badge: badge.clone(), item: item.clone(), holders: "902, 903".into() },
        Refusal::Recused { badge: badge.clone(), item: item.clone(), because: Recusal::OwnCase },
        Refusal::NoCodes,
        Refusal::NoteOfWhat,
        Refusal::Codes,
        Refusal::NoteOfLooking,
        Refusal::NoteOfChange,
        Refusal::NoteOfDecision,
        Refusal::NoWords,
        Refusal::PastVerdicts { item: item.clone(), state: ReviewState::Appealed },
        Refusal::NothingAgainst { item: item.clone(), state: ReviewState::Open },
        Refusal::OtherUnit {
            badge: badge.clone(),
            theirs: "S1".into(),
            item: item.clone(),
            unit: "S0".into(),
        },
        Refusal::TooLate { last_day: "2024-06-10".into(), days: 5 },
        Refusal::AppealedBefore { item: item.clone() },
        Refusal::DecidedBefore { item: item.clone() },
        Refusal::NothingToDecide { item: item.clone(), state: ReviewState::Settled },
        Refusal::TookPart { badge, item },
        Refusal::GrantedOrNot,
        Refusal::RejectedYetChanged { outcome: Outcome::Missing },
    ];
    for refusal in refusals {
        let (en, zh) = (refusal.to_string(), refusal.zh());
        assert!(en.is_ascii() || en.contains("回避"), "{en}");
        assert!(zh.chars().filter(|c| !c.is_ascii()).count() > 8, "{zh}");
        // Who and what stand in both.
        for name in ["901", "A/1", "S1", "2024-06-10", "--note", "--code", "--text", "--grant"] {
            assert_eq!(en.contains(name), zh.contains(name), "{en} | {zh}");
        }
    }
}

#[test]
fn a_squad_speaks_for_itself_within_its_days_and_appeals_once() {
    let squad = officer("101", "S0");
    let mut desk = Desk::new(false);
    let early = desk.statement(&squad, StatementKind::Appeal).unwrap_err();
    assert!(matches!(early, Refusal::NothingAgainst { .. }));
    desk.verdict("901", Outcome::Missing).unwrap();
    desk.verdict("902", Outcome::Missing).unwrap();
    let other = desk.statement(&officer("201", "S1"), StatementKind::Explanation).unwrap_err();
    assert!(matches!(other, Refusal::OtherUnit { .. }));
    assert_eq!(desk.statement(&squad, StatementKind::Explanation), Ok(ReviewState::Settled));
    desk.now = "2024-06-10 23:59";
    assert_eq!(desk.statement(&squad, StatementKind::Appeal), Ok(ReviewState::Appealed));
    let again = desk.statement(&squad, StatementKind::Appeal).unwrap_err();
    assert!(matches!(again, Refusal::AppealedBefore { .. }));
    desk.now = "2024-06-11 00:00";
    let late = desk.statement(&squad, StatementKind::Explanation).unwrap_err();
    assert_eq!(late, Refusal::TooLate { last_day: "2024-06-10".into(), days: 5 });
}

#[test]
fn an_appeal_is_decided_by_another_person_and_that_is_final() {
    let squad = officer("101", "S0");
    let mut desk = Desk::new(false);
    desk.verdict("901", Outcome::Missing).unwrap();
    desk.verdict("902", Outcome::Missing).unwrap();
    desk.statement(&squad, StatementKind::Appeal).unwrap();
    assert!(matches!(desk.verdict("901", Outcome::Regular), Err(Refusal::PastVerdicts { .. })));
    let took_part = desk.decision(&officer("902", "OFFICE"), Some(true), Outcome::Excused).unwrap_err();
    assert!(matches!(took_part, Refusal::TookPart { .. }));
    let of_case = desk.decision(&officer("903", "OFFICE"), Some(true), Outcome::Excused).unwrap_err();
    assert!(matches!(of_case, Refusal::Recused { .. }));
    let other = officer("905", "OFFICE");
    assert_eq!(desk.decision(&other, None, Outcome::Excused), Err(Refusal::GrantedOrNot));
    let changed = desk.decision(&other, Some(false), Outcome::Excused).unwrap_err();
    assert_eq!(changed, Refusal::RejectedYetChanged { outcome: Outcome::Missing });
    // Late, but admitted: the squad must not lose its appeal because the bureau was slow.
    desk.now = "2024-09-01 09:00";
    assert_eq!(desk.decision(&other, Some(true), Outcome::Excused), Ok(ReviewState::Decided));
    assert_eq!(desk.standing().judgement.unwrap().outcome, Outcome::Excused);
    let again = desk.decision(&officer("906", "OFFICE"), Some(true), Outcome::Regular).unwrap_err();
    assert!(matches!(again, Refusal::NothingToDecide { .. }));
}

#[test]
fn what_was_decided_between_supervisors_is_not_appealed() {
    let squad = officer("101", "S0");
    let mut desk = Desk::new(true);
    desk.verdict("901", Outcome::Regular).unwrap();
    desk.verdict("902", Outcome::Missing).unwrap();
    assert_eq!(desk.decision(&officer("905", "OFFICE"), None, Outcome::Missing), Ok(ReviewState::Decided));
    let appeal = desk.statement(&squad, StatementKind::Appeal).unwrap_err();
    assert!(matches!(appeal, Refusal::DecidedBefore { .. }));
    // What it has to say of it is kept with the item.
    assert_eq!(desk.statement(&squad, StatementKind::Explanation), Ok(ReviewState::Decided));
}

#[test]
fn somebody_else_decides_between_supervisors_who_disagree() {
    let mut desk = Desk::new(true);
    desk.verdict("901", Outcome::Regular).unwrap();
    desk.verdict("902", Outcome::Missing).unwrap();
    let other = officer("905", "OFFICE");
    assert_eq!(desk.decision(&other, Some(true), Outcome::Missing), Err(Refusal::GrantedOrNot));
    assert_eq!(desk.decision(&other, None, Outcome::Missing), Ok(ReviewState::Decided));
}

#[test]
fn of_a_blind_item_nobody_sees_the_other_verdict_before_their_own() {
    let mut desk = Desk::new(true);
    desk.verdict("901", Outcome::Missing).unwrap();
    let standing = desk.standing();
    assert!(standing.verdicts_open_to(Some("901")));
    for who in [Some("902"), Some("905"), None] {
        assert!(!standing.verdicts_open_to(who), "{who:?}");
    }
    desk.verdict("902", Outcome::Regular).unwrap();
    assert!(desk.standing().verdicts_open_to(None));
    let mut open = Desk::new(false);
    open.verdict("901", Outcome::Missing).unwrap();
    assert!(open.standing().verdicts_open_to(Some("902")), "the second countersigns");
}

#[test]
fn a_seat_that_was_given_to_another_waits_for_that_ones_verdict() {
    let mut desk = Desk::new(false);
    desk.verdict("901", Outcome::Regular).unwrap();
    let anew = Assignment {
        revision: 2,
        badge: "905".into(),
        reason: Some("轮岗".into()),
        ..desk.file.assignments[0].clone()
    };
    desk.file.assignments.push(anew);
    let standing = desk.standing();
    assert_eq!(standing.state, ReviewState::Open);
    let waiting: Vec<_> = standing.waiting_for().map(|seat| seat.badge.as_str()).collect();
    assert_eq!(waiting, ["905", "902"]);
    assert_eq!(standing.events.len(), 1, "what was said stays on record");
    assert!(standing.judges().contains("901"));
}
