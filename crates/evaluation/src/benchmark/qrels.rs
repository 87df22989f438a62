//! Judgements of relevance in TREC's form, which name the gold documents of questions.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use offseeker_trajectory::QuestionId;

use super::BenchmarkError;
use super::rows::{bad_row, each_line};

/// Reads which documents are relevant to which question: lines of `question 0 document relevance`.
///
/// A document whose relevance is nought or less is none.
///
/// # Errors
///
/// When the file cannot be read, or a line has not four words of which the last is a whole number, by file and line.
pub fn read_qrels(path: impl AsRef<Path>) -> Result<BTreeMap<QuestionId, BTreeSet<String>>, BenchmarkError> {
    let path = path.as_ref();
    let mut judgements: BTreeMap<QuestionId, BTreeSet<String>> = BTreeMap::new();
    each_line(path, |number, line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [question, _, document, relevance] = words[..] else {
            return Err(bad_row(path, number, "it has not the four words `question 0 document relevance`"));
        };
        let relevance: i64 =
            relevance.parse().map_err(|_| bad_row(path, number, "its fourth word is no whole number"))?;
        if relevance > 0 {
            judgements.entry(QuestionId::new(question)).or_default().insert(document.to_owned());
        }
        Ok(())
    })?;
    Ok(judgements)
}
