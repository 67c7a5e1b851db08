//! Freezing: from what happened to a frame that no longer changes, and what can be said of its period.

use std::collections::{BTreeMap, BTreeSet};

use catalog::Month;
use catalog::unit::Unit;
use serde::{Deserialize, Serialize};

use super::explain;
use super::frame::{FRAME_FORMAT, Frame, FrameItem, FrameOfficer, FrameRule, Squad};
use super::outlook::{Outlook, outlook};
use super::plan::{Plan, Shortfall};
use super::population::{Index, Sources, span, writable};
use crate::policy::{Check, Policy, Population, Rule, ShareOf, Source, Take, Within};

/// How the seed comes about where nobody announced anything else.
pub const DEFAULT_SEED_SOURCE: &str = "摘要公布后由两名督察人员当众掷骰 (dice thrown in public by two supervisors, once the digest is published)";

/// One thing that an earlier round drew and that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EarlierItem {
    /// Code of its unit.
    pub unit: String,
    /// Badges of its frontline officers.
    pub officers: Vec<String>,
}

/// An earlier round of the same check that was drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierRound {
    /// Its month.
    pub month: Month,
    /// What it drew: without what was skipped, with what took its place.
    pub items: Vec<EarlierItem>,
}

/// What a frame is made from, in any order.
#[derive(Debug, Clone, Copy)]
pub struct FreezeInput<'a> {
    /// Month in which the checks take place.
    pub month: Month,
    /// The policy.
    pub policy: &'a Policy,
    /// What is looked at.
    pub kind: Population,
    /// How the seed will come about: dice of two supervisors, a lottery's numbers, a beacon's round.
    pub seed_source: &'a str,
    /// What should exist, at least from [`needed_from`] to the end of the base time.
    pub sources: Sources<'a>,
    /// All units there are now. A squad founded since is due; one dissolved since is not.
    pub units: &'a [Unit],
    /// Earlier rounds; those outside a rule's period, or not before this one, do not count.
    pub earlier: &'a [EarlierRound],
}

/// A frozen round: the frame, its digest, the quotas in figures, and whether they can be met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    /// Name of the round.
    pub round: String,
    /// Month in which the checks take place.
    pub month: Month,
    /// Last month of the time that is checked; of a monthly round the only one.
    pub base_month: Month,
    /// Name of the policy.
    pub policy: String,
    /// What is looked at.
    pub kind: Population,
    /// How the seed will come about.
    pub seed_source: String,
    /// Cases of the base time.
    pub cases: u64,
    /// Items in the frame.
    pub frame_size: u64,
    /// SHA-256 of the frame's canonical text, lower-case hexadecimal: what is published.
    pub frame_sha256: String,
    /// Items that the policy asks of this round, of the whole bureau.
    pub items_required: u64,
    /// Squads that the policy asks of each round; those due within a period come on top.
    pub units_required: u64,
    /// Codes of the squads that a rule over a period has not reached yet.
    pub units_due: Vec<String>,
    /// Codes of those due squads that have nothing in the frame: nothing of theirs can be drawn this
    /// time, and they stay due.
    pub units_unreachable: Vec<String>,
    /// Earlier months, of the longest period that a rule goes over, in which a round was due and none was
    /// drawn.
    pub months_missed: Vec<Month>,
    /// The quotas in figures.
    pub plan: Plan,
    /// Whether every rule can be met.
    pub feasible: bool,
    /// The rules that cannot, and by how much.
    pub shortfalls: Vec<Shortfall>,
    /// For each rule over a period: whether the rest of it can still meet the goal.
    pub outlook: Vec<Outlook>,
    /// All this in words.
    pub explanation: String,
    /// The same in Chinese.
    pub explanation_zh: String,
    /// Where each rule comes from, by its name.
    pub sources: BTreeMap<String, Source>,
    /// Whether the rules count units (单位) of other kinds, too, where the frame speaks of squads.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub counts_units: bool,
    /// Whether the base time was not over when the frame was frozen: what began later is in no frame.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub base_still_running: bool,
    /// The frame itself.
    pub frame: Frame,
}

