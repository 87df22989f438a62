//! `offseeker index`: indexes pages, and searches them.

use std::path::{Path, PathBuf};

use clap::Args;
use offseeker_search::{Corpus, Language, LocalIndex, Query, Settings, WriterOptions};

use crate::corpus;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::session::Session;

/// Indexes a folder of pages or a file of JSON lines, and searches it.
///
/// A folder has Markdown, HTML and text in it; a line of JSON has `url` or `id`, `title`, and `text` or `contents`. Pages
/// that are there already are replaced.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  offseeker index docs --out target/index
  offseeker index pages.jsonl --out target/index --skip-bad
  offseeker index --out target/index --query \"who built the mill\"")]
pub(crate) struct Index {
    /// A folder, or a file of JSON lines; nothing, where there is only something to be found
    #[arg(value_name = "SOURCE", required_unless_present = "query")]
    source: Option<PathBuf>,
    /// The folder of the index, which is made where it is not there
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// The language whose endings are cut off, in a word; `none` for none
    #[arg(long, value_name = "LANGUAGE", default_value = "english")]
    language: String,
    /// Leaves out pages that cannot be read, instead of ending
    #[arg(long)]
    skip_bad: bool,
    /// Finds something afterwards, and shows it
    #[arg(long, value_name = "TEXT")]
    query: Option<String>,
    /// How many pages are shown
    #[arg(long, value_name = "N", default_value_t = 5)]
    hits: usize,
}

impl Index {
    pub(crate) fn run(&self, session: &Session) -> Result<Outcome, Failure> {
        let mut skipped = 0;
        if let Some(source) = &self.source {
            skipped = self.build(source, session)?;
        }
        let index = corpus::index(&self.out)?;
        let outcome = match &self.query {
            None => Outcome::done(format!("{} pages", index.len())),
            Some(query) => self.find(&index, query)?,
        };
        let outcome = outcome.with("pages", index.len()).with("skipped", skipped).lacking(skipped > 0);
        Ok(if self.query.is_some() { outcome } else { outcome.made("index", &self.out) })
    }

    /// Puts a source into the index, and says how many pages were left out.
    fn build(&self, source: &Path, session: &Session) -> Result<u64, Failure> {
        let language: Language = serde_json::from_value(self.language.to_lowercase().into()).map_err(|error| {
            Failure::usage(format!("{:?} is no language that is known", self.language)).hint(error.to_string())
        })?;
        let mut corpus = Corpus::open(source).map_err(|error| {
            Failure::from(error).hint("SOURCE is a folder with pages, or a file that ends in .jsonl")
        })?;
        if self.skip_bad {
            corpus = corpus.skipping_bad();
        }
        let index = LocalIndex::open_or_create(&self.out, Settings { language, ..Settings::default() })?;
        let mut writer = index.writer(WriterOptions::default())?;
        let mut told = 0;
        let (stop, mut stopped) = (&session.stop, false);
        while let Some(document) = corpus.next() {
            if stop.is_asked() {
                stopped = true;
                break;
            }
            writer.add(
                document.map_err(|error| {
                    Failure::from(error).or_hint("mend it, or leave such pages out with --skip-bad")
                })?,
            )?;
            let documents = corpus.progress().documents;
            if documents >= told + 10_000 {
                told = documents;
                session.note(format!("{documents} pages"));
            }
        }
        writer.finish()?;
        if stopped { Err(Failure::stopped()) } else { Ok(corpus.skipped()) }
    }

    fn find(&self, index: &LocalIndex, query: &str) -> Result<Outcome, Failure> {
        let mut hits = index.find(&Query::new(query))?;
        hits.truncate(self.hits);
        let shown: Vec<String> = hits
            .iter()
            .map(|hit| format!("{}\n  {}\n  {}", hit.title, hit.url, hit.snippet.replace('\n', " ")))
            .collect();
        let text = if shown.is_empty() { "nothing has any of these words".to_owned() } else { shown.join("\n") };
        Ok(Outcome::done(text).with("hits", hits))
    }
}
