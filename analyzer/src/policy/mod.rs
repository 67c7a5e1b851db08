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

/// The policies that come with the program, by name.
const BUILT_IN: &[(&str, &str)] = &[("jingan-2024", include_str!("../../../policies/jingan-2024.toml"))];

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

/// What a share is a share of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShareOf {
    /// The cases of the month before the round.
    CasesOfLastMonth,
}

/// Within which time every squad must have been sampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// January to June, July to December.
    HalfYear,
}

/// How many recordings a round takes at least.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingQuota {
    /// Per cent of `of`, rounded up.
    pub percent: u32,
    /// Of what.
    pub of: ShareOf,
    /// Where it comes from.
    #[serde(flatten)]
    pub source: Source,
}

/// How many squads a round reaches at least.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SquadQuota {
    /// Per cent of all squads, rounded up.
    pub percent: u32,
    /// Within which time every squad is reached.
    pub all_within: Period,
    /// Where it comes from.
    #[serde(flatten)]
    pub source: Source,
}

/// The rules of the monthly sample.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SamplingRules {
    /// How many recordings.
    pub recordings: RecordingQuota,
    /// How many squads.
    pub squads: SquadQuota,
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
    /// Where it comes from.
    #[serde(flatten)]
    pub source: Source,
}

/// One district's rules for one year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The monthly sample.
    pub sampling: SamplingRules,
    /// The monthly return.
    #[serde(rename = "return")]
    pub monthly_return: ReturnRules,
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
    /// The file is no valid policy; the message says line and column.
    #[error("policy {origin}: {message}")]
    Invalid {
        /// Name or file.
        origin: String,
        /// What is wrong, where, and what is expected.
        message: String,
    },
}

impl Policy {
    /// The names of the policies that come with the program.
    pub fn built_in_names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
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
    pub fn parse(origin: &str, text: &str) -> Result<Self, PolicyError> {
        let invalid = |message: String| PolicyError::Invalid { origin: origin.to_owned(), message };
        let policy: Self = toml::from_str(text).map_err(|error| invalid(error.to_string()))?;
        policy.check().map_err(invalid)?;
        Ok(policy)
    }

    fn check(&self) -> Result<(), String> {
        if self.obligations.stages.is_empty() {
            return Err("[obligations] names no stage: then nothing would have to be recorded".into());
        }
        for (rule, percent) in [
            ("sampling.recordings", self.sampling.recordings.percent),
            ("sampling.squads", self.sampling.squads.percent),
        ] {
            if !(1..=100).contains(&percent) {
                return Err(format!("[{rule}] percent = {percent}: expected 1 to 100"));
            }
        }
        let InspectRules { black, frozen, silent } = &self.inspect;
        for (figure, ppm) in [
            ("black] level_ppm", black.level_ppm),
            ("black] area_ppm", black.area_ppm),
            ("frozen] noise_ppm", frozen.noise_ppm),
            ("silent] level_ppm", silent.level_ppm),
        ] {
            if !(1..=1_000_000).contains(&ppm) {
                return Err(format!("[inspect.{figure} = {ppm}: expected 1 to 1000000"));
            }
        }
        for (rule, length) in
            [("black", &black.length), ("frozen", &frozen.length), ("silent", &silent.length)]
        {
            if length.us() < Micros::from_ms(500) {
                return Err(format!("[inspect.{rule}] milliseconds: expected 500 or more"));
            }
        }
        if !(1..=28).contains(&self.monthly_return.due_day) {
            return Err(format!("[return] due_day = {}: expected 1 to 28", self.monthly_return.due_day));
        }
        for field in ["{sampled}", "{irregular}", "{missing}"] {
            if !self.monthly_return.sentence.contains(field) {
                return Err(format!("[return] sentence lacks {field}, where the figure goes"));
            }
        }
        Ok(())
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_policy_is_valid_and_named_as_it_says() {
        for name in Policy::built_in_names() {
            assert_eq!(Policy::built_in(name).unwrap().name, name);
        }
    }

    #[test]
    fn a_mistake_is_named_with_its_place() {
        let good = BUILT_IN[0].1;
        let bad = good.replace("due_day = 24", "due_day = 31");
        assert!(Policy::parse("x.toml", &bad).unwrap_err().to_string().contains("expected 1 to 28"));
        let bad = good.replace("\"seizure\"", "\"seizures\"");
        let error = Policy::parse("x.toml", &bad).unwrap_err().to_string();
        assert!(error.contains("seizures") && error.contains("line"), "{error}");
        let bad = good.replace("[tolerances.gap]", "[tolerances.gaps]");
        assert!(Policy::parse("x.toml", &bad).unwrap_err().to_string().contains("gaps"));
        assert!(Policy::built_in("nowhere-1999").unwrap_err().to_string().contains("jingan-2024"));
    }
}
