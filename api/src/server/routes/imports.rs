//! Tables of what should exist, taken in over HTTP: tried out first, with every bad row named, then taken in whole or
//! not at all. The rules are those of `reelproof import` ([`crate::imports`]).

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use catalog::import::ImportKind;
use serde::Serialize;
use serde_json::{Value, json};
use tables::ImportError;

use crate::imports::{self, TakeInError};
use crate::server::App;
use crate::server::body::{MAX_FILE_BYTES, whole};
use crate::server::download::{self, Kind};
use crate::server::params::Params;
use crate::server::problem::{Code, Problem};
use crate::server::rights::{Right, Viewer};

/// Problems that are listed; how many there are is said beside them.
const MOST_LISTED: usize = 1000;

/// Characters of a file's name that are kept.
const MOST_NAME_CHARS: usize = 200;

type KindPath = Result<Path<String>, PathRejection>;

/// One thing that is wrong with a table.
#[derive(Debug, Serialize)]
struct Listed {
    sheet: Option<String>,
    row: Option<u64>,
    column: Option<String>,
    found: String,
    expected: String,
    detail: String,
    detail_zh: String,
}

fn listed(error: &ImportError) -> Vec<Listed> {
    let problems = error.problems().iter().take(MOST_LISTED);
    problems
        .map(|problem| Listed {
            sheet: problem.sheet.clone(),
            row: problem.line,
            column: problem.column.as_ref().map(|column| column.heading.clone()),
            found: problem.found.clone(),
            expected: problem.expected.clone(),
            detail: problem.to_string(),
            detail_zh: problem.zh(),
        })
        .collect()
}

/// What taking in a table would do, or what is wrong with it.
#[derive(Debug, Serialize)]
struct Tried {
    kind: ImportKind,
    /// `None` where something is wrong: then nothing would be taken in.
    rows: Option<u64>,
    new: Option<u64>,
    changed: Option<u64>,
    unchanged: Option<u64>,
    problems: Vec<Listed>,
    problems_total: usize,
    sample: Vec<Value>,
}

/// Takes in a table, or, with `preview`, says what that would do.
pub(in crate::server) async fn take_in(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    kind: KindPath,
    uri: Uri,
    request: Request,
) -> Result<Response, Problem> {
    let preview = Params::of(&uri, &["preview"])?.flag("preview")?.unwrap_or(false);
    let kind = kind_of(kind)?;
    // An excuse names who recorded it: whoever may record none takes in none.
    if kind == ImportKind::Excuses && !Right::Excuse.of(viewer.user.role) {
        return Err(Problem::refused(crate::server::rights::Refused::Role, viewer.user.role));
    }
    let (parts, body) = request.into_parts();
    acceptable(&parts.headers)?;
    let name = file_name(&parts.headers);
    let bytes: Bytes = whole(body, MAX_FILE_BYTES).await?;
    if bytes.is_empty() {
        return Err(Problem::new(Code::BadFile, "The file is empty.", "文件为空。"));
    }
    let (catalog, now) = (app.catalog(), app.state.clock.now());
    if !preview {
        let outcome = imports::take_in(catalog, kind, &name, bytes.to_vec(), now).await?;
        return Ok((StatusCode::CREATED, Json(outcome)).into_response());
    }
    let tried = match imports::preview(catalog, kind, &name, bytes.to_vec(), now).await {
        Ok(preview) => Tried {
            kind,
            rows: Some(preview.outcome.rows),
            new: Some(preview.outcome.new),
            changed: Some(preview.outcome.changed),
            unchanged: Some(preview.outcome.unchanged),
            problems: Vec::new(),
            problems_total: 0,
            sample: preview.sample,
        },
        Err(TakeInError::Table(error)) => Tried {
            kind,
            rows: None,
            new: None,
            changed: None,
            unchanged: None,
            problems: listed(&error),
            problems_total: error.total(),
            sample: Vec::new(),
        },
        Err(error) => return Err(error.into()),
    };
    Ok(Json(tried).into_response())
}

