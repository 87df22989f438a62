//! Calls tools, side by side, and writes down what each gives as soon as it is there.

use futures::StreamExt;
use offseeker_tools::Observation;
use offseeker_trajectory::{CallStatus, Node, NodeId, ToolCall};

use super::calling::calling;
use super::{Attempt, place_after};
use crate::course::OpenTurn;
use crate::{Halt, Pause};

impl Attempt<'_> {
    /// Answers the calls of a turn that are not answered yet, in their order.
    pub(super) async fn act(&mut self, turn: OpenTurn) -> Result<(), Halt> {
        let first = place_after(turn.node, 1);
        let is_there = |number: usize| number < turn.done || self.ahead.contains_key(&place_after(first, number));
        let missing: Vec<usize> = (0..turn.calls.len()).filter(|number| !is_there(*number)).collect();
        let made = self.make_calls(&turn, first, &missing).await?;

        let mut results = std::mem::take(&mut self.ahead);
        let mut halts = Vec::new();
        for made in made {
            match made {
                Ok((place, node)) => drop(results.insert(place, node)),
                Err(halt) => halts.push(halt),
            }
        }
        // What is there stays, though another call of the turn came to nothing.
        for number in turn.done..turn.calls.len() {
            let Some(node) = results.remove(&place_after(first, number)) else { break };
            self.take_in(node)?;
        }
        self.ahead = results;
        // Who rests can still find out later that something is broken.
        let rests = halts.iter().position(|halt| matches!(halt, Halt::Rests(_))).unwrap_or_default();
        if halts.is_empty() { Ok(()) } else { Err(halts.swap_remove(rests)) }
    }

    async fn make_calls(
        &self,
        turn: &OpenTurn,
        first: NodeId,
        missing: &[usize],
    ) -> Result<Vec<Result<(NodeId, Node), Halt>>, Halt> {
        let calls_before = self.course.calls.saturating_sub(u32::try_from(turn.done).unwrap_or(u32::MAX));
        let left = self.agent.limits.calls.saturating_sub(calls_before) as usize;
        let make = |place: usize| self.make_call(turn, first, missing[place], missing[place] < left);
        let at_once = self.toolbox.limits().at_once.max(1);
        let calls = futures::stream::iter(0..missing.len()).map(make).buffered(at_once).collect::<Vec<_>>();
        tokio::select! {
            made = calls => Ok(made),
            () = self.stop.now() => Err(Pause::Stopped.into()),
        }
    }

    /// Makes one call and writes down what it gives.
    async fn make_call(
        &self,
        turn: &OpenTurn,
        first: NodeId,
        number: usize,
        may: bool,
    ) -> Result<(NodeId, Node), Halt> {
        let call = &turn.calls[number];
        let observation = if may {
            let (observation, rests) = calling(self.stop, self.toolbox.call(call)).await;
            if let Some(pause) = rests {
                return Err(pause.into());
            }
            observation.map_err(|error| Halt::of_tool(&error))?
        } else {
            Observation::new(CallStatus::Budget, "This call was not made: there are no tool calls left.")
        };
        let place = place_after(first, number);
        let parent = if number == 0 { turn.node } else { place_after(first, number - 1) };
        let mut node = self.observed(parent, call, &observation, number + 1 == turn.calls.len());
        node.at = Some(self.clock.now());
        self.journal.write(vec![self.entry(place, node.clone())]).await?;
        Ok((place, node))
    }

    fn observed(&self, parent: NodeId, call: &ToolCall, observation: &Observation, is_last: bool) -> Node {
        let message = self.agent.protocol.result(self.reading.dialect, call, &observation.text, is_last);
        Node::observed(parent, message, observation.observed())
    }
}
