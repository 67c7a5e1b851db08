//! TLS to the server, as the URL's `sslmode` asks for it.

use tempfile::TempDir;

use super::server::Server;
use super::{OpenMode, StoreError, open, refusal};

#[tokio::test]
async fn a_server_is_believed_by_its_certificate_and_no_other() {
    let Some(mut server) = Server::start() else { return };
    let dir = TempDir::new().unwrap();
    let [ours, others] = ["ours.pem", "others.pem"].map(|name| {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let path = dir.path().join(name);
        std::fs::write(&path, made.cert.pem()).unwrap();
        (path, made)
    });
    server.crash();
    server.put("server.crt", &ours.1.cert.pem());
    server.put("server.key", &ours.1.signing_key.serialize_pem());
    server.set("ssl = on");
    server.start_again();
    let database = server.database();
    let url = |certificate: &std::path::Path| {
        let url = database.url().replace("127.0.0.1", "localhost");
        format!("{url}?sslmode=verify-full&sslrootcert={}", certificate.display())
    };
    let error = refusal(&url(&others.0), OpenMode::Create).await;
    assert!(matches!(error, StoreError::Refused { .. }), "{error}");
    let catalog = open(&url(&ours.0), OpenMode::Create).await.unwrap();
    assert!(catalog.stores().await.unwrap().is_empty());
    let encrypted = database
        .ask(
            "SELECT count(*), bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
              WHERE application_name = 'reelproof'",
        )
        .unwrap();
    assert!(encrypted.trim().ends_with("|t"), "{encrypted}");
}