impl Frozen {
    /// First and last month that is checked.
    pub fn base_time(&self) -> (Month, Month) {
        (self.frame.base_from, self.frame.base_to)
    }
}

/// Why no frame can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FreezeError {
    /// Two rows have one name.
    #[error("{what} `{name}` is there twice: a frame needs each once; correct the import")]
    Duplicate {
        /// What the row is.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// A stage belongs to a case that is not among the cases.
    #[error("stage `{stage}` belongs to a case that is not there: import case `{case_no}` first")]
    NoSuchCase {
        /// The stage.
        stage: String,
        /// The case it names.
        case_no: String,
    },
    /// A name that cannot be written into the frame.
    #[error(
        "{what} {text:?} is empty or holds a control character (a tab, a line end): correct it and import it again"
    )]
    Unwritable {
        /// What it is the name of.
        what: &'static str,
        /// The name.
        text: String,
    },
    /// The policy does not check this.
    #[error("policy {policy} has no check of {kind}; it has {known}")]
    NoCheck {
        /// The policy.
        policy: String,
        /// What was asked for.
        kind: Population,
        /// What there is.
        known: String,
    },
    /// There is no round of this check in this month.
    #[error(
        "policy {policy} checks {kind} once a quarter: there is no round in {month}, the next is in {next}"
    )]
    NoRoundInMonth {
        /// The policy.
        policy: String,
        /// What was asked for.
        kind: Population,
        /// The month.
        month: Month,
        /// The next month with a round.
        next: Month,
    },
}

/// The first month of which a frame needs to know what should exist: that which the year's first round
/// looks at, and no later than the December before.
pub fn needed_from(month: Month, check: Option<&Check>) -> Month {
    let first = Within::Year.months(month).first().copied().unwrap_or(month);
    let looks_at = check.map_or(first, |check| check.base.months(first).0);
    looks_at.min(first.previous())
}

/// The name of a round. That of recordings has the policy's name alone, as it always had.
pub fn round_name(month: Month, policy: &str, kind: Population) -> String {
    match kind {
        Population::Recordings => format!("{month}/{policy}"),
        other => format!("{month}/{policy}:{other}"),
    }
}

/// What the round of this name looks at.
pub fn kind_of_round(round: &str) -> Population {
    let kind = round.rsplit_once(':').and_then(|(_, kind)| kind.parse().ok());
    kind.unwrap_or(Population::Recordings)
}

/// Freezes a round.
pub fn freeze(input: FreezeInput<'_>) -> Result<Frozen, FreezeError> {
    let FreezeInput { month, policy, kind, seed_source, .. } = input;
    let check = policy.check_of(kind).ok_or_else(|| FreezeError::NoCheck {
        policy: policy.name.clone(),
        kind,
        known: policy.checks.iter().map(|check| check.kind.as_str()).collect::<Vec<_>>().join(", "),
    })?;
    if !check.has_round(month) {
        let mut next = month.next();
        while !check.has_round(next) && next < month.next().next().next() {
            next = next.next();
        }
        return Err(FreezeError::NoRoundInMonth { policy: policy.name.clone(), kind, month, next });
    }
    let index = Index::new(policy, input.sources)?;
    let (base_from, base_to) = check.base.months(month);
    let items = index.items(kind, span(base_from, base_to))?;
    let cases = index.all_cases(span(base_from, base_to));

    let mut standings = Vec::new();
    for rule in &check.rules {
        standings.push(Standing::of(&input, check, rule, &index, &items)?);
    }
    let squads = squads(&input, check, &standings)?;
    let officers = officers(&input, check, &standings)?;
    let rules = rules(check, month, cases, &items, &standings, &squads, &officers);
    let frame = Frame {
        format: FRAME_FORMAT.to_owned(),
        round: round_name(month, &policy.name, kind),
        month,
        base_from,
        base_to,
        policy: writable("the policy's name", &policy.name)?.to_owned(),
        kind,
        seed_source: writable("what is said of the seed", seed_source.trim())?.to_owned(),
        cases,
        rules,
        squads,
        officers,
        items,
    };
    let months_missed = months_missed(&input, check);
    Ok(frozen(frame, months_missed, check))
}

