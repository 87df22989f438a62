//! The whole loop in one folder, resumable: from a corpus to a trained agent and a report.
//!
//! ```text
//! corpus -> entity graph -> questions -> attempts by a teacher -> grades -> five-stage filter -> samples -> SFT
//!    -> attempts by the student -> grades -> verified pairs -> DPO -> evaluation -> report
//! ```
//!
//! Each arrow is a function of another crate. What is here is what they have in common when they are run one after the
//! other: a [`Config`] that says everything, a [`RunFolder`] that says where everything is, and a [`Pipeline`] that goes on
//! where it was.
//!
//! - A stage has a [`Key`]: the hash of its part of the configuration and of the keys of what it stands on. One whose key is
//!   written down is not made again; one whose key is another is made anew, and what it had made is moved aside.
//! - The report has no clock in it and depends on no order of arrival, so that a run that was killed twenty times ends with
//!   the bytes of one that was not.
//! - [`stages`] are functions from typed inputs to files that can be used by themselves.
//!
//! It decides nothing that another crate could: what is learnt from is for `curation`, how for `trainer`, how good that is
//! for `evaluation`.
//!
//! ```
//! use offseeker_pipeline::{Config, Scale};
//!
//! let config = Config::miniature(Scale::Small).in_world(11);
//! assert!(config.check().is_ok());
//! assert!(config.documented().contains("\n# The learning rate at its highest.\nrate = "));
//! ```

pub mod config;
mod console;
mod corpora;
mod crew;
mod desk;
mod error;
mod folder;
pub mod model;
mod pipeline;
mod questions;
mod record;
pub mod repeated;
pub mod results;
mod stage;
pub mod stages;
mod table;
pub mod teaching;
mod under_way;
mod verified;
mod watch;

pub use config::{Config, Scale};
pub use console::Console;
pub use corpora::{Corpora, Corpus, Origin};
pub use crew::{Asking, Crew};
pub use error::PipelineError;
pub use folder::RunFolder;
pub use offseeker_remote::Stop;
pub use pipeline::Pipeline;
pub use questions::{Planned, QuestionFiles, Set};
pub use record::{Flow, Key, StageRecord};
pub use repeated::Repeated;
pub use results::Report;
pub use stage::Stage;
pub use verified::Verified;
pub use watch::{Event, Watch, Watcher};
