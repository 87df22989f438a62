//! A small made-up corpus, a model that knows how to read it, and both of them with faults.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use offseeker_chat::{ChatError, ChatModel, Reply, Request, Scripted};
use offseeker_entity_graph::expand::{ExpandError, ExpandOptions, Expanded, Expansion, Mode, Noun, Quota};
use offseeker_pages::{Library, Link, Page, PageError};
use offseeker_search::{Hit, InMemory, Query, SearchBackend, SearchError};
use offseeker_trajectory::Message;
use serde_json::json;
use tokio::sync::OnceCell;

/// The pages: name, text, and the pages that it links to by their names.
const PAGES: [(&str, &str, &[&str]); 6] = [
    (
        "Karlin mill",
        "Karlin mill stands on the Orsa since 1704. Ada Voss, a builder from Tamm, built it for the abbey of Tamm. \
         The mill burnt down twice, and each time it was built again within a year.",
        &["Orsa", "Ada Voss", "Tamm"],
    ),
    (
        "Orsa",
        "The Orsa is a river of the north. It rises near Tamm and flows into the Inner Sea after forty leagues. Its fish \
         are praised by all who have eaten them.",
        &["Tamm", "Inner Sea"],
    ),
    (
        "Ada Voss",
        "Ada Voss was a builder of mills and bridges. She was born in Tamm and built the Karlin mill. Her diary is kept in \
         the library of Tamm, where nobody reads it.",
        &["Tamm", "Karlin mill"],
    ),
    (
        "Tamm",
        "Tamm is a town with an abbey and a library. The Orsa rises near it. Its bell, called Old Brum, was cast in 1650 \
         and is heard as far as the Karlin mill.",
        &["Orsa", "Karlin mill"],
    ),
    (
        "Inner Sea",
        "The Inner Sea is known to everybody. The Orsa flows into it, as do many other rivers whose names need not be \
         given here, and ships cross it in both directions.",
        &["Orsa"],
    ),
    ("Stub", "Too short.", &[]),
];

/// What each name is.
const NAMES: [(&str, &str); 6] = [
    ("Karlin mill", "building"),
    ("Orsa", "river"),
    ("Ada Voss", "person"),
    ("Tamm", "town"),
    ("Inner Sea", "sea"),
    ("Old Brum", "bell"),
];

pub(crate) fn address(name: &str) -> String {
    format!("https://karlin.example/{}", name.to_lowercase().replace(' ', "-"))
}

pub(crate) fn corpus() -> InMemory {
    InMemory::of(PAGES.iter().map(|(name, text, links)| {
        let links = links.iter().map(|to| Link { text: (*to).to_owned(), url: address(to) }).collect();
        Page { links, ..Page::new(address(name), *name, *text) }
    }))
}

/// Answers as a model would that reads well, and makes a name and a quote up each time.
pub(crate) fn answer(request: Request<'_>) -> String {
    let asked = &request.messages[0].content;
    if asked.starts_with("Write ") {
        let nouns = if asked.contains("geography") { ["river", "1. town"] } else { ["mill", "The Mill"] };
        json!({"nouns": nouns}).to_string()
    } else if asked.starts_with("Find in the page") {
        let text = asked.rsplit("Page: ").next().unwrap();
        let mut found: Vec<_> = NAMES.iter().filter(|(name, _)| text.contains(name)).collect();
        found.push(&("Castle of Nowhere", "castle"));
        let entities: Vec<_> = found.iter().map(|(name, kind)| json!({"name": name, "type": kind})).collect();
        format!("Here they are:\n```json\n{}\n```", json!({"entities": entities}))
    } else if asked.starts_with("Without looking") {
        json!({"known": "", "familiarity": if asked.contains("\"Inner Sea\"") { 10 } else { 1 }}).to_string()
    } else {
        reading(asked)
    }
}

fn reading(asked: &str) -> String {
    let name = asked.split('"').nth(1).unwrap();
    let pages = asked.split("<page ").skip(1).flat_map(|page| page.split_once('>').map(|(_, text)| text));
    let sentences: Vec<String> = pages
        .flat_map(|text| text.split(['.', '<']).map(|it| it.trim().to_owned()).collect::<Vec<_>>())
        .filter(|sentence| sentence.contains(name))
        .collect();
    let facts: Vec<_> = sentences.iter().map(|it| json!({"text": format!("{it}."), "quote": it})).collect();
    let relation = |sentence: &String| {
        let other = NAMES.iter().find(|(other, _)| *other != name && sentence.contains(other))?;
        Some(json!({"name": other.0, "type": other.1, "relation": "named with", "text": sentence, "quote": sentence}))
    };
    let mut relations: Vec<_> = sentences.iter().filter_map(relation).collect();
    relations.push(json!({"name": "Tamm", "relation": "loves", "text": "So it is.", "quote": "It loves Tamm dearly."}));
    json!({"description": "", "type": "", "facts": facts, "relations": relations}).to_string()
}

