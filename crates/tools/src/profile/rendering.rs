//! How the answers of tools are written.

use serde::{Deserialize, Serialize};

use super::check_names;
use crate::Template;

/// How the hits of one call are written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum HitList {
    /// A JSON list with the response of a search engine in the format of Serper for each query, itself written as JSON.
    SerperJson,
    /// By templates.
    Text(Box<HitText>),
}

/// The templates of a list of hits. They know `query`, `count`; `item` also `position`, `title`, `url`, `host`, `date`,
/// `snippet`; `date` only `date`; `failed` also `reason`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HitText {
    /// What stands before the hits of a query.
    pub head: Template,
    /// One hit.
    pub item: Template,
    /// What `{date}` is in `item` where the date is known.
    #[serde(default)]
    pub date: Template,
    /// What stands between two hits.
    pub between: String,
    /// What stands for a query without hits.
    pub none: Template,
    /// What stands for a query that failed.
    pub failed: Template,
    /// What stands between the lists of two queries.
    #[serde(default)]
    pub between_queries: String,
    /// The position of the first hit.
    #[serde(default = "one")]
    pub first: usize,
    /// Whether `{snippet}` is the whole page, where the backend holds its pages.
    #[serde(default)]
    pub whole_pages: bool,
}

fn one() -> usize {
    1
}

impl HitList {
    pub(super) fn check(&self) -> Result<(), String> {
        let Self::Text(text) = self else { return Ok(()) };
        let known = ["query", "count"];
        check_names("head", &text.head, &known)?;
        check_names("item", &text.item, &["query", "position", "title", "url", "host", "date", "snippet"])?;
        check_names("date", &text.date, &["date"])?;
        check_names("none", &text.none, &known)?;
        check_names("failed", &text.failed, &["query", "reason"])
    }
}

/// The templates of what was read. `page` knows `url`, `title`, `goal`, `report`, `evidence`, `summary`; `failed` knows
/// `url`, `goal`, `reason`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportText {
    /// One page.
    pub page: Template,
    /// A page that could not be read.
    pub failed: Template,
    /// What stands between two pages.
    pub between: String,
    /// What `{summary}` is where nobody summed the page up.
    #[serde(default)]
    pub no_summary: String,
}

impl ReportText {
    pub(super) fn check(&self) -> Result<(), String> {
        check_names("page", &self.page, &["url", "title", "goal", "report", "evidence", "summary"])?;
        check_names("failed", &self.failed, &["url", "goal", "reason"])
    }
}

/// The templates of what an encyclopedia says. All know `name`; `entry` knows `title`, `url`, `text`; `cut` knows
/// `url`, `shown`, `length`; `several` and `missing` know `titles`; `failed` knows `reason`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WikiText {
    /// An entry.
    pub entry: Template,
    /// What follows a text that was cut.
    pub cut: Template,
    /// A name that several entries have.
    pub several: Template,
    /// A name that no entry has.
    pub missing: Template,
    /// A name that could not be looked up.
    pub failed: Template,
    /// What stands between two names.
    pub between: String,
    /// The longest text of an entry, in characters.
    #[serde(default = "ten_thousand")]
    pub longest: usize,
}

fn ten_thousand() -> usize {
    10_000
}

impl WikiText {
    pub(super) fn check(&self) -> Result<(), String> {
        check_names("entry", &self.entry, &["name", "title", "url", "text"])?;
        check_names("cut", &self.cut, &["name", "url", "shown", "length"])?;
        check_names("several", &self.several, &["name", "titles"])?;
        check_names("missing", &self.missing, &["name", "titles"])?;
        check_names("failed", &self.failed, &["name", "reason"])
    }
}

/// How what a program printed is written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeText {
    /// Whether what one call defines is there for the next.
    #[serde(default)]
    pub keeps_state: bool,
}

impl CodeText {
    // A method like the others, so that an entry checks all alike.
    #[allow(clippy::unnecessary_wraps)]
    pub(super) fn check(&self) -> Result<(), String> {
        Ok(())
    }
}

/// How a browser shows its pages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrowserText {
    /// The longest line of a page, in characters.
    pub width: usize,
    /// How much of a page is shown where nobody says how many lines, in estimated tokens.
    pub tokens: usize,
    /// How many hits of a pattern are shown.
    pub finds: usize,
}

impl BrowserText {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.width < 20 || self.tokens == 0 || self.finds == 0 {
            return Err("width has to be 20 at least, tokens and finds 1 at least".to_owned());
        }
        Ok(())
    }
}
