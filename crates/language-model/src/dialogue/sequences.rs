//! From samples to the weighted tokens that a trainer learns from.

use offseeker_trajectory::{Body, Message, Sample, ToolSpec, WeightedMessage, WeightedToken};
use serde::{Deserialize, Serialize};

use super::thinking::is_asked;
use super::{DialogueError, Origin, Rendered, Renderer, Thinking};

/// How long a sequence may be, and what becomes of a longer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cutoff {
    /// The most tokens.
    pub tokens: usize,
    /// What becomes of a longer sequence.
    pub over_long: OverLong,
}

/// What becomes of a sequence that is too long.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverLong {
    /// It is left out.
    #[default]
    Drop,
    /// It ends with the last turn of the model that counts and fits; without one it is left out.
    CutAtTurnEnd,
}

/// What became of samples on their way to tokens: nothing is left out without a number here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Tally {
    /// Samples that were read.
    pub samples: usize,
    /// Sequences that were made of them.
    pub sequences: usize,
    /// Tokens in these.
    pub tokens: usize,
    /// Those of them that have a weight.
    pub learnt: usize,
    /// Sequences that were cut at a turn's end.
    pub cut: usize,
    /// Sequences that were left out because they are too long.
    pub dropped: usize,
    /// Tokens of sequences that were left out, or cut off.
    pub lost_tokens: usize,
    /// Sequences that were left out because nothing in them has a weight.
    pub weightless: usize,
    /// Turns of the model with a weight that cannot be learnt from because reasoning was taken out of them or of what
    /// stands before them.
    pub altered_turns: usize,
}

impl Renderer {
    /// The sequences of weighted tokens that a sample is learnt from: one, or with [`Thinking::ExplodePerTurn`] one for
    /// each message of the user.
    ///
    /// Tokens pass through as they are: what was sampled is never split anew.
    ///
    /// # Errors
    ///
    /// When the messages cannot be rendered exactly, a message that the model did not write has a weight, or a token is
    /// none of this vocabulary. The error names the sample.
    pub fn sequences(
        &self,
        sample: &Sample,
        cutoff: Option<Cutoff>,
        tally: &mut Tally,
    ) -> Result<Vec<Vec<WeightedToken>>, DialogueError> {
        tally.samples += 1;
        let whole = match &sample.body {
            Body::Tokens(tokens) => self.known(tokens).map(|()| vec![tokens.clone()]),
            Body::Messages { messages, tools } => self.weighted(messages, tools, tally),
        };
        let whole =
            whole.map_err(|error| DialogueError::Sample { sample: sample.id.clone(), source: Box::new(error) })?;
        Ok(whole.into_iter().filter_map(|tokens| self.fit(tokens, cutoff, tally)).collect())
    }

    fn known(&self, tokens: &[WeightedToken]) -> Result<(), DialogueError> {
        let size = self.tokenizer().vocabulary();
        let foreign = |token: &WeightedToken| usize::try_from(token.id).map_or(true, |id| id >= size);
        match tokens.iter().position(foreign) {
            Some(at) => Err(DialogueError::ForeignToken { at, id: tokens[at].id, size }),
            None => Ok(()),
        }
    }

    fn weighted(
        &self,
        weighted: &[WeightedMessage],
        tools: &[ToolSpec],
        tally: &mut Tally,
    ) -> Result<Vec<Vec<WeightedToken>>, DialogueError> {
        for (at, entry) in weighted.iter().enumerate() {
            let role = entry.message.role;
            let weights = entry.segments.values().copied().chain([entry.weight]);
            if let Some(weight) = weights.into_iter().find(|weight| *weight != 0.0)
                && role != offseeker_trajectory::Role::Assistant
            {
                return Err(DialogueError::WeightOnGiven { message: at, role, weight });
            }
        }
        let messages: Vec<Message> = weighted.iter().map(|entry| entry.message.clone()).collect();
        let mut sequences = Vec::new();
        for (from, until) in self.rounds(&messages) {
            let rendered = self.render(&messages[..until], tools)?;
            let lost = rendered.altered.iter().filter(|&&at| at >= from && counts(&weighted[at]));
            tally.altered_turns += lost.count();
            sequences.push(tokens(&rendered, weighted, from));
        }
        Ok(sequences)
    }

    /// For each sequence, the first message that is learnt from in it and the one that it ends before.
    fn rounds(&self, messages: &[Message]) -> Vec<(usize, usize)> {
        if self.thinking != Thinking::ExplodePerTurn {
            return vec![(0, messages.len())];
        }
        let asked = |at: &usize| is_asked(&messages[*at], &self.dialect);
        let mut starts: Vec<usize> = (0..messages.len()).filter(asked).collect();
        match starts.first_mut() {
            Some(first) => *first = 0,
            None => return vec![(0, messages.len())],
        }
        let ends = starts.iter().skip(1).copied().chain([messages.len()]);
        let rounds = starts.iter().copied().zip(ends);
        let speaks = |&(from, until): &(usize, usize)| {
            messages[from..until].iter().any(|message| message.role == offseeker_trajectory::Role::Assistant)
        };
        rounds.filter(speaks).collect()
    }

    fn fit(
        &self,
        mut tokens: Vec<WeightedToken>,
        cutoff: Option<Cutoff>,
        tally: &mut Tally,
    ) -> Option<Vec<WeightedToken>> {
        let was = tokens.len();
        if let Some(Cutoff { tokens: most, over_long }) = cutoff.filter(|cutoff| was > cutoff.tokens) {
            let ends_turn = |token: &WeightedToken| token.weight != 0.0 && self.tokenizer().ends().contains(&token.id);
            let keep = match over_long {
                OverLong::Drop => None,
                OverLong::CutAtTurnEnd => tokens[..most].iter().rposition(ends_turn),
            };
            let Some(last) = keep else {
                tally.dropped += 1;
                tally.lost_tokens += was;
                return None;
            };
            tokens.truncate(last + 1);
            tally.cut += 1;
            tally.lost_tokens += was - tokens.len();
        }
        let learnt = tokens.iter().filter(|token| token.weight != 0.0).count();
        if learnt == 0 {
            tally.weightless += 1;
            tally.lost_tokens += tokens.len();
            return None;
        }
        tally.sequences += 1;
        tally.tokens += tokens.len();
        tally.learnt += learnt;
        Some(tokens)
    }
}

fn counts(entry: &WeightedMessage) -> bool {
    entry.weight != 0.0 || entry.segments.values().any(|weight| *weight != 0.0)
}

fn tokens(rendered: &Rendered, weighted: &[WeightedMessage], from: usize) -> Vec<WeightedToken> {
    let weight = |origin: &Origin| match origin {
        Origin::Written { message, segment } if *message >= from => weighted[*message].weight_of(*segment),
        _ => 0.0,
    };
    let pairs = rendered.ids.iter().zip(&rendered.origins);
    pairs.map(|(&id, origin)| WeightedToken { id, weight: weight(origin), logprob: None }).collect()
}
