//! A reply that comes token by token.

use offseeker_chat::{ChatError, Finish, Reply};
use offseeker_trajectory::{Message, SampledTokens, Usage};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::Sampled;

/// A token of a reply, and the text that is certain by now. What may yet turn out to be a stop string, or half a
/// character, comes with a later piece.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Piece {
    /// The text, which may be nothing.
    pub text: String,
    /// The token.
    pub token: Sampled,
}

/// What the engine says of a sequence.
#[derive(Debug)]
pub(super) enum Event {
    Piece(Piece),
    End(End),
    Failed(ChatError),
}

/// How a reply ends.
#[derive(Clone, Debug)]
pub(super) struct End {
    pub(super) finish: Finish,
    pub(super) cached: usize,
    pub(super) waited_ms: u64,
}

/// A reply that comes token by token. Dropping it gives the request up; the model goes on with others.
#[derive(Debug)]
pub struct ReplyStream {
    pub(super) events: UnboundedReceiver<Event>,
    pub(super) model: String,
    pub(super) prompt: Vec<u32>,
    /// Whether the reply is to name its tokens, and their log-probabilities.
    pub(super) wants: (bool, bool),
    pub(super) text: String,
    pub(super) tokens: Vec<Sampled>,
    pub(super) end: Option<End>,
}

impl ReplyStream {
    /// The next piece; none once the reply is whole.
    ///
    /// # Errors
    ///
    /// When the model fails, or is dropped.
    pub async fn next(&mut self) -> Result<Option<Piece>, ChatError> {
        if self.end.is_some() {
            return Ok(None);
        }
        match self.events.recv().await {
            Some(Event::Piece(piece)) => {
                self.text.push_str(&piece.text);
                self.tokens.push(piece.token);
                Ok(Some(piece))
            }
            Some(Event::End(end)) => {
                self.end = Some(end);
                Ok(None)
            }
            Some(Event::Failed(error)) => Err(error),
            None => Err(ChatError::broken("the model was dropped in the middle of the reply")),
        }
    }

    /// The tokens of the prompt.
    #[must_use]
    pub fn prompt(&self) -> &[u32] {
        &self.prompt
    }

    /// The whole reply, with what came already.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next).
    pub async fn reply(mut self) -> Result<Reply, ChatError> {
        let end = loop {
            if let Some(end) = self.end.take() {
                break end;
            }
            self.next().await?;
        };
        let count = |tokens: usize| tokens as u64;
        let usage = Usage {
            requests: 1,
            prompt_tokens: count(self.prompt.len()),
            cached_tokens: count(end.cached),
            completion_tokens: count(self.tokens.len()),
            ..Usage::default()
        };
        let (wants_ids, wants_logprobs) = self.wants;
        let ids = self.tokens.iter().filter(|_| wants_ids).map(|it| it.token).collect();
        let logprobs = self.tokens.iter().filter(|_| wants_logprobs).map(|it| it.log_probability).collect();
        let sampled = SampledTokens::new(ids, logprobs).map_err(|error| ChatError::broken(error.to_string()))?;
        Ok(Reply {
            finish: end.finish,
            usage,
            sampled: (wants_ids || wants_logprobs).then_some(sampled),
            model: Some(self.model),
            waited_ms: end.waited_ms,
            ..Reply::new(Message::assistant(self.text))
        })
    }
}
