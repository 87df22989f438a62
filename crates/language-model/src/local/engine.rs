//! The thread that owns the network: sequences of different lengths join and leave between its steps.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, TryRecvError};
use std::sync::{Arc, Mutex, PoisonError};

use offseeker_chat::ChatError;
use rayon::prelude::*;

use super::Load;
use super::backend::Backend;
use super::kept::Kept;
use super::options::Limits;
use super::sequence::{Ending, Job, Sequence};
use crate::{Sampled, Tokenizer};

/// A new prompt waits for another one that begins alike if that saves it so many tokens, or all that it has left.
const WORTH_WAITING: usize = 16;

/// Runs sequences until nobody can ask any more.
pub(super) struct Engine<'t, B> {
    backend: B,
    tokenizer: &'t Tokenizer,
    limits: Limits,
    jobs: Receiver<Job>,
    waiting: VecDeque<Sequence<'t>>,
    running: Vec<Sequence<'t>>,
    kept: Kept,
    load: Arc<Mutex<Load>>,
    now: Load,
}

/// Where a new sequence may begin.
enum Start {
    /// With nothing.
    Afresh,
    /// With so many first tokens of one that runs.
    Running(usize, usize),
    /// With so many first tokens of a kept one.
    Kept(usize, usize),
    /// Later, because one that runs is about to have tokens that it can begin with.
    Later,
}

impl<'t, B: Backend> Engine<'t, B> {
    pub(super) fn new(
        backend: B,
        tokenizer: &'t Tokenizer,
        limits: Limits,
        jobs: Receiver<Job>,
        load: Arc<Mutex<Load>>,
    ) -> Self {
        Self {
            backend,
            tokenizer,
            limits,
            jobs,
            waiting: VecDeque::new(),
            running: Vec::new(),
            kept: Kept::default(),
            load,
            now: Load::default(),
        }
    }

    /// Runs until nobody can ask any more. What is under way then is given up.
    pub(super) fn run(mut self) {
        while self.receive() {
            match catch_unwind(AssertUnwindSafe(|| self.step())) {
                Ok(Ok(())) => {}
                Ok(Err(error)) => self.give_up(&error),
                Err(panic) => {
                    let what = format!("the model's thread panicked: {}", said(&*panic));
                    self.give_up(&ChatError::broken(what));
                }
            }
        }
    }

