//! The schedule: every step of a month that needs nobody's judgement, done once its time has come.
//!
//! [`run`] is called as often as one likes, from cron, a systemd timer or the service; the time is passed
//! in. Each step looks at what is there and does only what is lacking, so a run that was cut off is simply
//! repeated. What a step did, waits for or failed at is recorded, unless it is what was last recorded of
//! it: a schedule that runs every ten minutes leaves one line a day for what it waits for, and one a change
//! otherwise. A failure is recorded each time. One step that fails does not keep the others from being
//! tried, and [`Run::failed`] says that there was one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use analyzer::deadline::{date, last_day, start_of_day};
use analyzer::policy::{Policy, Population};
use analyzer::review::{ReviewState, standings};
use analyzer::sample::DEFAULT_SEED_SOURCE;
use analyzer::schedule::ScheduleRules;
use catalog::clock::Clock;
use catalog::filing::{AnnouncedSeed, ReturnState, ScheduleStep, StepKind, StepOutcome};
use catalog::store::Catalog;
use catalog::{Month, WallTime};
use serde::Serialize;

use super::notice::{draft_notices, escalate_notices};
use super::review::assign_round;
use super::{CaseworkError, SCHEDULE, filing, officer};
use crate::operations::{self, Drawn, FreezeOrder, OperationError, require_round, round_id};

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
    require_round(catalog, round).await?;
    analyzer::sample::check_seed(seed).map_err(|error| CaseworkError::Input(error.to_string()))?;
    let announced =
        AnnouncedSeed { round: round.to_owned(), seed: seed.to_owned(), at: now, by: by.to_owned() };
    if catalog.announce_seed(&announced).await? {
        return Ok(announced);
    }
    match catalog.announced_seed(round).await? {
        Some(known) if known.seed == seed => Ok(known),
        Some(known) => Err(CaseworkError::Input(format!(
            "round {round} has the announced seed `{}` already: a seed is announced once",
            known.seed
        ))),
        None => Err(CaseworkError::Raced(round.to_owned())),
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
    let month = now
        .month()
        .ok_or_else(|| CaseworkError::Input(format!("{now} lies outside the calendar that is known")))?;
    let before = catalog.steps(Some(month)).await?;
    let mut run = Run { at: now, month, steps: Vec::new(), failed: false };
    for &step in StepKind::ALL {
        let came = match step {
            StepKind::Freeze => freeze(catalog, &policy, &rules, month, now).await,
            StepKind::Draw => draw(catalog, &policy, month, now).await,
            StepKind::Assign => assign(catalog, &policy, month, now).await,
            StepKind::Remind => remind(catalog, &policy, &rules, now).await,
            StepKind::Notices => notices(catalog, &policy, now).await,
            StepKind::Escalate => escalate(catalog, &policy, now).await,
            StepKind::Return => draft_return(catalog, &policy, &rules, month, now).await,
        };
        let came = match came {
            Ok(Some(came)) => came,
            Ok(None) => continue,
            Err(error) => Came {
                outcome: StepOutcome::Failed,
                detail_zh: format!("{}失败：{error}", step.zh()),
                detail: error.to_string(),
            },
        };
        let record = ScheduleStep {
            month,
            policy: policy.name.clone(),
            step,
            at: now,
            outcome: came.outcome,
            detail: came.detail,
            detail_zh: came.detail_zh,
        };
        run.failed |= record.outcome == StepOutcome::Failed;
        if is_news(&before, &record) {
            catalog.add_step(&record).await?;
        }
        run.steps.push(record);
    }
    Ok(run)
}

/// Whether a step says something that was not recorded already: a failure always does, what is waited for
/// once a day, anything else when it changes.
fn is_news(before: &[ScheduleStep], now: &ScheduleStep) -> bool {
    let last = before.iter().rev().find(|step| step.policy == now.policy && step.step == now.step);
    match (last, now.outcome) {
        (None, _) | (_, StepOutcome::Failed | StepOutcome::Done) => true,
        (Some(last), StepOutcome::Waiting | StepOutcome::Incomplete) => {
            (last.outcome, &last.detail) != (now.outcome, &now.detail)
                || start_of_day(last.at) != start_of_day(now.at)
        }
    }
}

