//! The stages of the filter: each a function of what is known of attempts.

mod correctness;
mod diversity;
mod effort;
mod grounding;
mod integrity;
mod reason;

use serde::{Deserialize, Serialize};

use crate::{Digest, Recipe};

pub use correctness::{Correctness, Verdict};
pub use diversity::{Diversity, Preference};
pub use effort::Effort;
pub use grounding::Grounding;
pub use integrity::Integrity;
pub use reason::Reason;

/// A stage of the filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The attempt is whole: it ended in an answer of its own accord, and everything in it can be read.
    Integrity,
    /// It is right.
    Correctness,
    /// Its answer rests on what it saw.
    Grounding,
    /// It took pains, and the right ones.
    Effort,
    /// It adds something to the others, and holds nothing that nobody should learn.
    Diversity,
}

impl Stage {
    /// All stages in their order.
    pub const ALL: [Self; 5] = [Self::Integrity, Self::Correctness, Self::Grounding, Self::Effort, Self::Diversity];

    /// Its name, as it is written: `integrity`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Integrity => "integrity",
            Self::Correctness => "correctness",
            Self::Grounding => "grounding",
            Self::Effort => "effort",
            Self::Diversity => "diversity",
        }
    }

    /// Passes attempts on, each with the reason why it is dropped, where there is one. The digests are in the order of
    /// their attempts.
    pub(crate) fn pass(self, digests: &[&Digest], recipe: &Recipe) -> Vec<Option<Reason>> {
        let each = |check: &dyn Fn(&Digest) -> Result<(), Reason>| digests.iter().map(|it| check(it).err()).collect();
        match self {
            Self::Integrity => each(&|digest| recipe.integrity.check(digest)),
            Self::Correctness => each(&|digest| recipe.correctness.check(digest)),
            Self::Grounding => each(&|digest| recipe.grounding.check(digest, &recipe.correctness)),
            Self::Effort => each(&|digest| recipe.effort.check(digest)),
            Self::Diversity => recipe.diversity.pass(digests, &recipe.correctness),
        }
    }
}
