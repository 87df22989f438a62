//! A row of a corpus, by the names that its fields have in the wild.

use offseeker_pages::Page;

use super::Document;

/// The names that the id of a document goes by.
pub(super) const ID: [&str; 3] = ["docid", "id", "_id"];

/// The fields of a row, as far as they are known.
#[derive(Debug, Default)]
pub(super) struct Row {
    pub(super) id: Option<String>,
    pub(super) url: Option<String>,
    pub(super) title: Option<String>,
    pub(super) text: Option<String>,
    pub(super) contents: Option<String>,
    pub(super) date: Option<String>,
}

/// What is wrong with a row: a field, and the reason.
pub(super) type Fault = (&'static str, String);

impl Row {
    /// The document that the row says.
    pub(super) fn document(self) -> Result<Document, Fault> {
        let (title, text) = match (self.text, self.contents) {
            (Some(text), _) => (self.title.unwrap_or_default(), text),
            (None, Some(contents)) => {
                let (quoted, text) = titled(&contents);
                (self.title.unwrap_or_else(|| quoted.to_owned()), text.to_owned())
            }
            (None, None) => return Err(("text", "is missing (`contents` would do as well)".to_owned())),
        };
        let url = match (self.url, &self.id) {
            (Some(url), _) if url.trim().is_empty() => return Err(("url", "is empty".to_owned())),
            (Some(url), _) => url,
            (None, Some(id)) => format!("doc:{id}"),
            (None, None) => return Err(("url", "is missing, and so is an id (`docid`, `id`, `_id`)".to_owned())),
        };
        let date = self.date.filter(|date| !date.trim().is_empty());
        Ok(Document { id: self.id, page: Page { date, ..Page::new(url, title, text) } })
    }
}

/// The title and the text of `contents`: its first line is the title if it is quoted.
fn titled(contents: &str) -> (&str, &str) {
    let (first, rest) = contents.split_once('\n').unwrap_or((contents, ""));
    let quoted = first.trim().strip_prefix('"').and_then(|title| title.strip_suffix('"'));
    match quoted {
        Some(title) => (title, rest),
        None => ("", contents),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_first_line_is_a_title() {
        check("\"Karlin mill\"\nIt stands\non the Orsa.", ("Karlin mill", "It stands\non the Orsa."));
        check("\"Karlin mill\"", ("Karlin mill", ""));
        check("It stands\non the Orsa.", ("", "It stands\non the Orsa."));
        check("\"It stands\" he said\nand", ("", "\"It stands\" he said\nand"));
        check("\"", ("", "\""));
        check("", ("", ""));
    }

    fn check(contents: &str, expected: (&str, &str)) {
        assert_eq!(titled(contents), expected, "{contents:?}");
    }
}
