//! A reply on its way out, whether it comes token by token or whole.

use offseeker_chat::{ChatError, Finish, Reply};
use offseeker_trajectory::Usage;

use super::split::{Delta, Splitter};
use crate::{ReplyStream, Tokenizer};

/// One choice of an answer.
pub(super) struct Answer {
    source: Source,
    splitter: Option<Splitter>,
    has_called: bool,
    /// The tokens of the prompt, where they are known.
    pub(super) prompt: Vec<u32>,
}

enum Source {
    Local(Box<ReplyStream>),
    Whole(Box<Reply>),
    Over,
}

/// What came.
pub(super) enum Step {
    /// More.
    More(Bit),
    /// The last, and how it ends.
    End(Bit, Ended),
}

/// What was added to a choice.
#[derive(Default)]
pub(super) struct Bit {
    pub(super) delta: Delta,
    pub(super) ids: Vec<u32>,
    pub(super) logprobs: Vec<f32>,
}

impl Bit {
    /// Adds what came later.
    pub(super) fn extend(&mut self, later: Self) {
        self.delta.reasoning.push_str(&later.delta.reasoning);
        self.delta.content.push_str(&later.delta.content);
        self.delta.calls.extend(later.delta.calls);
        self.ids.extend(later.ids);
        self.logprobs.extend(later.logprobs);
    }
}

/// How a choice ends.
pub(super) struct Ended {
    pub(super) finish: Finish,
    pub(super) usage: Usage,
}

impl Answer {
    pub(super) fn local(stream: ReplyStream, splitter: Option<Splitter>) -> Self {
        let prompt = stream.prompt().to_vec();
        Self { source: Source::Local(Box::new(stream)), splitter, has_called: false, prompt }
    }

    pub(super) fn whole(reply: Reply, splitter: Option<Splitter>) -> Self {
        Self { source: Source::Whole(Box::new(reply)), splitter, has_called: false, prompt: Vec::new() }
    }

    /// What comes next.
    pub(super) async fn next(&mut self) -> Result<Step, ChatError> {
        if let Source::Local(stream) = &mut self.source
            && let Some(piece) = stream.next().await?
        {
            let delta = self.split(piece.text);
            let bit = Bit { delta, ids: vec![piece.token.token], logprobs: vec![piece.token.log_probability] };
            return Ok(Step::More(bit));
        }
        match std::mem::replace(&mut self.source, Source::Over) {
            Source::Local(stream) => {
                let delta = self.splitter.as_mut().map(Splitter::finish).unwrap_or_default();
                let reply = stream.reply().await?;
                Ok(self.ended(Bit { delta, ..Bit::default() }, reply.finish, reply.usage))
            }
            Source::Whole(reply) => Ok(self.whole_reply(*reply)),
            Source::Over => Err(ChatError::broken("the answer is over")),
        }
    }

    /// All of it.
    pub(super) async fn all(mut self) -> Result<(Bit, Ended), ChatError> {
        let mut all = Bit::default();
        loop {
            match self.next().await? {
                Step::More(bit) => all.extend(bit),
                Step::End(bit, ended) => {
                    all.extend(bit);
                    return Ok((all, ended));
                }
            }
        }
    }

    fn whole_reply(&mut self, reply: Reply) -> Step {
        let message = reply.message;
        let mut bit = Bit { delta: self.split(message.content), ..Bit::default() };
        if let Some(splitter) = &mut self.splitter {
            let delta = splitter.finish();
            bit.extend(Bit { delta, ..Bit::default() });
        }
        if let Some(reasoning) = message.reasoning {
            bit.delta.reasoning.insert_str(0, &reasoning);
        }
        bit.delta.calls.splice(0..0, message.tool_calls);
        if let Some(sampled) = reply.sampled {
            (bit.ids, bit.logprobs) = (sampled.ids().to_vec(), sampled.logprobs().to_vec());
        }
        self.ended(bit, reply.finish, reply.usage)
    }

    fn split(&mut self, text: String) -> Delta {
        let delta = match &mut self.splitter {
            Some(splitter) => splitter.push(&text),
            None => Delta { content: text, ..Delta::default() },
        };
        self.has_called |= !delta.calls.is_empty();
        delta
    }

    fn ended(&self, bit: Bit, finish: Finish, usage: Usage) -> Step {
        let has_called = self.has_called || !bit.delta.calls.is_empty();
        let finish = match finish {
            Finish::Stop { .. } if has_called => Finish::ToolCalls,
            other => other,
        };
        Step::End(bit, Ended { finish, usage })
    }
}

/// Whether a prompt ends with a tag.
pub(super) fn ends_with(tokenizer: &Tokenizer, prompt: &[u32], tag: &str) -> bool {
    // A tag is no more tokens than bytes.
    let tail = &prompt[prompt.len().saturating_sub(tag.len() + 8)..];
    tokenizer.decode(tail).is_ok_and(|text| text.trim_end().ends_with(tag))
}
