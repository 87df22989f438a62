//! The claims of an answer, with the ids of what they cite.

/// A claim of an answer, with the ids of what it cites; none where it cites nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What is claimed.
    pub text: String,
    /// What it cites.
    pub ids: Vec<String>,
}

/// The claims of an answer: what stands between `<cite id=..>` and `</cite>`, and each sentence outside of that.
///
/// ```
/// use offseeker_grading::rewards::rler::claims;
///
/// let claims = claims("Mills are old. <cite id=\"a1, b2\">The Karlin mill stands on the Orsa.</cite>");
/// assert_eq!(claims[0].text, "Mills are old.");
/// assert_eq!(claims[1].ids, ["a1", "b2"]);
/// ```
#[must_use]
pub fn claims(answer: &str) -> Vec<Claim> {
    let mut found = Vec::new();
    let mut rest = answer;
    while let Some(at) = rest.find("<cite ") {
        found.extend(sentences(&rest[..at]));
        let tag = &rest[at + "<cite ".len()..];
        let Some((attributes, inner)) = tag.split_once('>') else {
            rest = "";
            break;
        };
        let end = inner.find("</cite>").unwrap_or(inner.len());
        let text = inner[..end].trim();
        if !text.is_empty() {
            found.push(Claim { text: text.to_owned(), ids: ids_of(attributes) });
        }
        rest = inner[end..].strip_prefix("</cite>").unwrap_or_default();
    }
    found.extend(sentences(rest));
    found
}

/// The ids in the attributes of a tag: `id="a, b"`, `id=a`.
pub(super) fn ids_of(attributes: &str) -> Vec<String> {
    let Some((_, value)) = attributes.split_once("id=") else { return Vec::new() };
    let value = match value.chars().next() {
        Some(quote @ ('"' | '\'')) => value[1..].split(quote).next().unwrap_or_default(),
        _ => value.split('>').next().unwrap_or_default(),
    };
    let ids = value.split(|c: char| c == ',' || c == ';' || c.is_whitespace()).map(str::trim);
    let mut found: Vec<String> = Vec::new();
    for id in ids.filter(|id| !id.is_empty()) {
        if !found.iter().any(|known| known == id) {
            found.push(id.to_owned());
        }
    }
    found
}

fn sentences(text: &str) -> Vec<Claim> {
    let mut found = Vec::new();
    let mut begin = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let ends = match c {
            '.' | '!' | '?' => next.is_none_or(char::is_whitespace),
            '。' | '！' | '？' | '\n' => true,
            _ => false,
        };
        if ends {
            found.push(&text[begin..at + c.len_utf8()]);
            begin = at + c.len_utf8();
        }
    }
    found.push(&text[begin..]);
    let said = found.into_iter().map(str::trim).filter(|sentence| sentence.chars().any(char::is_alphanumeric));
    said.map(|sentence| Claim { text: sentence.to_owned(), ids: Vec::new() }).collect()
}