type Step = Result<Option<Came>, CaseworkError>;

async fn freeze(
    catalog: &dyn Catalog,
    policy: &Policy,
    rules: &ScheduleRules,
    month: Month,
    now: WallTime,
) -> Step {
    if now < rules.freezes_at(month) || catalog.round(&round_id(month, policy)).await?.is_some() {
        return Ok(None);
    }
    let order = FreezeOrder { month, kind: Population::Recordings, seed_source: DEFAULT_SEED_SOURCE };
    match operations::freeze_round(catalog, policy, order, now).await {
        Ok(round) => Ok(Some(Came::to(
            StepOutcome::Done,
            format!(
                "froze {} with {} obligations; frame {}",
                round.frozen.round, round.frozen.frame_size, round.frozen.frame_sha256
            ),
            format!(
                "已冻结批次{}，应录环节{}个，抽样框摘要{}",
                round.frozen.round, round.frozen.frame_size, round.frozen.frame_sha256
            ),
        ))),
        Err(OperationError::EmptyBaseMonth { base_month, .. }) => Ok(Some(Came::to(
            StepOutcome::Waiting,
            format!("no stage begins in {base_month}: import its cases and stages"),
            format!("{base_month}没有执法环节，请先导入该月案件和环节"),
        ))),
        Err(error) => Err(error.into()),
    }
}

async fn draw(catalog: &dyn Catalog, policy: &Policy, month: Month, now: WallTime) -> Step {
    let id = round_id(month, policy);
    let Some(round) = catalog.round(&id).await?.filter(|round| round.draw.is_none()) else {
        return Ok(None);
    };
    let Some(seed) = catalog.announced_seed(&id).await? else {
        return Ok(Some(Came::to(
            StepOutcome::Waiting,
            format!(
                "publish the frame {} and announce a seed: `reelproof schedule seed --round {id} --seed SEED --by BADGE`",
                round.frame_sha256
            ),
            format!(
                "请公布抽样框摘要{}并确定随机种子：reelproof schedule seed --round {id} --seed SEED --by 警号",
                round.frame_sha256
            ),
        )));
    };
    let Drawn { draw, .. } = operations::draw_round(catalog, &id, &seed.seed, Some(seed.at), now).await?;
    Ok(Some(Came::to(
        StepOutcome::Done,
        format!("drew {} items with the seed `{}`", draw.items.len(), seed.seed),
        format!("以种子“{}”抽取{}件", seed.seed, draw.items.len()),
    )))
}

async fn assign(catalog: &dyn Catalog, policy: &Policy, month: Month, now: WallTime) -> Step {
    let id = round_id(month, policy);
    let drawn = catalog.round(&id).await?.is_some_and(|round| round.draw.is_some());
    if policy.review.is_none() || !drawn {
        return Ok(None);
    }
    let plan = assign_round(catalog, policy, &id, &[], SCHEDULE, now).await?;
    let items = plan.assignments.iter().filter(|one| one.seat == 1).count();
    if !plan.lacking.is_empty() {
        let names: Vec<&str> = plan.lacking.iter().map(|one| one.item.as_str()).collect();
        return Ok(Some(Came::to(
            StepOutcome::Incomplete,
            format!(
                "too few may judge {}: name others with `reelproof review assign --supervisor`",
                names.join(", ")
            ),
            format!(
                "{}可承担复核的人员不足，请用 reelproof review assign --supervisor 另行指定",
                names.join("、")
            ),
        )));
    }
    if items == 0 {
        return Ok(None);
    }
    Ok(Some(Came::to(
        StepOutcome::Done,
        format!("assigned {items} items to supervisors"),
        format!("已分配复核任务{items}件"),
    )))
}

