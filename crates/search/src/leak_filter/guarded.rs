//! A question that must not be found beside its answer.

use std::collections::{HashMap, HashSet};

use offseeker_pages::words;
use offseeker_trajectory::{Answer, Question};

/// How many words of a question in a row make a text a copy of it.
const RUN: usize = 13;

/// The number of a word that the question does not have.
const FOREIGN: u32 = u32::MAX;

/// A question that must not be found beside its answer.
#[derive(Debug)]
pub(super) struct Guarded {
    id: String,
    /// The words of the question with their numbers.
    numbers: HashMap<String, u32>,
    /// Each thirteen words of the question in a row.
    runs: HashSet<[u32; RUN]>,
    /// The words of each spelling of each answer.
    answers: Vec<Vec<String>>,
}

impl Guarded {
    pub(super) fn new(question: &Question) -> Self {
        let mut numbers = HashMap::new();
        let mut numbered = Vec::new();
        for word in words(&question.text) {
            let next = u32::try_from(numbers.len()).unwrap_or(FOREIGN);
            numbered.push(*numbers.entry(word).or_insert(next));
        }
        let spellings = question.answers.iter().flat_map(Answer::spellings);
        let answers = spellings.map(|spelling| words(spelling).collect::<Vec<_>>());
        Self {
            id: question.id.to_string(),
            numbers,
            runs: numbered.windows(RUN).filter_map(|run| run.try_into().ok()).collect(),
            answers: answers.filter(|answer| !answer.is_empty()).collect(),
        }
    }

    /// Names the question.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Whether a page repeats the question and has an answer to it.
    pub(super) fn is_given_away_by(&self, title: &str, text: &str) -> bool {
        !self.runs.is_empty() && self.is_repeated_in(title, text) && self.is_answered_in(title, text)
    }

    fn is_repeated_in(&self, title: &str, text: &str) -> bool {
        let mut run = [FOREIGN; RUN];
        words(title).chain(words(text)).any(|word| {
            run.rotate_left(1);
            run[RUN - 1] = self.numbers.get(&word).copied().unwrap_or(FOREIGN);
            self.runs.contains(&run)
        })
    }

    fn is_answered_in(&self, title: &str, text: &str) -> bool {
        let all: Vec<String> = words(title).chain(words(text)).collect();
        self.answers.iter().any(|answer| all.windows(answer.len()).any(|some| some == answer))
    }
}
