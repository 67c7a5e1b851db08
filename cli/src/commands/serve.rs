//! `reelproof serve`.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use analyzer::policy::Policy;
use anyhow::Context as _;
use api::accounts::password::Hasher;
use api::accounts::secret::Secret;
use api::casework::schedule::keep_running;
use api::footage::{Footage, Stores};
use api::links::Links;
use api::oidc::Oidc;
use api::server::{Front, SetUp, Tls};
use catalog::Micros;
use catalog::store::{Catalog, OpenMode};
use ingest::location::Location;
use object_store::ObjectStore;
use tokio::net::TcpListener;

use crate::args::ServeArgs;
use crate::commands::previews;
use crate::context::Context;
use crate::failure::Failure;
use crate::stderr::tell;

/// How often the log's root is signed while the service runs.
const SIGN_EVERY: Duration = Duration::from_mins(1);

/// Loopback, unless told otherwise.
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8040);

pub(crate) async fn run(context: &Context, args: &ServeArgs) -> Result<ExitCode, Failure> {
    let (order, policy) = checked(context, args)?;
    let catalog = context.catalog(OpenMode::Existing).await?;
    if !args.schedule {
        return serve(context, catalog, order).await;
    }
    let clock = Arc::clone(&context.clock);
    let every = Duration::from_secs(args.schedule_every_s);
    let schedule = keep_running(Arc::clone(&catalog), policy, clock, every, std::future::pending());
    tokio::select! {
        served = serve(context, catalog, order) => served,
        // It goes on as long as the service does.
        () = schedule => Ok(ExitCode::SUCCESS),
    }
}

/// What the command line and the settings say, or everything that is wrong with it: a service that is put right one
/// mistake at a time is started five times.
fn checked(context: &Context, args: &ServeArgs) -> Result<(Order, Arc<Policy>), Failure> {
    let mut wrong = Vec::new();
    let mut say = |failure: Failure| match failure {
        Failure::Ours(error) | Failure::Input(error) => wrong.push(format!("{error:#}")),
        Failure::Evidence => {}
    };
    let listen = args.listen.or(context.settings.serve.listen).unwrap_or(DEFAULT_LISTEN);
    let front = front(context, args).map_err(&mut say).ok();
    let policy = context.policy(None).map_err(&mut say).ok();
    if let Some(policy) = policy.as_ref().filter(|policy| args.schedule && policy.schedule.is_none()) {
        say(Failure::input(format!(
            "the policy {policy} has no block [schedule]: add it, or serve without --schedule"
        )));
    }
    let public_url = args.public_url.clone().or_else(|| context.settings.serve.public_url.clone());
    if let Some(url) =
        public_url.as_ref().filter(|url| !url.starts_with("http://") && !url.starts_with("https://"))
    {
        say(Failure::input(format!("--public-url {url}: write it with http:// or https://")));
    }
    let oidc = oidc(context, public_url.as_deref()).unwrap_or_else(|problems| {
        for problem in problems {
            say(Failure::input(problem));
        }
        None
    });
    if let Err(failure) = links_last(context) {
        say(failure);
    }
    match (front, policy) {
        (Some((front, tls)), Some(policy)) if wrong.is_empty() => {
            Ok((Order { listen, front, tls, public_url, oidc }, policy))
        }
        _ => Err(Failure::input(wrong.join("\n"))),
    }
}

/// The provider that the settings name, or everything that is wrong with what they say of it.
fn oidc(context: &Context, public_url: Option<&str>) -> Result<Option<Arc<Oidc>>, Vec<String>> {
    let Some(settings) = &context.settings.serve.oidc else { return Ok(None) };
    let problems = settings.problems(public_url);
    let Some(public_url) = public_url.filter(|_| problems.is_empty()) else { return Err(problems) };
    Oidc::new(settings.clone(), public_url)
        .map(|oidc| Some(Arc::new(oidc)))
        .map_err(|error| vec![error.to_string()])
}

/// How long a signed link holds: ten minutes if nobody says.
fn links_last(context: &Context) -> Result<Micros, Failure> {
    let minutes = context.settings.serve.link_minutes.unwrap_or(10);
    if !(1..=60).contains(&minutes) {
        return Err(Failure::input(format!(
            "serve.link_minutes = {minutes}: links hold for 1 to 60 minutes"
        )));
    }
    Ok(Micros::from_s(i64::from(minutes) * 60))
}

