//! A made-up encyclopedia that is grown from a seed: pages, what is true, questions, a teacher, a judge.
//!
//! Whoever builds or tests an agent needs a corpus of which everything is known: what is true, where it stands, which
//! question has which answer and no other. A [`World`] is one. It has persons, towns, rivers, mills, companies and works
//! with relations between them, hundreds of them or a million, in English or in Chinese, and pages that say what is true of
//! each; some leave a relation out that the page at its other end has, and some pages contradict others. Everything is a
//! function of [`WorldOptions`].
//!
//! - [`World::pages`], [`World::corpus`] and the world itself, which is a library, give the pages; `PageServer` (feature
//!   `serve`) serves them on this machine, with the faults of the web.
//! - [`World::records`] and [`World::graph`] give what is true, each with the sentence that says it.
//! - [`World::tasks`] gives questions with their plans, for learning and held out.
//! - [`Teacher`] is a model without weights that solves them in thoughts, calls and an answer, as badly as it is told to;
//!   [`Judge`] is one that knows the answers.
//! - [`Renaming`] permutes names, so that a small model learns to copy them instead of learning them.
//!
//! It is no benchmark: its language is as plain as a model of a million parameters needs it. `docs/toy_world.md` says
//! what was measured.
//!
//! ```
//! use offseeker_toy_world::{Category, Part, World, WorldOptions};
//!
//! let world = World::new(WorldOptions { seed: 1, entities: 400, ..WorldOptions::default() })?;
//! let tasks = world.tasks(Category::TwoHops, Part::HeldOut, 5, 0)?;
//! for task in &tasks {
//!     println!("{} {}", task.question.text, task.question.answers[0].text);
//!     assert!(task.entities().all(|entity| world.held_out(entity)));
//! }
//! # Ok::<(), offseeker_toy_world::WorldError>(())
//! ```

mod corpus;
mod draw;
mod judge;
mod kind;
mod names;
mod options;
#[cfg(feature = "serve")]
mod page_server;
mod pages;
mod permutation;
mod planned_questions;
mod reading;
mod records;
mod renaming;
mod sentence;
mod short_questions;
mod task;
mod teacher;
mod truth;
mod words;
mod world;

pub use corpus::Corpus;
pub use judge::Judge;
pub use options::{LEAST_ENTITIES, MOST_ENTITIES, PageLength, WorldError, WorldOptions};
#[cfg(feature = "serve")]
pub use page_server::{Faults, PageServer};
pub use renaming::Renaming;
pub use task::{Category, Part, Task};
pub use teacher::{Teacher, TeacherOptions};
pub use words::Language;
pub use world::World;
