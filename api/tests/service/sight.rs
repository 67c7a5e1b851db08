//! What somebody sees who sees one unit: it, those below it, and nothing of the others in any answer.

use api::server::router;
use axum::http::{Method, StatusCode};
use catalog::account::{NewUser, Role};
use catalog::review::Visit;
use serde_json::Value;

use crate::month::{ADMIN, Bureau, account, at};
use crate::{Answer, ask_as, encoded};

const SQUAD: &str = "1111111111111111111111111111111111111111111111111111111111111111";

const ABOVE: &str = "2222222222222222222222222222222222222222222222222222222222222222";

async fn bureau() -> Bureau {
    let bureau = Bureau::with_cases(21).await.drawn().await;
    bureau.sign_in(account("squad", Role::Squad), SQUAD).await;
    let above = NewUser { unit: Some("ZD".to_owned()), ..account("above", Role::CaseReview) };
    bureau.sign_in(above, ABOVE).await;
    for unit in ["SQ1", "SQ2"] {
        let visit = Visit {
            number: 0,
            unit: unit.to_owned(),
            starts_at: at("2024-06-02 09:00"),
            ends_at: at("2024-06-02 10:00"),
            supervisors: vec!["310001".to_owned(), "310002".to_owned()],
            on_site: true,
            note: "查看台账".to_owned(),
            found: vec![],
            recorded_at: at("2024-06-02 11:00"),
            recorded_by: "310001".to_owned(),
        };
        bureau.catalog().add_visit(&visit).await.unwrap();
    }
    bureau
}

async fn get(service: &axum::Router, session: &str, address: &str) -> Answer {
    ask_as(service, Some(session), Method::GET, address, None).await
}

/// Every text in a document that is the code of a unit, the badge of an officer or the serial number of a device.
fn named(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            for other in ["SQ2", "SQ3", "310002", "310003", "BC002", "BC003"] {
                if text.contains(other) {
                    found.push(text.clone());
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| named(item, found)),
        Value::Object(fields) => fields.iter().for_each(|(name, field)| {
            named(&Value::String(name.clone()), found);
            named(field, found);
        }),
        _ => {}
    }
}

#[tokio::test]
async fn no_answer_to_a_squad_names_another_squad_its_people_or_devices() {
    let bureau = bureau().await;
    let service = router(bureau.state.clone()).unwrap();
    for address in [
        "/api/v1/overview",
        "/api/v1/recordings?limit=500",
        "/api/v1/cases?limit=1000",
        "/api/v1/audit",
        "/api/v1/rounds",
        "/api/v1/rounds/2024-06/jingan-2024",
        "/api/v1/rounds/2024-06/jingan-2024/review",
        "/api/v1/notices",
        "/api/v1/scores",
        "/api/v1/excuses",
    ] {
        let answer = get(&service, SQUAD, address).await;
        assert_eq!(answer.status, StatusCode::OK, "{address}: {}", answer.text);
        let mut found = Vec::new();
        named(&answer.json(), &mut found);
        assert!(found.is_empty(), "{address} names {found:?}");
        let mut everything = Vec::new();
        named(&get(&service, ADMIN, address).await.json(), &mut everything);
        let says_nothing_of_units =
            ["/api/v1/rounds", "/api/v1/notices", "/api/v1/rounds/2024-06/jingan-2024/review"];
        assert!(
            !everything.is_empty() || says_nothing_of_units.contains(&address),
            "{address}: the test sees nothing"
        );
    }
    let visits = get(&service, SQUAD, "/api/v1/visits").await.json();
    assert_eq!(visits["visits"].as_array().unwrap().len(), 1);
    assert_eq!(visits["visits"][0]["unit"], "SQ1");
}

#[tokio::test]
async fn the_sums_of_a_squad_are_those_of_its_own_obligations() {
    let bureau = bureau().await;
    let service = router(bureau.state.clone()).unwrap();
    let all = get(&service, ADMIN, "/api/v1/audit").await.json();
    let own = get(&service, SQUAD, "/api/v1/audit").await.json();
    let of_unit = |audit: &Value| {
        let units = audit["units"].as_array().unwrap();
        units.iter().find(|unit| unit["unit"] == "SQ1").unwrap().clone()
    };
    assert_eq!(own["units"].as_array().unwrap().len(), 1);
    assert_eq!(of_unit(&own), of_unit(&all));
    for sum in ["obligations", "missing", "required_us", "covered_us", "findings"] {
        assert_eq!(own["totals"][sum], of_unit(&all)[sum], "{sum}");
    }
    let overview = get(&service, SQUAD, "/api/v1/overview").await.json();
    assert_eq!((&overview["round"], &overview["return"]), (&Value::Null, &Value::Null));
    assert_eq!(overview["catalog"]["officers"], 1);
    assert_eq!(overview["audit"]["totals"], own["totals"]);
}

#[tokio::test]
async fn what_is_another_squads_is_not_there() {
    let bureau = bureau().await;
    let service = router(bureau.state.clone()).unwrap();
    for (number, status) in [(0, StatusCode::OK), (1, StatusCode::NOT_FOUND)] {
        let address = format!("/api/v1/cases/{}", encoded(&format!("罚〔2024〕{number:03}号")));
        assert_eq!(get(&service, SQUAD, &address).await.status, status, "case {number}");
    }
    let recordings = get(&service, ADMIN, "/api/v1/recordings?limit=500").await.json();
    let mut seen = 0;
    for recording in recordings["recordings"].as_array().unwrap() {
        let own = recording["device_unit"] == "SQ1";
        seen += u32::from(own);
        let address = format!("/api/v1/recordings/{}", encoded(recording["object_key"].as_str().unwrap()));
        let status = if own { StatusCode::OK } else { StatusCode::NOT_FOUND };
        assert_eq!(get(&service, SQUAD, &address).await.status, status, "{recording}");
    }
    assert!(seen > 0);
}

#[tokio::test]
async fn who_sees_the_unit_above_sees_all_below_it() {
    let bureau = bureau().await;
    let service = router(bureau.state.clone()).unwrap();
    for address in
        ["/api/v1/audit", "/api/v1/cases?limit=1000", "/api/v1/recordings?limit=500", "/api/v1/visits"]
    {
        let (all, above) = (get(&service, ADMIN, address).await, get(&service, ABOVE, address).await);
        assert_eq!(all.json(), above.json(), "{address}");
    }
}
