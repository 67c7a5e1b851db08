//! What is made of footage, and links to it.

use super::NONE;
use crate::server::endpoints::{About, Endpoints};
use crate::server::rights::Right;
use crate::server::routes::{derivatives, links};

/// What can come in the way of making something of footage.
const UNMADE: &[u16] = &[404, 409, 410, 416, 422, 501, 502];

pub(super) fn endpoints(to: Endpoints) -> Endpoints {
    to.get(
        Right::See,
        "/api/v1/recordings/r{id}/preview",
        About {
            en: "A preview that browsers play (MP4, H.264 and AAC), a derivative and no evidence; 202 while it is made",
            zh: "供浏览器播放的预览（MP4，H.264 与 AAC），系衍生文件，不作证据；生成期间返回 202",
            answers: &[(200, "bytes"), (202, "Making"), (206, "bytes"), (304, "")],
            problems: UNMADE,
            ranges: true,
            ..NONE
        },
        derivatives::preview,
    )
    .get(
        Right::See,
        "/api/v1/recordings/r{id}/thumbnail",
        About {
            en: "The key frame at or before a moment, as JPEG",
            zh: "指定时刻或之前最近的关键帧（JPEG）",
            query: &[("at_us", "Media time in microseconds, as in the spans of a recording; its beginning if not given")],
            answers: &[(200, "bytes"), (202, "Making"), (206, "bytes"), (304, "")],
            problems: UNMADE,
            ..NONE
        },
        derivatives::thumbnail,
    )
    .get(
        Right::See,
        "/api/v1/recordings/r{id}/filmstrip",
        About {
            en: "Some 40 key frames in one JPEG picture, or where in it which one stands",
            zh: "约 40 个关键帧拼成的一张 JPEG，或各帧的时刻与位置",
            query: &[("part", "picture (if not given) or times")],
            answers: &[(200, "filmstrip"), (202, "Making"), (206, "bytes"), (304, "")],
            problems: UNMADE,
            ..NONE
        },
        derivatives::filmstrip,
    )
    .post(
        Right::See,
        "/api/v1/recordings/r{id}/links",
        About {
            en: "A signed link to a recording or its preview, for a player without a session, for some minutes",
            zh: "生成数分钟内有效的签名链接，供未登录的播放器使用",
            body: Some("LinkWish"),
            answers: &[(201, "Link")],
            problems: &[404],
            secret: true,
            ..NONE
        },
        links::make,
    )
    .get(
        Right::Anyone,
        "/api/v1/links/{ticket}",
        About {
            en: "What a signed link shows; each use is in the access trail",
            zh: "签名链接所指的录像；每次使用均留痕",
            answers: &[(200, "bytes"), (202, "Making"), (206, "bytes"), (304, "")],
            problems: &[403, 404, 409, 410, 416, 422, 501, 502],
            ..NONE
        },
        links::follow,
    )
}
