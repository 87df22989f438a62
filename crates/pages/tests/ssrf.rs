//! Whether any spelling, name or redirect leads to an address that is not public.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use offseeker_pages::{Jina, JinaOptions, Library, PageError, Politeness, Resolver, Web, WebOptions};
use offseeker_remote::loopback::{Loopback, whole};
use url::Url;

/// Addresses that no page is read from. `PORT` is the port of a server on loopback that is never to be asked.
const FORBIDDEN: &[&str] = &[
    // This machine, in every spelling.
    "http://127.0.0.1:PORT/",
    "http://127.1:PORT/",
    "http://127.0.1:PORT/",
    "http://127.255.255.254:PORT/",
    "http://2130706433:PORT/",
    "http://0x7f000001:PORT/",
    "http://0x7f.0.0.1:PORT/",
    "http://0x7F.1:PORT/",
    "http://0177.0.0.1:PORT/",
    "http://017700000001:PORT/",
    "http://0177.0x0.0.01:PORT/",
    "http://00000000000000000000177.1:PORT/",
    "http://127.0.0.1.:PORT/",
    "http://１２７.０.０.１:PORT/",
    "http://127。0。0。1:PORT/",
    "http://127．1:PORT/",
    "http://①②⑦.⓪.⓪.①:PORT/",
    "http://%31%32%37.0.0.1:PORT/",
    "http://127%2e0%2e0%2e1:PORT/",
    "http:127.0.0.1:PORT/",
    "http:/127.0.0.1:PORT/",
    "http:///127.0.0.1:PORT/",
    "http:\\\\127.0.0.1:PORT\\",
    "  http://127.0.0.1:PORT/  ",
    "ht\ntp://127.0\t.0.1:PORT/",
    "HTTP://127.0.0.1:PORT/",
    "http://0.0.0.0:PORT/",
    "http://0:PORT/",
    "http://localhost:PORT/",
    "http://LocalHost.:PORT/",
    "http://ｌｏｃａｌｈｏｓｔ:PORT/",
    "http://loc%61lhost:PORT/",
    "http://a.localhost:PORT/",
    "http://localhost.localdomain:PORT/",
    "http://[::1]:PORT/",
    "http://[0:0:0:0:0:0:0:1]:PORT/",
    "http://[::]:PORT/",
    "http://[::ffff:127.0.0.1]:PORT/",
    "http://[::ffff:7f00:1]:PORT/",
    "http://[::127.0.0.1]:PORT/",
    "http://[::ffff:0:127.0.0.1]:PORT/",
    "http://[64:ff9b::127.0.0.1]:PORT/",
    "http://[64:ff9b:1::7f00:1]:PORT/",
    "http://[2002:7f00:1::]:PORT/",
    "http://[2001:0:7f00:1::]:PORT/",
    "http://[2606:4700::5efe:127.0.0.1]:PORT/",
    "http://[::1%25lo]:PORT/",
    "http://[fe80::1%25eth0]:PORT/",
    "http://[::1:PORT/",
    // Who is asked is not who is named.
    "http://a.example@127.0.0.1:PORT/",
    "http://a.example:80@127.0.0.1:PORT/",
    "http://127.0.0.1:PORT\\@a.example/",
    "http://127.0.0.1:PORT#@a.example/",
    "http://user:secret@a.example/",
    "http://a.example%40127.0.0.1:PORT/",
    "http://a.example\u{0}.127.0.0.1:PORT/",
    // Networks nearby, and the metadata of clouds.
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.1.1/",
    "http://0xc0a80101/",
    "http://100.64.0.1/",
    "http://100.100.100.200/latest/meta-data/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/latest/meta-data/",
    "http://[::ffff:a9fe:a9fe]/latest/meta-data/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://168.63.129.16/",
    "http://192.0.0.192/",
    "http://metadata.google.internal/computeMetadata/v1/",
    "http://metadata/computeMetadata/v1/",
    "http://printer.local/",
    "http://wiki.corp/",
    "http://router.lan/",
    "http://router.home.arpa/",
    "http://intranet/",
    // What is no single machine, or none on the internet.
    "http://192.0.2.1/",
    "http://192.88.99.1/",
    "http://198.18.0.1/",
    "http://198.51.100.1/",
    "http://203.0.113.1/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[fc00::1]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[100::1]/",
    "http://[2001:db8::1]/",
    "http://[3fff::1]/",
    "http://[5f00::1]/",
    // Other ports and other schemes.
    "http://1.1.1.1:22/",
    "http://1.1.1.1:6379/",
    "https://1.1.1.1:25/",
    "http://1.1.1.1:99999/",
    "file:///etc/passwd",
    "ftp://1.1.1.1/",
    "gopher://127.0.0.1:PORT/_GET",
    "data:text/html,a",
    "javascript:alert(1)",
    "blob:http://127.0.0.1:PORT/",
    "view-source:http://127.0.0.1:PORT/",
    "//127.0.0.1:PORT/",
    "127.0.0.1:PORT",
    "http://",
    "http://:PORT/",
    "",
];

