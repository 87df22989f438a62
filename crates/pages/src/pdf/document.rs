//! Gets the text out of a document, page by page.

use std::time::{Duration, Instant};

use pdf_oxide::PdfDocument;
use pdf_oxide::object::Object;

use super::{Contents, Failure, PdfOptions, Read};

/// How many pages without a letter are looked at before the file is taken to hold images alone.
const BLANK_PAGES: usize = 50;

/// How deep arrays and dictionaries may seem to be nested: the parser needs stack for each. Bytes that are packed look
/// as if they were nested a little.
const DEEPEST: usize = 20_000;

/// The text of a file, as far as the limits let it.
pub(super) fn read(bytes: &[u8], options: &PdfOptions, begun: Instant) -> Read {
    if !is_shallow(bytes) {
        return Err(Failure::unreadable("it is a PDF file that is nested too deep"));
    }
    let broken = |error: pdf_oxide::Error| Failure::unreadable(format!("it is a PDF file that is broken: {error}"));
    let document = PdfDocument::from_bytes(bytes.to_vec()).map_err(broken)?;
    if document.is_encrypted() && !document.authenticate(b"").unwrap_or(false) {
        return Err(Failure::unreadable("it is a PDF file that is encrypted; it needs a password"));
    }
    let pages = document.page_count().map_err(broken)?;
    if pages == 0 {
        return Err(Failure::unreadable("it is a PDF file without pages"));
    }
    let mut contents = about(&document);
    let mut failed = None;
    for page in 0..pages {
        if page >= BLANK_PAGES && contents.text.is_empty() {
            break;
        }
        if let Some(limit) = reached(page, contents.text.len(), options, begun) {
            if !contents.text.is_empty() {
                contents.text.push_str(&format!("\n\n[The text ends here, after page {page} of {pages}: {limit}.]"));
            }
            break;
        }
        match document.extract_text(page) {
            Ok(text) => push_page(&mut contents.text, &text),
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    if contents.text.is_empty() {
        return Err(match failed {
            Some(error) => broken(error),
            None if begun.elapsed() >= almost(options.time) => Failure::Timeout,
            None => Failure::unreadable("it is a PDF file without text: its pages are images, or empty"),
        });
    }
    Ok(contents)
}

/// Whether brackets do not seem to be nested too deep.
fn is_shallow(bytes: &[u8]) -> bool {
    let (mut depth, mut last) = (0_usize, 0);
    for &byte in bytes {
        match (last, byte) {
            (_, b'[') | (b'<', b'<') => depth += 1,
            (_, b']') | (b'>', b'>') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return false;
        }
        last = if last == byte && matches!(byte, b'<' | b'>') { 0 } else { byte };
    }
    true
}

/// Which limit is reached before a page.
fn reached(page: usize, length: usize, options: &PdfOptions, begun: Instant) -> Option<&'static str> {
    if page >= options.pages {
        Some("no more pages are read")
    } else if length >= options.text {
        Some("no more text is read")
    } else if begun.elapsed() >= almost(options.time) {
        Some("reading took too long")
    } else {
        None
    }
}

/// A page is not begun at the last moment, so that what was read is handed on in time.
fn almost(time: Duration) -> Duration {
    time.mul_f64(0.9)
}

/// Adds the text of a page, with its lines trimmed and at most one of them empty in a row.
fn push_page(all: &mut String, text: &str) {
    let mut empty = !all.is_empty();
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() {
            empty = true;
            continue;
        }
        if !all.is_empty() {
            all.push_str(if std::mem::take(&mut empty) { "\n\n" } else { "\n" });
        }
        empty = false;
        all.extend(line.chars().filter(|char| !char.is_control() || *char == '\t'));
    }
}

/// What a document says of itself.
fn about(document: &PdfDocument) -> Contents {
    let load = |object: &Object| match object.as_reference() {
        Some(reference) => document.load_object(reference).ok(),
        None => Some(object.clone()),
    };
    let info = document.trailer().as_dict().and_then(|trailer| load(trailer.get("Info")?));
    let field = |name: &str| {
        let object = load(info.as_ref()?.as_dict()?.get(name)?)?;
        object.as_string().map(string).filter(|text| !text.is_empty())
    };
    let language = document.catalog().ok().and_then(|catalog| {
        let object = load(catalog.as_dict()?.get("Lang")?)?;
        object.as_string().map(string).filter(|text| !text.is_empty() && text.len() <= 35)
    });
    Contents {
        title: field("Title").unwrap_or_default(),
        date: field("CreationDate").or_else(|| field("ModDate")).map(|date| day(&date)),
        language,
        text: String::new(),
    }
}

/// A string: in UTF-16 or UTF-8 where a mark says so, else in an encoding that is close to Latin 1.
fn string(bytes: &[u8]) -> String {
    let text = match encoding_rs::Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding.decode(bytes).0.into_owned(),
        None => bytes.iter().map(|&byte| char::from(byte)).collect(),
    };
    text.chars().filter(|char| !char.is_control()).take(500).collect::<String>().trim().to_owned()
}

/// The day of a date like `D:20240301120000Z`; others stay as they are.
fn day(date: &str) -> String {
    let digits = date.trim_start_matches("D:");
    match (digits.get(..4), digits.get(4..6), digits.get(6..8)) {
        (Some(year), Some(month), Some(day)) if digits[..8].bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{year}-{month}-{day}")
        }
        _ => date.to_owned(),
    }
}
