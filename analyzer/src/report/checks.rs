//! The other checks of the plan (case files, legal reviews, inspections, complaints, …), each in a row of the
//! return: how many there are, how many had to be drawn and were, what people did with the draw, what they
//! found, and what that proves.
//!
//! No machine judges these: a row's figures are people's. The bound is given once everything that was drawn,
//! and not skipped, has an outcome; a bound over half a review would speak of the reviewers' pace. Skipped items
//! count as bad in it, as they do for recordings. What was taken besides (substitutes, extra ones) is listed apart
//! and in no figure.

use std::collections::BTreeMap;

use catalog::review::Outcome;
use serde::Serialize;

use super::proof::{bounds_of, per_cent};
use super::{ApartReason, CheckStatus, ReportError, ReturnItem};
use crate::policy::{Check, Every, Population, Take};
use crate::review::{ReviewState, Standing as Review};
use crate::sample::{Draw, Frozen, Standing};

/// One item that people look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckItem {
    /// Its name.
    pub id: String,
    /// Code of its unit, as frozen.
    pub unit: String,
    /// Why it was drawn: `core`, or the rule that lacked it; `None` of what was not drawn.
    pub reason: Option<String>,
    /// Why it is looked at although it was not drawn.
    pub apart: Option<ApartReason>,
    /// Whether people said that it is not looked at.
    pub skipped: bool,
    /// How far people are with it; `None` if nobody looks at it.
    pub review: Option<ReviewState>,
    /// What they settled.
    pub outcome: Option<Outcome>,
    /// What they said of it.
    pub note: Option<String>,
}

/// The row of one check.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckRow {
    /// What is checked.
    pub kind: Population,
    /// How many there are: of the frame, or as imported; `None`: nothing of this kind was imported for the time.
    pub population: Option<u64>,
    /// Name of the round; `None`: none was frozen.
    pub round: Option<String>,
    /// How many the quotas ask for at least; `None`: no round was frozen.
    pub required: Option<u64>,
    /// How many were drawn; `None`: nothing was drawn yet.
    pub sampled: Option<u64>,
    /// Drawn ones that are not looked at; they stay in every denominator.
    pub skipped: u64,
    /// Drawn ones of which people settled the outcome.
    pub judged: u64,
    /// Of these, those that are irregular.
    pub irregular: u64,
    /// Of these, those that are missing.
    pub missing: u64,
    /// Of these, those that are excused.
    pub excused: u64,
    /// Whether every quota could be met; `None`: no round was frozen.
    pub feasible: Option<bool>,
    /// At most this share is irregular or missing, one-sided 95 %: exact if that has nothing to do with the squad.
    /// `None` until all that was drawn is settled.
    pub problem_rate_upper_95: Option<f64>,
    /// The same however it is spread: from the part of the sample that no rule chose.
    pub problem_rate_upper_95_any_spread: Option<f64>,
    /// What was drawn, in the order of drawing, then what is looked at besides.
    pub items: Vec<CheckItem>,
    /// The row in words.
    pub sentence: String,
    /// The same in English.
    pub sentence_en: String,
}

/// What became of a round.
#[derive(Debug, Clone, Copy)]
pub struct RoundSoFar<'a> {
    /// The round.
    pub frozen: &'a Frozen,
    /// Its draw; `None` while there is none.
    pub draw: Option<&'a Draw>,
    /// What people did with the draw.
    pub standing: &'a Standing,
    /// What they said of its items.
    pub reviews: &'a BTreeMap<String, Review>,
}

impl CheckRow {
    /// The row of a check; `population` is how many were imported where there is no round.
    ///
    /// # Errors
    /// If the figures of the round contradict themselves.
    pub fn of(
        check: &Check,
        has_round: bool,
        population: Option<u64>,
        round: Option<RoundSoFar<'_>>,
    ) -> Result<Self, ReportError> {
        let mut row = Self {
            kind: check.kind,
            population: round.map(|round| round.frozen.frame_size).or(population),
            round: round.map(|round| round.frozen.round.clone()),
            required: round.map(|round| required(round.frozen)),
            sampled: None,
            skipped: 0,
            judged: 0,
            irregular: 0,
            missing: 0,
            excused: 0,
            feasible: round.map(|round| round.frozen.feasible),
            problem_rate_upper_95: None,
            problem_rate_upper_95_any_spread: None,
            items: Vec::new(),
            sentence: String::new(),
            sentence_en: String::new(),
        };
        if let Some(RoundSoFar { frozen, draw: Some(draw), standing, reviews }) = round {
            row.fill_in(frozen, draw, standing, reviews)?;
        } else if round.is_some_and(|round| round.frozen.frame_size == 0) {
            row.sampled = Some(0);
        }
        (row.sentence, row.sentence_en) = (row.chinese(check, has_round), row.english(check, has_round));
        Ok(row)
    }

