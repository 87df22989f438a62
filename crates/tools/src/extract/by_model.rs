//! Extraction by a model.

use std::sync::Arc;

use async_trait::async_trait;
use futures::StreamExt;
use offseeker_chat::{ChatError, ChatModel, Request, Sampling, arguments};
use offseeker_pages::{CHUNK, OVERLAP, Page, chunks, estimate_tokens};
use offseeker_trajectory::{Message, Usage};
use serde_json::Value;

use super::{ByWords, Extractor, Report};
use crate::{Template, ToolError};

/// How many parts of a page are read at once.
const AT_ONCE: usize = 8;

/// How often a part is read when what the model wrote cannot be used.
const TRIES: usize = 2;

/// Lets a model read a page and report on it. A page that is short is given as it is; a long one is read in parts, and
/// the reports on them are joined in their order.
///
/// Where the model cannot be asked just now, or writes what cannot be used, the part is reported on
/// [by its words](ByWords), which [`Report::summary`] then says.
#[derive(Debug, Clone)]
pub struct ByModel {
    model: Arc<dyn ChatModel>,
    prompt: Template,
    by_words: ByWords,
}

/// The names that a prompt may use.
const NAMES: [&str; 6] = ["goal", "title", "url", "part", "parts", "text"];

impl ByModel {
    /// An extractor with the prompt that is shipped.
    pub fn new(model: Arc<dyn ChatModel>) -> Self {
        let prompt = Template::parse(include_str!("../../prompts/extract.txt")).expect("the shipped prompt is tested");
        Self { model, prompt, by_words: ByWords::default() }
    }

    /// Puts another prompt in the place of the one that is shipped; it knows `goal`, `title`, `url`, `part`, `parts`,
    /// `text`, and asks for a JSON object with `evidence` and `summary`.
    ///
    /// # Errors
    ///
    /// When it uses another name, or does not use `goal` and `text`.
    pub fn prompted(mut self, prompt: Template) -> Result<Self, String> {
        crate::profile::check_names("the prompt", &prompt, &NAMES)?;
        if let Some(missing) = ["goal", "text"].iter().find(|needed| !prompt.names().any(|name| name == **needed)) {
            return Err(format!("the prompt does not use {{{missing}}}"));
        }
        self.prompt = prompt;
        Ok(self)
    }

    async fn read(&self, page: &Page, goal: &str, part: usize, parts: &[&str]) -> Result<Report, ToolError> {
        let prompt = self.prompt.fill(&[
            ("goal", goal),
            ("title", &page.title),
            ("url", &page.url),
            ("part", &(part + 1).to_string()),
            ("parts", &parts.len().to_string()),
            ("text", parts[part]),
        ]);
        let messages = [Message::user(prompt)];
        let sampling = Sampling::default();
        let mut usage = Usage::default();
        for _ in 0..TRIES {
            match self.model.reply(Request { sampling: &sampling, ..Request::new(&messages) }).await {
                Ok(reply) => {
                    usage += reply.usage;
                    if let Some((evidence, summary)) = report_in(&reply.message.content) {
                        return Ok(Report { evidence, summary: Some(summary), usage });
                    }
                }
                Err(error) => match fatal(&error) {
                    Some(fatal) => return Err(fatal),
                    None => break,
                },
            }
        }
        let evidence = offseeker_pages::extract(parts[part], goal, self.by_words.most);
        let summary = format!("[No model could report on this part; these are its passages.]\n{evidence}");
        Ok(Report { evidence, summary: Some(summary), usage })
    }
}

#[async_trait]
impl Extractor for ByModel {
    async fn extract(&self, page: &Page, goal: &str) -> Result<Report, ToolError> {
        if estimate_tokens(&page.text) <= self.by_words.short || goal.trim().is_empty() {
            return Ok(self.by_words.report(page, goal));
        }
        let parts = chunks(&page.text, CHUNK, OVERLAP);
        let reports: Vec<Result<Report, ToolError>> = futures::stream::iter(0..parts.len())
            .map(|part| self.read(page, goal, part, &parts))
            .buffered(AT_ONCE)
            .collect()
            .await;
        let reports: Vec<Report> = reports.into_iter().collect::<Result<_, _>>()?;
        let joined = |texts: Vec<&str>| {
            let texts: Vec<&str> = texts.into_iter().filter(|text| !text.is_empty()).collect();
            texts.join("\n\n")
        };
        Ok(Report {
            evidence: joined(reports.iter().map(|report| report.evidence.as_str()).collect()),
            summary: Some(joined(reports.iter().map(Report::text).collect())),
            usage: reports.iter().map(|report| report.usage).sum(),
        })
    }
}

/// The evidence and the summary in what the model wrote.
fn report_in(text: &str) -> Option<(String, String)> {
    let read = arguments::read_value(text).ok()?.value;
    let field = |name: &str| match &read[name] {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Array(items) => {
            let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            texts.map(|texts| texts.join("\n\n"))
        }
        _ => None,
    };
    let summary = field("summary").filter(|summary| !summary.is_empty())?;
    Some((field("evidence").unwrap_or_default(), summary))
}

/// The end of the attempt, where every page after this one would fail in the same way.
fn fatal(error: &ChatError) -> Option<ToolError> {
    let tool = "the extractor's model".to_owned();
    match error {
        ChatError::NotRecorded { .. } => Some(ToolError::NotRecorded { tool, reason: error.to_string() }),
        ChatError::Unauthorized { .. } | ChatError::Broken { .. } => Some(ToolError::broken(tool, error.to_string())),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