/// The frozen document of a frame.
fn frozen(frame: Frame, months_missed: Vec<Month>, check: &Check) -> Frozen {
    let plan = Plan::of(&frame);
    let shortfalls = plan.shortfalls(&frame);
    let needed = |wanted: fn(&FrameRule) -> bool| {
        let of_rules = frame.rules.iter().zip(&plan.quotas).filter(|(rule, _)| wanted(rule));
        of_rules.map(|(_, quota)| quota.need).max().unwrap_or(0)
    };
    let over_a_period = |rule: &FrameRule| rule.take == Take::Squads && rule.within != Within::Round;
    let due: BTreeSet<&str> = frame
        .rules
        .iter()
        .enumerate()
        .filter(|(_, rule)| over_a_period(rule))
        .flat_map(|(number, _)| frame.squads_due(number).map(|squad| squad.unit.as_str()))
        .collect();
    let with_items = frame.items_by_unit();
    let mut frozen = Frozen {
        round: frame.round.clone(),
        month: frame.month,
        base_month: frame.base_to,
        policy: frame.policy.clone(),
        kind: frame.kind,
        seed_source: frame.seed_source.clone(),
        cases: frame.cases,
        frame_size: frame.items.len() as u64,
        frame_sha256: frame.sha256(),
        items_required: needed(|rule| {
            rule.take == Take::Items && rule.each.is_none() && rule.repeats_at_least.is_none()
        }),
        units_required: needed(|rule| rule.take == Take::Squads && rule.within == Within::Round),
        units_unreachable: due
            .iter()
            .filter(|unit| !with_items.contains_key(*unit))
            .map(|unit| (*unit).to_owned())
            .collect(),
        units_due: due.into_iter().map(str::to_owned).collect(),
        months_missed,
        feasible: shortfalls.is_empty(),
        shortfalls,
        outlook: outlook(&frame, &plan),
        plan,
        explanation: String::new(),
        explanation_zh: String::new(),
        sources: check.rules.iter().map(|rule| (rule.id.clone(), rule.source.clone())).collect(),
        counts_units: !check.counts_squads_alone(),
        base_still_running: check.base.is_still_running(),
        frame,
    };
    frozen.explanation = explain::english(&frozen);
    frozen.explanation_zh = explain::chinese(&frozen);
    frozen
}

/// Where a rule stands before the round: what its period had, and what was drawn of it.
struct Standing<'a> {
    there_of_unit: BTreeMap<String, u64>,
    there: u64,
    earlier: Vec<&'a EarlierItem>,
}

impl<'a> Standing<'a> {
    fn of(
        input: &FreezeInput<'a>,
        check: &Check,
        rule: &Rule,
        index: &Index<'_>,
        items: &[FrameItem],
    ) -> Result<Self, FreezeError> {
        let period = rule.within.months(input.month);
        let before = |month: &Month| *month < input.month && check.has_round(*month);
        let rounds: Vec<Month> = period.iter().copied().filter(before).collect();
        let earlier = input
            .earlier
            .iter()
            .filter(|round| rounds.contains(&round.month))
            .flat_map(|round| &round.items)
            .collect();
        // What the rounds of the period look at, the missed ones included, follows without a break.
        let all;
        let items = match rounds.first() {
            None => items,
            Some(first) => {
                let time = span(check.base.months(*first).0, check.base.months(input.month).1);
                all = index.items(check.kind, time)?;
                &all
            }
        };
        let mut there_of_unit = BTreeMap::new();
        for item in items {
            *there_of_unit.entry(item.unit.clone()).or_insert(0) += 1;
        }
        let counted = |item: &&FrameItem| rule.repeats_at_least.is_none_or(|repeats| item.repeats >= repeats);
        Ok(Self { there_of_unit, there: items.iter().filter(counted).count() as u64, earlier })
    }
}

