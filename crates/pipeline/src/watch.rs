//! Who is told how far a run is, and who may stop it.

use std::fmt;
use std::sync::Arc;

use offseeker_remote::Stop;

use crate::{Flow, PipelineError, Stage};

/// What happens in a run.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A stage was made before, by the same configuration.
    Kept {
        /// The stage.
        stage: Stage,
        /// What went through it.
        flow: Flow,
    },
    /// A stage begins, or goes on.
    Begun {
        /// The stage.
        stage: Stage,
    },
    /// A stage is so far.
    Step {
        /// The stage.
        stage: Stage,
        /// How many things are done.
        done: u64,
        /// Of how many.
        of: u64,
        /// What is at hand.
        what: String,
    },
    /// A stage is at its end.
    Finished {
        /// The stage.
        stage: Stage,
        /// What went through it.
        flow: Flow,
        /// How long it took.
        seconds: f64,
    },
}

/// Is told what happens in a run.
#[derive(Clone)]
pub struct Watcher(Arc<dyn Fn(&Event) + Send + Sync>);

impl Watcher {
    /// Tells a function.
    pub fn new(tell: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    pub(crate) fn tell(&self, event: &Event) {
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

/// What a stage is watched and stopped by.
#[derive(Debug, Clone)]
pub struct Watch {
    /// The stage.
    pub stage: Stage,
    /// Is told how far it is.
    pub watcher: Watcher,
    /// Stops it.
    pub stop: Stop,
    /// Where what is watched stands in its stage; none where it is all of it.
    part: Option<Part>,
}

/// A part of a stage.
#[derive(Debug, Clone, Copy)]
struct Part {
    /// How many steps of the stage come before it.
    before: u64,
    /// How many the stage has.
    of: u64,
}

impl Watch {
    /// A stage that somebody watches and may stop.
    #[must_use]
    pub fn of(stage: Stage, watcher: Watcher, stop: Stop) -> Self {
        Self { stage, watcher, stop, part: None }
    }

    /// A stage that nobody watches or stops.
    #[must_use]
    pub fn new(stage: Stage) -> Self {
        Self::of(stage, Watcher::default(), Stop::default())
    }

    /// A part of the stage: so many of its steps come before it, of so many in all.
    #[must_use]
    pub fn part(&self, before: u64, of: u64) -> Self {
        Self { part: Some(Part { before, of }), ..self.clone() }
    }

    /// The same, without a word about how far it is.
    #[must_use]
    pub fn quiet(&self) -> Self {
        Self { watcher: Watcher::default(), ..self.clone() }
    }

    /// Says how far the stage is.
    pub fn step(&self, done: u64, of: u64, what: impl Into<String>) {
        let (done, of) = self.part.map_or((done, of), |part| (part.before + done, part.of));
        self.watcher.tell(&Event::Step { stage: self.stage, done, of, what: what.into() });
    }

    /// Goes on, unless somebody asked the run to stop.
    ///
    /// # Errors
    ///
    /// [`PipelineError::Stopped`], where somebody did.
    pub fn go_on(&self) -> Result<(), PipelineError> {
        if self.stop.is_asked() { Err(self.stopped()) } else { Ok(()) }
    }

    /// What a stage ends with that was stopped.
    pub(crate) fn stopped(&self) -> PipelineError {
        PipelineError::Stopped { stage: self.stage }
    }
}
