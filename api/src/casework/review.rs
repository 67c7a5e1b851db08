//! Review: assign what was drawn, record what people say of it, show where it stands.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use analyzer::audit::{Incremental, Obligation, ObligationStatus};
use analyzer::deadline::end_of_day_after;
use analyzer::policy::{Policy, Population};
use analyzer::review::{
    AdmitInput, Agreement, AssignInput, AssignPlan, Refusal, ReviewItem, ReviewState, Standing, UnitTree,
    admit, agreement, assign, recusal, standings,
};
use catalog::account::Role;
use catalog::case::StageId;
use catalog::finding::Finding;
use catalog::review::{Assignment, Judgement, ReviewAct, ReviewEvent, StatementKind, Visit};
use catalog::store::Catalog;
use catalog::time::local_moment;
use catalog::{Month, WallTime};
use serde::Serialize;

use super::moments::moments_are_there;
use super::{CaseworkError, SCHEDULE, officer, officers, review_rules};
use crate::judged::Judged;
use crate::operations::{Drawn, OperationError, drawn_round, look_at_each, require_round};
use crate::sight::Sight;

/// A drawn round of this policy.
async fn drawn(catalog: &dyn Catalog, policy: &Policy, round: &str) -> Result<Drawn, CaseworkError> {
    let drawn = drawn_round(catalog, round).await?;
    if drawn.frozen.policy != policy.name {
        return Err(CaseworkError::OtherPolicy {
            round: round.to_owned(),
            of: drawn.frozen.policy,
            given: policy.name.clone(),
        });
    }
    Ok(drawn)
}

/// Badges of everyone who took part in a case: in any of its stages, whether or not that was drawn.
async fn case_officers(
    catalog: &dyn Catalog,
    kind: Population,
    item: &str,
) -> Result<BTreeSet<String>, CaseworkError> {
    let case = catalog.case(kind.case_of(item)).await?;
    Ok(case.into_iter().flat_map(|(_, stages)| stages).flat_map(|stage| stage.officers).collect())
}

/// The moment at which the day begins on which the return of a month is due.
pub fn return_due(month: Month, policy: &Policy) -> Option<WallTime> {
    local_moment(month.year(), month.number(), policy.monthly_return.due_day, 0, 0, 0)
}

/// Assigns what was drawn and has no supervisors yet; doing it again assigns what is new only.
///
/// `supervisors` are badges; where none are named, the officers of the units that policy names review.
pub async fn assign_round(
    catalog: &dyn Catalog,
    policy: &Policy,
    round: &str,
    supervisors: &[String],
    by: &str,
    now: WallTime,
) -> Result<AssignPlan, CaseworkError> {
    let rules = review_rules(policy)?;
    let drawn = drawn(catalog, policy, round).await?;
    let known = officers(catalog).await?;
    if by != SCHEDULE && !known.contains_key(by) {
        return Err(CaseworkError::NoOfficer(by.to_owned()));
    }
    let units = catalog.units().await?;
    let supervisors = if supervisors.is_empty() {
        let reviewing: BTreeSet<&str> = units
            .iter()
            .filter(|unit| rules.teams.unit_kinds.contains(&unit.kind))
            .map(|unit| unit.code.as_str())
            .collect();
        known.values().filter(|officer| reviewing.contains(officer.unit.as_str())).cloned().collect()
    } else {
        supervisors
            .iter()
            .map(|badge| known.get(badge).cloned().ok_or_else(|| CaseworkError::NoOfficer(badge.clone())))
            .collect::<Result<Vec<_>, _>>()?
    };
    let mut items = Vec::new();
    for (id, unit) in drawn.looked_at() {
        let case_officers = case_officers(catalog, drawn.frozen.kind, id).await?;
        items.push(ReviewItem { id: id.to_owned(), unit: unit.to_owned(), case_officers });
    }
    let mut load: BTreeMap<String, u64> = BTreeMap::new();
    let mut assigned = BTreeSet::new();
    for other in catalog.rounds().await? {
        for (item, standing) in standings(&catalog.review_file(&other.id).await?) {
            for seat in standing.waiting_for() {
                *load.entry(seat.badge.clone()).or_default() += 1;
            }
            if other.id == round {
                assigned.insert(item);
            }
        }
    }
    let plan = assign(AssignInput {
        round,
        seed: &drawn.draw.seed,
        items: &items,
        assigned: &assigned,
        supervisors: &supervisors,
        units: &units,
        load: &load,
        rules,
        at: now,
        latest_due: return_due(drawn.frozen.month, policy),
        by,
    });
    if !catalog.assign(&plan.assignments).await? {
        return Err(CaseworkError::raced(
            format!("the assignments of {round}"),
            format!("批次{round}的复核分配"),
        ));
    }
    Ok(plan)
}

