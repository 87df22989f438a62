//! Whether pages are fetched as they should be: caps, packings, redirects, robots, answers.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use offseeker_pages::{Jina, JinaOptions, Library, Page, PageError, Politeness, Web, WebOptions};
use offseeker_remote::Key;
use offseeker_remote::loopback::{Arrived, Loopback, Step, json, send, whole};

const HTML: &str = "content-type: text/html; charset=utf-8\r\n";

fn options(server: &Loopback) -> WebOptions {
    WebOptions {
        allow: vec![server.base().replace("http://", "")],
        politeness: Politeness { delay: Duration::ZERO, ..Politeness::default() },
        obey_robots: false,
        ..WebOptions::default()
    }
}

async fn get(server: &Loopback, options: WebOptions) -> Result<Page, PageError> {
    Web::new(options).unwrap().get(&format!("{}/a/page", server.base())).await
}

/// Answers with these bytes and headers.
async fn serving(headers: &str, body: Vec<u8>) -> Loopback {
    let headers = headers.to_owned();
    Loopback::by(move |_, _| answer(&headers, &body)).await
}

fn answer(headers: &str, body: &[u8]) -> Vec<Step> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n", body.len());
    vec![send(head), send(body)]
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let options = brotli::enc::BrotliEncoderParams { quality: 5, ..Default::default() };
    brotli::BrotliCompress(&mut &*bytes, &mut packed, &options).unwrap();
    packed
}

#[tokio::test]
async fn a_page_is_fetched_and_nothing_is_told() {
    let server = serving(HTML, "<title>Mill</title><p>An <a href=b>old</a> mill.".into()).await;
    let page = get(&server, options(&server)).await.unwrap();
    assert_eq!((page.title.as_str(), page.text.as_str()), ("Mill", "An old mill."));
    assert_eq!(page.url, format!("{}/a/page", server.base()));
    assert_eq!(page.links[0].url, format!("{}/a/b", server.base()));
    let Arrived { line, headers, .. } = &server.arrived()[0];
    let headers = headers.to_lowercase();
    assert_eq!(line, "GET /a/page HTTP/1.1");
    assert!(headers.contains("user-agent: offseeker/") && headers.contains("accept-encoding: gzip, br"), "{headers}");
    assert!(!headers.contains("referer") && !headers.contains("cookie"), "{headers}");
}

#[tokio::test]
async fn cookies_are_not_kept() {
    let server = serving("content-type: text/plain\r\nset-cookie: a=b\r\n", b"text".to_vec()).await;
    let web = Web::new(options(&server)).unwrap();
    for _ in 0..2 {
        web.get(&server.base()).await.unwrap();
    }
    assert!(!server.arrived()[1].headers.to_lowercase().contains("cookie"));
}

#[tokio::test]
async fn packed_pages_are_unpacked() {
    let text = "The mill stands on the Orsa. ".repeat(9_000);
    let two = [gzip(&text.as_bytes()[..1_000]), gzip(&text.as_bytes()[1_000..])].concat();
    for (packing, body) in [
        ("", text.clone().into_bytes()),
        ("content-encoding: identity\r\n", text.clone().into_bytes()),
        ("content-encoding: gzip\r\n", gzip(text.as_bytes())),
        ("content-encoding: X-GZIP\r\n", two),
        ("content-encoding: br\r\n", brotli(text.as_bytes())),
    ] {
        let server = serving(&format!("content-type: text/plain\r\n{packing}"), body).await;
        let page = get(&server, options(&server)).await.unwrap();
        assert_eq!(page.text, text.trim_end(), "{packing}");
    }
}

