//! Sequences that go through the network at once.

use crate::NetworkError;
use crate::kernels::{Choice, Span};

/// Sequences that go through the network at once, packed one after the other: none sees another, and the positions of
/// each begin at 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    tokens: Vec<u32>,
    positions: Vec<u32>,
    spans: Vec<Span>,
    choices: Vec<Choice>,
}

impl Batch {
    /// No sequence yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a sequence. `chosen` says of each token whether its log-probability, given those before it, is wanted.
    ///
    /// # Errors
    ///
    /// When the sequence is empty, when the two differ in length, or when the first token is chosen, which follows
    /// none.
    pub fn push(&mut self, tokens: &[u32], chosen: &[bool]) -> Result<(), NetworkError> {
        let misfit = |what: String| Err(NetworkError::Misfit(format!("sequence {}: {what}", self.spans.len())));
        if tokens.is_empty() {
            return misfit("has no tokens".to_owned());
        }
        if tokens.len() != chosen.len() {
            return misfit(format!("has {} tokens and says of {} whether they are chosen", tokens.len(), chosen.len()));
        }
        if chosen[0] {
            return misfit("the first token is chosen, which follows none".to_owned());
        }
        let Ok(length) = u32::try_from(tokens.len()) else { return misfit("is too long".to_owned()) };
        let start = self.tokens.len();
        let choices = tokens.iter().zip(chosen).enumerate().filter(|(_, (_, chosen))| **chosen);
        self.choices.extend(choices.map(|(at, (token, _))| Choice { row: start + at - 1, token: *token }));
        self.spans.push(Span::own(start, tokens.len()));
        self.tokens.extend_from_slice(tokens);
        self.positions.extend(0..length);
        Ok(())
    }

    /// All tokens.
    #[must_use]
    pub fn tokens(&self) -> &[u32] {
        &self.tokens
    }

    /// How many tokens there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.tokens.len()
    }

    /// The chosen tokens, each with the row that it is predicted from.
    #[must_use]
    pub fn choices(&self) -> &[Choice] {
        &self.choices
    }

    /// Where each sequence lies.
    #[must_use]
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    pub(super) fn positions(&self) -> &[u32] {
        &self.positions
    }

    pub(super) fn longest(&self) -> usize {
        self.spans.iter().map(|span| span.queries).max().unwrap_or(0)
    }

    pub(super) fn check_tokens(&self, vocabulary: usize) -> Result<(), NetworkError> {
        if self.tokens.is_empty() {
            return Err(NetworkError::Misfit("a batch without sequences".to_owned()));
        }
        check_tokens(&self.tokens, vocabulary)
    }
}

/// Says whether all are tokens of the network.
pub(super) fn check_tokens(tokens: &[u32], vocabulary: usize) -> Result<(), NetworkError> {
    match tokens.iter().position(|token| *token as usize >= vocabulary) {
        None => Ok(()),
        Some(at) => Err(NetworkError::Misfit(format!(
            "token {} at place {at} is none of the {vocabulary} of the network; the tokenizer is another's",
            tokens[at]
        ))),
    }
}
