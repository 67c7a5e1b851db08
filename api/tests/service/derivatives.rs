//! Previews and stills over HTTP: made once, served in ranges, said to be derivatives, and not made again and again of
//! what cannot be shown.

use std::fs::File;
use std::io::Write as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use api::derivatives::cache::Cache;
use api::derivatives::{Derivatives, Maker, Original, Unmade};
use api::server::router;
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use catalog::account::Role;
use catalog::derivative::{DeriveRequest, Derived, Tile, Treatment};
use catalog::observation::{Problem, ProblemCode};
use catalog::store::TrailQuery;
use catalog::{MediaTime, Micros};
use tempfile::TempDir;
use tokio::sync::Notify;

use crate::month::{ADMIN, Bureau, account};
use crate::{Answer, ask_as, send};

const SQUAD: &str = "1111111111111111111111111111111111111111111111111111111111111111";

/// What a maker does in these tests.
#[derive(Clone)]
enum Does {
    Makes,
    Fails(Unmade),
    Finds(Problem),
    /// Comes to a bad end half way.
    BreaksOff,
}

/// Makes ten bytes, and says when it is done.
struct Fake {
    does: Mutex<Does>,
    made: AtomicU32,
    done: Arc<Notify>,
}

impl Maker for Fake {
    fn make(&self, _: &Original, request: &DeriveRequest, mut out: &File, _: u64) -> Result<Derived, Unmade> {
        self.made.fetch_add(1, Ordering::SeqCst);
        self.done.notify_one();
        match self.does.lock().unwrap().clone() {
            Does::Fails(why) => return Err(why),
            Does::Finds(problem) => return Ok(Derived { problem: Some(problem), ..Derived::default() }),
            Does::Makes => out.write_all(b"0123456789").unwrap(),
            Does::BreaksOff => {
                out.write_all(b"01234").unwrap();
                return Err(Unmade::Footage("it was ended by signal 6 (SIGABRT)".to_owned()));
            }
        }
        Ok(match request {
            DeriveRequest::Preview { .. } => Derived {
                video: Some(Treatment::Encoded),
                audio: Some(Treatment::Copied),
                ..Derived::default()
            },
            DeriveRequest::Stills { at_us, .. } => {
                let tiles = at_us.iter().map(|&at_us| Tile { at_us, x: 0, y: 0, width: 160, height: 90 });
                Derived { tiles: tiles.collect(), ..Derived::default() }
            }
        })
    }
}

struct Scene {
    bureau: Bureau,
    service: Router,
    maker: Arc<Fake>,
    own: String,
    others: String,
    cache: TempDir,
}

impl Scene {
    async fn new(does: Does) -> Self {
        let mut bureau = Bureau::with_cases(3).await;
        bureau.sign_in(account("squad", Role::Squad), SQUAD).await;
        let folder = TempDir::new().unwrap();
        let maker = Arc::new(Fake { does: Mutex::new(does), made: AtomicU32::new(0), done: Arc::default() });
        let cache = Cache::open(folder.path(), 1 << 20).unwrap();
        bureau.state.derivatives = Derivatives::new(maker.clone(), cache, 1);
        let service = router(bureau.state.clone()).unwrap();
        let list = ask_as(&service, Some(ADMIN), Method::GET, "/api/v1/recordings", None).await.json();
        let address = |own: bool| {
            let recordings = list["recordings"].as_array().unwrap();
            let found = recordings.iter().find(|one| (one["device_unit"] == "SQ1") == own).unwrap();
            format!("/api/v1/recordings/{}", found["id"].as_str().unwrap())
        };
        let (own, others) = (address(true), address(false));
        Self { bureau, service, maker, own, others, cache: folder }
    }

    async fn ask(&self, what: &str, headers: &[(header::HeaderName, &str)]) -> Answer {
        let mut request = Request::builder()
            .uri(format!("{}/{what}", self.own))
            .header(header::HOST, "localhost:8040")
            .header(header::COOKIE, format!("reelproof_session={SQUAD}"));
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        send(&self.service, request.body(Body::empty()).unwrap()).await
    }

    /// Asks until the answer is another than that it is being made.
    async fn made(&self, what: &str) -> Answer {
        let first = self.ask(what, &[]).await;
        assert_eq!(
            (first.status, first.header("retry-after")),
            (StatusCode::ACCEPTED, "2"),
            "{}",
            first.text
        );
        assert_eq!(first.json()["state"], "making");
        self.maker.done.notified().await;
        loop {
            let answer = self.ask(what, &[]).await;
            if answer.status != StatusCode::ACCEPTED {
                return answer;
            }
            tokio::task::yield_now().await;
        }
    }

    async fn acts(&self, act: &str) -> usize {
        let query = TrailQuery { act: Some(act.to_owned()), limit: 100, ..TrailQuery::default() };
        self.bureau.catalog().trail(&query).await.unwrap().len()
    }

