//! Lists: sorted and filtered as they say they can be, a page at a time, and as tables.

use std::collections::BTreeMap;

use api::server::router;
use axum::Router;
use axum::http::{Method, StatusCode};
use calamine::{Data, Reader as _, Xlsx};
use catalog::account::{NewUser, Role};
use catalog::review::Visit;
use serde_json::Value;

use crate::month::{ADMIN, Bureau, account, at};
use crate::{ask_as, document, encoded, get};

const SQUAD: &str = "1111111111111111111111111111111111111111111111111111111111111111";

/// What every list is called in its answer, and what its entries are told apart by.
const LISTS: [(&str, &str, &str); 9] = [
    ("/api/v1/cases", "cases", "case_no"),
    ("/api/v1/rounds", "rounds", "id"),
    ("/api/v1/notices", "notices", "id"),
    ("/api/v1/excuses", "excuses", "id"),
    ("/api/v1/visits", "visits", "number"),
    ("/api/v1/users", "users", "login"),
    ("/api/v1/recordings", "recordings", "id"),
    ("/api/v1/quarantine", "quarantined", "id"),
    ("/api/v1/audit-trail", "lines", "id"),
];

async fn bureau() -> Bureau {
    let bureau = Bureau::with_cases(21).await.drawn().await;
    bureau.sign_in(account("squad", Role::Squad), SQUAD).await;
    for login in ["wang", "li", "zhao"] {
        let user = NewUser { unit: Some("ZD".to_owned()), ..account(login, Role::CaseReview) };
        bureau.sign_in(user, &format!("{:064x}", login.len() + 77 * usize::from(login.as_bytes()[0]))).await;
    }
    for (unit, day) in [("SQ1", 4), ("SQ3", 2), ("SQ2", 3)] {
        let from = at(&format!("2024-06-{day:02} 09:00"));
        let visit = Visit {
            number: 0,
            unit: unit.to_owned(),
            starts_at: from,
            ends_at: from,
            supervisors: vec!["310001".to_owned(), "310002".to_owned()],
            on_site: day == 2,
            note: "查看台账".to_owned(),
            found: vec![],
            recorded_at: at("2024-06-05 09:00"),
            recorded_by: "310001".to_owned(),
        };
        bureau.catalog().add_visit(&visit).await.unwrap();
    }
    bureau
}

/// The names of all entries of a list, in its order, walked by so many.
async fn walk(
    service: &Router,
    session: &str,
    address: &str,
    (list, name): (&str, &str),
    limit: u32,
) -> Vec<String> {
    let (mut names, mut after) = (Vec::new(), String::new());
    loop {
        let page = format!("{address}limit={limit}&after={}", encoded(&after));
        let page = ask_as(service, Some(session), Method::GET, &page, None).await;
        assert_eq!(page.status, StatusCode::OK, "{address}: {}", page.text);
        let page = page.json();
        names.extend(page[list].as_array().unwrap().iter().map(|entry| entry[name].to_string()));
        assert!(names.len() < 1000, "the list has no end");
        match page["next"].as_str() {
            Some(next) => next.clone_into(&mut after),
            None => return names,
        }
    }
}

