//! The schedule: every step of a month that needs nobody's judgement, done once its time has come.
//!
//! [`run`] is called as often as one likes, from cron, a systemd timer or the service; the time is passed
//! in. The steps of a round (`rounds`) are done for each check of the policy that has one in the month, the
//! steps of the month (`month`) once. Each looks at what is there and does only what is lacking, so a run
//! that was cut off is simply repeated. What a step did, waits for or failed at is recorded, unless it is
//! what was last recorded of it: a schedule that runs every ten minutes leaves one line a day for what it
//! waits for, and one a change otherwise. A failure is recorded each time. One step that fails, of whichever
//! round, does not keep the others from being tried, and [`Run::failed`] says that there was one.

mod month;
mod rounds;

use std::sync::Arc;
use std::time::Duration;

use analyzer::deadline::start_of_day;
use analyzer::policy::Policy;
use analyzer::schedule::ScheduleRules;
use catalog::clock::Clock;
use catalog::filing::{AnnouncedSeed, ScheduleStep, StepKind, StepOutcome};
use catalog::store::Catalog;
use catalog::{Month, WallTime};
use serde::Serialize;

use super::{CaseworkError, officer};
use crate::operations::{OperationError, check_seed_is_new, require_round};

/// What one run did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Run {
    /// As of when.
    pub at: WallTime,
    /// The month it worked on.
    pub month: Month,
    /// Every step that did, waits for or failed at something, in order; also those that were recorded
    /// before and say the same again.
    pub steps: Vec<ScheduleStep>,
    /// Whether a step failed.
    pub failed: bool,
}

/// What a step came to.
struct Came {
    outcome: StepOutcome,
    detail: String,
    detail_zh: String,
}

impl Came {
    fn to(outcome: StepOutcome, detail: impl Into<String>, detail_zh: impl Into<String>) -> Self {
        Self { outcome, detail: detail.into(), detail_zh: detail_zh.into() }
    }
}

/// Records the seed of a round as it was announced; the schedule draws with it.
pub async fn announce_seed(
    catalog: &dyn Catalog,
    round: &str,
    seed: &str,
    by: &str,
    now: WallTime,
) -> Result<AnnouncedSeed, CaseworkError> {
    officer(catalog, by).await?;
    let stored = require_round(catalog, round).await?;
    analyzer::sample::check_seed(seed)
        .map_err(|error| CaseworkError::input(error.to_string(), error.zh()))?;
    // It is recorded for good: what could not be drawn with is refused while somebody is there to hear it.
    match &stored.draw {
        None => check_seed_is_new(catalog, &stored, seed, Some(now)).await?,
        Some(draw) if draw.seed != seed => {
            let (round, seed) = (round.to_owned(), draw.seed.clone());
            return Err(OperationError::DrawnBefore { round, seed }.into());
        }
        Some(_) => {}
    }
    let announced =
        AnnouncedSeed { round: round.to_owned(), seed: seed.to_owned(), at: now, by: by.to_owned() };
    if catalog.announce_seed(&announced).await? {
        return Ok(announced);
    }
    match catalog.announced_seed(round).await? {
        Some(known) if known.seed == seed => Ok(known),
        Some(known) => Err(CaseworkError::input(
            format!(
                "round {round} has the announced seed `{}` already: a seed is announced once",
                known.seed
            ),
            format!("批次{round}已登记种子“{}”：种子只公布一次", known.seed),
        )),
        None => Err(CaseworkError::raced(round, round)),
    }
}

