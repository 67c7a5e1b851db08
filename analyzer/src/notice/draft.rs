//! From settled verdicts to drafts, and from an unanswered notice to the next graver one.
//!
//! A squad gets at most one notice for what one round found against it: the gravest kind that policy
//! calls for. It waits until all items of the squad are settled, so that no notice speaks of half a
//! review; an item that was settled later gets into a notice of its own. What is under appeal waits, too.
//! An item that stands in a notice that was not withdrawn gets into no other.

use std::collections::{BTreeMap, BTreeSet};

use catalog::Month;
use catalog::WallTime;
use catalog::case::Stage;
use catalog::notice::{Fact, Notice, NoticeBody, NoticeKind};
use catalog::review::{Judgement, Outcome};
use catalog::unit::Unit;

use super::rules::NoticeRules;
use super::standing::{NoticeState, notice_standing};
use crate::deadline::{date_zh, last_day};
use crate::policy::{Policy, Population};
use crate::review::{ReviewState, Standing};
use crate::sample::kind_of_round;

/// What drafts are made from.
#[derive(Debug, Clone, Copy)]
pub struct DraftInput<'a> {
    /// Name of the round.
    pub round: &'a str,
    /// What it looks at.
    pub kind: Population,
    /// Its month.
    pub month: Month,
    /// The policy.
    pub policy: &'a Policy,
    /// Its block `[notices]`.
    pub rules: &'a NoticeRules,
    /// Where the round's items stand.
    pub standings: &'a BTreeMap<String, Standing>,
    /// Items to look at that are assigned to nobody, with their units.
    pub unassigned: &'a [(String, String)],
    /// The stages of the items, by `CASE/STAGE`; one that is gone is left out.
    pub stages: &'a BTreeMap<String, Stage>,
    /// All units.
    pub units: &'a [Unit],
    /// All notices so far.
    pub notices: &'a [Notice],
    /// Now.
    pub now: WallTime,
}

/// What is to be drafted, and which squads' review is not at its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drafts {
    /// The notices, by unit.
    pub bodies: Vec<NoticeBody>,
    /// Codes of units whose items are not all settled.
    pub waiting: Vec<String>,
}

/// The facts of an item, as a notice says them.
fn fact_text(kind: Population, item: &str, stage: Option<&Stage>, judgement: &Judgement) -> String {
    let mut text = match (kind, item.rsplit_once('/')) {
        (Population::Inspections, _) => format!("“双随机、一公开”检查{item}"),
        (Population::Complaints, _) => format!("诉件{item}"),
        (_, Some((case_no, stage_no))) if kind.is_of_stages() => format!("案件{case_no}第{stage_no}环节"),
        _ => format!("案件{item}"),
    };
    if let Some(stage) = stage {
        let clock =
            |at: WallTime| at.local().map(|local| local.format("%H:%M").to_string()).unwrap_or_default();
        text.push_str(&format!(
            "（{}，{}{}至{}，{}）",
            stage.kind.zh(),
            date_zh(stage.starts_at),
            clock(stage.starts_at),
            clock(stage.ends_at),
            stage.place
        ));
    }
    text.push_str(match kind {
        Population::Recordings | Population::LegalReviewRecordings => "视音频记录",
        Population::Cases | Population::CaseFiles => "案卷",
        Population::LegalReviews => "法制审核记录",
        Population::Inspections => "检查记录",
        Population::Complaints => "处置记录",
    });
    text.push_str(if judgement.outcome == Outcome::Missing { "缺失" } else { "不规范" });
    if !judgement.codes.is_empty() {
        let codes: Vec<_> = judgement.codes.iter().map(|code| code.zh()).collect();
        text.push_str(&format!("：{}", codes.join("、")));
    }
    if !judgement.note.trim().is_empty() {
        text.push_str(&format!("。复核意见：{}", judgement.note.trim().trim_end_matches('。')));
    }
    for moment in &judgement.moments {
        let seconds = moment.at_us.0.max(0) / 1_000_000;
        text.push_str(&format!("（见{}第{}分{:02}秒）", moment.object_key, seconds / 60, seconds % 60));
    }
    text.push('。');
    text
}

