//! What policies do where the room is short.

use std::sync::Arc;

use futures::FutureExt;
use offseeker_agent_loop::context::{Fold, Full, PackedMemory, ReSum, Report, StripOldReasoning, SummariseOld};
use offseeker_agent_loop::{ContextPolicy, Limits};
use offseeker_chat::{ChatError, ChatModel, OwnedRequest, Scripted};
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

/// A model that cannot read more than so many characters, nor anything that begins so.
fn narrow(most: usize, declined: &'static str) -> Arc<Scripted> {
    let wide = model(Manner::Summarising, false);
    Arc::new(Scripted::by(move |request| {
        let read: usize = request.messages.iter().map(|message| message.content.len()).sum();
        if read > most {
            return Err(ChatError::ContextTooLong { reason: "too long".to_owned(), limit: None, used: None });
        }
        if !declined.is_empty() && request.messages[0].content.starts_with(declined) {
            return Err(ChatError::Refused { reason: "no".to_owned() });
        }
        let request: OwnedRequest = request.to_owned();
        wide.reply(request.as_request()).now_or_never().unwrap()
    }))
}

#[tokio::test]
async fn a_window_that_is_smaller_than_it_was_said_ends_the_attempt_with_an_answer_or_without() {
    let check = async |policy: Arc<dyn ContextPolicy>, most: usize, turns: u32, expected: StopReason| {
        let (told, limits) = (narrow(most, ""), Limits { turns, ..Limits::default() });
        let name = policy.name().to_owned();
        let attempt = agent(told.clone(), policy, false, 400, limits).attempt(&question()).await;
        assert_eq!(attempt.stop, Some(expected), "{name}, {most} characters");
        assert!(told.asked().len() < 12, "{name}, {most} characters: {}", told.asked().len());
    };
    let forced = |why| StopReason::ForcedAnswer { why };
    let nothing = StopReason::Limit { which: Limit::Context };
    check(Arc::new(Full), 5_000, 100, forced(Limit::Context)).await;
    check(Arc::new(Full), 5_000, 4, forced(Limit::Turns)).await;
    check(Arc::new(Full), 10, 100, nothing.clone()).await;
    check(Arc::new(StripOldReasoning::default()), 7_000, 5, forced(Limit::Turns)).await;
    check(Arc::new(StripOldReasoning::default()), 10, 5, nothing).await;
}

#[tokio::test]
async fn an_attempt_goes_on_where_nobody_summarises() {
    for declined in ["", "An agent looks for"] {
        // Without words for it, what is too long is the prompt for the summary.
        let small = narrow(if declined.is_empty() { 100 } else { 100_000 }, declined);
        let policies: [Arc<dyn ContextPolicy>; 3] = [
            Arc::new(SummariseOld { model: Some(small.clone()), ..SummariseOld::default() }),
            Arc::new(ReSum { every: Some(1), model: Some(small.clone()), ..ReSum::default() }),
            Arc::new(PackedMemory { clean_at: 0.0, model: Some(small.clone()) }),
        ];
        for policy in policies {
            let (name, before) = (policy.name().to_owned(), small.asked().len());
            let attempt = attempt(policy, Manner::Stubborn, 200, 100_000).await;
            assert_eq!(attempt.stop, Some(StopReason::Answered), "{name}");
            let asked = small.asked().len() - before;
            let is_enough = if name == "summarise-old" { asked == 3 } else { asked > 0 };
            assert!(is_enough, "{name} asked {asked} times: what was declined is not asked for again");
        }
    }
}
