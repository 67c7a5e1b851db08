//! The other checks of the plan beside the recordings: each with a round of its own, from the freeze to a row
//! of the return.

use std::collections::BTreeMap;

use api::casework::review::Said;
use api::casework::{CaseworkError, filing, notice, review, schedule};
use api::operations;
use catalog::case::{Case, Complaint, Procedure, Stage, StageKind};
use catalog::filing::{StepKind, StepOutcome};
use catalog::import::Import;
use catalog::notice::NoticeKind;
use catalog::review::{Judgement, Outcome};
use catalog::round::RoundActKind;

use crate::bureau::{Bureau, month, on};

const JUNE: &str = "2024-06";
const KINDS: [&str; 3] = ["case_files", "complaints", "inspections"];

/// May of six squads: eight cases each that were closed, six complaints, two inspections; no legal review.
async fn bureau() -> Bureau {
    let bureau = Bureau::open().await;
    let plan = demo::plan();
    bureau.import(Import::Units(plan.units)).await;
    bureau.import(Import::Officers(plan.officers)).await;
    let may = month("2024-05");
    let (mut cases, mut stages, mut complaints) = (Vec::new(), Vec::new(), Vec::new());
    for squad in 1..=6 {
        let rows =
            [("A", Procedure::Ordinary, 8), ("C", Procedure::Complaint, 6), ("I", Procedure::Inspection, 2)];
        for (letter, procedure, count) in rows {
            for number in 1..=count {
                // A case number that holds a slash, as many bureaus write it.
                let case_no = format!("{letter}/2024/{squad}{number:02}");
                let ordinary = procedure == Procedure::Ordinary;
                cases.push(Case {
                    case_no: case_no.clone(),
                    unit: format!("SQ{squad}"),
                    procedure,
                    filed_at: on(may, number, 9),
                    closed_at: ordinary.then(|| on(may, 20, 9)),
                    title: "占道经营".into(),
                });
                if ordinary {
                    stages.push(Stage {
                        case_no: case_no.clone(),
                        stage_no: 1,
                        kind: StageKind::SiteInspection,
                        starts_at: on(may, number, 10),
                        ends_at: on(may, number, 11),
                        officers: vec![format!("3{}01", 10 + squad), format!("3{}02", 10 + squad)],
                        place: "某路".into(),
                    });
                }
                if procedure == Procedure::Complaint {
                    let repeats = if number == 1 && squad == 3 { 6 } else { 1 };
                    complaints.push(Complaint { case_no, repeats });
                }
            }
        }
    }
    bureau.import(Import::Cases(cases)).await;
    bureau.import(Import::Stages(stages)).await;
    bureau.import(Import::Complaints(complaints)).await;
    bureau
}

fn round(kind: &str) -> String {
    format!("{JUNE}/jingan-2024:{kind}")
}

