//! Signing in with a provider of OpenID Connect: a small one, on loopback, that signs whatever a test wants signed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use api::oidc::{Oidc, Settings};
use api::server::router;
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::signature::KeyPair as _;
use axum::body::Body;
use axum::extract::{RawForm, State};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use catalog::Micros;
use catalog::account::Role;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::month::{ADMIN, Bureau, NOW, account, at};
use crate::{Answer, ask, ask_as, send};

const CLIENT: &str = "reelproof";
const SECRET: &str = "a secret: with signs/";

/// A key with which the provider signs.
struct Key {
    id: &'static str,
    algorithm: Algorithm,
    private: EncodingKey,
    public: Value,
}

impl Key {
    fn rsa(id: &'static str) -> Self {
        let pair = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
        let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let text = STANDARD.encode(der.as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n");
        let private = EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap();
        let mut key = Jwk::from_encoding_key(&private, Algorithm::RS256).unwrap();
        key.common.key_id = Some(id.to_owned());
        let public = serde_json::to_value(key).unwrap();
        Self { id, algorithm: Algorithm::RS256, private, public }
    }

    fn ed25519(id: &'static str) -> Self {
        let random = aws_lc_rs::rand::SystemRandom::new();
        let pair = aws_lc_rs::signature::Ed25519KeyPair::generate_pkcs8(&random).unwrap();
        let private = EncodingKey::from_ed_der(pair.as_ref());
        let pair = aws_lc_rs::signature::Ed25519KeyPair::from_pkcs8(pair.as_ref()).unwrap();
        let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        let public = json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": id, "x": x });
        Self { id, algorithm: Algorithm::EdDSA, private, public }
    }

    fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(self.algorithm);
        header.kid = Some(self.id.to_owned());
        jsonwebtoken::encode(&header, claims, &self.private).unwrap()
    }
}

/// What the provider has at hand.
#[derive(Default)]
struct Desk {
    address: String,
    shown: Vec<Value>,
    keys_asked: usize,
    /// By code: the challenge that its verifier must fit, and the token.
    codes: BTreeMap<String, (String, String)>,
}

type Shared = Arc<Mutex<Desk>>;

/// The provider.
struct Provider {
    desk: Shared,
    issuer: String,
}

impl Provider {
    async fn new(keys: &[&Key]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let desk = Shared::default();
        desk.lock().unwrap().address.clone_from(&issuer);
        let provider = Self { desk: Arc::clone(&desk), issuer };
        provider.show(keys);
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(describe))
            .route("/keys", get(keys_of))
            .route("/token", post(token))
            .with_state(desk);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        provider
    }

    fn show(&self, keys: &[&Key]) {
        self.desk.lock().unwrap().shown = keys.iter().map(|key| key.public.clone()).collect();
    }

    fn gives(&self, code: &str, challenge: &str, token: String) {
        self.desk.lock().unwrap().codes.insert(code.to_owned(), (challenge.to_owned(), token));
    }
}

async fn describe(State(desk): State<Shared>) -> Json<Value> {
    let base = desk.lock().unwrap().address.clone();
    Json(json!({
        "issuer": base,
        "authorization_endpoint": format!("{base}/authorize"),
        "token_endpoint": format!("{base}/token"),
        "jwks_uri": format!("{base}/keys"),
        "end_session_endpoint": format!("{base}/end"),
    }))
}

async fn keys_of(State(desk): State<Shared>) -> Json<Value> {
    let mut desk = desk.lock().unwrap();
    desk.keys_asked += 1;
    Json(json!({ "keys": desk.shown }))
}

async fn token(
    State(desk): State<Shared>,
    headers: HeaderMap,
    RawForm(form): RawForm,
) -> (StatusCode, Json<Value>) {
    let refused = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": error })));
    let secret = "a+secret%3A+with+signs%2F";
    let expected = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{secret}")));
    if headers.get(header::AUTHORIZATION).is_none_or(|given| *given != expected) {
        return refused("invalid_client");
    }
    let form: BTreeMap<String, String> = url::form_urlencoded::parse(&form).into_owned().collect();
    assert_eq!(form["redirect_uri"], "http://localhost:8040/api/v1/oidc/callback");
    // A code serves once.
    let Some((challenge, token)) = desk.lock().unwrap().codes.remove(&form["code"]) else {
        return refused("invalid_grant");
    };
    if URL_SAFE_NO_PAD.encode(Sha256::digest(form["code_verifier"].as_bytes())) != challenge {
        return refused("invalid_grant");
    }
    (StatusCode::OK, Json(json!({ "access_token": "x", "token_type": "Bearer", "id_token": token })))
}

