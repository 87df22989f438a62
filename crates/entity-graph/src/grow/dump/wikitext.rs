//! Reads wikitext as far as a graph needs it.
//!
//! One pass finds which brackets belong together; then the text is written in the order in which it stands. Nothing is
//! looked at more often than brackets may be nested in each other.

use std::collections::HashMap;
use std::ops::Range;

/// How deep templates and links may be nested; what is deeper is left out.
const DEEPEST: usize = 12;

/// The longest tag or address, and the longest note, in bytes; what is longer is read as text.
const LONGEST_TAG: usize = 512;
const LONGEST_NOTE: usize = 8_192;

/// What wikitext says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) text: String,
    /// The words of links and the titles that they lead to.
    pub(super) links: Vec<(String, String)>,
}

/// Reads wikitext: the fields of infoboxes as lines, headings, links, the text between them.
pub(super) fn read(wikitext: &str) -> Read {
    let mut writer = Writer { wikitext, ends: brackets(wikitext), read: Read::default() };
    writer.write(0..wikitext.len(), 0);
    let mut read = writer.read;
    let lines: Vec<&str> = read.text.lines().map(str::trim).collect();
    read.text = lines.join("\n");
    while read.text.contains("\n\n\n") {
        read.text = read.text.replace("\n\n\n", "\n\n");
    }
    read.text = read.text.trim().to_owned();
    read
}

/// For each place where a template, link or table begins, the place after its end.
fn brackets(text: &str) -> HashMap<usize, usize> {
    let bytes = text.as_bytes();
    let mut open: [Vec<usize>; 3] = Default::default();
    let mut ends = HashMap::new();
    let mut at = 0;
    while at + 1 < bytes.len() {
        let (kind, opens) = match &bytes[at..at + 2] {
            b"{{" => (0, true),
            b"}}" => (0, false),
            b"[[" => (1, true),
            b"]]" => (1, false),
            b"{|" => (2, true),
            b"|}" if bytes.get(at + 2) != Some(&b'}') => (2, false),
            _ => {
                at += 1;
                continue;
            }
        };
        if opens {
            open[kind].push(at);
        } else if let Some(start) = open[kind].pop() {
            ends.insert(start, at + 2);
        }
        at += 2;
    }
    ends
}

struct Writer<'a> {
    wikitext: &'a str,
    ends: HashMap<usize, usize>,
    read: Read,
}

