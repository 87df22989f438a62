//! Makes many questions, several at once, in a folder.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::journal::Journal;
use crate::{
    Ablate, Draft, Event, Funnel, Ground, Item, LeakCheck, Obscure, Outcome, Pass, Phrasebook, Planner, Prune, Stop,
    SynthesisError, UniqueInGraph, Watcher, Write,
};

/// Makes questions: plans items and takes each through passes, in their order.
#[derive(Debug, Clone)]
pub struct Synthesis {
    ground: Arc<Ground>,
    planner: Planner,
    passes: Vec<Arc<dyn Pass>>,
    /// How many items are worked on at once. 16.
    pub at_once: usize,
    /// Is told what happens.
    pub watcher: Watcher,
    /// Stops the run.
    pub stop: Stop,
}

impl Synthesis {
    /// Makes drafts that nothing is done with yet.
    #[must_use]
    pub fn new(ground: Arc<Ground>, planner: Planner) -> Self {
        let (watcher, stop) = (Watcher::default(), Stop::default());
        Self { ground, planner, passes: Vec::new(), at_once: 16, watcher, stop }
    }

    /// Makes questions without a model: hides what levels say, prunes, checks in the graph, words by templates, and checks
    /// for leaks.
    #[must_use]
    pub fn offline(ground: Arc<Ground>, planner: Planner, phrasebook: impl Into<Arc<Phrasebook>>) -> Self {
        Self::new(ground.clone(), planner)
            .then(Obscure::new(ground.clone()))
            .then(Prune::new(ground.clone()))
            .then(UniqueInGraph::new(ground.clone()))
            .then(Ablate::new(ground.clone()))
            .then(Write::new(phrasebook))
            .then(LeakCheck::new(ground))
    }

    /// Adds a pass at the end.
    #[must_use]
    pub fn then(mut self, pass: impl Pass + 'static) -> Self {
        self.passes.push(Arc::new(pass));
        self
    }

    /// Makes one item, and writes nothing down.
    pub async fn make(&self, number: u64) -> Item {
        self.watcher.tell(Event::Begun { number });
        match self.planner.plan(&self.ground, number) {
            Ok(draft) => self.go_on(draft, 0).await,
            Err(rejection) if rejection.is_undetermined() => {
                Item { number, outcome: Outcome::Undetermined { rejection, draft: None, passed: 0 } }
            }
            Err(rejection) => Item { number, outcome: Outcome::Rejected { rejection } },
        }
    }

    /// Takes a draft through the passes that are left.
    async fn go_on(&self, mut draft: Draft, passed: usize) -> Item {
        let number = draft.number;
        for (at, pass) in self.passes.iter().enumerate().skip(passed) {
            match pass.apply(draft.clone()).await {
                Ok(changed) => draft = changed,
                Err(rejection) if rejection.is_undetermined() => {
                    let outcome = Outcome::Undetermined { rejection, draft: Some(Box::new(draft)), passed: at };
                    return Item { number, outcome };
                }
                Err(rejection) => return Item { number, outcome: Outcome::Rejected { rejection } },
            }
            self.watcher.tell(Event::Passed { number, pass: pass.name() });
        }
        Item { number, outcome: Outcome::Accepted { draft: Box::new(draft) } }
    }

    /// Makes the items from 0 up to a number, in a folder: `items.jsonl` says what became of each, `questions.jsonl` has a
    /// [`QuestionRow`](crate::QuestionRow) for each question, `funnel.json` counts.
    ///
    /// An item that is finished is on the disk before anybody is told of it. A run that was killed or stopped goes on where
    /// it was, one with more items adds to it, and items that could not be settled are tried again; in the end the files
    /// are the same as if nothing had happened.
    ///
    /// # Errors
    ///
    /// When the folder cannot be written, when another run works in it, or when it was begun with other settings. What was
    /// finished before is written down.
    pub async fn run(&self, folder: &Path, items: u64) -> Result<Funnel, SynthesisError> {
        self.planner.check()?;
        let mut journal = Journal::open(folder, &self.settings())?;
        let mut numbers = 0..items;
        let mut under_way = JoinSet::new();
        loop {
            while under_way.len() < self.at_once.max(1) && !self.stop.is_asked() {
                let Some(number) = numbers.find(|number| !journal.is_settled(*number)) else { break };
                let (synthesis, before) = (self.clone(), journal.item(number)?);
                under_way.spawn(async move { synthesis.again(number, before).await });
            }
            let finished = tokio::select! {
                biased;
                () = self.stop.asked() => break,
                finished = under_way.join_next() => finished,
            };
            match finished {
                None => break,
                Some(Ok((number, item))) => {
                    debug_assert_eq!(number, item.number, "an item keeps its number");
                    journal.add(&item)?;
                    self.report(&item);
                }
                Some(Err(error)) => return Err(SynthesisError::Broken { reason: error.to_string() }),
            }
        }
        under_way.shutdown().await;
        journal.finish()
    }

    /// Makes an item, or goes on with it where it could not be settled before.
    async fn again(&self, number: u64, before: Option<Item>) -> (u64, Item) {
        let item = match before.map(|item| item.outcome) {
            Some(Outcome::Undetermined { draft: Some(draft), passed, .. }) => {
                self.watcher.tell(Event::Begun { number });
                self.go_on(*draft, passed).await
            }
            _ => self.make(number).await,
        };
        (number, item)
    }

    fn report(&self, item: &Item) {
        let number = item.number;
        self.watcher.tell(match &item.outcome {
            Outcome::Accepted { draft } => Event::Accepted { draft },
            Outcome::Rejected { rejection } => Event::Rejected { number, rejection },
            Outcome::Undetermined { rejection, .. } => Event::Undetermined { number, rejection },
        });
    }

    /// What a run that goes on has to have in common with the one before.
    fn settings(&self) -> Value {
        let graph = self.ground.graph();
        let pass = |pass: &Arc<dyn Pass>| json!({ "name": pass.name(), "settings": pass.settings() });
        let passes: Vec<Value> = self.passes.iter().map(pass).collect();
        json!({
            "graph": self.ground.name(),
            "entities": graph.node_count(),
            "facts": graph.fact_count(),
            "relations": graph.edge_count(),
            "passes": passes,
            "planner": self.planner,
        })
    }
}