fn settings(provider: &Provider) -> Settings {
    Settings {
        issuer: provider.issuer.clone(),
        client_id: CLIENT.into(),
        client_secret: Some(SECRET.into()),
        label: Some("市统一身份认证".into()),
        scopes: vec!["profile".into()],
        sign_out: true,
        ..Settings::default()
    }
}

/// A service whose people sign in with this provider.
fn service(bureau: &Bureau, settings: Settings) -> Router {
    assert_eq!(settings.problems(Some("http://localhost:8040/")), Vec::<String>::new());
    let mut state = bureau.state.clone();
    state.oidc = Some(Arc::new(Oidc::new(settings, "http://localhost:8040/").unwrap()));
    router(state).unwrap()
}

/// A sign-in that began: the cookie, and what the browser took along to the provider.
struct Begun {
    cookie: String,
    taken: BTreeMap<String, String>,
}

async fn begin(service: &Router, to: &str) -> Begun {
    let answer = ask_as(service, None, Method::GET, &format!("/api/v1/oidc/begin?to={to}"), None).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Max-Age=600"));
    let place = url::Url::parse(answer.header("location")).unwrap();
    assert_eq!(place.path(), "/authorize");
    Begun {
        cookie: cookie.split(';').next().unwrap().to_owned(),
        taken: place.query_pairs().into_owned().collect(),
    }
}

async fn come_back(service: &Router, cookie: &str, query: &str) -> Answer {
    let request = Request::builder()
        .uri(format!("/api/v1/oidc/callback?{query}"))
        .header(header::HOST, "localhost:8040")
        .header(header::COOKIE, cookie);
    send(service, request.body(Body::empty()).unwrap()).await
}

/// The claims of a token for this sign-in.
fn claims(provider: &Provider, begun: &Begun) -> Value {
    let now = at(NOW).0 / 1_000_000;
    json!({
        "iss": provider.issuer, "sub": "u-17", "aud": CLIENT, "iat": now, "exp": now + 300,
        "nonce": begun.taken["nonce"], "name": "王五", "preferred_username": "Wang.Wu@example",
    })
}

/// A sign-in from the beginning to the end, with claims as `change` leaves them.
async fn sign_in(
    service: &Router,
    provider: &Provider,
    key: &Key,
    change: impl FnOnce(&mut Value),
) -> Answer {
    let begun = begin(service, "/cases").await;
    let mut claims = claims(provider, &begun);
    change(&mut claims);
    provider.gives("c", &begun.taken["code_challenge"], key.sign(&claims));
    come_back(service, &begun.cookie, &format!("code=c&state={}", begun.taken["state"])).await
}

