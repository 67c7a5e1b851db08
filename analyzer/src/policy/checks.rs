//! What a plan has people check, and how much of it: populations, periods and quotas, as data.
//!
//! A policy names *checks* (`[[check]]`): each says what kind of thing is looked at, how often there is a
//! round and of which time a round takes its frame. Under each stand *rules* (`[[check.rule]]`): at least so
//! many items, squads or officers, as a count or a share, in each round or within a quarter, half-year or
//! year, of the bureau or of each squad. A district's plan is a list of such rules; a fourth district needs
//! no code. docs/policy.md is the reference.

use catalog::Month;
use serde::{Deserialize, Serialize};

use super::Source;

macro_rules! words {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $code:literal / $zh:literal / $en:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_meta])* #[serde(rename = $code)] $variant,)+
        }

        impl $name {
            /// Every variant, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code, as policies and frames write it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The Chinese words for it.
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$variant => $zh),+ }
            }

            /// The English words for it.
            pub const fn en(self) -> &'static str {
                match self { $(Self::$variant => $en),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            /// Reads the code.
            fn from_str(text: &str) -> Result<Self, String> {
                Self::ALL.iter().copied().find(|one| one.as_str() == text).ok_or_else(|| {
                    let known: Vec<&str> = Self::ALL.iter().map(|one| one.as_str()).collect();
                    format!("`{text}`: expected one of {}", known.join(", "))
                })
            }
        }
    };
}

words! {
    /// What is looked at: a list of things that should exist, whether or not anything of them does.
    pub enum Population {
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

words! {
    /// How often there is a round.
    pub enum Every {
        /// Each month.
        Month = "month" / "每月" / "every month",
        /// Once a quarter, in its last month.
        Quarter = "quarter" / "每季度" / "every quarter",
    }
}

words! {
    /// Of which time a round takes its frame.
    pub enum Base {
        /// The month before the round.
        LastMonth = "last_month" / "上月" / "of the month before",
        /// The month of the round, as far as it is known when the frame is frozen.
        ThisMonth = "this_month" / "当月" / "of the same month",
        /// The quarter that the round lies in, up to the moment of freezing.
        ThisQuarter = "this_quarter" / "本季度" / "of the same quarter",
    }
}

words! {
    /// What a rule counts.
    pub enum Take {
        /// The things that are drawn.
        Items = "items" / "件" / "items",
        /// Squads of which at least one thing is drawn.
        Squads = "squads" / "个中队" / "squads",
        /// Frontline officers who took part in at least one thing that is drawn.
        Officers = "officers" / "名一线执法队员" / "frontline officers",
    }
}

words! {
    /// What a share of items is a share of.
    pub enum ShareOf {
        /// Of the population that is looked at.
        Population = "population" / "总数" / "of them",
        /// Of all cases of the round's base time: filed in it, or with a stage that began in it.
        Cases = "cases" / "案件总数" / "of all cases",
    }
}

words! {
    /// Within which time a quota has to be reached.
    pub enum Within {
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

words! {
    /// Of whom a quota of items has to be reached.
    pub enum Each {
        /// Of every squad by itself.
        Squad = "squad" / "每个中队" / "of each squad",
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

impl Every {
    /// Whether there is a round in this month.
    pub fn has_round(self, month: Month) -> bool {
        match self {
            Self::Month => true,
            Self::Quarter => month.number().is_multiple_of(3),
        }
    }
}

impl Base {
    /// First and last month of the base time of a round.
    pub fn months(self, month: Month) -> (Month, Month) {
        match self {
            Self::LastMonth => (month.previous(), month.previous()),
            Self::ThisMonth => (month, month),
            Self::ThisQuarter => (Within::Quarter.months(month).first().copied().unwrap_or(month), month),
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
    /// Its quotas, in the order in which they are met.
    #[serde(rename = "rule")]
    pub rules: Vec<Rule>,
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
    /// What is wrong with the check: the rule, if it is one of them; the key; what to write instead.
    pub(super) fn check(&self) -> Result<(), (Option<usize>, &'static str, String)> {
        if self.rules.is_empty() {
            return Err((None, "kind", "a check without a [[check.rule]] draws nothing: write one".into()));
        }
        if self.every == Every::Month && self.base == Base::ThisQuarter {
            return Err((
                None,
                "base",
                "monthly rounds over a quarter would look at the same things again: write base = \"last_month\", \
                 or every = \"quarter\""
                    .into(),
            ));
        }
        if self.every == Every::Quarter && self.base != Base::ThisQuarter {
            return Err((
                None,
                "base",
                "a round a quarter that looks at one month never sees the others: write base = \"this_quarter\", \
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
