//! `reelproof log`.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use api::footage::Footage;
use api::judged::Judged;
use api::log::bundle::{self, BundleError, Subject, archive};
use api::log::note::{Checkpoint, VerifierKey};
use api::log::proof::{self, ProofFile};
use api::log::signer::LogSigner;
use api::log::stamp::{self, Stamp, StampError};
use api::log::{LogError, audit, checkpoint, checkpoint_if_grown, key, rotate};
use catalog::WallTime;
use catalog::clock::Clock;
use catalog::store::{Catalog, CheckpointEntry, LogSubject, OpenMode, Setting, StoreError, open};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::log_key;
use super::serve::Opened;
use crate::args::log::{
    BundleArgs, BundleKind, ConsistencyArgs, LogCommand, ProveArgs, StampArgs, VerifyArgs,
};
use crate::context::Context;
use crate::failure::Failure;
use crate::output;
use crate::show;

pub(crate) async fn run(context: &Context, command: LogCommand) -> Result<ExitCode, Failure> {
    match command {
        LogCommand::Checkpoint(args) => {
            let catalog = context.catalog(OpenMode::Existing).await?;
            let entry = sign(context, catalog.as_ref()).await?;
            if let Some(out) = &args.out {
                output::write(out, entry.note.as_bytes())?;
            }
            let shown = Shown::of(catalog.as_ref(), Some(&entry)).await?;
            context.print(&shown, || show::log::checkpoint(context.lang, &shown))?;
            Ok(ExitCode::SUCCESS)
        }
        LogCommand::Prove(args) => prove(context, &args).await,
        LogCommand::Consistency(args) => consistency(context, &args).await,
        LogCommand::Verify(args) => match &args.file {
            Some(file) => verify_file(context, file, &args),
            None => verify_catalog(context, &args).await,
        },
        LogCommand::Bundle(args) => write_bundle(context, &args).await,
        LogCommand::Stamp(args) => stamped(context, &args).await,
        LogCommand::Rotate(_) => {
            let catalog = context.catalog(OpenMode::Existing).await?;
            let key_file = context.log_key(catalog.as_ref()).await;
            rotate(catalog.as_ref(), &key_file, context.clock.now()).await?;
            let last = catalog.last_checkpoint().await?;
            let shown = Shown::of(catalog.as_ref(), last.as_ref()).await?;
            context.print(&shown, || show::log::checkpoint(context.lang, &shown))?;
            Ok(ExitCode::SUCCESS)
        }
        LogCommand::Show => {
            let catalog = context.catalog(OpenMode::Existing).await?;
            let last = catalog.last_checkpoint().await?;
            let shown = Shown::of(catalog.as_ref(), last.as_ref()).await?;
            context.print(&shown, || show::log::checkpoint(context.lang, &shown))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The state of the log, for people and scripts.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    pub log: String,
    pub size: u64,
    pub root: catalog::log::Hash,
    pub keys: Vec<proof::KeyLine>,
    pub checkpoint: Option<ShownCheckpoint>,
}

#[derive(Debug, Serialize)]
pub(crate) struct ShownCheckpoint {
    pub size: u64,
    pub root: catalog::log::Hash,
    pub at: catalog::WallTime,
    pub note: String,
}

impl Shown {
    async fn of(catalog: &dyn Catalog, checkpoint: Option<&CheckpointEntry>) -> Result<Self, Failure> {
        let state = catalog.log_state().await?;
        Ok(Self {
            log: api::log::origin(&state.log_id),
            size: state.size,
            root: api::log::root(catalog, state.size).await?,
            keys: catalog.log_keys().await?.into_iter().map(proof::KeyLine::from).collect(),
            checkpoint: checkpoint.map(|entry| ShownCheckpoint {
                size: entry.size,
                root: entry.root,
                at: entry.at,
                note: entry.note.clone(),
            }),
        })
    }
}

async fn sign(context: &Context, catalog: &dyn Catalog) -> Result<CheckpointEntry, Failure> {
    let signer = key(catalog, &context.log_key(catalog).await).await?;
    Ok(checkpoint(catalog, &signer, context.clock.now()).await?)
}

/// A note with what an authority says of it.
#[derive(Debug, Serialize)]
pub(crate) struct Stamped {
    /// The note's file.
    pub note: PathBuf,
    /// The authority's answer, for any tool that verifies time stamps.
    pub token: PathBuf,
    #[serde(flatten)]
    pub stamp: Stamp,
}

async fn stamped(context: &Context, args: &StampArgs) -> Result<ExitCode, Failure> {
    let note = args.check.as_ref().or(args.out.as_ref());
    let note = note.ok_or_else(|| Failure::input("name a file (--out FILE, or --check FILE)"))?.clone();
    let mut token = note.clone().into_os_string();
    token.push(".tsr");
    let token = PathBuf::from(token);
    let stamp = if let (None, Some(tsa)) = (&args.check, &args.tsa) {
        let catalog = context.catalog(OpenMode::Existing).await?;
        let entry = sign(context, catalog.as_ref()).await?;
        let (stamp, answer) = stamp::request(tsa, entry.note.as_bytes()).await?;
        output::write(&note, entry.note.as_bytes())?;
        output::write(&token, &answer)?;
        stamp
    } else {
        let read = |path: &Path| {
            std::fs::read(path).map_err(|error| Failure::input(format!("{}: {error}", path.display())))
        };
        stamp::read(&read(&note)?, &read(&token)?).map_err(|error| {
            crate::stderr::tell(format!("{}: {error}", token.display()));
            Failure::Evidence
        })?
    };
    let shown = Stamped { note, token, stamp };
    context.print(&shown, || show::log::stamped(context.lang, &shown))?;
    Ok(ExitCode::SUCCESS)
}

async fn prove(context: &Context, args: &ProveArgs) -> Result<ExitCode, Failure> {
    let catalog = context.catalog(OpenMode::Existing).await?;
    let catalog = catalog.as_ref();
    let leaves = match (&args.object, args.entry) {
        (Some(object), _) => proof::leaves_of(catalog, LogSubject::Object(object)).await?,
        (None, Some(entry)) => vec![proof::leaf(catalog, entry).await?],
        (None, None) => return Err(Failure::input("name an entry (--entry N) or an object (--object KEY)")),
    };
    let checkpoint = sign(context, catalog).await?;
    let file = proof::prove(catalog, leaves, &checkpoint, !args.without_rows).await?;
    let text = serde_json::to_string_pretty(&file)? + "\n";
    match &args.out {
        Some(out) => {
            output::write(out, text.as_bytes())?;
            let report = proof::check(&file, None);
            context.print(&report, || show::log::proof(context.lang, &report))?;
        }
        None => context.print(&file, || text)?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn write_bundle(context: &Context, args: &BundleArgs) -> Result<ExitCode, Failure> {
    let policy = context.policy(args.policy.as_deref())?;
    let catalog = context.catalog(OpenMode::Existing).await?;
    let catalog = catalog.as_ref();
    let text = context.policy_text(&policy.name);
    let id = args.id.clone();
    let subject = match args.kind {
        BundleKind::Case => Subject::Case(id),
        BundleKind::Round => Subject::Round(id),
        BundleKind::Recording => Subject::Recording(id),
    };
    let signer = key(catalog, &context.log_key(catalog).await).await?;
    let gathered =
        bundle::gather(catalog, &Judged::default(), (&policy, &text), &signer, &subject, context.clock.now())
            .await?;
    let footage = Footage::new(Arc::new(Opened));
    let footage = args.with_originals.then_some(&footage);
    let report = if is_zip(&args.out) {
        if args.out.exists() {
            return Err(BundleError::Exists(args.out.display().to_string()).into());
        }
        // Beside the file, so that it is on the same disk and the file appears as a whole.
        let beside = args.out.parent().filter(|parent| !parent.as_os_str().is_empty());
        let folder = tempfile::tempdir_in(beside.unwrap_or(Path::new(".")))?;
        let dir = folder.path().join("bag");
        bundle::write(gathered, &dir, footage).await?;
        let partial = folder.path().join("bag.zip");
        archive::pack(&dir, &subject.file_name(), File::create_new(&partial)?)
            .map_err(BundleError::from)?
            .sync_all()?;
        std::fs::rename(&partial, &args.out)?;
        bundle::check::check(&dir, None)?
    } else {
        bundle::write(gathered, &args.out, footage).await?;
        bundle::check::check(&args.out, None)?
    };
    context.print(&report, || show::log::proof(context.lang, &report))?;
    if report.holds() { Ok(ExitCode::SUCCESS) } else { Err(Failure::Evidence) }
}

fn is_zip(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip"))
}

impl From<BundleError> for Failure {
    fn from(error: BundleError) -> Self {
        match error {
            BundleError::Log(error) => error.into(),
            BundleError::Operation(error) => error.into(),
            BundleError::NoSuch { .. } | BundleError::Exists(_) => Self::Input(error.into()),
            BundleError::Archive(_) => Self::Ours(error.into()),
            // The evidence did not hold: what is stored is not what was recorded.
            BundleError::Original { .. } => {
                crate::stderr::tell(format!("error: {error}"));
                Self::Evidence
            }
        }
    }
}

async fn consistency(context: &Context, args: &ConsistencyArgs) -> Result<ExitCode, Failure> {
    let catalog = context.catalog(OpenMode::Existing).await?;
    let to = match args.to {
        Some(to) => to,
        None => catalog.log_state().await?.size,
    };
    let proof = proof::consistency(catalog.as_ref(), args.from, to).await?;
    context.print(&proof, || show::log::consistency(context.lang, &proof))?;
    if proof.holds() { Ok(ExitCode::SUCCESS) } else { Err(Failure::Evidence) }
}

fn believed(args: &VerifyArgs) -> Result<Option<VerifierKey>, Failure> {
    args.key
        .as_deref()
        .map(|key| key.parse::<VerifierKey>().context("--key").map_err(Failure::Input))
        .transpose()
}

fn verify_file(context: &Context, path: &Path, args: &VerifyArgs) -> Result<ExitCode, Failure> {
    let believed = believed(args)?;
    if path.is_dir() {
        let report = bundle::check::check(path, believed.as_ref())?;
        context.print(&report, || show::log::proof(context.lang, &report))?;
        return if report.holds() { Ok(ExitCode::SUCCESS) } else { Err(Failure::Evidence) };
    }
    if is_zip(path) {
        let file = File::open(path)
            .with_context(|| format!("{} cannot be read", path.display()))
            .map_err(Failure::Input)?;
        let folder = tempfile::tempdir()?;
        // Whoever has the file unpacked by the command line has the disk for it.
        let bag = archive::unpack(file, folder.path(), u64::MAX - 1)
            .with_context(|| format!("{}", path.display()))
            .map_err(Failure::Input)?;
        let report = bundle::check::check(&bag, believed.as_ref())?;
        context.print(&report, || show::log::proof(context.lang, &report))?;
        return if report.holds() { Ok(ExitCode::SUCCESS) } else { Err(Failure::Evidence) };
    }
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("{} cannot be read", path.display()))
        .map_err(Failure::Input)?;
    let file: ProofFile = serde_json::from_str(&text)
        .with_context(|| format!("{} is no proof file", path.display()))
        .map_err(Failure::Input)?;
    let report = proof::check(&file, believed.as_ref());
    context.print(&report, || show::log::proof(context.lang, &report))?;
    if report.holds() { Ok(ExitCode::SUCCESS) } else { Err(Failure::Evidence) }
}

async fn verify_catalog(context: &Context, args: &VerifyArgs) -> Result<ExitCode, Failure> {
    let catalog = context.catalog(OpenMode::Existing).await?;
    let believed = believed(args)?;
    let mut elsewhere = Vec::new();
    for path in &args.checkpoint {
        let note = std::fs::read_to_string(path)
            .with_context(|| format!("the checkpoint {} cannot be read", path.display()))
            .map_err(Failure::Input)?;
        note.parse::<Checkpoint>().with_context(|| format!("{}", path.display())).map_err(Failure::Input)?;
        elsewhere.push(note);
    }
    // What the holder of the key remembers is such a checkpoint, too.
    if let Some(signer) = LogSigner::load(&context.log_key(catalog.as_ref()).await)?
        && let Some(note) = signer.remembered()?
    {
        elsewhere.push(note);
    }
    let found = audit::audit(catalog.as_ref(), &elsewhere, believed.as_ref()).await?;
    context.print(&found, || show::log::audit(context.lang, &found))?;
    if found.holds() { Ok(ExitCode::SUCCESS) } else { Err(Failure::Evidence) }
}

/// Signs what a command added to the log. A command that did its work is not undone because nobody can sign: it says so,
/// and the entries stay unsigned until somebody can.
pub(crate) async fn vouch(
    url: &str,
    key_file: Option<&Path>,
    policies: &BTreeMap<String, String>,
    clock: &dyn Clock,
) {
    // Commands that end well without a catalog (help, a dry run) have nothing to sign.
    let Ok(catalog) = open(url, OpenMode::Existing).await else { return };
    let noted = note_policies(catalog.as_ref(), policies, clock.now()).await.map_err(LogError::from);
    let signed = match noted {
        Ok(()) => {
            let key_file = log_key::path(key_file, url, catalog.as_ref()).await;
            checkpoint_if_grown(catalog.as_ref(), &key_file, clock.now()).await
        }
        Err(error) => Err(error),
    };
    match signed {
        Ok(_) | Err(LogError::Store(StoreError::ReadOnly { .. })) => {}
        Err(error) => crate::stderr::tell(format!("warning: the log's root was not signed: {error}")),
    }
}

/// Logs the policies that were judged by, where they are not those that were logged last.
pub(crate) async fn note_policies(
    catalog: &dyn Catalog,
    policies: &BTreeMap<String, String>,
    at: WallTime,
) -> Result<(), StoreError> {
    for (name, text) in policies {
        let sha256 = hex::encode(Sha256::digest(text.as_bytes()));
        let (text, is_default) = (Some(text.as_str()), false);
        catalog
            .note_setting(&Setting { kind: "policy", name, sha256: &sha256, text, is_default, at })
            .await?;
    }
    Ok(())
}

/// Logs what the settings say of a section, where that is not what was logged last: how footage was read, in full; of the
/// service, which may be told secrets, the digest.
pub(crate) async fn note_configuration(
    context: &Context,
    catalog: &dyn Catalog,
    section: &str,
) -> Result<(), StoreError> {
    let given = context.settings.given(section);
    let sha256 = hex::encode(Sha256::digest(given.as_bytes()));
    let text = (section == "ingest").then_some(given.as_str());
    let (is_default, at) = (given == "{}", context.clock.now());
    let setting = Setting { kind: "configuration", name: section, sha256: &sha256, text, is_default, at };
    catalog.note_setting(&setting).await.map(|_| ())
}

impl From<StampError> for Failure {
    fn from(error: StampError) -> Self {
        match error {
            StampError::NoAuthority { .. } => Self::Input(error.into()),
            _ => Self::Ours(error.into()),
        }
    }
}

impl From<LogError> for Failure {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Store(error) => error.into(),
            LogError::Forked(_) => {
                crate::stderr::tell(format!("error: {error}"));
                Self::Evidence
            }
            LogError::NoSuchEntry(_)
            | LogError::NothingAbout(_)
            | LogError::NoSuchSizes { .. }
            | LogError::Key { .. }
            | LogError::KeyLost { .. } => Self::Input(error.into()),
            _ => Self::Ours(error.into()),
        }
    }
}
