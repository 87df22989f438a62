//! What a context policy works with.

use offseeker_chat::dialect::{Dialect, Turn};
use offseeker_chat::{ChatModel, Finish, Request, Sampling};
use offseeker_trajectory::{
    Limit, Message, Node, NodeId, Origin, Question, Role, Sampled, StopReason, ToolCall, Trajectory,
};

use super::{Attempt, place_after};
use crate::context::Part;
use crate::{Halt, tokens};

/// What a context policy works with: the conversation as it stands, and a model that it may ask.
#[derive(Debug)]
pub struct Desk<'a, 'b> {
    attempt: &'a mut Attempt<'b>,
}

impl Desk<'_, '_> {
    /// The conversation from its first message to its last.
    #[must_use]
    pub fn path(&self) -> Vec<NodeId> {
        self.attempt.course.tip.map(|tip| self.attempt.trajectory.path(tip)).unwrap_or_default()
    }

    /// The message in a place.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.attempt.trajectory.node(id)
    }

    /// The whole attempt, with everything that was rewritten.
    #[must_use]
    pub fn trajectory(&self) -> &Trajectory {
        &self.attempt.trajectory
    }

    /// What is asked.
    #[must_use]
    pub fn question(&self) -> &Question {
        &self.attempt.trajectory.question
    }

    /// How long the conversation is, in tokens.
    #[must_use]
    pub fn tokens(&self) -> u64 {
        self.attempt.context()
    }

    /// How long the conversation may be before it is answered, in tokens.
    #[must_use]
    pub fn room(&self) -> u64 {
        self.attempt.agent.limits.room()
    }

    /// How many turns the model took.
    #[must_use]
    pub fn turns(&self) -> u32 {
        self.attempt.course.turns
    }

    /// What the model wrote in a message, taken apart.
    #[must_use]
    pub fn turn(&self, message: &Message) -> Turn {
        self.attempt.reading.turn(message)
    }

    /// How the model writes.
    #[must_use]
    pub fn dialect(&self) -> &'static Dialect {
        self.attempt.reading.dialect
    }

    /// The message that brings the result of a call to the model, as its protocol has it.
    #[must_use]
    pub fn result(&self, call: &ToolCall, observation: &str, is_last: bool) -> Message {
        self.attempt.agent.protocol.result(self.attempt.reading.dialect, call, observation, is_last)
    }

    /// Asks a model, the attempt's own where none is given, in a conversation beside the attempt.
    ///
    /// Prompt and reply are written down with the attempt, under the name of the purpose. What was asked before, in the
    /// same words, is not asked again.
    ///
    /// # Errors
    ///
    /// When there is no reply: the attempt takes no further step. Hand the error on.
    pub async fn ask(
        &mut self,
        purpose: &str,
        prompt: Vec<Message>,
        model: Option<&dyn ChatModel>,
        sampling: Option<&Sampling>,
    ) -> Result<String, Halt> {
        let attempt = &mut *self.attempt;
        if let Some(known) = attempt.asked_aside(purpose, &prompt) {
            return Ok(known);
        }
        let own = attempt.agent.model.clone();
        let model = model.unwrap_or(&*own);
        let mut sampling = sampling.unwrap_or(&attempt.agent.protocol.sampling).clone();
        sampling.seed = attempt.seed(&sampling);
        let request = Request::new(&prompt).sampling(&sampling);
        let time = attempt.time_left().saturating_add(attempt.agent.limits.answer_time);
        let Some(reply) = attempt.reply_within(time, model, request).await? else {
            return Err(Halt::Ended(StopReason::Limit { which: Limit::WallTime }));
        };
        let reply = reply.map_err(Halt::of_model)?;
        attempt.clock.waited_ms = attempt.clock.waited_ms.saturating_add(reply.waited_ms);
        let text = reply.message.content.clone();
        let sampled = Sampled {
            tokens: reply.sampled,
            usage: reply.usage,
            finish: Some(reply.finish),
            model: (model.name() != own.name()).then(|| model.name().to_owned()),
            aside: Some(purpose.to_owned()),
            ..Sampled::default()
        };
        attempt.push_aside(prompt, reply.message, sampled).await?;
        Ok(text)
    }

    /// Writes down that there is nothing to be had for a prompt, so that it is not asked for again.
    pub(crate) async fn ask_no_more(&mut self, purpose: &str, prompt: Vec<Message>) -> Result<(), Halt> {
        let sampled = Sampled { aside: Some(purpose.to_owned()), finish: Some(Finish::Filtered), ..Sampled::default() };
        self.attempt.push_aside(prompt, Message::assistant(""), sampled).await
    }
}

