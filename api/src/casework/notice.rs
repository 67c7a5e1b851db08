//! Notices: draft them from what a round found, issue, answer, close, withdraw and escalate them; and the
//! scores that follow from them.

use std::collections::{BTreeMap, BTreeSet};

use analyzer::deadline::end_of_day_after;
use analyzer::notice::{
    DraftInput, NoticeRefusal, NoticeRules, NoticeStanding, NoticeWish, admit_notice, drafts, escalation,
    notice_standing, paper,
};
use analyzer::policy::Policy;
use analyzer::review::standings;
use analyzer::score::{ScoreInput, ScoreSheet, scores};
use catalog::case::Stage;
use catalog::notice::{Notice, NoticeAct, NoticeEvent};
use catalog::store::{Catalog, Issue};
use catalog::{Month, WallTime};
use serde::Serialize;

use super::{CaseworkError, SCHEDULE, officer};
use crate::operations::drawn_round;

/// A notice with where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoticeView {
    /// The notice.
    #[serde(flatten)]
    pub notice: Notice,
    /// Where it stands.
    pub standing: NoticeStanding,
}

/// What drafting came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DraftOutcome {
    /// Ids of the notices that are new.
    pub drafted: Vec<u64>,
    /// Codes of units whose review is not at its end.
    pub waiting: Vec<String>,
}

fn rules(policy: &Policy) -> Result<&NoticeRules, CaseworkError> {
    policy
        .notices
        .as_ref()
        .ok_or_else(|| CaseworkError::NoRules { policy: policy.name.clone(), block: "notices" })
}

/// Who does it: an officer, or the schedule.
async fn known(catalog: &dyn Catalog, by: &str) -> Result<(), CaseworkError> {
    if by != SCHEDULE {
        officer(catalog, by).await?;
    }
    Ok(())
}

/// Drafts notices for what a round found and no notice speaks of yet.
pub async fn draft_notices(
    catalog: &dyn Catalog,
    policy: &Policy,
    round: &str,
    by: &str,
    now: WallTime,
) -> Result<DraftOutcome, CaseworkError> {
    let rules = rules(policy)?;
    known(catalog, by).await?;
    let drawn = drawn_round(catalog, round).await?;
    let (frozen, looked_at) = (&drawn.frozen, drawn.looked_at());
    if frozen.policy != policy.name {
        return Err(CaseworkError::OtherPolicy {
            round: round.to_owned(),
            of: frozen.policy.clone(),
            given: policy.name.clone(),
        });
    }
    let mut standings = standings(&catalog.review_file(round).await?);
    // What nobody has to look at any more, skipped or drawn before a redraw, keeps no squad waiting.
    standings.retain(|item, standing| {
        standing.judgement.is_some() || looked_at.iter().any(|(id, _)| *id == item.as_str())
    });
    let mut stages: BTreeMap<String, Stage> = BTreeMap::new();
    let cases: BTreeSet<&str> = looked_at.iter().map(|(id, _)| frozen.kind.case_of(id)).collect();
    for case_no in cases {
        for stage in catalog.case(case_no).await?.into_iter().flat_map(|(_, stages)| stages) {
            stages.insert(stage.id().to_string(), stage);
        }
    }
    let unassigned: Vec<(String, String)> = looked_at
        .iter()
        .filter(|(id, _)| !standings.contains_key(*id))
        .map(|(id, unit)| ((*id).to_owned(), (*unit).to_owned()))
        .collect();
    let found = drafts(DraftInput {
        round,
        kind: frozen.kind,
        month: frozen.month,
        policy,
        rules,
        standings: &standings,
        unassigned: &unassigned,
        stages: &stages,
        units: &catalog.units().await?,
        notices: &catalog.notices().await?,
        now,
    });
    let mut drafted = Vec::new();
    for body in &found.bodies {
        let (id, new) = catalog.draft_notice(body, by, now).await?;
        if new {
            drafted.push(id);
        }
    }
    Ok(DraftOutcome { drafted, waiting: found.waiting })
}

/// Drafts what follows every overdue notice of this policy, and says so on the overdue one. Gives the
/// overdue notices with what follows them.
pub async fn escalate_notices(
    catalog: &dyn Catalog,
    policy: &Policy,
    by: &str,
    now: WallTime,
) -> Result<Vec<(u64, u64)>, CaseworkError> {
    let rules = rules(policy)?;
    known(catalog, by).await?;
    let mut escalated = Vec::new();
    for notice in catalog.notices().await?.iter().filter(|notice| notice.body.policy == policy.name) {
        let Some(body) = escalation(notice, policy, rules, now) else { continue };
        // Should the second step fail, the next run finds the draft by its cause and goes on here.
        let (to, _) = catalog.draft_notice(&body, by, now).await?;
        let event = NoticeEvent {
            number: next_event(notice),
            at: now,
            by: by.to_owned(),
            act: NoticeAct::Escalated { to },
        };
        if !catalog.add_notice_event(notice.id, &event).await? {
            return Err(raced(notice.id));
        }
        escalated.push((notice.id, to));
    }
    Ok(escalated)
}

