//! From graded attempts to training data: filters, difficulty, samples, pairs, groups.
//!
//! A store of attempts is larger than memory, most of it is not worth learning from, and whether an attempt is worth it
//! hangs on the others: on how many there are of its question, on who did the same. So attempts are looked at twice,
//! one at a time. The first look makes a [`Digest`] of each: facts in about a kilobyte, without an opinion. All
//! opinions are functions of digests. The second look is at the attempts that were chosen, and cuts data from them.
//!
//! - [`Digester::digest`] finds the facts. It sees one attempt and nothing else.
//! - [`select`] passes digests through the five [stages](stage) of a [`Recipe`]; a [`Report`] says what came of it.
//! - [`difficulty`] says how hard questions are, by what came of attempts.
//! - [`samples`] cuts conversations to imitate, [`pair_up`] plans pairs to prefer by, [`GroupRules`] weighs all
//!   attempts at a question against each other.
//!
//! What an attempt is worth was written on it by graders before; here it is a number with a name. An attempt that
//! nobody could score is neither right nor wrong, and what ended through no fault of its own is never held against
//! anybody. Nothing here reads a store, a clock or a random number: the same attempts and the same rules give the same
//! bytes, whatever the order in which they come.
//!
//! ```
//! use offseeker_curation::{Digest, Digester, Recipe, Report, samples, select};
//! use offseeker_trajectory::{Grade, Message, Node, Outcome, Question, StopReason, Trajectory};
//!
//! let mut attempt = Trajectory::new(Question::new("Which river?", ["the Orsa"]), 0);
//! let asked = attempt.push(Node::given(None, Message::user("Which river?")))?;
//! attempt.push(Node::sampled(asked, Message::assistant("<answer>the Orsa</answer>")))?;
//! (attempt.answer, attempt.stop) = (Some("the Orsa".into()), Some(StopReason::Answered));
//! attempt.grades = vec![Grade::scored("exact@1", Outcome::Correct, 1.0)];
//!
//! let digests: Vec<Digest> = [&attempt].map(|attempt| Digester::default().digest(attempt)).into();
//! let recipe = Recipe::default();
//! let selection = select(&digests, &recipe);
//! // It knew the answer without looking, so there is nothing to learn from it.
//! assert_eq!(selection.dropped[0].reason.as_str(), "answer_unseen");
//! println!("{}", Report::of(&digests, &recipe, &selection));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod benchmarks;
pub mod digest;
pub mod stage;

mod addresses;
mod calls;
mod cut;
mod difficulty;
mod error;
mod groups;
mod histogram;
mod pairs;
mod recipe;
mod report;
mod secrets;
mod select;
mod thought;
mod tokens;
mod turns;

pub use cut::{CutRules, SpellTokens, TrainOn, View, samples, samples_spelled};
pub use difficulty::{Band, Bands, Difficulty, difficulty};
pub use digest::{Digest, Digester, Reading};
pub use error::CurationError;
pub use groups::{Advantage, Candidate, DownSample, GroupRules, Reward, average, normalised_over_batch};
pub use histogram::{Bin, Histogram};
pub use pairs::{PairRules, Pairing, Pairs, PairsReport, PlannedPair, Ranking, Refusal, Refused, Weights, pair_up};
pub use recipe::Recipe;
pub use report::{Change, Comparison, Figures, Passed, Report};
pub use secrets::Secrets;
pub use select::{Dropped, Selection, select};
pub use stage::{Reason, Stage, Verdict};
pub use tokens::{CountTokens, Estimate};
