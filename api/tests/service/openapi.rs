//! The description of the service: that it names every address, that the answers look as it says, and its pages.

use std::collections::BTreeSet;

use api::server::{addresses, router};
use axum::http::{Method, StatusCode};
use serde_json::Value;

use crate::month::{ADMIN, Bureau};
use crate::{ask_as, document, encoded, get};

#[tokio::test]
async fn every_address_is_described_and_nothing_else() {
    let bureau = Bureau::empty().await;
    let service = router(bureau.state.clone()).unwrap();
    let description = document(&service, "/api/openapi.json").await;
    let described: BTreeSet<(String, String)> = description["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| {
            methods.as_object().unwrap().keys().map(move |method| (method.to_uppercase(), path.clone()))
        })
        .collect();
    let served: BTreeSet<(String, String)> = addresses(bureau.state.clone())
        .unwrap()
        .into_iter()
        .map(|(method, path)| (method.to_string(), path.replace("{*", "{")))
        .collect();
    assert_eq!(described, served);
    // The pages have words for each of these (web/test/trail.test.ts reads the list), so a new one is seen here first.
    let list = description["paths"].as_object().unwrap().iter().flat_map(|(path, methods)| {
        methods.as_object().unwrap().iter().map(move |(method, operation)| {
            format!("{} {path} {}", method.to_uppercase(), operation["x-right"].as_str().unwrap())
        })
    });
    insta::assert_snapshot!("addresses", list.collect::<Vec<_>>().join("\n"));
    let mut ids = BTreeSet::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            assert!(
                ids.insert(operation["operationId"].to_string()),
                "{method} {path} has the id of another"
            );
            let summary = operation["summary"].as_str().unwrap();
            let (en, zh) = summary.split_once(" / ").unwrap();
            assert!(!en.is_empty() && !zh.is_ascii(), "{method} {path}: {summary}");
        }
    }
    for reference in references(&description) {
        assert!(description.pointer(&reference[1..]).is_some(), "{reference} leads nowhere");
    }
}

fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(references).collect(),
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, field)| match field {
                Value::String(to) if name == "$ref" => vec![to.clone()],
                other => references(other),
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// What is wrong with a value by its schema; enough of JSON Schema for what our schemas use.
fn wrong(value: &Value, schema: &Value, all: &Value, place: &str) -> Vec<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        return wrong(value, all.pointer(&reference[1..]).unwrap(), all, place);
    }
    if let Some(options) = schema["anyOf"].as_array() {
        let tried: Vec<_> = options.iter().map(|option| wrong(value, option, all, place)).collect();
        return if tried.iter().any(Vec::is_empty) { Vec::new() } else { tried.concat() };
    }
    let fits = match schema["type"].as_str() {
        None => true,
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        Some(other) => panic!("{place}: the type {other}"),
    };
    if !fits {
        return vec![format!("{place} is {value}, not of {schema}")];
    }
    let mut found = Vec::new();
    if schema["enum"].as_array().is_some_and(|codes| !codes.contains(value)) {
        found.push(format!("{place} is {value}"));
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        if value.get(name.as_str().unwrap()).is_none() {
            found.push(format!("{place} lacks {name}"));
        }
    }
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(field) = value.get(name) {
            found.extend(wrong(field, schema, all, &format!("{place}.{name}")));
        }
    }
    if let (Some(items), Some(of)) = (value.as_array(), schema.get("items")) {
        for (index, item) in items.iter().enumerate() {
            found.extend(wrong(item, of, all, &format!("{place}[{index}]")));
        }
    }
    found
}

