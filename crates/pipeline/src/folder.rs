//! Where a run keeps what.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use offseeker_durable::WriterLock;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Config, PipelineError, Stage, StageRecord};

/// The folder of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFolder(PathBuf);

impl RunFolder {
    /// A folder, which need not be there yet.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Makes the folder, and keeps others out of it.
    ///
    /// # Errors
    ///
    /// [`PipelineError::InUse`] where another process works in it, and what the system says.
    pub fn lock(&self) -> Result<WriterLock, PipelineError> {
        for inner in ["", "stages", "graph", "questions", "attempts", "data", "training", "evaluation"] {
            let folder = self.0.join(inner);
            fs::create_dir_all(&folder).map_err(PipelineError::io(&folder))?;
        }
        let lock = WriterLock::take(&self.0).map_err(PipelineError::io(&self.0))?;
        lock.ok_or_else(|| PipelineError::InUse { folder: self.0.clone() })
    }

    /// The configuration as it is run, with every value.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.0.join("config.toml")
    }

    /// Reads the configuration of a run.
    ///
    /// # Errors
    ///
    /// As [`Config::read`].
    pub fn read_config(&self) -> Result<Config, PipelineError> {
        Config::read(&self.config())
    }

    /// The record of a stage.
    #[must_use]
    pub fn record_file(&self, stage: Stage) -> PathBuf {
        self.0.join("stages").join(format!("{stage}.json"))
    }

    /// Reads what is written down of a stage; none where nothing is.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or is none of this form.
    pub fn record(&self, stage: Stage) -> Result<Option<StageRecord>, PipelineError> {
        read_json(&self.record_file(stage))
    }

    /// The graph of a corpus.
    #[must_use]
    pub fn graph(&self, corpus: &str) -> PathBuf {
        self.0.join("graph").join(format!("{corpus}.packed"))
    }

    /// Where questions are.
    #[must_use]
    pub fn questions(&self) -> PathBuf {
        self.0.join("questions")
    }

    /// The attempts of the teacher.
    #[must_use]
    pub fn teacher_attempts(&self) -> PathBuf {
        self.0.join("attempts/teacher.db")
    }

    /// The attempts of the student at questions to learn from.
    #[must_use]
    pub fn student_attempts(&self) -> PathBuf {
        self.0.join("attempts/student.db")
    }

    /// The attempts that figures are made of.
    #[must_use]
    pub fn evaluation(&self, name: &str) -> PathBuf {
        self.0.join("evaluation").join(format!("{name}.db"))
    }

    /// What was measured.
    #[must_use]
    pub fn results(&self) -> PathBuf {
        self.0.join("evaluation/results.json")
    }

    /// What is learnt from, and why not from the rest.
    #[must_use]
    pub fn data(&self, file: &str) -> PathBuf {
        self.0.join("data").join(file)
    }

    /// The folder of a training, or of the untrained student.
    #[must_use]
    pub fn training(&self, name: &str) -> PathBuf {
        self.0.join("training").join(name)
    }

    /// The report.
    #[must_use]
    pub fn report(&self) -> PathBuf {
        self.0.join("report.json")
    }

    /// The report as a page.
    #[must_use]
    pub fn page(&self) -> PathBuf {
        self.0.join("report.html")
    }

    /// What a stage writes.
    #[must_use]
    pub fn outputs(&self, stage: Stage) -> Vec<PathBuf> {
        match stage {
            Stage::Graph => vec![self.0.join("graph")],
            Stage::Questions => vec![self.questions()],
            Stage::Attempts => store_files(&self.teacher_attempts()),
            Stage::Rollouts => store_files(&self.student_attempts()),
            // Grades are written on attempts.
            Stage::Grades | Stage::RolloutGrades => Vec::new(),
            Stage::Samples => ["samples.jsonl", "dropped.jsonl", "filter.json"].map(|file| self.data(file)).to_vec(),
            Stage::Student => vec![self.training("untrained")],
            Stage::Sft => vec![self.training("sft")],
            Stage::Pairs => ["pairs.jsonl", "pairs.json"].map(|file| self.data(file)).to_vec(),
            Stage::Dpo => vec![self.training("dpo")],
            Stage::Evaluation => vec![self.0.join("evaluation")],
            Stage::Report => vec![self.report(), self.page()],
        }
    }

    /// Moves what a stage wrote aside, so that what it writes next stands alone. Of earlier ones the last is kept.
    pub(crate) fn move_aside(&self, stage: Stage) -> Result<(), PipelineError> {
        let aside = self.0.join("aside").join(stage.as_str());
        let there: Vec<PathBuf> = self.outputs(stage).into_iter().filter(|output| has_something(output)).collect();
        if there.is_empty() {
            return Ok(());
        }
        if aside.exists() {
            fs::remove_dir_all(&aside).map_err(PipelineError::io(&aside))?;
        }
        fs::create_dir_all(&aside).map_err(PipelineError::io(&aside))?;
        for output in there {
            let is_folder = output.is_dir();
            let name = output.file_name().expect("an output has a name");
            fs::rename(&output, aside.join(name)).map_err(PipelineError::io(&output))?;
            if is_folder {
                fs::create_dir_all(&output).map_err(PipelineError::io(&output))?;
            }
        }
        offseeker_durable::sync_folder(&self.0).map_err(PipelineError::io(&self.0))
    }
}

/// The files of a store, those that it keeps beside its own included.
fn store_files(store: &Path) -> Vec<PathBuf> {
    let beside = |ending: &str| PathBuf::from(format!("{}{ending}", store.display()));
    ["", "-wal", "-shm", ".workers"].map(beside).to_vec()
}

fn has_something(path: &Path) -> bool {
    match fs::read_dir(path) {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => path.exists(),
    }
}

/// Reads a file of JSON; none where it is not there.
pub(crate) fn read_json<T: DeserializeOwned>(file: &Path) -> Result<Option<T>, PipelineError> {
    let bytes = match fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(PipelineError::io(file)(error)),
    };
    serde_json::from_slice(&bytes).map(Some).map_err(|error| PipelineError::Damaged {
        file: file.to_owned(),
        line: error.line() as u64,
        what: error.to_string(),
    })
}

/// Writes a file of JSON, whole or not at all.
pub(crate) fn write_json<T: Serialize>(file: &Path, value: &T) -> Result<(), PipelineError> {
    let mut text = serde_json::to_vec_pretty(value).expect("what is written here is made of text and numbers");
    text.push(b'\n');
    offseeker_durable::write(file, &text).map_err(PipelineError::io(file))
}