    fn fill_in(
        &mut self,
        frozen: &Frozen,
        draw: &Draw,
        standing: &Standing,
        reviews: &BTreeMap<String, Review>,
    ) -> Result<(), ReportError> {
        let item = |id: &str, unit: &str| {
            let review = reviews.get(id);
            let judgement = review.and_then(|review| review.judgement.as_ref());
            CheckItem {
                id: id.to_owned(),
                unit: unit.to_owned(),
                reason: None,
                apart: None,
                skipped: false,
                review: review.map(|review| review.state),
                outcome: judgement.map(|judgement| judgement.outcome),
                note: judgement.map(|judgement| judgement.note.clone()).filter(|note| !note.is_empty()),
            }
        };
        let drawn: Vec<CheckItem> = draw
            .items
            .iter()
            .map(|drawn| {
                let skipped = standing.skipped.contains(&drawn.id);
                let item = item(&drawn.id, &drawn.unit);
                let outcome = item.outcome.filter(|_| !skipped);
                CheckItem { reason: Some(drawn.reason.clone()), skipped, outcome, ..item }
            })
            .collect();
        let count = |outcome| drawn.iter().filter(|item| item.outcome == Some(outcome)).count() as u64;
        self.sampled = Some(drawn.len() as u64);
        self.skipped = drawn.iter().filter(|item| item.skipped).count() as u64;
        self.judged = drawn.iter().filter(|item| item.outcome.is_some()).count() as u64;
        self.irregular = count(Outcome::Irregular);
        self.missing = count(Outcome::Missing);
        self.excused = count(Outcome::Excused);
        if self.judged > 0 && self.judged + self.skipped == drawn.len() as u64 {
            let items: Vec<ReturnItem> = draw.items.iter().zip(&drawn).map(as_judged).collect();
            let bounds = bounds_of(frozen, draw, &items)
                .map_err(|source| ReportError::Figures { round: frozen.round.clone(), source })?;
            self.problem_rate_upper_95 = Some(bounds.irregular_rate_upper_95);
            self.problem_rate_upper_95_any_spread = Some(bounds.irregular_rate_upper_95_any_spread);
        }
        let units: BTreeMap<&str, &str> =
            frozen.frame.items.iter().map(|item| (item.id.as_str(), item.unit.as_str())).collect();
        let substitutes = standing.substitutes.iter().map(|id| (id, ApartReason::Substitute));
        let besides = substitutes.chain(standing.extra.iter().map(|id| (id, ApartReason::Extra)));
        let besides = besides.map(|(id, why)| CheckItem {
            apart: Some(why),
            ..item(id, units.get(id.as_str()).copied().unwrap_or_default())
        });
        self.items = drawn.iter().cloned().chain(besides).collect();
        Ok(())
    }

    fn besides(&self, why: ApartReason) -> usize {
        self.items.iter().filter(|item| item.apart == Some(why)).count()
    }

    /// Tenths of a per cent, rounded down: a quota is never said to be met that is not.
    fn share(&self) -> String {
        let (drawn, all) = (self.sampled.unwrap_or(0), self.population.unwrap_or(0));
        let permille = (u128::from(drawn) * 1000).checked_div(u128::from(all)).unwrap_or(0);
        format!("{}.{}%", permille / 10, permille % 10)
    }

