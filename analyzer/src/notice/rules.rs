//! What a policy says about notices: the block `[notices]`.

use std::collections::BTreeMap;

use catalog::notice::NoticeKind;
use serde::{Deserialize, Serialize};

use crate::policy::{Population, Source, within};

/// How notices look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormRules {
    /// Name of the bureau that sends them.
    pub issuer: String,
    /// The number, with `{word}`, `{year}` and `{serial}` in place of the kind's word and the figures.
    pub number: String,
    /// Where it comes from.
    #[serde(flatten)]
    pub source: Source,
}

/// One kind of notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindRules {
    /// The word for the kind in the number.
    pub word: String,
    /// From so many irregular items of one round on; absent: not for these.
    pub irregular_at_least: Option<u32>,
    /// From so many missing items of one round on; absent: not for these.
    pub missing_at_least: Option<u32>,
    /// Days to answer.
    pub reply_days: u32,
    /// Whether a public text gives these days.
    #[serde(default)]
    pub reply_days_confirmed: bool,
    /// What follows if it goes unanswered; absent: nothing.
    pub escalates_to: Option<NoticeKind>,
    /// Whether it may only be issued once the bureau's party committee agreed.
    #[serde(default)]
    pub needs_approval: bool,
    /// Who gets a copy.
    #[serde(default)]
    pub copies: Vec<String>,
    /// What it asks for.
    pub demand: String,
    /// What it asks for where no recording is at issue, but a file, a review, a complaint; absent: the same.
    pub demand_otherwise: Option<String>,
    /// Where it comes from.
    #[serde(flatten)]
    pub source: Source,
}

/// The block `[notices]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeRules {
    /// How they look.
    pub form: FormRules,
    /// The kinds that the plan has.
    pub kinds: BTreeMap<NoticeKind, KindRules>,
}

impl KindRules {
    /// What a notice of what a check of this kind found asks for.
    pub fn demand_after(&self, kind: Population) -> &str {
        match &self.demand_otherwise {
            Some(demand) if !kind.is_of_recordings() => demand,
            _ => &self.demand,
        }
    }
}

impl NoticeRules {
    /// The rules of a kind; `None` if the plan does not have it.
    pub fn of(&self, kind: NoticeKind) -> Option<&KindRules> {
        self.kinds.get(&kind)
    }

    /// The number of a notice of this kind and year, with `{serial}` where the serial goes.
    pub fn pattern(&self, kind: NoticeKind, year: i32) -> String {
        let word = self.of(kind).map_or("", |rules| rules.word.as_str());
        self.form.number.replace("{word}", word).replace("{year}", &year.to_string())
    }

    /// The gravest kind that so many items of one round call for.
    pub fn called_for(&self, irregular: u32, missing: u32) -> Option<NoticeKind> {
        let reached = |least: Option<u32>, count: u32| least.is_some_and(|least| count >= least);
        self.kinds
            .iter()
            .rev()
            .find(|(_, rules)| {
                reached(rules.irregular_at_least, irregular) || reached(rules.missing_at_least, missing)
            })
            .map(|(kind, _)| *kind)
    }

    /// What is wrong with the figures, if anything: the path of the key, and what to write.
    pub(crate) fn check(&self) -> Result<(), (Vec<String>, String)> {
        let at = |path: &[&str]| path.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
        for field in ["{word}", "{year}", "{serial}"] {
            if !self.form.number.contains(field) {
                let message = format!("the number lacks {field}: write it where that goes");
                return Err((at(&["form", "number"]), message));
            }
        }
        let mut words: BTreeMap<&str, NoticeKind> = BTreeMap::new();
        for (kind, rules) in &self.kinds {
            let code = kind.as_str();
            within(&["kinds", code, "reply_days"], u64::from(rules.reply_days), (1, 365))?;
            for (key, least) in [
                ("irregular_at_least", rules.irregular_at_least),
                ("missing_at_least", rules.missing_at_least),
            ] {
                if let Some(least) = least {
                    within(&["kinds", code, key], u64::from(least), (1, 100_000))?;
                }
            }
            if let Some(next) = rules.escalates_to
                && (next <= *kind || !self.kinds.contains_key(&next))
            {
                let graver: Vec<&str> =
                    self.kinds.keys().filter(|other| *other > kind).map(|other| other.as_str()).collect();
                let message = if graver.is_empty() {
                    format!("escalates_to = {next}: no graver kind stands in this plan; leave it out")
                } else {
                    format!(
                        "escalates_to = {next}: write a graver kind that the plan has: {}",
                        graver.join(", ")
                    )
                };
                return Err((at(&["kinds", code, "escalates_to"]), message));
            }
            if let Some(other) = words.insert(rules.word.as_str(), *kind) {
                let message =
                    format!("word = {:?} is that of {other}, too: their numbers would be alike", rules.word);
                return Err((at(&["kinds", code, "word"]), message));
            }
        }
        Ok(())
    }
}