/// The orders that the description of an address names.
fn orders(description: &Value, address: &str) -> Vec<String> {
    let parameters = description["paths"][address]["get"]["parameters"].as_array().unwrap();
    let sort = parameters.iter().find(|parameter| parameter["name"] == "sort").unwrap();
    sort["schema"]["enum"].as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn each_list_takes_every_order_it_describes_and_its_pages_are_the_whole() {
    let bureau = bureau().await;
    let service = router(bureau.state.clone()).unwrap();
    let description = document(&service, "/api/openapi.json").await;
    for (address, list, name) in LISTS {
        let own = walk(&service, ADMIN, &format!("{address}?"), (list, name), 500).await;
        let pages = walk(&service, ADMIN, &format!("{address}?"), (list, name), 5).await;
        assert_eq!(pages, own, "{address}");
        for order in orders(&description, address) {
            let sorted = format!("{address}?sort={order}&");
            let whole = walk(&service, ADMIN, &sorted, (list, name), 500).await;
            // That pages of every size do is shown where they are cut; here, that each list is cut like that.
            let pages = walk(&service, ADMIN, &sorted, (list, name), 5).await;
            assert_eq!(pages, whole, "{sorted}");
            let (mut here, mut there) = (own.clone(), whole);
            here.sort();
            there.sort();
            assert_eq!(here, there, "{sorted} holds others than the list");
        }
        let unknown = get(&service, &format!("{address}?sort=colour")).await;
        assert_eq!(unknown.status, StatusCode::BAD_REQUEST, "{address}");
        let problem = unknown.json();
        assert_eq!((&problem["code"], &problem["parameter"]), (&"bad_parameter".into(), &"sort".into()));
    }
}

#[tokio::test]
async fn a_place_in_one_order_is_none_in_another() {
    let bureau = bureau().await;
    let service = router(bureau.state.clone()).unwrap();
    let page = document(&service, "/api/v1/cases?sort=filed_at&limit=2").await;
    let next = encoded(page["next"].as_str().unwrap());
    for other in ["sort=-filed_at&", "sort=unit&", ""] {
        let answer = get(&service, &format!("/api/v1/cases?{other}after={next}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{other}");
        assert_eq!(answer.json()["parameter"], "after");
    }
    let own = document(&service, &format!("/api/v1/cases?after={}", encoded("罚〔2024〕010号"))).await;
    assert_eq!(own["cases"][0]["case_no"], "罚〔2024〕011号", "in its own order, a name does");
}

#[tokio::test]
async fn cases_stand_in_order_and_are_found_by_what_they_hold() {
    let bureau = bureau().await;
    let service = router(bureau.state.clone()).unwrap();
    let cases = async |query: &str| document(&service, &format!("/api/v1/cases?{query}")).await;
    let column = |page: &Value, name: &str| -> Vec<String> {
        page["cases"].as_array().unwrap().iter().map(|case| case[name].to_string()).collect()
    };
    let gravest = column(&cases("sort=-status").await, "status");
    let grave = ["\"missing\"", "\"partial\"", "\"excused\"", "\"complete\""];
    let places: Vec<_> =
        gravest.iter().map(|status| grave.iter().position(|known| known == status).unwrap()).collect();
    assert!(places.is_sorted(), "{gravest:?}");
    assert!(column(&cases("sort=-filed_at").await, "filed_at").iter().rev().is_sorted());
    assert_eq!(column(&cases("sort=unit&limit=1").await, "unit"), ["\"SQ1\""]);

    let count = async |query: &str| {
        let page = cases(query).await;
        let found = page["cases"].as_array().unwrap().len();
        assert_eq!(
            (page["matching"].as_u64(), page["all"].as_u64()),
            (Some(found as u64), Some(21)),
            "{query}"
        );
        found
    };
    assert_eq!(count("").await, 21);
    assert_eq!(count("status=missing").await, 3);
    assert_eq!(count("finding=gap").await, 6, "those that are excused, too");
    assert_eq!(count("status=partial&finding=gap").await, 3);
    assert_eq!(count("status=missing&finding=gap").await, 0, "what is asked of stages is asked of one");
    assert_eq!(count("unit=SQ2").await, 7);
    assert_eq!(count("unit=SQ2&status=missing").await, 1);
    assert_eq!(count("unit=nobody").await, 0);
    assert_eq!(count("procedure=ordinary").await, 21);
    assert_eq!(count("procedure=simple").await, 0);
    assert_eq!(count(&format!("q={}", encoded("〔2024〕003"))).await, 1);
    assert_eq!(count("q=bc002_310002").await, 6, "in keys of recordings, small or capital");
    assert_eq!(count("q=310003").await, 7, "in badges");
    assert_eq!(count("finding=any").await, 21, "two officers had to record each");
    assert_eq!(count("finding=any&status=missing").await, 3);
    let drawn = count("drawn=true").await;
    assert!((1..21).contains(&drawn), "{drawn}");
    assert_eq!(cases("finding=gap&limit=2&sort=-unit").await["matching"], 6, "on all pages");
    let line = &cases("status=missing&limit=1").await["cases"][0];
    assert_eq!(line["codes"][0], serde_json::json!({ "code": "missing", "severity": "missing" }));
}

#[tokio::test]
async fn who_sees_one_unit_gets_its_part_in_every_order() {
    let bureau = bureau().await;
    let service = router(bureau.state.clone()).unwrap();
    let all = walk(&service, ADMIN, "/api/v1/cases?unit=SQ1&", ("cases", "case_no"), 1000).await;
    for order in ["", "sort=-coverage&", "sort=filed_at&"] {
        let mut seen =
            walk(&service, SQUAD, &format!("/api/v1/cases?{order}"), ("cases", "case_no"), 3).await;
        seen.sort();
        assert_eq!(seen, all, "{order}");
    }
    let other = ask_as(&service, Some(SQUAD), Method::GET, "/api/v1/cases?unit=SQ2", None).await;
    assert_eq!((&other.json()["matching"], &other.json()["all"]), (&0.into(), &7.into()));
    let drawn = ask_as(&service, Some(SQUAD), Method::GET, "/api/v1/cases?drawn=true", None).await;
    for case in drawn.json()["cases"].as_array().unwrap() {
        assert_eq!(case["unit"], "SQ1");
    }
    let visits = walk(&service, SQUAD, "/api/v1/visits?sort=-starts_at&", ("visits", "number"), 1).await;
    assert_eq!(visits, ["1"]);
}

#[tokio::test]
async fn short_lists_are_filtered() {
    let bureau = bureau().await;
    let service = router(bureau.state.clone()).unwrap();
    let count = async |list: &str, query: &str| {
        document(&service, &format!("/api/v1/{list}?{query}")).await[list].as_array().unwrap().len()
    };
    let expected = BTreeMap::from([
        ("visits?unit=SQ2", 1),
        ("visits?on_site=true", 1),
        ("visits?month=2024-05", 0),
        ("visits?month=2024-06", 3),
        ("rounds?drawn=true", 1),
        ("rounds?drawn=false", 0),
        ("rounds?kind=case_files", 0),
        ("rounds?policy=jingan-2024&month=2024-06", 1),
        ("users?role=case_review", 3),
        ("users?unit=SQ1", 1),
        ("users?disabled=true", 0),
        ("excuses?reason=battery", 3),
        ("excuses?standing=false", 0),
        ("notices?state=draft", 0),
    ]);
    for (address, entries) in expected {
        let (list, query) = address.split_once('?').unwrap();
        assert_eq!(count(list, query).await, entries, "{address}");
    }
}

/// The cells of a table, as texts.
async fn table(service: &Router, address: &str) -> Vec<Vec<String>> {
    use axum::body::{Body, to_bytes};
    use axum::http::{Request, header};
    use tower::ServiceExt as _;
    let request = Request::builder()
        .uri(address)
        .header(header::HOST, "localhost:8040")
        .header(header::COOKIE, format!("reelproof_session={ADMIN}"))
        .body(Body::empty())
        .unwrap();
    let answer = service.clone().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{address}");
    let named = answer.headers()["content-disposition"].to_str().unwrap();
    assert!(named.starts_with("attachment; filename*=UTF-8''") && named.contains(".xlsx"), "{named}");
    let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes.to_vec())).unwrap();
    let name = book.sheet_names()[0].clone();
    let range = book.worksheet_range(&name).unwrap();
    let text = |cell: &Data| match cell {
        // Days since the end of 1899.
        Data::DateTime(at) => format!("{:.4}", at.as_f64()),
        other => other.to_string(),
    };
    range.rows().map(|row| row.iter().map(text).collect()).collect()
}

