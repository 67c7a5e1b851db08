//! `reelproof ingest`.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use catalog::store::{Catalog, OpenMode};
use ingest::child::{ChildCommand, ChildPool, PoolOptions};
use ingest::handing_out::HandingOut;
use ingest::key_pattern::KeyPatterns;
use ingest::reading::ObjectReader;
use ingest::run::{Ingest, RunOptions, Stop};
use ingest::start_time::DEFAULT_ORDER;
use ingest::summary::Summary;

use tokio::runtime::Handle;
use work::nats::NatsQueue;

use crate::args::IngestArgs;
use crate::commands::worker::open_queue;
use crate::context::Context;
use crate::failure::Failure;
use crate::progress::Shown;
use crate::show;
use crate::stderr::tell;

pub(crate) async fn run(context: &Context, args: &IngestArgs) -> Result<ExitCode, Failure> {
    // A wrong folder is told before a catalog is made for it.
    for url in &args.urls {
        ingest::location::Location::open(url)?;
    }
    let mut options = run_options(context, args.parallel, args.retry_quarantined)?;
    if args.inspect || context.settings.ingest.inspect {
        options.inspect = Some(context.policy(args.policy.as_deref())?.inspect.options());
    }
    let catalog = context.catalog(OpenMode::Create).await?;
    super::log::note_configuration(context, catalog.as_ref(), "ingest").await?;
    let stop = stop_on_signal(context);
    let reader = reader(context, options.parallel)?;
    let queue = if let Some(named) = &args.queue {
        Some(open_queue(context, Some(named), Vec::new()).await?)
    } else {
        warn_of_missing_layers(context, reader.pool()).await?;
        None
    };
    let taker = Taker { context, args, catalog, reader, options, stop, queue };
    if args.watch {
        return taker.watch().await;
    }
    let total = taker.take_in_all().await?;
    taker.show(&total)?;
    if total.stopped {
        return Err(Failure::Ours(anyhow::anyhow!(
            "stopped on request; what was read is kept, and the same command does the rest"
        )));
    }
    if total.failed > 0 {
        return Err(Failure::Ours(anyhow::anyhow!(
            "{} could not be read; repeat the command once the cause is mended",
            total.failed
        )));
    }
    Ok(ExitCode::SUCCESS)
}

/// Takes in what the command names, once or again and again.
struct Taker<'a> {
    context: &'a Context,
    args: &'a IngestArgs,
    catalog: Arc<dyn Catalog>,
    reader: ObjectReader,
    options: RunOptions,
    stop: Stop,
    queue: Option<NatsQueue>,
}

