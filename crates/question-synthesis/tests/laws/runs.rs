//! Runs that are disturbed end as if nothing had happened.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use offseeker_chat::{ChatError, ChatModel, Reply, Scripted};
use offseeker_question_synthesis::{
    ClosedBook, Decontaminate, Draft, Event, Ground, Item, Judge, KnownTexts, LeakCheck, Obscure, ObscureByModel,
    Outcome, Pass, Planner, Prune, Rejection, Replies, Stop, Synthesis, SynthesisError, UniqueByModel, UniqueInGraph,
    Watcher, WriteByModel,
};
use offseeker_search::{SearchBackend, SearchError};
use offseeker_trajectory::Message;
use proptest::prelude::*;
use tokio::sync::Notify;

use crate::world;

/// When models and searches are out of reach: while it is on, at points that are drawn.
#[derive(Debug, Default)]
struct Outages {
    is_on: AtomicBool,
    seed: AtomicU64,
    asked: AtomicU64,
}

impl Outages {
    fn strike(&self) -> bool {
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        let drawn = blake3::hash(format!("{} {number}", self.seed.load(Ordering::Relaxed)).as_bytes());
        self.is_on.load(Ordering::Relaxed) && drawn.as_bytes()[0] < 32
    }
}

/// Writes what it is asked to, knows nothing, and judges by the hash of what it judges.
fn model(outages: &Arc<Outages>) -> Arc<dyn ChatModel> {
    let outages = outages.clone();
    Arc::new(Scripted::by(move |request| {
        if outages.strike() {
            return Err(ChatError::transient("asleep"));
        }
        let asked = &request.messages[0].content;
        let part = |from: &str, to: &str| asked.split_once(from).map(|(_, rest)| rest.split(to).next().unwrap().trim());
        let said = if let Some(plain) = part("Plain wording:", "The answer,") {
            let answer = part("must not be in the question:", "Write").unwrap();
            format!("<question>{plain}</question><answer>{answer}</answer>")
        } else if asked.contains("vaguer") {
            "<question>No.</question>".to_owned()
        } else if asked.contains("\"others\"") {
            "{\"others\": [\"Nobody\"]}".to_owned()
        } else if asked.contains("\"verdict\"") {
            let is_right = blake3::hash(asked.as_bytes()).as_bytes()[0] < 22;
            let verdict = if is_right { "correct" } else { "incorrect" };
            format!("{{\"verdict\": \"{verdict}\", \"extracted\": \"x\", \"reason\": \"\"}}")
        } else {
            format!("<answer>I guess {}</answer>", request.sampling.seed.unwrap_or(0))
        };
        Ok(Reply::new(Message::assistant(said)))
    }))
}

fn search(outages: &Arc<Outages>) -> Arc<dyn SearchBackend> {
    let outages = outages.clone();
    let answer = move |_: &offseeker_search::Query| {
        if outages.strike() { Err(SearchError::transient("s", "asleep")) } else { Ok(vec![]) }
    };
    Arc::new(offseeker_search::Scripted::by(answer))
}

fn synthesis(ground: &Arc<Ground>, outages: &Arc<Outages>) -> Synthesis {
    let (model, search) = (model(outages), search(outages));
    let mut closed_book = ClosedBook::new(model.clone(), Judge::by_model(model.clone()));
    closed_book.replies = Replies { samples: 2, greedy: 1, ..Replies::default() };
    let mut synthesis = Synthesis::new(ground.clone(), Planner { seed: 4, ..Planner::default() })
        .then(Obscure::new(ground.clone()))
        .then(Prune::new(ground.clone()))
        .then(UniqueInGraph::new(ground.clone()))
        .then(WriteByModel::new(ground.clone(), model.clone()))
        .then(ObscureByModel::new(ground.clone(), model.clone()))
        .then(LeakCheck::new(ground.clone()).searching(search))
        .then(UniqueByModel::new(ground.clone(), model))
        .then(closed_book)
        .then(Decontaminate::new(Arc::new(KnownTexts::of(["Which river does the mill stand on?"]))));
    synthesis.at_once = 3;
    synthesis
}

const ITEMS: u64 = 24;