/// Gives one seat to somebody else; the earlier assignment and what was said stay on record.
#[expect(clippy::too_many_arguments, reason = "each is one field of the form that a person fills in")]
pub async fn reassign(
    catalog: &dyn Catalog,
    policy: &Policy,
    round: &str,
    item: &str,
    from: &str,
    to: &str,
    reason: &str,
    by: &str,
    now: WallTime,
) -> Result<Assignment, CaseworkError> {
    let rules = review_rules(policy)?;
    let kind = drawn(catalog, policy, round).await?.frozen.kind;
    let standing = standing(catalog, round, item).await?;
    let Some(seat) = standing.seat_of(from) else {
        let holders = standing.seats.iter().map(|seat| seat.badge.clone()).collect::<Vec<_>>().join(", ");
        return Err(Refusal::NoSeat { badge: from.into(), item: item.into(), holders }.into());
    };
    if reason.trim().is_empty() {
        return Err(CaseworkError::input(
            "say why the seat goes to somebody else",
            "请写明更换复核人员的理由",
        ));
    }
    let successor = officer(catalog, to).await?;
    officer(catalog, by).await?;
    if standing.judges().contains(to) {
        return Err(Refusal::TookPart { badge: to.to_owned(), item: item.to_owned() }.into());
    }
    let units = catalog.units().await?;
    let case_officers = case_officers(catalog, kind, item).await?;
    let tree = UnitTree::of(&units);
    if let Some(because) = recusal(&successor, &standing.unit, &case_officers, &tree, &rules.recusal) {
        return Err(Refusal::Recused { badge: to.into(), item: item.into(), because }.into());
    }
    let anew = Assignment {
        revision: seat.revision.saturating_add(1),
        badge: to.to_owned(),
        assigned_at: now,
        due_at: seat.due_at.max(end_of_day_after(now, 1)),
        assigned_by: by.to_owned(),
        reason: Some(reason.to_owned()),
        ..seat.clone()
    };
    if !catalog.assign(std::slice::from_ref(&anew)).await? {
        return Err(CaseworkError::raced(item, item));
    }
    Ok(anew)
}

/// Refuses whoever has to stand back from an item of a round: nobody decides about their own unit or their own case.
pub async fn stand_back(
    catalog: &dyn Catalog,
    policy: &Policy,
    round: &str,
    item: &str,
    badge: &str,
) -> Result<(), CaseworkError> {
    let rules = review_rules(policy)?;
    let frozen = drawn(catalog, policy, round).await?.frozen;
    let by = officer(catalog, badge).await?;
    // What is not in the frame is refused by what was to be done with it.
    let Some(found) = frozen.frame.items.iter().find(|one| one.id == item) else { return Ok(()) };
    let (units, case_officers) = (catalog.units().await?, case_officers(catalog, frozen.kind, item).await?);
    match recusal(&by, &found.unit, &case_officers, &UnitTree::of(&units), &rules.recusal) {
        Some(because) => Err(Refusal::Recused { badge: by.badge, item: item.to_owned(), because }.into()),
        None => Ok(()),
    }
}

