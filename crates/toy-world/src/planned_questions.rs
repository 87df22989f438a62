//! Questions of all kinds and levels, as the crate `question-synthesis` plans, hides and words them.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use futures::FutureExt;
use offseeker_entity_graph::{PackedGraph, Record};
use offseeker_question_synthesis::{
    Ablate, Draft, Ground, Kind, LeakCheck, Level, Obscure, Pass, Phrasebook, Planner, Prune, UniqueInGraph, Write,
};
use offseeker_trajectory::Question;
use serde_json::json;

use crate::{Category, Part, Task, World, WorldError};

/// How often a question is planned for each that is asked for, before there are held to be no more.
const ATTEMPTS: u64 = 200;

static PHRASEBOOK: LazyLock<Arc<Phrasebook>> = LazyLock::new(|| {
    let book = Phrasebook::default().with_json(include_str!("../words/phrasebook.json"));
    Arc::new(book.expect("a test reads the phrasebook"))
});

impl World {
    /// What is true, made ready for planning questions. It is made once; then it is in memory with all its facts.
    #[must_use]
    pub fn ground(&self) -> Arc<Ground> {
        self.ground_of(Part::Whole)
    }

    /// The phrases for the kinds, properties and relations of worlds, in English and Chinese, beside those of the default
    /// book.
    #[must_use]
    pub fn phrasebook() -> Arc<Phrasebook> {
        PHRASEBOOK.clone()
    }

    /// Questions of a kind and a level, each checked against all that is true.
    pub(crate) fn planned_questions(
        &self,
        (kind, level): (Kind, Level),
        part: Part,
        count: usize,
        seed: u64,
    ) -> Result<Vec<Task>, WorldError> {
        let planner = Planner {
            seed,
            kinds: vec![(kind, 1)],
            levels: vec![(level, 1)],
            languages: vec![(self.options.language.tag().to_owned(), 1)],
            ..Planner::default()
        };
        // Plans lead over one part of what is true; whether they have one answer is seen from all of it.
        let (near, all) = (self.ground_of(part), self.ground());
        let passes: [Box<dyn Pass>; 6] = [
            Box::new(UniqueInGraph::new(all.clone())),
            Box::new(Obscure::new(all.clone())),
            Box::new(Prune::new(all.clone())),
            Box::new(UniqueInGraph::new(all.clone())),
            Box::new(Ablate::new(all.clone())),
            Box::new(Write::new(PHRASEBOOK.clone())),
        ];
        let leaks = LeakCheck::new(all);
        let (mut seen, mut tasks) = (BTreeSet::new(), Vec::with_capacity(count));
        for number in 0..ATTEMPTS * count as u64 {
            if tasks.len() == count {
                return Ok(tasks);
            }
            let Ok(draft) = planner.plan(&near, number) else { continue };
            let drafted = passes.iter().map(AsRef::as_ref).chain([&leaks as &dyn Pass]).try_fold(draft, passed);
            let task = drafted.map(|draft| self.task_of(draft)).filter(|task| self.is_about(part, task));
            tasks.extend(task.filter(|task| seen.insert(task.question.text.clone())));
        }
        let found = tasks.len();
        if found == count {
            return Ok(tasks);
        }
        Err(WorldError::TooFewQuestions { category: kind.as_str(), asked: count, found })
    }

    fn ground_of(&self, part: Part) -> Arc<Ground> {
        let make = || {
            let is_in = |id| part == Part::Whole || self.held_out(id) == (part == Part::HeldOut);
            let records = self.records().filter(|record| match record {
                Record::Entity(entity) => is_in(entity.id),
                Record::Fact(fact) => is_in(fact.entity),
                Record::Relation(relation) => is_in(relation.from) && is_in(relation.to),
            });
            let graph = PackedGraph::of(&records.collect()).expect("the records of a world are a graph");
            Arc::new(Ground::new(self.name(), graph).expect("a graph in memory can be read"))
        };
        self.grounds[part as usize].get_or_init(make).clone()
    }

    fn is_about(&self, part: Part, task: &Task) -> bool {
        part == Part::Whole || task.entities().all(|id| self.held_out(id) == (part == Part::HeldOut))
    }

    fn task_of(&self, draft: Draft) -> Task {
        let Draft { text, plan, level, difficulty, .. } = draft;
        let is_held = |id: &_| self.held_out(*id);
        let metadata = json!({
            "category": plan.kind.as_str(),
            "hops": plan.hops(),
            "level": level,
            "held_out": plan.bindings.values().all(is_held) && plan.constants().all(|(id, _)| self.held_out(id)),
            "difficulty": difficulty,
        });
        let question = Question {
            language: Some(self.options.language.tag().to_owned()),
            metadata: metadata.as_object().cloned().unwrap_or_default(),
            ..Question::new(text, [plan.answer.clone()])
        };
        Task { question, plan }
    }

    /// All kinds of questions at all levels.
    pub fn planned_categories() -> impl Iterator<Item = Category> {
        Kind::ALL.into_iter().flat_map(|kind| Level::ALL.map(|level| Category::Planned { kind, level }))
    }
}

/// The draft after a pass; none where it is thrown out.
fn passed(draft: Draft, pass: &dyn Pass) -> Option<Draft> {
    pass.apply(draft).now_or_never().expect("a pass without a model or a search waits for nothing").ok()
}
