//! Several attempts at one question, and one answer made of theirs.

use std::collections::HashSet;
use std::sync::Arc;

use futures::{TryStreamExt, stream};
use offseeker_agent_loop::compose::Fusion;
use offseeker_agent_loop::{Journal, Panel, Researcher, Run, Stop};
use offseeker_chat::{ChatError, Scripted};
use offseeker_trajectory::{Node, Question, StopReason, Trajectory};
use offseeker_trajectory_store::{Filter, InMemory, Stored, TrajectoryStore, TrajectoryStoreExt};

use crate::world::{Witness, call, fallible, model, reader, replies, timeless};

fn question() -> Question {
    Question::new("Where does Karlin lie?", ["on the Orsa"])
}

/// A model whose attempts look Karlin up and answer, and whose synthesis says `fused`.
fn says(fused: &'static str) -> Arc<Scripted> {
    model(move |texts| match texts.len() {
        1 if texts[0].starts_with("Several researchers") => fused.to_owned(),
        1 => call("look", "name", "Karlin"),
        _ => "<answer>the Orsa</answer>".to_owned(),
    })
}

async fn go_on(panel: &Panel, store: Arc<dyn TrajectoryStore>) -> Trajectory {
    let beginning = Trajectory::new(question(), 0);
    let stored = store.find(&beginning.id).await.unwrap().unwrap_or_else(|| Stored::new(beginning));
    let made = panel.go_on(stored, &Journal::into_store(store), &Stop::default()).await;
    assert!(made.rests.is_none());
    made.trajectory
}

fn asides(attempt: &Trajectory) -> Vec<&Node> {
    let is_aside = |node: &&Node| node.as_sampled().is_some_and(|sampled| sampled.aside.is_some());
    attempt.nodes().iter().filter(is_aside).collect()
}

#[tokio::test]
async fn a_synthesis_is_made_of_what_all_attempts_found() {
    let told = says("<think>The Orsa it is.</think><answer>on the Orsa</answer>");
    let attempt = Panel::new(reader(told.clone()), 3).attempt(&question()).await;
    assert_eq!(attempt.stop, Some(StopReason::Answered));
    assert_eq!(attempt.answer.as_deref(), Some("on the Orsa"));

    let asked = told.asked();
    let seeds: HashSet<Option<u64>> = asked[..6].iter().map(|request| request.sampling.seed).collect();
    assert_eq!(seeds.len(), 6, "each request of each attempt has a seed of its own");
    assert_eq!(attempt.usage().requests, 7);

    let synthesis = asides(&attempt)[0];
    let prompt = attempt.conversation(synthesis.parent.unwrap());
    assert_eq!([prompt[0].clone()], asked[6].messages[..]);
    let told = "Researcher 2\nAnswer: the Orsa\n\nIt said:\n<tool_call>{\"name\": \"look\", \"arguments\": {\"name\": \"Karlin\"}}\
                </tool_call>\n\nIt was shown:\nKarlin lies on the Orsa.\n\nIt said:\n<answer>the Orsa</answer>";
    assert!(prompt[0].content.contains(told), "{}", prompt[0].content);
    let branches = attempt.branches();
    assert_eq!(branches.iter().filter(|branch| branch.is_aside()).count(), 1);
    assert_eq!(branches.len(), 2);
}

#[tokio::test]
async fn a_panel_that_is_taken_up_again_does_nothing_twice() {
    let (told, witness) = (says("<answer>on the Orsa</answer>"), Arc::new(Witness::default()));
    let whole = go_on(&Panel::new(reader(told), 3), witness.clone()).await;
    let writes = witness.writes();
    for written in 0..writes.len() {
        let (told, store) = (says("<answer>on the Orsa</answer>"), witness.after(written).await);
        let again = go_on(&Panel::new(reader(told.clone()), 3), store).await;
        assert_eq!(timeless(&again), timeless(&whole), "after {written} writes");
        assert_eq!(told.asked().len(), 7 - replies(&writes[..written]), "after {written} writes");
    }
    assert!(writes.len() > 15);
}

