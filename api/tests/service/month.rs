//! A month made up for tests: some squads, and cases whose one stage is recorded well or not, in turn.

use std::sync::Arc;

use analyzer::policy::Policy;
use analyzer::policy::Population;
use api::accounts::By;
use api::accounts::password::Hasher;
use api::accounts::secret::Secret;
use api::derivatives::Derivatives;
use api::footage::{Footage, Stores};
use api::links::Links;
use api::operations::{FreezeOrder, draw_round, freeze_round};
use api::server::{Front, SetUp, State};
use catalog::account::{NewSession, NewUser, Role, User};
use catalog::case::{Case, Procedure, Stage, StageKind};
use catalog::clock::ManualClock;
use catalog::device::{Device, DeviceKind};
use catalog::excuse::{Excuse, ExcuseReason};
use catalog::import::Import;
use catalog::observation::{
    KeyFacts, MediaSpan, Observation, Problem, ProblemCode, StartClaim, StartSource, StreamIndex, StreamKind,
};
use catalog::store::{AccountOutcome, Catalog, ImportOrigin, OpenMode, Reading, open};
use catalog::unit::{Officer, Unit, UnitKind};
use catalog::{MediaTime, Micros, WallTime};
use object_store::ObjectStore;
use object_store::memory::InMemory;
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// The moment at which everything is looked at.
pub(crate) const NOW: &str = "2024-06-03 09:00";

/// The token with which a catalog without accounts is set up.
pub(crate) const SET_UP_TOKEN: &str = "5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e";

/// What proves the administrator's session.
pub(crate) const ADMIN: &str = "adadadadadadadadadadadadadadadadadadadadadadadadadadadadadadadad";

/// The password of everybody in these tests.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// Its hash, made once.
async fn hash() -> String {
    static HASH: OnceCell<String> = OnceCell::const_new();
    HASH.get_or_init(async || Hasher::default().hash(PASSWORD).await.unwrap()).await.clone()
}

/// How the stages of the cases are recorded, in turn.
const WAYS: [Way; 7] =
    [Way::Whole, Way::NotAtAll, Way::WithAGap, Way::Late, Way::Unreadable, Way::Excused, Way::Silent];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Whole,
    NotAtAll,
    WithAGap,
    Late,
    Unreadable,
    Excused,
    Silent,
}

/// A catalog in a folder of its own, which lives as long as this does.
pub(crate) struct Bureau {
    _folder: TempDir,
    pub(crate) state: State,
    /// What lies in every store.
    pub(crate) evidence: Arc<dyn ObjectStore>,
    /// The clock of the service.
    pub(crate) clock: Arc<ManualClock>,
}

/// One store, whatever it is called.
struct Evidence(Arc<dyn ObjectStore>);

impl Stores for Evidence {
    fn open(&self, _: &str) -> Result<Arc<dyn ObjectStore>, String> {
        Ok(Arc::clone(&self.0))
    }
}

pub(crate) fn at(text: &str) -> WallTime {
    WallTime::parse(text).unwrap()
}

impl Bureau {
    /// A catalog with nothing in it but the administrator whom [`crate::get`] asks as.
    pub(crate) async fn empty() -> Self {
        let bureau = Self::bare().await;
        bureau.sign_in(account("admin", Role::Administrator), ADMIN).await;
        bureau
    }

    /// A catalog without any account.
    pub(crate) async fn bare() -> Self {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite://{}/reelproof.db", folder.path().display());
        let evidence: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
        let clock = Arc::new(ManualClock::new(at(NOW)));
        let state = State {
            catalog: open(&url, OpenMode::Create).await.unwrap(),
            policy: Arc::new(Policy::built_in("jingan-2024").unwrap()),
            clock: clock.clone(),
            footage: Footage::new(Arc::new(Evidence(Arc::clone(&evidence)))),
            derivatives: Derivatives::none(),
            signer: None,
            policy_text: Policy::built_in_text("jingan-2024").unwrap().into(),
            links: Links::new().unwrap(),
            links_last: Micros::from_s(600),
            set_up: SetUp::with(&Secret::read(SET_UP_TOKEN).unwrap()),
            hasher: Hasher::default(),
            front: Front::default(),
            oidc: None,
        };
        Self { _folder: folder, state, evidence, clock }
    }

    /// An account of this role, with a session that `token` proves.
    pub(crate) async fn sign_in(&self, new: NewUser, token: &str) {
        let by = By::command_line();
        let line = by.line("test", "", at(NOW));
        let new = NewUser { password_hash: hash().await, ..new };
        let outcome = self.catalog().add_user(&new, false, &line).await.unwrap();
        let AccountOutcome::Done(user) = outcome else { panic!("{outcome:?}") };
        self.session(&user, token).await;
    }

