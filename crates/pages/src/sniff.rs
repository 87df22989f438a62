//! Finds out what bytes are: by what they are, then by what they are said to be, never by a name alone.

/// How much is looked at for bytes that no text has.
const HEAD: usize = 2_048;

/// What can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Html,
    Pdf,
    Json,
    Markdown,
    Plain,
}

/// What begins files that cannot be read, at which byte, and what they are.
const UNREADABLE: &[(usize, &[u8], &str)] = &[
    (0, b"\x89PNG", "a PNG image"),
    (0, b"\xff\xd8\xff", "a JPEG image"),
    (0, b"GIF8", "a GIF image"),
    (8, b"WEBP", "a WebP image"),
    (0, b"BM", "a BMP image"),
    (0, b"II*\0", "a TIFF image"),
    (0, b"MM\0*", "a TIFF image"),
    (0, b"\0\0\x01\0", "an icon"),
    (0, b"PK\x03\x04", "a ZIP archive, or a document, book or program in one"),
    (0, b"PK\x05\x06", "an empty ZIP archive"),
    (0, b"\x1f\x8b", "gzip data"),
    (0, b"BZh", "bzip2 data"),
    (0, b"\xfd7zXZ\0", "xz data"),
    (0, b"\x28\xb5\x2f\xfd", "zstd data"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"Rar!", "a RAR archive"),
    (257, b"ustar", "a tar archive"),
    (0, b"\x7fELF", "a program"),
    (0, b"MZ\x90", "a program"),
    (0, b"\xca\xfe\xba\xbe", "a program"),
    (0, b"\0asm", "a WebAssembly module"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old office document"),
    (0, b"{\\rtf", "an RTF document"),
    (0, b"%!PS", "a PostScript document"),
    (4, b"ftyp", "a film or sound"),
    (0, b"\x1a\x45\xdf\xa3", "a film"),
    (0, b"OggS", "a sound or film"),
    (0, b"ID3", "a sound"),
    (0, b"fLaC", "a sound"),
    (8, b"WAVE", "a sound"),
    (8, b"AVI ", "a film"),
    (0, b"wOFF", "a font"),
    (0, b"wOF2", "a font"),
    (0, b"SQLite format 3\0", "a SQLite database"),
    (0, b"PAR1", "a Parquet table"),
];

/// Tags that a page of HTML begins with.
const HTML: &[&str] = &[
    "!doctype html",
    "html",
    "head",
    "script",
    "iframe",
    "h1",
    "h2",
    "div",
    "font",
    "table",
    "a",
    "style",
    "title",
    "b",
    "body",
    "br",
    "p",
    "meta",
    "link",
    "main",
    "article",
    "section",
    "span",
    "ul",
    "ol",
    "base",
    "center",
    "header",
    "nav",
    "pre",
];

/// What bytes are; an error says what they are that cannot be read.
pub(crate) fn sniff(bytes: &[u8], content_type: Option<&str>, url: &str) -> Result<Kind, String> {
    let said = content_type.map(essence).unwrap_or_default();
    let start = skip_space(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    if start.is_empty() {
        return Err("it is empty".to_owned());
    }
    let head = &bytes[..bytes.len().min(HEAD)];
    if start.starts_with(b"%PDF-") || (said == "application/pdf" && find(head, b"%PDF-")) {
        return Ok(Kind::Pdf);
    }
    let magic = |entry: &&(usize, &[u8], &str)| bytes.get(entry.0..).is_some_and(|rest| rest.starts_with(entry.1));
    let wide = crate::charset::is_wide(bytes, content_type);
    let is_text = wide || !head.iter().any(|byte| matches!(byte, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f));
    if let Some(entry) = UNREADABLE.iter().find(magic).filter(|entry| !is_text || !is_word(entry.1)) {
        return Err(format!("it is {}", entry.2));
    }
    if !is_text {
        let called = if said.is_empty() { String::new() } else { format!(", said to be {said}") };
        return Err(format!("it is no text{called}"));
    }
    let narrow: Vec<u8>;
    let start = if wide {
        narrow = head.iter().copied().filter(|byte| *byte != 0 && byte.is_ascii()).collect();
        skip_space(&narrow)
    } else {
        start
    };
    sniff_text(start, &said, url)
}

fn sniff_text(start: &[u8], said: &str, url: &str) -> Result<Kind, String> {
    match tag(start) {
        Tag::Html => return Ok(Kind::Html),
        Tag::Xml(root) => {
            return match said {
                "text/html" | "application/xhtml+xml" => Ok(Kind::Html),
                "text/plain" | "text/markdown" => Ok(Kind::Plain),
                _ => Err(format!("it is XML that is no page; its root is <{root}>")),
            };
        }
        Tag::None => {}
    }
    let path = url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    Ok(match said {
        "text/html" | "application/xhtml+xml" => Kind::Html,
        "text/markdown" | "text/x-markdown" => Kind::Markdown,
        // A name may say which kind of text a text is, never that it is one.
        _ if path.ends_with(".md") || path.ends_with(".markdown") => Kind::Markdown,
        _ if is_json(said) || matches!(start.first(), Some(b'{' | b'[')) => Kind::Json,
        _ => Kind::Plain,
    })
}

fn is_json(said: &str) -> bool {
    said == "application/json" || said == "text/json" || said.ends_with("+json")
}

/// Whether what begins a file could also begin a text.
fn is_word(magic: &[u8]) -> bool {
    magic.len() < 4 && magic.iter().all(u8::is_ascii_alphanumeric)
        || matches!(magic, b"ftyp" | b"WEBP" | b"WAVE" | b"AVI " | b"PAR1" | b"wOFF" | b"wOF2" | b"OggS" | b"fLaC")
}

enum Tag {
    None,
    Html,
    /// The name of the first element of another kind of XML.
    Xml(String),
}

/// What the first tag of a text makes it, after declarations and comments.
fn tag(mut text: &[u8]) -> Tag {
    let mut declared = false;
    loop {
        text = skip_space(text);
        let Some(rest) = text.strip_prefix(b"<") else { return Tag::None };
        if HTML.iter().any(|tag| starts_with_tag(rest, tag)) {
            return Tag::Html;
        }
        let end: &[u8] = match rest {
            _ if rest.starts_with(b"!--") => b"-->",
            _ if rest.starts_with(b"?") => b"?>",
            _ if rest.starts_with(b"!") => b">",
            _ => {
                let name: String = rest
                    .iter()
                    .take(40)
                    .take_while(|byte| byte.is_ascii_alphanumeric() || b":_-.".contains(byte))
                    .map(|&byte| char::from(byte))
                    .collect();
                let xml = declared || matches!(name.as_str(), "rss" | "feed" | "svg" | "urlset" | "sitemapindex");
                return if xml && !name.is_empty() { Tag::Xml(name) } else { Tag::None };
            }
        };
        declared |= rest.starts_with(b"?xml") || rest.starts_with(b"!DOCTYPE") || rest.starts_with(b"!doctype");
        let Some(at) = rest.windows(end.len()).position(|window| window == end) else { return Tag::None };
        text = &rest[at + end.len()..];
    }
}

fn starts_with_tag(text: &[u8], tag: &str) -> bool {
    text.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag.as_bytes()))
        && text.get(tag.len()).is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'))
}

