//! A toolkit for making deep-research agents offline: questions, attempts, training data, training.
//!
//! A deep-research agent answers a hard question by searching and reading for many turns. Offseeker makes one without
//! a live reinforcement-learning loop: questions are attempted, attempts are graded, and the model learns from what
//! was kept. Each step is one function from one type to the next, and each type can be written as one line of JSON.
//!
//! This crate holds no logic. It names the crates of the toolkit in one place, so that one dependency is enough:
//!
//! - [`trajectory`] holds the words that all of them share: messages, questions, trajectories, grades, samples.
//! - [`agent_loop`] asks a model, calls its tools, shows it what they gave, until there is an answer.
//! - [`trajectory_store`] keeps attempts, from their first message on, and loses none; their formats.
//! - [`curation`] makes training data of graded attempts: filters, difficulty, samples, pairs, groups.
//! - [`chat`] is the port to language models, with its clients, wrappers and dialects.
//! - [`search`] is the port to search: an index on disk, vectors, engines on the web, wrappers.
//! - [`pages`] gives the page at an address: from the web, behind a guard, or from a corpus.
//! - [`tools`] is what a model may call: search, pages, code.
//! - [`durable`] writes files that are there whole or not at all.
//! - [`entity_graph`] holds entities, facts and relations with their evidence, and walks over them.
//! - [`question_synthesis`] makes questions of such a graph: planned and checked in code, worded by templates or a model.
//! - [`evaluation`] reads benchmarks from files that the user has, runs agents and controls over them, and reports with intervals.
//! - [`grading`] says how good an attempt was: by the rules of published systems and ours, by judges; over a whole store.
//! - [`toy_world`] is a made-up encyclopedia of which everything is known, with questions, a teacher and a judge.
//! - [`resemblance`] says how alike texts and sets are.
//! - `language_model`, with the feature `model`, is Qwen3 that runs and learns on this machine.
//! - `trainer`, with the feature `train`, teaches it: fine-tuning on samples, preference on pairs.
//! - `pipeline`, with the feature `pipeline`, is the whole loop in one folder, from a corpus to a report.
//! - `viewer`, with the feature `view`, writes the page on which a run is looked at.
//! - [`remote`] is what ports to something remote share: keys, retries, rates, recordings.
//!
//! How to bring a corpus, a tool, a model, a search engine or a judge of one's own is in `docs/guide`; the program `offseeker`
//! does each step from a command line.
//!
//! Who needs one part only depends on that part: `offseeker-chat` is [`chat`], and so on.
//!
//! ```
//! use offseeker::chat::{ChatModelExt, Scripted};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), offseeker::chat::ChatError> {
//! let model = Scripted::saying(["the Orsa"]);
//! assert_eq!(model.ask("Which river does the Karlin mill stand on?").await?, "the Orsa");
//! # Ok(())
//! # }
//! ```

#[doc(inline)]
pub use offseeker_agent_loop as agent_loop;
#[doc(inline)]
pub use offseeker_chat as chat;
#[doc(inline)]
pub use offseeker_curation as curation;
#[doc(inline)]
pub use offseeker_durable as durable;
#[doc(inline)]
pub use offseeker_entity_graph as entity_graph;
#[doc(inline)]
pub use offseeker_evaluation as evaluation;
#[doc(inline)]
pub use offseeker_grading as grading;
#[cfg(feature = "model")]
#[doc(inline)]
pub use offseeker_language_model as language_model;
#[doc(inline)]
pub use offseeker_pages as pages;
#[cfg(feature = "pipeline")]
#[doc(inline)]
pub use offseeker_pipeline as pipeline;
#[doc(inline)]
pub use offseeker_question_synthesis as question_synthesis;
#[doc(inline)]
pub use offseeker_remote as remote;
#[doc(inline)]
pub use offseeker_resemblance as resemblance;
#[doc(inline)]
pub use offseeker_search as search;
#[doc(inline)]
pub use offseeker_tools as tools;
#[doc(inline)]
pub use offseeker_toy_world as toy_world;
#[cfg(feature = "train")]
#[doc(inline)]
pub use offseeker_trainer as trainer;
#[doc(inline)]
pub use offseeker_trajectory as trajectory;
#[doc(inline)]
pub use offseeker_trajectory_store as trajectory_store;
#[cfg(feature = "view")]
#[doc(inline)]
pub use offseeker_viewer as viewer;

/// Runs the program in the README.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// Runs the programs in the guide, a page each.
#[cfg(doctest)]
mod guide {
    #[doc = include_str!("../../docs/guide/corpus.md")]
    struct Corpus;
    #[doc = include_str!("../../docs/guide/tool.md")]
    struct Tool;
    #[doc = include_str!("../../docs/guide/model.md")]
    struct Model;
    #[doc = include_str!("../../docs/guide/search.md")]
    struct Search;
    #[doc = include_str!("../../docs/guide/judge.md")]
    struct Judge;
    #[doc = include_str!("../../docs/guide/many-machines.md")]
    struct ManyMachines;
}
