//! A whole half-year of a synthetic bureau, from import to six returns, with reviews, an appeal, notices,
//! an escalation and scores. Time is passed in; footage is recorded through the catalog.
//!
//! The bureau is the demo's, and so is its month, six times over under other dates.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use analyzer::notice::{NoticeState, NoticeWish};
use analyzer::policy::Policy;
use analyzer::report::Basis;
use analyzer::review::ReviewState;
use analyzer::score::Level;
use api::casework::review::Said;
use api::casework::{filing, notice, review, schedule};
use catalog::filing::{ReturnState, StepKind, StepOutcome};
use catalog::finding::FindingCode;
use catalog::import::Import;
use catalog::notice::NoticeKind;
use catalog::observation::{KeyFacts, Observation, StartClaim, StartSource, StreamIndex, StreamKind};
use catalog::review::{Judgement, Outcome, StatementKind, Visit};
use catalog::store::{Catalog, ImportOrigin, OpenMode, Reading, open};
use catalog::unit::Officer;
use catalog::{MediaTime, Micros, Month, WallTime};
use tests::{run, run_ok};

/// The months that are checked; each round takes place in the month after.
const MONTHS: [&str; 6] = ["2023-12", "2024-01", "2024-02", "2024-03", "2024-04", "2024-05"];

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

/// A moment of a month: day, hour.
fn on(month: Month, day: i64, hour: i64) -> WallTime {
    month.start() + Micros::from_s((day - 1) * 86_400 + hour * 3600)
}

/// The bureau at its desks.
struct Bureau {
    dir: tempfile::TempDir,
    catalog: Arc<dyn Catalog>,
    policy: Arc<Policy>,
}