    /// Takes in what was asked; waits for it where there is nothing else to do. Whether anybody can ask any more.
    fn receive(&mut self) -> bool {
        if self.running.is_empty() && self.waiting.is_empty() {
            self.report();
            let Ok(job) = self.jobs.recv() else { return false };
            self.waiting.push_back(Sequence::new(job, self.tokenizer));
        }
        loop {
            match self.jobs.try_recv() {
                Ok(job) => self.waiting.push_back(Sequence::new(job, self.tokenizer)),
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
    }

    /// Fails everything under way, and begins anew.
    fn give_up(&mut self, error: &ChatError) {
        for sequence in self.running.drain(..).chain(self.waiting.drain(..)) {
            sequence.fail(error.clone());
        }
        self.kept.clear();
        // Where even this fails, the next sequence says so.
        let _ = catch_unwind(AssertUnwindSafe(|| self.backend.clear()));
        self.report();
    }

    fn report(&mut self) {
        let (kept, kept_tokens) = self.kept.size();
        let (waiting, running) = (self.waiting.len(), self.running.len());
        self.now = Load { waiting, running, kept, kept_tokens, ..self.now };
        *self.load.lock().unwrap_or_else(PoisonError::into_inner) = self.now;
    }

    /// Lets every sequence go on by a piece of its prompt or by a token.
    fn step(&mut self) -> Result<(), ChatError> {
        self.leave()?;
        self.join()?;
        self.make_room()?;
        self.report();
        let parts = self.parts();
        let slices: Vec<(usize, &[u32])> = parts
            .iter()
            .map(|(at, count)| {
                let sequence = &self.running[*at];
                (sequence.slot.expect("what runs has a slot"), &sequence.pending()[..*count])
            })
            .collect();
        let wanted: Vec<bool> = parts.iter().map(|(at, count)| self.running[*at].pending().len() == *count).collect();
        if slices.is_empty() {
            return Ok(());
        }
        let logits = self.backend.extend(&slices, &wanted)?;
        for (at, count) in &parts {
            let sequence = &mut self.running[*at];
            self.now.prompt_rows += (*count).min(sequence.prompt.saturating_sub(sequence.ran)) as u64;
            sequence.ran += count;
        }
        self.now.steps += 1;
        let write: Vec<usize> =
            parts.iter().zip(wanted).filter(|(_, wanted)| *wanted).map(|((at, _), _)| *at).collect();
        self.write(&write, &logits)
    }

    /// Draws the next token of some sequences, and removes those that end with it.
    fn write(&mut self, which: &[usize], logits: &[f32]) -> Result<(), ChatError> {
        let vocabulary = self.backend.vocabulary();
        let mut writers: Vec<_> = self.running.iter_mut().enumerate().filter(|(at, _)| which.contains(at)).collect();
        // The logits come in the order of the parts, the writers in that of the sequences.
        writers.sort_by_key(|(at, _)| which.iter().position(|part| part == at));
        let drawn: Vec<(usize, Result<Sampled, ChatError>)> = writers
            .into_par_iter()
            .zip(logits.par_chunks_exact(vocabulary))
            .map(|((at, sequence), logits)| (at, sequence.draw(logits)))
            .collect();
        let mut over = Vec::new();
        for (at, drawn) in drawn {
            match drawn {
                Ok(token) => {
                    self.now.written += 1;
                    if let Some(ending) = self.running[at].write(token) {
                        over.push((at, Ok(ending)));
                    }
                }
                Err(error) => over.push((at, Err(error))),
            }
        }
        over.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        let mut endings = Vec::new();
        for (at, end) in over {
            let sequence = self.running.remove(at);
            match end {
                Ok(ending) => {
                    endings.push(ending);
                    self.keep(sequence)?;
                }
                Err(error) => {
                    self.forget(&sequence)?;
                    sequence.fail(error);
                }
            }
        }
        self.make_room()?;
        self.report();
        endings.into_iter().for_each(Ending::tell);
        Ok(())
    }

    /// Which sequences go on, and by how many tokens: those that write by one each, those that read by what is left.
    fn parts(&self) -> Vec<(usize, usize)> {
        let mut left = self.limits.tokens;
        let mut parts = Vec::new();
        for reads in [false, true] {
            for (at, sequence) in self.running.iter().enumerate().filter(|(_, sequence)| sequence.reads() == reads) {
                let count = sequence.pending().len().min(left);
                if count > 0 {
                    parts.push((at, count));
                    left -= count;
                }
            }
        }
        parts
    }

    /// Removes the sequences that were given up.
    fn leave(&mut self) -> Result<(), ChatError> {
        self.waiting.retain(|sequence| !sequence.is_given_up());
        while let Some(at) = self.running.iter().position(Sequence::is_given_up) {
            let sequence = self.running.remove(at);
            self.keep(sequence)?;
        }
        Ok(())
    }

    /// Lets sequences that wait begin, the first that came first.
    fn join(&mut self) -> Result<(), ChatError> {
        let mut at = 0;
        while self.running.len() < self.limits.sequences && at < self.waiting.len().min(2 * self.limits.sequences) {
            let start = self.start(&self.waiting[at]);
            if matches!(start, Start::Later) {
                at += 1;
                continue;
            }
            let needed = self.tokens_running() + self.waiting[at].tokens.len() + self.running.len();
            if needed >= self.limits.cache && !self.running.is_empty() {
                return Ok(());
            }
            let mut sequence = self.waiting.remove(at).expect("it was looked at");
            let (slot, ran) = match self.slot(&sequence, &start) {
                Ok(begun) => begun,
                Err(error) => {
                    sequence.fail(error.clone());
                    return Err(error);
                }
            };
            self.now.reused_rows += ran as u64;
            sequence.begin(slot, ran);
            self.running.push(sequence);
            self.make_room()?;
        }
        Ok(())
    }

    fn tokens_running(&self) -> usize {
        self.running.iter().map(|sequence| sequence.tokens.len()).sum()
    }

    /// Where a sequence may begin: where most of its tokens are at hand.
    fn start(&self, new: &Sequence<'_>) -> Start {
        // The last token has to run, because the logits after it are wanted.
        let most = new.tokens.len() - 1;
        let mut best = (0, Start::Afresh);
        if let Some((at, common)) = self.kept.best(&new.tokens[..most], self.backend.forks()) {
            best = (common, Start::Kept(at, common));
        }
        if !self.backend.forks() {
            return best.1;
        }
        let mut promised = 0;
        for (at, other) in self.running.iter().enumerate() {
            let common = common(&other.tokens, &new.tokens[..most]);
            let ready = common.min(other.ran);
            if ready > best.0 {
                best = (ready, Start::Running(at, ready));
            }
            promised = promised.max(common);
        }
        let is_worth_waiting = promised >= best.0 + WORTH_WAITING || (promised == most && best.0 < most);
        if is_worth_waiting { Start::Later } else { best.1 }
    }

    /// A slot for a sequence, and how many of its tokens it has already.
    fn slot(&mut self, new: &Sequence<'_>, start: &Start) -> Result<(usize, usize), ChatError> {
        let context = self.limits.context;
        match *start {
            Start::Running(at, length) => {
                let from = self.running[at].slot.expect("what runs has a slot");
                Ok((self.backend.fork(from, length, context)?, length))
            }
            Start::Kept(at, length) => {
                if let Some(slot) = self.kept.take_over(at, length, new.session.as_deref()) {
                    self.backend.cut(slot, length, context)?;
                    Ok((slot, length))
                } else {
                    let slot = self.backend.fork(self.kept.touch(at), length, context)?;
                    Ok((slot, length))
                }
            }
            Start::Afresh | Start::Later => Ok((self.backend.add(context)?, 0)),
        }
    }

    /// Forgets kept sequences, and then sets the youngest back, until what is in memory has room there.
    fn make_room(&mut self) -> Result<(), ChatError> {
        let needed = self.tokens_running();
        while needed + self.kept.size().1 > self.limits.cache || self.kept.size().0 > self.backend.most_kept() {
            let Some(slot) = self.kept.oldest() else { break };
            self.backend.remove(slot)?;
        }
        while self.running.len() > 1 && self.tokens_running() > self.limits.cache {
            let mut last = self.running.pop().expect("there is more than one");
            self.forget(&last)?;
            (last.slot, last.ran) = (None, 0);
            self.now.set_back += 1;
            self.waiting.push_front(last);
        }
        Ok(())
    }

    /// Keeps the keys and values of a sequence that is over.
    fn keep(&mut self, mut sequence: Sequence<'t>) -> Result<(), ChatError> {
        let Some(slot) = sequence.slot else { return Ok(()) };
        sequence.tokens.truncate(sequence.ran);
        if sequence.tokens.is_empty() {
            return self.backend.remove(slot);
        }
        self.backend.cut(slot, sequence.ran, sequence.ran)?;
        for slot in self.kept.add(slot, sequence.tokens, sequence.session) {
            self.backend.remove(slot)?;
        }
        Ok(())
    }

    fn forget(&mut self, sequence: &Sequence<'_>) -> Result<(), ChatError> {
        sequence.slot.map_or(Ok(()), |slot| self.backend.remove(slot))
    }
}

/// How many first tokens two have in common.
pub(super) fn common(one: &[u32], other: &[u32]) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a word")
}
