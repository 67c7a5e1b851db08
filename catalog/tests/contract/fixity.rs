//! What every engine does with checks of stored bytes.

use catalog::chunks::{AlteredRange, ChunkList};
use catalog::device::{Device, DeviceKind};
use catalog::fixity::{CheckOutcome, FixityEnd, RiskClass};
use catalog::observation::{MediaSpan, Observation};
use catalog::round::{Round, RoundAct, RoundActKind, RoundDraw};
use catalog::store::{
    Checked, Drawing, FixityBegin, FixityRunId, HeldObject, LogSubject, ObjectId, Reading, Recorded, Taken,
    Unchecked,
};

use super::*;

const NONE: [AlteredRange; 0] = [];

async fn reading<'a>(
    catalog: &dyn Catalog,
    key: &'a str,
    signature: &'a str,
    observed_at: &str,
    observation: &'a Observation,
    altered: &'a [AlteredRange],
) -> Reading<'a> {
    Reading {
        store: store_of(catalog).await.id,
        object_key: key,
        signature,
        observed_at: at(observed_at),
        written_at: None,
        observation,
        tracks: &[],
        chunks: None,
        altered,
    }
}

async fn begin(catalog: &dyn Catalog, moment: &str) -> FixityRunId {
    let begin = FixityBegin {
        at: at(moment),
        policy: "jingan-2024".into(),
        budget_us: Some(Micros::from_s(3600)),
        budget_bytes: None,
        due_objects: 2,
        due_bytes: 2002,
    };
    catalog.begin_fixity(&begin).await.unwrap()
}

async fn held(catalog: &dyn Catalog) -> Vec<HeldObject> {
    catalog.held(ObjectId::BEFORE_ALL, 100).await.unwrap()
}

pub(crate) async fn a_check_says_when_an_object_was_last_read(catalog: &dyn Catalog) {
    let first = observation(1, "2024-05-03 09:00");
    for key in ["a.mp4", "b.mp4", "c.mp4"] {
        record(catalog, key, "s1", &first).await;
    }
    let before = held(catalog).await;
    let keys: Vec<&str> = before.iter().map(|object| object.object_key.as_str()).collect();
    assert_eq!(keys, ["a.mp4", "b.mp4", "c.mp4"]);
    let one = &before[0];
    assert_eq!(
        (one.size_bytes, one.device.as_deref(), one.badge.as_deref()),
        (1001, Some("BC001"), Some("310001"))
    );
    assert_eq!(one.ran.unwrap(), catalog::Interval::new(at("2024-05-03 09:00"), at("2024-05-03 09:01")));
    assert_eq!((one.read_at, one.moved), (at("2024-06-02 10:00"), false));
    let pages = [
        catalog.held(ObjectId::BEFORE_ALL, 2).await.unwrap(),
        catalog.held(before[1].id, 2).await.unwrap(),
        catalog.held(before[2].id, 2).await.unwrap(),
    ];
    assert_eq!(pages.map(|page| page.len()), [2, 1, 0]);

    let run = begin(catalog, "2024-07-01 01:00").await;
    let checked = Checked {
        run,
        class: RiskClass::Case,
        bytes_read: 1001,
        reading: reading(catalog, "a.mp4", "s1", "2024-07-01 01:01", &first, &NONE).await,
    };
    assert_eq!(catalog.record_check(&checked).await.unwrap(), Recorded::SameBytes);
    // What could not be read was not read; what is missing is not held any more.
    for (key, missing) in [("b.mp4", false), ("c.mp4", true)] {
        let unchecked = Unchecked {
            run,
            class: RiskClass::Other,
            store: store_of(catalog).await.id,
            object_key: key,
            at: at("2024-07-01 01:02"),
            missing,
            detail: "why",
        };
        catalog.record_unchecked(unchecked).await.unwrap();
    }
    let after: Vec<_> =
        held(catalog).await.into_iter().map(|object| (object.object_key, object.read_at)).collect();
    let expected =
        [("a.mp4".to_owned(), at("2024-07-01 01:01")), ("b.mp4".to_owned(), at("2024-06-02 10:00"))];
    assert_eq!(after, expected);
    let keys = catalog.log_keys_of(LogSubject::Object("a.mp4")).await.unwrap();
    assert_eq!(keys.iter().filter(|(kind, _)| kind == "fixity_check").count(), 1);

    let runs = catalog.fixity_runs(10).await.unwrap();
    let [one] = runs.as_slice() else { panic!("{runs:?}") };
    assert_eq!((one.intact, one.altered, one.missing, one.unreadable), (1, 0, 1, 1));
    assert_eq!((one.due_objects, one.due_bytes, one.bytes_read), (2, 2002, 1001));
    assert_eq!((one.budget_us, one.budget_bytes), (Some(Micros::from_s(3600)), None));
    assert_eq!((one.ended_at, one.end, one.last_check_at), (None, None, Some(at("2024-07-01 01:02"))));
    assert!(catalog.end_fixity(run, FixityEnd::Budget, at("2024-07-01 02:00")).await.unwrap());
    assert!(!catalog.end_fixity(run, FixityEnd::Done, at("2024-07-01 03:00")).await.unwrap());
    let [one] = catalog.fixity_runs(1).await.unwrap().try_into().unwrap();
    assert_eq!((one.ended_at, one.end), (Some(at("2024-07-01 02:00")), Some(FixityEnd::Budget)));
    let found = catalog.fixity_findings(Some(run), 10).await.unwrap();
    let found: Vec<_> = found.iter().map(|one| (one.object_key.as_str(), one.outcome, one.class)).collect();
    let expected = [
        ("c.mp4", CheckOutcome::Missing, RiskClass::Other),
        ("b.mp4", CheckOutcome::Unreadable, RiskClass::Other),
    ];
    assert_eq!(found, expected);
}

