//! Retention: what of all that is held must be kept and until when, what is locked, and what may go. Nothing is ever deleted here.

use std::collections::{BTreeMap, BTreeSet};

use analyzer::notice::{NoticeState, notice_standing};
use analyzer::policy::Policy;
use analyzer::retention::{Advice, Advised, Disputes, Lock, Retention};
use analyzer::review::{ReviewState, standings};
use catalog::case::StageId;
use catalog::store::{Catalog, HeldObject, ObjectId, StoreError};
use catalog::{Interval, Month, WallTime};
use serde::Serialize;

/// Objects that are asked for at a time.
const PAGE: u32 = 2_000;

/// Why nothing can be advised.
#[derive(Debug, thiserror::Error)]
pub enum RetentionError {
    /// The catalog failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The policy says nothing of it.
    #[error(
        "the policy {policy} does not say for how long footage is kept: add [retention.routine], [retention.case] and \
         [retention.sampled] to it (docs/policy.md), or name another policy with --policy"
    )]
    NoRules {
        /// Its name.
        policy: String,
    },
}

/// Recordings and their bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Amount {
    /// How many.
    pub recordings: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Amount {
    fn add(&mut self, bytes: u64) {
        self.recordings += 1;
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

/// What is advised of some recordings, in sums.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Sums {
    /// To be kept.
    pub keep: Amount,
    /// Locked.
    pub locked: Amount,
    /// May go.
    pub may_go: Amount,
}

impl Sums {
    fn add(&mut self, advised: &Advised) {
        let amount = match advised.advice {
            Advice::Keep => &mut self.keep,
            Advice::Locked => &mut self.locked,
            Advice::MayGo => &mut self.may_go,
        };
        amount.add(advised.size_bytes);
    }
}

/// The sums of the recordings that began in a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MonthSums {
    /// The month; `None`: nobody knows when they began.
    pub month: Option<Month>,
    /// The sums.
    #[serde(flatten)]
    pub sums: Sums,
}

/// How many a lock holds; one recording may have several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LockSums {
    /// The lock.
    pub lock: Lock,
    /// What it holds.
    #[serde(flatten)]
    pub amount: Amount,
}

/// What is advised, in sums and, for one month, recording by recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Survey {
    /// Name of the policy.
    pub policy: String,
    /// As of when.
    pub as_of: WallTime,
    /// The sums of all that is held.
    pub totals: Sums,
    /// What holds how much.
    pub locks: Vec<LockSums>,
    /// The sums by the month in which recordings began, in order; those of which nobody knows come first.
    pub months: Vec<MonthSums>,
    /// The month whose recordings are named; `None`: none are.
    pub month: Option<Month>,
    /// Its recordings, and those of which nobody knows when they began, in the order in which they were first recorded.
    pub recordings: Vec<Advised>,
}

/// What is advised as of a moment, by a policy's figures; recordings are named of one month. It walks all that is held twice.
///
/// # Errors
/// Where the catalog fails, or the policy has no figures.
pub async fn survey(
    catalog: &dyn Catalog,
    policy: &Policy,
    month: Option<Month>,
    at: WallTime,
) -> Result<Survey, RetentionError> {
    let no_rules = || RetentionError::NoRules { policy: policy.name.clone() };
    let rules = policy.retention.as_ref().ok_or_else(no_rules)?;
    let (ground, officers) = (catalog.ground().await?, catalog.officers().await?);
    let disputes = disputes(catalog, at).await?;
    let crew = policy.crew.as_ref().map(|crew| crew.officers);
    let badges = officers.iter().map(|officer| officer.badge.as_str());
    let mut retention = Retention::new(rules, crew, &ground, badges, &disputes, at);
    walk(catalog, |object| retention.see(object)).await?;

    let mut totals = Sums::default();
    let mut locks: BTreeMap<Lock, Amount> = BTreeMap::new();
    let mut months: BTreeMap<Option<Month>, Sums> = BTreeMap::new();
    let mut recordings = Vec::new();
    walk(catalog, |object| {
        let advised = retention.advise(object);
        let began = advised.began_at.and_then(WallTime::month);
        totals.add(&advised);
        months.entry(began).or_default().add(&advised);
        for lock in &advised.locks {
            locks.entry(*lock).or_default().add(advised.size_bytes);
        }
        if month.is_some() && (began == month || began.is_none()) {
            recordings.push(advised);
        }
    })
    .await?;
    Ok(Survey {
        policy: policy.name.clone(),
        as_of: at,
        totals,
        locks: locks.into_iter().map(|(lock, amount)| LockSums { lock, amount }).collect(),
        months: months.into_iter().map(|(month, sums)| MonthSums { month, sums }).collect(),
        month,
        recordings,
    })
}

async fn walk(catalog: &dyn Catalog, mut each: impl FnMut(&HeldObject)) -> Result<(), StoreError> {
    let mut after = ObjectId::BEFORE_ALL;
    loop {
        let page = catalog.held(after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.id;
        page.iter().for_each(&mut each);
    }
}

/// What is disputed: reviews and appeals that are not settled, notices that are not closed, excuses that stand.
async fn disputes(catalog: &dyn Catalog, at: WallTime) -> Result<Disputes, StoreError> {
    let mut disputes = Disputes::default();
    for round in catalog.rounds_in_brief().await? {
        let file = catalog.review_file(&round.id).await?;
        for (item, standing) in standings(&file) {
            match standing.state {
                ReviewState::Open | ReviewState::Disagreed => disputes.under_review.insert(item),
                ReviewState::Appealed => disputes.appealed.insert(item),
                ReviewState::Settled | ReviewState::Decided => false,
            };
        }
    }
    for notice in catalog.notices().await? {
        // What was escalated is followed by a graver one about the same.
        let ended = matches!(
            notice_standing(&notice, at).state,
            NoticeState::Closed | NoticeState::Withdrawn | NoticeState::Escalated
        );
        if !ended {
            disputes.noticed.extend(notice.body.facts.into_iter().map(|fact| fact.item));
        }
    }
    let always = Interval::new(WallTime(i64::MIN), WallTime(i64::MAX));
    let stands: BTreeSet<String> = catalog
        .excuses(always)
        .await?
        .into_iter()
        .filter(|entry| entry.withdrawal.is_none())
        .map(|entry| StageId { case_no: entry.excuse.case_no, stage_no: entry.excuse.stage_no }.to_string())
        .collect();
    disputes.excused = stands;
    Ok(disputes)
}