/// A file to start from: headings and one made-up row.
pub(in crate::server) async fn template(kind: KindPath, uri: Uri) -> Result<Response, Problem> {
    let params = Params::of(&uri, &["lang"])?;
    let chinese = match params.text("lang") {
        None | Some("zh") => true,
        Some("en") => false,
        Some(other) => {
            return Err(Problem::parameter(
                "lang",
                format!("`lang` is `{other}`; expected zh or en."),
                format!("参数“lang”的值“{other}”不符合要求，应为 zh 或 en。"),
            ));
        }
    };
    let kind = kind_of(kind)?;
    let (form, ending) =
        if kind == ImportKind::Areas { (Kind::GeoJson, "geojson") } else { (Kind::Csv, "csv") };
    Ok(download::file(tables::template(kind, chinese), form, &format!("{kind}.{ending}")))
}

fn kind_of(kind: KindPath) -> Result<ImportKind, Problem> {
    let Path(name) = kind?;
    name.parse().map_err(|_| {
        let kinds: Vec<_> = ImportKind::ALL.iter().map(|kind| kind.as_str()).collect();
        Problem::new(
            Code::NoSuchKind,
            format!("There is no kind of table `{name}`; there are {}.", kinds.join(", ")),
            format!("没有“{name}”这类导入表；可用：{}。", kinds.join("、")),
        )
    })
}

/// Refuses what a form of another site can send without asking first.
fn acceptable(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let form = ["", "text/plain", "multipart/form-data", "application/x-www-form-urlencoded"];
    if form.contains(&kind.as_str()) {
        return Err(Problem::new(
            Code::BadFile,
            "Send the file itself, with the header Content-Type: text/csv, that of XLSX, application/geo+json or \
             application/octet-stream.",
            "请直接提交文件内容，并注明 Content-Type：text/csv、XLSX 类型、application/geo+json 或 application/octet-stream。",
        ));
    }
    Ok(())
}

/// The name of the file, from `Content-Disposition`; it is repeated in messages and kept with the import.
fn file_name(headers: &HeaderMap) -> String {
    let said =
        headers.get(header::CONTENT_DISPOSITION).and_then(|said| said.to_str().ok()).unwrap_or_default();
    let part = |name: &str| {
        said.split(';').map(str::trim).find_map(|part| {
            let (found, value) = part.split_once('=')?;
            found.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
        })
    };
    let extended = part("filename*").and_then(|value| {
        let (charset, rest) = value.split_once('\'')?;
        let (_, encoded) = rest.split_once('\'')?;
        charset.eq_ignore_ascii_case("utf-8").then(|| decoded(encoded))
    });
    let name = extended.or_else(|| part("filename")).unwrap_or_default();
    // A name alone, of characters that can be shown.
    let name: String = name
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_control())
        .take(MOST_NAME_CHARS)
        .collect();
    if name.trim().is_empty() { "upload".to_owned() } else { name }
}

/// Percent-encoded UTF-8; what is none is replaced.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = (first == b'%').then(|| after.get(..2)).flatten();
        let code = code.and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
        bytes.push(code.unwrap_or(first));
        rest = if code.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl From<TakeInError> for Problem {
    fn from(error: TakeInError) -> Self {
        match error {
            TakeInError::Store(error) => error.into(),
            TakeInError::CutOff(error) => Self::internal(&error),
            TakeInError::Table(error) => {
                let total = error.total();
                let problem = Self::new(
                    Code::BadFile,
                    format!("Nothing was taken in: {total} things are wrong with the table."),
                    format!("未导入任何内容：表中有 {total} 处问题。"),
                );
                problem.listing(json!(listed(&error)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn name_of(said: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(said).unwrap());
        file_name(&headers)
    }

    #[test]
    fn a_file_has_the_name_that_is_said_and_no_folder() {
        assert_eq!(name_of("attachment; filename=\"units.csv\""), "units.csv");
        assert_eq!(name_of("attachment; filename=x; filename*=UTF-8''%E5%8D%95%E4%BD%8D.csv"), "单位.csv");
        assert_eq!(name_of("attachment; filename=\"../../etc/passwd\""), "passwd");
        assert_eq!(name_of("attachment; filename*=UTF-8''a%0Ab%zz.csv"), "ab%zz.csv");
        assert_eq!(name_of("attachment"), "upload");
        assert_eq!(file_name(&HeaderMap::new()), "upload");
    }
}