pub(crate) async fn a_check_that_finds_other_bytes_is_a_new_version_with_its_places(catalog: &dyn Catalog) {
    let store = store_of(catalog).await.id;
    let first = observation(1, "2024-05-03 09:00");
    let mut chunks = ChunkList::new(4 << 20);
    chunks.push(&[1; 32]);
    let with_chunks = Reading {
        chunks: Some(&chunks),
        ..reading(catalog, "a.mp4", "s1", "2024-06-02 10:00", &first, &NONE).await
    };
    catalog.record(&with_chunks).await.unwrap();
    record(catalog, "b.mp4", "s1", &first).await;
    let run = begin(catalog, "2024-07-01 01:00").await;
    let span = MediaSpan { start_us: MediaTime(1), end_us: MediaTime(5_000_000) };
    let ranges = [AlteredRange { start_byte: 0, end_byte: 1001, span: Some(span) }];
    let other = observation(2, "2024-05-03 09:00");
    for key in ["a.mp4", "b.mp4"] {
        let altered = if key == "a.mp4" { &ranges[..] } else { &NONE[..] };
        let checked = Checked {
            run,
            class: RiskClass::Sampled,
            bytes_read: 1002,
            reading: reading(catalog, key, "s1", "2024-07-01 01:01", &other, altered).await,
        };
        assert_eq!(catalog.record_check(&checked).await.unwrap(), Recorded::Altered { version: 2 });
    }
    let found = catalog.fixity_findings(None, 10).await.unwrap();
    let found: Vec<_> =
        found.into_iter().map(|one| (one.object_key, one.version, one.outcome, one.ranges)).collect();
    let expected = [
        // Of a version that was recorded without a list nobody can say where.
        ("b.mp4".to_owned(), 1, CheckOutcome::Altered, None),
        ("a.mp4".to_owned(), 1, CheckOutcome::Altered, Some(ranges.to_vec())),
    ];
    assert_eq!(found, expected);
    assert_eq!(catalog.alterations("a.mp4").await.unwrap()[0].ranges, ranges);
    let now = held(catalog).await;
    assert!(
        now.iter().all(|object| object.store == store && object.read_at == at("2024-07-01 01:01")),
        "{now:?}"
    );
}

