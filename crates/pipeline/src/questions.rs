//! The questions of a run, in files.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use offseeker_durable::{Draft, LineError, Lines};
use offseeker_question_synthesis::Plan;
use offseeker_trajectory::{Question, QuestionId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::PipelineError;
use crate::corpora::CORPUS;

/// The longest line that is read, in bytes.
const LONGEST: usize = 16 << 20;

/// Which questions are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Set {
    /// Those to learn from.
    Train,
    /// Those that settings are chosen on.
    Development,
    /// Those that figures are measured on.
    Test,
    /// Those of a world that nobody learnt from.
    Fresh,
}

/// A question, and the plan that it was made by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Planned {
    /// The question. Its metadata says `corpus`, `category` and `hops`.
    pub question: Question,
    /// What it asks and by which clues. It never reaches a student.
    pub plan: Plan,
}

/// The questions of a run, in files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuestionFiles(PathBuf);

#[derive(Serialize, Deserialize)]
struct PlanLine {
    question: QuestionId,
    plan: Plan,
}

impl Set {
    /// All sets.
    pub const ALL: [Self; 4] = [Self::Train, Self::Development, Self::Test, Self::Fresh];

    /// The set in a word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Development => "development",
            Self::Test => "test",
            Self::Fresh => "fresh",
        }
    }
}

impl QuestionFiles {
    /// The files in a folder.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.0
    }

    fn file(&self, set: Set) -> PathBuf {
        self.0.join(format!("{}.jsonl", set.as_str()))
    }

    fn plans_file(&self, set: Set) -> PathBuf {
        self.0.join(format!("{}.plans.jsonl", set.as_str()))
    }

    /// Writes the questions of a set, and their plans beside them.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn write(&self, set: Set, questions: &[Planned]) -> Result<(), PipelineError> {
        let plan = |it: &Planned| PlanLine { question: it.question.id.clone(), plan: it.plan.clone() };
        write_lines(&self.plans_file(set), questions.iter().map(plan))?;
        write_lines(&self.file(set), questions.iter().map(|it| &it.question))
    }

    /// The questions of a set, in their order; none where the set is not there.
    ///
    /// # Errors
    ///
    /// When a line is no question; the error names the file and the line.
    pub fn read(&self, set: Set) -> Result<Vec<Question>, PipelineError> {
        read_lines(&self.file(set))
    }

    /// The plans of a set, by their questions.
    ///
    /// # Errors
    ///
    /// When a line is no plan; the error names the file and the line.
    pub fn plans(&self, set: Set) -> Result<HashMap<QuestionId, Plan>, PipelineError> {
        let lines: Vec<PlanLine> = read_lines(&self.plans_file(set))?;
        Ok(lines.into_iter().map(|line| (line.question, line.plan)).collect())
    }

    /// The questions of a set with their plans.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read) and [`plans`](Self::plans).
    pub fn planned(&self, set: Set) -> Result<Vec<Planned>, PipelineError> {
        let mut plans = self.plans(set)?;
        let questions = self.read(set)?.into_iter();
        Ok(questions.filter_map(|question| Some(Planned { plan: plans.remove(&question.id)?, question })).collect())
    }
}

/// The corpus that a question is asked of.
pub(crate) fn corpus_of(question: &Question) -> &str {
    question.metadata.get(CORPUS).and_then(|name| name.as_str()).unwrap_or_default()
}

/// How many pages a question takes, as its metadata says it.
pub(crate) fn hops_of(question: &Question) -> u64 {
    question.metadata.get("hops").and_then(serde_json::Value::as_u64).unwrap_or_default()
}

/// Whether a question describes something instead of naming it, as its metadata says it.
pub(crate) fn describes(question: &Question) -> bool {
    question.metadata.get("level").and_then(serde_json::Value::as_u64).unwrap_or_default() > 0
}

/// Writes lines of JSON, all of them or none.
pub(crate) fn write_lines<T: Serialize>(file: &Path, lines: impl IntoIterator<Item = T>) -> Result<(), PipelineError> {
    let written = || -> std::io::Result<()> {
        let mut out = BufWriter::new(Draft::beside(file)?);
        for line in lines {
            serde_json::to_writer(&mut out, &line)?;
            out.write_all(b"\n")?;
        }
        out.into_inner().map_err(std::io::IntoInnerError::into_error)?.publish(file)
    };
    written().map_err(PipelineError::io(file))
}

/// Reads lines of JSON; none where there is no file.
pub(crate) fn read_lines<T: DeserializeOwned>(file: &Path) -> Result<Vec<T>, PipelineError> {
    if !file.exists() {
        return Ok(Vec::new());
    }
    let opened = File::open(file).map_err(PipelineError::io(file))?;
    let mut lines = Lines::new(BufReader::new(opened), LONGEST);
    let mut all = Vec::new();
    loop {
        let read = match lines.text() {
            Ok(None) => return Ok(all),
            Ok(Some(line)) => serde_json::from_slice(line).map_err(|error| error.to_string()),
            Err(LineError::TooLong) => Err(format!("it is longer than {LONGEST} bytes")),
            Err(LineError::Io(source)) => return Err(PipelineError::io(file)(source)),
        };
        let damaged = |what| PipelineError::Damaged { file: file.to_owned(), line: lines.number(), what };
        all.push(read.map_err(damaged)?);
    }
}
