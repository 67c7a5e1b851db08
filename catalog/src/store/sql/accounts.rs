//! Accounts, sessions, tokens, the access trail and idempotency keys.

use async_trait::async_trait;
use serde_json::json;

use super::revision::{RevisionRow, revision_columns};
use super::{Connection, SqlCatalog, Tx, numbered, trail, unsigned};
use crate::account::{
    ApiToken, Credentials, NewSession, NewUser, Role, TokenScope, TrailEntry, TrailLine, User, UserId,
    rest_after,
};
use crate::store::{
    AccountOutcome, Accounts, Claim, IdempotencyKey, KeyTimes, NewToken, SignedIn, StoreError, TrailQuery,
    UserChange,
};
use crate::time::{Micros, WallTime};

/// A session that was seen within this long is not written to again.
const SEEN_STEP: Micros = Micros::from_s(60);

#[derive(sqlx::FromRow)]
struct UserRow {
    user_id: i64,
    login: String,
    name: String,
    role: String,
    unit: Option<String>,
    badge: Option<String>,
    created_at_us: i64,
    disabled_at_us: Option<i64>,
}

impl UserRow {
    fn user(self) -> Result<User, StoreError> {
        Ok(User {
            id: UserId(self.user_id),
            login: self.login,
            name: self.name,
            role: self.role.parse()?,
            unit: self.unit,
            badge: self.badge,
            created_at: WallTime(self.created_at_us),
            disabled_at: self.disabled_at_us.map(WallTime),
        })
    }
}

/// An account with the revision that the catalog has: one statement for both, because each request asks it first.
#[derive(sqlx::FromRow)]
struct SignedInRow {
    #[sqlx(flatten)]
    user: UserRow,
    #[sqlx(flatten)]
    revision: RevisionRow,
}

impl SignedInRow {
    fn signed_in(self) -> Result<SignedIn, StoreError> {
        Ok(SignedIn { user: self.user.user()?, revision: self.revision.revision()? })
    }
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    seen_at_us: i64,
    #[sqlx(flatten)]
    signed_in: SignedInRow,
}

#[derive(sqlx::FromRow)]
struct UsedTokenRow {
    scope: String,
    #[sqlx(flatten)]
    signed_in: SignedInRow,
}

/// The columns of a [`SignedInRow`], of the account `u`.
macro_rules! signed_in_columns {
    () => {
        concat!(
            "u.user_id, u.login, u.name, u.role, u.unit, u.badge, u.created_at_us, u.disabled_at_us, ",
            revision_columns!()
        )
    };
}

#[derive(sqlx::FromRow)]
struct TokenRow {
    api_token_id: i64,
    user_id: i64,
    name: String,
    scope: String,
    created_at_us: i64,
    ends_at_us: i64,
    revoked_at_us: Option<i64>,
}

impl TokenRow {
    fn token(self) -> Result<ApiToken, StoreError> {
        Ok(ApiToken {
            id: self.api_token_id,
            user: UserId(self.user_id),
            name: self.name,
            scope: self.scope.parse()?,
            created_at: WallTime(self.created_at_us),
            ends_at: WallTime(self.ends_at_us),
            revoked_at: self.revoked_at_us.map(WallTime),
        })
    }
}

pub(super) async fn add_trail(tx: &mut Tx, entry: &TrailEntry) -> Result<(), StoreError> {
    let detail = super::reviews::to_document(&entry.detail)?;
    let user = entry.user.map(|user| user.0);
    let id: i64 = sqlx::query_scalar(
        "/* add_trail */ INSERT INTO access_trail (at_us, user_id, login, act, subject, outcome, detail_json)
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING access_trail_id",
    )
    .bind(entry.at.0)
    .bind(user)
    .bind(&entry.login)
    .bind(&entry.act)
    .bind(&entry.subject)
    .bind(entry.outcome.as_str())
    .bind(&detail)
    .fetch_one(&mut **tx)
    .await?;
    let columns = [
        ("access_trail_id", json!(id)),
        ("at_us", json!(entry.at.0)),
        ("user_id", json!(user)),
        ("login", json!(entry.login)),
        ("act", json!(entry.act)),
        ("subject", json!(entry.subject)),
        ("outcome", json!(entry.outcome.as_str())),
        ("detail_json", json!(detail)),
    ];
    let columns = columns.map(|(name, value)| (name.to_owned(), value));
    tx.wrote_trail("access_trail", &numbered(id), entry.at, columns.into());
    Ok(())
}

