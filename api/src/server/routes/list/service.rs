//! The service itself: whether it lives, its figures, its description.

use super::NONE;
use crate::server::endpoints::{About, Endpoints};
use crate::server::openapi;
use crate::server::rights::Right;
use crate::server::routes::health;

pub(super) fn endpoints(to: Endpoints) -> Endpoints {
    to.get(
        Right::Anyone,
        "/healthz",
        About { en: "The process lives", zh: "进程存活", answers: &[(200, "Health")], ..NONE },
        health::lives,
    )
    .get(
        Right::Anyone,
        "/readyz",
        About { en: "The catalog answers", zh: "目录库可用", answers: &[(200, "Health")], ..NONE },
        health::ready,
    )
    .get(
        Right::ReadTrail,
        "/metrics",
        About {
            en: "Figures of the service, for Prometheus",
            zh: "服务运行指标（Prometheus）",
            answers: &[(200, "text")],
            ..NONE
        },
        health::figures,
    )
    .get(
        Right::Anyone,
        "/api/openapi.json",
        About { en: "This description", zh: "本接口说明", answers: &[(200, "Description")], ..NONE },
        openapi::document,
    )
    .get(
        Right::Anyone,
        "/api/docs",
        About { en: "The way to these pages", zh: "接口文档入口", answers: &[(308, "")], ..NONE },
        openapi::pages,
    )
    .get(
        Right::Anyone,
        "/api/docs/{*file}",
        About {
            en: "This description as pages",
            zh: "接口文档页面",
            answers: &[(200, "page")],
            problems: &[404],
            ..NONE
        },
        openapi::page,
    )
}
