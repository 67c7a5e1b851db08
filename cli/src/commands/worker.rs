//! `reelproof worker`, and the queue of `reelproof ingest --queue`.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use catalog::store::OpenMode;
use futures::StreamExt as _;
use ingest::location::Location;
use ingest::run::Ingest;
use ingest::worker::{Desk, Worker};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use work::listener;
use work::listener::Desk as _;
use work::nats::{NatsOptions, NatsQueue};
use work::{Queue, QueueError, events};

use super::ingest::{reader, run_options, stop_on_signal, warn_of_missing_layers};
use crate::args::worker::WorkerArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::show;

pub(crate) async fn run(context: &Context, args: &WorkerArgs) -> Result<ExitCode, Failure> {
    let mut options = run_options(context, args.jobs, false)?;
    if args.inspect || context.settings.ingest.inspect {
        options.inspect = Some(context.policy(args.policy.as_deref())?.inspect.options());
    }
    let token = args.events_token_file.as_deref().map(token).transpose()?;
    let only = args.only.iter().map(|given| share_of(given)).collect::<Result<_, _>>()?;
    let queue = Arc::new(open_queue(context, args.queue.as_deref(), only).await?);
    let catalog = context.catalog(OpenMode::Create).await?;
    super::log::note_configuration(context, catalog.as_ref(), "ingest").await?;
    let stop = stop_on_signal(context);
    let reader = reader(context, options.parallel)?;
    warn_of_missing_layers(context, reader.pool()).await?;
    let jobs = options.parallel;
    let ingest = Ingest {
        catalog: Arc::clone(&catalog),
        clock: Arc::clone(&context.clock),
        reader,
        options,
        stop: stop.clone(),
    };
    let worker = Worker::new(ingest, Arc::clone(&queue) as Arc<dyn Queue>, Duration::from_secs(args.drain_s));
    let desk = Arc::new(Desk {
        catalog: Arc::clone(&catalog),
        queue: Arc::clone(&queue) as Arc<dyn Queue>,
        figures: Arc::clone(&worker.figures),
        share_folders: context.settings.queue.share_folders,
    });
    let _hints =
        AbortOnDropHandle::new(tokio::spawn(hear(queue.events().await.map_err(failure)?, Arc::clone(&desk))));
    let until = CancellationToken::new();
    let listening = listen(context, args, desk, token.as_deref(), &until).await?;
    context.say(&format!(
        "{} {} ({jobs})",
        context.tr("正在从队列领取任务：", "taking work from"),
        queue.address()
    ));
    let result = worker.run().await;
    until.cancel();
    if let Some(listening) = listening {
        // It ends with what is asked of it at the moment; nothing rests on its last answer.
        let _ = tokio::time::timeout(Duration::from_secs(1), listening).await;
    }
    if let Err(error) = queue.flush().await {
        tracing::warn!(%error, "the queue may hand out again what was done last");
    }
    let done = worker.figures.counts();
    context.print(&done, || show::worker::text(context.lang, &done))?;
    result?;
    Ok(ExitCode::SUCCESS)
}

/// The queue that the command line or the settings name.
pub(crate) async fn open_queue(
    context: &Context,
    named: Option<&str>,
    only: Vec<String>,
) -> Result<NatsQueue, Failure> {
    let settings = &context.settings.queue;
    let Some(url) = named.or(settings.url.as_deref()) else {
        return Err(Failure::input("no queue was named: give --queue nats://HOST:PORT, or set queue.url"));
    };
    let named_well = |name: &str| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
    };
    let mut options = NatsOptions::new(url.parse().map_err(failure)?);
    if let Some(name) = &settings.name {
        if !named_well(name) {
            return Err(Failure::input(format!(
                "queue.name = {name:?}: letters, digits, - and _ make a name"
            )));
        }
        options.name.clone_from(name);
    }
    if settings.tls_cert.is_some() != settings.tls_key.is_some() {
        return Err(Failure::input("queue.tls_cert and queue.tls_key go together: give the other, too"));
    }
    options.creds_file.clone_from(&settings.creds_file);
    options.nkey_file.clone_from(&settings.nkey_file);
    options.token_file.clone_from(&settings.token_file);
    options.tls_ca.clone_from(&settings.tls_ca);
    options.tls_cert.clone_from(&settings.tls_cert);
    options.tls_key.clone_from(&settings.tls_key);
    options.domain.clone_from(&settings.domain);
    options.replicas = settings.replicas.map_or(options.replicas, |replicas| usize::from(replicas.get()));
    options.ack_wait = settings.ack_wait_s.map_or(options.ack_wait, |s| Duration::from_secs(s.get().into()));
    options.max_waiting = settings.max_waiting.map_or(options.max_waiting, std::num::NonZero::get);
    options.max_held = settings.max_held.map_or(options.max_held, std::num::NonZero::get);
    options.only = only;
    NatsQueue::open(options).await.map_err(failure)
}

/// What is wrong with an address or a file is the input's fault, the rest ours.
fn failure(error: QueueError) -> Failure {
    match error {
        QueueError::BadAddress { .. } | QueueError::Credentials { .. } => Failure::Input(error.into()),
        _ => Failure::Ours(error.into()),
    }
}

/// The share that a store's URL names, in the way in which the catalog writes it.
fn share_of(given: &str) -> Result<String, Failure> {
    Ok(Location::open(given)?.url)
}

fn token(path: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("the token file {} cannot be read", path.display()))
        .map_err(Failure::Input)?;
    let text = text.trim();
    if text.len() < 16 {
        return Err(Failure::input(format!(
            "the token in {} has {} characters: use 16 or more, such as `openssl rand -hex 32` gives",
            path.display(),
            text.len()
        )));
    }
    Ok(text.to_owned())
}

/// Starts the listener, where one was asked for.
async fn listen(
    context: &Context,
    args: &WorkerArgs,
    desk: Arc<Desk>,
    token: Option<&str>,
    until: &CancellationToken,
) -> Result<Option<tokio::task::JoinHandle<()>>, Failure> {
    let Some(address) = args.listen else { return Ok(None) };
    let bound = TcpListener::bind(address)
        .await
        .with_context(|| format!("{address} cannot be listened on: choose another address with --listen"))?;
    context.say(&format!(
        "{} http://{}/healthz",
        context.tr("状态地址：", "listening at"),
        bound.local_addr()?
    ));
    let router = listener::router(desk, token);
    let until = until.clone();
    Ok(Some(tokio::spawn(async move {
        if let Err(error) = listener::serve(bound, router, until).await {
            tracing::error!(%error, "the listener stopped");
        }
    })))
}

/// Looks into what is told over the queue.
async fn hear(told: impl futures::Stream<Item = bytes::Bytes>, desk: Arc<Desk>) {
    let mut told = std::pin::pin!(told);
    while let Some(document) = told.next().await {
        let hints = match events::hints(&document) {
            Ok(hints) => hints,
            Err(error) => {
                tracing::warn!(%error, "an event over the queue tells nothing");
                continue;
            }
        };
        if let Err(error) = desk.hints(hints).await {
            tracing::warn!(error, "hints could not be looked into; the next listing finds what they told of");
        }
    }
}