pub(super) async fn user(connection: &mut Connection, id: UserId) -> Result<Option<User>, StoreError> {
    let row: Option<UserRow> = sqlx::query_as(
        "/* user */ SELECT user_id, login, name, role, unit, badge, created_at_us, disabled_at_us
         FROM user_account WHERE user_id = $1",
    )
    .bind(id.0)
    .fetch_optional(connection)
    .await?;
    row.map(UserRow::user).transpose()
}

/// Why unit and badge do not do, if they do not.
async fn conflict(
    tx: &mut Tx,
    unit: Option<&str>,
    badge: Option<&str>,
    but: Option<UserId>,
) -> Result<Option<AccountOutcome>, StoreError> {
    let (known, taken): (bool, bool) = sqlx::query_as(
        "/* conflict */ SELECT
             ($1 IS NULL OR EXISTS (SELECT 1 FROM unit WHERE code = $1))
                 AND ($2 IS NULL OR EXISTS (SELECT 1 FROM officer WHERE badge = $2)),
             EXISTS (SELECT 1 FROM user_account WHERE badge = $2 AND user_id IS DISTINCT FROM $3)",
    )
    .bind(unit)
    .bind(badge)
    .bind(but.map(|id| id.0))
    .fetch_one(&mut **tx)
    .await?;
    Ok(if !known {
        Some(AccountOutcome::UnknownUnitOrBadge)
    } else if taken {
        Some(AccountOutcome::BadgeTaken)
    } else {
        None
    })
}

