//! Reads the text between the tags of a document that is too wild for a tree.

/// Elements before and after which a new line begins.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "dd",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "td",
    "th",
    "title",
    "tr",
    "ul",
];

/// Elements whose content is not text.
const RAW: &[&str] = &["script", "style", "noscript", "template", "iframe", "svg"];

/// Named characters that are common; others stay as they are written.
const NAMED: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("ndash", '–'),
    ("mdash", '—'),
    ("hellip", '…'),
];

/// The text of a piece of HTML, such as a snippet with its words marked, on one line.
///
/// ```
/// use offseeker_pages::plain;
///
/// assert_eq!(plain("the <b>Karlin</b> mill&#x27;s wheel &amp; the Orsa"), "the Karlin mill's wheel & the Orsa");
/// ```
#[must_use]
pub fn plain(html: &str) -> String {
    text_between_tags(html).replace('\n', " ")
}

/// The text between the tags, a line for each block, in linear time and without a tree.
pub(crate) fn text_between_tags(html: &str) -> String {
    let mut text = String::with_capacity(html.len() / 2);
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        push_text(&mut text, &rest[..open]);
        rest = &rest[open..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let name = rest[1..].trim_start_matches('/');
        let name = &name[..name.find(|char: char| !char.is_ascii_alphanumeric()).unwrap_or(name.len())];
        if name.is_empty() && !rest.starts_with("<!") && !rest.starts_with("<?") {
            push_text(&mut text, "<");
            rest = &rest[1..];
            continue;
        }
        let opens = !rest.starts_with("</");
        rest = rest.find('>').map_or("", |end| &rest[end + 1..]);
        let is = |names: &[&str]| names.iter().any(|known| name.eq_ignore_ascii_case(known));
        if opens && is(RAW) {
            rest = &rest[length_of_raw(rest, name.as_bytes())..];
        } else if is(BLOCKS) {
            end_line(&mut text);
        }
    }
    push_text(&mut text, rest);
    text.truncate(text.trim_end().len());
    text
}

/// How much of a text belongs to a script or the like that has just begun: up to its end tag, or all of it.
pub(crate) fn length_of_raw(text: &str, name: &[u8]) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(found) = text[at..].find("</") {
        at += found + 2;
        if bytes[at..].get(..name.len()).is_some_and(|end| end.eq_ignore_ascii_case(name)) {
            return at - 2;
        }
    }
    text.len()
}

fn end_line(text: &mut String) {
    text.truncate(text.trim_end_matches(' ').len());
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}

/// Adds a text with its white space collapsed and its common named characters read.
fn push_text(text: &mut String, mut piece: &str) {
    while let Some(mark) = piece.find('&') {
        push_collapsed(text, &piece[..mark]);
        piece = &piece[mark..];
        let (char, length) = named(piece).unwrap_or(('&', 1));
        push_collapsed(text, char.encode_utf8(&mut [0; 4]));
        piece = &piece[length..];
    }
    push_collapsed(text, piece);
}

fn push_collapsed(text: &mut String, piece: &str) {
    for char in piece.chars() {
        if !char.is_whitespace() {
            text.push(char);
        } else if !text.is_empty() && !text.ends_with([' ', '\n']) {
            text.push(' ');
        }
    }
}

/// The character that a text begins with by its name or number, and how long that is.
fn named(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(12).position(|byte| byte == b';')?;
    let name = &text[1..end];
    let char = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?).filter(|char| !char.is_control())?
        }
        None => NAMED.iter().find(|(known, _)| *known == name)?.1,
    };
    Some((char, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_between_tags() {
        check("", "");
        check("a  b\n c", "a b c");
        check("<p>a</p><p>b <b>c</b></p>", "a\nb c");
        check("<title>t</title><script>if (a < b) {}</SCRIPT >x<style>y", "t\nx");
        check("a<!-- b <p> -->c<!-- d", "ac");
        check("1 < 2 &amp;&lt;&#65;&#x42;&nbsp;&unknown;&#0;&", "1 < 2 &<AB &unknown;&#0;&");
        check("<a href='>'>", "'>");
        check("&é;", "&é;");
        check("<", "<");
    }

    fn check(html: &str, expected: &str) {
        assert_eq!(text_between_tags(html), expected, "{html:?}");
    }
}
