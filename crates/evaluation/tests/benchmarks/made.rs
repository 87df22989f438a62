//! Files that are made for a test.

use std::path::PathBuf;

use offseeker_evaluation::{Benchmark, Cipher, Format, Seal, Task};
use tempfile::TempDir;

/// A folder with files, for as long as a test needs them.
pub(crate) struct Files(TempDir);

impl Files {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

/// What a format reads from a file with this content.
pub(crate) fn read(format: Format, name: &str, content: impl AsRef<[u8]>) -> Benchmark {
    format.read(Files::new().file(name, content)).unwrap()
}

/// What is wrong with a file.
pub(crate) fn fault(format: Format, name: &str, content: impl AsRef<[u8]>) -> String {
    format.read(Files::new().file(name, content)).unwrap_err().to_string()
}

pub(crate) fn seal(cipher: Cipher, canary: &str) -> Seal {
    Seal { cipher, canary: canary.to_owned() }
}

/// The question and the answers, in clear.
pub(crate) fn said(task: &Task) -> (&str, Vec<&str>) {
    let question = task.in_clear();
    (&question.text, question.answers.iter().map(|answer| answer.text.as_str()).collect())
}

pub(crate) fn label<'a>(task: &'a Task, name: &str) -> Option<&'a str> {
    task.labels.get(name).map(String::as_str)
}