/// Where one assigned item stands.
async fn standing(catalog: &dyn Catalog, round: &str, item: &str) -> Result<Standing, CaseworkError> {
    require_round(catalog, round).await?;
    standings(&catalog.review_file(round).await?)
        .remove(item)
        .ok_or_else(|| CaseworkError::NotAssigned { round: round.to_owned(), item: item.to_owned() })
}

/// What a person wants to record about an item.
#[derive(Debug, Clone)]
pub enum Said {
    /// A verdict, on the seat that the person holds.
    Verdict(Judgement),
    /// An explanation or an appeal.
    Statement(StatementKind, String),
    /// A decision; whether an appeal is granted.
    Decision(Option<bool>, Judgement),
}

/// Records what a person says of an item, if they may.
pub async fn record(
    catalog: &dyn Catalog,
    policy: &Policy,
    round: &str,
    item: &str,
    badge: &str,
    said: Said,
    now: WallTime,
) -> Result<Standing, CaseworkError> {
    let rules = review_rules(policy)?;
    let kind = drawn(catalog, policy, round).await?.frozen.kind;
    let by = officer(catalog, badge).await?;
    let standing = standing(catalog, round, item).await?;
    if let Said::Verdict(judgement) | Said::Decision(_, judgement) = &said {
        moments_are_there(catalog, judgement).await?;
    }
    let act = match said {
        // A seat that nobody has: then the refusal names those who do.
        Said::Verdict(judgement) => {
            ReviewAct::Verdict { seat: standing.seat_of(badge).map_or(0, |seat| seat.seat), judgement }
        }
        Said::Statement(statement, text) => ReviewAct::Statement { statement, text },
        Said::Decision(granted, judgement) => ReviewAct::Decision { granted, judgement },
    };
    let (units, case_officers) = (catalog.units().await?, case_officers(catalog, kind, item).await?);
    let input = AdmitInput {
        kind,
        standing: &standing,
        by: &by,
        at: now,
        case_officers: &case_officers,
        units: &units,
        rules,
    };
    admit(input, &act)?;
    let event = ReviewEvent {
        round: round.to_owned(),
        item: item.to_owned(),
        number: standing.next_number(),
        at: now,
        by: badge.to_owned(),
        act,
    };
    if !catalog.add_review_event(&event).await? {
        return Err(CaseworkError::raced(item, item));
    }
    self::standing(catalog, round, item).await
}

/// What the machine found of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MachineView {
    /// What the audit says.
    pub status: ObligationStatus,
    /// What it found.
    pub findings: Vec<Finding>,
}

/// One item as a person may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ItemView {
    /// Where it stands; without the verdicts of others where those are hidden.
    #[serde(flatten)]
    pub standing: Standing,
    /// Whether verdicts are hidden from whoever asked.
    pub verdicts_hidden: bool,
    /// Until when the verdicts are due.
    pub due_at: Option<WallTime>,
    /// Whether a verdict is overdue.
    pub overdue: bool,
    /// Keys of its recordings.
    pub recordings: Vec<String>,
    /// What the machine found; `None` where that is hidden, or the obligation is no longer there.
    pub machine: Option<MachineView>,
    /// Whether it is hidden.
    pub machine_hidden: bool,
}

/// How far a round's review is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Items to look at: drawn and not skipped, with what took a place or was taken because of a risk.
    pub drawn: u64,
    /// Items with supervisors.
    pub assigned: u64,
    /// Items that wait for a verdict.
    pub open: u64,
    /// Of these, those with an overdue one.
    pub overdue: u64,
    /// Items whose verdicts differ.
    pub disagreed: u64,
    /// Items under appeal.
    pub appealed: u64,
    /// Items with a settled or decided outcome, those under appeal included.
    pub settled: u64,
}

/// The review of a round as a person may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoundReview {
    /// The round.
    pub round: String,
    /// Who asked; `None`: nobody in particular.
    pub viewer: Option<String>,
    /// How far it is.
    pub progress: Progress,
    /// Items drawn that nobody looks at yet, in the order of drawing.
    pub unassigned: Vec<String>,
    /// The assigned items, by name.
    pub items: Vec<ItemView>,
}

