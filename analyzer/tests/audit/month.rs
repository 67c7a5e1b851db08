//! A small builder of months: 6 May 2024, one squad, officers 1001 and 1002 with a recorder each, and
//! a drone that 1001 flies. All clocks were set exactly at 08:00 that day.

use std::fmt::Write as _;

use analyzer::audit::{Audit, Obligation, audit};
use analyzer::policy::Policy;
use catalog::case::{Case, Link, Procedure, Stage, StageKind};
use catalog::device::{Device, DeviceKind, ManifestEntry};
use catalog::excuse::{Excuse, ExcuseReason};
use catalog::finding::{Finding, FindingCode};
use catalog::observation::{Problem, ProblemCode, StartClaim, StartSource};
use catalog::snapshot::{Arrival, Recording, Snapshot};
use catalog::unit::{Officer, Unit, UnitKind};
use catalog::{Interval, IntervalSet, MediaTime, Micros, WallTime};

/// A time of day on 6 May 2024.
pub(crate) fn at(time: &str) -> WallTime {
    WallTime::parse(&format!("2024-05-06 {time}")).unwrap()
}

pub(crate) struct Month {
    pub(crate) snapshot: Snapshot,
    pub(crate) policy: Policy,
}

pub(crate) fn device(serial: &str, kind: DeviceKind, holder: &str) -> Device {
    Device {
        serial: serial.to_owned(),
        kind,
        unit: "SQ1".to_owned(),
        holder: Some(holder.to_owned()),
        synced_at: Some(at("08:00:00")),
        clock_error_us: Some(Micros::ZERO),
    }
}

impl Month {
    pub(crate) fn new() -> Self {
        let officer = |badge: &str| Officer {
            badge: badge.to_owned(),
            name: format!("officer {badge}"),
            unit: "SQ1".to_owned(),
            frontline: true,
        };
        Self {
            // Most of these months look at one officer's recorder alone.
            policy: Policy { crew: None, ..Policy::built_in("jingan-2024").unwrap() },
            snapshot: Snapshot {
                looks: Vec::new(),
                month: "2024-05".parse().unwrap(),
                as_of: WallTime::parse("2024-06-01 00:00:00").unwrap(),
                units: vec![Unit {
                    code: "SQ1".to_owned(),
                    name: "一中队".to_owned(),
                    kind: UnitKind::Squad,
                    parent: None,
                }],
                officers: vec![officer("1001"), officer("1002")],
                devices: vec![
                    device("BWC1", DeviceKind::Bodycam, "1001"),
                    device("BWC2", DeviceKind::Bodycam, "1002"),
                    device("DRONE1", DeviceKind::Drone, "1001"),
                ],
                cases: vec![Case {
                    case_no: "A-1".to_owned(),
                    unit: "SQ1".to_owned(),
                    procedure: Procedure::Ordinary,
                    filed_at: at("09:00:00"),
                    closed_at: None,
                    title: "占道经营".to_owned(),
                }],
                stages: Vec::new(),
                links: Vec::new(),
                excuses: Vec::new(),
                manifest: Vec::new(),
                recordings: Vec::new(),
            },
        }
    }

    /// A month with one site inspection of officers 1001 and 1002 from 10:00 to 10:10.
    pub(crate) fn with_inspection() -> Self {
        Self::new().stage("10:00:00", "10:10:00")
    }

    /// One more stage of case A-1, by officers 1001 and 1002.
    pub(crate) fn stage(mut self, starts_at: &str, ends_at: &str) -> Self {
        let stage_no = u32::try_from(self.snapshot.stages.len()).unwrap() + 1;
        self.snapshot.stages.push(Stage {
            case_no: "A-1".to_owned(),
            stage_no,
            kind: StageKind::SiteInspection,
            starts_at: at(starts_at),
            ends_at: at(ends_at),
            officers: vec!["1001".to_owned(), "1002".to_owned()],
            place: "南京西路".to_owned(),
        });
        self
    }

    pub(crate) fn film(mut self, film: Film) -> Self {
        self.snapshot.recordings.push(film.0);
        self
    }