    fn chinese(&self, check: &Check, has_round: bool) -> String {
        let zh = self.kind.zh();
        let all = match (self.population, &self.round) {
            (_, None) if !has_round && check.every == Every::Quarter => {
                return format!("{zh}：按方案每季度抽查一次，本月无抽查批次。");
            }
            (None, _) => return format!("{zh}：未导入数据，无法统计。"),
            (Some(all), None) => return format!("{zh}：总数{all}件，本月尚未抽取。"),
            (Some(0), Some(_)) => return format!("{zh}：经核无可抽查的。"),
            (Some(all), Some(_)) => all,
        };
        let required = self.required.unwrap_or(0);
        let Some(drawn) = self.sampled else {
            return format!("{zh}：总数{all}件，应抽查{required}件，尚未抽取。");
        };
        let mut text =
            format!("{zh}：总数{all}件，应抽查{required}件，实际抽查{drawn}件，占{}", self.share());
        if self.feasible == Some(false) {
            text.push_str("，未能满足全部抽查要求");
        }
        for (count, what) in [
            (self.skipped, "免查"),
            (self.besides(ApartReason::Substitute) as u64, "另替补"),
            (self.besides(ApartReason::Extra) as u64, "另加抽"),
        ] {
            if count > 0 {
                text.push_str(&format!("，{what}{count}件"));
            }
        }
        let open = drawn - self.judged - self.skipped;
        text.push_str(&format!(
            "；已形成结论{}件，其中不规范{}件、缺失{}件",
            self.judged, self.irregular, self.missing
        ));
        if open > 0 {
            text.push_str(&format!("，尚未形成结论{open}件"));
        }
        if let (Some(rate), Some(any)) = (self.problem_rate_upper_95, self.problem_rate_upper_95_any_spread) {
            text.push_str(&format!(
                "；以95%的把握，有问题的比例不超过{}%（若与单位无关），无论如何分布不超过{}%",
                per_cent(rate),
                per_cent(any)
            ));
        }
        text.push('。');
        text
    }

    fn english(&self, check: &Check, has_round: bool) -> String {
        let en = self.kind.en();
        let all = match (self.population, &self.round) {
            (_, None) if !has_round && check.every == Every::Quarter => {
                return format!("{en}: checked once a quarter; there is no round this month.");
            }
            (None, _) => return format!("{en}: no data was imported, so nothing can be counted."),
            (Some(all), None) => return format!("{en}: {all} in all; none were drawn this month yet."),
            (Some(0), Some(_)) => return format!("{en}: there was nothing to check."),
            (Some(all), Some(_)) => all,
        };
        let required = self.required.unwrap_or(0);
        let Some(drawn) = self.sampled else {
            return format!("{en}: {all} in all, {required} required; nothing was drawn yet.");
        };
        let mut text = format!("{en}: {all} in all, {required} required, {drawn} drawn ({})", self.share());
        if self.feasible == Some(false) {
            text.push_str(", not every quota could be met");
        }
        for (count, what) in [
            (self.skipped, "skipped"),
            (self.besides(ApartReason::Substitute) as u64, "substitutes apart"),
            (self.besides(ApartReason::Extra) as u64, "extra ones apart"),
        ] {
            if count > 0 {
                text.push_str(&format!(", {count} {what}"));
            }
        }
        let open = drawn - self.judged - self.skipped;
        text.push_str(&format!(
            "; {} settled, {} of them irregular and {} missing",
            self.judged, self.irregular, self.missing
        ));
        if open > 0 {
            text.push_str(&format!(", {open} still open"));
        }
        if let (Some(rate), Some(any)) = (self.problem_rate_upper_95, self.problem_rate_upper_95_any_spread) {
            text.push_str(&format!(
                "; with 95 % confidence at most {} % have a problem if that is unrelated to the squad, at most {} % however they are spread",
                per_cent(rate),
                per_cent(any)
            ));
        }
        text.push('.');
        text
    }
}

/// How many items the quotas ask for at least: one drawn thing counts for every rule it fits.
fn required(frozen: &Frozen) -> u64 {
    let of_rules = frozen.frame.rules.iter().zip(&frozen.plan.quotas);
    of_rules.filter(|(rule, _)| rule.take != Take::Officers).map(|(_, quota)| quota.need).max().unwrap_or(0)
}

/// An item as the bounds count it: whatever is wrong with it is a problem, and what was skipped is, too.
fn as_judged((drawn, item): (&crate::sample::DrawnItem, &CheckItem)) -> ReturnItem {
    let status = item.outcome.map(|outcome| match outcome {
        Outcome::Regular => CheckStatus::Complete,
        Outcome::Irregular => CheckStatus::Partial,
        Outcome::Missing => CheckStatus::Missing,
        Outcome::Excused => CheckStatus::Excused,
    });
    ReturnItem {
        order: drawn.order,
        id: drawn.id.clone(),
        unit: drawn.unit.clone(),
        reason: drawn.reason.clone(),
        skipped: item.skipped,
        status,
        irregular: u32::from(matches!(item.outcome, Some(Outcome::Irregular | Outcome::Missing))),
    }
}