/// How the service is reached, of what the command line and the settings say.
fn front(context: &Context, args: &ServeArgs) -> Result<(Front, Option<Tls>), Failure> {
    let settings = &context.settings.serve;
    let certificate = args.tls_cert.as_ref().or(settings.tls_cert.as_ref());
    let key = args.tls_key.as_ref().or(settings.tls_key.as_ref());
    let tls = match (certificate, key) {
        (Some(certificate), Some(key)) => {
            Some(Tls::read(certificate, key).map_err(|error| Failure::Input(error.into()))?)
        }
        (None, None) => None,
        _ => {
            return Err(Failure::input(
                "TLS needs both serve.tls_cert and serve.tls_key: give the other, too",
            ));
        }
    };
    let proxy = args.behind_proxy || settings.behind_proxy;
    Ok((Front { tls: tls.is_some() || proxy, proxy }, tls))
}

/// What `demo` and `serve` serve.
pub(crate) struct Order {
    pub(crate) listen: SocketAddr,
    pub(crate) front: Front,
    pub(crate) tls: Option<Tls>,
    pub(crate) public_url: Option<String>,
    pub(crate) oidc: Option<Arc<Oidc>>,
}

impl Order {
    /// Plain HTTP, for this machine alone.
    pub(crate) fn plain(listen: SocketAddr) -> Self {
        Self { listen, front: Front::default(), tls: None, public_url: None, oidc: None }
    }
}

/// Serves until it is told to stop; `demo` uses it, too.
pub(crate) async fn serve(
    context: &Context,
    catalog: Arc<dyn Catalog>,
    order: Order,
) -> Result<ExitCode, Failure> {
    let Order { listen, front, tls, public_url, oidc } = order;
    let policy = context.policy(None)?;
    let links_last = links_last(context)?;
    let listener = TcpListener::bind(listen).await.with_context(|| {
        format!(
            "{listen} cannot be listened on: choose another address with --listen (or --port for the demo)"
        )
    })?;
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() && !front.tls {
        context.say(context.tr(
            "注意：未启用 TLS，密码与录像在网络上明文传输；请设置 --tls-cert 与 --tls-key，或置于 TLS 代理之后并加 --behind-proxy。",
            "warning: there is no TLS, so passwords and footage cross the network as they are: set --tls-cert and --tls-key, or put a TLS proxy in front and add --behind-proxy",
        ));
    }
    let scheme = if tls.is_some() { "https" } else { "http" };
    let url = public_url.unwrap_or_else(|| format!("{scheme}://{address}"));
    let url = url.trim_end_matches('/');
    context.say(&format!("{} {url}/", context.tr("服务已启动：", "serving at")));
    let mut set_up = SetUp::default();
    if catalog.users().await?.is_empty() {
        let token = Secret::new().map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
        set_up = SetUp::with(&token);
        // Even who asked for quiet needs this one.
        tell(format!(
            "{} {url}/setup?token={}",
            context.tr(
                "尚无账户。请打开以下链接创建首位系统管理员（本次启动有效）：",
                "There is no account yet. Open this link to make the first administrator (it holds until the next start):"
            ),
            token.reveal()
        ));
    }
    let judged_by = context.judged_by.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
    super::log::note_policies(catalog.as_ref(), &judged_by, context.clock.now()).await?;
    super::log::note_configuration(context, catalog.as_ref(), "serve").await?;
    let key_file = context.log_key(catalog.as_ref()).await;
    let signer = api::log::key(catalog.as_ref(), &key_file).await;
    let signer = signer.inspect_err(|error| tell(format!("warning: no bundle can be had: {error}"))).ok();
    let policy_text = context.policy_text(&policy.name).into();
    let signing =
        api::log::keep_signing(Arc::clone(&catalog), key_file, Arc::clone(&context.clock), SIGN_EVERY);
    let state = api::server::State {
        catalog,
        policy,
        clock: Arc::clone(&context.clock),
        footage: Footage::new(Arc::new(Opened)),
        derivatives: previews::derivatives(context),
        signer: signer.map(Arc::new),
        policy_text,
        links: Links::new().map_err(|error| anyhow::anyhow!("no randomness: {error}"))?,
        links_last,
        set_up,
        hasher: Hasher::default(),
        front,
        oidc,
    };
    tokio::select! {
        served = api::server::serve(listener, state, tls, stop_signal()) => {
            served.context("the service stopped")?;
            Ok(ExitCode::SUCCESS)
        }
        // It goes on as long as the service does.
        () = signing => Ok(ExitCode::SUCCESS),
    }
}

/// The stores that the catalog names, opened as for reading footage in.
pub(crate) struct Opened;

impl Stores for Opened {
    fn open(&self, url: &str) -> Result<Arc<dyn ObjectStore>, String> {
        Location::open(url).map(|location| location.store).map_err(|error| error.to_string())
    }
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