    pub(crate) fn link(mut self, stage_no: u32, object_key: &str) -> Self {
        self.snapshot.links.push(Link {
            case_no: "A-1".to_owned(),
            stage_no,
            object_key: object_key.to_owned(),
        });
        self
    }

    /// An excuse for stage 1, for a part of it or for all.
    pub(crate) fn excuse(mut self, reason: ExcuseReason, part: Option<(&str, &str)>) -> Self {
        self.snapshot.excuses.push(Excuse {
            case_no: "A-1".to_owned(),
            stage_no: 1,
            reason,
            note: String::new(),
            recorded_by: "1001".to_owned(),
            recorded_at: at("18:00:00"),
            starts_at: part.map(|(start, _)| at(start)),
            ends_at: part.map(|(_, end)| at(end)),
        });
        self
    }

    /// The device's clock was last set at another time, or nobody knows when.
    pub(crate) fn synced(mut self, serial: &str, synced_at: Option<&str>) -> Self {
        let device = self.snapshot.devices.iter_mut().find(|device| device.serial == serial).unwrap();
        device.synced_at = synced_at.map(|time| WallTime::parse(time).unwrap());
        self
    }

    /// Two officers must record.
    pub(crate) fn crewed(mut self) -> Self {
        self.policy.crew = Policy::built_in("jingan-2024").unwrap().crew;
        self
    }

    /// A recorder says that it recorded something.
    pub(crate) fn manifest(mut self, device: &str, file: &str, start: &str, end: &str) -> Self {
        self.snapshot.manifest.push(ManifestEntry {
            device: device.to_owned(),
            badge: None,
            file: file.to_owned(),
            starts_at: at(start),
            ends_at: at(end),
            size_bytes: 1_000_000,
        });
        self
    }

    pub(crate) fn looked_at(mut self, moment: &str) -> Self {
        self.snapshot.as_of = WallTime::parse(moment).unwrap();
        self
    }

    /// What is said of recordings outside of obligations, in a few lines a person can check.
    pub(crate) fn told_outside(&self) -> String {
        let mut out = String::new();
        for outside in &self.audit().outside {
            let what = outside.object_key.as_deref().or(outside.file.as_deref()).unwrap();
            writeln!(out, "{what}, device {:?}, badge {:?}", outside.device, outside.badge).unwrap();
            outside.findings.iter().for_each(|finding| tell(&mut out, finding));
        }
        out
    }

    pub(crate) fn audit(&self) -> Audit {
        audit(&self.snapshot, &self.policy)
    }

    /// The audit in a few lines a person can check.
    pub(crate) fn told(&self) -> String {
        self.audit().obligations.iter().map(told).collect()
    }

    /// The codes of all findings, in order.
    pub(crate) fn codes(&self) -> Vec<FindingCode> {
        let audit = self.audit();
        audit.obligations.iter().flat_map(|o| &o.findings).map(|finding| finding.kind.code()).collect()
    }
}

fn clock(interval: Interval<WallTime>) -> String {
    let time = |moment: WallTime| moment.local().unwrap().format("%H:%M:%S%.f").to_string();
    format!("{}–{}", time(interval.start), time(interval.end))
}

fn told(obligation: &Obligation) -> String {
    let mut out = String::new();
    let Obligation { id, status, covered_us, required_us, .. } = obligation;
    writeln!(out, "{id} {}: {covered_us} of {required_us}", status.as_str()).unwrap();
    for gap in &obligation.gaps {
        let excused = gap.excused.map_or(String::new(), |reason| format!(", excused: {reason}"));
        writeln!(out, "  open {} {} {}{excused}", clock(gap.interval()), gap.code, gap.certainty).unwrap();
    }
    obligation.findings.iter().for_each(|finding| tell(&mut out, finding));
    out
}

