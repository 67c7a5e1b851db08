//! What a plan has people check, and how much of it: populations, periods and quotas, as data.
//!
//! A policy names *checks* (`[[check]]`): each says what kind of thing is looked at, how often there is a
//! round and of which time a round takes its frame. Under each stand *rules* (`[[check.rule]]`): at least so
//! many items, squads or officers, as a count or a share, in each round or within a quarter, half-year or
//! year, of the bureau or of each squad. A district's plan is a list of such rules; a fourth district needs
//! no code. docs/policy.md is the reference.

use catalog::unit::UnitKind;
use catalog::{Month, coded};
use serde::{Deserialize, Serialize};

use super::Source;

coded! {
    /// What is looked at: a list of things that should exist, whether or not anything of them does.
    pub enum Population("kind of check") {
        /// Stages that had to be recorded in full, by the kinds of `[obligations]`.
        Recordings = "recordings" / "全过程视音频记录" / "recordings",
        /// Cases filed, by ordinary or simple procedure.
        Cases = "cases" / "案件" / "cases filed",
        /// Files of the cases closed, by ordinary or simple procedure.
        CaseFiles = "case_files" / "办结案卷" / "case files",
        /// Legal reviews of major decisions.
        LegalReviews = "legal_reviews" / "重大执法决定法制审核案件" / "legal reviews of major decisions",
        /// Recordings of legal reviews.
        LegalReviewRecordings = "legal_review_recordings" / "法制审核音像记录" / "recordings of legal reviews",
        /// "Double random" inspections, with the recording made on site.
        Inspections = "inspections" / "“双随机、一公开”检查" / "double-random inspections",
        /// Complaints and petitions, with how often each was made.
        Complaints = "complaints" / "投诉、信访件" / "complaints and petitions",
    }
}

coded! {
    /// How often there is a round.
    pub enum Every("rhythm of rounds") {
        /// Each month.
        Month = "month" / "每月" / "every month",
        /// Once a quarter: in its last month, or, where the quarter before is checked, in its first.
        Quarter = "quarter" / "每季度" / "every quarter",
    }
}

coded! {
    /// Of which time a round takes its frame.
    pub enum Base("base time") {
        /// The month before the round.
        LastMonth = "last_month" / "上月" / "of the month before",
        /// The month of the round, as far as it is known when the frame is frozen.
        ThisMonth = "this_month" / "当月" / "of the same month",
        /// The quarter before the one that the round lies in.
        LastQuarter = "last_quarter" / "上季度" / "of the quarter before",
        /// The quarter that the round lies in, up to the moment of freezing.
        ThisQuarter = "this_quarter" / "本季度" / "of the same quarter",
    }
}

coded! {
    /// What a rule counts.
    pub enum Take("thing that a rule counts") {
        /// The things that are drawn.
        Items = "items" / "件" / "items",
        /// Squads of which at least one thing is drawn.
        Squads = "squads" / "个中队" / "squads",
        /// Frontline officers who took part in at least one thing that is drawn.
        Officers = "officers" / "名一线执法队员" / "frontline officers",
    }
}

coded! {
    /// What a share of items is a share of.
    pub enum ShareOf("share") {
        /// Of the population that is looked at.
        Population = "population" / "总数" / "of them",
        /// Of all cases of the round's base time: filed in it, or with a stage that began in it.
        Cases = "cases" / "案件总数" / "of all cases",
    }
}

coded! {
    /// Within which time a quota has to be reached.
    pub enum Within("period") {
        /// In each round.
        Round = "round" / "每次抽查" / "in each round",
        /// From January, April, July or October on, three months.
        Quarter = "quarter" / "每季度" / "each quarter",
        /// January to June, July to December.
        HalfYear = "half_year" / "每半年" / "each half-year",
        /// January to December.
        Year = "year" / "全年" / "each year",
    }
}

coded! {
    /// Of whom a quota of items has to be reached.
    pub enum Each("kind of unit") {
        /// Of every unit that the check counts, by itself; a policy may write `unit` as well.
        #[serde(alias = "unit")]
        Squad = "squad" / "每个中队" / "of each squad",
    }
}

