//! What an audit says, as values that serialise to the JSON that scripts rely on.
//!
//! Per obligation the lengths add up to the microsecond: `required_us` = `covered_us` +
//! `tolerated_us` + the lengths of `gaps`. `excused_us` is the part of the gaps that a recorded reason
//! excuses.

use std::collections::BTreeMap;

use catalog::case::StageKind;
use catalog::excuse::ExcuseReason;
use catalog::finding::{Certainty, Finding, FindingCode, GapPlace, Severity};
use catalog::{Interval, Micros, Month, WallTime};
use serde::Serialize;

use crate::clocks::DeviceClock;
use crate::policy::{Source, Status};

/// How an obligation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ObligationStatus {
    /// Recorded from start to end, but for what is tolerated or a clock's error explains.
    Complete,
    /// Some of it certainly is not recorded, or is in a file that cannot be read.
    Partial,
    /// Nothing of it is recorded.
    Missing,
    /// What is not recorded is excused.
    Excused,
}

impl ObligationStatus {
    /// Every status, in order.
    pub const ALL: &'static [Self] = &[Self::Complete, Self::Partial, Self::Missing, Self::Excused];

    /// The stable code, as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::Missing => "missing",
            Self::Excused => "excused",
        }
    }

    /// The Chinese word for it.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Complete => "完整",
            Self::Partial => "不完整",
            Self::Missing => "缺失",
            Self::Excused => "已说明",
        }
    }
}

/// A stretch of an obligation, longer than tolerated, that no recording covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// When it starts.
    pub start: WallTime,
    /// When it ends.
    pub end: WallTime,
    /// How long it is.
    pub length_us: Micros,
    /// Whether it holds wherever within their errors the clocks stood.
    pub certainty: Certainty,
    /// The finding that speaks of it.
    pub code: FindingCode,
    /// Where recording broke off; `None` at the ends of the obligation.
    pub place: Option<GapPlace>,
    /// The reason a person recorded and policy allows.
    pub excused: Option<ExcuseReason>,
}

impl Gap {
    /// The stretch.
    pub fn interval(&self) -> Interval<WallTime> {
        Interval::new(self.start, self.end)
    }
}

/// What a recording does for an obligation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceRole {
    /// Its picture covers some of it.
    Covers,
    /// It is readable and covers nothing: it runs at another time, has no picture, or no known start.
    CoversNothing,
    /// It cannot be read.
    Unreadable,
    /// It is no longer in its store, and covers nothing.
    Gone,
}

/// A recording that belongs to an obligation, by officer, device and time or by a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// Key of the object.
    pub object_key: String,
    /// What it does for the obligation.
    pub role: EvidenceRole,
    /// Whether a person tied it to the stage.
    pub linked: bool,
    /// Serial number of the device; `None` if unknown.
    pub device: Option<String>,
    /// Badge of the officer; `None` if unknown.
    pub badge: Option<String>,
    /// When it began; `None` if nothing tells.
    pub started_at: Option<WallTime>,
    /// How wrong that may be, either way, the device's clock included.
    pub clock_error_us: Micros,
    /// How much of the obligation its picture covers.
    pub covers_us: Micros,
    /// Other recordings that heard the same, where that says more of the clocks than was known; left out of
    /// JSON where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub heard_with: Vec<HeardWith>,
}

/// Another recording in which the same sound was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeardWith {
    /// Key of the other.
    pub object_key: String,
    /// By how much the street was more ahead of this one's stamp than of the other's (less: negative).
    pub ahead_us: Micros,
    /// How wrong that may be, either way.
    pub error_us: Micros,
}

/// The files of one device that are one take, cut into files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Session {
    /// Serial number of the device.
    pub device: String,
    /// When its first file began.
    pub starts_at: WallTime,
    /// When its last file ended.
    pub ends_at: WallTime,
    /// How many files there are.
    pub files: u32,
    /// How many of them reach back into the one before.
    pub overlaps: u32,
    /// The longest seam, as the stamps tell it.
    pub longest_seam_us: Micros,
    /// All seams less all overlaps: by how much the stamps and the packets differ over the session.
    pub drift_us: Micros,
    /// Key of the first file.
    pub first: String,
    /// Key of the last file.
    pub last: String,
}

/// A recording, or a file of a device, with findings that belong to no obligation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outside {
    /// Key of the object; `None` where nothing is stored.
    pub object_key: Option<String>,
    /// Serial number of the device; `None` if nothing names it.
    pub device: Option<String>,
    /// Badge of the officer; `None` if nothing names one.
    pub badge: Option<String>,
    /// Name of the file on the device; `None` where it is stored.
    pub file: Option<String>,
    /// Code of the device's unit; `None` if the device is not known.
    pub unit: Option<String>,
    /// When it began; `None` if nothing tells.
    pub starts_at: Option<WallTime>,
    /// What the evidence failed in.
    pub findings: Vec<Finding>,
}