    fn times_made(&self) -> u32 {
        self.maker.made.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn a_preview_is_made_once_and_served_in_ranges_with_what_it_is() {
    let scene = Scene::new(Does::Makes).await;
    let whole = scene.made("preview").await;
    assert_eq!((whole.status, whole.text.as_str()), (StatusCode::OK, "0123456789"));
    assert_eq!((whole.header("content-type"), whole.header("accept-ranges")), ("video/mp4", "bytes"));
    assert!(whole.header("content-disposition").ends_with(".preview.mp4"));
    let of = whole.header("x-reelproof-derivative-of");
    assert!(of.starts_with("sha256:") && of.ends_with("; version=1; evidence=no"), "{of}");
    assert_eq!(whole.header("x-reelproof-treatment"), "encoded, copied");
    assert_eq!(whole.header("x-reelproof-origin-us"), "0");
    let tag = whole.header("etag").to_owned();
    let part = scene.ask("preview", &[(header::RANGE, "bytes=3-5")]).await;
    assert_eq!((part.status, part.text.as_str()), (StatusCode::PARTIAL_CONTENT, "345"));
    assert_eq!(part.header("content-range"), "bytes 3-5/10");
    let same = scene.ask("preview", &[(header::IF_NONE_MATCH, &tag)]).await;
    assert_eq!(same.status, StatusCode::NOT_MODIFIED);
    let beyond = scene.ask("preview", &[(header::RANGE, "bytes=10-")]).await;
    assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(scene.times_made(), 1);
    assert_eq!(scene.acts("view_preview").await, 1, "who looks is written down, once in ten minutes");
}

#[tokio::test]
async fn stills_say_when_they_are_shown() {
    let scene = Scene::new(Does::Makes).await;
    let thumbnail = scene.made("thumbnail?at_us=4000000").await;
    assert_eq!((thumbnail.status, thumbnail.header("content-type")), (StatusCode::OK, "image/jpeg"));
    assert_eq!(thumbnail.header("x-reelproof-at-us"), "4000000");
    let film = scene.made("filmstrip").await;
    assert_eq!((film.status, film.header("content-type")), (StatusCode::OK, "image/jpeg"));
    let times = scene.ask("filmstrip?part=times", &[]).await.json();
    let tiles = times["tiles"].as_array().unwrap();
    assert_eq!(tiles.len(), 40);
    assert!(tiles.windows(2).all(|two| two[0]["at_us"].as_i64() < two[1]["at_us"].as_i64()), "{times}");
    assert_eq!(scene.ask("filmstrip?part=sound", &[]).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(scene.times_made(), 2);
    assert_eq!(scene.acts("view_stills").await, 1);
}

#[tokio::test]
async fn what_cannot_be_shown_is_tried_once_in_ten_minutes() {
    let problem = Problem::new(ProblemCode::Unreadable, "none of its pictures (av1) can be decoded");
    for (does, status, code) in [
        (Does::Finds(problem), StatusCode::UNPROCESSABLE_ENTITY, "not_showable"),
        (
            Does::Fails(Unmade::Footage("ended by signal 11".into())),
            StatusCode::UNPROCESSABLE_ENTITY,
            "not_showable",
        ),
        (Does::Fails(Unmade::Changed), StatusCode::CONFLICT, "media_changed"),
        (Does::Fails(Unmade::Gone), StatusCode::GONE, "media_gone"),
        (Does::Fails(Unmade::Ours("a secret path".into())), StatusCode::BAD_GATEWAY, "media_failed"),
    ] {
        let scene = Scene::new(does).await;
        let answer = scene.made("preview").await;
        assert_eq!((answer.status, &answer.json()["code"]), (status, &code.into()));
        assert!(!answer.text.contains("secret"), "{}", answer.text);
        scene.ask("preview", &[]).await;
        assert_eq!(scene.times_made(), 1, "{code}: it is not tried with every request");
        scene.bureau.clock.advance(Micros::from_s(601));
        *scene.maker.does.lock().unwrap() = Does::Makes;
        assert_eq!(scene.made("preview").await.status, StatusCode::OK, "{code}");
    }
}

#[tokio::test]
async fn what_a_child_wrote_before_it_crashed_is_kept_nowhere() {
    let scene = Scene::new(Does::BreaksOff).await;
    let answer = scene.made("preview").await;
    let problem = answer.json();
    assert_eq!((answer.status.as_u16(), &problem["code"]), (422, &"not_showable".into()));
    assert!(problem["detail"].as_str().unwrap().contains("signal 6"), "{problem}");
    assert!(!problem["detail_zh"].as_str().unwrap().is_ascii(), "{problem}");
    let kept: Vec<_> = std::fs::read_dir(scene.cache.path())
        .unwrap()
        .map(|file| file.unwrap().file_name())
        .filter(|name| name.to_string_lossy().contains("preview"))
        .collect();
    assert!(kept.is_empty(), "{kept:?}");
    *scene.maker.does.lock().unwrap() = Does::Makes;
    scene.bureau.clock.advance(Micros::from_s(601));
    assert_eq!(scene.made("preview").await.text, "0123456789", "made anew and whole");
}

#[tokio::test]
async fn another_squads_footage_has_no_preview_and_a_service_without_the_program_says_so() {
    let scene = Scene::new(Does::Makes).await;
    for what in ["preview", "thumbnail", "filmstrip"] {
        let address = format!("{}/{what}", scene.others);
        let answer = ask_as(&scene.service, Some(SQUAD), Method::GET, &address, None).await;
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (StatusCode::NOT_FOUND, &"no_such_recording".into())
        );
    }
    assert_eq!(scene.times_made(), 0);
    let mut state = scene.bureau.state.clone();
    state.derivatives = Derivatives::none();
    let service = router(state).unwrap();
    let answer = ask_as(&service, Some(SQUAD), Method::GET, &format!("{}/preview", scene.own), None).await;
    assert_eq!((answer.status, &answer.json()["code"]), (StatusCode::NOT_IMPLEMENTED, &"no_previews".into()));
    assert_eq!(MediaTime::ZERO, MediaTime(0));
}
