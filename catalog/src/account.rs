//! Who may use the service: accounts, what a role is, and the trail of what people did with it.
//!
//! An account is never deleted and its login never given to somebody else, because the trail speaks of it; it is
//! disabled. A person of a unit sees that unit and those below it; a person of none sees all.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::code::coded;
use crate::time::{Micros, WallTime};

coded! {
    /// What a person does with the service.
    pub enum Role("role") {
        /// Keeps accounts; sees everything.
        Administrator = "administrator" / "系统管理员",
        /// 执法监督科, 督察大队: turns findings into notices, decides appeals.
        Supervisor = "supervisor" / "执法监督",
        /// 案件审理科, 案件管理中心: draws samples, reviews recordings, fills in the return.
        CaseReview = "case_review" / "案件审理",
        /// 勤务处, 执法协调科: on-duty recordings, drones.
        DutyOffice = "duty_office" / "勤务",
        /// 中队: sees its own, explains and appeals.
        Squad = "squad" / "中队",
        /// Sees everything, the trail too, and writes nothing.
        Auditor = "auditor" / "审计（只读）",
    }
}

coded! {
    /// What an API token may do.
    pub enum TokenScope("scope") {
        /// Read what its owner may read.
        Read = "read" / "只读",
        /// Also write what its owner may write, but for accounts, passwords and tokens.
        Write = "write" / "读写",
    }
}

coded! {
    /// What became of an act.
    pub enum TrailOutcome("outcome") {
        /// Written down before it was done.
        Asked = "asked" / "已请求",
        /// It happened.
        Done = "done" / "已完成",
        /// It was refused.
        Refused = "refused" / "已拒绝",
    }
}

/// The number of an account within one catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct UserId(pub i64);

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct User {
    /// Its number.
    pub id: UserId,
    /// What the person signs in with; lower case.
    pub login: String,
    /// Name as people write it.
    pub name: String,
    /// What the person does.
    pub role: Role,
    /// The unit whose subtree the person sees; `None`: all units.
    pub unit: Option<String>,
    /// The officer that the person is; `None`: no officer.
    pub badge: Option<String>,
    /// When it was made.
    pub created_at: WallTime,
    /// When it was closed; `None` while it is open.
    pub disabled_at: Option<WallTime>,
}

/// An account to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// What the person signs in with; lower case.
    pub login: String,
    /// Name as people write it.
    pub name: String,
    /// What the person does.
    pub role: Role,
    /// The unit whose subtree the person sees; `None`: all units.
    pub unit: Option<String>,
    /// The officer that the person is; `None`: no officer.
    pub badge: Option<String>,
    /// PHC string of Argon2id.
    pub password_hash: String,
}

/// What signing in is decided by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The account.
    pub user: User,
    /// PHC string of Argon2id; `None` if no password was set.
    pub password_hash: Option<String>,
    /// Until when no attempt is looked at. `None`: this attempt is.
    pub locked_until: Option<WallTime>,
}

/// A session of a browser, or the life of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// SHA-256 of what the browser keeps, lower-case hexadecimal.
    pub token_sha256: String,
    /// Whose.
    pub user: UserId,
    /// Since when.
    pub created_at: WallTime,
    /// When it ends whatever happens.
    pub ends_at: WallTime,
}

/// An API token, without what it is proved with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiToken {
    /// Its number.
    pub id: i64,
    /// Whose.
    pub user: UserId,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scope: TokenScope,
    /// When it was made.
    pub created_at: WallTime,
    /// When it ends.
    pub ends_at: WallTime,
    /// When it was revoked; `None` while it stands.
    pub revoked_at: Option<WallTime>,
}

/// A line of the trail, to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailEntry {
    /// When.
    pub at: WallTime,
    /// Who; `None` where nobody was signed in.
    pub user: Option<UserId>,
    /// The login, as it was then or as it was tried.
    pub login: String,
    /// What was done: a short code.
    pub act: String,
    /// To what; may be empty.
    pub subject: String,
    /// What became of it.
    pub outcome: TrailOutcome,
    /// Particulars.
    pub detail: BTreeMap<String, String>,
}

/// A line of the trail.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrailLine {
    /// Its number; later ones are higher.
    pub id: i64,
    /// When.
    pub at: WallTime,
    /// Who; `None` where nobody was signed in.
    pub user: Option<UserId>,
    /// The login, as it was then or as it was tried.
    pub login: String,
    /// What was done: a short code.
    pub act: String,
    /// To what; may be empty.
    pub subject: String,
    /// What became of it.
    pub outcome: TrailOutcome,
    /// Particulars.
    pub detail: BTreeMap<String, String>,
}

/// A person for whom a provider of OpenID Connect vouches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// What the provider calls itself.
    pub issuer: String,
    /// What it calls the person.
    pub subject: String,
    /// The account; `None` while nobody said whose it is.
    pub user: Option<UserId>,
    /// What the provider called the person last; may be empty.
    pub name: String,
    /// When they came first.
    pub first_seen_at: WallTime,
    /// When they came last.
    pub last_seen_at: WallTime,
}

/// How many attempts to sign in may fail before the account rests.
pub const FREE_FAILURES: u32 = 5;

/// How long an account rests after so many failed attempts in a row: from the fifth on 30 s, doubled each time, 15
/// minutes at most. The bound keeps a stranger from shutting a person out for good.
pub fn rest_after(failures: u32) -> Option<Micros> {
    let beyond = failures.checked_sub(FREE_FAILURES)?;
    Some(Micros::from_s(30_i64.saturating_mul(1_i64 << beyond.min(10)).min(15 * 60)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failures_are_free_and_the_rest_grows_to_a_bound() {
        assert_eq!(rest_after(4), None);
        let seconds = |failures| rest_after(failures).unwrap().0 / 1_000_000;
        assert_eq!([seconds(5), seconds(6), seconds(7)], [30, 60, 120]);
        assert_eq!([seconds(10), seconds(11), seconds(u32::MAX)], [900, 900, 900]);
    }
}