impl Population {
    /// Whether its items are stages, `CASE/STAGE`, and not whole cases.
    pub const fn is_of_stages(self) -> bool {
        matches!(self, Self::Recordings | Self::LegalReviews | Self::LegalReviewRecordings)
    }

    /// Whether what is judged is a recording.
    pub const fn is_of_recordings(self) -> bool {
        matches!(self, Self::Recordings | Self::LegalReviewRecordings)
    }

    /// The case of an item; a case number may hold a slash itself.
    pub fn case_of(self, item: &str) -> &str {
        if self.is_of_stages() { item.rsplit_once('/').map_or(item, |(case_no, _)| case_no) } else { item }
    }
}

impl Within {
    /// The months of the period that `month` lies in; `[month]` for a single round.
    pub fn months(self, month: Month) -> Vec<Month> {
        let length = match self {
            Self::Round => return vec![month],
            Self::Quarter => 3,
            Self::HalfYear => 6,
            Self::Year => 12,
        };
        let first = (month.number() - 1) / length * length + 1;
        (first..first + length).filter_map(|number| Month::new(month.year(), number)).collect()
    }
}

impl Base {
    /// Whether a round frozen within the base time misses what begins after that.
    pub fn is_still_running(self) -> bool {
        matches!(self, Self::ThisMonth | Self::ThisQuarter)
    }

    /// First and last month of the base time of a round.
    pub fn months(self, month: Month) -> (Month, Month) {
        let first_of_quarter = || Within::Quarter.months(month).first().copied().unwrap_or(month);
        match self {
            Self::LastMonth => (month.previous(), month.previous()),
            Self::ThisMonth => (month, month),
            Self::ThisQuarter => (first_of_quarter(), month),
            Self::LastQuarter => {
                let last = first_of_quarter().previous();
                (Within::Quarter.months(last).first().copied().unwrap_or(last), last)
            }
        }
    }
}

/// One quota.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Its name within the check, which frames, draws and returns cite.
    pub id: String,
    /// What is counted.
    pub take: Take,
    /// At least this share, per cent, rounded up. Either this or `count`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<u32>,
    /// At least this many. Either this or `percent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// What a share of items is a share of.
    #[serde(default = "of_the_population")]
    pub of: ShareOf,
    /// Of whom; `None`: of the whole bureau.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each: Option<Each>,
    /// Within which time.
    pub within: Within,
    /// Only complaints and petitions made at least this many times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats_at_least: Option<u32>,
    /// Where it comes from.
    #[serde(flatten)]
    pub source: Source,
}

fn of_the_population() -> ShareOf {
    ShareOf::Population
}

/// One kind of thing that is checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// What is looked at. A policy has at most one check of a kind.
    pub kind: Population,
    /// How often there is a round.
    pub every: Every,
    /// Of which time a round takes its frame.
    pub base: Base,
    /// The kinds of units that its rules count as squads (中队), or as units (单位) where the plan says so.
    #[serde(default = "squads_alone", skip_serializing_if = "are_squads_alone")]
    pub unit_kinds: Vec<UnitKind>,
    /// Day of the month on which the schedule freezes its round; `None`: that of `[schedule]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freeze_day: Option<u32>,
    /// How the seed of its rounds comes about; `None`: as `[schedule]` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed_source: Option<String>,
    /// Its quotas, in the order in which they are met.
    #[serde(rename = "rule")]
    pub rules: Vec<Rule>,
}

fn squads_alone() -> Vec<UnitKind> {
    vec![UnitKind::Squad]
}

fn are_squads_alone(kinds: &[UnitKind]) -> bool {
    kinds == [UnitKind::Squad]
}