impl Writer<'_> {
    fn write(&mut self, part: Range<usize>, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        let mut at = part.start;
        while at < part.end {
            let rest = &self.wikitext[at..part.end];
            let inner = self.ends.get(&at).filter(|end| **end <= part.end).map(|end| (at + 2..end - 2, *end));
            at = match inner {
                Some((inner, end)) if rest.starts_with("{{") => {
                    self.template(inner, depth);
                    end
                }
                Some((inner, end)) if rest.starts_with("[[") => {
                    self.link(inner, depth);
                    end
                }
                Some((_, end)) => end,
                None => at + self.plain(rest),
            };
        }
    }

    /// Writes what is neither template nor link nor table; says how far it went.
    fn plain(&mut self, rest: &str) -> usize {
        if rest.starts_with("''") {
            return rest.len() - rest.trim_start_matches('\'').len();
        }
        if rest.starts_with("<!--") {
            return rest.find("-->").map_or(rest.len(), |end| end + 3);
        }
        if rest.starts_with('<')
            && let Some(length) = tag(rest)
        {
            return length;
        }
        let line_begins = self.read.text.is_empty() || self.read.text.ends_with('\n');
        if line_begins
            && rest.starts_with("==")
            && let Some((title, length)) = heading(rest)
        {
            self.read.text.push_str(&format!("## {title}\n"));
            return length;
        }
        if rest.starts_with("[http")
            && let Some(end) = find_within(rest, b"]", LONGEST_TAG).filter(|end| !rest[..*end].contains('\n'))
        {
            self.read.text.push_str(rest[1..end].split_once(' ').map_or("", |(_, words)| words));
            return end + 1;
        }
        let first = rest.chars().next().map_or(1, char::len_utf8);
        let next = rest[first..].find(['{', '[', '<', '\'', '\n', '=']).map_or(rest.len(), |next| first + next);
        self.read.text.push_str(&rest[..next].replace("&nbsp;", " "));
        next
    }

    fn link(&mut self, inner: Range<usize>, depth: usize) {
        let target = self.wikitext[inner.clone()].split('|').next().unwrap_or_default();
        let spaced = target.trim().split_once(':').is_some_and(|(space, _)| !space.is_empty() && !space.contains(' '));
        let words = inner.start + target.len() + 1;
        let from = self.read.text.len();
        if words <= inner.end && !spaced {
            self.write(words..inner.end, depth + 1);
        } else if !spaced {
            self.read.text.push_str(target.trim());
        }
        let words = self.read.text[from..].split_whitespace().collect::<Vec<_>>().join(" ");
        self.read.text.truncate(from);
        self.read.text.push_str(&words);
        let title = target.split('#').next().unwrap_or_default().trim().to_owned();
        if !words.is_empty() && !title.is_empty() {
            self.read.links.push((words, title));
        }
    }

    fn template(&mut self, inner: Range<usize>, depth: usize) {
        let mut parts = self.parts(inner).into_iter();
        let name = parts.next().map(|name| self.wikitext[name].trim().to_lowercase()).unwrap_or_default();
        let is_infobox = name.starts_with("infobox") || name.contains("信息框") || name.ends_with(" infobox");
        for part in parts {
            let named = self.wikitext[part.clone()].split_once('=').map(|(field, _)| field.len());
            match named {
                Some(length) if is_infobox => self.field(part, length, depth),
                // The value of a field is often a template, of which the words are what has no name.
                None if depth > 0 && !is_infobox => {
                    self.write(part, depth + 1);
                    self.read.text.push(' ');
                }
                _ => {}
            }
        }
    }

    fn field(&mut self, part: Range<usize>, length: usize, depth: usize) {
        let name = self.wikitext[part.start..part.start + length].trim().replace('_', " ");
        let start = self.read.text.len();
        let links = self.read.links.len();
        self.write(part.start + length + 1..part.end, depth + 1);
        let value = self.read.text[start..].split_whitespace().collect::<Vec<_>>().join(" ");
        self.read.text.truncate(start);
        if name.is_empty() || value.is_empty() {
            self.read.links.truncate(links);
        } else {
            self.read.text.push_str(&format!("{name}: {value}\n"));
        }
    }

    /// The parts of a template between bars that stand in no bracket within.
    fn parts(&self, inner: Range<usize>) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        let (mut start, mut at) = (inner.start, inner.start);
        while at < inner.end {
            match self.ends.get(&at) {
                Some(end) if *end <= inner.end => at = *end,
                _ => {
                    if self.wikitext.as_bytes()[at] == b'|' {
                        parts.push(start..at);
                        start = at + 1;
                    }
                    at += 1;
                }
            }
        }
        parts.push(start..inner.end);
        parts
    }
}

/// How long a tag is; with its content, where that is a note or the like.
fn tag(rest: &str) -> Option<usize> {
    let end = find_within(rest, b">", LONGEST_TAG)? + 1;
    let inner = rest.get(1..end - 1)?;
    if !inner.starts_with(|char: char| char.is_ascii_alphabetic() || char == '/') {
        return None;
    }
    let name: String = inner.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
    let silent = ["ref", "gallery", "math", "timeline", "score"].contains(&name.as_str());
    if !silent || inner.ends_with('/') {
        return Some(end);
    }
    let close = format!("</{name}>");
    Some(find_within(&rest[end..], close.as_bytes(), LONGEST_NOTE).map_or(end, |at| end + at + close.len()))
}

/// Where some ASCII stands among the first bytes of a text.
fn find_within(text: &str, wanted: &[u8], most: usize) -> Option<usize> {
    let bytes = &text.as_bytes()[..text.len().min(most)];
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn heading(rest: &str) -> Option<(&str, usize)> {
    let line = rest.lines().next()?;
    let title = line.trim().trim_matches('=').trim();
    (line.trim().ends_with("==") && !title.is_empty()).then_some((title, line.len()))
}
