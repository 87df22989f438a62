//! What models write that cannot be used is tried again, and then counted.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use offseeker_chat::{ChatError, Reply, Request};
use offseeker_entity_graph::expand::{Expanded, Stage};
use offseeker_trajectory::Message;

use crate::world::{Faulty, answer, options, undisturbed};

type Answer = Result<String, ChatError>;

/// A prompt and the seed of its sampling.
type Asked = (String, Option<u64>);

/// Runs with a model whose answers to prompts that begin in a way are others, a number of times.
async fn with(begins: &'static str, times: usize, other: impl Fn() -> Answer + Send + Sync + 'static) -> Expanded {
    let left = AtomicUsize::new(times);
    let model = move |request: Request<'_>| {
        let is_it = request.messages[0].content.starts_with(begins);
        let less = |left: usize| left.checked_sub(1);
        let text = if is_it && left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok() {
            other()?
        } else {
            answer(request)
        };
        Ok(Reply::new(Message::assistant(text)))
    };
    let folder = tempfile::tempdir().unwrap();
    Faulty::answering(model, |_| false).run(folder.path(), options()).await.unwrap()
}

#[tokio::test]
async fn an_answer_that_cannot_be_used_is_asked_for_again() {
    let (expected, _) = undisturbed().await;
    for (begins, text) in [
        ("Write ", String::new()),
        ("Write ", "I cannot do that.".to_owned()),
        ("Find in the page", "{\"entities\": \"none\"}".to_owned()),
        ("Find in the page", format!("{{\"entities\": {}", "[".repeat(1 << 20))),
        ("Without looking", "{\"familiarity\": 11}".to_owned()),
        ("Without looking", "{\"familiarity\": \"very\"}".to_owned()),
        ("Read the pages", "{\"facts\": [{\"text\": 7}], \"relations\": []}".to_owned()),
        ("Read the pages", format!("{{\"facts\": [], \"relations\": [], \"x\": \"{}\"}}", "x".repeat(5 << 20))),
    ] {
        let shown = format!("{begins}: {text:.60}");
        assert_eq!(with(begins, 1, move || Ok(text.clone())).await, expected, "{shown}");
    }
    assert_eq!(with("Write ", 2, || Err(ChatError::Refused { reason: "no".to_owned() })).await, expected);
}

#[tokio::test]
async fn what_never_can_be_used_is_counted_and_the_rest_goes_on() {
    let no = || Err(ChatError::Refused { reason: "no".to_owned() });
    let expanded = with("Write ", usize::MAX, no).await;
    let tally = expanded.funnel.stage(Stage::Nouns).unwrap();
    assert_eq!((tally.ok, tally.failed["refused"], tally.gives["nouns"]), (0, 2, 1));

    let expanded = with("Without looking", usize::MAX, || Ok("[]".to_owned())).await;
    let tally = expanded.funnel.stage(Stage::Pool).unwrap();
    assert_eq!(tally.failed["unreadable"], expanded.pool.len());
    assert!(expanded.pool.iter().all(|pooled| pooled.measures.len() == 1 && pooled.score.is_some()));

    let expanded = with("Read the pages", usize::MAX, || Ok("no".to_owned())).await;
    let tally = expanded.funnel.stage(Stage::Exploration).unwrap();
    assert_eq!((tally.ok, tally.failed["unreadable"]), (0, tally.items));
    assert_eq!(expanded.trails.len(), expanded.pool.iter().filter(|pooled| pooled.is_admitted).count());
    assert!(expanded.trails.iter().all(|trail| trail.nodes.len() == 1), "what leads nowhere is kept");
}

#[tokio::test]
async fn each_attempt_samples_otherwise_and_knows_what_was_wrong() {
    let seen: Arc<Mutex<Vec<Asked>>> = Arc::default();
    let noted = seen.clone();
    let model = move |request: Request<'_>| {
        if request.messages[0].content.starts_with("Write ") {
            noted.lock().unwrap().push((request.messages[0].content.clone(), request.sampling.seed));
            return Ok(Reply::new(Message::assistant("no")));
        }
        Ok(Reply::new(Message::assistant(answer(request))))
    };
    let folder = tempfile::tempdir().unwrap();
    let mut options = options();
    options.quotas.truncate(1);
    Faulty::answering(model, |_| false).run(folder.path(), options).await.unwrap();
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 3);
    assert!(seen[0].1 != seen[1].1 && seen[1].1 != seen[2].1 && seen.iter().all(|(_, seed)| seed.is_some()));
    assert!(!seen[0].0.contains("could not be used") && seen[1].0.contains("could not be used: at byte"));
}
