//! Cuts samples out of attempts: which conversation, and how much each part of it counts.

mod conversation;
mod rules;
mod spelled;
mod weights;

use std::collections::HashSet;

use offseeker_trajectory::{
    Body, Branch, Metadata, Node, NodeId, Provenance, Sample, SampleId, SealMark, Trajectory, content_id, is_exposed,
};
use serde_json::json;

use crate::CurationError;
use crate::turns::is_turn;

pub use rules::{CutRules, TrainOn, View};
pub use spelled::SpellTokens;

use conversation::{Conversation, conversations};
use weights::weighted;

/// The samples of an attempt: one for each conversation in it that has words of the model which no other one has.
///
/// No message is trained on twice, whatever the context policy did: what two conversations share counts in the first of
/// them. What tools answered, what was given, corrections and replies that were thrown away never count.
///
/// ```
/// use offseeker_curation::{CutRules, samples};
/// use offseeker_trajectory::{Body, Message, Node, Question, Trajectory};
///
/// let mut attempt = Trajectory::new(Question::new("Which river?", ["the Orsa"]), 0);
/// let asked = attempt.push(Node::given(None, Message::user("Which river?")))?;
/// attempt.push(Node::sampled(asked, Message::assistant("<answer>the Orsa</answer>")))?;
///
/// let samples = samples(&attempt, &CutRules::default())?;
/// let Body::Messages { messages, .. } = &samples[0].body else { panic!("no tokens are known") };
/// assert_eq!(messages.iter().map(|message| message.weight).collect::<Vec<_>>(), [0.0, 1.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// When a weight of the rules is no number that JSON can say, or the question is of a [sealed](CurationError::Sealed)
/// benchmark.
pub fn samples(trajectory: &Trajectory, rules: &CutRules) -> Result<Vec<Sample>, CurationError> {
    samples_spelled(trajectory, rules, None)
}

/// The same, with the tokens that were sampled where they are known, and what spells the others.
///
/// A sample is made of tokens where those of every message that counts are known and each counts as a whole: tokens
/// know no segments. Else it is made of messages, and the tokens are left to who learns from it.
///
/// # Errors
///
/// As [`samples`].
pub fn samples_spelled(
    trajectory: &Trajectory,
    rules: &CutRules,
    spell: Option<&dyn SpellTokens>,
) -> Result<Vec<Sample>, CurationError> {
    check_seal(trajectory, rules)?;
    let mut taken = HashSet::new();
    let mut samples = Vec::new();
    let last_turn = trajectory.main_branch().and_then(|branch| last_turn(trajectory, &branch));
    for conversation in conversations(trajectory, rules) {
        let own: HashSet<NodeId> = conversation.sources().filter(|id| taken.insert(*id)).collect();
        let counts = |id: NodeId| own.contains(&id) && (!rules.train_on.is_last_only() || Some(id) == last_turn);
        samples.extend(sample(trajectory, &conversation, "own", rules, spell, counts)?);
    }
    Ok(samples)
}

/// The sample of the conversation that an attempt ended in, in which every turn of the model counts; none where it says
/// nothing.
pub(crate) fn whole_sample(
    trajectory: &Trajectory,
    rules: &CutRules,
    spell: Option<&dyn SpellTokens>,
) -> Result<Option<Sample>, CurationError> {
    check_seal(trajectory, rules)?;
    let Some(main) = trajectory.main_branch() else { return Ok(None) };
    let conversation = Conversation::of(trajectory, &main, rules);
    let last_turn = last_turn(trajectory, &main);
    let counts = |id: NodeId| !rules.train_on.is_last_only() || Some(id) == last_turn;
    sample(trajectory, &conversation, "whole", rules, spell, counts)
}

/// Refuses an attempt at a question of a sealed set, unless the rules want it.
pub(crate) fn check_seal(trajectory: &Trajectory, rules: &CutRules) -> Result<(), CurationError> {
    if rules.sealed || !is_exposed(&trajectory.question) {
        return Ok(());
    }
    Err(CurationError::Sealed { question: trajectory.question.id.clone() })
}

/// What a sample says of itself where it is of a sealed set: the mark of the question, and its name.
fn mark(trajectory: &Trajectory) -> Metadata {
    let mut metadata = Metadata::new();
    if let Some(mark) = trajectory.question.metadata.get(SealMark::FIELD).filter(|_| is_exposed(&trajectory.question)) {
        metadata.insert(SealMark::FIELD.to_owned(), mark.clone());
        metadata.insert("question".to_owned(), json!(trajectory.question.id));
    }
    metadata
}

/// The last thing that the model said in a conversation.
fn last_turn(trajectory: &Trajectory, branch: &Branch) -> Option<NodeId> {
    let is_said = |id: &&NodeId| trajectory.node(**id).and_then(Node::as_sampled).is_some_and(is_turn);
    branch.path().iter().rev().find(is_said).copied()
}

fn sample(
    trajectory: &Trajectory,
    conversation: &Conversation,
    part: &str,
    rules: &CutRules,
    spell: Option<&dyn SpellTokens>,
    counts: impl Fn(NodeId) -> bool,
) -> Result<Option<Sample>, CurationError> {
    let messages = weighted(trajectory, conversation, rules, counts);
    let is_trained = messages.iter().any(|it| it.weight != 0.0 || it.segments.values().any(|weight| *weight != 0.0));
    if !is_trained {
        return Ok(None);
    }
    let tip = conversation.tip();
    let cut_from = json!({"trajectory": trajectory.id, "tip": tip, "part": part, "rules": rules});
    let id = content_id(&cut_from).map_err(|error| CurationError::Unfit { reason: error.to_string() })?;
    let tokens = spell.and_then(|spell| spelled::tokens(trajectory, conversation, &messages, spell));
    let body = tokens.map_or(Body::Messages { messages, tools: trajectory.tools.clone() }, Body::Tokens);
    let from = Some(Provenance { trajectory: trajectory.id.clone(), tip });
    Ok(Some(Sample { id: SampleId::new(id), body, from, metadata: mark(trajectory) }))
}
