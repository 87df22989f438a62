//! Makes hard questions of a graph of entities: planned and checked in code, worded by templates or a model.

mod checks;
mod clue;
mod difficulty;
mod draft;
mod level;
mod pass;
mod plan;
mod rejection;
mod variable;

pub use checks::{Ablation, Candidates, Checks, Nearness, NoLeak, Tally, Unique};
pub use clue::{Clue, Condition, Constraint};
pub use difficulty::{Band, Difficulty, Pilots};
pub use draft::{Draft, Note};
pub use level::{Level, NotALevel};
pub use pass::Pass;
pub use plan::{Ask, Kind, Order, Plan};
pub use rejection::{Rejection, Ruling};
pub use variable::{NotAVariable, Term, Variable};
