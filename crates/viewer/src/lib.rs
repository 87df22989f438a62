//! The page on which a run is looked at: one file that needs neither a network nor a server.
//!
//! Numbers say how a run went, and reading attempts says why. Both stand on one page: the funnel of the pipeline, what
//! trainings measured, results with their intervals, and a reader for every attempt: its turns, calls and observations, what
//! counted in training and what was masked, grades, why it was dropped, and two attempts side by side.
//!
//! - [`Page`] has what is shown beside attempts: [`Step`]s, [`Curves`], [`Results`].
//! - [`Shown`] is an attempt with its [`Fate`] and what was [`Learnt`] of it; [`Fates`] reads those off a filter and pairs.
//! - [`Page::write`] makes the file, and [`Page::begin`] does so for attempts that come one after the other. Neither holds
//!   all attempts in memory.
//! - `serve` (feature `serve`) shows a file to browsers on this machine.
//!
//! Three decisions shape it:
//!
//! - **One file.** It is copied, kept beside the run, and opened in ten years. Attempts are packed in chunks, of which the
//!   browser opens the one that is looked at, so ten thousand attempts are a list at once.
//! - **What it shows is not trusted.** Words of models and of the web are never markup, marks that hide or turn text are
//!   named, and the page's policy lets the browser run the page's own program and reach no address.
//! - **It computes nothing that others compute.** Counts, margins and intervals come from who measured them; the page says
//!   where counts do not add up.
//!
//! It is no store and no server for many users: it shows what a run left.
//!
//! ```
//! use offseeker_trajectory::{Message, Node, Question, StopReason, Trajectory};
//! use offseeker_viewer::{Cell, Fate, Page, Results, Shown, Step};
//!
//! let mut attempt = Trajectory::new(Question::new("Which river drives the Karlin mill?", ["the Orsa"]), 0);
//! let asked = attempt.push(Node::given(None, Message::user("Which river drives the Karlin mill?")))?;
//! attempt.push(Node::sampled(asked, Message::assistant("<answer>the Orsa</answer>")))?;
//! (attempt.answer, attempt.stop) = (Some("the Orsa".into()), Some(StopReason::Answered));
//!
//! let page = Page::new("a first try")
//!     .step(Step::new("attempts", "attempts", 1))
//!     .step(Step::new("grounding", "attempts", 0).of(1).dropping("answer_unseen", 1))
//!     .results(Results::shares("Right answers").cell(Cell::new("teacher", "all", 1.0).within(0.2, 1.0).out_of(1)));
//!
//! # let folder = tempfile::tempdir()?;
//! let shown = Shown::new(attempt).by("teacher").fate(Fate::dropped("grounding", "answer_unseen"));
//! let written = page.write(folder.path().join("run.html"), [shown])?;
//! println!("{} attempts in {} bytes", written.attempts, written.bytes);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod assets;
mod curves;
mod error;
mod fate;
mod index;
mod learnt;
mod names;
mod pack;
mod page;
mod record;
mod results;
#[cfg(feature = "serve")]
mod serve;
mod shown;
mod step;
mod writer;

pub use curves::{Curves, Series};
pub use error::ViewError;
pub use fate::{Drop, Fate, Fates, Side};
pub use learnt::{Counted, Learnt};
pub use page::Page;
pub use results::{Cell, Compared, Results};
#[cfg(feature = "serve")]
pub use serve::PageServer;
pub use shown::Shown;
pub use step::{Loss, Step};
pub use writer::{PageWriter, Written};