#[tokio::test]
async fn every_check_of_the_plan_goes_from_its_freeze_to_a_row_of_the_return() {
    let bureau = bureau().await;
    let catalog = bureau.catalog.as_ref();
    let june = month(JUNE);

    // Frozen is what has something; what has nothing waits, and says for what.
    let run = bureau.tick(on(june, 2, 9)).await;
    let of = |step: StepKind| -> BTreeMap<String, (StepOutcome, String, String)> {
        let steps = run.steps.iter().filter(|one| one.step == step);
        steps
            .map(|one| (one.round.clone().unwrap(), (one.outcome, one.detail.clone(), one.detail_zh.clone())))
            .collect()
    };
    let frozen = of(StepKind::Freeze);
    assert_eq!(frozen.len(), 5, "{frozen:#?}");
    for kind in KINDS {
        assert_eq!(frozen[&round(kind)].0, StepOutcome::Done, "{kind}");
    }
    let (outcome, en, zh) = &frozen[&round("legal_reviews")];
    assert_eq!(*outcome, StepOutcome::Waiting);
    assert!(en.contains("sample freeze --month 2024-06 --kind legal_reviews"), "{en}");
    assert!(zh.contains("2024-05没有重大执法决定法制审核案件"), "{zh}");
    // Each frozen one waits for a seed that comes about as was announced.
    let waiting = of(StepKind::Draw);
    assert_eq!(waiting.len(), 4);
    let (_, en, zh) = &waiting[&round("complaints")];
    assert!(en.contains("dice") && en.contains("--round 2024-06/jingan-2024:complaints"), "{en}");
    assert!(zh.contains("掷骰"), "{zh}");

    // Somebody looked: there was no legal review. The empty list is frozen and asks for no seed.
    bureau.cli(&["sample", "freeze", "--month", JUNE, "--kind", "legal_reviews"]);

    for (place, kind) in (1..).zip(KINDS) {
        let seed = format!("{place}-4-2-6");
        schedule::announce_seed(catalog, &round(kind), &seed, "31901", on(june, 3, 9)).await.unwrap();
    }
    let seed = ("2024-06/jingan-2024", "5-5-1");
    schedule::announce_seed(catalog, seed.0, seed.1, "31901", on(june, 3, 9)).await.unwrap();
    let run = bureau.tick(on(june, 3, 10)).await;
    let done =
        |step| run.steps.iter().filter(|one| one.step == step && one.outcome == StepOutcome::Done).count();
    assert_eq!((done(StepKind::Draw), done(StepKind::Assign)), (4, 4), "{:#?}", run.steps);
    assert!(run.steps.iter().all(|one| one.round != Some(round("legal_reviews"))), "{:#?}", run.steps);

    // People skip a file, put another in its place, take two more; all but the skipped one are looked at.
    let files = round("case_files");
    let drawn = operations::drawn_round(catalog, &files).await.unwrap();
    // 15 % of 48 are 8; every squad still owes ten files in seven rounds, two a round.
    let count = drawn.draw.items.len() as u64;
    assert!(count >= 12, "{count}");
    let (first, second) = (drawn.draw.items[0].id.clone(), drawn.draw.items[1].id.clone());
    for what in [
        (RoundActKind::Skip, first.as_str(), 0),
        (RoundActKind::Substitute, second.as_str(), 1),
        (RoundActKind::Extra, "SQ1", 2),
    ] {
        let reason = ("督察甲、督察乙", "涉密");
        operations::act_on_round(catalog, &files, what, reason, on(june, 4, 9)).await.unwrap();
    }
    bureau.tick(on(june, 4, 10)).await;
    let view = async |at| {
        review::round_review(catalog, bureau.policy.clone(), &files, review::Sees::all(None), at)
            .await
            .unwrap()
    };
    let looked_at = view(on(june, 4, 11)).await;
    assert_eq!(looked_at.progress.drawn, count - 2 + 1 + 2);
    assert!(looked_at.unassigned.is_empty(), "{:?}", looked_at.unassigned);
    assert!(looked_at.items.iter().all(|item| item.standing.item != first && item.standing.item != second));

    // A file that is irregular says so in words; without any the verdict is refused, in both languages.
    let judge = async |item: &str, by: &str, outcome, note: &str| {
        let judgement = Judgement { outcome, codes: vec![], note: note.into(), moments: vec![] };
        let said = Said::Verdict(judgement);
        review::record(catalog, &bureau.policy, &files, item, by, said, on(june, 5, 9)).await
    };
    let bad = &looked_at.items[0].standing;
    let refused = judge(&bad.item, &bad.seats[0].badge, Outcome::Irregular, "").await.unwrap_err();
    let CaseworkError::Refused(refusal) = &refused else { panic!("{refused}") };
    assert!(refusal.zh().contains("写明不规范之处") && refused.to_string().contains("--note"));
    for (place, item) in looked_at.items.iter().enumerate() {
        for seat in &item.standing.seats {
            let (outcome, note) =
                if place == 0 { (Outcome::Irregular, "缺少送达回证") } else { (Outcome::Regular, "") };
            judge(&item.standing.item, &seat.badge, outcome, note).await.unwrap();
        }
    }

    // The squad gets a notice that speaks of the file and of no recording.
    bureau.tick(on(june, 6, 9)).await;
    let notices = notice::notices(catalog, Some(june), on(june, 6, 9)).await.unwrap();
    let one = notices.iter().find(|one| one.notice.body.unit == bad.unit).unwrap();
    assert_eq!(one.notice.body.kind, NoticeKind::Reminder);
    assert_eq!(
        one.notice.body.facts[0].text,
        format!("案件{}案卷不规范。复核意见：缺少送达回证。", bad.item)
    );
    assert!(!one.notice.body.demand.contains("记录仪"), "{}", one.notice.body.demand);

    let document =
        filing::return_document(catalog, bureau.policy.clone(), june, on(june, 21, 9)).await.unwrap();
    let row = |kind: &str| document.other_checks.iter().find(|row| row.kind.as_str() == kind).unwrap();
    let files = row("case_files");
    assert_eq!(
        (files.population, files.required, files.sampled, files.skipped, files.judged, files.missing),
        (Some(48), Some(12), Some(count), 2, count - 2, 0)
    );
    assert_eq!(files.items.iter().filter(|item| item.apart.is_some()).count(), 3);
    let of_drawn = files.items.iter().filter(|item| item.apart.is_none());
    let irregular = of_drawn.filter(|item| item.outcome == Some(Outcome::Irregular)).count() as u64;
    assert_eq!(files.irregular, irregular, "what is apart is in no figure");
    // Skipped ones count as bad, and the bound is over all of them.
    let bound = analyzer::bounds::missing_rate_upper(48, count, 2 + irregular, 0.95).unwrap();
    assert!((files.problem_rate_upper_95.unwrap() - bound).abs() < 1e-12);
    for part in
        [format!("应抽查12件，实际抽查{count}件").as_str(), "免查2件，另替补1件，另加抽2件", "以95%的把握"]
    {
        assert!(files.sentence.contains(part), "{part} lacks in {}", files.sentence);
    }
    assert!(
        files.sentence_en.contains("2 skipped, 1 substitutes apart, 2 extra ones apart"),
        "{}",
        files.sentence_en
    );
    let complaints = row("complaints");
    assert_eq!(
        (complaints.population, complaints.required, complaints.sampled),
        (Some(36), Some(1), Some(2))
    );
    assert!(
        complaints.problem_rate_upper_95.is_none() && complaints.sentence.contains("尚未形成结论2件"),
        "{}",
        complaints.sentence
    );
    assert!(row("legal_reviews").sentence.contains("经核无可抽查的"), "{}", row("legal_reviews").sentence);

    let csv = String::from_utf8(filing::return_file(&document, "csv").await.unwrap()).unwrap();
    for part in ["替补（不计入数量）", "加抽（不计入数量）", "免查（仍计入抽查数）", "缺少送达回证"]
    {
        assert!(csv.contains(part), "{part} lacks in {csv}");
    }
}