    /// A session that `token` proves.
    pub(crate) async fn session(&self, user: &User, token: &str) {
        let session = NewSession {
            token_sha256: Secret::read(token).unwrap().sha256(),
            user: user.id,
            created_at: at(NOW),
            ends_at: at(NOW) + Micros::from_s(3600),
        };
        self.catalog().add_session(&session, &By::command_line().line("test", "", at(NOW))).await.unwrap();
    }

    /// May 2024 with so many cases, audited in June.
    pub(crate) async fn with_cases(cases: usize) -> Self {
        let bureau = Self::empty().await;
        bureau.people().await;
        for number in 0..cases {
            bureau.case(number).await;
        }
        bureau
    }

    /// More cases like these.
    pub(crate) async fn more_cases(&self, numbers: std::ops::Range<usize>) {
        for number in numbers {
            self.case(number).await;
        }
    }

    /// The round of June, frozen.
    pub(crate) async fn frozen(self) -> Self {
        let June { catalog, policy } = self.june();
        let month = "2024-06".parse().unwrap();
        let order = FreezeOrder {
            month,
            kind: Population::Recordings,
            seed_source: "两名督察人员掷骰",
            even_if_empty: true,
        };
        freeze_round(catalog, policy, order, at("2024-06-01 09:00")).await.unwrap();
        self
    }

    /// The round of June, frozen and drawn.
    pub(crate) async fn drawn(self) -> Self {
        let bureau = self.frozen().await;
        let drawn_at = at("2024-06-02 10:00");
        draw_round(bureau.catalog(), "2024-06/jingan-2024", "20240602-3-5-1", None, drawn_at).await.unwrap();
        bureau
    }

    pub(crate) fn catalog(&self) -> &dyn Catalog {
        self.state.catalog.as_ref()
    }

    fn june(&self) -> June<'_> {
        June { catalog: self.catalog(), policy: &self.state.policy }
    }

    pub(crate) async fn take_in(&self, import: Import) {
        let origin = ImportOrigin { file_name: "month.csv", sha256: "00", absent: &[] };
        self.catalog().import(&import, &origin, at("2024-05-01 08:00")).await.unwrap();
    }

    async fn people(&self) {
        let unit = |code: &str, name: &str, kind| Unit {
            code: code.to_owned(),
            name: name.to_owned(),
            kind,
            parent: (kind == UnitKind::Squad).then(|| "ZD".to_owned()),
        };
        let mut units = vec![unit("ZD", "执法支队", UnitKind::Detachment)];
        let names = ["东街道中队", "西街道中队", "南街道中队"];
        units.extend((0..3).map(|squad| unit(&squad_code(squad), names[squad], UnitKind::Squad)));
        self.take_in(Import::Units(units)).await;
        let officers = (0..3).map(|squad| Officer {
            badge: badge(squad),
            name: ["甲队员", "乙队员", "丙队员"][squad].to_owned(),
            unit: squad_code(squad),
            frontline: true,
        });
        self.take_in(Import::Officers(officers.collect())).await;
        let devices = (0..3).map(|squad| Device {
            serial: serial(squad),
            kind: DeviceKind::Bodycam,
            unit: squad_code(squad),
            holder: Some(badge(squad)),
            synced_at: Some(at("2024-05-31 08:00")),
            clock_error_us: Some(Micros::from_ms(500)),
        });
        self.take_in(Import::Devices(devices.collect())).await;
    }

    async fn case(&self, number: usize) {
        let squad = number % 3;
        let day = 1 + number % 28;
        let hour = 8 + number / 28 % 10;
        let starts_at = at(&format!("2024-05-{day:02} {hour:02}:30:00"));
        let case_no = format!("罚〔2024〕{number:03}号");
        self.take_in(Import::Cases(vec![Case {
            case_no: case_no.clone(),
            unit: squad_code(squad),
            procedure: Procedure::Ordinary,
            filed_at: at(&format!("2024-05-{day:02} 08:00")),
            closed_at: None,
            title: "跨门经营 <b>案</b>".to_owned(),
        }]))
        .await;
        let stage = Stage {
            case_no,
            stage_no: 1,
            kind: StageKind::ALL[number % 9],
            starts_at,
            ends_at: starts_at + Micros::from_s(600),
            officers: vec![badge(squad)],
            place: "某路1号".to_owned(),
        };
        self.take_in(Import::Stages(vec![stage.clone()])).await;
        let way = WAYS[number % WAYS.len()];
        if way == Way::Excused {
            self.take_in(Import::Excuses(vec![Excuse {
                case_no: stage.case_no.clone(),
                stage_no: 1,
                reason: ExcuseReason::Battery,
                note: "更换电池".to_owned(),
                recorded_by: badge(squad),
                recorded_at: stage.ends_at,
                starts_at: None,
                ends_at: None,
            }]))
            .await;
        }
        if way != Way::NotAtAll {
            self.record(number, squad, starts_at, way).await;
        }
    }

    async fn record(&self, number: usize, squad: usize, starts_at: WallTime, way: Way) {
        let late_s = if way == Way::Late { 90 } else { -5 };
        let started_at = starts_at + Micros::from_s(late_s);
        let local = started_at.local().unwrap();
        let key = format!(
            "{}/{}_{}_{}_{number:04}.mp4",
            local.format("%Y%m%d"),
            serial(squad),
            badge(squad),
            local.format("%Y%m%d%H%M%S")
        );
        self.add(&key, &observation(number, squad, started_at, way)).await;
    }

    /// Puts an object into the store.
    pub(crate) async fn add(&self, object_key: &str, observation: &Observation) {
        self.add_to("file:///evidence", object_key, observation).await;
    }

    /// Puts an object into a store of this URL.
    pub(crate) async fn add_to(&self, store: &str, object_key: &str, observation: &Observation) {
        let store = self.catalog().add_store(store, at("2024-05-01 08:00")).await.unwrap();
        let observed_at = at("2024-06-01 20:00");
        let (signature, tracks) = ("1", &[][..]);
        let reading = Reading {
            store: store.id,
            object_key,
            signature,
            observed_at,
            written_at: None,
            observation,
            tracks,
            chunks: None,
            altered: &[],
        };
        self.catalog().record(&reading).await.unwrap();
    }
}

