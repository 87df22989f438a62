//! Keeps questions away from texts that they must not be like.

mod known_texts;

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use crate::{Draft, Nearness, Pass, Rejection};

pub use known_texts::KnownTexts;

const NAME: &str = "decontaminate";

/// Texts that a question must not be like: those of benchmarks, for one.
pub trait Known: Debug + Send + Sync {
    /// How near the question of a draft comes to them.
    ///
    /// # Errors
    ///
    /// What is the matter, where it comes too near: a code that is counted, and a reason for a reader.
    fn compare(&self, draft: &Draft) -> Result<Nearness, (String, String)>;
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
