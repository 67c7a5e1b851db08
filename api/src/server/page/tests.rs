use super::*;

const FILES: &[File] = &[
    File { address: "/index.html", bytes: b"<html>entry</html>", gzip: Some(b"zipped") },
    File { address: "/assets/index-abc.js", bytes: b"run()", gzip: None },
];

fn headers(pairs: &[(header::HeaderName, &'static str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
}

fn page() -> HeaderMap {
    headers(&[(header::ACCEPT, "text/html,*/*;q=0.8")])
}

fn header_of(answer: &Response, name: header::HeaderName) -> &str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

async fn body(answer: Response) -> Vec<u8> {
    axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap().to_vec()
}

#[tokio::test]
async fn a_link_to_a_page_gets_the_entry_even_where_it_ends_like_a_file() {
    let ui = Ui::of(FILES);
    for path in ["/", "/cases/SL2024-0501", "/recordings/SQ1/2024-05-01/BWC101_001.mp4", "/setup"] {
        let answer = ui.answer(path, &page()).unwrap();
        assert_eq!(header_of(&answer, header::CACHE_CONTROL), "no-cache", "{path}");
        assert_eq!(body(answer).await, FILES[0].bytes, "{path}");
    }
}

#[test]
fn what_is_no_page_is_no_page_of_the_ui() {
    let ui = Ui::of(FILES);
    assert!(ui.answer("/api/v1/nothing", &page()).is_none());
    assert!(ui.answer("/assets/of-an-older-build.js", &page()).is_none());
    assert!(ui.answer("/cases/SL2024-0501", &HeaderMap::new()).is_none(), "not a browser that opens a page");
}

#[tokio::test]
async fn a_file_named_after_its_digest_is_kept_for_good_and_the_entry_is_asked_for_anew() {
    let ui = Ui::of(FILES);
    let answer = ui.answer("/assets/index-abc.js", &HeaderMap::new()).unwrap();
    assert!(header_of(&answer, header::CACHE_CONTROL).contains("immutable"));
    assert_eq!(header_of(&answer, header::CONTENT_TYPE), "text/javascript; charset=utf-8");
    let tag = header_of(&ui.answer("/", &page()).unwrap(), header::ETAG).to_owned();
    let mut again = page();
    again.insert(header::IF_NONE_MATCH, HeaderValue::from_str(&tag).unwrap());
    let answer = ui.answer("/", &again).unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_MODIFIED);
    assert!(body(answer).await.is_empty());
}

#[tokio::test]
async fn a_browser_that_takes_gzip_gets_it_under_a_tag_of_its_own() {
    let ui = Ui::of(FILES);
    let plain = ui.answer("/", &page()).unwrap();
    let mut takes = page();
    takes.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("br, gzip, deflate"));
    let zipped = ui.answer("/", &takes).unwrap();
    assert_ne!(header_of(&plain, header::ETAG), header_of(&zipped, header::ETAG));
    assert_eq!(header_of(&zipped, header::CONTENT_ENCODING), "gzip");
    assert_eq!(header_of(&plain, header::CONTENT_ENCODING), "");
    assert_eq!(body(zipped).await, b"zipped");
}

#[test]
fn no_script_but_our_own_files_may_run() {
    let answer = Ui::of(FILES).answer("/", &page()).unwrap();
    let policy = header_of(&answer, header::CONTENT_SECURITY_POLICY);
    let scripts = policy.split("; ").find(|part| part.starts_with("script-src")).unwrap();
    assert_eq!(scripts, "script-src 'self'");
    assert!(!policy.contains("unsafe-eval") && !policy.contains("http"));
}

#[tokio::test]
async fn without_a_ui_a_page_says_how_to_build_it() {
    let answer = Ui::of(&[]).answer("/cases", &page()).unwrap();
    let text = String::from_utf8(body(answer).await).unwrap();
    assert!(
        text.contains("scripts/build-web.sh") && text.contains("lang=\"en\"") && !text.contains("<script")
    );
}
