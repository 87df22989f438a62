//! What form an attempt has.

use offseeker_trajectory::{Branch, Correction, Node, Origin, Repair, Role, StopReason, Trajectory};
use serde::{Deserialize, Serialize};

use crate::turns::Turn;
use crate::{CountTokens, tokens};

/// What form an attempt has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Turns of the model that were kept.
    pub turns: u32,
    /// The tokens of the conversation that it ended in.
    pub tokens: u64,
    /// Whether the roles of that conversation alternate: instructions, then in turn what the model is told and what it
    /// says, and the model last.
    pub in_order: bool,
    /// Replies that were thrown away and sampled again.
    pub resampled: u32,
    /// Turns with neither a call nor an answer.
    pub silent: u32,
    /// Turns with a call whose arguments had to be mended.
    pub repaired: u32,
    /// What it took to read the worst arguments.
    pub repair: Repair,
    /// Whether it was found to go in circles.
    pub circling: bool,
}

impl Shape {
    pub(super) fn of(
        trajectory: &Trajectory,
        main: Option<&Branch>,
        turns: &[Turn<'_>],
        counter: &dyn CountTokens,
    ) -> Self {
        let corrected = |wanted: Correction| {
            let is_it = |node: &&Node| matches!(node.origin, Origin::Corrective { why } if why == wanted);
            trajectory.nodes().iter().filter(is_it).count() as u32
        };
        let repairs = turns.iter().map(|turn| turn.calls.iter().map(|call| call.repair).max().unwrap_or_default());
        let circling = corrected(Correction::Circling) > 0 || trajectory.stop == Some(StopReason::Loop);
        Self {
            turns: turns.len() as u32,
            tokens: main.map_or(0, |main| tokens::conversation(trajectory, main.tip(), counter)),
            in_order: main.is_some_and(|main| is_in_order(trajectory, main)),
            resampled: trajectory.nodes().iter().filter(|node| node.is_discarded()).count() as u32,
            silent: corrected(Correction::Silent),
            repaired: repairs.clone().filter(|repair| !repair.is_none()).count() as u32,
            repair: repairs.max().unwrap_or_default(),
            circling,
        }
    }

    /// Flaws of form together.
    pub(crate) fn flaws(&self) -> u32 {
        self.resampled + self.silent + self.repaired
    }
}

fn is_in_order(trajectory: &Trajectory, main: &Branch) -> bool {
    let kept = main.path().iter().filter_map(|id| trajectory.node(*id)).filter(|node| !node.is_discarded());
    let mut spoke = None;
    let mut alternates = true;
    for node in kept {
        let is_model = node.message.role == Role::Assistant;
        alternates &= match (spoke, node.message.role) {
            (None, role) => role != Role::Assistant,
            // Instructions stand at the beginning alone.
            (Some(_), Role::System) => false,
            (Some(before), _) => !(before && is_model),
        };
        spoke = Some(is_model);
    }
    alternates && spoke == Some(true)
}
