//! One attempt: check, rewrite, ask, act, until there is an answer.

mod act;
mod ask;
mod calling;
mod check;
mod desk;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use offseeker_tools::Toolbox;
use offseeker_trajectory::{Message, Moment, Node, NodeId, Origin, StopReason, ToolCall, Trajectory};
use offseeker_trajectory_store::{Entry, StoreError, Stored};
use tokio::time::Instant;

pub(crate) use calling::{let_caller_rest, stop_of_caller};
pub use desk::Desk;

use crate::agent::Made;
use crate::course::{Course, Reading};
use crate::{Agent, Halt, Journal, Stop};

/// An attempt that is being made.
#[derive(Debug)]
pub(crate) struct Attempt<'a> {
    agent: &'a Agent,
    journal: &'a Journal,
    stop: &'a Stop,
    toolbox: Toolbox,
    reading: Reading,
    trajectory: Trajectory,
    /// Results that are written down and come after ones that are not.
    ahead: BTreeMap<NodeId, Node>,
    course: Course,
    /// The messages up to the tip, as the model is sent them.
    conversation: Vec<Message>,
    clock: Clock,
}

/// Knows how long an attempt has been under way, over all lives of the program.
#[derive(Debug, Clone, Copy)]
struct Clock {
    begun: Instant,
    spent_before: u64,
    waited_ms: u64,
}