/// An account to be signed in; a squad's is of the first squad.
pub(crate) fn account(login: &str, role: Role) -> NewUser {
    NewUser {
        login: login.to_owned(),
        name: "某人".to_owned(),
        role,
        unit: (role == Role::Squad).then(|| squad_code(0)),
        badge: None,
        password_hash: String::new(),
    }
}

struct June<'a> {
    catalog: &'a dyn Catalog,
    policy: &'a Policy,
}

pub(crate) fn squad_code(squad: usize) -> String {
    format!("SQ{}", squad + 1)
}

fn badge(squad: usize) -> String {
    format!("31000{}", squad + 1)
}

fn serial(squad: usize) -> String {
    format!("BC00{}", squad + 1)
}

/// An object that cannot be read, told apart by `number`.
pub(crate) fn unreadable(number: usize) -> Observation {
    observation(number, 0, at("2023-01-01 09:00"), Way::Unreadable)
}

fn observation(number: usize, squad: usize, started_at: WallTime, way: Way) -> Observation {
    let start_claims =
        vec![StartClaim { source: StartSource::FileName, started_at, error_us: Micros::from_s(1) }];
    let length_us = Micros::from_s(615);
    let gaps = match way {
        Way::WithAGap | Way::Excused => vec![(205_000_000, 265_000_000)],
        _ => vec![],
    };
    let stream = |index, kind, codec: &str| StreamIndex {
        index,
        kind,
        codec: codec.to_owned(),
        packets: 15_375,
        keyframes: 308,
        size_bytes: 60_000_000,
        start_us: Some(MediaTime::ZERO),
        end_us: Some(MediaTime(length_us.0)),
        interval_us: Some(Micros(40_000)),
        gaps: gaps
            .iter()
            .map(|&(start, end)| MediaSpan { start_us: MediaTime(start), end_us: MediaTime(end) })
            .collect(),
    };
    let mut streams = vec![stream(0, StreamKind::Video, "h264"), stream(1, StreamKind::Audio, "aac")];
    let mut problems = Vec::new();
    match way {
        Way::Silent => {
            streams.truncate(1);
            problems.push(Problem::new(ProblemCode::NoAudio, "there is no audio stream"));
        }
        Way::Unreadable => {
            streams.clear();
            problems.push(Problem::new(ProblemCode::NoIndex, "there is no moov box"));
        }
        _ => {}
    }
    Observation {
        size_bytes: 60_000_000,
        sha256: format!("{number:064x}"),
        sm3: None,
        container: Some("mp4".to_owned()),
        key: KeyFacts {
            device: Some(serial(squad)),
            badge: Some(badge(squad)),
            started_at: Some(started_at),
            seq: Some(format!("{number:04}")),
        },
        started_at: Some(started_at),
        started_at_source: Some(StartSource::FileName),
        clock_error_us: Some(Micros::from_s(1)),
        start_claims,
        duration_us: (!streams.is_empty()).then_some(length_us),
        streams,
        telemetry: vec![],
        problems,
    }
}