/// The files that a run leaves, and its items.
type Left = (BTreeMap<String, Vec<u8>>, BTreeMap<u64, Item>);

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap())).collect()
}

fn items(folder: &Path) -> BTreeMap<u64, Item> {
    let text = std::fs::read_to_string(folder.join("items.jsonl")).unwrap();
    let items = text.lines().map(|line| serde_json::from_str::<Item>(line).unwrap());
    items.map(|item| (item.number, item)).collect()
}

fn run(synthesis: &Synthesis, folder: &Path) -> offseeker_question_synthesis::Funnel {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(synthesis.run(folder, ITEMS)).unwrap()
}

/// What a run leaves that nothing disturbs.
fn undisturbed(ground: &Arc<Ground>) -> &'static Left {
    static LEFT: OnceLock<Left> = OnceLock::new();
    LEFT.get_or_init(|| run_undisturbed(ground))
}

fn run_undisturbed(ground: &Arc<Ground>) -> Left {
    let folder = tempfile::tempdir().unwrap();
    let funnel = run(&synthesis(ground, &Arc::default()), folder.path());
    assert_eq!(funnel.items, ITEMS);
    assert!(funnel.accepted >= 8 && funnel.undetermined.is_empty(), "{funnel}");
    assert!(funnel.rejected["closed_book"]["known_without_research"] >= 1, "{funnel}");
    (files(folder.path()), items(folder.path()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn an_outage_makes_nothing_hard_and_loses_nothing(seed in any::<u64>()) {
        let ground = world::ground(3, 40);
        let (expected, settled) = undisturbed(&ground);
        let outages = Arc::new(Outages::default());
        outages.seed.store(seed, Ordering::Relaxed);
        outages.is_on.store(true, Ordering::Relaxed);
        let folder = tempfile::tempdir().unwrap();
        let funnel = run(&synthesis(&ground, &outages), folder.path());
        let undetermined: u64 = funnel.undetermined.values().flat_map(|codes| codes.values()).sum();
        prop_assert!(undetermined >= 1 && funnel.items == ITEMS, "{}", funnel);
        for (number, item) in items(folder.path()) {
            prop_assert!(!item.is_settled() || item == settled[&number], "{:?}", item);
        }
        run(&synthesis(&ground, &outages), folder.path());
        outages.is_on.store(false, Ordering::Relaxed);
        run(&synthesis(&ground, &outages), folder.path());
        prop_assert!(files(folder.path()) == *expected);
    }

    #[test]
    fn a_kill_at_any_byte_loses_nothing_that_was_told(cut in 0.0_f64..1.0, left in 0_usize..3) {
        let ground = world::ground(3, 40);
        let (expected, _) = undisturbed(&ground);
        let folder = tempfile::tempdir().unwrap();
        let killed = folder.path().join("items.jsonl");
        let whole = &expected["items.jsonl"];
        let length = (whole.len() as f64 * cut) as usize;
        std::fs::write(&killed, &whole[..length]).unwrap();
        std::fs::write(folder.path().join("settings.json"), &expected["settings.json"]).unwrap();
        if left > 0 {
            std::fs::write(folder.path().join("questions.jsonl"), "half a li").unwrap();
        }
        let told = whole[..length].iter().filter(|byte| **byte == b'\n').count() as u64;
        let begun = Arc::new(AtomicU64::new(0));
        let counted = begun.clone();
        let mut synthesis = synthesis(&ground, &Arc::default());
        synthesis.watcher = Watcher::new(move |event| {
            counted.fetch_add(u64::from(matches!(event, Event::Begun { .. })), Ordering::Relaxed);
        });
        run(&synthesis, folder.path());
        prop_assert!(files(folder.path()) == *expected);
        prop_assert_eq!(begun.load(Ordering::Relaxed), ITEMS - told);
    }

    #[test]
    fn a_run_that_is_stopped_goes_on(after in 0_u64..20) {
        let ground = world::ground(3, 40);
        let (expected, settled) = undisturbed(&ground);
        let folder = tempfile::tempdir().unwrap();
        let mut stopped = synthesis(&ground, &Arc::default());
        let (stop, finished) = (Stop::default(), AtomicU64::new(0));
        stopped.stop = stop.clone();
        stopped.watcher = Watcher::new(move |event| {
            let is_end = matches!(event, Event::Accepted { .. } | Event::Rejected { .. });
            if is_end && finished.fetch_add(1, Ordering::Relaxed) == after {
                stop.ask();
            }
        });
        let funnel = run(&stopped, folder.path());
        prop_assert_eq!(funnel.items, after + 1);
        prop_assert!(items(folder.path()).iter().all(|(number, item)| settled[number] == *item));
        run(&synthesis(&ground, &Arc::default()), folder.path());
        prop_assert!(files(folder.path()) == *expected);
    }
}

#[test]
fn a_folder_is_for_one_kind_of_run() {
    let ground = world::ground(3, 40);
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let run = |synthesis: Synthesis| runtime.block_on(synthesis.run(folder.path(), 2));
    let made = |seed| Synthesis::new(ground.clone(), Planner { seed, ..Planner::default() });
    run(made(1)).unwrap();
    let error = run(made(2)).unwrap_err().to_string();
    assert!(error.contains("holds questions that were made otherwise: `planner.seed` was 1 and is 2"), "{error}");
    let error = run(made(1).then(Prune::new(ground.clone()))).unwrap_err().to_string();
    assert!(error.contains("`passes` was [] and is [{\"name\":\"prune\",\"settings\":null}]"), "{error}");
    let items = folder.path().join("items.jsonl");
    let text = std::fs::read_to_string(&items).unwrap();
    std::fs::write(&items, format!("?{text}")).unwrap();
    let error = run(made(1)).unwrap_err();
    assert!(matches!(error, SynthesisError::Line { line: 1, .. }), "{error}");
    assert_eq!(std::fs::read_to_string(&items).unwrap(), format!("?{text}"));
}

/// Waits until somebody lets it go on.
#[derive(Debug, Default)]
struct Waits {
    is_here: Notify,
    go_on: Notify,
}

#[async_trait]
impl Pass for Waits {
    fn name(&self) -> &str {
        "waits"
    }

    async fn apply(&self, draft: Draft) -> Result<Draft, Rejection> {
        self.is_here.notify_one();
        self.go_on.notified().await;
        Ok(draft)
    }
}

#[tokio::test]
async fn two_runs_in_one_folder_are_refused() {
    let ground = world::ground(3, 40);
    let folder = tempfile::tempdir().unwrap();
    let waits = Arc::new(Waits::default());
    let synthesis = Synthesis::new(ground, Planner::default()).then(waits.clone());
    let second = async {
        waits.is_here.notified().await;
        let error = synthesis.run(folder.path(), 1).await.unwrap_err();
        waits.go_on.notify_one();
        error
    };
    let (first, error) = tokio::join!(synthesis.run(folder.path(), 1), second);
    assert_eq!(first.unwrap().items, 1);
    assert!(matches!(error, SynthesisError::Busy { .. }) && error.to_string().contains("another run"), "{error}");
}

/// Fails as a program does that has a fault.
#[derive(Debug)]
struct Panics;

#[async_trait]
impl Pass for Panics {
    fn name(&self) -> &str {
        "panics"
    }

    async fn apply(&self, draft: Draft) -> Result<Draft, Rejection> {
        assert!(draft.number < 3, "a fault");
        Ok(draft)
    }
}

#[tokio::test]
async fn a_pass_that_panics_loses_nothing_that_was_told() {
    let ground = world::ground(3, 40);
    let folder = tempfile::tempdir().unwrap();
    let mut synthesis = Synthesis::new(ground, Planner::default()).then(Panics);
    synthesis.at_once = 1;
    let error = synthesis.run(folder.path(), 8).await.unwrap_err();
    assert!(matches!(error, SynthesisError::Broken { .. }), "{error}");
    let kept = items(folder.path());
    assert!(kept.keys().copied().eq(0..kept.len() as u64) && kept.len() >= 3, "{kept:?}");
    assert!(kept.values().all(|item| !matches!(item.outcome, Outcome::Undetermined { .. })));
}
