//! The bureau at its desks: people, six months of cases and footage, and what a test does with them.

use std::sync::Arc;

use analyzer::policy::Policy;
use api::casework::review::Said;
use api::casework::{review, schedule};
use catalog::finding::FindingCode;
use catalog::import::Import;
use catalog::observation::{KeyFacts, Observation, StartClaim, StartSource, StreamIndex, StreamKind};
use catalog::review::{Judgement, Outcome};
use catalog::store::{Catalog, ImportOrigin, OpenMode, Reading, open};
use catalog::unit::Officer;
use catalog::{MediaTime, Micros, Month, WallTime};
use tests::run_ok;

/// The months that are checked; each round takes place in the month after.
pub(crate) const MONTHS: [&str; 6] = ["2023-12", "2024-01", "2024-02", "2024-03", "2024-04", "2024-05"];

pub(crate) fn month(text: &str) -> Month {
    text.parse().unwrap()
}

/// A moment of a month: day, hour.
pub(crate) fn on(month: Month, day: i64, hour: i64) -> WallTime {
    month.start() + Micros::from_s((day - 1) * 86_400 + hour * 3600)
}

/// The bureau at its desks.
pub(crate) struct Bureau {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) catalog: Arc<dyn Catalog>,
    pub(crate) policy: Arc<Policy>,
}

impl Bureau {
    pub(crate) async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("reelproof.db").display());
        let catalog = open(&url, OpenMode::Create).await.unwrap();
        Self { dir, catalog, policy: Arc::new(Policy::built_in("jingan-2024").unwrap()) }
    }

    pub(crate) fn url(&self) -> String {
        format!("sqlite://{}", self.dir.path().join("reelproof.db").display())
    }

    /// The command line on the same catalog.
    pub(crate) fn cli(&self, args: &[&str]) -> tests::Ran {
        run_ok(self.dir.path(), &[args, &["--catalog", &self.url()]].concat())
    }

    pub(crate) async fn import(&self, import: Import) {
        let origin = ImportOrigin { file_name: "test.csv", sha256: "00", absent: &[] };
        self.catalog.import(&import, &origin, on(month("2023-12"), 1, 8)).await.unwrap();
    }

    /// People, and six months of cases, stages and footage.
    pub(crate) async fn fill(&self) {
        let plan = demo::plan();
        self.import(Import::Units(plan.units.clone())).await;
        // Supervisors for appeals beside the two who review; plainly made up, like everybody here.
        let mut officers = plan.officers.clone();
        let desk = officers.iter().find(|officer| !officer.frontline).unwrap().clone();
        officers.extend(["31903", "31904"].map(|badge| Officer {
            badge: badge.into(),
            name: format!("审理员{badge}"),
            ..desk.clone()
        }));
        self.import(Import::Officers(officers)).await;
        self.import(Import::Devices(plan.devices.clone())).await;
        let store = self.catalog.add_store("file:///evidence", on(month("2023-12"), 1, 8)).await.unwrap();
        for base in MONTHS.map(month) {
            // Every month has 29 days or more; what the plan puts later is left out.
            let shift = base.start() - demo::month().start();
            let fits = |at: WallTime| at + shift < base.interval().end - Micros::from_s(86_400);
            let name = |case_no: &str| case_no.replace("SL2024", &format!("SL{base}"));
            let mut cases = plan.cases.clone();
            for case in &mut cases {
                case.case_no = name(&case.case_no);
                case.filed_at = case.filed_at + shift;
                case.closed_at = case.closed_at.map(|at| at + shift).filter(|at| *at < base.interval().end);
            }
            self.import(Import::Cases(cases)).await;
            let stages = plan.stages.iter().filter(|planned| fits(planned.stage.ends_at)).map(|planned| {
                let mut stage = planned.stage.clone();
                stage.case_no = name(&stage.case_no);
                stage.starts_at = stage.starts_at + shift;
                stage.ends_at = stage.ends_at + shift;
                stage
            });
            self.import(Import::Stages(stages.collect())).await;
            for (number, planned) in plan.recordings.iter().enumerate() {
                if planned.damage.makes_unreadable() || !fits(planned.starts_at) {
                    continue;
                }
                let key = format!("{base}/{}", planned.key);
                let seen = observation(number, base, planned, shift);
                let reading = Reading {
                    store: store.id,
                    object_key: &key,
                    signature: "1",
                    observed_at: base.interval().end - Micros::from_s(3600),
                    written_at: None,
                    observation: &seen,
                    tracks: &[],
                    chunks: None,
                    altered: &[],
                };
                self.catalog.record(&reading).await.unwrap();
            }
        }
    }

    /// One run of the schedule; nothing in it may fail.
    pub(crate) async fn tick(&self, now: WallTime) -> schedule::Run {
        let run = schedule::run(self.catalog.as_ref(), Arc::clone(&self.policy), now).await.unwrap();
        assert!(!run.failed, "{:#?}", run.steps);
        run
    }

    pub(crate) async fn verdict(&self, round: &str, item: &str, by: &str, outcome: Outcome, now: WallTime) {
        let codes = if outcome == Outcome::Irregular { vec![FindingCode::LateStart] } else { vec![] };
        let judgement = Judgement { outcome, codes, note: "已逐段核看录像".into(), moments: vec![] };
        let said = Said::Verdict(judgement);
        review::record(self.catalog.as_ref(), &self.policy, round, item, by, said, now).await.unwrap();
    }
}

fn observation(
    number: usize,
    base: Month,
    planned: &demo::recording::PlannedRecording,
    shift: Micros,
) -> Observation {
    let started_at = planned.starts_at + shift;
    let stream = |index, kind, codec: &str| StreamIndex {
        index,
        kind,
        codec: codec.into(),
        packets: 1500,
        keyframes: 30,
        size_bytes: 900_000,
        start_us: Some(MediaTime(0)),
        end_us: Some(MediaTime(planned.length_us.0)),
        interval_us: Some(Micros(40_000)),
        gaps: vec![],
    };
    let mut streams = vec![stream(0, StreamKind::Video, "h264")];
    if planned.sound {
        streams.push(stream(1, StreamKind::Audio, "aac"));
    }
    Observation {
        size_bytes: 1_000_000,
        sha256: format!("{:064x}", number + 1000 * (base.number() as usize)),
        sm3: None,
        container: Some("mp4".into()),
        key: KeyFacts {
            device: Some(planned.device.clone()),
            badge: Some(planned.badge.clone()),
            started_at: Some(started_at),
            seq: Some("0001".into()),
        },
        started_at: Some(started_at),
        started_at_source: Some(StartSource::FileName),
        clock_error_us: Some(Micros::from_s(1)),
        start_claims: vec![StartClaim {
            source: StartSource::FileName,
            started_at,
            error_us: Micros::from_s(1),
        }],
        duration_us: Some(planned.length_us),
        streams,
        telemetry: vec![],
        problems: vec![],
    }
}
