//! What policies do where the room is short.

use std::sync::Arc;

use offseeker_agent_loop::context::{Fold, Full, PackedMemory, ReSum, Report};
use offseeker_agent_loop::{ContextPolicy, Limits};
use offseeker_trajectory::{Limit, StopReason, Trajectory};

use crate::stage::{Manner, agent, model, question};

async fn attempt(policy: impl ContextPolicy + 'static, manner: Manner, words: usize, context: u64) -> Trajectory {
    let limits = Limits { context, reserve: 100, ..Limits::default() };
    agent(model(manner, false), Arc::new(policy), false, words, limits).attempt(&question()).await
}

fn asides<'a>(attempt: &'a Trajectory, purpose: &str) -> Vec<&'a str> {
    let is_meant = |node: &&offseeker_trajectory::Node| {
        node.as_sampled().is_some_and(|sampled| sampled.aside.as_deref() == Some(purpose))
    };
    attempt.nodes().iter().filter(is_meant).map(|node| node.message.content.as_str()).collect()
}

#[tokio::test]
async fn a_conversation_that_became_too_long_at_once_is_summarised_before_it_is_given_up() {
    let forced = Some(StopReason::ForcedAnswer { why: Limit::Context });
    assert_eq!(attempt(Full, Manner::Summarising, 700, 700).await.stop, forced);
    let attempt = attempt(ReSum::default(), Manner::Summarising, 700, 700).await;
    assert_eq!(attempt.stop, Some(StopReason::Answered));
    assert_eq!(asides(&attempt, "resum").len(), 4);
}

#[tokio::test]
async fn a_summary_that_does_not_come_leaves_the_conversation_as_it_is() {
    let attempt = attempt(ReSum::default(), Manner::Stubborn, 700, 700).await;
    assert_eq!(attempt.stop, Some(StopReason::ForcedAnswer { why: Limit::Context }));
    assert_eq!(attempt.nodes().len(), 4 + 2 * 2 + 1 + 1, "it is asked for after the result and after the last word");
}

#[tokio::test]
async fn models_that_neither_report_nor_fold_are_summarised() {
    let policies: [Arc<dyn ContextPolicy>; 2] = [Arc::new(Report::default()), Arc::new(Fold::default())];
    for policy in policies {
        let name = policy.name().to_owned();
        let attempt = attempt(policy, Manner::Summarising, 400, 1_000).await;
        assert_eq!(attempt.stop, Some(StopReason::Answered), "{name}");
        assert!(!asides(&attempt, "resum").is_empty(), "{name}");
    }
}

#[tokio::test]
async fn a_memory_that_fills_the_room_is_cleaned() {
    let attempt = attempt(PackedMemory::default(), Manner::Summarising, 140, 1_000).await;
    assert_eq!(attempt.stop, Some(StopReason::Answered));
    assert_eq!(asides(&attempt, "clean-memory"), ["<memory>clean: page 3 read</memory>"]);
    let (turn, _) = attempt.nodes().iter().enumerate().rfind(|(_, node)| node.as_sampled().is_some()).unwrap();
    let shown = attempt.conversation(attempt.nodes()[turn].parent.unwrap());
    let memory = shown.last().unwrap().content.split_once("oldest first.\n\n").unwrap().1;
    assert_eq!(memory.replace(" word", ""), "clean: page 3 read\n\nlook {\"page\": 4}\npage 4 is here");
}
