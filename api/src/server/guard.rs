//! What stands around every request: its number, whom it may come from, how large it may be and how
//! long it may take, the headers of every answer, and the writing of problem documents.
//!
//! **DNS rebinding.** A service on the loopback address can be reached by any web page the person has
//! open, through a name that its owner points at 127.0.0.1. The browser then sends that name in `Host`,
//! so as long as the service listens on loopback alone, it answers no other names than the machine's own.

use std::any::Any;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::serve::IncomingStream;
use catalog::clock::Clock;
use tracing::Instrument as _;

use super::body::most_bytes;
use super::problem::{Code, Problem};
use super::prompt::Prompt;
use super::tls::TlsListener;

/// The number of the request, in the answer and in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Headers of every answer. The page has neither inline scripts nor inline styles, so nothing that
/// slips into it can run.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// From where the service can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// From this machine alone.
    Loopback,
    /// From other machines, under whatever name they know this one by.
    Network,
}

/// What the guard goes by.
#[derive(Clone)]
pub(super) struct Rules {
    pub(super) reach: Reach,
    pub(super) deadline: Duration,
    pub(super) ids: RequestIds,
    /// Whether a proxy in front says in `X-Forwarded-For` who asks.
    pub(super) behind_proxy: bool,
}

/// The number of a request, for handlers.
#[derive(Debug, Clone)]
pub(super) struct RequestId(pub(super) String);

/// The network address that a request came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Client(pub(super) IpAddr);

/// The other end of a connection, with TLS around it or without.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) SocketAddr);

impl Connected<IncomingStream<'_, Prompt>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Prompt>) -> Self {
        Self(*stream.remote_addr())
    }
}

impl Connected<IncomingStream<'_, TlsListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TlsListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

impl Default for Client {
    fn default() -> Self {
        Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
    }
}

/// Whom a request comes from. Of `X-Forwarded-For` only the last entry is the proxy's own; those before it are
/// whatever the client wrote.
fn client(request: &Request, behind_proxy: bool) -> Client {
    let forwarded = || {
        let last = request.headers().get_all("x-forwarded-for").iter().next_back()?;
        last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
    };
    let peer = || request.extensions().get::<ConnectInfo<Peer>>().map(|peer| peer.0.0.ip());
    behind_proxy.then(forwarded).flatten().or_else(peer).map_or_else(Client::default, Client)
}

/// Numbers the requests: the moment the service began, and a count from 1.
#[derive(Clone)]
pub(super) struct RequestIds {
    began: u64,
    count: Arc<AtomicU64>,
}

impl RequestIds {
    pub(super) fn new(clock: &dyn Clock) -> Self {
        Self { began: clock.now().0.unsigned_abs() / 1000, count: Arc::default() }
    }

    fn next(&self) -> String {
        format!("{:x}-{}", self.began, self.count.fetch_add(1, Ordering::Relaxed).saturating_add(1))
    }
}

/// The middleware around everything.
pub(super) async fn guard(State(rules): State<Rules>, mut request: Request, next: Next) -> Response {
    let id = rules.ids.next();
    let client = client(&request, rules.behind_proxy);
    request.extensions_mut().insert(client);
    request.extensions_mut().insert(RequestId(id.clone()));
    let method = request.method().clone();
    // The address's template alone: the log names no case, no recording and nobody.
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let path = path.unwrap_or_else(|| "(no such address)".to_owned());
    let span = tracing::info_span!(
        "request",
        otel.name = format!("{method} {path}"),
        otel.kind = "server",
        request = id,
        http.request.method = %method,
        http.route = path,
        http.response.status_code = tracing::field::Empty,
    );
    let mut answer = match refusal(&request, rules.reach) {
        Some(problem) => problem.into_response(),
        None => tokio::time::timeout(rules.deadline, next.run(request))
            .instrument(span.clone())
            .await
            .unwrap_or_else(|_| timed_out(rules.deadline).into_response()),
    };
    span.record("http.response.status_code", answer.status().as_u16());
    if let Some(problem) = answer.extensions_mut().remove::<Problem>() {
        problem.write(&mut answer, &id);
        if let Some(error) = problem.inside() {
            tracing::error!(request = id, %method, path, code = problem.code(), error, "failed");
        } else {
            tracing::debug!(request = id, %method, path, code = problem.code(), "refused");
        }
    } else {
        tracing::debug!(request = id, %method, path, status = answer.status().as_u16(), "answered");
    }
    let headers = answer.headers_mut();
    // A route may have a policy of its own: that of the page that replays a draw is narrower.
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    // What is about cases and officers stays in no cache, unless a route says otherwise.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    answer
}

/// Why a request is not let in, if it is not.
fn refusal(request: &Request, reach: Reach) -> Option<Problem> {
    let named = match request.uri().authority() {
        Some(authority) => Some(authority.clone()),
        None => request
            .headers()
            .get(header::HOST)
            .and_then(|host| host.to_str().ok())
            .and_then(|host| host.parse::<Authority>().ok()),
    };
    if reach == Reach::Loopback && !named.as_ref().is_some_and(is_this_machine) {
        return Some(Problem::new(
            Code::ForeignHost,
            "Open it as http://localhost or http://127.0.0.1 with the port it was started on; \
             to serve other machines, it has to be started for an address of theirs.",
            "请在本机以 http://localhost 或 http://127.0.0.1 加端口访问；如需供其他机器访问，请由系统维护人员为服务指定对外地址。",
        ));
    }
    let length = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let most = most_bytes(request.uri().path());
    if length.is_some_and(|length| length > most) {
        return Some(Problem::body_too_large(most));
    }
    None
}

/// Whether a `Host` names this machine as this machine calls itself.
fn is_this_machine(authority: &Authority) -> bool {
    let host = authority.host();
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn timed_out(deadline: Duration) -> Problem {
    Problem::new(
        Code::TimedOut,
        format!("There was no answer within {} s; try again, or ask for less.", deadline.as_secs()),
        format!("{} 秒内未能得出结果，请稍后重试或缩小范围。", deadline.as_secs()),
    )
}

/// A panic in a handler becomes an answer, and its message goes to the log.
#[expect(clippy::needless_pass_by_value, reason = "the signature that the layer asks for")]
pub(super) fn panicked(panic: Box<dyn Any + Send>) -> Response<Body> {
    let mut message = "a handler panicked".to_owned();
    let said = panic.downcast_ref::<String>().map(String::as_str);
    if let Some(said) = said.or_else(|| panic.downcast_ref::<&str>().copied()) {
        // Writing to a String cannot fail.
        let _ = write!(message, ": {said}");
    }
    Problem::internal(&message).into_response()
}

#[cfg(test)]
#[path = "guard_tests.rs"]
mod tests;