/// Names that lead to addresses in turn, each lookup to the next of them; the last stays.
#[derive(Debug, Default)]
struct Names {
    names: HashMap<&'static str, Vec<Vec<&'static str>>>,
    lookups: AtomicUsize,
}

#[async_trait]
impl Resolver for Names {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let number = self.lookups.fetch_add(1, Ordering::SeqCst);
        let answers = self.names.get(name).ok_or_else(|| io::Error::other("there is no such name"))?;
        let addresses = &answers[number.min(answers.len() - 1)];
        Ok(addresses.iter().map(|address| address.parse().unwrap()).collect())
    }
}

/// A server that is never to be asked, with its port.
async fn secret() -> (Loopback, u16) {
    let server = Loopback::by(|_, _| whole(200, "content-type: text/plain\r\n", "the secret")).await;
    let port = Url::parse(&server.base()).unwrap().port().unwrap();
    (server, port)
}

fn options(ports: &[u16]) -> WebOptions {
    let politeness = Politeness { delay: std::time::Duration::ZERO, ..Politeness::default() };
    let ports = ports.iter().copied().chain([80, 443]).collect();
    WebOptions { ports, politeness, obey_robots: false, ..WebOptions::default() }
}

fn is_refused(error: &PageError) -> bool {
    matches!(error, PageError::Blocked { .. } | PageError::InvalidUrl { .. })
}

