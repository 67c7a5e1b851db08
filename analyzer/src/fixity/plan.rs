//! The plan: what is due, the riskiest first; and the state: how much of what is held was read in time.

use catalog::fixity::RiskClass;
use catalog::held::HeldObject;
use catalog::{Micros, WallTime};
use serde::Serialize;

use super::{FixityRules, class_of};
use crate::evidence::Evidence;

/// A risk of one, in the unit of [`Due::risk_ppm`].
const DUE: u64 = 1_000_000;
/// A risk of two.
const OVERDUE: u64 = 2 * DUE;

/// An object that is to be read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The object.
    pub object: HeldObject,
    /// Why.
    pub class: RiskClass,
    /// The time since it was last read, as a share of the interval in which it is to be read again, in parts per million.
    pub risk_ppm: u64,
}

/// Objects and their bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    /// How many.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Share {
    fn add(&mut self, object: &HeldObject) {
        self.objects += 1;
        self.bytes = self.bytes.saturating_add(object.size_bytes);
    }
}

/// How it stands with the objects of one class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClassState {
    /// The class.
    pub class: RiskClass,
    /// After how many days each is to be read again.
    pub days: u16,
    /// All of them.
    pub held: Share,
    /// Those that were read within that time.
    pub in_time: Share,
    /// Those that were not.
    pub due: Share,
    /// Of these, those that were not read for twice the time.
    pub overdue: Share,
    /// When the one that was not read for longest was last read; `None` if there is none.
    pub oldest_read_at: Option<WallTime>,
}

/// How it stands with all that is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FixityState {
    /// As of when.
    pub as_of: WallTime,
    /// By class, the most pressing first.
    pub classes: Vec<ClassState>,
}

impl FixityState {
    /// A sum over all classes.
    pub fn sum(&self, of: impl Fn(&ClassState) -> Share) -> Share {
        self.classes.iter().map(of).fold(Share::default(), |sum, share| Share {
            objects: sum.objects + share.objects,
            bytes: sum.bytes.saturating_add(share.bytes),
        })
    }
}

/// What is to be read again, and how it stands before that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixityPlan {
    /// What is to be read, the riskiest first.
    pub due: Vec<Due>,
    /// How it stands.
    pub state: FixityState,
}

/// What a plan is to have in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// At most so many objects; the riskiest are kept.
    pub objects: usize,
    /// Also what is not due yet.
    pub all: bool,
}

/// Makes a plan of objects that are shown to it one after the other, in memory of twice what is wanted.
pub struct Planner<'a> {
    rules: &'a FixityRules,
    evidence: &'a Evidence<'a>,
    wanted: Wanted,
    due: Vec<Due>,
    state: FixityState,
}

impl<'a> Planner<'a> {
    /// A plan as of a moment.
    pub fn new(rules: &'a FixityRules, evidence: &'a Evidence<'a>, wanted: Wanted, as_of: WallTime) -> Self {
        let state = |class: &RiskClass| ClassState {
            class: *class,
            days: rules.of(*class).days,
            held: Share::default(),
            in_time: Share::default(),
            due: Share::default(),
            overdue: Share::default(),
            oldest_read_at: None,
        };
        let classes_state = RiskClass::ALL.iter().map(state).collect();
        let state = FixityState { as_of, classes: classes_state };
        Self { rules, evidence, wanted, due: Vec::new(), state }
    }

    /// Shows it one more object.
    pub fn add(&mut self, object: HeldObject) {
        let of = class_of(self.evidence, &object);
        // Of several reasons the one that asks for it soonest counts.
        let moved = object.moved && self.rules.interval(RiskClass::Moved) <= self.rules.interval(of);
        let class = if moved { RiskClass::Moved } else { of };
        let risk_ppm = risk(self.state.as_of - object.read_at, self.rules.interval(class));
        if let Some(state) = self.state.classes.iter_mut().find(|state| state.class == class) {
            state.held.add(&object);
            if risk_ppm < DUE {
                state.in_time.add(&object);
            } else {
                state.due.add(&object);
            }
            if risk_ppm >= OVERDUE {
                state.overdue.add(&object);
            }
            let oldest = state.oldest_read_at.map_or(object.read_at, |oldest| oldest.min(object.read_at));
            state.oldest_read_at = Some(oldest);
        }
        if self.wanted.objects > 0 && (self.wanted.all || risk_ppm >= DUE) {
            self.due.push(Due { object, class, risk_ppm });
            if self.due.len() >= self.wanted.objects.saturating_mul(2) {
                self.due.select_nth_unstable_by(self.wanted.objects - 1, riskier);
                self.due.truncate(self.wanted.objects);
            }
        }
    }

    /// The plan.
    pub fn finish(mut self) -> FixityPlan {
        self.due.sort_unstable_by(riskier);
        self.due.truncate(self.wanted.objects);
        FixityPlan { due: self.due, state: self.state }
    }
}

/// The riskiest first; of equal ones the more pressing class, what was read longest ago, then by number, so that every run of
/// the same catalog has the same order.
fn riskier(a: &Due, b: &Due) -> std::cmp::Ordering {
    let by_age = || a.object.read_at.cmp(&b.object.read_at).then(a.object.id.cmp(&b.object.id));
    b.risk_ppm.cmp(&a.risk_ppm).then(a.class.cmp(&b.class)).then_with(by_age)
}

/// A time since something as a share of an interval, in parts per million. What is said to be in the future was read just
/// now: a clock that was set back makes nothing risky, and nothing safe for longer than it was wrong by.
fn risk(since: Micros, interval: Micros) -> u64 {
    let since = i128::from(since.0.max(0));
    let ppm = since * i128::from(DUE) / i128::from(interval.0.max(1));
    u64::try_from(ppm).unwrap_or(u64::MAX)
}
