//! Finds out in which characters a text was written, and reads them.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

/// How far into a page its charset is looked for.
const HEAD: usize = 4_096;

/// How much of a text is looked at to guess its charset.
const GUESSED: usize = 256 * 1024;

/// Reads a text: as its byte order mark says, else as the header of the answer does, else as the page itself does, else
/// as UTF-8 if it is, else as it looks.
///
/// What cannot be read becomes U+FFFD. Fails with the name of a charset that must not be read because it hides text.
pub(crate) fn decode<'a>(bytes: &'a [u8], content_type: Option<&str>, is_html: bool) -> Result<Cow<'a, str>, String> {
    let encoding = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None => named(bytes, content_type, is_html)?.unwrap_or_else(|| guessed(bytes)),
    };
    Ok(encoding.decode(bytes).0)
}

/// Whether a text in a charset of two bytes a character is announced, so that nought bytes belong to it.
pub(crate) fn is_wide(bytes: &[u8], content_type: Option<&str>) -> bool {
    let announced =
        content_type.and_then(|kind| parameter(kind)).and_then(|label| Encoding::for_label(label.as_bytes()));
    let encoding = Encoding::for_bom(bytes).map(|(encoding, _)| encoding).or(announced);
    encoding.is_some_and(|encoding| encoding == UTF_16LE || encoding == UTF_16BE)
}

fn named(bytes: &[u8], content_type: Option<&str>, is_html: bool) -> Result<Option<&'static Encoding>, String> {
    let header = content_type.and_then(parameter).map(str::to_owned);
    let inside = if is_html { in_head(&bytes[..bytes.len().min(HEAD)]) } else { None };
    let from_header = header.as_deref().and_then(|label| Encoding::for_label(label.as_bytes()));
    // A page that can say that it is in UTF-16 is not; windows-1252 is what x-user-defined stands for in a page.
    let from_page =
        inside.as_deref().and_then(|label| Encoding::for_label(label.as_bytes())).map(|encoding| match encoding {
            _ if encoding == UTF_16LE || encoding == UTF_16BE => UTF_8,
            _ if encoding == X_USER_DEFINED => WINDOWS_1252,
            _ => encoding,
        });
    match from_header.or(from_page) {
        Some(encoding) if encoding == REPLACEMENT => Err(header.or(inside).unwrap_or_default()),
        found => Ok(found),
    }
}

/// What follows `charset=` in the type of a content.
fn parameter(content_type: &str) -> Option<&str> {
    let mut parameters = content_type.split(';').skip(1);
    let value = parameters.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim())
    })?;
    Some(value.trim_matches(['"', '\'']).trim())
}

/// What a `<meta>` or an XML declaration says of the charset.
fn in_head(head: &[u8]) -> Option<String> {
    let head: String = head.iter().map(|&byte| char::from(byte).to_ascii_lowercase()).collect();
    if let Some(declaration) = head.trim_start().strip_prefix("<?xml") {
        let declaration = declaration.split("?>").next()?;
        if let Some((_, after)) = declaration.split_once("encoding") {
            return value(after);
        }
    }
    let mut rest = head.as_str();
    while let Some(at) = rest.find("<meta") {
        let tag = &rest[at + 5..];
        let end = tag.find('>').unwrap_or(tag.len());
        if let Some((_, after)) = tag[..end].split_once("charset")
            && let Some(label) = value(after)
        {
            return Some(label);
        }
        rest = &tag[end..];
    }
    None
}

/// The value after an equals sign, quoted or not.
fn value(text: &str) -> Option<String> {
    let text = text.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
    let end = text.find(|char: char| char.is_whitespace() || "\"'>;/?".contains(char)).unwrap_or(text.len());
    (end > 0).then(|| text[..end].to_owned())
}

fn guessed(bytes: &[u8]) -> &'static Encoding {
    // Only a charset that shifts between alphabets has a use for the escape character.
    if !bytes.contains(&0x1b) && std::str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(&bytes[..bytes.len().min(GUESSED)], bytes.len() <= GUESSED);
    detector.guess(None, Utf8Detection::Allow)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KARLIN: &str = "Über die Mühle von Karlin schrieb man häufig: schön, größer, früher.";

    #[test]
    fn texts_are_read_in_their_charset() {
        let latin: Vec<u8> = WINDOWS_1252.encode(KARLIN).0.into_owned();
        check(KARLIN.as_bytes(), None, false, KARLIN);
        check(&latin, None, false, KARLIN);
        check(&latin, Some("text/plain; charset=\"ISO-8859-1\""), false, KARLIN);
        check(b"\xef\xbb\xbf\xc3\xa4", Some("text/plain; charset=latin1"), false, "ä");
        check(b"\xff\xfea\0\xe4\0", None, false, "aä");
        check(b"\xfe\xff\0a\0\xe4", Some("text/plain;charset=utf-8"), false, "aä");
        check(b"a\0\xe4\0", Some("text/plain; Charset=utf-16le"), false, "aä");
        check(b"<meta charset=windows-1251>\xd0\xd3", None, true, "<meta charset=windows-1251>РУ");
        check(
            b"<meta charset=windows-1251>\xc3\xa4",
            Some("text/html; charset=utf-8"),
            true,
            "<meta charset=windows-1251>ä",
        );
        check(
            b"<META content='text/html; CharSet=koi8-r'>\xf2",
            None,
            true,
            "<META content='text/html; CharSet=koi8-r'>Р",
        );
        check(
            b"<?xml version='1.0' encoding='shift_jis'?>\x83J",
            None,
            true,
            "<?xml version='1.0' encoding='shift_jis'?>カ",
        );
        check(b"<meta charset=utf-16>\xc3\xa4", None, true, "<meta charset=utf-16>ä");
        check(b"<meta charset=nonsense>\xc3\xa4", None, true, "<meta charset=nonsense>ä");
        check(b"<meta charset>\xc3\xa4<meta charset=", None, true, "<meta charset>ä<meta charset=");
        check(b"a\xffb", Some("text/plain; charset=utf-8"), false, "a\u{fffd}b");
        let japanese = "カルリンの水車小屋は川のほとりに立っている。";
        for encoding in [encoding_rs::SHIFT_JIS, encoding_rs::EUC_JP, encoding_rs::ISO_2022_JP] {
            check(&encoding.encode(japanese).0, None, false, japanese);
        }
        let chinese = "卡林磨坊位于奥尔萨河畔，建于十七世纪，至今仍在运转。";
        for encoding in [encoding_rs::GB18030, encoding_rs::BIG5] {
            let chinese = if encoding == encoding_rs::BIG5 {
                "卡林磨坊位於奧爾薩河畔，建於十七世紀，至今仍在運轉。"
            } else {
                chinese
            };
            check(&encoding.encode(chinese).0, None, false, chinese);
        }
    }

    #[test]
    fn a_charset_that_hides_text_is_refused() {
        assert_eq!(decode(b"~{<:", Some("text/html; charset=hz-gb-2312"), true), Err("hz-gb-2312".to_owned()));
    }

    fn check(bytes: &[u8], content_type: Option<&str>, is_html: bool, expected: &str) {
        assert_eq!(decode(bytes, content_type, is_html).unwrap(), expected, "{content_type:?} {bytes:?}");
    }
}