impl Clock {
    fn now(&self) -> Moment {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let spent = millis(self.begun.elapsed()).saturating_add(self.spent_before);
        Moment { clock_ms: millis(since_1970), spent_ms: spent, waited_ms: self.waited_ms }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl<'a> Attempt<'a> {
    pub(crate) fn new(
        agent: &'a Agent,
        reading: Reading,
        toolbox: Toolbox,
        journal: &'a Journal,
        stop: &'a Stop,
        stored: Stored,
    ) -> Self {
        let Stored { trajectory, ahead } = stored;
        let mut course = Course::new(reading, agent.guard.clone());
        for (id, node) in trajectory.ids().zip(trajectory.nodes()) {
            course.follow(id, node);
        }
        let clock = Clock { begun: Instant::now(), spent_before: course.spent_ms, waited_ms: course.waited_ms };
        let mut attempt =
            Self { agent, journal, stop, toolbox, reading, trajectory, ahead, course, conversation: Vec::new(), clock };
        attempt.take_up();
        attempt
    }

    /// Stands where the attempt stood when it was written down last.
    fn take_up(&mut self) {
        self.see_again();
        let mut calls = Vec::new();
        for (id, node) in self.trajectory.ids().zip(self.trajectory.nodes()) {
            let Some(sampled) = node.as_sampled() else { continue };
            let answered = |(number, _): &(usize, &ToolCall)| self.is_answered(place_after(id, number + 1));
            calls.extend(sampled.calls.iter().enumerate().filter(answered).map(|(_, call)| call.clone()));
        }
        self.toolbox.take_up(calls);
    }

    /// Whether the result of a call is written down that belongs in this place.
    fn is_answered(&self, place: NodeId) -> bool {
        let node = self.trajectory.node(place).or_else(|| self.ahead.get(&place));
        node.is_some_and(|node| matches!(node.origin, Origin::Observed(_)))
    }

    /// Makes the attempt, until there is a reason to take no further step.
    pub(crate) async fn make(&mut self) -> Halt {
        if let Err(halt) = self.open().await {
            return halt;
        }
        loop {
            if let Err(halt) = self.step().await {
                return halt;
            }
        }
    }

    /// One step: answers the calls of a turn that has some, rewrites the conversation, or takes the next turn.
    ///
    /// Which one follows from what is written down, so a conversation that was rewritten is checked again.
    async fn step(&mut self) -> Result<(), Halt> {
        if let Some(turn) = self.course.open.clone() {
            return self.act(turn).await;
        }
        match self.check().await? {
            ControlFlow::Break(()) => Ok(()),
            ControlFlow::Continue(()) if self.rewrite().await? => Ok(()),
            ControlFlow::Continue(()) => self.ask().await,
        }
    }

    /// Writes the beginning, unless it is there.
    async fn open(&mut self) -> Result<(), Halt> {
        if self.course.tip.is_some() {
            return Ok(());
        }
        self.trajectory.model = Some(self.agent.model.name().to_owned());
        self.trajectory.tools = self.toolbox.specs().to_vec();
        let protocol = &self.agent.protocol;
        let instructions = self.agent.policy.instructions();
        let asked = self.agent.wording.of(&self.trajectory.question);
        let opening = protocol.opening(&asked, self.toolbox.specs(), instructions);
        let first = self.next_place();
        let nodes = opening.into_iter().enumerate().map(|(number, message)| {
            let parent = (number > 0).then(|| place_after(first, number - 1));
            Node::given(parent, message)
        });
        let begin = Entry::Begin(Box::new(self.trajectory.clone()));
        self.push_all(vec![begin], nodes.collect()).await
    }

    /// Writes down how it ended, if it has.
    pub(crate) async fn close(mut self, halt: Halt) -> Made {
        let stop = match halt {
            Halt::Rests(pause) => return Made { trajectory: self.trajectory, rests: Some(pause) },
            Halt::Ended(stop) => stop,
        };
        let answer = match &stop {
            StopReason::Answered | StopReason::ForcedAnswer { .. } => self.course.answer.clone(),
            _ => None,
        };
        let attempt = self.trajectory.id.clone();
        let end = Entry::End { attempt, stop: stop.clone(), answer: answer.clone() };
        if let Err(error) = self.journal.write(vec![end]).await {
            return Made { trajectory: self.trajectory, rests: Some(error.into()) };
        }
        self.trajectory.answer = answer;
        self.trajectory.stop = Some(stop);
        Made { trajectory: self.trajectory, rests: None }
    }

    /// Where the next node goes.
    fn next_place(&self) -> NodeId {
        NodeId::new(u32::try_from(self.trajectory.nodes().len()).unwrap_or(u32::MAX))
    }

    async fn push(&mut self, node: Node) -> Result<(), Halt> {
        self.push_all(Vec::new(), vec![node]).await
    }

    /// Writes nodes down in the next places, all or none, after `entries`; then takes them in.
    async fn push_all(&mut self, mut entries: Vec<Entry>, mut nodes: Vec<Node>) -> Result<(), Halt> {
        let (first, now) = (self.next_place(), self.clock.now());
        for (number, node) in nodes.iter_mut().enumerate() {
            node.at = node.at.or(Some(now));
            entries.push(self.entry(place_after(first, number), node.clone()));
        }
        self.journal.write(entries).await?;
        nodes.into_iter().try_for_each(|node| self.take_in(node))
    }

    fn entry(&self, place: NodeId, node: Node) -> Entry {
        Entry::Node { attempt: self.trajectory.id.clone(), place, node: Box::new(node) }
    }

    /// Takes in a node that is written down.
    fn take_in(&mut self, mut node: Node) -> Result<(), Halt> {
        // It is kept for as long as the attempt is under way, and texts that were put together have room to spare.
        node.message.content.shrink_to_fit();
        let place = self.next_place();
        let before = self.course.tip;
        self.course.follow(place, &node);
        let continues = self.course.tip == Some(place) && node.parent == before;
        if continues {
            self.conversation.push(node.message.clone());
        }
        let moved = self.course.tip != before && !continues;
        let attempt = self.trajectory.id.clone();
        self.trajectory.push(node).map_err(|source| StoreError::Unfit { attempt, place, source })?;
        if moved {
            self.see_again();
        }
        Ok(())
    }

    /// Reads the conversation off the trajectory, after it branched.
    fn see_again(&mut self) {
        let path = self.course.tip.map(|tip| self.trajectory.path(tip)).unwrap_or_default();
        let messages = path.iter().filter_map(|id| self.trajectory.node(*id)).map(|node| node.message.clone());
        self.conversation = messages.collect();
    }
}

/// The place so many nodes after another.
fn place_after(place: NodeId, number: usize) -> NodeId {
    NodeId::new(u32::try_from(place.index() + number).unwrap_or(u32::MAX))
}
