//! What the beginning of a page says of its subject: fields with values, and a first sentence.

use std::ops::Range;

use super::sentences::{sentence_around, trimmed};
use super::tables::table_fields;

/// The longest name of a field, in bytes, and the most words in it.
const LONGEST_NAME: usize = 40;
const MOST_WORDS: usize = 4;

/// The longest value, in bytes.
const LONGEST_VALUE: usize = 240;

/// Most fields of one page.
const MOST_FIELDS: usize = 64;

/// The shortest first sentence, in bytes.
const SHORTEST_SENTENCE: usize = 20;

/// Words before a colon that name no field.
const NO_FIELDS: [&str; 12] = [
    "note",
    "warning",
    "see",
    "see also",
    "example",
    "examples",
    "important",
    "tip",
    "caution",
    "changed",
    "http",
    "https",
];

/// A field and its value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) value: String,
    /// Where both of them stand.
    pub(super) part: Range<usize>,
}

/// What the beginning of a page says of its subject.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Lead {
    pub(super) fields: Vec<Field>,
    /// Where the first sentence stands.
    pub(super) sentence: Option<Range<usize>>,
}

/// Reads the beginning of a page: up to its second heading.
///
/// Fields are lines like `Key: value`, rows of tables that say what the page is about, and definitions.
pub(super) fn lead(text: &str) -> Lead {
    let mut lead = Lead::default();
    let (mut place, mut headings, mut in_code) = (0, 0, false);
    let mut before: Option<Range<usize>> = None;
    let mut table: Vec<Range<usize>> = Vec::new();
    for line in text.split_inclusive('\n') {
        let whole = place..place + line.len();
        place = whole.end;
        let bare = line.trim();
        if bare.starts_with("```") || bare.starts_with("~~~") {
            in_code = !in_code;
        }
        if bare.starts_with('|') && !in_code {
            table.push(whole.clone());
            before = Some(whole);
            continue;
        }
        lead.add(table_fields(text, &std::mem::take(&mut table)));
        if in_code || bare.is_empty() {
            continue;
        }
        if bare.starts_with('#') {
            headings += 1;
            if headings > 1 {
                break;
            }
            continue;
        }
        let field = if bare.starts_with(": ") {
            before.clone().and_then(|term| field(text, term, whole.clone()))
        } else {
            colon(text, whole.clone())
        };
        if field.is_none() && lead.sentence.is_none() {
            lead.sentence = sentence(text, whole.clone());
        }
        lead.add(field);
        before = Some(whole);
    }
    lead.add(table_fields(text, &table));
    lead
}

impl Lead {
    fn add(&mut self, fields: impl IntoIterator<Item = Field>) {
        let room = MOST_FIELDS - self.fields.len();
        self.fields.extend(fields.into_iter().take(room));
    }
}

/// A line like `Key: value`, also as an item of a list and with a key in bold.
fn colon(text: &str, line: Range<usize>) -> Option<Field> {
    let at = line.start + text[line.clone()].find([':', '：'])?;
    let width = text[at..].chars().next()?.len_utf8();
    let rest = &text[at + width..line.end];
    if width == 1 && !rest.starts_with([' ', '*', '\t']) {
        return None;
    }
    field(text, line.start..at, at + width..line.end)
}

/// A field, if its name and its value are short enough to be one.
pub(super) fn field(text: &str, name: Range<usize>, value: Range<usize>) -> Option<Field> {
    let (name, value) = (trimmed(text, name), trimmed(text, value));
    let words = field_name(&text[name.clone()])?;
    let said = text[value.clone()].trim_matches(['*', ' ', '`']);
    let is_value = said.chars().any(char::is_alphanumeric) && said.len() <= LONGEST_VALUE;
    is_value.then(|| Field { name: words, value: said.to_owned(), part: name.start..value.end })
}

/// What a property is called by some words, without an article; none where they could not be the name of one.
pub(super) fn field_name(words: &str) -> Option<String> {
    let lower =
        words.replace(['*', '`'], "").trim_matches(|char: char| char == '_' || char.is_whitespace()).to_lowercase();
    let bare = ["the ", "a ", "an "].iter().find_map(|article| lower.strip_prefix(article)).unwrap_or(&lower);
    let first = bare.chars().next()?;
    let is_name = first.is_alphabetic()
        && bare.len() > 1
        && bare.len() <= LONGEST_NAME
        && bare.split_whitespace().count() <= MOST_WORDS
        && !bare.contains(['.', ',', '(', '"', '=', ';', '<', '/'])
        && !NO_FIELDS.contains(&bare);
    is_name.then(|| bare.to_owned())
}

/// The first sentence of a line, if it is a paragraph.
fn sentence(text: &str, line: Range<usize>) -> Option<Range<usize>> {
    let bare = text[line.clone()].trim_start();
    if bare.starts_with(['|', '-', '*', '>', '+', ':']) || bare.starts_with(|char: char| char.is_ascii_digit()) {
        return None;
    }
    let start = line.end - bare.len();
    let first = start..start + bare.chars().next()?.len_utf8();
    let sentence = sentence_around(text, first, LONGEST_VALUE);
    let ends = text[sentence.clone()].ends_with(['.', '!', '?', '。', '！', '？']);
    (ends && sentence.len() >= SHORTEST_SENTENCE).then_some(sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stand_at_the_beginning_of_a_page() {
        check(
            "# Karlin mill\n\nBuilt: 1704\n**The owner:** Ada Voss\n- River: Orsa\n",
            &[("built", "1704"), ("owner", "Ada Voss"), ("river", "Orsa")],
        );
        check("| Karlin mill | |\n| --- | --- |\n| Built | 1704 |\n| a | b | c |\n", &[("built", "1704")]);
        check(
            "Height\n: 12 m\n\nSome text: of no field, because of (its words) it says too much. \n",
            &[("height", "12 m"), ("some text", "of no field, because of (its words) it says too much.")],
        );
        check("Note: well\nhttps://karlin.example\nA long line of words before: it\n", &[]);
        check("```\nBuilt: 1704\n```\n# One\n# Two\nBuilt: 1704\n", &[]);
        check("建造：1704\n", &[("建造", "1704")]);
    }

    fn check(text: &str, expected: &[(&str, &str)]) {
        let found = lead(text).fields;
        let found: Vec<(&str, &str)> = found.iter().map(|field| (field.name.as_str(), field.value.as_str())).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn the_first_sentence_is_that_of_the_first_paragraph() {
        let text = "# Karlin mill\n\n- an item of a list.\n\nKarlin mill stands on the Orsa. It burnt down.\n";
        assert_eq!(&text[lead(text).sentence.unwrap_or_default()], "Karlin mill stands on the Orsa.");
        assert_eq!(lead("# Karlin mill\n\nToo short.\n").sentence, None);
    }
}
