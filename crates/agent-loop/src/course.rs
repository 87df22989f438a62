//! Where an attempt stands, read off what was written of it.

use offseeker_chat::dialect::{Dialect, Turn};
use offseeker_trajectory::{CallStatus, Correction, Limit, Message, Node, NodeId, Origin, Sampled, ToolCall, Usage};

use crate::guard::Watch;
use crate::{LoopGuard, Protocol};

/// Where an attempt stands. It follows from the messages alone, so an attempt that is taken up again stands where it
/// stood.
#[derive(Debug, Clone)]
pub(crate) struct Course {
    reading: Reading,
    guard: LoopGuard,
    /// The last message of the conversation.
    pub(crate) tip: Option<NodeId>,
    pub(crate) turns: u32,
    pub(crate) calls: u32,
    pub(crate) blocked: u32,
    pub(crate) usage: Usage,
    /// For how long the attempt had been under way when something was written last, and had waited.
    pub(crate) spent_ms: u64,
    pub(crate) waited_ms: u64,
    /// Turns that were thrown away since the last good one.
    pub(crate) resampled: u32,
    /// Turns without call or answer since the last with one.
    pub(crate) silent: u32,
    /// Whether something was said to the model since its last turn.
    pub(crate) is_told: bool,
    /// The last turn, while not all of its calls are answered.
    pub(crate) open: Option<OpenTurn>,
    /// What the last turn answered.
    pub(crate) answer: Option<String>,
    pub(crate) checked_answer: bool,
    pub(crate) last_turn: Option<Limit>,
    /// Whether a turn was taken after the last one was announced.
    pub(crate) is_over: bool,
    pub(crate) watch: Watch,
    began: bool,
}

/// A turn whose calls are not all answered.
#[derive(Debug, Clone)]
pub(crate) struct OpenTurn {
    pub(crate) node: NodeId,
    pub(crate) calls: Vec<ToolCall>,
    pub(crate) done: usize,
}

/// Reads turns as a protocol has them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    pub(crate) dialect: &'static Dialect,
    pub(crate) bare_answer: bool,
}

impl Reading {
    pub(crate) fn of(protocol: &Protocol, dialect: &'static Dialect) -> Self {
        Self { dialect, bare_answer: protocol.bare_answer }
    }

    pub(crate) fn turn(self, message: &Message) -> Turn {
        let mut turn = self.dialect.read(message);
        if self.bare_answer && turn.calls.is_empty() && turn.answer.is_none() && !turn.text.trim().is_empty() {
            turn.answer = Some(turn.text.trim().to_owned());
        }
        turn
    }
}

impl Course {
    pub(crate) fn new(reading: Reading, guard: LoopGuard) -> Self {
        Self {
            reading,
            guard,
            tip: None,
            turns: 0,
            calls: 0,
            blocked: 0,
            usage: Usage::default(),
            spent_ms: 0,
            waited_ms: 0,
            resampled: 0,
            silent: 0,
            is_told: false,
            open: None,
            answer: None,
            checked_answer: false,
            last_turn: None,
            is_over: false,
            watch: Watch::default(),
            began: false,
        }
    }

    /// Goes on by one message.
    pub(crate) fn follow(&mut self, id: NodeId, node: &Node) {
        if let Some(at) = node.at {
            // The clock may have gone back; what was spent only grows.
            self.spent_ms = self.spent_ms.max(at.spent_ms);
            self.waited_ms = self.waited_ms.max(at.waited_ms);
        }
        match &node.origin {
            // What is given once the model has spoken belongs to a conversation beside this one.
            Origin::Given if self.began => {}
            Origin::Given | Origin::Rewritten { .. } => self.tip = Some(id),
            Origin::Sampled(sampled) => self.sampled(id, node, sampled),
            Origin::Observed(observed) => {
                self.calls += 1;
                self.usage += observed.usage;
                self.blocked += u32::from(observed.status == CallStatus::Blocked);
                self.tip = Some(id);
                self.answered(node, observed);
            }
            Origin::Corrective { why } => self.corrected(id, *why),
            _ => {}
        }
    }

    fn sampled(&mut self, id: NodeId, node: &Node, sampled: &Sampled) {
        self.began = true;
        self.usage += sampled.usage;
        if sampled.aside.is_some() {
            return;
        }
        if sampled.discarded.is_some() {
            self.resampled += 1;
            return;
        }
        self.tip = Some(id);
        self.is_told = false;
        let turn = self.reading.turn(&node.message);
        self.turns += 1;
        self.resampled = 0;
        self.is_over = self.last_turn.is_some();
        self.watch.turn(&self.guard, turn.reasoning.as_deref(), &sampled.calls);
        self.silent = if sampled.calls.is_empty() && turn.answer.is_none() { self.silent + 1 } else { 0 };
        self.answer = if sampled.calls.is_empty() { turn.answer } else { None };
        let is_open = !sampled.calls.is_empty() && !self.is_over;
        self.open = is_open.then(|| OpenTurn { node: id, calls: sampled.calls.clone(), done: 0 });
    }

    fn answered(&mut self, node: &Node, observed: &offseeker_trajectory::Observed) {
        let Some(open) = &mut self.open else { return };
        if let Some(call) = open.calls.get(open.done) {
            self.watch.observe(&self.guard, call, &node.message.content, observed);
        }
        open.done += 1;
        if open.done >= open.calls.len() {
            self.open = None;
        }
    }

    fn corrected(&mut self, id: NodeId, why: Correction) {
        self.tip = Some(id);
        self.is_told = true;
        match why {
            Correction::Circling => self.watch.warn(),
            Correction::Unverified => {
                self.checked_answer = true;
                self.answer = None;
            }
            Correction::LastTurn { limit } => {
                self.last_turn = Some(limit);
                self.is_over = false;
            }
            _ => {}
        }
    }
}