fn rules(
    check: &Check,
    month: Month,
    cases: u64,
    items: &[FrameItem],
    standings: &[Standing<'_>],
    squads: &[Squad],
    officers: &[FrameOfficer],
) -> Vec<FrameRule> {
    let one = |(number, (rule, standing)): (usize, (&Rule, &Standing<'_>))| {
        let reached = |done: &[u64]| done.get(number).is_some_and(|done| *done > 0);
        let (there, done) = match rule.take {
            Take::Items if rule.of == ShareOf::Cases => (cases, 0),
            Take::Items if rule.within == Within::Round => {
                let counted =
                    |item: &&FrameItem| rule.repeats_at_least.is_none_or(|repeats| item.repeats >= repeats);
                (items.iter().filter(counted).count() as u64, 0)
            }
            Take::Items => (standing.there, standing.earlier.len() as u64),
            Take::Squads => {
                (squads.len() as u64, squads.iter().filter(|squad| reached(&squad.done)).count() as u64)
            }
            Take::Officers => {
                let count = officers.iter().filter(|officer| reached(&officer.done)).count();
                (officers.len() as u64, count as u64)
            }
        };
        FrameRule {
            id: rule.id.clone(),
            take: rule.take,
            percent: rule.percent,
            count: rule.count,
            of: rule.of,
            each: rule.each,
            within: rule.within,
            repeats_at_least: rule.repeats_at_least,
            there,
            done,
            rounds_left: rounds_left(rule.within, check, month),
        }
    };
    check.rules.iter().zip(standings).enumerate().map(one).collect()
}

fn rounds_left(within: Within, check: &Check, month: Month) -> u64 {
    within.months(month).into_iter().filter(|other| *other >= month && check.has_round(*other)).count() as u64
}

/// All units that the check counts in order of their codes, each with where it stands.
fn squads(
    input: &FreezeInput<'_>,
    check: &Check,
    standings: &[Standing<'_>],
) -> Result<Vec<Squad>, FreezeError> {
    let mut squads = Vec::new();
    for unit in input.units.iter().filter(|unit| check.unit_kinds.contains(&unit.kind)) {
        squads.push(Squad {
            unit: writable("the unit's code", &unit.code)?.to_owned(),
            name: writable("the unit's name", &unit.name)?.to_owned(),
            there: standings
                .iter()
                .map(|standing| standing.there_of_unit.get(&unit.code).copied().unwrap_or(0))
                .collect(),
            done: standings
                .iter()
                .map(|standing| standing.earlier.iter().filter(|item| item.unit == unit.code).count() as u64)
                .collect(),
        });
    }
    squads.sort();
    if let Some(pair) = squads.windows(2).find(|pair| pair[0].unit == pair[1].unit) {
        return Err(FreezeError::Duplicate { what: "unit", name: pair[0].unit.clone() });
    }
    Ok(squads)
}

/// All frontline officers in order of their badges, where a rule counts them.
fn officers(
    input: &FreezeInput<'_>,
    check: &Check,
    standings: &[Standing<'_>],
) -> Result<Vec<FrameOfficer>, FreezeError> {
    if check.rules.iter().all(|rule| rule.take != Take::Officers) {
        return Ok(Vec::new());
    }
    let mut officers = Vec::new();
    for officer in input.sources.officers.iter().filter(|officer| officer.frontline) {
        officers.push(FrameOfficer {
            badge: writable("the badge", &officer.badge)?.to_owned(),
            unit: writable("the unit's code", &officer.unit)?.to_owned(),
            done: standings
                .iter()
                .map(|standing| {
                    standing.earlier.iter().filter(|item| item.officers.contains(&officer.badge)).count()
                        as u64
                })
                .collect(),
        });
    }
    officers.sort();
    if let Some(pair) = officers.windows(2).find(|pair| pair[0].badge == pair[1].badge) {
        return Err(FreezeError::Duplicate { what: "officer", name: pair[0].badge.clone() });
    }
    Ok(officers)
}

/// Months of the longest period, before this one, with a round due and none drawn.
fn months_missed(input: &FreezeInput<'_>, check: &Check) -> Vec<Month> {
    let longest = check.rules.iter().map(|rule| rule.within).max().unwrap_or(Within::Round);
    longest
        .months(input.month)
        .into_iter()
        .filter(|month| *month < input.month && check.has_round(*month))
        .filter(|month| input.earlier.iter().all(|round| round.month != *month))
        .collect()
}