impl Rule {
    /// What is wrong with the rule: the key, and what to write instead.
    pub(super) fn check(&self, kind: Population, every: Every) -> Result<(), (&'static str, String)> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if self.id.is_empty() || !self.id.chars().all(plain) || self.id == CORE {
            return Err((
                "id",
                format!(
                    "id = {:?}: write a name of small letters, digits and _, such as \"squads_half_year\"; \"{CORE}\" is taken",
                    self.id
                ),
            ));
        }
        match (self.percent, self.count) {
            (None, None) => return Err(("id", "neither percent nor count: write one of them".into())),
            (Some(_), Some(_)) => {
                return Err(("count", "both percent and count: write one rule for each".into()));
            }
            (Some(percent), None) if !(1..=100).contains(&percent) => {
                return Err(("percent", format!("percent = {percent}: write a number from 1 to 100")));
            }
            (None, Some(0)) => return Err(("count", "count = 0: write a number from 1".into())),
            _ => {}
        }
        if self.of == ShareOf::Cases
            && (self.take != Take::Items || self.percent.is_none() || self.within != Within::Round)
        {
            return Err((
                "of",
                "of = \"cases\" goes with take = \"items\", percent and within = \"round\" only: leave it out".into(),
            ));
        }
        if self.of == ShareOf::Cases && (self.each.is_some() || self.repeats_at_least.is_some()) {
            return Err((
                "of",
                "of = \"cases\" counts the whole bureau: leave out each and repeats_at_least".into(),
            ));
        }
        if self.each.is_some() && self.take != Take::Items {
            return Err(("each", "each = \"squad\" goes with take = \"items\": leave it out".into()));
        }
        if let Some(repeats) = self.repeats_at_least {
            if kind != Population::Complaints {
                return Err((
                    "repeats_at_least",
                    "only complaints are repeated: leave it out, or move the rule to the check of complaints"
                        .into(),
                ));
            }
            if repeats < 2 || self.take != Take::Items || self.each.is_some() || self.within != Within::Round
            {
                return Err((
                    "repeats_at_least",
                    "write 2 or more, with take = \"items\" and within = \"round\", without each".into(),
                ));
            }
        }
        if every == Every::Quarter && self.within == Within::Quarter {
            return Err(("within", "there is one round a quarter: write within = \"round\"".into()));
        }
        Ok(())
    }
}

/// The reason that every drawn item has which no rule topped up; no rule may be called so.
pub const CORE: &str = "core";

impl Check {
    /// Whether there is a round in this month.
    pub fn has_round(&self, month: Month) -> bool {
        match (self.every, self.base) {
            (Every::Month, _) => true,
            (Every::Quarter, Base::LastQuarter) => month.number() % 3 == 1,
            (Every::Quarter, _) => month.number().is_multiple_of(3),
        }
    }

    /// Whether the rules count squads and nothing else.
    pub fn counts_squads_alone(&self) -> bool {
        are_squads_alone(&self.unit_kinds)
    }

    /// What is wrong with the check: the rule, if it is one of them; the key; what to write instead.
    pub(super) fn check(&self) -> Result<(), (Option<usize>, &'static str, String)> {
        if self.rules.is_empty() {
            return Err((None, "kind", "a check without a [[check.rule]] draws nothing: write one".into()));
        }
        if self.unit_kinds.is_empty() {
            return Err((None, "unit_kinds", "no kind of unit: write [\"squad\"], or leave it out".into()));
        }
        if let Some(day) = self.freeze_day.filter(|day| !(1..=28).contains(day)) {
            let message = format!("freeze_day = {day}: write a day from 1 to 28, which every month has");
            return Err((None, "freeze_day", message));
        }
        let unwritable = |text: &String| text.trim().is_empty() || text.chars().any(char::is_control);
        if self.seed_source.as_ref().is_some_and(unwritable) {
            let message = "write in one line how the seed comes about: it is published with the frame";
            return Err((None, "seed_source", message.into()));
        }
        if self.every == Every::Month && matches!(self.base, Base::ThisQuarter | Base::LastQuarter) {
            return Err((
                None,
                "base",
                "monthly rounds over a quarter would look at the same things again: write base = \"last_month\", \
                 or every = \"quarter\""
                    .into(),
            ));
        }
        if self.every == Every::Quarter && matches!(self.base, Base::ThisMonth | Base::LastMonth) {
            return Err((
                None,
                "base",
                "a round a quarter that looks at one month never sees the others: write base = \"last_quarter\", \
                 or every = \"month\""
                    .into(),
            ));
        }
        for (i, rule) in self.rules.iter().enumerate() {
            rule.check(self.kind, self.every).map_err(|(key, message)| (Some(i), key, message))?;
            if self.rules.iter().take(i).any(|other| other.id == rule.id) {
                return Err((
                    Some(i),
                    "id",
                    format!("two rules are called {:?}: give each its own name", rule.id),
                ));
            }
        }
        Ok(())
    }
}
