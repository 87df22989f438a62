//! The benchmarks that can be read, each in the form in which it is published.

use std::collections::BTreeSet;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::row::{Fault, Row};
use super::rows::read_rows;
use super::{Benchmark, BenchmarkError, Task, browsecomp, frames, gaia, hle, plain, search_r1, webwalker, xbench};

/// The form of a benchmark. The rows may be JSON lines, JSON, CSV or TSV, whatever they were published as.
///
/// ```
/// use offseeker_evaluation::Format;
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("rivers.jsonl");
/// # std::fs::write(&path, "{\"question\": \"Which river?\", \"answer\": \"the Orsa\"}\n")?;
/// let rivers = Format::Plain.read(&path)?;
/// assert_eq!(rivers.tasks[0].in_clear().answers[0].text, "the Orsa");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Format {
    /// GAIA: `task_id`, `Question`, `Level`, `Final answer`, `file_name`.
    Gaia,
    /// `BrowseComp`: `problem`, `answer`, `canary`, `problem_topic`; encrypted.
    #[serde(rename = "browsecomp")]
    BrowseComp,
    /// `BrowseComp`-ZH: `Topic`, `Question`, `Answer`, `canary`; encrypted.
    #[serde(rename = "browsecomp-zh")]
    BrowseCompZh,
    /// `BrowseComp`-Plus: `query_id`, `query`, `answer`, `gold_docs`, `evidence_docs`, `canary`; encrypted.
    #[serde(rename = "browsecomp-plus")]
    BrowseCompPlus,
    /// The same as its own script writes it, in clear; it stays sealed here.
    #[serde(rename = "browsecomp-plus-decrypted")]
    BrowseCompPlusDecrypted,
    /// Humanity's Last Exam: `id`, `question`, `image`, `answer`, `answer_type`, `category`, `raw_subject`, `canary`.
    Hle,
    /// xbench-DeepSearch: `id`, `prompt`, `answer`, `canary`; encrypted in a way of its own.
    Xbench,
    /// `WebWalkerQA`: `Question`, `Answer`, `Root_Url`, `Info`.
    #[serde(rename = "webwalkerqa")]
    WebWalkerQa,
    /// FRAMES: `Prompt`, `Answer`, `wikipedia_link_1` and on, `reasoning_types`.
    Frames,
    /// The question sets of Search-R1: `id`, `question`, `golden_answers`, `data_source`.
    #[serde(rename = "search-r1")]
    SearchR1,
    /// `question`, `answer` or `answers`, `id`, and any labels: for sets of one's own.
    Plain,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 11] = [
        Self::Gaia,
        Self::BrowseComp,
        Self::BrowseCompZh,
        Self::BrowseCompPlus,
        Self::BrowseCompPlusDecrypted,
        Self::Hle,
        Self::Xbench,
        Self::WebWalkerQa,
        Self::Frames,
        Self::SearchR1,
        Self::Plain,
    ];

    /// Its name, as it is written: `browsecomp-zh`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gaia => "gaia",
            Self::BrowseComp => "browsecomp",
            Self::BrowseCompZh => "browsecomp-zh",
            Self::BrowseCompPlus => "browsecomp-plus",
            Self::BrowseCompPlusDecrypted => "browsecomp-plus-decrypted",
            Self::Hle => "hle",
            Self::Xbench => "xbench",
            Self::WebWalkerQa => "webwalkerqa",
            Self::Frames => "frames",
            Self::SearchR1 => "search-r1",
            Self::Plain => "plain",
        }
    }

    /// The format with a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Reads a benchmark from a file, whose ending says what its rows are. What is encrypted is decrypted in memory.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, when it has no row, when a row lacks what the format has, or when two have one id;
    /// by file, row and field.
    pub fn read(self, path: impl AsRef<Path>) -> Result<Benchmark, BenchmarkError> {
        self.read_rows(path.as_ref(), None)
    }

    /// Reads a benchmark as [`read`](Self::read), of which a row may lack the canary: it then has this one.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn read_with_canary(self, path: impl AsRef<Path>, canary: &str) -> Result<Benchmark, BenchmarkError> {
        self.read_rows(path.as_ref(), Some(canary))
    }

    fn read_rows(self, path: &Path, canary: Option<&str>) -> Result<Benchmark, BenchmarkError> {
        let id = match self {
            Self::Plain => path.file_stem().map_or(self.name().into(), |stem| stem.to_string_lossy()).into_owned(),
            Self::BrowseCompPlusDecrypted => Self::BrowseCompPlus.name().to_owned(),
            _ => self.name().to_owned(),
        };
        let mut seen = BTreeSet::new();
        let mut tasks = Vec::new();
        for mut row in read_rows(path)? {
            if let Some(canary) = canary {
                row.fields.entry("canary").or_insert_with(|| Value::from(canary));
            }
            let task = self.task(&row).map_err(|Fault { field, reason }| BenchmarkError::Field {
                path: path.to_owned(),
                row: row.number,
                field,
                reason,
            })?;
            if !seen.insert(task.id().clone()) {
                let id = task.id().to_string();
                return Err(BenchmarkError::Twice { path: path.to_owned(), row: row.number, id });
            }
            tasks.push(task.labelled(&id));
        }
        Ok(Benchmark { id, tasks })
    }

    fn task(self, row: &Row) -> Result<Task, Fault> {
        match self {
            Self::Gaia => gaia::task(row),
            Self::BrowseComp => browsecomp::english(row),
            Self::BrowseCompZh => browsecomp::chinese(row),
            Self::BrowseCompPlus => browsecomp::plus(row, true),
            Self::BrowseCompPlusDecrypted => browsecomp::plus(row, false),
            Self::Hle => hle::task(row),
            Self::Xbench => xbench::task(row),
            Self::WebWalkerQa => webwalker::task(row),
            Self::Frames => frames::task(row),
            Self::SearchR1 => search_r1::task(row),
            Self::Plain => plain::task(row),
        }
    }
}
