//! Lets somebody stop a run from outside.

use std::sync::Arc;

use tokio::sync::watch;

/// Stops a run from outside: of attempts, of questions, of graders. Clones stop the same run.
///
/// Asked once, a run takes no further step. What it does with requests that are under way it says itself: attempts end them,
/// because they are paid for, and write down what comes; asked twice, they drop them. What is written stays, and a later run
/// goes on from there.
#[derive(Debug, Clone)]
pub struct Stop(Arc<watch::Sender<Asked>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Asked {
    No,
    Soon,
    Now,
}

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(watch::channel(Asked::No).0))
    }
}

impl Stop {
    /// Asks to take no further step; asked again, to drop everything.
    pub fn ask(&self) {
        self.0.send_modify(|asked| *asked = if *asked == Asked::No { Asked::Soon } else { Asked::Now });
    }

    /// Whether no further step is to be taken.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        *self.0.borrow() != Asked::No
    }

    /// Waits until no further step is to be taken.
    pub async fn asked(&self) {
        self.until(Asked::Soon).await;
    }

    /// Waits until everything is to be dropped.
    pub async fn now(&self) {
        self.until(Asked::Now).await;
    }

    async fn until(&self, level: Asked) {
        // The sender lives as long as this does.
        let _ = self.0.subscribe().wait_for(|asked| *asked >= level).await;
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::Stop;

    #[tokio::test]
    async fn asked_once_is_soon_and_asked_twice_is_now() {
        let (stop, other) = (Stop::default(), Stop::default());
        let clone = stop.clone();
        assert!(!stop.is_asked() && stop.asked().now_or_never().is_none());
        clone.ask();
        assert!(stop.is_asked() && stop.asked().now_or_never().is_some());
        assert!(stop.now().now_or_never().is_none());
        clone.ask();
        clone.ask();
        assert!(stop.now().now_or_never().is_some());
        assert!(!other.is_asked());
    }
}