/// The session that an answer began.
fn session(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let mut cookies =
        answer.headers.get_all(header::SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap());
    let session = cookies.find_map(|cookie| cookie.strip_prefix("reelproof_session=")).unwrap();
    assert!(session.contains("HttpOnly") && session.contains("SameSite=Strict"));
    session.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn who_is_linked_signs_in_and_out_again_at_the_provider_too() {
    let bureau = Bureau::with_cases(3).await;
    bureau.sign_in(account("wang", Role::CaseReview), &"cc".repeat(32)).await;
    for key in [Key::rsa("k1"), Key::ed25519("k2")] {
        let provider = Provider::new(&[&key]).await;
        let service = service(&bureau, settings(&provider));
        let offer = ask_as(&service, None, Method::GET, "/api/v1/oidc", None).await.json();
        assert_eq!(offer, json!({ "begin": "/api/v1/oidc/begin", "label": "市统一身份认证" }));
        // Known by nobody yet.
        let refused = sign_in(&service, &provider, &key, |_| {}).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        assert!(
            refused.text.contains("请联系系统管理员关联")
                && refused.text.contains("Ask your administrator to link")
        );
        let waiting = ask(&service, Method::GET, "/api/v1/identities").await.json();
        let one =
            waiting["identities"].as_array().unwrap().iter().find(|one| one["issuer"] == *provider.issuer);
        assert_eq!((&one.unwrap()["name"], &one.unwrap()["user"]), (&json!("王五"), &Value::Null));
        // The administrator says who it is.
        let users = bureau.catalog().users().await.unwrap();
        let wang = users.iter().find(|user| user.login == "wang").unwrap();
        let link = json!({ "issuer": provider.issuer, "subject": "u-17", "user": wang.id });
        let linked = ask_as(&service, Some(ADMIN), Method::POST, "/api/v1/identities", Some(link)).await;
        assert_eq!(linked.status, StatusCode::NO_CONTENT, "{}", linked.text);
        let answer = sign_in(&service, &provider, &key, |_| {}).await;
        assert_eq!(answer.header("location"), "/cases");
        let session = session(&answer);
        let who = ask_as(&service, Some(&session), Method::GET, "/api/v1/session", None).await.json();
        assert_eq!(who["user"]["login"], "wang");
        // Out again, there too; whoever came with a password is not sent there.
        let out = |cookie: String| {
            let request = Request::builder()
                .method(Method::DELETE)
                .uri("/api/v1/session")
                .header(header::HOST, "localhost:8040")
                .header(header::COOKIE, cookie);
            request.body(Body::empty()).unwrap()
        };
        let answer =
            send(&service, out(format!("reelproof_session={session}; reelproof_oidc_session=yes"))).await;
        let go_to = url::Url::parse(answer.json()["go_to"].as_str().unwrap()).unwrap();
        assert_eq!((go_to.path(), go_to.query_pairs().count()), ("/end", 2));
        let gone = ask_as(&service, Some(&session), Method::GET, "/api/v1/session", None).await;
        assert_eq!(gone.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_token_that_is_not_for_this_sign_in_lets_nobody_in() {
    let bureau = Bureau::with_cases(1).await;
    let (key, stranger) = (Key::ed25519("k1"), Key::ed25519("k1"));
    let provider = Provider::new(&[&key]).await;
    let service = service(&bureau, settings(&provider));
    let now = at(NOW).0 / 1_000_000;
    let wrongs: [(&str, Value); 9] = [
        ("nonce", json!("another")),
        ("nonce", Value::Null),
        ("aud", json!("somebody-else")),
        ("aud", json!([CLIENT, "somebody-else"])),
        ("iss", json!("https://elsewhere.example")),
        ("exp", json!(now - 61)),
        ("iat", json!(now + 61)),
        ("iat", json!(now - 661)),
        ("sub", json!("")),
    ];
    for (name, value) in wrongs {
        let answer = sign_in(&service, &provider, &key, |claims| claims[name] = value.clone()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name} {value}: {}", answer.text);
        assert!(
            answer.text.contains("未通过校验") && answer.text.contains("does not pass the checks"),
            "{name}"
        );
        assert!(
            !answer
                .headers
                .get_all(header::SET_COOKIE)
                .iter()
                .any(|one| one.to_str().unwrap().contains("session="))
        );
    }
    let answer = sign_in(&service, &provider, &stranger, |_| {}).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "signed with a stranger's key under the same name");
    // What is a minute off is no fault of anybody's; then it is only the account that is missing.
    for (name, value) in [("exp", now - 59), ("iat", now + 59), ("nbf", now + 59)] {
        let answer = sign_in(&service, &provider, &key, |claims| claims[name] = json!(value)).await;
        assert!(answer.text.contains("Ask your administrator to link"), "{name}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_state_serves_once_for_ten_minutes_and_with_its_cookie_alone() {
    let bureau = Bureau::with_cases(1).await;
    let key = Key::ed25519("k1");
    let provider = Provider::new(&[&key]).await;
    let service = service(&bureau, settings(&provider));
    let over = |answer: &Answer| {
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text);
        assert!(answer.text.contains("本次登录已失效") && answer.text.contains("This sign-in is over"));
    };
    let gives = |begun: &Begun| {
        provider.gives("c", &begun.taken["code_challenge"], key.sign(&claims(&provider, begun)));
    };
    let begun = begin(&service, "/").await;
    let query = format!("code=c&state={}", begun.taken["state"]);
    gives(&begun);
    over(&come_back(&service, "other=1", &query).await);
    over(&come_back(&service, "reelproof_oidc=eyJhbGciOiJub25lIn0.e30.", &query).await);
    over(&come_back(&service, &begun.cookie, "code=c&state=another").await);
    assert!(come_back(&service, &begun.cookie, &query).await.text.contains("Ask your administrator to link"));
    gives(&begun);
    over(&come_back(&service, &begun.cookie, &query).await);
    let late = begin(&service, "/").await;
    gives(&late);
    bureau.clock.advance(Micros::from_s(601));
    over(&come_back(&service, &late.cookie, &format!("code=c&state={}", late.taken["state"])).await);
    // What the provider refuses is told as that, and nothing that it wrote is shown.
    let begun = begin(&service, "/").await;
    let query = format!("error=access_denied&error_description=%3Cscript%3E&state={}", begun.taken["state"]);
    let refused = come_back(&service, &begun.cookie, &query).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("未通过或已取消") && !refused.text.contains("script"));
}

#[tokio::test]
async fn keys_that_were_changed_are_read_again_and_not_for_every_request() {
    let bureau = Bureau::with_cases(1).await;
    let (old, new) = (Key::rsa("old"), Key::ed25519("new"));
    let provider = Provider::new(&[&old]).await;
    let service = service(&bureau, settings(&provider));
    let known = "Ask your administrator to link";
    let asked = || provider.desk.lock().unwrap().keys_asked;
    assert!(sign_in(&service, &provider, &old, |_| {}).await.text.contains(known));
    // Within a minute nobody makes us ask again.
    for _ in 0..3 {
        assert_eq!(sign_in(&service, &provider, &new, |_| {}).await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(asked(), 1);
    provider.show(&[&new]);
    bureau.clock.advance(Micros::from_s(61));
    let later = at(NOW).0 / 1_000_000 + 61;
    let at_that_time =
        |claims: &mut Value| (claims["iat"], claims["exp"]) = (json!(later), json!(later + 300));
    assert!(sign_in(&service, &provider, &new, at_that_time).await.text.contains(known));
    assert_eq!(asked(), 2);
}

#[tokio::test]
async fn claims_make_accounts_and_say_what_people_may_where_the_settings_let_them() {
    let bureau = Bureau::with_cases(3).await;
    bureau.sign_in(account("wang.wu", Role::Auditor), &"cc".repeat(32)).await;
    let key = Key::ed25519("k1");
    let provider = Provider::new(&[&key]).await;
    let settings = Settings {
        create: true,
        role_claim: Some("groups".into()),
        unit_claim: Some("unit".into()),
        roles: [("审理".to_owned(), Role::CaseReview), ("中队".to_owned(), Role::Squad)].into(),
        ..settings(&provider)
    };
    let service = service(&bureau, settings);
    let none = sign_in(&service, &provider, &key, |_| {}).await;
    assert!(none.text.contains("没有本系统的角色"), "{}", none.text);
    let first = sign_in(&service, &provider, &key, |claims| claims["groups"] = json!(["别的", "审理"])).await;
    let who = ask_as(&service, Some(&session(&first)), Method::GET, "/api/v1/session", None).await.json();
    // The login was somebody else's, who keeps it.
    assert_eq!((&who["user"]["login"], &who["user"]["role"]), (&json!("wang.wu-2"), &json!("case_review")));
    let moved = sign_in(&service, &provider, &key, |claims| {
        (claims["groups"], claims["unit"]) = (json!("中队"), json!("SQ1"));
    });
    let who =
        ask_as(&service, Some(&session(&moved.await)), Method::GET, "/api/v1/session", None).await.json();
    assert_eq!((&who["user"]["role"], &who["user"]["unit"]), (&json!("squad"), &json!("SQ1")));
    assert_eq!(who["user"]["login"], "wang.wu-2", "the same account");
    let lost = sign_in(&service, &provider, &key, |_| {}).await;
    assert!(lost.text.contains("没有本系统的角色"), "whoever has no role there any more has none here");
    let nowhere = sign_in(&service, &provider, &key, |claims| claims["groups"] = json!("中队")).await;
    assert_eq!(nowhere.status, StatusCode::FORBIDDEN, "a squad without a unit: {}", nowhere.text);
}

#[tokio::test]
async fn without_a_provider_or_while_it_is_away_people_sign_in_as_before() {
    let bureau = Bureau::with_cases(1).await;
    let plain = router(bureau.state.clone()).unwrap();
    let offer = ask_as(&plain, None, Method::GET, "/api/v1/oidc", None).await.json();
    assert_eq!(offer, json!({ "begin": null, "label": null }));
    assert_eq!(ask(&plain, Method::GET, "/api/v1/oidc/begin").await.status, StatusCode::NOT_FOUND);
    // An address at which nobody listens: the port was free a moment ago.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let away = Settings { issuer, client_id: CLIENT.into(), ..Settings::default() };
    let service = service(&bureau, away);
    let answer = ask_as(&service, None, Method::GET, "/api/v1/oidc/begin", None).await;
    assert_eq!(answer.status, StatusCode::BAD_GATEWAY);
    assert!(
        answer.text.contains("用本系统账户登录")
            && answer.text.contains("sign in with an account of this service")
    );
    assert_eq!(ask(&service, Method::GET, "/api/v1/session").await.status, StatusCode::OK);
}
