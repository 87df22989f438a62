//! What a model does for a draft: words it, hides more, and tries to answer it.

mod closed_book;
mod oracle;
mod rewrite;
mod unique;

pub use closed_book::ClosedBook;
pub use oracle::Oracle;
pub use rewrite::{Limits, ObscureByModel, WriteByModel};
pub use unique::UniqueByModel;

use offseeker_chat::{ChatModel, Sampling};
use offseeker_grading::judges::Verdict;
use serde::Serialize;

use crate::prompt::ask;
use crate::{Draft, Judge, Rejection, Tally};

/// How several replies to one prompt are sampled.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Replies {
    /// How many are sampled. 4.
    pub samples: u32,
    /// How many are greedy beside them. 1.
    pub greedy: u32,
    /// How the samples are sampled. Temperature 0.8; each has a seed of its own.
    pub sampling: Sampling,
}

impl Default for Replies {
    fn default() -> Self {
        let sampling = Sampling { temperature: Some(0.8), ..Sampling::default() };
        Self { samples: 4, greedy: 1, sampling }
    }
}

impl Replies {
    /// How each reply is sampled.
    fn each(&self) -> impl Iterator<Item = Sampling> {
        let sampled = (0..self.samples).map(|seed| Sampling { seed: Some(seed.into()), ..self.sampling.clone() });
        let greedy = |seed: u32| Sampling { temperature: Some(0.0), seed: Some(seed.into()), ..self.sampling.clone() };
        sampled.chain((0..self.greedy).map(greedy))
    }

    /// Asks for all replies and judges them. One that cannot be judged, or does not come, leaves all undetermined.
    async fn judged(
        &self,
        model: &dyn ChatModel,
        judge: &Judge,
        pass: &str,
        draft: &Draft,
        prompt: &str,
    ) -> Result<Tally, Rejection> {
        let mut tally = Tally::default();
        for sampling in self.each() {
            let reply = ask(model, pass, draft, prompt.to_owned(), &sampling).await?;
            match judge.judge(pass, draft, &reply).await? {
                Verdict::Correct => tally.right += 1,
                Verdict::Incorrect => {}
                Verdict::Undetermined => {
                    let reason = "no two votes of the judge were the same and could be read";
                    return Err(Rejection::undetermined(pass, "verdict_unreadable", reason));
                }
            }
            tally.of += 1;
        }
        Ok(tally)
    }
}

/// The triples of a draft, one a line.
fn triples(draft: &Draft) -> String {
    let lines = draft.plan.formalization().into_iter().map(|[from, kind, to]| format!("({from}, {kind}, {to})"));
    lines.collect::<Vec<_>>().join("\n")
}
