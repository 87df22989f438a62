//! What is learnt of an attempt.

use std::collections::BTreeMap;

use offseeker_trajectory::Segment;
use serde::{Deserialize, Serialize};

/// What is learnt of an attempt.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CutRules {
    /// What counts: everything that the model said.
    pub train_on: TrainOn,
    /// What the student sees: what the model saw.
    pub view: View,
    /// Whether the arguments of calls do not count: they do.
    pub mask_arguments: bool,
    /// Whether a turn does not count of which a call failed: it does.
    pub mask_failed: bool,
    /// Whether a turn does not count that was badly formed, with neither call nor answer or with arguments that had to
    /// be mended: it does.
    pub mask_malformed: bool,
    /// Whether what was asked beside the attempt, such as summaries, makes samples too: no.
    pub asides: bool,
    /// Whether words that asked for a turn again are left out, because who writes well never sees them: no.
    pub without_requests_for_more: bool,
    /// Whether attempts at questions of sealed benchmarks are learnt from too: no. Their samples carry the mark.
    // Left out of the name of a sample where it changes nothing.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub sealed: bool,
}

/// What of a conversation counts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrainOn {
    /// Everything that the model said.
    #[default]
    AllAssistant,
    /// The last turn of the attempt.
    LastAssistant,
    /// The answer in the last turn of the attempt.
    FinalAnswer,
    /// Each part of what the model said as much as is said here; a part that is not named does not count.
    Segments(BTreeMap<Segment, f32>),
}

impl TrainOn {
    pub(super) fn is_last_only(&self) -> bool {
        matches!(self, Self::LastAssistant | Self::FinalAnswer)
    }
}

/// What the student sees of an attempt whose conversation was rewritten on the way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// What the model saw: a conversation for each rewriting.
    #[default]
    AsSeen,
    /// What the tools said: in the place of every summary stand the messages that it is of. So a student learns to work
    /// from raw observations what a teacher found with tidy ones, as OpenSeeker has it.
    Raw,
}
