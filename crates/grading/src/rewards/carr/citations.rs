//! The places that an answer cites.

use super::bare;

/// How many cited places count: the first so many of those that the attempt saw.
pub const CITED_AT_MOST: usize = 20;

/// The longest address that is read.
const LONGEST: usize = 2048;

/// The places that an answer cites, each once, in the order in which they are first cited.
///
/// A citation is a number in brackets with an address behind it, within or at the end of a list in brackets:
/// `[[1](https://a.example),[2](https://b.example)]`. So an address ends at the first `)` that is followed by `]` or by a
/// comma. `view-source:` and the address of a reading service in front of an address do not belong to it.
///
/// ```
/// use offseeker_grading::rewards::carr::citations;
///
/// let answer = "It is the Orsa [[1](https://a.example/x_(y)),[2](view-source:https://r.jina.ai/http://b.example)].";
/// assert_eq!(citations(answer), ["https://a.example/x_(y)", "http://b.example"]);
/// ```
#[must_use]
pub fn citations(answer: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut rest = answer;
    while let Some(at) = rest.find('[') {
        rest = &rest[at + 1..];
        let Some((address, after)) = citation(rest) else { continue };
        rest = after;
        let address = bare(address);
        if !found.iter().any(|known| known == address) {
            found.push(address.to_owned());
        }
    }
    found
}

/// The address of a citation whose first bracket has been passed, and what comes after it.
fn citation(text: &str) -> Option<(&str, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let text = text[digits..].strip_prefix("](").filter(|_| digits > 0)?;
    let text = text.strip_prefix("view-source:").unwrap_or(text);
    let scheme = ["https://", "http://"].into_iter().find(|scheme| text.starts_with(scheme))?;
    let most = text.floor_char_boundary(LONGEST);
    for (at, byte) in text[..most].bytes().enumerate().skip(scheme.len() + 1) {
        match byte {
            b'\n' => return None,
            b')' if matches!(text.as_bytes().get(at + 1), Some(b']' | b',')) => {
                return Some((&text[..at], &text[at + 2..]));
            }
            _ => {}
        }
    }
    None
}

/// An answer without its list of references, which names places without saying what for.
#[must_use]
pub fn without_references(answer: &str) -> String {
    let mut kept = Vec::new();
    let mut within = false;
    for line in answer.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            within = heading.trim().eq_ignore_ascii_case("references");
        }
        if !within {
            kept.push(line);
        }
    }
    kept.join("\n")
}
