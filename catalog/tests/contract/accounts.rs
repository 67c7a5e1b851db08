//! What every engine must do with accounts, sessions, tokens and the access trail.

use std::collections::BTreeMap;

use catalog::account::{NewSession, NewUser, Role, TokenScope, TrailEntry, TrailOutcome, User, UserId};
use catalog::store::{
    AccountOutcome, Catalog, Claim, IdempotencyKey, KeyTimes, NewToken, Order, SignedIn, SortKey, TrailQuery,
    UserChange,
};
use catalog::{Micros, WallTime};

use super::{at, people};

const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaA";

const HOUR: Micros = Micros::from_s(3600);

/// A line of the trail.
pub(crate) fn trail_line(act: &str) -> TrailEntry {
    TrailEntry {
        at: at("2024-06-03 09:00"),
        user: None,
        login: "wang".into(),
        act: act.into(),
        subject: String::new(),
        outcome: TrailOutcome::Done,
        detail: BTreeMap::from([("from".to_owned(), "test".to_owned())]),
    }
}

fn person(login: &str, role: Role) -> NewUser {
    NewUser {
        login: login.into(),
        name: "王某".into(),
        role,
        unit: (role == Role::Squad).then(|| "S1".to_owned()),
        badge: None,
        password_hash: HASH.into(),
    }
}

async fn add(catalog: &dyn Catalog, user: &NewUser) -> AccountOutcome {
    catalog.add_user(user, false, &trail_line("add_user")).await.unwrap()
}

async fn added(catalog: &dyn Catalog, login: &str, role: Role) -> User {
    match add(catalog, &person(login, role)).await {
        AccountOutcome::Done(user) => user,
        other => panic!("{other:?}"),
    }
}

fn change(user: &User) -> UserChange {
    UserChange {
        id: user.id,
        name: user.name.clone(),
        role: user.role,
        unit: user.unit.clone(),
        badge: user.badge.clone(),
        disabled_at: user.disabled_at,
    }
}

async fn acts(catalog: &dyn Catalog) -> Vec<String> {
    let lines = catalog.trail(&TrailQuery { limit: 100, ..TrailQuery::default() }).await.unwrap();
    lines.into_iter().rev().map(|line| line.act).collect()
}

pub(crate) async fn a_login_is_given_once_and_the_first_account_is_the_first(catalog: &dyn Catalog) {
    people(catalog).await;
    let first = person("li", Role::Administrator);
    let outcome = catalog.add_user(&first, true, &trail_line("set_up")).await.unwrap();
    assert!(matches!(outcome, AccountOutcome::Done(_)), "{outcome:?}");
    let again = person("zhao", Role::Administrator);
    let outcome = catalog.add_user(&again, true, &trail_line("set_up")).await.unwrap();
    assert_eq!(outcome, AccountOutcome::NotTheFirst);
    assert_eq!(add(catalog, &first).await, AccountOutcome::LoginTaken);
    let nowhere = NewUser { unit: Some("NONE".into()), ..person("qian", Role::Squad) };
    assert_eq!(add(catalog, &nowhere).await, AccountOutcome::UnknownUnitOrBadge);
    let officer = |login: &str| NewUser { badge: Some("310001".into()), ..person(login, Role::CaseReview) };
    assert!(matches!(add(catalog, &officer("sun")).await, AccountOutcome::Done(_)));
    assert_eq!(add(catalog, &officer("zhou")).await, AccountOutcome::BadgeTaken);
    let logins: Vec<String> = catalog.users().await.unwrap().into_iter().map(|user| user.login).collect();
    assert_eq!(logins, ["li", "sun"]);
    assert_eq!(acts(catalog).await, ["set_up", "add_user"], "what was not done is not in the trail");
}

pub(crate) async fn the_last_administrator_stays(catalog: &dyn Catalog) {
    people(catalog).await;
    let entry = trail_line("change_user");
    // Where there is none yet, nobody else is taken for one.
    let auditor = added(catalog, "zhao", Role::Auditor).await;
    let closed = UserChange { disabled_at: Some(at("2024-06-03 10:00")), ..change(&auditor) };
    assert!(matches!(catalog.change_user(&closed, &entry).await.unwrap(), AccountOutcome::Done(_)));
    let only = added(catalog, "li", Role::Administrator).await;
    let closed = UserChange { disabled_at: Some(at("2024-06-03 10:00")), ..change(&only) };
    let demoted = UserChange { role: Role::Auditor, ..change(&only) };
    for refused in [&closed, &demoted] {
        assert_eq!(catalog.change_user(refused, &entry).await.unwrap(), AccountOutcome::LastAdministrator);
    }
    added(catalog, "wang", Role::Administrator).await;
    let outcome = catalog.change_user(&closed, &entry).await.unwrap();
    assert!(matches!(outcome, AccountOutcome::Done(user) if user.disabled_at == closed.disabled_at));
    let nobody = UserChange { id: UserId(99), ..closed };
    assert_eq!(catalog.change_user(&nobody, &entry).await.unwrap(), AccountOutcome::NoSuchUser);
}