impl Attempt<'_> {
    /// Lets the policy rewrite the conversation before the model reads it; says whether it did.
    ///
    /// It is not asked before the first turn, nor where nothing was said since the conversation was rewritten.
    pub(super) async fn rewrite(&mut self) -> Result<bool, Halt> {
        let tip = self.course.tip;
        let was_rewritten = tip
            .and_then(|tip| self.trajectory.node(tip))
            .is_some_and(|node| matches!(node.origin, Origin::Rewritten { .. }));
        if was_rewritten || self.course.turns == 0 {
            return Ok(false);
        }
        let policy = self.agent.policy.clone();
        if let Some(parts) = policy.rewrite(&mut Desk { attempt: self }).await? {
            self.branch(parts).await?;
        }
        Ok(self.course.tip != tip)
    }

    /// Goes on from other messages: shares those that are kept from the beginning on, and writes the others anew.
    pub(super) async fn branch(&mut self, parts: Vec<Part>) -> Result<(), Halt> {
        let nodes = self.branched(parts);
        if nodes.is_empty() { Ok(()) } else { self.push_all(Vec::new(), nodes).await }
    }

    /// The messages that a conversation of these parts has and the one that there is has not.
    pub(super) fn branched(&self, parts: Vec<Part>) -> Vec<Node> {
        let path = self.course.tip.map(|tip| self.trajectory.path(tip)).unwrap_or_default();
        let is_there = |(part, id): &(&Part, &NodeId)| part.is_at(&self.trajectory, **id);
        let shared = parts.iter().zip(&path).take_while(is_there).count();
        if shared == parts.len() && shared == path.len() {
            return Vec::new();
        }
        let first = self.next_place();
        let mut parent = shared.checked_sub(1).map(|last| path[last]);
        let mut nodes = Vec::new();
        for part in parts.into_iter().skip(shared) {
            let (message, of) = match part {
                Part::Keep(id) => (self.message(id), vec![id]),
                Part::Put { message, of } => (message, of),
            };
            let place = place_after(first, nodes.len());
            nodes.push(Node::new(parent, message, Origin::Rewritten { of }));
            parent = Some(place);
        }
        if nodes.is_empty() {
            // Nothing but the end is left out; the last message that stays is written again, so that it is the last.
            let Some(last) = parent else { return nodes };
            let before = self.trajectory.node(last).and_then(|node| node.parent);
            nodes.push(Node::new(before, self.message(last), Origin::Rewritten { of: vec![last] }));
        }
        nodes
    }

    fn message(&self, id: NodeId) -> Message {
        let node = self.trajectory.node(id);
        node.map_or_else(|| Message::new(Role::User, ""), |node| node.message.clone())
    }

    /// What was answered to the same prompt for the same purpose.
    fn asked_aside(&self, purpose: &str, prompt: &[Message]) -> Option<String> {
        let answered = |node: &&Node| {
            let is_aside = node.as_sampled().is_some_and(|sampled| sampled.aside.as_deref() == Some(purpose));
            is_aside && node.parent.is_some_and(|parent| self.trajectory.conversation(parent).into_iter().eq(prompt))
        };
        self.trajectory.nodes().iter().rev().find(answered).map(|node| node.message.content.clone())
    }

    async fn push_aside(&mut self, prompt: Vec<Message>, reply: Message, sampled: Sampled) -> Result<(), Halt> {
        let first = self.next_place();
        let mut nodes: Vec<Node> = Vec::with_capacity(prompt.len() + 1);
        for message in prompt {
            let parent = nodes.len().checked_sub(1).map(|last| place_after(first, last));
            nodes.push(Node::given(parent, message));
        }
        let parent = nodes.len().checked_sub(1).map(|last| place_after(first, last));
        nodes.push(Node::new(parent, reply, Origin::Sampled(sampled)));
        self.push_all(Vec::new(), nodes).await
    }
}

impl Part {
    /// Whether this message is there.
    pub(crate) fn is_at(&self, trajectory: &Trajectory, id: NodeId) -> bool {
        match self {
            Self::Keep(kept) => *kept == id,
            Self::Put { message, .. } => trajectory.node(id).is_some_and(|node| node.message == *message),
        }
    }

    /// How long the message is, in tokens.
    pub(crate) fn tokens(&self, trajectory: &Trajectory) -> u64 {
        match self {
            Self::Keep(id) => trajectory.node(*id).map_or(0, |node| tokens::estimate(&node.message)),
            Self::Put { message, .. } => tokens::estimate(message),
        }
    }
}
