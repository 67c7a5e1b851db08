//! The description of the service (OpenAPI 3.1), made from the list of addresses that the router is made from, and the
//! pages that show it.
//!
//! An address cannot be served and not described, because both come from [`super::endpoints`]; that the documents look
//! as described is shown by a test that holds every answer against its schema ([`schemas`]).

mod schemas;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use analyzer::audit::ObligationStatus;
use analyzer::policy::Population;
use analyzer::report::files::FORMATS;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path};
use axum::http::{Method, header};
use axum::response::{IntoResponse, Redirect, Response};
use catalog::account::Role;
use catalog::case::{Procedure, StageKind};
use catalog::excuse::ExcuseReason;
use catalog::finding::FindingCode;
use catalog::import::ImportKind;
use catalog::notice::NoticeKind;
use serde_json::{Map, Value, json};
use utoipa_swagger_ui::Config;

use super::download::Kind;
use super::endpoints::{Endpoint, FILE};
use super::problem::Problem;
use super::rights::Right;
use super::routes::notices::STATES as NOTICE_STATES;

/// The document, made once.
#[derive(Clone)]
pub(super) struct Description(Arc<Value>);

impl Description {
    pub(super) fn of(list: &[Endpoint]) -> Self {
        let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
        for endpoint in list {
            let path = endpoint.path.replace("{*", "{");
            paths
                .entry(path.clone())
                .or_default()
                .insert(endpoint.method.as_str().to_ascii_lowercase(), operation(endpoint, &path));
        }
        Self(Arc::new(json!({
            "openapi": "3.1.0",
            "info": {
                "title": "reelproof",
                "version": env!("CARGO_PKG_VERSION"),
                "description": "执法全过程音视频记录核查。Audits that the whole of each enforcement act was recorded on video.",
                "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
            },
            "servers": [{ "url": "/" }],
            "paths": paths,
            "components": {
                "schemas": schemas::all(),
                "securitySchemes": {
                    "session": { "type": "apiKey", "in": "cookie", "name": super::gate::COOKIE },
                    "token": { "type": "http", "scheme": "bearer" },
                },
            },
        })))
    }
}

fn operation(endpoint: &Endpoint, path: &str) -> Value {
    let about = endpoint.about;
    let mut parameters: Vec<Value> = path
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| {
            let named = path.starts_with("/api/v1/returns/") || path.starts_with("/api/v1/excuses/");
            let schema = match name {
                "id" if !named => json!({ "type": "integer", "minimum": 0, "maximum": i64::MAX }),
                "format" => schemas::codes(FORMATS.into_iter()),
                "kind" => schemas::codes(ImportKind::ALL.iter().map(|kind| kind.as_str())),
                "month" => month(),
                _ => json!({ "type": "string", "minLength": 1 }),
            };
            json!({ "name": name, "in": "path", "required": true, "schema": schema })
        })
        .collect();
    parameters.extend(about.query.iter().map(|(name, what)| {
        json!({ "name": name, "in": "query", "description": what, "schema": query_schema(path, name) })
    }));
    parameters.extend(paging(about.sorts, path));
    let (writes, guarded) = (endpoint.method != Method::GET, endpoint.right != Right::Anyone);
    if writes && guarded {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header",
            "description": "A name for this one thing to be done; sent again, it is done once and answered alike",
            "schema": { "type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$" },
        }));
    }
    let tagged = guarded && !writes && about.answers.iter().any(|(_, schema)| is_document(schema));
    if tagged {
        parameters.push(json!({
            "name": "If-None-Match", "in": "header",
            "description": "The ETag of the answer that one has: 304 if it is still that",
            "schema": { "type": "string" },
        }));
    }
    let mut answers: BTreeMap<String, Value> =
        about.answers.iter().map(|(status, schema)| (status.to_string(), answer(*status, schema))).collect();
    if tagged {
        answers.insert("304".to_owned(), answer(304, ""));
    }
    // What any request can come to.
    let mut problems = vec![400, 421, 429, 500, 503];
    problems.extend_from_slice(about.problems);
    if guarded {
        problems.extend([401, 403]);
    }
    if writes && guarded {
        // The idempotency key is another request's, or its first request is under way.
        problems.push(409);
    }
    if about.body.is_some() {
        problems.extend([403, 413, 422]);
    }
    for status in problems {
        answers.entry(status.to_string()).or_insert_with(problem);
    }
    let mut operation = json!({
        "summary": format!("{} / {}", about.en, about.zh),
        "operationId": operation_id(endpoint),
        "tags": [tag(endpoint.path)],
        "parameters": parameters,
        "responses": answers,
        "x-right": format!("{:?}", endpoint.right),
    });
    if about.body == Some(FILE) {
        let file = json!({ "schema": {} });
        operation["requestBody"] = json!({
            "required": true,
            "content": {
                "text/csv": file,
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": file,
                "application/geo+json": file,
                "application/octet-stream": file,
                "application/zip": file,
            },
        });
    } else if let Some(schema) = about.body {
        operation["requestBody"] = json!({
            "required": true,
            "content": { "application/json": { "schema": { "$ref": reference(schema) } } },
        });
    }
    if guarded {
        operation["security"] = json!([{ "session": [] }, { "token": [] }]);
    }
    operation
}

