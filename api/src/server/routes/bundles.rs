//! Evidence bundles as one file: having one made, and having one checked.
//!
//! A bundle that is downloaded holds digests and no originals, which may be terabytes; `reelproof log bundle
//! --with-originals` makes those. One that is checked is believed in nothing: it is unpacked into a folder of its own,
//! within bounds, and what is said of it does not depend on this catalog.

use std::io::Cursor;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, Request, State};
use axum::http::Uri;
use axum::response::Response;

use super::log::key_away;
use crate::background;
use crate::log::bundle::archive::{ArchiveError, pack, unpack};
use crate::log::bundle::{self, BundleError, Subject, check::check};
use crate::log::proof::ProofReport;
use crate::server::App;
use crate::server::body::{MAX_FILE_BYTES, whole};
use crate::server::download::{self, Kind};
use crate::server::params::Params;
use crate::server::problem::{Code, Problem};
use crate::server::rights::Viewer;

/// What an archive may unpack to.
const MOST_UNPACKED_BYTES: u64 = 512 * 1024 * 1024;

/// The bundle of a case, a round or a recording.
pub(in crate::server) async fn of(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    name: Result<Path<(String, String)>, PathRejection>,
    uri: Uri,
) -> Result<Response, Problem> {
    Params::of(&uri, &[])?;
    let Path((kind, id)) = name?;
    let subject = match kind.as_str() {
        "case" => Subject::Case(id),
        "round" => Subject::Round(id),
        "recording" => Subject::Recording(id),
        _ => {
            return Err(Problem::new(
                Code::NotFound,
                "Bundles are of kind `case`, `round` or `recording`.",
                "证据包的类别为 case、round 或 recording。",
            ));
        }
    };
    let Some(signer) = app.state.signer.clone() else {
        return Err(key_away(&"there is no key that signs the log; its own line at the start says why"));
    };
    let now = app.state.clock.now();
    let file_name = subject.file_name();
    app.catalog().add_trail(&viewer.by().line("make_bundle", &file_name, now)).await?;
    let policy = (&app.state.policy, app.state.policy_text.as_ref());
    let gathered =
        bundle::gather(app.catalog(), &app.judged, policy, &signer, &subject, now).await.map_err(problem)?;
    let folder = tempfile::tempdir().map_err(|error| Problem::internal(&error))?;
    let dir = folder.path().join("bag");
    bundle::write(gathered, &dir, None).await.map_err(problem)?;
    let name = file_name.clone();
    let packing = background::run(move || {
        let packed = pack(&dir, &name, Cursor::new(Vec::new()));
        drop(folder);
        packed
    });
    let packed = packing.await.map_err(|error| Problem::internal(&error))?;
    let bytes = packed.map_err(|error| Problem::internal(&error))?.into_inner();
    Ok(download::file(bytes, Kind::Zip, &format!("{file_name}.zip")))
}

/// What holds of a bundle that somebody has.
pub(in crate::server) async fn verify(uri: Uri, request: Request) -> Result<Json<ProofReport>, Problem> {
    Params::of(&uri, &[])?;
    let bytes = whole(request.into_body(), MAX_FILE_BYTES).await?;
    let checking = background::run(move || {
        let folder = tempfile::tempdir()?;
        let bag = unpack(Cursor::new(bytes), folder.path(), MOST_UNPACKED_BYTES)?;
        Ok::<_, ArchiveError>(check(&bag, None).map_err(Box::new)?)
    });
    let report = checking.await.map_err(|error| Problem::internal(&error))?;
    Ok(Json(report.map_err(|error| bad_archive(&error))?))
}

fn bad_archive(error: &ArchiveError) -> Problem {
    let zh = match error {
        ArchiveError::Zip(_) => "该文件不是可读取的 ZIP 证据包。",
        ArchiveError::TooLarge { most_bytes, .. } => {
            return Problem::new(
                Code::BadFile,
                format!(
                    "The archive holds more than {most_bytes} bytes or too many files: unpack it, and have the folder \
                     checked offline by one of the programs that stand in the bundle."
                ),
                "该压缩包解压后过大，请解压后用证据包所附的离线核验程序核验。",
            );
        }
        ArchiveError::Name(_) => "该压缩包含有越出目录的文件名，未予解压。",
        ArchiveError::NoBag => "该压缩包中没有证据包（缺少 bagit.txt）。",
        ArchiveError::Folder(_) | ArchiveError::Log(_) => return Problem::internal(error),
    };
    Problem::new(Code::BadFile, format!("{error}."), zh)
}

fn problem(error: BundleError) -> Problem {
    match error {
        BundleError::Operation(error) => error.into(),
        BundleError::Log(error) => error.into(),
        BundleError::NoSuch { kind, id } => Problem::new(
            Code::NotFound,
            format!("There is no {kind} `{id}` in the catalog."),
            format!("目录库中没有“{id}”。"),
        ),
        other => Problem::internal(&other),
    }
}