#[tokio::test]
async fn no_spelling_leads_astray() {
    let (server, port) = secret().await;
    let names = Arc::new(Names::default());
    let resolver: Arc<dyn Resolver> = names.clone();
    let web = Web::new(WebOptions { resolver: Some(resolver.clone()), ..options(&[port]) }).unwrap();
    let service = Loopback::by(|_, _| whole(200, "", "{}")).await;
    let jina = JinaOptions {
        base: service.base(),
        ports: vec![80, 443, port],
        resolver: Some(resolver),
        ..JinaOptions::default()
    };
    let jina = Jina::new(jina).unwrap();
    assert!(FORBIDDEN.len() >= 60);
    for spelling in FORBIDDEN {
        let url = spelling.replace("PORT", &port.to_string());
        for library in [&web as &dyn Library, &jina] {
            let error = library.get(&url).await.expect_err(&url);
            assert!(is_refused(&error), "{url:?} of {}: {error:?}", library.name());
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
    assert_eq!(server.arrived().len(), 0);
    assert_eq!(service.arrived().len(), 0, "the service was told of an address");
    assert_eq!(names.lookups.load(Ordering::SeqCst), 0, "a name was looked up");
    // The server is there: what keeps pages from being fetched is the guard alone.
    let allowed = WebOptions { allow: vec![format!("127.0.0.1:{port}")], ..options(&[]) };
    let page = Web::new(allowed).unwrap().get(&format!("http://127.1:{port}/")).await.unwrap();
    assert_eq!((page.text.as_str(), server.arrived().len()), ("the secret", 1));
}

#[tokio::test]
async fn no_name_leads_astray() {
    let (server, port) = secret().await;
    for answers in [
        vec![vec!["127.0.0.1"]],
        vec![vec!["::1"]],
        vec![vec!["::ffff:127.0.0.1"]],
        vec![vec!["64:ff9b::7f00:1"]],
        vec![vec!["0.0.0.0"]],
        vec![vec!["169.254.169.254"]],
        // One address that is not public among others is enough.
        vec![vec!["1.1.1.1", "127.0.0.1"]],
        vec![vec!["127.0.0.1", "1.1.1.1"]],
        vec![vec!["2606:4700::1111", "fd00::1"]],
        // The name changes what it leads to: what would come next does not matter, for it is looked up once.
        vec![vec!["127.0.0.1"], vec!["1.1.1.1"]],
        vec![vec!["10.0.0.1"], vec!["127.0.0.1"]],
    ] {
        let names =
            Arc::new(Names { names: HashMap::from([("rebound.example", answers.clone())]), ..Names::default() });
        let resolver: Arc<dyn Resolver> = names.clone();
        let web = Web::new(WebOptions { resolver: Some(resolver), ..options(&[port]) }).unwrap();
        let error = web.get(&format!("http://rebound.example:{port}/")).await.unwrap_err();
        assert!(matches!(&error, PageError::Blocked { reason, .. } if reason.contains("leads astray")), "{error:?}");
        assert_eq!(names.lookups.load(Ordering::SeqCst), 1, "{answers:?}");
    }
    assert_eq!(server.arrived().len(), 0);
}

#[tokio::test]
async fn what_was_looked_up_is_what_is_connected_to() {
    let (server, port) = secret().await;
    // The second lookup would lead elsewhere; there is none.
    let names = HashMap::from([("wiki.example", vec![vec!["127.0.0.1"], vec!["10.0.0.1"]])]);
    let names = Arc::new(Names { names, ..Names::default() });
    let resolver: Arc<dyn Resolver> = names.clone();
    let allow = vec![format!("wiki.example:{port}")];
    let web = Web::new(WebOptions { resolver: Some(resolver), allow, ..options(&[]) }).unwrap();
    assert_eq!(web.get(&format!("http://wiki.example:{port}/")).await.unwrap().text, "the secret");
    assert_eq!((names.lookups.load(Ordering::SeqCst), server.arrived().len()), (1, 1));
}

#[tokio::test]
async fn the_service_is_told_no_name_that_leads_nearby() {
    let service = Loopback::by(|_, _| whole(200, "", "{}")).await;
    let names = HashMap::from([("rebound.example", vec![vec!["10.0.0.1"]])]);
    let resolver: Arc<dyn Resolver> = Arc::new(Names { names, ..Names::default() });
    let jina =
        Jina::new(JinaOptions { base: service.base(), resolver: Some(resolver), ..JinaOptions::default() }).unwrap();
    for (url, kind) in [("http://rebound.example/", "blocked"), ("http://unknown.example/", "transient")] {
        assert_eq!(jina.get(url).await.unwrap_err().kind(), kind, "{url}");
    }
    assert_eq!(service.arrived().len(), 0);
}

#[tokio::test]
async fn no_redirect_leads_astray() {
    let (server, port) = secret().await;
    let names = HashMap::from([("rebound.example", vec![vec!["127.0.0.1"]])]);
    let names = Arc::new(Names { names, ..Names::default() });
    let targets = [
        "http://127.0.0.1:PORT/",
        "//127.0.0.1:PORT/",
        "\\\\127.1:PORT\\",
        "http://2130706433:PORT/",
        "http://0x7f.1:PORT/",
        "http://localhost:PORT/",
        "http://[::1]:PORT/",
        "http://[::ffff:127.0.0.1]:PORT/",
        "http://rebound.example:PORT/",
        "http://user:pass@127.0.0.1:PORT/",
        "http://169.254.169.254/latest/meta-data/",
        "https://10.0.0.1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:PORT/",
        "data:text/plain,a",
    ];
    let mut asked = 0;
    for target in targets {
        let target = target.replace("PORT", &port.to_string());
        for (status, hops) in [(301, 0), (302, 0), (303, 0), (307, 0), (308, 0), (302, 3)] {
            let location = target.clone();
            let server = Loopback::by(move |number, _| match number {
                _ if number < hops => whole(302, &format!("location: /{number}\r\n"), ""),
                _ => whole(status, &format!("location: {location}\r\n"), "moved"),
            })
            .await;
            let resolver: Arc<dyn Resolver> = names.clone();
            let allow = vec![server.base().replace("http://", "")];
            let web = Web::new(WebOptions { allow, resolver: Some(resolver), ..options(&[port]) }).unwrap();
            let error = web.get(&server.base()).await.unwrap_err();
            assert!(is_refused(&error), "{status} to {target}: {error:?}");
            asked += server.arrived().len();
        }
    }
    assert_eq!(asked, targets.len() * (5 + 4));
    assert_eq!(server.arrived().len(), 0);
}

#[tokio::test]
async fn other_ways_to_lead_on_are_not_followed() {
    let (server, port) = secret().await;
    let html = format!("<meta http-equiv=refresh content='0; url=http://127.0.0.1:{port}/'><p>here");
    let away = format!(
        "refresh: 0; url=http://127.0.0.1:{port}/\r\nlink: <http://127.0.0.1:{port}/>; rel=preload\r\n\
        alt-svc: http/1.1=\"127.0.0.1:{port}\"\r\ncontent-location: http://127.0.0.1:{port}/\r\n"
    );
    let first = Loopback::by(move |_, _| whole(200, &format!("content-type: text/html\r\n{away}"), &html)).await;
    let allow = vec![first.base().replace("http://", "")];
    let web = Web::new(WebOptions { allow, ..options(&[port]) }).unwrap();
    for _ in 0..3 {
        assert_eq!(web.get(&first.base()).await.unwrap().text, "here");
    }
    assert_eq!((first.arrived().len(), server.arrived().len()), (3, 0));
}

#[tokio::test]
async fn robots_txt_leads_nowhere_either() {
    let (server, port) = secret().await;
    let first =
        Loopback::by(move |_, _| whole(302, &format!("location: http://127.0.0.1:{port}/robots.txt\r\n"), "")).await;
    let allow = vec![first.base().replace("http://", "")];
    let web = Web::new(WebOptions { allow, obey_robots: true, ..options(&[port]) }).unwrap();
    let error = web.get(&first.base()).await.unwrap_err();
    assert!(matches!(&error, PageError::Blocked { reason, .. } if reason.contains("robots.txt")), "{error:?}");
    assert_eq!((first.arrived().len(), server.arrived().len()), (1, 0));
}
