//! A policy: one district's rules for one year, as data.
//!
//! No quota, deadline or tolerance stands in code. Each comes from a TOML file in `policies/`, with
//! the clause it rests on and its words; a figure that no public text confirms says `待核` (to be
//! confirmed), and whatever shows the figure shows that too.

use std::collections::BTreeSet;
use std::fmt;

use catalog::Micros;
use catalog::case::StageKind;
use catalog::excuse::ExcuseReason;
use catalog::inspection::InspectOptions;
use serde::{Deserialize, Serialize};

use crate::fixity::FixityRules;
use crate::notice::NoticeRules;
use crate::retention::RetentionRules;
use crate::review::ReviewRules;
use crate::sample::DEFAULT_SEED_SOURCE;
use crate::schedule::ScheduleRules;
use crate::score::ScoreRules;
use place::{Step, keys, line_and_column, unknown_key};

mod checks;
mod custody;
mod drone;
mod place;
mod summary;
#[cfg(test)]
mod tests;
mod wording;

pub use checks::{Base, CORE, Check, Each, Every, Population, Rule, ShareOf, Take, Within};
pub use custody::{CrewRule, Days, HeldRules, ReconcileRules, SessionRules, UploadRules};
pub use drone::{Camera, DroneRules, FlightVideo, Grid, Sight, StatedSwath, Target};
pub use summary::{RuleLine, Summary};

/// The policies that come with the program, by name.
const BUILT_IN: &[(&str, &str)] = &[
    ("jingan-2024", include_str!("../../../policies/jingan-2024.toml")),
    ("pudong-2023", include_str!("../../../policies/pudong-2023.toml")),
    ("qingpu-2023", include_str!("../../../policies/qingpu-2023.toml")),
];

/// Whether a public text confirms a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// A public text says so.
    #[serde(rename = "confirmed")]
    Confirmed,
    /// A default, until the user confirms it.
    #[serde(rename = "待核")]
    ToBeConfirmed,
}

/// Where a rule comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The clause.
    pub clause: String,
    /// Its words.
    pub words: String,
    /// Whether a public text confirms the figure; a rule that names its words is confirmed by default.
    #[serde(default = "confirmed")]
    pub status: Status,
}

fn confirmed() -> Status {
    Status::Confirmed
}

/// A length of time that a rule sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Length {
    milliseconds: u32,
    /// Where it comes from.
    #[serde(flatten)]
    pub source: Source,
}

impl Length {
    /// The length.
    pub fn us(&self) -> Micros {
        Micros::from_ms(i64::from(self.milliseconds))
    }
}

/// Which stages must be recorded in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Obligations {
    /// Kinds of stages.
    pub stages: BTreeSet<StageKind>,
    /// Where it comes from.
    #[serde(flatten)]
    pub source: Source,
}

/// How exact a recording must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tolerances {
    /// How late recording may begin.
    pub late_start: Length,
    /// How early it may stop.
    pub early_stop: Length,
    /// How long it may break off in between.
    pub gap: Length,
    /// How long there may be a picture without sound.
    pub no_audio: Length,
    /// How long nothing may be seen.
    pub black: Length,
    /// How long the picture may stand still.
    pub frozen: Length,
    /// How long nothing may be heard.
    pub silent: Length,
    /// How long after its own start an unreadable file may still stand for a stage.
    pub unreadable_reach: Length,
}

/// What a black picture is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlackRule {
    /// A pixel is black up to this share of the range from black to white, in parts per million.
    pub level_ppm: u32,
    /// A picture is black when at least this share of its pixels is, in parts per million.
    pub area_ppm: u32,
    /// For how long at least, and where it comes from.
    #[serde(flatten)]
    pub length: Length,
}

/// What a frozen picture is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenRule {
    /// By how much equal pictures may differ on average, in parts per million of the range.
    pub noise_ppm: u32,
    /// For how long at least, and where it comes from.
    #[serde(flatten)]
    pub length: Length,
}

/// What silence is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SilentRule {
    /// Up to which share of full scale a sample is silent, in parts per million.
    pub level_ppm: u32,
    /// For how long at least, and where it comes from.
    #[serde(flatten)]
    pub length: Length,
}

