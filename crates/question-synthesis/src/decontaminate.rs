//! Keeps questions away from texts that they must not be like.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use offseeker_resemblance::LONG_RUN;

use crate::{Draft, Nearness, Pass, Rejection};

pub use offseeker_resemblance::KnownTexts;

const NAME: &str = "decontaminate";

/// From this share of common runs of words on, two texts are nearly the same.
const NEAR: f64 = 0.7;

/// Texts that a question must not be like: those of benchmarks, for one.
pub trait Known: Debug + Send + Sync {
    /// How near the question of a draft comes to them.
    ///
    /// # Errors
    ///
    /// What is the matter, where it comes too near: a code that is counted, and a reason for a reader.
    fn compare(&self, draft: &Draft) -> Result<Nearness, (String, String)>;
}

impl Known for KnownTexts {
    /// A question is too near to a text where it has 13 words in a row in common with it, or where the sets of their
    /// runs of three words have a Jaccard similarity of 0.7 or more.
    fn compare(&self, draft: &Draft) -> Result<Nearness, (String, String)> {
        if let Some(number) = self.sharing(&draft.text) {
            let reason = format!("it has {LONG_RUN} words in a row in common with text {number}");
            return Err(("shares_a_run".to_owned(), reason));
        }
        let largest = self.nearest(&draft.text);
        if largest >= NEAR {
            let reason = format!("{largest:.2} of the runs of words are those of a known text");
            return Err(("nearly_the_same".to_owned(), reason));
        }
        Ok(Nearness { texts: self.len() as u64, largest })
    }
}

/// Throws drafts out that come too near to texts that they must not be like.
#[derive(Debug, Clone)]
pub struct Decontaminate {
    known: Arc<dyn Known>,
}

impl Decontaminate {
    /// Compares with these texts: [`KnownTexts`], or whatever else tells how near a question comes.
    #[must_use]
    pub fn new(known: Arc<dyn Known>) -> Self {
        Self { known }
    }
}

#[async_trait]
impl Pass for Decontaminate {
    fn name(&self) -> &str {
        NAME
    }

    async fn apply(&self, mut draft: Draft) -> Result<Draft, Rejection> {
        let nearness = self.known.compare(&draft);
        let nearness = nearness.map_err(|(code, reason)| Rejection::rejected(NAME, &code, reason))?;
        draft.checks.decontamination = Some(nearness);
        Ok(draft)
    }
}
