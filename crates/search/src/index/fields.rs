//! The fields of an index, and what a stored document is made of.

use offseeker_pages::{Link, Page};
use serde::{Deserialize, Serialize};
use tantivy::schema::{
    FAST, Field, IndexRecordOption, STORED, STRING, Schema, SchemaBuilder, TextFieldIndexing, TextOptions, Value,
};
use tantivy::tokenizer::{TextAnalyzer, TokenizerManager, WhitespaceTokenizer};
use tantivy::{TantivyDocument, Term};

use crate::Document;

/// The fields of an index.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    /// The address: whole, and shown.
    pub(super) url: Field,
    /// What the corpus calls it: whole, and shown.
    pub(super) id: Field,
    /// The title and the text, as they are shown.
    title: Field,
    text: Field,
    date: Field,
    /// What else a page has, as JSON.
    more: Field,
    /// The terms of the title and the text.
    pub(super) content: Field,
    /// The terms of the title alone.
    pub(super) heading: Field,
    /// How many terms `content` has.
    content_length: Field,
    /// How many terms `heading` has.
    heading_length: Field,
    /// The how manieth document it is that was ever put in.
    sequence: Field,
}

/// The name of the field that says how many terms a document has.
pub(super) const CONTENT_LENGTH: &str = "content_length";

/// The name of the field that says how many terms a title has.
pub(super) const HEADING_LENGTH: &str = "heading_length";

/// The name of the field that says the how manieth a document is.
pub(super) const SEQUENCE: &str = "sequence";

/// What splits terms that are joined by spaces.
const JOINED: &str = "joined";

/// What a page has beside what has a field of its own.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct More {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    links: Vec<Link>,
}

/// A document that is ready to be put in.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) document: Document,
    pub(super) heading: (String, u64),
    pub(super) text: (String, u64),
}

impl Fields {
    pub(super) fn schema() -> Schema {
        let mut schema = SchemaBuilder::new();
        Self::add_to(&mut schema);
        schema.build()
    }

    /// The fields of the one schema there is.
    pub(super) fn new() -> Self {
        Self::add_to(&mut SchemaBuilder::new())
    }

    fn add_to(schema: &mut SchemaBuilder) -> Self {
        let joined = TextFieldIndexing::default()
            .set_tokenizer(JOINED)
            .set_fieldnorms(false)
            .set_index_option(IndexRecordOption::WithFreqs);
        let terms = TextOptions::default().set_indexing_options(joined);
        Self {
            url: schema.add_text_field("url", STRING | STORED),
            id: schema.add_text_field("id", STRING | STORED),
            title: schema.add_text_field("title", STORED),
            text: schema.add_text_field("text", STORED),
            date: schema.add_text_field("date", STORED),
            more: schema.add_text_field("more", STORED),
            content: schema.add_text_field("content", terms.clone()),
            heading: schema.add_text_field("heading", terms),
            content_length: schema.add_u64_field(CONTENT_LENGTH, FAST),
            heading_length: schema.add_u64_field(HEADING_LENGTH, FAST),
            sequence: schema.add_u64_field(SEQUENCE, FAST),
        }
    }

    pub(super) fn tokenizers() -> TokenizerManager {
        let tokenizers = TokenizerManager::default();
        tokenizers.register(JOINED, TextAnalyzer::from(WhitespaceTokenizer::default()));
        tokenizers
    }

    pub(super) fn url_term(&self, url: &str) -> Term {
        Term::from_field_text(self.url, url)
    }

    /// What is stored of a document.
    pub(super) fn stored(&self, prepared: Prepared, sequence: u64) -> TantivyDocument {
        let Prepared { document: Document { id, page }, heading, text } = prepared;
        let mut stored = TantivyDocument::default();
        stored.add_text(self.url, page.url);
        stored.add_text(self.title, page.title);
        stored.add_text(self.text, page.text);
        if let Some(id) = id {
            stored.add_text(self.id, id);
        }
        if let Some(date) = page.date {
            stored.add_text(self.date, date);
        }
        let more = More { language: page.language, links: page.links };
        if more != More::default() {
            stored.add_text(self.more, serde_json::to_string(&more).expect("strings are JSON"));
        }
        stored.add_u64(self.content_length, heading.1 + text.1);
        stored.add_u64(self.heading_length, heading.1);
        stored.add_u64(self.sequence, sequence);
        let mut content = text.0;
        if heading.1 > 0 {
            content.push(' ');
            content.push_str(&heading.0);
        }
        stored.add_text(self.content, content);
        stored.add_text(self.heading, heading.0);
        stored
    }

    /// The document that is stored.
    pub(super) fn document(&self, stored: &TantivyDocument) -> Document {
        let text = |field| stored.get_first(field).and_then(|value| value.as_str()).map(str::to_owned);
        let more = text(self.more).and_then(|more| serde_json::from_str::<More>(&more).ok()).unwrap_or_default();
        let page = Page {
            date: text(self.date),
            language: more.language,
            links: more.links,
            ..Page::new(
                text(self.url).unwrap_or_default(),
                text(self.title).unwrap_or_default(),
                text(self.text).unwrap_or_default(),
            )
        };
        Document { id: text(self.id), page }
    }
}