impl Taker<'_> {
    async fn take_in_all(&self) -> Result<Summary, Failure> {
        let Self { context, catalog, reader, options, stop, .. } = self;
        let mut total = Summary::default();
        for url in &self.args.urls {
            if stop.drain.is_cancelled() {
                total.stopped = true;
                break;
            }
            total.add(match &self.queue {
                Some(queue) => {
                    let ingest = ingest(context, catalog, reader, options, stop);
                    let share_folders = context.settings.queue.share_folders;
                    let shown = Shown::new(context);
                    let how = HandingOut { share_folders, wait: self.args.wait };
                    ingest.hand_out(url, queue, how, &|progress| shown.show_plan(&progress)).await?
                }
                None => take_in(context, catalog, reader, options, stop, url).await?,
            });
        }
        Ok(total)
    }

    fn show(&self, total: &Summary) -> Result<(), Failure> {
        self.context.print(total, || show::ingest::text(self.context.lang, total))
    }

    /// Lists again and again, and tells of each time that had news, the first in any case. What fails is told once and tried
    /// each time.
    async fn watch(&self) -> Result<ExitCode, Failure> {
        let mut failing = None;
        while !self.stop.drain.is_cancelled() {
            match self.take_in_all().await {
                Ok(total) if total.has_news() || failing.as_ref() != Some(&total.failures) => {
                    self.show(&total)?;
                    failing = Some(total.failures);
                }
                Ok(_) => {}
                Err(error) => error.print(self.context.lang),
            }
            tokio::select! {
                () = self.stop.drain.cancelled() => {}
                () = tokio::time::sleep(Duration::from_secs(self.args.every)) => {}
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Takes in one folder or URL; `demo` uses it, too.
pub(crate) async fn take_in(
    context: &Context,
    catalog: &Arc<dyn Catalog>,
    reader: &ObjectReader,
    options: &RunOptions,
    stop: &Stop,
    url: &str,
) -> Result<Summary, Failure> {
    let shown = Shown::new(context);
    let ingest = ingest(context, catalog, reader, options, stop);
    Ok(ingest.run(url, &|progress| shown.show(&progress)).await?)
}

fn ingest(
    context: &Context,
    catalog: &Arc<dyn Catalog>,
    reader: &ObjectReader,
    options: &RunOptions,
    stop: &Stop,
) -> Ingest {
    Ingest {
        catalog: Arc::clone(catalog),
        clock: Arc::clone(&context.clock),
        reader: reader.clone(),
        options: options.clone(),
        stop: stop.clone(),
    }
}

/// Says which layers of the sandbox this kernel does not grant, if any.
pub(crate) async fn warn_of_missing_layers(context: &Context, pool: &ChildPool) -> Result<(), Failure> {
    let pool = pool.clone();
    let sandbox = tokio::task::spawn_blocking(move || pool.sandbox())
        .await
        .context("asking for the sandbox")?
        .map_err(|error| Failure::Ours(error.into()))?;
    if !sandbox.is_complete() {
        let warning = context.tr(
            "警告：本机内核不能提供全部隔离措施，来历不明的文件可能造成危害：",
            "warning: this kernel does not grant every layer of the sandbox in which footage is parsed:",
        );
        context.say(&format!("{warning} {sandbox}"));
    }
    Ok(())
}

/// How a run works, from the settings with the command line on top.
pub(crate) fn run_options(
    context: &Context,
    parallel: Option<u32>,
    retry_quarantined: bool,
) -> Result<RunOptions, Failure> {
    let settings = &context.settings.ingest;
    let key_patterns = match &settings.key_patterns {
        Some(patterns) => KeyPatterns::new(patterns).map_err(|error| Failure::Input(error.into()))?,
        None => KeyPatterns::default(),
    };
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let parallel = parallel.or(settings.parallel).map_or(processors, |n| n.max(1) as usize);
    let start_order = settings.start_order.clone().unwrap_or_else(|| DEFAULT_ORDER.to_vec());
    Ok(RunOptions {
        parallel,
        key_patterns,
        start_order,
        retry_quarantined,
        sm3: settings.sm3,
        inspect: None,
    })
}

/// Reads objects, with as many children for FFmpeg as objects are read at a time.
pub(crate) fn reader(context: &Context, parallel: usize) -> Result<ObjectReader, Failure> {
    let named = context.settings.ingest.media_program.as_deref();
    let command = ChildCommand::find(named).map_err(|error| Failure::Ours(error.into()))?;
    let pool = ChildPool::new(PoolOptions::new(command, parallel));
    Ok(ObjectReader::new(pool, Handle::current()))
}

/// The first Ctrl-C (or SIGTERM) drains, the second aborts.
pub(crate) fn stop_on_signal(context: &Context) -> Stop {
    let stop = Stop::default();
    let (signalled, quiet) = (stop.clone(), context.quiet);
    let (draining, aborting) = (
        context
            .tr(
                "正在收尾：完成已开始的文件后停止；再按一次 Ctrl-C 立即停止",
                "finishing what was begun; Ctrl-C again stops at once",
            )
            .to_owned(),
        context.tr("立即停止", "stopping at once").to_owned(),
    );
    tokio::spawn(async move {
        for (token, words) in [(&signalled.drain, draining), (&signalled.abort, aborting)] {
            crate::commands::serve::stop_signal().await;
            if !quiet {
                tell(words);
            }
            token.cancel();
        }
    });
    stop
}