#[tokio::test]
async fn a_round_of_another_check_that_fails_shows_by_name_and_the_others_go_on() {
    let bureau = bureau().await;
    let catalog = bureau.catalog.as_ref();
    let june = month(JUNE);
    // A round that another version stored, as far as this one can tell.
    let broken = catalog::round::Round {
        id: round("complaints"),
        month: june,
        policy: "jingan-2024".into(),
        frozen_at: on(june, 2, 8),
        frozen_json: "{}".into(),
        frame_sha256: "ab".repeat(32),
        draw: None,
    };
    assert!(catalog.freeze_round(&broken).await.unwrap());
    bureau.tick(on(june, 2, 9)).await;
    for kind in KINDS {
        let seed = format!("{kind}-1");
        schedule::announce_seed(catalog, &round(kind), &seed, "31901", on(june, 3, 9)).await.unwrap();
    }
    let run = schedule::run(catalog, bureau.policy.clone(), on(june, 3, 10)).await.unwrap();
    assert!(run.failed);
    let draws: BTreeMap<&str, StepOutcome> = run
        .steps
        .iter()
        .filter(|one| one.step == StepKind::Draw)
        .map(|one| (one.round.as_deref().unwrap(), one.outcome))
        .collect();
    assert_eq!(draws[round("complaints").as_str()], StepOutcome::Failed);
    assert_eq!(draws[round("case_files").as_str()], StepOutcome::Done);
    assert_eq!(draws[round("inspections").as_str()], StepOutcome::Done);
    let kept = catalog.steps(Some(june)).await.unwrap();
    let failed = kept.iter().find(|one| one.outcome == StepOutcome::Failed).unwrap();
    assert_eq!(failed.round, Some(round("complaints")));
    assert!(
        failed.detail_zh.starts_with("抽取失败：批次") && failed.detail.contains("cannot be read"),
        "{failed:?}"
    );
}

#[tokio::test]
async fn a_district_that_checks_recordings_once_a_quarter_still_sends_a_return_each_month() {
    let bureau = Bureau {
        policy: std::sync::Arc::new(analyzer::policy::Policy::built_in("qingpu-2023").unwrap()),
        ..bureau().await
    };
    let catalog = bureau.catalog.as_ref();
    let june = month(JUNE);
    let run = bureau.tick(on(june, 2, 9)).await;
    let frozen: Vec<&str> = run
        .steps
        .iter()
        .filter(|one| one.step == StepKind::Freeze)
        .map(|one| one.round.as_deref().unwrap())
        .collect();
    assert_eq!(frozen, ["2024-06/qingpu-2023:cases", "2024-06/qingpu-2023:complaints"]);
    let run = bureau.tick(on(june, 22, 9)).await;
    let drafted = run.steps.iter().find(|one| one.step == StepKind::Return).unwrap();
    assert_eq!(drafted.outcome, StepOutcome::Done, "{drafted:?}");
    let document =
        filing::return_document(catalog, bureau.policy.clone(), june, on(june, 22, 9)).await.unwrap();
    assert_eq!((document.report.round.clone(), document.report.recordings_sampled), (None, 0));
    assert!(document.basis_zh().contains("本月无抽查批次"));
    for format in analyzer::report::files::FORMATS {
        filing::return_file(&document, format).await.unwrap();
    }

    // The round of July looks at the whole second quarter, and its return at each of its months.
    let july = june.next();
    let policy = bureau.policy.clone();
    let kind = analyzer::policy::Population::Recordings;
    let order = operations::FreezeOrder { month: july, kind, seed_source: "掷骰", even_if_empty: false };
    let round = operations::freeze_round(catalog, &policy, order, on(july, 2, 9)).await.unwrap().frozen;
    assert_eq!(round.base_time(), (month("2024-04"), june));
    operations::draw_round(catalog, &round.round, "3-3-3", None, on(july, 3, 9)).await.unwrap();
    let document = filing::return_document(catalog, policy, july, on(july, 22, 9)).await.unwrap();
    assert_eq!(
        document.report.not_judged, 0,
        "what began in May was looked at, though the quarter ends in June"
    );
    assert_eq!(document.report.missing_found, document.report.recordings_sampled, "there is no footage");
    assert_eq!(document.base_time_zh(), "2024-04至2024-06");
}