async fn remind(catalog: &dyn Catalog, policy: &Policy, rules: &ScheduleRules, now: WallTime) -> Step {
    let mut due: BTreeMap<String, (u64, WallTime)> = BTreeMap::new();
    let (mut overdue, mut undecided) = (0_u64, 0_u64);
    for round in catalog.rounds().await?.iter().filter(|round| round.policy == policy.name) {
        for standing in standings(&catalog.review_file(&round.id).await?).values() {
            undecided += u64::from(matches!(standing.state, ReviewState::Disagreed | ReviewState::Appealed));
            for seat in standing.waiting_for().filter(|seat| rules.reminds(seat.due_at, now)) {
                overdue += u64::from(seat.due_at <= now);
                let (count, first) = due.entry(seat.badge.clone()).or_insert((0, seat.due_at));
                *count += 1;
                *first = (*first).min(seat.due_at);
            }
        }
    }
    if due.is_empty() && undecided == 0 {
        return Ok(None);
    }
    let list = |wording: &dyn Fn(&str, u64, &str) -> String, between: &str| {
        let lines: Vec<String> =
            due.iter().map(|(badge, (count, first))| wording(badge, *count, &last_day(*first))).collect();
        lines.join(between)
    };
    Ok(Some(Came::to(
        StepOutcome::Waiting,
        format!(
            "verdicts due soon or overdue ({overdue} overdue): {}; {undecided} items wait for a decision",
            list(&|badge, count, day| format!("{badge}: {count} by {day}"), ", ")
        ),
        format!(
            "提醒复核人员（逾期{overdue}件）：{}；待裁定{undecided}件",
            list(&|badge, count, day| format!("{badge} {count}件，{day}前"), "，")
        ),
    )))
}

async fn notices(catalog: &dyn Catalog, policy: &Policy, now: WallTime) -> Step {
    if policy.notices.is_none() {
        return Ok(None);
    }
    let mut drafted = Vec::new();
    for round in catalog.rounds().await? {
        if round.policy == policy.name && round.id == round_id(round.month, policy) && round.draw.is_some() {
            drafted.extend(draft_notices(catalog, policy, &round.id, SCHEDULE, now).await?.drafted);
        }
    }
    if drafted.is_empty() {
        return Ok(None);
    }
    let ids: Vec<String> = drafted.iter().map(u64::to_string).collect();
    Ok(Some(Came::to(
        StepOutcome::Done,
        format!("drafted notices {}: look at them, then `reelproof notice issue`", ids.join(", ")),
        format!("已起草督察文书{}，请审核后签发", ids.join("、")),
    )))
}

async fn escalate(catalog: &dyn Catalog, policy: &Policy, now: WallTime) -> Step {
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

async fn draft_return(
    catalog: &dyn Catalog,
    policy: &Arc<Policy>,
    rules: &ScheduleRules,
    month: Month,
    now: WallTime,
) -> Step {
    let due_day = policy.monthly_return.due_day;
    if now < rules.drafts_at(month, due_day) {
        return Ok(None);
    }
    let kept = catalog.returns().await?;
    let sent = kept
        .iter()
        .any(|entry| entry.month == month && entry.policy == policy.name && entry.state == ReturnState::Sent);
    if sent {
        return Ok(None);
    }
    let due = format!("{month}-{due_day:02}");
    let document = match filing::return_document(catalog, Arc::clone(policy), month, now).await {
        Ok(document) => document,
        Err(CaseworkError::Operation(OperationError::NoRound { .. } | OperationError::NotDrawn { .. })) => {
            return Ok(Some(Came::to(
                StepOutcome::Waiting,
                format!("the return is due on {due}, and no round of {month} is drawn"),
                format!("月报应于{due}前报送，而{month}批次尚未抽取"),
            )));
        }
        Err(error) => return Err(error),
    };
    let (version, new) = filing::keep_return(catalog, &document, ReturnState::Draft, SCHEDULE, now).await?;
    let overdue = if date(now) > due { ("; it is overdue", "，已逾期") } else { ("", "") };
    Ok(Some(Came::to(
        if new { StepOutcome::Done } else { StepOutcome::Waiting },
        format!("draft {version} of the return waits to be sent by {due}{}", overdue.0),
        format!("月报草稿第{version}版待报送，期限{due}{}", overdue.1),
    )))
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
                    tracing::error!(step = %step.step, month = %step.month, reason = step.detail, "a step of the schedule failed");
                }
            }
            Err(error) => tracing::error!(%error, "the schedule could not run"),
        }
    }
}
