//! A policy as people read it: each figure in words, with the clause it rests on and its status.
//!
//! Checks and the return have sentences of their own. Everything else is walked through as it stands in the
//! file, with words from a table (`wording`); a figure that the table does not know yet is shown by its key, so
//! that none is ever left out.

use serde::Serialize;
use toml::{Table, Value};

use super::wording::{in_words, value_in_words};
use super::{Check, Policy, Rule, ShareOf, Source, Status, Take, Within};

/// The order in which people read the blocks; others follow by name.
const ORDER: [&str; 16] = [
    "obligations",
    "tolerances",
    "clock",
    "inspect",
    "excuses",
    "crew",
    "session",
    "upload",
    "reconcile",
    "fixity",
    "retention",
    "review",
    "notices",
    "scores",
    "schedule",
    "drone_coverage",
];

/// Blocks that have sentences of their own, and what stands in the heading.
const SAID_BEFORE: [&str; 6] = ["name", "district", "title", "document", "check", "return"];

/// One figure of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleLine {
    /// Where it stands: `check.recordings.squads`, `return.due_day`.
    pub name: String,
    /// What it says, in English.
    pub says: String,
    /// The same in Chinese.
    pub says_zh: String,
    /// Where it comes from.
    #[serde(flatten)]
    pub source: Source,
}

/// All figures of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Name of the policy.
    pub name: String,
    /// The district.
    pub district: String,
    /// Title of the plan.
    pub title: String,
    /// Number of the document.
    pub document: String,
    /// The figures: quotas first, then the return, then the other blocks.
    pub rules: Vec<RuleLine>,
    /// How many of them no public text confirms.
    pub to_be_confirmed: usize,
}

impl Policy {
    /// All figures in words.
    pub fn summary(&self) -> Summary {
        let mut rules = Vec::new();
        for check in &self.checks {
            check.say(&mut rules);
        }
        self.say_return(&mut rules);
        // What was read can be written, and a policy is a table.
        if let Ok(Value::Table(mut blocks)) = Value::try_from(self) {
            for name in SAID_BEFORE {
                blocks.remove(name);
            }
            for name in ORDER {
                if let Some(block) = blocks.remove(name) {
                    say(name, &block, None, &mut rules);
                }
            }
            for (name, block) in &blocks {
                say(name, block, None, &mut rules);
            }
        }
        let to_be_confirmed =
            rules.iter().filter(|rule: &&RuleLine| rule.source.status == Status::ToBeConfirmed).count();
        Summary {
            name: self.name.clone(),
            district: self.district.clone(),
            title: self.title.clone(),
            document: self.document.clone(),
            rules,
            to_be_confirmed,
        }
    }

    fn say_return(&self, rules: &mut Vec<RuleLine>) {
        let due = &self.monthly_return;
        let mut add = |name: &str, says: String, says_zh: String, source: &Source| {
            rules.push(RuleLine { name: format!("return.{name}"), says, says_zh, source: source.clone() });
        };
        add(
            "due_day",
            format!("the return is due on day {} of the month", due.due_day),
            format!("每月{}日前报送", due.due_day),
            &due.source,
        );
        add("title", format!("its title: {}", due.title), format!("标题：{}", due.title), &due.source);
        add(
            "sentence",
            format!("it reads: {}", due.sentence),
            format!("填报：{}", due.sentence),
            due.sentence_source.as_ref().unwrap_or(&due.source),
        );
    }
}

impl Check {
    fn say(&self, rules: &mut Vec<RuleLine>) {
        for rule in &self.rules {
            rules.push(RuleLine {
                name: format!("check.{}.{}", self.kind, rule.id),
                says: rule.in_english(self),
                says_zh: rule.in_chinese(self),
                source: rule.source.clone(),
            });
        }
        // These have no clause of their own: they follow from how the check is done.
        let Some(source) = self.rules.first().map(|rule| &rule.source) else { return };
        let mut add = |key: &str, says: String, says_zh: String| {
            let name = format!("check.{}.{key}", self.kind);
            rules.push(RuleLine { name, says, says_zh, source: source.clone() });
        };
        if !self.counts_squads_alone() {
            let codes: Vec<&str> = self.unit_kinds.iter().map(|kind| kind.as_str()).collect();
            let zh: Vec<&str> = self.unit_kinds.iter().map(|kind| kind.zh()).collect();
            add(
                "unit_kinds",
                format!("units counted: {}", codes.join(", ")),
                format!("统计单位：{}", zh.join("、")),
            );
        }
        if let Some(day) = self.freeze_day {
            add("freeze_day", format!("its list is closed on day {day}"), format!("每次于{day}日冻结名单"));
        }
        if let Some(source) = &self.seed_source {
            add("seed_source", format!("its seed: {source}"), format!("种子产生方式：{source}"));
        }
    }
}