impl Bureau {
    async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("reelproof.db").display());
        let catalog = open(&url, OpenMode::Create).await.unwrap();
        Self { dir, catalog, policy: Arc::new(Policy::built_in("jingan-2024").unwrap()) }
    }

    fn url(&self) -> String {
        format!("sqlite://{}", self.dir.path().join("reelproof.db").display())
    }

    /// The command line on the same catalog.
    fn cli(&self, args: &[&str]) -> tests::Ran {
        run_ok(self.dir.path(), &[args, &["--catalog", &self.url()]].concat())
    }

    async fn import(&self, import: Import) {
        let origin = ImportOrigin { file_name: "test.csv", sha256: "00" };
        self.catalog.import(&import, &origin, on(month("2023-12"), 1, 8)).await.unwrap();
    }

    /// People, and six months of cases, stages and footage.
    async fn fill(&self) {
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
    async fn tick(&self, now: WallTime) -> schedule::Run {
        let run = schedule::run(self.catalog.as_ref(), Arc::clone(&self.policy), now).await.unwrap();
        assert!(!run.failed, "{:#?}", run.steps);
        run
    }

    async fn verdict(&self, round: &str, item: &str, by: &str, outcome: Outcome, now: WallTime) {
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

#[tokio::test]
async fn a_half_year_goes_from_import_to_six_returns_with_notices_and_scores() {
    let bureau = Bureau::open().await;
    bureau.fill().await;
    let catalog = bureau.catalog.as_ref();
    let mut reached = std::collections::BTreeSet::new();
    for (turn, base) in MONTHS.map(month).into_iter().enumerate() {
        let round_month = base.next();
        let round = format!("{round_month}/jingan-2024");

        // Nothing before its day; then the frame, and the wait for a seed.
        assert!(bureau.tick(on(round_month, 1, 9)).await.steps.iter().all(|s| s.step != StepKind::Freeze));
        let frozen = bureau.tick(on(round_month, 2, 9)).await;
        let steps: Vec<_> = frozen.steps.iter().map(|step| (step.step, step.outcome)).collect();
        assert!(steps.contains(&(StepKind::Freeze, StepOutcome::Done)), "{steps:?}");
        assert!(steps.contains(&(StepKind::Draw, StepOutcome::Waiting)), "{steps:?}");
        let again = bureau.tick(on(round_month, 2, 10)).await;
        assert!(again.steps.iter().all(|step| step.outcome == StepOutcome::Waiting), "{again:#?}");

        let seed = format!("{round_month}-{turn}-4-2-6");
        schedule::announce_seed(catalog, &round, &seed, "31901", on(round_month, 3, 9)).await.unwrap();
        let drawn = bureau.tick(on(round_month, 3, 10)).await;
        for step in [StepKind::Draw, StepKind::Assign] {
            assert!(
                drawn.steps.iter().any(|one| one.step == step && one.outcome == StepOutcome::Done),
                "{drawn:#?}"
            );
        }
        let view = review::round_review(
            catalog,
            Arc::clone(&bureau.policy),
            &round,
            review::Sees::all(None),
            on(round_month, 3, 11),
        )
        .await
        .unwrap();
        assert!(view.unassigned.is_empty());
        assert_eq!(view.progress.drawn, view.progress.assigned);
        let blind = view.items.iter().filter(|item| item.standing.blind).count();
        assert_eq!(blind, (view.items.len() * 20).div_ceil(100));
        assert!(view.items.iter().all(|item| item.machine_hidden == item.standing.blind));

        // Reviewers are reminded before the day, once a day.
        let reminded = bureau.tick(on(round_month, 11, 9)).await;
        assert!(reminded.steps.iter().any(|step| step.step == StepKind::Remind), "{reminded:#?}");

        // Everyone judges as the machine would, but for the first item, which is missing to both; of the
        // last month one item stays open.
        let open = (turn == 5).then(|| view.items.last().unwrap().standing.item.clone());
        for (position, item) in view.items.iter().enumerate() {
            let standing = &item.standing;
            reached.insert(standing.unit.clone());
            if open.as_ref() == Some(&standing.item) {
                continue;
            }
            let outcome = match position {
                0 => Outcome::Missing,
                1 => Outcome::Irregular,
                _ => Outcome::Regular,
            };
            for seat in &standing.seats {
                let now = on(round_month, 12, 9);
                bureau.verdict(&round, &standing.item, &seat.badge, outcome, now).await;
            }
        }
        let first = &view.items[0].standing;

        // In April the squad appeals, somebody else decides, and no notice speaks of it.
        if turn == 3 {
            let squad = format!("3{}01", 10 + first.unit.trim_start_matches("SQ").parse::<u32>().unwrap());
            let record = async |by: &str, said, day| {
                review::record(
                    catalog,
                    &bureau.policy,
                    &round,
                    &first.item,
                    by,
                    said,
                    on(round_month, day, 9),
                )
                .await
            };
            let appeal = Said::Statement(StatementKind::Appeal, "当日记录仪故障，有报修单".into());
            let standing = record(&squad, appeal, 13).await.unwrap();
            assert_eq!(standing.state, ReviewState::Appealed);
            let judgement = Judgement {
                outcome: Outcome::Excused,
                codes: vec![],
                note: "报修单属实".into(),
                moments: vec![],
            };
            let own =
                record(&standing.seats[0].badge.clone(), Said::Decision(Some(true), judgement.clone()), 14)
                    .await;
            assert!(own.is_err(), "another person decides");
            let other = ["31901", "31902", "31903", "31904"]
                .into_iter()
                .find(|badge| standing.seat_of(badge).is_none())
                .unwrap();
            let decided = record(other, Said::Decision(Some(true), judgement), 14).await.unwrap();
            assert_eq!(decided.state, ReviewState::Decided);
        }

        // A visit that found nothing is kept, and counts.
        let visit = Visit {
            number: 0,
            unit: "SQ1".into(),
            starts_at: on(round_month, 9, 9),
            ends_at: on(round_month, 9, 10),
            supervisors: vec!["31901".into(), "31902".into()],
            on_site: true,
            note: "内务管理、行为规范".into(),
            found: vec![],
            recorded_at: on(round_month, 9, 11),
            recorded_by: "31901".into(),
        };
        review::add_visit(catalog, &bureau.policy, &visit).await.unwrap();

        // Notices: drafted by the schedule, issued by a person; answered, but for February's.
        bureau.tick(on(round_month, 15, 9)).await;
        for drafted in notice::notices(catalog, Some(round_month), on(round_month, 15, 9)).await.unwrap() {
            if drafted.standing.state != NoticeState::Draft || drafted.notice.body.needs_approval {
                continue;
            }
            let id = drafted.notice.id;
            let act = async |by: &str, wish, day| {
                notice::act_on_notice(catalog, &bureau.policy, id, by, wish, on(round_month, day, 9))
                    .await
                    .unwrap()
            };
            let issued = act("31903", NoticeWish::Issue(None), 15).await;
            assert!(issued.standing.number.is_some());
            if turn != 1 {
                let unit = &drafted.notice.body.unit;
                let squad = format!("3{}01", 10 + unit.trim_start_matches("SQ").parse::<u32>().unwrap());
                act(&squad, NoticeWish::Reply("已组织整改".into()), 18).await;
                let closed = act("31903", NoticeWish::Close("整改到位".into()), 19).await;
                assert_eq!(closed.standing.state, NoticeState::Closed);
            }
        }

        // The draft lies there before the due day, and is sent.
        let drafted = bureau.tick(on(round_month, 21, 9)).await;
        assert!(
            drafted.steps.iter().any(|s| s.step == StepKind::Return && s.outcome == StepOutcome::Done),
            "{drafted:#?}"
        );
        let sent_at = on(round_month, 22, 9);
        let document =
            filing::return_document(catalog, Arc::clone(&bureau.policy), round_month, sent_at).await.unwrap();
        assert_eq!(document.report.due, format!("{round_month}-24"));
        assert_eq!(document.report.basis, if turn == 5 { Basis::Mixed } else { Basis::Human });
        assert_eq!(document.report.missing_found, u64::from(turn != 3));
        assert!(document.report.irregular_found >= 1);
        assert_eq!(document.units_visited, 1);
        assert_eq!(document.trend.len(), if round_month.number() == 1 { 1 } else { turn + 1 });
        let sentence = format!(
            "抽查全过程音视频记录{}条，发现不规范问题{}个，发现视音频记录缺失{}条。",
            document.report.recordings_sampled,
            document.report.irregular_found,
            document.report.missing_found
        );
        assert_eq!(document.report.sentence, sentence);
        let keep = async || {
            filing::keep_return(catalog, &document, ReturnState::Sent, "31901", sent_at).await.unwrap()
        };
        assert_eq!(keep().await, (1, true));
        assert_eq!(keep().await, (1, false), "the same figures are the same version");
        assert!(bureau.tick(on(round_month, 23, 9)).await.steps.iter().all(|s| s.step != StepKind::Return));
    }
    assert_eq!(reached.len(), 6, "all squads within the half-year: {reached:?}");
    after_the_half_year(&bureau).await;
    the_papers_say_what_they_should(&bureau);
}

/// Numbers, escalation, scores, and a figure that changes after the return was sent.
async fn after_the_half_year(bureau: &Bureau) {
    let catalog = bureau.catalog.as_ref();
    let now = on(month("2024-06"), 28, 9);
    let all = notice::notices(catalog, None, now).await.unwrap();
    let mut serials: std::collections::BTreeMap<NoticeKind, Vec<u32>> = std::collections::BTreeMap::new();
    for view in &all {
        for event in &view.notice.events {
            if let catalog::notice::NoticeAct::Issued { serial, .. } = event.act {
                serials.entry(view.notice.body.kind).or_default().push(serial);
            }
        }
    }
    assert!(!serials.is_empty());
    for (kind, serials) in serials {
        let count = u32::try_from(serials.len()).unwrap();
        assert_eq!(serials, (1..=count).collect::<Vec<_>>(), "{kind}: without gaps, in order of issue");
    }
    // February's notices went unanswered: what followed them is there, and follows by name.
    let escalated: Vec<_> = all.iter().filter(|view| view.standing.state == NoticeState::Escalated).collect();
    assert!(!escalated.is_empty());
    for view in &escalated {
        assert_eq!(view.notice.body.month, month("2024-02"));
        let next = all.iter().find(|next| next.notice.body.follows == Some(view.notice.id)).unwrap();
        assert!(next.notice.body.kind > view.notice.body.kind);
    }

    let sheet = notice::month_scores(catalog, &bureau.policy, month("2024-06"), now).await.unwrap();
    assert_eq!(sheet.since, month("2024-01"));
    for unit in &sheet.units {
        let sum: u64 = unit.origins.iter().map(|origin| u64::from(origin.points)).sum();
        assert_eq!(sum, unit.points, "every point has its origin: {unit:?}");
    }
    assert!(sheet.units.iter().any(|unit| unit.level > Level::None));

    // The item that was open in June is judged after the return was sent: a second version beside the first.
    let june = month("2024-06");
    let round = "2024-06/jingan-2024";
    let view = review::round_review(catalog, Arc::clone(&bureau.policy), round, review::Sees::all(None), now)
        .await
        .unwrap();
    let open = view.items.iter().find(|item| item.standing.state == ReviewState::Open).unwrap();
    assert!(open.overdue);
    for seat in open.standing.seats.clone() {
        bureau.verdict(round, &seat.item, &seat.badge, Outcome::Missing, now).await;
    }
    let document = filing::return_document(catalog, Arc::clone(&bureau.policy), june, now).await.unwrap();
    assert_eq!(document.report.missing_found, 2);
    let sent = filing::keep_return(catalog, &document, ReturnState::Sent, "31901", now).await.unwrap();
    assert_eq!(sent, (2, true));
    let kept = catalog.returns().await.unwrap();
    assert_eq!(kept.iter().filter(|entry| entry.state == ReturnState::Sent).count(), 7, "six, and one again");
    let (first, _) =
        filing::kept_return(catalog, june, "jingan-2024", ReturnState::Sent, Some(1)).await.unwrap();
    assert!(first.sentence.contains("缺失1条"), "what was sent stays: {}", first.sentence);

    // Nothing of the schedule failed, and everything it did is on record.
    let steps = catalog.steps(None).await.unwrap();
    assert!(steps.iter().all(|step| step.outcome != StepOutcome::Failed));
    let done = |kind| steps.iter().filter(|s| s.step == kind && s.outcome == StepOutcome::Done).count();
    assert_eq!((done(StepKind::Freeze), done(StepKind::Draw), done(StepKind::Assign)), (6, 6, 6));
    assert_eq!(done(StepKind::Return), 6);
    assert!(done(StepKind::Escalate) >= 1);
}

/// What the command line writes, opened by LibreOffice where that is installed.
fn the_papers_say_what_they_should(bureau: &Bureau) {
    let dir = bureau.dir.path();
    let listed = bureau.cli(&["returns", "list", "--json"]).json();
    assert_eq!(listed["returns"].as_array().unwrap().iter().filter(|one| one["state"] == "sent").count(), 7);
    for format in ["json", "csv", "xlsx", "docx"] {
        bureau.cli(&["returns", "show", "--month", "2024-03", "--out", &format!("return.{format}")]);
    }
    let json: serde_json::Value =
        serde_json::from_slice(&std::fs::read(dir.join("return.json")).unwrap()).unwrap();
    let sentence = json["sentence"].as_str().unwrap().to_owned();
    let csv = std::fs::read_to_string(dir.join("return.csv")).unwrap();
    assert!(csv.starts_with('\u{feff}') && csv.contains(&sentence));

    let id = bureau.cli(&["notice", "list", "--month", "2024-03", "--json"]).json()["notices"][0].clone();
    let (id, number) =
        (id["id"].as_u64().unwrap().to_string(), id["standing"]["number"].as_str().unwrap().to_owned());
    bureau.cli(&["notice", "export", &id, "--out", "notice.docx"]);
    let refused = run(dir, &["notice", "export", &id, "--out", "notice.pdf", "--catalog", &bureau.url()]);
    assert_eq!(refused.status, 2, "{}", refused.stderr);
    for lang in ["zh", "en"] {
        let score = bureau.cli(&["score", "--month", "2024-06", "--lang", lang]).stdout;
        assert!(score.contains("静城管督") && score.contains("第一中队"), "{score}");
        let round = bureau.cli(&["review", "list", "--round", "2024-03/jingan-2024", "--lang", lang]).stdout;
        assert!(round.contains("SL2024-02"), "{round}");
        let kappa =
            bureau.cli(&["review", "agreement", "--round", "2024-03/jingan-2024", "--lang", lang]).stdout;
        assert!(kappa.contains(if lang == "zh" { "κ" } else { "kappa" }), "{kappa}");
    }

    if !has_libreoffice() {
        return;
    }
    let notice = converted(dir, "notice.docx", "txt:Text (encoded):UTF8", "notice.txt");
    for part in [
        "上海市静安区城市管理行政执法局",
        &number,
        "回  执",
        "请于2024年3月",
        "中队：",
        "发现你单位存在下列情况",
    ] {
        assert!(notice.contains(part), "{part} lacks in\n{notice}");
    }
    let paper = converted(dir, "return.docx", "txt:Text (encoded):UTF8", "return.txt");
    for part in [
        sentence.as_str(),
        "静安区城管执法局每月行政执法监督情况",
        "本月共开具《督察告知单》",
        "2024-03-24前报送",
    ] {
        assert!(paper.contains(part), "{part} lacks in\n{paper}");
    }
    // 44 is the comma, 76 UTF-8; the last field asks for the first sheet.
    let sheet = converted(
        dir,
        "return.xlsx",
        "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,1",
        "return-汇总.csv",
    );
    assert!(sheet.contains(&sentence), "{sheet}");
}

fn has_libreoffice() -> bool {
    let there = Command::new("soffice").arg("--version").output().is_ok_and(|output| output.status.success());
    if !there {
        println!("skipped: LibreOffice is not installed (libreoffice-writer-nogui, libreoffice-calc-nogui)");
    }
    there
}

/// A document as LibreOffice reads it.
fn converted(dir: &Path, file: &str, filter: &str, written: &str) -> String {
    let output = Command::new("soffice")
        .current_dir(dir)
        .arg(format!("-env:UserInstallation=file://{}", dir.join("office").display()))
        .args(["--headless", "--convert-to", filter, "--outdir", "converted", file])
        .output()
        .unwrap();
    let path = dir.join("converted").join(written);
    std::fs::read_to_string(&path).unwrap_or_else(|error| {
        let there: Vec<_> = std::fs::read_dir(dir.join("converted"))
            .into_iter()
            .flatten()
            .flatten()
            .map(|e| e.file_name())
            .collect();
        panic!("{}: {error}; there is {there:?}\n{}", path.display(), String::from_utf8_lossy(&output.stderr))
    })
}

#[tokio::test]
async fn a_step_that_fails_is_recorded_each_time_and_shows_in_the_exit_status() {
    let bureau = Bureau::open().await;
    bureau.import(Import::Units(demo::plan().units)).await;
    bureau.import(Import::Officers(demo::plan().officers)).await;
    let frozen = catalog::round::Round {
        id: "2024-06/jingan-2024".into(),
        month: month("2024-06"),
        policy: "jingan-2024".into(),
        frozen_at: on(month("2024-06"), 2, 9),
        frozen_json: "{}".into(),
        frame_sha256: "ab".repeat(32),
        draw: None,
    };
    assert!(bureau.catalog.freeze_round(&frozen).await.unwrap());
    let now = on(month("2024-06"), 3, 9);
    schedule::announce_seed(bureau.catalog.as_ref(), &frozen.id, "4-2-6", "31901", now).await.unwrap();

    let ran =
        run(bureau.dir.path(), &["schedule", "run", "--now", "2024-06-22 09:00", "--catalog", &bureau.url()]);
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("the schedule failed at draw"), "{}", ran.stderr);
    run(bureau.dir.path(), &["schedule", "run", "--now", "2024-06-22 09:00", "--catalog", &bureau.url()]);
    let steps = bureau.cli(&["schedule", "list", "--month", "2024-06", "--json"]).json();
    let outcomes: Vec<_> = steps["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| format!("{} {}", step["step"].as_str().unwrap(), step["outcome"].as_str().unwrap()))
        .collect();
    // The return was tried although the draw failed before it; what is waited for is recorded once.
    assert_eq!(outcomes, ["draw failed", "return waiting", "draw failed"]);
}
