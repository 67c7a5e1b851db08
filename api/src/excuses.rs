//! Recording why something was not recorded, and taking that back.
//!
//! A person records an excuse, policy says which reasons count, and neither an excuse nor its withdrawal is
//! ever rewritten: each is an event of its own, with who and when. The finding stays whatever is excused.

use analyzer::policy::Policy;
use catalog::case::{Stage, StageId};
use catalog::excuse::{Excuse, ExcuseEntry, ExcuseReason, Withdrawal};
use catalog::store::{Catalog, StoreError};
use catalog::{Interval, Month, WallTime};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// What a person wants to record.
#[derive(Debug, Clone)]
pub struct ExcuseRequest {
    /// For which stage.
    pub stage: StageId,
    /// Why.
    pub reason: ExcuseReason,
    /// From when; `None`: from the stage's start.
    pub starts_at: Option<WallTime>,
    /// Until when; `None`: to the stage's end.
    pub ends_at: Option<WallTime>,
    /// In the person's words; may be empty.
    pub note: String,
    /// Badge or name of the person.
    pub by: String,
}

/// Which excuse a person wants to take back.
#[derive(Debug, Clone)]
pub struct WithdrawalRequest {
    /// For which stage it was recorded.
    pub stage: StageId,
    /// Its reason; `None` where only one stands.
    pub reason: Option<ExcuseReason>,
    /// When it was recorded; `None` where only one such stands.
    pub recorded_at: Option<WallTime>,
    /// Why, in the person's words; may be empty.
    pub note: String,
    /// Badge or name of the person.
    pub by: String,
}

/// An excuse with a name to call it by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamedExcuse {
    /// The same for as long as it is on record: 16 hexadecimal digits of the SHA-256 of what makes it one of its own.
    pub id: String,
    /// The excuse.
    #[serde(flatten)]
    pub entry: ExcuseEntry,
}

impl From<ExcuseEntry> for NamedExcuse {
    fn from(entry: ExcuseEntry) -> Self {
        let Excuse { case_no, stage_no, reason, recorded_at, .. } = &entry.excuse;
        let told_apart_by = format!("{case_no}\u{1f}{stage_no}\u{1f}{reason}\u{1f}{}", recorded_at.0);
        let mut id = hex::encode(Sha256::digest(told_apart_by));
        id.truncate(16);
        Self { id, entry }
    }
}

impl std::ops::Deref for NamedExcuse {
    type Target = ExcuseEntry;

    fn deref(&self) -> &ExcuseEntry {
        &self.entry
    }
}

/// Excuses, and how many of them stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExcuseList {
    /// The excuses, by stage and time.
    pub excuses: Vec<NamedExcuse>,
    /// How many stand.
    pub standing: u64,
    /// How many were withdrawn.
    pub withdrawn: u64,
}

/// Why an excuse was not recorded or taken back.
#[derive(Debug, thiserror::Error)]
pub enum ExcuseError {
    /// The catalog failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such stage.
    #[error("there is no stage {stage}: {known}")]
    NoStage {
        /// The stage.
        stage: StageId,
        /// Which stages there are, in words.
        known: String,
    },
    /// Policy does not allow the reason.
    #[error("the policy {policy} does not allow the reason `{reason}`; it allows {allowed}")]
    NotAllowed {
        /// The reason.
        reason: ExcuseReason,
        /// Name of the policy.
        policy: String,
        /// The reasons it allows.
        allowed: String,
    },
    /// The time given is not of the stage.
    #[error(
        "from {from} to {to} is no part of {stage}, which lasted from {stage_from} to {stage_to}: give times \
         within it, or none for all of it"
    )]
    NoPart {
        /// The stage.
        stage: StageId,
        /// From when the excuse would apply.
        from: WallTime,
        /// Until when.
        to: WallTime,
        /// When the stage began.
        stage_from: WallTime,
        /// When it ended.
        stage_to: WallTime,
    },
    /// Nobody is named.
    #[error("who records it? Give a badge or a name")]
    Nobody,
    /// One for the same stage and reason was recorded at this very moment.
    #[error(
        "an excuse `{reason}` for {stage} was recorded at this very moment: look with `reelproof excuse list`"
    )]
    Twice {
        /// The stage.
        stage: StageId,
        /// The reason.
        reason: ExcuseReason,
    },
    /// No such excuse stands.
    #[error("no such excuse stands for {stage}: {known}")]
    NoneStands {
        /// The stage.
        stage: StageId,
        /// What there is, in words.
        known: String,
    },
    /// Several do.
    #[error("several excuses stand for {stage}: {known}; name one by its reason and by when it was recorded")]
    Several {
        /// The stage.
        stage: StageId,
        /// Which, in words.
        known: String,
    },
}

fn ever() -> Interval<WallTime> {
    Interval::new(WallTime(i64::MIN), WallTime(i64::MAX))
}

async fn stage_of(catalog: &dyn Catalog, id: &StageId) -> Result<Stage, ExcuseError> {
    let no_stage = |known| ExcuseError::NoStage { stage: id.clone(), known };
    let Some((_, stages)) = catalog.case(&id.case_no).await? else {
        return Err(no_stage(format!("the catalog has no case {}", id.case_no)));
    };
    let numbers: Vec<String> = stages.iter().map(|stage| stage.stage_no.to_string()).collect();
    stages
        .into_iter()
        .find(|stage| stage.stage_no == id.stage_no)
        .ok_or_else(|| no_stage(format!("the case has the stages {}", numbers.join(", "))))
}

