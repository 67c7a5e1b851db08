//! The steps of a month, whatever its rounds: remind reviewers, escalate notices that went unanswered, draft
//! the return.

use std::collections::BTreeMap;
use std::sync::Arc;

use analyzer::deadline::{date, last_day};
use analyzer::review::{ReviewState, standings};
use catalog::WallTime;
use catalog::filing::{ReturnState, StepOutcome};

use super::{Came, Step, Work};
use crate::casework::notice::escalate_notices;
use crate::casework::{CaseworkError, SCHEDULE, filing};
use crate::operations::{OperationError, drawn_round};

impl Work<'_> {
    /// Reminds of verdicts that are due soon or overdue, and of what waits for a decision.
    pub(super) async fn remind(&self) -> Step {
        let Self { catalog, policy, rules, now, .. } = *self;
        let mut due: BTreeMap<String, (u64, WallTime)> = BTreeMap::new();
        let (mut overdue, mut undecided) = (0_u64, 0_u64);
        let mut unreadable = None;
        for round in catalog.rounds().await?.iter().filter(|round| round.policy == policy.name) {
            let file = catalog.review_file(&round.id).await?;
            if file.assignments.is_empty() {
                continue;
            }
            // A round that cannot be read is said to be so, and keeps the others from no reminder.
            let drawn = match drawn_round(catalog, &round.id).await {
                Ok(drawn) => drawn,
                Err(error) => {
                    unreadable = unreadable.or(Some(CaseworkError::from(error)));
                    continue;
                }
            };
            let looked_at = drawn.looked_at();
            for standing in standings(&file).values() {
                undecided +=
                    u64::from(matches!(standing.state, ReviewState::Disagreed | ReviewState::Appealed));
                // Nobody has to judge any more what was skipped since, or drawn before a redraw.
                if !looked_at.iter().any(|(id, _)| *id == standing.item) {
                    continue;
                }
                for seat in standing.waiting_for().filter(|seat| rules.reminds(seat.due_at, now)) {
                    overdue += u64::from(seat.due_at <= now);
                    let (count, first) = due.entry(seat.badge.clone()).or_insert((0, seat.due_at));
                    *count += 1;
                    *first = (*first).min(seat.due_at);
                }
            }
        }
        if due.is_empty() && undecided == 0 {
            return unreadable.map_or(Ok(None), Err);
        }
        let list = |wording: &dyn Fn(&str, u64, &str) -> String, between: &str| {
            let lines: Vec<String> =
                due.iter().map(|(badge, (count, first))| wording(badge, *count, &last_day(*first))).collect();
            lines.join(between)
        };
        let (outcome, failure, failure_zh) = match &unreadable {
            Some(error) => (StepOutcome::Failed, format!("; {error}"), format!("；{}", error.zh())),
            None => (StepOutcome::Waiting, String::new(), String::new()),
        };
        Ok(Some(Came::to(
            outcome,
            format!(
                "verdicts due soon or overdue ({overdue} overdue): {}; {undecided} items wait for a decision{failure}",
                list(&|badge, count, day| format!("{badge}: {count} by {day}"), ", ")
            ),
            format!(
                "提醒复核人员（逾期{overdue}件）：{}；待裁定{undecided}件{failure_zh}",
                list(&|badge, count, day| format!("{badge} {count}件，{day}前"), "，")
            ),
        )))
    }

    /// Drafts what follows notices that went unanswered.
    pub(super) async fn escalate(&self) -> Step {
        let Self { catalog, policy, now, .. } = *self;
        if policy.notices.is_none() {
            return Ok(None);
        }
        let pairs = escalate_notices(catalog, policy, SCHEDULE, now).await?;
        if pairs.is_empty() {
            return Ok(None);
        }
        let list: Vec<String> = pairs.iter().map(|(from, to)| format!("{from} → {to}")).collect();
        Ok(Some(Came::to(
            StepOutcome::Done,
            format!("unanswered notices and the drafts that follow them: {}", list.join(", ")),
            format!("逾期未回复的文书及升级文书：{}", list.join("，")),
        )))
    }

    /// Drafts the return from its day on, until one is sent.
    pub(super) async fn draft_return(&self) -> Step {
        let Self { catalog, policy, rules, month, now } = *self;
        let due_day = policy.monthly_return.due_day;
        if now < rules.drafts_at(month, due_day) {
            return Ok(None);
        }
        let kept = catalog.returns().await?;
        let sent = kept.iter().any(|entry| {
            entry.month == month && entry.policy == policy.name && entry.state == ReturnState::Sent
        });
        if sent {
            return Ok(None);
        }
        let due = format!("{month}-{due_day:02}");
        let document = match filing::return_document(catalog, Arc::clone(policy), month, now).await {
            Ok(document) => document,
            Err(CaseworkError::Operation(
                OperationError::NoRound { .. } | OperationError::NotDrawn { .. },
            )) => {
                return Ok(Some(Came::to(
                    StepOutcome::Waiting,
                    format!("the return is due on {due}, and no round of {month} is drawn"),
                    format!("月报应于{due}前报送，而{month}批次尚未抽取"),
                )));
            }
            Err(error) => return Err(error),
        };
        let (version, new) =
            filing::keep_return(catalog, &document, ReturnState::Draft, SCHEDULE, now).await?;
        let overdue = if date(now) > due { ("; it is overdue", "，已逾期") } else { ("", "") };
        Ok(Some(Came::to(
            if new { StepOutcome::Done } else { StepOutcome::Waiting },
            format!("draft {version} of the return waits to be sent by {due}{}", overdue.0),
            format!("月报草稿第{version}版待报送，期限{due}{}", overdue.1),
        )))
    }
}
