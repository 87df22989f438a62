//! What happens in an evaluation.

use std::fmt;
use std::sync::Arc;

use offseeker_agent_loop::run;
use offseeker_grading::run as grading;

/// What happens in an evaluation.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Something happens in the attempts of a contestant.
    Attempting {
        /// The contestant.
        contestant: &'a str,
        /// What happens.
        event: &'a run::Event,
    },
    /// Attempts that failed through no fault of their own, or could not be graded, are made anew.
    Retrying {
        /// The contestant.
        contestant: &'a str,
        /// How many.
        lost: u64,
    },
    /// Something happens in the grading of a contestant.
    Grading {
        /// The contestant.
        contestant: &'a str,
        /// What happens.
        event: grading::Event<'a>,
    },
    /// A contestant is done.
    Measured {
        /// The contestant.
        contestant: &'a str,
    },
}

/// Is told what happens in an evaluation.
#[derive(Clone)]
pub struct Watcher(Arc<dyn Fn(Event<'_>) + Send + Sync>);

impl Watcher {
    /// Tells a function.
    pub fn new(tell: impl Fn(Event<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    pub(super) fn tell(&self, event: Event<'_>) {
        (self.0)(event);
    }
}

impl Default for Watcher {
    /// Tells nobody.
    fn default() -> Self {
        Self::new(|_| {})
    }
}

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watcher").finish_non_exhaustive()
    }
}