#[tokio::test]
async fn the_answers_look_as_they_are_described() {
    let bureau = Bureau::with_cases(14).await.drawn().await;
    let service = router(bureau.state.clone()).unwrap();
    let description = document(&service, "/api/openapi.json").await;
    let recordings = document(&service, "/api/v1/recordings").await;
    let key = encoded(recordings["recordings"][0]["object_key"].as_str().unwrap());
    let mut seen = 0;
    for (path, methods) in description["paths"].as_object().unwrap() {
        let Some(operation) = methods.get("get") else { continue };
        let address = path
            .replace("{month}", "2024-06")
            .replace("{policy}", "jingan-2024")
            .replace("{object_key}", &key)
            .replace("{case_no}", &encoded("罚〔2024〕001号"));
        let answer = ask_as(&service, Some(ADMIN), Method::GET, &address, None).await;
        let told = &operation["responses"][answer.status.as_str()];
        assert!(told.is_object(), "GET {address}: {} is not described", answer.status);
        let kind = answer.header("content-type").split(';').next().unwrap_or_default();
        let Some(schema) = told["content"][kind].get("schema") else { continue };
        let found = wrong(&answer.json(), schema, &description, path);
        assert!(found.is_empty(), "GET {address}: {found:#?}");
        seen += u32::from(answer.status == StatusCode::OK);
    }
    assert!(seen > 20, "{seen} documents were held against their schema");
}

#[tokio::test]
async fn the_pages_show_the_description_and_ask_no_other_host() {
    let bureau = Bureau::empty().await;
    let service = router(bureau.state.clone()).unwrap();
    assert_eq!(get(&service, "/api/docs").await.header("location"), "/api/docs/index.html");
    let page = get(&service, "/api/docs/index.html").await;
    assert_eq!((page.status, page.header("content-type")), (StatusCode::OK, "text/html"));
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'self'") && !policy.contains("unsafe"), "{policy}");
    assert!(!page.text.contains("http:") && !page.text.contains("https:"), "{}", page.text);
    assert!(!page.text.contains("<style") && !page.text.contains("<script>"), "{}", page.text);
    for part in page.text.split('"').filter_map(|part| part.strip_prefix("./")) {
        let file = get(&service, &format!("/api/docs/{part}")).await;
        assert_eq!(file.status, StatusCode::OK, "{part}");
    }
    let initializer = get(&service, "/api/docs/swagger-initializer.js").await.text;
    assert!(initializer.contains("/api/openapi.json") && !initializer.contains("http"), "{initializer}");
    for missing in ["nothing.js", "swagger-ui-bundle.js.map", "../Cargo.toml"] {
        assert_eq!(
            get(&service, &format!("/api/docs/{missing}")).await.status,
            StatusCode::NOT_FOUND,
            "{missing}"
        );
    }
}

#[tokio::test]
async fn the_figures_count_requests_by_address_and_name_nothing_else() {
    let bureau = Bureau::with_cases(1).await;
    let service = router(bureau.state.clone()).unwrap();
    for _ in 0..3 {
        get(&service, &format!("/api/v1/cases/{}", encoded("罚〔2024〕000号"))).await;
    }
    let text = get(&service, "/metrics").await.text;
    let line = text
        .lines()
        .find(|line| line.starts_with("reelproof_http_requests_total{") && line.contains("{*case_no}"))
        .unwrap_or_else(|| panic!("{text}"));
    assert!(line.contains("status=\"200\"") && line.ends_with(" 3"), "{line}");
    assert!(text.contains("reelproof_http_request_seconds_bucket"), "{text}");
    assert!(!text.contains("罚"), "{text}");
}

#[tokio::test]
async fn whoever_listens_learns_that_something_changed_and_not_what() {
    use axum::body::Body;
    use axum::http::{Request, header};
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    let bureau = Bureau::with_cases(1).await;
    let service = router(bureau.state.clone()).unwrap();
    let request = Request::builder()
        .uri("/api/v1/events")
        .header(header::HOST, "localhost:8040")
        .header(header::COOKIE, format!("reelproof_session={ADMIN}"))
        .body(Body::empty())
        .unwrap();
    let mut body = service.oneshot(request).await.unwrap().into_body();
    let mut next = async || {
        let frame = body.frame().await.unwrap().unwrap().into_data().unwrap();
        String::from_utf8(frame.to_vec()).unwrap()
    };
    let before = bureau.catalog().revision().await.unwrap().number;
    assert_eq!(next().await, format!("event: change\nid: {before}\ndata: {{\"revision\":{before}}}\n\n"));
    let bureau = bureau.frozen().await;
    assert!(next().await.starts_with("event: change\n"));
    drop(bureau);
}