/// Who looks at a review.
#[derive(Debug, Clone, Copy)]
pub struct Sees<'a> {
    /// Their badge; `None`: nobody in particular.
    pub badge: Option<&'a str>,
    /// Whose items they see.
    pub sight: &'a Sight,
    /// Their role; `None` on the command line.
    pub role: Option<Role>,
}

static ALL: Sight = Sight::All;

impl<'a> Sees<'a> {
    /// Somebody who sees all units, on the command line.
    pub fn all(badge: Option<&'a str>) -> Self {
        Self { badge, sight: &ALL, role: None }
    }
}

/// Whether verdicts are open to somebody. A squad learns what was found of it once that is settled.
fn open_to(standing: &Standing, badge: Option<&str>, role: Option<Role>) -> bool {
    let settled = !matches!(standing.state, ReviewState::Open | ReviewState::Disagreed);
    standing.verdicts_open_to(badge) && (settled || role != Some(Role::Squad))
}

/// A standing as somebody may see it.
pub fn as_seen(standing: Standing, badge: Option<&str>, role: Role) -> Standing {
    if open_to(&standing, badge, Some(role)) { standing } else { without_verdicts(standing) }
}

/// The review of a round as somebody may see it: of the blind part, verdicts of others and, where policy
/// says so, what the machine found stay hidden until one's own verdict is in.
pub async fn round_review(
    catalog: &dyn Catalog,
    policy: Arc<Policy>,
    round: &str,
    sees: Sees<'_>,
    now: WallTime,
) -> Result<RoundReview, CaseworkError> {
    review_of_judged(catalog, &Judged::default(), policy, round, sees, now).await
}

