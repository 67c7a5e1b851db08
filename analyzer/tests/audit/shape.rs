//! The JSON that scripts rely on, and the sums.

use analyzer::audit::audit;
use catalog::Micros;
use insta::assert_snapshot;

use crate::month::{Film, Month};

#[test]
fn an_audit_serialises_to_the_json_that_scripts_rely_on() {
    let mut month = Month::with_inspection().film(Film::first("a", "10:00:30", "10:10:00"));
    month.policy.tolerances.unreadable_reach.source.words = "…".to_owned();
    let mut audit = audit(&month.snapshot, &month.policy);
    audit.to_be_confirmed.truncate(1);
    assert_snapshot!(serde_json::to_string_pretty(&audit).unwrap(), @r#"
    {
      "month": "2024-05",
      "policy": "jingan-2024",
      "as_of": "2024-06-01T00:00:00+08:00",
      "obligations": [
        {
          "id": "A-1/1",
          "case_no": "A-1",
          "stage_no": 1,
          "kind": "site_inspection",
          "unit": "SQ1",
          "starts_at": "2024-05-06T10:00:00+08:00",
          "ends_at": "2024-05-06T10:10:00+08:00",
          "officers": [
            "1001",
            "1002"
          ],
          "place": "南京西路",
          "required_us": 600000000,
          "covered_us": 570000000,
          "tolerated_us": 0,
          "excused_us": 0,
          "status": "partial",
          "gaps": [
            {
              "start": "2024-05-06T10:00:00+08:00",
              "end": "2024-05-06T10:00:30+08:00",
              "length_us": 30000000,
              "certainty": "certain",
              "code": "late_start",
              "place": null,
              "excused": null
            }
          ],
          "recordings": [
            "a"
          ],
          "evidence": [
            {
              "object_key": "a",
              "role": "covers",
              "linked": false,
              "device": "BWC1",
              "badge": "1001",
              "started_at": "2024-05-06T10:00:30+08:00",
              "clock_error_us": 751042,
              "covers_us": 570000000
            }
          ],
          "sessions": [],
          "unresolved_links": [],
          "findings": [
            {
              "code": "late_start",
              "severity": "irregular",
              "certainty": "certain",
              "detail": "expected recording from the start, at most 5.000 s late; 30.000 s late",
              "detail_zh": "环节开始后 30.0 秒 才开始录制",
              "expected": "recording from the start, at most 5.000 s late",
              "observed": "30.000 s late",
              "at": {
                "start": "2024-05-06T10:00:00+08:00",
                "end": "2024-05-06T10:00:30+08:00"
              },
              "recordings": [
                "a"
              ],
              "excused": null
            }
          ]
        }
      ],
      "outside": [],
      "totals": {
        "obligations": 1,
        "complete": 0,
        "partial": 1,
        "missing": 0,
        "excused": 0,
        "required_us": 600000000,
        "covered_us": 570000000,
        "tolerated_us": 0,
        "excused_us": 0,
        "findings": {
          "late_start": {
            "total": 1,
            "missing": 0,
            "irregular": 1,
            "notice": 0,
            "excused": 0
          }
        }
      },
      "outside_findings": {},
      "units": [
        {
          "unit": "SQ1",
          "name": "一中队",
          "obligations": 1,
          "complete": 0,
          "partial": 1,
          "missing": 0,
          "excused": 0,
          "required_us": 600000000,
          "covered_us": 570000000,
          "tolerated_us": 0,
          "excused_us": 0,
          "findings": {
            "late_start": {
              "total": 1,
              "missing": 0,
              "irregular": 1,
              "notice": 0,
              "excused": 0
            }
          }
        }
      ],
      "clocks": [],
      "to_be_confirmed": [
        {
          "figure": "tolerances.late_start",
          "value_us": 5000000,
          "clause": "《上海市城管执法视音频记录工作规范》",
          "words": "原文未公开；取预录不少于3秒之上略宽"
        }
      ]
    }
    "#);
}

#[test]
fn every_unconfirmed_figure_that_was_used_is_named() {
    let audit = Month::new().crewed().audit();
    let figures: Vec<_> =
        audit.to_be_confirmed.iter().map(|figure| (figure.figure, figure.value_us)).collect();
    assert_eq!(figures.len(), 22);
    assert!(figures.contains(&("reconcile.held.bodycam", Some(Micros::from_s(7 * 86_400)))));
    assert!(figures.contains(&("clock.disagreement", Some(Micros::from_s(120)))));
    assert!(!figures.iter().any(|(figure, _)| *figure == "obligations.stages"));
}

#[test]
fn the_lengths_of_every_obligation_add_up() {
    let month = Month::new()
        .stage("10:00:00", "10:10:00")
        .stage("11:00:00", "11:10:00")
        .film(Film::first("a", "10:00:03", "10:04:00"))
        .film(Film::first("b", "10:05:00", "10:09:00"));
    let audit = month.audit();
    for stage in &audit.obligations {
        let open_us: Micros = stage.gaps.iter().map(|gap| gap.length_us).sum();
        assert_eq!(stage.required_us, stage.covered_us + stage.tolerated_us + open_us);
    }
    assert_eq!((audit.totals.partial, audit.totals.missing), (1, 1));
    assert_eq!(audit.totals.required_us, Micros::from_s(1200));
    assert_eq!(audit.units[0].totals, audit.totals);
}