/// What counts as black, frozen, silent when a recording is decoded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InspectRules {
    /// Black, or a covered lens.
    pub black: BlackRule,
    /// A picture that stands still.
    pub frozen: FrozenRule,
    /// Nothing to be heard.
    pub silent: SilentRule,
}

impl InspectRules {
    /// The figures, as whoever decodes needs them.
    pub fn options(&self) -> InspectOptions {
        InspectOptions {
            black_min_us: self.black.length.us(),
            black_level_ppm: self.black.level_ppm,
            black_area_ppm: self.black.area_ppm,
            frozen_min_us: self.frozen.length.us(),
            frozen_noise_ppm: self.frozen.noise_ppm,
            silent_min_us: self.silent.length.us(),
            silent_level_ppm: self.silent.level_ppm,
        }
    }
}

/// How wrong a device's clock may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockRules {
    /// By how much a clock may drift in a day.
    pub drift_per_day: Length,
    /// The bound for a device whose last synchronisation is not known.
    pub never_synced: Length,
    /// How far two sources of one start time may differ.
    pub disagreement: Length,
}

/// Which reasons excuse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excuses {
    /// The reasons.
    pub reasons: BTreeSet<ExcuseReason>,
    /// Where it comes from.
    #[serde(flatten)]
    pub source: Source,
}

/// The monthly return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnRules {
    /// Day of the month by which it is due.
    pub due_day: u32,
    /// Its title.
    pub title: String,
    /// Its sentence, with `{sampled}`, `{irregular}` and `{missing}` in place of the figures.
    pub sentence: String,
    /// Where the due day comes from, and the sentence unless [`Self::sentence_source`] says otherwise.
    #[serde(flatten)]
    pub source: Source,
    /// Where the sentence comes from, if not from the same clause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sentence_source: Option<Source>,
}

/// One district's rules for one year.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Name, as commands take it.
    pub name: String,
    /// The district.
    pub district: String,
    /// Title of the plan it comes from.
    pub title: String,
    /// Number of the document.
    pub document: String,
    /// Which stages must be recorded.
    pub obligations: Obligations,
    /// How exact a recording must be.
    pub tolerances: Tolerances,
    /// What counts as black, frozen, silent.
    pub inspect: InspectRules,
    /// How wrong a clock may be.
    pub clock: ClockRules,
    /// Which reasons excuse.
    pub excuses: Excuses,
    /// What is checked, and how much of it.
    #[serde(rename = "check")]
    pub checks: Vec<Check>,
    /// How many officers must record at a time.
    pub crew: Option<CrewRule>,
    /// How files of one device follow one another.
    pub session: Option<SessionRules>,
    /// Until when a recording must be stored.
    pub upload: Option<UploadRules>,
    /// How what devices say is compared with what is stored.
    pub reconcile: Option<ReconcileRules>,
    /// How often stored footage is read again; `None`: nothing says so.
    pub fixity: Option<FixityRules>,
    /// For how long footage is kept; `None`: nothing says so.
    pub retention: Option<RetentionRules>,
    /// The monthly return.
    #[serde(rename = "return")]
    pub monthly_return: ReturnRules,
    /// Review by people; `None`: there is none under this policy.
    pub review: Option<ReviewRules>,
    /// Notices; `None`: there are none under this policy.
    pub notices: Option<NoticeRules>,
    /// Red, yellow and blue; `None`: there are none under this policy.
    pub scores: Option<ScoreRules>,
    /// What is done by itself, and when; `None`: nothing is.
    pub schedule: Option<ScheduleRules>,
    /// Drone coverage; `None` where the district has set no goal for it.
    pub drone_coverage: Option<DroneRules>,
}

/// Why a policy cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// There is no policy of this name.
    #[error(
        "there is no policy `{name}`: the built-in ones are {known}; a policy of your own is named by its file"
    )]
    Unknown {
        /// The name that was given.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The file is no valid policy.
    #[error("policy {origin}: line {line}, column {column}: {message}")]
    Invalid {
        /// Name or file.
        origin: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1, in characters.
        column: usize,
        /// What is wrong, and what to write instead.
        message: String,
    },
}

