//! Asks the model for the next turn, and once more where it cannot be read.

use std::time::Duration;

use offseeker_chat::dialect::{Problem, Turn};
use offseeker_chat::{ChatError, ChatModel, Finish, Reply, Request, Sampling};
use offseeker_trajectory::{
    Correction, Limit, Message, Node, NodeId, Origin, Sampled, StopReason, ToolCall, TrajectoryId,
};

use super::{Attempt, place_after};
use crate::context::{is_cut, squeezed};
use crate::{Halt, Pause};

/// By how much the temperature rises each time that a turn is sampled again.
const WARMER: f64 = 0.1;

impl Attempt<'_> {
    /// Asks for the next turn, and writes it down.
    pub(super) async fn ask(&mut self) -> Result<(), Halt> {
        let reply = match self.request().await? {
            None => return self.time_is_up().await,
            Some(Ok(reply)) => reply,
            Some(Err(ChatError::ContextTooLong { .. })) => return self.make_room().await,
            Some(Err(error)) => return Err(Halt::of_model(error)),
        };
        self.clock.waited_ms = self.clock.waited_ms.saturating_add(reply.waited_ms);
        let parent = self.course.tip.expect("a conversation has begun");
        let (node, problem) = self.written(parent, reply)?;
        let Some(problem) = problem else { return self.push(node).await };
        let mut nodes = vec![node];
        if self.course.resampled == 0 && self.agent.resamples > 0 {
            // Said once, and not again if the next one is no better: the conversation stays as short as it can be.
            let text = self.agent.protocol.unreadable.fill(&[("problem", &problem)]);
            nodes.push(Node::corrective(parent, Message::user(text), Correction::Unreadable));
        }
        self.push_all(Vec::new(), nodes).await
    }

    /// The model's reply; none where it did not come in time.
    async fn request(&self) -> Result<Option<Result<Reply, ChatError>>, Halt> {
        let is_last = self.course.last_turn.is_some();
        let tools = if self.agent.protocol.is_native() && !is_last { self.toolbox.specs() } else { &[] };
        let sampling = self.sampling();
        let session = self.trajectory.id.to_string();
        let request = Request::new(&self.conversation).tools(tools).sampling(&sampling).session(&session);
        let time = if is_last { self.agent.limits.answer_time } else { self.time_left() };
        self.reply_within(time, &*self.agent.model, request).await
    }

    /// Asks a model, unless everything is to be dropped. There is no reply where it takes longer.
    pub(super) async fn reply_within(
        &self,
        time: Duration,
        model: &dyn ChatModel,
        request: Request<'_>,
    ) -> Result<Option<Result<Reply, ChatError>>, Halt> {
        tokio::select! {
            reply = tokio::time::timeout(time, model.reply(request)) => Ok(reply.ok()),
            () = self.stop.now() => Err(Pause::Stopped.into()),
        }
    }

    /// How long the attempt may still be under way.
    pub(super) fn time_left(&self) -> Duration {
        self.agent.limits.wall_time.saturating_sub(Duration::from_millis(self.clock.now().spent_ms))
    }

    /// The model took too long: one turn is left to answer, unless this was it.
    async fn time_is_up(&mut self) -> Result<(), Halt> {
        if let Some(which) = self.course.last_turn {
            return Err(Halt::Ended(StopReason::Limit { which }));
        }
        let parent = self.course.tip.expect("a conversation has begun");
        let (why, text) = self.last_turn(Limit::WallTime);
        self.push(Node::corrective(parent, Message::user(text), why)).await
    }

    fn sampling(&self) -> Sampling {
        let mut sampling = self.agent.protocol.sampling.clone();
        if !self.agent.protocol.is_native() {
            sampling.stop.extend(self.reading.dialect.stop.iter().cloned());
        }
        if self.course.resampled > 0 {
            let warmer = sampling.temperature.unwrap_or(1.0) + WARMER * f64::from(self.course.resampled);
            sampling.temperature = Some(warmer.min(2.0));
        }
        sampling.seed = self.seed(&sampling);
        sampling
    }

    /// The seed of the next request; the one that the protocol says is for nobody but who wants it.
    pub(super) fn seed(&self, sampling: &Sampling) -> Option<u64> {
        let seed = self.agent.seed?;
        Some(derived(sampling.seed.unwrap_or_default() ^ seed, &self.trajectory.id, self.next_place()))
    }

    /// The node of a reply, and why it cannot be used, where it cannot.
    fn written(&self, parent: NodeId, reply: Reply) -> Result<(Node, Option<String>), Halt> {
        let Reply { mut message, finish, usage, sampled, .. } = reply;
        let length = message.content.len();
        if !self.agent.protocol.is_native() {
            self.reading.dialect.close(&mut message.content, &finish);
        }
        let mut turn = self.reading.turn(&message);
        if let Some(at) = imagined(&turn) {
            message.content.truncate(at);
            turn = self.reading.turn(&message);
        }
        // The tokens are those of the text only where the text is as it was sampled, but for a closing tag.
        let tokens = sampled.filter(|_| message.content.len() >= length);
        if finish == Finish::Filtered && turn.calls.is_empty() && turn.answer.is_none() {
            return Err(Halt::Ended(StopReason::Refused));
        }
        let problem = problem(&turn, &finish);
        let calls = if problem.is_none() { self.numbered(turn.calls) } else { Vec::new() };
        let sampled =
            Sampled { tokens, usage, finish: Some(finish), calls, discarded: problem.clone(), ..Sampled::default() };
        Ok((Node::new(Some(parent), message, Origin::Sampled(sampled)), problem))
    }

    /// The calls with an id each, where the dialect has none; the same when it is done again.
    fn numbered(&self, calls: Vec<ToolCall>) -> Vec<ToolCall> {
        let place = self.next_place();
        let numbered = calls.into_iter().enumerate().map(|(number, call)| {
            let id = if call.id.is_empty() { format!("call_{place}_{number}") } else { call.id };
            ToolCall { id, ..call }
        });
        numbered.collect()
    }

    /// Shortens a conversation that the server finds too long, and leaves it one turn.
    async fn make_room(&mut self) -> Result<(), Halt> {
        let room = self.context().min(self.agent.limits.room()) / 2;
        let path = self.course.tip.map(|tip| self.trajectory.path(tip)).unwrap_or_default();
        let is_last = self.course.last_turn.is_some();
        let parts = if is_last && self.was_cut(&path) { None } else { squeezed(&self.trajectory, &path, room) };
        if is_last && parts.is_none() {
            return Err(Halt::Ended(StopReason::Limit { which: Limit::Context }));
        }
        let mut nodes = parts.map(|parts| self.branched(parts)).unwrap_or_default();
        if !is_last {
            // Together with what was cut, so that nobody takes the attempt up in between and goes on as if there were room.
            let (why, text) = self.last_turn(Limit::Context);
            let last = nodes.len().checked_sub(1).map(|last| place_after(self.next_place(), last));
            let parent = last.or(self.course.tip).expect("a conversation has begun");
            nodes.push(Node::corrective(parent, Message::user(text), why));
        }
        self.push_all(Vec::new(), nodes).await
    }

    /// Whether the conversation was cut before.
    fn was_cut(&self, path: &[NodeId]) -> bool {
        path.iter().filter_map(|id| self.trajectory.node(*id)).any(|node| is_cut(&node.message))
    }
}