async fn end_sessions(tx: &mut Tx, id: UserId) -> Result<(), StoreError> {
    sqlx::query("/* end_sessions */ DELETE FROM user_session WHERE user_id = $1")
        .bind(id.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

#[async_trait]
impl Accounts for SqlCatalog {
    async fn add_user(
        &self,
        user: &NewUser,
        first: bool,
        entry: &TrailEntry,
    ) -> Result<AccountOutcome, StoreError> {
        let mut tx = self.write().await?;
        let (any, taken): (bool, bool) = sqlx::query_as(
            "/* add_user */ SELECT EXISTS (SELECT 1 FROM user_account),
                    EXISTS (SELECT 1 FROM user_account WHERE login = $1)",
        )
        .bind(&user.login)
        .fetch_one(&mut *tx)
        .await?;
        if first && any {
            return Ok(AccountOutcome::NotTheFirst);
        }
        if taken {
            return Ok(AccountOutcome::LoginTaken);
        }
        if let Some(why) = conflict(&mut tx, user.unit.as_deref(), user.badge.as_deref(), None).await? {
            return Ok(why);
        }
        let row: UserRow = sqlx::query_as(
            "/* add_user */ INSERT INTO user_account (login, name, role, unit, badge, password_hash, created_at_us)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             RETURNING user_id, login, name, role, unit, badge, created_at_us, disabled_at_us",
        )
        .bind(&user.login)
        .bind(&user.name)
        .bind(user.role.as_str())
        .bind(&user.unit)
        .bind(&user.badge)
        .bind(&user.password_hash)
        .bind(entry.at.0)
        .fetch_one(&mut *tx)
        .await?;
        tx.wrote("user_account", &numbered(row.user_id), entry.at);
        add_trail(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(AccountOutcome::Done(row.user()?))
    }

    async fn change_user(
        &self,
        change: &UserChange,
        entry: &TrailEntry,
    ) -> Result<AccountOutcome, StoreError> {
        let mut tx = self.write().await?;
        let Some(before) = user(&mut tx, change.id).await? else {
            return Ok(AccountOutcome::NoSuchUser);
        };
        let others: bool = sqlx::query_scalar(
            "/* change_user */ SELECT EXISTS (SELECT 1 FROM user_account
             WHERE role = 'administrator' AND disabled_at_us IS NULL AND user_id <> $1)",
        )
        .bind(change.id.0)
        .fetch_one(&mut *tx)
        .await?;
        let may_sign_in = before.role == Role::Administrator && before.disabled_at.is_none();
        if may_sign_in && !others && (change.role != Role::Administrator || change.disabled_at.is_some()) {
            return Ok(AccountOutcome::LastAdministrator);
        }
        let (unit, badge) = (change.unit.as_deref(), change.badge.as_deref());
        if let Some(why) = conflict(&mut tx, unit, badge, Some(change.id)).await? {
            return Ok(why);
        }
        let row: UserRow = sqlx::query_as(
            "/* change_user */ UPDATE user_account SET name = $2, role = $3, unit = $4, badge = $5, disabled_at_us = $6
             WHERE user_id = $1
             RETURNING user_id, login, name, role, unit, badge, created_at_us, disabled_at_us",
        )
        .bind(change.id.0)
        .bind(&change.name)
        .bind(change.role.as_str())
        .bind(unit)
        .bind(badge)
        .bind(change.disabled_at.map(|at| at.0))
        .fetch_one(&mut *tx)
        .await?;
        tx.wrote("user_account", &numbered(change.id.0), entry.at);
        if change.disabled_at.is_some() {
            end_sessions(&mut tx, change.id).await?;
        }
        add_trail(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(AccountOutcome::Done(row.user()?))
    }

    async fn set_password(
        &self,
        id: UserId,
        password_hash: &str,
        entry: &TrailEntry,
    ) -> Result<AccountOutcome, StoreError> {
        let mut tx = self.write().await?;
        let row: Option<UserRow> = sqlx::query_as(
            "/* set_password */ UPDATE user_account SET password_hash = $2, failures = 0, locked_until_us = NULL
             WHERE user_id = $1
             RETURNING user_id, login, name, role, unit, badge, created_at_us, disabled_at_us",
        )
        .bind(id.0)
        .bind(password_hash)
        .fetch_optional(&mut *tx)
        .await?;
        let Some(row) = row else { return Ok(AccountOutcome::NoSuchUser) };
        tx.wrote("user_account", &numbered(id.0), entry.at);
        end_sessions(&mut tx, id).await?;
        add_trail(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(AccountOutcome::Done(row.user()?))
    }

    async fn users(&self) -> Result<Vec<User>, StoreError> {
        let rows: Vec<UserRow> = sqlx::query_as(
            "/* users */ SELECT user_id, login, name, role, unit, badge, created_at_us, disabled_at_us
             FROM user_account ORDER BY login",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(UserRow::user).collect()
    }

    async fn begin_sign_in(&self, login: &str, at: WallTime) -> Result<Option<Credentials>, StoreError> {
        type Row = (i64, Option<String>, i64, Option<i64>);
        let mut tx = self.write().await?;
        let row: Option<Row> = sqlx::query_as(
            "/* begin_sign_in */ SELECT user_id, password_hash, failures, locked_until_us
             FROM user_account WHERE login = $1 AND disabled_at_us IS NULL",
        )
        .bind(login)
        .fetch_optional(&mut *tx)
        .await?;
        let Some((id, password_hash, failures, locked_until_us)) = row else { return Ok(None) };
        let Some(user) = user(&mut tx, UserId(id)).await? else { return Ok(None) };
        if let Some(until) = locked_until_us.map(WallTime).filter(|until| *until > at) {
            return Ok(Some(Credentials { user, password_hash, locked_until: Some(until) }));
        }
        let failures: u32 = unsigned::<u32>(failures)?.saturating_add(1);
        let until = rest_after(failures).map(|rest| at + rest);
        sqlx::query(
            "/* begin_sign_in */ UPDATE user_account SET failures = $2, locked_until_us = $3 WHERE user_id = $1",
        )
        .bind(id)
        .bind(i64::from(failures))
        .bind(until.map(|until| until.0))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(Some(Credentials { user, password_hash, locked_until: None }))
    }

    async fn add_session(&self, session: &NewSession, entry: &TrailEntry) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        sqlx::query(
            "/* add_session */ UPDATE user_account SET failures = 0, locked_until_us = NULL WHERE user_id = $1",
        )
        .bind(session.user.0)
        .execute(&mut *tx)
        .await?;
        sqlx::query("/* add_session */ DELETE FROM user_session WHERE ends_at_us <= $1")
            .bind(session.created_at.0)
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "/* add_session */ INSERT INTO user_session (token_sha256, user_id, created_at_us, seen_at_us, ends_at_us)
             VALUES ($1, $2, $3, $3, $4)",
        )
        .bind(&session.token_sha256)
        .bind(session.user.0)
        .bind(session.created_at.0)
        .bind(session.ends_at.0)
        .execute(&mut *tx)
        .await?;
        add_trail(&mut tx, entry).await?;
        tx.commit().await
    }

    async fn session(
        &self,
        token_sha256: &str,
        at: WallTime,
        idle: Micros,
    ) -> Result<Option<SignedIn>, StoreError> {
        let found: Option<SessionRow> = sqlx::query_as(concat!(
            "/* session */ SELECT s.seen_at_us, ",
            signed_in_columns!(),
            " FROM user_session s JOIN user_account u ON u.user_id = s.user_id
             WHERE s.token_sha256 = $1 AND s.ends_at_us > $2 AND s.seen_at_us > $3 AND u.disabled_at_us IS NULL"
        ))
        .bind(token_sha256)
        .bind(at.0)
        .bind((at - idle).0)
        .fetch_optional(&self.pool)
        .await?;
        let Some(found) = found else { return Ok(None) };
        if at - WallTime(found.seen_at_us) >= SEEN_STEP {
            sqlx::query(
                "/* session */ UPDATE user_session SET seen_at_us = $2
                 WHERE token_sha256 = $1 AND seen_at_us < $2",
            )
            .bind(token_sha256)
            .bind(at.0)
            .execute(&self.pool)
            .await?;
        }
        found.signed_in.signed_in().map(Some)
    }

    async fn end_session(&self, token_sha256: &str, entry: &TrailEntry) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let ended = sqlx::query("/* end_session */ DELETE FROM user_session WHERE token_sha256 = $1")
            .bind(token_sha256)
            .execute(&mut *tx)
            .await?
            .rows_affected();
        if ended > 0 {
            add_trail(&mut tx, entry).await?;
            tx.commit().await?;
        }
        Ok(ended > 0)
    }

    async fn add_token(&self, token: &NewToken, entry: &TrailEntry) -> Result<ApiToken, StoreError> {
        let mut tx = self.write().await?;
        let row: TokenRow = sqlx::query_as(
            "/* add_token */ INSERT INTO api_token (token_sha256, user_id, name, scope, created_at_us, ends_at_us)
             VALUES ($1, $2, $3, $4, $5, $6)
             RETURNING api_token_id, user_id, name, scope, created_at_us, ends_at_us, revoked_at_us",
        )
        .bind(&token.token_sha256)
        .bind(token.user.0)
        .bind(&token.name)
        .bind(token.scope.as_str())
        .bind(token.created_at.0)
        .bind(token.ends_at.0)
        .fetch_one(&mut *tx)
        .await?;
        tx.wrote("api_token", &numbered(row.api_token_id), entry.at);
        add_trail(&mut tx, entry).await?;
        tx.commit().await?;
        row.token()
    }

    async fn tokens(&self, user: UserId) -> Result<Vec<ApiToken>, StoreError> {
        let rows: Vec<TokenRow> = sqlx::query_as(
            "/* tokens */ SELECT api_token_id, user_id, name, scope, created_at_us, ends_at_us, revoked_at_us
             FROM api_token WHERE user_id = $1 ORDER BY api_token_id DESC",
        )
        .bind(user.0)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(TokenRow::token).collect()
    }

    async fn revoke_token(&self, id: i64, user: UserId, entry: &TrailEntry) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let revoked = sqlx::query(
            "/* revoke_token */ UPDATE api_token SET revoked_at_us = $3
             WHERE api_token_id = $1 AND user_id = $2 AND revoked_at_us IS NULL",
        )
        .bind(id)
        .bind(user.0)
        .bind(entry.at.0)
        .execute(&mut *tx)
        .await?
        .rows_affected();
        if revoked > 0 {
            tx.wrote("api_token", &numbered(id), entry.at);
            add_trail(&mut tx, entry).await?;
            tx.commit().await?;
        }
        Ok(revoked > 0)
    }

    async fn token(
        &self,
        token_sha256: &str,
        at: WallTime,
    ) -> Result<Option<(SignedIn, TokenScope)>, StoreError> {
        let found: Option<UsedTokenRow> = sqlx::query_as(concat!(
            "/* token */ SELECT t.scope, ",
            signed_in_columns!(),
            " FROM api_token t JOIN user_account u ON u.user_id = t.user_id
             WHERE t.token_sha256 = $1 AND t.revoked_at_us IS NULL AND t.ends_at_us > $2
               AND u.disabled_at_us IS NULL"
        ))
        .bind(token_sha256)
        .bind(at.0)
        .fetch_optional(&self.pool)
        .await?;
        found.map(|found| Ok((found.signed_in.signed_in()?, found.scope.parse()?))).transpose()
    }

    async fn add_trail(&self, entry: &TrailEntry) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        add_trail(&mut tx, entry).await?;
        tx.commit().await
    }

    async fn trail(&self, query: &TrailQuery) -> Result<Vec<TrailLine>, StoreError> {
        trail::list(&self.pool, query).await
    }

    async fn claim(&self, key: IdempotencyKey<'_>, times: KeyTimes) -> Result<Claim, StoreError> {
        type Row = (String, i64, Option<i64>, Option<String>);
        let KeyTimes { at, stale, forgotten } = times;
        let mut tx = self.write().await?;
        sqlx::query("/* claim */ DELETE FROM idempotency WHERE at_us < $1")
            .bind(forgotten.0)
            .execute(&mut *tx)
            .await?;
        let found: Option<Row> = sqlx::query_as(
            "/* claim */ SELECT request_sha256, at_us, status, body FROM idempotency
             WHERE user_id = $1 AND key = $2",
        )
        .bind(key.user.0)
        .bind(key.key)
        .fetch_optional(&mut *tx)
        .await?;
        match found {
            Some((request, ..)) if request != key.request_sha256 => return Ok(Claim::OtherRequest),
            Some((_, _, Some(status), Some(body))) => return Ok(Claim::Answered(unsigned(status)?, body)),
            Some((_, claimed_at_us, ..)) if claimed_at_us > stale.0 => return Ok(Claim::UnderWay),
            _ => {}
        }
        sqlx::query(
            "/* claim */ INSERT INTO idempotency (user_id, key, request_sha256, at_us) VALUES ($1, $2, $3, $4)
             ON CONFLICT (user_id, key) DO UPDATE SET at_us = excluded.at_us",
        )
        .bind(key.user.0)
        .bind(key.key)
        .bind(key.request_sha256)
        .bind(at.0)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(Claim::New)
    }

    async fn answer(&self, key: IdempotencyKey<'_>, answer: Option<(u16, &str)>) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        match answer {
            Some((status, body)) => {
                sqlx::query(
                    "/* answer */ UPDATE idempotency SET status = $3, body = $4 WHERE user_id = $1 AND key = $2",
                )
                .bind(key.user.0)
                .bind(key.key)
                .bind(i64::from(status))
                .bind(body)
                .execute(&mut *tx)
                .await?;
            }
            None => {
                sqlx::query("/* answer */ DELETE FROM idempotency WHERE user_id = $1 AND key = $2")
                    .bind(key.user.0)
                    .bind(key.key)
                    .execute(&mut *tx)
                    .await?;
            }
        }
        tx.commit().await
    }
}