/// A stage that policy says must be recorded in full, and how far it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Obligation {
    /// `CASE/STAGE`.
    pub id: String,
    /// Case number.
    pub case_no: String,
    /// Number of the stage within its case.
    pub stage_no: u32,
    /// What was done.
    pub kind: StageKind,
    /// Code of the unit that handles the case; `None` if the case is not known.
    pub unit: Option<String>,
    /// When the stage began.
    pub starts_at: WallTime,
    /// When it ended.
    pub ends_at: WallTime,
    /// Badges of the officers.
    pub officers: Vec<String>,
    /// Where.
    pub place: String,
    /// How much had to be recorded.
    pub required_us: Micros,
    /// How much was.
    pub covered_us: Micros,
    /// How much was not, in stretches that are tolerated.
    pub tolerated_us: Micros,
    /// How much was not, in gaps that are excused.
    pub excused_us: Micros,
    /// How it stands.
    pub status: ObligationStatus,
    /// What was not recorded, in order of time.
    pub gaps: Vec<Gap>,
    /// Keys of the stored recordings that belong to it, those included that cover nothing; in order.
    pub recordings: Vec<String>,
    /// These recordings, and those that are gone, with what they do for it.
    pub evidence: Vec<Evidence>,
    /// Those of them that are one take of several files.
    pub sessions: Vec<Session>,
    /// Links to objects that the catalog does not know.
    pub unresolved_links: Vec<String>,
    /// What the evidence failed in.
    pub findings: Vec<Finding>,
}

impl Obligation {
    /// The time that had to be recorded.
    pub fn interval(&self) -> Interval<WallTime> {
        Interval::new(self.starts_at, self.ends_at)
    }
}

/// How many findings of one code there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct FindingTotals {
    /// All of them.
    pub total: u64,
    /// Those that count as missing.
    pub missing: u64,
    /// Those that count as irregular.
    pub irregular: u64,
    /// Those that are only worth knowing.
    pub notice: u64,
    /// Those, of any severity, that are excused.
    pub excused: u64,
}

/// Sums over obligations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// How many there are.
    pub obligations: u64,
    /// How many are complete.
    pub complete: u64,
    /// How many are partial.
    pub partial: u64,
    /// How many are missing.
    pub missing: u64,
    /// How many are excused.
    pub excused: u64,
    /// How much had to be recorded.
    pub required_us: Micros,
    /// How much was.
    pub covered_us: Micros,
    /// How much was not, in stretches that are tolerated.
    pub tolerated_us: Micros,
    /// How much was not, in gaps that are excused.
    pub excused_us: Micros,
    /// Findings by code; codes without any are left out.
    pub findings: BTreeMap<FindingCode, FindingTotals>,
}

impl Totals {
    /// Adds one obligation.
    pub(super) fn add(&mut self, obligation: &Obligation) {
        self.obligations += 1;
        *match obligation.status {
            ObligationStatus::Complete => &mut self.complete,
            ObligationStatus::Partial => &mut self.partial,
            ObligationStatus::Missing => &mut self.missing,
            ObligationStatus::Excused => &mut self.excused,
        } += 1;
        self.required_us += obligation.required_us;
        self.covered_us += obligation.covered_us;
        self.tolerated_us += obligation.tolerated_us;
        self.excused_us += obligation.excused_us;
        count(&mut self.findings, &obligation.findings);
    }
}

/// Adds findings to the sums by code.
pub(super) fn count(totals: &mut BTreeMap<FindingCode, FindingTotals>, findings: &[Finding]) {
    for finding in findings {
        let totals = totals.entry(finding.kind.code()).or_default();
        totals.total += 1;
        *match finding.severity {
            Severity::Missing => &mut totals.missing,
            Severity::Irregular => &mut totals.irregular,
            Severity::Notice => &mut totals.notice,
        } += 1;
        totals.excused += u64::from(finding.excused.is_some());
    }
}

/// The sums of one unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnitTotals {
    /// Code of the unit that handles the cases; `None` for cases that are not known.
    pub unit: Option<String>,
    /// Its name; `None` if the unit is not known.
    pub name: Option<String>,
    /// Its sums.
    #[serde(flatten)]
    pub totals: Totals,
}

/// A figure of the policy that no public text confirms and that this audit rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnconfirmedFigure {
    /// Where it stands in the policy's file.
    pub figure: &'static str,
    /// The length, where it is one.
    pub value_us: Option<Micros>,
    /// The clause it is thought to come from.
    pub clause: String,
    /// What is known of its words.
    pub words: String,
}

impl UnconfirmedFigure {
    /// Those among figures of a policy, each with where it stands and its length, that no public text confirms.
    pub(crate) fn among(figures: Vec<(&'static str, Option<Micros>, Source)>) -> Vec<Self> {
        figures
            .into_iter()
            .filter(|(_, _, source)| source.status == Status::ToBeConfirmed)
            .map(|(figure, value_us, Source { clause, words, .. })| Self { figure, value_us, clause, words })
            .collect()
    }
}

/// The audit of one month under one policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Audit {
    /// The month.
    pub month: Month,
    /// Name of the policy.
    pub policy: String,
    /// The moment as of which the month was looked at.
    pub as_of: WallTime,
    /// Every obligation that had ended by then, by case number and number of the stage.
    pub obligations: Vec<Obligation>,
    /// Recordings and files of devices with findings that belong to no obligation: first those that are
    /// stored, by key, then those that are not, by device and start.
    pub outside: Vec<Outside>,
    /// Sums over all obligations.
    pub totals: Totals,
    /// The findings in `outside` by code; codes without any are left out.
    pub outside_findings: BTreeMap<FindingCode, FindingTotals>,
    /// Sums of each unit, by code.
    pub units: Vec<UnitTotals>,
    /// What is known of devices' clocks, by serial number: those with satellite time beside their own.
    pub clocks: Vec<DeviceClock>,
    /// The figures of the policy, used here, that are 待核 (to be confirmed).
    pub to_be_confirmed: Vec<UnconfirmedFigure>,
}
