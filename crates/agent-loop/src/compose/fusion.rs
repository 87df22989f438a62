//! Makes one answer of those of several attempts.

use std::sync::Arc;

use offseeker_chat::ChatModel;
use offseeker_chat::dialect::Dialect;
use offseeker_trajectory::{Message, Role, Trajectory};

use crate::context::{filled, observed, shortened, within, written};

/// How one answer is made of those of several attempts.
#[derive(Debug, Clone)]
pub enum Fusion {
    /// A model reads all answers and what they rest on, and decides.
    Synthesis {
        /// The model; that of the attempts where there is none.
        model: Option<Arc<dyn ChatModel>>,
        /// What an answer rests on: the last report of its attempt or, where there is none, so many last turns.
        last: usize,
        /// How much the model reads of all attempts together, in characters.
        most: usize,
    },
    /// The answer that most attempts gave, the first such; how it is spelled does not count. It takes no request.
    Vote,
}

impl Default for Fusion {
    /// The model of the attempts reads the last two turns of each, 200,000 characters together.
    fn default() -> Self {
        Self::Synthesis { model: None, last: 2, most: 200_000 }
    }
}

/// The words of the prompt for a synthesis.
pub(super) const PROMPT: &str = include_str!("../../prompts/synthesis.txt");

/// The prompt for the synthesis of attempts at a question.
pub(super) fn prompt(question: &str, attempts: &[Trajectory], dialect: &Dialect, last: usize, most: usize) -> Message {
    let each = most / attempts.len().max(1);
    let told = attempts.iter().enumerate().map(|(number, attempt)| {
        let answer = attempt.answer.as_deref().unwrap_or("none");
        let rests_on = report(attempt).unwrap_or_else(|| ending(attempt, dialect, last));
        let rests_on = shortened(&rests_on, each).unwrap_or(rests_on);
        format!("Researcher {}\nAnswer: {answer}\n\n{rests_on}", number + 1)
    });
    let told = told.collect::<Vec<_>>().join("\n\n----------\n");
    Message::user(filled(PROMPT, &[("question", question), ("attempts", &told)]))
}

/// The answer that most attempts gave.
pub(super) fn vote(attempts: &[Trajectory]) -> Option<String> {
    let answers: Vec<&str> = attempts.iter().filter_map(|attempt| attempt.answer.as_deref()).collect();
    let spelled = |answer: &str| offseeker_pages::words(answer).collect::<Vec<_>>();
    let votes = |answer: &str| answers.iter().filter(|other| spelled(other) == spelled(answer)).count();
    // The last of several that are equal is taken, so the order is turned round.
    answers.iter().rev().max_by_key(|answer| votes(answer)).map(|answer| (*answer).to_owned())
}

/// The conversation of an attempt as its model saw it last.
fn conversation(attempt: &Trajectory) -> Vec<&Message> {
    let mut branches = attempt.branches();
    branches.retain(|branch| !branch.is_aside() && !branch.is_discarded());
    branches.last().map(|branch| attempt.conversation(branch.tip())).unwrap_or_default()
}

fn report(attempt: &Trajectory) -> Option<String> {
    let said = conversation(attempt).into_iter().filter(|message| message.role != Role::System);
    said.rev().find_map(|message| within(&message.content, "report")).map(str::to_owned)
}

/// The last turns of an attempt and what came of their calls.
fn ending(attempt: &Trajectory, dialect: &Dialect, last: usize) -> String {
    let conversation = conversation(attempt);
    let turns = conversation.iter().enumerate().filter(|(_, message)| message.role == Role::Assistant);
    let from = turns.map(|(at, _)| at).rev().take(last).last().unwrap_or(conversation.len());
    let told = conversation[from..].iter().map(|message| match message.role {
        Role::Assistant => format!("It said:\n{}", written(message)),
        _ => format!("It was shown:\n{}", observed(dialect, &message.content)),
    });
    told.collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use offseeker_trajectory::Question;

    use super::*;

    #[test]
    fn most_votes_win_and_the_first_of_equals() {
        let check = |answers: &[Option<&str>], expected: Option<&str>| {
            let attempt = |answer: &Option<&str>| {
                let mut attempt = Trajectory::new(Question::new("?", ["!"]), 0);
                attempt.answer = answer.map(str::to_owned);
                attempt
            };
            let attempts: Vec<Trajectory> = answers.iter().map(attempt).collect();
            assert_eq!(vote(&attempts).as_deref(), expected, "{answers:?}");
        };
        check(&[], None);
        check(&[None, None], None);
        check(&[None, Some("a")], Some("a"));
        check(&[Some("a"), Some("b")], Some("a"));
        check(&[Some("a"), Some("b"), Some("b")], Some("b"));
        check(&[Some("a"), Some("The Orsa."), None, Some("the orsa")], Some("The Orsa."));
        check(&[Some("a"), Some("b"), Some("a"), Some("b")], Some("a"));
    }
}