pub(crate) async fn an_account_rests_after_failed_attempts(catalog: &dyn Catalog) {
    let user = added(catalog, "li", Role::Auditor).await;
    let now = at("2024-06-03 09:00");
    let attempt = async |now: WallTime| catalog.begin_sign_in("li", now).await.unwrap().unwrap();
    for number in 1..=5 {
        assert_eq!(attempt(now).await.locked_until, None, "attempt {number}");
    }
    let until = now + Micros::from_s(30);
    assert_eq!(attempt(now).await.locked_until, Some(until));
    assert_eq!(
        attempt(until - Micros(1)).await.locked_until,
        Some(until),
        "while it rests nothing is counted"
    );
    assert_eq!(attempt(until).await.locked_until, None);
    assert_eq!(attempt(until).await.locked_until, Some(until + Micros::from_s(60)));
    let session = session_of(&user, "a", until);
    catalog.add_session(&session, &trail_line("sign_in")).await.unwrap();
    assert_eq!(attempt(until).await.locked_until, None, "a success forgets the failures");
    assert_eq!(catalog.begin_sign_in("nobody", now).await.unwrap(), None);
}

fn session_of(user: &User, letter: &str, created_at: WallTime) -> NewSession {
    NewSession {
        token_sha256: letter.repeat(64),
        user: user.id,
        created_at,
        ends_at: created_at + Micros(HOUR.0 * 12),
    }
}

pub(crate) async fn a_session_ends_by_idleness_by_age_and_with_the_account(catalog: &dyn Catalog) {
    let user = added(catalog, "li", Role::Auditor).await;
    added(catalog, "boss", Role::Administrator).await;
    let began = at("2024-06-03 08:00");
    let begin = async |letter: &str, created_at: WallTime| {
        let session = session_of(&user, letter, created_at);
        catalog.add_session(&session, &trail_line("sign_in")).await.unwrap();
    };
    let lives = async |letter: &str, now: WallTime| {
        let found = catalog.session(&letter.repeat(64), now, HOUR).await.unwrap();
        let now = catalog.revision().await.unwrap();
        found.is_some_and(|found| found.user == user && found.revision == now)
    };
    begin("a", began).await;
    assert!(lives("a", began + Micros::from_s(3599)).await);
    assert!(lives("a", began + Micros::from_s(7000)).await, "used in between");
    assert!(!lives("a", began + Micros::from_s(7000) + HOUR).await, "idle");
    assert!(!lives("b", began).await);
    begin("b", began).await;
    for hour in 0..24 {
        let now = began + Micros(HOUR.0 / 2 * hour);
        assert!(lives("b", now).await, "half an hour {hour}");
    }
    assert!(!lives("b", began + Micros(HOUR.0 * 12)).await, "old");
    let entry = trail_line("sign_out");
    begin("c", began).await;
    assert!(catalog.end_session(&"c".repeat(64), &entry).await.unwrap());
    assert!(!catalog.end_session(&"c".repeat(64), &entry).await.unwrap());
    assert!(!lives("c", began).await);
    begin("d", began).await;
    catalog.set_password(user.id, HASH, &trail_line("set_password")).await.unwrap();
    assert!(!lives("d", began).await, "a new password ends all sessions");
    begin("e", began).await;
    let closed = UserChange { disabled_at: Some(began), ..change(&user) };
    catalog.change_user(&closed, &trail_line("change_user")).await.unwrap();
    assert!(!lives("e", began).await);
    assert_eq!(catalog.begin_sign_in("li", began).await.unwrap(), None, "a closed account is nobody's");
}

