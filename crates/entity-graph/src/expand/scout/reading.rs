//! A scout that searches, reads and asks a model.

use std::fmt::Write;
use std::sync::Arc;

use async_trait::async_trait;
use offseeker_chat::{ChatModel, Request, Sampling};
use offseeker_pages::{Library, Page, extract};
use offseeker_search::{Query, SearchBackend};
use offseeker_trajectory::Message;

use super::{Findings, Outlook, Scout};
use crate::expand::ask::again;
use crate::expand::pages::{cut, is_gone};
use crate::expand::urls::normal;
use crate::expand::{Prompts, Setback};

/// How a model reads about an entity.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadingOptions {
    /// How many hits of its name are looked at. 10.
    pub hits: usize,
    /// How many pages the model is shown. 4.
    pub pages: usize,
    /// How many tokens of each page it is shown at most, those that fit the name best. 2,000.
    pub tokens: usize,
    /// Of longer pages so many characters are read. 400,000.
    pub longest_page: usize,
    /// Whether what no page says is kept, as a claim without evidence.
    pub keep_unsupported: bool,
    /// Whether a page that cannot be reached just now is passed over.
    pub leave_out_unreachable: bool,
    /// How the model samples; each attempt has a seed of its own. A temperature of 0.7.
    pub sampling: Sampling,
    /// What the model is asked: `reading` and `again`.
    pub prompts: Prompts,
}

impl Default for ReadingOptions {
    fn default() -> Self {
        Self {
            hits: 10,
            pages: 4,
            tokens: 2_000,
            longest_page: 400_000,
            keep_unsupported: false,
            leave_out_unreachable: false,
            sampling: Sampling { temperature: Some(0.7), ..Sampling::default() },
            prompts: Prompts::default(),
        }
    }
}

/// Searches for an entity, reads the pages that name it, and asks a model what they say.
#[derive(Debug)]
pub struct Reading {
    name: String,
    model: Arc<dyn ChatModel>,
    search: Arc<dyn SearchBackend>,
    library: Arc<dyn Library>,
    options: ReadingOptions,
}

impl Reading {
    /// A scout that asks this model, this backend and this library.
    pub fn new(
        model: Arc<dyn ChatModel>,
        search: Arc<dyn SearchBackend>,
        library: Arc<dyn Library>,
        options: ReadingOptions,
    ) -> Self {
        let name = format!("reading by {} of {} in {}", model.name(), search.name(), library.name());
        Self { name, model, search, library, options }
    }

    /// The pages that name the entity: those that are known, then those that a search finds.
    async fn pages(&self, outlook: Outlook<'_>) -> Result<Vec<Page>, Setback> {
        let mut pages: Vec<Page> = outlook.pages.iter().take(self.options.pages.div_ceil(2)).cloned().collect();
        let query = Query::new(outlook.entity.name.as_str()).limit(self.options.hits);
        let hits = self.search.search(&query).await?;
        for hit in hits.into_iter().take(self.options.hits) {
            if pages.len() == self.options.pages {
                break;
            }
            let Some(page) = self.page(&hit.url).await? else { continue };
            let is_new = pages.iter().all(|known| normal(&known.url) != normal(&page.url));
            if is_new && outlook.entity.names().any(|name| page.text.contains(name) || page.title.contains(name)) {
                pages.push(page);
            }
        }
        Ok(pages)
    }

    /// The page at an address; none where there is none to read.
    async fn page(&self, url: &str) -> Result<Option<Page>, Setback> {
        match self.library.get(url).await {
            Ok(mut page) => {
                cut(&mut page, self.options.longest_page);
                Ok(Some(page))
            }
            Err(error) if error.is_verdict() || (self.options.leave_out_unreachable && is_gone(&error)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn prompt(&self, outlook: Outlook<'_>, pages: &[Page]) -> String {
        let entity = outlook.entity;
        let mut shown = String::new();
        for page in pages {
            let passages = extract(&page.text, &entity.name, self.options.tokens);
            // Writing to a string does not fail.
            let _ = write!(shown, "<page address=\"{}\" title=\"{}\">\n{passages}\n</page>\n\n", page.url, page.title);
        }
        let prompts = &self.options.prompts;
        let known = |text: &str| if text.is_empty() { "unknown".to_owned() } else { text.to_owned() };
        let (kind, description) = (known(&entity.kind), known(&entity.description));
        let values =
            [("name", entity.name.as_str()), ("kind", &kind), ("description", &description), ("pages", &shown)];
        prompts.reading.fill(&values) + &again(prompts, outlook.tried)
    }
}

#[async_trait]
impl Scout for Reading {
    fn name(&self) -> &str {
        &self.name
    }

    async fn explore(&self, outlook: Outlook<'_>) -> Result<Findings, Setback> {
        let pages = self.pages(outlook).await?;
        if pages.is_empty() {
            return Ok(Findings::default());
        }
        let messages = [Message::user(self.prompt(outlook, &pages))];
        let sampling = Sampling { seed: Some(outlook.seed), ..self.options.sampling.clone() };
        let reply = self.model.reply(Request { sampling: &sampling, ..Request::new(&messages) }).await?;
        Findings::read(&reply.message.content, outlook.entity, &pages, self.options.keep_unsupported)
    }
}
