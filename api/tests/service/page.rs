//! The overview page as it is sent.

use api::server::router;
use axum::http::StatusCode;

use crate::get;
use crate::month::Bureau;

const FILES: [(&str, &str); 10] = [
    ("/", "text/html; charset=utf-8"),
    ("/setup", "text/html; charset=utf-8"),
    ("/page/page.css", "text/css; charset=utf-8"),
    ("/page/page.js", "text/javascript; charset=utf-8"),
    ("/page/dom.js", "text/javascript; charset=utf-8"),
    ("/page/session.js", "text/javascript; charset=utf-8"),
    ("/page/words.js", "text/javascript; charset=utf-8"),
    ("/page/recordings.js", "text/javascript; charset=utf-8"),
    ("/page/timeline.js", "text/javascript; charset=utf-8"),
    ("/page/icon.svg", "image/svg+xml"),
];

#[tokio::test]
async fn the_page_asks_no_other_host_and_writes_no_markup_from_data() {
    let bureau = Bureau::empty().await;
    let service = router(bureau.state.clone()).unwrap();
    for (address, content_type) in FILES {
        let answer = get(&service, address).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (StatusCode::OK, content_type),
            "{address}"
        );
        let text = answer.text.replace("http://www.w3.org/2000/svg", "");
        for forbidden in
            ["http:", "https:", "\"//", "'//", "url(", "@import", "innerHTML", "outerHTML", "eval("]
        {
            assert!(!text.contains(forbidden), "{address} contains {forbidden}");
        }
    }
}

#[tokio::test]
async fn every_file_that_the_page_names_is_there() {
    let bureau = Bureau::empty().await;
    let service = router(bureau.state.clone()).unwrap();
    for (address, _) in FILES {
        let text = get(&service, address).await.text;
        let named = text.split('"').filter_map(|part| {
            part.strip_prefix("./")
                .map(|file| format!("/page/{file}"))
                .or_else(|| part.starts_with("/page/").then(|| part.to_owned()))
        });
        for file in named {
            assert!(FILES.iter().any(|(known, _)| *known == file), "{address} names {file}");
        }
    }
}

#[tokio::test]
async fn the_markup_has_neither_inline_scripts_nor_inline_styles() {
    let bureau = Bureau::empty().await;
    let html = get(&router(bureau.state.clone()).unwrap(), "/").await.text;
    assert!(!html.contains("style="));
    assert!(!html.contains(" on"), "an inline listener");
    assert_eq!(html.matches("<script").count(), html.matches("<script type=\"module\" src=").count());
    assert!(html.contains("<html lang=\"zh-CN\">"));
}

#[tokio::test]
async fn both_languages_have_the_same_words() {
    let bureau = Bureau::empty().await;
    let words = get(&router(bureau.state.clone()).unwrap(), "/page/words.js").await.text;
    let (zh, rest) = words.split_once("const en = {").unwrap();
    let en = rest.split_once("\n};").unwrap().0;
    let names = |text: &str| -> Vec<String> {
        // Every second part between quotation marks is what is said, not the name it goes by.
        let code: String = text.split(['"', '`']).step_by(2).collect();
        let mut names: Vec<String> = code
            .split(|c: char| !(c.is_ascii_alphanumeric() || "_:".contains(c)))
            .filter_map(|word| word.strip_suffix(':'))
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
        names.sort();
        names
    };
    let (zh, en) = (names(zh), names(en));
    assert!(zh.len() > 100);
    let missing: Vec<_> = zh.iter().filter(|name| !en.contains(name)).collect();
    assert!(missing.is_empty(), "English lacks {missing:?}");
    let missing: Vec<_> = en.iter().filter(|name| !zh.contains(name)).collect();
    assert!(missing.is_empty(), "Chinese lacks {missing:?}");
}

#[tokio::test]
async fn the_page_that_replays_a_draw_is_served_under_its_own_narrow_policy() {
    let bureau = Bureau::empty().await;
    let answer = get(&router(bureau.state.clone()).unwrap(), "/verify_draw.html").await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "text/html; charset=utf-8"));
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
    assert!(!policy.contains("unsafe") && answer.text.contains(policy));
    assert!(!answer.text.contains("http:") && !answer.text.contains("https:"));
}
