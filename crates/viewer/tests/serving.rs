//! The server answers browsers that ask for this machine, and no others.

#![cfg(feature = "serve")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use offseeker_viewer::{Page, PageServer, ViewError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn a_page_is_for_this_machine_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.html");
    Page::new("served").write(&path, []).unwrap();
    let server = PageServer::bind(&path, 0).await.unwrap();
    let address = server.address();
    let place = address.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let port = place.rsplit(':').next().unwrap().to_owned();
    assert!(place.starts_with("127.0.0.1:"));
    let running = tokio::spawn(server.run(std::future::pending()));

    let ask = async |method: &str, target: &str, host: &str| {
        let mut stream = TcpStream::connect(&place).await.unwrap();
        let request = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let page = ask("GET", "/", &place).await;
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("<title>served</title>"), "{}", &page[..200]);
    assert!(page.contains("content-security-policy: frame-ancestors 'none'"));
    assert!(ask("GET", "/", &format!("localhost:{port}")).await.starts_with("HTTP/1.1 200"));
    for host in
        ["evil.example".to_owned(), format!("evil.example:{port}"), "127.0.0.1".to_owned(), "127.0.0.1:1".to_owned()]
    {
        let answer = ask("GET", "/", &host).await;
        assert!(answer.starts_with("HTTP/1.1 403") && !answer.contains("<title>"), "{host}: {answer}");
    }
    assert!(ask("GET", "/../Cargo.toml", &place).await.starts_with("HTTP/1.1 404"));
    assert!(ask("POST", "/", &place).await.starts_with("HTTP/1.1 405"));
    running.abort();
}

#[tokio::test]
async fn a_page_that_is_not_there_is_named() {
    let missing = PageServer::bind(std::path::Path::new("no-such-page.html"), 0).await.unwrap_err();
    assert!(matches!(&missing, ViewError::Io { path, .. } if path.ends_with("no-such-page.html")), "{missing}");
}