/// What stands after the schema of a list that is also given as a table.
const OR_TABLE: &str = " or xlsx";

fn reference(schema: &str) -> String {
    format!("#/components/schemas/{schema}")
}

fn month() -> Value {
    json!({ "type": "string", "pattern": "^(20|21)[0-9]{2}-(0[1-9]|1[0-2])$", "examples": ["2024-05"] })
}

/// What a list that can be sorted takes besides its filters.
fn paging(sorts: &[&str], path: &str) -> Vec<Value> {
    if sorts.is_empty() {
        return Vec::new();
    }
    let orders: Vec<String> =
        sorts.iter().flat_map(|sort| [(*sort).to_owned(), format!("-{sort}")]).collect();
    [
        (
            "sort",
            "By which column, with - before it the other way round; what has nothing in it comes last",
            schemas::codes(orders.iter().map(String::as_str)),
        ),
        (
            "after",
            "`next` of the page before; in the order without `sort`, the name of an entry",
            json!({ "type": "string" }),
        ),
        ("limit", "Entries of the page at most", query_schema(path, "limit")),
    ]
    .into_iter()
    .map(|(name, what, schema)| json!({ "name": name, "in": "query", "description": what, "schema": schema }))
    .collect()
}

/// Lists whose pages hold 500 at most; those of the others hold 1000.
const SHORT: [&str; 4] =
    ["/api/v1/recordings", "/api/v1/quarantine", "/api/v1/audit-trail", "/api/v1/log/entries"];

fn query_schema(path: &str, name: &str) -> Value {
    match name {
        "month" => month(),
        "format" if path == "/api/v1/report" => schemas::codes(FORMATS.into_iter()),
        "format" => schemas::codes(std::iter::once("xlsx")),
        "kind" if path == "/api/v1/rounds" => {
            schemas::codes(Population::ALL.iter().map(|kind| kind.as_str()))
        }
        "kind" if path == "/api/v1/cases" => schemas::codes(StageKind::ALL.iter().map(|kind| kind.as_str())),
        "kind" => schemas::codes(NoticeKind::ALL.iter().map(|kind| kind.as_str())),
        "state" => schemas::codes(NOTICE_STATES.iter().map(|state| state.as_str())),
        "status" => schemas::codes(ObligationStatus::ALL.iter().map(|status| status.as_str())),
        "procedure" => schemas::codes(Procedure::ALL.iter().map(|procedure| procedure.as_str())),
        "finding" => {
            schemas::codes(std::iter::once("any").chain(FindingCode::ALL.iter().map(|code| code.as_str())))
        }
        "reason" => schemas::codes(ExcuseReason::ALL.iter().map(|reason| reason.as_str())),
        "role" => schemas::codes(Role::ALL.iter().map(|role| role.as_str())),
        "drawn" | "overdue" | "standing" | "disabled" | "on_site" | "quarantined" | "preview" => {
            json!({ "type": "boolean" })
        }
        "as_of" => json!({ "type": "string", "format": "date-time" }),
        "limit" if SHORT.contains(&path) => json!({ "type": "integer", "minimum": 1, "maximum": 500 }),
        "limit" => json!({ "type": "integer", "minimum": 1, "maximum": 1000 }),
        "at_us" => json!({ "type": "integer" }),
        "part" => schemas::codes(["picture", "times"].into_iter()),
        "lang" => schemas::codes(["zh", "en"].into_iter()),
        "problem" => schemas::codes(catalog::observation::ProblemCode::ALL.iter().map(|code| code.as_str())),
        _ => json!({ "type": "string" }),
    }
}

