//! Who uses the service: sessions, tokens, accounts, the access trail.

use super::NONE;
use crate::server::endpoints::{About, Endpoints};
use crate::server::rights::Right;
use crate::server::routes::{session, users};

pub(super) fn endpoints(to: Endpoints) -> Endpoints {
    accounts(session(to))
}

fn session(to: Endpoints) -> Endpoints {
    to.get(
        Right::See,
        "/api/v1/session",
        About { en: "Who is signed in", zh: "当前登录账户", answers: &[(200, "Session")], ..NONE },
        session::show,
    )
    .post(
        Right::Anyone,
        "/api/v1/session",
        About {
            en: "Sign in; sets the session's cookie",
            zh: "登录并设置会话 Cookie",
            body: Some("SignIn"),
            answers: &[(200, "Session")],
            problems: &[401],
            ..NONE
        },
        session::sign_in,
    )
    .delete(
        Right::Oneself,
        "/api/v1/session",
        About { en: "Sign out", zh: "退出登录", answers: &[(204, ""), (200, "SignedOut")], ..NONE },
        session::sign_out,
    )
    .post(
        Right::Anyone,
        "/api/v1/setup",
        About {
            en: "Make the first administrator, with the token that `reelproof serve` printed",
            zh: "凭启动时给出的口令创建首位系统管理员",
            body: Some("FirstAccount"),
            answers: &[(201, "Session")],
            problems: &[403, 409],
            ..NONE
        },
        session::set_up,
    )
    .post(
        Right::Oneself,
        "/api/v1/session/password",
        About {
            en: "Change one's own password; all sessions end and a new one begins",
            zh: "修改本人口令，原有会话全部失效",
            body: Some("NewPassword"),
            answers: &[(200, "Session")],
            secret: true,
            ..NONE
        },
        session::password,
    )
    .get(
        Right::Oneself,
        "/api/v1/tokens",
        About {
            en: "One's own API tokens", zh: "本人的接口令牌", answers: &[(200, "Tokens")], ..NONE
        },
        session::tokens,
    )
    .post(
        Right::Oneself,
        "/api/v1/tokens",
        About {
            en: "Make an API token; its secret is shown once",
            zh: "新建接口令牌，密文仅显示一次",
            body: Some("TokenWish"),
            answers: &[(201, "NewToken")],
            secret: true,
            ..NONE
        },
        session::add_token,
    )
    .delete(
        Right::Oneself,
        "/api/v1/tokens/{id}",
        About {
            en: "Revoke one of one's own tokens",
            zh: "撤销本人的令牌",
            answers: &[(204, "")],
            problems: &[404],
            ..NONE
        },
        session::revoke_token,
    )
}

fn accounts(to: Endpoints) -> Endpoints {
    to.get(
        Right::KeepAccounts,
        "/api/v1/users",
        About {
            en: "Accounts",
            zh: "账户清单",
            query: &[
                ("role", "Only those of this role"),
                ("unit", "Only those of this unit"),
                ("disabled", "true or false"),
            ],
            sorts: users::SORTS,
            answers: &[(200, "Users")],
            ..NONE
        },
        users::list,
    )
    .post(
        Right::KeepAccounts,
        "/api/v1/users",
        About {
            en: "Make an account",
            zh: "新建账户",
            body: Some("NewAccount"),
            answers: &[(201, "User")],
            problems: &[409],
            ..NONE
        },
        users::add,
    )
    .patch(
        Right::KeepAccounts,
        "/api/v1/users/{id}",
        About {
            en: "Change an account; what is not given stays",
            zh: "修改账户，未填项保持不变",
            body: Some("AccountChange"),
            answers: &[(200, "User")],
            problems: &[404, 409],
            ..NONE
        },
        users::change,
    )
    .post(
        Right::KeepAccounts,
        "/api/v1/users/{id}/password",
        About {
            en: "Give an account a new password, which is made up and shown once",
            zh: "重置口令，新口令仅显示一次",
            body: Some("Nothing"),
            answers: &[(201, "WithPassword")],
            problems: &[404],
            secret: true,
            ..NONE
        },
        users::reset,
    )
    .get(
        Right::ReadTrail,
        "/api/v1/audit-trail",
        About {
            en: "The access trail, latest first: sign-ins, sights of footage, writes",
            zh: "操作留痕（登录、查看录像、变更），按时间倒序",
            query: &[("login", "Only this login's"), ("act", "Only this act")],
            sorts: users::TRAIL_SORTS,
            answers: &[(200, "Trail")],
            ..NONE
        },
        users::trail,
    )
}
