//! A request while it waits and runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use offseeker_chat::{ChatError, Finish};
use rand_chacha::ChaCha8Rng;
use tokio::sync::mpsc::UnboundedSender;

use super::stream::{End, Event, Piece};
use crate::{IncrementalText, Sampled, Sampling, StopStrings, Tokenizer};

/// What the engine is asked.
pub(super) struct Job {
    pub(super) prompt: Vec<u32>,
    pub(super) sampling: Sampling,
    pub(super) stop: Vec<String>,
    /// The most tokens to write.
    pub(super) most: usize,
    pub(super) session: Option<String>,
    pub(super) events: UnboundedSender<Event>,
    pub(super) place: Place,
    pub(super) asked: Instant,
}

/// A place in the queue, given back when it is dropped.
pub(super) struct Place(Arc<AtomicUsize>);

impl Place {
    /// Takes a place, if there is one.
    pub(super) fn take(taken: &Arc<AtomicUsize>, most: usize) -> Option<Self> {
        let one_more = |taken| (taken < most).then_some(taken + 1);
        taken.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more).ok()?;
        Some(Self(taken.clone()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// How a sequence ends, to be told once it is put away.
pub(super) struct Ending {
    events: UnboundedSender<Event>,
    end: End,
}

impl Ending {
    pub(super) fn tell(self) {
        let _ = self.events.send(Event::End(self.end));
    }
}

/// A request while it waits and runs.
pub(super) struct Sequence<'t> {
    /// Those of the prompt, and those that were written.
    pub(super) tokens: Vec<u32>,
    pub(super) prompt: usize,
    /// How many of the tokens have keys and values.
    pub(super) ran: usize,
    /// Where these are, while it runs.
    pub(super) slot: Option<usize>,
    pub(super) session: Option<String>,
    /// How many tokens of the prompt were at hand when it first ran.
    pub(super) cached: usize,
    most: usize,
    sampling: Sampling,
    draws: ChaCha8Rng,
    tokenizer: &'t Tokenizer,
    text: Option<(IncrementalText<'t>, StopStrings)>,
    events: UnboundedSender<Event>,
    place: Option<Place>,
    asked: Instant,
    waited_ms: u64,
}

impl<'t> Sequence<'t> {
    pub(super) fn new(job: Job, tokenizer: &'t Tokenizer) -> Self {
        Self {
            prompt: job.prompt.len(),
            tokens: job.prompt,
            ran: 0,
            slot: None,
            session: job.session,
            cached: 0,
            most: job.most,
            draws: job.sampling.draws(0),
            sampling: job.sampling,
            tokenizer,
            text: Some((IncrementalText::new(tokenizer), StopStrings::new(job.stop))),
            events: job.events,
            place: Some(job.place),
            asked: job.asked,
            waited_ms: 0,
        }
    }

    /// Notes that it runs, in a slot that has its first tokens already.
    pub(super) fn begin(&mut self, slot: usize, ran: usize) {
        (self.slot, self.ran) = (Some(slot), ran);
        if self.place.take().is_some() {
            self.cached = ran.min(self.prompt);
            self.waited_ms = u64::try_from(self.asked.elapsed().as_millis()).unwrap_or(u64::MAX);
        }
    }

    /// The tokens that are still to run.
    pub(super) fn pending(&self) -> &[u32] {
        &self.tokens[self.ran..]
    }

    /// Whether it reads more than the token that it wrote last.
    pub(super) fn reads(&self) -> bool {
        self.pending().len() > 1 || self.tokens.len() == self.prompt
    }

    pub(super) fn is_given_up(&self) -> bool {
        self.events.is_closed()
    }

    pub(super) fn draw(&mut self, logits: &[f32]) -> Result<Sampled, ChatError> {
        self.sampling.sample(logits, &mut self.draws).map_err(|error| ChatError::broken(error.to_string()))
    }

    /// Takes a token in and tells of it. How it ends, if it was the last.
    pub(super) fn write(&mut self, token: Sampled) -> Option<Ending> {
        self.tokens.push(token.token);
        let (text, stops) = self.text.as_mut()?;
        let is_end = self.tokenizer.ends().contains(&token.token);
        // A network may have more rows than there are tokens; such a row stands for no text.
        let is_text = !is_end && !self.tokenizer.is_special(token.token);
        let said = if is_text { text.push(token.token).unwrap_or_default() } else { String::new() };
        let mut said = stops.push(&said);
        let finish = if let Some(stop) = stops.stopped_on() {
            Some(Finish::Stop { on: Some(stop.to_owned()) })
        } else if is_end {
            Some(Finish::Stop { on: None })
        } else {
            (self.tokens.len() - self.prompt >= self.most).then_some(Finish::Length)
        };
        if finish.is_some()
            && let Some((text, mut stops)) = self.text.take()
        {
            said.push_str(&stops.push(&text.finish()));
            if stops.stopped_on().is_none() {
                said.push_str(&stops.finish());
            }
        }
        // Nobody listens where the request was given up; it is removed before the next step.
        let _ = self.events.send(Event::Piece(Piece { text: said, token }));
        let end = |finish| End { finish, cached: self.cached, waited_ms: self.waited_ms };
        finish.map(|finish| Ending { events: self.events.clone(), end: end(finish) })
    }

    pub(super) fn fail(self, error: ChatError) {
        let _ = self.events.send(Event::Failed(error));
    }
}