/// Records an excuse at `now`.
///
/// # Errors
/// If policy does not allow the reason (the error lists those it allows), the stage or the part of it is not
/// there, or nobody is named.
pub async fn add(
    catalog: &dyn Catalog,
    policy: &Policy,
    request: ExcuseRequest,
    now: WallTime,
) -> Result<NamedExcuse, ExcuseError> {
    let ExcuseRequest { stage: id, reason, starts_at, ends_at, note, by } = request;
    if by.trim().is_empty() {
        return Err(ExcuseError::Nobody);
    }
    if !policy.excuses.reasons.contains(&reason) {
        let allowed: Vec<String> =
            policy.excuses.reasons.iter().map(|reason| format!("{reason} ({})", reason.zh())).collect();
        let allowed = allowed.join(", ");
        return Err(ExcuseError::NotAllowed { reason, policy: policy.name.clone(), allowed });
    }
    let stage = stage_of(catalog, &id).await?;
    let excuse = Excuse {
        case_no: id.case_no.clone(),
        stage_no: id.stage_no,
        reason,
        note: note.trim().to_owned(),
        recorded_by: by.trim().to_owned(),
        recorded_at: now,
        starts_at,
        ends_at,
    };
    let part = Interval::new(starts_at.unwrap_or(stage.starts_at), ends_at.unwrap_or(stage.ends_at));
    if part.is_empty() || excuse.within(stage.interval()).is_empty() {
        return Err(ExcuseError::NoPart {
            stage: id,
            from: part.start,
            to: part.end,
            stage_from: stage.starts_at,
            stage_to: stage.ends_at,
        });
    }
    if !catalog.add_excuse(&excuse).await? {
        return Err(ExcuseError::Twice { stage: id, reason });
    }
    Ok(ExcuseEntry { excuse, withdrawal: None }.into())
}

/// Takes an excuse back at `now`. It stays on record, and no longer counts from then on.
///
/// # Errors
/// If no such excuse stands, or several do and it is not said which, or nobody is named.
pub async fn withdraw(
    catalog: &dyn Catalog,
    request: WithdrawalRequest,
    now: WallTime,
) -> Result<NamedExcuse, ExcuseError> {
    let WithdrawalRequest { stage, reason, recorded_at, note, by } = request;
    if by.trim().is_empty() {
        return Err(ExcuseError::Nobody);
    }
    stage_of(catalog, &stage).await?;
    let all = list(catalog, None, Some(&stage)).await?.excuses;
    let words = |entries: &[&NamedExcuse]| {
        let words: Vec<String> = entries
            .iter()
            .map(|entry| {
                let withdrawn = if entry.withdrawal.is_some() { ", withdrawn" } else { "" };
                format!("{} recorded at {}{withdrawn}", entry.excuse.reason, entry.excuse.recorded_at)
            })
            .collect();
        if words.is_empty() { "none was recorded".to_owned() } else { words.join("; ") }
    };
    let standing: Vec<&NamedExcuse> = all
        .iter()
        .filter(|entry| entry.withdrawal.is_none())
        .filter(|entry| reason.is_none_or(|reason| entry.excuse.reason == reason))
        .filter(|entry| recorded_at.is_none_or(|recorded_at| entry.excuse.recorded_at == recorded_at))
        .collect();
    let [entry] = standing.as_slice() else {
        return Err(if standing.is_empty() {
            ExcuseError::NoneStands { stage, known: words(&all.iter().collect::<Vec<_>>()) }
        } else {
            ExcuseError::Several { known: words(&standing), stage }
        });
    };
    let withdrawal =
        Withdrawal { withdrawn_by: by.trim().to_owned(), withdrawn_at: now, note: note.trim().to_owned() };
    if !catalog.withdraw_excuse(&entry.excuse, &withdrawal).await? {
        return Err(ExcuseError::NoneStands {
            stage,
            known: "it was withdrawn by somebody else just now".into(),
        });
    }
    Ok(ExcuseEntry { excuse: entry.excuse.clone(), withdrawal: Some(withdrawal) }.into())
}

/// The excuses of a month, of a stage, or all.
///
/// # Errors
/// Where the catalog fails.
pub async fn list(
    catalog: &dyn Catalog,
    month: Option<Month>,
    stage: Option<&StageId>,
) -> Result<ExcuseList, StoreError> {
    let interval = month.map_or_else(ever, catalog::Month::interval);
    let mut excuses = catalog.excuses(interval).await?;
    excuses.retain(|entry| {
        stage.is_none_or(|stage| {
            entry.excuse.case_no == stage.case_no && entry.excuse.stage_no == stage.stage_no
        })
    });
    Ok(excuses.into_iter().map(NamedExcuse::from).collect::<Vec<_>>().into())
}

impl From<Vec<NamedExcuse>> for ExcuseList {
    fn from(excuses: Vec<NamedExcuse>) -> Self {
        let withdrawn = excuses.iter().filter(|entry| entry.withdrawal.is_some()).count() as u64;
        Self { standing: excuses.len() as u64 - withdrawn, withdrawn, excuses }
    }
}

/// The excuse of this name.
///
/// # Errors
/// Where the catalog fails.
pub async fn find(catalog: &dyn Catalog, id: &str) -> Result<Option<NamedExcuse>, StoreError> {
    Ok(list(catalog, None, None).await?.excuses.into_iter().find(|excuse| excuse.id == id))
}