/// Where a model began to write what a tool would have answered.
fn imagined(turn: &Turn) -> Option<usize> {
    turn.flaws.iter().find(|flaw| flaw.problem == Problem::HallucinatedObservation).map(|flaw| flaw.at)
}

/// Why a turn cannot be used, in words for the model; none where it can.
fn problem(turn: &Turn, finish: &Finish) -> Option<String> {
    let found = turn.flaws.iter().find_map(|flaw| match &flaw.problem {
        Problem::UnreadableCall { error, .. } => Some(format!("a tool call cannot be read ({error})")),
        Problem::Unclosed { tag } if *finish == Finish::Length => {
            Some(format!("it was cut off because it was too long, before {tag}"))
        }
        Problem::Unclosed { tag } => Some(format!("{tag} is missing")),
        Problem::CallAndAnswer => Some("it has both a tool call and an answer".to_owned()),
        Problem::TooLarge => Some("it is too long".to_owned()),
        _ => None,
    });
    let was_cut = *finish == Finish::Length && turn.calls.is_empty() && turn.answer.is_none();
    found.or_else(|| was_cut.then(|| "it was cut off because it was too long".to_owned()))
}

/// A seed for one request of one attempt.
fn derived(seed: u64, attempt: &TrajectoryId, place: NodeId) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    hasher.update(attempt.as_str().as_bytes());
    hasher.update(&place.index().to_le_bytes());
    let hash = hasher.finalize();
    let first: [u8; 8] = hash.as_bytes()[..8].try_into().expect("a hash has 32 bytes");
    // Servers read seeds as signed numbers.
    u64::from_le_bytes(first) >> 1
}
