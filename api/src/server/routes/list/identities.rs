//! Signing in with a provider of OpenID Connect.

use super::NONE;
use crate::server::endpoints::{About, Endpoints};
use crate::server::rights::Right;
use crate::server::routes::oidc;

pub(super) fn endpoints(to: Endpoints) -> Endpoints {
    to.get(
        Right::Anyone,
        "/api/v1/oidc",
        About {
            en: "Whether one can sign in with a provider of OpenID Connect",
            zh: "是否可用统一身份认证登录",
            answers: &[(200, "OidcOffer")],
            ..NONE
        },
        oidc::offer,
    )
    .get(
        Right::Anyone,
        "/api/v1/oidc/begin",
        About {
            en: "The way to the provider, for browsers",
            zh: "前往统一身份认证（浏览器跳转）",
            query: &[("to", "An address of this service to go to then")],
            answers: &[(303, "")],
            problems: &[404, 502],
            ..NONE
        },
        oidc::begin,
    )
    .get(
        Right::Anyone,
        "/api/v1/oidc/callback",
        About {
            en: "The way back from the provider, for browsers",
            zh: "统一身份认证回调（浏览器跳转）",
            query: &[
                ("code", "What the provider gives"),
                ("state", "What it was given"),
                ("iss", "Who it is"),
                ("error", "Why it refused"),
            ],
            answers: &[(303, "")],
            problems: &[400, 403, 404, 502],
            ..NONE
        },
        oidc::callback,
    )
    .get(
        Right::KeepAccounts,
        "/api/v1/identities",
        About {
            en: "Whom the provider vouched for, and whose accounts they are",
            zh: "统一身份认证人员及其关联账户",
            answers: &[(200, "Identities")],
            ..NONE
        },
        oidc::identities,
    )
    .post(
        Right::KeepAccounts,
        "/api/v1/identities",
        About {
            en: "Say whose account a person of the provider is",
            zh: "关联或解除统一身份认证人员与账户",
            body: Some("IdentityLink"),
            answers: &[(204, "")],
            problems: &[404],
            ..NONE
        },
        oidc::link,
    )
}