pub(crate) async fn a_token_lives_until_it_is_revoked_or_ends(catalog: &dyn Catalog) {
    let user = added(catalog, "li", Role::Auditor).await;
    let other = added(catalog, "wang", Role::Auditor).await;
    let began = at("2024-06-03 08:00");
    let entry = trail_line("add_token");
    let new = |letter: &str| NewToken {
        token_sha256: letter.repeat(64),
        user: user.id,
        name: "月报脚本".into(),
        scope: TokenScope::Read,
        created_at: began,
        ends_at: began + HOUR,
    };
    let token = catalog.add_token(&new("a"), &entry).await.unwrap();
    let found = async |now: WallTime| catalog.token(&"a".repeat(64), now).await.unwrap();
    let signed_in = SignedIn { user: user.clone(), revision: catalog.revision().await.unwrap() };
    assert_eq!(found(began).await, Some((signed_in, TokenScope::Read)));
    assert_eq!(found(began + HOUR).await, None);
    assert!(!catalog.revoke_token(token.id, other.id, &entry).await.unwrap(), "another's");
    assert!(catalog.revoke_token(token.id, user.id, &entry).await.unwrap());
    assert!(!catalog.revoke_token(token.id, user.id, &entry).await.unwrap());
    assert_eq!(found(began).await, None);
    let listed = catalog.tokens(user.id).await.unwrap();
    assert_eq!((listed.len(), listed[0].revoked_at), (1, Some(entry.at)));
    assert_eq!(catalog.tokens(other.id).await.unwrap(), []);
}

pub(crate) async fn the_trail_is_read_backwards(catalog: &dyn Catalog) {
    for act in ["sign_in", "view_media", "view_media", "sign_out"] {
        catalog.add_trail(&trail_line(act)).await.unwrap();
    }
    let query = TrailQuery { limit: 3, ..TrailQuery::default() };
    let page = catalog.trail(&query).await.unwrap();
    let seen: Vec<&str> = page.iter().map(|line| line.act.as_str()).collect();
    assert_eq!(seen, ["sign_out", "view_media", "view_media"]);
    assert_eq!(page[0].detail, trail_line("sign_out").detail);
    let after = page.last().map(|line| (SortKey::Nothing, line.id));
    let rest = TrailQuery { order: Order { after, ..query.order.clone() }, ..query.clone() };
    assert_eq!(catalog.trail(&rest).await.unwrap()[0].act, "sign_in");
    let of_act = TrailQuery { act: Some("view_media".into()), login: Some("wang".into()), ..query.clone() };
    assert_eq!(catalog.trail(&of_act).await.unwrap().len(), 2);
    let of_nobody = TrailQuery { login: Some("li".into()), ..query };
    assert_eq!(catalog.trail(&of_nobody).await.unwrap(), []);
}

pub(crate) async fn an_idempotency_key_is_one_requests(catalog: &dyn Catalog) {
    let user = added(catalog, "li", Role::Supervisor).await;
    let other = added(catalog, "wang", Role::Supervisor).await;
    let (one, two) = ("1".repeat(64), "2".repeat(64));
    let now = at("2024-06-03 09:00");
    let key = IdempotencyKey { user: user.id, key: "k", request_sha256: &one };
    let claim = async |key: IdempotencyKey<'_>, now: WallTime| {
        let times =
            KeyTimes { at: now, stale: now - Micros::from_s(60), forgotten: now - Micros::from_s(3600) };
        catalog.claim(key, times).await.unwrap()
    };
    assert_eq!(claim(key, now).await, Claim::New);
    assert_eq!(claim(key, now + Micros::from_s(59)).await, Claim::UnderWay);
    assert_eq!(claim(key, now + Micros::from_s(60)).await, Claim::New, "the first never came back");
    assert_eq!(claim(IdempotencyKey { request_sha256: &two, ..key }, now).await, Claim::OtherRequest);
    assert_eq!(
        claim(IdempotencyKey { user: other.id, ..key }, now).await,
        Claim::New,
        "a key is a person's own"
    );
    catalog.answer(key, Some((201, "{}"))).await.unwrap();
    assert_eq!(claim(key, now).await, Claim::Answered(201, "{}".into()));
    let later = now + Micros::from_s(3600);
    assert_eq!(claim(key, later).await, Claim::Answered(201, "{}".into()));
    assert_eq!(
        claim(key, later + Micros(1)).await,
        Claim::Answered(201, "{}".into()),
        "claimed anew after a minute"
    );
    assert_eq!(claim(key, later + Micros::from_s(61)).await, Claim::New, "forgotten");
    catalog.answer(key, Some((201, "{}"))).await.unwrap();
    let given_back = IdempotencyKey { key: "l", ..key };
    assert_eq!(claim(given_back, now).await, Claim::New);
    catalog.answer(given_back, None).await.unwrap();
    assert_eq!(claim(given_back, now).await, Claim::New);
}