#[tokio::test]
async fn what_is_too_large_is_not_taken_over() {
    let zeros = vec![b'a'; 64 << 20];
    let (bomb, other_bomb) = (gzip(&zeros), brotli(&zeros));
    assert!(bomb.len() < 100_000 && other_bomb.len() < 1_000);
    // Blocks that hold nothing: packed they go on and on, unpacked they are nothing.
    let nothing: Vec<u8> = gzip(b"")[..10].iter().copied().chain([0, 0, 0, 0xff, 0xff].repeat(50_000)).collect();
    let large = vec![b'a'; 200_000];
    for (packing, body, reason) in [
        ("content-encoding: gzip\r\n", bomb, "more than 100000 bytes"),
        ("content-encoding: gzip\r\n", nothing, "more than 100000 bytes"),
        ("content-encoding: br\r\n", other_bomb, "more than 100000 bytes"),
        ("", large.clone(), "more than 100000 bytes"),
        ("content-encoding: zstd\r\n", b"a".to_vec(), "which was not asked for"),
        ("content-encoding: gzip, br\r\n", b"a".to_vec(), "which was not asked for"),
        ("content-encoding: gzip\r\n", b"plain text".to_vec(), "cannot be unpacked"),
        ("content-encoding: br\r\n", vec![0xff; 100], "cannot be unpacked"),
    ] {
        for length in [true, false] {
            let (headers, body) = (format!("content-type: text/plain\r\n{packing}"), body.clone());
            let server = Loopback::by(move |_, _| match length {
                true => answer(&headers, &body),
                false => vec![send(format!("HTTP/1.1 200 OK\r\nconnection: close\r\n{headers}\r\n")), send(&body)],
            })
            .await;
            let error = get(&server, WebOptions { largest: 100_000, ..options(&server) }).await.unwrap_err();
            assert!(
                matches!(&error, PageError::Unreadable { reason: found, .. } if found.contains(reason)),
                "{packing} {error:?}"
            );
        }
    }
}

#[tokio::test]
async fn what_ends_early_may_be_asked_for_again() {
    let text = gzip(&b"The mill. ".repeat(500));
    let cut = |headers: &str, bytes: &[u8]| vec![send(format!("HTTP/1.1 200 OK\r\n{headers}\r\n")), send(bytes)];
    for steps in [
        cut("content-length: 100\r\n", b"half"),
        cut("transfer-encoding: chunked\r\n", b"9\r\nhalf"),
        cut("connection: close\r\ncontent-encoding: gzip\r\n", &text[..text.len() / 2]),
        vec![send("HTTP/1.1 2")],
        vec![],
    ] {
        let shown = format!("{steps:?}");
        let server = Loopback::scripted(vec![steps]).await;
        let error = get(&server, options(&server)).await.unwrap_err();
        assert_eq!(error.kind(), "transient", "{shown}: {error:?}");
    }
}