fn tell(out: &mut String, finding: &Finding) {
    let at = finding.at.map_or("the recording".to_owned(), clock);
    let excused = finding.excused.map_or(String::new(), |reason| format!(", excused: {reason}"));
    let (severity, certainty) = (finding.severity, finding.certainty);
    writeln!(out, "  {} ({severity}, {certainty}{excused}) {at}", finding.kind.code()).unwrap();
    writeln!(out, "    expected {}", finding.kind.expected()).unwrap();
    writeln!(out, "    observed {}", finding.kind.observed()).unwrap();
    writeln!(out, "    {}", finding.kind.observed_zh()).unwrap();
    if !finding.recordings.is_empty() {
        writeln!(out, "    in {}", finding.recordings.join(", ")).unwrap();
    }
}

/// A recording with picture and sound from start to end, its start known to the second by its key.
pub(crate) struct Film(pub(crate) Recording);

impl Film {
    /// What officer 1001's recorder made.
    pub(crate) fn first(key: &str, start: &str, end: &str) -> Self {
        Self::new(key, "BWC1", "1001", start, end)
    }

    /// What officer 1002's recorder made.
    pub(crate) fn second(key: &str, start: &str, end: &str) -> Self {
        Self::new(key, "BWC2", "1002", start, end)
    }

    pub(crate) fn new(key: &str, device: &str, badge: &str, start: &str, end: &str) -> Self {
        let (started_at, origin_us) = (at(start), MediaTime(1_400_000));
        let whole = IntervalSet::from(Interval::new(origin_us, origin_us + (at(end) - started_at)));
        Self(Recording {
            object_key: key.to_owned(),
            version: 1,
            sha256: format!("digest-of-{key}"),
            first_sha256: None,
            size_bytes: 1_000_000,
            device: Some(device.to_owned()),
            badge: Some(badge.to_owned()),
            started_at: Some(started_at),
            started_at_source: Some(StartSource::FileName),
            clock_error_us: Micros::from_ms(500),
            start_claims: vec![StartClaim {
                source: StartSource::FileName,
                started_at,
                error_us: Micros::from_ms(500),
            }],
            origin_us,
            video: whole.clone(),
            audio: whole,
            problems: Vec::new(),
            gone: false,
            arrival: Arrival::default(),
        })
    }

    fn media(&self, start: &str, end: &str) -> IntervalSet<MediaTime> {
        let media = |time| self.0.origin_us + (at(time) - self.0.started_at.unwrap());
        IntervalSet::from(Interval::new(media(start), media(end)))
    }

    /// No packets from one time to another.
    pub(crate) fn pause(mut self, start: &str, end: &str) -> Self {
        self.0.video = self.0.video.difference(&self.media(start, end));
        self.mute(start, end)
    }

    /// No sound from one time to another.
    pub(crate) fn mute(mut self, start: &str, end: &str) -> Self {
        self.0.audio = self.0.audio.difference(&self.media(start, end));
        self
    }

    /// No sound at all.
    pub(crate) fn silent(mut self) -> Self {
        self.0.audio = IntervalSet::default();
        self
    }

    pub(crate) fn problem(mut self, code: ProblemCode, detail: &str) -> Self {
        self.0.problems.push(Problem::new(code, detail));
        if code.quarantines() {
            self.0.video = IntervalSet::default();
            self.0.audio = IntervalSet::default();
        }
        self
    }

    pub(crate) fn claim(mut self, source: StartSource, started_at: WallTime) -> Self {
        self.0.start_claims.push(StartClaim { source, started_at, error_us: Micros::from_s(1) });
        self
    }

    pub(crate) fn digest(mut self, sha256: &str) -> Self {
        sha256.clone_into(&mut self.0.sha256);
        self
    }

    /// Nothing in its key says whose it is, or something else does.
    pub(crate) fn named(mut self, device: Option<&str>, badge: Option<&str>) -> Self {
        self.0.device = device.map(str::to_owned);
        self.0.badge = badge.map(str::to_owned);
        self
    }

    /// When it came into its store.
    pub(crate) fn arrived(mut self, arrival: Arrival) -> Self {
        self.0.arrival = arrival;
        self
    }

    pub(crate) fn gone(mut self) -> Self {
        self.0.gone = true;
        self
    }
}