fn answer(status: u16, schema: &str) -> Value {
    match (status, schema) {
        (_, "") => json!({ "description": "Done" }),
        (206, _) => json!({ "description": "A part of the bytes", "content": { "*/*": {} } }),
        (_, "bytes") => json!({ "description": "The bytes", "content": { "*/*": {} } }),
        (_, "text") => json!({ "description": "Text", "content": { "text/plain": {} } }),
        (_, "page") => json!({ "description": "A page or its parts", "content": { "*/*": {} } }),
        (_, "docx") => json!({
            "description": "A Word document",
            "content": { (Kind::Docx.media_type()): {} },
        }),
        (_, "zip") => json!({
            "description": "A ZIP archive",
            "content": { (Kind::Zip.media_type()): {} },
        }),
        (_, "template") => json!({
            "description": "The table",
            "content": { (Kind::Csv.media_type()): {}, (Kind::GeoJson.media_type()): {} },
        }),
        (_, "file") => json!({ "description": "The file", "content": files() }),
        (_, "return") => {
            let mut content = files();
            content["application/json"] = json!({ "schema": { "$ref": reference("Report") } });
            json!({ "description": "The return, or a file of it", "content": content })
        }
        (_, schema) if schema.ends_with(OR_TABLE) => json!({
            "description": "A page of it, or all of it as a table",
            "content": {
                "application/json": { "schema": { "$ref": reference(schema.trim_end_matches(OR_TABLE)) } },
                (Kind::Xlsx.media_type()): {},
            },
        }),
        (_, "filmstrip") => json!({
            "description": "The picture, or the times in it",
            "content": {
                "image/jpeg": {},
                "application/json": { "schema": { "$ref": reference("FilmstripTimes") } },
            },
        }),
        (_, "events") => {
            json!({ "description": "Server-sent events", "content": { "text/event-stream": {} } })
        }
        (_, schema) => json!({
            "description": schema,
            "content": { "application/json": { "schema": { "$ref": reference(schema) } } },
        }),
    }
}

/// What a return is written as.
fn files() -> Value {
    let kinds = FORMATS.iter().filter_map(|format| Kind::of(format));
    kinds.map(|kind| (kind.media_type().to_owned(), json!({}))).collect::<Map<_, _>>().into()
}

/// Whether an answer is a JSON document, which has an entity tag.
fn is_document(schema: &str) -> bool {
    !matches!(
        schema,
        "" | "bytes" | "text" | "page" | "docx" | "zip" | "file" | "template" | "events" | "filmstrip"
    )
}

fn problem() -> Value {
    json!({
        "description": "A problem document (RFC 9457)",
        "content": { "application/problem+json": { "schema": { "$ref": reference("Problem") } } },
    })
}

fn operation_id(endpoint: &Endpoint) -> String {
    let words = endpoint.path.trim_start_matches("/api/v1/").replace(['/', '{', '}', '*', '-', '.'], "_");
    let words: Vec<&str> = words.split('_').filter(|word| !word.is_empty()).collect();
    format!("{}_{}", endpoint.method.as_str().to_ascii_lowercase(), words.join("_"))
}

fn tag(path: &str) -> &str {
    path.strip_prefix("/api/v1/").and_then(|rest| rest.split('/').next()).unwrap_or("service")
}

/// The document.
pub(super) async fn document(Extension(Description(document)): Extension<Description>) -> Response {
    Json(document.as_ref()).into_response()
}

/// What the pages are told: where the document is, and to ask no other host whether it is right.
static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    Arc::new(Config::new(["/api/openapi.json"]).validator_url("none").persist_authorization(false))
});

/// The policy of these pages: icons that stand in their style sheet are let through, inline scripts and styles are not.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'; object-src 'none'";

/// The pages begin at an address that ends in a slash, for their parts to be found beside them.
pub(super) async fn pages() -> Redirect {
    Redirect::permanent("/api/docs/index.html")
}

/// A file of the pages.
pub(super) async fn page(file: Result<Path<String>, PathRejection>) -> Result<Response, Problem> {
    let Path(file) = file?;
    // Maps of the scripts and the like are for those who work on them.
    let wanted = ["html", "js", "css", "png"].iter().any(|ending| file.ends_with(&format!(".{ending}")));
    let found =
        utoipa_swagger_ui::serve(&file, Arc::clone(&CONFIG)).map_err(|error| Problem::internal(&error))?;
    let Some(found) = found.filter(|_| wanted) else { return Err(Problem::not_found()) };
    let headers = [
        (header::CONTENT_TYPE, found.content_type.as_str()),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    Ok((headers, found.bytes.into_owned()).into_response())
}