/// Drafts for what a round found.
pub fn drafts(input: DraftInput<'_>) -> Drafts {
    let mut told: BTreeSet<(&str, &str)> = BTreeSet::new();
    for notice in input.notices {
        if notice_standing(notice, input.now).state != NoticeState::Withdrawn {
            told.extend(notice.body.facts.iter().map(|fact| (fact.round.as_str(), fact.item.as_str())));
        }
    }
    let mut waiting: BTreeSet<&str> = input.unassigned.iter().map(|(_, unit)| unit.as_str()).collect();
    let mut found: BTreeMap<&str, Vec<(&Standing, &Judgement)>> = BTreeMap::new();
    for standing in input.standings.values() {
        match (&standing.judgement, standing.state) {
            (Some(judgement), ReviewState::Settled | ReviewState::Decided) => {
                if matches!(judgement.outcome, Outcome::Irregular | Outcome::Missing)
                    && !told.contains(&(input.round, standing.item.as_str()))
                {
                    found.entry(&standing.unit).or_default().push((standing, judgement));
                }
            }
            _ => {
                waiting.insert(&standing.unit);
            }
        }
    }
    let mut result =
        Drafts { bodies: Vec::new(), waiting: waiting.iter().map(|unit| (*unit).to_owned()).collect() };
    for (unit, items) in found {
        if waiting.contains(unit) {
            continue;
        }
        let count = |outcome| {
            u32::try_from(items.iter().filter(|(_, judgement)| judgement.outcome == outcome).count())
                .unwrap_or(u32::MAX)
        };
        let Some(kind) = input.rules.called_for(count(Outcome::Irregular), count(Outcome::Missing)) else {
            continue;
        };
        let facts: Vec<Fact> = items
            .iter()
            .map(|(standing, judgement)| Fact {
                round: input.round.to_owned(),
                item: standing.item.clone(),
                event: standing.next_number() - 1,
                text: fact_text(input.kind, &standing.item, input.stages.get(&standing.item), judgement),
            })
            .collect();
        let cause = match facts.first() {
            Some(first) => format!("review {} {} event {}", input.round, first.item, first.event),
            None => continue,
        };
        result.bodies.extend(body(&input, kind, unit, cause, facts, None));
    }
    result
}

fn body(
    input: &DraftInput<'_>,
    kind: NoticeKind,
    unit: &str,
    cause: String,
    facts: Vec<Fact>,
    follows: Option<u64>,
) -> Option<NoticeBody> {
    let rules = input.rules.of(kind)?;
    let name = input.units.iter().find(|known| known.code == unit).map(|known| known.name.clone());
    Some(NoticeBody {
        kind,
        month: input.month,
        policy: input.policy.name.clone(),
        cause,
        district: input.policy.district.clone(),
        issuer: input.rules.form.issuer.clone(),
        unit: unit.to_owned(),
        unit_name: name.unwrap_or_else(|| unit.to_owned()),
        copies: rules.copies.clone(),
        clause: format!("《{}》（{}）{}", input.policy.title, input.policy.document, rules.source.clause),
        facts,
        demand: rules.demand_after(input.kind).to_owned(),
        reply_days: rules.reply_days,
        reply_days_confirmed: rules.reply_days_confirmed,
        needs_approval: rules.needs_approval,
        follows,
    })
}

/// What follows a notice that is overdue; `None` if it is not, or policy lets nothing follow.
pub fn escalation(
    notice: &Notice,
    policy: &Policy,
    rules: &NoticeRules,
    now: WallTime,
) -> Option<NoticeBody> {
    let standing = notice_standing(notice, now);
    let (true, Some(due_at), Some(issued_at), Some(number)) =
        (standing.overdue, standing.due_at, standing.issued_at, standing.number)
    else {
        return None;
    };
    let kind = rules.of(notice.body.kind)?.escalates_to?;
    let next = rules.of(kind)?;
    let mut facts = notice.body.facts.clone();
    let facts_round = facts.first().map(|fact| fact.round.clone()).unwrap_or_default();
    let (round, item, event) =
        facts.first().map(|fact| (fact.round.clone(), fact.item.clone(), fact.event)).unwrap_or_default();
    facts.push(Fact {
        round,
        item,
        event,
        text: format!(
            "我局于{}向你单位制发《{}》（{number}），要求于{}前书面回复，至今未收到回复。",
            date_zh(issued_at),
            notice.body.kind.zh(),
            last_day(due_at)
        ),
    });
    Some(NoticeBody {
        kind,
        cause: format!("escalation of notice {}", notice.id),
        clause: format!("《{}》（{}）{}", policy.title, policy.document, next.source.clause),
        copies: next.copies.clone(),
        facts,
        demand: next.demand_after(kind_of_round(&facts_round)).to_owned(),
        reply_days: next.reply_days,
        reply_days_confirmed: next.reply_days_confirmed,
        needs_approval: next.needs_approval,
        follows: Some(notice.id),
        ..notice.body.clone()
    })
}