impl Policy {
    /// The names of the policies that come with the program.
    pub fn built_in_names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// The text of a policy that comes with the program; `None` if there is none of this name.
    pub fn built_in_text(name: &str) -> Option<&'static str> {
        BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
    }

    /// A policy that comes with the program.
    pub fn built_in(name: &str) -> Result<Self, PolicyError> {
        let (_, text) = BUILT_IN.iter().find(|(known, _)| *known == name).ok_or_else(|| {
            let known = Self::built_in_names().collect::<Vec<_>>().join(", ");
            PolicyError::Unknown { name: name.to_owned(), known }
        })?;
        Self::parse(name, text)
    }

    /// Reads a policy from TOML; `origin` is what messages call it.
    ///
    /// # Errors
    /// [`PolicyError::Invalid`] says line and column, what is wrong there and what to write instead. A key
    /// that means nothing is an error: a misspelt quota must not be silently without effect.
    pub fn parse(origin: &str, text: &str) -> Result<Self, PolicyError> {
        let invalid = |(line, column): (usize, usize), message: String| PolicyError::Invalid {
            origin: origin.to_owned(),
            line,
            column,
            message,
        };
        let policy: Self = toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            invalid(place::of_offset(text, offset), error.message().to_owned())
        })?;
        if let Some((path, beside)) = policy.unknown_key(text) {
            let name = match path.last() {
                Some(Step::Key(name)) => name.clone(),
                _ => String::new(),
            };
            let message = format!("unknown key `{name}`; the keys here are {}", beside.join(", "));
            return Err(invalid(line_and_column(text, &path), message));
        }
        policy.check().map_err(|(path, message)| invalid(line_and_column(text, &path), message))?;
        Ok(policy)
    }

    /// The check of this kind; `None` if the plan has none.
    pub fn check_of(&self, kind: Population) -> Option<&Check> {
        self.checks.iter().find(|check| check.kind == kind)
    }

    /// How the seed of a round of this kind comes about.
    pub fn seed_source(&self, kind: Population) -> &str {
        let of_check = self.check_of(kind).and_then(|check| check.seed_source.as_deref());
        let of_schedule = self.schedule.as_ref().and_then(|rules| rules.seed_source.as_deref());
        of_check.or(of_schedule).unwrap_or(DEFAULT_SEED_SOURCE)
    }

    /// A key of the file that was read and means nothing, with the keys that do.
    fn unknown_key(&self, text: &str) -> Option<(Vec<Step>, Vec<String>)> {
        let found: toml::Value = toml::from_str(text).ok()?;
        let known = toml::Value::try_from(self).ok()?;
        unknown_key(&found, &known)
    }

    fn check(&self) -> Result<(), (Vec<Step>, String)> {
        let wrong = |path: &[&str], message: String| Err((keys(path), message));
        if self.name.is_empty() || self.name.chars().any(|c| c.is_control() || c == ':' || c == '/') {
            return wrong(&["name"], "write a name without `/` and `:`, such as \"jingan-2024\"".into());
        }
        if self.obligations.stages.is_empty() {
            return wrong(
                &["obligations", "stages"],
                "names no stage: then nothing would have to be recorded; name at least one".into(),
            );
        }
        let InspectRules { black, frozen, silent } = &self.inspect;
        for (rule, figure, ppm) in [
            ("black", "level_ppm", black.level_ppm),
            ("black", "area_ppm", black.area_ppm),
            ("frozen", "noise_ppm", frozen.noise_ppm),
            ("silent", "level_ppm", silent.level_ppm),
        ] {
            if !(1..=1_000_000).contains(&ppm) {
                let message = format!("{figure} = {ppm}: write a number from 1 to 1000000");
                return wrong(&["inspect", rule, figure], message);
            }
        }
        for (rule, length) in
            [("black", &black.length), ("frozen", &frozen.length), ("silent", &silent.length)]
        {
            if length.us() < Micros::from_ms(500) {
                return wrong(&["inspect", rule, "milliseconds"], "write 500 or more".into());
            }
        }
        for (i, check) in self.checks.iter().enumerate() {
            let path = |rule: Option<usize>, key: &str| {
                let mut path = vec![Step::Key("check".into()), Step::Entry(i)];
                path.extend(rule.into_iter().flat_map(|rule| [Step::Key("rule".into()), Step::Entry(rule)]));
                path.push(Step::Key(key.to_owned()));
                path
            };
            if self.checks.iter().take(i).any(|other| other.kind == check.kind) {
                let message = format!(
                    "there is a check of {} already: write its rules under that one",
                    check.kind.as_str()
                );
                return Err((path(None, "kind"), message));
            }
            check.check().map_err(|(rule, key, message)| (path(rule, key), message))?;
        }
        if !(1..=28).contains(&self.monthly_return.due_day) {
            let message = format!(
                "due_day = {}: write a day from 1 to 28, which every month has",
                self.monthly_return.due_day
            );
            return wrong(&["return", "due_day"], message);
        }
        self.check_blocks()?;
        if let Some(rules) = &self.drone_coverage {
            rules.check().map_err(|(keys, message)| {
                let path = std::iter::once("drone_coverage").chain(keys);
                (path.map(|key| Step::Key(key.to_owned())).collect(), message)
            })?;
        }
        for field in ["{sampled}", "{irregular}", "{missing}"] {
            if !self.monthly_return.sentence.contains(field) {
                return wrong(
                    &["return", "sentence"],
                    format!("the sentence lacks {field}: write it where the figure goes"),
                );
            }
        }
        Ok(())
    }
}

