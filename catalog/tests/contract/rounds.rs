//! Rounds: frozen once, drawn once, what people did with them, and what frames are made from.

use catalog::case::{Case, Complaint, Procedure};
use catalog::import::Import;
use catalog::round::{Round, RoundAct, RoundActKind, RoundBrief, RoundDraw};
use catalog::store::{Catalog, ImportOrigin};
use catalog::unit::{Unit, UnitKind};

use super::at;

pub(crate) async fn a_round_is_frozen_once_and_drawn_once(catalog: &dyn Catalog) {
    let round = Round {
        id: "2024-06/jingan-2024".into(),
        month: "2024-06".parse().unwrap(),
        policy: "jingan-2024".into(),
        frozen_at: at("2024-06-03 09:00"),
        frozen_json: "{}".into(),
        frame_sha256: "cd".repeat(32),
        draw: None,
    };
    let before = catalog.revision().await.unwrap();
    assert!(catalog.freeze_round(&round).await.unwrap());
    let now = catalog.revision().await.unwrap();
    assert!(now.number > before.number, "whoever watches learns of it");
    assert_eq!(now.evidence, before.evidence, "what a month looks like is the same");
    let other = Round { frozen_json: "{\"other\":1}".into(), ..round.clone() };
    assert!(!catalog.freeze_round(&other).await.unwrap());
    assert_eq!(catalog.round(&round.id).await.unwrap(), Some(round.clone()));
    let draw = RoundDraw { seed: "6 1 4".into(), drawn_at: at("2024-06-04 09:00"), draw_json: "{}".into() };
    assert!(catalog.draw_round(&round.id, &draw).await.unwrap());
    let again = RoundDraw { seed: "1 1 1".into(), ..draw.clone() };
    assert!(!catalog.draw_round(&round.id, &again).await.unwrap());
    let drawn = Round { draw: Some(draw), ..round };
    assert_eq!(catalog.rounds_in_brief().await.unwrap(), [RoundBrief::from(&drawn)]);
    assert_eq!(catalog.round(&drawn.id).await.unwrap().as_ref(), Some(&drawn));
    assert_eq!(catalog.round("2024-07/jingan-2024").await.unwrap(), None);
    assert_eq!(catalog.rounds().await.unwrap(), [drawn]);
    assert!(catalog.draw_round("no such round", &again).await.is_err());
}

pub(crate) async fn what_people_did_with_a_drawn_round_stays(catalog: &dyn Catalog) {
    let round = Round {
        id: "2024-06/jingan-2024".into(),
        month: "2024-06".parse().unwrap(),
        policy: "jingan-2024".into(),
        frozen_at: at("2024-06-03 09:00"),
        frozen_json: "{}".into(),
        frame_sha256: "cd".repeat(32),
        draw: None,
    };
    catalog.freeze_round(&round).await.unwrap();
    let skip = RoundAct {
        kind: RoundActKind::Skip,
        at: at("2024-06-05 09:00"),
        who: "甲、乙".into(),
        why: "涉及国家秘密".into(),
        item: "A/1".into(),
        taken: Vec::new(),
        draw: None,
    };
    assert!(catalog.add_round_act(&round.id, &skip).await.is_err(), "a round that is not drawn has no acts");
    let drawn_at = at("2024-06-04 09:00");
    let draw = RoundDraw { seed: "4-2-6".into(), drawn_at, draw_json: "{}".into() };
    catalog.draw_round(&round.id, &draw).await.unwrap();

    let at = at("2024-06-06 09:00");
    let acts = [
        skip.clone(),
        RoundAct {
            kind: RoundActKind::Substitute,
            taken: vec!["B/1".into()],
            item: "A/2".into(),
            ..skip.clone()
        },
        RoundAct { kind: RoundActKind::Extra, taken: vec!["C/1".into(), "C/2".into()], ..skip.clone() },
        RoundAct {
            kind: RoundActKind::Redraw,
            at,
            item: String::new(),
            draw: Some(RoundDraw { seed: "1-1-1".into(), drawn_at: at, draw_json: "{\"items\":[]}".into() }),
            ..skip.clone()
        },
    ];
    for act in &acts {
        catalog.add_round_act(&round.id, act).await.unwrap();
    }
    assert_eq!(catalog.round_acts(&round.id).await.unwrap(), acts);
    assert_eq!(catalog.round(&round.id).await.unwrap().unwrap().draw, Some(draw), "the first draw stays");
    assert!(catalog.round_acts("no such round").await.unwrap().is_empty());
    for nameless in [RoundAct { who: String::new(), ..skip.clone() }, RoundAct { why: String::new(), ..skip }]
    {
        assert!(catalog.add_round_act(&round.id, &nameless).await.is_err());
    }
}

pub(crate) async fn what_should_exist_comes_with_closed_cases_and_repeats(catalog: &dyn Catalog) {
    let origin = ImportOrigin { file_name: "x.csv", sha256: &"ab".repeat(32), absent: &[] };
    let take_in =
        async |import: Import| catalog.import(&import, &origin, at("2024-06-01 00:00")).await.unwrap();
    let unit = Unit { code: "SQ".into(), name: "某中队".into(), kind: UnitKind::Squad, parent: None };
    take_in(Import::Units(vec![unit.clone()])).await;
    let case = |case_no: &str, filed_at: &str, closed_at: Option<&str>| Case {
        case_no: case_no.into(),
        unit: "SQ".into(),
        procedure: Procedure::Complaint,
        filed_at: at(filed_at),
        closed_at: closed_at.map(at),
        title: String::new(),
    };
    let filed = case("filed", "2024-05-31 23:59", None);
    let closed = case("closed", "2024-02-01 10:00", Some("2024-05-01 00:00"));
    let neither = case("neither", "2024-04-30 23:59", Some("2024-06-01 00:00"));
    take_in(Import::Cases(vec![filed.clone(), closed.clone(), neither])).await;
    let complaint = |repeats| Import::Complaints(vec![Complaint { case_no: "filed".into(), repeats }]);
    take_in(complaint(3)).await;
    let outcome = take_in(complaint(5)).await;
    assert_eq!((outcome.new, outcome.changed), (0, 1));

    let may = "2024-05".parse().unwrap();
    let found = catalog.should_exist(may, may).await.unwrap();
    assert_eq!(found.cases, [closed, filed]);
    assert_eq!(found.units, [unit]);
    assert_eq!(found.repeats.get("filed"), Some(&5));
    assert_eq!(found.repeats.len(), 1);
    let year = catalog.should_exist("2024-01".parse().unwrap(), "2024-12".parse().unwrap()).await.unwrap();
    assert_eq!(year.cases.len(), 3);
}