/// The kind of a content without its parameters, in lower case.
fn essence(content_type: &str) -> String {
    content_type.split([';', ',']).next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn skip_space(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(bytes.len());
    &bytes[start..]
}

fn find(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_content_then_by_type() {
        let html = Some("text/html; charset=utf-8");
        check(b"<!DOCTYPE html><p>a", None, Ok(Kind::Html));
        check(b"  <!-- note --> <HTML lang=en>", Some("text/plain"), Ok(Kind::Html));
        check(b"<?xml version='1.0'?><!DOCTYPE html PUBLIC 'x'><html>", None, Ok(Kind::Html));
        check(b"\xff\xfe<\0p\0>\0a\0", None, Ok(Kind::Html));
        check(b"no tag at all", html, Ok(Kind::Html));
        check(b"<custom-element>text", html, Ok(Kind::Html));
        check(b"%PDF-1.7\n%\xe2\xe3", None, Ok(Kind::Pdf));
        check(b"%PDF-1.7\n%\xe2\xe3", html, Ok(Kind::Pdf));
        check(b"\nleading junk %PDF-1.4", Some("application/pdf"), Ok(Kind::Pdf));
        check(b"of %PDF-1.4 this text speaks", Some("text/plain"), Ok(Kind::Plain));
        check(b"{\"a\": 1}", None, Ok(Kind::Json));
        check(b"12", Some("application/ld+json"), Ok(Kind::Json));
        check(b"# Karlin", Some("text/markdown"), Ok(Kind::Markdown));
        check(b"# Karlin", None, Ok(Kind::Plain));
        check(b"BMW makes cars, ID3 is a tag", Some("text/plain"), Ok(Kind::Plain));
        check(b"name,height\nmill,12", Some("application/octet-stream"), Ok(Kind::Plain));
        check(b"a < b", None, Ok(Kind::Plain));
        check(b"", html, Err("it is empty"));
        check(b"  \n", None, Err("it is empty"));
        check(b"\x89PNG\r\n\x1a\n\0", html, Err("it is a PNG image"));
        check(b"PK\x03\x04\x14\0", None, Err("it is a ZIP archive, or a document, book or program in one"));
        check(b"RIFF\0\0\0\0WAVE", None, Err("it is a sound"));
        check(b"\0\0\0\x18ftypmp42", None, Err("it is a film or sound"));
        check(b"a\0b", Some("image/x-thing"), Err("it is no text, said to be image/x-thing"));
        check(b"\x01\x02", None, Err("it is no text"));
        check(b"<?xml version='1.0'?><rss version='2.0'>", None, Err("it is XML that is no page; its root is <rss>"));
        check(b"<svg xmlns='x'>", Some("image/svg+xml"), Err("it is XML that is no page; its root is <svg>"));
    }

    #[test]
    fn a_name_only_says_which_kind_of_text_a_text_is() {
        assert_eq!(sniff(b"# Karlin", None, "https://karlin.example/README.md?raw=1"), Ok(Kind::Markdown));
        assert_eq!(sniff(b"<!doctype html>", None, "https://karlin.example/a.pdf"), Ok(Kind::Html));
        assert_eq!(sniff(b"\0\x01", None, "https://karlin.example/a.html"), Err("it is no text".to_owned()));
    }

    fn check(bytes: &[u8], content_type: Option<&str>, expected: Result<Kind, &str>) {
        let found = sniff(bytes, content_type, "https://karlin.example/");
        assert_eq!(found, expected.map_err(str::to_owned), "{content_type:?} {}", String::from_utf8_lossy(bytes));
    }
}
