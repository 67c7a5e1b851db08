//! `reelproof serve`.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use api::casework::schedule::keep_running;
use catalog::store::{Catalog, OpenMode};
use tokio::net::TcpListener;

use crate::args::ServeArgs;
use crate::context::Context;
use crate::failure::Failure;

/// Loopback, unless told otherwise.
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8040);

/// How often the schedule runs beside the service.
const SCHEDULE_EVERY: Duration = Duration::from_mins(10);

pub(crate) async fn run(context: &Context, args: &ServeArgs) -> Result<ExitCode, Failure> {
    let listen = args.listen.or(context.settings.serve.listen).unwrap_or(DEFAULT_LISTEN);
    let catalog = context.catalog(OpenMode::Existing).await?;
    if !args.schedule {
        return serve(context, catalog, listen).await;
    }
    let policy = context.policy(None)?;
    if policy.schedule.is_none() {
        return Err(Failure::input(format!(
            "the policy {policy} has no block [schedule]: add it, or serve without --schedule"
        )));
    }
    let clock = Arc::clone(&context.clock);
    let schedule = keep_running(Arc::clone(&catalog), policy, clock, SCHEDULE_EVERY, std::future::pending());
    tokio::select! {
        served = serve(context, catalog, listen) => served,
        // It goes on as long as the service does.
        () = schedule => Ok(ExitCode::SUCCESS),
    }
}

/// Serves until it is told to stop; `demo` uses it, too.
pub(crate) async fn serve(
    context: &Context,
    catalog: Arc<dyn Catalog>,
    listen: SocketAddr,
) -> Result<ExitCode, Failure> {
    let listener = TcpListener::bind(listen).await.with_context(|| {
        format!(
            "{listen} cannot be listened on: choose another address with --listen (or --port for the demo)"
        )
    })?;
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() {
        context.say(context.tr(
            "注意：本服务尚无登录验证，监听地址并非本机回环地址，同网段任何人均可查看。",
            "warning: there is no sign-in yet, and this address can be reached from other machines",
        ));
    }
    let policy = context.policy(None)?;
    context.say(&format!("{} http://{address}/", context.tr("服务已启动：", "serving at")));
    let state = api::server::State { catalog, policy, clock: Arc::clone(&context.clock) };
    api::server::serve(listener, state, stop_signal()).await.context("the service stopped")?;
    Ok(ExitCode::SUCCESS)
}

/// Resolves when the person or the system asks the process to end.
pub(crate) async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
