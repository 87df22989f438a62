//! A page: what it shows of a run beside its attempts, and how it is written.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::writer::{PageWriter, Written};
use crate::{Curves, Results, Shown, Step, ViewError};

/// The page on which a run is looked at.
///
/// ```
/// use offseeker_trajectory::{Question, Trajectory};
/// use offseeker_viewer::{Page, Shown, Step};
///
/// # let folder = tempfile::tempdir()?;
/// let page = Page::new("a first try").step(Step::new("questions", "questions", 1)).note("Nothing was trained.");
/// let attempt = Trajectory::new(Question::new("Which river?", ["the Orsa"]), 0);
///
/// let path = folder.path().join("run.html");
/// let written = page.write(&path, [Shown::new(attempt)])?;
/// assert_eq!(written.attempts, 1);
/// assert_eq!(std::fs::metadata(&path)?.len(), written.bytes);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Page {
    /// What it is called.
    pub title: String,
    /// What is to be said first, a paragraph each.
    pub notes: Vec<String>,
    /// What is known of the run, by name: its seed, its version, its cost.
    pub facts: Vec<(String, String)>,
    /// The steps of the pipeline, in their order.
    pub steps: Vec<Step>,
    /// What trainings measured.
    pub curves: Vec<Curves>,
    /// What was found.
    pub results: Vec<Results>,
    /// The most bytes of a text in an attempt; what is longer is cut, and the page says so. 4 MiB.
    #[serde(skip)]
    pub longest_text: usize,
    /// Whether questions of sealed sets may stand in it in clear. No: whoever has the page can read them.
    #[serde(skip)]
    pub sealed_in_clear: bool,
}

impl Page {
    /// A page with nothing on it.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), longest_text: 4 << 20, ..Self::default() }
    }

    /// Says something first.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Says something that is known of the run.
    #[must_use]
    pub fn fact(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.facts.push((name.into(), value.into()));
        self
    }

    /// Adds a step of the pipeline.
    #[must_use]
    pub fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// Adds steps of the pipeline.
    #[must_use]
    pub fn steps(mut self, steps: impl IntoIterator<Item = Step>) -> Self {
        self.steps.extend(steps);
        self
    }

    /// Adds what a training measured.
    #[must_use]
    pub fn curves(mut self, curves: Curves) -> Self {
        self.curves.push(curves);
        self
    }

    /// Adds what was found.
    #[must_use]
    pub fn results(mut self, results: Results) -> Self {
        self.results.push(results);
        self
    }

    /// Writes the page with attempts into a file, whole or not at all. Of the attempts one is in memory at a time, with
    /// about a quarter of a kilobyte for the list of each and what is packed together.
    ///
    /// # Errors
    ///
    /// When the file cannot be written, an attempt comes twice or is at a sealed question, or a number is none.
    pub fn write(
        &self,
        path: impl Into<PathBuf>,
        attempts: impl IntoIterator<Item = Shown>,
    ) -> Result<Written, ViewError> {
        let mut writer = self.begin(path)?;
        for shown in attempts {
            writer.add(&shown)?;
        }
        writer.finish()
    }

    /// Begins to write the page, for whoever has attempts one after the other.
    ///
    /// # Errors
    ///
    /// When the folder cannot be written.
    pub fn begin(&self, path: impl Into<PathBuf>) -> Result<PageWriter<'_>, ViewError> {
        PageWriter::new(self, path.into())
    }
}

/// The folder of a file; a bare name lies in the one where the program runs.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}
