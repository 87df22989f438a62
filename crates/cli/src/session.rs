//! What all subcommands share: who is told, and who may stop them.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use offseeker_pipeline::{Console, Stage, Stop, Watch, Watcher};
use offseeker_trainer::stop_on_signals;

use crate::failure::Failure;

/// What all subcommands share.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    quiet: bool,
    /// Is asked by Ctrl-C, and by whoever asks the program to end.
    pub(crate) stop: Stop,
}

impl Session {
    /// Begins to listen for signals.
    pub(crate) fn new(quiet: bool) -> Result<Self, Failure> {
        Ok(Self { quiet, stop: stop_on_signals()? })
    }

    /// Says something on the standard error, unless nobody wants to hear it.
    pub(crate) fn note(&self, text: impl Display) {
        if !self.quiet {
            eprintln!("{text}");
        }
    }

    /// Draws how far something is.
    pub(crate) fn watcher(&self) -> Watcher {
        if self.quiet { Watcher::default() } else { Console::watcher() }
    }

    /// What a stage is watched and stopped by.
    pub(crate) fn watch(&self, stage: Stage) -> Watch {
        Watch::of(stage, self.watcher(), self.stop.clone())
    }

    /// Is over when somebody asks the program to stop.
    pub(crate) fn stopped(&self) -> impl Future<Output = ()> + Send + 'static {
        let stop = self.stop.clone();
        async move {
            while !stop.is_asked() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}