#[tokio::test]
async fn a_list_of_cases_is_a_table_with_the_same_filters_and_order() {
    let bureau = bureau().await;
    let service = router(bureau.state.clone()).unwrap();
    let rows = table(&service, "/api/v1/cases?format=xlsx&finding=gap&sort=-filed_at&limit=1").await;
    assert_eq!(rows[0][..5], ["案号", "案由", "单位", "程序", "立案（受理）时间"]);
    let listed = document(&service, "/api/v1/cases?finding=gap&sort=-filed_at").await;
    let numbers: Vec<_> =
        listed["cases"].as_array().unwrap().iter().map(|case| case["case_no"].as_str().unwrap()).collect();
    assert_eq!(rows[1..].iter().map(|row| row[0].as_str()).collect::<Vec<_>>(), numbers);
    assert_eq!(rows[1][4], "45432.3333", "the 20th of May 2024 at eight");
    assert_eq!(rows[1][2], "西街道中队");
    assert_eq!((rows[1][6].as_str(), rows[1][9].as_str()), ("600", "已说明"));
    let english = table(&service, "/api/v1/cases?format=xlsx&lang=en").await;
    assert_eq!((english[0][0].as_str(), english.len()), ("Case number", 22));
    let wrong = get(&service, "/api/v1/cases?format=pdf").await;
    assert_eq!((wrong.status, &wrong.json()["parameter"]), (StatusCode::BAD_REQUEST, &"format".into()));
}