#[tokio::test]
async fn what_is_no_text_is_not_taken_over() {
    // The server never ends: were the whole of it awaited, the time would be over first.
    let image = [b"\x89PNG\r\n\x1a\n".as_slice(), &[0; 8_192]].concat();
    for (headers, start, reason) in [
        ("content-type: text/html\r\n", image, "it is a PNG image"),
        ("content-type: application/zip\r\n", [b"PK\x03\x04".as_slice(), &[0; 8_192]].concat(), "it is a ZIP archive"),
        ("content-encoding: gzip\r\n", gzip(&[0; 1 << 20]), "it is no text"),
    ] {
        let server =
            Loopback::scripted(vec![vec![send(format!("HTTP/1.1 200 OK\r\n{headers}\r\n")), send(start), Step::Stall]])
                .await;
        let error = get(&server, options(&server)).await.unwrap_err();
        assert!(
            matches!(&error, PageError::Unreadable { reason: found, .. } if found.starts_with(reason)),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn servers_that_stall_are_given_up() {
    let head = send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n");
    for steps in [vec![Step::Stall], vec![head, send("a"), Step::Stall]] {
        let server = Loopback::scripted(vec![steps]).await;
        let limit = Duration::from_millis(300);
        let error = get(&server, WebOptions { time: limit, ..options(&server) }).await.unwrap_err();
        assert!(matches!(error, PageError::Timeout { limit: found, .. } if found == limit), "{error:?}");
    }
}

#[tokio::test]
async fn redirects_are_followed_to_their_end() {
    let server = Loopback::by(|number, _| match number {
        0..10 => whole(302, &format!("location: ../b/{number}?q#part\r\n"), ""),
        _ => whole(200, "content-type: text/plain\r\n", "here"),
    })
    .await;
    let page = get(&server, options(&server)).await.unwrap();
    assert_eq!(page.url, format!("{}/b/9?q", server.base()));
    assert_eq!((page.text.as_str(), server.arrived().len()), ("here", 11));

    for (redirects, asked) in [(10, 11), (0, 1)] {
        let server = Loopback::by(|_, _| whole(307, "location: /again\r\n", "")).await;
        let error = get(&server, WebOptions { redirects, ..options(&server) }).await.unwrap_err();
        assert!(matches!(&error, PageError::Unreadable { reason, .. } if reason.contains("redirected")), "{error:?}");
        assert_eq!(server.arrived().len(), asked);
    }
    for (headers, reason) in [("", "302"), ("location: http://[\r\n", "no address")] {
        let server = Loopback::by(move |_, _| whole(302, headers, "")).await;
        let error = get(&server, options(&server)).await.unwrap_err();
        assert!(matches!(&error, PageError::Unreadable { reason: found, .. } if found.contains(reason)), "{error:?}");
    }
}

#[tokio::test]
async fn robots_txt_is_obeyed() {
    let rules = "User-agent: offseeker\nDisallow: /secret\n";
    check_robots(200, rules, "/secret/a", Some("blocked"), 1).await;
    check_robots(200, rules, "/open", None, 2).await;
    check_robots(404, "", "/secret", None, 2).await;
    check_robots(403, "", "/secret", None, 2).await;
    check_robots(500, "", "/open", Some("transient"), 1).await;
    check_robots(429, "", "/open", Some("rate_limited"), 1).await;
    let long = format!("{}\nUser-agent: *\nDisallow: /\n", "#".repeat(600_000));
    check_robots(200, &long, "/open", None, 2).await;
}

async fn check_robots(status: u16, rules: &str, path: &str, expected: Option<&str>, asked: usize) {
    let rules = rules.to_owned();
    let server = Loopback::by(move |_, asked| match asked.line.contains("/robots.txt") {
        true => whole(status, "content-type: text/plain\r\n", &rules),
        false => whole(200, "content-type: text/plain\r\n", "here"),
    })
    .await;
    let url = format!("{}{path}", server.base());
    let obeying = Web::new(WebOptions { obey_robots: true, ..options(&server) }).unwrap();
    let found = obeying.get(&url).await.err().map(|error| error.kind());
    assert_eq!((found, server.arrived().len()), (expected, asked), "{status} {path}");
    // Rules are asked for once.
    let _ = obeying.get(&url).await;
    let for_rules = server.arrived().iter().filter(|asked| asked.line.contains("/robots.txt")).count();
    assert_eq!(for_rules, 1, "{status} {path}");
    // Whoever wants to may switch them off.
    assert_eq!(Web::new(options(&server)).unwrap().get(&url).await.unwrap().text, "here");
}

#[tokio::test]
async fn robots_txt_is_obeyed_where_a_redirect_leads() {
    let server = Loopback::by(|_, asked| match asked.line.as_str() {
        line if line.contains("/robots.txt") => whole(200, "", "User-agent: *\nDisallow: /secret\n"),
        _ => whole(302, "location: /secret\r\n", ""),
    })
    .await;
    let web = Web::new(WebOptions { obey_robots: true, ..options(&server) }).unwrap();
    assert_eq!(web.get(&server.base()).await.unwrap_err().kind(), "blocked");
    assert!(server.arrived().iter().all(|asked| !asked.line.contains("/secret")));
}

#[tokio::test]
async fn answers_without_a_page_are_told_apart() {
    for (status, headers, kind) in [
        (404, "", "not_found"),
        (403, "", "blocked"),
        (429, "retry-after: 7\r\n", "rate_limited"),
        (503, "retry-after: 7\r\n", "rate_limited"),
        (503, "", "transient"),
        (204, "", "unreadable"),
    ] {
        let server = Loopback::by(move |_, _| whole(status, headers, "")).await;
        let error = get(&server, options(&server)).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error:?}");
        let wait = (kind == "rate_limited").then(|| Duration::from_secs(7));
        assert_eq!(error.retry_after(), wait);
    }
}

#[tokio::test]
async fn only_so_much_is_asked_of_a_server_at_once() {
    let server = Loopback::by(|_, _| {
        let mut steps = vec![Step::Wait(Duration::from_millis(50))];
        steps.extend(whole(200, "content-type: text/plain\r\n", "here"));
        steps
    })
    .await;
    let politeness = Politeness { at_once: 1, delay: Duration::ZERO, ..Politeness::default() };
    let web = Web::new(WebOptions { politeness, ..options(&server) }).unwrap();
    let url = server.base();
    // A request that is given up gives its turn back.
    let _ = tokio::time::timeout(Duration::from_millis(10), web.get(&url)).await;
    let (first, second, third) = tokio::join!(web.get(&url), web.get(&url), web.get(&url));
    assert!(first.is_ok() && second.is_ok() && third.is_ok());
}

#[tokio::test]
async fn pages_are_had_from_jina() {
    let body = r#"{"code": 200, "data": {"title": "Mill", "url": "http://1.1.1.1/b", "publishedTime": "2024-03-01",
        "content": "An [old](http://1.1.1.1/c) mill."}}"#;
    let server = Loopback::by(move |_, _| json(200, body)).await;
    let key = Some(Key::new("s3cret"));
    let jina = Jina::new(JinaOptions { base: format!("{}/", server.base()), key, ..JinaOptions::default() }).unwrap();
    let page = jina.get("http://1.1.1.1/a?b=c#d").await.unwrap();
    assert_eq!(
        (page.title.as_str(), page.text.as_str(), page.url.as_str()),
        ("Mill", "An old mill.", "http://1.1.1.1/b")
    );
    assert_eq!((page.date.as_deref(), page.links[0].url.as_str()), (Some("2024-03-01"), "http://1.1.1.1/c"));
    let Arrived { line, headers, .. } = &server.arrived()[0];
    assert_eq!(line, "GET /http://1.1.1.1/a?b=c HTTP/1.1");
    assert!(headers.to_lowercase().contains("authorization: bearer s3cret"), "{headers}");
    assert!(!format!("{jina:?}").contains("s3cret"));
}

#[tokio::test]
async fn failures_of_jina_are_told_apart() {
    for (status, body, kind) in [
        (200, r#"{"data": {"content": "x", "warning": "Target URL returned error 404: Not Found"}}"#, "not_found"),
        (200, r#"{"data": {"content": " "}}"#, "unreadable"),
        (200, r#"{"data": {}}"#, "broken"),
        (200, "<html>", "broken"),
        (401, "{}", "broken"),
        (402, "{}", "broken"),
        (422, "{}", "unreadable"),
        (429, "{}", "rate_limited"),
        (451, "{}", "blocked"),
        (524, "{}", "transient"),
    ] {
        let server = Loopback::by(move |_, _| json(status, body)).await;
        let jina = Jina::new(JinaOptions { base: server.base(), ..JinaOptions::default() }).unwrap();
        let error = jina.get("http://1.1.1.1/").await.unwrap_err();
        assert_eq!(error.kind(), kind, "{status} {body}: {error:?}");
    }
    assert_eq!(
        Jina::new(JinaOptions { base: "r.jina.ai".to_owned(), ..JinaOptions::default() }).unwrap_err().kind(),
        "invalid_url"
    );
}