/// Does what is due at `now`.
///
/// # Errors
/// Where the policy has no `[schedule]`, or the steps cannot be recorded. A step that fails is no error
/// here: it is recorded, and [`Run::failed`] is set.
pub async fn run(catalog: &dyn Catalog, policy: Arc<Policy>, now: WallTime) -> Result<Run, CaseworkError> {
    let rules = policy
        .schedule
        .clone()
        .ok_or_else(|| CaseworkError::NoRules { policy: policy.name.clone(), block: "schedule" })?;
    let month = now.month().ok_or_else(|| outside_the_calendar(now))?;
    let before = catalog.steps(Some(month)).await?;
    let work = Work { catalog, policy: &policy, rules: &rules, month, now };
    let mut unrecorded = None;
    let mut run = Run { at: now, month, steps: Vec::new(), failed: false };
    for &step in StepKind::ALL {
        let came = match step {
            StepKind::Freeze => work.freeze().await,
            StepKind::Draw => work.draw().await,
            StepKind::Assign => work.assign().await,
            StepKind::Remind => vec![(None, work.remind().await)],
            StepKind::Notices => work.notices().await,
            StepKind::Escalate => vec![(None, work.escalate().await)],
            StepKind::Return => vec![(None, work.draft_return().await)],
        };
        for (round, came) in came {
            let came = match came {
                Ok(Some(came)) => came,
                Ok(None) => continue,
                Err(error) => Came {
                    outcome: StepOutcome::Failed,
                    detail_zh: format!("{}失败：{}", step.zh(), error.zh()),
                    detail: error.to_string(),
                },
            };
            let record = ScheduleStep {
                month,
                policy: policy.name.clone(),
                step,
                round,
                at: now,
                outcome: came.outcome,
                detail: came.detail,
                detail_zh: came.detail_zh,
            };
            run.failed |= record.outcome == StepOutcome::Failed;
            // A step that cannot be recorded keeps the others from nothing; the run says so at its end.
            if is_news(&before, &record)
                && let Err(error) = catalog.add_step(&record).await
            {
                unrecorded = unrecorded.or(Some(error));
            }
            run.steps.push(record);
        }
    }
    unrecorded.map_or(Ok(run), |error| Err(error.into()))
}

fn outside_the_calendar(now: WallTime) -> CaseworkError {
    CaseworkError::input(
        format!("{now} lies outside the calendar that is known"),
        format!("{now}超出可用的日历范围"),
    )
}

/// What a run works with.
struct Work<'a> {
    catalog: &'a dyn Catalog,
    policy: &'a Arc<Policy>,
    rules: &'a ScheduleRules,
    month: Month,
    now: WallTime,
}

/// What a step came to; `None`: there was nothing to do.
type Step = Result<Option<Came>, CaseworkError>;

/// What a step came to for each round, by name.
type Steps = Vec<(Option<String>, Step)>;

/// Whether a step says something that was not recorded already: a failure always does, what is waited for
/// once a day, anything else when it changes.
fn is_news(before: &[ScheduleStep], now: &ScheduleStep) -> bool {
    let same =
        |step: &&ScheduleStep| step.policy == now.policy && step.step == now.step && step.round == now.round;
    let last = before.iter().rev().find(same);
    match (last, now.outcome) {
        (None, _) | (_, StepOutcome::Failed | StepOutcome::Done) => true,
        (Some(last), StepOutcome::Waiting | StepOutcome::Incomplete) => {
            (last.outcome, &last.detail) != (now.outcome, &now.detail)
                || start_of_day(last.at) != start_of_day(now.at)
        }
    }
}

/// Runs the schedule now and every `every` from then on, until `stop` resolves. What fails goes to the log,
/// and to the steps on record where these can be written; the next run tries again.
pub async fn keep_running(
    catalog: Arc<dyn Catalog>,
    policy: Arc<Policy>,
    clock: Arc<dyn Clock>,
    every: Duration,
    stop: impl Future<Output = ()>,
) {
    let mut turns = tokio::time::interval(every);
    turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => return,
            _ = turns.tick() => {}
        }
        match run(catalog.as_ref(), Arc::clone(&policy), clock.now()).await {
            Ok(run) => {
                for step in run.steps.iter().filter(|step| step.outcome == StepOutcome::Failed) {
                    let of = step.round.clone().unwrap_or_else(|| step.month.to_string());
                    tracing::error!(step = %step.step, of, reason = step.detail, "a step of the schedule failed");
                }
            }
            Err(error) => tracing::error!(%error, "the schedule could not run"),
        }
    }
}