pub(crate) async fn what_was_moved_is_known_until_it_is_read_again(catalog: &dyn Catalog) {
    let moved = async || -> Vec<String> {
        held(catalog)
            .await
            .into_iter()
            .filter(|object| object.moved)
            .map(|object| object.object_key)
            .collect()
    };
    let first = observation(1, "2024-05-03 09:00");
    let second = observation(2, "2024-05-03 10:00");
    record(catalog, "a.mp4", "s1", &first).await;
    record(catalog, "b.mp4", "s1", &second).await;
    assert_eq!(moved().await, [""; 0]);
    // The store says something else of the same bytes: they were copied, restored, or brought elsewhere.
    record(catalog, "a.mp4", "s2", &first).await;
    // The same bytes under another key, while those under the first are gone.
    record(catalog, "elsewhere/b.mp4", "s1", &second).await;
    assert_eq!(moved().await, ["a.mp4"]);
    let store = store_of(catalog).await.id;
    catalog.mark_gone(store, &["b.mp4".to_owned()], at("2024-06-03 10:00")).await.unwrap();
    assert_eq!(moved().await, ["a.mp4", "elsewhere/b.mp4"]);
    let run = begin(catalog, "2024-07-01 01:00").await;
    for (key, signature, observation) in [("a.mp4", "s2", &first), ("elsewhere/b.mp4", "s1", &second)] {
        let checked = Checked {
            run,
            class: RiskClass::Moved,
            bytes_read: 0,
            reading: reading(catalog, key, signature, "2024-07-01 01:01", observation, &NONE).await,
        };
        catalog.record_check(&checked).await.unwrap();
    }
    assert_eq!(moved().await, [""; 0]);
}

pub(crate) async fn ground_has_all_that_objects_may_be_evidence_of(catalog: &dyn Catalog) {
    people(catalog).await;
    take_in(catalog, Import::Cases(vec![case("A1", "2024-05-02 09:00"), case("A2", "2023-05-02 09:00")]))
        .await;
    let stages =
        vec![stage("A1", 1, "2024-05-03 09:00", &["310001"]), stage("A2", 1, "2023-05-03 09:00", &[])];
    take_in(catalog, Import::Stages(stages)).await;
    let device = Device {
        serial: "BC001".into(),
        kind: DeviceKind::Bodycam,
        unit: "S1".into(),
        holder: Some("310001".into()),
        synced_at: None,
        clock_error_us: None,
    };
    take_in(catalog, Import::Devices(vec![device.clone()])).await;
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
    let draw = |seed: &str| RoundDraw {
        seed: seed.into(),
        drawn_at: at("2024-06-03 10:00"),
        draw_json: format!(r#"{{"seed":"{seed}"}}"#),
    };
    catalog.draw_round(&round.id, &draw("1")).await.unwrap();
    let act = RoundAct {
        kind: RoundActKind::Redraw,
        at: at("2024-06-04 10:00"),
        who: "310001".into(),
        why: "why".into(),
        item: String::new(),
        taken: vec!["A1/1".into()],
        draw: Some(draw("2")),
    };
    catalog.add_round_act(&round.id, &act).await.unwrap();
    let ground = catalog.ground().await.unwrap();
    let drawing = |seed: &str| Drawing {
        round: round.id.clone(),
        at: at("2024-06-03 10:00"),
        document: draw(seed).draw_json,
    };
    // Of a draw that was made anew the moment of the act counts.
    let second = Drawing { at: at("2024-06-04 10:00"), ..drawing("2") };
    assert_eq!(ground.draws, [drawing("1"), second]);
    let taken = Taken { round: round.id.clone(), at: at("2024-06-04 10:00"), item: "A1/1".into() };
    assert_eq!(ground.taken, [taken]);
    assert_eq!(ground.cases.len(), 2);
    assert_eq!(ground.stages.iter().map(|stage| stage.case_no.as_str()).collect::<Vec<_>>(), ["A1", "A2"]);
    assert_eq!(ground.devices, [device]);
}
