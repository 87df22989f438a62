//! What happens in a run.

use std::fmt;
use std::sync::Arc;

use crate::{Draft, Rejection};

/// What happens in a run.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// An item is worked on.
    Begun {
        /// The item.
        number: u64,
    },
    /// An item got through a pass.
    Passed {
        /// The item.
        number: u64,
        /// The pass.
        pass: &'a str,
    },
    /// An item has become a question, and is written down.
    Accepted {
        /// The question.
        draft: &'a Draft,
    },
    /// An item is to be no question, and that is written down.
    Rejected {
        /// The item.
        number: u64,
        /// Why.
        rejection: &'a Rejection,
    },
    /// What becomes of an item could not be found out; the next run tries again.
    Undetermined {
        /// The item.
        number: u64,
        /// Why.
        rejection: &'a Rejection,
    },
}

/// Is told what happens in a run.
#[derive(Clone)]
pub struct Watcher(Arc<dyn Fn(Event<'_>) + Send + Sync>);

impl Watcher {
    /// Tells a function.
    pub fn new(tell: impl Fn(Event<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    pub(crate) fn tell(&self, event: Event<'_>) {
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
