//! What a policy says about notices: the block `[notices]`.

use std::collections::BTreeMap;

use catalog::notice::NoticeKind;
use serde::{Deserialize, Serialize};

use crate::policy::Source;

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

    /// What is wrong with the figures, if anything.
    pub(crate) fn check(&self) -> Result<(), String> {
        for field in ["{word}", "{year}", "{serial}"] {
            if !self.form.number.contains(field) {
                return Err(format!("[notices.form] number lacks {field}"));
            }
        }
        for (kind, rules) in &self.kinds {
            let at = format!("[notices.kinds.{kind}]");
            if !(1..=365).contains(&rules.reply_days) {
                return Err(format!("{at} reply_days = {}: expected 1 to 365", rules.reply_days));
            }
            if rules.irregular_at_least == Some(0) || rules.missing_at_least == Some(0) {
                return Err(format!("{at} irregular_at_least, missing_at_least: expected 1 or more"));
            }
            if let Some(next) = rules.escalates_to
                && (next <= *kind || !self.kinds.contains_key(&next))
            {
                return Err(format!("{at} escalates_to = {next}: expected a graver kind that the plan has"));
            }
        }
        let words: std::collections::BTreeSet<_> = self.kinds.values().map(|rules| &rules.word).collect();
        if words.len() < self.kinds.len() {
            return Err("[notices.kinds] two kinds have the same word: their numbers would be alike".into());
        }
        Ok(())
    }
}
