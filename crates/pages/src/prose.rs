//! Reads texts that were written to be read as they are: plain ones and Markdown.

use url::Url;

use crate::html::absolute;
use crate::{Link, Page};

/// The longest words of a link and the longest address; what is longer is no link.
const LONGEST: usize = 2_048;

/// How deep round brackets may be nested in an address.
const DEEPEST: usize = 8;

/// A plain text as it is, with its lines ended in one way.
pub(crate) fn plain(text: &str, url: &str) -> Page {
    Page::new(url, "", tidy(text))
}

/// A text in Markdown: its links without their addresses, its title and date where it names them.
pub(crate) fn markdown(text: &str, url: &str) -> Page {
    let text = tidy(text);
    let (front, body) = front_matter(&text);
    let field = |name: &str| {
        let mut lines = front.lines().filter_map(|line| line.split_once(':'));
        let (_, value) = lines.find(|(key, _)| key.trim().eq_ignore_ascii_case(name))?;
        Some(value.trim().trim_matches(['"', '\'']).to_owned()).filter(|value| !value.is_empty())
    };
    let (text, links) = without_addresses(body, Url::parse(url).ok().as_ref());
    let heading = || text.lines().find_map(|line| line.strip_prefix("# ")).map(|line| line.trim().to_owned());
    Page {
        url: url.to_owned(),
        title: field("title").or_else(heading).unwrap_or_default(),
        date: field("date"),
        language: field("lang").or_else(|| field("language")),
        text,
        links,
    }
}

fn tidy(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.trim_start_matches(['\u{feff}', '\n']).trim_end().to_owned()
}

/// The lines between two rules at the very beginning, and what comes after them.
fn front_matter(text: &str) -> (&str, &str) {
    let split = || {
        let rest = text.strip_prefix("---\n")?;
        let (front, body) = rest.split_once("\n---")?;
        let body = body.strip_prefix('\n').or_else(|| body.is_empty().then_some(""))?;
        Some((front, body.trim_start_matches('\n')))
    };
    split().unwrap_or(("", text))
}

/// A text in Markdown without the addresses of its links and without its images, and where its links lead.
///
/// Blocks of code stay as they are.
fn without_addresses(text: &str, base: Option<&Url>) -> (String, Vec<Link>) {
    let mut out = String::with_capacity(text.len());
    let mut links = Vec::new();
    let mut fence: Option<&str> = None;
    for line in text.split_inclusive('\n') {
        let mark = ["```", "~~~"].into_iter().find(|mark| line.trim_start().starts_with(mark));
        match (fence, mark) {
            (Some(open), Some(mark)) if open == mark => fence = None,
            (None, Some(mark)) => fence = Some(mark),
            (None, None) => {
                push_line(&mut out, line, base, &mut links);
                continue;
            }
            _ => {}
        }
        out.push_str(line);
    }
    (out, links)
}

fn push_line(out: &mut String, line: &str, base: Option<&Url>, links: &mut Vec<Link>) {
    // Where the brackets that are open began in what is written, and whether an image begins there.
    let mut open: Vec<(usize, bool)> = Vec::new();
    let mut rest = line;
    while let Some(at) = rest.find(['[', ']', '`', '\\']) {
        out.push_str(&rest[..at]);
        let mark = rest.as_bytes()[at];
        rest = &rest[at + 1..];
        match mark {
            b'[' => {
                open.push((out.len(), out.ends_with('!')));
                out.push('[');
            }
            b']' => {
                let linked = open.pop().filter(|(from, _)| out.len() - from <= LONGEST).zip(address(rest));
                let Some(((from, image), (href, length))) = linked else {
                    out.push(']');
                    continue;
                };
                rest = &rest[length..];
                let words = out.split_off(from);
                if image {
                    out.pop();
                    continue;
                }
                out.push_str(&words[1..]);
                let words = words[1..].split_whitespace().collect::<Vec<_>>().join(" ");
                if let Some(url) = absolute(href, base).filter(|_| !words.is_empty()) {
                    links.push(Link { text: words, url });
                }
            }
            b'`' => {
                let code = rest.find('`').map_or(0, |end| end + 1);
                out.push('`');
                out.push_str(&rest[..code]);
                rest = &rest[code..];
            }
            _ => {
                let next = rest.chars().next().map_or(0, char::len_utf8);
                out.push('\\');
                out.push_str(&rest[..next]);
                rest = &rest[next..];
            }
        }
    }
    out.push_str(rest);
}

/// The address in round brackets at the start of a text, and how much of the text it takes.
fn address(text: &str) -> Option<(&str, usize)> {
    let inside = text.strip_prefix('(')?;
    let mut depth = 0_usize;
    for (at, char) in inside.char_indices().take(LONGEST) {
        match char {
            '(' if depth == DEEPEST => return None,
            '(' => depth += 1,
            ')' if depth > 0 => depth -= 1,
            ')' => {
                let address = inside[..at].split_whitespace().next().unwrap_or_default();
                return Some((address.trim_start_matches('<').trim_end_matches('>'), at + 2));
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lose_their_addresses() {
        check("See [the mill](/mill) now.", "See the mill now.", &[("the mill", "https://karlin.example/mill")]);
        check("[a](b_(c) \"title\")!", "a!", &[("a", "https://karlin.example/b_(c)")]);
        check("x ![alt](i.png) y", "x  y", &[]);
        check("[![alt](i.png) words](http://a.example)", " words", &[("words", "http://a.example/")]);
        check("[a][1] [b] [c](", "[a][1] [b] [c](", &[]);
        check("`[a](b)` \\[a](b)", "`[a](b)` \\[a](b)", &[]);
        check("```\n[a](b)\n```\n[c](#d)", "```\n[a](b)\n```\nc", &[]);
        check("[a](javascript:b)", "a", &[]);
    }

    #[test]
    fn front_matter_is_read() {
        let page = markdown("---\ntitle: \"The mill\"\ndate: 2024-03-01\nlang: en\n---\n\n# Other\ntext", "x");
        assert_eq!((page.title.as_str(), page.text.as_str()), ("The mill", "# Other\ntext"));
        assert_eq!((page.date.as_deref(), page.language.as_deref()), (Some("2024-03-01"), Some("en")));
        assert_eq!(markdown("a\r\n# The mill\r\n", "x").title, "The mill");
        assert_eq!(markdown("---\na", "x").text, "---\na");
    }

    fn check(text: &str, expected: &str, links: &[(&str, &str)]) {
        let page = markdown(text, "https://karlin.example/");
        let found: Vec<_> = page.links.iter().map(|link| (link.text.as_str(), link.url.as_str())).collect();
        assert_eq!((page.text.as_str(), found.as_slice()), (expected, links), "{text:?}");
    }
}
