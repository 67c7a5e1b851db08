//! What problems say, and to whom.

use analyzer::notice::NoticeRefusal;
use analyzer::policy::Population;
use analyzer::review::{Recusal, Refusal, ReviewState};
use analyzer::sample::{ActError, FreezeError};
use catalog::Month;
use catalog::WallTime;
use catalog::excuse::ExcuseReason;
use catalog::review::Outcome;
use catalog::store::StoreError;

use super::Problem;
use crate::accounts::AccountError;
use crate::casework::{CaseworkError, Words};
use crate::excuses::ExcuseError;
use crate::operations::OperationError;

/// Whether a text speaks to somebody at a command line: it names a command, or an option.
fn names_a_command(text: &str) -> bool {
    let commands = ["reelproof ", "reelproof-", "sample ", "import s", "log verify", "命令"];
    let option = text
        .split(|sign: char| !sign.is_ascii_alphanumeric() && sign != '-')
        .any(|word| word.strip_prefix("--").is_some_and(|name| !name.is_empty()));
    option || commands.iter().any(|command| text.contains(command))
}

fn operations() -> Vec<OperationError> {
    let month: Month = "2024-05".parse().unwrap();
    let (round, policy) = ("2024-05/p".to_owned(), "p".to_owned());
    let kind = Population::Recordings;
    let known = || Some("there are stages in 2024-04 only".to_owned());
    vec![
        OperationError::EmptyMonth { month, known: None },
        OperationError::EmptyMonth { month, known: known() },
        OperationError::EmptyBaseMonth { month, base_month: month, known: None },
        OperationError::EmptyBaseMonth { month, base_month: month, known: known() },
        OperationError::EmptyFrame { month, kind, base_from: month, base_to: month },
        OperationError::NoDroneGoal { policy: policy.clone() },
        OperationError::NoFlyableArea,
        OperationError::NoSorties { month, known: None },
        OperationError::NoSorties { month, known: known() },
        OperationError::Freeze(FreezeError::NoCheck { policy, kind, known: "none".to_owned() }),
        OperationError::NoRound { round: round.clone(), known: "none".to_owned() },
        OperationError::NotDrawn { round: round.clone() },
        OperationError::DrawnBefore { round: round.clone(), seed: "1".to_owned() },
        OperationError::Act(ActError::NoReason),
        OperationError::Act(ActError::NotDrawn("A1".to_owned())),
        OperationError::Act(ActError::Twice("A1".to_owned())),
        OperationError::Act(ActError::NothingLeft("S1".to_owned())),
    ]
}

fn refusals() -> Vec<Refusal> {
    let (badge, item, unit) = ("310001".to_owned(), "A1/1".to_owned(), "S1".to_owned());
    let state = ReviewState::Settled;
    vec![
        Refusal::NoSeat { badge: badge.clone(), item: item.clone(), holders: "310002".to_owned() },
        Refusal::Recused { badge: badge.clone(), item: item.clone(), because: Recusal::OwnUnit },
        Refusal::NoCodes,
        Refusal::NoteOfWhat,
        Refusal::Codes,
        Refusal::NoteOfLooking,
        Refusal::NoteOfChange,
        Refusal::NoteOfDecision,
        Refusal::NoWords,
        Refusal::PastVerdicts { item: item.clone(), state },
        Refusal::NothingAgainst { item: item.clone(), state },
        Refusal::OtherUnit { badge: badge.clone(), theirs: unit.clone(), item: item.clone(), unit },
        Refusal::TooLate { last_day: "2024-06-03".to_owned(), days: 3 },
        Refusal::AppealedBefore { item: item.clone() },
        Refusal::DecidedBefore { item: item.clone() },
        Refusal::NothingToDecide { item: item.clone(), state },
        Refusal::TookPart { badge, item },
        Refusal::GrantedOrNot,
        Refusal::RejectedYetChanged { outcome: Outcome::Regular },
    ]
}

fn casework() -> Vec<CaseworkError> {
    let text = |text: &str| text.to_owned();
    let words = || Words { en: "notice 1".to_owned(), zh: "文书1".to_owned() };
    let mut all: Vec<CaseworkError> = refusals().into_iter().map(CaseworkError::Refused).collect();
    let on_notices = [NoticeRefusal::NoAnswer, NoticeRefusal::NoteOfClosing, NoticeRefusal::NoReason];
    all.extend(on_notices.map(CaseworkError::Notice));
    all.extend([
        CaseworkError::NoRules { policy: text("p"), block: "review" },
        CaseworkError::OtherPolicy { round: text("2024-05/p"), of: text("p"), given: text("q") },
        CaseworkError::NoOfficer(text("310001")),
        CaseworkError::NoUnit(text("S1")),
        CaseworkError::NotAssigned { round: text("2024-05/p"), item: text("A1/1") },
        CaseworkError::Raced(words()),
        CaseworkError::Input(words()),
        CaseworkError::KeptChanged { file: text("f"), recorded: text("1"), found: text("2") },
    ]);
    all
}

fn excuses() -> Vec<ExcuseError> {
    let stage: catalog::case::StageId = "A1/1".parse().unwrap();
    let (reason, recorded_at) = (ExcuseReason::ALL[0], WallTime(0));
    vec![
        ExcuseError::Twice { stage: stage.clone(), reason },
        ExcuseError::Store(StoreError::ExcuseOnRecord { stage, reason, recorded_at }),
        ExcuseError::Nobody,
    ]
}

fn accounts() -> Vec<AccountError> {
    vec![
        AccountError::Wrong,
        AccountError::BadName,
        AccountError::UnknownUnitOrBadge,
        AccountError::SquadWithoutUnit,
        AccountError::UnitOfWhole,
        AccountError::BadTokenLife,
        AccountError::NoSuchUser,
        AccountError::NoSuchToken,
        AccountError::LastAdministrator,
        AccountError::SetUpAlready,
    ]
}

#[test]
fn no_problem_sends_its_reader_to_a_command_line() {
    let mut problems: Vec<Problem> = vec![
        StoreError::Busy.into(),
        Problem::no_stages(),
        Problem::no_sorties(),
        Problem::set_up_required(),
        Problem::no_round_drawn(),
        Problem::no_such_notice(1),
        Problem::no_such_unit("S1"),
    ];
    problems.extend(operations().into_iter().map(Problem::from));
    problems.extend(casework().into_iter().map(Problem::from));
    problems.extend(excuses().into_iter().map(Problem::from));
    problems.extend(accounts().into_iter().map(Problem::from));
    for problem in problems {
        let (_, _, title, title_zh) = problem.code.facts();
        for text in [title, title_zh, &problem.detail, &problem.detail_zh] {
            assert!(!names_a_command(text), "{text}");
            assert!(!text.is_empty());
        }
    }
    for command in
        ["take it in with `reelproof import stages`", "请用 --note", "看 log verify", "give --code"]
    {
        assert!(names_a_command(command), "{command}");
    }
    assert!(!names_a_command("一至五月 -- 无"), "a dash is no option");
}
