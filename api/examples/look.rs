#![allow(unused, dead_code, missing_docs)]
#[path = "../tests/service/month.rs"]
mod month;
#[tokio::main]
async fn main() {
    let bureau = month::Bureau::with_cases(90).await;
    let bureau = match std::env::args().nth(1).as_deref() {
        Some("frozen") => bureau.frozen().await,
        Some("none") => bureau,
        Some("empty") => month::Bureau::empty().await,
        _ => bureau.drawn().await,
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{}", listener.local_addr().unwrap());
    api::server::serve(listener, bureau.state.clone(), std::future::pending()).await.unwrap();
}