/// A model, a search backend and a library that count what they are asked, and fail where a rule says so.
#[derive(Clone)]
pub(crate) struct Faulty {
    corpus: Arc<InMemory>,
    model: Arc<Scripted>,
    asked: Arc<AtomicUsize>,
    fails: Arc<dyn Fn(usize) -> bool + Send + Sync>,
    slow: bool,
}

impl std::fmt::Debug for Faulty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Faulty")
    }
}

impl Faulty {
    /// One that fails at the requests for whose numbers the rule holds.
    pub(crate) fn at(fails: impl Fn(usize) -> bool + Send + Sync + 'static) -> Self {
        Self::answering(|request| Ok(Reply::new(Message::assistant(answer(request)))), fails)
    }

    pub(crate) fn answering(
        model: impl Fn(Request<'_>) -> Result<Reply, ChatError> + Send + Sync + 'static,
        fails: impl Fn(usize) -> bool + Send + Sync + 'static,
    ) -> Self {
        let (corpus, model) = (Arc::new(corpus()), Arc::new(Scripted::by(model)));
        Self { corpus, model, asked: Arc::default(), fails: Arc::new(fails), slow: false }
    }

    /// One that answers in another order than it is asked in.
    pub(crate) fn slow(self) -> Self {
        Self { slow: true, ..self }
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    async fn is_out(&self) -> bool {
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        if self.slow {
            for _ in 0..(number * 7919) % 23 {
                tokio::task::yield_now().await;
            }
        }
        (self.fails)(number)
    }

    pub(crate) fn expansion(&self, folder: &Path, options: ExpandOptions) -> Expansion {
        let own = || Arc::new(self.clone());
        Expansion::new(own(), own(), own(), folder, options)
    }

    pub(crate) async fn run(&self, folder: &Path, options: ExpandOptions) -> Result<Expanded, ExpandError> {
        self.expansion(folder, options).run(&|_| {}).await
    }
}

#[async_trait]
impl ChatModel for Faulty {
    fn name(&self) -> &str {
        self.model.name()
    }

    async fn reply(&self, request: Request<'_>) -> Result<Reply, ChatError> {
        if self.is_out().await {
            return Err(ChatError::transient("the connection was cut"));
        }
        self.model.reply(request).await
    }
}

#[async_trait]
impl SearchBackend for Faulty {
    fn name(&self) -> &str {
        SearchBackend::name(&*self.corpus)
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, SearchError> {
        if self.is_out().await {
            return Err(SearchError::transient("engine", "the connection was cut"));
        }
        self.corpus.search(query).await
    }
}

#[async_trait]
impl Library for Faulty {
    fn name(&self) -> &str {
        Library::name(&*self.corpus)
    }

    async fn get(&self, url: &str) -> Result<Page, PageError> {
        if self.is_out().await {
            return Err(PageError::Transient { url: url.to_owned(), reason: "the connection was cut".to_owned() });
        }
        self.corpus.get(url).await
    }
}

/// A small expansion that goes through every stage.
pub(crate) fn options() -> ExpandOptions {
    let quota = |domain: &str| Quota { language: "en".to_owned(), domain: domain.to_owned(), nouns: 2 };
    ExpandOptions {
        seed: 7,
        quotas: vec![quota("geography"), quota("technology")],
        nouns: vec![Noun::new("Stub", "en")],
        mode: Mode::Walk { weights: vec![1, 1, 1] },
        parallel: 3,
        most_outages: 2,
        ..ExpandOptions::default()
    }
}

/// What grows where nothing fails, and how often something was asked for it.
pub(crate) async fn undisturbed() -> (Expanded, usize) {
    static GROWN: OnceCell<(Expanded, usize)> = OnceCell::const_new();
    let grow = || async {
        let folder = tempfile::tempdir().unwrap();
        let world = Faulty::at(|_| false);
        (world.run(folder.path(), options()).await.unwrap(), world.asked())
    };
    GROWN.get_or_init(grow).await.clone()
}
