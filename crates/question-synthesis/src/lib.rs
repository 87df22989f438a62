//! Makes hard questions of a graph of entities: planned and checked in code, worded by templates or a model.
//!
//! A question that needs research is easy to write and hard to get right: it may have a second answer, say its answer by
//! accident, or need only half of what it says. So a question begins here as a [`Plan`], a query of an
//! [`EntityGraph`](offseeker_entity_graph::EntityGraph) with variables for what is not named. Whether it has one answer,
//! which clues are needed and what may be hidden are then matters of fact, which [`solve`] settles by looking at everything.
//! Words come last, and may come from a model; they are checked as well.
//!
//! - A [`Planner`] plans questions of five [`Kind`]s: chains, intersections, comparisons, two branches, counts.
//! - A [`Pass`] changes a [`Draft`], checks it or throws it out. [`Obscure`] hides numbers and names up to the [`Level`] of
//!   the draft, [`Prune`] leaves out what is not needed, [`UniqueInGraph`] and [`Ablate`] check that, [`Write`] words it by
//!   a [`Phrasebook`], [`LeakCheck`] reads the words for what gives the answer away.
//! - With a model, [`WriteByModel`] and [`ObscureByModel`] choose other words, [`ClosedBook`] throws out what is known
//!   without research, [`Oracle`] what cannot be answered with it, [`UniqueByModel`] what has other answers.
//!   [`Decontaminate`] keeps away from the texts of benchmarks.
//! - [`Synthesis`] takes many items through passes, several at once, into a folder that survives a kill at any byte. A
//!   [`QuestionRow`] is a question with everything that is known of it.
//!
//! What could not be found out, because a model or a search was out of reach, is undetermined: it is tried again, and never
//! taken for hard. Nothing is learned here and nothing is attempted; how hard a question is for an agent is told by
//! attempts, which [`Pilots`] sums up.
//!
//! ```
//! use std::sync::Arc;
//!
//! use offseeker_entity_graph::{Entity, EntityGraph, EntityId, Evidence, PackedGraph, Relation};
//! use offseeker_question_synthesis::{Ground, Kind, Level, Phrasebook, Planner, Synthesis};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut graph = EntityGraph::new();
//! let id = |name: &str| EntityId::of(&[name]);
//! for (name, kind) in [("Karlin mill", "mill"), ("Orsa", "river"), ("Inner Sea", "sea")] {
//!     graph.add(Entity { kind: kind.into(), ..Entity::new(id(name), name) });
//! }
//! for (from, kind, to) in [("Karlin mill", "stands on", "Orsa"), ("Orsa", "flows into", "Inner Sea")] {
//!     let said = format!("{from} {kind} the {to}.");
//!     let evidence = Evidence::cut("https://karlin.example", &said, 0..said.len()).expect("a sentence is not empty");
//!     graph.add(Relation::new(id(from), kind, id(to)).with_evidence(evidence));
//! }
//! let ground = Arc::new(Ground::new("karlin", PackedGraph::of(&graph)?)?);
//!
//! let planner = Planner { kinds: vec![(Kind::Chain, 1)], hops: vec![0, 1], ..Planner::default() };
//! let planner = Planner { levels: vec![(Level::Named, 1)], values: 0, ..planner };
//! let item = Synthesis::offline(ground, planner, Phrasebook::default()).make(3).await;
//! let question = item.into_question().expect("the graph has such a chain");
//! println!("{}", question.text);
//! assert_eq!(question.plan.hops(), 2);
//! # Ok(())
//! # }
//! ```

mod ablate;
mod ablation;
mod by_model;
mod checks;
mod clue;
mod decontaminate;
mod deep_forge;
mod difficulty;
mod draft;
mod error;
mod event;
mod facts;
mod funnel;
mod ground;
mod item;
mod journal;
mod judge;
mod leak_check;
mod level;
mod names;
mod obscure;
mod pass;
mod phrasebook;
mod plan;
mod planner;
mod pool;
mod prompt;
mod prune;
mod quantity;
mod rejection;
mod row;
mod solutions;
mod solver;
mod statements;
mod synthesis;
mod unique_in_graph;
mod variable;
mod wording;
mod write;

pub use ablate::Ablate;
pub use ablation::{ablate, near_misses};
pub use by_model::{ClosedBook, Limits, ObscureByModel, Oracle, Replies, UniqueByModel, WriteByModel};
pub use checks::{Ablation, Candidates, Checks, Nearness, NoLeak, Tally, Unique};
pub use clue::{Clue, Condition, Constraint};
pub use decontaminate::{Decontaminate, Known, KnownTexts};
pub use deep_forge::DeepForgeQuestion;
pub use difficulty::{Band, Difficulty, Pilots};
pub use draft::{Draft, Note};
pub use error::SynthesisError;
pub use event::{Event, Watcher};
pub use funnel::Funnel;
pub use ground::{Ground, solve};
pub use item::{Item, Outcome};
pub use judge::Judge;
pub use leak_check::{Leak, LeakCheck, leaks};
pub use level::{Level, NotALevel};
pub use obscure::Obscure;
pub use offseeker_remote::Stop;
pub use pass::Pass;
pub use phrasebook::{FieldPhrase, Frame, Noun, Phrasebook, Phrases, RelationPhrase};
pub use plan::{Ask, Kind, Order, Plan};
pub use planner::Planner;
pub use prune::Prune;
pub use rejection::{Rejection, Ruling};
pub use row::{QuestionRow, RowReader, RowWriter};
pub use solutions::{Ended, Found, Solutions};
pub use synthesis::Synthesis;
pub use unique_in_graph::UniqueInGraph;
pub use variable::{NotAVariable, Term, Variable};
pub use wording::worded;
pub use write::Write;