impl Policy {
    /// What is wrong with the blocks that a policy may leave out: the path of the key, and what to write.
    fn check_blocks(&self) -> Result<(), (Vec<Step>, String)> {
        type Wrong = (Vec<String>, String);
        let no_rules = Ok::<(), Wrong>(());
        for (block, checked) in [
            ("crew", self.crew.as_ref().map_or(no_rules.clone(), CrewRule::check)),
            ("session", self.session.as_ref().map_or(no_rules.clone(), SessionRules::check)),
            ("upload", self.upload.as_ref().map_or(no_rules.clone(), UploadRules::check)),
            ("reconcile", self.reconcile.as_ref().map_or(no_rules.clone(), ReconcileRules::check)),
            ("fixity", self.fixity.as_ref().map_or(no_rules.clone(), FixityRules::check)),
            ("retention", self.retention.as_ref().map_or(no_rules.clone(), RetentionRules::check)),
            ("review", self.review.as_ref().map_or(no_rules.clone(), ReviewRules::check)),
            ("notices", self.notices.as_ref().map_or(no_rules.clone(), NoticeRules::check)),
            ("scores", self.scores.as_ref().map_or(no_rules.clone(), ScoreRules::check)),
        ] {
            checked.map_err(|(path, message)| {
                let path = std::iter::once(block.to_owned()).chain(path);
                (path.map(Step::Key).collect(), message)
            })?;
        }
        let Some(schedule) = &self.schedule else { return Ok(()) };
        let due_day = self.monthly_return.due_day;
        schedule.check(due_day).map_err(|(key, message)| (keys(&["schedule", key]), message))?;
        for (i, check) in self.checks.iter().enumerate() {
            let Some(day) = check.freeze_day else { continue };
            schedule.check_day("freeze_day", day, due_day).map_err(|(key, message)| {
                (vec![Step::Key("check".into()), Step::Entry(i), Step::Key(key.to_owned())], message)
            })?;
        }
        Ok(())
    }
}

/// One figure that has to lie between two others; the path of its key for the message.
pub(crate) fn within(
    path: &[&str],
    value: u64,
    (low, high): (u64, u64),
) -> Result<(), (Vec<String>, String)> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    let key = path.last().copied().unwrap_or_default();
    let path = path.iter().map(|key| (*key).to_owned()).collect();
    Err((path, format!("{key} = {value}: write {low} to {high}")))
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
