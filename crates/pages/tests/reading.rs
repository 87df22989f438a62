//! Whether bytes become the page that they are.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use offseeker_pages::{Hints, PageError, Reader, read};
use proptest::prelude::*;

const URL: &str = "https://karlin.example/mill";

#[test]
fn each_kind_is_read_as_what_it_is() {
    check(b"<title>Mill</title><p>a<p>b", None, ("Mill", "a\n\nb"));
    check(b"<p>a", Some("text/plain"), ("", "a"));
    check(b"a\r\n b\r", Some("text/plain"), ("", "a\n b"));
    check(b"a\r\n b\r", Some("text/html"), ("", "a b"));
    check(b"# Mill\n\n[a](b)", Some("text/markdown"), ("Mill", "# Mill\n\na"));
    check(b"# Mill\n\n[a](b)", None, ("", "# Mill\n\n[a](b)"));
    check(b"{\"a\":[1]}", Some("application/json; charset=utf-8"), ("", "{\n  \"a\": [\n    1\n  ]\n}"));
    check(b"{\"a\":1}\n{\"b\":2}\n", None, ("", "{\"a\":1}\n{\"b\":2}"));
    check(b"<meta charset=koi8-r><title>\xf2</title>\xf2", Some("text/html"), ("Р", "Р"));
    check(b"\xff\xfe<\0p\0>\0\x2d\x4e", None, ("", "中"));
    let xhtml = b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><head><title>t</title></head><body><p>a</p></body></html>";
    check(xhtml, Some("application/xhtml+xml"), ("t", "a"));
}

#[test]
fn what_cannot_be_read_is_said() {
    fails(b"", None, "it is empty");
    fails(b"\x89PNG\r\n\x1a\n", Some("text/html"), "it is a PNG image");
    fails(b"<?xml version='1.0'?><rss>", None, "its root is <rss>");
    fails(b"<title>Mill</title><script>show()</script><div></div>", None, "it is a page without text");
    fails(b"~{", Some("text/plain; charset=hz-gb-2312"), "its charset hz-gb-2312 is not read");
    fails(&[b'a'; 101], None, "it has 101 bytes, more than the 100 that are read");
    #[cfg(not(feature = "pdf"))]
    fails(b"%PDF-1.7", None, "built without the feature `pdf`");
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300), kind in 0_usize..4) {
        let kinds = ["text/html", "text/markdown", "application/json", "text/plain; charset=gb18030"];
        let _ = read(&bytes, &Hints::new(URL).content_type(kinds[kind]));
    }

    #[test]
    fn any_tags_are_read(html in "(<(/?)(p|b|a href=x|table|tr|td|ul|li|pre|code|sup|h1|blockquote|svg|math|select|template|br)>|x| |\n){0,60}") {
        let page = read(format!("<!doctype html>{html}.").as_bytes(), &Hints::new(URL));
        // What is within a drawing or a list of choices is not read.
        let silent = html.contains("<select") || html.contains("<svg") || html.contains("<template");
        prop_assert!(page.is_ok() || silent);
        let Ok(page) = page else { return Ok(()) };
        prop_assert_eq!(page.text.trim(), page.text.as_str());
        prop_assert!(page.links.iter().all(|link| link.url == "https://karlin.example/x" && !link.text.is_empty()));
    }
}

fn hints(content_type: Option<&str>) -> Hints {
    Hints { url: URL.to_owned(), content_type: content_type.map(str::to_owned) }
}

fn check(bytes: &[u8], content_type: Option<&str>, expected: (&str, &str)) {
    let page = read(bytes, &hints(content_type)).unwrap();
    assert_eq!((page.title.as_str(), page.text.as_str()), expected, "{content_type:?}");
    assert_eq!(page.url, URL);
}

fn fails(bytes: &[u8], content_type: Option<&str>, expected: &str) {
    let reader = Reader { largest: 100, ..Reader::default() };
    let error = reader.read(bytes, &hints(content_type)).unwrap_err();
    assert!(
        matches!(&error, PageError::Unreadable { url, reason } if url == URL && reason.contains(expected)),
        "{error:?}"
    );
}