/// Says every figure of a block, and of the blocks in it; `source` is that of the block around it.
fn say(path: &str, value: &Value, source: Option<&Source>, rules: &mut Vec<RuleLine>) {
    match value {
        Value::Table(table) => {
            let own: Option<Source> = Value::Table(table.clone()).try_into().ok();
            let source = own.as_ref().or(source);
            let figures: Vec<_> = table.iter().filter(|(key, _)| !is_of_source(key)).collect();
            // A block that is one length is called by its own name.
            let one = figures.len() == 1;
            for (key, value) in figures {
                let below = format!("{path}.{key}");
                match (has_source(value), source) {
                    (false, Some(source)) => {
                        let name = if one && is_length(key) { path } else { &below };
                        say_figure(name, &below, value, source, rules);
                    }
                    _ => say(&below, value, source, rules),
                }
            }
        }
        Value::Array(list) => {
            for (number, value) in (1..).zip(list) {
                say(&format!("{path}.{number}"), value, source, rules);
            }
        }
        _ => {}
    }
}

fn say_figure(name: &str, path: &str, value: &Value, source: &Source, rules: &mut Vec<RuleLine>) {
    // What is written out though nobody asked for it needs no line.
    let by_default = ["needs_approval", "reply_days_confirmed"].iter().any(|key| path.ends_with(key));
    if matches!(value, Value::Boolean(false)) && by_default || value.as_array().is_some_and(Vec::is_empty) {
        return;
    }
    let (en, zh) = value_in_words(path, value);
    let (says, says_zh) = match in_words(path) {
        Some((in_english, in_chinese)) => (in_english.replace("{}", &en), in_chinese.replace("{}", &zh)),
        None => (format!("{path} = {en}"), format!("{path} = {zh}")),
    };
    rules.push(RuleLine { name: name.to_owned(), says, says_zh, source: source.clone() });
}

fn is_length(key: &str) -> bool {
    matches!(key, "milliseconds" | "days" | "percent")
}

fn is_of_source(key: &str) -> bool {
    matches!(key, "clause" | "words" | "status")
}

/// Whether a clause stands in it, or in a block within it.
fn has_source(value: &Value) -> bool {
    let of_table = |table: &Table| table.contains_key("clause") || table.values().any(has_source);
    match value {
        Value::Table(table) => of_table(table),
        Value::Array(list) => list.iter().any(has_source),
        _ => false,
    }
}

impl Rule {
    /// The rule in English: `in each round at least 10 % of all cases (recordings of the month before)`.
    pub fn in_english(&self, check: &Check) -> String {
        let within = self.within.en();
        let squads = check.counts_squads_alone();
        let counted = |take: Take| if take == Take::Squads && !squads { "units" } else { take.en() };
        let what = match (self.take, self.percent, self.count) {
            (Take::Items, Some(percent), _) => match self.of {
                ShareOf::Cases => format!("{percent} % of the number of all cases"),
                ShareOf::Population => format!("{percent} % of them"),
            },
            (take, Some(percent), _) => format!("{percent} % of all {}", counted(take)),
            (take, None, count) => format!("{} {}", count.unwrap_or(0), counted(take)),
        };
        let each = self.each.map_or("", |_| if squads { ", of each squad" } else { ", of each unit" });
        let repeats = self
            .repeats_at_least
            .map_or_else(String::new, |n| format!(", among those made {n} times or more"));
        format!(
            "{} {}, a round {}: {within} at least {what}{each}{repeats}",
            check.kind.en(),
            check.base.en(),
            check.every.en()
        )
    }

    /// The rule in Chinese.
    pub fn in_chinese(&self, check: &Check) -> String {
        let within = match self.within {
            Within::Round => "每次".to_owned(),
            other => other.zh().to_owned(),
        };
        let (unit, each_unit) =
            if check.counts_squads_alone() { ("中队", "每个中队") } else { ("单位", "每个单位") };
        let each = self.each.map_or("", |_| each_unit);
        let repeats = self.repeats_at_least.map_or_else(String::new, |n| format!("其中重复{n}次及以上的，"));
        let what = match (self.take, self.percent, self.count) {
            (Take::Items, Some(percent), _) => match self.of {
                ShareOf::Cases => format!("不少于案件总数的{percent}%"),
                ShareOf::Population => format!("不少于总数的{percent}%"),
            },
            (Take::Squads, Some(100), _) => format!("覆盖所有{unit}"),
            (Take::Officers, Some(100), _) => "覆盖全部一线执法队员".to_owned(),
            (Take::Squads, Some(percent), _) => format!("{unit}数不少于{percent}%"),
            (Take::Squads, None, count) => format!("不少于{}个{unit}", count.unwrap_or(0)),
            (Take::Officers, Some(percent), _) => format!("一线执法队员不少于{percent}%"),
            (take, None, count) => format!("不少于{}{}", count.unwrap_or(0), take.zh()),
        };
        format!(
            "{}抽查{}{}：{repeats}{within}{each}{what}",
            check.every.zh(),
            check.base.zh(),
            check.kind.zh()
        )
    }
}