#[tokio::test]
async fn reports_are_read_rather_than_the_last_turns() {
    let told = model(|texts| match texts.len() {
        1 if texts[0].starts_with("Several researchers") => "<answer>a</answer>".to_owned(),
        1 => format!("<report>Karlin is to be looked up.</report>{}", call("look", "name", "Karlin")),
        _ => "<answer>b</answer>".to_owned(),
    });
    Panel::new(reader(told.clone()), 2).attempt(&question()).await;
    let prompt = told.asked().pop().unwrap().messages.remove(0).content;
    assert!(
        prompt.contains("Researcher 1\nAnswer: b\n\nKarlin is to be looked up.\n\n----------\nResearcher 2"),
        "{prompt}"
    );
}

#[tokio::test]
async fn without_a_synthesis_that_answers_there_is_a_vote() {
    let check = async |panel: fn(Panel) -> Panel, members: u32, fused: &'static str, answer: &str, requests: usize| {
        let told = says(fused);
        let attempt = panel(Panel::new(reader(told.clone()), members)).attempt(&question()).await;
        assert_eq!((attempt.answer.as_deref(), told.asked().len()), (Some(answer), requests), "{fused}");
    };
    check(|panel| panel, 2, "I cannot say.", "the Orsa", 5).await;
    check(|panel| panel, 2, "<answer>b</answer>", "b", 5).await;
    check(|panel| panel, 1, "<answer>b</answer>", "the Orsa", 2).await;
    check(|panel| panel.fused(Fusion::Vote), 2, "<answer>b</answer>", "the Orsa", 4).await;
}

#[tokio::test]
async fn a_synthesis_that_is_declined_leaves_the_vote() {
    let says = |texts: &[&str]| match texts.len() {
        1 if texts[0].starts_with("Several researchers") => Err(ChatError::Refused { reason: "no".to_owned() }),
        _ => Ok("<answer>the Orsa</answer>".to_owned()),
    };
    let attempt = Panel::new(reader(fallible(says)), 2).attempt(&question()).await;
    assert_eq!((attempt.stop, attempt.answer.as_deref()), (Some(StopReason::Answered), Some("the Orsa")));
}

#[tokio::test]
async fn what_no_attempt_answers_the_panel_does_not() {
    let silent = model(|_| "hm".to_owned());
    let attempt = Panel::new(reader(silent), 2).attempt(&question()).await;
    assert_eq!((attempt.stop, attempt.answer), (Some(StopReason::Malformed), None));
    let attempt = Panel::new(reader(down()), 2).attempt(&question()).await;
    assert!(attempt.stop.unwrap().is_infrastructure());
}

fn down() -> Arc<Scripted> {
    fallible(|_| Err(ChatError::broken("the server is down")))
}

#[tokio::test]
async fn panels_run_as_agents_do_and_are_made_anew_once_what_failed_is_mended() {
    let store = Arc::new(InMemory::new());
    let run = |model: Arc<Scripted>| {
        let panel = Panel::new(reader(model), 3);
        let manifest = panel.manifest("panels", 7).unwrap();
        assert_eq!(manifest.settings["panel"]["attempts"], 3);
        Run::new(panel, store.clone(), manifest).attempting(2)
    };
    let summary = run(down()).attempt_all(stream::iter([question()])).await.unwrap();
    assert_eq!(summary.ended, [("model_failure", 2)].into());

    let mended = run(says("<answer>on the Orsa</answer>")).mending_failures();
    let summary = mended.attempt_all(stream::iter([question()])).await.unwrap();
    assert_eq!(summary.ended, [("answered", 2)].into());
    let made: Vec<Trajectory> = store.trajectories(&Filter::default()).try_collect().await.unwrap();
    let panels: Vec<&Trajectory> = made.iter().filter(|attempt| attempt.run.is_some()).collect();
    assert_eq!((made.len(), panels.len()), (8, 2), "three attempts each stand beside the panels");
    for panel in panels {
        let told: Vec<&str> = panel.nodes()[1..4].iter().map(|node| node.message.content.as_str()).collect();
        assert!(told.iter().all(|told| told.ends_with("answered: the Orsa")), "{told:?}");
    }
}
