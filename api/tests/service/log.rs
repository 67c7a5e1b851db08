//! The transparency log over HTTP: what is handed out holds by itself.

use api::log::proof::{ConsistencyProof, ProofFile, check};
use api::log::{checkpoint, key};
use axum::http::StatusCode;

use crate::month::{Bureau, NOW, at};
use crate::{document, encoded, get};
use api::server::router;

#[tokio::test]
async fn a_proof_that_is_handed_out_holds_by_itself() {
    let bureau = Bureau::with_cases(7).await;
    let dir = tempfile::TempDir::new().unwrap();
    let service = router(bureau.state.clone()).unwrap();
    let recordings = document(&service, "/api/v1/recordings").await;
    let object = encoded(recordings["recordings"][0]["object_key"].as_str().unwrap());
    let unsigned = get(&service, &format!("/api/v1/log/proof?object={object}")).await;
    assert_eq!(unsigned.status, StatusCode::NOT_FOUND, "nobody vouches for it yet");

    let signer = key(bureau.catalog(), &dir.path().join("log-key")).await.unwrap();
    let signed = checkpoint(bureau.catalog(), &signer, at(NOW)).await.unwrap();
    let now = document(&service, "/api/v1/log").await;
    assert_eq!(now["checkpoint"]["size"], signed.size);
    assert_eq!(now["keys"][0]["vkey"], signer.verifier().to_string());
    let note = get(&service, "/api/v1/log/checkpoint").await;
    assert_eq!((note.status, note.header("content-type")), (StatusCode::OK, "text/plain; charset=utf-8"));

    let proof = document(&service, &format!("/api/v1/log/proof?object={object}")).await;
    let proof: ProofFile = serde_json::from_value(proof).unwrap();
    let report = check(&proof, Some(&signer.verifier()));
    assert!(report.holds() && report.entries >= 1, "{report:?}");
    let without = document(&service, "/api/v1/log/proof?entry=3&rows=false").await;
    assert!(without["entries"][0].get("row").is_none());
    let proof = document(&service, &format!("/api/v1/log/consistency?from=5&to={}", signed.size)).await;
    let proof: ConsistencyProof = serde_json::from_value(proof).unwrap();
    assert!(proof.holds() && proof.to_root == signed.root);
    let refused = get(&service, "/api/v1/log/consistency?from=5&to=99999").await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn entries_are_paged_and_name_nobody() {
    let bureau = Bureau::with_cases(7).await;
    let service = router(bureau.state.clone()).unwrap();
    let first = document(&service, "/api/v1/log/entries?limit=10").await;
    assert_eq!((first["entries"].as_array().unwrap().len(), &first["next"]), (10, &9.into()));
    let second = document(&service, "/api/v1/log/entries?limit=10&after=9").await;
    assert_eq!(second["entries"][0]["index"], 10);
    let record = first["entries"][0]["record"].as_object().unwrap();
    let members: Vec<&str> = record.keys().map(String::as_str).collect();
    assert_eq!(members, ["at_us", "content", "id", "kind", "origin", "v"]);
}