fn raced(notice: u64) -> CaseworkError {
    CaseworkError::raced(format!("notice {notice}"), format!("文书{notice}"))
}

fn next_event(notice: &Notice) -> u32 {
    notice.events.last().map_or(1, |event| event.number.saturating_add(1))
}

/// One notice.
pub async fn notice(catalog: &dyn Catalog, id: u64) -> Result<Notice, CaseworkError> {
    let notices = catalog.notices().await?;
    let count = notices.len();
    notices.into_iter().find(|notice| notice.id == id).ok_or_else(|| {
        CaseworkError::input(
            format!("there is no notice {id}: {count} are on record; look at the list of notices"),
            format!("没有文书{id}：共登记{count}份，请查看文书清单"),
        )
    })
}

/// Does something with a notice, if the person may.
pub async fn act_on_notice(
    catalog: &dyn Catalog,
    policy: &Policy,
    id: u64,
    by: &str,
    wish: NoticeWish,
    now: WallTime,
) -> Result<NoticeView, CaseworkError> {
    let found = notice(catalog, id).await?;
    let who = officer(catalog, by).await?;
    admit_notice(&found, &who, &catalog.units().await?, &wish, now)?;
    let number = next_event(&found);
    let act = match wish {
        NoticeWish::Issue(approval) => {
            if found.body.policy != policy.name {
                let (of, given) = (&found.body.policy, &policy.name);
                return Err(CaseworkError::input(
                    format!("notice {id} is of the policy {of}, not of {given}: work under the policy {of}"),
                    format!("文书{id}属方案{of}，不属{given}：请改用方案{of}办理"),
                ));
            }
            let year = now.month().map_or(1970, Month::year);
            let issue = Issue {
                notice: id,
                event_number: number,
                at: now,
                by,
                year,
                pattern: &rules(policy)?.pattern(found.body.kind, year),
                due_at: end_of_day_after(now, found.body.reply_days),
                approval: approval.as_deref(),
            };
            let issued = catalog.issue_notice(&issue).await?;
            issued.ok_or_else(|| raced(id))?;
            return view(catalog, id, now).await;
        }
        NoticeWish::Reply(text) => NoticeAct::Replied { text },
        NoticeWish::Close(note) => NoticeAct::Closed { note },
        NoticeWish::Withdraw(reason) => NoticeAct::Withdrawn { reason },
    };
    if !catalog.add_notice_event(id, &NoticeEvent { number, at: now, by: by.to_owned(), act }).await? {
        return Err(raced(id));
    }
    view(catalog, id, now).await
}

async fn view(catalog: &dyn Catalog, id: u64, now: WallTime) -> Result<NoticeView, CaseworkError> {
    let notice = notice(catalog, id).await?;
    Ok(NoticeView { standing: notice_standing(&notice, now), notice })
}

/// All notices with where they stand, by id; those of one month only, where one is given.
pub async fn notices(
    catalog: &dyn Catalog,
    month: Option<Month>,
    now: WallTime,
) -> Result<Vec<NoticeView>, CaseworkError> {
    let all = catalog.notices().await?;
    Ok(all
        .into_iter()
        .filter(|notice| month.is_none_or(|month| notice.body.month == month))
        .map(|notice| NoticeView { standing: notice_standing(&notice, now), notice })
        .collect())
}

/// A notice as a Word document.
pub async fn notice_paper(catalog: &dyn Catalog, id: u64, now: WallTime) -> Result<Vec<u8>, CaseworkError> {
    let notice = notice(catalog, id).await?;
    Ok(tokio::task::spawn_blocking(move || paper(&notice, now))
        .await
        .map_err(crate::operations::OperationError::from)??)
}

/// The scores of a month.
pub async fn month_scores(
    catalog: &dyn Catalog,
    policy: &Policy,
    month: Month,
    now: WallTime,
) -> Result<ScoreSheet, CaseworkError> {
    let rules = policy
        .scores
        .as_ref()
        .ok_or_else(|| CaseworkError::NoRules { policy: policy.name.clone(), block: "scores" })?;
    let (notices, units) = (catalog.notices().await?, catalog.units().await?);
    Ok(scores(ScoreInput { month, policy: &policy.name, rules, notices: &notices, units: &units, now }))
}

impl From<NoticeRefusal> for CaseworkError {
    fn from(refusal: NoticeRefusal) -> Self {
        Self::Notice(refusal)
    }
}