/// The same, with months that may be kept as they were judged.
pub async fn review_of_judged(
    catalog: &dyn Catalog,
    judged: &Judged,
    policy: Arc<Policy>,
    round: &str,
    sees: Sees<'_>,
    now: WallTime,
) -> Result<RoundReview, CaseworkError> {
    let viewer = sees.badge;
    let hide_findings = review_rules(&policy)?.blind.hide_findings;
    let drawn = drawn(catalog, &policy, round).await?;
    if let Some(badge) = viewer {
        officer(catalog, badge).await?;
    }
    let mut standings = standings(&catalog.review_file(round).await?);
    standings.retain(|_, standing| sees.sight.covers(Some(&standing.unit)));
    let mut obligations: BTreeMap<String, Obligation> = BTreeMap::new();
    if drawn.frozen.kind.is_of_recordings() {
        let stages: Vec<StageId> = standings.keys().filter_map(|item| item.parse().ok()).collect();
        let of_items = move |month: &Incremental| -> Vec<Obligation> {
            stages.iter().filter_map(|stage| month.obligation(stage)).cloned().collect()
        };
        match look_at_each(catalog, judged, &policy, drawn.frozen.base_time(), now, of_items).await {
            Ok(of_months) => {
                obligations.extend(of_months.into_iter().flatten().map(|one| (one.id.clone(), one)));
            }
            Err(OperationError::EmptyMonth { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let mut looked_at = drawn.looked_at();
    looked_at.retain(|(_, unit)| sees.sight.covers(Some(unit)));
    let mut progress = Progress { drawn: looked_at.len() as u64, ..Progress::default() };
    let unassigned =
        looked_at.iter().map(|(id, _)| (*id).to_owned()).filter(|id| !standings.contains_key(id)).collect();
    let items = standings
        .into_values()
        // Nobody has to look any more at what was skipped since, or drawn before a redraw.
        .filter(|standing| {
            standing.judgement.is_some() || looked_at.iter().any(|(id, _)| *id == standing.item)
        })
        .map(|standing| {
            let waiting: Vec<WallTime> = standing.waiting_for().map(|seat| seat.due_at).collect();
            let overdue = waiting.iter().any(|due_at| *due_at <= now);
            progress.assigned += 1;
            progress.overdue += u64::from(overdue);
            match standing.state {
                ReviewState::Open => progress.open += 1,
                ReviewState::Disagreed => progress.disagreed += 1,
                ReviewState::Settled | ReviewState::Decided => progress.settled += 1,
                ReviewState::Appealed => {
                    progress.appealed += 1;
                    progress.settled += 1;
                }
            }
            let open_to_viewer = open_to(&standing, viewer, sees.role);
            let machine_hidden = hide_findings && !open_to_viewer;
            let obligation = obligations.remove(&standing.item);
            let recordings = obligation.as_ref().map(|one| one.recordings.clone()).unwrap_or_default();
            let machine = obligation
                .filter(|_| !machine_hidden)
                .map(|one| MachineView { status: one.status, findings: one.findings });
            ItemView {
                verdicts_hidden: !open_to_viewer,
                due_at: waiting.into_iter().min(),
                overdue,
                recordings,
                machine,
                machine_hidden,
                standing: if open_to_viewer { standing } else { without_verdicts(standing) },
            }
        })
        .collect();
    Ok(RoundReview {
        round: round.to_owned(),
        viewer: viewer.map(str::to_owned),
        progress,
        unassigned,
        items,
    })
}

/// The standing without what others said of it.
fn without_verdicts(mut standing: Standing) -> Standing {
    standing.verdicts.clear();
    standing.events.clear();
    standing.judgement = None;
    standing
}

/// How far people agree who judged apart.
pub async fn round_agreement(catalog: &dyn Catalog, round: &str) -> Result<Agreement, CaseworkError> {
    require_round(catalog, round).await?;
    Ok(agreement(standings(&catalog.review_file(round).await?).values()))
}

/// Where every assigned item of a round stands; whether it was drawn is told apart by an empty map.
pub async fn round_standings(
    catalog: &dyn Catalog,
    round: &str,
) -> Result<BTreeMap<String, Standing>, CaseworkError> {
    let stored = require_round(catalog, round).await?;
    if stored.draw.is_some() {
        drawn_round(catalog, round).await?;
    }
    Ok(standings(&catalog.review_file(round).await?))
}

/// Records a visit. Its supervisors are as many as policy asks for, and none of the unit itself.
pub async fn add_visit(catalog: &dyn Catalog, policy: &Policy, visit: &Visit) -> Result<u64, CaseworkError> {
    let rules = review_rules(policy)?;
    let known = officers(catalog).await?;
    let units = catalog.units().await?;
    if !units.iter().any(|unit| unit.code == visit.unit) {
        return Err(CaseworkError::NoUnit(visit.unit.clone()));
    }
    let supervisors: BTreeSet<&String> = visit.supervisors.iter().collect();
    if supervisors.len() < rules.teams.per_visit as usize {
        let (least, named) = (rules.teams.per_visit, supervisors.len());
        return Err(CaseworkError::input(
            format!(
                "a visit has {least} supervisors or more (监督人员不得少于两人), and {named} are named: add the badge of another"
            ),
            format!("现场监督人员不得少于{least}人，现填{named}人：请补填其他监督人员的警号"),
        ));
    }
    if visit.ends_at < visit.starts_at {
        return Err(CaseworkError::input(
            "the visit ends before it begins: look at both times again",
            "检查结束时间早于开始时间：请核对起止时间",
        ));
    }
    let tree = UnitTree::of(&units);
    for badge in supervisors {
        let officer = known.get(badge).ok_or_else(|| CaseworkError::NoOfficer(badge.clone()))?;
        if let Some(because) = recusal(officer, &visit.unit, &BTreeSet::new(), &tree, &rules.recusal) {
            return Err(Refusal::Recused { badge: badge.clone(), item: visit.unit.clone(), because }.into());
        }
    }
    Ok(catalog.add_visit(visit).await?)
}
