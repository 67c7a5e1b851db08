//! Accepting connections whose last bytes are sent at once.
//!
//! An answer goes out as its head and then its body. Left to itself, the kernel holds the short last piece of a body back until the
//! client has acknowledged what came before (RFC 896), which clients put off by 40 ms (RFC 1122, 4.2.3.2): each
//! small range of a recording would take that long.

use std::net::SocketAddr;

use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};

/// A listener of such connections.
pub(super) struct Prompt(pub(super) TcpListener);

impl Listener for Prompt {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, peer) = Listener::accept(&mut self.0).await;
        prompt(&stream);
        (stream, peer)
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// Has a connection send at once.
pub(super) fn prompt(stream: &TcpStream) {
    // A connection that has ended already cannot; its end is found when it is read from.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps its short pieces back");
    }
}
