//! The service on a real socket.

use api::server::serve;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::month::Bureau;

/// What comes back for one request, to the end of the connection.
async fn exchange(address: std::net::SocketAddr, host: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn it_serves_until_it_is_told_to_stop_and_then_frees_the_address() {
    let bureau = Bureau::empty().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve(listener, bureau.state.clone(), None, async move {
        let _ = stopped.await;
    }));
    assert!(exchange(address, &address.to_string()).await.starts_with("HTTP/1.1 200"));
    assert!(exchange(address, "rebound.example").await.starts_with("HTTP/1.1 421"));
    // A connection that is kept open and idle does not hold the service up.
    let idle = TcpStream::connect(address).await.unwrap();
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
    drop(idle);
    assert!(TcpListener::bind(address).await.is_ok());
}