#[tokio::test]
async fn recordings_and_findings_are_tables() {
    let bureau = bureau().await;
    let service = router(bureau.state.clone()).unwrap();
    let rows = table(&service, "/api/v1/recordings?format=xlsx&device=BC001&limit=1").await;
    assert_eq!((rows[0][0].as_str(), rows.len()), ("文件", 7));
    assert_eq!((rows[1][1].as_str(), rows[1][6].as_str()), ("BC001", "60000000"));
    let rows = table(&service, "/api/v1/audit?format=xlsx").await;
    let audit = document(&service, "/api/v1/audit").await;
    let count: usize = audit["obligations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["findings"].as_array().unwrap().len())
        .sum();
    assert_eq!((rows[0][5].as_str(), rows.len()), ("问题", count + 1));
    let missing = rows.iter().find(|row| row[5] == "缺失").unwrap();
    assert_eq!((missing[6].as_str(), missing[1].as_str()), ("缺失", "1"));
    let rows = table(&service, "/api/v1/notices?format=xlsx&lang=en").await;
    assert_eq!((rows[0][0].as_str(), rows.len()), ("Number", 1));
}

#[tokio::test]
async fn what_a_table_program_would_carry_out_stands_there_as_a_text() {
    use catalog::case::{Case, Procedure};
    use catalog::import::Import;
    let bureau = Bureau::with_cases(1).await;
    let case = |number: usize, title: &str| Case {
        case_no: format!("X{number}"),
        unit: "SQ1".to_owned(),
        procedure: Procedure::Simple,
        filed_at: at("2024-05-20 08:00"),
        closed_at: None,
        title: title.to_owned(),
    };
    let titles = ["=1+1", "+86", "-2", "@SUM(A1)", "夜间施工"];
    bureau
        .take_in(Import::Cases((0..).zip(titles).map(|(number, title)| case(number, title)).collect()))
        .await;
    let service = router(bureau.state.clone()).unwrap();
    let rows = table(&service, "/api/v1/cases?format=xlsx&procedure=simple").await;
    let found: Vec<_> = rows[1..].iter().map(|row| row[1].as_str()).collect();
    assert_eq!(found, ["'=1+1", "'+86", "'-2", "'@SUM(A1)", "夜间施工"]);
}

/// What stands in a column of a page, in its order.
fn column(page: &Value, list: &str, pointer: &str) -> Vec<Value> {
    page[list].as_array().unwrap().iter().map(|entry| entry.pointer(pointer).unwrap().clone()).collect()
}

fn in_order(column: &[Value], backwards: bool) -> bool {
    let known: Vec<&Value> = column.iter().filter(|value| !value.is_null()).collect();
    let lacking_last = column.iter().skip(known.len()).all(Value::is_null);
    let least = |one: &Value, other: &Value| match (one.as_i64(), other.as_i64()) {
        (Some(one), Some(other)) => one <= other,
        _ => one.as_str() <= other.as_str(),
    };
    lacking_last
        && known
            .windows(2)
            .all(|pair| if backwards { least(pair[1], pair[0]) } else { least(pair[0], pair[1]) })
}

#[tokio::test]
async fn recordings_what_is_quarantined_and_the_trail_are_sorted_by_their_columns() {
    let bureau = bureau().await;
    let service = router(bureau.state.clone()).unwrap();
    for (list, address, columns) in [
        (
            "recordings",
            "/api/v1/recordings",
            &[
                ("started_at", "/started_at"),
                ("duration_us", "/duration_us"),
                ("size_bytes", "/size_bytes"),
                ("device", "/key/device"),
                ("badge", "/key/badge"),
                ("unit", "/device_unit"),
            ][..],
        ),
        (
            "quarantined",
            "/api/v1/quarantine",
            &[
                ("reason", "/problems/0/code"),
                ("size_bytes", "/size_bytes"),
                ("observed_at", "/observed_at"),
                ("device", "/key/device"),
            ],
        ),
        ("lines", "/api/v1/audit-trail", &[("at", "/at"), ("login", "/login"), ("act", "/act")]),
    ] {
        for (sort, pointer) in columns {
            for backwards in [false, true] {
                let sign = if backwards { "-" } else { "" };
                let page = document(&service, &format!("{address}?sort={sign}{sort}&limit=500")).await;
                let column = column(&page, list, pointer);
                assert!(column.len() > 2, "{address} has only {}", column.len());
                assert!(in_order(&column, backwards), "{address}, {sign}{sort}: {column:?}");
            }
        }
    }
    // Whoever goes on with a key of another kind is told so, and the catalog is not asked.
    let page = document(&service, "/api/v1/recordings?sort=size_bytes&limit=1").await;
    let next = page["next"].as_str().unwrap();
    for other in ["sort=device&", "sort=-size_bytes&", ""] {
        let answer = get(&service, &format!("/api/v1/recordings?{other}after={}", encoded(next))).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{other}");
    }
}

#[tokio::test]
async fn a_place_that_somebody_made_up_is_refused_before_the_catalog_is_asked() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let bureau = bureau().await;
    let service = router(bureau.state.clone()).unwrap();
    for (list, sort, place) in [
        ("recordings", "size_bytes", r#"["size_bytes","text",1]"#),
        ("recordings", "device", r#"["device",7,1]"#),
        ("recordings", "device", r#"["device","BC001","r1"]"#),
        ("quarantine", "reason", r#"["reason",7,1]"#),
        ("audit-trail", "login", r#"["login",7,1]"#),
        ("audit-trail", "at", r#"["at","wang",1]"#),
    ] {
        let after = URL_SAFE_NO_PAD.encode(place);
        let answer = get(&service, &format!("/api/v1/{list}?sort={sort}&after=~{after}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{list} {place}: {}", answer.text);
        assert_eq!(answer.json()["parameter"], "after", "{list} {place}");
    }
}
